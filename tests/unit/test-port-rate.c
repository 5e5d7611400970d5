/* SPDX-License-Identifier: Apache-2.0 */

/* Rates from counters that come in rounds: interfaces that begin, are silent,
 * are made anew, a daemon that begins in the middle of a round. */

#include <config.h>

#include "openvswitch/uuid.h"
#include "plugin/core/port-rate.h"
#include "tests/tap.h"


static struct port_rates rates;
static const struct uuid a_uuid = { .parts = { 1 } };
static const struct uuid b_uuid = { .parts = { 2 } };
static const struct uuid new_uuid = { .parts = { 3 } };

/* Counters of interface 'name' come, of 'packets' frames of 100 bytes into the
 * switch and half as many out of it. */
static void
take(const char *name, const struct uuid *uuid, uint64_t packets,
     enum port_counts_age age, long long int now)
{
    struct port_counts counts = {
        .from_packets = packets, .from_bytes = packets * 100,
        .to_packets = packets / 2, .to_bytes = packets * 50,
    };

    port_rates_take(&rates, name, uuid, &counts, age, now);
}

/* A case: at 'now' interface 'name' carries 'want' frames/s into the switch;
 * -1: that is not known. */
static void
check(const char *name, long long int now, int want, const char *what)
{
    struct port_rate rate;
    bool known = port_rates_get(&rates, name, now, &rate);

    tap_int(known ? (int) (rate.from_packets + 0.5) : -1, want, "%s", what);
    if (known && want > 0) {
        tap_ok((int) (rate.from_bytes + 0.5) == want * 100
               && (int) (rate.to_packets + 0.5) == want / 2
               && (int) (rate.to_bytes + 0.5) == want * 50,
               "and the others of %s", what);
    }
}

static void
test_rounds(void)
{
    port_rates_init(&rates);
    check("a", 0, -1, "an interface that nobody has seen");
    take("a", &a_uuid, 1000, PORT_COUNTS_OLD, 2000);
    take("b", &b_uuid, 7, PORT_COUNTS_OLD, 2000);
    check("a", 2000, -1, "a daemon that has just started");
    take("a", &a_uuid, 11000, PORT_COUNTS_FRESH, 3000);
    check("a", 3000, 2000, "a first round: an interval, though a second ago");
    check("b", 3000, -1, "a silent one: not before it was there a while");
    take("a", &a_uuid, 31400, PORT_COUNTS_FRESH, 8100);
    check("a", 8100, 4000, "the next round, 5.1 s later");
    check("b", 8100, 0, "a silent one, of which a round said nothing");
    take("b", &b_uuid, 5007, PORT_COUNTS_FRESH, 13100);
    check("b", 13100, 1000, "it begins: all of it is of the last interval");
    check("a", 13100, 0, "the other has ended");
    check("b", 23000, 1000, "a round is a little late");
    check("b", 23101, 0, "two intervals without a round: silence");
    take("b", &b_uuid, 6007, PORT_COUNTS_FRESH, 60000);
    check("b", 60000, 200, "after a long silence");
    port_rates_destroy(&rates);
}

static void
test_new_ones(void)
{
    port_rates_init(&rates);
    take("a", &a_uuid, 0, PORT_COUNTS_FRESH, 1000);
    check("a", 1000, -1, "a new interface");
    take("a", &a_uuid, 40, PORT_COUNTS_FRESH, 1400);
    check("a", 1400, -1, "a round 0.4 s later says too little");
    take("a", &a_uuid, 5400, PORT_COUNTS_FRESH, 6400);
    check("a", 6400, 1000, "the next one: all since it is there");
    take("b", &b_uuid, 0, PORT_COUNTS_FRESH, 10400);
    check("a", 10400, 1000, "another new interface is not a round");
    check("b", 10400, -1, "of it nothing is known");
    take("b", &b_uuid, 0, PORT_COUNTS_FRESH, 11400);
    check("b", 11400, 0, "it is silent");
    take("a", &a_uuid, 17, PORT_COUNTS_FRESH, 16400);
    check("a", 16400, -1, "counters that begin again");
    take("a", &a_uuid, 1017, PORT_COUNTS_FRESH, 21400);
    check("a", 21400, 200, "are known after a round");
    take("a", &new_uuid, 9017, PORT_COUNTS_FRESH, 22400);
    check("a", 22400, -1, "another interface of that name");
    port_rates_forget(&rates, "a", &a_uuid);
    take("a", &new_uuid, 14017, PORT_COUNTS_FRESH, 27400);
    check("a", 27400, 1000, "is not forgotten with the first");
    port_rates_forget(&rates, "a", &new_uuid);
    port_rates_forget(&rates, "a", &new_uuid);
    check("a", 27400, -1, "but by itself");
    port_rates_clear(&rates);
    check("b", 90000, -1, "a connection that was lost");
    port_rates_destroy(&rates);
}

static void
test_interval(void)
{
    port_rates_init(&rates);
    port_rates_set_interval(&rates, 1000);
    tap_int(rates.interval, 5000, "5 s is the least interval");
    port_rates_set_interval(&rates, 60000);
    take("a", &a_uuid, 0, PORT_COUNTS_OLD, 0);
    check("a", 100000, -1, "an interval of a minute");
    take("a", &a_uuid, 60000, PORT_COUNTS_FRESH, 50000);
    check("a", 50000, 1000, "is what is measured over");
    take("a", &a_uuid, 180000, PORT_COUNTS_FRESH, 110000);
    check("a", 110000, 2000, "in each round");
    port_rates_destroy(&rates);
}

int
main(void)
{
    test_rounds();
    test_new_ones();
    test_interval();
    return tap_done();
}
