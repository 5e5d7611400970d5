/* SPDX-License-Identifier: Apache-2.0 */

/* What is new of ports of port groups: see group-news.h. */

#include <config.h>
#include "group-news.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Adds that 'port' of 'bridge', a member of 'group', is ('on') what is watched
 * for, until 'expires', or is not.  'what', which is taken over, says so after
 * the name of the port. */
void
group_news_add(struct group_news *news, const char *group, const char *port,
               const char *bridge, char *what, bool on, int64_t expires)
{
    news->items = xrealloc(news->items, (news->n + 1) * sizeof *news->items);
    news->items[news->n++] = (struct group_item) {
        .text = xasprintf("%s: port %s of bridge %s %s", group, port, bridge,
                          what),
        .group = xstrdup(group),
        .port = xstrdup(port),
        .bridge = xstrdup(bridge),
        .on = on,
        .expires = expires,
    };
    free(what);
}

/* Frees what 'news' owns and leaves nothing in it. */
void
group_news_destroy(struct group_news *news)
{
    for (size_t i = 0; i < news->n; i++) {
        free(news->items[i].text);
        free(news->items[i].group);
        free(news->items[i].port);
        free(news->items[i].bridge);
    }
    free(news->items);
    memset(news, 0, sizeof *news);
}
