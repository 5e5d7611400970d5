/* SPDX-License-Identifier: Apache-2.0 */

/* The options of the recorder and the values they take; see option-table.h.
 * Pure. */

#include <config.h>

#include "option-table.h"

#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "byte-cap.h"
#include "options.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "plugin/record/size-text.h"

/* A file must have room for its header and a packet or two. */
#define FILESIZE_MIN 4096
#define BUFFER_MIN (UINT64_C(1) << 20)
#define BUFFER_MAX (UINT64_C(2047) << 20) /* libpcap takes an int. */
#define CPU_MAX 1023
#define PRIORITY_MAX 99
#define SAMPLE_MAX 65535
#define COUNT_MAX INT64_MAX
#define SECONDS_MAX UINT32_MAX

static char *
set_text(char **where, const char *value, size_t max)
{
    if (!*value || strlen(value) > max) {
        return rec_xasprintf("must have 1 to %zu characters", max);
    }
    free(*where);
    *where = rec_xstrdup(value);
    return NULL;
}

static char *
set_number(uint64_t *where, const char *value, uint64_t min, uint64_t max)
{
    uint64_t v;

    if (!size_text_parse_number(value, max, &v) || v < min) {
        return rec_xasprintf("must be a number from %llu to %llu",
                              (unsigned long long int) min,
                              (unsigned long long int) max);
    }
    *where = v;
    return NULL;
}

static char *
set_interface(struct sink_options *o, const char *value)
{
    return set_text(&o->interface, value, IFNAMSIZ - 1);
}

static char *
set_sink(struct sink_options *o, const char *value)
{
    if (!file_name_is_valid_sink(value)) {
        return rec_xstrdup("must be 1 to 64 letters, digits, '_', '.' or "
                            "'-', and not begin with a dot");
    }
    return set_text(&o->sink, value, 64);
}

static char *
set_dir(struct sink_options *o, const char *value)
{
    return set_text(&o->dir, value, RECORD_TEXT_MAX);
}

static char *
set_control(struct sink_options *o, const char *value)
{
    return set_text(&o->control, value,
                    sizeof ((struct sockaddr_un *) 0)->sun_path - 1);
}

static char *
set_user(struct sink_options *o, const char *value)
{
    return set_text(&o->user, value, RECORD_TEXT_MAX);
}

static char *
set_write(struct sink_options *o, const char *value)
{
    return set_text(&o->write, value, RECORD_TEXT_MAX);
}

static char *
set_relay(struct sink_options *o, const char *value)
{
    return set_text(&o->relay, value, IFNAMSIZ - 1);
}

static char *
set_filter(struct sink_options *o, const char *value)
{
    if (!*value) {
        o->filter[0] = '\0';
        return NULL;
    }
    return set_text(&o->filter, value, RECORD_TEXT_MAX);
}

static char *
set_boolean(bool *where, const char *value)
{
    if (strcmp(value, "true") && strcmp(value, "false")) {
        return rec_xstrdup("must be true or false");
    }
    *where = !strcmp(value, "true");
    return NULL;
}

static char *
set_vlan_aware(struct sink_options *o, const char *value)
{
    return set_boolean(&o->vlan_aware, value);
}

static char *
set_sample(struct sink_options *o, const char *value)
{
    uint64_t v = 0;
    char *error = set_number(&v, value, 1, SAMPLE_MAX);

    if (!error) {
        o->sample = v;
    }
    return error;
}

static char *
set_description(struct sink_options *o, const char *value)
{
    return set_text(&o->live.description, value, RECORD_TEXT_MAX);
}

static char *
set_sessions(struct sink_options *o, const char *value)
{
    return set_text(&o->live.sessions, value, RECORD_TEXT_MAX);
}

static char *
set_host(struct sink_options *o, const char *value)
{
    return set_text(&o->host, value, HOST_NAME_MAX);
}

static char *
set_format(struct sink_options *o, const char *value)
{
    const struct record_format *format = record_format_lookup(value);

    if (!format) {
        return rec_xstrdup("must be pcapng or pcap");
    }
    o->format = format;
    return NULL;
}

static char *
set_snaplen(struct sink_options *o, const char *value)
{
    uint64_t v = 0;
    char *error = set_number(&v, value, 0, OPTIONS_SNAPLEN_MAX);

    if (!error) {
        o->snaplen = v ? v : OPTIONS_SNAPLEN_MAX;
    }
    return error;
}

static char *
set_buffer(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v) || v < BUFFER_MIN
        || v > BUFFER_MAX) {
        return rec_xstrdup("must be a size from 1MiB to 2047MiB");
    }
    o->buffer = v;
    return NULL;
}

static char *
set_overload(struct sink_options *o, const char *value)
{
    if (strcmp(value, "wait") && strcmp(value, "drop")) {
        return rec_xstrdup("must be wait or drop");
    }
    o->drop = !strcmp(value, "drop");
    return NULL;
}

static char *
set_cpu(struct sink_options *o, const char *value)
{
    uint64_t v = 0;
    char *error = set_number(&v, value, 0, CPU_MAX);

    if (!error) {
        o->cpu = v;
    }
    return error;
}

static char *
set_priority(struct sink_options *o, const char *value)
{
    uint64_t v = 0;
    char *error = set_number(&v, value, 1, PRIORITY_MAX);

    if (!error) {
        o->priority = v;
    }
    return error;
}

static char *
set_count(struct sink_options *o, const char *value)
{
    return set_number(&o->count, value, 0, COUNT_MAX);
}

static char *
set_duration(struct sink_options *o, const char *value)
{
    return set_number(&o->duration, value, 0, SECONDS_MAX);
}

static char *
set_filesize(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v) || (v && v < FILESIZE_MIN)) {
        return rec_xstrdup("must be a size such as 100MB or 64MiB, at least "
                            "4096 bytes, or 0 for no limit");
    }
    o->live.rotation.bytes = v;
    return NULL;
}

static char *
set_byte_rate(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v)
        || (v && (v < BYTE_CAP_MIN || v > BYTE_CAP_MAX))) {
        return rec_xstrdup("must be bytes per second such as 20MB, from "
                            "100KB to 100GB, or 0 for no cap");
    }
    o->live.byte_rate = v;
    return NULL;
}

static char *
set_seconds(struct sink_options *o, const char *value)
{
    return set_number(&o->live.rotation.seconds, value, 0, SECONDS_MAX);
}

static char *
set_packets(struct sink_options *o, const char *value)
{
    return set_number(&o->live.rotation.packets, value, 0, COUNT_MAX);
}

static char *
set_files(struct sink_options *o, const char *value)
{
    return set_number(&o->live.retention.files, value, 0, COUNT_MAX);
}

static char *
set_max_bytes(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v) || (v && v < FILESIZE_MIN)) {
        return rec_xstrdup("must be a size such as 10GB or 512MiB, at least "
                            "4096 bytes, or 0 for no limit");
    }
    o->live.retention.bytes = v;
    return NULL;
}

static char *
set_min_free(struct sink_options *o, const char *value)
{
    struct retention_limits *l = &o->live.retention;
    const char *comma = strchr(value, ',');
    char *first = rec_xstrndup(value, (comma ? (size_t) (comma - value)
                                       : strlen(value)));
    unsigned int percent = 0;
    uint64_t bytes = 0;
    bool ok = (size_text_parse_percent(first, &percent)
               ? !comma || size_text_parse_bytes(comma + 1, &bytes)
               : !comma && size_text_parse_bytes(first, &bytes));

    free(first);
    if (!ok) {
        return rec_xstrdup("must be a share such as 10% (at most 99%), a "
                            "size such as 5GB, or both, such as 10%,5GB");
    }
    l->min_free_percent = percent;
    l->min_free_bytes = bytes;
    return NULL;
}

static char *
set_budget(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v) || (v && v < FILESIZE_MIN)) {
        return rec_xstrdup("must be a size such as 10GB or 512MiB, at least "
                            "4096 bytes, or 0 for no limit");
    }
    o->live.retention.budget = v;
    return NULL;
}

static char *
set_on_full(struct sink_options *o, const char *value)
{
    enum retention_on_full *on_full = &o->live.retention.on_full;

    if (!strcmp(value, "ring")) {
        *on_full = RETENTION_RING;
    } else if (!strcmp(value, "stop")) {
        *on_full = RETENTION_STOP;
    } else if (!strcmp(value, "pause")) {
        *on_full = RETENTION_PAUSE;
    } else {
        return rec_xstrdup("must be ring, stop or pause");
    }
    return NULL;
}

static char *
set_bool(bool *where, const char *value)
{
    if (strcmp(value, "true") && strcmp(value, "false")) {
        return rec_xstrdup("must be true or false");
    }
    *where = !strcmp(value, "true");
    return NULL;
}

static char *
set_compress(struct sink_options *o, const char *value)
{
    return set_bool(&o->live.compress, value);
}

static char *
set_sha256(struct sink_options *o, const char *value)
{
    return set_bool(&o->live.sha256, value);
}

static char *
set_network_fs(struct sink_options *o, const char *value)
{
    struct network_fs *n = &o->network_fs;

    n->byte_rate = 0;
    if (!strcmp(value, "allow")) {
        n->policy = NETWORK_FS_ALLOW;
    } else if (!strcmp(value, "refuse")) {
        n->policy = NETWORK_FS_REFUSE;
    } else if (size_text_parse_bytes(value, &n->byte_rate)
               && n->byte_rate >= BYTE_CAP_MIN) {
        n->policy = NETWORK_FS_CAP;
    } else {
        return rec_xstrdup("must be allow, refuse, or a size such as 50MB "
                            "for each second, at least 100KB");
    }
    return NULL;
}

static const struct option options[] = {
    { "interface", false, set_interface },
    { "sink", false, set_sink },
    { "dir", false, set_dir },
    { "control", false, set_control },
    { "write", false, set_write },
    { "user", false, set_user },
    { "relay", false, set_relay },
    { "filter", false, set_filter },
    { "vlan-aware", false, set_vlan_aware },
    { "sample", false, set_sample },
    { "host", false, set_host },
    { "sessions", true, set_sessions },
    { "description", true, set_description },
    { "format", false, set_format },
    { "snaplen", false, set_snaplen },
    { "buffer", false, set_buffer },
    { "overload", false, set_overload },
    { "cpu", false, set_cpu },
    { "priority", false, set_priority },
    { "count", false, set_count },
    { "duration", false, set_duration },
    { "filesize", true, set_filesize },
    { "byte-rate", true, set_byte_rate },
    { "seconds", true, set_seconds },
    { "packets", true, set_packets },
    { "files", true, set_files },
    { "max-bytes", true, set_max_bytes },
    { "min-free", true, set_min_free },
    { "budget", true, set_budget },
    { "on-full", true, set_on_full },
    { "network-fs", false, set_network_fs },
    { "compress", true, set_compress },
    { "sha256", true, set_sha256 },
    { "list", false, NULL },
    { "stats", false, NULL },
    { "help", false, NULL },
    { "version", false, NULL },
};

/* Returns the option whose name is the 'n' bytes at 'name', or NULL. */
const struct option *
option_find(const char *name, size_t n)
{
    for (size_t i = 0; i < REC_ARRAY_SIZE(options); i++) {
        if (strlen(options[i].name) == n
            && !strncmp(options[i].name, name, n)) {
            return &options[i];
        }
    }
    return NULL;
}
