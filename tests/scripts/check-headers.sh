#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Compiles each public header alone, as C and as C++: what a user includes
# needs nothing included before it, and gives no warning.
#
# usage: tests/scripts/check-headers.sh BUILD-FOLDER

set -u
cd "$(dirname "$0")/../.." || exit 1

flags="-fsyntax-only -Wall -Wextra -Werror -Iinclude -I${1:?no build folder}/include"
status=0

for header in $(cd include && find feclip -name '*.h' | sort); do
  packages="gobject-2.0 cairo"
  case $header in
    feclip/gst/*) packages="$packages gstreamer-1.0 gstreamer-video-1.0" ;;
  esac
  packages=$(pkg-config --cflags $packages) || exit 1
  for language in c c++; do
    # The C standard of the project; any C++ that GLib itself takes.
    printf '#include <%s>\n' "$header" |
      cc -x "$language" $flags $packages - || {
        echo "$header does not compile alone as $language."
        status=1
      }
  done
done
exit $status
