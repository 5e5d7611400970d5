/* SPDX-License-Identifier: Apache-2.0 */

/* Tells what happens: see watch.h. */

#include <config.h>

#include "plugin/daemon/watch.h"

#include <time.h>

#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/events.h"
#include "plugin/daemon/pass.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(watch);

void
watch_init(struct watch *watch)
{
    sink_watch_init(&watch->sinks);
    promisc_watch_init(&watch->promisc);
    limit_watch_init(&watch->limits);
}

void
watch_destroy(struct watch *watch)
{
    sink_watch_destroy(&watch->sinks);
    promisc_watch_destroy(&watch->promisc);
    limit_watch_destroy(&watch->limits);
}

/* Returns 'item' as a sentence, for the caller to free. */
static char *
item_to_string(const struct group_item *item)
{
    time_t when = item->expires;
    char until[64];
    struct tm tm;

    if (!item->on) {
        return xstrdup(item->text);
    }
    if (item->expires && gmtime_r(&when, &tm)
        && strftime(until, sizeof until, "%Y-%m-%d %H:%M:%S UTC", &tm)) {
        return xasprintf("%s; until %s", item->text, until);
    }
    return xasprintf("%s; until somebody ends it", item->text);
}

/* Returns what an event says beside its sentence, for events_add(): where it
 * is, and in the member 'what' whether it is so. */
static struct json *
describe(const struct group_item *item, const char *what)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "group", item->group);
    json_object_put_string(json, "bridge", item->bridge);
    json_object_put_string(json, "port", item->port);
    json_object_put(json, what, json_boolean_create(item->on));
    if (item->on && item->expires) {
        json_object_put(json, "expires", json_integer_create(item->expires));
    }
    return json;
}

/* Who may see whose frames concerns more people than those who read our log,
 * so it is said at a level that reaches syslog, always. */
static void
tell_promiscuity(struct promisc_watch *watch, const struct pass *pass,
                 struct events *events)
{
    struct group_news news;

    promisc_watch_update(watch, &pass->state, &pass->wanted, &news);
    for (size_t i = 0; i < news.n; i++) {
        const struct group_item *item = &news.items[i];
        char *text = item_to_string(item);

        VLOG_WARN("promiscuous: %s", text);
        events_add(events, "", "promiscuous", describe(item, "promiscuous"),
                   "%s", text);
        free(text);
    }
    group_news_destroy(&news);
}

/* Tells which ports send from too many addresses, and which do no more. */
static void
tell_limits(struct limit_watch *watch, const struct pass *pass,
            struct events *events)
{
    struct group_news news;

    limit_watch_update(watch, &pass->wanted, time_msec(), &news);
    for (size_t i = 0; i < news.n; i++) {
        const struct group_item *item = &news.items[i];

        VLOG_WARN("mac_limit: %s", item->text);
        events_add(events, "", "mac-limit", describe(item, "over"), "%s",
                   item->text);
    }
    group_news_destroy(&news);
}

/* Adds to 'events' what 'pass' shows to have happened since the last one. */
void
watch_update(struct watch *watch, const struct pass *pass,
             struct events *events)
{
    sink_watch_update(&watch->sinks, &pass->state, events);
    tell_promiscuity(&watch->promisc, pass, events);
    tell_limits(&watch->limits, pass, events);
}
