"""The sparse-to-dense knob over the levels: how much of each fader is heard.

It must never make anything louder than its fader says, nor take the one away.
"""

from __future__ import annotations

from panel.music.meter import LEVELS

DENSE = 100

# From sparse to dense one after another comes in, each over a third of the way:
#
#   100 % one _________________________________
#             beat  /         eighth  /        triplet, sixteenth  /
#     0 %    ______/  ______________ /  ______ ___________________/
#            0    33                67                          100
_COMES_IN = {"one": -1, "beat": 0, "eighth": 1, "triplet": 2, "sixteenth": 2}


def thinned(faders: tuple[int, ...], density: int) -> tuple[int, ...]:
    """The levels that are heard, percents for LEVELS as the `faders` are, at a density of 0 to 100.

    Of a fader whose turn is k-th (from 0; the one's never ends) as much is heard as min(1, max(0, 3 density/100 - k)):
    at 0 the one alone, at 100 every fader as it stands, and no level falls while density rises. Rounded to whole
    percents, half of one up.
    """
    return tuple(
        (fader * _share(level, density) + DENSE // 2) // DENSE for level, fader in zip(LEVELS, faders, strict=True)
    )


def _share(level: str, density: int) -> int:
    """How much of a fader is heard, in percent."""
    return max(0, min(100, 3 * density - 100 * _COMES_IN[level]))
