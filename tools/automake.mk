# SPDX-License-Identifier: Apache-2.0
#
# tools: programs and scripts around the daemon.

# ovs-spanctl, with its sources, is
#   bin_PROGRAMS += tools/ovs-spanctl/ovs-spanctl
#   tools_ovs_spanctl_ovs_spanctl_CPPFLAGS = $(OVS_CPPFLAGS)
#   tools_ovs_spanctl_ovs_spanctl_CFLAGS = $(OVS_CFLAGS)
#   tools_ovs_spanctl_ovs_spanctl_SOURCES = tools/ovs-spanctl/...
#   tools_ovs_spanctl_ovs_spanctl_LDADD = plugin/core/libspan-core.la \
#	ovsdb-schema/libspan-idl.la $(OVS_LIBS)

EXTRA_DIST += tools/bootstrap tools/lab tools/quickstart tools/test
