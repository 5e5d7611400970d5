/* SPDX-License-Identifier: Apache-2.0 */

/* The whole specification; see convert.h. */

#include <config.h>

#include "convert.h"

#include <stdlib.h>
#include <string.h>

#include "import-text.h"
#include "plugin/record/record-util.h"

/* Returns the name that 'name' becomes, and says so if it changes.  The caller
 * frees it. */
char *
convert_name(struct mapping *m, const struct text_at *name,
             const char *fallback)
{
    char *legal = text_legal_name(name->text, fallback);

    if (strcmp(legal, name->text)) {
        report_warning(m->report, &name->place, "\"%.100s\" becomes \"%s\": "
                       "a name has 1 to 64 letters, digits, \"_\", \".\" and "
                       "\"-\"", name->text, legal);
    }
    return legal;
}

/* Appends 'text' to 'array' unless it is there. */
void
convert_add_once(json_t *array, const char *text)
{
    json_t *element;
    size_t i;

    json_array_foreach (array, i, element) {
        if (!strcmp(json_string_value(element), text)) {
            return;
        }
    }
    json_array_append_new(array, json_string(text));
}

/* A name that was given, and where it comes from. */
struct given {
    const char *name;
    const struct place *place;
};

static int
compare_given(const void *a_, const void *b_)
{
    const struct given *a = a_;
    const struct given *b = b_;
    int order = strcmp(a->name, b->name);

    return order ? order : (a->place->line > b->place->line)
                           - (a->place->line < b->place->line);
}

/* Reports names that occur twice in the 'n' at 'given', of 'what's. */
static void
check_names(struct mapping *m, struct given *given, size_t n,
            const char *what)
{
    qsort(given, n, sizeof *given, compare_given);
    for (size_t i = 1; i < n; i++) {
        if (!strcmp(given[i].name, given[i - 1].name)) {
            report_error(m->report, given[i].place, "there is a %s of this "
                         "name, \"%s\", already, in %s line %u: rename one",
                         what, given[i].name, given[i - 1].place->file,
                         given[i - 1].place->line);
        }
    }
}

static const char *
name_of(const json_t *object)
{
    return json_string_value(json_object_get(object, "name"));
}

static json_t *
convert_sessions(struct mapping *m)
{
    const struct vsphere_export *e = m->export;
    struct given *given = rec_xcalloc(e->n_sessions, sizeof *given);
    json_t *sessions = json_array();

    for (size_t i = 0; i < e->n_sessions; i++) {
        json_t *session = convert_session(m, &e->sessions[i]);

        if (session) {
            given[json_array_size(sessions)] = (struct given) {
                name_of(session), &e->sessions[i].place,
            };
            json_array_append_new(sessions, session);
        }
    }
    check_names(m, given, json_array_size(sessions), "session");
    free(given);
    return sessions;
}

static json_t *
convert_groups(struct mapping *m)
{
    const struct vsphere_export *e = m->export;
    struct given *given = rec_xcalloc(e->n_groups, sizeof *given);
    json_t *groups = json_array();

    for (size_t i = 0; i < e->n_groups; i++) {
        json_t *group = convert_group(m, &e->groups[i]);

        if (group) {
            given[json_array_size(groups)] = (struct given) {
                name_of(group), &e->groups[i].place,
            };
            json_array_append_new(groups, group);
        }
    }
    check_names(m, given, json_array_size(groups), "port group");
    free(given);
    return groups;
}

/* Returns the specification of all that the export has; it is good only if
 * nothing was reported as an error. */
json_t *
convert_export(struct mapping *m)
{
    json_t *spec = json_object();
    json_t *groups = convert_groups(m);

    if (json_array_size(groups)) {
        json_object_set(spec, "groups", groups);
    }
    json_decref(groups);
    json_object_set_new(spec, "sessions", convert_sessions(m));
    mapping_report_missing(m);
    return spec;
}
