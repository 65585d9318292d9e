"""What the command line does besides opening the panel: play, render, list, check, ask, stop.

It must never print a traceback for a user's mistake: what is wrong is one line, and the exit code says of what kind.
"""

from __future__ import annotations

import argparse
import json
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any, TypeVar

from panel.engine.client import EngineClient, ask, spawn_engine
from panel.engine.ports import RtMidiSequencer
from panel.engine.state import stopped_state
from panel.engine.wire import MAX_MATCH, View, WireError
from panel.kept import parse_kept
from panel.library import Loaded, load_library, load_pattern, load_profile, read
from panel.music.meter import Place
from panel.music.pattern import Pattern
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, TICKS_PER_QUARTER
from panel.profiles import FALLBACK_PROFILE, Profile, parts_to_look_for, profile_of_port
from panel.session import KEPT_FILE, SETTINGS_FILE
from panel.settings import parse_settings
from panel.tomltext import Fault, TextError

_Item = TypeVar("_Item")

WRONG_INPUT, WRONG_USAGE, NOT_TO_BE_HAD = 1, 2, 3
ANSWER_S = 5.0


class Failure(Exception):  # noqa: N818 - it is what the user is told
    """Why a command can't be done, in one line, and the exit code for it."""

    def __init__(self, what: str, code: int = WRONG_INPUT) -> None:
        super().__init__(what)
        self.code = code


def bpm_argument(text: str) -> float:
    """A tempo on the command line."""
    try:
        bpm = float(text)
    except ValueError:
        bpm = 0.0
    if not MIN_BPM <= bpm <= MAX_BPM:
        raise argparse.ArgumentTypeError(f"a tempo is a number from {MIN_BPM} to {MAX_BPM}, not {text}")
    return bpm


def bars_argument(text: str) -> int:
    """A number of bars on the command line."""
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"a number of bars is 1 to 10000, not {text}")
    return int(text)


def find_pattern(library: Loaded, name: str) -> Pattern:
    """A pattern by its name (upper or lower case), or by the path of its file. Raises Failure, TextError."""
    if name.endswith(".toml"):
        return load_pattern(Path(name))
    return _named(library.patterns, name, "pattern", "drumassist patterns")


def find_profile(library: Loaded, name: str) -> Profile:
    """A profile by its name, or by the path of its file. Raises Failure, TextError."""
    if name.endswith(".toml"):
        return load_profile(Path(name))
    return _named(library.profiles, name, "profile", "")


def _named(items: dict[str, _Item], name: str, kind: str, command: str) -> _Item:
    found = [item for key, item in items.items() if key.lower() == name.lower()]
    if found:
        return found[0]
    close = [key for key in items if name.lower() in key.lower()]
    hint = f"did you mean {', '.join(close[:5])}?" if close else command and f"`{command}` lists them"
    raise Failure(f"there is no {kind} '{name}'; {hint or 'there are ' + ', '.join(items)}")


def tempo_of(pattern: Pattern, bpm: float | None) -> int:
    """Micro-BPM: what was asked for, else the pattern's own, else 120."""
    return round(bpm * MICRO) if bpm else pattern.micro_bpm or 120 * MICRO


def do_render(options: argparse.Namespace) -> int:
    """drumassist render"""
    from panel.render import DEFAULT_BARS, render, save_rendered  # mido is for this command alone

    library = load_library(options.data)
    pattern = find_pattern(library, options.pattern)
    profile = find_profile(library, options.profile)
    bars = options.bars or max(DEFAULT_BARS, pattern.bars)
    file = render(pattern, tempo_of(pattern, options.bpm), bars, profile.voices)
    try:
        save_rendered(file, options.output)
    except OSError as error:
        raise Failure(f"{options.output} can't be written: {error.strerror}") from error
    return 0


def do_patterns(options: argparse.Namespace) -> int:
    """drumassist patterns"""
    library = load_library(options.data)
    if options.json:
        print(json.dumps([_pattern_facts(library, pattern) for pattern in library.patterns.values()], indent=2))
    else:
        width = max(map(len, library.patterns))
        for pattern in library.patterns.values():
            fill = "fill" if pattern.fill else ""
            print(f"{pattern.name:{width}}  {pattern.meter!s:>5}  {fill:4}  {pattern.about}".rstrip())
    for fault in library.faults:
        print(fault, file=sys.stderr)
    return WRONG_INPUT if library.faults else 0


def _pattern_facts(library: Loaded, pattern: Pattern) -> dict[str, Any]:
    return {
        "name": pattern.name,
        "meter": str(pattern.meter),
        "group": "+".join(map(str, pattern.meter.groups)),
        "bars": pattern.bars,
        "bpm": pattern.micro_bpm / MICRO if pattern.micro_bpm else None,
        "beat_quarters": pattern.beat_ticks / TICKS_PER_QUARTER,
        "roles": list(pattern.roles),
        "fill": bool(pattern.fill),
        "family": pattern.family,
        "about": pattern.about,
        "file": str(library.sources[pattern.name]),
    }


def do_check(options: argparse.Namespace) -> int:
    """drumassist check"""
    faults = [fault for path in options.files for file in _files(path) for fault in check_file(file)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return WRONG_INPUT if faults else 0


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("**/*.toml")) if path.is_dir() else [path]


def check_file(path: Path) -> list[Fault]:
    """Every fault in a pattern, profile, settings or session file."""
    try:
        raw = read(path)
        if path.name == SETTINGS_FILE:
            parse_settings(raw, str(path))
        elif path.name == KEPT_FILE:
            parse_kept(raw, str(path))
        elif path.parent.name == "profiles" or b"\n[notes]" in raw:
            load_profile(path)
        else:
            load_pattern(path)
    except TextError as error:
        return error.faults
    return []


def do_ports(options: argparse.Namespace) -> int:
    """drumassist ports"""
    sequencer = RtMidiSequencer.open_system()
    if sequencer is None:
        raise Failure("there is no MIDI here: /dev/snd/seq is missing (modprobe snd-seq?)", NOT_TO_BE_HAD)
    profiles = load_library(options.data).profiles.values()
    found = [(name, profile_of_port(name, profiles)) for name in sequencer.names()]
    if options.json:
        print(json.dumps([{"name": name, "profile": profile and profile.name} for name, profile in found], indent=2))
    else:
        for name, profile in found:
            print(f"{name}  ({profile.name})" if profile else name)
        if not found:
            print("no MIDI destination is there; programs can connect to the port DrumAssist while the box runs")
    return 0


def do_stop(options: argparse.Namespace) -> int:
    """drumassist stop"""
    _ask("quit")
    return 0


def do_status(options: argparse.Namespace) -> int:
    """drumassist status"""
    view = _ask("view")
    assert view
    facts = status_facts(view, time.monotonic_ns())
    if options.json:
        print(json.dumps(facts, indent=2))
        return 0
    place = f"bar {facts['bar']}, beat {facts['beat']}" if facts["playing"] else "stopped"
    late = facts["lateness_us"]
    print(f"{facts['pattern']} ({facts['meter']}) at {facts['bpm']:.1f} BPM, {place}{', muted' * facts['muted']}")
    for port in facts["ports"]:
        print(f"{port['kind']}: {port['name']}{'' if port['connected'] else ' (away)'}")
    print(f"late p50 {late['p50']} us, p99 {late['p99']} us, max {late['max']} us; {facts['dropped']} dropped")
    print(f"scheduling: {facts['realtime']}")
    return 0


def status_facts(view: View, now_ns: int) -> dict[str, Any]:
    """A View as the command tells it; bar and beat are those that sound at `now_ns`, 0 while stopped."""
    state = view.state
    place = state.place_at(now_ns) if state.playing else Place(0, 0, state.chosen.meter)
    section = state.section_at(state.tempo_map.tick_at(now_ns)) if state.playing else state.sections[-1]
    p50, p99, worst = view.lateness_us
    return {
        "playing": state.playing,
        "bpm": round(state.beat_micro_bpm / MICRO, 3),
        "pattern": section.pattern.name,
        "next_pattern": state.chosen.name,
        "meter": str(place.meter),
        "bar": place.bar,
        "beat": place.tick // section.pattern.count_ticks + 1 if state.playing else 0,
        "muted": state.muted,
        "fill": state.playing and state.fills(place.bar),
        "clock": state.clock,
        "ports": [port._asdict() for port in view.ports],
        "available": list(view.available),
        "lateness_us": {"p50": p50, "p99": p99, "max": worst},
        "dropped": view.dropped,
        "replugs": view.replugs,
        "fifo": view.realtime == "fifo",
        "realtime": view.realtime,
        "pid": view.pid,
    }


def _ask(name: str) -> View | None:
    try:
        return ask(name)
    except WireError as error:
        raise Failure(str(error), NOT_TO_BE_HAD) from error
    except OSError as error:
        raise Failure("no engine is running: start the box with `drumassist`", NOT_TO_BE_HAD) from error


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
        self._client.send("pattern", pattern=self._pattern._asdict(), micro_bpm=self._client.state.beat_micro_bpm)
        self._wait_for(lambda: bool(self._client.view and self._client.view.state.revision > revision), "no answer")
        view = self._client.view
        assert view
        module = next((p for p in view.ports if p.kind == "module"), None)
        if port and not (module and module.connected):
            there = ", ".join(view.available) or "none"
            raise Failure(f"no port has '{port}' in its name; there are: {there}", NOT_TO_BE_HAD)
        if not view.ports:
            raise Failure("there is no MIDI here: /dev/snd/seq is missing (modprobe snd-seq?)", NOT_TO_BE_HAD)
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
        if self._ours and self._client.connected:
            self._client.send("quit")
            self._wait_for(lambda: not self._client.connected, "the engine does not end")
        if sys.stdout.isatty():
            print()

    def _wait_for(self, done: Any, otherwise: str) -> None:
        deadline = time.monotonic() + ANSWER_S
        while not done():
            if time.monotonic() > deadline:
                raise Failure(otherwise, NOT_TO_BE_HAD)
            self._tend(0.02)

    def _tend(self, patience_s: float) -> None:
        sources = [self._client] if self._client.fileno() >= 0 else []
        select.select(sources, [], [], patience_s)
        self._client.tend()
