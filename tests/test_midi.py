"""MIDI for a script: ports are found, asked for and closed; every message goes through with its moment."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import Any

import mido
import pytest
from mido.messages.specs import SPECS

from panel import midi
from tests import patch_cable

PAD, MODULE = "SamplePad Pro:SamplePad Pro MIDI 1 24:0", "TD-17:TD-17 MIDI 1 28:0"
SYNTH = "DrumAssist Synth:DrumAssist Synth 130:0"
THROUGH = "Midi Through:Midi Through Port-0 14:0"
PAGE = (Path(__file__).parents[1] / "docs" / "midi.md").read_text()
SCRIPTS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def _cables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDO_BACKEND", "tests.patch_cable")
    patch_cable.start_anew([THROUGH, PAD], [THROUGH, PAD, MODULE])


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is typed, one answer a question; an exception is raised."""
    waiting: list[Any] = []

    def answer(question: str) -> str:
        print(question)
        typed = waiting.pop(0)
        if isinstance(typed, str):
            return typed
        raise typed

    monkeypatch.setattr("builtins.input", answer)
    return waiting


@pytest.mark.parametrize("port", [1, "1", " 1 ", "samplepad", "SAMPLEPAD PRO", PAD, PAD.removesuffix(" 24:0"), "24:0"])
def test_a_port_is_found_by_number_by_name_and_by_a_part_of_it(port: int | str) -> None:
    with midi.open_output(port) as out:
        assert out.name == PAD
    with midi.open_input(port) as ear:
        assert ear.name == PAD


def test_the_ports_are_listed_in_the_order_of_their_numbers() -> None:
    assert midi.outputs() == [THROUGH, PAD, MODULE]
    assert midi.inputs() == [THROUGH, PAD]


@pytest.mark.parametrize(
    ("port", "told"),
    [
        ("foo", f"no output has 'foo' in its name; there are: 0 {THROUGH}, 1 {PAD}, 2 {MODULE}"),
        (3, f"no output has the number 3; there are: 0 {THROUGH}, 1 {PAD}, 2 {MODULE}"),
        (-1, f"no output has the number -1; there are: 0 {THROUGH}, 1 {PAD}, 2 {MODULE}"),
        ("midi 1", f"more than one output has 'midi 1' in its name: 1 {PAD}, 2 {MODULE}; say more, or the number"),
        ("", f"no output has '' in its name; there are: 0 {THROUGH}, 1 {PAD}, 2 {MODULE}"),
    ],
)
def test_what_cannot_be_found_is_told_with_what_there_is(port: int | str, told: str) -> None:
    with pytest.raises(midi.MidiError) as error:
        midi.open_output(port)
    assert str(error.value) == told


def test_a_whole_name_goes_before_a_part_of_another() -> None:
    assert midi.find("td-17", ["TD-17 II", "TD-17"]) == "TD-17"


def test_without_any_port_the_error_says_where_to_look() -> None:
    patch_cable.start_anew([], [])
    with pytest.raises(midi.MidiError, match="there is none: is it plugged in and on"):
        midi.open_input("pad")


def test_a_system_without_midi_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIDO_BACKEND")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("os.path.exists", lambda path: path != "/dev/snd/seq")
    with pytest.raises(midi.MidiError, match="there is no MIDI: /dev/snd/seq is missing"):
        midi.outputs()


def test_a_number_or_a_name_is_asked_for_until_it_is_right(answers: list[Any], capsys: Any) -> None:
    answers += ["7", "nothing", "midi 1", "td"]
    assert midi.open_output().name == MODULE
    told = capsys.readouterr().out
    assert told.count("Outputs:") == 4
    assert f"  2  {MODULE}\n" in told
    assert "No output has the number 7;" in told
    assert "No output has 'nothing' in its name;" in told
    assert told.endswith(f"This is '{MODULE}'.\n")
    assert answers == []


def test_what_is_plugged_in_meanwhile_is_in_the_next_list(answers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    answers += ["new pad", "new pad"]
    lists = iter([[THROUGH], [THROUGH, "New Pad"]])
    monkeypatch.setattr(midi, "_names", lambda kind: next(lists))
    patch_cable.there["input"].append("New Pad")
    assert midi.open_input().name == "New Pad"


def test_enter_alone_makes_a_virtual_port_and_names_it(answers: list[Any], capsys: Any) -> None:
    answers += ["", ""]
    with midi.open_output() as out, midi.open_input(own_name="My ear") as ear:
        assert (out.name, ear.name) == ("DrumAssist script", "My ear")
    told = capsys.readouterr().out
    assert "Made the virtual port 'DrumAssist script'." in told
    assert "Made the virtual port 'My ear'." in told


def test_enter_where_virtual_ports_are_refused_ends_with_the_reason(answers: list[Any], capsys: Any) -> None:
    answers += [""]
    with pytest.raises(SystemExit):
        midi.open_output(own_name="refused")
    assert "Could not open 'refused': virtual ports are not supported." in capsys.readouterr().out


@pytest.mark.parametrize("end", [EOFError(), KeyboardInterrupt()])
def test_the_end_of_the_input_and_ctrl_c_end_the_script_with_a_word(answers: list[Any], end: BaseException) -> None:
    answers.append(end)
    with pytest.raises(SystemExit, match="no port was chosen"):
        midi.open_input()


EVERY = [mido.Message(spec["type"]) for spec in SPECS]
EVERY += [mido.Message(spec["type"], channel=15) for spec in SPECS if "channel" in spec["value_names"]]
EVERY += [mido.Message("sysex", data=[n % 128 for n in range(length)]) for length in (0, 1, 1000, 100_000)]
EVERY += [mido.Message("pitchwheel", pitch=-8192), mido.Message("songpos", pos=16383)]


@pytest.mark.parametrize("message", EVERY, ids=lambda m: f"{m.type} {len(m.bytes())}")
def test_every_message_goes_through_as_it_is(message: mido.Message) -> None:
    with midi.virtual_input("wire") as ear, midi.virtual_output("wire") as out:
        out.send(message)
        (heard,) = ear.pending()
    assert heard.bytes() == message.bytes()


def test_a_message_carries_the_moment_of_its_arrival() -> None:
    with midi.virtual_input("wire") as ear, midi.virtual_output("wire") as out:
        before = time.monotonic()
        out.send(mido.Message("start"))
        between = time.monotonic()
        out.send(mido.Message("clock"))
        after = time.monotonic()
        start, clock = ear.pending()
    assert before <= start.time <= between <= clock.time <= after


def test_pending_is_what_came_in_its_order_and_never_waits() -> None:
    with midi.virtual_input("wire") as ear, midi.virtual_output("wire") as out:
        assert ear.pending() == []
        for note in (36, 38, 42):
            out.note_on(note)
        assert [m.note for m in ear.pending()] == [36, 38, 42]
        assert ear.pending() == []


def test_receive_waits_no_longer_than_it_is_told() -> None:
    with midi.virtual_input("wire") as ear:
        assert ear.receive(0.001) is None
        assert ear.receive(0) is None
        assert ear.receive(-1) is None


def test_a_close_ends_those_who_wait() -> None:
    heard: list[list[mido.Message]] = []
    ear = midi.virtual_input("wire")
    waiting = [threading.Thread(target=lambda: heard.append(list(ear))) for _ in range(2)]
    for thread in waiting:
        thread.start()
    ear.close()
    for thread in waiting:
        thread.join(10)
    assert heard == [[], []]
    assert ear.receive() is None


def test_what_came_before_the_close_can_still_be_fetched() -> None:
    ear = midi.virtual_input("wire")
    patch_cable.hear("wire", mido.Message("start"))
    ear.close()
    assert [m.type for m in ear] == ["start"]


def test_a_close_first_silences_rtmidi_and_happens_once() -> None:
    ear = midi.virtual_input("wire")
    ear.close()
    ear.close()
    assert patch_cable.calls == ["cancel_callback", "close_port", "close"]
    assert ear.closed
    assert repr(ear) == "<closed input 'wire'>"


def test_an_input_that_is_forgotten_is_closed_as_well() -> None:
    ear = midi.virtual_input("wire")
    assert not ear.closed
    del ear
    assert patch_cable.calls == ["cancel_callback", "close_port", "close"]


def test_notes_count_channels_as_a_module_does() -> None:
    with midi.virtual_output("wire") as out:
        out.note_on(38, 90)
        out.note_off(38)
        out.note_on(60, channel=1)
    messages = [message for _, message in patch_cable.sent]
    assert [(m.type, m.note, m.velocity, m.channel) for m in messages] == [
        ("note_on", 38, 90, 9),
        ("note_off", 38, 0, 9),
        ("note_on", 60, 100, 0),
    ]


@pytest.mark.parametrize("wrong", [{"note": 128}, {"note": 38, "velocity": -1}, {"note": 38, "channel": 0}])
def test_a_note_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with midi.virtual_output("wire") as out, pytest.raises(ValueError, match=r"0\.\.127|1 to 16"):
        out.note_on(**wrong)
    assert patch_cable.sent == []


def test_silence_reaches_every_channel() -> None:
    with midi.virtual_output("wire") as out:
        out.silence()
    assert {(m.channel, m.control) for _, m in patch_cable.sent} == {(c, n) for c in range(16) for n in (120, 123)}


def test_what_cannot_be_sent_is_told() -> None:
    out = midi.virtual_output("wire")
    with pytest.raises(midi.MidiError, match="not a message that can be sent: MetaMessage"):
        out.send(mido.MetaMessage("set_tempo"))
    out.close()
    with pytest.raises(midi.MidiError, match="'wire' is closed"):
        out.note_on(38)
    with midi.virtual_output("pulled out") as out, pytest.raises(midi.MidiError, match="the cable is gone"):
        out.note_on(38)


def test_the_page_has_scripts_of_ten_lines() -> None:
    assert len(SCRIPTS) == len(RUNS)
    assert [len(script.strip().splitlines()) for script in SCRIPTS if len(script.strip().splitlines()) > 10] == []


def _hit(note: int, velocity: int = 100) -> mido.Message:
    return mido.Message("note_on", channel=9, note=note, velocity=velocity)


ANSWER = mido.Message("sysex", data=[0x7E, 0x10, 0x06, 0x02, 0x41])
RUNS: list[tuple[list[mido.Message], list[str], list[str]]] = [  # what is heard, what is sent, what is said
    ([], [f"note_{s} channel=9 note=38" for _ in range(4) for s in ("on", "off")], []),
    ([], [], [f"to play: 0 {THROUGH}", f"to play: 2 {MODULE}", f"to hear: 1 {PAD}"]),
    (
        [_hit(36), _hit(36, 0), _hit(42, 7)],
        [],
        ["note 36, channel 10, velocity 100", "note 42, channel 10, velocity 7"],
    ),
    ([_hit(38)] * 9, [], ["ms between hits: 0 0 0 0"]),
    ([_hit(38), _hit(49, 127)], ["note_on channel=9 note=38", "program_change channel=9 program=3"], []),
    ([_hit(38), mido.Message("stop")], ["note_on channel=9 note=50"] + ["control_change"] * 32, []),
    ([ANSWER], ["sysex"], [ANSWER.hex()]),
    (
        [],
        ["note_on channel=0 note=60", *["control_change channel=0 control=1"] * 128, "note_off channel=0 note=60"],
        [],
    ),
]


@pytest.mark.parametrize(("script", "run"), list(zip(SCRIPTS, RUNS, strict=False)))
def test_every_script_of_the_page_does_what_it_says(
    script: str, run: tuple[list[mido.Message], list[str], list[str]], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    heard, sent, said = run
    patch_cable.there["input"].append(MODULE)
    patch_cable.there["output"].append(SYNTH)
    patch_cable.played += heard
    receive = midi.Input.receive
    monkeypatch.setattr(midi.Input, "receive", lambda ear, timeout_s=None: receive(ear, 0))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    exec(compile(script, "docs/midi.md", "exec"), {"__name__": "__main__"})
    messages = [str(message) for _, message in patch_cable.sent]
    assert [text for text, start in zip(messages, sent, strict=True) if not text.startswith(start)] == []
    told = capsys.readouterr().out.splitlines()
    assert [line for line in said if line not in told] == []
