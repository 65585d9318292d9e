"""What a hand means: presses, holds, turns while held, and the buttons that act on the way down."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.controls import Button, Gesture, Input, Meaning, Meant, Slip, Turn
from panel.gestures import Gestures
from panel.music.tempo import NEVER
from panel.pads import FUNCTIONS

MS = 1_000_000
AT = 5_000 * MS


def _read(*events: Input, **functions: str) -> list[tuple[Gesture | int | str, int]]:
    """What events mean, and when, in ms after AT; a turn as its steps, a slip as "slip" and its steps."""
    gestures = Gestures(lambda name: functions[name.replace(" ", "_")]) if functions else Gestures()
    meant = [found for event in events for found in gestures.feed(event)]
    return [(_what(each), (each.stamp_ns - AT) // MS) for each in meant]


def _what(meant: Meaning) -> Gesture | int | str:
    if isinstance(meant, Slip):
        return f"slip {meant.steps}"
    return meant.steps if isinstance(meant, Turn) else meant.gesture


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
def test_turning_while_held_slips_and_is_neither_press_nor_back_nor_home(ms: int) -> None:
    down, up = _held("encoder", ms)
    turns = [Turn(-2, AT + 50 * MS), Turn(1, AT + 60 * MS)]
    assert _read(down, *turns, up) == [("slip -2", 50), ("slip 1", 60)]


@pytest.mark.parametrize("ms", [100, 700, 2000])
def test_turning_while_tap_is_held_slips_and_its_press_was_not_the_one(ms: int) -> None:
    down, up = _held("tap", ms)
    turn = Turn(3, AT + 50 * MS)
    assert _read(down, turn, up, turn._replace(stamp_ns=AT + 2100 * MS)) == [
        (Gesture.TAP, 0),
        ("slip 3", 50),
        (3, 2100),
    ]


@pytest.mark.parametrize("name", ["start", "next"])
def test_turning_while_another_button_is_held_is_turning(name: str) -> None:
    down, up = _held(name, 100)
    assert _read(down, Turn(1, AT + 50 * MS), up) == [(Gesture(name), 0), (1, 50)]


def test_turning_after_the_encoder_was_let_go_leaves_the_press() -> None:
    assert _read(*_held("encoder", 80), Turn(1, AT + 90 * MS)) == [(Gesture.PRESS, 80), (1, 90)]


@pytest.mark.parametrize(("name", "gesture"), [("tap", "tap"), ("start", "start"), ("next", "next")])
def test_tap_start_and_next_act_on_the_way_down_with_the_stamp_of_the_edge(name: str, gesture: str) -> None:
    assert _read(*_held(name, 90)) == [(Gesture(gesture), 0)]


@pytest.mark.parametrize(("ms", "one"), [(599, []), (600, [(Gesture.ONE, 0)]), (9000, [(Gesture.ONE, 0)])])
def test_tap_held_says_that_the_press_at_its_beginning_was_the_one(ms: int, one: object) -> None:
    assert _read(*_held("tap", ms)) == [(Gesture.TAP, 0), *one]  # type: ignore[misc]


def test_the_one_is_told_at_600_ms_while_tap_is_still_held() -> None:
    gestures = Gestures()
    assert gestures.feed(Button("tap", True, AT)) == [Meant(Gesture.TAP, AT)]
    assert gestures.due_ns == AT + 600 * MS
    assert gestures.tend(AT + 600 * MS - 1) == []
    assert gestures.tend(AT + 600 * MS) == [Meant(Gesture.ONE, AT)]
    assert gestures.due_ns == NEVER


def test_start_and_next_held_are_no_more_than_pressed() -> None:
    assert _read(*_held("start", 9000)) == [(Gesture.START, 0)]
    assert _read(*_held("next", 9000)) == [(Gesture.NEXT, 0)]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", ["next", "foot 1", "foot 2"])
def test_a_button_or_a_foot_does_what_it_was_given(name: str, function: str) -> None:
    held = [(Gesture.ONE, 0)] if function == "tap" else []
    functions = {"next": "start", "foot_1": "start", "foot_2": "start"} | {name.replace(" ", "_"): function}
    assert _read(*_held(name, 700), **functions) == [(Gesture(function), 0), *held]


def test_without_a_choice_the_first_foot_is_tap_and_the_second_next() -> None:
    assert _read(Button("foot 1", True, AT), Button("foot 2", True, AT)) == [(Gesture.TAP, 0), (Gesture.NEXT, 0)]


def test_another_function_counts_from_the_next_press() -> None:
    functions = {"foot 1": "tap"}
    gestures = Gestures(functions.__getitem__)
    gestures.feed(Button("foot 1", True, AT))
    functions["foot 1"] = "mute"
    up = gestures.feed(Button("foot 1", False, AT + 700 * MS))
    assert up == [Meant(Gesture.ONE, AT)], "it went down as TAP"
    assert gestures.feed(Button("foot 1", True, AT + 800 * MS)) == [Meant(Gesture.MUTE, AT + 800 * MS)]


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


_ACTS = st.tuples(
    st.sampled_from(["encoder", "tap", "start", "foot 1", "foot 2", "turn", "turn"]),
    st.booleans(),
    st.integers(0, 2000),
)


@given(st.lists(_ACTS), st.sampled_from(FUNCTIONS))
def test_every_turn_and_every_tap_comes_through_whatever_else_is_held(
    acts: list[tuple[str, bool, int]], function: str
) -> None:
    """A turn as a turn or as a slip, by what is held; and each hold tells at most once that its press was the one."""
    gestures, now, events = Gestures({"foot 1": "tap", "foot 2": function}.__getitem__), AT, list[Input]()
    for name, down, gap_ms in acts:
        now += gap_ms * MS
        events.append(Turn(1, now) if name == "turn" else Button(name, down, now))
    taps = {"tap", "foot 1"} | ({"foot 2"} if function == "tap" else set())
    held, slips, meant = set[str](), list[int](), list[Meaning]()
    for event in events:
        meant += gestures.feed(event)
        if isinstance(event, Button):
            (held.add if event.down else held.discard)(event.name)
        elif held & (taps | {"encoder"}):
            slips.append(event.stamp_ns)
    turned = [(isinstance(e, Slip), e.stamp_ns) for e in meant if isinstance(e, (Turn, Slip))]
    assert sorted(turned) == sorted((e.stamp_ns in slips, e.stamp_ns) for e in events if isinstance(e, Turn))
    pressed = [e.stamp_ns for e in events if isinstance(e, Button) and e.name in taps and e.down]
    assert [e.stamp_ns for e in meant if isinstance(e, Meant) and e.gesture is Gesture.TAP] == pressed
    ones = [e.stamp_ns for e in meant if isinstance(e, Meant) and e.gesture is Gesture.ONE]
    assert not Counter(ones) - Counter(pressed)
