# SPDX-License-Identifier: Apache-2.0
#
# tests: every test, program or script, prints TAP.
#
#   make check          unit, plan and component tests: the list TESTS
#   make check-system   tests/system on switches of their own; needs root
#
# A test finds its way by these variables; SPAN_SRCDIR and SPAN_BUILDDIR are
# absolute, and the programs just built come first in PATH.
TESTS_VARIABLES = \
	SPAN_SRCDIR='$(abs_top_srcdir)' \
	SPAN_BUILDDIR='$(abs_top_builddir)' \
	PYTHON3='$(PYTHON3)' \
	PATH='$(abs_top_builddir)/plugin/daemon:$(abs_top_builddir)/plugin/sink:$(abs_top_builddir)/tools/ovs-spanctl:$(abs_top_builddir)/tools/ovs-span-import':"$$PATH"
AM_TESTS_ENVIRONMENT = \
	$(TESTS_VARIABLES); \
	export SPAN_SRCDIR SPAN_BUILDDIR PYTHON3 PATH;
LOG_DRIVER = \
	env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh

# TAP for C; for shell it is in tests/tap.sh.  A unit test in C:
#   check_PROGRAMS += tests/unit/test-noun
#   TESTS += tests/unit/test-noun
#   tests_unit_test_noun_SOURCES = tests/unit/test-noun.c
#   tests_unit_test_noun_CPPFLAGS = $(OVS_CPPFLAGS)
#   tests_unit_test_noun_CFLAGS = $(OVS_CFLAGS)
#   tests_unit_test_noun_LDADD = tests/libtap.la plugin/core/libspan-core.la \
#	$(OVS_LIBS)
check_LTLIBRARIES += tests/libtap.la
tests_libtap_la_SOURCES = tests/tap.c tests/tap.h
EXTRA_DIST += tests/tap.sh

# The frame tests itself: TAP for C is used by a test of its own.
check_PROGRAMS += tests/unit/test-tap
TESTS += tests/unit/test-tap
tests_unit_test_tap_SOURCES = tests/unit/test-tap.c
tests_unit_test_tap_LDADD = tests/libtap.la

include tests/unit/core.mk
include tests/unit/daemon.mk
include tests/unit/view.mk
include tests/fuzz/fuzz.mk

# Component tests: an edge against a real switch in a network namespace.  The
# scripts make it and call the driver.
check_PROGRAMS += tests/component/flow-driver
tests_component_flow_driver_SOURCES = tests/component/flow-driver.c
tests_component_flow_driver_CPPFLAGS = $(OVS_CPPFLAGS)
tests_component_flow_driver_CFLAGS = $(OVS_CFLAGS)
tests_component_flow_driver_LDADD = tests/libtap.la \
	plugin/daemon/libspan-daemon.la ovsdb-schema/libspan-idl.la \
	plugin/core/libspan-core.la $(OVS_LIBS)

check_PROGRAMS += tests/component/fdb-driver
tests_component_fdb_driver_SOURCES = tests/component/fdb-driver.c
tests_component_fdb_driver_CPPFLAGS = $(OVS_CPPFLAGS)
tests_component_fdb_driver_CFLAGS = $(OVS_CFLAGS)
tests_component_fdb_driver_LDADD = $(tests_component_flow_driver_LDADD)

check_PROGRAMS += tests/component/sink-driver
tests_component_sink_driver_SOURCES = tests/component/sink-driver.c
tests_component_sink_driver_CPPFLAGS = $(OVS_CPPFLAGS)
tests_component_sink_driver_CFLAGS = $(OVS_CFLAGS)
tests_component_sink_driver_LDADD = $(tests_component_flow_driver_LDADD)
EXTRA_DIST += tests/component/fake-sink

# Scripts.
script_tests = \
	tests/component/completion \
	tests/component/ctl-apply \
	tests/component/ctl-db \
	tests/component/ctl-files \
	tests/component/ctl-group \
	tests/component/ctl-isolate \
	tests/component/ctl-locate \
	tests/component/ctl-session \
	tests/component/daemon-control \
	tests/component/daemon-databases \
	tests/component/daemon-faults \
	tests/component/daemon-service \
	tests/component/fdb-link \
	tests/component/flow-conn \
	tests/component/schema \
	tests/component/settle \
	tests/component/sink-proc \
	tests/check-layering \
	tests/check-linkage \
	tests/check-reasons \
	tests/check-units \
	tests/unit/test-doc-page \
	tests/unit/test-layering
TESTS += $(script_tests)
EXTRA_DIST += $(script_tests)

EXTRA_DIST += tests/component/db.sh tests/component/fake_host.py
EXTRA_DIST += tests/component/restart-vswitchd
EXTRA_DIST += tests/system tests/doc
# SYSTEM_TESTS selects some, SYSTEM_LANES run at the same time:
#   make check-system SYSTEM_TESTS="10 30-waiting" SYSTEM_LANES=3
SYSTEM_LANES = 1
check-system: all bench-programs
	$(TESTS_VARIABLES) $(srcdir)/tests/system/lanes $(SYSTEM_LANES) \
		$(SYSTEM_TESTS)
.PHONY: check-system

# Plans, without a switch: golden cases, and a property from random starts.
plan_test_sources = \
	tests/plan/fake-change.c \
	tests/plan/fake-openflow.c \
	tests/plan/fake-switch.c \
	tests/plan/fake-switch.h \
	tests/plan/script-group.c \
	tests/plan/script-port.c \
	tests/plan/script-sink.c \
	tests/plan/script-verdict.c \
	tests/plan/script.c \
	tests/plan/script.h
check_PROGRAMS += tests/plan/test-golden
tests_plan_test_golden_SOURCES = tests/plan/test-golden.c $(plan_test_sources)
tests_plan_test_golden_CPPFLAGS = $(OVS_CPPFLAGS) -I$(srcdir)/plugin/core \
	-I$(srcdir)/tests
tests_plan_test_golden_CFLAGS = $(OVS_CFLAGS)
tests_plan_test_golden_LDADD = tests/libtap.la plugin/core/libspan-core.la \
	$(OVS_LIBS)
TESTS += tests/plan/golden
EXTRA_DIST += tests/plan/golden tests/plan/cases
check_PROGRAMS += tests/plan/test-property
TESTS += tests/plan/test-property
tests_plan_test_property_SOURCES = tests/plan/test-property.c \
	$(plan_test_sources)
tests_plan_test_property_CPPFLAGS = $(tests_plan_test_golden_CPPFLAGS)
tests_plan_test_property_CFLAGS = $(OVS_CFLAGS)
tests_plan_test_property_LDADD = $(tests_plan_test_golden_LDADD)
check_PROGRAMS += tests/plan/test-verdict
TESTS += tests/plan/test-verdict
tests_plan_test_verdict_SOURCES = tests/plan/test-verdict.c \
	$(plan_test_sources)
tests_plan_test_verdict_CPPFLAGS = $(tests_plan_test_golden_CPPFLAGS)
tests_plan_test_verdict_CFLAGS = $(OVS_CFLAGS)
tests_plan_test_verdict_LDADD = $(tests_plan_test_golden_LDADD)

include tests/bench/bench.mk
