"""What a pattern that a command makes is called.

It must never take a name that another has.
"""

from __future__ import annotations

from itertools import count

from panel.failure import Failure
from panel.midifile import name_of
from panel.music.reading import MAX_NAME, is_name


def pattern_name(wanted: str | None, stem: str, taken: set[str]) -> str:
    """The name that was asked for; else one that no pattern has, made of the file's. Raises Failure."""
    if wanted is not None:
        if not is_name(wanted):
            raise Failure(f"a name has 1 to {MAX_NAME} printable characters, no space at its ends")
        if wanted in taken:
            raise Failure(f"there is a pattern '{wanted}' already: choose another --name")
        return wanted
    name = name_of(stem)
    others = (f"{name[: MAX_NAME - 4].strip()} {number}" for number in count(2))
    return name if name not in taken else next(other for other in others if other not in taken)
