# SPDX-License-Identifier: Apache-2.0
#
# ovs-span-import: vSphere's sessions to ours.  Links jansson and never
# libopenvswitch; all of it but main.c is a library, so that tests can link it.

IMPORT_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
IMPORT_LIBS = plugin/record/libspan-record.la $(JANSSON_LIBS)

noinst_LTLIBRARIES += tools/ovs-span-import/libspan-import.la
tools_ovs_span_import_libspan_import_la_CFLAGS = $(IMPORT_CFLAGS)
tools_ovs_span_import_libspan_import_la_SOURCES = \
	tools/ovs-span-import/convert-group.c \
	tools/ovs-span-import/convert-session.c \
	tools/ovs-span-import/convert.c \
	tools/ovs-span-import/convert.h \
	tools/ovs-span-import/export-reader.c \
	tools/ovs-span-import/export-walk.h \
	tools/ovs-span-import/field-reader.c \
	tools/ovs-span-import/field-reader.h \
	tools/ovs-span-import/import-main.c \
	tools/ovs-span-import/import-main.h \
	tools/ovs-span-import/import-run.c \
	tools/ovs-span-import/import-text.c \
	tools/ovs-span-import/import-text.h \
	tools/ovs-span-import/json-doc.c \
	tools/ovs-span-import/json-doc.h \
	tools/ovs-span-import/managed-object.c \
	tools/ovs-span-import/mapping.c \
	tools/ovs-span-import/mapping.h \
	tools/ovs-span-import/port-map.c \
	tools/ovs-span-import/port-map.h \
	tools/ovs-span-import/report.c \
	tools/ovs-span-import/report.h \
	tools/ovs-span-import/vsphere-port.c \
	tools/ovs-span-import/vsphere-session.c \
	tools/ovs-span-import/vsphere.h

bin_PROGRAMS += tools/ovs-span-import/ovs-span-import
tools_ovs_span_import_ovs_span_import_CFLAGS = $(IMPORT_CFLAGS)
tools_ovs_span_import_ovs_span_import_SOURCES = tools/ovs-span-import/main.c
tools_ovs_span_import_ovs_span_import_LDADD = \
	tools/ovs-span-import/libspan-import.la $(IMPORT_LIBS)
dist_man_MANS += tools/ovs-span-import/ovs-span-import.8

# One export of each kind, and a port map for them.
importexamplesdir = $(pkgdatadir)/import-examples
dist_importexamples_DATA = \
	tools/ovs-span-import/examples/erspan-source.json \
	tools/ovs-span-import/examples/local.json \
	tools/ovs-span-import/examples/mixed.json \
	tools/ovs-span-import/examples/port-group.json \
	tools/ovs-span-import/examples/port-map.txt \
	tools/ovs-span-import/examples/rspan-destination.json \
	tools/ovs-span-import/examples/rspan-source.json

# Its tests: parts of it, and golden cases, JSON in, specification out.
IMPORT_TESTS = \
	tests/unit/test-import-json \
	tests/unit/test-import-text
check_PROGRAMS += $(IMPORT_TESTS)
import_script_tests = tests/import/apply tests/import/golden tests/import/strict
TESTS += $(IMPORT_TESTS) $(import_script_tests)
EXTRA_DIST += $(import_script_tests) tests/import/cases
IMPORT_TEST_LDADD = tests/libtap.la \
	tools/ovs-span-import/libspan-import.la $(IMPORT_LIBS)
tests_unit_test_import_json_SOURCES = tests/unit/test-import-json.c
tests_unit_test_import_json_CFLAGS = $(IMPORT_CFLAGS)
tests_unit_test_import_json_LDADD = $(IMPORT_TEST_LDADD)
tests_unit_test_import_text_SOURCES = tests/unit/test-import-text.c
tests_unit_test_import_text_CFLAGS = $(IMPORT_CFLAGS)
tests_unit_test_import_text_LDADD = $(IMPORT_TEST_LDADD)
