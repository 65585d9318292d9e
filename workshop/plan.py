"""A kit before it is made: its sounds, each with the function that strikes it, and where that comes from.

It must never hold a sound: those are struck when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from workshop.tone import Sound

# How hard (0 to 1) and for which turn of a round robin (from 0 on) -> the sound.
Strike = Callable[[float, int], Sound]


class Layer(NamedTuple):
    """A part of the velocities, by its first."""

    word: str
    velocity: int
    force: float


# The engine's ghost has velocity 48, its hit 96, its accent 127: each has a layer of its own.
SOFT, HIT, HARD = Layer("soft", 1, 0.0), Layer("", 64, 0.5), Layer("hard", 112, 1.0)
THREE, TWO, ONE = (SOFT, HIT, HARD), (SOFT._replace(force=0.25), HIT._replace(force=0.85)), (HIT._replace(velocity=1),)

OWN = "own work, from a formula"


@dataclass(frozen=True)
class Part:
    """One sound of a kit. `note` only where the name doesn't say it; `turns` is the number of files a layer has.

    `stem` is the other sound whose files it plays, "" where they are its own.
    """

    name: str
    strike: Strike
    note: int | None = None
    choke: str = ""
    stem: str = ""
    layers: tuple[Layer, ...] = THREE
    turns: int = 1
    longest_ms: float = 3000.0
    origin: str = OWN
    licence: str = "MIT"
    recordings: tuple[str, ...] = ()  # which it is cut from

    def files(self) -> Iterator[tuple[Layer, int, str]]:
        """Each layer, turn and file's name."""
        for layer in self.layers:
            for turn in range(self.turns):
                words = (self.stem or self.name, layer.word, str(turn + 1) if self.turns > 1 else "")
                yield layer, turn, " ".join(word for word in words if word) + ".flac"


@dataclass(frozen=True)
class Plan:
    """A kit: its folder's name, what it is called, a line about it, its parts."""

    slug: str
    name: str
    about: str
    parts: tuple[Part, ...]
