/* SPDX-License-Identifier: Apache-2.0 */

/* Command words.
 *
 * db-ctl-base registers its generic commands as list, set, add, ..., which
 * are names that sessions need.  So each word has an outer form, which people
 * type and read, and an inner one, which is registered: db-list is the base's
 * "list", and our "list" is registered as "session-list".
 *
 * Options are understood behind a command too: a global one is hoisted to the
 * front of the line, a command's own one before its command, where getopt
 * and db-ctl-base expect them. */

#include <config.h>

#include "spanctl.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

struct word {
    const char *outer;
    const char *inner;
};

static const struct word words_table[] = {
    {"add", "session-add"},
    {"set", "session-set"},
    {"list", "session-list"},
    {"del", "del"},
    {"enable", "enable"},
    {"disable", "disable"},
    {"show", "show"},
    {"plan", "plan"},
    {"locate", "locate"},
    {"advise", "advise"},
    {"apply", "apply"},
    {"init", "init"},
    {"sink-add", "sink-add"},
    {"sink-set", "sink-set"},
    {"sink-del", "sink-del"},
    {"sink-list", "sink-list"},
    {"group-add", "group-add"},
    {"group-set", "group-set"},
    {"group-del", "group-del"},
    {"group-list", "group-list"},
    {"group-show", "group-show"},
    {"isolate", "isolate"},
    {"files", "files"},
    {"verify", "verify"},
    {"export", "export"},
    {"events", "events"},
    {"top", "top"},
    {"graph", "graph"},
    {"db-comment", "comment"},
    {"db-get", "get"},
    {"db-list", "list"},
    {"db-find", "find"},
    {"db-set", "set"},
    {"db-add", "add"},
    {"db-remove", "remove"},
    {"db-clear", "clear"},
    {"db-create", "create"},
    {"db-destroy", "destroy"},
    {"db-wait-until", "wait-until"},
};

static const char *
word_to_inner(const char *outer)
{
    for (size_t i = 0; i < ARRAY_SIZE(words_table); i++) {
        if (!strcmp(words_table[i].outer, outer)) {
            return words_table[i].inner;
        }
    }
    return NULL;
}

/* Prints each command that can be typed, a line "[OPTION]... ,COMMAND,ARGS"
 * each as in "ovs-vsctl --commands", for programs that complete lines.  The
 * db-* ones come without options. */
void
words_print_commands(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(words_table); i++) {
        const struct word *w = &words_table[i];

        span_command_print(w->outer, w->inner);
    }
    span_command_print("capture", "capture");
}

/* Returns db-ctl-base's complaint 'message' with the command that it names in
 * the form that people typed.  The caller must free the result. */
char *
words_untranslate(const char *message)
{
    for (size_t i = 0; i < ARRAY_SIZE(words_table); i++) {
        const struct word *w = &words_table[i];
        char *quoted = xasprintf("'%s'", w->inner);
        const char *at = strstr(message, quoted);
        char *result = NULL;

        if (at) {
            result = xasprintf("%.*s'%s'%s", (int) (at - message), message,
                               w->outer, at + strlen(quoted));
        }
        free(quoted);
        if (result) {
            return result;
        }
    }
    return xstrdup(message);
}

/* Returns the option of a command that 'word' is and that has a value which
 * may stand in the next word, in the form "--name"; else NULL. */
static const char *
find_value_option(const char *word)
{
    static const char *const names[] = {
        "--from", "--to", "--sink", "--dir", "--write", "--delay",
    };

    if (!strcmp(word, "-w")) {
        return "--write";
    } else if (!strcmp(word, "-d")) {
        return "--delay";
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(names[i], word)) {
            return names[i];
        }
    }
    return NULL;
}

/* Inserts 'word', which this owns from then on, before the words from
 * '*position' on, and steps over it. */
static void
insert_word(struct svec *words, size_t *position, char *word)
{
    svec_add_nocopy(words, word);
    for (size_t i = words->n - 1; i > *position; i--) {
        words->names[i] = words->names[i - 1];
    }
    words->names[(*position)++] = word;
}

/* Returns the option that 'word' ("--name" or "--name=value") gives, or NULL
 * when it gives none of 'options'. */
static const struct option *
find_option(const char *word, const struct option *options)
{
    size_t length = strcspn(word + 2, "=");

    for (const struct option *o = options; o->name; o++) {
        if (strlen(o->name) == length && !strncmp(o->name, word + 2, length)) {
            return o;
        }
    }
    return NULL;
}

/* Translates one command, the 'argc' words in 'argv'.  Returns NULL or a
 * message for the caller to free. */
static char *
translate_command(int argc, char *argv[], const struct option *globals,
                  struct svec *hoisted, struct svec *words)
{
    int command = 0;
    const char *inner;

    while (command < argc && argv[command][0] == '-') {
        svec_add(words, argv[command++]);
    }
    if (command == argc) {
        return NULL;
    }
    inner = word_to_inner(argv[command]);
    if (!inner) {
        return xasprintf("unknown command '%s'; use --help for help",
                         argv[command]);
    }

    size_t insert_at = words->n;
    svec_add(words, inner);
    for (int i = command + 1; i < argc; i++) {
        const char *value_option = find_value_option(argv[i]);
        const struct option *o;

        if (value_option && i + 1 < argc) {
            insert_word(words, &insert_at,
                        xasprintf("%s=%s", value_option, argv[++i]));
            continue;
        }
        if (!strcmp(inner, "events") && !strcmp(argv[i], "-f")) {
            insert_word(words, &insert_at, xstrdup("--follow"));
            continue;
        }
        if (strncmp(argv[i], "--", 2)) {
            svec_add(words, argv[i]);
            continue;
        }
        o = find_option(argv[i], globals);
        if (!o) {
            insert_word(words, &insert_at, xstrdup(argv[i]));
            continue;
        }
        svec_add(hoisted, argv[i]);
        if (o->has_arg == required_argument && !strchr(argv[i], '=')
            && i + 1 < argc) {
            svec_add(hoisted, argv[++i]);
        }
    }
    return NULL;
}

/* Translates the 'argc' words in 'argv', commands separated by "--", into
 * 'words' for db-ctl-base, and puts the options of 'globals' that stand behind
 * a command into 'hoisted'.  Returns NULL or a message for the caller to
 * free. */
char *
words_translate(int argc, char *argv[], const struct option *globals,
                struct svec *hoisted, struct svec *words)
{
    int start = 0;

    for (int i = 0; i <= argc; i++) {
        if (i < argc && strcmp(argv[i], "--")) {
            continue;
        }
        char *error = translate_command(i - start, argv + start, globals,
                                        hoisted, words);
        if (error) {
            return error;
        }
        if (i < argc) {
            svec_add(words, "--");
        }
        start = i + 1;
    }
    return NULL;
}
