/* SPDX-License-Identifier: Apache-2.0 */

/* Runs the golden plan cases: files with commands, each on a line that begins
 * with "> ", below each what it must print.  Called with file names; with
 * SPAN_UPDATE_GOLDEN in the environment it rewrites what they should print
 * (read the difference before you commit it). */

#include <config.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "script.h"
#include "tap.h"
#include "util.h"

/* Runs the commands of 'text' and appends the whole transcript to 'output':
 * comments and commands as they are, what commands print below them. */
static void
run_case(const char *text, struct ds *output)
{
    struct script script;
    char *copy = xstrdup(text);
    char *save = NULL;

    script_init(&script);
    for (char *line = strtok_r(copy, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (line[0] == '#') {
            ds_put_format(output, "%s\n", line);
        } else if (!strncmp(line, "> ", 2)) {
            ds_put_format(output, "%s\n", line);
            script_command(&script, line + 2, output);
        }
    }
    script_destroy(&script);
    free(copy);
}

static bool
read_file(const char *name, struct ds *text)
{
    FILE *stream = fopen(name, "r");
    int c;

    if (!stream) {
        return false;
    }
    while ((c = getc(stream)) != EOF) {
        ds_put_char(text, c);
    }
    fclose(stream);
    return true;
}

static void
write_file(const char *name, const struct ds *text)
{
    FILE *stream = fopen(name, "w");

    if (!stream || fputs(ds_cstr_ro(text), stream) == EOF
        || fclose(stream)) {
        ovs_fatal(errno, "%s: cannot write", name);
    }
}

static void
test_file(const char *name)
{
    struct ds want = DS_EMPTY_INITIALIZER;
    struct ds got = DS_EMPTY_INITIALIZER;
    const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;

    if (!read_file(name, &want)) {
        tap_ok(false, "%s can be read", name);
        return;
    }
    run_case(ds_cstr(&want), &got);
    if (getenv("SPAN_UPDATE_GOLDEN")) {
        write_file(name, &got);
    }
    tap_str(ds_cstr(&got), ds_cstr(&want), "%s", base);
    ds_destroy(&want);
    ds_destroy(&got);
}

int
main(int argc, char *argv[])
{
    set_program_name(argv[0]);
    for (int i = 1; i < argc; i++) {
        test_file(argv[i]);
    }
    tap_ok(argc > 1, "there are cases");
    return tap_done();
}
