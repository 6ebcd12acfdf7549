#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whole pipelines with GStreamer's own elements around ours, the way users write
# them, on the small golden network. Prints TAP.
#
# usage: pipelines.sh SOURCE_FOLDER PLUGIN_FOLDER FECLIP_COMMAND
#
# FECLIP_MEDIA  folder with sample videos; unset: a recording is made instead

# Pipelines are kept as text and split into words where they are run.
# shellcheck disable=SC2048,SC2086

set -u
root=$1
GST_PLUGIN_PATH_1_0=$2
command=$3
work=$(mktemp -d) || exit 1
nowhere=$work/no-such-folder
trap 'rm -rf "$work"' EXIT
# A registry of its own: what this machine's registry says does not matter.
GST_REGISTRY=$work/registry.bin
export GST_PLUGIN_PATH_1_0 GST_REGISTRY
unset GST_PLUGIN_PATH

model=$root/tests/data/golden/model.safetensors
adapter=$root/tests/data/golden/adapter.safetensors
feclip="feclip model-file=$model adapter-file=$adapter"
source="videotestsrc num-buffers=12 pattern=ball !
  video/x-raw,format=I420,width=320,height=180,framerate=25/1"
count=0
status=0

# ok NAME / not_ok NAME: a line of TAP, with what the last command printed.
ok () {
  count=$((count + 1))
  echo "ok $count $1"
}

not_ok () {
  count=$((count + 1))
  status=1
  sed 's/^/# /' "$work/log" | tail -n 30
  echo "not ok $count $1"
}

skip () {
  count=$((count + 1))
  echo "ok $count $1 # SKIP $2"
}

# launch WORDS...: runs a pipeline, split into words as gst-launch-1.0 does it.
launch () {
  timeout 300 gst-launch-1.0 -v $* >"$work/log" 2>&1
}

# has_elements NAME...: whether GStreamer has them all.
has_elements () {
  for element in "$@"; do
    gst-inspect-1.0 --exists "$element" || return 1
  done
}

# lines FILE: how many lines of JSON it holds; one that is not JSON counts as
# none of them.
lines () {
  python3 -c '
import json, sys
print(sum(1 for line in open(sys.argv[1]) if json.loads(line)["resolution"]))
' "$1" 2>>"$work/log"
}

# timestamps NAME: the PTS of every buffer that the identity NAME saw.
timestamps () {
  sed -n "s/.*$1: last-message = chain.*, pts: \([0-9:.]*\),.*/\1/p" \
    "$work/log"
}

# expect NAME FOUND WANTED
expect () {
  if [ "$2" = "$3" ]; then
    ok "$1"
  else
    echo "wanted: $3, found: $2" >>"$work/log"
    not_ok "$1"
  fi
}

# A live source, at its own pace: each frame arrives, each gives a line.
live () {
  launch videotestsrc is-live=true num-buffers=12 ! \
    video/x-raw,width=320,height=180,framerate=8/1 ! \
    identity name=before silent=false ! $feclip ! \
    feclippublish file-path="$work/live.jsonl" ! feclipoverlay ! \
    identity name=after silent=false ! fakesink sync=true
  expect "live: a line per frame" "$(lines "$work/live.jsonl")" 12
  expect "live: timestamps stay" "$(timestamps after)" "$(timestamps before)"
  expect "live: every frame arrives" "$(timestamps after | wc -l)" 12
}

# A camera that is too fast for the model: no frame is lost or late for that.
fast () {
  launch videotestsrc is-live=true num-buffers=60 ! \
    video/x-raw,width=320,height=180,framerate=100/1 ! $feclip nireq=2 \
    on-overload=reuse-last max-delay=20000000 ! \
    feclippublish file-path="$work/fast.jsonl" ! feclipoverlay ! \
    identity name=after silent=false ! fakesink sync=true
  expect "fast camera: every frame arrives" "$(timestamps after | wc -l)" 60
  expect "fast camera: there are results" \
    "$(test "$(lines "$work/fast.jsonl")" -gt 0 && echo yes)" yes
}

# Eight streams at the same time in one process.
eight () {
  pipeline=
  found=
  for i in 1 2 3 4 5 6 7 8; do
    pipeline="$pipeline $source ! $feclip nireq=2 !
      feclippublish file-path=$work/eight-$i.jsonl ! fakesink"
  done
  launch $pipeline
  for i in 1 2 3 4 5 6 7 8; do
    found="$found $(lines "$work/eight-$i.jsonl")"
  done
  expect "eight streams" "$found" " 12 12 12 12 12 12 12 12"
}

# Standard output carries the lines and nothing else.
standard_output () {
  timeout 300 gst-launch-1.0 -q $source ! $feclip inference-interval=3 ! \
    feclippublish ! fakesink >"$work/stdout.jsonl" 2>"$work/log"
  expect "publish to standard output" "$(lines "$work/stdout.jsonl")" 4
}

# Normal images from a folder: the same one in the stream differs in nothing,
# another one does.
references () {
  mkdir "$work/normal"
  still='video/x-raw,format=RGB,width=160,height=120'
  launch videotestsrc num-buffers=1 pattern=circular ! $still ! pngenc ! \
    filesink location="$work/normal/0.png"
  for pattern in circular ball; do
    launch videotestsrc num-buffers=2 pattern=$pattern ! $still ! $feclip \
      reference-location="$work/normal" reference-score=max threshold=0.001 ! \
      feclippublish file-path="$work/$pattern.jsonl" ! fakesink
  done
  expect "references: the normal image" \
    "$(grep -c '"anomalous":false.*"references":1' "$work/circular.jsonl")" 2
  expect "references: another image" \
    "$(grep -c '"anomalous":true.*"references":1' "$work/ball.jsonl")" 2
}

# make_clip: leaves $work/clip.mp4 and its number of frames in $frames.
make_clip () {
  clip=${FECLIP_MEDIA:-}/bottle-detection.mp4
  if [ ! -f "$clip" ]; then
    clip=$work/clip.mp4
    launch videotestsrc num-buffers=30 pattern=ball ! \
      video/x-raw,width=640,height=360,framerate=30/1 ! \
      x264enc ! mp4mux ! filesink location="$clip"
  fi
  launch filesrc location="$clip" ! decodebin ! \
    identity name=before silent=false ! fakesink
  timestamps before >"$work/clip.times"
  frames=$(wc -l <"$work/clip.times")
}

# A recording is analysed, drawn on and recorded again.
recording () {
  interval=8
  analysed=$(((frames + interval - 1) / interval))
  launch filesrc location="$clip" ! decodebin ! videoconvert ! \
    $feclip inference-interval=$interval ! \
    feclippublish file-path="$work/results.jsonl" ! \
    feclipoverlay ! identity name=after silent=false ! videoconvert ! \
    x264enc speed-preset=ultrafast ! mp4mux ! \
    filesink location="$work/annotated.mp4"
  timestamps after >"$work/after.times"
  expect "recording: timestamps stay" \
    "$(cksum <"$work/after.times")" "$(cksum <"$work/clip.times")"
  expect "recording: a line per analysed frame" \
    "$(lines "$work/results.jsonl")" "$analysed"
  launch filesrc location="$work/annotated.mp4" ! decodebin ! \
    identity name=after silent=false ! fakesink
  expect "recording: no frame is lost" "$(timestamps after | wc -l)" "$frames"
}

# The metadata is still there behind WORDS..., named NAME.
survives () {
  name=$1
  shift
  rm -f "$work/survivors.jsonl"
  launch $source ! $feclip ! $* ! \
    feclippublish file-path="$work/survivors.jsonl" ! fakesink
  expect "metadata survives $name" "$(lines "$work/survivors.jsonl")" 12
}

survival () {
  survives queue queue
  survives videoconvert videoconvert ! video/x-raw,format=RGB
  survives videoscale videoscale ! video/x-raw,width=160,height=90
  survives videorate videorate
  survives videoflip videoflip method=horizontal-flip
  survives jpegenc jpegenc
  if has_elements x264enc avdec_h264; then
    survives x264enc x264enc tune=zerolatency ! avdec_h264
  else
    skip "metadata survives x264enc" "x264enc or avdec_h264 is missing"
  fi
}

# Two branches of a tee, one of them analysed.
two_branches () {
  launch $source ! tee name=t \
    t. ! queue ! $feclip ! feclippublish file-path="$work/tee.jsonl" ! \
    fakesink \
    t. ! queue ! identity name=after silent=false ! fakesink
  expect "tee: the analysed branch" "$(lines "$work/tee.jsonl")" 12
  expect "tee: the other branch" "$(timestamps after | wc -l)" 12
}

# A window, under Xvfb: no screen of this machine is touched.
window () {
  if ! command -v xvfb-run >/dev/null || ! has_elements ximagesink; then
    skip "window" "Xvfb or ximagesink is missing"
    return
  fi
  timeout 300 xvfb-run -a gst-launch-1.0 -v $source ! $feclip ! \
    feclipoverlay ! videoconvert ! \
    ximagesink name=sink >"$work/log" 2>&1
  expect "window" $? 0
}

# refused NAME WORDS WORD...: a pipeline that must fail with a sentence that
# holds WORDS.
refused () {
  name=$1
  sentence=$2
  shift 2
  if launch "$@"; then
    not_ok "$name"
  elif grep -qi -- "$sentence" "$work/log"; then
    ok "$name"
  else
    not_ok "$name"
  fi
}

refusals () {
  refused "no such file" "ERROR: .*$nowhere/file" \
    $source ! feclip model-file="$nowhere/file" ! fakesink
  refused "unwritable path" "ERROR: .*$nowhere/lines" \
    $source ! feclippublish file-path="$nowhere/lines" ! fakesink
}

# Without a driver the plugin can be listed, and says what is missing when it
# has to run.
no_driver () {
  (
    VK_ICD_FILENAMES=$nowhere/driver.json
    VK_DRIVER_FILES=$VK_ICD_FILENAMES
    GST_REGISTRY=$work/no-driver.bin
    export VK_ICD_FILENAMES VK_DRIVER_FILES GST_REGISTRY
    gst-inspect-1.0 feclip >"$work/log" 2>&1
  )
  expect "the plugin loads without a driver" $? 0
  VK_ICD_FILENAMES=$nowhere/driver.json VK_DRIVER_FILES=$nowhere/driver.json \
    refused "no driver" 'ERROR: .*Vulkan' $source ! $feclip ! fakesink
}

# documented FILE: the command lines of a file, one per line, with files and
# devices that are here. One ends at an empty line or at the end of an example.
documented () {
  sed 's/^ \* \{0,1\}//' "$1" | awk '
    /gst-launch-1\.0 / { on = 1; line = "" }
    on && /^(\]\|.*| *)$/ { print line; on = 0 }
    on { sub(/\\$/, ""); line = line " " $0 }' |
    sed -E "s/.*gst-launch-1\.0 //
      s|v4l2src|$live_source|
      s|location=parts\.mp4|location=$work/short.mp4|
      s|=thresholds\.json|=$work/thresholds.json|
      s|autovideosink|fakesink|
      s|clip\.safetensors|$model|
      s|adapter\.safetensors|$adapter|
      s#=([a-z]*\.(mp4|jsonl))#=$work/doc-\1#g"
}

# Every command line that the documentation shows, run as it stands there.
documentation () {
  live_source='videotestsrc is-live=true num-buffers=8'
  launch $source ! x264enc ! mp4mux ! filesink location="$work/short.mp4"
  "$command" calibrate --model-file "$model" \
    --adapter-file "$adapter" --output "$work/thresholds.json" \
    "$work/short.mp4" >"$work/log" 2>&1
  expect "calibrate" $? 0
  for file in README.md gst/feclip/gstfeclip.c \
    gst/overlay/gstfeclipoverlay.c gst/publish/gstfeclippublish.c; do
    documented "$root/$file" >"$work/documented"
    number=0
    while read -r line; do
      number=$((number + 1))
      launch $line </dev/null
      expect "$file, command line $number" $? 0
    done <"$work/documented"
    test "$number" -gt 0 || { cp "$work/documented" "$work/log"
      not_ok "$file shows command lines"; }
  done
}

# The commands that README.md shows for images, run as they stand there.
documented_commands () {
  mkdir -p "$work/photos" "$work/normal-photos"
  launch videotestsrc num-buffers=2 pattern=ball ! \
    video/x-raw,format=RGB,width=160,height=120 ! pngenc ! \
    multifilesink location="$work/photos/%d.png"
  cp "$work/photos/0.png" "$work/normal-photos"
  sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "$root/README.md" |
    sed -n 's|^ *build/tools/feclip||p' |
    sed "s| normal/| $work/normal-photos|; s| photos/| $work/photos|
      s| marked| $work/marked|" >"$work/documented"
  number=0
  while read -r line; do
    number=$((number + 1))
    rm -rf "$work/marked"
    timeout 300 "$command" $line </dev/null >"$work/log" 2>&1
    expect "README.md, feclip command $number" $? 0
    expect "README.md, feclip command $number: images" \
      "$(find "$work/marked" -name '*.png' 2>/dev/null | wc -l)" 2
  done <"$work/documented"
  test "$number" -gt 0 || { cp "$work/documented" "$work/log"
    not_ok "README.md shows commands for images"; }
}

if ! command -v gst-launch-1.0 >/dev/null; then
  echo "1..0 # SKIP gst-launch-1.0 is missing"
  exit 0
fi
if ! has_elements videotestsrc x264enc mp4mux decodebin identity; then
  echo "1..0 # SKIP GStreamer's own elements are missing"
  exit 0
fi
live
fast
eight
standard_output
references
make_clip
recording
survival
two_branches
window
refusals
no_driver
documentation
documented_commands
echo "1..$count"
exit $status
