"""A pattern or a song played from the command line, by an engine that is started for it alone.

It must never leave that engine behind, nor take over one that runs.
"""

from __future__ import annotations

import argparse
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from panel.commands import NO_MIDI, find_music, tempo_of
from panel.engine.client import EngineClient, ask, spawn_engine
from panel.engine.state import stopped_state
from panel.engine.wire import MAX_MATCH, WireError
from panel.failure import NOT_TO_BE_HAD, Failure
from panel.library import Loaded, load_library
from panel.music.pattern import Pattern
from panel.music.song import SetList, Song
from panel.music.tempo import MICRO
from panel.profiles import FALLBACK_PROFILE, parts_to_look_for, profile_of_port

ANSWER_S = 5.0


def do_play(options: argparse.Namespace) -> int:
    """drumassist play"""
    library = load_library(options.data)
    music = find_music(library, options.name)
    if isinstance(music, SetList):
        raise Failure(f"{music.name} is a set: the panel plays sets, this command plays one of its songs")
    if isinstance(music, Song) and options.bars:
        raise Failure("--bars is for a pattern: a song ends by itself")
    player = _Performance(music, options.bpm)
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: the engine must not go on when the window closes
        signal.signal(number, signal.default_int_handler)
    try:
        player.connect()
        player.set_up(library, options.port)
        player.play(options.bars or 0)
    except KeyboardInterrupt:
        pass
    finally:
        player.end()
    return 0


class _Performance:
    """One pattern or song, played by an engine of its own; at another tempo where one is asked for."""

    def __init__(self, music: Pattern | Song, bpm: float | None) -> None:
        self._music, self._micro_bpm = music, round(bpm * MICRO) if bpm else 0
        first = music if isinstance(music, Pattern) else music.parts[0].pattern
        state = stopped_state(first, tempo_of(first, bpm), time.monotonic_ns())
        self._client = EngineClient(state, time.monotonic_ns, spawn_engine)
        self._ours = False

    def connect(self) -> None:
        """Start an engine. Raises Failure where one runs already, or none comes up."""
        try:
            ask("view")
        except (OSError, WireError):
            self._ours = True
        else:
            raise Failure("the box is running already; `drumassist stop` ends it", NOT_TO_BE_HAD)
        self._wait_for(lambda: self._client.connected, "the engine did not start")

    def set_up(self, library: Loaded, port: str) -> None:
        """Choose the port and the sounds. Raises Failure where the port is not there."""
        profiles = library.profiles
        self._client.send("ports", match=parts_to_look_for(profiles.values())[:MAX_MATCH], exact=port)
        revision = self._client.state.revision
        self._load()
        self._wait_for(lambda: bool(self._client.view and self._client.view.state.revision > revision), "no answer")
        view = self._client.view
        assert view
        module = next((p for p in view.ports if p.kind == "module"), None)
        if port and not (module and module.connected):
            there = ", ".join(view.available) or "none"
            raise Failure(f"no port has '{port}' in its name; there are: {there}", NOT_TO_BE_HAD)
        if not view.ports:
            raise Failure(NO_MIDI, NOT_TO_BE_HAD)
        profile = profile_of_port(module.name, profiles.values()) if module else None
        self._client.send("voices", voices=(profile or profiles[FALLBACK_PROFILE]).voices)
        print(f"{self._music.name} to {module.name if module else view.ports[0].name}; Ctrl-C stops", flush=True)

    def _load(self) -> None:
        if isinstance(self._music, Pattern):
            return self._client.send("pattern", pattern=self._music, micro_bpm=self._client.state.beat_micro_bpm)
        for number, part in enumerate(self._music.parts):
            self._client.send("part" if number else "song", part=part)
        if self._micro_bpm:
            self._client.send("tempo", micro_bpm=self._micro_bpm)
        return None

    def play(self, bars: int) -> None:
        """Play to the end, telling the bars where somebody looks."""
        self._client.send("start", bars=bars, **self._song_arguments)
        while self._client.state.playing:
            self._tend(0.05)
            if not self._client.connected:
                raise Failure("the engine has gone", NOT_TO_BE_HAD)
            if sys.stdout.isatty():
                print(f"\r{self._where(bars)}  ", end="\x1b[K", flush=True)

    def _where(self, bars: int) -> str:
        """Bar and beat; in a song the section as well."""
        state = self._client.state
        now_ns = time.monotonic_ns()
        section, place = state.sounding_at(now_ns), state.place_at(now_ns)
        of = f" of {bars}" if bars else ""
        name = f"  {section.part.name}" if section.part.song else ""
        return f"bar {max(1, place.bar)}{of}  beat {place.tick // section.pattern.count_ticks + 1}{name}"

    @property
    def _song_arguments(self) -> dict[str, Any]:
        """How the song says that it is started."""
        song = self._music
        if isinstance(song, Pattern):
            return {}
        counted = {"count_in": max(0, song.count_in), "count_role": song.count_role}
        return counted | {"repeats": song.repeats, "practice": song.practice}

    def end(self) -> None:
        """End the engine that was started."""
        if self._ours:
            self._client.end_engine()
            self._wait_for(lambda: not self._client.connected, "the engine does not end")
        if sys.stdout.isatty():
            print()

    def _wait_for(self, done: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + ANSWER_S
        while not done():
            if time.monotonic() > deadline:
                raise Failure(otherwise, NOT_TO_BE_HAD)
            self._tend(0.02)

    def _tend(self, patience_s: float) -> None:
        sources = [self._client] if self._client.fileno() >= 0 else []
        select.select(sources, [], [], patience_s)
        self._client.tend()
