/* SPDX-License-Identifier: Apache-2.0 */

/* Amounts as people read them. */

#ifndef SPAN_CORE_AMOUNT_H
#define SPAN_CORE_AMOUNT_H 1

struct ds;

void amount_put_count(struct ds *, double number);
void amount_put_scaled(struct ds *, double number, const char *unit);

#endif /* plugin/core/amount.h */
