/* SPDX-License-Identifier: Apache-2.0 */

/* What is new of ports of port groups, in one pass: promisc-watch and
 * limit-watch say so, events are made of it. */

#ifndef SPAN_CORE_GROUP_NEWS_H
#define SPAN_CORE_GROUP_NEWS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A port that is now what is watched for, or is not any more. */
struct group_item {
    char *text;                 /* Begins with the group's name and ": ". */
    char *group, *port, *bridge;
    bool on;                    /* Is the port so, and if so, */
    int64_t expires;            /* until when: Unix time; 0 = for ever. */
};

struct group_news {
    struct group_item *items;
    size_t n;
};

void group_news_add(struct group_news *, const char *group, const char *port,
                    const char *bridge, char *what, bool on, int64_t expires);
void group_news_destroy(struct group_news *);

#endif /* plugin/core/group-news.h */
