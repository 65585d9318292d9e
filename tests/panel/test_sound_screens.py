"""Mixer, kits, synth and sound card: every row, what is heard of it, and what they say where there is no sound."""

from __future__ import annotations

from typing import Any

import pytest

from panel.controls import Gesture
from panel.engine.wire import PortView
from panel.gallery import Scene
from panel.screens.listing import Line, ListScreen
from panel.screens.menu import Menu
from panel.screens.mixer import KNOBS
from panel.sound.client import NOT_INSTALLED
from panel.sound.wire import CLICK, FIRST_LEVELS, KIT, STARTING, KitSound, PatchParam
from panel.stillsound import KITS, PATCHES
from tests.panel.stage import SECOND
from tests.panel.test_frames import _Inks
from tests.test_manual import _Read

VIRTUAL, OWN = PortView("virtual", "DrumAssist", True), PortView("sound", "Own sound", True)


def _at(*rows: int | str, **changes: Any) -> Scene:
    """The own sound is there, and a row of it is opened."""
    scene = Scene()
    scene.sound.begin(**changes)
    scene.client.ports = (VIRTUAL, OWN)
    scene.later(0).later(0).down("Sound", *rows)
    scene.sound.sent.clear()
    return scene


def _sent(scene: Scene, name: str = "") -> list[Any]:
    found = [arguments for sent, arguments in scene.sound.sent if sent == name]
    scene.sound.sent.clear()
    return found


def _lines(scene: Scene) -> list[Line]:
    screen = scene.machine.screen
    assert isinstance(screen, ListScreen)
    return screen.lines


def _written(scene: Scene) -> list[str]:
    canvas = _Read()
    scene.machine.draw(canvas, scene.now)
    return canvas.texts


class TestMixer:
    def test_a_fader_moves_only_while_it_is_held(self) -> None:
        scene = _at("Mixer").turned(1)
        assert _sent(scene, "mix") == []
        scene.pressed(Gesture.PRESS).turned(-5)
        assert _sent(scene, "mix") == [{"levels": FIRST_LEVELS | {"kit": 60}}]
        scene.pressed(Gesture.PRESS).turned(-1)
        assert (scene.machine.state, _sent(scene, "mix")) == ("mixer", [])
        scene.pressed(Gesture.PRESS).turned(90)
        assert scene.session.settings["mixer.click"] == 100
        scene.turned(-90).turned(1)
        assert scene.session.settings["mixer.click"] == 4

    @pytest.mark.parametrize(("place", "id", "values"), [
        (4, "sound.click_to", ["auto", "module", "box", "both", "both"]),
        (5, "sound.pads", ["nothing", "kit", "synth", "synth"]),
    ])  # fmt: skip
    def test_where_the_click_goes_and_what_the_pads_play(self, place: int, id: str, values: list[str]) -> None:
        scene = _at("Mixer", place)
        assert [scene.turned(min(step, 1)).session.settings[id] for step in range(len(values))] == values
        scene.pressed(Gesture.BACK, Gesture.BACK)
        assert scene.machine.state == "sound"

    def test_the_hand_stops_at_the_ends_and_comes_back_to_where_it_was(self) -> None:
        scene = _at("Mixer").turned(-9).pressed(Gesture.PRESS).turned(-1)
        assert scene.session.settings["mixer.click"] == 96
        scene.pressed(Gesture.BACK).turned(99).pressed(Gesture.BACK, Gesture.PRESS, Gesture.PRESS).turned(2)
        assert (scene.machine.state, scene.session.settings["sound.pads"]) == ("mixer held", "synth")

    def test_every_step_of_everything_is_another_picture(self) -> None:
        for place in range(len(KNOBS)):
            scene = _at("Mixer", place).turned(-30)
            pictures = [scene.picture.tobytes()] + [scene.turned(1).picture.tobytes() for _ in range(25)]
            assert len(set(pictures)) == (26 if place < 4 else len(set(pictures[:5])))

    def test_without_sound_it_says_why_and_the_click_can_be_sent_elsewhere(self) -> None:
        scene = _at("Mixer", problem="no sound card", device="").later(20 * SECOND)
        assert {"No own sound", "no sound card"} <= set(_written(scene))
        scene.turned(-9).pressed(Gesture.PRESS).turned(1)
        assert scene.session.settings["sound.click_to"] == "module"
        assert {bus: scene.session.settings[f"mixer.{bus}"] for bus in FIRST_LEVELS} == FIRST_LEVELS

    def test_a_sound_that_dies_under_the_hand_leaves_no_fader_in_it(self) -> None:
        scene = _at("Mixer", 0)
        scene.sound.end()
        scene.turned(-3)
        assert scene.session.settings["mixer.click"] == FIRST_LEVELS["click"]


class TestKits:
    def test_each_sound_is_heard_as_it_is_turned_to(self) -> None:
        scene = _at("Kit").turned(2)
        assert _sent(scene, "audition") == [{"bus": "kit", "note": 38, "velocity": 100}]
        scene.turned(-1).turned(-1).turned(-1)
        assert [each["note"] for each in _sent(scene, "audition")] == [36], "the row of the kit is no sound"
        scene.turned(99).turned(1)
        assert [each["note"] for each in _sent(scene, "audition")] == [49]

    def test_the_kit_of_the_click_is_another_than_the_pads(self) -> None:
        scene = _at("Click kit").turned(1)
        assert _sent(scene, "audition") == [{"bus": "click", "note": 37, "velocity": 100}]
        scene.turned(-1).pressed(Gesture.PRESS).turned(2).pressed(Gesture.PRESS)
        assert (scene.machine.state, _sent(scene, "kit")) == ("kit", [{"bus": "click", "name": "Electric 808"}])
        own = scene.session.sound
        assert (own.kit_of(CLICK), own.kit_of(KIT), scene.session.kept.click_kit) == (
            "Electric 808", "Acoustic", "Electric 808",
        )  # fmt: skip
        assert [line.label for line in _lines(scene)] == ["Kit", "kick", "clap", "cowbell"]

    def test_the_kits_have_a_star_at_the_one_in_use_and_begin_there(self) -> None:
        scene = _at("Kit", "Kit")
        assert [(line.label, line.value) for line in _lines(scene)] == [
            (name, "*" if name == "Acoustic" else "") for name in KITS
        ]
        assert scene.machine.screen.cursor == 1  # type: ignore[attr-defined]

    def test_a_level_is_heard_as_it_turns_and_holds_at_its_ends(self) -> None:
        scene = _at("Kit", "snare", "Level").turned(-5)
        assert _sent(scene, "adjust") == [{"kit": "Acoustic", "levels": {"snare": 80}, "chokes": {}}]
        scene.turned(-1)
        assert _sent(scene, "audition") == [{"bus": "kit", "note": 38, "velocity": 100}]
        assert scene.turned(-90).session.sound.adjusted.levels("Acoustic") == {"snare": 0}
        assert scene.turned(190).session.sound.adjusted.levels("Acoustic") == {"snare": 100}
        scene.pressed(Gesture.PRESS)
        assert (scene.machine.state, _lines(scene)[0].value) == ("kit sound", "100%")

    def test_a_choke_is_as_the_kit_says_none_a_group_that_is_there_or_a_new_one(self) -> None:
        scene = _at("Kit", "openhat", "Choke")
        shown = [scene.turned(min(step, 1)).session.sound.sounds_of(KIT)[3].choke for step in range(7)]
        assert shown == ["hats", "", "hats", "A", "B", "C", "D"]
        assert scene.session.sound.adjusted.chokes("Acoustic") == {"openhat": "D"}
        scene.turned(-9)
        assert scene.session.sound.adjusted.chokes("Acoustic") == {}
        scene.turned(1).pressed(Gesture.BACK)
        assert [line.value for line in _lines(scene)] == ["100%", "none", ""]

    def test_audition(self) -> None:
        scene = _at("Kit", "crash")
        _sent(scene)
        scene.turned(2).pressed(Gesture.PRESS, Gesture.PRESS)
        assert _sent(scene, "audition") == [{"bus": "kit", "note": 49, "velocity": 100}] * 2

    def test_the_list_says_what_is_turned(self) -> None:
        scene = _at("Kit")
        scene.session.sound.set_level("Acoustic", "kick", 0)
        scene.session.sound.set_level("Acoustic", "hat", 40)
        values = {line.label: line.value for line in _lines(scene.later(0))}
        assert (values["kick"], values["snare"], values["hat"]) == ("silent", "100%", "hats 40%")

    def test_back_from_a_sound_the_cursor_is_where_it_was(self) -> None:
        scene = _at("Kit", "hat", "Level").pressed(Gesture.PRESS, Gesture.BACK)
        assert scene.machine.screen.cursor == 3  # type: ignore[attr-defined]
        scene.pressed(Gesture.BACK, Gesture.PRESS)
        assert (scene.machine.state, scene.machine.screen.cursor) == ("kit", 0)  # type: ignore[attr-defined]

    def test_a_sound_that_is_gone_is_silent_and_says_so(self) -> None:
        scene = _at("Kit", "crash")
        scene.sound.begin(kit_sounds=(KitSound("kick", 36, 100, ""),))
        scene.later(0)
        _sent(scene)
        scene.turned(2).pressed(Gesture.PRESS)
        assert (_sent(scene, "audition"), "gone" in _written(scene.later(20 * SECOND))) == ([], True)

    def test_a_fault_of_a_kit_stands_below_the_kits(self) -> None:
        scene = _at("Kit", "Kit", faults=("kits/Mine/kit.toml:7:9: no file",)).later(20 * SECOND)
        assert "Mine/kit.toml:7:9:" in " ".join(_written(scene))


class TestSynth:
    def test_a_patch_is_chosen_by_turning_and_heard(self) -> None:
        scene = _at("Synth", "Patch").turned(1)
        assert [name for name, _ in scene.sound.sent] == ["patch", "audition"]
        assert scene.session.kept.patch == "Square"
        scene.turned(99).pressed(Gesture.PRESS)
        assert (scene.machine.state, [line.label for line in _lines(scene)]) == ("synth", ["Patch"])
        assert _lines(scene)[0].value == "Organ"

    def test_the_parameters_with_their_values_and_units(self) -> None:
        assert [(line.label, line.value) for line in _lines(_at("Synth"))] == [
            ("Patch", "Supersaw"), ("cutoff", "1200 Hz"), ("resonance", "0.3"), ("detune", "12 cent"),
            ("attack", "0.01 s"), ("Reset", "as the patch"),
        ]  # fmt: skip

    def test_a_parameter_turns_is_heard_and_held_at_its_ends(self) -> None:
        scene = _at("Synth", "cutoff").turned(9)
        assert [name for name, _ in scene.sound.sent] == ["params", "audition"]
        assert _sent(scene, "params") == [{"patch": "Supersaw", "values": {"cutoff": 1880}}]
        scene.turned(999)
        assert (scene.session.sound.params[0].value, "12000 Hz" in _written(scene)) == (12000, True)
        scene.turned(-999).pressed(Gesture.PRESS)
        assert (scene.machine.state, _lines(scene)[1].value) == ("synth", "80 Hz")

    def test_a_parameter_that_the_patch_has_no_more_is_no_value(self) -> None:
        scene = _at("Synth", "cutoff")
        scene.sound.begin(params=(PatchParam("other", 1, 1, 0, 2, ""),))
        scene.later(0)
        _sent(scene)
        scene.turned(3)
        assert (_sent(scene, "params"), "no such parameter" in " ".join(_written(scene))) == ([], True)

    def test_the_whole_fault_can_be_read_in_its_turn(self) -> None:
        fault = "patches/lead.py:12: NameError: name 'saww' is not defined, in what the patch makes of each note"
        scene = _at("Synth", fault=fault).later(60 * SECOND)
        texts = set()
        for _ in range(4):
            texts |= set(_written(scene.later(3 * SECOND)))
        assert "patches/lead.py:12:" in texts
        assert all(any(word in text for text in texts) for word in fault.split())

    def test_the_wave_is_what_the_sound_says_and_none_is_no_line(self) -> None:
        flat, none = _at("Synth", wave=(0,) * 64).picture, _at("Synth", wave=()).picture
        wave = _at("Synth").picture
        assert len({flat.tobytes(), none.tobytes(), wave.tobytes()}) == 3
        assert none.crop((0, 50, 128, 64)).getbbox() is None
        assert flat.crop((0, 49, 128, 64)).getbbox() == (0, 7, 128, 8)

    def test_a_patch_of_many_parameters_scrolls(self) -> None:
        params = tuple(PatchParam(f"p{n}", 1, 1, 0, 2, "") for n in range(16))
        scene = _at("Synth", params=params).turned(99)
        assert _lines(scene)[scene.machine.screen.cursor].label == "Reset"  # type: ignore[attr-defined]


WITHOUT = ["Kit", "Click kit", "Synth", "Sound card"]
REASONS = [
    ({"problem": "no sound card", "device": "", "devices": ()}, "no sound card"),
    ({"problem": "the sound card 'USB' is not there: it is chosen in Sound card", "device": "", "devices": ()}, "USB"),
]


@pytest.mark.parametrize("row", WITHOUT)
@pytest.mark.parametrize(("changes", "why"), REASONS)
def test_without_sound_each_screen_says_why_and_a_press_does_nothing(
    row: str, changes: dict[str, Any], why: str
) -> None:
    scene = _at(row, **changes).later(30 * SECOND)
    state = scene.machine.state
    assert "No own sound" in _written(scene)
    assert why in " ".join(_written(scene))
    _sent(scene)
    if row != "Sound card":
        scene.turned(3).pressed(Gesture.PRESS).turned(-3).pressed(Gesture.PRESS)
        assert (scene.machine.state, scene.sound.sent) == (state, [])


@pytest.mark.parametrize("row", ["Mixer", *WITHOUT])
@pytest.mark.parametrize("why", [NOT_INSTALLED, "it ended with code -11", "x" * 60])
def test_a_reason_of_any_length_is_whole_on_the_screen(row: str, why: str) -> None:
    scene = Scene()
    scene.sound.problem = why
    scene.later(60 * SECOND).down("Sound", row).later(60 * SECOND)
    canvas = _Inks()
    scene.machine.draw(canvas, scene.now)
    assert canvas.collisions == []
    assert why.replace(" ", "") in "".join(_written(scene)).replace(" ", "")


def test_while_it_starts_that_is_said_and_not_told_as_a_fault() -> None:
    scene = _at("Mixer", problem=STARTING, device="")
    assert scene.session.notice(scene.now) is None
    assert {"No own sound", "starting"} <= set(_written(scene))


def test_the_way_to_it_says_what_is_chosen() -> None:
    scene = _at()
    assert [(line.label, line.value) for line in _lines(scene)] == [
        ("Mixer", "click to auto"), ("Click kit", "Click"), ("Kit", "Acoustic"), ("Synth", "Supersaw"),
        ("Sound card", scene.sound.view.device if scene.sound.view else ""),
    ]  # fmt: skip
    assert "box" in _written(scene)
    scene.sound.end()
    assert [line.value for line in _lines(scene)] == ["click to auto", "", "", "", "none"]
    assert "no sound" in _written(scene)


def test_the_menu_says_which_kit_clicks() -> None:
    def row(scene: Scene) -> str:
        menu = scene.machine.screen
        assert isinstance(menu, Menu)
        return next(line.value for line in menu.lines if line.label == "Sound")

    scene = _at().pressed(Gesture.BACK)
    assert row(scene) == "Click"
    scene.session.set("sound.click_to", "module")
    assert row(scene) == ""
    scene.sound.end()
    assert row(scene) == "none"


@pytest.mark.parametrize("rows", [("Kit",), ("Synth",), ("Kit", "Kit"), ("Synth", "Patch"), ("Kit", "snare")])
def test_names_of_any_length_are_cut_not_drawn_over(rows: tuple[str, ...]) -> None:
    scene = _at(*rows)
    long = "A very long name indeed of some thing"
    kit, params = (KitSound(long, 1, 100, long),), (PatchParam(long, 1234567.8, 1, 0, 1e8, "furlongs"),)
    scene.sound.begin(kit=long, kits=(long,), kit_sounds=kit, params=params, patch=long, patches=(long,))
    scene.later(0)
    for _ in range(3):
        canvas = _Inks()
        scene.turned(1).machine.draw(canvas, scene.now)
        assert canvas.collisions == []


def test_every_patch_of_the_still_sound_has_what_the_screens_need() -> None:
    assert all(param.low <= param.value <= param.high for params in PATCHES.values() for param in params)
