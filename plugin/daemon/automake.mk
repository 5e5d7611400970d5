# SPDX-License-Identifier: Apache-2.0
#
# plugin/daemon: ovs-spand.  All of it but main.c is a library, so that tests
# can link it.

noinst_LTLIBRARIES += plugin/daemon/libspan-daemon.la
plugin_daemon_libspan_daemon_la_CPPFLAGS = $(OVS_CPPFLAGS) \
	$(LIBSYSTEMD_DEFS)
plugin_daemon_libspan_daemon_la_CFLAGS = $(OVS_CFLAGS) $(LIBSYSTEMD_CFLAGS)
plugin_daemon_libspan_daemon_la_SOURCES = \
	plugin/daemon/binding-counts.c \
	plugin/daemon/binding-counts.h \
	plugin/daemon/capture-link.c \
	plugin/daemon/capture-link.h \
	plugin/daemon/child-setup.c \
	plugin/daemon/child-setup.h \
	plugin/daemon/control-group.c \
	plugin/daemon/control-locate.c \
	plugin/daemon/control-plan.c \
	plugin/daemon/control-show.c \
	plugin/daemon/control.c \
	plugin/daemon/control.h \
	plugin/daemon/db-text.c \
	plugin/daemon/db-text.h \
	plugin/daemon/edges.c \
	plugin/daemon/edges.h \
	plugin/daemon/event-feed.c \
	plugin/daemon/event-feed.h \
	plugin/daemon/event-hooks.c \
	plugin/daemon/event-hooks.h \
	plugin/daemon/event-stream.c \
	plugin/daemon/event-stream.h \
	plugin/daemon/events.c \
	plugin/daemon/events.h \
	plugin/daemon/fdb-link.c \
	plugin/daemon/fdb-link.h \
	plugin/daemon/file-events.c \
	plugin/daemon/file-events.h \
	plugin/daemon/flow-bridge.c \
	plugin/daemon/flow-bridge.h \
	plugin/daemon/flow-conn.c \
	plugin/daemon/flow-conn.h \
	plugin/daemon/flow-dump.c \
	plugin/daemon/flow-dump.h \
	plugin/daemon/flow-link.c \
	plugin/daemon/flow-link.h \
	plugin/daemon/flow-message.c \
	plugin/daemon/flow-message.h \
	plugin/daemon/flow-meters.c \
	plugin/daemon/flow-meters.h \
	plugin/daemon/flow-monitors.c \
	plugin/daemon/flow-monitors.h \
	plugin/daemon/group-socket.c \
	plugin/daemon/group-socket.h \
	plugin/daemon/group-watch.c \
	plugin/daemon/group-watch.h \
	plugin/daemon/hook-runner.c \
	plugin/daemon/hook-runner.h \
	plugin/daemon/host-facts.c \
	plugin/daemon/host-facts.h \
	plugin/daemon/host-report.c \
	plugin/daemon/host-report.h \
	plugin/daemon/inquiry.c \
	plugin/daemon/inquiry.h \
	plugin/daemon/leases.c \
	plugin/daemon/leases.h \
	plugin/daemon/locator.c \
	plugin/daemon/locator.h \
	plugin/daemon/metrics-export.c \
	plugin/daemon/metrics-export.h \
	plugin/daemon/metrics-file.c \
	plugin/daemon/metrics-file.h \
	plugin/daemon/metrics-socket.c \
	plugin/daemon/metrics-socket.h \
	plugin/daemon/metrics.c \
	plugin/daemon/metrics.h \
	plugin/daemon/mirror-apply.c \
	plugin/daemon/mirror-apply.h \
	plugin/daemon/options.c \
	plugin/daemon/options.h \
	plugin/daemon/pacing.c \
	plugin/daemon/pacing.h \
	plugin/daemon/pass.c \
	plugin/daemon/pass.h \
	plugin/daemon/policy-file.c \
	plugin/daemon/policy-file.h \
	plugin/daemon/port-flags.c \
	plugin/daemon/port-flags.h \
	plugin/daemon/port-stats.c \
	plugin/daemon/port-stats.h \
	plugin/daemon/recording-list.c \
	plugin/daemon/recording-list.h \
	plugin/daemon/recording-rows.c \
	plugin/daemon/recording-rows.h \
	plugin/daemon/recordings.c \
	plugin/daemon/recordings.h \
	plugin/daemon/reconciler.c \
	plugin/daemon/reconciler.h \
	plugin/daemon/route-link.c \
	plugin/daemon/route-link.h \
	plugin/daemon/session-db.c \
	plugin/daemon/session-db.h \
	plugin/daemon/session-watch.c \
	plugin/daemon/session-watch.h \
	plugin/daemon/service-notify.c \
	plugin/daemon/service-notify.h \
	plugin/daemon/settle.c \
	plugin/daemon/settle.h \
	plugin/daemon/sink-child.c \
	plugin/daemon/sink-child.h \
	plugin/daemon/sink-dirs.c \
	plugin/daemon/sink-dirs.h \
	plugin/daemon/sink-link.c \
	plugin/daemon/sink-link.h \
	plugin/daemon/sink-orders.c \
	plugin/daemon/sink-proc-private.h \
	plugin/daemon/sink-proc.c \
	plugin/daemon/sink-proc.h \
	plugin/daemon/sink-report.c \
	plugin/daemon/sink-report.h \
	plugin/daemon/sink-watch.c \
	plugin/daemon/sink-watch.h \
	plugin/daemon/switch-db.c \
	plugin/daemon/switch-db.h \
	plugin/daemon/vswitchd-ctl.c \
	plugin/daemon/vswitchd-ctl.h \
	plugin/daemon/watch.c \
	plugin/daemon/watch.h

sbin_PROGRAMS += plugin/daemon/ovs-spand
plugin_daemon_ovs_spand_CPPFLAGS = $(OVS_CPPFLAGS)
plugin_daemon_ovs_spand_CFLAGS = $(OVS_CFLAGS)
plugin_daemon_ovs_spand_SOURCES = plugin/daemon/main.c
plugin_daemon_ovs_spand_LDADD = plugin/daemon/libspan-daemon.la \
	ovsdb-schema/libspan-idl.la plugin/core/libspan-core.la $(OVS_LIBS) \
	$(LIBSYSTEMD_LIBS)

# The units, where configure was told that units go; debian/ and rpm/ tell it.
systemd_units = plugin/daemon/ovs-span.service plugin/daemon/ovs-span-db.service
if SPAN_SYSTEMD_UNITS
systemdsystemunitdir = $(SPAN_SYSTEMD_UNIT_DIR)
nodist_systemdsystemunit_DATA = $(systemd_units)
endif
noinst_DATA += $(systemd_units)
EXTRA_DIST += \
	plugin/daemon/ovs-span-db.service.in \
	plugin/daemon/ovs-span.service.in
CLEANFILES += $(systemd_units)
SUFFIXES += .service .service.in
.service.in.service:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed $(span_directories) $< > $@.tmp && \
	mv $@.tmp $@

dist_man_MANS += plugin/daemon/ovs-spand.8
