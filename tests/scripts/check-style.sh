#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What CONTRIBUTING.md asks of every file and a machine can see. Prints each
# offence as FILE:LINE or FILE and a sentence; what begins with "warning:" is
# none.

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

# warn_longer_than LINES PATTERN...: a long file is a place to look, no offence.
warn_longer_than () {
  limit=$1
  shift
  wc -l $(files "$@") | awk -v limit="$limit" '
    $2 != "total" && $1 > limit {
      printf "warning: %s has %d lines, more than %d: one responsibility?\n",
        $2, $1, limit
    }'
}

# long_functions LINES FILE...: lists the functions whose body is longer. By
# .clang-format only functions have their braces alone in column 1.
long_functions () {
  limit=$1
  shift
  awk -v limit="$limit" '
    FNR == 1 { begin = 0 }
    /^\{$/ { begin = FNR }
    /^\}/ {
      if (begin && FNR - begin + 1 > limit)
        printf "%s:%d: a function of %d lines, more than %d: split it.\n",
          FILENAME, begin, FNR - begin + 1, limit
      begin = 0
    }' "$@"
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

# Below a "#!" line where there is one.
found=$(awk '
  FNR == 1 { if (file && !seen) print file; file = FILENAME; seen = 0 }
  FNR <= 2 && /SPDX-License-Identifier: LGPL-2.1-or-later/ { seen = 1 }
  END { if (file && !seen) print file }' $sources $scripts)
test -z "$found" || offence "$found
^ The first line is the SPDX line."

warn_longer_than 1000 '*.c'
warn_longer_than 300 '*.h'
warn_longer_than 250 '*.comp' '*.glsl'

found=$(long_functions 60 $(files '*.c' | grep -E '^(src|gst|tools|tests|examples)/'))
test -z "$found" || offence "$found"

forbid "Lines end at column 80." '^.{81,}$' $(files '*.c' '*.h')
forbid "Indent with spaces." "$(printf '\t')" $sources
forbid "No white space at the end of a line." ' $' $sources $scripts
# The brackets keep the rule from matching itself.
forbid "Finish it, or leave it out." \
  '\b(TOD[O]|FIXM[E]|XX[X]|HAC[K]|[Pp]laceholde[r])\b' $sources
forbid "No goto: g_autoptr cleans up." '\bgoto\b' $(files '*.c' '*.h')
forbid "An include names its folder." '#include "\.\./' $(files '*.c' '*.h')
# But for the one key of that name in files of version 0.1.0.
forbid "An image is what a network sees, a frame is video." \
  '(^|[^"])[Pp]icture|"[Pp]icture([^s]|s[^"])|PICTURE' \
  $(find src gst include tools docs README.md -type f -not -name '*.safetensors')
forbid "FECLIP_KERNELS, FECLIP_WEIGHT_TEXTURES and FECLIP_COOPMAT have these names." \
  'FECLIP_(TILE[S]|SAMPLE[D]|UNIT[S])\b' $sources $scripts \
  $(files '*.md' 'meson.build')

exit $status
