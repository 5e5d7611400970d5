# SPDX-License-Identifier: Apache-2.0
#
# doc: ovs-span beside OVN, the event socket, metrics, and examples for those
# who program against ovs-span.

dist_pkgdata_DATA += \
	doc/grafana/ovs-span-alerts.yml \
	doc/grafana/ovs-span.json \
	doc/span-events.schema.json
dist_doc_DATA = doc/metrics.md doc/ovn.md

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	doc/examples/add-session.c \
	doc/examples/add-session.py \
	doc/examples/steer-flow.py

noinst_PROGRAMS += doc/examples/add-session
doc_examples_add_session_SOURCES = doc/examples/add-session.c
doc_examples_add_session_CPPFLAGS = $(OVS_CPPFLAGS)
doc_examples_add_session_CFLAGS = $(OVS_CFLAGS)
doc_examples_add_session_LDADD = ovsdb-schema/libspan-idl.la \
	plugin/core/libspan-core.la $(OVS_LIBS)
