/* SPDX-License-Identifier: Apache-2.0 */

/* What people are told of the packets of a capture, on the standard error: how
 * many there are, and how many are missing, and where. */

#include <config.h>

#include "capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

/* Blanks the line that the cursor is in. */
#define CLEAR "\r\033[K"

/* Where packets get lost, in the order of their way (ovs-span-sink(8)). */
static const struct place {
    const char *counter;
    const char *name;
} places[] = {
    { "port_drop", "at the capture port" },
    { "ps_drop", "in the kernel" },
    { "ring_drop", "in the recorder" },
    { "write_drop", "at the file" },
};

static const struct json *
get_object(const struct json *object, const char *name)
{
    const struct json *member = shash_find_data(json_object(object), name);

    return member && member->type == JSON_OBJECT ? member : NULL;
}

static uint64_t
get_counter(const struct json *counters, const char *name)
{
    const struct json *member = shash_find_data(json_object(counters), name);

    return (member && member->type == JSON_INTEGER
            && json_integer(member) > 0 ? json_integer(member) : 0);
}

/* Makes '*c' what 'status', an object, says. */
void
capture_counts_read(struct capture_counts *c, const struct json *status)
{
    const struct json *state = shash_find_data(json_object(status), "state");
    const struct json *counters = get_object(status, "counters");
    const struct json *error = get_object(status, "error");
    const struct json *message = (error
                                  ? shash_find_data(json_object(error),
                                                    "message") : NULL);

    c->ready = (state && state->type == JSON_STRING
                && !strcmp(json_string(state), "ready"));
    c->began |= c->ready;
    free(c->error);
    c->error = (message && message->type == JSON_STRING
                ? xstrdup(json_string(message)) : NULL);
    if (!counters) {
        return;
    }
    c->captured = get_counter(counters, "written");
    c->bytes = get_counter(counters, "bytes");
    smap_clear(&c->dropped);
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        uint64_t n = get_counter(counters, places[i].counter);

        if (n) {
            smap_add_format(&c->dropped, places[i].counter, "%"PRIu64, n);
        }
    }
}

/* Appends "2 dropped (2 in the kernel)". */
static void
put_dropped(const struct capture_counts *c, struct ds *s)
{
    uint64_t all = 0;
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        all += smap_get_ullong(&c->dropped, places[i].counter, 0);
    }
    ds_put_format(s, "%"PRIu64" dropped", all);
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        const char *number = smap_get(&c->dropped, places[i].counter);

        if (number) {
            ds_put_format(s, "%s%s %s", n++ ? ", " : " (", number,
                          places[i].name);
        }
    }
    ds_put_cstr(s, n ? ")" : "");
}

/* Shows the counts in place of those shown before, a second ago, when there
 * were 'last' packets. */
void
capture_counts_line(const struct capture_counts *c, uint64_t last)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_dropped(c, &s);
    fprintf(stderr, CLEAR "%"PRIu64" packets captured (%"PRIu64"/s), %s",
            c->captured, c->captured - last, ds_cstr(&s));
    ds_destroy(&s);
}

/* Makes room for something else to be said. */
void
capture_counts_clear(void)
{
    if (isatty(STDERR_FILENO)) {
        fputs(CLEAR, stderr);
    }
}

/* Says what came of it all. */
void
capture_counts_finish(const struct capture_counts *c)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_dropped(c, &s);
    capture_counts_clear();
    fprintf(stderr, "%"PRIu64" packets captured, %s\n", c->captured,
            ds_cstr(&s));
    ds_destroy(&s);
}
