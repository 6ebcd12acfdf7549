#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Summarises feclip's results for a video in a few lines and one image.

usage: contact-sheet.py RESULTS VIDEO SHEET [TRUTH]

RESULTS  the output of feclippublish, a line of JSON for each frame
VIDEO    the annotated video
SHEET    the PNG image to write
TRUTH    the JSON file that `feclip synth --video` writes beside its video:
         with it, each item that passes is checked; without it, the frames
         with the highest scores are shown
"""

import json
import sys

import cairo
import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

COLUMNS = 4
TILE = 320
TEXT = 22
GREEN, RED, GRAY = (0.3, 0.8, 0.4), (0.95, 0.35, 0.3), (0.75, 0.75, 0.75)


def is_inside(box, item, size):
    """Whether a defect's centre lies on the item, with a small tolerance."""
    left, top, width, height = item
    x = (box["x_min"] + box["x_max"]) / 2 * size["width"]
    y = (box["y_min"] + box["y_max"]) / 2 * size["height"]
    tolerance = 0.05 * max(width, height)
    return (
        left - tolerance <= x <= left + width + tolerance
        and top - tolerance <= y <= top + height + tolerance
    )


def is_analysed(item, result):
    """Whether the item lies completely in the analysed part of the frame."""
    region = result["anomaly"]["region"]
    size = result["resolution"]
    left, top, width, height = item
    return (
        left >= region["x"] * size["width"]
        and left + width <= (region["x"] + region["w"]) * size["width"]
        and top >= region["y"] * size["height"]
        and top + height <= (region["y"] + region["h"]) * size["height"]
    )


def is_marked(item, result):
    """Whether the frame is anomalous and has a defect on the item."""
    return result["anomaly"]["anomalous"] and any(
        is_inside(
            one["detection"]["bounding_box"], item, result["resolution"]
        )
        for one in result["objects"]
    )


def judge_items(results, truth):
    """Each item's verdict: marked in at least half of its frames."""
    items = []
    for item in truth["items"]:
        seen = [
            (frame["frame"], entry["box"])
            for frame in truth["frames"][: len(results)]
            for entry in frame["items"]
            if entry["id"] == item["id"]
            and entry["visible"] == 1
            and is_analysed(entry["box"], results[frame["frame"]])
        ]
        marked = [is_marked(box, results[frame]) for frame, box in seen]
        verdict = bool(seen) and 2 * sum(marked) >= len(seen)
        what = item["defect"] if item["defective"] else "good"
        right = verdict == item["defective"]
        says = f"marked in {sum(marked)} of {len(seen)}"
        if seen:
            items.append(
                {
                    "defective": item["defective"],
                    "marked": verdict,
                    "frame": seen[len(seen) // 2][0],
                    "text": f"{item['kind']}, {what}: {says}",
                    "color": GREEN if right else RED,
                }
            )
    return items


def highest_frames(results, count=12):
    """The frames with the highest scores, sorted by time."""
    order = sorted(
        range(len(results)), key=lambda i: -results[i]["anomaly"]["score"]
    )
    frames = []
    for i in sorted(order[:count]):
        anomaly = results[i]["anomaly"]
        seconds = (results[i]["timestamp"] or 0) / 1e9
        frames.append(
            {
                "frame": i,
                "text": f"{seconds:.2f} s: score {anomaly['score']:.3f}",
                "color": RED if anomaly["anomalous"] else GRAY,
            }
        )
    return frames


def decode(path, wanted):
    """Cairo surfaces of the wanted frames of a video."""
    pipeline = Gst.parse_launch(
        "filesrc name=source ! decodebin ! videoconvert ! "
        "video/x-raw,format=BGRx ! appsink name=sink sync=false max-buffers=4"
    )
    pipeline.get_by_name("source").set_property("location", path)
    sink = pipeline.get_by_name("sink")
    pipeline.set_state(Gst.State.PLAYING)
    surfaces, place = {}, 0
    while True:
        sample = sink.emit("pull-sample")
        if sample is None:
            break
        if place in wanted:
            caps = sample.get_caps().get_structure(0)
            width, height = caps.get_value("width"), caps.get_value("height")
            buffer = sample.get_buffer()
            data = bytearray(buffer.extract_dup(0, buffer.get_size()))
            surfaces[place] = cairo.ImageSurface.create_for_data(
                data, cairo.FORMAT_RGB24, width, height, 4 * width
            )
        place += 1
    pipeline.set_state(Gst.State.NULL)
    if not surfaces:
        sys.exit(f"{path}: no frame could be decoded")
    return surfaces


def draw(tiles, surfaces, path):
    tiles = [tile for tile in tiles if tile["frame"] in surfaces]
    first = next(iter(surfaces.values()))
    height = round(TILE * first.get_height() / first.get_width())
    rows = -(-len(tiles) // COLUMNS)
    columns = min(COLUMNS, len(tiles))
    sheet = cairo.ImageSurface(
        cairo.FORMAT_RGB24,
        columns * (TILE + 8) + 8,
        rows * (height + TEXT + 8) + 8,
    )
    context = cairo.Context(sheet)
    context.set_source_rgb(0.12, 0.12, 0.12)
    context.paint()
    context.select_font_face("DejaVu Sans")
    context.set_font_size(13)
    for i, tile in enumerate(tiles):
        x = 8 + i % COLUMNS * (TILE + 8)
        y = 8 + i // COLUMNS * (height + TEXT + 8)
        surface = surfaces[tile["frame"]]
        context.save()
        context.translate(x, y)
        scale = TILE / surface.get_width()
        context.scale(scale, scale)
        context.set_source_surface(surface)
        context.paint()
        context.restore()
        context.set_source_rgb(*tile["color"])
        context.set_line_width(3)
        context.rectangle(x, y, TILE, height)
        context.stroke()
        context.move_to(x + 2, y + height + 16)
        context.show_text(tile["text"])
    sheet.write_to_png(path)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    results_path, video, sheet = sys.argv[1:4]
    with open(results_path, encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines]
    if not results:
        sys.exit(f"{results_path}: no frame has been analysed")
    print(f"{len(results):6}  frames analysed")
    if len(sys.argv) == 5:
        with open(sys.argv[4], encoding="utf-8") as file:
            tiles = judge_items(results, json.load(file))
        bad = [tile for tile in tiles if tile["defective"]]
        good = [tile for tile in tiles if not tile["defective"]]
        found = sum(tile["marked"] for tile in bad)
        alarms = sum(tile["marked"] for tile in good)
        print(f"{found:6}  of {len(bad)} defective items found")
        print(f"{alarms:6}  false alarms among {len(good)} good items")
    else:
        tiles = highest_frames(results)
        anomalous = sum(one["anomaly"]["anomalous"] for one in results)
        print(f"{anomalous:6}  of them anomalous")
    Gst.init(None)
    draw(tiles, decode(video, {tile["frame"] for tile in tiles}), sheet)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")
    except (KeyError, ValueError) as error:
        sys.exit(f"{sys.argv[1]} has no lines of feclippublish: {error}")
