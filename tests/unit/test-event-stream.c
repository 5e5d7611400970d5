/* SPDX-License-Identifier: Apache-2.0 */

/* Lines for readers of a socket: who gets them, and who is dropped. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/event-stream.h"
#include "socket-util.h"
#include "tests/tap.h"
#include "util.h"

static char *path;
static struct event_stream *es;

/* Connects a reader, and greets all that have come. */
static int
connect_reader(const char *greeting)
{
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, path);

    while (event_stream_accept(es)) {
        event_stream_greet(es, greeting);
    }
    event_stream_run(es);
    return fd;
}

/* Returns what there is to read from 'fd', for the caller to free. */
static char *
read_all(int fd)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    char buffer[65536];
    ssize_t n;

    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        ds_put_buffer(&ds, buffer, n);
        if (es) {
            event_stream_run(es);
        }
    }
    return ds_steal_cstr(&ds);
}

/* Has the other side closed 'fd', of which everything has been read? */
static bool
is_dropped(int fd)
{
    char c;

    return read(fd, &c, 1) == 0;
}

static void
check_read(int fd, const char *want, const char *name)
{
    char *got = read_all(fd);

    tap_str(got, want, "%s", name);
    free(got);
}

static void
test_order(void)
{
    struct stat s;
    int a, b;

    tap_ok(!event_stream_accept(es), "nobody is there");
    tap_ok(!stat(path, &s) && S_ISSOCK(s.st_mode), "there is a socket");
    tap_int(s.st_mode & 0777, 0660, "for root and a group");
    a = connect_reader("hello a");
    event_stream_send(es, "1");
    b = connect_reader("hello b");
    event_stream_send(es, "2");
    event_stream_run(es);
    check_read(a, "hello a\n1\n2\n", "the first reader gets all, in order");
    check_read(b, "hello b\n2\n", "the second what came later");

    ignore(write(b, "what?\n", 6));
    event_stream_run(es);
    event_stream_send(es, "3");
    event_stream_run(es);
    check_read(b, "3\n", "what a reader says does not matter");
    close(b);
    event_stream_run(es);
    event_stream_send(es, "4");
    event_stream_run(es);
    check_read(a, "3\n4\n", "a reader that goes takes no other along");
    close(a);
    event_stream_run(es);
    tap_ok(!event_stream_has_readers(es), "all have gone");
}

static void
test_slow(void)
{
    char *line = xmalloc(10001);
    size_t n_slow, n_quick = 0;
    int slow, quick;

    memset(line, 'x', 10000);
    line[10000] = '\0';
    slow = connect_reader(line);
    quick = connect_reader("");
    for (int i = 0; i < 1000; i++) {
        event_stream_send(es, line);
        event_stream_run(es);

        char *text = read_all(quick);
        n_quick += strlen(text);
        free(text);
    }
    tap_int(n_quick, 1 + 1000 * 10001, "who reads gets ten million bytes");
    tap_ok(!is_dropped(quick), "and goes on");

    char *text = read_all(slow);
    n_slow = strlen(text);
    free(text);
    tap_ok(is_dropped(slow), "who does not read is dropped");
    tap_ok(n_slow < EVENT_STREAM_MAX_BACKLOG, "without its backlog");
    close(slow);
    close(quick);
    event_stream_run(es);
    free(line);
}

static void
test_long_greeting(void)
{
    char *line = xmalloc(3 * EVENT_STREAM_MAX_BACKLOG + 1);
    int fd;

    memset(line, 'y', 3 * EVENT_STREAM_MAX_BACKLOG);
    line[3 * EVENT_STREAM_MAX_BACKLOG] = '\0';
    fd = connect_reader(line);
    for (int i = 0; i < 1000; i++) {
        event_stream_send(es, "0123456789");
        event_stream_run(es);
    }
    char *text = read_all(fd);
    tap_int(strlen(text), 3 * EVENT_STREAM_MAX_BACKLOG + 1 + 11000,
            "a long first line is no backlog");
    free(text);
    free(line);
    close(fd);
    event_stream_run(es);
}

static void
test_many(void)
{
    int fds[EVENT_STREAM_MAX_CLIENTS + 1];
    size_t n_dropped = 0;

    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        fds[i] = connect_reader("");
    }
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        free(read_all(fds[i]));
        n_dropped += is_dropped(fds[i]);
    }
    tap_int(n_dropped, 1, "%d readers, and none more",
            EVENT_STREAM_MAX_CLIENTS);
    close(fds[0]);
    event_stream_run(es);
    fds[0] = connect_reader("again");
    check_read(fds[0], "again\n", "when one goes there is room");
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        close(fds[i]);
    }
    event_stream_run(es);
}

static void
test_end(void)
{
    int fd = connect_reader("hello");

    event_stream_send(es, "bye");
    event_stream_destroy(es);
    es = NULL;
    check_read(fd, "hello\nbye\n", "at the end readers get the last line");
    tap_ok(is_dropped(fd), "and are dropped");
    tap_ok(access(path, F_OK) && errno == ENOENT, "the socket has gone");
    close(fd);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    char dir[] = "/tmp/span-events.XXXXXX";

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    fatal_ignore_sigpipe();
    if (!mkdtemp(dir)) {
        return EXIT_FAILURE;
    }
    path = xasprintf("%s/sock", dir);
    es = event_stream_create(path);
    test_order();
    test_slow();
    test_long_greeting();
    test_many();
    test_end();
    free(path);
    rmdir(dir);
    return tap_done();
}
