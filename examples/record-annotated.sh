#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Records a video with feclip's results drawn on it, and writes one line of JSON
# for each analysed frame.
#
# usage: record-annotated.sh SOURCE OUTPUT.mp4 [PROPERTY=VALUE...]
#
# SOURCE    a file, a camera such as /dev/video0, a URI such as rtsp://…, or
#           test for a moving ball
# PROPERTY  a property of the element feclip, such as
#           model-file=clip.safetensors
#
# Writes OUTPUT.mp4 and OUTPUT.jsonl. Ctrl-C ends a recording with a complete
# file, because -e sends the end of the stream through the pipeline.

set -eu

usage () {
  sed -n '4,/^$/s/^# \{0,1\}//p' "$0"
}

case ${1:-} in
  -h | --help) usage; exit 0 ;;
esac
if [ $# -lt 2 ]; then
  usage >&2
  exit 2
fi
source=$1
output=$2
shift 2

# A live camera cannot wait: if the device is too slow, the queue drops frames
# before they are analysed.
live="queue leaky=downstream max-size-buffers=1 !"
case $source in
  test)
    set -- $live videoconvert ! feclip "$@"
    set -- videotestsrc is-live=true pattern=ball ! \
      video/x-raw,width=320,height=180,framerate=10/1 ! "$@"
    ;;
  *://*) set -- uridecodebin uri="$source" ! $live videoconvert ! feclip "$@" ;;
  /dev/*)
    set -- v4l2src device="$source" ! decodebin ! $live videoconvert ! \
      feclip "$@"
    ;;
  *)
    if [ ! -f "$source" ]; then
      echo "$source: there is no such video." >&2
      exit 1
    fi
    set -- filesrc location="$source" ! decodebin ! videoconvert ! feclip "$@"
    ;;
esac

# Without a version, --exists requires the version of GStreamer itself.
for element in feclip x264enc mp4mux; do
  if ! gst-inspect-1.0 --exists --atleast-version=0.0 "$element"; then
    echo "GStreamer has no element $element." >&2
    case $element in
      feclip) echo "Set GST_PLUGIN_PATH to the folder gst of its build." ;;
      x264enc) echo "Install the package gstreamer1.0-plugins-ugly." ;;
      mp4mux) echo "Install the package gstreamer1.0-plugins-good." ;;
    esac >&2
    exit 1
  fi
done

exec gst-launch-1.0 -q -e "$@" ! \
  feclippublish file-path="${output%.*}.jsonl" ! \
  feclipoverlay ! videoconvert ! video/x-raw,format=I420 ! \
  x264enc tune=zerolatency speed-preset=veryfast ! h264parse ! mp4mux ! \
  filesink location="$output"
