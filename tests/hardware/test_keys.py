"""Bytes of a keyboard as keys, however they are cut, and what the keys mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.controls import Gesture, Input, Meant, Slip, Turn
from panel.hardware.keys import meaning, split

SEQUENCES = {
    b"\x1b[A": "up", b"\x1bOA": "up", b"\x1b[B": "down", b"\x1b[C": "right", b"\x1b[D": "left",
    b"\x1b[H": "home", b"\x1b[1~": "home", b"\r": "enter", b"\n": "enter", b"\x7f": "backspace",
    b"\x08": "backspace", b" ": "space", b"t": "t", b"T": "t", b"q": "q", b"1": "1", b"\x03": "interrupt",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "key"), SEQUENCES.items())
def test_a_key(typed: bytes, key: str) -> None:
    assert split(typed) == ([key], b"")


@given(st.lists(st.sampled_from(sorted(SEQUENCES)), max_size=20), st.lists(st.integers(1, 5), max_size=40))
def test_keys_may_be_cut_anywhere(typed: list[bytes], lengths: list[int]) -> None:
    data, rest, found = b"".join(typed), b"", []
    for length in [*lengths, len(data)]:
        keys, rest = split(rest + data[:length])
        data = data[length:]
        found += keys
    assert found == [SEQUENCES[key] for key in typed]
    assert rest == b""


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        (b"\x1b\x1b[A", ["up"]),  # Escape, then Up
        (b"\x1bt", ["t"]),  # Escape, then T; or Alt-T
        (b"\x1b[1;5At", ["\x1b[1;5a", "t"]),  # Ctrl-Up: a key that means nothing
        (b"\x1b[200~t\x1b[201~", ["\x1b[200~", "t", "\x1b[201~"]),
        ("é".encode(), ["\ufffd", "\ufffd"]),
    ],
)
def test_what_else_may_come(typed: bytes, keys: list[str]) -> None:
    assert split(typed) == (keys, b"")


@given(st.binary(max_size=200))
def test_no_bytes_raise_and_none_are_kept_for_long(typed: bytes) -> None:
    keys, rest = split(typed)
    assert all(keys)
    assert {type(meaning(key, 0)) for key in keys} <= {Turn, Slip, Meant, type(None)}
    assert typed.endswith(rest)
    assert len(rest) <= 32


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("up", Turn(+1, 9)),
        ("down", Turn(-1, 9)),
        ("right", Turn(+1, 9)),
        ("left", Turn(-1, 9)),
        ("enter", Meant(Gesture.PRESS, 9)),
        ("backspace", Meant(Gesture.BACK, 9)),
        ("home", Meant(Gesture.HOME, 9)),
        ("h", Meant(Gesture.HOME, 9)),
        ("t", Meant(Gesture.TAP, 9)),
        ("space", Meant(Gesture.START, 9)),
        ("n", Meant(Gesture.NEXT, 9)),
        ("m", Meant(Gesture.MUTE, 9)),
        ("f", Meant(Gesture.FILL, 9)),
        ("1", Meant(Gesture.ONE, 9)),
        (",", Slip(-1, 9)),
        ("<", Slip(-1, 9)),
        (".", Slip(+1, 9)),
        (">", Slip(+1, 9)),
        ("q", Meant(Gesture.QUIT, 9)),
        ("interrupt", Meant(Gesture.QUIT, 9)),
        ("x", None),
    ],
)
def test_what_a_key_means(key: str, meant: Input | None) -> None:
    assert meaning(key, 9) == meant


def test_on_a_list_down_goes_on_and_sideways_stays() -> None:
    steps = {key: meaning(key, 9, on_a_list=True) for key in ("up", "down", "right", "left")}
    assert steps == {"up": Turn(-1, 9), "down": Turn(+1, 9), "right": Turn(+1, 9), "left": Turn(-1, 9)}
