#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a clip around each alert, and an image of its worst frame.

The last seconds of video are kept encoded. When an anomalous frame arrives,
they are written to a file together with the following frames, until --after
seconds have passed without another anomalous frame. Clips are named by the
time of the alert: date and time for a camera, the position in the recording
for a file. For example:

  alert-clip.py --before 5 --after 5 --folder alerts /dev/video0
"""

import collections
import datetime
import os
import sys

import gi

import pipeline

gi.require_version("GstVideo", "1.0")
from gi.repository import GLib, Gst, GstVideo  # noqa: E402


def read_verdict(buffer):
    """Whether a frame is anomalous, and its score. Encoders keep metadata."""
    meta = buffer.get_custom_meta("FeclipMeta")
    if not meta:
        return False, 0
    result = meta.get_structure()
    return result.get_value("anomalous"), result.get_value("score")


def decoding_time(buffer):
    return buffer.dts if buffer.dts != Gst.CLOCK_TIME_NONE else buffer.pts


class Clip:
    """A file to which encoded frames are written."""

    def __init__(self, path, caps):
        self.path = path
        self.start = None
        self.line = pipeline.parse(
            "appsrc name=source format=time ! mux.video_0 mp4mux name=mux ! "
            f"filesink location={pipeline.quote(path)}"
        )
        self.source = self.line.get_by_name("source")
        self.source.set_property("caps", caps)
        self.line.set_state(Gst.State.PLAYING)

    def push(self, buffer):
        if self.start is None:
            self.start = decoding_time(buffer)
        # The ring still needs the original, maybe for another clip.
        copy = buffer.copy_region(
            Gst.BufferCopyFlags.FLAGS
            | Gst.BufferCopyFlags.TIMESTAMPS
            | Gst.BufferCopyFlags.MEMORY,
            0,
            buffer.get_size(),
        )
        copy.dts = decoding_time(buffer) - self.start
        copy.pts = buffer.pts - self.start
        self.source.emit("push-buffer", copy)

    def finish(self):
        """Completes the file; returns an error message or None."""
        self.source.emit("end-of-stream")
        message = self.line.get_bus().timed_pop_filtered(
            10 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR
        )
        self.line.set_state(Gst.State.NULL)
        if not message:
            return f"{self.path}: writing takes too long"
        if message.type == Gst.MessageType.ERROR:
            return f"{self.path}: {message.parse_error()[0].message}"
        return None


class Recorder:
    """Both callbacks are called in the same streaming thread."""

    def __init__(self, arguments):
        self.before = round(arguments.before * Gst.SECOND)
        self.after = round(arguments.after * Gst.SECOND)
        self.folder = arguments.folder
        self.by_day = pipeline.is_live(arguments.source)
        self.ring = collections.deque()
        self.clip = None
        self.until = 0
        self.highest = None
        self.worst = None
        self.failed = False

    def name(self, seconds):
        if self.by_day:
            time = datetime.datetime.now().isoformat("T", "milliseconds")
            time = time.replace(":", "-")
        else:
            minutes, rest = divmod(seconds, 60)
            hours, minutes = divmod(int(minutes), 60)
            time = f"{hours:02}-{minutes:02}-{rest:06.3f}"
        return os.path.join(self.folder, f"alert-{time}")

    def see_raw(self, pad, info):
        """Keeps each alert's annotated frame with the highest score."""
        buffer = info.get_buffer()
        anomalous, score = read_verdict(buffer)
        if anomalous and (self.highest is None or score > self.highest):
            self.highest = score
            self.worst = Gst.Sample.new(
                buffer.copy_deep(), pad.get_current_caps(), None, None
            )
        return Gst.PadProbeReturn.OK

    def receive(self, sink):
        sample = sink.emit("pull-sample")
        buffer = sample.get_buffer()
        anomalous, _ = read_verdict(buffer)
        now = buffer.pts
        self.ring.append(buffer)
        if anomalous and not self.clip:
            stream_time = sample.get_segment().to_stream_time(
                Gst.Format.TIME, now
            )
            path = self.name(stream_time / Gst.SECOND)
            self.clip = Clip(path + ".mp4", sample.get_caps())
            for earlier in self.ring:
                self.clip.push(earlier)
        elif self.clip:
            self.clip.push(buffer)
        if anomalous:
            self.until = now + self.after
        elif self.clip and now >= self.until:
            self.finish()
        self.forget(now - self.before)
        return Gst.FlowReturn.OK

    def forget(self, time):
        """Drops everything before the last key frame that is not after time."""
        keys = [
            place
            for place, buffer in enumerate(self.ring)
            if buffer.pts <= time
            and not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
        ]
        for _ in range(keys[-1] if keys else 0):
            self.ring.popleft()

    def finish(self):
        """Completes the clip, if there is one, and writes its image."""
        if not self.clip:
            return
        path, error = self.clip.path, self.clip.finish()
        self.clip = None
        try:
            image = GstVideo.video_convert_sample(
                self.worst, Gst.Caps.from_string("image/jpeg"), 10 * Gst.SECOND
            ).get_buffer()
            with open(path[:-4] + ".jpg", "wb") as file:
                file.write(image.extract_dup(0, image.get_size()))
        except (GLib.Error, OSError) as failure:
            error = error or f"{path[:-4]}.jpg: {failure}"
        if error:
            print(error, file=sys.stderr)
            self.failed = True
        else:
            print(f"{path}: highest score {self.highest:.3f}", flush=True)
        self.highest = self.worst = None


def main():
    parser = pipeline.parser(__doc__)
    for name, what in ("before", "earlier"), ("after", "later"):
        parser.add_argument(
            f"--{name}",
            type=float,
            default=3,
            metavar="SECONDS",
            help=f"seconds of {what} video in the clip (%(default)s)",
        )
    parser.add_argument(
        "--folder", default=".", help="folder for the clips (current folder)"
    )
    arguments = parser.parse_args()
    if arguments.before < 0 or arguments.after < 0:
        parser.error("--before and --after must not be negative")
    try:
        os.makedirs(arguments.folder, exist_ok=True)
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")

    # Clips begin with a key frame; one comes about every second.
    line = pipeline.parse(
        f"{pipeline.source(arguments.source)} ! feclip {arguments.feclip} ! "
        "feclipoverlay name=marked ! videoconvert ! video/x-raw,format=I420 ! "
        "x264enc tune=zerolatency speed-preset=veryfast key-int-max=15 ! "
        "video/x-h264,stream-format=avc ! "
        "appsink name=sink emit-signals=true sync=false max-buffers=4"
    )
    recorder = Recorder(arguments)
    line.get_by_name("marked").get_static_pad("src").add_probe(
        Gst.PadProbeType.BUFFER, recorder.see_raw
    )
    line.get_by_name("sink").connect("new-sample", recorder.receive)
    status = pipeline.run(line)
    # The video may end within a clip.
    recorder.finish()
    return 1 if recorder.failed else status


if __name__ == "__main__":
    sys.exit(main())
