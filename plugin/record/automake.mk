# SPDX-License-Identifier: Apache-2.0
#
# plugin/record: capture files, as the recorder writes them and ovs-spanctl
# reads them.  Needs libc, libzstd and libcrypto, so that both can link it.

RECORD_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS) $(CRYPTO_CFLAGS)
RECORD_LIBS = $(ZSTD_LIBS) $(CRYPTO_LIBS)

noinst_LTLIBRARIES += plugin/record/libspan-record.la
plugin_record_libspan_record_la_CFLAGS = $(RECORD_CFLAGS)
plugin_record_libspan_record_la_SOURCES = \
	plugin/record/byte-stream.c \
	plugin/record/byte-stream.h \
	plugin/record/capture-check.c \
	plugin/record/capture-check.h \
	plugin/record/capture-export.c \
	plugin/record/capture-export.h \
	plugin/record/capture-reader.c \
	plugin/record/capture-reader.h \
	plugin/record/export-output.c \
	plugin/record/export-output.h \
	plugin/record/file-list.c \
	plugin/record/file-list.h \
	plugin/record/file-name.c \
	plugin/record/file-name.h \
	plugin/record/packet-merge.c \
	plugin/record/packet-merge.h \
	plugin/record/pcap-classic.c \
	plugin/record/pcapng-blocks.h \
	plugin/record/pcapng-packet.h \
	plugin/record/pcapng.c \
	plugin/record/read-pcap.c \
	plugin/record/read-pcapng.c \
	plugin/record/reader-state.h \
	plugin/record/record-format.h \
	plugin/record/record-util.c \
	plugin/record/record-util.h \
	plugin/record/sha256.c \
	plugin/record/sha256.h \
	plugin/record/size-text.c \
	plugin/record/size-text.h \
	plugin/record/time-text.c \
	plugin/record/time-text.h \
	plugin/record/zstd-writer.c \
	plugin/record/zstd-writer.h

# Its unit tests.
RECORD_TESTS = \
	tests/unit/test-capture-export \
	tests/unit/test-capture-reader \
	tests/unit/test-packet-merge
check_PROGRAMS += $(RECORD_TESTS)
TESTS += $(RECORD_TESTS)
RECORD_TEST_LDADD = tests/libtap.la plugin/record/libspan-record.la \
	$(RECORD_LIBS)
tests_unit_test_capture_reader_SOURCES = tests/unit/test-capture-reader.c
tests_unit_test_capture_reader_CFLAGS = $(RECORD_CFLAGS)
tests_unit_test_capture_reader_LDADD = $(RECORD_TEST_LDADD)
tests_unit_test_packet_merge_SOURCES = tests/unit/test-packet-merge.c
tests_unit_test_packet_merge_CFLAGS = $(RECORD_CFLAGS)
tests_unit_test_packet_merge_LDADD = $(RECORD_TEST_LDADD)
tests_unit_test_capture_export_SOURCES = tests/unit/test-capture-export.c
tests_unit_test_capture_export_CFLAGS = $(RECORD_CFLAGS) $(PCAP_CFLAGS)
tests_unit_test_capture_export_LDADD = $(RECORD_TEST_LDADD) $(PCAP_LIBS)
