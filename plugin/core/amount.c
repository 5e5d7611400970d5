/* SPDX-License-Identifier: Apache-2.0 */

/* Amounts as people read them: see amount.h. */

#include <config.h>
#include "amount.h"

#include <stdio.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Appends 'number', rounded, with commas between thousands. */
void
amount_put_count(struct ds *ds, double number)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%.0f", number);

    for (int i = 0; i < n; i++) {
        ds_put_char(ds, digits[i]);
        if ((n - i) % 3 == 1 && i + 1 < n) {
            ds_put_char(ds, ',');
        }
    }
}

/* Appends 'number' with a prefix for powers of 1000, and 'unit'. */
void
amount_put_scaled(struct ds *ds, double number, const char *unit)
{
    static const char *const prefixes[] = { "", "k", "M", "G", "T" };
    size_t i = 0;

    while (number >= 999.5 && i < ARRAY_SIZE(prefixes) - 1) {
        number /= 1000;
        i++;
    }
    ds_put_format(ds, "%.*f %s%s", i && number < 99.95 ? 1 : 0, number,
                  prefixes[i], unit);
}
