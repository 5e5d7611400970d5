# SPDX-License-Identifier: Apache-2.0
#
# tests/fuzz: readers of text under mutated input, some seconds of it in
# "make check"; "tests/fuzz/fuzz-core 1000000 7" goes on from another seed.
check_PROGRAMS += tests/fuzz/fuzz-core
TESTS += tests/fuzz/fuzz-core
tests_fuzz_fuzz_core_SOURCES = \
	tests/fuzz/fuzz-core.c \
	tests/fuzz/fuzz-main.c \
	tests/fuzz/fuzz.h
tests_fuzz_fuzz_core_CPPFLAGS = $(OVS_CPPFLAGS)
tests_fuzz_fuzz_core_CFLAGS = $(OVS_CFLAGS)
tests_fuzz_fuzz_core_LDADD = $(core_unit_ldadd)

# The same for capture files.
check_PROGRAMS += tests/fuzz/fuzz-record
TESTS += tests/fuzz/fuzz-record
tests_fuzz_fuzz_record_SOURCES = \
	tests/fuzz/fuzz-record.c \
	tests/fuzz/fuzz-record-main.c \
	tests/fuzz/fuzz.h
tests_fuzz_fuzz_record_CFLAGS = $(RECORD_CFLAGS)
tests_fuzz_fuzz_record_LDADD = $(RECORD_TEST_LDADD)

# The same for exports of vSphere.
check_PROGRAMS += tests/fuzz/fuzz-import
TESTS += tests/fuzz/fuzz-import
tests_fuzz_fuzz_import_SOURCES = \
	tests/fuzz/fuzz-import.c \
	tests/fuzz/fuzz-main.c \
	tests/fuzz/fuzz.h
tests_fuzz_fuzz_import_CFLAGS = $(IMPORT_CFLAGS)
tests_fuzz_fuzz_import_LDADD = $(IMPORT_TEST_LDADD)
