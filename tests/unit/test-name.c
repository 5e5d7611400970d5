/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that people may give, and names that we give. */

#include <config.h>
#include "plugin/core/name.h"
#include <stdlib.h>
#include "tests/tap.h"
#include "util.h"

#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef" \
                "0123456789abcdef"

static void
test_valid(void)
{
    static const char *const good[] = {
        "a", "web1", "A.b_c-d", "-dash", "_", "a..b", LONG_64,
    };
    static const char *const bad[] = {
        "", ".", "..", ".hidden", "../../etc/cron.d/x", "/abs", "a/b", "a b",
        "a\n", "a:b", "a,b", "a*", "m\xc3\xbcller", "%n", LONG_64 "x",
    };

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        tap_ok(name_is_valid(good[i]), "\"%s\" is a name", good[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        tap_ok(!name_is_valid(bad[i]), "bad name %d is none", (int) i + 1);
    }

    char *big = xmalloc(4097);
    memset(big, 'x', 4096);
    big[4096] = '\0';
    tap_ok(!name_is_valid(big), "4 KB are no name");
    free(big);
}

static void
test_globs(void)
{
    tap_ok(name_glob_matches("vm*", "vm12"), "vm* matches vm12");
    tap_ok(!name_glob_matches("vm*", "xvm1"), "vm* does not match xvm1");
    tap_ok(name_glob_matches("vm?", "vm1"), "vm? matches vm1");
    tap_ok(!name_glob_matches("vm?", "vm12"), "vm? does not match vm12");
    tap_ok(name_glob_matches("vm[1-3]", "vm2"), "vm[1-3] matches vm2");
    tap_ok(!name_glob_matches("vm[1-3]", "vm4"), "vm[1-3] misses vm4");
    tap_ok(name_glob_matches("vm[", "vm["), "an open bracket is itself");
    tap_ok(name_glob_matches("a\\*", "a*"), "a backslash takes the meaning");
    tap_ok(name_is_glob("vm*") && name_is_glob("vm?") && name_is_glob("vm[")
           && name_is_glob("a\\*"), "patterns are seen as such");
    tap_ok(!name_is_glob("vm-1.2_3"), "a plain name is none");

    /* Must come to an end soon: a pattern from the database is hostile. */
    char name[256];
    memset(name, 'a', 255);
    name[255] = '\0';
    tap_ok(!name_glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
                              name), "many stars on a long name");
}

static void
test_private_bridge(void)
{
    struct sset taken = SSET_INITIALIZER(&taken);
    static const char *const want[] = {
        "br-span", "br-span-netdev", "br-span-netdev2", "br-span-netdev3",
        "br-span-netdev4", "br-span-netdev5", "br-span-netdev6",
        "br-span-netdev7", "br-span-netdev8", "br-span-netdev9",
        "br-span-netde10",
    };

    for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
        char *name = name_for_private_bridge("netdev", &taken);
        tap_str(name, want[i], "private bridge %d is %s", (int) i + 1,
                want[i]);
        sset_add_and_free(&taken, name);
    }

    char *name = name_for_private_bridge("", &taken);
    tap_str(name, "br-span-", "a private bridge for no type");
    sset_add_and_free(&taken, name);
    name = name_for_private_bridge("a/very long type", &taken);
    tap_str(name, "br-span-a_very_", "a private bridge for a strange type");
    free(name);
    sset_destroy(&taken);
}

/* Adds 'name', which it frees, to 'taken'.  Returns true if it is new and can
 * name a network device. */
static bool
take(struct sset *taken, char *name)
{
    bool ok = strlen(name) <= 15 && name_is_valid(name);
    return sset_add_and_free(taken, name) != NULL && ok;
}

static void
test_capture_ports(void)
{
    struct sset taken = SSET_INITIALIZER(&taken);

    char *name = name_for_capture_port("web", &taken);
    tap_str(name, "span-web", "a short sink's port has its name");
    free(name);
    name = name_for_capture_port("0123456789", &taken);
    tap_str(name, "span-0123456789", "15 characters are short");
    free(name);

    char *a = name_for_capture_port("0123456789a", &taken);
    char *b = name_for_capture_port("0123456789a", &taken);
    tap_ok(!strcmp(a, b), "a long sink's port has always the same name");
    tap_str(a, "span-37d1b755", "on every machine");
    free(a);
    free(b);

    bool ok = true;
    for (int i = 0; i < 1000; i++) {
        ok = take(&taken, name_for_capture_port("web", &taken)) && ok;
        ok = take(&taken, name_for_capture_port(LONG_64, &taken)) && ok;
    }
    tap_ok(ok, "2000 ports that are each taken at once have new names");
    sset_destroy(&taken);
}

static void
test_patch_pairs(void)
{
    struct uuid one = { { 1, 2, 3, 4 } };
    struct uuid two = { { 1, 2, 3, 5 } };
    struct sset taken = SSET_INITIALIZER(&taken);
    char *prod, *priv, *prod2, *priv2;

    name_for_patch_pair(&one, "br0", "ports", &taken, &prod, &priv);
    name_for_patch_pair(&one, "br0", "ports", &taken, &prod2, &priv2);
    tap_ok(!strcmp(prod, prod2) && !strcmp(priv, priv2),
           "a pair has always the same names");
    tap_str(prod, "span-da3966ac", "on every machine");
    tap_ok(strlen(priv) == strlen(prod) + 1
           && !strncmp(priv, prod, strlen(prod))
           && priv[strlen(prod)] == 'p', "the other end has a p behind");
    free(prod2);
    free(priv2);

    /* One end taken is enough. */
    sset_add(&taken, priv);
    name_for_patch_pair(&one, "br0", "ports", &taken, &prod2, &priv2);
    tap_ok(strcmp(prod, prod2), "a pair whose private end is taken moves");
    free(prod);
    free(priv);
    free(prod2);
    free(priv2);
    sset_clear(&taken);

    const struct uuid *const sessions[] = { &one, &two };
    const char *const bridges[] = { "br0", "br1", "" };
    const char *const roles[] = { "ports", "vlans", "back" };
    bool ok = true;
    for (int i = 0; i < 2 * 3 * 3 * 100; i++) {
        name_for_patch_pair(sessions[i % 2], bridges[i / 2 % 3],
                            roles[i / 6 % 3], &taken, &prod, &priv);
        ok = take(&taken, prod) && ok;
        ok = take(&taken, priv) && ok;
    }
    tap_ok(ok, "3600 ends that are each taken at once have new names");
    sset_destroy(&taken);
}

int
main(void)
{
    test_valid();
    test_globs();
    test_private_bridge();
    test_capture_ports();
    test_patch_pairs();
    return tap_done();
}
