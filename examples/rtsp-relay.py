#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serves a camera's stream over RTSP and HLS, with feclip's results on it.

Frames are analysed and encoded once, however many players are connected.
Players open the address that is printed. With --hls a web server can serve the
folder. The relay ends when its source ends: let systemd restart it. For
example:

  rtsp-relay.py --hls /var/www/line3 rtsp://camera/stream
"""

import os
import sys

import gi

import pipeline

gi.require_version("GstVideo", "1.0")
from gi.repository import Gst, GstVideo  # noqa: E402

try:
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GstRtspServer
except (ImportError, ValueError):
    sys.exit("Install the package gir1.2-gst-rtsp-server-1.0")

H264 = "video/x-h264,stream-format=byte-stream,alignment=au"


class Relay:
    """Passes encoded frames on to the pipelines of the RTSP server."""

    def __init__(self, sink):
        self.sink = sink
        self.outputs = []
        sink.connect("new-sample", self.receive)

    def receive(self, sink):
        buffer = sink.emit("pull-sample").get_buffer()
        # Without timestamps: the server has a clock of its own and gives each
        # frame the time of its arrival.
        bare = buffer.copy_region(
            Gst.BufferCopyFlags.FLAGS | Gst.BufferCopyFlags.MEMORY,
            0,
            buffer.get_size(),
        )
        for output in list(self.outputs):
            output.emit("push-buffer", bare)
        return Gst.FlowReturn.OK

    def configure(self, factory, media):
        """Called for the first player; all further players share the media."""
        output = media.get_element().get_by_name("frames")
        self.outputs.append(output)
        media.connect("unprepared", lambda _: self.outputs.remove(output))
        # A player can only start to decode at a key frame.
        self.sink.send_event(
            GstVideo.video_event_new_upstream_force_key_unit(
                Gst.CLOCK_TIME_NONE, True, 0
            )
        )


def serve(arguments, relay):
    """Starts the server; returns it and the address of the stream."""
    server = GstRtspServer.RTSPServer()
    server.set_address(arguments.address)
    server.set_service(str(arguments.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(
        "( appsrc name=frames is-live=true format=time do-timestamp=true "
        f"caps={H264} ! h264parse ! "
        "rtph264pay name=pay0 pt=96 config-interval=-1 )"
    )
    factory.connect("media-configure", relay.configure)
    server.get_mount_points().add_factory(arguments.path, factory)
    if not server.attach(None):
        sys.exit(f"Port {arguments.port} of {arguments.address} cannot be used")
    host = arguments.address if arguments.address != "0.0.0.0" else "localhost"
    # The server lives as long as it is referenced.
    return server, f"rtsp://{host}:{server.get_bound_port()}{arguments.path}"


def describe_hls(folder):
    segments = pipeline.quote(os.path.join(folder, "segment%05d.ts"))
    playlist = pipeline.quote(os.path.join(folder, "playlist.m3u8"))
    return (
        f"encoded. ! queue ! hlssink2 location={segments} "
        f"playlist-location={playlist} target-duration=2 max-files=8"
    )


def main():
    parser = pipeline.parser(__doc__)
    parser.add_argument("--hls", metavar="FOLDER", help="also write HLS")
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        help="0.0.0.0: all interfaces (%(default)s)",
    )
    parser.add_argument(
        "--port", type=int, default=8554, help="0: any free port (%(default)s)"
    )
    parser.add_argument(
        "--path", default="/feclip", help="of the stream (%(default)s)"
    )
    arguments = parser.parse_args()
    hls = ""
    if arguments.hls:
        try:
            os.makedirs(arguments.hls, exist_ok=True)
        except OSError as error:
            sys.exit(f"{error.filename}: {error.strerror}")
        hls = describe_hls(arguments.hls)
    line = pipeline.parse(
        f"{pipeline.source(arguments.source)} ! feclip {arguments.feclip} ! "
        "feclipoverlay ! videoconvert ! video/x-raw,format=I420 ! "
        "x264enc tune=zerolatency speed-preset=veryfast key-int-max=30 ! "
        f"h264parse config-interval=-1 ! {H264} ! tee name=encoded "
        "encoded. ! queue ! "
        f"appsink name=sink emit-signals=true sync=false {hls}"
    )
    server, address = serve(arguments, Relay(line.get_by_name("sink")))
    print(address, flush=True)
    return pipeline.run(line)


if __name__ == "__main__":
    sys.exit(main())
