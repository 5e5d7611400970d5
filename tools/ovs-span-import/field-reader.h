/* SPDX-License-Identifier: Apache-2.0 */

/* Objects of the vSphere API into structs, by tables: a row for each property
 * that the API has.
 *
 * Exports differ.  A key begins with a lower-case letter or, from PowerCLI and
 * from govc before 0.32, a capital; an array of one element may be the element
 * alone; what is not set is absent, null, or an empty text; an enumeration's
 * value is a word or its number. */

#ifndef SPAN_IMPORT_FIELD_READER_H
#define SPAN_IMPORT_FIELD_READER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json-doc.h"
#include "report.h"

/* Values that were read.  What is not set is all zero. */
struct text_at {
    char *text;                 /* Owned; NULL = not set. */
    struct place place;
};

struct number_at {
    bool set;
    int64_t value;
    struct place place;
};

struct flag_at {
    bool set;
    bool value;
    struct place place;
};

struct text_list {
    struct text_at *items;
    size_t n;
};

struct number_list {
    struct number_at *items;
    size_t n;
};

void text_at_destroy(struct text_at *);
void number_at_destroy(struct number_at *);
void flag_at_destroy(struct flag_at *);
void text_list_destroy(struct text_list *);
void number_list_destroy(struct number_list *);

struct field;

/* Reads 'at', which is not null, into 'member'. */
typedef void field_read_func(const struct json_at *, const struct field *,
                             void *member, struct report *);

/* One property.  A table of them ends with a row whose name is NULL. */
struct field {
    const char *name;           /* As the API writes it. */
    field_read_func *read;      /* NULL: known, and no concern of ours. */
    size_t offset;              /* Of the member in the struct. */
    int64_t min, max;           /* Numbers. */
    const char *const *words;   /* Enumerations, in the API's order; NULL. */
    const struct field *fields; /* Objects. */
};

field_read_func read_text;      /* struct text_at */
field_read_func read_texts;     /* struct text_list */
field_read_func read_number;    /* struct number_at */
field_read_func read_number_or_zero; /* The same; 0 = not set. */
field_read_func read_numbers;   /* struct number_list */
field_read_func read_flag;      /* struct flag_at */
field_read_func read_word;      /* struct number_at: index in 'words' */
field_read_func read_words;     /* struct number_list */
field_read_func read_object;    /* The struct that 'fields' is about. */

bool key_is(const char *key, const char *name);
const struct field *field_find(const struct field *, const char *key);
void fields_read(const struct json_at *object, const struct field *,
                 void *base, struct report *);
bool expect_object(const struct json_at *, struct report *);

#endif /* tools/ovs-span-import/field-reader.h */
