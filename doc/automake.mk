# SPDX-License-Identifier: Apache-2.0
#
# doc: the pages (tests/doc/run runs their commands), OVN, the event socket,
# metrics, and examples for those who program against ovs-span.
dist_doc_DATA = \
	doc/README.md \
	doc/install.md \
	doc/limits.md \
	doc/metrics.md \
	doc/ovn.md \
	doc/platforms.md \
	doc/reference.md \
	doc/tutorial.md \
	doc/vsphere.md
howtodir = $(docdir)/howto
dist_howto_DATA = \
	doc/howto/bonds.md \
	doc/howto/controller.md \
	doc/howto/events.md \
	doc/howto/find-the-vm.md \
	doc/howto/inside-the-vm.md \
	doc/howto/internal-switch.md \
	doc/howto/live-view.md \
	doc/howto/migration.md \
	doc/howto/one-vm.md \
	doc/howto/own-switch.md \
	doc/howto/promiscuous.md \
	doc/howto/remote.md \
	doc/howto/several-hosts.md \
	doc/howto/storage.md \
	doc/howto/too-much.md \
	doc/howto/wireshark.md

dist_pkgdata_DATA += \
	doc/grafana/ovs-span-alerts.yml \
	doc/grafana/ovs-span.json \
	doc/span-events.schema.json

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
