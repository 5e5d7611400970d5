# SPDX-License-Identifier: Apache-2.0
#
# doc: examples for those who program against ovs-span.

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	doc/examples/steer-flow.py
