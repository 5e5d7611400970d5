/* SPDX-License-Identifier: Apache-2.0 */

/* A JSON text that was read strictly, and where each value of it stands.
 *
 * jansson parses, but keeps no positions.  A pass of our own over the text
 * notes the line of each value in the order of the text, which is the order
 * that jansson keeps too; whoever walks down through both (json_at_first(),
 * json_at_next()) has path and line of every value at hand. */

#ifndef SPAN_IMPORT_JSON_DOC_H
#define SPAN_IMPORT_JSON_DOC_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report;

/* Limits of what is read. */
#define JSON_DOC_MAX_SIZE (64 << 20)    /* Bytes. */
#define JSON_DOC_MAX_DEPTH 64           /* Arrays and objects in each other. */
#define JSON_DOC_MAX_VALUES 4000000

/* Where something was said, for messages. */
struct place {
    const char *file;           /* Not owned. */
    char *path;                 /* Owned; "$.session[0].name". */
    unsigned int line;          /* From 1. */
};

void place_clone(struct place *, const struct place *);
void place_destroy(struct place *);

/* What the pass notes of one value. */
struct json_mark {
    uint32_t line;
    uint32_t n_values;          /* In it, itself included. */
};

struct json_doc {
    const char *file;           /* Not owned; for messages. */
    json_t *root;
    struct json_mark *marks;    /* One a value, in the order of the text. */
    size_t n_marks;
};

bool json_doc_parse(struct json_doc *, const char *file, const char *text,
                    size_t size, struct report *);
void json_doc_destroy(struct json_doc *);

/* One value of a document, and the way to it.  'parent' has to live as long
 * as this does. */
struct json_at {
    const struct json_doc *doc;
    const struct json_at *parent; /* NULL for the root. */
    const char *key;            /* In an object; owned by the document. */
    size_t index;               /* In an array. */
    json_t *value;
    size_t mark;                /* Index in doc->marks. */
    void *iter;                 /* jansson's, in an object. */
};

void json_at_root(struct json_at *, const struct json_doc *);
bool json_at_first(struct json_at *, const struct json_at *parent);
bool json_at_next(struct json_at *);
char *json_at_path(const struct json_at *);
void json_at_place(const struct json_at *, struct place *);

#endif /* tools/ovs-span-import/json-doc.h */
