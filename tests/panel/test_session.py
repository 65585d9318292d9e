"""What the drummer chose: tempo by tap and turn, patterns, voices, ports, what is kept and what is told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.belongings import Belongings
from panel.changes import in_a_thread
from panel.controls import Gesture
from panel.engine.client import EngineClient, News
from panel.engine.state import PlayerState, stopped_state
from panel.engine.wire import MAX_MATCH, Heard, PortView
from panel.gallery import PAD, Scene
from panel.kept import KEPT_FILE
from panel.library import load_library
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO
from panel.notices import ANSWER_NS, MOST_NOTICES, NOTICE_NS
from panel.profiles import Profile
from panel.screens import patterns
from panel.session import Session
from panel.settings import SETTINGS_FILE
from panel.tomltext import TomlText

MS = 1_000_000
SECOND = 1000 * MS
NORD = PortView("module", "Nord Drum 3P:Nord Drum 3P MIDI 1", True)
VIRTUAL = PortView("virtual", "DrumAssist", True)


def _told(session: Session, now_ns: int) -> str:
    notice = session.notice(now_ns)
    return notice.text if notice else ""


def _sent(scene: Scene, name: str) -> list[dict[str, object]]:
    return [arguments for sent, arguments in scene.client.sent if sent == name]


class TestTap:
    """The first tap is silent; from the second the tempo follows; while playing, from the third that agrees."""

    def test_the_first_tap_changes_nothing(self) -> None:
        scene = Scene().tapped()
        assert scene.session.tapped is None
        assert _sent(scene, "tempo") == []

    def test_stopped_the_second_tap_sets_the_tempo_to_a_tenth(self) -> None:
        scene = Scene().tapped(463)  # 129.59 BPM
        assert _sent(scene, "tempo") == [{"micro_bpm": 129_600_000}]
        assert scene.session.kept.micro_bpm == 129_600_000

    def test_playing_the_second_tap_changes_nothing_the_third_does(self) -> None:
        scene = Scene().pressed(Gesture.START).tapped(400)
        assert _sent(scene, "tempo") == []
        assert not scene.session.follows_taps
        scene.later(400 * MS).pressed(Gesture.TAP)
        assert _sent(scene, "tempo") == [{"micro_bpm": 150_000_000}]
        assert scene.session.follows_taps

    def test_playing_a_third_tap_that_does_not_agree_changes_nothing(self) -> None:
        scene = Scene().pressed(Gesture.START).tapped(400, 600)
        assert _sent(scene, "tempo") == []

    def test_taps_count_the_beat_of_the_pattern(self) -> None:
        scene = Scene("12/8 Blues").tapped(1001, 1001)
        assert scene.session.follows_taps
        scene = Scene("12/8 Blues").tapped(1000, 1000)
        assert scene.session.state.beat_micro_bpm == 60 * MICRO
        assert scene.session.state.tempo_map.timelines[-1].tempo == 90 * MICRO

    def test_after_a_turn_the_taps_begin_anew(self) -> None:
        scene = Scene().tapped(400, 400).turned(1).later(400 * MS).pressed(Gesture.TAP)
        assert scene.session.tapped is None
        assert scene.session.micro_bpm == 151 * MICRO


class TestNudge:
    """A detent goes to the next multiple of the step, within 30 and 300."""

    @pytest.mark.parametrize(
        ("step", "at", "steps", "to"),
        [
            (10, 120.0, 1, 121.0),
            (10, 120.0, -1, 119.0),
            (10, 119.9, 1, 120.0),
            (10, 119.9, -1, 119.0),
            (10, 120.04, 1, 121.0),
            (5, 120.3, 1, 120.5),
            (5, 120.3, -1, 120.0),
            (1, 120.0, 3, 120.3),
            (1, 119.95, -1, 119.9),
            (10, 119.9, 5, 124.0),
            (10, 299.5, 5, 300.0),
            (10, 30.0, -1, 30.0),
        ],
    )
    def test_steps_and_snapping(self, step: int, at: float, steps: int, to: float) -> None:
        scene = Scene(panel__tempo_step=step)
        scene.client.send("tempo", micro_bpm=round(at * MICRO))
        assert scene.turned(steps).session.micro_bpm == round(to * MICRO)

    @given(st.lists(st.integers(-400, 400), max_size=8), st.sampled_from([10, 5, 1]))
    @settings(max_examples=40, deadline=None)
    def test_it_stays_on_the_step_and_within_its_bounds(self, turns: list[int], step: int) -> None:
        session = Scene(panel__tempo_step=step).session
        for steps in turns:
            session.nudge(steps)
            assert 30 * MICRO <= session.micro_bpm <= 300 * MICRO
            assert session.micro_bpm % (step * MICRO // 10) == 0

    def test_locked_the_turn_changes_nothing_and_says_so_once(self) -> None:
        scene = Scene(panel__lock=True)
        for _ in range(50):
            scene.turned(1)
        assert scene.session.micro_bpm == 120 * MICRO
        assert _told(scene.session, scene.now) == "Tempo is locked"
        assert _told(scene.session, scene.now + ANSWER_NS) == ""

    def test_locked_the_taps_still_set_the_tempo(self) -> None:
        assert Scene(panel__lock=True).tapped(400).session.micro_bpm == 150 * MICRO


class TestPattern:
    """A pattern comes at the next bar line; a tempo that was set stays."""

    def _with_tempo_of_its_own(self) -> Pattern:
        return Pattern("Own", Meter.of(4, 4), (Row("rim", "Xxxx"),), micro_bpm=90 * MICRO)

    def test_choosing_never_changes_a_tempo_that_was_set(self) -> None:
        scene = Scene().turned(3)
        scene.session.choose(self._with_tempo_of_its_own())
        assert scene.session.micro_bpm == 123 * MICRO

    def test_choosing_brings_its_tempo_where_none_was_ever_set(self) -> None:
        scene = Scene()
        scene.session.kept = scene.session.kept._replace(micro_bpm=0)
        scene.session.choose(self._with_tempo_of_its_own())
        assert scene.session.micro_bpm == 90 * MICRO

    def test_playing_it_waits_for_the_bar_line(self) -> None:
        scene = Scene().pressed(Gesture.START).later(SECOND)
        scene.session.choose(self._with_tempo_of_its_own())
        waiting = scene.session.waiting(scene.now)
        assert waiting is not None
        assert waiting.name == "Own"
        assert scene.session.section(scene.now).pattern.name == "4/4 Basic"
        scene.later(SECOND)
        assert scene.session.waiting(scene.now) is None
        assert scene.session.section(scene.now).pattern.name == "Own"

    def test_the_tempo_on_the_screen_names_the_beat_that_sounds(self) -> None:
        dotted = Scene("12/8 Blues").pressed(Gesture.START).later(SECOND)
        before = dotted.picture.crop((80, 12, 104, 22)).tobytes()
        dotted.session.choose(dotted.session.library.patterns["4/4 Basic"])
        assert dotted.picture.crop((80, 12, 104, 22)).tobytes() == before
        assert dotted.later(2 * SECOND).picture.crop((80, 12, 104, 22)).tobytes() != before

    def test_next_goes_round_the_list(self) -> None:
        scene = Scene()
        names = list(scene.session.library.patterns)
        scene.session.choose(scene.session.library.patterns[names[-1]])
        assert scene.pressed(Gesture.NEXT).session.pattern.name == names[0]

    def test_next_while_playing_is_a_fill_and_twice_two_bars(self) -> None:
        scene = Scene("Prog Rock 7/8").pressed(Gesture.START).later(SECOND)
        assert scene.pressed(Gesture.NEXT).session.fills_left(scene.now) == 1
        assert scene.pressed(Gesture.NEXT).session.fills_left(scene.now) == 2
        left = [scene.later(1750 * MS).session.fills_left(scene.now) for _ in range(3)]
        assert left == [2, 1, 0]

    def test_next_a_third_time_takes_the_fill_back_however_often_it_is_mashed(self) -> None:
        scene = Scene("Prog Rock 7/8").pressed(Gesture.START).later(SECOND)
        left = [scene.pressed(Gesture.NEXT).session.fills_left(scene.now) for _ in range(7)]
        assert left == [1, 2, 0, 1, 2, 0, 1]

    def test_next_in_the_first_bar_of_two_takes_back_the_second(self) -> None:
        scene = Scene("Prog Rock 7/8").pressed(Gesture.START).later(SECOND).pressed(Gesture.NEXT, Gesture.NEXT)
        scene.later(1750 * MS)
        assert scene.session.state.fills(scene.session.section(scene.now), scene.session.place(scene.now).bar)
        assert scene.pressed(Gesture.NEXT).session.fills_left(scene.now) == 1
        assert scene.later(1750 * MS).session.fills_left(scene.now) == 0

    def test_next_takes_back_a_fill_also_when_a_pattern_without_one_waits(self) -> None:
        scene = Scene("Prog Rock 7/8").pressed(Gesture.START).later(SECOND).pressed(Gesture.NEXT)
        scene.session.choose(scene.session.pattern._replace(name="Bare", fill=()))
        assert scene.session.fills_left(scene.now) == 1
        assert scene.pressed(Gesture.NEXT).session.fills_left(scene.now) == 0
        scene.pressed(Gesture.NEXT)
        assert _told(scene.session, scene.now) == "Bare: no fill"

    def test_while_the_last_fill_sounds_and_a_pattern_without_one_waits_next_says_that_there_is_none(self) -> None:
        scene = Scene("Prog Rock 7/8").pressed(Gesture.START).later(SECOND).pressed(Gesture.NEXT)
        scene.session.choose(scene.session.pattern._replace(name="Bare", fill=()))
        scene.later(1750 * MS)
        assert scene.session.fills_left(scene.now) == 1
        scene.pressed(Gesture.NEXT)
        assert _told(scene.session, scene.now) == "Bare: no fill"

    def test_no_fill_is_promised_in_a_pattern_that_has_none(self) -> None:
        scene = Scene("Prog Rock 7/8").pressed(Gesture.START).later(SECOND).pressed(Gesture.NEXT, Gesture.NEXT)
        bare = scene.session.pattern._replace(name="Bare", fill=())
        scene.session.choose(bare)  # it waits for the end of the fill that was asked for
        left = [scene.later(1750 * MS).session.fills_left(scene.now) for _ in range(3)]
        assert left == [2, 1, 0]
        scene.client.send("fill", bars=2)
        assert scene.session.fills_left(scene.now) == 0

    def test_a_pattern_without_a_fill_says_so(self) -> None:
        scene = Scene("4/4 Basic")
        bare = scene.session.pattern._replace(name="Bare", fill=())
        scene.session.choose(bare)
        scene.pressed(Gesture.START, Gesture.NEXT)
        assert _told(scene.session, scene.now) == "Bare: no fill"
        assert _sent(scene, "fill") == []


class TestNotices:
    """One after another, each as long as it takes to read; what answers the hand comes first."""

    def test_they_are_no_more_than_anybody_reads_and_the_first_stay(self) -> None:
        scene = Scene()
        for number in range(1000):
            scene.session.tell(f"Fault {number}")
        told = []
        while notice := scene.session.notice(scene.now):
            told.append(notice.text)
            scene.now = notice.until_ns
        assert told == [f"Fault {number}" for number in range(MOST_NOTICES)]

    def test_one_that_is_over_is_told_again_though_nothing_was_drawn_meanwhile(self) -> None:
        scene = Scene()
        scene.session.tell("once")
        scene.now += 2 * NOTICE_NS
        scene.session.tell("once")
        assert _told(scene.session, scene.now) == "once"

    def test_they_queue_and_go(self) -> None:
        scene = Scene()
        scene.session.tell("first")
        scene.session.tell("second")
        times = [0, NOTICE_NS - 1, NOTICE_NS, 2 * NOTICE_NS - 1, 2 * NOTICE_NS]
        assert [_told(scene.session, scene.now + at) for at in times] == ["first", "first", "second", "second", ""]

    def test_the_same_is_not_told_twice_in_a_row(self) -> None:
        scene = Scene()
        for _ in range(100):
            scene.session.tell("Not saved: No space left on device")
        assert _told(scene.session, scene.now) != ""
        assert _told(scene.session, scene.now + 3 * NOTICE_NS) == ""

    def test_a_long_one_stays_longer(self) -> None:
        scene = Scene()
        scene.session.tell("x" * 100)
        assert _told(scene.session, scene.now + NOTICE_NS + SECOND) != ""

    def test_an_answer_goes_before_what_waits_and_what_waits_is_not_lost(self) -> None:
        scene = Scene()
        scene.session.tell("settings.toml:7 broken")
        scene.session.answer("All notes off")
        assert _told(scene.session, scene.now) == "All notes off"
        assert _told(scene.session, scene.now + ANSWER_NS) == "settings.toml:7 broken"

    def test_a_refusal_of_the_engine_is_told(self) -> None:
        scene = Scene()
        scene.client.refusals.append("match: a list of at most 20 is wanted")
        scene.later(0)
        assert _told(scene.session, scene.now) == "match: a list of at most 20 is wanted"


class TestPorts:
    """The module is found by its profile, or chosen and remembered; its profile follows its port's name."""

    def test_the_profile_is_the_ports_and_its_voices_are_sent(self) -> None:
        scene = Scene()
        assert scene.session.profile.name == "SamplePad Pro"
        scene.client.ports = (NORD, VIRTUAL)
        scene.later(0)
        assert scene.session.profile.name == "Nord Drum"
        assert scene.session.state.voices == scene.session.profile.voices

    def test_an_unknown_module_plays_general_midi_and_a_chosen_profile_stays(self) -> None:
        scene = Scene()
        scene.client.ports = (PortView("module", "Foo:Foo MIDI 1", True),)
        assert scene.later(0).session.profile.name == "General MIDI"
        scene.session.choose_profile("Nord Drum")
        scene.client.ports = (PortView("module", PAD, True),)
        assert scene.later(0).session.profile.name == "Nord Drum"

    def test_a_chosen_port_is_kept_and_automatic_takes_it_back(self) -> None:
        scene = Scene().down("Ports", 1)
        assert scene.machine.state == "menu"
        assert scene.session.kept.port == PAD
        assert _sent(scene, "ports")[-1]["exact"] == PAD
        scene.pressed(Gesture.PRESS).turned(-5).pressed(Gesture.PRESS)
        assert scene.session.kept.port == ""
        assert _sent(scene, "ports")[-1]["exact"] == ""

    def test_the_module_that_sounds_is_remembered(self) -> None:
        scene = Scene()
        scene.client.ports = (NORD,)
        assert scene.later(0).session.kept.remembered == NORD.name

    def test_a_module_that_is_away_is_told_and_not_forgotten(self) -> None:
        scene = Scene()
        scene.client.ports = (PortView("module", PAD, False), VIRTUAL)
        scene.later(0)
        assert scene.session.fault == ("NO", "PAD")
        assert scene.session.kept.remembered == PAD
        scene.client.ports = (VIRTUAL,)
        assert scene.later(0).session.fault == ()
        scene.client.ports = ()
        assert scene.later(0).session.fault == ("NO", "MIDI")
        scene.client.there = False
        assert scene.later(0).session.fault == ("NO", "ENGINE")

    def test_the_profiles_of_the_user_are_looked_for_before_general_midi(self) -> None:
        scene = Scene()
        scene.session.choose_port("")
        match = _sent(scene, "ports")[-1]["match"]
        assert isinstance(match, list)
        assert match.index("SamplePad") < match.index("FLUID")

    def test_more_profiles_than_a_command_holds_are_no_reason_to_end(self) -> None:
        scene = Scene()
        for number in range(2 * MAX_MATCH):
            name = f"Module {number}"
            scene.session.library.profiles[name] = Profile(name, 10, {"rim": 37}, (name,))
        scene.session.choose_port("")
        match = _sent(scene, "ports")[-1]["match"]
        assert isinstance(match, list)
        assert len(match) == MAX_MATCH
        assert "SamplePad" in match

    def test_what_the_engine_would_not_take_is_told(self) -> None:
        scene = Scene()
        scene.session.choose_port("x" * 201)
        assert _told(scene.session, scene.now).startswith("exact: a text of at most 200 characters is wanted")


class TestVoices:
    """Choose, level, test hit, learn; edits go into the user's own copy with its comments."""

    def _saved(self, tmp_path: Path, scene: Scene) -> str:
        scene.later(2 * SECOND)
        return (tmp_path / "profiles" / "samplepad-pro.toml").read_text()

    def test_a_test_hit_sounds_the_role_at_its_level(self) -> None:
        scene = Scene().down("Voices", "rim", "Test hit")
        assert _sent(scene, "hit") == [{"note": 42, "channel": 10, "velocity": 127, "role": "rim"}]
        scene.session.set_level("rim", 50)
        scene.pressed(Gesture.PRESS)
        assert _sent(scene, "hit")[-1]["velocity"] == 63

    def test_another_role_begins_at_its_sound(self) -> None:
        scene = Scene().down("Voices", "rim").turned(2).pressed(Gesture.BACK).turned(1).pressed(Gesture.PRESS)
        assert scene.pressed(Gesture.PRESS).machine.state == "voice sound"
        scene.pressed(Gesture.PRESS).turned(1).pressed(Gesture.PRESS, Gesture.BACK)
        assert scene.pressed(Gesture.PRESS).machine.state == "voice level"  # back from an edit it is where it was

    def test_a_turned_sound_is_heard_and_goes_through_the_pads_in_their_order(self) -> None:
        scene = Scene().down("Voices", "rim", "Sound")
        pads = [scene.turned(-1).session.profile.pad_of(scene.session.voice("rim").note) for _ in range(3)]
        assert pads == ["P7", "P6", "P5"]
        assert [hit["note"] for hit in _sent(scene, "hit")] == [38, 36, 46]

    def test_every_note_can_be_reached(self) -> None:
        scene = Scene().down("Voices", "rim", "Sound").turned(-200)
        notes = {scene.session.voice("rim").note}
        for _ in range(127):
            notes.add(scene.turned(1).session.voice("rim").note)
        assert notes == set(range(128))

    def test_learn_takes_the_note_of_the_pad_that_is_hit(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path).down("Voices", "rim", "Learn")
        assert _sent(scene, "listen") == [{"on": True}]
        scene.client.heard.append(Heard(49, 10, 80, scene.now))
        assert scene.later(0).picture
        assert scene.machine.state == "voice"
        assert scene.session.voice("rim").note == 49
        assert _sent(scene, "listen")[-1] == {"on": False}
        assert _told(scene.session, scene.now) == "rim is P1"
        assert "rim     = 49  # P8" in self._saved(tmp_path, scene)

    @pytest.mark.parametrize("way", [Gesture.PRESS, Gesture.BACK, Gesture.HOME])
    def test_learning_ends_however_it_is_left(self, way: Gesture) -> None:
        scene = Scene().down("Voices", "rim", "Learn").pressed(way)
        assert _sent(scene, "listen")[-1] == {"on": False}
        scene.client.heard.append(Heard(49, 10, 80, scene.now))
        assert scene.later(0).picture
        assert scene.session.voice("rim").note == 42

    def test_edits_go_into_the_users_own_copy_with_its_comments(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path)
        scene.session.set_note("rim", 38)
        scene.session.set_level("rim", 80)
        scene.session.set_note("openhat", 46)  # the module has none of its own
        shipped = load_library(None).sources["profiles", "SamplePad Pro"].read_text()
        saved = self._saved(tmp_path, scene)
        expected = shipped.replace("rim     = 42  # P8", "rim     = 38  # P8")
        expected = expected.replace("crash   = 49  # P1\n", "crash   = 49  # P1\nopenhat = 46\n")
        assert saved.startswith(expected.rstrip("\n"))
        assert tomllib.loads(saved)["levels"] == {"rim": 80}
        again = load_library(tmp_path)
        assert again.faults == ()
        assert again.profiles["SamplePad Pro"].voice("rim")[1:] == (38, 10, 80)

    def test_edits_of_two_profiles_do_not_get_into_each_other(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path)
        scene.session.set_note("rim", 38)
        scene.session.choose_profile("General MIDI")
        scene.session.set_note("rim", 39)
        scene.later(2 * SECOND)
        loaded = load_library(tmp_path)
        assert loaded.faults == ()
        assert (loaded.profiles["SamplePad Pro"].notes["rim"], loaded.profiles["General MIDI"].notes["rim"]) == (38, 39)

    def test_edits_go_into_the_users_file_whatever_it_is_called(self, tmp_path: Path) -> None:
        (tmp_path / "profiles").mkdir()
        mine = tmp_path / "profiles" / "my-kit.toml"
        mine.write_text('# mine\nname = "My Kit"\nmatch = ["SamplePad"]\n[notes]\nrim = 60  # the good one\n')
        scene = Scene(data=tmp_path)
        loaded = load_library(tmp_path)
        scene.session.library = loaded
        scene.session.choose_profile("My Kit")
        scene.session.set_note("rim", 61)
        scene.later(2 * SECOND)
        assert [path.name for path in sorted(mine.parent.glob("*.toml"))] == ["my-kit.toml"]
        assert "# mine" in mine.read_text()
        assert "rim = 61  # the good one" in mine.read_text()

    def test_a_file_that_was_broken_meanwhile_is_left_and_told(self, tmp_path: Path) -> None:
        (tmp_path / "profiles").mkdir()
        mine = tmp_path / "profiles" / "mine.toml"
        mine.write_text('name = "Mine"\n[notes]\nrim = 60\n')
        scene = Scene(data=tmp_path)
        scene.session.library = load_library(tmp_path)
        scene.session.choose_profile("Mine")
        text = 'name = "Mine"\n[notes\nrim = 60\n'
        mine.write_text(text)
        scene.session.set_note("rim", 61)
        scene.later(2 * SECOND)
        assert mine.read_text() == text
        assert _told(scene.session, scene.now).startswith("Not saved: ")

    def test_a_note_that_has_become_a_table_meanwhile_is_left_and_told(self, tmp_path: Path) -> None:
        (tmp_path / "profiles").mkdir()
        mine = tmp_path / "profiles" / "mine.toml"
        mine.write_text('name = "Mine"\n[notes]\nrim = 60\n')
        scene = Scene(data=tmp_path)
        scene.session.library = load_library(tmp_path)
        scene.session.choose_profile("Mine")
        mine.write_text('name = "Mine"\n[notes.rim]\nx = 1\n')
        scene.session.set_note("rim", 61)
        scene.later(2 * SECOND)
        assert _told(scene.session, scene.now).startswith("Not saved: ")


class TestAnyEngine:
    """What an engine tells is shown, and costs no more than it is worth."""

    @pytest.mark.parametrize(("first", "last", "left"), [(-1, 0, 2), (2, 1 << 42, 16), (1 << 42, 1 << 42, 0)])
    def test_fills_that_no_drummer_asked_for(self, first: int, last: int, left: int) -> None:
        scene = Scene().pressed(Gesture.START).later(0)
        scene.client.state = scene.client.state._replace(fill_first=first, fill_last=last)
        before_ns = scene.now - 3 * SECOND  # a count-in: bars before the first section
        assert scene.session.fills_left(before_ns if first < 0 else scene.now) == left


class TestKept:
    """What changes is marked while playing, and written when the hand has been still."""

    def test_it_is_marked_until_it_is_written(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path).pressed(Gesture.START)
        assert not scene.session.unsaved
        scene.turned(4).later(900 * MS)
        assert scene.session.unsaved
        assert not (tmp_path / KEPT_FILE).exists()
        scene.later(200 * MS).later(0)
        assert not scene.session.unsaved
        assert tomllib.loads((tmp_path / KEPT_FILE).read_text())["bpm"] == 124.0
        assert scene.session.playing

    def test_a_card_that_takes_its_time_keeps_nobody_waiting(self, tmp_path: Path) -> None:
        """And what is changed meanwhile is not taken for written."""
        scene = Scene(data=tmp_path)
        waiting: list[Callable[[], None]] = []

        def later(work: Callable[[], None]) -> Callable[[], None]:
            waiting.append(work)
            return work

        scene.session.changes.behind = later
        scene.turned(1).later(2 * SECOND)
        scene.session.set_level("rim", 70)
        scene.turned(1).later(20 * SECOND)
        assert len(waiting) == 1
        assert not (tmp_path / KEPT_FILE).exists()
        waiting.pop()()
        scene.later(0)
        assert tomllib.loads((tmp_path / KEPT_FILE).read_text())["bpm"] == 121.0
        assert scene.session.changes
        scene.later(0)
        waiting.pop()()
        scene.later(0)
        assert not scene.session.changes
        assert tomllib.loads((tmp_path / KEPT_FILE).read_text())["bpm"] == 122.0
        assert "rim = 70" in next((tmp_path / "profiles").glob("*.toml")).read_text()

    def test_the_end_waits_for_what_is_being_written(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path)
        scene.session.changes.behind = lambda work: work
        scene.turned(1).later(2 * SECOND).turned(1)
        scene.session.save()
        assert tomllib.loads((tmp_path / KEPT_FILE).read_text())["bpm"] == 122.0
        assert not scene.session.changes

    def test_in_a_thread_of_its_own(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path)
        ends: list[Callable[[], None]] = []

        def begin(work: Callable[[], None]) -> Callable[[], None]:
            ends.append(in_a_thread(work))
            return ends[-1]

        scene.session.changes.behind = begin
        scene.turned(1).later(2 * SECOND)
        ends.pop()()
        scene.later(0)
        assert not scene.session.changes
        assert tomllib.loads((tmp_path / KEPT_FILE).read_text())["bpm"] == 121.0

    def test_stopped_it_is_written_once_the_hand_is_still(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path).turned(1).later(900 * MS).turned(1).later(900 * MS)
        assert not (tmp_path / KEPT_FILE).exists()
        scene.later(200 * MS)
        assert tomllib.loads((tmp_path / KEPT_FILE).read_text())["bpm"] == 122.0

    def test_a_setting_is_written_into_its_line(self, tmp_path: Path) -> None:
        scene = Scene(data=tmp_path)
        scene.session.set("click.count_in", 2)
        scene.later(2 * SECOND)
        assert "count_in = 2  # bars counted before the first" in (tmp_path / SETTINGS_FILE).read_text()

    def test_a_save_that_fails_is_told_and_survived(self, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("not a folder")
        scene = Scene(data=blocked / "data").turned(1).later(2 * SECOND)
        assert _told(scene.session, scene.now).startswith("Not saved: ")
        assert scene.session.micro_bpm == 121 * MICRO

    def test_after_a_start_on_defaults_the_files_from_before_are_kept(self, tmp_path: Path) -> None:
        (tmp_path / KEPT_FILE).write_text('pattern = "Seven up"\n')
        scene = Scene(data=tmp_path)
        scene.session.changes.copy_first = {KEPT_FILE, SETTINGS_FILE}
        for _ in range(3):
            scene.turned(1).later(2 * SECOND)
        assert (tmp_path / f"{KEPT_FILE}.before").read_text() == 'pattern = "Seven up"\n'
        assert tomllib.loads((tmp_path / KEPT_FILE).read_text())["bpm"] == 123.0
        assert not (tmp_path / f"{KEPT_FILE}.before1").exists()


class _FoundClient(EngineClient):
    """An engine client that reports what it is told to, once."""

    def __init__(self, state: PlayerState, news: News) -> None:
        super().__init__(state, lambda: 0)
        self.news: News | None = news
        self.names: list[str] = []

    def send(self, name: str, stamp_ns: int = 0, /, **arguments: object) -> None:
        """Keep the name."""
        self.names.append(name)

    def tend(self) -> News | None:
        """The news, once."""
        news, self.news = self.news, None
        return news


@pytest.mark.parametrize(
    ("news", "resumed", "names"),
    [
        (News.FRESH, False, ["ports", "spin", "pattern", "gate", "clock", "fill every", "levels"]),
        (News.FRESH, True, ["ports", "spin"]),
        (News.RUNNING, False, ["ports"]),
        (News.LOST, False, []),
    ],
)
def test_an_engine_is_told_what_it_does_not_know(news: News, resumed: bool, names: list[str]) -> None:
    scene = Scene()
    client = _FoundClient(stopped_state(scene.session.pattern, 120 * MICRO, 0), news)
    client.resumed = resumed
    old = scene.session
    Session(client, old.library, Belongings(old.settings, old.kept), None, lambda: 0).tend()
    assert client.names == names


def test_the_kept_text_is_toml_for_any_name() -> None:
    kept = Scene().session.kept._replace(pattern='A "quoted" \\ name', port="é")
    assert TomlText(kept.text.encode(), "x").data["pattern"] == 'A "quoted" \\ name'


def test_hundreds_of_patterns_are_not_listed_anew_with_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    own = {f"Own {n}": scene.session.pattern._replace(name=f"Own {n}", family="grooves") for n in range(500)}
    scene.session.library.patterns.update(own)
    scene.down("Patterns")
    made: list[str] = []
    monkeypatch.setattr(patterns, "Line", lambda *row: made.append(row[0]))
    for _ in range(3):
        before, after = scene.picture, scene.turned(1).picture
        assert before.tobytes() != after.tobytes()
    assert made == []
    monkeypatch.undo()
    scene.turned(1000).pressed(Gesture.PRESS)
    assert scene.session.pattern.name == "Own 499"
