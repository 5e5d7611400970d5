/* SPDX-License-Identifier: Apache-2.0 */

/* The options of the recorder, each a row of a table: its name, whether it may
 * change while the recorder runs, and the function that takes its value.
 * options.c reads command lines by it. */

#ifndef SPAN_SINK_OPTION_TABLE_H
#define SPAN_SINK_OPTION_TABLE_H 1

#include <stdbool.h>
#include <stddef.h>

struct sink_options;

/* Takes a value into the options, or returns a malloc'd sentence that says
 * what the value should have been. */
typedef char *option_setter(struct sink_options *, const char *value);

struct option {
    const char *name;
    bool live;
    option_setter *set;         /* NULL: the option takes no value. */
};

const struct option *option_find(const char *name, size_t n);

#endif /* plugin/sink/option-table.h */
