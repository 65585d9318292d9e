"""A pattern played from the command line, by an engine that is started for it alone.

It must never leave that engine behind, nor take over one that runs.
"""

from __future__ import annotations

import argparse
import select
import signal
import sys
import time
from collections.abc import Callable

from panel.commands import NO_MIDI, find_pattern, tempo_of
from panel.engine.client import EngineClient, ask, spawn_engine
from panel.engine.state import stopped_state
from panel.engine.wire import MAX_MATCH, WireError
from panel.failure import NOT_TO_BE_HAD, Failure
from panel.library import Loaded, load_library
from panel.music.pattern import Pattern
from panel.profiles import FALLBACK_PROFILE, parts_to_look_for, profile_of_port

ANSWER_S = 5.0


def do_play(options: argparse.Namespace) -> int:
    """drumassist play"""
    library = load_library(options.data)
    pattern = find_pattern(library, options.pattern)
    player = _Performance(pattern, tempo_of(pattern, options.bpm))
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
    """One pattern, played by an engine of its own."""

    def __init__(self, pattern: Pattern, micro_bpm: int) -> None:
        self._pattern = pattern
        state = stopped_state(pattern, micro_bpm, time.monotonic_ns())
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
        self._client.send("pattern", pattern=self._pattern, micro_bpm=self._client.state.beat_micro_bpm)
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
        print(f"{self._pattern.name} to {module.name if module else view.ports[0].name}; Ctrl-C stops", flush=True)

    def play(self, bars: int) -> None:
        """Play to the end, telling the bars where somebody looks."""
        self._client.send("start", bars=bars)
        while self._client.state.playing:
            self._tend(0.05)
            if not self._client.connected:
                raise Failure("the engine has gone", NOT_TO_BE_HAD)
            if sys.stdout.isatty():
                place = self._client.state.place_at(time.monotonic_ns())
                of = f" of {bars}" if bars else ""
                print(
                    f"\rbar {max(1, place.bar)}{of}  beat {place.tick // self._pattern.count_ticks + 1}  ",
                    end="",
                    flush=True,
                )

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
