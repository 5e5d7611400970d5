/* SPDX-License-Identifier: Apache-2.0 */

/* What this host tells the database OVS_Span: its Host row, a Binding for each
 * session, and events. */

#ifndef SPAN_DAEMON_HOST_REPORT_H
#define SPAN_DAEMON_HOST_REPORT_H 1

#include <stdbool.h>
#include <stdint.h>
#include "plugin/core/verdict.h"
#include "smap.h"
#include "sset.h"

struct events;
struct host_report;
struct recordings;
struct session_db;

/* What there is to tell.  All of it is borrowed. */
struct report {
    const char *system_id;
    const char *name;           /* Of the host, for people. */
    const struct smap *versions;
    const struct smap *status;
    const struct sset *capabilities;
    const struct verdicts *verdicts;
    int64_t cur_cfg;            /* < 0: as it is. */
    bool counters;              /* Bring counters up to date as well? */
    long long int next_counters;         /* When they will be again, monotonic
                                          * milliseconds. */
};

struct host_report *host_report_create(struct session_db *, struct events *,
                                       struct recordings *);
void host_report_destroy(struct host_report *);
bool host_report_run(struct host_report *);
void host_report_wait(const struct host_report *);
bool host_report_is_pending(const struct host_report *);
bool host_report_is_busy(const struct host_report *);

bool host_report_write(struct host_report *, const struct report *);
bool host_report_leave(struct host_report *, const char *system_id,
                       bool *more);

#endif /* plugin/daemon/host-report.h */
