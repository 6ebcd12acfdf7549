#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Copies pages as gi-docgen takes them, with their title in a head and with links
# to the pages that it makes, and then runs it.
#
# usage: make-pages.sh SOURCE OUTPUT PAGE... -- COMMAND...

set -eu
source=$1
output=$2
shift 2

mkdir -p "$output"
while [ "$1" != -- ]; do
  # The title is the page's first heading, which gi-docgen writes by itself. A
  # link to a file outside of this folder becomes text.
  sed -e '1s/^# */Title: /; 1s/$/\n/' \
    -e 's/\](\([a-z-]*\)\.md/](\1.html/g' \
    -e 's/\[\([^]]*\)\](\.\.\/[^)]*)/\1/g' "$source/$1" >"$output/$1"
  shift
done
shift
exec "$@"
