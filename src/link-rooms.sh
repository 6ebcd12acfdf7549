#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Makes a folder with links to the rooms whose headers one room may include. It
# is that room's only include path besides the public headers', so that an
# include of any other room does not compile.
#
# usage: link-rooms.sh SOURCE VIEW ROOM...

set -eu
source=$1
view=$2
shift 2

rm -rf "$view"
for room in "$@"; do
  mkdir -p "$(dirname "$view/$room")"
  ln -s "$source/$room" "$view/$room"
done
