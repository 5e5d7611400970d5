/* SPDX-License-Identifier: Apache-2.0 */

/* The ways by which metrics leave the daemon.  See metrics-export.h. */

#include <config.h>
#include "plugin/daemon/metrics-export.h"

#include <stddef.h>

#include "plugin/daemon/metrics-file.h"
#include "plugin/daemon/metrics-socket.h"
#include "plugin/daemon/reconciler.h"

/* Serves the metrics of 'reconciler' at 'socket', and writes them to 'file'
 * each 'interval' seconds; either may be NULL. */
void
metrics_export_init(struct metrics_export *me,
                    const struct reconciler *reconciler,
                    const char *socket, const char *file, int interval)
{
    me->reconciler = reconciler;
    me->socket = socket ? metrics_socket_create(socket) : NULL;
    me->file = file ? metrics_file_create(file, interval) : NULL;
}

/* Removes socket and file. */
void
metrics_export_destroy(struct metrics_export *me)
{
    metrics_socket_destroy(me->socket);
    metrics_file_destroy(me->file);
}

void
metrics_export_run(struct metrics_export *me)
{
    struct reconciler_status status;

    reconciler_get_status(me->reconciler, &status);
    if (me->socket) {
        metrics_socket_run(me->socket, &status);
    }
    if (me->file) {
        metrics_file_run(me->file, &status);
    }
}

void
metrics_export_wait(const struct metrics_export *me)
{
    if (me->socket) {
        metrics_socket_wait(me->socket);
    }
    if (me->file) {
        metrics_file_wait(me->file);
    }
}
