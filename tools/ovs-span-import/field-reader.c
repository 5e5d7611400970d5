/* SPDX-License-Identifier: Apache-2.0 */

/* Objects by tables; see field-reader.h. */

#include <config.h>

#include "field-reader.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/record/record-util.h"

/* Known in every object: what JSON and .NET serializers add. */
static const char *const envelope_keys[] = {
    "_typeName", "xsi:type", "dynamicType", "dynamicProperty", "linkedView",
};

void
text_at_destroy(struct text_at *t)
{
    free(t->text);
    place_destroy(&t->place);
}

void
number_at_destroy(struct number_at *n)
{
    place_destroy(&n->place);
}

void
flag_at_destroy(struct flag_at *f)
{
    place_destroy(&f->place);
}

void
text_list_destroy(struct text_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        text_at_destroy(&list->items[i]);
    }
    free(list->items);
}

void
number_list_destroy(struct number_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        number_at_destroy(&list->items[i]);
    }
    free(list->items);
}

static const char *
type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "an integer";
    case JSON_REAL: return "a number with a fraction or an exponent";
    case JSON_TRUE:
    case JSON_FALSE: return "true or false";
    case JSON_NULL: return "null";
    default: return "something else";
    }
}

/* Reports that 'at' is not 'wanted'.  What PowerShell puts in place of an
 * object that it does not go down into is recognized. */
static void
complain_about_type(const struct json_at *at, const char *wanted,
                    struct report *report)
{
    const char *text = json_string_value(at->value);

    if (text && (!strncmp(text, "VMware.Vim.", 11)
                 || !strncmp(text, "System.", 7)
                 || !strncmp(text, "@{", 2))) {
        report_error_at(report, at, "has to be %s, and was cut off by "
                        "ConvertTo-Json: export again with -Depth 10",
                        wanted);
    } else {
        report_error_at(report, at, "has to be %s, not %s", wanted,
                        type_name(at->value));
    }
}

/* Returns true if 'at' is an object, and else reports that it is not. */
bool
expect_object(const struct json_at *at, struct report *report)
{
    if (!json_is_object(at->value)) {
        complain_about_type(at, "an object", report);
        return false;
    }
    return true;
}

/* Reads a string that is not empty. */
static bool
take_text(const struct json_at *at, struct text_at *t, struct report *report)
{
    if (!json_is_string(at->value)) {
        complain_about_type(at, "a string", report);
        return false;
    }
    t->text = rec_xstrdup(json_string_value(at->value));
    json_at_place(at, &t->place);
    return true;
}

void
read_text(const struct json_at *at, const struct field *field, void *member,
          struct report *report)
{
    if (!json_is_string(at->value) || json_string_length(at->value)) {
        take_text(at, member, report);
    }
}

/* Reads an integer from field->min to field->max. */
static bool
take_number(const struct json_at *at, const struct field *field,
            struct number_at *number, struct report *report)
{
    int64_t value = json_integer_value(at->value);

    if (!json_is_integer(at->value)) {
        complain_about_type(at, "an integer", report);
        return false;
    }
    if (value < field->min || value > field->max) {
        report_error_at(report, at, "%"PRId64" is out of range: it has to be "
                        "%"PRId64" to %"PRId64", or null if it is not set",
                        value, field->min, field->max);
        return false;
    }
    number->set = true;
    number->value = value;
    json_at_place(at, &number->place);
    return true;
}

void
read_number(const struct json_at *at, const struct field *field,
            void *member, struct report *report)
{
    take_number(at, field, member, report);
}

/* For numbers that cannot be 0 and that old versions of govc, whose keys have
 * capitals, write as 0 when they are not set. */
void
read_number_or_zero(const struct json_at *at, const struct field *field,
                    void *member, struct report *report)
{
    if (!json_is_integer(at->value) || json_integer_value(at->value)) {
        take_number(at, field, member, report);
    } else if (!at->key || !isupper((unsigned char) at->key[0])) {
        report_warning_at(report, at, "0 is taken for \"not set\"");
    }
}

void
read_flag(const struct json_at *at, const struct field *field, void *member,
          struct report *report)
{
    struct flag_at *flag = member;

    if (!json_is_boolean(at->value)) {
        complain_about_type(at, "true or false", report);
        return;
    }
    flag->set = true;
    flag->value = json_is_true(at->value);
    json_at_place(at, &flag->place);
}

static void
complain_about_word(const struct json_at *at, const struct field *field,
                    struct report *report)
{
    char *known = rec_xstrdup(field->words[0]);

    for (size_t i = 1; field->words[i]; i++) {
        char *longer = rec_xasprintf("%s, %s", known, field->words[i]);

        free(known);
        known = longer;
    }
    if (json_is_string(at->value)) {
        report_error_at(report, at, "\"%.80s\" is not known: known are %s",
                        json_string_value(at->value), known);
    } else {
        report_error_at(report, at, "%"JSON_INTEGER_FORMAT" is not the number "
                        "of any of %s", json_integer_value(at->value), known);
    }
    free(known);
}

/* Reads one of field->words, or its number. */
static bool
take_word(const struct json_at *at, const struct field *field,
          struct number_at *word, struct report *report)
{
    const char *text = json_string_value(at->value);

    if (!text && !json_is_integer(at->value)) {
        complain_about_type(at, "a string", report);
        return false;
    }
    for (size_t i = 0; field->words[i]; i++) {
        if (text ? key_is(text, field->words[i])
            : json_integer_value(at->value) == (json_int_t) i) {
            word->set = true;
            word->value = i;
            json_at_place(at, &word->place);
            return true;
        }
    }
    complain_about_word(at, field, report);
    return false;
}

void
read_word(const struct json_at *at, const struct field *field, void *member,
          struct report *report)
{
    if (!json_is_string(at->value) || json_string_length(at->value)) {
        take_word(at, field, member, report);
    }
}

/* Begins with the first element of the array 'at', or with 'at' itself if it
 * is an element alone.  Returns false if there is none. */
static bool
first_element(const struct json_at *at, struct json_at *element)
{
    if (json_is_array(at->value)) {
        return json_at_first(element, at);
    }
    *element = *at;
    return true;
}

static bool
next_element(const struct json_at *at, struct json_at *element)
{
    return json_is_array(at->value) && json_at_next(element);
}

/* Returns how many elements first_element() and next_element() will find. */
static size_t
count_elements(const struct json_at *at)
{
    return json_is_array(at->value) ? json_array_size(at->value) : 1;
}

void
read_texts(const struct json_at *at, const struct field *field, void *member,
           struct report *report)
{
    struct text_list *list = member;
    struct json_at element;

    list->items = rec_xcalloc(count_elements(at), sizeof *list->items);
    for (bool more = first_element(at, &element); more;
         more = next_element(at, &element)) {
        if (json_is_string(element.value)
            && !json_string_length(element.value)) {
            report_error_at(report, &element, "must not be empty");
        } else if (take_text(&element, &list->items[list->n], report)) {
            list->n++;
        }
    }
}

/* Reads numbers or words with 'take'. */
static void
read_list(const struct json_at *at, const struct field *field,
          struct number_list *list, struct report *report,
          bool (*take)(const struct json_at *, const struct field *,
                       struct number_at *, struct report *))
{
    struct json_at element;

    list->items = rec_xcalloc(count_elements(at), sizeof *list->items);
    for (bool more = first_element(at, &element); more;
         more = next_element(at, &element)) {
        list->n += take(&element, field, &list->items[list->n], report);
    }
}

void
read_numbers(const struct json_at *at, const struct field *field,
             void *member, struct report *report)
{
    read_list(at, field, member, report, take_number);
}

void
read_words(const struct json_at *at, const struct field *field, void *member,
           struct report *report)
{
    read_list(at, field, member, report, take_word);
}

void
read_object(const struct json_at *at, const struct field *field, void *member,
            struct report *report)
{
    if (expect_object(at, report)) {
        fields_read(at, field->fields, member, report);
    }
}

/* Returns true if 'key' is 'name', which may begin with the other case. */
bool
key_is(const char *key, const char *name)
{
    return (key[0] && tolower((unsigned char) key[0])
            == tolower((unsigned char) name[0]) && !strcmp(key + 1, name + 1));
}

static bool
is_envelope_key(const char *key)
{
    for (size_t i = 0; i < REC_ARRAY_SIZE(envelope_keys); i++) {
        if (key_is(key, envelope_keys[i])) {
            return true;
        }
    }
    return false;
}

/* Returns the row of 'fields' for 'key', or NULL. */
const struct field *
field_find(const struct field *fields, const char *key)
{
    while (fields->name && !key_is(key, fields->name)) {
        fields++;
    }
    return fields->name ? fields : NULL;
}

/* Reads the members of 'object', which is an object, into the struct at
 * 'base'.  'fields' has at most 64 rows.  What is wrong is reported, and so is
 * what is not known. */
void
fields_read(const struct json_at *object, const struct field *fields,
            void *base, struct report *report)
{
    struct json_at at;
    uint64_t seen = 0;

    for (bool more = json_at_first(&at, object); more;
         more = json_at_next(&at)) {
        const struct field *field = field_find(fields, at.key);

        if (!field) {
            if (!is_envelope_key(at.key)) {
                report_warning_at(report, &at, "this key is not known, and "
                                  "is left out");
            }
            continue;
        }
        if (seen & UINT64_C(1) << (field - fields)) {
            report_error_at(report, &at, "this key occurs twice in one "
                            "object, with and without a capital");
            continue;
        }
        seen |= UINT64_C(1) << (field - fields);
        if (field->read && !json_is_null(at.value)) {
            field->read(&at, field, (char *) base + field->offset, report);
        }
    }
}
