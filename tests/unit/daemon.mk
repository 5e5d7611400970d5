# SPDX-License-Identifier: Apache-2.0
#
# tests/unit: what of the daemon needs no switch.
check_PROGRAMS += tests/unit/test-pacing
TESTS += tests/unit/test-pacing
tests_unit_test_pacing_SOURCES = tests/unit/test-pacing.c
tests_unit_test_pacing_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_pacing_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_pacing_LDADD = tests/libtap.la \
	plugin/daemon/libspan-daemon.la ovsdb-schema/libspan-idl.la \
	plugin/core/libspan-core.la $(OVS_LIBS)

check_PROGRAMS += tests/unit/test-recordings
TESTS += tests/unit/test-recordings
tests_unit_test_recordings_SOURCES = tests/unit/test-recordings.c
tests_unit_test_recordings_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_recordings_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_recordings_LDADD = $(tests_unit_test_pacing_LDADD)

check_PROGRAMS += tests/unit/test-tally
TESTS += tests/unit/test-tally
tests_unit_test_tally_SOURCES = tests/unit/test-tally.c
tests_unit_test_tally_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_tally_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_tally_LDADD = $(tests_unit_test_pacing_LDADD)

check_PROGRAMS += tests/unit/test-event-stream
TESTS += tests/unit/test-event-stream
tests_unit_test_event_stream_SOURCES = tests/unit/test-event-stream.c
tests_unit_test_event_stream_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_event_stream_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_event_stream_LDADD = $(tests_unit_test_pacing_LDADD)

check_PROGRAMS += tests/unit/test-metrics-socket
TESTS += tests/unit/test-metrics-socket
tests_unit_test_metrics_socket_SOURCES = tests/unit/test-metrics-socket.c
tests_unit_test_metrics_socket_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_metrics_socket_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_metrics_socket_LDADD = $(tests_unit_test_pacing_LDADD)

check_PROGRAMS += tests/unit/test-metrics-file
TESTS += tests/unit/test-metrics-file
tests_unit_test_metrics_file_SOURCES = tests/unit/test-metrics-file.c
tests_unit_test_metrics_file_CPPFLAGS = $(OVS_CPPFLAGS)
tests_unit_test_metrics_file_CFLAGS = $(OVS_CFLAGS)
tests_unit_test_metrics_file_LDADD = $(tests_unit_test_pacing_LDADD)
