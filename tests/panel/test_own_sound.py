"""What the drummer chose of the box's own sound: told once a frame, and again to whichever comes, and kept."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from panel.adjusted import SOUNDS_FILE, Adjusted
from panel.controls import Gesture, Turn
from panel.engine.wire import PortView
from panel.gallery import PAD, Scene
from panel.kept import KEPT_FILE, Kept, parse_kept
from panel.own_sound import OwnSound
from panel.settings import SETTINGS_FILE, Settings
from panel.sound.client import NO_ANSWER, NOT_INSTALLED, SILENT_NS, SoundClient
from panel.sound.wire import CLICK, FIRST_LEVELS, KIT, SOCKET, PatchParam
from panel.stillsound import CARD, StillSound
from tests.panel.stage import MS, SECOND, Stage
from tests.sound.fake import Child, FakeSound

VIRTUAL, OWN = PortView("virtual", "DrumAssist", True), PortView("sound", "Own sound", True)
MODULE = PortView("module", PAD, True)
AWAY = PortView("module", PAD, False)
EVERYTHING = ["device", "mix", "pads"]
PLAIN_MIX = dict(FIRST_LEVELS)


def _told(scene: Scene) -> list[str]:
    """Every notice from now on, in order."""
    now, found = scene.now, list[str]()
    while notice := scene.session.notice(now):
        found.append(notice.text)
        now = notice.until_ns
    return found


def _begun(scene: Scene, **changes: Any) -> Scene:
    scene.sound.begin(**changes)
    scene.later(0)
    scene.sound.sent.clear()
    return scene


def _sent(scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    found = list(scene.sound.sent)
    scene.sound.sent.clear()
    return found


def _names(scene: Scene) -> list[str]:
    return [name for name, _ in _sent(scene)]


class TestOnTheSocket:
    """From a detent to the line that the sound reads."""

    def stage(self, path: Path) -> tuple[Stage, FakeSound]:
        stage, sound = Stage(), FakeSound(str(path / SOCKET))
        client = SoundClient(lambda: stage.now, None, str(path / SOCKET))
        stage.session.sound = OwnSound(client, Adjusted(), stage.session, lambda: stage.now)
        stage.run(300 * MS)
        sound.step()
        stage.run(300 * MS)
        return stage, sound.step()

    def test_a_new_sound_is_told_everything(self, tmp_path: Path) -> None:
        _, sound = self.stage(tmp_path)
        assert sound.names() == ["watch", *EVERYTHING]

    def test_the_mixers_click_fader(self, tmp_path: Path) -> None:
        stage, sound = self.stage(tmp_path)
        sound.names()
        stage.down("Sound", "Mixer").press()
        stage.hand(*(Turn(-1, stage.now) for _ in range(7))).run(SECOND)
        commands = sound.step().commands
        assert [(c.name, c.arguments) for c in commands] == [
            ("mix", {"levels": PLAIN_MIX | {"click": PLAIN_MIX["click"] - 28}})
        ]

    def test_it_dies_and_comes_back_and_is_told_everything_again(self, tmp_path: Path) -> None:
        stage, sound = self.stage(tmp_path)
        stage.session.set("mixer.synth", 20)
        sound.die()
        stage.run(SECOND)
        assert stage.session.sound.silence == "not running"
        sound = FakeSound(str(tmp_path / SOCKET))
        stage.run(300 * MS)
        sound.step()
        stage.run(300 * MS)
        mix = next(command for command in sound.step().commands if command.name == "mix")
        assert mix.arguments == {"levels": PLAIN_MIX | {"synth": 20}}
        assert stage.session.sound.silence == ""

    def test_no_sound_is_begun_before_there_is_an_engine(self, tmp_path: Path) -> None:
        stage, children = Stage(), list[Child]()

        def spawn() -> Child:
            children.append(Child())
            return children[-1]

        client = SoundClient(lambda: stage.now, spawn, str(tmp_path / SOCKET))
        stage.session.sound = OwnSound(client, Adjusted(), stage.session, lambda: stage.now)
        stage.client.there = False
        stage.run(3 * SECOND)
        assert children == []
        stage.client.there = True
        stage.run(SECOND)
        assert len(children) == 1
        assert stage.session.sound.silence == "starting"


class TestTold:
    """What the process is told, and when."""

    def test_a_new_process_is_told_all_that_was_chosen(self) -> None:
        scene = Scene(mixer__kit=40, sound__device="USB", sound__pads="synth")
        own = scene.session.sound
        scene.session.kept = scene.session.kept._replace(click_kit="Click", kit="Electric 808", patch="Square")
        own.adjusted.set_level("Acoustic", "snare", 60)
        own.adjusted.set_choke("Acoustic", "crash", "")
        own.adjusted.set_value("Square", "width", 0.3)
        scene.sound.begin()
        scene.session.tend()
        assert _sent(scene) == [
            ("device", {"name": "USB"}),
            ("mix", {"levels": PLAIN_MIX | {"kit": 40}}),
            ("adjust", {"kit": "Acoustic", "levels": {"snare": 60}, "chokes": {"crash": ""}}),
            ("kit", {"bus": "click", "name": "Click"}),
            ("kit", {"bus": "kit", "name": "Electric 808"}),
            ("patch", {"name": "Square"}),
            ("params", {"patch": "Square", "values": {"width": 0.3}}),
            ("pads", {"play": "synth", "port": PAD}),
        ]

    def test_while_there_is_none_what_is_turned_is_kept_and_told_to_the_next(self) -> None:
        scene = Scene()
        scene.session.set("mixer.click", 12)
        scene.session.sound.choose_kit(KIT, "Electric 808")
        scene.later(0)
        scene.sound.begin()
        scene.later(0)
        told = dict(_sent(scene))
        assert told["mix"] == {"levels": PLAIN_MIX | {"click": 12}}
        assert told["kit"] == {"bus": "kit", "name": "Electric 808"}

    def test_each_thing_is_told_once_a_frame_and_what_was_turned_last_is_told_last(self) -> None:
        scene = _begun(Scene())
        own = scene.session.sound
        for percent in (96, 92, 88):
            own.set_level("Acoustic", "snare", percent)
            own.set_level("Acoustic", "kick", percent)
            own.audition(KIT, 36)
            own.audition(KIT, 38)
        assert _sent(scene) == []
        scene.later(0)
        assert _sent(scene) == [
            ("adjust", {"kit": "Acoustic", "levels": {"snare": 88, "kick": 88}, "chokes": {}}),
            ("audition", {"bus": "kit", "note": 38, "velocity": 100}),
        ]

    def test_a_kit_or_patch_that_comes_is_told_what_was_turned_of_it(self) -> None:
        scene = _begun(Scene())
        own = scene.session.sound
        own.adjusted.set_level("Electric 808", "clap", 20)
        own.adjusted.set_value("Square", "width", 0.1)
        own.adjusted.set_value("Square", "which it had once", 7)
        scene.sound.send("kit", bus="kit", name="Electric 808")  # from a second panel
        scene.sound.send("patch", name="Square")
        _sent(scene)
        scene.later(0)
        assert _sent(scene) == [
            ("adjust", {"kit": "Electric 808", "levels": {"clap": 20}, "chokes": {}}),
            ("params", {"patch": "Square", "values": {"width": 0.1}}),
        ]
        assert _sent(scene.later(SECOND)) == []

    def test_a_patch_that_is_chosen_is_heard_when_it_is_there_and_not_for_ever(self) -> None:
        scene = _begun(Scene())
        scene.sound.stuck = True
        scene.session.sound.choose_patch("Organ")
        assert _names(scene.later(0)) == ["patch"]
        assert _names(scene.later(SECOND)) == []
        scene.sound.stuck = False
        scene.sound.send("patch", name="Organ")
        _sent(scene)
        assert _sent(scene.later(0)) == [("audition", {"bus": "synth", "note": 60, "velocity": 100})]
        scene.sound.stuck = True
        scene.session.sound.choose_patch("Square")
        scene.later(3 * SECOND)
        scene.sound.stuck = False
        scene.sound.send("patch", name="Square")
        _sent(scene)
        assert _names(scene.later(0)) == []

    def test_the_pads_of_whichever_module_is_there_play(self) -> None:
        scene = _begun(Scene())
        scene.session.set("sound.pads", "kit")
        assert _sent(scene.later(0)) == [("pads", {"play": "kit", "port": PAD})]
        scene.client.ports = (AWAY, VIRTUAL)
        scene.later(0).later(0)
        assert _sent(scene.later(0)) == [("pads", {"play": "kit", "port": ""})]

    def test_panic_silences_it_too(self) -> None:
        assert _names(_begun(Scene()).down("Panic")) == ["panic"]

    def test_where_the_click_goes_is_told_the_engine(self) -> None:
        scene = Scene()
        scene.client.sent.clear()
        scene.session.set("sound.click_to", "both")
        scene.session.set("sound.on", "off")
        ports = [arguments for name, arguments in scene.client.sent if name == "ports"]
        assert [each["click_to"] for each in ports] == ["both", "module"]

    def test_a_test_hit_says_which_role_it_is(self) -> None:
        scene = Scene().down("Voices", "rim", "Test hit")
        assert [arguments["role"] for name, arguments in scene.client.sent if name == "hit"] == ["rim"]


class TestToldTheDrummer:
    """Faults come to the screen, once."""

    def test_a_refusal(self) -> None:
        scene = _begun(Scene())
        scene.sound.refusals.append("there is no kit 'X'")
        assert _told(scene.later(0)) == ["Sound: there is no kit 'X'"]
        assert scene.sound.refusals == []

    def test_what_the_sound_would_not_take(self) -> None:
        scene = _begun(Scene())
        scene.session.sound.adjusted.set_value("Supersaw", "cutoff", 2e9)
        scene.session.sound.choose_patch("Supersaw")
        assert _told(scene.later(0))[0].startswith("Sound: values: a number is wanted")

    def test_a_fault_of_a_file_once_and_again_when_it_comes_again(self) -> None:
        scene = _begun(Scene())
        fault = "lead.py:3: no such name"
        scene.sound.begin(fault=fault, faults=("kit.toml:1:1: no",))
        assert _told(scene.later(0)) == ["kit.toml:1:1: no", fault]
        assert _told(scene.later(60 * SECOND)) == []
        scene.sound.begin()
        scene.later(0)
        scene.sound.begin(fault=fault)
        assert _told(scene.later(0)) == [fault]

    def test_of_its_path_only_what_a_small_screen_needs(self) -> None:
        scene = _begun(Scene())
        scene.sound.begin(fault="/var/lib/drumassist/patches/lead.py:3: a: b/c/d", faults=("no path",))
        assert _told(scene.later(0)) == ["no path", "patches/lead.py:3: a: b/c/d"]
        assert scene.session.sound.patch_fault == "patches/lead.py:3: a: b/c/d"
        assert scene.session.sound.kit_faults == ["no path"]

    def test_a_kit_and_a_patch_that_are_gone_and_what_sounds_is_shown(self) -> None:
        scene = Scene()
        scene.session.kept = scene.session.kept._replace(kit="Gone", patch="Lost")
        scene.sound.begin()
        scene.session.tend()
        assert _told(scene) == ["No kit 'Gone'", "No patch 'Lost'"]
        assert _names(scene) == EVERYTHING
        own = scene.session.sound
        assert (own.kit_of(KIT), own.kit_of(CLICK), own.patch) == ("Acoustic", "Click", "Supersaw")

    @pytest.mark.parametrize(("module", "to", "told"), [
        ((VIRTUAL,), "auto", True),
        ((AWAY, VIRTUAL), "both", True),
        ((MODULE, VIRTUAL), "auto", False),
        ((VIRTUAL,), "module", False),
    ])  # fmt: skip
    def test_that_there_is_none_once_and_only_where_nothing_else_sounds(
        self, module: tuple[PortView, ...], to: str, told: bool
    ) -> None:
        scene = Scene(sound__click_to=to)
        scene.client.ports = module
        scene.later(0)
        scene.sound.problem = NOT_INSTALLED
        assert _told(scene.later(SECOND)) == [f"No own sound: {NOT_INSTALLED}"] * told
        assert _told(scene.later(100 * SECOND)) == []
        assert scene.session.fault == (("NO", "PAD") if AWAY in module else ())


CLICKS = [  # ports, where to, whether the own sound has a card: the marks, the fault
    ((VIRTUAL, OWN), "auto", True, ["BOX"], ()),
    ((MODULE, VIRTUAL, OWN), "auto", True, ["PAD"], ()),
    ((MODULE, VIRTUAL, OWN), "both", True, ["PAD", "BOX"], ()),
    ((MODULE, VIRTUAL, OWN), "box", True, ["BOX"], ()),
    ((AWAY, VIRTUAL, OWN), "auto", True, ["BOX"], ("NO", "PAD")),
    ((AWAY, VIRTUAL, OWN), "both", True, ["BOX"], ("NO", "PAD")),
    ((AWAY, VIRTUAL, OWN), "box", True, ["BOX"], ()),
    ((AWAY, VIRTUAL, OWN), "module", True, [], ("NO", "PAD")),
    ((VIRTUAL, OWN), "module", True, ["MIDI"], ()),
    ((VIRTUAL,), "auto", False, ["MIDI"], ()),
    ((VIRTUAL,), "both", False, ["MIDI"], ()),
    ((VIRTUAL,), "box", False, [], ("NO", "SOUND")),
    ((MODULE, VIRTUAL), "box", False, [], ("NO", "SOUND")),
    ((MODULE, VIRTUAL), "both", False, ["PAD"], ()),
    ((OWN,), "auto", True, ["BOX"], ()),
    ((OWN,), "both", True, ["BOX"], ()),
    ((OWN,), "module", True, [], ("NO", "MIDI")),
    ((), "auto", False, [], ("NO", "MIDI")),
]


class _Words:
    """A canvas that keeps the marks."""

    def __init__(self) -> None:
        self.marks: list[str] = []

    def right(self, x: int, y: int, text: str, *_: object, **__: object) -> None:
        self.marks.append(text)

    def label(self, *_: object) -> None:
        """A fault."""


@pytest.mark.parametrize(("ports", "to", "has_card", "marks", "fault"), CLICKS)
def test_live_says_where_the_click_goes_and_what_is_wrong_with_that(
    ports: tuple[PortView, ...], to: str, has_card: bool, marks: list[str], fault: tuple[str, ...]
) -> None:
    scene = Scene(sound__click_to=to)
    scene.sound.begin(**({} if has_card else {"problem": "no sound card", "device": ""}))
    scene.client.ports = ports
    scene.later(0).later(0)
    words = _Words()
    scene.machine.screen._draw_marks(words, scene.now)  # type: ignore[attr-defined]
    assert (words.marks, scene.session.fault) == (marks, fault)


def test_one_that_hangs_does_not_click_and_that_is_told(tmp_path: Path) -> None:
    stage, sound = Stage(), FakeSound(str(tmp_path / SOCKET))
    client = SoundClient(lambda: stage.now, None, str(tmp_path / SOCKET))
    stage.session.sound = OwnSound(client, Adjusted(), stage.session, lambda: stage.now)
    stage.client.ports = (VIRTUAL, OWN)
    for _ in range(2):
        stage.run(300 * MS)
        sound.step()
    assert stage.session.box_clicks
    stage.run(SILENT_NS + SECOND)
    assert (stage.session.box_clicks, stage.session.sound.silence) == (False, NO_ANSWER)
    sound.tell(load=7)
    stage.run(300 * MS)
    assert stage.session.box_clicks


class TestSwitchedOff:
    """`sound.on = "off"`: it is ended, and nothing comes of it but that it is kept."""

    def test_it_ends_and_comes_again(self) -> None:
        scene = _begun(Scene())
        scene.session.set("sound.on", "off")
        scene.later(0)
        assert (scene.sound.closed, scene.sound.view) == (1, None)
        assert scene.session.sound.silence == "off in Settings"
        scene.session.set("mixer.click", 4)
        assert _told(scene.later(10 * SECOND)) == []
        scene.session.set("sound.on", "auto")
        scene.sound.begin()
        assert dict(_sent(scene.later(0)))["mix"] == {"levels": PLAIN_MIX | {"click": 4}}

    def test_one_that_was_started_is_told_to_end_and_seen_to_go(self, tmp_path: Path) -> None:
        stage, sound = Stage(), FakeSound(str(tmp_path / SOCKET))
        client = SoundClient(lambda: stage.now, Child, str(tmp_path / SOCKET))
        stage.session.sound = OwnSound(client, Adjusted(), stage.session, lambda: stage.now)
        for _ in range(2):
            stage.run(300 * MS)
            sound.step()
        sound.names()
        stage.session.set("sound.on", "off")
        stage.run(SECOND)
        assert sound.step().names() == ["quit"]
        assert client.fileno() >= 0
        sound.die()
        stage.run(SECOND)
        assert client.fileno() == -1
        assert client._child is None


class TestKept:
    """It comes back after a power cut."""

    def test_choices_levels_and_values_are_in_their_files(self, tmp_path: Path) -> None:
        scene = _begun(Scene(data=tmp_path))
        scene.down("Sound", "Mixer", 3).turned(-5)
        own = scene.session.sound
        own.choose_kit(KIT, "Electric 808")
        own.choose_patch("Square")
        own.set_level("Electric 808", "clap", 40)
        own.set_choke("Electric 808", "clap", "A")
        scene.later(0)
        own.turn_param(own.params[0], 4)
        scene.later(2 * SECOND)
        assert tomllib.loads((tmp_path / SETTINGS_FILE).read_text())["mixer"] == PLAIN_MIX | {
            "master": PLAIN_MIX["master"] - 20
        }
        kept = tomllib.loads((tmp_path / KEPT_FILE).read_text())
        assert (kept["kit"], kept["patch"], "click_kit" in kept) == ("Electric 808", "Square", False)
        assert tomllib.loads((tmp_path / SOUNDS_FILE).read_text()) == {
            "kit Electric 808": {"level clap": 40, "choke clap": "A"},
            "patch Square": {"width": 0.54},
        }

    def test_the_choices_are_read_again(self) -> None:
        kept = Kept("4/4 Basic", click_kit='My "kit"', patch="Organ")
        assert parse_kept(kept.text.encode(), "x") == kept

    def test_the_rows_have_what_the_protocol_takes(self) -> None:
        text = Settings().text
        assert tomllib.loads(text)["sound"] == {"on": "auto", "click_to": "auto", "pads": "nothing", "device": ""}
        assert tomllib.loads(text)["mixer"] == PLAIN_MIX


def test_what_is_turned_is_shown_before_the_sound_has_said_so() -> None:
    scene = _begun(Scene())
    scene.sound.stuck = True
    own = scene.session.sound
    own.set_level("Acoustic", "snare", 60)
    own.turn_param(own.params[0], 9)
    assert [sound.level for sound in own.sounds_of(KIT) if sound.name == "snare"] == [60]
    assert own.params[0].value == 1880


def test_a_value_outside_the_range_that_a_patch_has_now_is_shown_at_its_end() -> None:
    scene = _begun(Scene())
    scene.session.sound.adjusted.set_value("Supersaw", "cutoff", 20)
    assert scene.session.sound.params[0] == PatchParam("cutoff", 80, 1200, 80, 12000, "Hz")


def test_all_parameters_go_back_to_what_the_patch_says(tmp_path: Path) -> None:
    scene = _begun(Scene(data=tmp_path))
    own = scene.session.sound
    own.turn_param(own.params[0], 9)
    own.turn_param(own.params[1], -3)
    scene.later(0)
    _sent(scene)
    scene.down("Sound", "Synth", "Reset")
    told = dict(_sent(scene))
    assert told["params"]["values"] == {"cutoff": 1200, "resonance": 0.3, "detune": 12, "attack": 0.01}
    assert "audition" in told
    scene.later(2 * SECOND)
    assert tomllib.loads((tmp_path / SOUNDS_FILE).read_text()) == {"patch Supersaw": {}}


def test_a_session_without_a_client_has_none_and_minds_nothing() -> None:
    scene = Scene()
    scene.session.sound = OwnSound(None, Adjusted(), scene.session, lambda: scene.now)
    scene.later(0).down("Sound", "Mixer", 1).turned(-3).pressed(Gesture.BACK, Gesture.HOME)
    scene.session.sound.end()
    scene.session.sound.see_end(lambda client: pytest.fail("there is none"))
    assert (scene.session.sound.silence, scene.session.sound.fileno()) == ("not running", -1)


def test_a_card_is_chosen(tmp_path: Path) -> None:
    scene = _begun(Scene(data=tmp_path)).down("Sound", "Sound card", 2)
    assert _sent(scene) == [("device", {"name": CARD})]
    assert (scene.machine.state, scene.session.settings["sound.device"]) == ("sound", CARD)
    scene.pressed(Gesture.HOME).down("Sound", "Sound card", -1)
    scene.sound.begin(devices=("HDMI",))
    scene.session.set("sound.device", "Pulled out")
    scene.later(0).pressed(Gesture.HOME).down("Sound", "Sound card")
    lines = scene.machine.screen.lines  # type: ignore[attr-defined]
    assert [(line.label, line.value) for line in lines] == [("The system's", ""), ("HDMI", ""), ("Pulled out", "away")]


def test_the_still_sound_takes_only_what_the_protocol_does() -> None:
    sound = StillSound(lambda: 0)
    sound.begin()
    with pytest.raises(ValueError, match="there is no command"):
        sound.send("explode")
