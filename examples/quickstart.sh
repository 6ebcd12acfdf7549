#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A first run: installs what is needed, builds feclip, marks a video and shows
# what was found.
#
# usage: examples/quickstart.sh [VIDEO]
#
# FECLIP_MODEL_FILE    CLIP's weights, or a checkpoint that holds everything
# FECLIP_ADAPTER_FILE  the adapters, unless the model file holds them
#
# Leaves annotated.mp4 and results.jsonl in the current folder.

set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$root/tests/install-packages.sh"
if [ ! -f "$root/build/build.ninja" ]; then
  echo "Building feclip."
  meson setup "$root/build" "$root" >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
fi
ninja -C "$root/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
export GST_PLUGIN_PATH="$root/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}"

if [ -n "${FECLIP_MODEL_FILE:-}" ]; then
  model=$FECLIP_MODEL_FILE
  adapter=${FECLIP_ADAPTER_FILE:-}
else
  model=$root/tests/data/golden/model.safetensors
  adapter=$root/tests/data/golden/adapter.safetensors
fi

video=${1:-}
if [ -z "$video" ]; then
  video=$work/clip.mp4
  "$root/build/tools/feclip" synth --video "$video" --frames 120
fi

# The command line, first shown and then run.
set -- gst-launch-1.0 -q filesrc location="$video" ! decodebin ! \
  videoconvert ! \
  feclip model-file="$model" ${adapter:+adapter-file="$adapter"} ! \
  feclippublish file-path=results.jsonl ! \
  feclipoverlay ! videoconvert ! x264enc ! mp4mux ! \
  filesink location=annotated.mp4
echo "Running:"
echo "  GST_PLUGIN_PATH=$GST_PLUGIN_PATH $*"
"$@"

python3 - results.jsonl <<'TABLE'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as lines:
    frames = [json.loads(line) for line in lines]
print(f"{'time':>8}  {'score':>6}  {'defects':>7}  verdict")
step = max(1, len(frames) // 10)
for frame in frames[::step]:
    anomaly = frame["anomaly"]
    verdict = "anomalous" if anomaly["anomalous"] else "normal"
    print(
        f"{(frame['timestamp'] or 0) / 1e9:7.2f}s  {anomaly['score']:6.3f}  "
        f"{len(frame['objects']):7}  {verdict}"
    )
print(f"{len(frames)} frames analysed")
TABLE

echo
echo "Look at annotated.mp4; results.jsonl has a line for each frame."
if [ -z "${FECLIP_MODEL_FILE:-}" ]; then
  echo "These were small random weights from the tests: the marks mean nothing."
  echo "With real ones: FECLIP_MODEL_FILE=FILE [FECLIP_ADAPTER_FILE=FILE] $0"
fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  gst-launch-1.0 -q filesrc location=annotated.mp4 ! decodebin ! \
    videoconvert ! autovideosink ||
    echo "The window could not be opened; the files are there all the same."
fi
