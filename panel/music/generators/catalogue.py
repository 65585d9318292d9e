"""All the generators, by name, in the order of the lists, and a line of what each does.

It must never be imported by one of them.
"""

from __future__ import annotations

from panel.music.generators.beat import Generator
from panel.music.generators.drift import DRIFT
from panel.music.generators.euclid import EUCLID
from panel.music.generators.learn import LEARN
from panel.music.generators.stylemap import MAP

_ALL = (
    (EUCLID, "each voice strikes so many times, as evenly as may be, over a ring of steps"),
    (MAP, "from style to style over a map of grooves, each voice as dense as you like"),
    (DRIFT, "a groove that wanders, fades and remembers"),
    (LEARN, "it plays as a pattern is played, or the drums of a MIDI file"),
)

GENERATORS: dict[str, Generator] = {generator.name: generator for generator, _ in _ALL}
ABOUT: dict[str, str] = {generator.name: about for generator, about in _ALL}
