/* SPDX-License-Identifier: Apache-2.0
 *
 * Selectors, sources and destinations: text in, canonical text out, or a
 * fault. */

#include <config.h>
#include "plugin/core/selector.h"
#include <stdlib.h>
#include "tests/unit/core-helpers.h"
#include "plugin/core/session.h"
#include "util.h"

struct round {
    const char *text;
    const char *result;         /* Canonical text, or the fault's reason. */
    bool refused;
};
#define SAME(TEXT) { TEXT, TEXT, false }
#define OTHER(TEXT, CANONICAL) { TEXT, CANONICAL, false }
#define REFUSED(TEXT, REASON) { TEXT, REASON, true }

static void
check_round(const struct round *r, bool ok, char *text, struct fault *fault)
{
    if (r->refused) {
        tap_fault(ok, fault, r->result, r->text);
    } else if (ok) {
        tap_str(text, r->result, "%s", r->text);
        free(text);
    } else {
        tap_fault(ok, fault, NULL, r->text);
    }
}

static const struct round selectors[] = {
    SAME("port:vm1"),
    SAME("port:vm*"),
    SAME("port:a b"),
    SAME("port:tap:0"),
    SAME("port:\\*"),
    SAME("iface-id:4c3c6a0a-9a0a-4a0e-8f5d-0d6f1c1b7a11"),
    SAME("iface-id:a/b=c"),
    SAME("mac:52:54:00:00:00:0a"),
    OTHER("mac:52:54:00:AB:cD:0A", "mac:52:54:00:ab:cd:0a"),
    SAME("vm:Kunden-Server M\xc3\xbcller"),
    SAME("vlan:1"),
    SAME("vlan:4094"),
    SAME("bridge:br-int"),
    SAME("uplink:bond0"),
    SAME("group:web"),
    SAME("hook:flows"),
    SAME("hook:fifteen-letters"),
    REFUSED("", "bad-selector"),
    REFUSED("vm1", "bad-selector"),
    REFUSED(":vm1", "bad-selector"),
    REFUSED("ports:vm1", "bad-selector"),
    REFUSED("por:vm1", "bad-selector"),
    REFUSED("PORT:vm1", "bad-selector"),
    REFUSED(" port:vm1", "bad-selector"),
    REFUSED("port:", "bad-selector"),
    REFUSED("port:a/b", "bad-selector"),
    REFUSED("port:a,b", "bad-selector"),
    REFUSED("vm:a,b", "bad-selector"),
    REFUSED("port:a\nb", "bad-selector"),
    REFUSED("port:\xff", "bad-selector"),
    REFUSED("bridge:../x", "bad-selector"),
    REFUSED("uplink:", "bad-selector"),
    REFUSED("uplink:up*", "bad-selector"),
    REFUSED("bridge:br?", "bad-selector"),
    REFUSED("vlan:0", "bad-selector"),
    REFUSED("vlan:4095", "bad-selector"),
    REFUSED("vlan:-1", "bad-selector"),
    REFUSED("vlan:0x10", "bad-selector"),
    REFUSED("vlan:10 ", "bad-selector"),
    REFUSED("vlan:010", "bad-selector"),
    REFUSED("vlan:99999999999999999999", "bad-selector"),
    REFUSED("mac:52:54:00:00:00", "bad-selector"),
    REFUSED("mac:52:54:00:00:00:0", "bad-selector"),
    REFUSED("mac:52:54:00:00:00:0g", "bad-selector"),
    REFUSED("mac:52-54-00-00-00-01", "bad-selector"),
    REFUSED("mac:52:54:00:00:00:01:02", "bad-selector"),
    REFUSED("mac:525:4:00:00:00:01", "bad-selector"),
    REFUSED("mac:00:00:00:00:00:00", "bad-selector"),
    REFUSED("mac:ff:ff:ff:ff:ff:ff", "bad-selector"),
    REFUSED("mac:01:00:5e:00:00:01", "bad-selector"),
    REFUSED("group:../x", "bad-selector"),
    REFUSED("hook:", "bad-selector"),
    REFUSED("hook:a*", "bad-selector"),
    REFUSED("hook:sixteen-letters-", "bad-selector"),
};

static void
test_selectors(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct selector s;
        bool ok = selector_parse(&s, selectors[i].text, &fault);
        char *text = ok ? selector_to_string(&s) : NULL;

        check_round(&selectors[i], ok, text, &fault);
        selector_destroy(&s);
    }
}

static void
test_selector_values(void)
{
    struct fault fault = FAULT_INITIALIZER;
    struct selector s, copy;

    tap_ok(selector_parse(&s, "mac:52:54:00:00:01:02", &fault),
           "a MAC is read");
    tap_ok(s.kind == SELECTOR_MAC && s.mac.ea[0] == 0x52
           && s.mac.ea[4] == 1 && s.mac.ea[5] == 2, "into its bytes");
    selector_clone(&copy, &s);
    selector_destroy(&s);
    tap_str(copy.value, "52:54:00:00:01:02", "a copy stands alone");
    selector_destroy(&copy);
    tap_ok(selector_parse(&s, "vlan:77", &fault), "a VLAN is read");
    tap_int(s.vlan, 77, "into its number");
    selector_destroy(&s);
    selector_destroy(NULL);

    char *big = xasprintf("vm:%0*d", 255, 1);
    tap_ok(selector_parse(&s, big, &fault), "255 bytes are a value");
    selector_destroy(&s);
    free(big);
    big = xasprintf("vm:%0*d", 256, 1);
    tap_fault(selector_parse(&s, big, &fault), &fault, "bad-selector",
              "256 bytes are none");
    free(big);
}

static const struct round sources[] = {
    OTHER("port:vm1", "port:vm1,both"),
    SAME("port:vm1,from"),
    SAME("port:vm1,to"),
    SAME("port:vm1,both,bridge=br0"),
    OTHER("port:vm1,bridge=br0,from", "port:vm1,from,bridge=br0"),
    OTHER("mac:52:54:00:00:00:0A,to", "mac:52:54:00:00:00:0a,to"),
    REFUSED("", "bad-selector"),
    REFUSED(",from", "bad-selector"),
    REFUSED("port:vm1,", "bad-source"),
    REFUSED("port:vm1,From", "bad-source"),
    REFUSED("port:vm1,from,to", "bad-source"),
    REFUSED("port:vm1,both,both", "bad-source"),
    REFUSED("port:vm1,sideways", "bad-source"),
    REFUSED("port:vm1,bridge=", "bad-source"),
    REFUSED("port:vm1,bridge=a/b", "bad-source"),
    REFUSED("port:vm1,bridge=a,bridge=a", "bad-source"),
    REFUSED("port:vm1,bridge=a\tb", "bad-source"),
};

static void
test_sources(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct source s;
        bool ok = source_parse(&s, sources[i].text, &fault);
        char *text = ok ? source_to_string(&s) : NULL;

        check_round(&sources[i], ok, text, &fault);
        source_destroy(&s);
    }
}

static const struct round destinations[] = {
    SAME("sink:web"),
    SAME("port:mon0"),
    SAME("port:a b"),
    SAME("rspan:eth1"),
    SAME("gre:192.0.2.1"),
    SAME("erspan2:192.0.2.1"),
    SAME("erspan2:192.0.2.1,id=1023"),
    OTHER("erspan3:2001:DB8::1,cos=7,id=0",
          "erspan3:2001:db8::1,id=0,cos=7"),
    REFUSED("", "bad-destination"),
    REFUSED("sink", "bad-destination"),
    REFUSED("file:/tmp/x", "bad-destination"),
    REFUSED("sink:", "bad-name"),
    REFUSED("sink:../x", "bad-name"),
    REFUSED("sink:.", "bad-name"),
    REFUSED("sink:web,id=1", "bad-destination"),
    REFUSED("sink:web,", "bad-destination"),
    REFUSED("port:", "bad-destination"),
    REFUSED("port:mon*", "bad-destination"),
    REFUSED("port:mon[1]", "bad-destination"),
    REFUSED("port:a/b", "bad-destination"),
    REFUSED("port:a\x01", "bad-destination"),
    REFUSED("gre:collector.example.org", "bad-destination"),
    REFUSED("gre:", "bad-destination"),
    REFUSED("gre:192.0.2", "bad-destination"),
    REFUSED("gre:192.0.2.1/32", "bad-destination"),
    REFUSED("gre:224.0.0.1", "bad-destination"),
    REFUSED("gre:255.255.255.255", "bad-destination"),
    REFUSED("gre:127.0.0.1", "bad-destination"),
    REFUSED("gre:0.0.0.0", "bad-destination"),
    REFUSED("gre:::", "bad-destination"),
    REFUSED("gre:::1", "bad-destination"),
    REFUSED("gre:ff02::1", "bad-destination"),
    REFUSED("gre:::ffff:127.0.0.1", "bad-destination"),
    REFUSED("gre:192.0.2.1,id=4294967296", "out-of-range"),
    REFUSED("erspan2:192.0.2.1,id=1024", "out-of-range"),
    REFUSED("erspan2:192.0.2.1,id=-1", "out-of-range"),
    REFUSED("erspan2:192.0.2.1,id=", "out-of-range"),
    REFUSED("erspan2:192.0.2.1,id=1,id=2", "bad-destination"),
    REFUSED("erspan2:192.0.2.1,cos=1", "bad-destination"),
    REFUSED("erspan3:192.0.2.1,cos=8", "out-of-range"),
    REFUSED("erspan3:192.0.2.1,foo=8", "bad-destination"),
    REFUSED("erspan3:192.0.2.1,id", "bad-destination"),
};

static void
test_destinations(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(destinations); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct destination d;
        bool ok = destination_parse(&d, destinations[i].text, &fault);
        char *text = ok ? destination_to_string(&d) : NULL;

        check_round(&destinations[i], ok, text, &fault);
        destination_destroy(&d);
    }
}

int
main(void)
{
    test_selectors();
    test_selector_values();
    test_sources();
    test_destinations();
    return tap_done();
}
