#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes "configure" and the Makefile.in from configure.ac and Makefile.am.
# Needed once after a clone; make re-runs it by itself afterwards.
set -e
cd "$(dirname "$0")"
exec autoreconf --install "$@"
