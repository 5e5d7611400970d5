# SPDX-License-Identifier: Apache-2.0
#
# plugin/sink: ovs-span-sink, the recorder.  Links libpcap, jansson, libseccomp and
# what plugin/record needs, never libopenvswitch; all of it but main.c is a library, so that tests can link it.

SINK_CFLAGS = $(RECORD_CFLAGS) $(PCAP_CFLAGS) $(JANSSON_CFLAGS) \
	$(SECCOMP_CFLAGS)
SINK_LIBS = plugin/record/libspan-record.la $(PCAP_LIBS) $(JANSSON_LIBS) \
	$(SECCOMP_LIBS) $(RECORD_LIBS)

noinst_LTLIBRARIES += plugin/sink/libspan-sink.la
plugin_sink_libspan_sink_la_CFLAGS = $(SINK_CFLAGS)
plugin_sink_libspan_sink_la_SOURCES = \
	plugin/sink/accounting.c \
	plugin/sink/accounting.h \
	plugin/sink/archive-close.c \
	plugin/sink/archive-look.c \
	plugin/sink/archive-manifest.c \
	plugin/sink/archive-pack.c \
	plugin/sink/archive-recover.c \
	plugin/sink/archive-retain.c \
	plugin/sink/archive.h \
	plugin/sink/byte-cap.c \
	plugin/sink/byte-cap.h \
	plugin/sink/capture-file.c \
	plugin/sink/capture-file.h \
	plugin/sink/capture-filter.c \
	plugin/sink/capture-filter.h \
	plugin/sink/capture-loop.c \
	plugin/sink/capture-loop.h \
	plugin/sink/capture-output.h \
	plugin/sink/capture-place.c \
	plugin/sink/capture-place.h \
	plugin/sink/capture-refusal.c \
	plugin/sink/capture-refusal.h \
	plugin/sink/capture-source.c \
	plugin/sink/capture-source.h \
	plugin/sink/control.c \
	plugin/sink/control.h \
	plugin/sink/counter-line.c \
	plugin/sink/counter-line.h \
	plugin/sink/counters-json.c \
	plugin/sink/counters-json.h \
	plugin/sink/file-header.c \
	plugin/sink/file-header.h \
	plugin/sink/file-output.c \
	plugin/sink/file-output.h \
	plugin/sink/frame-cap.c \
	plugin/sink/frame-cap.h \
	plugin/sink/fs-kind.c \
	plugin/sink/fs-kind.h \
	plugin/sink/json-stream.c \
	plugin/sink/json-stream.h \
	plugin/sink/keeper.c \
	plugin/sink/keeper.h \
	plugin/sink/list-files.c \
	plugin/sink/list-files.h \
	plugin/sink/list-sinks.c \
	plugin/sink/list-sinks.h \
	plugin/sink/loss-notes.c \
	plugin/sink/loss-notes.h \
	plugin/sink/manifest-read.c \
	plugin/sink/manifest-read.h \
	plugin/sink/manifest.c \
	plugin/sink/manifest.h \
	plugin/sink/name-lookup.c \
	plugin/sink/name-lookup.h \
	plugin/sink/option-table.c \
	plugin/sink/option-table.h \
	plugin/sink/options.c \
	plugin/sink/options.h \
	plugin/sink/packer.c \
	plugin/sink/packer.h \
	plugin/sink/port-counters.c \
	plugin/sink/port-counters.h \
	plugin/sink/port-watch.c \
	plugin/sink/port-watch.h \
	plugin/sink/packet-socket.c \
	plugin/sink/packet-socket.h \
	plugin/sink/privileges.c \
	plugin/sink/privileges.h \
	plugin/sink/recorder.c \
	plugin/sink/recorder.h \
	plugin/sink/recordings.c \
	plugin/sink/recordings.h \
	plugin/sink/relay-output.c \
	plugin/sink/relay-output.h \
	plugin/sink/relay-port.c \
	plugin/sink/relay-port.h \
	plugin/sink/report.c \
	plugin/sink/report.h \
	plugin/sink/retention.c \
	plugin/sink/retention.h \
	plugin/sink/rotation.c \
	plugin/sink/rotation.h \
	plugin/sink/segment-ring.c \
	plugin/sink/segment-ring.h \
	plugin/sink/sink-main.c \
	plugin/sink/sink-main.h \
	plugin/sink/sink-user.c \
	plugin/sink/sink-user.h \
	plugin/sink/status.c \
	plugin/sink/status.h \
	plugin/sink/syscall-filter.c \
	plugin/sink/syscall-filter.h \
	plugin/sink/usage.c \
	plugin/sink/writer.c \
	plugin/sink/writer.h

bin_PROGRAMS += plugin/sink/ovs-span-sink
plugin_sink_ovs_span_sink_CFLAGS = $(SINK_CFLAGS)
plugin_sink_ovs_span_sink_SOURCES = plugin/sink/main.c
plugin_sink_ovs_span_sink_LDADD = plugin/sink/libspan-sink.la $(SINK_LIBS)

# Its unit tests.
SINK_TESTS = \
	tests/unit/test-byte-cap \
	tests/unit/test-file-output \
	tests/unit/test-sink-accounting \
	tests/unit/test-sink-limits \
	tests/unit/test-sink-options \
	tests/unit/test-sink-plumbing \
	tests/unit/test-sink-records \
	tests/unit/test-sink-storage \
	tests/unit/test-sink-text
check_PROGRAMS += $(SINK_TESTS)
TESTS += $(SINK_TESTS)
SINK_TEST_LDADD = tests/libtap.la plugin/sink/libspan-sink.la $(SINK_LIBS)
tests_unit_test_byte_cap_SOURCES = tests/unit/test-byte-cap.c
tests_unit_test_byte_cap_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_byte_cap_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_sink_accounting_SOURCES = tests/unit/test-sink-accounting.c
tests_unit_test_sink_accounting_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_sink_accounting_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_file_output_SOURCES = tests/unit/test-file-output.c
tests_unit_test_file_output_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_file_output_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_sink_limits_SOURCES = tests/unit/test-sink-limits.c
tests_unit_test_sink_limits_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_sink_limits_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_sink_options_SOURCES = tests/unit/test-sink-options.c
tests_unit_test_sink_options_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_sink_options_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_sink_plumbing_SOURCES = tests/unit/test-sink-plumbing.c
tests_unit_test_sink_plumbing_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_sink_plumbing_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_sink_records_SOURCES = tests/unit/test-sink-records.c
tests_unit_test_sink_records_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_sink_records_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_sink_storage_SOURCES = tests/unit/test-sink-storage.c
tests_unit_test_sink_storage_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_sink_storage_LDADD = $(SINK_TEST_LDADD)
tests_unit_test_sink_text_SOURCES = tests/unit/test-sink-text.c
tests_unit_test_sink_text_CFLAGS = $(SINK_CFLAGS)
tests_unit_test_sink_text_LDADD = $(SINK_TEST_LDADD)

dist_man_MANS += plugin/sink/ovs-span-sink.8
