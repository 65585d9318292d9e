"""`python -m workshop.groovemap`: makes the map of styles of the generator Map, out of the grooves in patterns/.

It must never make another file of the same patterns: integers only, and chance that can be repeated.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

from panel.datafiles import data_folder
from panel.music.chance import below
from panel.music.generators.beat import VOICES
from panel.music.notation import parse_pattern
from panel.music.pattern import ACCENT, GHOST, HIT
from workshop.grooves import BEATS, LOUDNESS, SIXTEENTHS, TRIPLETS, Cells, Groove, groove_of, unlikeness

FILE = Path(__file__).parent.parent / "panel" / "music" / "generators" / "groovemap.py"
SIDE = 6  # nodes along each side of the map
STARTS = 150  # layouts that are tried

# What is on the map: what a drummer would call a style. Bells and claves on their own lend the cowbell its voice.
GROOVES = (
    "12-8-blues", "16th-shuffle", "afro-cuban-6-8", "baiao", "blues-shuffle", "bolero", "boom-bap", "bossa-nova",
    "cascara-3-2", "cha-cha", "cinquillo", "d-beat", "disco", "drum-and-bass", "four-on-the-floor", "funk", "habanera",
    "half-time-rock", "half-time-shuffle", "jazz-ride", "mambo-bell-2-3", "maqsum", "money-beat", "motown", "one-drop",
    "punk-two-beat", "reggaeton", "rumba-clave-3-2", "samba", "second-line", "ska", "son-clave-3-2", "songo",
    "texas-shuffle", "train-beat", "tresillo",
)  # fmt: skip
FIRST, LAST = "half-time-rock", "samba"  # the map is turned so that one lies left and below, the other right and above

# The weights of each strength, from the rarest place for it to the commonest. A stroke of weight w sounds from a
# density of 100 - w on: hits and accents are there at 40, ghosts at 72, and what the neighbours play comes after.
_WEIGHTS = {ACCENT: (88, 99), HIT: (60, 84), GHOST: (28, 44)}
_NEIGHBOURS = 24

Place = tuple[int, int]  # column and row


def main() -> int:
    FILE.write_text(module())
    return 0


def module() -> str:
    """The text of panel/music/generators/groovemap.py."""
    folder = data_folder("patterns")
    sources = {slug: folder / f"{slug}.toml" for slug in GROOVES}
    grooves = [groove_of(slug, parse_pattern(path.read_bytes(), path.name)) for slug, path in sources.items()]
    return _text(turned(layout(grooves)))


# Likes beside likes.


def layout(grooves: Sequence[Groove]) -> dict[Place, Groove]:
    """The grooves on the map so that neighbours are as like as may be: from a few shuffled starts, pairs change places
    until none gains by it; the best of these."""
    apart = [[unlikeness(one, other) ** 2 // 1000 for other in grooves] for one in grooves]
    best = min((_settled(apart, start) for start in range(STARTS)), key=lambda found: _strain(apart, found))
    return {(i % SIDE, i // SIDE): grooves[best[i]] for i in range(SIDE * SIDE)}


def _near(at: int) -> list[tuple[int, int]]:
    """The neighbours of a node with how near they are: 2 beside it, 1 across a corner."""
    around = [(dx, dy) for dx, dy in product((-1, 0, 1), repeat=2) if dx or dy]
    inside = [(at % SIDE + dx, at // SIDE + dy, 2 - abs(dx * dy)) for dx, dy in around]
    return [(x + SIDE * y, near) for x, y, near in inside if 0 <= x < SIDE and 0 <= y < SIDE]


_NEAR = [_near(at) for at in range(SIDE * SIDE)]


def _strain(apart: list[list[int]], found: list[int], nodes: Sequence[int] = range(SIDE * SIDE)) -> int:
    """How unlike the neighbours of these nodes are to them."""
    return sum(apart[found[at]][found[other]] * near for at in nodes for other, near in _NEAR[at])


def _settled(apart: list[list[int]], start: int) -> list[int]:
    nodes = range(SIDE * SIDE)
    found = sorted(nodes, key=lambda at: below(1 << 30, start, at))
    moved = True
    while moved:
        moved = False
        for pair in combinations(nodes, 2):
            before = _strain(apart, found, pair)
            found[pair[0]], found[pair[1]] = found[pair[1]], found[pair[0]]
            if _strain(apart, found, pair) < before:
                moved = True
            else:
                found[pair[0]], found[pair[1]] = found[pair[1]], found[pair[0]]
    return found


def turned(laid: Mapping[Place, Groove]) -> dict[Place, Groove]:
    """The same map turned or mirrored so that LAST lies as far to the right of FIRST and above it as it can."""

    def facing(found: Mapping[Place, Groove]) -> tuple[int, Place]:
        at = {groove.slug: place for place, groove in found.items()}
        return sum(at[FIRST]) - sum(at[LAST]), at[FIRST]

    return min((_flipped(laid, *flip) for flip in product((False, True), repeat=3)), key=facing)


def _flipped(laid: Mapping[Place, Groove], left: bool, up: bool, across: bool) -> dict[Place, Groove]:
    places = {((SIDE - 1 - x if left else x), (SIDE - 1 - y if up else y)): groove for (x, y), groove in laid.items()}
    return {((y, x) if across else (x, y)): groove for (x, y), groove in places.items()}


# Weights.


def weights(laid: Mapping[Place, Groove], place: Place, voice: str, parts: int) -> list[int]:
    """What each place of a voice weighs at a node, 0 to 99."""
    own = _lender(laid, place, voice).strokes(voice, parts)
    around = _mean([laid[other].strokes(voice, parts) for other in laid if _apart(other, place) == 1], BEATS * parts)
    return [
        low + (high - low) * usual // 100 if (low, high) != (0, 0) else _NEIGHBOURS * near // 100
        for (low, high), usual, near in zip(
            (_WEIGHTS.get(cell, (0, 0)) for cell in own), _common(laid, voice, parts), around, strict=True
        )
    ]


def _lender(laid: Mapping[Place, Groove], place: Place, voice: str) -> Groove:
    """The groove at a place, or where it lacks a voice, of the nearest that have it the likest."""
    lenders = [other for other in laid if laid[other].straight.get(voice)]
    return laid[min(lenders, key=lambda other: (_apart(other, place), unlikeness(laid[other], laid[place]), other))]


def _apart(one: Place, other: Place) -> int:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


def _common(laid: Mapping[Place, Groove], voice: str, parts: int) -> list[int]:
    """How usual a stroke is in each place, in percent of the most usual one."""
    mean = _mean([groove.strokes(voice, parts) for groove in laid.values()], BEATS * parts)
    return [100 * each // max(mean) for each in mean]


def _mean(rows: Sequence[Cells], places: int) -> list[int]:
    """The mean loudness in each of so many places, in percent of an accent, of the rows that have any stroke."""
    there = [row for row in rows if row]
    most = max(1, len(there)) * LOUDNESS[ACCENT]
    return [100 * sum(LOUDNESS[row[at]] for row in there) // most for at in range(places)]


# The file.

_HEAD = f'''"""The map of styles: made by `make map` (workshop/groovemap.py) out of the grooves in patterns/.

It must never be edited by hand: whoever wants another map changes a groove, or the script, and makes it anew.
"""

from __future__ import annotations

SIDE = {SIDE}  # nodes along each side

# The nodes, row by row from below, each from the left: the groove that is there, and of kick, snare, hat and cowbell
# how much each place weighs (1 to 99), of four beats in sixteenths, then of four beats in triplets.
NODES = (
'''


def _text(laid: Mapping[Place, Groove]) -> str:
    nodes = [_node(laid, (column, row)) for row, column in product(range(SIDE), repeat=2)]
    return _HEAD + "".join(nodes) + ")  # fmt: skip\n"


def _node(laid: Mapping[Place, Groove], place: Place) -> str:
    rows = [[_chart(weights(laid, place, voice, p), p) for p in (SIXTEENTHS, TRIPLETS)] for voice in VOICES]
    lines = [f'        "{straight} : {triplets}",  # {v}' for (straight, triplets), v in zip(rows, VOICES, strict=True)]
    return "\n".join([f'    ("{laid[place].name}", (', *lines, "    )),", ""])


def _chart(row: Sequence[int], parts: int) -> str:
    cells = [f"{weight:2}" if weight else ".." for weight in row]
    return " | ".join(" ".join(cells[at : at + parts]) for at in range(0, len(cells), parts))


if __name__ == "__main__":
    sys.exit(main())
