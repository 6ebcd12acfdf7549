#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What CONTRIBUTING.md asks of every file and a machine can see. Prints each
# offence as FILE:LINE or FILE and a sentence.

set -u
cd "$(dirname "$0")/../.." || exit 1

status=0

offence () {
  echo "$*"
  status=1
}

# files PATTERN...: the project's files, whether or not git knows them.
files () {
  for pattern in "$@"; do
    find src include shaders gst tools tests examples docs .ci ./*.* \
      -type f -name "$pattern" -not -path 'tests/data/*' 2>/dev/null
  done | sed 's|^\./||' | sort -u
}

# longer_than LINES PATTERN...
longer_than () {
  limit=$1
  shift
  for file in $(files "$@"); do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$limit" ]; then
      offence "$file has $lines lines, more than $limit: split it."
    fi
  done
}

# forbid SENTENCE REGEXP FILE...: no line may match.
forbid () {
  sentence=$1
  regexp=$2
  shift 2
  found=$(grep -nE -- "$regexp" /dev/null "$@") && offence "$found
^ $sentence"
}

sources=$(files '*.c' '*.h' '*.comp' '*.glsl')
scripts="$(files '*.sh' '*.py') .ci/run"

for file in $sources $scripts; do
  # Below a "#!" line where there is one.
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' ||
    offence "$file does not begin with its SPDX line."
done

longer_than 600 '*.c'
longer_than 220 '*.h'

forbid "Lines end at column 80." '^.{81,}$' $(files '*.c' '*.h')
forbid "Indent with spaces." "$(printf '\t')" $sources
forbid "No white space at the end of a line." ' $' $sources $scripts
# The brackets keep the rule from matching itself.
forbid "Finish it, or leave it out." \
  '\b(TOD[O]|FIXM[E]|XX[X]|HAC[K]|[Pp]laceholde[r])\b' $sources
forbid "No goto: g_autoptr cleans up." '\bgoto\b' $(files '*.c' '*.h')
forbid "libfeclip knows no GStreamer." '#include .*gst/' \
  $(files '*.[ch]' | grep -E '^(src|include/feclip/[^/]*\.h|examples/score-)')
forbid "The command uses public headers only." '#include "(\.\./)+src' \
  $(files '*.[ch]' | grep '^tools')

exit $status
