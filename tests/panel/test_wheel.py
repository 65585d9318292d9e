"""The wheel of characters, turned the shortest way: what comes out, and how much a hand has to do for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.controls import Gesture
from panel.gallery import PICTURES, Scene
from panel.music.reading import MAX_NAME
from panel.screens.wheel import CASE, DELETE, DONE, SIGNS, SPACE, WHEEL, Named, Wheel


class Hand:
    """Turns and presses as somebody would who knows the wheel, and counts both."""

    def __init__(self, text: str = "") -> None:
        self.named, self.scene = Named(), Scene()
        self.named.begin("Song", text, lambda name: "There is one" if name == "Rosanna" else "")
        self.wheel = Wheel(self.scene.session, self.named)
        self.detents, self.presses, self.farthest = 0, 0, 0
        self.outcome: str | None = None
        self._at = 0

    def take(self, symbol: str, times: int = 1) -> Hand:
        """Turn to a symbol the shorter way round and press."""
        way = (WHEEL.index(symbol) - self._at) % len(WHEEL)
        steps = way if 2 * way <= len(WHEEL) else way - len(WHEEL)
        self.wheel.turn(steps)
        for _ in range(times):
            self.outcome = self.wheel.press()
        self.detents, self.presses = self.detents + abs(steps), self.presses + times
        self.farthest = max(self.farthest, abs(steps))
        self._at = WHEEL.index(symbol) if symbol in (DELETE, DONE) else 0
        return self

    def enter(self, text: str) -> Hand:
        """The characters of a text, the case switched where it comes out wrong."""
        for character in text:
            before = self.wheel.draft
            self.take(character.lower())
            if self.wheel.draft != before + character:
                self.take(DELETE).take(CASE).take(character.lower())
        return self

    @property
    def told(self) -> str:
        """What the screen says of it."""
        notice = self.scene.session.notice(self.scene.now)
        return notice.text if notice else ""


def test_blue_monday_2() -> None:
    hand = Hand().enter("Blue Monday 2").take(DONE)
    assert (hand.outcome, hand.named.text) == ("done", "Blue Monday 2")
    assert (hand.detents, hand.presses) == (98, 14)
    assert hand.farthest == 17  # the 2


def test_no_character_is_farther_than_half_the_wheel_and_each_always_lies_at_the_same_place() -> None:
    for symbol in WHEEL:
        assert Hand("Abc").take(symbol).farthest <= len(WHEEL) // 2
    assert len(set(WHEEL)) == len(WHEEL) == 1 + 2 + 26 + 10 + len(SIGNS) + 1
    once, twice = Hand().enter("Z"), Hand().enter("Zz")
    assert twice.detents == 2 * once.detents


_NAMES = st.text(st.sampled_from("ABCXYZabcxyz0129 " + SIGNS), min_size=1, max_size=MAX_NAME).filter(
    lambda name: name == name.strip()
)


@given(_NAMES)
def test_every_name_can_be_entered(name: str) -> None:
    hand = Hand()
    hand.enter(name).take(DONE)
    assert (hand.outcome, hand.named.text) == ("done", name)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("mr. brightside", "Mr. Brightside"),
        ("r.e.m.", "R.E.M."),
        ("go-go", "Go-Go"),
        ("isn't she", "Isn't She"),
        ("50s & 2nd", "50s & 2nd"),
        ("intro (live)", "Intro (Live)"),
        ("a/b+c", "A/B+C"),
    ],
)
def test_capitals_come_by_themselves(typed: str, name: str) -> None:
    hand = Hand()
    for character in typed:
        hand.take(character)
    assert hand.wheel.draft == name


def test_a_switched_case_holds_until_the_word_ends_or_it_is_switched_back() -> None:
    hand = Hand()
    for symbol in ("a", CASE, *"bba", SPACE, *"gold", SPACE, "m", "c", CASE, "f", CASE, *"ly"):
        hand.take(symbol)
    assert hand.wheel.draft == "ABBA Gold McFly"
    hand = Hand()
    for symbol in (CASE, *"ipod"):
        hand.take(symbol)
    assert hand.wheel.draft == "ipod"


def test_a_name_is_edited_from_its_end_and_delete_stays_under_the_hand() -> None:
    hand = Hand("Blue Monday 2").take(DELETE, 8).enter("Moon").take(DONE)
    assert hand.named.text == "Blue Moon"
    assert hand.take(DELETE, 30).wheel.draft == ""


def test_only_done_changes_the_name_and_a_new_visit_begins_with_it() -> None:
    hand = Hand("Money").take(DELETE, 3).enter("p")
    assert (hand.outcome, hand.named.text) == (None, "Money")
    hand.wheel.leave()
    hand.wheel.enter("song")
    assert hand.wheel.draft == "Money"


def test_spaces_at_the_ends_are_left_out() -> None:
    hand = Hand().take(SPACE)
    assert (hand.wheel.draft, hand.told) == ("", "Turn to a letter")
    assert hand.enter("A").take(SPACE, 3).take(DONE).named.text == "A"


def test_no_name_is_no_name() -> None:
    hand = Hand("Money").take(DELETE, 5).take(DONE)
    assert (hand.outcome, hand.told, hand.named.text) == (None, "Turn to a letter", "Money")


def test_a_name_that_cannot_be_had_is_told_and_can_be_changed() -> None:
    hand = Hand().enter("Rosanna").take(DONE)
    assert (hand.outcome, hand.told, hand.named.text) == (None, "There is one", "")
    assert hand.enter("2").take(DONE).named.text == "Rosanna2"


def test_the_twenty_fifth_character_is_refused() -> None:
    hand = Hand("x" * (MAX_NAME - 1)).take("y").take("z")
    assert (hand.wheel.draft, hand.told) == ("x" * 23 + "y", "24 characters at most")


def test_start_and_tap_play_while_a_name_is_entered() -> None:
    scene = next(picture for picture in PICTURES if picture.name == "name").scene()
    before = scene.picture.tobytes()
    scene.tapped(400).pressed(Gesture.START)
    assert scene.session.playing
    assert scene.session.micro_bpm == 150_000_000
    assert scene.picture.tobytes() == before
