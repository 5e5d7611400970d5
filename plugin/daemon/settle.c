/* SPDX-License-Identifier: Apache-2.0 */

/* Settling: when is the datapath known to do what the rules say?  See
 * settle.h.
 *
 * vswitchd's command "revalidator/wait" answers at the end of the next dump of
 * datapath flows, whenever that began.  One after another, three answers are
 * certain (vswitchd/ovs-vswitchd.c, main loop; ofproto/ofproto-dpif.c,
 * type_run()):
 *
 *   - the first request is taken after the rule; at the latest before its
 *     answer vswitchd has started to translate with the new rule;
 *   - the dump that ends with the second answer may have begun before that,
 *     but the next one cannot have;
 *   - the third answer is the end of that one.  It also has looked at flows
 *     that a handler thread translated by the old rules and put into the
 *     datapath a moment later.
 *
 * Left alone, vswitchd dumps twice a second.  A rule that is changed makes it
 * dump at once; so behind each request the epoch rule is rewritten as it is
 * (flow_conns_touch()).  In this order, request before touch, the answer never
 * waits for the next regular dump: vswitchd reads rules before commands in
 * each turn of its loop, and revalidates in the next turn.
 *
 * When vswitchd cannot be asked, because its socket is elsewhere or it has
 * several datapaths, time has to do: two regular dumps. */

#include <config.h>
#include "plugin/daemon/settle.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/core/flow-text.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/flow-conn.h"
#include "plugin/daemon/vswitchd-ctl.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(settle);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Answers that it takes. */
#define ROUNDS 3

/* Milliseconds in which two regular dumps are over: their interval is 500 ms
 * (ofproto_max_revalidator), and a dump takes its time too. */
#define BLIND_TIME 1200

/* Milliseconds between attempts to reach vswitchd. */
#define RETRY 200

struct settling {
    uint64_t wanted;            /* The epoch whose rule is there. */
    uint64_t settled;           /* The epoch that is settled; 0 = none. */
    int rounds_left;            /* For 'wanted'. */
    bool in_round;              /* The request under way counts for it. */
    long long int since;        /* 'wanted' came, msec. */
};

struct settle {
    struct vswitchd_ctl *ctl;
    struct flow_conns *conns;
    struct shash bridges;       /* "struct settling"s. */
    unsigned int seq;

    bool touched;               /* The rule is rewritten behind the request
                                 * under way. */
    bool blind;                 /* vswitchd cannot be asked. */
};

/* Creates the settling of bridges of the vswitchd whose sockets are in
 * 'run_dir'; 'conns' must outlive it. */
struct settle *
settle_create(const char *run_dir, struct flow_conns *conns)
{
    struct settle *s = xzalloc(sizeof *s);

    s->ctl = vswitchd_ctl_create(run_dir, RETRY);
    s->conns = conns;
    shash_init(&s->bridges);
    return s;
}

void
settle_destroy(struct settle *s)
{
    if (s) {
        shash_destroy_free_data(&s->bridges);
        vswitchd_ctl_destroy(s->ctl);
        free(s);
    }
}

/* Says that the epoch rule of private bridge 'bridge' is 'epoch' now, for the
 * first time or again; 0 says that there is none. */
void
settle_set_epoch(struct settle *s, const char *bridge, uint64_t epoch)
{
    struct settling *settling = shash_find_data(&s->bridges, bridge);

    if (!epoch) {
        if (settling) {
            shash_find_and_delete(&s->bridges, bridge);
            free(settling);
        }
        return;
    }
    if (!settling) {
        settling = xzalloc(sizeof *settling);
        shash_add(&s->bridges, bridge, settling);
    }
    if (settling->wanted != epoch) {
        settling->wanted = epoch;
        settling->settled = 0;
        settling->rounds_left = ROUNDS;
        settling->in_round = false;
        settling->since = time_msec();
    }
}

/* Returns the epoch for which 'bridge' is settled, 0 if there is none. */
uint64_t
settle_epoch(const struct settle *s, const char *bridge)
{
    const struct settling *settling = shash_find_data(&s->bridges, bridge);

    return settling ? settling->settled : 0;
}

/* Takes the epoch rule from the rules in 'bridge', if they are known, and
 * writes into it for which epoch it is settled. */
void
settle_fill(struct settle *s, struct switch_bridge *bridge)
{
    uint64_t epoch = 0;

    for (size_t i = 0; i < bridge->n_flows && bridge->flows_known; i++) {
        const struct span_flow *flow = &bridge->flows[i];

        if (flow->table == SPAN_TABLE_EPOCH) {
            ovs_scan(flow->match, "metadata=%"SCNi64, (int64_t *) &epoch);
        }
    }
    if (bridge->flows_known) {
        settle_set_epoch(s, bridge->name, epoch);
    }
    bridge->settled_epoch = settle_epoch(s, bridge->name);
}

static bool
is_pending(const struct settling *settling)
{
    return settling->settled != settling->wanted;
}

static void
mark_settled(struct settle *s, const struct shash_node *node)
{
    struct settling *settling = node->data;

    VLOG_DBG("%s: settled after %lld ms%s", node->name,
             time_msec() - settling->since, s->blind ? " (by time)" : "");
    settling->settled = settling->wanted;
    s->seq++;
}

static void
handle_reply(struct settle *s)
{
    struct shash_node *node;

    s->blind = false;
    SHASH_FOR_EACH (node, &s->bridges) {
        struct settling *settling = node->data;

        if (settling->in_round) {
            settling->in_round = false;
            if (!--settling->rounds_left) {
                mark_settled(s, node);
            }
        }
    }
}

static void
receive(struct settle *s)
{
    char *text;
    enum ctl_answer answer = vswitchd_ctl_run(s->ctl, &text);

    if (answer == CTL_REPLY) {
        handle_reply(s);
    } else if (answer == CTL_REFUSAL) {
        VLOG_INFO_RL(&rl, "vswitchd cannot say when it has revalidated; "
                     "waiting %d ms instead", BLIND_TIME);
        s->blind = true;
        vswitchd_ctl_pause(s->ctl, BLIND_TIME);
    } else if (answer == CTL_LOST) {
        s->blind = true;
    }
    free(text);
}

/* Returns a bridge that is not settled, or NULL. */
static const struct shash_node *
find_pending(const struct settle *s)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &s->bridges) {
        if (is_pending(node->data)) {
            return node;
        }
    }
    return NULL;
}

/* Begins a round for all bridges that are not settled. */
static void
send_request(struct settle *s)
{
    struct shash_node *node;

    s->blind = !vswitchd_ctl_ask(s->ctl, "revalidator/wait", NULL);
    if (s->blind) {
        return;
    }
    s->touched = false;
    SHASH_FOR_EACH (node, &s->bridges) {
        struct settling *settling = node->data;

        settling->in_round = is_pending(settling);
    }
}

static void
settle_blindly(struct settle *s)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &s->bridges) {
        struct settling *settling = node->data;

        if (is_pending(settling)
            && time_msec() >= settling->since + BLIND_TIME) {
            mark_settled(s, node);
        }
    }
}

void
settle_run(struct settle *s)
{
    const struct shash_node *pending;

    receive(s);
    pending = find_pending(s);
    if (!pending) {
        return;
    }
    if (vswitchd_ctl_may_ask(s->ctl)) {
        send_request(s);
    }
    if (vswitchd_ctl_is_sent(s->ctl) && !s->touched) {
        s->touched = flow_conns_touch(s->conns, pending->name);
    }
    if (s->blind) {
        settle_blindly(s);
    }
}

void
settle_wait(struct settle *s)
{
    const struct shash_node *node;

    vswitchd_ctl_wait(s->ctl, find_pending(s) ? 0 : LLONG_MAX);
    SHASH_FOR_EACH (node, &s->bridges) {
        const struct settling *settling = node->data;

        if (is_pending(settling) && s->blind) {
            poll_timer_wait_until(settling->since + BLIND_TIME);
        }
    }
}

/* Changes when a bridge has settled. */
unsigned int
settle_seq(const struct settle *s)
{
    return s->seq;
}
