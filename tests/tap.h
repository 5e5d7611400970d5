/* SPDX-License-Identifier: Apache-2.0
 *
 * TAP, the Test Anything Protocol, for tests written in C: a case is one call
 * of tap_ok() or of its kin, and main() ends with "return tap_done();".  It
 * needs libc only, so that tests of every layer can use it. */

#ifndef TESTS_TAP_H
#define TESTS_TAP_H 1

#include <stdbool.h>

bool tap_ok(bool ok, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool tap_int(long long got, long long want, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool tap_str(const char *got, const char *want, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tap_skip(const char *name, const char *reason);
void tap_diag(const char *format, ...) __attribute__((format(printf, 1, 2)));
int tap_done(void);

#endif /* tests/tap.h */
