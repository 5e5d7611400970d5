/* SPDX-License-Identifier: Apache-2.0 */

/* Answers where on this host something is: see plugin/core/locate.h.  What
 * only vswitchd knows is asked over its control socket, and never waited
 * for. */

#ifndef SPAN_DAEMON_LOCATOR_H
#define SPAN_DAEMON_LOCATOR_H 1

struct located;
struct locator;
struct reconciler;
struct selector;

/* Told once for each question: 'found' is borrowed, or NULL if the daemon
 * ends before there is an answer. */
typedef void locator_cb(const struct selector *, const struct located *found,
                        void *aux);

struct locator *locator_create(struct reconciler *, const char *run_dir);
void locator_destroy(struct locator *);
void locator_run(struct locator *);
void locator_wait(struct locator *);
void locator_ask(struct locator *, const struct selector *, locator_cb *,
                 void *aux);
void locator_forget(struct locator *, locator_cb *, const void *aux);

#endif /* plugin/daemon/locator.h */
