/* SPDX-License-Identifier: Apache-2.0 */

/* What the database says of a session on a host, as a value: for "top" and
 * "graph". */

#ifndef TOOLS_LIVE_ROW_H
#define TOOLS_LIVE_ROW_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live-rates.h"

/* All strings are owned by the row, and can be printed as they are. */
struct live_row {
    char *session;
    char *host;                 /* Its name; "" = no host says anything. */
    char *system_id;            /* Of the host; "" likewise. */
    char *state;
    char *reason;               /* "" = none. */
    char *detail;               /* Sentences; "" = none. */

    bool counts;                /* Has it counted anything yet? */
    bool records;               /* Does a recorder take the copies? */
    uint64_t figures[N_LIVE_FIGURES];
    bool rated;                 /* Are the rates known? */
    double rates[N_LIVE_FIGURES];
    int64_t disk_free;          /* Bytes, where there are least; < 0 =
                                 * unknown. */
};

void live_row_destroy(struct live_row *);
void live_rows_destroy(struct live_row *, size_t n);
void live_row_add_counter(struct live_row *, const char *key, int64_t value);
bool live_row_is_trouble(const struct live_row *);
bool live_row_waits(const struct live_row *);
int live_state_rank(const char *state);

/* Numbers and texts for a column. */
void live_put_number(char *, size_t size, uint64_t, int width);
void live_put_scaled(char *, size_t size, double);
int live_text_width(const char *);
char *live_text_fit(const char *, int width);

#endif /* tools/ovs-spanctl/live-row.h */
