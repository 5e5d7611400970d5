# SPDX-License-Identifier: Apache-2.0
#
# An OVS_Span database of one's own, for component tests.  Source it after
# tap.sh; then
#
#   db_start        starts ovsdb-server in a new directory, $DB_DIR; $DB is its
#                   remote, also in OVS_SPAN_DB
#   db_transact OPS transact with the operations OPS, prints the answer
#   db_dump         prints the desired tables, without UUIDs, sorted
#   fake_host ID [OPTION...]   a host that answers, see fake_host.py
#   fake_host_stop ID
#
# All of it ends with the script.

# shellcheck shell=bash

db_start() {
    DB_DIR=$(mktemp -d)
    DB=unix:$DB_DIR/db.sock
    trap db_stop EXIT
    trap 'exit 1' INT TERM HUP
    export OVS_RUNDIR=$DB_DIR OVS_LOGDIR=$DB_DIR OVS_DBDIR=$DB_DIR
    export OVS_SPAN_DB=$DB OVS_SYSLOG_METHOD=null
    ovsdb-tool create "$DB_DIR/db" "$SPAN_SRCDIR/ovsdb-schema/span.ovsschema"
    ovsdb-server "$DB_DIR/db" --remote="p$DB" --no-chdir --detach \
        --pidfile="$DB_DIR/ovsdb-server.pid" --log-file="$DB_DIR/log" \
        --unixctl="$DB_DIR/ovsdb-server.ctl" -vconsole:off -vsyslog:off 2>&1 \
        | sed "s/^/# /"
}

db_stop() {
    local pidfile
    for pidfile in "$DB_DIR"/*.pid; do
        [ -e "$pidfile" ] || continue
        kill -CONT "$(cat "$pidfile")" 2>/dev/null
        kill "$(cat "$pidfile")" 2>/dev/null
    done
    wait
    rm -rf "$DB_DIR"
}

db_transact() {
    ovsdb-client transact "$DB" "[\"OVS_Span\",$1]" 2>&1
}

db_dump() {
    local table
    for table in Session Source Destination Sink Port_Group; do
        ovsdb-client --format=csv dump "$DB" OVS_Span "$table" \
            | sed -E 's/[0-9a-f]{8}-[0-9a-f-]{27}/UUID/g' | sort
    done
}

fake_host() {
    "$PYTHON3" "$SPAN_SRCDIR/tests/component/fake_host.py" "$DB" "$@" \
        2>>"$DB_DIR/fake_host.log" &
    echo $! > "$DB_DIR/fake-$1.pid"
    until [ -e "$DB_DIR/fake-$1.ready" ]; do
        kill -0 $! 2>/dev/null || return 1
        sleep 0.02
    done
}

fake_host_stop() {
    kill "$(cat "$DB_DIR/fake-$1.pid")"
    wait "$(cat "$DB_DIR/fake-$1.pid")" 2>/dev/null
    rm -f "$DB_DIR/fake-$1.pid" "$DB_DIR/fake-$1.ready"
}
