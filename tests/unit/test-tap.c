/* SPDX-License-Identifier: Apache-2.0
 *
 * The test library tests itself, and that the harness runs C tests. */

#include <config.h>
#include "tests/tap.h"
#include <stddef.h>

int
main(void)
{
    tap_ok(true, "a true case passes");
    tap_int(7, 7, "equal numbers pass");
    tap_str("a\nb", "a\nb", "equal strings pass");
    tap_str(NULL, NULL, "two missing strings are equal");
    tap_diag("a line\nanother");
    return tap_done();
}
