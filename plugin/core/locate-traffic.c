/* SPDX-License-Identifier: Apache-2.0 */

/* What the port of a location carries now: a part of locate(). */

#include <config.h>
#include "locate.h"

#include "amount.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Bytes per second, of both directions, beyond which a capture of everything
 * is a gigabyte in less than two minutes. */
#define MUCH 10e6

/* Is it so much that a capture should leave out some of it? */
bool
locate_is_much(const struct location *l)
{
    return (l->traffic_known
            && l->traffic.from_bytes + l->traffic.to_bytes > MUCH);
}

/* Adds to 's' how much a capture of both directions of 'l' would be. */
void
locate_put_volume(const struct location *l, struct ds *s)
{
    double bytes = l->traffic.from_bytes + l->traffic.to_bytes;

    amount_put_scaled(s, bytes, "B/s");
    ds_put_cstr(s, ", ");
    amount_put_scaled(s, bytes * 3600, "B");
    ds_put_cstr(s, " an hour");
}

static void
put_direction(const char *direction, double packets, double bytes,
              struct ds *s)
{
    ds_put_format(s, "%s ", direction);
    amount_put_count(s, packets);
    ds_put_cstr(s, " frames/s ");
    amount_put_scaled(s, bytes, "B/s");
}

/* Adds to 's' what 'l' carries in each direction, nothing if that is not known
 * yet. */
void
locate_put_traffic(const struct location *l, struct ds *s)
{
    if (l->traffic_known) {
        put_direction("from", l->traffic.from_packets, l->traffic.from_bytes,
                      s);
        ds_put_cstr(s, ", ");
        put_direction("to", l->traffic.to_packets, l->traffic.to_bytes, s);
    }
}
