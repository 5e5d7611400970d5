# SPDX-License-Identifier: Apache-2.0
#
# plugin/record: capture files, as the recorder writes them and ovs-spanctl
# reads them.  Needs libc, libzstd and libcrypto, so that both can link it.

RECORD_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS) $(CRYPTO_CFLAGS)
RECORD_LIBS = $(ZSTD_LIBS) $(CRYPTO_LIBS)

noinst_LTLIBRARIES += plugin/record/libspan-record.la
plugin_record_libspan_record_la_CFLAGS = $(RECORD_CFLAGS)
plugin_record_libspan_record_la_SOURCES = \
	plugin/record/file-list.c \
	plugin/record/file-list.h \
	plugin/record/file-name.c \
	plugin/record/file-name.h \
	plugin/record/pcap-classic.c \
	plugin/record/pcapng.c \
	plugin/record/record-format.h \
	plugin/record/record-util.c \
	plugin/record/record-util.h \
	plugin/record/sha256.c \
	plugin/record/sha256.h \
	plugin/record/size-text.c \
	plugin/record/size-text.h
