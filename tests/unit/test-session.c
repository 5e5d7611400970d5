/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions: arguments into structures, the rules, and copies. */

#include <config.h>
#include "plugin/core/session.h"
#include <stdlib.h>
#include "tests/unit/core-helpers.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Reads 'args', words with one space between, into 's'. */
static bool
parse_args(struct session *s, const char *args, struct fault *fault)
{
    struct session_args state = { 1000, true, true, false };
    char *copy = xstrdup(args);
    char *rest = copy;
    bool ok = true;

    while (ok && rest && *rest) {
        ok = session_parse_arg(s, strsep(&rest, " "), &state, fault);
    }
    free(copy);
    return ok;
}

/* Each line: the arguments of a session, and the reason for which they are
 * refused, while reading or by session_check(), or NULL. */
static const struct {
    const char *args, *reason;
} cases[] = {
    { "source=port:a dest=sink:x", NULL },
    { "source=port:a source=vm:b,from source=vlan:7 dest=sink:x dest=port:m "
      "dest=sink:y filter=udp,tp_dst=53 snaplen=64 sample=1 rate=0 "
      "encap_vlan=0 strip_vlan=true normal_traffic=true ttl=60 owner=me "
      "reason=why description=what enabled=false type=local", NULL },

    { "dest=sink:x", "no-source" },
    { "source=port:a", "no-destination" },

    { "source=port:a dest=sink:x foo=bar", "bad-argument" },
    { "source=port:a dest=sink:x snaplen", "bad-argument" },
    { "source=port:a dest=sink:x =1", "bad-argument" },
    { "source=port:a dest=sink:x name=y", "bad-argument" },
    { "source=port:a dest=sink:x destination=sink:y", "bad-argument" },
    { "source=port:a dest=sink:x type=dvPortMirror", "bad-argument" },
    { "source=port:a dest=sink:x type=", "bad-argument" },
    { "source=port:a dest=sink:x enabled=yes", "bad-argument" },
    { "source=port:a dest=sink:x strip_vlan=1", "bad-argument" },
    { "source=port:a dest=sink:x ttl=-1", "bad-argument" },
    { "source=port:a dest=sink:x ttl=9223372036854775807", "bad-argument" },
    { "source=port:a dest=sink:x snaplen=sixty", "bad-argument" },
    { "source=port:a dest=sink:x snaplen=+64", "bad-argument" },
    { "source=port:a dest=sink:x snaplen=64B", "bad-argument" },
    { "source= dest=sink:x", "bad-selector" },
    { "source=vlan:4095 dest=sink:x", "bad-selector" },
    { "source=port:a,up dest=sink:x", "bad-source" },
    { "source=port:a dest=", "bad-destination" },
    { "source=port:a dest=sink:../../etc/x", "bad-name" },

    { "source=port:a dest=sink:x snaplen=59", "out-of-range" },
    { "source=port:a dest=sink:x snaplen=60", NULL },
    { "source=port:a dest=sink:x snaplen=1", "out-of-range" },
    { "source=port:a dest=sink:x snaplen=0", NULL },
    { "source=port:a dest=sink:x snaplen=65535", NULL },
    { "source=port:a dest=sink:x snaplen=65536", "out-of-range" },
    { "source=port:a dest=sink:x snaplen=4294967360", "out-of-range" },
    { "source=port:a dest=sink:x sample=0", "out-of-range" },
    { "source=port:a dest=sink:x sample=65535", NULL },
    { "source=port:a dest=sink:x dest=sink:y sample=2", NULL },
    { "source=port:a dest=sink:x dest=port:m sample=2", NULL },
    { "source=port:a type=rspan-source dest=rspan:m encap_vlan=9 sample=2",
      NULL },
    { "source=port:a dest=sink:x sample=65536", "out-of-range" },
    { "source=port:a dest=sink:x encap_vlan=4095", "out-of-range" },
    { "source=port:a dest=sink:x encap_vlan=4094", "encap-vlan" },
    { "source=port:a dest=sink:x rate=4294967296", "out-of-range" },
    { "source=port:a dest=sink:x type=mixed", NULL },
    { "source=port:a source=vlan:7 dest=sink:x type=mixed", NULL },
    { "source=port:a dest=sink:x type=rspan-source", "session-type" },
    { "source=port:a dest=sink:x type=erspan-source", "session-type" },
    { "source=vlan:7 dest=sink:x type=rspan-destination", NULL },
    { "source=vlan:7 dest=port:x type=rspan-destination", NULL },
    { "source=port:a dest=sink:x type=rspan-destination", "session-type" },
    { "source=vlan:7 source=bridge:b dest=sink:x type=rspan-destination",
      "session-type" },
    { "source=port:a dest=gre:192.0.2.1 type=erspan-source", NULL },
    { "source=port:a dest=gre:192.0.2.1", "session-type" },
    { "source=port:a dest=erspan2:192.0.2.1,id=3", "session-type" },
    { "source=port:a dest=erspan2:192.0.2.1,id=1023 type=erspan-source",
      NULL },
    { "source=port:a dest=erspan2:192.0.2.1,id=1024", "out-of-range" },
    { "source=port:a dest=gre:192.0.2.1,id=4294967295 type=erspan-source",
      NULL },
    { "source=port:a dest=gre:192.0.2.1,id=4294967296", "out-of-range" },
    { "source=port:a dest=gre:192.0.2.1,id=-1", "out-of-range" },
    { "source=port:a dest=erspan2:192.0.2.1,cos=0", "bad-destination" },
    { "source=port:a dest=erspan3:192.0.2.1,cos=0 type=erspan-source", NULL },
    { "source=port:a dest=erspan3:192.0.2.1,cos=7 type=erspan-source",
      "unsupported" },
    { "source=port:a dest=erspan3:192.0.2.1,cos=8", "out-of-range" },
    { "source=port:a dest=gre:224.0.0.1", "bad-destination" },
    { "source=port:a dest=gre:127.0.0.1", "bad-destination" },
    { "source=port:a dest=gre:ff02::1", "bad-destination" },
    { "source=port:a dest=gre:::1", "bad-destination" },
    { "source=port:a dest=gre:192.0.2.1 dest=gre:192.0.2.1,id=2 "
      "type=erspan-source", "duplicate-destination" },
    { "source=vlan:7 dest=gre:192.0.2.1 type=erspan-source", "session-type" },
    { "source=vlan:7 dest=gre:192.0.2.1 type=mixed", NULL },
    { "source=port:a dest=rspan:eth0", "session-type" },
    { "source=port:a dest=rspan:eth0 encap_vlan=7", "session-type" },
    { "source=port:a dest=rspan:eth0 type=rspan-source", "encap-vlan" },
    { "source=port:a dest=rspan:eth0 type=rspan-source encap_vlan=7", NULL },
    { "source=vlan:8 dest=rspan:eth0 dest=sink:x type=mixed encap_vlan=7",
      NULL },
    { "source=vlan:8 source=vlan:7 dest=rspan:eth0 type=mixed encap_vlan=7",
      "mirror-loop" },
    { "source=group:a,to dest=sink:x", NULL },
    { "source=hook:a dest=sink:x", NULL },
    { "source=hook:a source=hook:b,bridge=br0 dest=sink:x", NULL },
    { "source=hook:a source=hook:a,bridge=br0 dest=sink:x", "bad-source" },
    { "source=hook:a,both dest=sink:x", NULL },
    { "source=hook:a,from dest=sink:x", "bad-source" },
    { "source=hook:a,to dest=sink:x", "bad-source" },
    { "source=hook:a dest=port:a", "VspanSameSessionPortConflict" },
    { "source=hook:a dest=sink:x type=rspan-destination", "session-type" },
    { "source=hook:a dest=rspan:eth0 type=rspan-source encap_vlan=7", NULL },
    { "source=hook:a dest=gre:192.0.2.1 type=erspan-source", NULL },
    { "source=hook:a source=vlan:7 dest=gre:192.0.2.1 type=mixed", NULL },
    { "source=hook:a source=vlan:7,to dest=sink:x", NULL },

    { "source=port:a dest=sink:x dest=sink:x", "duplicate-destination" },
    { "source=port:a dest=port:x dest=sink:x dest=port:x",
      "duplicate-destination" },
    { "source=port:a dest=port:x dest=sink:x", NULL },
    { "source=port:a dest=port:a", "VspanSameSessionPortConflict" },
    { "source=port:b source=port:a,to,bridge=br0 dest=sink:x dest=port:a",
      "VspanSameSessionPortConflict" },
    { "source=port:* dest=port:a", NULL },
    { "source=vm:a dest=port:a", NULL },

    { "source=vlan:7,from source=vlan:8,from dest=sink:x", NULL },
    { "source=vlan:7,to source=vlan:8,to dest=sink:x", NULL },
    { "source=vlan:7,from source=vlan:8 dest=sink:x", "vlan-direction" },
    { "source=vlan:7,to source=port:a dest=sink:x", "vlan-direction" },
    { "source=port:a,to source=vlan:7,from dest=sink:x", NULL },
    { "source=port:a,to source=vlan:7,both dest=sink:x", NULL },

    { "source=port:a dest=sink:x filter=in_port=1", "bad-filter" },
    { "source=port:a dest=sink:x filter=udp,actions=drop", "bad-filter" },
    { "source=port:a dest=sink:x filter=", NULL },
};

static void
test_arguments(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct session s;

        session_init(&s, "web");
        bool ok = (parse_args(&s, cases[i].args, &fault)
                   && session_check(&s, &fault));
        tap_fault(ok, &fault, cases[i].reason, cases[i].args);
        session_destroy(&s);
    }
}

/* Returns the sources and destinations of 's' as text. */
static char *
ends_to_string(const struct session *s)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < s->n_sources; i++) {
        char *text = source_to_string(&s->sources[i]);
        ds_put_format(&out, "%s ", text);
        free(text);
    }
    ds_put_cstr(&out, "->");
    for (size_t i = 0; i < s->n_destinations; i++) {
        char *text = destination_to_string(&s->destinations[i]);
        ds_put_format(&out, " %s", text);
        free(text);
    }
    return ds_steal_cstr(&out);
}

static void
check_ends(const struct session *s, const char *want, const char *name)
{
    char *got = ends_to_string(s);
    tap_str(got, want, "%s", name);
    free(got);
}

static void
test_values(void)
{
    struct fault fault = FAULT_INITIALIZER;
    struct session s;

    session_init(&s, "web");
    tap_ok(parse_args(&s, "source=port:a dest=sink:x snaplen=64 ttl=60 "
                      "filter=udp rate=5 sample=9 encap_vlan=3 "
                      "strip_vlan=true enabled=false owner=o=p", &fault),
           "arguments are read");
    tap_int(s.snaplen, 64, "snaplen");
    tap_int(s.expires, 1060, "ttl counts from now");
    tap_str(s.filter, "udp", "filter");
    tap_int(s.rate_limit, 5, "rate");
    tap_int(s.sample, 9, "sample");
    tap_int(s.encap_vlan, 3, "encap_vlan");
    tap_ok(s.strip_vlan && !s.enabled && !s.normal_traffic, "booleans");
    tap_str(s.owner, "o=p", "a value may hold an equals sign");

    tap_ok(parse_args(&s, "filter= ttl=0 snaplen=0", &fault), "and cleared");
    tap_ok(!s.filter[0] && !s.expires && !s.snaplen, "to their defaults");
    check_ends(&s, "port:a,both -> sink:x", "the ends have stayed");

    tap_ok(parse_args(&s, "source=port:b source=vm:c,to", &fault)
           && parse_args(&s, "dest=port:m dest=erspan3:192.0.2.1,id=1,cos=2 "
                         "dest=sink:z dest=sink:zz", &fault),
           "a later call replaces");
    check_ends(&s, "port:b,both vm:c,to -> port:m "
               "erspan3:192.0.2.1,id=1,cos=2 sink:z sink:zz",
               "what it names, whole");

    struct session_args state = { 0, true, true, false };
    tap_ok(!session_parse_arg(&s, "source=nonsense", &state, &fault)
           && state.fresh_sources, "a source that cannot be read");
    fault_clear(&fault);
    check_ends(&s, "port:b,both vm:c,to -> port:m "
               "erspan3:192.0.2.1,id=1,cos=2 sink:z sink:zz",
               "replaces nothing");

    struct session copy;
    session_clone(&copy, &s);
    session_destroy(&s);
    check_ends(&copy, "port:b,both vm:c,to -> port:m "
               "erspan3:192.0.2.1,id=1,cos=2 sink:z sink:zz",
               "a copy stands alone");
    session_destroy(&copy);
    session_destroy(NULL);
}

static void
test_unknown_key_lists_keys(void)
{
    struct fault fault = FAULT_INITIALIZER;
    struct session s;

    session_init(&s, "web");
    tap_ok(!parse_args(&s, "snaplem=64", &fault), "a misspelt key");
    tap_ok(strstr(fault.detail, "snaplem") && strstr(fault.detail, "snaplen")
           && strstr(fault.detail, "normal_traffic"),
           "is named, and so are the known ones");
    fault_clear(&fault);
    session_destroy(&s);
}

/* What a row of the database can hold that no argument can. */
static void
test_rows(void)
{
    struct fault fault = FAULT_INITIALIZER;
    struct session s;
    static const char *const names[] = {
        "", ".", "../../etc/cron.d/x", "/abs", "m\xc3\xbcller", "a b", "%n%n",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        session_init(&s, names[i]);
        parse_args(&s, "source=port:a dest=sink:x", &fault);
        tap_fault(session_check(&s, &fault), &fault, "bad-name", names[i]);
        session_destroy(&s);
    }

    session_init(&s, "web");
    parse_args(&s, "source=port:a dest=sink:x", &fault);
    s.expires = -1;
    tap_fault(session_check(&s, &fault), &fault, "out-of-range", "expires");
    s.expires = 0;
    s.snaplen = -1;
    tap_fault(session_check(&s, &fault), &fault, "out-of-range", "snaplen");
    s.snaplen = 0;

    free(s.owner);
    s.owner = xasprintf("%0*d", 256, 1);
    tap_fault(session_check(&s, &fault), &fault, NULL, "a long owner");
    free(s.owner);
    s.owner = xasprintf("%0*d", 257, 1);
    tap_fault(session_check(&s, &fault), &fault, "bad-text", "a longer one");
    s.owner[0] = '\0';
    free(s.reason);
    s.reason = xstrdup("a\nb");
    tap_fault(session_check(&s, &fault), &fault, "bad-text", "two lines");
    s.reason[0] = '\0';

    s.destinations[0].kind = DESTINATION_PORT;
    free(s.destinations[0].target);
    s.destinations[0].target = xstrdup("a/b");
    tap_fault(session_check(&s, &fault), &fault, "bad-destination",
              "a target");
    strcpy(s.destinations[0].target, "m");
    smap_add(&s.destinations[0].options, "id", "3");
    tap_fault(session_check(&s, &fault), &fault, "bad-destination",
              "an option");
    smap_clear(&s.destinations[0].options);
    free(s.sources[0].bridge);
    s.sources[0].bridge = xstrdup("a/b");
    tap_fault(session_check(&s, &fault), &fault, "bad-source", "a bridge");
    s.sources[0].bridge[0] = '\0';

    fault_set(&s.fault, "bad-selector", "The row has 100%% no selector.");
    tap_fault(session_check(&s, &fault), &fault, "bad-selector",
              "what the reader found");
    session_destroy(&s);
}

static void
test_too_many(void)
{
    struct session_args state = { 0, true, true, false };
    struct fault fault = FAULT_INITIALIZER;
    struct session s;

    session_init(&s, "web");
    for (int i = 0; i < SESSION_MAX_SOURCES; i++) {
        char *arg = xasprintf("source=port:p%d", i);
        session_parse_arg(&s, arg, &state, &fault);
        free(arg);
    }
    for (int i = 0; i < SESSION_MAX_DESTINATIONS; i++) {
        char *arg = xasprintf("dest=sink:s%d", i);
        session_parse_arg(&s, arg, &state, &fault);
        free(arg);
    }
    tap_fault(session_check(&s, &fault), &fault, NULL, "as many as may be");
    session_parse_arg(&s, "dest=sink:more", &state, &fault);
    tap_fault(session_check(&s, &fault), &fault, "too-many", "one more sink");
    destination_destroy(&s.destinations[--s.n_destinations]);
    session_parse_arg(&s, "source=port:more", &state, &fault);
    tap_fault(session_check(&s, &fault), &fault, "too-many",
              "one more source");
    session_destroy(&s);
}

static void
test_words(void)
{
    enum destination_kind kind;
    enum session_type type;
    enum direction direction;

    for (int i = SESSION_LOCAL; i <= SESSION_MIXED; i++) {
        const char *word = session_type_to_string(i);
        tap_ok(session_type_from_string(word, &type) && type == i,
               "type %s", word);
    }
    for (int i = DESTINATION_SINK; i <= DESTINATION_LIVE; i++) {
        const char *word = destination_kind_to_string(i);
        tap_ok(destination_kind_from_string(word, &kind) && kind == i,
               "kind %s", word);
    }
    for (int i = DIRECTION_FROM; i <= DIRECTION_BOTH; i++) {
        const char *word = direction_to_string(i);
        tap_ok(direction_from_string(word, &direction) && direction == i,
               "direction %s", word);
    }
    tap_ok(!session_type_from_string("", &type)
           && !destination_kind_from_string("Sink", &kind)
           && !direction_from_string("in", &direction), "no other words");
}

/* Each line: the ends of a session, and the type that fits them; with it they
 * pass. */
static const struct {
    const char *args, *type;
} types[] = {
    { "source=port:a dest=sink:x", "local" },
    { "source=vlan:7 dest=port:m dest=sink:x", "local" },
    { "source=port:a dest=rspan:eth0", "rspan-source" },
    { "source=bridge:b dest=rspan:eth0 dest=rspan:eth1", "rspan-source" },
    { "source=vlan:7 dest=rspan:eth0", "mixed" },
    { "source=port:a dest=rspan:eth0 dest=sink:x", "mixed" },
    { "source=port:a dest=gre:192.0.2.1 dest=erspan3:2001:db8::1",
      "erspan-source" },
    { "source=vm:a dest=erspan2:192.0.2.1 dest=port:m", "mixed" },
    { "source=vm:a dest=erspan2:192.0.2.1 dest=rspan:eth0", "mixed" },
    { "source=vm:a source=vlan:7 dest=gre:192.0.2.1", "mixed" },
};

static void
test_types(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct session s;

        session_init(&s, "web");
        tap_ok(parse_args(&s, types[i].args, &fault), "%s", types[i].args);
        s.type = session_infer_type(&s);
        tap_str(session_type_to_string(s.type), types[i].type,
                "%s: the type that fits", types[i].args);
        s.encap_vlan = strstr(types[i].args, "rspan:eth") ? 8 : 0;
        tap_ok(session_check_type(&s, &fault), "%s: does fit", types[i].args);
        fault_clear(&fault);
        session_destroy(&s);
    }
}

int
main(void)
{
    test_arguments();
    test_types();
    test_values();
    test_unknown_key_lists_keys();
    test_rows();
    test_too_many();
    test_words();
    return tap_done();
}
