/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fuzz target and its driver agree on. */

#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H 1

#include <stddef.h>
#include <stdint.h>

/* The first byte of an input, modulo FUZZ_N_READERS. */
enum fuzz_reader {
    FUZZ_SELECTOR,
    FUZZ_SOURCE,
    FUZZ_DESTINATION,
    FUZZ_SESSION,               /* One argument a line. */
    FUZZ_SINK,                  /* One argument a line. */
    FUZZ_FILTER,
    FUZZ_RULE,                  /* Match, newline, actions. */
    FUZZ_N_READERS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* tests/fuzz/fuzz.h */
