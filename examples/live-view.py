#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows score, history and speed of an analysis in the terminal.

All numbers come from the element's property stats, so that any application can
show the same. If the output is not a terminal, one line is printed per second.
For example:

  live-view.py --feclip threshold=0.6 /dev/video0
"""

import collections
import shutil
import sys
import time

import pipeline
from pipeline import GLib, Gst

BLOCKS = " ▁▂▃▄▅▆▇█"
ROWS = 4
RED, GREEN, DIM, BOLD, PLAIN = (
    f"\x1b[{number}m" for number in (31, 32, 2, 1, 0)
)
# Hide and show the cursor, move it up, erase to the end of the line.
HIDE, SHOW, UP, ERASE = "\x1b[?25l", "\x1b[?25h", "\x1b[{}A", "\x1b[K"


def bar(score, row):
    """The character of one column of the history in one row."""
    eighths = round(min(max(score, 0), 1) * ROWS * 8)
    return BLOCKS[min(max(eighths - row * 8, 0), 8)]


def draw_history(scores, threshold, width):
    """Columns of scores, the latest on the right; red from the threshold on."""
    shown = list(scores)[-width:]
    lines = []
    for row in reversed(range(ROWS)):
        line, color = "", None
        for score in shown:
            wanted = RED if score >= threshold else GREEN
            if wanted != color:
                line += wanted
                color = wanted
            line += bar(score, row)
        mark = "1.0" if row == ROWS - 1 else "0.0" if row == 0 else "   "
        gap = " " * (width - len(shown))
        lines.append(f"  {DIM}{mark} │{PLAIN}{gap}{line}{PLAIN}")
    return lines


def milliseconds(time):
    """Formats a time in nanoseconds."""
    number = time / Gst.MSECOND
    return f"{number:.0f} ms" if number >= 10 else f"{number:.1f} ms"


class View:
    def __init__(self, line, name):
        self.name = name
        self.element = line.get_by_name("analysis")
        self.scores = collections.deque(maxlen=512)
        self.times = collections.deque(maxlen=50)
        self.start = time.monotonic()
        self.delay = None
        self.memory = 0
        self.is_terminal = sys.stdout.isatty()
        self.height = 0
        self.sentence = ""
        if pipeline.is_live(name):
            self.element.get_static_pad("src").add_probe(
                Gst.PadProbeType.BUFFER, self.measure_delay
            )

    def measure_delay(self, pad, info):
        """Measures the age of a live frame when its result is there."""
        segment = pad.get_sticky_event(Gst.EventType.SEGMENT, 0).parse_segment()
        born = segment.to_running_time(Gst.Format.TIME, info.get_buffer().pts)
        self.delay = self.element.get_current_running_time() - born
        return Gst.PadProbeReturn.OK

    def tell(self, sentence):
        """Shows a message below the view, without disturbing the layout."""
        self.sentence = sentence
        if not self.is_terminal:
            pipeline.print_error(sentence)

    def rate(self):
        """Analyses per second, over the last updates."""
        if len(self.times) < 2 or self.times[-1][0] == self.times[0][0]:
            return 0
        (start, before), (end, after) = self.times[0], self.times[-1]
        return (after - before) / (end - start)

    def update(self):
        stats = self.element.get_property("stats")
        numbers = {
            name: stats.get_value(name)
            for name in (
                "frames",
                "analysed",
                "skipped",
                "anomalous",
                "last-score",
                "p50-score",
                "p95-score",
                "p99-score",
                "p50-analysis-time",
                "p50-upload-time",
                "p50-network-time",
                "p50-result-time",
                "p95-delay",
                "device-memory",
            )
        }
        known = self.times[-1][1] if self.times else 0
        self.times.append((time.monotonic(), numbers["analysed"]))
        if numbers["analysed"] > known:
            self.scores.append(numbers["last-score"])
        if self.is_terminal:
            self.draw(numbers)
        else:
            print(
                f"{self.clock()} frames {numbers['frames']} "
                f"analysed {numbers['analysed']} "
                f"anomalous {numbers['anomalous']} "
                f"score {numbers['last-score']:.3f} "
                f"rate {self.rate():.1f}/s",
                flush=True,
            )
        return GLib.SOURCE_CONTINUE

    def clock(self):
        seconds = int(time.monotonic() - self.start)
        return f"{seconds // 60:02}:{seconds % 60:02}"

    def draw(self, numbers):
        columns = shutil.get_terminal_size().columns
        width = max(min(columns, 100) - 9, 20)
        threshold = self.element.get_property("threshold")
        score = numbers["last-score"]
        verdict = f"{GREEN}good{PLAIN}"
        if score >= threshold:
            verdict = f"{RED}{BOLD}ANOMALOUS{PLAIN}"
        if not self.scores:
            verdict = "waiting for the first result"
        took = {
            stage: milliseconds(numbers[f"p50-{stage}-time"])
            for stage in ("analysis", "upload", "network", "result")
        }
        # It is 0 once the pipeline has stopped.
        self.memory = numbers["device-memory"] or self.memory
        delay = "" if self.delay is None else (
            f"   delay {self.delay / Gst.SECOND:.2f} s"
        )
        name = self.name[-(width - 10) :]
        lines = [
            f"  {BOLD}feclip{PLAIN}  {name}"
            + " " * (width - 8 - len(name))
            + f"{DIM}{self.clock()}{PLAIN}",
            "",
            f"  score {BOLD}{score:.3f}{PLAIN}   threshold {threshold:.3f}   "
            f"{verdict}",
            *draw_history(self.scores, threshold, width),
            "",
            f"  frames {numbers['frames']}   analysed {numbers['analysed']}   "
            f"skipped {numbers['skipped']}   anomalous {numbers['anomalous']}",
            f"  of 100 scores {DIM}50{PLAIN} below {numbers['p50-score']:.3f}   "
            f"{DIM}95{PLAIN} below {numbers['p95-score']:.3f}   "
            f"{DIM}99{PLAIN} below {numbers['p99-score']:.3f}",
            f"  {took['analysis']} per analysis {DIM}(upload {took['upload']}, "
            f"network {took['network']}, result {took['result']}){PLAIN}   "
            f"{self.rate():.1f}/s",
            f"  95 of 100 frames delayed by less than "
            f"{milliseconds(numbers['p95-delay'])}{delay}",
            f"  {self.memory / 2**20:.0f} MiB on the device",
            "",
            f"  {self.sentence[: columns - 3]}",
        ]
        # Draws over the previous view. The last one stays visible.
        home = UP.format(self.height) if self.height else HIDE
        sys.stdout.write(home + "".join(f"{one}{ERASE}\n" for one in lines))
        sys.stdout.flush()
        self.height = len(lines)

    def close(self):
        self.update()
        if self.is_terminal:
            sys.stdout.write(SHOW)
            sys.stdout.flush()


def main():
    parser = pipeline.parser(__doc__)
    arguments = parser.parse_args()
    line = pipeline.parse(
        f"{pipeline.source(arguments.source)} ! "
        f"feclip name=analysis {arguments.feclip} ! fakesink sync=true"
    )
    view = View(line, arguments.source)
    period = 100 if view.is_terminal else 1000
    GLib.timeout_add(period, view.update)
    try:
        return pipeline.run(line, tell=view.tell)
    finally:
        view.close()


if __name__ == "__main__":
    sys.exit(main())
