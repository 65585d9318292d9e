"""A set as it is written, walked by arithmetic of its own: which notes fall on which tick, and what the glass shows.

It must never ask the engine: what is expected comes from the song's parts alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

from panel.canvas import Canvas, fitted, text_width
from panel.display import HEIGHT, WIDTH
from panel.engine.state import Voice
from panel.music.meter import LEVELS
from panel.music.pattern import VELOCITY, Pattern
from panel.music.song import Part, Song

Note = tuple[int, int, int]  # tick, note, velocity


class Bar(NamedTuple):
    """A bar of a song: where it begins, which of the song's bars it is, and which of how many in its section."""

    tick: int
    number: int
    part: Part
    in_part: int
    of: int

    @property
    def fills(self) -> bool:
        """Whether it is a fill, if the pattern has one."""
        part = self.part
        every = part.fill_every and (self.in_part + 1) % part.fill_every == 0
        return bool(every or (part.fill_last and self.in_part + 1 == self.of))


def bars_of(song: Song, told_after: int) -> Iterator[Bar]:
    """Every bar in order; a section that is to be told is told in its bar number `told_after`, from 1."""
    tick, number = 0, 1
    for part in song.parts * song.repeats:
        of = part.bars or told_after
        for in_part in range(of):
            yield Bar(tick, number, part, in_part, of)
            tick, number = tick + part.pattern.meter.bar_ticks, number + 1


def notes_of(bar: Bar, voices: tuple[Voice, ...]) -> list[Note]:
    """The notes of a bar, of two on one tick and note the louder."""
    pattern, found = bar.part.pattern, dict[tuple[int, int], int]()
    by_role = {voice.role: voice for voice in voices}
    start = bar.in_part % pattern.bars * pattern.meter.bar_ticks
    for stroke in pattern.strokes(bar.fills):
        if start <= stroke.tick < start + pattern.meter.bar_ticks:
            voice, level = by_role[stroke.role], bar.part.levels[LEVELS.index(stroke.level)]
            loudness = VELOCITY[stroke.strength] * voice.level * level * stroke.percent
            if loudness:
                key = (bar.tick + stroke.tick - start, voice.note)
                found[key] = max(found.get(key, 0), max(1, loudness // 1_000_000))
    return sorted((tick, note, velocity) for (tick, note), velocity in found.items())


def shows(picture: Image.Image, number: int, song: Song, bar: Bar) -> bool:
    """Whether a frame of Live shows this song, its section and its bar."""
    return all(_is_there(picture, *words) for words in _words(number, song, bar))


def _words(number: int, song: Song, bar: Bar) -> Iterator[tuple[int, int, str, str]]:
    """What is to be read, where, in which font."""
    told = f"{number} {song.name}"
    room = WIDTH - text_width(str(bar.part.pattern.meter)) - 6
    small = text_width(told) <= room
    yield (0, 0, told, "small") if small else (0, 2, fitted(told, room, "tiny"), "tiny")
    of = f"/{bar.of}" if bar.part.bars else ""
    yield 0, HEIGHT - 8, f"{bar.part.name} {bar.in_part + 1}{of}", "tiny"
    yield 1, 32, f"{bar.number}", "small"
    yield WIDTH - text_width(str(bar.part.pattern.meter)), 0, str(bar.part.pattern.meter), "small"


def _is_there(picture: Image.Image, x: int, y: int, text: str, font: str) -> bool:
    canvas = Canvas()
    canvas.text(x, y, text, font)
    right = min(WIDTH, x + text_width(text, font) + 2)  # and nothing behind it: 1/4 is not 1/44
    place = (x, y, right, min(HEIGHT, y + (8 if font == "tiny" else 12)))
    return picture.crop(place).tobytes() == canvas.image.crop(place).tobytes()


def is_odd(pattern: Pattern) -> bool:
    """Whether a meter is none of the usual ones."""
    return str(pattern.meter) not in ("2/4", "3/4", "4/4", "2/2", "6/8", "12/8")
