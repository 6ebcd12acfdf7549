#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Analyses several cameras with one model, side by side in one video.

Each source has a feclip of its own. Since all of them use the same files, the
weights are loaded once, and the frames go through the network together. The
video is shown in a window or, with --output, written to a file. A line is
printed whenever a camera's verdict changes. For example:

  several-cameras.py --output wall.mp4 /dev/video0 rtsp://camera/stream
"""

import math
import os
import sys

import pipeline
from pipeline import Gst


def describe_camera(number, arguments, columns):
    """One source, analysed and scaled to its tile."""
    width, height = arguments.tile
    name = arguments.source[number]
    x, y = number % columns * width, number // columns * height
    place = f"view.sink_{number}"
    return (
        f"{pipeline.source(name)} ! "
        f"feclip name=camera-{number + 1} post-messages=true "
        f"batch-size={min(len(arguments.source), 64)} "
        f"{arguments.feclip} ! feclipoverlay ! videoscale ! "
        f"video/x-raw,width={width},height={height},pixel-aspect-ratio=1/1 ! "
        f"queue ! {place} "
    ), f"sink_{number}::xpos={x} sink_{number}::ypos={y} "


def describe(arguments):
    columns = math.ceil(math.sqrt(len(arguments.source)))
    cameras, places = zip(
        *(
            describe_camera(number, arguments, columns)
            for number in range(len(arguments.source))
        )
    )
    # The analysis delays frames of live sources.
    wait = "latency=1000000000 " if any(
        map(pipeline.is_live, arguments.source)
    ) else ""
    if arguments.output:
        sink = (
            "video/x-raw,format=I420 ! x264enc tune=zerolatency "
            "speed-preset=veryfast ! h264parse ! mp4mux ! "
            f"filesink location={pipeline.quote(arguments.output)}"
        )
    else:
        sink = "autovideosink"
    return (
        f"compositor name=view background=black {wait}{''.join(places)} ! "
        f"videoconvert ! {sink} {''.join(cameras)}"
    )


class Watch:
    """Prints the verdicts that change."""

    def __init__(self):
        self.verdicts = {}

    def receive(self, message):
        found = message.get_structure()
        if message.type != Gst.MessageType.ELEMENT or not found.has_name(
            "feclip"
        ):
            return
        name = message.src.get_name()
        anomalous = found.get_value("anomalous")
        if self.verdicts.get(name) != anomalous:
            self.verdicts[name] = anomalous
            seconds = found.get_value("stream-time") / Gst.SECOND
            print(
                f"{seconds:9.3f}  {name}  score {found.get_value('score'):.3f}"
                f"  {'ANOMALOUS' if anomalous else 'good'}",
                flush=True,
            )


def print_totals(line, arguments):
    for number, name in enumerate(arguments.source):
        stats = line.get_by_name(f"camera-{number + 1}").get_property("stats")
        mean = stats.get_value("mean-analysis-time") / Gst.MSECOND
        print(
            f"camera-{number + 1}  {name}: {stats.get_value('frames')} frames, "
            f"{stats.get_value('analysed')} analysed at {mean:.0f} ms, "
            f"{stats.get_value('mean-batch-fill'):.1f} at a time, "
            f"{stats.get_value('anomalous')} anomalous"
        )


def read_size(text):
    width, height = (int(part) for part in text.split("x"))
    if not (16 <= width <= 4096 and 16 <= height <= 4096):
        raise ValueError
    return width, height


def main():
    parser = pipeline.parser(__doc__, "+")
    parser.add_argument(
        "--output",
        metavar="FILE.mp4",
        help="write a file instead of opening a window",
    )
    parser.add_argument(
        "--tile",
        type=read_size,
        default="640x360",
        metavar="WxH",
        help="each camera's size in the video (%(default)s)",
    )
    arguments = parser.parse_args()
    has_display = {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if not arguments.output and not has_display:
        sys.exit("There is no display: record with --output FILE.mp4")
    line = pipeline.parse(describe(arguments))
    status = pipeline.run(line, Watch().receive)
    print_totals(line, arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
