/* SPDX-License-Identifier: Apache-2.0 */

/* Files and options of ovs-span-import; see import-main.h. */

#include <config.h>

#include "import-main.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json-doc.h"
#include "plugin/record/record-util.h"

#define PROGRAM "ovs-span-import"

/* What the command line says. */
struct options {
    const char *port_map;
    const char *host;
    char *const *files;
    size_t n_files;
};

static void
print_usage(void)
{
    puts(
"Usage: " PROGRAM " [--port-map=FILE] [--host=HOST] FILE...|-\n"
"Turn vSphere's port mirroring sessions and port groups, exported as JSON by\n"
"govc or PowerCLI, into a specification for \"ovs-spanctl apply -\", on\n"
"standard output.\n"
"\n"
"  --port-map=FILE   what vSphere's ports, uplinks and networks are called\n"
"                    here: a JSON object {\"112\": \"vm:web1\"}, or lines\n"
"                      112 vm:web1\n"
"                      200 port:monitor\n"
"                      \"Uplink 1\" uplink:bond0\n"
"                      \"VM Network\" bridge:br-int\n"
"  --host=HOST       only ports on this host of vSphere's, such as host-12\n"
"  -h, --help        print this\n"
"  -V, --version     print the version\n"
"\n"
"A port that the map lacks is an error that says what the port is.  Nothing\n"
"is written if anything is wrong; what cannot be carried over is said on\n"
"standard error.  Exit status: 0 written, 1 refused, 2 trouble.");
}

/* Reads all of the file 'name', "-" for standard input, into '*text', which
 * the caller frees.  Returns false after saying what is wrong. */
static bool
read_file(const char *name, struct import_text *text)
{
    bool standard = !strcmp(name, "-");
    FILE *stream = standard ? stdin : fopen(name, "r");
    size_t allocated = 1 << 16, n = 0, size = 0;
    char *buffer;
    int error;

    if (!stream) {
        fprintf(stderr, PROGRAM ": %s: %s\n", name, strerror(errno));
        return false;
    }
    buffer = rec_xcalloc(1, allocated);
    do {
        if (allocated - size < 2) {
            allocated *= 2;
            buffer = rec_xrealloc(buffer, allocated);
        }
        n = fread(buffer + size, 1, allocated - size - 1, stream);
        size += n;
    } while (n && size <= JSON_DOC_MAX_SIZE);
    error = ferror(stream) ? errno : 0;
    buffer[size] = '\0';
    if (!standard) {
        fclose(stream);
    }
    if (error) {
        fprintf(stderr, PROGRAM ": %s: %s\n", name, strerror(error));
        free(buffer);
        return false;
    }
    *text = (struct import_text) {
        .name = standard ? "standard input" : name,
        .text = buffer,
        .size = size,
    };
    return true;
}

static bool
write_text(const char *text)
{
    if (puts(text) == EOF || fflush(stdout) == EOF) {
        fprintf(stderr, PROGRAM ": standard output: %s\n", strerror(errno));
        return false;
    }
    return true;
}

static int
run(const struct options *o)
{
    struct import_text *exports = rec_xcalloc(o->n_files, sizeof *exports);
    struct import_text port_map = { .text = NULL };
    bool ok = !o->port_map || read_file(o->port_map, &port_map);
    int status = IMPORT_TROUBLE;

    for (size_t i = 0; ok && i < o->n_files; i++) {
        ok = read_file(o->files[i], &exports[i]);
    }
    if (ok) {
        char *text = import_convert(exports, o->n_files,
                                    o->port_map ? &port_map : NULL, o->host,
                                    stderr);

        if (!text) {
            fputs(PROGRAM ": refused; nothing was written\n", stderr);
        }
        status = (!text ? IMPORT_REFUSED
                  : write_text(text) ? IMPORT_DONE : IMPORT_TROUBLE);
        free(text);
    }
    for (size_t i = 0; i < o->n_files; i++) {
        free((char *) exports[i].text);
    }
    free(exports);
    free((char *) port_map.text);
    return status;
}

static int
complain(const char *what)
{
    fprintf(stderr, PROGRAM ": %s; try --help\n", what);
    return IMPORT_TROUBLE;
}

/* Standard input can be read once. */
static bool
reads_input_twice(const struct options *o)
{
    size_t n = o->port_map && !strcmp(o->port_map, "-");

    for (size_t i = 0; i < o->n_files; i++) {
        n += !strcmp(o->files[i], "-");
    }
    return n > 1;
}

/* Does what the command line says; returns the exit status. */
int
import_main(int argc, char *argv[])
{
    static const struct option options[] = {
        { "port-map", required_argument, NULL, 'p' },
        { "host", required_argument, NULL, 'H' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'V' },
        { NULL, 0, NULL, 0 },
    };
    struct options o = { .port_map = NULL };
    int c;

    while ((c = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
        switch (c) {
        case 'p':
            if (o.port_map) {
                return complain("--port-map is given twice");
            }
            o.port_map = optarg;
            break;
        case 'H':
            o.host = optarg;
            break;
        case 'h':
            print_usage();
            return IMPORT_DONE;
        case 'V':
            puts(PROGRAM " " SPAN_VERSION);
            return IMPORT_DONE;
        default:
            return complain("wrong option");
        }
    }
    o.files = argv + optind;
    o.n_files = argc - optind;
    if (!o.n_files) {
        return complain("name a file, or - for standard input");
    } else if (reads_input_twice(&o)) {
        return complain("standard input can be read only once");
    }
    return run(&o);
}
