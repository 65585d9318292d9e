"""What hands and feet do, through the whole panel: functions of buttons, TAP held, slip, pads and pedals by MIDI."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from panel.app import TEND_NS
from panel.box import open_session
from panel.check import check_file
from panel.controls import Button, Gesture, Meant, Slip, Turn
from panel.engine.client import News
from panel.engine.wire import Heard
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from panel.pads import FUNCTIONS, PADS_FILE, Pad, Pads, parse_pads
from panel.settings import Settings
from panel.storage import save
from tests.panel.stage import MS, SECOND, Stage

PADS = ("Settings", "Pads and pedals")
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
            stage.down("Settings", "NEXT is").turn(1).press()
            assert stage.session.settings["buttons.next"] == "mute"
            stage.button("next")
            assert stage.sent("mute") == [{"on": True}]

    def test_the_keys_of_the_terminal_mean_the_same(self) -> None:
        with Stage() as stage:
            stage.mean(Gesture.START).mean(Gesture.MUTE).mean(Gesture.FILL)
            assert stage.session.state.muted
            assert stage.sent("fill") == [{"bars": 1, "when": "bar"}]


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

    @pytest.mark.parametrize("early_ms", [-40, 0, 40])
    def test_the_bar_begins_with_that_press(self, early_ms: int) -> None:
        """On the beat nearest to it: a hand is not exact."""
        with Stage() as stage:
            stage.mean(Gesture.START)
            third_ns = stage.session.state.tempo_map.time_of(10 * TICKS_PER_QUARTER)
            stage.run(third_ns + early_ms * MS - stage.now).button("tap", 700)
            place = stage.session.place(third_ns + 4 * 500 * MS)
            assert (place.tick, stage.session.micro_bpm) == (0, 120 * MICRO)

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
    @pytest.mark.parametrize(
        "rows", [(), ("Patterns",), ("Settings", "Count-in")], ids=["live", "patterns", "a setting"]
    )
    def test_slips_and_nothing_else(self, button: str, rows: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
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

    def test_a_detent_is_an_eighth(self) -> None:
        with Stage() as stage:
            stage.mean(Gesture.START)
            later_ns = stage.now + 4 * SECOND
            before = stage.session.place(later_ns).tick
            stage.hand(
                Button("tap", True, stage.now), Turn(1, stage.now + MS), Button("tap", False, stage.now + 2 * MS)
            )
            stage.run(100 * MS)
            assert stage.session.place(later_ns).tick == (before - TICKS_PER_QUARTER // 2) % (4 * TICKS_PER_QUARTER)

    def test_the_keys_of_the_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            told = Told(stage, monkeypatch)
            stage.hand(Slip(-1, stage.now)).run(40 * MS)
            assert told.slips == [-1]


def _hit(stage: Stage, note: int, velocity: int = 90, control: bool = False, stamp_ns: int = 0) -> Stage:
    """A pad of the module, now; nothing wakes the loop of a stage for it, so it is seen when it looks by itself."""
    stage.client.heard.append(Heard(note, 10, velocity, stamp_ns or stage.now, control))
    return stage.run(TEND_NS)


def _learned(stage: Stage, function: str, note: int, control: bool = False) -> Stage:
    """Give a function to a pad with the hands, and go home."""
    stage.down(*PADS, function.upper())
    assert stage.state == "pad learn"
    _hit(stage, note, control=control).run(100 * MS)
    assert stage.state == "pads"
    return stage.button("encoder", 1650)


class TestPads:
    """A pad or a pedal of the module, learned with the hands, does what a button does."""

    @pytest.mark.parametrize("control", [False, True], ids=["pad", "pedal"])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_each_does_what_it_learned(self, function: str, control: bool) -> None:
        with Stage() as stage:
            _learned(stage, function, 49, control).button("start").client.sent.clear()
            at = stage.now
            _hit(stage, 49, control=control)
            assert _did(stage) == {"next": "fill"}.get(function, function)
            assert stage.session.taps_ns == at or function != "tap"

    def test_start_comes_with_the_stamp_of_the_hit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            started: list[int] = []
            monkeypatch.setattr(stage.session, "start_stop", started.append)
            at = stage.now - 7 * MS
            _hit(stage, 49, stamp_ns=at)
            assert started == [at]

    def test_four_hits_are_a_tempo(self) -> None:
        with Stage() as stage:
            _learned(stage, "tap", 49)
            for _ in range(4):
                _hit(stage, 49).run(400 * MS - TEND_NS)
            assert stage.session.micro_bpm == 150 * MICRO

    def test_what_is_hit_acts_within_the_turn_of_the_loop_that_hears_it(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            stage.client.heard.append(Heard(49, 10, 90, stage.now))
            stage.app.step()
            assert stage.session.playing

    @pytest.mark.parametrize("gap_ms", [1, 30, 119])
    @pytest.mark.parametrize("function", ["start", "next", "mute", "fill"])
    def test_a_pad_that_bounces_is_one_press(self, function: str, gap_ms: int) -> None:
        with Stage() as stage:
            _learned(stage, function, 49).button("start").client.sent.clear()
            at = stage.now
            stage.client.heard += [Heard(49, 10, 90, at), Heard(49, 10, 50, at + gap_ms * MS)]
            stage.run(200 * MS)
            assert len([name for name, _ in stage.client.sent]) == 1
            _hit(stage, 49, stamp_ns=at + 120 * MS)
            assert len([name for name, _ in stage.client.sent]) == 2

    def test_two_pads_do_not_lock_each_other_out(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            _learned(stage, "mute", 51)
            stage.client.heard += [Heard(49, 10, 90, stage.now), Heard(51, 10, 90, stage.now + MS)]
            stage.run(200 * MS)
            assert (stage.session.playing, stage.session.state.muted) == (True, True)

    def test_crosstalk_does_not_count_and_is_not_learned(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            _hit(stage, 49, velocity=7)
            assert not stage.session.playing
            _hit(stage, 49, velocity=8)
            assert stage.session.playing
            stage.down(*PADS, "TAP")
            _hit(stage, 51, velocity=7).run(300 * MS)
            assert stage.state == "pad learn"

    def test_what_has_no_function_is_music(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            _hit(stage, 48)
            _hit(stage, 49, control=True)
            assert not stage.session.playing

    def test_a_hit_wakes_a_dark_panel_and_counts(self) -> None:
        with Stage(display__dim_after_min=5) as stage:
            _learned(stage, "tap", 49).run(1000 * 1000 * MS)
            assert stage.glass.levels[-1][1] == 0
            _hit(stage, 49)
            assert stage.glass.levels[-1][1] == 255
            assert stage.session.taps_ns > 0

    def test_only_the_pads_of_the_module_that_is_there(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            stage.session.choose_profile("General MIDI")
            _hit(stage, 49)
            assert not stage.session.playing
            assert stage.sent("listen")[-1] == {"on": False}
            stage.session.choose_profile("")
            _hit(stage, 49)
            assert stage.session.playing


class TestLearn:
    """Hit the pad; and press for none."""

    def test_a_function_goes_to_the_last_pad_that_learned_it_and_a_pad_has_one(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            _learned(stage, "start", 51)
            assert stage.session.pads_of("start") == [Pad(51)]
            _learned(stage, "mute", 51)
            assert (stage.session.pads_of("start"), stage.session.pads_of("mute")) == ([], [Pad(51)])

    def test_it_says_what_came_of_it(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            stage.down(*PADS, "MUTE")
            _hit(stage, 49)
            notice = stage.session.notice(stage.now)
            assert notice
            assert notice.text == "P1 is MUTE, not START"
            assert not stage.session.playing, "it was hit to be learned"

    def test_a_press_takes_it_away_and_one_more_only_leaves(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            stage.down(*PADS, "START").press()
            assert (stage.state, stage.session.pads_of("start")) == ("pads", [])
            assert stage.sent("listen")[-1] == {"on": False}
            sent = len(stage.client.sent)
            stage.press().press()
            assert stage.state == "pads"
            assert [name for name, _ in stage.client.sent[sent:]] == ["listen", "listen"]

    @pytest.mark.parametrize("ms", [50, 700, 1650])
    def test_however_it_is_left_the_pads_make_music_again(self, ms: int) -> None:
        with Stage() as stage:
            stage.down(*PADS, "TAP").button("encoder", ms)
            _hit(stage, 49).run(300 * MS)
            assert stage.session.pads_of("tap") == []
            assert stage.sent("listen")[-1] == {"on": False}

    def test_a_pad_with_a_function_is_no_voice(self) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49).down("Voices", "rim", "Learn")
            assert stage.state == "voice learn"
            _hit(stage, 49).run(300 * MS)
            assert (stage.state, stage.session.voice("rim").note) == ("voice learn", 42)
            notice = stage.session.notice(stage.now)
            assert notice
            assert notice.text == "That pad is START"
            assert stage.session.playing, "START means the same in every state"
            _hit(stage, 51).run(100 * MS)
            assert (stage.state, stage.session.voice("rim").note) == ("voice", 51)
            assert stage.sent("listen")[-1] == {"on": True}, "START is still waited for"

    def test_a_screen_that_breaks_leaves_no_pad_deaf(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49).down(*PADS, "START")
            monkeypatch.setattr(stage.machine.screen, "arrived", lambda: 1 / 0)
            stage.turn(1)
            assert stage.state == "live"
            _hit(stage, 49)
            assert stage.session.playing


class TestFile:
    """pads.toml: kept, readable, told where it is broken."""

    def test_what_was_learned_comes_back(self, tmp_path: Path) -> None:
        with Stage(data=tmp_path) as stage:
            _learned(stage, "start", 49)
            _learned(stage, "tap", 4, control=True).run(2 * SECOND)
        text = (tmp_path / PADS_FILE).read_text()
        assert tomllib.loads(text) == {"SamplePad Pro": {"note 49": "start", "control 4": "tap"}}
        assert text.startswith("# Pads and pedals")
        told: list[str] = []
        again = open_session(tmp_path, Settings(), told, no_engine=True)
        assert again.ear.pads.of_function("SamplePad Pro", "tap") == [Pad(4, control=True)]
        assert told == []

    def test_the_drummers_own_lines_and_comments_stay(self, tmp_path: Path) -> None:
        save(
            tmp_path / PADS_FILE, '# mine\n["SamplePad Pro"]\n"note 49" = "mute"  # left\n\n[Nord]\n"note 60" = "tap"\n'
        )
        pads = parse_pads((tmp_path / PADS_FILE).read_bytes(), "x")
        with Stage(data=tmp_path) as stage:
            stage.session.ear.pads = pads
            _learned(stage, "start", 49).run(2 * SECOND)
        text = (tmp_path / PADS_FILE).read_text()
        assert text == '# mine\n["SamplePad Pro"]\n"note 49" = "start"  # left\n\n[Nord]\n"note 60" = "tap"\n'

    def test_what_was_edited_by_hand_meanwhile_stays(self, tmp_path: Path) -> None:
        with Stage(data=tmp_path) as stage:
            _learned(stage, "start", 49).run(2 * SECOND)
            save(tmp_path / PADS_FILE, (tmp_path / PADS_FILE).read_text() + '[Nord]\n"note 60" = "tap"\n')
            _learned(stage, "mute", 51).run(2 * SECOND)
        found = tomllib.loads((tmp_path / PADS_FILE).read_text())
        assert found == {"SamplePad Pro": {"note 49": "start", "note 51": "mute"}, "Nord": {"note 60": "tap"}}

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ('["A"]\n"note 128" = "tap"\n', "pads.toml:2:1: there is no pad 'note 128'; a pad is \"note 42\", a pedal"),
            ('["A"]\n"note 042" = "tap"\n', "pads.toml:2:1: there is no pad 'note 042'"),
            ('["A"]\n"pad 3" = "tap"\n', "pads.toml:2:1: there is no pad 'pad 3'"),
            ('["A"]\n\n"note 3" = "quit"\n', "pads.toml:3:12: note 3 is one of next, mute, fill, tap, start"),
            ('["A"]\n"note 3" = 7\n', "pads.toml:2:12: note 3 is one of"),
            ('"note 3" = "tap"\n', 'pads.toml:1:12: a module is a table: write ["note 3"] on a line of its own'),
            ('["A"\n', "pads.toml:1:"),
        ],
    )
    def test_a_fault_has_its_place_and_the_box_comes_up_without(
        self, text: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / PADS_FILE
        path.write_text(text)
        assert str(check_file(path)[0]).replace(f"{tmp_path}/", "").startswith(fault)
        told: list[str] = []
        session = open_session(tmp_path, Settings(), told, no_engine=True)
        assert told == [f"pads.toml:{fault.split(':')[1]} broken, defaults"]
        assert fault in capsys.readouterr().err.replace(f"{tmp_path}/", "")
        assert not session.ear.pads.any_of("A")
        assert (tmp_path / f"{PADS_FILE}.broken").read_text() == text

    def test_a_module_in_braces_can_be_changed_too(self) -> None:
        pads = Pads('A = { "note 1" = "mute", "note 2" = "fill" }\n')
        pads.assign("A", "mute", None)
        pads.assign("A", "tap", Pad(2))
        assert tomllib.loads(pads.text) == {"A": {"note 2": "tap"}}


class TestListening:
    """The module is heard while it matters, by whatever engine there is."""

    def test_nothing_is_asked_for_where_no_pad_has_a_function(self) -> None:
        with Stage() as stage:
            assert stage.run(SECOND).sent("listen") == []

    @pytest.mark.parametrize("news", [News.FRESH, News.RUNNING])
    def test_another_engine_is_asked_anew(self, news: News, monkeypatch: pytest.MonkeyPatch) -> None:
        with Stage() as stage:
            _learned(stage, "start", 49)
            stage.client.sent.clear()
            found = [news]
            monkeypatch.setattr(stage.client, "tend", lambda: found.pop() if found else None)
            stage.run(SECOND)
            assert stage.sent("listen") == [{"on": True}]
