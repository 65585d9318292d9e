"""A bar that says more than the engine takes in one message, with less said of it.

It must never leave out a row of the click's: what was made beside it goes first.
"""

from __future__ import annotations

from collections.abc import Iterator

from panel.engine.wire import MAX_COMMAND_BYTES
from panel.library import message_bytes
from panel.music.pattern import Pattern


def lighter(pattern: Pattern) -> Pattern:
    """The pattern where it can be played; else without its fill, then as even as its chart, then with fewer rows, those
    at the end left out first."""
    return next(each for each in _ever_lighter(pattern) if message_bytes(each) <= MAX_COMMAND_BYTES or not each.groove)


def _ever_lighter(pattern: Pattern) -> Iterator[Pattern]:
    yield pattern
    yield (pattern := pattern._replace(fill=()))
    even = tuple(row._replace(velocities=(), late=()) for row in pattern.groove)
    for count in range(len(even), -1, -1):
        yield pattern._replace(groove=even[:count])
