#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Makes the image of README.md, annotated-frame.jpg: a frame of the video that
# examples/quickstart.sh analyses, and beside it the same frame annotated.
#
# usage: docs/make-images.sh [BUILD]
#
# BUILD is a build folder, "build" by default.

set -eu

docs=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$docs/../build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GST_PLUGIN_PATH="$build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}"

# The same video and thresholds as in examples/quickstart.sh.
"$build/tools/feclip" synth --video "$work/clip.mp4" --items 8 --frames 240 \
  --kinds wood,leather --defects burn,chip \
  --severity 0.7-1 --extent 0.6-1 --defective-share 0.5

gst-launch-1.0 -q filesrc location="$work/clip.mp4" ! decodebin ! \
  videoconvert ! tee name=frames \
  frames. ! queue ! pair.sink_0 \
  frames. ! queue ! feclip threshold=0.6 pixel-threshold=0.7 ! \
  feclippublish file-path="$work/results.jsonl" ! feclipoverlay ! pair.sink_1 \
  compositor name=pair background=white sink_1::xpos=650 ! videoconvert ! \
  jpegenc quality=85 ! multifilesink location="$work/%d.jpg"

# The highest score of the frames whose defects all lie completely in the part
# of the frame that the network sees.
frame=$(python3 - "$work/clip.json" "$work/results.jsonl" <<'END'
import json
import sys

with open(sys.argv[1]) as truth, open(sys.argv[2]) as lines:
    frames = json.load(truth)["frames"]
    results = [json.loads(line) for line in lines]

def is_seen(defect, result):
    region, width = result["anomaly"]["region"], result["resolution"]["width"]
    left, right = region["x"] * width, (region["x"] + region["w"]) * width
    return left <= defect[0] and defect[0] + defect[2] <= right

scores = {
    number: result["anomaly"]["score"]
    for number, result in enumerate(results)
    if all(
        is_seen(item["defect_box"], result)
        for item in frames[number]["items"]
        if item.get("defect_box")
    )
}
print(max(scores, key=scores.get))
END
)
cp "$work/$frame.jpg" "$docs/annotated-frame.jpg"
echo "frame $frame: $(wc -c <"$docs/annotated-frame.jpg") bytes"
