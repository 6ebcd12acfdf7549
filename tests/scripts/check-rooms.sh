#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether the compiler keeps the folders apart. Adds an include that a folder
# must not have to a copy of one of its files and compiles the copy with the
# build's own flags: that must fail because there is no such file, and the copy
# without it must compile.
#
# usage: tests/scripts/check-rooms.sh BUILD-FOLDER

set -u
cd "$(dirname "$0")/../.." || exit 1

# The folders of src from the bottom up: none may include one that comes later.
rooms="base files compute result draw image network references training api"

build=$(cd "${1:?no build folder}" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# What the compiler says is compared.
LC_ALL=C
export LC_ALL
status=0

offence () {
  echo "$*"
  status=1
}

# flags_of FILE: its command in the build, without the names of its outputs. A
# test may compile the file once more, with other flags: those do not count.
flags_of () {
  python3 - "$build/compile_commands.json" "$1" <<'END'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as commands:
    for entry in json.load(commands):
        folder = sys.argv[2].split("/")[0] + "/"
        if (entry["file"].endswith("/" + sys.argv[2])
                and entry["output"].startswith(folder)):
            print(entry["command"].split(" -MD ")[0])
            break
    else:
        sys.exit(f"The build does not compile {sys.argv[2]}.")
END
}

# compile: the file with a line in front, which says what to include.
compile () {
  { echo "$1"; cat "$file"; } >"$work/copy.c"
  (cd "$build" && eval "$flags -fdiagnostics-color=never -fsyntax-only" \
    "'$work/copy.c'") >"$work/log" 2>&1
}

# take FILE: the one that the next includes are added to.
take () {
  file=$1
  flags=$(flags_of "$file") || status=1
  compile "" ||
    offence "$file does not compile as it is: $(head -n 3 "$work/log")"
}

# refuses HEADER: with the quotes or brackets of the include. The missing file
# must be that one, and none that it includes itself.
refuses () {
  header=${1#?}
  header=${header%?}
  if compile "#include $1" ||
    ! grep -Eq "error: '?$header'?(: No such file| file not found)" "$work/log"
  then
    offence "$file can include $1. $(head -n 1 "$work/log")"
  fi
}

# accepts HEADER: that it is there at all.
accepts () {
  compile "#include $1" ||
    offence "$file cannot include $1: $(head -n 3 "$work/log")"
}

# first PATTERN FOLDER
first () {
  find "$2" -maxdepth 1 -name "$1" | sort | head -n 1
}

above=$rooms
for room in $rooms; do
  above=${above#"$room"}
  above=${above# }
  take "$(first '*.c' "src/$room")"
  for upper in $above; do
    header=$(first '*.h' "src/$upper")
    refuses "\"${header#src/}\""
  done
  refuses '<gst/gst.h>'
done

private=$(first '*.h' src/network)
private=${private#src/}
take tools/cli/help.c
accepts '<gst/gst.h>'
refuses "\"$private\""
take gst/plugin.c
accepts '"feclip/session.h"'
refuses "\"$private\""
refuses "\"src/$private\""
take gst/feclip/events/event_detector.c
refuses '"feclip/session.h"'
refuses "\"$private\""

exit $status
