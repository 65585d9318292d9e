"""Drift: a groove that wanders; from bar to bar some hits mutate, old ones fade away, and the past comes back.

It must never change within a bar, nor leave the kick without its chance of the one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from panel.music.chance import below, chances, happens
from panel.music.generators.beat import VOICES, Bar, Dial, Generator, Grid, Strike, Values
from panel.music.meter import BEAT, EIGHTH, ONE, SIXTEENTH, TRIPLET
from panel.music.pattern import MAX_SWING, STRAIGHT
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH

MAX_PAST = 16  # bars
LEAST_VELOCITY = 12  # a hit that has faded below is gone
LEAST_KICK = 50  # percent of the ones, however bright it is
NEUTRAL = 50  # of the dial "darkness"

DIALS = (
    Dial("mutate", 0, 100, 12, unit="%", about="how many places are drawn anew at a bar line"),
    Dial("fade", 0, 100, 3, unit="%", about="how much softer a hit is from bar to bar"),
    Dial("darkness", 0, 100, NEUTRAL, about="from hat and cowbell to the kick"),
    Dial("memory", 0, 100, 30, unit="%", about="how often a bar, or a voice, comes back"),
    Dial("swing", STRAIGHT, MAX_SWING, STRAIGHT, unit="%", about="how much of two steps the first takes"),
)

# What a step may be to a groove: a level, or a beat that answers, the last of an odd number of beats, or the triplet
# that a shuffle is made of.
_ANSWER, _ODD, _SHUFFLE = "answer", "odd", "shuffle"
_PLACES = (ONE, BEAT, _ANSWER, _ODD, EIGHTH, _SHUFFLE, TRIPLET, SIXTEENTH)
# How likely each voice is there, in percent, and how loud at most.
#              one beat answer odd eighth shuffle triplet sixteenth
_WEIGHTS = {
    "kick":    (92, 42,  8,  25,  20,    16,     3,      6),
    "snare":   ( 2,  4, 90,  45,   5,    10,     4,      7),
    "hat":     (82, 88, 88,  88,  82,    84,    14,     12),
    "cowbell": (14, 16,  8,  10,   5,     5,     2,      2),
}  # fmt: skip
_LOUDEST = {
    "kick":    (122, 112, 104, 108, 98,  94,    84,     88),
    "snare":   (100, 96, 124, 116, 58,   56,    48,     50),
    "hat":     (110, 102, 98, 102, 80,   84,    60,     60),
    "cowbell": (112, 104, 100, 104, 90,  88,    80,     80),
}  # fmt: skip
_SOFTER = 16  # velocities that it may be softer by
_TILT = {"kick": 150, "snare": 0, "hat": -150, "cowbell": -150}  # percent from one end of "darkness" to the other

_BACK = (2, 4, 8, 16)  # the past comes back in phrases: so many bars ago

Voices = tuple[bytes, ...]  # of a bar, in the order of VOICES: the velocity of each step, 0 where it rests


class Heard(NamedTuple):
    """The bars that were heard last, at most MAX_PAST, the newest first."""

    grid: Grid
    past: tuple[Voices, ...]


def next_bar(memory: Heard | None, grid: Grid, values: Values, seed: int, number: int) -> tuple[Heard, Bar]:
    """The bar before it with some of its places drawn anew, or one from the past.

    What is turned is heard as places are drawn anew; of a bar in another grid, what fits goes on.
    """
    past = _past_on(memory, grid, values, seed, number) if memory else ()
    bar = _came_next(past, grid, values, seed, number) if past else _fresh(grid, values, seed, number)
    strikes = {voice: _strikes(velocities) for voice, velocities in zip(VOICES, bar, strict=True)}
    return Heard(grid, (bar, *past)[:MAX_PAST]), Bar(strikes, _swing(grid, values))


DRIFT = Generator("drift", DIALS, next_bar)


def _strikes(velocities: bytes) -> tuple[Strike, ...]:
    return tuple([Strike(step, velocity) for step, velocity in enumerate(velocities) if velocity])


def _swing(grid: Grid, values: Values) -> int:
    """Triplets swing by themselves; in pairs they would limp."""
    return values["swing"] if grid.step_ticks == TICKS_PER_SIXTEENTH else STRAIGHT


def _past_on(heard: Heard, grid: Grid, values: Values, seed: int, number: int) -> tuple[Voices, ...]:
    """The past as far as it can be played on a grid: on another one there is the last bar alone, as much as fits."""
    if (heard.grid.steps, heard.grid.step_ticks) == (grid.steps, grid.step_ticks):
        return heard.past
    fresh = _fresh(grid, values, seed, number)
    steps = [divmod(step * grid.step_ticks, heard.grid.step_ticks) for step in range(grid.steps)]
    fits = [was if not off and was < heard.grid.steps else -1 for was, off in steps]
    carried = (
        bytes(before[was] if was >= 0 else new for was, new in zip(fits, voice, strict=True))
        for before, voice in zip(heard.past[0], fresh, strict=True)
    )
    return (tuple(carried),)


def _came_next(past: tuple[Voices, ...], grid: Grid, values: Values, seed: int, number: int) -> Voices:
    """The bar after those: half as often as "memory" says one of them, else each voice for itself as often as that."""
    back = [bars for bars in _BACK if bars <= len(past)]
    memory = values["memory"] if back else 0
    if happens(memory, 200, seed, number, "bar"):
        return past[back[below(len(back), seed, number, "back")] - 1]
    bar = _wandered(past[0], grid, values, seed, number)
    for index, voice in enumerate(VOICES):
        if happens(memory, 100, seed, number, voice):
            came = past[back[below(len(back), seed, number, voice, "back")] - 1][index]
            bar = (*bar[:index], came, *bar[index + 1 :])
    return bar


def _wandered(bar: Voices, grid: Grid, values: Values, seed: int, number: int) -> Voices:
    """A bar later: faded, what is gone or mutates drawn anew."""
    mutate, fade = values["mutate"], values["fade"]
    if not mutate and not fade:
        return bar
    faded, often = _faded(fade), mutate * 256 // 100
    # Rests are drawn anew as often as hits are, that the groove neither thins out nor fills up.
    rests = often + (256 - often) // _bars_of_a_hit(fade) if fade else often
    fresh = _fresh(grid, values, seed, number)
    return tuple(
        bytes([
            new if chance < often or (not now and (was or chance < rests)) else now
            for was, now, new, chance in zip(
                before, before.translate(faded), anew, chances(grid.steps, seed, number, voice, "mutate"), strict=True
            )
        ])
        for voice, before, anew in zip(VOICES, bar, fresh, strict=True)
    )  # fmt: skip


@lru_cache(maxsize=128)
def _faded(fade: int) -> bytes:
    """What each velocity has come to a bar later; always less, if it fades at all."""
    after = (velocity * (100 - fade) // 100 for velocity in range(256))
    return bytes(velocity if velocity >= LEAST_VELOCITY else 0 for velocity in after)


@lru_cache(maxsize=128)
def _bars_of_a_hit(fade: int) -> int:
    """How many bars a usual one is heard for."""
    velocity, bars = 96, 0
    while velocity:
        velocity, bars = _faded(fade)[velocity], bars + 1
    return bars


def _fresh(grid: Grid, values: Values, seed: int, number: int) -> Voices:
    """Every place drawn. A hit that only just came is the loudest: likely ones vary most, and none is ever the same."""
    weights = _weights(grid, values["darkness"])
    return tuple(
        bytes([
            loudest - chance % _SOFTER if chance < weight else 0
            for chance, weight, loudest in zip(chances(grid.steps, seed, number, voice), *likely, strict=True)
        ])
        for voice, likely in zip(VOICES, weights, strict=True)
    )  # fmt: skip


@lru_cache(maxsize=8)
def _weights(grid: Grid, darkness: int) -> tuple[tuple[list[int], list[int]], ...]:
    """For each voice the chances of its steps, of 256, and how loud they are at most."""
    places = _places(grid)
    found = []
    for voice in VOICES:
        tilted = [_tilted(voice, place, darkness) * 256 // 100 for place in range(len(_PLACES))]
        found.append(([tilted[place] for place in places], [_LOUDEST[voice][place] for place in places]))
    return tuple(found)


def _tilted(voice: str, place: int, darkness: int) -> int:
    """How likely a voice is at a place, in percent; nothing is certain."""
    percent = _WEIGHTS[voice][place] * (100 + _TILT[voice] * (darkness - NEUTRAL) // 100) // 100
    least = LEAST_KICK if (voice, _PLACES[place]) == ("kick", ONE) else 1
    return max(least, min(95, percent))


@lru_cache(maxsize=8)
def _places(grid: Grid) -> tuple[int, ...]:
    """Which of _PLACES each step is. A unit of the meter is a place of its own only where it is a beat of the grid:
    in 7/16 not every step is one."""
    places, beats = [], grid.beats
    for number, (first, end) in enumerate(beats):
        places.append(_PLACES.index(_beat(number, len(beats))))
        places += [_PLACES.index(_between(grid, step * grid.step_ticks)) for step in range(1, end - first)]
    return tuple(places)


def _beat(number: int, beats: int) -> str:
    if number % 2:
        return _ANSWER
    return ONE if number == 0 else _ODD if number == beats - 1 else BEAT


def _between(grid: Grid, tick: int) -> str:
    """What lies so many ticks behind a beat."""
    if grid.step_ticks == TICKS_PER_SIXTEENTH or tick % (TICKS_PER_QUARTER // 2) == 0:
        return EIGHTH if tick % (TICKS_PER_QUARTER // 2) == 0 else SIXTEENTH
    return _SHUFFLE if tick % TICKS_PER_QUARTER == TICKS_PER_QUARTER * 2 // 3 else TRIPLET
