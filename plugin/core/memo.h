/* SPDX-License-Identifier: Apache-2.0 */

/* A memory of answers: text that was asked, text that was the answer.
 *
 * For functions of text that always give the same answer and take long to
 * find it.  It forgets everything when it is full, so it needs no care. */

#ifndef SPAN_CORE_MEMO_H
#define SPAN_CORE_MEMO_H 1

#include <stddef.h>
#include "openvswitch/shash.h"

struct memo {
    struct shash answers;
    size_t max;                 /* Answers that are kept. */
};

#define MEMO_INITIALIZER(MEMO, MAX) \
    { SHASH_INITIALIZER(&(MEMO)->answers), MAX }

const char *memo_recall(const struct memo *, const char *question);
void memo_keep(struct memo *, const char *question, const char *answer);

#endif /* plugin/core/memo.h */
