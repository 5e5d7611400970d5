# SPDX-License-Identifier: Apache-2.0
#
# The checks of ovs-span's configure.ac, one macro per question.

# SPAN_DIRECTORIES
#
# Under the usual prefixes the state of ovs-span is in /var and its policy in
# /etc, as DESIGN and the manual pages promise; any other prefix keeps all of
# it below itself.
AC_DEFUN([SPAN_DIRECTORIES],
  [AC_PREFIX_DEFAULT([/usr/local])
   test "x$prefix" = xNONE && prefix=$ac_default_prefix
   case $prefix in
     /usr | /usr/local)
       test "x$localstatedir" = 'x${prefix}/var' && localstatedir=/var
       test "x$sysconfdir" = 'x${prefix}/etc' && sysconfdir=/etc
       ;;
   esac])

# SPAN_PYTHON3
#
# The system's python3 comes first: the OVS code generators and the tests rely
# on its packages, not on those of whatever python3 a user put into PATH.
AC_DEFUN([SPAN_PYTHON3],
  [AC_ARG_VAR([PYTHON3], [Python 3 interpreter, for the OVS code generators])
   AC_PATH_PROG([PYTHON3], [python3], [no], [/usr/bin$PATH_SEPARATOR$PATH])
   if test "x$PYTHON3" = xno; then
     AC_MSG_ERROR([python3 is needed to generate code and manual pages])
   fi])

# SPAN_OVS_TREE(VARIABLE, OPTION, DIRECTORY, FILE...)
#
# Sets VARIABLE to the absolute name of DIRECTORY, which --OPTION named and
# which must hold every FILE.
AC_DEFUN([SPAN_OVS_TREE],
  [if test "x$3" = x || test "x$3" = xyes || test "x$3" = xno; then
     AC_MSG_ERROR([--$2=DIR is needed: ovs-span is built against an dnl
Open vSwitch source and build tree. Run tools/bootstrap, which makes both and dnl
configures ovs-span with them, or give --with-ovs-source and --with-ovs-build.])
   fi
   for span_file in $4; do
     if test ! -e "$3/$span_file"; then
       AC_MSG_ERROR([--$2=$3: there is no $span_file in it. It has to be dnl
an Open vSwitch tree in which lib/libopenvswitch.la is built; dnl
tools/bootstrap makes one.])
     fi
   done
   $1=`cd "$3" && pwd`
   AC_SUBST([$1])])

# SPAN_OVS
#
# Finds the Open vSwitch trees. What libopenvswitch itself needs to be linked
# is not asked here: libtool reads it from lib/libopenvswitch.la.
AC_DEFUN([SPAN_OVS],
  [AC_ARG_WITH([ovs-source],
     [AS_HELP_STRING([--with-ovs-source=DIR], [Open vSwitch source tree])])
   AC_ARG_WITH([ovs-build],
     [AS_HELP_STRING([--with-ovs-build=DIR],
        [Open vSwitch build tree (default: the source tree)])],
     [], [with_ovs_build=$with_ovs_source])
   SPAN_OVS_TREE([OVS_SRC], [with-ovs-source], [$with_ovs_source],
     [include/openvswitch/util.h lib/ovsdb-idl.h ovsdb/ovsdb-idlc.in])
   SPAN_OVS_TREE([OVS_BUILD], [with-ovs-build], [$with_ovs_build],
     [config.h lib/libopenvswitch.la lib/.libs/libopenvswitch.a])
   AC_MSG_CHECKING([the version of Open vSwitch])
   OVS_VERSION=[`$SED -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' \
                  "$OVS_BUILD/config.h"`]
   if test "x$OVS_VERSION" = x; then
     AC_MSG_ERROR([$OVS_BUILD/config.h names no version])
   fi
   AC_MSG_RESULT([$OVS_VERSION])
   AC_SUBST([OVS_VERSION])])

# SPAN_CONFIG_H
#
# One name, two worlds.  Every source file starts with "#include <config.h>"
# and finds the one of ovs-span.  In code that is compiled against
# libopenvswitch it hands out Open vSwitch's own config.h and nothing else, so
# that OVS headers see exactly the macros the library was built with (the
# choice of atomics, of linker sections, ...) and no macro is defined twice.
# Elsewhere (the sink) it is what our configure found.  Therefore code that
# links libopenvswitch cannot use our HAVE_ macros; facts it needs come as
# -DSPAN_... from Makefile.am.
AC_DEFUN([SPAN_CONFIG_H],
  [AH_TOP([/* See SPAN_CONFIG_H in m4/ovs-span.m4. */
#ifdef SPAN_OVS_CONFIG_H
#include SPAN_OVS_CONFIG_H
#else])
   AH_BOTTOM([#endif /* SPAN_OVS_CONFIG_H */])])

# SPAN_CFLAG(FLAG)
#
# Adds FLAG to SPAN_CFLAGS when the compiler knows it.
AC_DEFUN([SPAN_CFLAG],
  [AS_VAR_PUSHDEF([span_cv], [span_cv_cflag_$1])
   AC_CACHE_CHECK([whether $CC takes $1], [span_cv],
     [span_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -Werror $1"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM],
        [AS_VAR_SET([span_cv], [yes])], [AS_VAR_SET([span_cv], [no])])
      CFLAGS=$span_save_CFLAGS])
   AS_VAR_IF([span_cv], [yes], [SPAN_CFLAGS="$SPAN_CFLAGS $1"])
   AS_VAR_POPDEF([span_cv])])

# SPAN_WARNINGS
AC_DEFUN([SPAN_WARNINGS],
  [AC_ARG_ENABLE([Werror],
     [AS_HELP_STRING([--enable-Werror], [a warning is an error])],
     [], [enable_Werror=no])
   SPAN_CFLAGS=
   m4_foreach_w([span_flag],
     [-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare
      -Wno-missing-field-initializers -Wshadow -Wstrict-prototypes
      -Wold-style-definition -Wmissing-prototypes -Wpointer-arith -Wformat=2
      -Wno-format-nonliteral -Wswitch-enum -Wvla
      -Wduplicated-cond -Wmultistatement-macros],
     [SPAN_CFLAG(span_flag)])
   AS_VAR_IF([enable_Werror], [yes], [SPAN_CFLAGS="$SPAN_CFLAGS -Werror"])
   AC_SUBST([SPAN_CFLAGS])])

# SPAN_SANITIZERS
#
# Address and undefined behaviour sanitizers; what they find ends the program.
AC_DEFUN([SPAN_SANITIZERS],
  [AC_ARG_ENABLE([sanitizers],
     [AS_HELP_STRING([--enable-sanitizers],
        [build with AddressSanitizer and UndefinedBehaviorSanitizer])],
     [], [enable_sanitizers=no])
   SPAN_SAN_FLAGS=
   AS_VAR_IF([enable_sanitizers], [yes],
     [SPAN_SAN_FLAGS="-fsanitize=address,undefined dnl
-fno-sanitize-recover=all -fno-omit-frame-pointer"
      span_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS $SPAN_SAN_FLAGS"
      AC_MSG_CHECKING([whether $CC links with the sanitizers])
      AC_LINK_IFELSE([AC_LANG_PROGRAM], [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no])
         AC_MSG_ERROR([--enable-sanitizers: $CC cannot link with dnl
$SPAN_SAN_FLAGS])])
      CFLAGS=$span_save_CFLAGS])
   AC_SUBST([SPAN_SAN_FLAGS])])

# SPAN_SYSTEMD
#
# The daemon tells systemd how it is if libsystemd is there when it is built.
# The units are installed only where one says, because their directory is
# nearly always outside the prefix; so is the file of their options.
AC_DEFUN([SPAN_SYSTEMD],
  [AC_ARG_WITH([libsystemd],
     [AS_HELP_STRING([--without-libsystemd],
        [do not tell the service manager how ovs-spand is @<:@auto@:>@])],
     [], [with_libsystemd=auto])
   LIBSYSTEMD_DEFS=
   AS_VAR_IF([with_libsystemd], [no], [],
     [PKG_CHECK_MODULES([LIBSYSTEMD], [libsystemd >= 209],
        [LIBSYSTEMD_DEFS=-DSPAN_LIBSYSTEMD],
        [AS_VAR_IF([with_libsystemd], [auto], [],
           [AC_MSG_ERROR([--with-libsystemd: $LIBSYSTEMD_PKG_ERRORS])])])])
   AC_SUBST([LIBSYSTEMD_DEFS])
   AC_ARG_WITH([systemdsystemunitdir],
     [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
        [install systemd units in DIR @<:@not installed@:>@])],
     [], [with_systemdsystemunitdir=no])
   AS_CASE([$with_systemdsystemunitdir],
     [yes], [PKG_CHECK_VAR([SPAN_SYSTEMD_UNIT_DIR], [systemd],
               [systemdsystemunitdir], [],
               [AC_MSG_ERROR([--with-systemdsystemunitdir: pkg-config dnl
knows no systemd; name the directory])])],
     [no], [SPAN_SYSTEMD_UNIT_DIR=],
     [SPAN_SYSTEMD_UNIT_DIR=$with_systemdsystemunitdir])
   AC_SUBST([SPAN_SYSTEMD_UNIT_DIR])
   AM_CONDITIONAL([SPAN_SYSTEMD_UNITS], [test "x$SPAN_SYSTEMD_UNIT_DIR" != x])
   AC_ARG_WITH([defaults-dir],
     [AS_HELP_STRING([--with-defaults-dir=DIR],
        [where the file ovs-span has options for units @<:@SYSCONFDIR/default@:>@])],
     [], [with_defaults_dir='${sysconfdir}/default'])
   AC_SUBST([SPAN_DEFAULTS_DIR], [$with_defaults_dir])])
