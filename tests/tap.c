/* SPDX-License-Identifier: Apache-2.0
 *
 * See tap.h.  The plan ("1..N") is printed last, by tap_done(): a program that
 * dies before has no plan and is counted as an error by the harness. */

#include <config.h>
#include "tests/tap.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static unsigned int n_run;
static unsigned int n_failed;

static void
print_lines(const char *text)
{
    for (const char *line = text; *line; ) {
        size_t n = strcspn(line, "\n");

        printf("# %.*s\n", (int) n, line);
        line += n + (line[n] == '\n');
    }
}

static bool
result(bool ok, const char *format, va_list args)
{
    n_run++;
    n_failed += !ok;
    printf("%sok %u - ", ok ? "" : "not ", n_run);
    vprintf(format, args);
    putchar('\n');
    fflush(stdout);
    return ok;
}

/* One case, passed when 'ok'.  'format' names it; a name has no newline and
 * no '#'.  Returns 'ok'. */
bool
tap_ok(bool ok, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    result(ok, format, args);
    va_end(args);
    return ok;
}

/* One case, passed when 'got' equals 'want'; both are printed when not. */
bool
tap_int(long long got, long long want, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    result(got == want, format, args);
    va_end(args);
    if (got != want) {
        printf("#   got: %lld\n#  want: %lld\n", got, want);
    }
    return got == want;
}

/* One case, passed when the strings are equal or both are NULL; both are
 * printed when not. */
bool
tap_str(const char *got, const char *want, const char *format, ...)
{
    bool ok = got && want ? !strcmp(got, want) : got == want;
    va_list args;

    va_start(args, format);
    result(ok, format, args);
    va_end(args);
    if (!ok) {
        printf("# got:\n");
        print_lines(got ? got : "(null)");
        printf("# want:\n");
        print_lines(want ? want : "(null)");
    }
    return ok;
}

/* One case that this environment cannot run, and why. */
void
tap_skip(const char *name, const char *reason)
{
    n_run++;
    printf("ok %u - %s # SKIP %s\n", n_run, name, reason);
}

/* Lines of diagnosis, no case. */
void
tap_diag(const char *format, ...)
{
    char text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_lines(text);
}

/* Prints the plan.  Returns the exit status of the program. */
int
tap_done(void)
{
    printf("1..%u\n", n_run);
    return n_failed > 0;
}
