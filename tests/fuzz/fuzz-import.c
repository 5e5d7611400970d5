/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzing of ovs-span-import: exports, with a fixed port map; exports that are
 * JSON, of which one value was replaced; and port maps, with a fixed export.
 *
 * Beside not crashing: there is a specification, or an error, never both or
 * neither; a specification has no two sessions of one name, and all names in
 * it are legal; messages are lines of printable text. */

#include <config.h>
#include "tests/fuzz/fuzz.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/record/record-util.h"
#include "tools/ovs-span-import/import-main.h"
#include "tools/ovs-span-import/import-text.h"

enum {
    FUZZ_EXPORT,
    FUZZ_MUTANT,                /* Export, value, new value as JSON. */
    FUZZ_PORT_MAP,
    FUZZ_N_READERS,
};

#define PORTS "\"sourcePortTransmitted\":{\"portKey\":[\"1\",\"2\"]}," \
              "\"destinationPort\":{\"portKey\":\"8\"}"

const struct fuzz_corpus fuzz_corpora[] = {
    [FUZZ_EXPORT] = { "exports",
        { "[{\"name\":\"config.vspanSession\",\"op\":\"assign\",\"val\":{"
          "\"_value\":[{\"key\":\"5\",\"name\":\"a b\",\"enabled\":true,"
          PORTS ",\"sessionType\":\"dvPortMirror\",\"samplingRate\":7}]}}]",
          "{\"Session\":[{\"Name\":\"a\",\"Enabled\":false,\"SessionType\":4,"
          "\"SourcePortReceived\":{\"PortKey\":\"1\"},\"DestinationPort\":{"
          "\"IpAddress\":[\"192.0.2.1\",\"2001:db8::1\"]},\"EncapType\":2,"
          "\"ErspanId\":1023,\"ErspanCOS\":7,\"ErspanGraNanosec\":false}]}",
          "{\"name\":\"r\",\"enabled\":true,\"encapsulationVlanId\":4094,"
          "\"sessionType\":\"remoteMirrorSource\",\"sourcePortReceived\":{"
          "\"portKey\":[\"1\"],\"wildcardPortConnecteeType\":[\"pnic\",1]},"
          "\"destinationPort\":{\"uplinkPortName\":[\"Uplink 1\"]}}",
          "[{\"name\":\"d\",\"sessionType\":\"remoteMirrorDest\",\"enabled\":"
          "true,\"sourcePortReceived\":{\"vlans\":[1,4094]},"
          "\"destinationPort\":{\"portKey\":[\"8\",\"9\"]}}]",
          "{\"ExtensionData\":{\"Config\":{\"VspanSession\":{\"Name\":\"m\","
          "\"SourcePortTransmitted\":{\"PortKey\":[\"1\"]},\"Enabled\":true,"
          "\"DestinationPort\":{\"PortKey\":\"8\"}}}}}",
          "[{\"obj\":{\"type\":\"DistributedVirtualPortgroup\",\"value\":"
          "\"dvportgroup-1\"},\"changeSet\":[{\"name\":\"name\",\"val\":\"n\"}"
          ",{\"name\":\"config.defaultPortConfig\",\"val\":{\"vlan\":{"
          "\"vlanId\":[{\"start\":1,\"end\":9}]},\"securityPolicy\":{"
          "\"allowPromiscuous\":{\"value\":true}}}},{\"name\":\"portKeys\","
          "\"val\":{\"_value\":[\"1\"]}}]}]",
          "[{\"config\":{\"name\":\"n\",\"key\":\"g\",\"defaultPortConfig\":{"
          "\"macManagementPolicy\":{\"allowPromiscuous\":false,"
          "\"macLearningPolicy\":{\"enabled\":true,\"limit\":9}}},"
          "\"distributedVirtualSwitch\":{\"value\":\"n\"}}},{\"port\":[{"
          "\"key\":\"1\",\"dvsUuid\":\"u\",\"portgroupKey\":\"g\","
          "\"connectee\":{\"type\":\"vmVnic\"},\"config\":{\"setting\":{"
          "\"macManagementPolicy\":{\"allowPromiscuous\":true}}}}]}]",
        },
        { "{", "}", "[", "]", ",", ":", "null", "true", "\"\"", "-1", "65536",
          "\"1\"", "\"portKey\":", "\"val\":", "\"name\":", "\"config\":",
          "\"_value\":", "\"changeSet\":", "\"vspanSession\":", "\\ud800",
          "\"key\":", "1e999", "\n", "\x1b" } },
    [FUZZ_MUTANT] = { "values of exports",
        { "a1null", "b7\"x\"", "c3[1,{\"a\":2}]", "d9{\"name\":\"n\"}",
          "eA-1", "f5true", "gZ[]" },
        { "null", "true", "false", "0", "-1", "59", "65536", "1.5", "\"\"",
          "\"x\"", "\"1\"", "[]", "{}", "[null]", "[[]]", "{\"\":0}", "[{}]",
          "\"VMware.Vim.X\"", "9223372036854775807", "\"a b\"", "a", "d",
          "g", "{\"name\":\"config\",\"val\":{}}" } },
    [FUZZ_PORT_MAP] = { "port maps",
        { "1 port:a\n2 vm:b\n8 port:m\n", "{\"1\":\"port:a\",\"2\":\"mac:x\","
          "\"8\":\"sink:s\"}", "\"1\" port:a\n#\nportKey:2 uplink:x\n8 port:m"
        },
        { "1", "2", "8", " ", "\n", "\"", "portKey:", "port:", "sink:", "vm:",
          "#", ",", "*", "{", "}", ":", "\t", "\xff", "\x1b", "\r\n" } },
};
const size_t fuzz_n_corpora = FUZZ_N_READERS;

/* A broken promise ends the program, as a crash does. */
static void
promise(bool kept, const char *what)
{
    if (!kept) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void
check_names(const json_t *list)
{
    json_t *names = json_object();
    json_t *element;
    size_t i;

    json_array_foreach (list, i, element) {
        const char *name = json_string_value(json_object_get(element, "name"));

        promise(name && text_is_legal_name(name), "a name is legal");
        promise(!json_object_get(names, name), "a name is there once");
        json_object_set_new(names, name, json_true());
    }
    json_decref(names);
}

static void
check_result(const char *text, const char *messages)
{
    bool error = strstr(messages, "error: ") != NULL;

    for (const char *p = messages; *p; p++) {
        promise(*p == '\n' || (unsigned char) *p >= ' ', "a message is text");
    }
    promise(text || error, "what is refused is refused for an error");
    if (text) {
        json_t *spec = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

        promise(spec != NULL, "a specification is JSON");
        check_names(json_object_get(spec, "sessions"));
        check_names(json_object_get(spec, "groups"));
        json_decref(spec);
    }
}

/* Converts 'export' with the port map 'map', and checks what comes out. */
static void
convert(const char *export, size_t export_size, const char *map,
        size_t map_size)
{
    const struct import_text text = { "export", export, export_size };
    const struct import_text port_map = { "map", map, map_size };
    char *messages, *out;
    size_t length;
    FILE *stream = text_open(&messages, &length);

    out = import_convert(&text, 1, &port_map, NULL, stream);
    fclose(stream);
    check_result(out, messages);
    free(out);
    free(messages);
}

static const char fixed_map[] = "1 port:a\n2 vm:b\n8 port:m\n9 sink:s\n"
                                "\"Uplink 1\" uplink:eth1\nn bridge:br0\n"
                                "pnic port:p*\nvmVnic port:v*\n";

/* Puts 'new' in place of value number '*n' in 'json', not 'json' itself.
 * Returns true if it did, else takes the values it passed off '*n'. */
static bool
replace(json_t *json, size_t *n, json_t *new)
{
    json_t *value;
    const char *key;
    size_t i;

    if (json_is_object(json)) {
        json_object_foreach (json, key, value) {
            if (!(*n)--) {
                return !json_object_set(json, key, new);
            } else if (replace(value, n, new)) {
                return true;
            }
        }
    } else {
        json_array_foreach (json, i, value) {
            if (!(*n)--) {
                return !json_array_set(json, i, new);
            } else if (replace(value, n, new)) {
                return true;
            }
        }
    }
    return false;
}

/* 'text' is which of the exports, which value of it, and what it becomes. */
static void
fuzz_mutant(const char *text, size_t size)
{
    const char *const *seeds = fuzz_corpora[FUZZ_EXPORT].seeds;
    size_t seed, n;
    json_t *export, *new;
    char *out;

    if (size < 3) {
        return;
    }
    seed = (unsigned char) text[0] % 7;
    n = (unsigned char) text[1] % 64;
    export = json_loads(seeds[seed], 0, NULL);
    new = json_loadb(text + 2, size - 2, JSON_DECODE_ANY, NULL);
    promise(export != NULL, "a seed is JSON");
    if (new) {
        replace(export, &n, new);
        out = json_dumps(export, 0);
        convert(out, strlen(out), fixed_map, sizeof fixed_map - 1);
        free(out);
    }
    json_decref(new);
    json_decref(export);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char export[] = "[{\"name\":\"a\",\"enabled\":true," PORTS
                                 "}]";
    char *text;

    if (!size) {
        return 0;
    }
    text = rec_xcalloc(1, size);
    memcpy(text, data + 1, --size);
    switch (data[0] % FUZZ_N_READERS) {
    case FUZZ_EXPORT:
        convert(text, size, fixed_map, sizeof fixed_map - 1);
        break;
    case FUZZ_MUTANT:
        fuzz_mutant(text, size);
        break;
    default:
        convert(export, sizeof export - 1, text, size);
        break;
    }
    free(text);
    return 0;
}
