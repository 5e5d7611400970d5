/* SPDX-License-Identifier: Apache-2.0 */

/* Where on this host is something: see locator.h.
 *
 * One question is worked on at a time: locate() says what it would like to
 * know of vswitchd, all of that is asked, one thing after the other, and then
 * locate() is called again, with the switch as it is by then, until it has no
 * more to ask.  vswitchd gets PATIENCE for all of it; after that the answer is
 * what there is. */

#include <config.h>
#include "plugin/daemon/locator.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "plugin/core/locate.h"
#include "plugin/core/selector.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "plugin/daemon/vswitchd-ctl.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

/* Milliseconds for all that is asked of vswitchd for one question, and until
 * it is tried again when it cannot be reached. */
#define PATIENCE 3000
#define RETRY 200

/* Words of a command to vswitchd. */
#define MAX_WORDS 8

struct job {
    struct ovs_list node;       /* In locator, the oldest first. */
    struct selector selector;
    locator_cb *cb;
    void *aux;
    struct shash facts;         /* "char *" by question. */
    struct svec questions;      /* The last is asked first. */
    bool begun;
    long long int deadline;     /* msec. */
};

struct locator {
    struct reconciler *reconciler;       /* Borrowed. */
    struct vswitchd_ctl *ctl;
    struct ovs_list jobs;       /* Of "struct job". */
    char *asked;                /* Question under way; NULL = none of a job
                                 * that still matters. */
};

/* Creates what answers out of the state of 'reconciler', which must live
 * longer, and of the vswitchd whose sockets are in 'run_dir'. */
struct locator *
locator_create(struct reconciler *reconciler, const char *run_dir)
{
    struct locator *lr = xzalloc(sizeof *lr);

    lr->reconciler = reconciler;
    lr->ctl = vswitchd_ctl_create(run_dir, RETRY);
    ovs_list_init(&lr->jobs);
    return lr;
}

static bool
is_first(const struct locator *lr, const struct job *job)
{
    return ovs_list_front(&lr->jobs) == &job->node;
}

/* Takes 'job' off the list. */
static void
take_off(struct locator *lr, struct job *job)
{
    if (is_first(lr, job)) {
        free(lr->asked);
        lr->asked = NULL;
    }
    ovs_list_remove(&job->node);
}

static void
free_job(struct job *job)
{
    selector_destroy(&job->selector);
    shash_destroy_free_data(&job->facts);
    svec_destroy(&job->questions);
    free(job);
}

/* Takes 'job' off the list, tells what was found and frees it. */
static void
finish(struct locator *lr, struct job *job, const struct located *found)
{
    take_off(lr, job);
    job->cb(&job->selector, found, job->aux);
    free_job(job);
}

/* Frees 'lr', NULL is fine; what is not answered is told so. */
void
locator_destroy(struct locator *lr)
{
    struct job *job, *next;

    if (lr) {
        LIST_FOR_EACH_SAFE (job, next, node, &lr->jobs) {
            finish(lr, job, NULL);
        }
        vswitchd_ctl_destroy(lr->ctl);
        free(lr);
    }
}

/* Has 'cb' called, with 'aux', when it is known where what 'selector' names
 * is. */
void
locator_ask(struct locator *lr, const struct selector *selector,
            locator_cb *cb, void *aux)
{
    struct job *job = xzalloc(sizeof *job);

    selector_clone(&job->selector, selector);
    job->cb = cb;
    job->aux = aux;
    shash_init(&job->facts);
    svec_init(&job->questions);
    ovs_list_push_back(&lr->jobs, &job->node);
}

/* Forgets what was asked with 'cb' and 'aux': it is not called any more. */
void
locator_forget(struct locator *lr, locator_cb *cb, const void *aux)
{
    struct job *job, *next;

    LIST_FOR_EACH_SAFE (job, next, node, &lr->jobs) {
        if (job->cb == cb && job->aux == aux) {
            take_off(lr, job);
            free_job(job);
        }
    }
}

/* Looks at what is known for 'job' now; finishes it if that is all. */
static void
look(struct locator *lr, struct job *job)
{
    const struct pass *pass = reconciler_last_pass(lr->reconciler);
    const struct locate_input in = {
        .selector = &job->selector, .state = &pass->state,
        .wanted = &pass->wanted, .verdicts = &pass->verdicts,
        .host = reconciler_host_name(lr->reconciler), .facts = &job->facts,
        .rates = reconciler_port_rates(lr->reconciler), .now = time_msec(),
    };
    struct located found;

    if (!job->begun) {
        job->begun = true;
        job->deadline = time_msec() + PATIENCE;
    }
    locate(&in, &found);
    svec_swap(&job->questions, &found.questions);
    if (!job->questions.n || time_msec() >= job->deadline) {
        finish(lr, job, &found);
    }
    located_destroy(&found);
}

/* Sends 'question', words with newlines between them. */
static bool
ask(struct locator *lr, const char *question)
{
    char *copy = xstrdup(question), *text = copy;
    const char *command = strsep(&text, "\n");
    const char *args[MAX_WORDS];
    size_t n = 0;
    bool asked;

    while (text && n < MAX_WORDS) {
        args[n++] = strsep(&text, "\n");
    }
    asked = vswitchd_ctl_ask_all(lr->ctl, command, args, n);
    free(copy);
    return asked;
}

static void
receive(struct locator *lr)
{
    char *text;
    enum ctl_answer answer = vswitchd_ctl_run(lr->ctl, &text);
    struct job *job;

    if (lr->asked && (answer == CTL_REPLY || answer == CTL_REFUSAL)) {
        job = CONTAINER_OF(ovs_list_front(&lr->jobs), struct job, node);
        if (answer == CTL_REFUSAL) {
            text[0] = '\0';
        }
        free(shash_replace(&job->facts, lr->asked, xstrdup(text)));
        free(job->questions.names[--job->questions.n]);
        job->questions.names[job->questions.n] = NULL;
    }
    if (answer != CTL_NOTHING) {
        free(lr->asked);
        lr->asked = NULL;
    }
    free(text);
}

/* Is there something to be done for 'job' that needs no answer? */
static bool
is_due(const struct job *job)
{
    return !job->questions.n || time_msec() >= job->deadline;
}

/* Works on the oldest job, and on no other: what that takes adds up. */
static void
work(struct locator *lr)
{
    struct job *job;

    if (ovs_list_is_empty(&lr->jobs)
        || !reconciler_last_pass(lr->reconciler)) {
        return;
    }
    job = CONTAINER_OF(ovs_list_front(&lr->jobs), struct job, node);
    if (is_due(job)) {
        look(lr, job);
    } else if (!lr->asked && vswitchd_ctl_may_ask(lr->ctl)) {
        const char *question = job->questions.names[job->questions.n - 1];

        if (ask(lr, question)) {
            lr->asked = xstrdup(question);
        }
    }
}

void
locator_run(struct locator *lr)
{
    receive(lr);
    work(lr);
}

void
locator_wait(struct locator *lr)
{
    struct job *job;

    if (ovs_list_is_empty(&lr->jobs)
        || !reconciler_last_pass(lr->reconciler)) {
        vswitchd_ctl_wait(lr->ctl, LLONG_MAX);
        return;
    }
    job = CONTAINER_OF(ovs_list_front(&lr->jobs), struct job, node);
    vswitchd_ctl_wait(lr->ctl, 0);
    if (is_due(job)) {
        poll_immediate_wake();
    } else {
        poll_timer_wait_until(job->deadline);
    }
}
