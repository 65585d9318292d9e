"""All the generators, by name, in the order of the lists, and a line of what each does.

It must never be imported by one of them, nor import one before it is asked for: most starts are without a beat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from panel.music.generators.beat import Generator

# What each does, and the module that has it, by its name in capitals.
_ALL = {
    "euclid": ("each voice strikes so many times, as evenly as may be, over a ring of steps", "euclid"),
    "map": ("from style to style over a map of grooves, each voice as dense as you like", "stylemap"),
    "drift": ("a groove that wanders, fades and remembers", "drift"),
    "learn": ("it plays as a pattern is played, or the drums of a MIDI file", "learn"),
}
ABOUT: dict[str, str] = {name: about for name, (about, _) in _ALL.items()}


class _Generators(Mapping[str, Generator]):
    """Each is imported when it is asked for."""

    def __getitem__(self, name: str) -> Generator:
        found: Generator = getattr(import_module(f"panel.music.generators.{_ALL[name][1]}"), name.upper())
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_ALL)

    def __len__(self) -> int:
        return len(_ALL)


GENERATORS: Mapping[str, Generator] = _Generators()
