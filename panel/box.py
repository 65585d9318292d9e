"""Puts the box together: files, engine, screen and controls; runs it, and takes it apart again.

It must never stop for a file that is broken: it is set aside, told, and done without.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from panel.adjusted import SOUNDS_FILE
from panel.app import App
from panel.belongings import READERS, Belongings
from panel.devices import Parts, open_controls, open_parts, tap_is_held
from panel.dialled import DIALS_FILE
from panel.engine.client import EngineClient, spawn_engine
from panel.engine.state import stopped_state
from panel.kept import KEPT_FILE
from panel.library import load_library, read
from panel.mounts import Sticks
from panel.music.tempo import DEFAULT_MICRO_BPM
from panel.pads import PADS_FILE
from panel.screens.machine import Machine
from panel.session import Session
from panel.settings import SETTINGS_FILE, Settings, parse_settings
from panel.sound.client import SoundClient, spawn_sound
from panel.storage import in_words, save, set_aside
from panel.tomltext import TextError

ENGINE_ENDS_S = 1.0  # how long the end of the panel waits for the engine's
FAULTS_TOLD = 3  # on the screen; `drumassist check` tells them all


def run_panel(data: Path, display: str, port: str, no_engine: bool, no_sound: bool) -> int:
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
        session = open_session(data, settings, told, port, no_engine, defaults, no_sound)
        session.sticks = Sticks(data)
        _run(session, parts)
        close_session(session, end_engine=not no_engine)
    finally:
        for control in parts.controls:
            control.close()
        parts.lamps.close()
        parts.display.close()
    return 0


def open_session(
    data: Path,
    settings: Settings,
    told: list[str],
    port: str = "",
    no_engine: bool = False,
    defaults: bool = False,
    no_sound: bool = False,
) -> Session:
    """The session as it was left; on defaults where that was asked for, or where its file is broken."""
    clock = time.monotonic_ns
    own = Belongings(settings) if defaults else _read_belongings(data, settings, told)
    kept = own.kept
    library = load_library(data)
    told += [f"{Path(fault.source).name}:{fault.line} {fault.what}" for fault in library.faults[:FAULTS_TOLD]]
    if len(library.faults) > FAULTS_TOLD:
        told.append(f"... and {len(library.faults) - FAULTS_TOLD} more: drumassist check")
    pattern = library.pattern(kept.pattern)
    if kept.pattern and kept.pattern != pattern.name:
        told.append(f"No '{kept.pattern}': {pattern.name}")
    if kept.profile and kept.profile not in library.profiles:
        told.append(f"No module '{kept.profile}'")
    micro_bpm = kept.micro_bpm or pattern.micro_bpm or DEFAULT_MICRO_BPM
    client = EngineClient(stopped_state(pattern, micro_bpm, clock()), clock, None if no_engine else spawn_engine)
    sound = SoundClient(clock, None if no_sound else partial(spawn_sound, data))
    session = Session(client, library, own, data, clock, port, sound)
    _come_back(session, told)
    if defaults:
        session.changes.copy_first = set(READERS)
    for text in told:
        session.tell(text)
    return session


def _come_back(session: Session, told: list[str]) -> None:
    """Open the set as it was left; what is there no longer is told, and done without."""
    gig, kept = session.gig, session.kept
    if kept.set_name and kept.set_name not in gig.set_names:
        told.append(f"No set '{kept.set_name}'")
    elif kept.set_name:
        gig.come_back(kept.set_name, kept.song, kept.number)
        if kept.song and gig.song is None:
            told.append(f"No song '{kept.song}'")


def close_session(session: Session, end_engine: bool) -> None:
    """Write what has changed; end the engine unless it is the system's or another panel is open, and see it go. So too
    the sound.

    Whoever sends `quit` and hangs up at once may not be heard: an engine that just then has something to tell drops him
    first. One that is still coming up is waited for, and ended by a signal where that takes too long.
    """
    session.save()
    if session.changes:
        print("drumassist: what was changed last could not be saved", file=sys.stderr)
    client, deadline = session.client, time.monotonic() + ENGINE_ENDS_S
    session.sound.end()
    if end_engine:
        _wait_while(False, client, deadline)
        client.end_engine(unless_watched=True)
        _wait_while(True, client, deadline)
    client.close()
    session.sound.see_end(partial(_wait_while, True, deadline=deadline))


def _wait_while(so: bool, client: EngineClient | SoundClient, deadline: float) -> None:
    """Until the client is connected no longer, or at last; `deadline` is in seconds of time.monotonic."""
    while client.connected is so and time.monotonic() < deadline:
        select.select([client] if client.fileno() >= 0 else [], [], [], 0.02)
        client.tend()


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
    if not os.path.exists(path):  # Path.exists raises where a disk fails
        settings = Settings()
        try:
            save(path, settings.text)  # so that there is a file to edit
        except OSError as error:
            told.append(f"Settings not saved: {in_words(error)}")
        return settings
    try:
        return parse_settings(read(path), str(path))
    except TextError as error:
        _put_aside(path, error, told)
        return Settings()


def _read_belongings(data: Path, settings: Settings, told: list[str]) -> Belongings:
    """What was kept in the user's folder."""
    return Belongings(
        settings,
        kept=_read_own(data / KEPT_FILE, told),
        pads=_read_own(data / PADS_FILE, told),
        adjusted=_read_own(data / SOUNDS_FILE, told),
        dialled=_read_own(data / DIALS_FILE, told),
    )


def _read_own(path: Path, told: list[str]) -> Any:
    """What is in a file that the box writes itself; None where there is none, or it is broken."""
    try:
        return READERS[path.name](read(path), str(path)) if os.path.exists(path) else None
    except TextError as error:
        _put_aside(path, error, told)
        return None


def _put_aside(path: Path, error: TextError, told: list[str]) -> None:
    """Keep a broken file under another name, and say so where the drummer and the journal see it."""
    fault = error.faults[0]
    told.append(f"{path.name}:{fault.line} broken, defaults")
    print(error, file=sys.stderr)
    try:
        set_aside(path)
    except OSError as failed:
        told.append(f"{path.name}: {in_words(failed)}")
