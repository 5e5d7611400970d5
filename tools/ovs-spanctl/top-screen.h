/* SPDX-License-Identifier: Apache-2.0 */

/* The terminal of "top".  There is one; it is given back as it was however the
 * program ends, short of kill -9. */

#ifndef TOOLS_TOP_SCREEN_H
#define TOOLS_TOP_SCREEN_H 1

#include <stdbool.h>

/* Keys beside characters. */
enum {
    TOP_KEY_NONE = -1,
    TOP_KEY_UP = 0x1000,
    TOP_KEY_DOWN,
    TOP_KEY_PAGE_UP,
    TOP_KEY_PAGE_DOWN,
    TOP_KEY_HOME,
    TOP_KEY_END,
    TOP_KEY_LEFT,
    TOP_KEY_RIGHT,
    TOP_KEY_RESIZE,
    TOP_KEY_BACKSPACE,
    TOP_KEY_ESCAPE,
};

/* How a line looks. */
enum top_look {
    TOP_LOOK_PLAIN,
    TOP_LOOK_HEADING,
    TOP_LOOK_TROUBLE,
};

char *top_screen_open(void);
void top_screen_close(void);
bool top_screen_is_quit(void);

void top_screen_size(int *width, int *height);
void top_screen_begin(void);
void top_screen_put(int row, const char *text, enum top_look);
void top_screen_end(int cursor_row, int cursor_column);

int top_screen_key(void);
void top_screen_wait(void);

#endif /* tools/ovs-spanctl/top-screen.h */
