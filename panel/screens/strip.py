"""The bar as a strip, drawn from the pattern itself: tall is an accent, low a ghost, and a line marks each unit.

##       ##       ##
##   __  ##  __   ##  __  __      7/8 as 2+2+3, the play head under the third beat
                  ==
"""

from __future__ import annotations

from itertools import pairwise

from panel.canvas import Canvas
from panel.display import WIDTH
from panel.music.pattern import ACCENT, GHOST, HIT, Pattern

_HEIGHT = {ACCENT: 1.0, HIT: 0.55, GHOST: 0.25}
_WIDEST = 18
HEAD_HEIGHT = 2


def draw_strip(
    canvas: Canvas, y: int, height: int, pattern: Pattern, bar: int = 0, fill: bool = False, head: int | None = None
) -> None:
    """Bar number `bar` (from 0, round and round) of a pattern; `head` is the tick in the bar that sounds.

    `y` is the base line's, the strokes stand `height` pixels above it, the play head lies under it.
    """
    meter = pattern.meter
    start = bar % pattern.bars * meter.bar_ticks
    heights: dict[int, float] = {}
    for stroke in pattern.strokes(fill):
        if start <= stroke.tick < start + meter.bar_ticks:
            tick = stroke.tick - start
            heights[tick] = max(_HEIGHT[stroke.strength], heights.get(tick, 0))
    grid = [unit * meter.unit_ticks for unit in range(meter.numerator)]
    places = sorted({*heights, *grid, meter.bar_ticks})
    narrowest = min(b - a for a, b in pairwise(places))
    width = max(1, min(_WIDEST, narrowest * WIDTH // meter.bar_ticks - 2))
    for unit in grid:
        canvas.box(_x(unit, meter.bar_ticks), y, max(2, meter.unit_ticks * WIDTH // meter.bar_ticks - 2), 1)
    for tick, part in heights.items():
        tall = max(2, round(height * part))
        canvas.box(_x(tick, meter.bar_ticks), y - tall + 1, width, tall)
    if head is not None:
        beat = head - head % pattern.count_ticks
        left, right = _x(beat, meter.bar_ticks), _x(beat + pattern.count_ticks, meter.bar_ticks)
        canvas.box(left, y + 2, right - left - 2, HEAD_HEIGHT)


def _x(tick: int, bar_ticks: int) -> int:
    return 1 + tick * (WIDTH - 1) // bar_ticks
