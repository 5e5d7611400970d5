# SPDX-License-Identifier: Apache-2.0
#
# plugin/core: pure decisions.  tests/check-layering says what its files may
# include.

noinst_LTLIBRARIES += plugin/core/libspan-core.la
plugin_core_libspan_core_la_CPPFLAGS = $(OVS_CPPFLAGS)
plugin_core_libspan_core_la_CFLAGS = $(OVS_CFLAGS)
plugin_core_libspan_core_la_SOURCES = \
	plugin/core/fault.h \
	plugin/core/flow-text.h \
	plugin/core/name.h \
	plugin/core/plan.h \
	plugin/core/selector.h \
	plugin/core/session.h \
	plugin/core/switch-state.h \
	plugin/core/verdict.h \
	plugin/core/wanted.h
