/* SPDX-License-Identifier: Apache-2.0 */

/* Rates from counters that hosts write when they look and something has
 * changed: steady traffic, late looks, silence, bursts, restarts. */

#include <config.h>

#include <string.h>

#include "tests/tap.h"
#include "tools/ovs-spanctl/live-rates.h"

static struct live_rates rates;

/* The host, whose clock is 1,000,000 ms ahead of ours, looked at 'at' and
 * finds 'packets' of 100 bytes; it had looked at 'before' and will at
 * 'next'. */
static void
take(int64_t before, int64_t at, int64_t next, uint64_t packets)
{
    const struct live_looks looks = {
        .before = 1000000 + before, .at = 1000000 + at,
        .next = 1000000 + next,
    };
    const uint64_t values[N_LIVE_FIGURES] = {
        [LIVE_PACKETS] = packets, [LIVE_BYTES] = packets * 100,
    };

    live_rates_take(&rates, &looks, values, at + 20);
}

/* At 'now' the rate is 'want' packets per second; -1 = not known. */
static void
check(long long int now, int want, const char *what)
{
    double got[N_LIVE_FIGURES];
    bool known = live_rates_get(&rates, now, got);

    tap_int(known ? (int) (got[LIVE_PACKETS] + 0.5) : -1, want, "%s", what);
    if (known) {
        tap_int(got[LIVE_BYTES] + 0.5, want * 100, "bytes: %s", what);
    }
}

static void
begin(void)
{
    memset(&rates, 0, sizeof rates);
}

static void
test_steady(void)
{
    begin();
    check(0, -1, "nothing is known");
    take(0, 1000, 2000, 5000);
    check(1500, -1, "one count is no rate");
    take(1000, 2000, 3000, 6000);
    check(2500, 1000, "two are");
    take(1000, 2000, 3000, 6000);
    take(2000, 3000, 4000, 7000);
    take(3000, 4000, 5000, 8000);
    check(4900, 1000, "steady");
    check(5900, 1000, "counters that are late do not make it 0");
    take(4000, 8000, 9000, 12000);
    check(8100, 1000, "a host that was busy for 4 s");
    take(8000, 9000, 20000, 13000);
    check(19000, 1000, "one that said that it would look after 11 s");
    take(9000, 20000, 21000, 24000);
    check(20100, 1000, "and did");
}

/* Rules' counters may not be there yet when the host looks. */
static void
test_phase(void)
{
    begin();
    take(0, 1000, 2000, 1000);
    take(1000, 2000, 3000, 2000);
    take(2000, 3000, 4000, 3000);
    take(3000, 4000, 5000, 3000);
    check(4100, 1000, "a look that came before the counters");
    take(4000, 5000, 6000, 5000);
    check(5100, 1000, "and the next with twice as much");
}

static void
test_silence(void)
{
    begin();
    take(0, 1000, 2000, 0);
    check(2900, -1, "no counters yet");
    check(3100, 0, "none came: nothing was added");
    check(60000, 0, "for long");
    take(60000, 61000, 62000, 500);
    check(61100, 100, "500 in the last of 5 seconds");
    take(61000, 62000, 63000, 1000);
    check(62100, 500, "500 in each of two");
    check(66000, 200, "then silence: what is in the last seconds counts");
    check(70000, 0, "then nothing");
}

static void
test_anew(void)
{
    begin();
    take(0, 1000, 2000, 100000);
    take(1000, 2000, 3000, 101000);
    take(2000, 3000, 4000, 10);
    check(3100, -1, "counts have begun again");
    take(3000, 4000, 5000, 1010);
    check(4100, 1000, "and go on");
    take(-9000, -8000, -7000, 2010);
    check(-7900, -1, "the clock was set back");
    take(-8000, -7000, -6000, 3010);
    check(-6900, 1000, "and goes on");
    for (int i = 0; i < 100; i++) {
        take(i * 100, (i + 1) * 100, (i + 2) * 100, 4000 + i * 100);
    }
    check(10050, 1000, "more looks than are remembered");
}

int
main(void)
{
    test_steady();
    test_phase();
    test_silence();
    test_anew();
    return tap_done();
}
