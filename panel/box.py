"""Puts the box together: files, engine, screen and controls; runs it, and takes it apart again.

It must never stop for a part that is missing: what is broken is set aside, told, and done without.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from panel.app import App
from panel.controls import Button, Controls
from panel.display import Display, Lamps
from panel.engine.client import EngineClient, spawn_engine
from panel.engine.state import stopped_state
from panel.failure import NOT_TO_BE_HAD, Failure
from panel.hardware.errors import DeviceMissing
from panel.hardware.none import NoDisplay, NoLamps
from panel.kept import KEPT_FILE, Kept, parse_kept
from panel.library import Loaded, load_library, read
from panel.music.pattern import Pattern
from panel.music.tempo import MICRO
from panel.screens.machine import Machine
from panel.session import Session
from panel.settings import SETTINGS_FILE, Settings, parse_settings
from panel.storage import save, set_aside
from panel.tomltext import TextError

FIRST_PATTERN = "4/4 Basic"
FAULTS_TOLD = 3  # on the screen; `drumassist check` tells them all


class Parts(NamedTuple):
    """What the drummer touches and sees."""

    display: Display
    controls: Sequence[Controls]
    lamps: Lamps
    attend: Callable[[bool], None]


def run_panel(data: Path, display: str, port: str, no_engine: bool) -> int:
    """The panel, until the drummer quits. Raises Failure for a display that was asked for and is not there."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # whenever it comes, the terminal is given back
    told: list[str] = []
    settings = read_settings(data, told)
    controls = open_controls(settings, told)
    defaults = tap_is_held(controls)
    if defaults:  # what stands in the settings may be the very thing that is wrong, pins and OLED included
        for control in controls:
            control.close()
        settings, told = Settings(), ["Started on defaults"]
        controls = open_controls(settings, told)
    parts = open_parts(settings, display, controls, told)
    try:
        session = open_session(data, settings, told, port, no_engine, defaults)
        _run(session, parts)
        close_session(session, end_engine=not no_engine)
    finally:
        for control in parts.controls:
            control.close()
        parts.lamps.close()
        parts.display.close()
    return 0


def open_session(
    data: Path, settings: Settings, told: list[str], port: str = "", no_engine: bool = False, defaults: bool = False
) -> Session:
    """The session as it was left; on defaults where that was asked for, or where its file is broken."""
    clock = time.monotonic_ns
    kept = Kept() if defaults else _read_kept(data, told)
    library = load_library(data)
    told += [f"{Path(fault.source).name}:{fault.line} {fault.what}" for fault in library.faults[:FAULTS_TOLD]]
    if len(library.faults) > FAULTS_TOLD:
        told.append(f"... and {len(library.faults) - FAULTS_TOLD} more: drumassist check")
    pattern = first_pattern(library, kept)
    micro_bpm = kept.micro_bpm or pattern.micro_bpm or 120 * MICRO
    client = EngineClient(stopped_state(pattern, micro_bpm, clock()), clock, None if no_engine else spawn_engine)
    session = Session(client, library, settings, kept, data, clock, port)
    if defaults:
        session.changes.copy_first = {SETTINGS_FILE, KEPT_FILE}
    for text in told:
        session.tell(text)
    return session


def close_session(session: Session, end_engine: bool) -> None:
    """Write what has changed; end the engine unless it is the system's."""
    session.save()
    if end_engine:
        session.client.end_engine()
    session.client.close()


def first_pattern(library: Loaded, kept: Kept) -> Pattern:
    """The pattern that was chosen last, else the first of all."""
    patterns = library.patterns
    return patterns.get(kept.pattern) or patterns.get(FIRST_PATTERN) or next(iter(patterns.values()))


def _run(session: Session, parts: Parts) -> None:
    machine = Machine(session)
    app = App(machine, parts.display, parts.controls, parts.lamps, time.monotonic_ns, attend=parts.attend)

    def end(*_: object) -> None:
        app.ended = True

    signal.set_wakeup_fd(app.wake_descriptor, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    app.run()
    signal.set_wakeup_fd(-1)
    app.close()


def read_settings(data: Path, told: list[str]) -> Settings:
    """The settings in the user's folder, written there where there are none; a broken file is set aside and told."""
    path = data / SETTINGS_FILE
    if not path.exists():
        settings = Settings()
        try:
            save(path, settings.text)  # so that there is a file to edit
        except OSError as error:
            told.append(f"Settings not saved: {error.strerror}")
        return settings
    try:
        return parse_settings(read(path), str(path))
    except TextError as error:
        _put_aside(path, error, told)
        return Settings()


def _read_kept(data: Path, told: list[str]) -> Kept:
    path = data / KEPT_FILE
    try:
        return parse_kept(read(path), str(path)) if path.exists() else Kept()
    except TextError as error:
        _put_aside(path, error, told)
        return Kept()


def _put_aside(path: Path, error: TextError, told: list[str]) -> None:
    """Keep a broken file under another name, and say so where the drummer and the journal see it."""
    fault = error.faults[0]
    told.append(f"{path.name}:{fault.line} broken, defaults")
    print(error, file=sys.stderr)
    try:
        set_aside(path)
    except OSError as failed:
        told.append(f"{path.name}: {failed.strerror}")


def open_parts(settings: Settings, display: str, controls: Sequence[Controls], told: list[str]) -> Parts:
    """The display and the lamps that are there. Raises Failure for a display that was asked for and is not."""
    if display == "none":
        return Parts(NoDisplay(), controls, _lamps(settings), lambda is_list: None)
    if display == "oled" or (display == "auto" and Path(f"/dev/i2c-{settings['display.port']}").exists()):
        try:
            return _oled_parts(settings, controls, must_answer=display == "auto")
        except DeviceMissing as error:
            if display == "oled" or not sys.stdout.isatty():
                raise Failure(str(error), NOT_TO_BE_HAD) from error
            told.append("No OLED: shown here")
    return _terminal_parts(settings, controls)


def _oled_parts(settings: Settings, controls: Sequence[Controls], must_answer: bool) -> Parts:
    from panel.hardware.oled import open_oled

    offset = settings["display.offset"]
    oled = open_oled(
        settings["display.chip"],
        port=settings["display.port"],
        address=settings["display.address"],
        rotation=settings["display.rotation"],
        column_offset=None if offset < 0 else offset,
        must_answer=must_answer,
    )
    return Parts(oled, controls, _lamps(settings), lambda is_list: None)


def _terminal_parts(settings: Settings, controls: Sequence[Controls]) -> Parts:
    from panel.hardware.terminal import TerminalPanel

    lamps = _lamps(settings)
    try:
        terminal = TerminalPanel()
    except DeviceMissing as error:
        raise Failure(f"{error} (or use --display none)", NOT_TO_BE_HAD) from error

    def attend(is_list: bool) -> None:
        terminal.list_mode = is_list

    return Parts(terminal, [*controls, terminal], lamps, attend)


def open_controls(settings: Settings, told: list[str]) -> list[Controls]:
    """The encoder and the buttons, where there are pins; one that is not to be had takes no other with it."""
    if not _has_gpio():
        return []
    from panel.hardware.evdev import open_evdev
    from panel.hardware.gpio import open_gpio
    from panel.hardware.quadrature import Acceleration

    acceleration = Acceleration() if settings["encoder.acceleration"] else Acceleration(most=1)
    device, edges = settings["encoder.device"], settings["encoder.edges"]
    ways: list[Callable[[], Controls]] = [
        lambda: open_gpio(_pins(settings), edges_per_detent=edges, acceleration=acceleration)
    ]
    if device:
        ways.append(lambda: open_evdev(device, acceleration=acceleration))
    controls: list[Controls] = []
    for way in ways:
        try:
            controls.append(way())
        except DeviceMissing as error:
            print(f"drumassist: {error}", file=sys.stderr)
            told.append(str(error))
    return controls


def _lamps(settings: Settings) -> Lamps:
    if not _has_gpio():
        return NoLamps()
    from panel.hardware.gpio import open_leds

    try:
        return open_leds(_pins(settings))
    except DeviceMissing:
        return NoLamps()


def _has_gpio() -> bool:
    return "GPIOZERO_PIN_FACTORY" in os.environ or any(Path("/dev").glob("gpiochip*"))


def _pins(settings: Settings) -> Any:
    from panel.hardware.gpio import Pins

    def pin(name: str) -> int | None:
        number: int = settings[f"pins.{name}"]
        return None if number < 0 else number

    a, b = pin("encoder_a"), pin("encoder_b")
    if settings["encoder.device"]:
        a = b = None
    elif settings["encoder.reversed"]:
        a, b = b, a
    rest = ("encoder_switch", "tap", "start", "next", "beat_led", "status_led")
    return Pins(a, b, *map(pin, rest))


def tap_is_held(sources: Sequence[Controls]) -> bool:
    """Whether TAP is down while the box starts: then it starts on defaults."""
    events = [event for controls in sources for event in controls.read()]
    return any(isinstance(event, Button) and event.name == "tap" and event.down for event in events)
