/* SPDX-License-Identifier: Apache-2.0 */

/* The terminal of "top", by ncurses: see top-screen.h.
 *
 * Signals become bytes in a pipe, on which the poll loop can wait. */

#include <config.h>

#include "top-screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "socket-util.h"
#include "util.h"

/* The pair of colours of what is wrong. */
#define PAIR_TROUBLE 1

/* Milliseconds within which the rest of an arrow key's sequence comes. */
#define ESCAPE_DELAY 50

static struct {
    SCREEN *screen;             /* NULL = not open. */
    int pipe[2];                /* Bytes 'w' for SIGWINCH, 'q' for SIGQUIT. */
    int input;                  /* Standard input by a number that the poll
                                 * loop takes, which 0 is not. */
    bool quit;
    bool gone;                  /* The terminal has hung up. */
} terminal;

static void
on_signal(int number)
{
    int error = errno;
    char byte = number == SIGQUIT ? 'q' : 'w';

    /* A full pipe wakes as well. */
    if (write(terminal.pipe[1], &byte, 1) < 0) {
        errno = error;
    }
    errno = error;
}

static void
catch_signal(int number)
{
    struct sigaction action = { .sa_handler = on_signal,
                                .sa_flags = SA_RESTART };

    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* Gives the terminal back. */
void
top_screen_close(void)
{
    if (terminal.screen) {
        endwin();
        delscreen(terminal.screen);
        terminal.screen = NULL;
    }
}

static void
close_at_exit(void *aux OVS_UNUSED)
{
    top_screen_close();
}

/* Takes the terminal.  Returns NULL, or a sentence for the caller to free if
 * there is none that can be used. */
char *
top_screen_open(void)
{
    const char *type = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return xstrdup("\"top\" needs a terminal; \"top --once\" prints the "
                       "table");
    }
    xpipe_nonblocking(terminal.pipe);
    terminal.input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (terminal.input < 0) {
        return xasprintf("the terminal cannot be read (%s)",
                         ovs_strerror(errno));
    }
    fatal_signal_init();        /* ncurses then leaves those signals alone. */
    set_escdelay(ESCAPE_DELAY);
    terminal.screen = newterm(NULL, stdout, stdin);
    if (!terminal.screen) {
        return xasprintf("nothing is known of terminals of type \"%s\"; set "
                         "TERM to another one, or use \"top --once\"",
                         type ? type : "");
    }
    fatal_signal_add_hook(close_at_exit, NULL, NULL, true);
    /* After newterm(), which has a handler of its own. */
    catch_signal(SIGWINCH);
    catch_signal(SIGQUIT);

    cbreak();
    noecho();
    nonl();
    nodelay(stdscr, true);
    keypad(stdscr, true);
    if (has_colors() && !(no_color && *no_color)) {
        start_color();
        use_default_colors();
        init_pair(PAIR_TROUBLE, COLOR_RED, -1);
    }
    return NULL;
}

/* Returns true once SIGQUIT has come, or the terminal has gone. */
bool
top_screen_is_quit(void)
{
    return terminal.quit || terminal.gone;
}

void
top_screen_size(int *width, int *height)
{
    getmaxyx(stdscr, *height, *width);
}

/* Begins a new picture. */
void
top_screen_begin(void)
{
    erase();
}

/* Puts 'text', which fits the width, into line 'row' of the picture. */
void
top_screen_put(int row, const char *text, enum top_look look)
{
    attr_t attributes = (look == TOP_LOOK_HEADING ? A_REVERSE
                         : look == TOP_LOOK_TROUBLE ? A_BOLD : A_NORMAL);
    short int pair = (look == TOP_LOOK_TROUBLE && has_colors()
                      ? PAIR_TROUBLE : 0);

    attr_set(attributes, pair, NULL);
    mvaddstr(row, 0, text);
    if (look == TOP_LOOK_HEADING) {
        for (int i = getcurx(stdscr); getcury(stdscr) == row
             && i < getmaxx(stdscr); i++) {
            addch(' ');
        }
    }
    attr_set(A_NORMAL, 0, NULL);
}

/* Shows the picture, with the cursor there; in a corner, unseen, if
 * 'cursor_row' < 0. */
void
top_screen_end(int cursor_row, int cursor_column)
{
    curs_set(cursor_row >= 0);
    if (cursor_row >= 0) {
        move(cursor_row, cursor_column);
    } else {
        move(getmaxy(stdscr) - 1, 0);
    }
    refresh();
}

/* Handles what signals have left.  Returns true if the size has changed. */
static bool
handle_signals(void)
{
    bool resized = false;
    char bytes[64];
    ssize_t n;

    while ((n = read(terminal.pipe[0], bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            terminal.quit |= bytes[i] == 'q';
            resized |= bytes[i] == 'w';
        }
    }
    if (resized) {
        struct winsize size;

        if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row
            && size.ws_col) {
            resizeterm(size.ws_row, size.ws_col);
        }
        clearok(curscr, true);
    }
    return resized;
}

static const struct {
    int curses;
    int key;
} keys[] = {
    { KEY_UP, TOP_KEY_UP }, { KEY_DOWN, TOP_KEY_DOWN },
    { KEY_PPAGE, TOP_KEY_PAGE_UP }, { KEY_NPAGE, TOP_KEY_PAGE_DOWN },
    { KEY_HOME, TOP_KEY_HOME }, { KEY_END, TOP_KEY_END },
    { KEY_LEFT, TOP_KEY_LEFT }, { KEY_RIGHT, TOP_KEY_RIGHT },
    { KEY_RESIZE, TOP_KEY_RESIZE },
    { KEY_BACKSPACE, TOP_KEY_BACKSPACE }, { 127, TOP_KEY_BACKSPACE },
    { '\b', TOP_KEY_BACKSPACE }, { 27, TOP_KEY_ESCAPE },
    { KEY_ENTER, '\n' }, { '\r', '\n' },
};

/* Has the terminal hung up, so that nothing can be read from it any more? */
static bool
has_hung_up(void)
{
    struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

    return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR));
}

/* Returns the next key: a character, or one of TOP_KEY_*; TOP_KEY_NONE if
 * there is none now. */
int
top_screen_key(void)
{
    int c;

    if (handle_signals()) {
        return TOP_KEY_RESIZE;
    }
    c = getch();
    if (c == ERR) {
        terminal.gone |= has_hung_up();
        return TOP_KEY_NONE;
    }
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (c == keys[i].curses) {
            return keys[i].key;
        }
    }
    return c < KEY_MIN ? c : TOP_KEY_NONE;
}

/* Lets poll_block() wake up when a key or a signal comes. */
void
top_screen_wait(void)
{
    poll_fd_wait(terminal.input, POLLIN);
    poll_fd_wait(terminal.pipe[0], POLLIN);
}
