# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shared by the examples in Python: sources, and running a pipeline."""

import argparse
import os
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

# Where to get elements that may be missing.
ORIGINS = {
    "feclip": "set GST_PLUGIN_PATH to the folder gst of feclip's build",
    "x264enc": "install the package gstreamer1.0-plugins-ugly",
    "h264parse": "install the package gstreamer1.0-plugins-bad",
    "hlssink2": "install the package gstreamer1.0-plugins-bad",
    "mp4mux": "install the package gstreamer1.0-plugins-good",
    "v4l2src": "install the package gstreamer1.0-plugins-good",
}


def parser(description, n_sources=None):
    """A parser with the arguments that all examples have."""
    made = argparse.ArgumentParser(
        description=description.split("\n\n", 1)[0],
        epilog=description.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "source",
        nargs=n_sources,
        help="a file, a camera such as /dev/video0, a URI such as "
        "rtsp://…, or test for a moving ball",
    )
    made.add_argument(
        "--feclip",
        default="",
        metavar="PROPERTIES",
        help="properties of the element feclip, such as "
        "'model-file=clip.safetensors threshold=0.6'",
    )
    return made


def quote(text):
    """A text, quoted as a value in a pipeline's description."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def is_live(name):
    return name == "test" or name.startswith(("/dev/", "rtsp://"))


def source(name):
    """The description of a source of raw frames.

    A live camera cannot wait: it is followed by a queue of one frame, which
    drops frames before they are analysed if the device is too slow.
    """
    if name == "test":
        frames = (
            "videotestsrc is-live=true pattern=ball ! "
            "video/x-raw,width=320,height=180,framerate=10/1"
        )
    elif "://" in name:
        frames = f"uridecodebin uri={quote(name)}"
    elif not os.path.exists(name):
        sys.exit(f"{name}: there is no such file or camera")
    elif name.startswith("/dev/"):
        frames = f"v4l2src device={quote(name)} ! decodebin"
    else:
        frames = f"filesrc location={quote(name)} ! decodebin"
    if is_live(name):
        frames += " ! queue leaky=downstream max-size-buffers=1"
    return frames + " ! videoconvert"


def parse(description):
    """The pipeline; exits with a message if an element is missing."""
    Gst.init(None)
    try:
        return Gst.parse_launch(description)
    except GLib.Error as error:
        name = error.message.split('"')[1] if '"' in error.message else ""
        origin = f": {ORIGINS[name]}" if name in ORIGINS else ""
        sys.exit(error.message + origin)


def print_error(text):
    print(text, file=sys.stderr)


def run(pipeline, on_message=None, tell=print_error):
    """Plays until the end, an error or Ctrl-C, and returns the exit status.

    Ctrl-C sends the end of the stream through the pipeline, so that files are
    complete. on_message is called with each message of the bus, tell with the
    text of each error, warning and info message.
    """
    loop = GLib.MainLoop()
    status = 0

    def end():
        pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_REMOVE

    def receive(bus, message):
        nonlocal status
        if on_message:
            on_message(message)
        if message.type == Gst.MessageType.EOS:
            loop.quit()
        elif message.type == Gst.MessageType.ERROR:
            text = message.parse_error()[0].message
            tell(f"{message.src.get_name()}: {text}")
            status = 1
            loop.quit()
        elif message.type == Gst.MessageType.WARNING:
            tell(message.parse_warning()[0].message)
        elif message.type == Gst.MessageType.INFO:
            tell(message.parse_info()[0].message)

    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, end)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message", receive)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    return status
