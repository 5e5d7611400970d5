/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the table Inquiry, by which ovs-spanctl asks all hosts where
 * something is, and this host's answers to them. */

#ifndef SPAN_DAEMON_INQUIRY_H
#define SPAN_DAEMON_INQUIRY_H 1

struct inquiries;
struct locator;
struct reconciler;

struct inquiries *inquiries_create(struct reconciler *, struct locator *);
void inquiries_destroy(struct inquiries *);
void inquiries_run(struct inquiries *);
void inquiries_wait(struct inquiries *);

#endif /* plugin/daemon/inquiry.h */
