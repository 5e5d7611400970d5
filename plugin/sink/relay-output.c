/* SPDX-License-Identifier: Apache-2.0 */

/* Sends frames on; see relay-output.h. */

#include <config.h>

#include "relay-output.h"

#include <stdlib.h>
#include <string.h>

#include "accounting.h"
#include "frame-cap.h"
#include "plugin/record/record-util.h"
#include "relay-port.h"
#include "report.h"

/* That frames were refused is said for so long after the last of them: those
 * who look once a second shall see it. */
#define CALM_NS (2 * NSEC_PER_SEC)

struct relay_output {
    struct relay_output_config config;
    struct frame_cap cap;
    struct relay_result result; /* Not in 'config.accounting' yet. */
    uint64_t cap_drop;          /* The same. */
    uint64_t refused;           /* At the last tick. */
    int error;                  /* Why frames were refused last. */
    uint64_t calm;              /* Monotonic time when that is long ago. */
};

/* Sends what waits. */
static void
flush(struct relay_output *out)
{
    relay_port_flush(out->config.port, &out->result);
}

/* Sends what waits, and brings our counters up to date. */
static void
settle(void *out_)
{
    struct relay_output *out = out_;
    struct accounting *a = out->config.accounting;
    struct relay_result *r = &out->result;
    uint64_t queued;

    flush(out);
    queued = r->sent + r->refused;
    accounting_add(&a->delivered, queued + out->cap_drop);
    accounting_add(&a->cap_drop, out->cap_drop);
    accounting_add(&a->queued, queued);
    accounting_add(&a->relayed, r->sent);
    accounting_add(&a->tx_drop, r->refused);
    accounting_add(&a->bytes, r->bytes);
    if (r->error) {
        out->error = r->error;
    }
    *r = (struct relay_result) { 0 };
    out->cap_drop = 0;
}

/* Takes one frame.  Called by libpcap. */
static void
take(u_char *out_, const struct pcap_pkthdr *h, const u_char *data)
{
    struct relay_output *out = (struct relay_output *) out_;
    size_t n = REC_MIN(h->caplen, out->config.snaplen);

    if (out->cap.cap.rate) {
        size_t cut = REC_MIN(n, (size_t) BYTE_CAP_SLICE);

        switch (byte_cap_decide(&out->cap.cap,
                                h->ts.tv_sec * NSEC_PER_SEC + h->ts.tv_usec,
                                n, cut)) {
        case BYTE_CAP_TAKE:
            break;
        case BYTE_CAP_CUT:
            n = cut;
            break;
        case BYTE_CAP_LEAVE:
            out->cap_drop++;
            return;
        }
    }
    if (relay_port_is_full(out->config.port, n)) {
        flush(out);
    }
    memcpy(relay_port_add(out->config.port, n), data, n);
}

/* Says whether the interface refuses frames, as of 'now'. */
static void
look_at_port(struct relay_output *out, uint64_t now)
{
    uint64_t refused = atomic_load(&out->config.accounting->tx_drop);
    char buffer[128];

    if (refused != out->refused) {
        report_set_error(out->config.report, REPORT_WRITER, "relay-error",
                         "%s refuses frames: %s; they are lost",
                         out->config.name,
                         rec_strerror(out->error, buffer, sizeof buffer));
        out->calm = now + CALM_NS;
    } else if (now >= out->calm) {
        report_clear_error(out->config.report, REPORT_WRITER);
    }
    out->refused = refused;
}

/* Does what is to be done now and then.  Returns false if the interface is
 * gone. */
static bool
tick(void *out_, uint64_t now)
{
    struct relay_output *out = out_;

    settle(out);
    look_at_port(out, now);
    frame_cap_tick(&out->cap, atomic_load(&out->config.accounting->delivered),
                   out->config.snaplen, out->config.report);
    if (relay_port_is_gone(out->config.port)) {
        report_set_event(out->config.report, REPORT_RELAY_GONE);
        return false;
    }
    return true;
}

static void
begin(void *out_, uint64_t now __attribute__((unused)))
{
    struct relay_output *out = out_;

    frame_cap_begin(&out->cap);
    report_set_event(out->config.report, REPORT_FIRST_FILE);
}

static void
end(void *out_)
{
    struct relay_output *out = out_;

    settle(out);
    report_set_event(out->config.report, REPORT_DONE);
}

const struct capture_output relay_output_class = {
    .take = take,
    .begin = begin,
    .settle = settle,
    .tick = tick,
    .end = end,
};

/* Returns a new output. */
struct relay_output *
relay_output_create(const struct relay_output_config *config)
{
    struct relay_output *out = rec_xcalloc(1, sizeof *out);

    out->config = *config;
    return out;
}

/* Frees 'out', which no thread may use any more. */
void
relay_output_destroy(struct relay_output *out)
{
    free(out);
}

/* From now on no more than 'byte_rate' bytes per second are sent on, or as
 * many as come if it is 0. */
void
relay_output_set_byte_rate(struct relay_output *out, uint64_t byte_rate)
{
    frame_cap_set_rate(&out->cap, byte_rate);
}
