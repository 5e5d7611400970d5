/* SPDX-License-Identifier: Apache-2.0 */

/* Where capture files are made: the sink's own directory, or what was named
 * by hand.  Opened once; later all names are relative to its descriptor, so
 * that nobody can put something else in its way. */

#ifndef SPAN_SINK_CAPTURE_PLACE_H
#define SPAN_SINK_CAPTURE_PLACE_H 1

#include <stdbool.h>
#include <stdint.h>

/* Of the directories that are made. */
#define CAPTURE_PLACE_MODE 0750

struct fs_kind;
struct sink_options;

struct capture_place {
    const char *parent;         /* DIR of DIR/NAME, NULL by hand. */
    int dirfd;                  /* Of the directory, -1 if there is none. */
    char *prefix;               /* First part of each file's name. */
    const char *extension;
    char *single;               /* One file of this path, or "-", instead. */
    const struct fs_kind *fs;   /* Of the directory, NULL if none. */
    uint64_t sequence;          /* Number of the last file made. */
};

char *capture_place_open(struct capture_place *, const struct sink_options *);
char *capture_place_check(const struct capture_place *, const char *user);
int capture_place_open_parent(const char *path);
bool capture_place_restore(struct capture_place *);
void capture_place_close(struct capture_place *);

#endif /* plugin/sink/capture-place.h */
