/* SPDX-License-Identifier: Apache-2.0 */

/* The command line of ovs-spand. */

#ifndef SPAN_DAEMON_OPTIONS_H
#define SPAN_DAEMON_OPTIONS_H 1

#include <stdbool.h>

struct options {
    char *session_remote;       /* Database OVS_Span. */
    char *switch_remote;        /* Database Open_vSwitch. */
    char *policy;               /* File. */
    bool policy_given;          /* Was it named by the user? */
    char *capture_dir;
    char *sink;                 /* Program. */
    char *metrics_socket;       /* NULL = none. */
    char *metrics_file;         /* NULL = none. */
    int metrics_interval;       /* Of that file, seconds. */
    char *unixctl;              /* Socket; NULL = the usual one. */
};

void options_parse(struct options *, int argc, char *argv[]);
void options_destroy(struct options *);

#endif /* plugin/daemon/options.h */
