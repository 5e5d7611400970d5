# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A recorder on a disk that fails, for tests; sink.sh with a network name space
# up and, in addition:
#
#   fault CALL WHAT VALUE...    what is wrong from now on: fault-disk.c
#   start_bad [OPTION]...       a recorder on the bad disk, good at first
#   account                     after sink_end: what does not add up
#   no_part_but_one             is one file left open, no more?

# shellcheck source=tools/lab/sink.sh
. "$(dirname "${BASH_SOURCE[0]}")/sink.sh"

sink_up
if ! ${CC:-cc} -shared -fPIC -o "$SINK_DIR/fault.so" \
        "$sink_top/tests/system/fault-disk.c" -ldl 2> "$SINK_DIR/cc"; then
    skip "a bad disk" "no C compiler: $(head -1 "$SINK_DIR/cc")"
    tap_done
    exit
fi
preload=$(ldd "$SINK_PROGRAM" | awk '/lib[at]san|libclang_rt/ { print $3 }')
export FAULT_DISK=$SINK_DIR/fault

# fault CALL WHAT VALUE [CALL WHAT VALUE]...: what is wrong from now on.  The
# file is replaced at once, so that nobody reads half of it.
fault() {
    printf '%s %s %s\n' "$@" > "$SINK_DIR/fault.new"
    mv "$SINK_DIR/fault.new" "$SINK_DIR/fault"
}

# start_bad [OPTION]...: a recorder on the bad disk, which is good at first.
start_bad() {
    rm -rf "$SINK_DIR/c/s"
    fault none none 0
    SINK_PRELOAD="$preload $SINK_DIR/fault.so" sink_start --min-free=0 "$@"
}

# Prints "written+lost=all noted=lost", or what differs.
account() {
    local all written lost noted frames
    all=$(sink_final counters.delivered)
    written=$(sink_final counters.written)
    lost=$(($(sink_final counters.write_drop) \
            + $(sink_final counters.ps_drop)))
    noted=$(sink_sequence | sink_field noted)
    frames=$(sink_sequence | sink_field frames)
    [ $((written + $(sink_final counters.write_drop))) = "$all" ] \
        || echo "written $written + lost is not $all"
    [ "$written" = "$frames" ] || echo "written $written, there are $frames"
    [ "$noted" = "$lost" ] || echo "lost $lost, noted $noted"
}

no_part_but_one() {
    [ "$(find "$SINK_DIR/c/s" -name '*.part' | wc -l)" = 1 ]
}
