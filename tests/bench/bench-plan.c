/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the core takes to think: resolve, plan and judge many sessions on
 * a switch of many ports, in memory.
 *
 *   bench-plan [SESSIONS [PORTS]]        default 1000 sessions, 10000 ports
 *
 * The ports are on bridges of 250, since a bridge has at most 32 mirrors; each
 * session mirrors one port, found by its name, its iface-id, its MAC or its
 * VM's name, into one of 100 recorders. */

#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "openvswitch/dynamic-string.h"
#include "plan.h"
#include "tests/plan/script.h"
#include "util.h"
#include "verdict.h"
#include "wanted.h"

#define PORTS_PER_BRIDGE 250
#define N_SINKS 100
#define N_ROUNDS 9

static double
cpu_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void OVS_PRINTF_FORMAT(2, 3)
command(struct script *s, const char *format, ...)
{
    struct ds output = DS_EMPTY_INITIALIZER;
    va_list args;

    va_start(args, format);
    char *line = xvasprintf(format, args);
    va_end(args);
    script_command(s, line, &output);
    if (output.length) {
        fprintf(stderr, "%s: %s", line, ds_cstr(&output));
        exit(1);
    }
    ds_destroy(&output);
    free(line);
}

static void
build(struct script *s, int n_sessions, int n_ports)
{
    static const char *const selectors[] = {
        "port:p%d", "iface-id:iface-%d", "mac:52:54:00:01:%02x:%02x",
        "vm:vm-%d",
    };

    for (int i = 0; i < n_ports; i++) {
        int bridge = i / PORTS_PER_BRIDGE;

        if (i % PORTS_PER_BRIDGE == 0) {
            command(s, "bridge br%d netdev", bridge);
        }
        command(s, "port br%d p%d iface-id=iface-%d vm-name=vm-%d "
                "attached-mac=52:54:00:01:%02x:%02x", bridge, i, i, i,
                i >> 8, i & 0xff);
    }
    for (int i = 0; i < N_SINKS; i++) {
        command(s, "sink s%d", i);
    }
    for (int i = 0; i < n_sessions; i++) {
        int port = (int64_t) i * n_ports / n_sessions;
        const char *selector = selectors[i % 4];
        char *text = (i % 4 == 2
                      ? xasprintf("mac:52:54:00:01:%02x:%02x", port >> 8,
                                  port & 0xff)
                      : xasprintf("%.*s%d", (int) strlen(selector) - 2,
                                  selector, port));

        command(s, "session session%d source=%s dest=sink:s%d filter=%s", i,
                text, i % N_SINKS, i % 2 ? "udp,tp_dst=53" : "");
        free(text);
    }
}

static int
compare_doubles(const void *a_, const void *b_)
{
    const double *a = a_, *b = b_;
    return *a < *b ? -1 : *a > *b;
}

/* Times one pass over 's' and prints the median of several. */
static void
measure(struct script *s, const char *what)
{
    struct resolve_config config = {
        .capture_dir = "/captures", .run_dir = "/run", .host = "kvm1",
        .now = s->now,
    };
    double times[4][N_ROUNDS];
    size_t n_ops = 0;

    for (int i = 0; i < N_ROUNDS; i++) {
        struct verdicts verdicts;
        struct wanted wanted;
        struct plan plan;
        double t[5];

        t[0] = cpu_ms();
        switch_state_finish(&s->fake.state);
        t[1] = cpu_ms();
        resolve(s->sessions, s->n_sessions, s->groups, s->n_groups, s->sinks,
                s->n_sinks, &s->fake.state, &config, &wanted);
        t[2] = cpu_ms();
        plan_compute(&wanted, &s->fake.state, &plan);
        t[3] = cpu_ms();
        verdicts_compute(&wanted, &s->fake.state, false, &verdicts);
        t[4] = cpu_ms();
        n_ops = plan.n_ops;
        plan_destroy(&plan);
        verdicts_destroy(&verdicts);
        wanted_destroy(&wanted);
        for (int j = 0; j < 4; j++) {
            times[j][i] = t[j + 1] - t[j];
        }
    }

    double total = 0;
    for (int j = 0; j < 4; j++) {
        qsort(times[j], N_ROUNDS, sizeof times[j][0], compare_doubles);
        total += times[j][N_ROUNDS / 2];
    }
    printf("%-28s %8.1f ms  (finish %.1f, resolve %.1f, plan %.1f, judge "
           "%.1f; %"PRIuSIZE" operations)\n", what, total,
           times[0][N_ROUNDS / 2], times[1][N_ROUNDS / 2],
           times[2][N_ROUNDS / 2], times[3][N_ROUNDS / 2], n_ops);
}

int
main(int argc, char *argv[])
{
    int n_sessions = argc > 1 ? atoi(argv[1]) : 1000;
    int n_ports = argc > 2 ? atoi(argv[2]) : 10000;
    struct script s;

    script_init(&s);
    build(&s, n_sessions, n_ports);
    printf("%d sessions on %d ports\n", n_sessions, n_ports);
    measure(&s, "from nothing");
    if (script_converge(&s, 20, NULL) < 0) {
        fprintf(stderr, "the switch does not settle\n");
        return 1;
    }
    measure(&s, "nothing to do");
    command(&s, "del-port br0 p0");
    measure(&s, "one source port gone");
    script_destroy(&s);
    return 0;
}
