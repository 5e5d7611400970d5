/* SPDX-License-Identifier: Apache-2.0 */

/* What is wrong with the input and what becomes of it, said to people, a line
 * each: FILE:LINE: error: PATH: sentence. */

#ifndef SPAN_IMPORT_REPORT_H
#define SPAN_IMPORT_REPORT_H 1

#include <stdio.h>

#include "json-doc.h"
#include "plugin/record/record-util.h"

/* So many lines of each kind are printed; the others are counted. */
#define REPORT_MAX_LINES 200

struct report {
    FILE *stream;               /* Not owned. */
    unsigned int n_errors;
    unsigned int n_warnings;
};

void report_init(struct report *, FILE *);
void report_finish(const struct report *);

void report_error(struct report *, const struct place *, const char *, ...)
    REC_PRINTF(3, 4);
void report_warning(struct report *, const struct place *, const char *, ...)
    REC_PRINTF(3, 4);
void report_hint(struct report *, const char *, ...) REC_PRINTF(2, 3);
void report_error_at(struct report *, const struct json_at *, const char *,
                     ...) REC_PRINTF(3, 4);
void report_warning_at(struct report *, const struct json_at *, const char *,
                       ...) REC_PRINTF(3, 4);

#endif /* tools/ovs-span-import/report.h */
