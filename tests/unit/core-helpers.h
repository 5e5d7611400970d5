/* SPDX-License-Identifier: Apache-2.0
 *
 * What the unit tests of plugin/core share: cases about faults. */

#ifndef TESTS_UNIT_CORE_HELPERS_H
#define TESTS_UNIT_CORE_HELPERS_H 1

#include <string.h>
#include "plugin/core/fault.h"
#include "tests/tap.h"

/* A case: 'ok' is what a function returned that sets 'fault', 'reason' the
 * reason code that is expected, NULL for success, and 'name' tells the case.
 * Clears 'fault'. */
static inline bool
tap_fault(bool ok, struct fault *fault, const char *reason, const char *name)
{
    char shown[100];
    bool pass;

    /* A name of a case has one line of printable characters. */
    strncpy(shown, name, sizeof shown - 1);
    shown[sizeof shown - 1] = '\0';
    for (char *p = shown; *p; p++) {
        *p = *p < ' ' || *p > '~' || *p == '#' ? '?' : *p;
    }

    if (reason) {
        pass = !ok && fault->reason && !strcmp(fault->reason, reason)
               && fault->detail && strlen(fault->detail) > 10;
    } else {
        pass = ok && !fault_is_set(fault);
    }
    pass = tap_ok(pass, "%s: %s", shown, reason ? reason : "fine");
    if (!pass) {
        tap_diag("returned %s, fault %s: %s", ok ? "true" : "false",
                 fault->reason ? fault->reason : "none",
                 fault->detail ? fault->detail : "");
    }
    fault_clear(fault);
    return pass;
}

#endif /* tests/unit/core-helpers.h */
