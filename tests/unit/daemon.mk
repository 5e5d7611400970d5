# SPDX-License-Identifier: Apache-2.0
#
# tests/unit: what of the daemon needs no switch.
check_PROGRAMS += tests/unit/test-pacing
TESTS += tests/unit/test-pacing
tests_unit_test_pacing_SOURCES = tests/unit/test-pacing.c
tests_unit_test_pacing_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_pacing_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_pacing_LDADD = tests/libtap.la \
	plugin/daemon/libspan-daemon.la plugin/core/libspan-core.la \
	ovsdb-schema/libspan-idl.la $(OVS_LIBS)
