/* SPDX-License-Identifier: Apache-2.0 */

/* A memory of answers: see memo.h. */

#include <config.h>
#include "memo.h"

#include <stdlib.h>

#include "util.h"

/* Returns the answer to 'question', valid until the next memo_keep(), or NULL
 * if it is not known. */
const char *
memo_recall(const struct memo *memo, const char *question)
{
    return shash_find_data(&memo->answers, question);
}

/* Keeps 'answer' as the answer to 'question'. */
void
memo_keep(struct memo *memo, const char *question, const char *answer)
{
    if (shash_count(&memo->answers) >= memo->max) {
        shash_clear_free_data(&memo->answers);
    }
    free(shash_replace(&memo->answers, question, xstrdup(answer)));
}
