#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints feclip's result for each frame, read from the frame's metadata.

With --on-alert, a command is run at the first of consecutive anomalous frames.
FECLIP_TIME and FECLIP_SCORE in its environment are the frame's time in seconds
and its score. For example:

  read-metadata.py --feclip threshold=0.6 --on-alert 'echo stop' parts.mp4
"""

import os
import signal
import subprocess
import sys

import gi

import pipeline

gi.require_version("GstVideo", "1.0")
from gi.repository import GLib, Gst, GstVideo  # noqa: E402


def read_result(buffer):
    """The result of a frame, or None if it carries none."""
    meta = buffer.get_custom_meta("FeclipMeta")
    return meta.get_structure() if meta else None


def read_defects(buffer):
    """Boxes in pixels with their confidence, the highest first."""
    defects = []
    # Ids begin at 0; with GStreamer's analytics metadata, whose id 0 is the
    # frame itself, they begin at 1.
    number = 0
    while True:
        region = GstVideo.buffer_get_video_region_of_interest_meta_id(
            buffer, number
        )
        number += 1
        if region:
            if GLib.quark_to_string(region.roi_type) == "anomaly":
                found, confidence = region.get_param("detection").get_double(
                    "confidence"
                )
                box = (region.x, region.y, region.w, region.h)
                defects.append((confidence if found else 0, box))
        elif number > 1:
            return sorted(defects, reverse=True)


def describe(defects):
    if not defects:
        return "-"
    confidence, (x, y, width, height) = defects[0]
    return f"{len(defects):7}  {confidence:.3f} at {x},{y} {width}x{height}"


class Reader:
    def __init__(self, command):
        self.command = command
        self.frames = self.anomalous = 0
        self.was_anomalous = False

    def receive(self, sink):
        sample = sink.emit("pull-sample")
        buffer = sample.get_buffer()
        result = read_result(buffer)
        if not result or not result.get_value("analysed"):
            return Gst.FlowReturn.OK
        score = result.get_value("score")
        anomalous = result.get_value("anomalous")
        self.frames += 1
        self.anomalous += anomalous
        # The position in the video. Timestamps alone need not begin at 0.
        seconds = (
            sample.get_segment().to_stream_time(Gst.Format.TIME, buffer.pts)
            / Gst.SECOND
        )
        print(
            f"{seconds:9.3f}  {score:6.3f}  "
            f"{'ANOMALOUS' if anomalous else 'good':9}  "
            f"{describe(read_defects(buffer))}",
            flush=True,
        )
        if anomalous and not self.was_anomalous and self.command:
            told = {"FECLIP_TIME": f"{seconds:.3f}", "FECLIP_SCORE": f"{score}"}
            subprocess.Popen(
                self.command, shell=True, env=dict(os.environ, **told)
            )
        self.was_anomalous = anomalous
        return Gst.FlowReturn.OK


def main():
    parser = pipeline.parser(__doc__)
    parser.add_argument(
        "--on-alert", metavar="COMMAND", help="a shell command to run"
    )
    arguments = parser.parse_args()
    # Ends quietly when its output is piped to a program that ends, such as head.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    line = pipeline.parse(
        f"{pipeline.source(arguments.source)} ! feclip {arguments.feclip} ! "
        "appsink name=sink emit-signals=true sync=false max-buffers=4"
    )
    reader = Reader(arguments.on_alert)
    line.get_by_name("sink").connect("new-sample", reader.receive)
    print("  seconds   score  verdict    defects  highest confidence")
    status = pipeline.run(line)
    print(f"{reader.anomalous} of {reader.frames} frames are anomalous")
    return status


if __name__ == "__main__":
    sys.exit(main())
