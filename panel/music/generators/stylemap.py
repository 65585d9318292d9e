"""Map: from one style to the next and to all that lies between, each voice as dense as one likes.

It must never take away a stroke where density rises: what sounds at one density sounds at every greater one.
"""

from __future__ import annotations

from functools import lru_cache

from panel.music.chance import drawn
from panel.music.generators.beat import VOICES, Bar, Dial, Generator, Grid, Strike, Values
from panel.music.generators.groovemap import NODES, SIDE
from panel.music.generators.pulses import Pulse, pulses_of
from panel.music.pattern import MAX_VELOCITY

FAR = 100  # the map goes from 0 to 100 both ways
MAX_WEIGHT = 99

_GAP = FAR // (SIDE - 1)  # from one node to the next
_BEATS = 4  # to a node
_SNARE, _HAT = VOICES.index("snare"), VOICES.index("hat")
_STRAIGHT, _TRIPLETS = 4, 3  # parts of a beat
_SOFTEST = 20  # a velocity that is still heard
_VELOCITY = tuple(max(_SOFTEST, weight * MAX_VELOCITY // MAX_WEIGHT) for weight in range(MAX_WEIGHT + 1))
_STRAY = 50  # as far as chaos moves a weight, by a quarter less downwards and by a quarter more upwards
_STILL = 96  # the draw, of 0 to 255, that leaves a weight alone: chaos gives more than it takes
_HELD = (0,) * _STRAY + tuple(range(MAX_WEIGHT + 1)) + (MAX_WEIGHT,) * (2 * _STRAY)
_STEPS_A_DRAW = 4  # a draw has 32 bits, a step takes eight of them

DENSITY = Dial(
    "density", 0, 100, 0, 2, "%", each_voice=(50, 50, 50, 0), about="40 % the main strokes, 72 % the ghosts, 100 % all"
)
DIALS = (
    Dial("x", 0, FAR, 60, 5, about="across the map of styles"),
    Dial("y", 0, FAR, 20, 5, about="up the map of styles"),
    DENSITY,
    Dial("chaos", 0, 100, 0, 5, "%", about="how freely each bar leaves the map"),
)

Row = tuple[int, ...]  # weights, 0 to 99


def _row(chart: str) -> Row:
    return tuple(int(weight) if weight != ".." else 0 for weight in chart.replace("|", "").split())


# By node and voice, and by how many parts a beat has.
_ROWS = [
    [dict(zip((_STRAIGHT, _TRIPLETS), map(_row, voice.split(":")), strict=True)) for voice in node[1]] for node in NODES
]


def next_bar(memory: None, grid: Grid, values: Values, seed: int, number: int) -> tuple[None, Bar]:
    """The strokes whose weight, 1 to 99, is 100 - density or more.

    At a density of 0 a voice is silent, at 100 it strikes wherever it weighs anything at all: as the map has it, or
    as chaos has left it, which may make a little of nothing and nothing of a little. Weights and velocities know
    nothing of the density: for the same seed, bar and other dials, a stroke that is there at one density is there, and
    as loud, at each greater one. Without chaos all bars are the same.
    """
    weights = weights_of(grid, values["x"], values["y"])
    strikes = {}
    for place, voice in enumerate(VOICES):
        row = _strayed(weights[place], values["chaos"], seed, number, place)
        least = max(1, 100 - values[DENSITY.key(voice)])
        strikes[voice] = tuple(Strike(step, _VELOCITY[weight]) for step, weight in enumerate(row) if weight >= least)
    return None, Bar(strikes)


MAP = Generator("map", DIALS, next_bar)


def near(x: int, y: int) -> str:
    """The groove that lies nearest to a place on the map, by name."""
    return NODES[_nearest(y) * SIDE + _nearest(x)][0]


def place_of(name: str) -> tuple[int, int]:
    """Where on the map, x and y, a groove lies. Raises ValueError where it is not on it."""
    row, column = divmod([node[0] for node in NODES].index(name), SIDE)
    return column * _GAP, row * _GAP


def _nearest(at: int) -> int:
    return (2 * at + _GAP) // (2 * _GAP)


def _strayed(weights: Row, chaos: int, seed: int, number: int, voice: int) -> Row:
    """The weights as far off as chaos lets them be in this bar; where there was none, half as far."""
    if not chaos:
        return weights
    blocks = range(voice, len(weights) + voice, _STEPS_A_DRAW)  # no two voices have one in common
    draws = b"".join(drawn(seed, number, block).to_bytes(_STEPS_A_DRAW, "little") for block in blocks)
    far, half = _strays(_STRAY * chaos // 100), _strays(_STRAY * chaos // 200)
    return tuple(_HELD[weight + (far if weight else half)[draw]] for weight, draw in zip(weights, draws, strict=False))


@lru_cache(maxsize=8)
def _strays(farthest: int) -> tuple[int, ...]:
    """How far a weight goes with each draw of 0 to 255, counted from -_STRAY: so it can be looked up in _HELD."""
    return tuple(_STRAY + (draw - _STILL) * farthest // 128 for draw in range(256))


@lru_cache(maxsize=16)
def weights_of(grid: Grid, x: int, y: int) -> tuple[Row, ...]:
    """For each of VOICES what the steps of a bar weigh, 0 to 99, at a place on the map."""
    in_threes, parts, pulses = pulses_of(grid, _backbeat(x, y))
    voices = [_between(x, y, voice, parts) for voice in range(len(VOICES))]
    if in_threes:
        voices[_HAT] = _filled(voices[_HAT])
    return tuple(_laid(beats, parts, pulses, grid.step_ticks) for beats in voices)


def _backbeat(x: int, y: int) -> int:
    """1, the second beat, or where the snare prefers it the third, 2."""
    snare = _between(x, y, _SNARE, _STRAIGHT)
    return 2 if snare[2 * _STRAIGHT] > snare[_STRAIGHT] else 1


def _between(x: int, y: int, voice: int, parts: int) -> Row:
    """The four beats of a voice, each in so many parts: between four nodes the mean of theirs, the nearer the more, as
    loud at its loudest as they are."""
    shares = _shares(x, y)
    rows = [(_ROWS[node][voice][parts], share) for node, share in shares]
    mean = [sum(row[at] * share for row, share in rows) for at in range(_BEATS * parts)]
    loudest = sum(max(row) * share for row, share in rows)
    whole = max(1, max(mean)) * _GAP * _GAP
    return tuple(each * loudest // whole for each in mean)


def _shares(x: int, y: int) -> list[tuple[int, int]]:
    """The four nodes round a place, and the share of each of _GAP * _GAP."""
    (column, right), (row, up) = (divmod(min(at, FAR - 1), _GAP) for at in (x, y))
    right, up = right + (x == FAR), up + (y == FAR)
    across, along = ((column, _GAP - right), (column + 1, right)), ((row, _GAP - up), (row + 1, up))
    return [(r * SIDE + c, part * share) for r, part in along for c, share in across]


def _filled(hat: Row) -> Row:
    """A hat that strikes the first and the last of three strikes the middle one as well, as 6/8 is counted."""
    thirds = zip(hat[::3], hat[1::3], hat[2::3], strict=True)
    return tuple(weight for a, b, c in thirds for weight in (a, max(b, min(a, c) * 3 // 4), c))


def _laid(beats: Row, parts: int, pulses: tuple[Pulse, ...], step_ticks: int) -> Row:
    """Four beats as the pulses of a bar play them, step by step."""
    played = {pulse: _played(beats, parts, pulse, step_ticks) for pulse in set(pulses)}
    return tuple(weight for pulse in pulses for weight in played[pulse])


def _played(beats: Row, parts: int, pulse: Pulse, step_ticks: int) -> list[int]:
    own = beats[pulse.beat * parts : (pulse.beat + 1) * parts]
    more = own[parts // 2 :] if pulse.then < 0 else beats[pulse.then * parts : (pulse.then + 1) * parts]
    places = (divmod(step * step_ticks, pulse.part_ticks) for step in range(pulse.steps))
    return [_weight((*own, *more), part, beyond_ticks) for part, beyond_ticks in places]


def _weight(row: Row, part: int, beyond_ticks: int) -> int:
    """A step that falls between two parts has a third of the lighter."""
    return min(row[part : part + 2]) // 3 if beyond_ticks else row[part]
