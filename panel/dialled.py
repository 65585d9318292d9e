"""stand-in"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from panel.music.generators.beat import Generator

DIALS_FILE = "beats.toml"


class Dialled:
    def __init__(self, generators: Mapping[str, Generator]) -> None:
        self._values = {name: dict(generator.defaults) for name, generator in generators.items()}

    def values(self, generator: str) -> dict[str, int]:
        return self._values[generator]

    def set(self, generator: str, key: str, value: int) -> None:
        self._values[generator][key] = value

    def edits(self) -> Callable[[str], str]:
        return lambda now: now
