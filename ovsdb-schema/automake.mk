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

# ovs-span(5).
ovsdb-schema/ovs-span.5: ovsdb-schema/span.ovsschema ovsdb-schema/span.xml
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(OVSDB_DOC) --title="ovs-span" --version=$(VERSION) \
		$(srcdir)/ovsdb-schema/span.ovsschema \
		$(srcdir)/ovsdb-schema/span.xml > $@.tmp && mv $@.tmp $@
