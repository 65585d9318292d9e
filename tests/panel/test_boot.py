"""The box comes up whatever its files are like: broken ones are set aside and told, nothing is lost."""

from __future__ import annotations

import os
import signal
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel import box
from panel.box import open_session, read_settings
from panel.controls import Button, Controls, Gesture, Input, Meant, Turn
from panel.devices import Parts, open_controls
from panel.engine.client import ask
from panel.engine.place import find_socket
from panel.hardware.none import NoDisplay, NoLamps
from panel.library import FIRST_PATTERN
from panel.music.tempo import MICRO
from panel.session import Session
from panel.settings import Settings
from panel.storage import save
from tests.panel.broken import broken_files, good


class Scripted:
    """Controls that a script plays: each item once, when it is read."""

    def __init__(self, *events: Input) -> None:
        self._events = list(events)
        self._read, self._write = os.pipe()
        os.write(self._write, b"x" * len(events))
        self.closed = False

    def fileno(self) -> int:
        """Readable while there is more."""
        return self._read

    def read(self) -> list[Input]:
        """The next one."""
        if not self._events:
            return []
        os.read(self._read, 1)
        return [self._events.pop(0)]

    def close(self) -> None:
        """Give the pipe back."""
        if not self.closed:
            self.closed = True
            os.close(self._read)
            os.close(self._write)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No engine, and the signals as they were."""
    monkeypatch.setenv("DRUMASSIST_RUNTIME", str(tmp_path / "runtime"))
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def _told(session: Session) -> list[str]:
    """Every notice, in order."""
    now, found = time.monotonic_ns(), list[str]()
    while notice := session.notice(now):
        found.append(notice.text)
        now = notice.until_ns
    return found


def _boot(data: Path) -> tuple[Session, list[str]]:
    told: list[str] = []
    session = open_session(data, read_settings(data, told), told, no_engine=True)
    return session, _told(session)


def _run(
    monkeypatch: pytest.MonkeyPatch, data: Path, *events: Input, held: bool = False, no_engine: bool = True
) -> Settings:
    """The whole panel until it quits; the settings that its display was opened with."""
    opened: list[Settings] = []
    first: list[Controls] = [Scripted(Button("tap", True, 1))] if held else []

    def open_controls(settings: Settings, told: list[str]) -> list[Controls]:
        if first:
            return [first.pop()]
        at_boot = [] if held else [Button("next", False, 0)]  # looked at, to see whether TAP is held
        return [Scripted(*at_boot, *events, Meant(Gesture.QUIT, 9))]

    def open_parts(settings: Settings, display: str, controls: list[Controls], told: list[str]) -> Parts:
        opened.append(settings)
        return Parts(NoDisplay(), controls, NoLamps(), lambda is_list: None)

    monkeypatch.setattr(box, "open_controls", open_controls)
    monkeypatch.setattr(box, "open_parts", open_parts)
    assert box.run_panel(data, "auto", "", no_engine, no_sound=True) == 0
    return opened[0]


def test_the_first_start_writes_a_settings_file_and_begins_with_the_first_pattern(data: Path) -> None:
    session, told = _boot(data)
    assert (session.pattern.name, session.micro_bpm) == (FIRST_PATTERN, 120 * MICRO)
    assert Settings((data / "settings.toml").read_text())["pins.tap"] == 17
    assert told == []


def test_what_was_chosen_comes_back(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(monkeypatch, data, Turn(7, 1), Meant(Gesture.NEXT, 2))
    session, told = _boot(data)
    assert session.micro_bpm == 127 * MICRO
    names = list(session.library.patterns)
    assert names.index(session.pattern.name) == names.index(FIRST_PATTERN) + 1
    assert told == []


def test_a_choice_whose_file_is_gone_is_told(data: Path) -> None:
    (data / "session.toml").write_text('pattern = "Was deleted"\nprofile = "My pads"\n')
    session, told = _boot(data)
    assert session.pattern.name == FIRST_PATTERN
    assert told == [f"No 'Was deleted': {FIRST_PATTERN}", "No module 'My pads'"]
    (data / "session.toml").write_text('pattern = "Samba"\nprofile = "General MIDI"\n')
    assert _boot(data)[1] == []


@pytest.mark.parametrize("name", ["settings.toml", "session.toml", "pads.toml", "sounds.toml", "beats.toml"])
@pytest.mark.parametrize("number", range(0, 200, 23))
def test_a_broken_file_is_set_aside_told_and_done_without(data: Path, name: str, number: int) -> None:
    content = broken_files()[number] or b"\xff"
    if not content.strip() or content == b"# nothing\n":
        content = b"["
    (data / name).write_bytes(content)
    session, told = _boot(data)
    assert (session.pattern.name, session.settings["click.gate_ms"]) == (FIRST_PATTERN, 60)
    assert (data / f"{name}.broken").read_bytes() == content
    assert len(told) == 1
    assert told[0].startswith(f"{name}:")
    assert told[0].endswith(" broken, defaults")


@pytest.mark.parametrize("events", [(), (Meant(Gesture.START, 1), Meant(Gesture.NEXT, 2))], ids=["at once", "playing"])
def test_however_soon_it_is_ended_no_engine_is_left_behind(
    data: Path, monkeypatch: pytest.MonkeyPatch, events: tuple[Input, ...]
) -> None:
    for _ in range(3):
        _run(monkeypatch, data, *events, no_engine=False)
        deadline = time.monotonic() + 10
        while Path(find_socket()).exists() and time.monotonic() < deadline:
            time.sleep(0.01)  # the last lines of another process
        with pytest.raises(OSError, match="No such file"):
            ask("view")


def test_a_pattern_that_is_gone_leaves_the_tempo_as_it_was(data: Path) -> None:
    save(data / "session.toml", 'pattern = "Was deleted"\nbpm = 99.5\n')
    session, told = _boot(data)
    assert (session.pattern.name, session.micro_bpm, told[1:]) == (FIRST_PATTERN, 99_500_000, [])


def test_broken_patterns_are_told_the_first_three_and_how_many_more(data: Path) -> None:
    (data / "patterns").mkdir()
    for number in range(9):
        content = good(f"Own {number}").replace(b"X. x.", b"X. ?.")
        (data / "patterns" / f"own-{number}.toml").write_bytes(content)
    _, told = _boot(data)
    assert told[0].startswith("own-0.toml:8 ")
    assert told[3:] == ["... and 6 more: drumassist check"]


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/proc/self").exists(), reason="needs a folder that can't be written"
)
@pytest.mark.parametrize("kind", ["file", "proc"])
def test_a_data_folder_that_can_not_be_written_is_told_and_survived(tmp_path: Path, kind: str) -> None:
    if kind == "file":
        (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data" if kind == "file" else Path("/proc/drumassist")
    session, told = _boot(folder)
    assert told[0].startswith("Settings not saved: ")
    session.nudge(1)
    session.save()
    assert any(text.startswith("Not saved: ") for text in _told(session))


class TestTapHeldAtBoot:
    """It starts on defaults, and the files from before are not lost."""

    SETTINGS = "[display]\naddress = 61\n[pins]\nstart = 4\n"
    KEPT = 'pattern = "Bossa nova"\nbpm = 77.0\nport = "Somewhere else"\n'

    @pytest.fixture(autouse=True)
    def _files(self, data: Path) -> None:
        save(data / "settings.toml", self.SETTINGS)
        save(data / "session.toml", self.KEPT)

    def test_without_it_the_files_count(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert _run(monkeypatch, data)["display.address"] == 61

    def test_display_and_pins_are_opened_on_defaults(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = _run(monkeypatch, data, held=True)
        assert (settings["display.address"], settings["pins.start"]) == (60, 27)

    def test_nothing_is_written_where_nothing_is_changed(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _run(monkeypatch, data, held=True)
        assert (data / "settings.toml").read_text() == self.SETTINGS
        assert (data / "session.toml").read_text() == self.KEPT

    def test_what_is_changed_leaves_the_file_from_before_beside_it(
        self, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for steps in (3, 4):
            _run(monkeypatch, data, Turn(steps, 1), held=True)
        assert tomllib.loads((data / "session.toml").read_text())["bpm"] == 124.0
        assert (data / "session.toml.before").read_text() == self.KEPT
        assert tomllib.loads((data / "session.toml.before1").read_text())["bpm"] == 123.0
        assert (data / "settings.toml").read_text() == self.SETTINGS


def test_a_port_of_the_command_line_is_for_this_time_only(data: Path) -> None:
    save(data / "session.toml", 'port = "Kept"\n')
    session = open_session(data, Settings(), [], port="Now", no_engine=True)
    assert session.port == "Now"
    session.nudge(1)
    session.save()
    assert tomllib.loads((data / "session.toml").read_text())["port"] == "Kept"
    session.choose_port("Chosen")
    assert session.port == "Chosen"


def test_one_control_that_is_missing_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    settings, told = Settings(), list[str]()
    settings.set("encoder.device", "no such knob")
    controls = open_controls(settings, told)
    for control in controls:
        control.close()
    assert len(controls) == 2, "the pins of the hands, and those of the feet"
    assert told
    assert "no such knob" in told[0]


def test_footswitches_whose_pin_is_taken_leave_the_hands_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pins of a footswitch may serve another thing on a box that never had one."""
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    settings, told = Settings("[pins]\nstart = 24\n"), list[str]()
    controls = open_controls(settings, told)
    for control in controls:
        control.close()
    assert len(controls) == 1
    assert len(told) == 1
    assert "GPIO24 is already in use" in told[0]
    settings = Settings("[pins]\nstart = 24\nfoot_1 = -1\nfoot_2 = -1\n")
    told.clear()
    for control in open_controls(settings, told):
        control.close()
    assert told == []
