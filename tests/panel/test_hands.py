"""What hands and feet do, through the whole panel: functions of buttons, TAP held, slip, pads and pedals by MIDI."""

from __future__ import annotations

import pytest

from panel.controls import Button, Gesture, Meant, Slip, Turn
from panel.music.tempo import MICRO
from panel.pads import FUNCTIONS
from panel.settings import MENU
from tests.panel.stage import MS, Stage

BUTTONS = ("next", "foot 1", "foot 2")


class Told:
    """What the session was asked of the one and of slips, in place of doing it."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ones: list[int] = []
        self.slips: list[int] = []
        monkeypatch.setattr(stage.session, "re_one", self.ones.append)
        monkeypatch.setattr(stage.session, "slip", self.slips.append)


def _did(stage: Stage) -> str:
    """What a press did to a box that plays, by what was sent for it."""
    names = [name for name, _ in stage.client.sent if name not in ("ports", "voices", "listen")]
    return {"stop": "start", "mute": "mute", "fill": "fill"}.get(names[-1] if names else "", "tap")


class TestButtons:
    """NEXT and two footswitches: each does what it was given, from the next press on."""

    @pytest.mark.parametrize("button", BUTTONS)
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_each_does_what_it_was_given(self, button: str, function: str) -> None:
        with Stage() as stage:
            stage.session.set(f"buttons.{button.replace(' ', '_')}", function)
            stage.button("start").client.sent.clear()
            stage.button(button)
            assert _did(stage) == {"next": "fill"}.get(function, function)  # playing, NEXT is a fill
            assert stage.session.taps_ns > 0 or function != "tap"

    def test_by_itself_the_first_foot_taps_and_the_second_goes_on(self) -> None:
        with Stage() as stage:
            for _ in range(4):
                stage.button("foot 1").run(310 * MS)
            assert stage.session.micro_bpm == 150 * MICRO
            before = stage.session.pattern.name
            stage.button("foot 2")
            assert stage.session.pattern.name != before

    def test_one_press_mutes_and_one_more_sounds_again(self) -> None:
        with Stage(buttons__next="mute") as stage:
            stage.button("start").button("next")
            assert stage.session.state.muted
            stage.button("next")
            assert not stage.session.state.muted

    def test_it_is_chosen_in_the_settings_and_counts_at_once(self) -> None:
        with Stage() as stage:
            stage.down(5).turn([row.id for row in MENU].index("buttons.next")).press().turn(1).press()
            assert stage.session.settings["buttons.next"] == "mute"
            stage.button("next")
            assert stage.sent("mute") == [{"on": True}]

    def test_the_keys_of_the_terminal_mean_the_same(self) -> None:
        with Stage() as stage:
            stage.mean(Gesture.START).mean(Gesture.MUTE).mean(Gesture.FILL)
            assert stage.session.state.muted
            assert stage.sent("fill") == [{"bars": 1}]


class TestTheOne:
    """TAP held says that the press at its beginning was the one."""

    @pytest.mark.parametrize("button", ["tap", "foot 1"])
    def test_tap_held(self, button: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            told, at = Told(stage, monkeypatch), stage.now
            stage.hand(Button(button, True, at)).run(500 * MS)
            assert (stage.session.taps_ns, told.ones) == (at, [])
            stage.run(120 * MS)
            assert told.ones == [at], "it is told at 600 ms, while TAP is still held"
            stage.hand(Button(button, False, stage.now)).run(1000 * MS)
            assert told.ones == [at]

    def test_no_other_function_that_is_held(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage(buttons__next="start", buttons__foot_1="mute") as stage:
            told = Told(stage, monkeypatch)
            for name in ("start", "next", "foot 1", "foot 2"):
                stage.button(name, 900)
            assert told.ones == []

    def test_the_key_of_the_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            told, at = Told(stage, monkeypatch), stage.now
            stage.hand(Meant(Gesture.ONE, at)).run(40 * MS)
            assert told.ones == [at]


class TestSlip:
    """Turning while the encoder or a TAP is held."""

    @pytest.mark.parametrize("button", ["encoder", "tap", "foot 1"])
    @pytest.mark.parametrize("rows", [(), (2,), (5, 0)], ids=["live", "patterns", "a setting"])
    def test_slips_and_nothing_else(self, button: str, rows: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            told = Told(stage, monkeypatch)
            if rows:
                stage.down(*rows)
            state, tempo, at = stage.state, stage.session.micro_bpm, stage.now
            stage.hand(Button(button, True, at), Turn(2, at + 50 * MS), Turn(-1, at + 700 * MS))
            stage.hand(Button(button, False, at + 900 * MS)).run(1000 * MS)
            assert (told.slips, told.ones) == ([2, -1], [])
            assert (stage.state, stage.session.micro_bpm) == (state, tempo)
            assert stage.session.settings["click.count_in"] == 0

    def test_the_keys_of_the_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            told = Told(stage, monkeypatch)
            stage.hand(Slip(-1, stage.now)).run(40 * MS)
            assert told.slips == [-1]
