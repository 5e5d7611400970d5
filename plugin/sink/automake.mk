# SPDX-License-Identifier: Apache-2.0
#
# plugin/sink: ovs-span-sink, the recorder.  Links libpcap and jansson, never
# libopenvswitch; all of it but main.c is a library, so that tests can link it.

SINK_CFLAGS = $(AM_CFLAGS) $(PCAP_CFLAGS) $(JANSSON_CFLAGS)
SINK_LIBS = $(PCAP_LIBS) $(JANSSON_LIBS)

noinst_LTLIBRARIES += plugin/sink/libspan-sink.la
plugin_sink_libspan_sink_la_CFLAGS = $(SINK_CFLAGS)
plugin_sink_libspan_sink_la_SOURCES =

# The program, with main.c, is
#   bin_PROGRAMS += plugin/sink/ovs-span-sink
#   plugin_sink_ovs_span_sink_CFLAGS = $(SINK_CFLAGS)
#   plugin_sink_ovs_span_sink_SOURCES = plugin/sink/main.c
#   plugin_sink_ovs_span_sink_LDADD = plugin/sink/libspan-sink.la $(SINK_LIBS)
