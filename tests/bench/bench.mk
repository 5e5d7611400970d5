# SPDX-License-Identifier: Apache-2.0
#
# tests/bench: measurements, not tests.  They are built and run by
#
#   make bench                      all of it; needs root, an idle machine, 15 GB
#   make bench BENCH="disk cpu"     some parts; tests/bench/README.md names them

EXTRA_PROGRAMS += \
	tests/bench/bench-plan \
	tests/bench/count-frames \
	tests/bench/send-frames
tests_bench_bench_plan_SOURCES = tests/bench/bench-plan.c $(plan_test_sources)
tests_bench_bench_plan_CPPFLAGS = $(tests_plan_test_golden_CPPFLAGS)
tests_bench_bench_plan_CFLAGS = $(OVS_CFLAGS)
tests_bench_bench_plan_LDADD = $(tests_plan_test_golden_LDADD)
tests_bench_count_frames_SOURCES = tests/bench/count-frames.c
tests_bench_send_frames_SOURCES = tests/bench/send-frames.c

EXTRA_DIST += \
	tests/bench/README.md \
	tests/bench/first-packet \
	tests/bench/link.py \
	tests/bench/parts.py \
	tests/bench/place.py \
	tests/bench/promiscuous \
	tests/bench/recorders.py \
	tests/bench/report.py \
	tests/bench/run \
	tests/bench/summary.py \
	tests/bench/trial.py

built_for_bench = \
	tests/bench/bench-plan$(EXEEXT) \
	tests/bench/count-frames$(EXEEXT) \
	tests/bench/send-frames$(EXEEXT)
CLEANFILES += $(built_for_bench)

# To be built only, for the test of the scripts.
bench-programs: $(built_for_bench)
bench: all bench-programs
	$(TESTS_VARIABLES) $(srcdir)/tests/bench/run $(BENCH)
.PHONY: bench bench-programs
