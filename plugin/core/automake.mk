# SPDX-License-Identifier: Apache-2.0
#
# plugin/core: pure decisions.  tests/check-layering says what its files may
# include.

noinst_LTLIBRARIES += plugin/core/libspan-core.la
plugin_core_libspan_core_la_CPPFLAGS = $(OVS_CPPFLAGS)
plugin_core_libspan_core_la_CFLAGS = $(OVS_CFLAGS)
plugin_core_libspan_core_la_SOURCES = \
	plugin/core/conflict-group.c \
	plugin/core/conflict-group.h \
	plugin/core/conflict-uplink.c \
	plugin/core/conflict-uplink.h \
	plugin/core/conflict.c \
	plugin/core/conflict.h \
	plugin/core/estimate-text.c \
	plugin/core/estimate.c \
	plugin/core/estimate.h \
	plugin/core/estimates.c \
	plugin/core/estimates.h \
	plugin/core/fault.c \
	plugin/core/fault.h \
	plugin/core/flow-codec.c \
	plugin/core/flow-codec.h \
	plugin/core/flow-filter.c \
	plugin/core/flow-text.c \
	plugin/core/flow-text.h \
	plugin/core/leg-flows.c \
	plugin/core/leg-flows.h \
	plugin/core/leg-view.c \
	plugin/core/leg-view.h \
	plugin/core/memo.c \
	plugin/core/memo.h \
	plugin/core/meter.c \
	plugin/core/meter.h \
	plugin/core/name.c \
	plugin/core/name.h \
	plugin/core/plan-flows.c \
	plugin/core/plan-meters.c \
	plugin/core/plan-ports.c \
	plugin/core/plan-sinks.c \
	plugin/core/plan-sweep.c \
	plugin/core/plan-tunnels.c \
	plugin/core/plan.c \
	plugin/core/plan.h \
	plugin/core/planner.h \
	plugin/core/port-group-args.c \
	plugin/core/port-group.c \
	plugin/core/port-group.h \
	plugin/core/port-rate.c \
	plugin/core/port-rate.h \
	plugin/core/resolve.c \
	plugin/core/room.c \
	plugin/core/room.h \
	plugin/core/selector.c \
	plugin/core/selector.h \
	plugin/core/session-args.c \
	plugin/core/session-check.c \
	plugin/core/session-ends.c \
	plugin/core/session-type.c \
	plugin/core/session.c \
	plugin/core/session.h \
	plugin/core/sink-config.c \
	plugin/core/sink-loss.c \
	plugin/core/sink-loss.h \
	plugin/core/sink-options.c \
	plugin/core/sink-options.h \
	plugin/core/source-match.c \
	plugin/core/source-match.h \
	plugin/core/switch-index.c \
	plugin/core/switch-index.h \
	plugin/core/switch-port.c \
	plugin/core/switch-state.c \
	plugin/core/switch-state.h \
	plugin/core/tally.c \
	plugin/core/tally.h \
	plugin/core/text.c \
	plugin/core/text.h \
	plugin/core/tunnel.c \
	plugin/core/tunnel.h \
	plugin/core/verdict.c \
	plugin/core/verdict.h \
	plugin/core/wanted-group.c \
	plugin/core/wanted-group.h \
	plugin/core/wanted-hook.c \
	plugin/core/wanted-hook.h \
	plugin/core/wanted-leg.c \
	plugin/core/wanted-leg.h \
	plugin/core/wanted-sink.c \
	plugin/core/wanted-sink.h \
	plugin/core/wanted-tunnel.c \
	plugin/core/wanted-tunnel.h \
	plugin/core/wanted-uplink.c \
	plugin/core/wanted-uplink.h \
	plugin/core/wanted.h
