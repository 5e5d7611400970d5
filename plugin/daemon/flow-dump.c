/* SPDX-License-Identifier: Apache-2.0 */

/* A dump of rules.  See flow-dump.h. */

#include <config.h>
#include "plugin/daemon/flow-dump.h"

#include <errno.h>
#include <stdlib.h>

#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofpbuf.h"
#include "plugin/core/flow-codec.h"
#include "plugin/core/flow-text.h"
#include "util.h"

/* Empties 'dump' and keeps its memory for the next one. */
void
flow_dump_clear(struct flow_dump *dump)
{
    for (size_t i = 0; i < dump->n; i++) {
        flow_destroy(&dump->flows[i]);
    }
    dump->n = 0;
}

void
flow_dump_uninit(struct flow_dump *dump)
{
    flow_dump_clear(dump);
    free(dump->flows);
    dump->flows = NULL;
    dump->allocated = 0;
}

/* Adds the rules in 'msg', a flow stats reply of 'protocol', which it
 * consumes.  Returns 0 or, when part of it could not be read, the "enum
 * ofperr" that says why. */
int
flow_dump_add(struct flow_dump *dump, struct ofpbuf *msg,
              enum ofputil_protocol protocol)
{
    struct ofpbuf ofpacts;
    int error;

    ofpbuf_init(&ofpacts, 0);
    for (;;) {
        struct ofputil_flow_stats stats;

        error = ofputil_decode_flow_stats_reply(&stats, msg, true, &ofpacts);
        if (error) {
            break;
        }
        if (dump->n >= dump->allocated) {
            dump->flows = x2nrealloc(dump->flows, &dump->allocated,
                                     sizeof *dump->flows);
        }
        struct span_flow *flow = &dump->flows[dump->n++];
        flow_from_stats(flow, &stats);

        /* Other versions have other words for the same, e.g. "strip_vlan". */
        if (protocol != FLOW_CODEC_PROTOCOL) {
            flow_canonicalize(flow, NULL);
        }
    }
    ofpbuf_uninit(&ofpacts);
    return error == EOF ? 0 : error;
}

static int
compare_flows(const void *a, const void *b)
{
    return flow_compare_key(a, b);
}

void
flow_dump_sort(struct flow_dump *dump)
{
    if (dump->n) {
        qsort(dump->flows, dump->n, sizeof *dump->flows, compare_flows);
    }
}

/* Compares two sorted dumps, without their counters. */
bool
flow_dump_equals(const struct flow_dump *a, const struct flow_dump *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!flow_equals(&a->flows[i], &b->flows[i])) {
            return false;
        }
    }
    return true;
}
