/* SPDX-License-Identifier: Apache-2.0 */

/* Errors and warnings; see report.h.  Sentences quote what the input says, so
 * this is where they become harmless to terminals. */

#include <config.h>

#include "report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import-text.h"

#define MAX_LINE 4096           /* Bytes. */

/* Makes 'report' print to 'stream'. */
void
report_init(struct report *report, FILE *stream)
{
    *report = (struct report) { .stream = stream };
}

static void
print_line(struct report *report, const char *kind, const struct place *place,
           const char *format, va_list args)
{
    size_t size;
    char *line, *clean;
    FILE *stream = text_open(&line, &size);

    if (place && place->line) {
        fprintf(stream, "%s:%u: ", place->file, place->line);
    } else if (place) {
        fprintf(stream, "%s: ", place->file);
    }
    fprintf(stream, "%s: ", kind);
    if (place && place->path) {
        fprintf(stream, "%s: ", place->path);
    }
    vfprintf(stream, format, args);
    fclose(stream);

    clean = text_clean_copy(line, size, MAX_LINE);
    fprintf(report->stream, "%s\n", clean);
    free(clean);
    free(line);
}

static void
add_error(struct report *report, const struct place *place,
          const char *format, va_list args)
{
    if (report->n_errors++ < REPORT_MAX_LINES) {
        print_line(report, "error", place, format, args);
    }
}

static void
add_warning(struct report *report, const struct place *place,
            const char *format, va_list args)
{
    if (report->n_warnings++ < REPORT_MAX_LINES) {
        print_line(report, "warning", place, format, args);
    }
}

/* Says what makes the input be refused. */
void
report_error(struct report *report, const struct place *place,
             const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_error(report, place, format, args);
    va_end(args);
}

/* Says what the input has and the output has not. */
void
report_warning(struct report *report, const struct place *place,
               const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_warning(report, place, format, args);
    va_end(args);
}

/* Says what helps against the errors before. */
void
report_hint(struct report *report, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(report, "hint", NULL, format, args);
    va_end(args);
}

/* As report_error(), of the value 'at'. */
void
report_error_at(struct report *report, const struct json_at *at,
                const char *format, ...)
{
    struct place place;
    va_list args;

    json_at_place(at, &place);
    va_start(args, format);
    add_error(report, &place, format, args);
    va_end(args);
    place_destroy(&place);
}

/* As report_warning(), of the value 'at'. */
void
report_warning_at(struct report *report, const struct json_at *at,
                  const char *format, ...)
{
    struct place place;
    va_list args;

    json_at_place(at, &place);
    va_start(args, format);
    add_warning(report, &place, format, args);
    va_end(args);
    place_destroy(&place);
}

static void
print_rest(const struct report *report, const char *kind, unsigned int n)
{
    if (n > REPORT_MAX_LINES) {
        fprintf(report->stream, "and %u more %ss\n", n - REPORT_MAX_LINES,
                kind);
    }
}

/* Says how much was not said. */
void
report_finish(const struct report *report)
{
    print_rest(report, "warning", report->n_warnings);
    print_rest(report, "error", report->n_errors);
}
