/* SPDX-License-Identifier: Apache-2.0 */

/* JSON texts with positions; see json-doc.h. */

#include <config.h>

#include "json-doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import-text.h"
#include "plugin/record/record-util.h"
#include "report.h"

#define MAX_KEY_SHOWN 80        /* Bytes of a key in a path. */

/* Makes '*dst' a copy of 'src'. */
void
place_clone(struct place *dst, const struct place *src)
{
    *dst = *src;
    dst->path = src->path ? rec_xstrdup(src->path) : NULL;
}

/* Frees what 'place' owns. */
void
place_destroy(struct place *place)
{
    free(place->path);
    place->path = NULL;
}

/* An array or object that the pass is in. */
struct level {
    bool object;
    bool has_key;               /* Object: 'key' is that of the next value. */
    size_t key, key_size;       /* Offset of the text between the quotes. */
    size_t index;               /* Array: of the next value. */
    size_t mark;                /* Of the array or object itself. */
};

/* The pass over a text.  It takes any text at all; what it notes is right if
 * the text is JSON. */
struct scan {
    const char *text;
    size_t size;
    size_t pos;
    uint32_t line;
    struct level levels[JSON_DOC_MAX_DEPTH];
    size_t depth;
    struct json_mark *marks;
    size_t n_marks, allocated;
    const char *trouble;        /* Why it went no further. */
};

static void
add_mark(struct scan *s)
{
    if (s->n_marks >= JSON_DOC_MAX_VALUES) {
        s->trouble = "more values than any export of one vCenter";
        return;
    }
    if (s->n_marks >= s->allocated) {
        s->allocated = s->allocated ? 2 * s->allocated : 1024;
        s->marks = rec_xrealloc(s->marks, s->allocated * sizeof *s->marks);
    }
    s->marks[s->n_marks++] = (struct json_mark) { s->line, 1 };
}

static void
open_level(struct scan *s, bool object)
{
    if (s->depth >= JSON_DOC_MAX_DEPTH) {
        s->trouble = "arrays and objects are nested deeper than 64";
        return;
    }
    add_mark(s);
    s->levels[s->depth++] = (struct level) {
        .object = object,
        .mark = s->n_marks - 1,
    };
    s->pos++;
}

static void
close_level(struct scan *s)
{
    if (s->depth) {
        size_t mark = s->levels[--s->depth].mark;

        s->marks[mark].n_values = s->n_marks - mark;
    }
    s->pos++;
}

/* The next member or element. */
static void
take_comma(struct scan *s)
{
    if (s->depth) {
        struct level *top = &s->levels[s->depth - 1];

        top->has_key = false;
        top->index++;
    }
    s->pos++;
}

/* A string: a key or a value. */
static void
take_string(struct scan *s)
{
    struct level *top = s->depth ? &s->levels[s->depth - 1] : NULL;
    bool key = top && top->object && !top->has_key;
    size_t start;

    if (!key) {
        add_mark(s);
    }
    start = ++s->pos;
    while (s->pos < s->size && s->text[s->pos] != '"') {
        s->line += s->text[s->pos] == '\n';
        s->pos += s->text[s->pos] == '\\' && s->pos + 1 < s->size ? 2 : 1;
    }
    if (key) {
        top->has_key = true;
        top->key = start;
        top->key_size = s->pos - start;
    }
    s->pos++;
}

/* A number, true, false or null. */
static void
take_word(struct scan *s)
{
    add_mark(s);
    do {
        s->pos++;
    } while (s->pos < s->size && !memchr(" \t\r\n,:\"{}[]", s->text[s->pos],
                                         11));
}

/* Goes over the text up to offset 'end'.  Returns false if there is more of
 * it than is allowed. */
static bool
scan_run(struct scan *s, size_t end)
{
    while (s->pos < end && !s->trouble) {
        switch (s->text[s->pos]) {
        case '\n':
            s->line++;
            s->pos++;
            break;
        case ' ':
        case '\t':
        case '\r':
        case ':':
            s->pos++;
            break;
        case '{':
        case '[':
            open_level(s, s->text[s->pos] == '{');
            break;
        case '}':
        case ']':
            close_level(s);
            break;
        case ',':
            take_comma(s);
            break;
        case '"':
            take_string(s);
            break;
        default:
            take_word(s);
            break;
        }
    }
    return !s->trouble;
}

/* Writes one step of a path: the 'n' bytes at 'key', or [index] if that is
 * NULL. */
static void
put_step(FILE *stream, const char *key, size_t n, size_t index)
{
    if (!key) {
        fprintf(stream, "[%zu]", index);
    } else if (text_is_identifier(key, n) && n <= MAX_KEY_SHOWN) {
        fprintf(stream, ".%.*s", (int) n, key);
    } else {
        char *clean = text_clean_copy(key, n, MAX_KEY_SHOWN);

        fprintf(stream, "[\"%s\"]", clean);
        free(clean);
    }
}

/* Returns the path to where the pass stands.  The caller frees it. */
static char *
scan_path(const struct scan *s)
{
    char *path;
    size_t size;
    FILE *stream = text_open(&path, &size);

    fputc('$', stream);
    for (size_t i = 0; i < s->depth; i++) {
        const struct level *level = &s->levels[i];

        if (!level->object) {
            put_step(stream, NULL, 0, level->index);
        } else if (level->has_key) {
            put_step(stream, s->text + level->key, level->key_size, 0);
        }
    }
    fclose(stream);
    return path;
}

/* Reports what the pass or jansson found wrong, at where the pass stands. */
static void
report_here(const struct scan *s, const char *file, struct report *report,
            const char *what)
{
    struct place place = { file, scan_path(s), s->line };

    report_error(report, &place, "%s", what);
    place_destroy(&place);
}

/* Says in our words what jansson says in 'error'.  The caller frees it. */
static char *
explain(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);

    if (code == json_error_duplicate_key) {
        return rec_xstrdup("this key occurs twice in one object");
    } else if (code == json_error_end_of_input_expected) {
        return rec_xasprintf("not JSON: %s (several texts in a row can be "
                             "joined with \"jq -s .\")", error->text);
    }
    return rec_xasprintf("not JSON: %s", error->text);
}

/* Runs jansson over 'text'. */
static json_t *
parse_text(const char *file, const char *text, size_t size,
           struct report *report)
{
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

    if (!root) {
        struct scan s = { .text = text, .size = size, .line = 1 };
        size_t end = error.position > 0 ? error.position : 0;
        char *what = explain(&error);

        scan_run(&s, end < size ? end : size);
        if (error.line > 0) {
            s.line = error.line;
        }
        report_here(&s, file, report, what);
        free(what);
        free(s.marks);
    }
    return root;
}

/* Returns what makes 'text' no JSON at first sight, or NULL. */
static const char *
check_encoding(const char *text, size_t size)
{
    if (size >= 2 && (!memcmp(text, "\xff\xfe", 2)
                      || !memcmp(text, "\xfe\xff", 2))) {
        return "this is UTF-16: write the file as UTF-8, in PowerShell with "
               "\"| Out-File -Encoding utf8\"";
    } else if (size > JSON_DOC_MAX_SIZE) {
        return "longer than 64 MiB";
    } else if (strspn(text, " \t\r\n") >= size) {
        return "there is nothing in it";
    }
    return NULL;
}

/* Reads 'text', 'size' bytes with a NUL behind them, into 'doc'.  'file',
 * which has to outlive 'doc', names it in messages.  If it is not strict JSON
 * or more than the limits allow, reports that and returns false; 'doc' may be
 * destroyed either way. */
bool
json_doc_parse(struct json_doc *doc, const char *file, const char *text,
               size_t size, struct report *report)
{
    struct scan s = { .line = 1 };
    const char *trouble;

    *doc = (struct json_doc) { .file = file };
    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        text += 3;
        size -= 3;
    }
    s.text = text;
    s.size = size;
    trouble = check_encoding(text, size);
    if (trouble) {
        report_here(&s, file, report, trouble);
        return false;
    }

    /* First ours, so that jansson gets nothing too deep or too much. */
    if (!scan_run(&s, size)) {
        report_here(&s, file, report, s.trouble);
        free(s.marks);
        return false;
    }
    doc->marks = s.marks;
    doc->n_marks = s.n_marks;
    doc->root = parse_text(file, text, size, report);
    return doc->root != NULL;
}

/* Frees what 'doc' owns. */
void
json_doc_destroy(struct json_doc *doc)
{
    json_decref(doc->root);
    free(doc->marks);
    *doc = (struct json_doc) { .root = NULL };
}

/* Makes '*at' the root of 'doc'. */
void
json_at_root(struct json_at *at, const struct json_doc *doc)
{
    *at = (struct json_at) { .doc = doc, .value = doc->root };
}

/* Makes '*at' the first value in 'parent'.  Returns false if there is none;
 * what is no array or object has none. */
bool
json_at_first(struct json_at *at, const struct json_at *parent)
{
    *at = (struct json_at) {
        .doc = parent->doc,
        .parent = parent,
        .mark = parent->mark + 1,
    };
    if (json_is_object(parent->value)) {
        at->iter = json_object_iter(parent->value);
        at->key = at->iter ? json_object_iter_key(at->iter) : NULL;
        at->value = at->iter ? json_object_iter_value(at->iter) : NULL;
    } else {
        at->value = json_array_get(parent->value, 0);
    }
    return at->value != NULL;
}

/* Makes '*at', which json_at_first() set, the next value beside it.  Returns
 * false if there is none. */
bool
json_at_next(struct json_at *at)
{
    at->mark += at->doc->marks[at->mark].n_values;
    at->index++;
    if (at->iter) {
        at->iter = json_object_iter_next(at->parent->value, at->iter);
        at->key = at->iter ? json_object_iter_key(at->iter) : NULL;
        at->value = at->iter ? json_object_iter_value(at->iter) : NULL;
    } else {
        at->value = json_array_get(at->parent->value, at->index);
    }
    return at->value != NULL;
}

static void
put_path(FILE *stream, const struct json_at *at)
{
    if (at->parent) {
        put_path(stream, at->parent);
        put_step(stream, at->key, at->key ? strlen(at->key) : 0, at->index);
    } else {
        fputc('$', stream);
    }
}

/* Returns the path to 'at', for example $.session[2].portKey[0].  The caller
 * frees it. */
char *
json_at_path(const struct json_at *at)
{
    char *path;
    size_t size;
    FILE *stream = text_open(&path, &size);

    put_path(stream, at);
    fclose(stream);
    return path;
}

/* Makes '*place', whatever it held before, say where 'at' stands.  The caller
 * destroys it. */
void
json_at_place(const struct json_at *at, struct place *place)
{
    *place = (struct place) {
        .file = at->doc->file,
        .path = json_at_path(at),
        .line = at->doc->marks[at->mark].line,
    };
}
