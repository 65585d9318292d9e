"""A tune for a voice: its strikes get notes of a scale, a phrase of four bars that comes back a little different.

It must never leave its scale or its range, nor strike where the groove does not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from panel.music.chance import chances
from panel.music.generators.beat import Bar, Grid
from panel.music.scales import SCALES
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH

PHRASE_BARS = 4

_OCTAVE, _FIFTH = 12, 7

_PHRASE = ("said", "said", "answer", "said")  # its last bar comes home: the last note is the tonic

# Of 256: that the one is the tonic, that a beat comes to rest on tonic or fifth, and that a step between the beats
# goes another way than in the phrase.
_HOME, _RESTS, _VARIES = 216, 115, 40
# Where it goes from a step to the next, and from a beat to the next, in degrees of the scale.
_MOVES, _LEAPS = (0, 0, 1, 1, 1, -1, -1, -1), (-3, -2, -1, -1, 1, 1, 2, 3)

_STEPS_OF_A_BEAT = TICKS_PER_QUARTER // TICKS_PER_SIXTEENTH


class Tune(NamedTuple):
    """What a voice sings: nothing where `voice` is "". `root` is the tonic as a MIDI note, LOWEST_ROOT to HIGHEST_ROOT;
    the notes are those of the scale (a key of SCALES) from there to `octaves` (1 to MOST_OCTAVES) above."""

    voice: str = ""
    scale: str = "minor pentatonic"
    root: int = 48
    octaves: int = 1

    @property
    def notes(self) -> tuple[int, ...]:
        """From low to high, the tonic at both ends."""
        return _notes(self)


@lru_cache(maxsize=16)
def _notes(tune: Tune) -> tuple[int, ...]:
    octaves = (tune.root + octave * _OCTAVE for octave in range(tune.octaves))
    notes = (tonic + semitones for tonic in octaves for semitones in SCALES[tune.scale])
    return (*notes, tune.root + tune.octaves * _OCTAVE)


class _Ladder(NamedTuple):
    """The notes of a tune, and of each the nearest that is the tonic, or the tonic or the fifth, all as indices."""

    notes: tuple[int, ...]
    home: int
    tonics: tuple[int, ...]
    rests: tuple[int, ...]

    def within(self, degree: int) -> int:
        """Back from the end, where it went beyond."""
        top = len(self.notes) - 1
        return top - abs(top - abs(degree))


def pitched(bar: Bar, tune: Tune, seed: int, number: int, grid: Grid | None = None) -> Bar:
    """The bar with notes for the voice of a tune, the bar being number `number` from where the phrase began.

    The grid says where the beats are; without one each is four steps.
    """
    strikes = bar.strikes.get(tune.voice, ())
    if not strikes:
        return bar
    ladder, bar_of_phrase = _ladder(tune), number % PHRASE_BARS
    degrees = _line(ladder, _beats(grid, strikes[-1].step + 1), seed, number, _PHRASE[bar_of_phrase])
    sung = [degrees[strike.step] for strike in strikes]
    if bar_of_phrase == PHRASE_BARS - 1:
        sung[-1] = ladder.tonics[sung[-1]]
    noted = (strike._replace(note=ladder.notes[degree]) for strike, degree in zip(strikes, sung, strict=True))
    return bar._replace(strikes={**bar.strikes, tune.voice: tuple(noted)})


@lru_cache(maxsize=16)
def _ladder(tune: Tune) -> _Ladder:
    notes = tune.notes
    above = [(note - tune.root) % _OCTAVE for note in notes]
    tonics = [degree for degree, semitones in enumerate(above) if semitones == 0]
    rests = [degree for degree, semitones in enumerate(above) if semitones in (0, _FIFTH)]
    return _Ladder(notes, tonics[(len(tonics) - 1) // 2], _nearest(tonics, len(notes)), _nearest(rests, len(notes)))


def _nearest(goals: list[int], degrees: int) -> tuple[int, ...]:
    return tuple(min((abs(goal - degree), goal) for goal in goals)[1] for degree in range(degrees))


def _beats(grid: Grid | None, steps: int) -> tuple[int, ...]:
    """How many steps each beat has, until there are as many as are needed."""
    if grid is None:
        return (_STEPS_OF_A_BEAT,) * (-(-steps // _STEPS_OF_A_BEAT))
    return tuple(end - first for first, end in grid.beats)


def _line(ladder: _Ladder, beats: tuple[int, ...], seed: int, number: int, said: str) -> list[int]:
    """The degree of every step: the beats are as the phrase has them, between them it may go another way this time."""
    steps = sum(beats)
    moves, others = chances(steps, seed, said, "moves"), chances(steps, seed, number, "others")
    goes = [other if other < _VARIES else move for move, other in zip(moves, others, strict=True)]
    line: list[int] = []
    for length, degree in zip(beats, _on_beats(ladder, len(beats), seed, said), strict=True):
        line.append(degree)
        for _ in range(length - 1):
            line.append(ladder.within(line[-1] + _MOVES[goes[len(line)] % len(_MOVES)]))
    return line


def _on_beats(ladder: _Ladder, beats: int, seed: int, said: str) -> list[int]:
    """The degrees of the beats: from home, and again and again at rest."""
    leaps, rests = chances(beats, seed, said, "leaps"), chances(beats, seed, said, "rests")
    degree = ladder.home if rests[0] < _HOME else ladder.rests[ladder.within(ladder.home + 3)]
    line = [degree]
    for leap, rest in zip(leaps[1:], rests[1:], strict=True):
        degree = ladder.within(degree + _LEAPS[leap % len(_LEAPS)])
        degree = ladder.rests[degree] if rest < _RESTS else degree
        line.append(degree)
    return line
