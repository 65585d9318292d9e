"""Grooves in four beats: what a pattern's kick, snare, hat and bell play, and how like one groove is to another.

It must never leave a stroke out: what lies between two places goes to one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from panel.music.generators.beat import VOICES
from panel.music.pattern import ACCENT, GHOST, HIT, STRAIGHT, Pattern
from panel.music.tempo import TICKS_PER_QUARTER

BEATS = 4
SIXTEENTHS, TRIPLETS = 4, 3  # to the beat

# Which roles a voice is made of: all of the first set that the groove has one of.
_ROLES = {
    "kick": ({"kick"},),
    "snare": ({"snare", "clap"},),
    "hat": ({"hat", "openhat", "ride", "shaker", "tambourine", "crash"}, {"pedalhat"}),
    "cowbell": ({"cowbell", "clave", "block", "agogo", "bell", "rim"}, {"conga"}, {"tom"}),
}

_TRIPLET_SWING = 62  # percent; from here on a swung pair is heard as triplets
LOUDNESS = {"": 0, ACCENT: 8, HIT: 6, GHOST: 3}  # as far as likeness goes

Cells = tuple[str, ...]  # a strength or "" for each place


class Groove(NamedTuple):
    """A groove in four beats. By voice: its strokes in sixteenths, and in triplets; both for all, whichever it has."""

    slug: str
    name: str
    straight: Mapping[str, Cells]
    triplets: Mapping[str, Cells]
    ternary: bool

    def strokes(self, voice: str, parts: int) -> Cells:
        """Of the beats in so many parts; empty where the voice is silent."""
        return (self.straight if parts == SIXTEENTHS else self.triplets).get(voice, ())


# A chart in four beats.


def groove_of(slug: str, pattern: Pattern) -> Groove:
    """A chart of two beats is played twice; one of eight is taken at double speed, as a clave in sixteenths."""
    strokes = {voice: list(_strokes(pattern, roles)) for voice, roles in _voices(pattern).items()}
    ternary = any(place % (12 // SIXTEENTHS) for found in strokes.values() for place, _ in found)
    return Groove(
        slug,
        pattern.name,
        {voice: _cells(found, SIXTEENTHS) for voice, found in strokes.items() if found},
        {voice: _cells(found, TRIPLETS) for voice, found in strokes.items() if found},
        ternary,
    )


def _voices(pattern: Pattern) -> dict[str, set[str]]:
    """The roles each voice is made of. A rim beside a kick, without a snare, is a snare played with the stick across
    it; any other is a bell."""
    there = {row.role for row in pattern.groove}
    crossed = {"rim"} if "kick" in there and "snare" not in there else set()
    chosen = {voice: next((s & there for s in sets if s & there), set()) for voice, sets in _ROLES.items()}
    return chosen | {"snare": chosen["snare"] | crossed & there, "cowbell": chosen["cowbell"] - crossed}


def _strokes(pattern: Pattern, roles: set[str]) -> Iterator[tuple[int, str]]:
    """The strokes of these roles: their places in twelfths of a beat, 48 to the four beats, and their strengths."""
    swung = pattern.swing >= _TRIPLET_SWING and pattern.swing_ticks == TICKS_PER_QUARTER // 2
    heard = pattern if swung else pattern._replace(swing=STRAIGHT)
    beat_ticks = max(pattern.meter.groups) * pattern.meter.unit_ticks
    times = 2 if pattern.length_ticks == 2 * beat_ticks else 1
    for stroke in heard.strokes():
        if stroke.role in roles:
            place = (stroke.tick * 96 // (pattern.length_ticks * times) + 1) // 2
            yield from ((place + turn * 48 // times, stroke.strength) for turn in range(times))


def _cells(strokes: Sequence[tuple[int, str]], parts: int) -> Cells:
    """The strokes in four beats of four or three parts, the loudest of each; what is between two goes to the place that
    a drummer would move it to: the second of two eighths is the last triplet, the last triplet the last sixteenth."""
    cells = [""] * (BEATS * parts)
    moved = {0: 0, 3: 1, 4: 1, 6: 2, 8: 3, 9: 3} if parts == SIXTEENTHS else {0: 0, 3: 1, 4: 1, 6: 2, 8: 2, 9: 2}
    for place, strength in strokes:
        at = place // 12 * parts + moved[place % 12]
        cells[at] = max(cells[at], strength, key=LOUDNESS.__getitem__)
    return tuple(cells)


def unlikeness(one: Groove, other: Groove) -> int:
    """How far two grooves are from each other: what one strikes and the other doesn't, by voice, in the share of what
    both strike, so that a busy hat does not count for more than a kick. A voice that only one has counts half."""
    apart = 400 * (one.ternary != other.ternary)
    for voice in VOICES:
        a, b = one.strokes(voice, SIXTEENTHS), other.strokes(voice, SIXTEENTHS)
        if a and b:
            pairs = [(LOUDNESS[c], LOUDNESS[d]) for c, d in zip(a, b, strict=True)]
            apart += 1000 * sum(abs(c - d) for c, d in pairs) // sum(max(c, d) for c, d in pairs)
        else:
            apart += 500 * bool(a or b)
    return apart
