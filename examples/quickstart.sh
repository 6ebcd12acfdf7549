#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A first run: installs what is needed, builds feclip, marks a video and shows
# what was found.
#
# usage: examples/quickstart.sh [VIDEO]
#
# Without VIDEO a conveyor's clip is made, whose defects are known, and analysed
# by the built-in model, which has seen neither such items nor such defects.
#
# FECLIP_MODEL_FILE    CLIP's weights, or a checkpoint that holds everything
# FECLIP_ADAPTER_FILE  the adapters, unless the model file holds them
#
# Leaves annotated.mp4, results.jsonl and contact-sheet.png in the current
# folder, and the clip itself.

set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Before anything is built, and before an earlier run's results are replaced.
if [ -n "${1:-}" ] && [ ! -f "$1" ]; then
  echo "$1: there is no such video."
  exit 1
fi

"$root/tests/scripts/install-packages.sh" --small
if [ ! -f "$root/build/build.ninja" ]; then
  echo "Building feclip, which takes a minute or a few."
  meson setup "$root/build" "$root" >"$log" 2>&1 || { cat "$log"; exit 1; }
fi
# What is needed here, without the tests. In a terminal ninja shows how far it
# is.
targets="gst/libgstfeclip.so tools/feclip examples/score-image
  examples/read-metadata"
# shellcheck disable=SC2086 # words on purpose
if [ -t 1 ]; then
  ninja -C "$root/build" $targets
else
  ninja -C "$root/build" $targets >"$log" 2>&1 || { cat "$log"; exit 1; }
fi
# The one that Debian's packages belong to, if it is there.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
export GST_PLUGIN_PATH="$root/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}"

video=${1:-}
truth=
thresholds=
if [ -z "$video" ]; then
  video=clip.mp4
  truth=clip.json
  # What tells them apart on such clips: a line of its own wants its own.
  [ -n "${FECLIP_MODEL_FILE:-}" ] ||
    thresholds="threshold=0.6 pixel-threshold=0.7"
  "$root/build/tools/feclip" synth --video "$video" --items 8 --frames 240 \
    --kinds wood,leather --defects burn,chip \
    --severity 0.7-1 --extent 0.6-1 --defective-share 0.5
fi

# The command line, first shown and then run.
set -- gst-launch-1.0 -q filesrc location="$video" ! decodebin ! \
  videoconvert ! \
  feclip ${FECLIP_MODEL_FILE:+model-file="$FECLIP_MODEL_FILE"} \
  ${FECLIP_ADAPTER_FILE:+adapter-file="$FECLIP_ADAPTER_FILE"} \
  $thresholds ! \
  feclippublish file-path=results.jsonl ! \
  feclipoverlay ! videoconvert ! x264enc speed-preset=veryfast ! mp4mux ! \
  filesink location=annotated.mp4
echo
echo "Running:"
echo "  export GST_PLUGIN_PATH=$GST_PLUGIN_PATH"
echo "  $*"
echo
rm -f results.jsonl
start=$(date +%s%N)
"$@"
end=$(date +%s%N)

"$python" "$root/examples/contact-sheet.py" results.jsonl annotated.mp4 \
  contact-sheet.png ${truth:+"$truth"}
frames=$(wc -l <results.jsonl)
echo "$frames $start $end" |
  awk '{printf "%6.1f  frames per second, start and recording included\n",
        $1 * 1e9 / ($3 - $2)}'

echo
echo "Look at contact-sheet.png and annotated.mp4; results.jsonl has a line for"
echo "each frame."

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  gst-launch-1.0 -q filesrc location=annotated.mp4 ! decodebin ! \
    videoconvert ! autovideosink ||
    echo "The window could not be opened; the files are there all the same."
else
  echo "There is no display, so no window was opened."
fi
