#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A first run: installs the packages that feclip needs, builds it, analyses a
# video and shows the results.
#
# usage: examples/quickstart.sh [VIDEO]
#
# Without VIDEO a clip of a conveyor belt is made, whose defects are known. The
# built-in model analyses it; such items and such defects were not in its
# training images.
#
# FECLIP_MODEL_FILE    CLIP's weights, or a checkpoint with CLIP and adapters
# FECLIP_ADAPTER_FILE  the adapters, unless the model file contains them
#
# Writes annotated.mp4, results.jsonl and contact-sheet.png to the current
# folder, and without VIDEO clip.mp4 and clip.json.

set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Checked before anything is built or an earlier run's results are replaced.
if [ -n "${1:-}" ] && [ ! -f "$1" ]; then
  echo "$1: there is no such video."
  exit 1
fi

"$root/tests/scripts/install-packages.sh" --small
if [ ! -f "$root/build/build.ninja" ]; then
  echo "Building feclip, which takes a few minutes."
  meson setup "$root/build" "$root" >"$log" 2>&1 || { cat "$log"; exit 1; }
fi
# The targets that this script needs, without the tests. In a terminal ninja
# shows its progress.
targets="gst/libgstfeclip.so tools/feclip examples/score-image
  examples/read-metadata"
# shellcheck disable=SC2086 # split into words on purpose
if [ -t 1 ]; then
  ninja -C "$root/build" $targets
else
  ninja -C "$root/build" $targets >"$log" 2>&1 || { cat "$log"; exit 1; }
fi
# Debian's Python packages belong to this one.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
export GST_PLUGIN_PATH="$root/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}"

video=${1:-}
truth=
thresholds=
if [ -z "$video" ]; then
  video=clip.mp4
  truth=clip.json
  # Chosen for such clips; other videos need thresholds of their own.
  [ -n "${FECLIP_MODEL_FILE:-}" ] ||
    thresholds="threshold=0.6 pixel-threshold=0.7"
  echo "Making clip.mp4, 240 frames of a conveyor belt with known defects."
  "$root/build/tools/feclip" synth --video "$video" --items 8 --frames 240 \
    --kinds wood,leather --defects burn,chip \
    --severity 0.7-1 --extent 0.6-1 --defective-share 0.5
fi

# This command line is first printed and then run.
set -- gst-launch-1.0 -q filesrc location="$video" ! decodebin ! \
  videoconvert ! \
  feclip ${FECLIP_MODEL_FILE:+model-file="$FECLIP_MODEL_FILE"} \
  ${FECLIP_ADAPTER_FILE:+adapter-file="$FECLIP_ADAPTER_FILE"} \
  $thresholds ! \
  feclippublish file-path=results.jsonl ! \
  feclipoverlay ! videoconvert ! x264enc speed-preset=veryfast ! mp4mux ! \
  filesink location=annotated.mp4
echo
echo "Analysing $video, at a few frames per second without a GPU:"
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
  awk '{printf "%6.1f  frames per second, including start and recording\n",
        $1 * 1e9 / ($3 - $2)}'

echo
echo "Open contact-sheet.png and annotated.mp4. results.jsonl has one line of JSON"
echo "for each frame. The property fit=crop, which is the default, analyses the centre"
echo "square of each frame; fit=stretch and tiles=auto analyse all of it."

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  gst-launch-1.0 -q filesrc location=annotated.mp4 ! decodebin ! \
    videoconvert ! autovideosink ||
    echo "The window could not be opened. The files above were written."
else
  echo "There is no display, so no window was opened."
fi
