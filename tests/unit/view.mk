# SPDX-License-Identifier: Apache-2.0
#
# tests/unit: what of ovs-spanctl's top and graph is pure.
view_unit_tests =
view_unit_ldadd = \
	tests/libtap.la \
	tools/ovs-spanctl/libspan-view.la \
	plugin/core/libspan-core.la \
	$(OVS_LIBS)

view_unit_tests += tests/unit/test-live-rates
tests_unit_test_live_rates_SOURCES = tests/unit/test-live-rates.c
tests_unit_test_live_rates_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_live_rates_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_live_rates_LDADD = $(view_unit_ldadd)

view_unit_tests += tests/unit/test-top-table
tests_unit_test_top_table_SOURCES = tests/unit/test-top-table.c
tests_unit_test_top_table_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_top_table_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_top_table_LDADD = $(view_unit_ldadd)

view_unit_tests += tests/unit/test-graph
tests_unit_test_graph_SOURCES = tests/unit/test-graph.c
tests_unit_test_graph_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_graph_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_graph_LDADD = $(view_unit_ldadd)

check_PROGRAMS += $(view_unit_tests)
TESTS += $(view_unit_tests)
