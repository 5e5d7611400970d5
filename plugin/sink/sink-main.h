/* SPDX-License-Identifier: Apache-2.0 */

/* The program ovs-span-sink, from its arguments to its exit status. */

#ifndef SPAN_SINK_SINK_MAIN_H
#define SPAN_SINK_SINK_MAIN_H 1

/* Exit statuses. */
enum {
    SINK_EXIT_OK = 0,           /* Stopped as asked. */
    SINK_EXIT_FAILURE = 1,      /* Could not start. */
    SINK_EXIT_USAGE = 2,        /* The command line is wrong. */
    SINK_EXIT_INTERFACE = 3,    /* The interface went away. */
    SINK_EXIT_FULL = 4,         /* No room, and on-full=stop. */
};

int sink_main(int argc, char *argv[]);

#endif /* plugin/sink/sink-main.h */
