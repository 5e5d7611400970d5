/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzing of what reads capture files: the check and the export, on a file of
 * the bytes given, as they are and, if the first of them is odd, packed by
 * zstd.
 *
 * Beside not crashing: what is readable is within the file, what is not whole
 * has a problem in words, and an export of it is whole and has as many
 * packets.  fuzz-record-main.c drives it in "make check". */

#include <config.h>
#include "tests/fuzz/fuzz.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>
#include "plugin/record/capture-check.h"
#include "plugin/record/capture-export.h"

/* A broken promise ends the program, as a crash does. */
static void
promise(bool kept, const char *what)
{
    if (!kept) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static int
make_file(const void *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    promise(fd >= 0 && write(fd, data, size) == (ssize_t) size, "a file");
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void
ignore_note(void *aux __attribute__((unused)), const char *sentence)
{
    promise(sentence[0], "a note says something");
}

static void
ignore_poll(void *aux __attribute__((unused)))
{
}

/* Exports the file, and checks the result. */
static void
fuzz_export(int fd, const struct capture_check *check)
{
    int out = memfd_create("out", MFD_CLOEXEC);
    char path[32];
    struct export_file file = { .path = path, .last = UINT64_MAX };
    struct export_stream stream = { &file, 1 };
    struct export_options options = {
        .to = UINT64_MAX, .application = "ovs-span fuzz", .os = "os",
        .note = ignore_note, .poll = ignore_poll,
    };
    struct export_result result;
    struct capture_check exported;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    promise(!capture_export(&stream, 1, &options, out, &result),
            "an export can be written");
    promise(result.packets <= check->packets, "no packet is invented");
    lseek(out, 0, SEEK_SET);
    capture_check_run(&exported, out, false, NULL);
    promise(exported.facts.end == CAPTURE_WHOLE, "an export is whole");
    promise(exported.packets == result.packets, "as many packets as said");
    promise(exported.facts.bytes == result.bytes, "as many bytes as said");
    capture_check_destroy(&exported);
}

static void
fuzz_file(const void *data, size_t size)
{
    struct capture_check check;
    int fd = make_file(data, size);

    capture_check_run(&check, fcntl(fd, F_DUPFD_CLOEXEC, 3), false, NULL);
    promise(check.facts.end != CAPTURE_OPEN, "it comes to an end");
    promise((check.facts.end == CAPTURE_WHOLE) || check.n_problems,
            "there is a problem");
    promise(check.facts.zstd || check.facts.bytes <= size,
            "no more is readable than there is");
    promise(check.first <= check.last, "times have an order");
    lseek(fd, 0, SEEK_SET);
    fuzz_export(fd, &check);
    close(fd);
    capture_check_destroy(&check);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        fuzz_file(data + 1, size - 1);
        if (data[0] % 2) {
            size_t room = ZSTD_compressBound(size);
            void *packed = malloc(room);

            fuzz_file(packed, ZSTD_compress(packed, room, data + 1, size - 1,
                                            1));
            free(packed);
        }
    }
    return 0;
}
