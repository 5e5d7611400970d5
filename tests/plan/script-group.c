/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups in plan cases: see script.c. */

#include <config.h>
#include "script.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mac-limit.h"
#include "openvswitch/util.h"
#include "util.h"

static struct port_group *
find_group(struct script *s, const char *name)
{
    for (size_t i = 0; i < s->n_groups; i++) {
        if (!strcmp(s->groups[i].name, name)) {
            return &s->groups[i];
        }
    }
    return NULL;
}

static void
cmd_group(struct script *s, const struct svec *args, struct ds *output)
{
    struct port_group_args state = { s->now, true, true };
    struct port_group *group = find_group(s, args->names[1]);

    if (!group) {
        s->groups = xrealloc(s->groups,
                             (s->n_groups + 1) * sizeof *s->groups);
        group = &s->groups[s->n_groups++];
        port_group_init(group, args->names[1]);
        group->uuid = fake_switch_uuid(&s->fake);
        group->uuid.parts[0] += 0xb000;
    }
    for (size_t i = 2; i < args->n; i++) {
        struct fault fault = FAULT_INITIALIZER;

        if (!port_group_parse_arg(group, args->names[i], &state, &fault)) {
            ds_put_format(output, "%s: %s\n", fault.reason, fault.detail);
        }
        fault_clear(&fault);
    }
}

static void
cmd_del_group(struct script *s, const char *name)
{
    struct port_group *group = find_group(s, name);

    if (group) {
        port_group_destroy(group);
        *group = s->groups[--s->n_groups];
    }
}

static void
watch_limits(struct script *s, const struct wanted *wanted)
{
    struct group_news news;

    limit_watch_update(&s->limits, wanted, s->now * 1000, &news);
    for (size_t i = 0; i < news.n; i++) {
        ds_put_format(&s->news, "%s%s\n", news.items[i].text,
                      news.items[i].on ? "; over" : "");
    }
    group_news_destroy(&news);
}

/* Takes note of what the switch of 's' does with promiscuous ports and limits,
 * before the pass that has made 'wanted' changes it. */
void
script_watch(struct script *s, const struct wanted *wanted)
{
    struct group_news news;

    promisc_watch_update(&s->watch, &s->fake.state, wanted, &news);
    for (size_t i = 0; i < news.n; i++) {
        const struct group_item *item = &news.items[i];

        ds_put_cstr(&s->news, item->text);
        if (item->on) {
            ds_put_format(&s->news, "; until %"PRId64, item->expires);
        }
        ds_put_char(&s->news, '\n');
    }
    group_news_destroy(&news);
    watch_limits(s, wanted);
}

static void
cmd_watch(struct script *s, bool anew, struct ds *output)
{
    if (anew) {
        promisc_watch_destroy(&s->watch);
        promisc_watch_init(&s->watch);
        limit_watch_destroy(&s->limits);
        limit_watch_init(&s->limits);
    }
    ds_put_cstr(output, s->news.length ? ds_cstr(&s->news) : "no news\n");
    ds_clear(&s->news);
}

/* The rule for what is over the limit of a port counts 'frames' of them. */
static void
cmd_over(struct script *s, const struct svec *args)
{
    struct switch_bridge *bridge = fake_bridge(&s->fake, args->names[1]);
    const struct switch_port *port = fake_port(bridge, args->names[2]);
    char *in_port = xasprintf("in_port=%"PRId64, switch_port_ofport(port));
    enum mac_limit_policy limit_policy;

    for (size_t i = 0; i < bridge->n_flows; i++) {
        struct span_flow *flow = &bridge->flows[i];

        if (mac_limit_counts(flow, &limit_policy)
            && !strcmp(strrchr(flow->match, ',') + 1, in_port)) {
            flow->packets += atoi(args->names[3]);
        }
    }
    free(in_port);
}

/* Carries out 'args' if it is a command for groups; else returns false. */
bool
script_group_command(struct script *s, const struct svec *args,
                     struct ds *output)
{
    if (args->n > 1 && !strcmp(args->names[0], "group")) {
        cmd_group(s, args, output);
    } else if (args->n > 1 && !strcmp(args->names[0], "del-group")) {
        cmd_del_group(s, args->names[1]);
    } else if (args->n > 3 && !strcmp(args->names[0], "over")) {
        cmd_over(s, args);
    } else if (!strcmp(args->names[0], "watch")) {
        cmd_watch(s, args->n > 1, output);
    } else {
        return false;
    }
    return true;
}

/* Frees the groups of 's'. */
void
script_destroy_groups(struct script *s)
{
    for (size_t i = 0; i < s->n_groups; i++) {
        port_group_destroy(&s->groups[i]);
    }
    free(s->groups);
    promisc_watch_destroy(&s->watch);
    limit_watch_destroy(&s->limits);
    ds_destroy(&s->news);
}
