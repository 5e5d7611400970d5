/* SPDX-License-Identifier: Apache-2.0 */

/* What a file starts with; see file-header.h. */

#include <config.h>

#include "file-header.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "options.h"
#include "plugin/record/record-util.h"

/* Ethernet (https://www.tcpdump.org/linktypes.html). */
#define LINKTYPE_ETHERNET 1

static char *
copy_text(const char *text)
{
    return text ? rec_xstrdup(text) : NULL;
}

/* Returns what is said about the interface, if anything can be: what was given
 * as that, otherwise whose frames these are; and on which host, so that files
 * of several hosts that were made one can be told apart.  The caller must
 * free it. */
static char *
describe(const struct sink_options *o)
{
    const char *sessions = o->live.sessions;
    const char *plural = sessions && strchr(sessions, ',') ? "s" : "";
    char *what = (o->live.description ? rec_xstrdup(o->live.description)
                  : sessions ? rec_xasprintf("SPAN session%s %s", plural,
                                             sessions)
                  : NULL);
    char *text;

    if (!o->host) {
        return what;
    }
    text = (what
            ? rec_xasprintf("%s%s on host %s", what,
                            o->live.description ? "," : "", o->host)
            : rec_xasprintf("host %s", o->host));
    free(what);
    if (strlen(text) > RECORD_TEXT_MAX) {
        text[RECORD_TEXT_MAX] = '\0';
    }
    return text;
}

/* Returns the header that 'o' asks for, of an interface with 'speed' bits per
 * second (0 if unknown).  The caller must file_header_unref() it. */
struct file_header *
file_header_create(const struct sink_options *o, uint64_t speed)
{
    struct file_header *h = rec_xcalloc(1, sizeof *h);
    char *description = describe(o);
    struct utsname uts;
    char *os = (uname(&uts)
                ? rec_xstrdup("Linux")
                : rec_xasprintf("%s %s", uts.sysname, uts.release));

    atomic_init(&h->n_refs, 1);
    h->sessions = copy_text(o->live.sessions);
    h->description = copy_text(o->live.description);
    h->len = o->format->header(h->data, &(struct record_interface) {
        .name = o->interface,
        .description = description,
        .filter = o->filter,
        .os = os,
        .application = "ovs-span-sink " PACKAGE_VERSION,
        .speed = speed,
        .snaplen = o->snaplen,
        .linktype = LINKTYPE_ETHERNET,
    });
    free(os);
    free(description);
    return h;
}

/* Returns 'h' for one more who has it. */
struct file_header *
file_header_ref(struct file_header *h)
{
    atomic_fetch_add(&h->n_refs, 1);
    return h;
}

/* Lets go of 'h', which may be NULL. */
void
file_header_unref(struct file_header *h)
{
    if (h && atomic_fetch_sub(&h->n_refs, 1) == 1) {
        free(h->sessions);
        free(h->description);
        free(h);
    }
}

/* Makes '*hs' have none yet. */
void
file_headers_init(struct file_headers *hs)
{
    pthread_mutex_init(&hs->mutex, NULL);
    hs->next = NULL;
}

/* Frees what 'hs' holds. */
void
file_headers_destroy(struct file_headers *hs)
{
    file_header_unref(hs->next);
    pthread_mutex_destroy(&hs->mutex);
}

/* Makes the next file start with 'h', which 'hs' takes over. */
void
file_headers_set(struct file_headers *hs, struct file_header *h)
{
    struct file_header *old;

    pthread_mutex_lock(&hs->mutex);
    old = hs->next;
    hs->next = h;
    pthread_mutex_unlock(&hs->mutex);
    file_header_unref(old);
}

/* Returns what the next file starts with.  The caller must file_header_unref()
 * it. */
struct file_header *
file_headers_get(struct file_headers *hs)
{
    struct file_header *h;

    pthread_mutex_lock(&hs->mutex);
    h = file_header_ref(hs->next);
    pthread_mutex_unlock(&hs->mutex);
    return h;
}
