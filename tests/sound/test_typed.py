"""Notes that are typed where the sound runs."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator

import pytest

from panel.sound.typed import Typed


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Typed]]:
    """A terminal that this process has; where to type, and what reads it."""
    hand, terminal = pty.openpty()
    monkeypatch.setattr(os, "tcgetpgrp", lambda descriptor: os.getpgrp())
    yield hand, Typed(terminal)
    os.close(hand)
    os.close(terminal)


def test_enter_strikes_and_numbers_strike_those(keys: tuple[int, Typed]) -> None:
    hand, typed = keys
    for line, notes in (("", (60,)), ("48 55 64", (48, 55, 64)), ("", (48, 55, 64)), ("0127", (127,))):
        os.write(hand, f"{line}\n".encode())
        assert typed.notes() == notes


@pytest.mark.parametrize("line", ["c4", "128", "-1", "60,64", "\u00e9"])
def test_other_words_are_told(keys: tuple[int, Typed], line: str) -> None:
    hand, typed = keys
    os.write(hand, f"{line}\n".encode())
    with pytest.raises(ValueError, match="such as 60, or 48 55 60"):
        typed.notes()


def test_when_the_terminal_says_no_more_nothing_is_asked(keys: tuple[int, Typed]) -> None:
    hand, typed = keys
    assert len(typed.sources) == 1
    os.write(hand, b"\x04")
    assert typed.notes() == ()
    assert typed.sources == []


def test_in_the_background_nothing_is_read(keys: tuple[int, Typed], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "tcgetpgrp", lambda descriptor: os.getpgrp() + 1)
    assert keys[1].sources == []
    read, write = os.pipe()
    monkeypatch.undo()
    assert Typed(read).sources == Typed(None).sources == []  # no terminal at all
    os.close(read)
    os.close(write)
