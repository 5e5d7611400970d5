# SPDX-License-Identifier: Apache-2.0
#
# tests/unit: one program for each of the core's nouns; no switch, no root.
core_unit_tests =
core_unit_ldadd = \
	tests/libtap.la \
	plugin/core/libspan-core.la \
	$(OVS_LIBS)

core_unit_tests += tests/unit/test-text
tests_unit_test_text_SOURCES = tests/unit/test-text.c
tests_unit_test_text_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_text_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_text_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-port-rate
tests_unit_test_port_rate_SOURCES = tests/unit/test-port-rate.c
tests_unit_test_port_rate_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_port_rate_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_port_rate_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-estimate
tests_unit_test_estimate_SOURCES = tests/unit/test-estimate.c
tests_unit_test_estimate_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_estimate_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_estimate_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-locate
tests_unit_test_locate_SOURCES = tests/unit/test-locate.c
tests_unit_test_locate_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_locate_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_locate_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-name
tests_unit_test_name_SOURCES = tests/unit/test-name.c
tests_unit_test_name_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_name_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_name_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-switch-port
tests_unit_test_switch_port_SOURCES = tests/unit/test-switch-port.c
tests_unit_test_switch_port_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_switch_port_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_switch_port_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-source-check
tests_unit_test_source_check_SOURCES = tests/unit/test-source-check.c
tests_unit_test_source_check_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_source_check_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_source_check_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-selector
tests_unit_test_selector_SOURCES = tests/unit/test-selector.c tests/unit/core-helpers.h
tests_unit_test_selector_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_selector_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_selector_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-port-group
tests_unit_test_port_group_SOURCES = tests/unit/test-port-group.c \
	tests/unit/core-helpers.h
tests_unit_test_port_group_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_port_group_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_port_group_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-session
tests_unit_test_session_SOURCES = tests/unit/test-session.c tests/unit/core-helpers.h
tests_unit_test_session_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_session_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_session_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-sink-config
tests_unit_test_sink_config_SOURCES = tests/unit/test-sink-config.c tests/unit/core-helpers.h
tests_unit_test_sink_config_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_sink_config_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_sink_config_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-flow-text
tests_unit_test_flow_text_SOURCES = tests/unit/test-flow-text.c tests/unit/core-helpers.h
tests_unit_test_flow_text_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_flow_text_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_flow_text_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-flow-filter
tests_unit_test_flow_filter_SOURCES = tests/unit/test-flow-filter.c tests/unit/core-helpers.h
tests_unit_test_flow_filter_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_flow_filter_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_flow_filter_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-metric-text
tests_unit_test_metric_text_SOURCES = tests/unit/test-metric-text.c
tests_unit_test_metric_text_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_metric_text_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_metric_text_LDADD = $(core_unit_ldadd)

core_unit_tests += tests/unit/test-http-request
tests_unit_test_http_request_SOURCES = tests/unit/test-http-request.c
tests_unit_test_http_request_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_http_request_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_http_request_LDADD = $(core_unit_ldadd)

check_PROGRAMS += $(core_unit_tests)
TESTS += $(core_unit_tests)
