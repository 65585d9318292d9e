"""What a hand means: presses, holds, turns while held, and the buttons that act on the way down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.controls import Button, Gesture, Input, Meant, Turn
from panel.gestures import Gestures
from panel.music.tempo import NEVER

MS = 1_000_000
AT = 5_000 * MS


def _read(*events: Input, until_ms: int = 0) -> list[tuple[Gesture | int, int]]:
    """What events mean, and when, in ms after AT; a turn as its steps."""
    gestures = Gestures()
    meant = [found for event in events for found in gestures.feed(event)]
    meant += gestures.tend(AT + until_ms * MS)
    return [(e.steps if isinstance(e, Turn) else e.gesture, (e.stamp_ns - AT) // MS) for e in meant]


def _held(name: str, ms: int) -> list[Input]:
    return [Button(name, True, AT), Button(name, False, AT + ms * MS)]


@pytest.mark.parametrize(
    ("ms", "meant"),
    [
        (1, [(Gesture.PRESS, 1)]),
        (599, [(Gesture.PRESS, 599)]),
        (600, [(Gesture.BACK, 600)]),
        (1599, [(Gesture.BACK, 600)]),
        (1600, [(Gesture.BACK, 600), (Gesture.HOME, 1600)]),
        (9000, [(Gesture.BACK, 600), (Gesture.HOME, 1600)]),
    ],
)
def test_the_encoder_is_a_press_back_or_home_by_how_long_it_is_held(ms: int, meant: object) -> None:
    assert _read(*_held("encoder", ms)) == meant


def test_a_hold_is_told_while_it_lasts_and_once() -> None:
    gestures = Gestures()
    assert gestures.due_ns == NEVER
    assert gestures.feed(Button("encoder", True, AT)) == []
    assert gestures.due_ns == AT + 600 * MS
    assert gestures.tend(AT + 600 * MS - 1) == []
    assert gestures.tend(AT + 600 * MS) == [Meant(Gesture.BACK, AT + 600 * MS)]
    assert gestures.due_ns == AT + 1600 * MS
    assert gestures.tend(AT + 5000 * MS) == [Meant(Gesture.HOME, AT + 1600 * MS)]
    assert gestures.due_ns == NEVER
    assert gestures.feed(Button("encoder", False, AT + 6000 * MS)) == []


@pytest.mark.parametrize("ms", [100, 700, 2000])
def test_turning_while_held_is_neither_press_nor_back_nor_home(ms: int) -> None:
    down, up = _held("encoder", ms)
    assert _read(down, Turn(-2, AT + 50 * MS), up) == [(-2, 50)]


def test_turning_after_the_encoder_was_let_go_leaves_the_press() -> None:
    assert _read(*_held("encoder", 80), Turn(1, AT + 90 * MS)) == [(Gesture.PRESS, 80), (1, 90)]


@pytest.mark.parametrize(("name", "gesture"), [("tap", "tap"), ("start", "start"), ("next", "next")])
def test_tap_start_and_next_act_on_the_way_down_with_the_stamp_of_the_edge(name: str, gesture: str) -> None:
    assert _read(*_held(name, 90)) == [(Gesture(gesture), 0)]


def test_tap_and_start_held_are_no_more_than_pressed() -> None:
    assert _read(*_held("tap", 700)) == [(Gesture.TAP, 0)]
    assert _read(*_held("start", 9000)) == [(Gesture.START, 0)]


def test_two_buttons_at_once_do_not_disturb_each_other() -> None:
    meant = _read(
        Button("encoder", True, AT),
        Button("tap", True, AT + 100 * MS),
        Button("tap", False, AT + 150 * MS),
        Button("encoder", False, AT + 300 * MS),
    )
    assert meant == [(Gesture.TAP, 100), (Gesture.PRESS, 300)]


def test_letting_go_of_what_was_never_pressed_means_nothing() -> None:
    assert _read(Button("encoder", False, AT), Button("tap", False, AT)) == []


def test_a_gesture_that_comes_whole_goes_through() -> None:
    assert _read(Meant(Gesture.QUIT, AT)) == [(Gesture.QUIT, 0)]


@given(st.lists(st.tuples(st.sampled_from(["encoder", "tap", "start", "turn"]), st.booleans(), st.integers(0, 2000))))
def test_every_turn_and_every_tap_comes_through_whatever_else_is_held(acts: list[tuple[str, bool, int]]) -> None:
    gestures, now, events = Gestures(), AT, list[Input]()
    for name, down, gap_ms in acts:
        now += gap_ms * MS
        events.append(Turn(1, now) if name == "turn" else Button(name, down, now))
    meant = [found for event in events for found in gestures.feed(event)]
    assert [e for e in meant if isinstance(e, Turn)] == [e for e in events if isinstance(e, Turn)]
    taps = [e.stamp_ns for e in events if isinstance(e, Button) and e.name == "tap" and e.down]
    assert [e.stamp_ns for e in meant if isinstance(e, Meant) and e.gesture is Gesture.TAP] == taps
