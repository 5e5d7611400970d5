/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions, sinks and port groups as the key=value lines that would make them.
 * Only what differs from the default is listed, so two values that mean the
 * same have the same lines. */

#include <config.h>

#include "spanctl.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "sset.h"
#include "util.h"

static void
add_text(struct svec *lines, const char *key, const char *value)
{
    if (value[0]) {
        svec_add_nocopy(lines, xasprintf("%s=%s", key, value));
    }
}

static void
add_number(struct svec *lines, const char *key, int64_t value, int64_t absent)
{
    if (value != absent) {
        svec_add_nocopy(lines, xasprintf("%s=%"PRId64, key, value));
    }
}

static void
add_flag(struct svec *lines, const char *key, bool value)
{
    if (value) {
        svec_add_nocopy(lines, xasprintf("%s=true", key));
    }
}

/* Appends the lines of 's', but its name, to 'lines'. */
void
settings_of_session(const struct session *s, struct svec *lines)
{
    struct svec list = SVEC_EMPTY_INITIALIZER;

    if (s->type != SESSION_LOCAL) {
        add_text(lines, "type", session_type_to_string(s->type));
    }
    for (size_t i = 0; i < s->n_sources; i++) {
        char *text = source_to_string(&s->sources[i]);

        svec_add_nocopy(&list, xasprintf("source=%s", text));
        free(text);
    }
    svec_sort_unique(&list);
    svec_append(lines, &list);
    svec_clear(&list);
    for (size_t i = 0; i < s->n_destinations; i++) {
        char *text = destination_to_string(&s->destinations[i]);

        svec_add_nocopy(&list, xasprintf("dest=%s", text));
        free(text);
    }
    svec_sort_unique(&list);
    svec_append(lines, &list);
    svec_destroy(&list);

    add_text(lines, "filter", s->filter);
    add_number(lines, "snaplen", s->snaplen, 0);
    add_number(lines, "sample", s->sample, 1);
    add_number(lines, "rate", s->rate_limit, 0);
    add_number(lines, "encap_vlan", s->encap_vlan, 0);
    add_flag(lines, "strip_vlan", s->strip_vlan);
    add_flag(lines, "normal_traffic", s->normal_traffic);
    add_number(lines, "expires", s->expires, 0);
    add_text(lines, "owner", s->owner);
    add_text(lines, "reason", s->reason);
    add_text(lines, "description", s->description);
    if (!s->enabled) {
        svec_add(lines, "enabled=false");
    }
}

/* Appends the lines of 'sink', but its name, to 'lines'. */
void
settings_of_sink(const struct sink_config *sink, struct svec *lines)
{
    add_text(lines, "dir", sink->dir);
    if (strcmp(sink->format, "pcapng")) {
        add_text(lines, "format", sink->format);
    }
    add_text(lines, "capture_filter", sink->capture_filter);
    add_number(lines, "snaplen", sink->snaplen, 0);
    add_number(lines, "filesize", sink->rotate_size, 0);
    add_number(lines, "seconds", sink->rotate_seconds, 0);
    add_number(lines, "packets", sink->rotate_packets, 0);
    add_number(lines, "files", sink->max_files, 0);
    add_number(lines, "max_bytes", sink->max_bytes, 0);
    add_text(lines, "min_free", sink->min_free);
    add_number(lines, "byte_rate", sink->byte_rate, 0);
    if (strcmp(sink->overload, "wait")) {
        add_text(lines, "overload", sink->overload);
    }
    add_number(lines, "buffer", sink->buffer, 0);
    add_flag(lines, "compress", sink->compress);
    add_flag(lines, "sha256", sink->sha256);
    add_text(lines, "on_full", sink->on_full);
    if (!sink->vlan_aware) {
        svec_add(lines, "vlan_aware=false");
    }
    add_number(lines, "cpu", sink->cpu, -1);
    add_number(lines, "priority", sink->priority, 0);
}

/* Appends the lines of 'group', but its name, to 'lines'. */
void
settings_of_group(const struct port_group *group, struct svec *lines)
{
    const struct port_policy *policy = &group->policy;

    add_text(lines, "bridge", group->bridge);
    for (size_t i = 0; i < group->n_vlans; i++) {
        add_number(lines, "vlan", group->vlans[i], -1);
    }
    for (size_t i = 0; i < group->n_members; i++) {
        char *text = selector_to_string(&group->members[i]);

        add_text(lines, "member", text);
        free(text);
    }
    if (policy->promiscuous != DECISION_REJECT) {
        svec_add(lines, "promiscuous=accept");
    }
    if (policy->mac_changes != DECISION_ACCEPT) {
        svec_add(lines, "mac_changes=reject");
    }
    if (policy->forged_transmits != DECISION_ACCEPT) {
        svec_add(lines, "forged_transmits=reject");
    }
    for (size_t i = 0; i < group->n_overrides; i++) {
        const struct port_override *o = &group->overrides[i];
        char *selector = selector_to_string(&o->selector);
        char *text = port_policy_to_string(&o->policy);

        svec_add_nocopy(lines, xasprintf("override=%s,%s", selector, text));
        free(selector);
        free(text);
    }
    add_number(lines, "mac_limit", policy->mac_limit, MAC_LIMIT_NONE);
    if (policy->limit_policy == MAC_LIMIT_ALLOW) {
        svec_add(lines, "limit_policy=allow");
    }
    add_number(lines, "expires", group->expires, 0);
    add_text(lines, "owner", group->owner);
    add_text(lines, "reason", group->reason);
}

/* Do 'a' and 'b' ask for the same? */
bool
settings_same_group(const struct port_group *a, const struct port_group *b)
{
    struct svec al = SVEC_EMPTY_INITIALIZER;
    struct svec bl = SVEC_EMPTY_INITIALIZER;

    settings_of_group(a, &al);
    settings_of_group(b, &bl);

    bool same = svec_equal(&al, &bl);

    svec_destroy(&al);
    svec_destroy(&bl);
    return same;
}

/* Do 'a' and 'b' ask for the same? */
bool
settings_same_session(const struct session *a, const struct session *b)
{
    struct svec al = SVEC_EMPTY_INITIALIZER;
    struct svec bl = SVEC_EMPTY_INITIALIZER;

    settings_of_session(a, &al);
    settings_of_session(b, &bl);

    bool same = svec_equal(&al, &bl);

    svec_destroy(&al);
    svec_destroy(&bl);
    return same;
}

/* Do 'a' and 'b' ask for the same? */
bool
settings_same_sink(const struct sink_config *a, const struct sink_config *b)
{
    struct svec al = SVEC_EMPTY_INITIALIZER;
    struct svec bl = SVEC_EMPTY_INITIALIZER;

    settings_of_sink(a, &al);
    settings_of_sink(b, &bl);

    bool same = svec_equal(&al, &bl);

    svec_destroy(&al);
    svec_destroy(&bl);
    return same;
}

/* Replaces the control characters of 'text', which another client may have put
 * into the database, so that they cannot play with people's terminals.
 * Returns 'text'. */
char *
settings_make_printable(char *text)
{
    for (char *p = text; *p; p++) {
        if ((unsigned char) *p < ' ' || *p == 0x7f) {
            *p = '?';
        }
    }
    return text;
}

/* Returns the value of the line of 'lines' that begins with the key of 'line',
 * or NULL.  Keys that may be repeated, of which none replaces another, have no
 * such value. */
static const char *
find_value(const struct svec *lines, const char *line)
{
    size_t length = strcspn(line, "=") + 1;
    const char *value = NULL;

    for (size_t i = 0; i < lines->n; i++) {
        if (!strncmp(lines->names[i], line, length)) {
            if (value || settings_key_may_repeat(line)) {
                return NULL;
            }
            value = lines->names[i] + length;
        }
    }
    return value;
}

/* Appends to 'out' how 'new' differs from 'old', either of which may be NULL
 * for a thing that is not there: a line for each setting that goes, is changed
 * or comes, marked with "-", "~" or "+". */
void
settings_diff(const struct svec *old, const struct svec *new, struct ds *out)
{
    static const struct svec nothing = SVEC_EMPTY_INITIALIZER;

    old = old ? old : &nothing;
    new = new ? new : &nothing;
    for (size_t i = 0; i < old->n; i++) {
        const char *line = old->names[i];
        const char *value = find_value(new, line);

        if (svec_contains_unsorted(new, line)) {
            continue;
        } else if (value) {
            ds_put_format(out, "    ~ %s -> %s\n", line, value);
        } else {
            ds_put_format(out, "    - %s\n", line);
        }
    }
    for (size_t i = 0; i < new->n; i++) {
        const char *line = new->names[i];

        if (!svec_contains_unsorted(old, line) && !find_value(old, line)) {
            ds_put_format(out, "    + %s\n", line);
        }
    }
}

/* Is 'word' a key=value whose key may be given several times? */
bool
settings_key_may_repeat(const char *word)
{
    static const char *const keys[] = {
        "source=", "dest=", "vlan=", "member=", "override=",
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (!strncmp(word, keys[i], strlen(keys[i]))) {
            return true;
        }
    }
    return false;
}

/* Returns the key that two of the 'n' key=value words in 'words' give, for the
 * caller to free, or NULL.  Not all may be repeated. */
char *
settings_repeated_key(char *words[], size_t n)
{
    struct sset keys = SSET_INITIALIZER(&keys);
    char *repeated = NULL;

    for (size_t i = 0; i < n && !repeated; i++) {
        char *key = xmemdup0(words[i], strcspn(words[i], "="));

        if (!settings_key_may_repeat(words[i]) && !sset_add(&keys, key)) {
            repeated = key;
        } else {
            free(key);
        }
    }
    sset_destroy(&keys);
    return repeated;
}
