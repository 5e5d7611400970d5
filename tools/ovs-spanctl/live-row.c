/* SPDX-License-Identifier: Apache-2.0 */

/* What the database says of a session on a host, and how it is written into
 * columns: see live-row.h.  Pure. */

#include <config.h>

#include "live-row.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Frees what 'row' holds, but not itself. */
void
live_row_destroy(struct live_row *row)
{
    free(row->session);
    free(row->host);
    free(row->system_id);
    free(row->state);
    free(row->reason);
    free(row->detail);
}

/* Frees the 'n' 'rows'. */
void
live_rows_destroy(struct live_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        live_row_destroy(&rows[i]);
    }
    free(rows);
}

/* Counters of Binding.counters (span.xml) and what they are for us.  What is
 * left out because somebody asked for it, as metered, sampled_out and cap_drop
 * are, is no loss. */
static const struct {
    const char *key;
    enum live_figure figure;
} counters[] = {
    { "mirrored_packets", LIVE_PACKETS },
    { "mirrored_bytes", LIVE_BYTES },
    { "written", LIVE_WRITTEN },
    { "port_drop", LIVE_LOST },
    { "ps_drop", LIVE_LOST },
    { "ring_drop", LIVE_LOST },
    { "write_drop", LIVE_LOST },
    { "relay_port_drop", LIVE_LOST },
    { "relay_ps_drop", LIVE_LOST },
    { "relay_tx_drop", LIVE_LOST },
};

/* Adds the counter 'key' of a Binding to 'row'. */
void
live_row_add_counter(struct live_row *row, const char *key, int64_t value)
{
    row->counts = true;
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        if (!strcmp(key, counters[i].key)) {
            row->figures[counters[i].figure] += MAX(value, 0);
            row->records |= counters[i].figure == LIVE_WRITTEN;
        }
    }
}

/* States, the worst first. */
static const char *const states[] = {
    "refused", "degraded", "active", "waiting", "expired", "disabled",
};

/* Returns the place of 'state' in the order from worst to least; what is not
 * known comes first. */
int
live_state_rank(const char *state)
{
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        if (!strcmp(state, states[i])) {
            return i;
        }
    }
    return -1;
}

/* Is something wrong that somebody should mend? */
bool
live_row_is_trouble(const struct live_row *row)
{
    return (!strcmp(row->state, "refused") || !strcmp(row->state, "degraded")
            || !strcmp(row->reason, "no-host"));
}

/* Has the session nothing to do there now? */
bool
live_row_waits(const struct live_row *row)
{
    return !strcmp(row->state, "waiting");
}

/* Writes 'value' with three digits and a suffix (k = 1000). */
void
live_put_scaled(char *s, size_t size, double value)
{
    static const char suffixes[] = "kMGTPE";
    int i = -1;

    if (value < 999.5) {
        snprintf(s, size, "%.0f", value);
        return;
    }
    do {
        value /= 1000;
        i++;
    } while (value >= 999.5 && suffixes[i + 1]);
    snprintf(s, size, "%.*f%c", value < 9.995 ? 2 : value < 99.95 ? 1 : 0,
             value, suffixes[i]);
}

/* Writes 'value' in full if it fits 'width' columns, else scaled. */
void
live_put_number(char *s, size_t size, uint64_t value, int width)
{
    int length = snprintf(s, size, "%"PRIu64, value);

    if (length > width) {
        live_put_scaled(s, size, value);
    }
}

/* Reads the character at '*p', valid UTF-8, and steps over it. */
static wchar_t
next_character(const char **p)
{
    unsigned char c = *(*p)++;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    wchar_t wc = more ? c & (0x3f >> more) : c;

    while (more-- && (**p & 0xc0) == 0x80) {
        wc = wc << 6 | (*(*p)++ & 0x3f);
    }
    return wc;
}

/* Returns how many columns 's' takes in the present locale; characters that
 * the locale does not have take one. */
int
live_text_width(const char *s)
{
    int width = 0;

    while (*s) {
        int w = wcwidth(next_character(&s));

        width += w < 0 ? 1 : w;
    }
    return width;
}

/* Returns 's', valid UTF-8, as far as it fits 'width' columns, with question
 * marks for what the present locale does not have, for the caller to free.
 * What is cut ends with "~". */
char *
live_text_fit(const char *s, int width)
{
    bool cut = live_text_width(s) > width;
    struct ds out = DS_EMPTY_INITIALIZER;
    int left = width - cut;

    while (*s && width > 0) {
        const char *start = s;
        int w = wcwidth(next_character(&s));

        if ((w < 0 ? 1 : w) > left) {
            break;
        }
        left -= w < 0 ? 1 : w;
        if (w < 0) {
            ds_put_char(&out, '?');
        } else {
            ds_put_buffer(&out, start, s - start);
        }
    }
    if (cut && width > 0) {
        ds_put_char(&out, '~');
    }
    return ds_steal_cstr(&out);
}
