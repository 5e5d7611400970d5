# SPDX-License-Identifier: Apache-2.0
#
# tools: programs and scripts around the daemon.

# What of ovs-spanctl's top and graph is pure, for their tests, too.
noinst_LTLIBRARIES += tools/ovs-spanctl/libspan-view.la
tools_ovs_spanctl_libspan_view_la_CPPFLAGS = $(OVS_CPPFLAGS)
tools_ovs_spanctl_libspan_view_la_CFLAGS = $(OVS_CFLAGS)
tools_ovs_spanctl_libspan_view_la_SOURCES = \
	tools/ovs-spanctl/graph-dot.c \
	tools/ovs-spanctl/graph-model.c \
	tools/ovs-spanctl/graph-model.h \
	tools/ovs-spanctl/graph-text.c \
	tools/ovs-spanctl/live-rates.c \
	tools/ovs-spanctl/live-rates.h \
	tools/ovs-spanctl/live-row.c \
	tools/ovs-spanctl/live-row.h \
	tools/ovs-spanctl/top-groups.c \
	tools/ovs-spanctl/top-groups.h \
	tools/ovs-spanctl/top-table.c \
	tools/ovs-spanctl/top-table.h

# ovs-spanctl.
bin_PROGRAMS += tools/ovs-spanctl/ovs-spanctl
tools_ovs_spanctl_ovs_spanctl_CPPFLAGS = $(OVS_CPPFLAGS)
tools_ovs_spanctl_ovs_spanctl_CFLAGS = $(OVS_CFLAGS) $(NCURSES_CFLAGS)
tools_ovs_spanctl_ovs_spanctl_SOURCES = \
	tools/ovs-spanctl/capture-dir.c \
	tools/ovs-spanctl/capture-dir.h \
	tools/ovs-spanctl/capture-child.c \
	tools/ovs-spanctl/capture-lease.c \
	tools/ovs-spanctl/capture-options.c \
	tools/ovs-spanctl/capture-session.c \
	tools/ovs-spanctl/capture-words.c \
	tools/ovs-spanctl/capture.h \
	tools/ovs-spanctl/cells.c \
	tools/ovs-spanctl/cells.h \
	tools/ovs-spanctl/changes.c \
	tools/ovs-spanctl/cmd-capture.c \
	tools/ovs-spanctl/cmd-apply.c \
	tools/ovs-spanctl/cmd-events.c \
	tools/ovs-spanctl/cmd-export.c \
	tools/ovs-spanctl/cmd-files.c \
	tools/ovs-spanctl/cmd-graph.c \
	tools/ovs-spanctl/cmd-group-show.c \
	tools/ovs-spanctl/cmd-group.c \
	tools/ovs-spanctl/cmd-isolate.c \
	tools/ovs-spanctl/cmd-locate.c \
	tools/ovs-spanctl/cmd-plan.c \
	tools/ovs-spanctl/inquiry.c \
	tools/ovs-spanctl/inquiry.h \
	tools/ovs-spanctl/cmd-session.c \
	tools/ovs-spanctl/cmd-show.c \
	tools/ovs-spanctl/cmd-sink.c \
	tools/ovs-spanctl/cmd-top.c \
	tools/ovs-spanctl/cmd-verify.c \
	tools/ovs-spanctl/commands.c \
	tools/ovs-spanctl/hosts.c \
	tools/ovs-spanctl/live-view.c \
	tools/ovs-spanctl/live-view.h \
	tools/ovs-spanctl/main.c \
	tools/ovs-spanctl/run.c \
	tools/ovs-spanctl/settings.c \
	tools/ovs-spanctl/show-parts.c \
	tools/ovs-spanctl/spanctl.h \
	tools/ovs-spanctl/spec-args.c \
	tools/ovs-spanctl/spec-args.h \
	tools/ovs-spanctl/spec.c \
	tools/ovs-spanctl/top-screen.c \
	tools/ovs-spanctl/top-screen.h \
	tools/ovs-spanctl/words.c
tools_ovs_spanctl_ovs_spanctl_LDADD = \
	tools/ovs-spanctl/libspan-view.la \
	ovsdb-schema/libspan-idl.la plugin/core/libspan-core.la \
	plugin/record/libspan-record.la $(OVS_LIBS) $(RECORD_LIBS) \
	$(NCURSES_LIBS)
dist_man_MANS += \
	tools/ovs-spanctl/ovs-span-capture.8 \
	tools/ovs-spanctl/ovs-spanctl.8

EXTRA_DIST += tools/bootstrap tools/lab tools/quickstart tools/test

# ovs-span-setup: on a host that runs Open vSwitch, and off again.
sbin_SCRIPTS += tools/ovs-span-setup
dist_man_MANS += tools/ovs-span-setup.8
EXTRA_DIST += tools/ovs-span-setup.in
CLEANFILES += tools/ovs-span-setup
tools/ovs-span-setup: $(srcdir)/tools/ovs-span-setup.in Makefile
	$(AM_V_GEN)$(MKDIR_P) tools && \
	sed $(span_directories) $(srcdir)/tools/ovs-span-setup.in > $@.tmp && \
	chmod +x $@.tmp && mv $@.tmp $@

# ovs-span-extcap, which Wireshark finds in a folder of its own.
extcap_SCRIPTS = tools/ovs-span-extcap/ovs-span-extcap
EXTRA_DIST += tools/ovs-span-extcap/ovs-span-extcap
dist_man_MANS += tools/ovs-span-extcap/ovs-span-extcap.8

# Completion in bash, which looks for a file of each program's name.
completion_links = ovs-span-extcap ovs-span-import ovs-span-setup \
	ovs-span-sink ovs-spand
dist_bashcompletion_DATA = tools/completion/ovs-spanctl
install-data-hook:
	cd $(DESTDIR)$(bashcompletiondir) && for p in $(completion_links); do \
		rm -f $$p && $(LN_S) ovs-spanctl $$p || exit 1; \
	done
uninstall-hook:
	cd $(DESTDIR)$(bashcompletiondir) 2> /dev/null && \
		rm -f $(completion_links) || true
