# SPDX-License-Identifier: Apache-2.0
#
# doc: the event socket, and examples for those who program against ovs-span.

dist_pkgdata_DATA += doc/span-events.schema.json

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	doc/examples/steer-flow.py
