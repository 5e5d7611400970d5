# SPDX-License-Identifier: Apache-2.0
#
# ovsdb-schema: the database OVS_Span, its manual page and its IDL.

# The IDL, generated into the build tree.
ovsdb-schema/span-idl.ovsidl: ovsdb-schema/span.ovsschema \
		ovsdb-schema/span-idl.ann
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(OVSDB_IDLC) annotate $(srcdir)/ovsdb-schema/span.ovsschema \
		$(srcdir)/ovsdb-schema/span-idl.ann > $@.tmp && mv $@.tmp $@
ovsdb-schema/span-idl.c: ovsdb-schema/span-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-source $< > $@.tmp && mv $@.tmp $@
ovsdb-schema/span-idl.h: ovsdb-schema/span-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-header $< > $@.tmp && mv $@.tmp $@

noinst_LTLIBRARIES += ovsdb-schema/libspan-idl.la
ovsdb_schema_libspan_idl_la_CPPFLAGS = $(OVS_CPPFLAGS)
ovsdb_schema_libspan_idl_la_CFLAGS = $(OVS_CFLAGS)
ovsdb_schema_libspan_idl_la_SOURCES = \
	ovsdb-schema/group-row.c \
	ovsdb-schema/group-row.h \
	ovsdb-schema/session-row.c \
	ovsdb-schema/session-row.h
nodist_ovsdb_schema_libspan_idl_la_SOURCES = \
	ovsdb-schema/span-idl.c \
	ovsdb-schema/span-idl.h
BUILT_SOURCES += ovsdb-schema/span-idl.h
CLEANFILES += \
	ovsdb-schema/span-idl.ovsidl \
	ovsdb-schema/span-idl.c \
	ovsdb-schema/span-idl.h
dist_pkgdata_DATA += ovsdb-schema/span.ovsschema
EXTRA_DIST += ovsdb-schema/span-idl.ann

# The checksum in the schema changes with the schema, and so does the version.
ovsdb-schema/span.ovsschema.stamp: ovsdb-schema/span.ovsschema
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(OVS_SRC)/build-aux/cksum-schema-check \
		$(srcdir)/ovsdb-schema/span.ovsschema $@
noinst_DATA += ovsdb-schema/span.ovsschema.stamp
CLEANFILES += ovsdb-schema/span.ovsschema.stamp

# ovs-span(5).
ovsdb-schema/ovs-span.5: ovsdb-schema/span.ovsschema ovsdb-schema/span.xml
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(OVSDB_DOC) --version=$(VERSION) \
		$(srcdir)/ovsdb-schema/span.ovsschema \
		$(srcdir)/ovsdb-schema/span.xml > $@.tmp && mv $@.tmp $@
nodist_man_MANS += ovsdb-schema/ovs-span.5
CLEANFILES += ovsdb-schema/ovs-span.5
EXTRA_DIST += ovsdb-schema/span.xml
