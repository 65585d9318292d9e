"""Draws the lateness of every contestant, idle and under full load, from a result's JSON as SVG.

It must never smooth: a shape is the histogram itself, and the latest message of all is marked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.figures import DECADES

GROUND, INK, FAINT, GRID = "#14171c", "#f2f2f2", "#9aa3ad", "#333a44"
OURS, OTHERS, BEST = "#4cc9a4", "#e8a04c", "#7fa8e8"
COLOURS = {"floor": BEST, "DrumAssist": OURS, "DrumAssist, no FIFO": OURS}
LEFT, WIDTH, ROW, SHAPE, TOP, GAP = 190, 720, 50, 36, 108, 66
LABEL = 80  # how wide the words beside a stroke are
AXIS = {0: "1 us", 1: "10 us", 2: "100 us", 3: "1 ms", 4: "10 ms", 5: "100 ms", 6: "1 s"}
EXPLAINED = (
    "Sixteenths at 120 BPM with MIDI clock. Further left is better: each line to the right is ten times later.",
    "White stroke: 99 of 100 messages are earlier. Dot: the latest of all. The floor is a C program.",
)


def drawing(result: Mapping[str, Any]) -> str:
    """The SVG of a result (the JSON's "lateness"); ValueError where no round counted."""
    loads = [(name, load) for name, load in result.items() if load["figures"]]
    if not loads:
        raise ValueError("no round counted: there is nothing to draw")
    shown = [loads[0], loads[-1]] if len(loads) > 1 else loads
    rows = len(shown[0][1]["figures"])
    height = TOP + len(shown) * (rows * ROW + GAP)
    total = LEFT + WIDTH + 160
    body = [
        _text(24, 34, "How late each message goes out", 20, INK, weight="bold"),
        *(_text(24, 58 + 18 * place, line) for place, line in enumerate(EXPLAINED)),
    ]
    for place, (name, load) in enumerate(shown):
        body += _load(name, load, TOP + place * (rows * ROW + GAP))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" font-family="sans-serif">'
        f'<rect width="{total}" height="{height}" fill="{GROUND}"/>' + "\n".join(body) + "</svg>\n"
    )


def _load(name: str, load: Mapping[str, Any], top: int) -> list[str]:
    """A load: its axis, and a row for each contestant."""
    rows = len(load["figures"])
    bottom = top + 14 + rows * ROW
    body = [_text(24, top + 6, name[0].upper() + name[1:], 15, INK, weight="bold")]
    for decade, label in AXIS.items():
        x = _x(10**decade)
        body.append(f'<line x1="{x}" y1="{top + 14}" x2="{x}" y2="{bottom}" stroke="{GRID}"/>')
        body.append(_text(x, bottom + 18, label, anchor="middle"))
    for place, (who, figures) in enumerate(load["figures"].items()):
        body += _row(who, figures, load["histograms"][who], top + 14 + (place + 1) * ROW)
    return body


def _row(who: str, figures: Mapping[str, float], bins: Sequence[int], base: int) -> list[str]:
    """A contestant: its histogram, a line at p99 with its number, a dot at the latest message."""
    colour = COLOURS.get(who, OTHERS)
    p99, latest = _x(figures["p99"]), _x(figures["max"])
    told = (f"p99 {_plain(figures['p99'])}", f"latest {_plain(figures['max'])}")
    apart = latest - p99 > LABEL
    labels = [_text(p99 + 7, base - 22, told[0]), _text(latest + 9, base - 4, told[1])]
    return [
        _text(LEFT - 14, base - 8, who, 14, INK, anchor="end"),
        f'<line x1="{LEFT}" y1="{base}" x2="{LEFT + WIDTH}" y2="{base}" stroke="{GRID}"/>',
        f'<path d="{_shape(bins, base)}" fill="{colour}" fill-opacity="0.75"/>',
        f'<line x1="{p99}" y1="{base - SHAPE}" x2="{p99}" y2="{base}" stroke="{INK}" stroke-width="2"/>',
        f'<circle cx="{latest}" cy="{base - 4}" r="4" fill="{colour}" stroke="{INK}"/>',
        *(labels if apart else [_text(latest + 9, base - 12, ", ".join(told))]),
    ]


def _shape(bins: Sequence[int], base: int) -> str:
    """The outline of a histogram, its highest bin as high as a row."""
    most, step = max(bins), WIDTH / len(bins)
    path = f"M {LEFT} {base}"
    for place, count in enumerate(bins):
        y = base - SHAPE * count / most
        path += f" L {LEFT + place * step:.1f} {y:.1f} H {LEFT + (place + 1) * step:.1f}"
    return path + f" V {base} Z"


def _x(late_us: float) -> float:
    return round(LEFT + WIDTH * min(DECADES, math.log10(max(1.0, late_us))) / DECADES, 1)


def _plain(late_us: float) -> str:
    return f"{late_us:.0f} us" if late_us < 1000 else f"{late_us / 1000:.1f} ms"


def _text(
    x: float, y: float, text: str, size: int = 12, fill: str = FAINT, weight: str = "normal", anchor: str = "start"
) -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{fill}"'
    return f'<text x="{x}" y="{y}" {look}>{text}</text>'
