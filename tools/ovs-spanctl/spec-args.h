/* SPDX-License-Identifier: Apache-2.0 */

/* Objects of the file of "apply" as arguments of the command line. */

#ifndef TOOLS_SPANCTL_SPEC_ARGS_H
#define TOOLS_SPANCTL_SPEC_ARGS_H 1

#include <stdbool.h>

struct fault;
struct json;

/* JSON types that a value may have. */
enum {
    TEXT = 1 << 0,
    NUMBER = 1 << 1,
    FLAG = 1 << 2,
    LIST = 1 << 3,              /* Array of texts. */
    NUMBERS = 1 << 4,           /* Array of numbers. */
    JOINED = 1 << 5,            /* Array of texts, which make one argument. */
    MAP = 1 << 6,               /* Object of texts. */
};

struct spec_key {
    const char *json;           /* Key in the file. */
    const char *arg;            /* Key of the command line. */
    int types;
};

/* Takes one "key=value" into 'aux'. */
typedef bool spec_take_func(const char *arg, void *aux, struct fault *);

char *spec_take_object(const char *path, const struct json *,
                       const struct spec_key *, spec_take_func *, void *aux);

#endif /* tools/ovs-spanctl/spec-args.h */
