/* SPDX-License-Identifier: Apache-2.0 */

/* ovs-spanctl: what its files share.
 *
 *   main.c         options and usage
 *   run.c          the database connection, transactions, waiting
 *   words.c        command words: ours and the db-* ones of db-ctl-base
 *   commands.c     the table of our commands
 *   cmd-session.c  add, set, del, enable, disable
 *   cmd-sink.c     sink-add, sink-set, sink-del, sink-list
 *   cmd-group.c    group-add, group-set, group-del
 *   cmd-group-show.c  group-list, group-show
 *   cmd-isolate.c  isolate
 *   cmd-show.c     list, show
 *   cmd-apply.c    apply
 *   cmd-plan.c     plan
 *   cmd-locate.c   locate, advise
 *   inquiry.c      asking hosts where something is
 *   cmd-files.c    files
 *   cmd-events.c   events
 *   cmd-top.c      top
 *   top-groups.c   its sessions, in order
 *   top-table.c    its table, as lines
 *   top-screen.c   its terminal
 *   cmd-graph.c    graph
 *   graph-model.c  what is in its picture
 *   graph-text.c   the picture as text
 *   graph-dot.c    the picture for Graphviz
 *   live-view.c    the database, watched: for top and graph
 *   live-row.c     what it says of a session on a host
 *   live-rates.c   rates from counters
 *   cmd-verify.c   verify
 *   cmd-export.c   export
 *   cells.c        tables, cell by cell
 *   show-parts.c   what show and group-show both print
 *   capture-dir.c  capture files in a directory
 *   spec.c         the JSON file of apply, as values
 *   spec-args.c    its objects, as arguments
 *   changes.c      what a command line changed, and how to undo it
 *   hosts.c        hosts and their answers
 *   settings.c     sessions, sinks and groups as key=value lines
 */

#ifndef TOOLS_SPANCTL_H
#define TOOLS_SPANCTL_H 1

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "db-ctl-base.h"
#include "openvswitch/shash.h"
#include "plugin/core/port-group.h"
#include "plugin/core/session.h"
#include "svec.h"
#include "table.h"

struct ds;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct spanrec_binding;
struct spanrec_host;
struct spanrec_port_group;
struct spanrec_session;
struct spanrec_sink;

/* Exit codes, as the manual page has them. */
enum {
    EXIT_DONE = 0,              /* Done. */
    EXIT_REFUSED = 1,           /* Refused, misused, failed. */
    EXIT_TIMED_OUT = 2,         /* Stored, but a host has not answered. */
    EXIT_MISUSED = 2,           /* "verify": the line is wrong. */
    EXIT_DIFFERS = 3,           /* "apply --dry-run": it would change. */
};

/* What the command line's options say. */
struct settings {
    const char *db;             /* --db: the database server. */
    const char *daemon;         /* --daemon: whom "plan" asks. */
    const char *args;           /* The whole line, for the server's log. */
    bool wait;                  /* No --no-wait? */
    unsigned int timeout;       /* Seconds; 0 = none. */
    struct table_style style;
    bool style_given;           /* Was --format there? */
};

/* What a command line changes, so that it can be undone and reported on. */
struct changes {
    struct shash sessions;      /* Name -> struct old_session. */
    struct shash sinks;         /* Name -> struct old_sink. */
    struct shash groups;        /* Name -> struct old_group. */
    struct svec reported;       /* Sessions to report on, in this order. */
    struct svec reported_groups;
    struct svec isolations;     /* Groups of "isolate", to be checked. */
    struct svec warnings;       /* To print when all is done. */
    bool strict;                /* Refuse what destinations cannot take? */
    bool differs;               /* Would a dry run have changed anything? */
};

void changes_init(struct changes *);
void changes_destroy(struct changes *);
bool changes_any(const struct changes *);
void changes_note_session(struct changes *, const char *name,
                          const struct spanrec_session *);
void changes_note_sink(struct changes *, const char *name,
                       const struct spanrec_sink *);
void changes_note_group(struct changes *, const char *name,
                        const struct spanrec_port_group *);
void changes_report(struct changes *, const char *session);
void changes_report_group(struct changes *, const char *group);
void changes_warn_of_group(struct changes *, const struct port_group *);
bool changes_touch_port_rules(const struct changes *,
                              const struct spanrec_binding *);
void changes_undo(const struct changes *, const struct ovsdb_idl *,
                  struct ovsdb_idl_txn *);
void changes_increment(struct ovsdb_idl *, struct ovsdb_idl_txn *);

/* The context of a command. */
struct span_context {
    struct ctl_context base;
    struct changes *changes;
    bool wait;                  /* No --no-wait? */
};

static inline struct span_context *
span_context_cast(struct ctl_context *base)
{
    return CONTAINER_OF(base, struct span_context, base);
}

/* commands.c */
void span_commands_register(void);
bool span_command_is_local(const struct ctl_command *);
int span_command_run_local(const struct settings *,
                           const struct ctl_command *);
void span_command_print(const char *outer, const char *inner);
bool span_command_is_ours(const struct ctl_command_syntax *);
void span_pre_tables(struct ctl_context *);
void span_add_tables(struct ovsdb_idl *);

/* cmd-session.c */
void cmd_session_add(struct ctl_context *);
void cmd_session_set(struct ctl_context *);
void cmd_session_del(struct ctl_context *);
void cmd_session_enable(struct ctl_context *);
void cmd_session_disable(struct ctl_context *);
bool session_needs_host(struct ctl_context *);
void session_store(struct ctl_context *, const struct spanrec_session *,
                   const struct session *);
void session_delete(struct ctl_context *, const struct spanrec_session *);

/* cmd-sink.c */
void cmd_sink_add(struct ctl_context *);
void cmd_sink_set(struct ctl_context *);
void cmd_sink_del(struct ctl_context *);
void cmd_sink_list(struct ctl_context *);
void sink_store(struct ctl_context *, const struct spanrec_sink *,
                const struct sink_config *);
void sink_delete(struct ctl_context *, const struct spanrec_sink *);
const struct spanrec_sink **sink_rows_sorted(const struct ovsdb_idl *,
                                             size_t *n);

/* cmd-group.c */
void cmd_group_add(struct ctl_context *);
void cmd_group_set(struct ctl_context *);
void cmd_group_del(struct ctl_context *);
char *group_users(const struct ovsdb_idl *, const char *name);
bool groups_exist(struct ctl_context *, const struct session *,
                  const struct port_group *others, size_t n);
void group_store(struct ctl_context *, const struct spanrec_port_group *,
                 const struct port_group *);
void group_delete(struct ctl_context *, const struct spanrec_port_group *);

/* cmd-group-show.c */
void cmd_group_list(struct ctl_context *);
void cmd_group_show(struct ctl_context *);
const struct spanrec_port_group **group_rows_sorted(const struct ovsdb_idl *,
                                                    size_t *n);

/* cmd-isolate.c */
void cmd_isolate(struct ctl_context *);
bool isolations_fail(const struct ovsdb_idl *, const struct changes *);

/* cmd-show.c */
void cmd_list(struct ctl_context *);
void cmd_show(struct ctl_context *);
const struct spanrec_session **session_rows_sorted(const struct ovsdb_idl *,
                                                   size_t *n);

/* show-parts.c */
void show_time(struct ds *, const char *what, int64_t msec);
void show_expiry(struct ds *, const char *what, int64_t expires);
void show_settings(struct ds *, const char *kind, const char *name,
                   struct svec *settings, const struct fault *);
void show_verdict(struct ds *, const struct spanrec_binding *);

/* cmd-apply.c */
void cmd_apply(struct ctl_context *);

/* cmd-plan.c */
int plan_run(const char *target, int argc, char *argv[]);

/* cmd-locate.c */
int locate_run(const struct settings *, const char *command, int argc,
               char *argv[]);

/* cmd-files.c */
void cmd_files(struct ctl_context *);
int files_run(const struct settings *, const char *dir, const char *sink);

/* cmd-events.c */
void cmd_events(struct ctl_context *);
int events_run(const struct settings *, const char *session);

/* cmd-top.c */
int top_run(const struct settings *, const struct ctl_command *);

/* cmd-graph.c */
int graph_run(const struct settings *, const struct ctl_command *);

/* cmd-verify.c */
int verify_run(const struct settings *, int n, char *paths[]);

/* cmd-export.c */
void cmd_export(struct ctl_context *);
void cmd_export_post(struct ctl_context *);
int export_run(const struct shash *options);

/* run.c */
int run_commands(const struct settings *, struct ctl_command *, size_t n);
struct ovsdb_idl *span_idl_create(const struct settings *);
void span_check_alive(const struct ovsdb_idl *, const struct settings *);

/* spec.c */
struct spec {
    struct session *sessions;
    size_t n_sessions;
    struct sink_config *sinks;
    size_t n_sinks;
    struct port_group *groups;
    size_t n_groups;
    bool has_sessions;          /* Is there a list of sessions, even empty? */
    bool has_groups;            /* The same of groups. */
};

char *spec_parse(struct spec *, const char *text, int64_t now);
void spec_destroy(struct spec *);

/* hosts.c */
bool hosts_any(const struct ovsdb_idl *);
const char *host_name(const struct spanrec_host *);
const struct spanrec_host *hosts_find_behind(const struct ovsdb_idl *,
                                             int64_t cfg);
struct spanrec_binding **hosts_bindings(const struct ovsdb_idl *,
                                        const char *session, size_t *n);
struct spanrec_binding **hosts_group_bindings(const struct ovsdb_idl *,
                                              const char *group, size_t *n);
const char *binding_host(const struct spanrec_binding *);
char *binding_to_sentence(const struct spanrec_binding *);
bool hosts_refuse(const struct ovsdb_idl *, const struct changes *,
                  int64_t cfg);
void hosts_report(const struct ovsdb_idl *, const struct changes *);
bool hosts_have_estimates(const struct ovsdb_idl *, const struct changes *);
bool hosts_warn(const struct ovsdb_idl *, const struct changes *);

/* settings.c */
void settings_of_session(const struct session *, struct svec *);
void settings_of_sink(const struct sink_config *, struct svec *);
void settings_of_group(const struct port_group *, struct svec *);
bool settings_same_session(const struct session *, const struct session *);
bool settings_same_sink(const struct sink_config *,
                        const struct sink_config *);
bool settings_same_group(const struct port_group *,
                         const struct port_group *);
char *settings_make_printable(char *text);
bool settings_key_may_repeat(const char *word);
char *settings_repeated_key(char *words[], size_t n);
void settings_diff(const struct svec *old, const struct svec *new,
                   struct ds *);

/* words.c */
char *words_translate(int argc, char *argv[], const struct option *globals,
                      struct svec *hoisted, struct svec *words);
void words_print_commands(void);
char *words_untranslate(const char *message);

#endif /* tools/ovs-spanctl/spanctl.h */
