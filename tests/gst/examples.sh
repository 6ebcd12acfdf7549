#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The examples, run as their users run them, on a short clip whose defects are
# known and by the built-in model. Prints TAP.
#
# usage: examples.sh SOURCE_FOLDER PLUGIN_FOLDER FECLIP READ_METADATA [CASE...]
#
# FECLIP and READ_METADATA are the programs that were built. Without CASE all
# cases run.

set -u
examples=$1/examples
GST_PLUGIN_PATH_1_0=$2
feclip=$3
read_metadata=$4
shift 4
cases=${*:-record_annotated alert_clip rtsp_relay several_cameras \
  read_metadata_python read_metadata_c live_view}
work=$(mktemp -d) || exit 1
relay=
trap 'test -z "$relay" || kill "$relay"; rm -rf "$work"' EXIT
# A registry of its own: what this machine's registry says does not matter.
GST_REGISTRY=$work/registry.bin
export GST_PLUGIN_PATH_1_0 GST_REGISTRY
unset GST_PLUGIN_PATH DISPLAY WAYLAND_DISPLAY

clip=$work/clip.mp4
thresholds='threshold=0.6 pixel-threshold=0.7'
every_third="$thresholds inference-interval=3"
count=0
status=0

# expect NAME CONDITION...: a line of TAP, with what the last command printed.
expect () {
  count=$((count + 1))
  name=$1
  shift
  if "$@"; then
    echo "ok $count $name"
  else
    status=1
    echo "# not: $*"
    tail -n 20 "$work/log" | cut -c 1-200 | sed 's/^/# /'
    echo "not ok $count $name"
  fi
}

skip () {
  count=$((count + 1))
  echo "ok $count $1 # SKIP $2"
}

# run COMMAND...: leaves what it prints in $work/log, and its status in $rc.
run () {
  timeout 300 "$@" >"$work/log" 2>&1
  rc=$?
}

# interrupt PATH COMMAND...: the same, with Ctrl-C two seconds after a file that
# find matches with PATH has something in it.
interrupt () {
  path=$1
  shift
  "$@" >"$work/log" 2>&1 &
  pid=$!
  wait_for "$path" >"$work/first"
  sleep 2
  kill -INT "$pid"
  (sleep 60; kill -KILL "$pid") >/dev/null 2>&1 &
  guard=$!
  wait "$pid"
  rc=$?
  kill "$guard" 2>/dev/null
}

# wait_for PATH: until such a file has a line, and prints that.
wait_for () {
  for _ in $(seq 500); do
    found=$(find "$work" -path "$1" -size +0)
    test -n "$found" && break
    sleep 0.2
  done
  test -z "$found" || head -n 1 "$found"
}

says () {
  grep -q -- "$1" "$work/log"
}

# frames FILE: how many frames of it can be decoded.
frames () {
  timeout 60 gst-launch-1.0 -v filesrc location="$1" ! decodebin ! \
    identity name=seen silent=false ! fakesink 2>&1 |
    grep -c 'seen: last-message = chain'
}

# has_frames FILE LOWEST HIGHEST
has_frames () {
  found=$(frames "$1")
  echo "$1: $found frames" >>"$work/log"
  test "$found" -ge "$2" && test "$found" -le "$3"
}

record_annotated () {
  run "$examples/record-annotated.sh" "$clip" "$work/marked.mp4" $every_third
  expect "record-annotated: runs" test $rc -eq 0
  expect "record-annotated: every frame" has_frames "$work/marked.mp4" 60 60
  expect "record-annotated: a line per analysed frame" \
    test "$(wc -l <"$work/marked.jsonl")" -eq 20
  interrupt "$work/live.jsonl" \
    "$examples/record-annotated.sh" test "$work/live.mp4"
  expect "record-annotated: Ctrl-C leaves a whole file" \
    has_frames "$work/live.mp4" 1 900
  run "$examples/record-annotated.sh" "$work/no-such.mp4" "$work/none.mp4"
  expect "record-annotated: no such file" test $rc -eq 1
  expect "record-annotated: says so" says "$work/no-such.mp4"
}

alert_clip () {
  run "$examples/alert-clip.py" --before 0 --after 0.1 \
    --folder "$work/alerts" --feclip "$every_third" "$clip"
  expect "alert-clip: runs" test $rc -eq 0
  set -- "$work"/alerts/alert-*.mp4
  expect "alert-clip: one clip for one defect" test $# -eq 1
  # Without the first second of the video and without its end.
  expect "alert-clip: the clip is a part" has_frames "$1" 20 44
  expect "alert-clip: an image beside it" test -s "${1%.mp4}.jpg"
  interrupt "$work/live/alert-*.mp4" "$examples/alert-clip.py" \
    --folder "$work/live" --feclip threshold=0 test
  set -- "$work"/live/alert-*.mp4
  expect "alert-clip: Ctrl-C leaves a whole clip" has_frames "$1" 1 900
  run "$examples/alert-clip.py" --folder "$clip/folder" "$clip"
  expect "alert-clip: a folder that cannot be" says "$clip/folder"
}

# Serves a moving ball as a camera would; prints its address.
serve () {
  exec /usr/bin/python3 - <<'END'
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_shared(True)
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! "
    "video/x-raw,width=320,height=180,framerate=5/1 ! "
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=5 ! "
    "rtph264pay name=pay0 pt=96 )"
)
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print(f"rtsp://127.0.0.1:{server.get_bound_port()}/camera", flush=True)
loop = GLib.MainLoop()
GLib.timeout_add_seconds(300, loop.quit)
loop.run()
END
}

rtsp_relay () {
  if ! /usr/bin/python3 -c 'import gi
gi.require_version("GstRtspServer", "1.0")' 2>/dev/null; then
    skip rtsp-relay "the package gir1.2-gst-rtsp-server-1.0 is missing"
    return
  fi
  serve >"$work/camera" 2>/dev/null &
  camera=$!
  timeout -s INT 300 "$examples/rtsp-relay.py" --port 0 --hls "$work/hls" \
    "$(wait_for "$work/camera")" >"$work/relay" 2>"$work/relay.log" &
  relay=$!
  wait_for "$work/hls/segment00000.ts" >"$work/first"
  run timeout 100 gst-launch-1.0 -v rtspsrc protocols=tcp \
    location="$(wait_for "$work/relay")" ! rtph264depay ! avdec_h264 ! \
    identity name=seen silent=false eos-after=6 ! fakesink
  cat "$work/relay.log" >>"$work/log"
  expect "rtsp-relay: frames arrive" \
    test "$(grep -c 'seen: last-message = chain' "$work/log")" -ge 5
  kill -TERM "$relay"
  wait "$relay"
  relay=
  kill "$camera"
  expect "rtsp-relay: a playlist" grep -q '#EXTINF' "$work/hls/playlist.m3u8"
  expect "rtsp-relay: its segments" \
    has_frames "$work/hls/segment00000.ts" 1 100
}

several_cameras () {
  run "$examples/several-cameras.py" --tile 160x90 --output "$work/wall.mp4" \
    --feclip "$every_third" "$clip" "$clip" "$clip"
  expect "several-cameras: runs" test $rc -eq 0
  expect "several-cameras: all are analysed" \
    test "$(grep -c '60 frames, 20 analysed' "$work/log")" -eq 3
  expect "several-cameras: a verdict changes" says 'camera-3 .*ANOMALOUS'
  expect "several-cameras: one image" has_frames "$work/wall.mp4" 58 62
  run "$examples/several-cameras.py" "$clip"
  expect "several-cameras: no display" says 'There is no display'
}

read_metadata_python () {
  run "$examples/read-metadata.py" --feclip "$every_third" \
    --on-alert "echo at \$FECLIP_TIME >>'$work/acted'" "$clip"
  expect "read-metadata.py: runs" test $rc -eq 0
  expect "read-metadata.py: a line per analysed frame" \
    says '[1-9][0-9]* of 20 frames are anomalous'
  expect "read-metadata.py: boxes" says 'ANOMALOUS .* at [0-9]*,[0-9]* '
  sleep 1
  expect "read-metadata.py: acts" grep -q 'at [0-9.]*$' "$work/acted"
  GST_PLUGIN_PATH_1_0=$work/nowhere GST_REGISTRY=$work/none.bin \
    run "$examples/read-metadata.py" "$clip"
  expect "read-metadata.py: no plugin" says 'feclip.*GST_PLUGIN_PATH'
}

read_metadata_c () {
  run "$read_metadata" "$clip" $every_third
  expect "read-metadata: runs" test $rc -eq 0
  expect "read-metadata: a line per analysed frame" \
    says '[1-9][0-9]* of 20 frames are anomalous'
  expect "read-metadata: boxes" says ' at [0-9]*,[0-9]* to [0-9]*,[0-9]*$'
  run "$read_metadata" "$work/no-such.mp4"
  expect "read-metadata: no such file" says "$work/no-such.mp4"
  run "$read_metadata" "$clip" no-such-property=1
  expect "read-metadata: no such property" says 'no-such-property'
}

live_view () {
  run "$examples/live-view.py" --feclip "$every_third" "$clip"
  expect "live-view: runs" test $rc -eq 0
  expect "live-view: lines where there is no terminal" \
    says 'frames 60 analysed 20 anomalous [1-9]'
  interrupt "$work/log" "$examples/live-view.py" test
  expect "live-view: Ctrl-C" says 'score [0-9.]* rate'
  if ! script -qec true /dev/null >/dev/null 2>&1; then
    skip "live-view: a terminal" "script cannot make a terminal"
    return
  fi
  run script -qec "$examples/live-view.py --feclip '$every_third' '$clip'" \
    /dev/null
  expect "live-view: a terminal" says '█'
}

for element in videotestsrc decodebin x264enc h264parse mp4mux compositor \
  hlssink2 avdec_h264; do
  if ! gst-inspect-1.0 --exists "$element"; then
    echo "1..0 # SKIP GStreamer's element $element is missing"
    exit 0
  fi
done
if ! /usr/bin/python3 -c 'import gi
gi.require_version("GstVideo", "1.0")' 2>/dev/null; then
  echo "1..0 # SKIP python3-gi or gir1.2-gst-plugins-base-1.0 is missing"
  exit 0
fi

"$feclip" synth --video "$clip" --items 1 --frames 60 --size 320x180 \
  --kinds wood --defects burn --severity 1 --extent 1 \
  --defective-share 1 >"$work/log" 2>&1
expect "a clip" test -s "$clip"
for one in $cases; do
  $one
done
echo "1..$count"
exit $status
