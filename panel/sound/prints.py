"""What a patch prints: heard where it is tried, and nowhere else.

It must never come from the audio thread to a terminal, which may keep it waiting: `print` does nothing there.
"""

from __future__ import annotations

from panel.sound.advice import printable

MOST_LINES = 8

_heard: list[str] | None = None


def listen() -> list[str]:
    """From now on what patches print in this process is kept: the first lines, each once."""
    global _heard
    _heard = []
    return _heard


def patch_print(*words: object, **_how: object) -> None:
    """What `print` is in a patch."""
    if _heard is None or len(_heard) == MOST_LINES:
        return
    line = printable(" ".join(map(str, words)))
    if line not in _heard:
        _heard.append(line)
