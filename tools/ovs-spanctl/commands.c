/* SPDX-License-Identifier: Apache-2.0 */

/* The table of our commands.  words.c says what people type for the names
 * here. */

#include <config.h>

#include "spanctl.h"

#include <limits.h>

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-schema/span-idl.h"
#include "timeval.h"
#include "util.h"

static void
cmd_init(struct ctl_context *ctx)
{
    if (!spanrec_span_global_first(ctx->idl)) {
        spanrec_span_global_insert(ctx->txn);
    }
}

static void
add_table(struct ovsdb_idl *idl, const struct ovsdb_idl_table_class *table)
{
    ovsdb_idl_add_table(idl, table);
    for (size_t i = 0; i < table->n_columns; i++) {
        ovsdb_idl_add_column(idl, &table->columns[i]);
    }
}

/* Asks 'idl' for the tables that most of our commands read. */
void
span_add_tables(struct ovsdb_idl *idl)
{
    const struct ovsdb_idl_table_class *tables[] = {
        &spanrec_table_span_global, &spanrec_table_host,
        &spanrec_table_session, &spanrec_table_source,
        &spanrec_table_destination, &spanrec_table_sink,
        &spanrec_table_port_group,
        &spanrec_table_binding,
    };

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        add_table(idl, tables[i]);
    }
}

void
span_pre_tables(struct ctl_context *ctx)
{
    span_add_tables(ctx->idl);
}

/* The same for those that read what files there are.  There may be so many
 * that the others would have to wait for them. */
static void
pre_files(struct ctl_context *ctx)
{
    span_pre_tables(ctx);
    add_table(ctx->idl, &spanrec_table_recording);
}

static void
pre_events(struct ctl_context *ctx)
{
    span_pre_tables(ctx);
    add_table(ctx->idl, &spanrec_table_event);
}

/* For commands that never get to the database. */
static void
cmd_local(struct ctl_context *ctx)
{
    ctl_error(ctx, "\"%s\" has to be the only command", ctx->argv[0]);
}

static const struct ctl_command_syntax span_commands[] = {
    {"init", 0, 0, "", span_pre_tables, cmd_init, NULL, "", RW},

    /* Sessions. */
    {"session-add", 1, INT_MAX, "NAME KEY=VALUE...", span_pre_tables,
     cmd_session_add, NULL, "--may-exist,--strict", RW},
    {"session-set", 2, INT_MAX, "NAME KEY=VALUE...", span_pre_tables,
     cmd_session_set, NULL, "--if-exists,--strict", RW},
    {"del", 1, INT_MAX, "NAME...", span_pre_tables, cmd_session_del, NULL,
     "--if-exists", RW},
    {"enable", 1, INT_MAX, "NAME...", span_pre_tables, cmd_session_enable,
     NULL, "--if-exists", RW},
    {"disable", 1, INT_MAX, "NAME...", span_pre_tables, cmd_session_disable,
     NULL, "--if-exists", RW},
    {"session-list", 0, 0, "", span_pre_tables, cmd_list, NULL, "", RO},
    {"show", 0, 1, "[NAME]", pre_files, cmd_show, NULL, "", RO},
    {"plan", 1, INT_MAX, "NAME [KEY=VALUE]...", NULL, cmd_local, NULL, "",
     RO},
    {"locate", 1, 3, "SELECTOR [with SELECTOR]", NULL, cmd_local, NULL, "",
     RO},
    {"advise", 1, 3, "SELECTOR [with SELECTOR]", NULL, cmd_local, NULL, "",
     RO},
    {"apply", 1, 1, "FILE", span_pre_tables, cmd_apply, NULL,
     "--dry-run,--prune,--strict", RW},

    /* Sinks. */
    {"sink-add", 1, INT_MAX, "NAME [KEY=VALUE]...", span_pre_tables,
     cmd_sink_add, NULL, "--may-exist", RW},
    {"sink-set", 2, INT_MAX, "NAME KEY=VALUE...", span_pre_tables,
     cmd_sink_set, NULL, "--if-exists", RW},
    {"sink-del", 1, INT_MAX, "NAME...", span_pre_tables, cmd_sink_del, NULL,
     "--if-exists", RW},
    {"sink-list", 0, 0, "", span_pre_tables, cmd_sink_list, NULL, "", RO},

    /* Port groups. */
    {"group-add", 1, INT_MAX, "NAME KEY=VALUE...", span_pre_tables,
     cmd_group_add, NULL, "--may-exist", RW},
    {"group-set", 2, INT_MAX, "NAME KEY=VALUE...", span_pre_tables,
     cmd_group_set, NULL, "--if-exists", RW},
    {"group-del", 1, INT_MAX, "NAME...", span_pre_tables, cmd_group_del, NULL,
     "--if-exists", RW},
    {"group-list", 0, 0, "", span_pre_tables, cmd_group_list, NULL, "", RO},
    {"group-show", 0, 1, "[NAME]", span_pre_tables, cmd_group_show, NULL, "",
     RO},
    {"isolate", 1, INT_MAX, "SELECTOR with SELECTOR [KEY=VALUE]...",
     span_pre_tables, cmd_isolate, NULL, "--undo", RW},

    /* Capture files. */
    {"files", 0, 1, "[SINK]", pre_files, cmd_files, NULL, "--dir=", RO},
    {"verify", 0, INT_MAX, "FILE...", NULL, cmd_local, NULL, "", RO},
    {"export", 0, 1, "[SESSION]", span_pre_tables, cmd_export,
     cmd_export_post, "--write=,--from=,--to=,--sink=,--dir=,--force", RO},

    {"top", 0, 0, "", NULL, cmd_local, NULL, "--once,--delay=", RO},
    {"graph", 0, 1, "[SESSION]", NULL, cmd_local, NULL,
     "--text,--dot,--svg,--delay=,--host=", RO},
    {"events", 0, 1, "[SESSION]", pre_events, cmd_events, NULL, "--follow",
     RO},

    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};

/* What follows the commands that are not in the table. */
static const char *
foreign_arguments(const char *outer)
{
    return (!strcmp(outer, "capture") ? "SELECTOR... [OPTION]..."
            : !strcmp(outer, "db-comment") ? "ARG..." : "TBL...");
}

/* Prints the command that people call 'outer' and the table 'inner', see
 * words_print_commands(). */
void
span_command_print(const char *outer, const char *inner)
{
    const struct ctl_command_syntax *c = span_commands;
    char *options, *rest;

    while (c->name && strcmp(c->name, inner)) {
        c++;
    }
    options = rest = xstrdup(c->name ? c->options : "");
    for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
        if (*one) {
            printf("[%s] ", one);
        }
    }
    printf(",%s,%s\n", outer,
           c->name ? c->arguments : foreign_arguments(outer));
    free(options);
}

/* Is 'syntax' one of ours, and not one of db-ctl-base's? */
bool
span_command_is_ours(const struct ctl_command_syntax *syntax)
{
    return (syntax >= span_commands
            && syntax < &span_commands[ARRAY_SIZE(span_commands)]);
}

/* Does 'command' do without the database, or without run.c's ways with it? */
bool
span_command_is_local(const struct ctl_command *command)
{
    const struct shash *options = &command->options;
    const struct ctl_command_syntax *syntax = command->syntax;

    return (syntax->run == cmd_local
            || (syntax->run == cmd_events && shash_find(options, "--follow"))
            || (syntax->run == cmd_files && shash_find(options, "--dir"))
            || (syntax->run == cmd_export && command->argc < 2
                && shash_find(options, "--sink")));
}

/* Runs 'command', which span_command_is_local().  Returns the exit code. */
int
span_command_run_local(const struct settings *settings,
                       const struct ctl_command *command)
{
    const char *name = command->syntax->name;
    int argc = command->argc - 1;
    char **argv = command->argv + 1;

    if (!strcmp(name, "plan")) {
        time_alarm(settings->timeout);
        return plan_run(settings->daemon, argc, argv);
    } else if (!strcmp(name, "locate") || !strcmp(name, "advise")) {
        return locate_run(settings, name, argc, argv);
    } else if (!strcmp(name, "events")) {
        return events_run(settings, argc ? argv[0] : NULL);
    } else if (!strcmp(name, "top")) {
        return top_run(settings, command);
    } else if (!strcmp(name, "graph")) {
        return graph_run(settings, command);
    } else if (!strcmp(name, "verify")) {
        return verify_run(settings, argc, argv);
    } else if (!strcmp(name, "files")) {
        return files_run(settings, shash_find_data(&command->options, "--dir"),
                         argc ? argv[0] : NULL);
    } else {
        return export_run(&command->options);
    }
}

/* How db-* commands may name a row. */
static const struct ctl_table_class span_tables[SPANREC_N_TABLES] = {
    [SPANREC_TABLE_HOST].row_ids = {
        {&spanrec_host_col_system_id, NULL, NULL},
        {&spanrec_host_col_name, NULL, NULL},
    },
    [SPANREC_TABLE_SESSION].row_ids[0]
    = {&spanrec_session_col_name, NULL, NULL},
    [SPANREC_TABLE_SINK].row_ids[0] = {&spanrec_sink_col_name, NULL, NULL},
    [SPANREC_TABLE_PORT_GROUP].row_ids[0]
    = {&spanrec_port_group_col_name, NULL, NULL},
    [SPANREC_TABLE_BINDING].row_ids[0]
    = {&spanrec_binding_col_session_name, NULL, NULL},
    [SPANREC_TABLE_RECORDING].row_ids[0]
    = {&spanrec_recording_col_name, NULL, NULL},
    [SPANREC_TABLE_CONNECTION].row_ids[0]
    = {&spanrec_connection_col_target, NULL, NULL},
    [SPANREC_TABLE_RBAC_ROLE].row_ids[0]
    = {&spanrec_rbac_role_col_name, NULL, NULL},
    [SPANREC_TABLE_RBAC_PERMISSION].row_ids[0]
    = {&spanrec_rbac_permission_col_table, NULL, NULL},
};

/* Registers all commands.  To be called once. */
void
span_commands_register(void)
{
    ctl_init(&spanrec_idl_class, spanrec_table_classes, span_tables, NULL,
             NULL);
    ctl_register_commands(span_commands);
}
