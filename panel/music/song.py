"""A song: parts in the order in which they are played, and what happens around them; and a set, an order of songs.

It must never hold a note number or a file's path: patterns are there as they will be played, sounds are roles.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.music.meter import LEVELS
from panel.music.pattern import COUNT, Pattern
from panel.music.practice import NOTHING, Practice

MAX_PARTS = 64  # of a song, as it is played
MAX_PART_BARS = 999
AS_USUAL = (100,) * len(LEVELS)


class Part(NamedTuple):
    """A stretch of one pattern: a section of a song, or what the drummer chose to play freely.

    It lasts `bars` bars (0: until the drummer says so). `micro_bpm` is its tempo in the pattern's beat as it begins
    (0: the tempo that the drummer has set); with `to_micro_bpm` it changes evenly, beat by beat, and would reach that
    at its end. `levels` are percents for LEVELS, over the drummer's own. Every `fill_every`-th bar plays the fill (0:
    none), and with `fill_last` the last one, or what is left of it where the drummer ends the part there. `name` is the
    section's, `song` the song's ("" in free play).
    """

    pattern: Pattern
    bars: int = 0
    micro_bpm: int = 0
    to_micro_bpm: int = 0
    levels: tuple[int, ...] = AS_USUAL
    fill_every: int = 0
    fill_last: bool = False
    name: str = ""
    song: str = ""


class Program(NamedTuple):
    """A program change, as the wire counts it: 0 to 127; a bank of -1 is not sent.

    It goes out on a channel of 1 to 16, or on the module's own (0).
    """

    number: int
    channel: int
    bank_msb: int = -1
    bank_lsb: int = -1


class Song(NamedTuple):
    """A song as it is played: its parts in order, at most MAX_PARTS.

    `count_in` bars are counted before it (-1: as many as the settings say) by `count_role` ("" silently: the bars are
    only seen). `by_taps`: four taps start it. `repeats` is how often it is played before it ends. `tables` names the
    section of the file that each part came from.
    """

    name: str
    parts: tuple[Part, ...]
    count_in: int = -1
    count_role: str = COUNT
    by_taps: bool = False
    program: Program | None = None
    practice: Practice = NOTHING
    repeats: int = 1
    about: str = ""
    tables: tuple[str, ...] = ()

    @property
    def micro_bpm(self) -> int:
        """Its tempo as it begins."""
        return self.parts[0].micro_bpm


class Entry(NamedTuple):
    """A song's place in a set: its name, a note to oneself, and whether the next one follows without a stop."""

    song: str
    note: str = ""
    goes_on: bool = False


class SetList(NamedTuple):
    """An order of songs for an evening."""

    name: str
    entries: tuple[Entry, ...]
    about: str = ""
