"""What the command line asks of an engine and a sound that run: how they are, and to end.

It must never import what an answer does not need: it is asked while the box plays.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from panel.board import Board, Health
from panel.engine.client import ask
from panel.engine.wire import View, WireError
from panel.failure import NOT_TO_BE_HAD, Failure
from panel.music.meter import Place
from panel.music.tempo import MICRO
from panel.sound.client import ask_sound
from panel.sound.wire import SoundView


def do_stop(options: argparse.Namespace) -> int:
    """drumassist stop"""
    ended = _end_sound()
    try:
        _ask("quit")
    except Failure:
        if not ended:
            raise
    return 0


def _end_sound() -> bool:
    """End the own sound; whether there was one."""
    try:
        ask_sound("quit")
    except OSError:
        return False
    return True


def _sound_view() -> SoundView | None:
    """What the own sound says of itself, None where it does not."""
    try:
        return ask_sound("view")
    except (OSError, WireError):
        return None


def do_status(options: argparse.Namespace) -> int:
    """drumassist status"""
    view = _ask("view")
    assert view
    now_ns = time.monotonic_ns()
    facts = status_facts(view, Board().look(now_ns), now_ns) | {"sound": sound_facts(_sound_view())}
    if options.json:
        print(json.dumps(facts, indent=2))
        return 0
    place = f"bar {facts['bar']}, beat {facts['beat']}" if facts["playing"] else "stopped"
    late = facts["lateness_us"]
    print(f"{facts['pattern']} ({facts['meter']}) at {facts['bpm']:.1f} BPM, {place}{', muted' * facts['muted']}")
    for port in facts["ports"]:
        print(f"{port['kind']}: {port['name']}{'' if port['connected'] else ' (away)'}")
    measured = f"p50 {late['p50']} us, p99 {late['p99']} us, max {late['max']} us"
    print(f"late: {measured if late['max'] else 'nothing played yet'}")
    print(", ".join(f"{what}: {facts[what]}" for what in ("missed", "dropped", "replugs", "restarts")))
    print(f"FIFO: {'yes' if facts['fifo'] else _refused(facts['realtime'])}")
    for line in (*sound_told(facts["sound"]), *board_told(facts["board"])):
        print(line)
    return 0


def sound_facts(view: SoundView | None) -> dict[str, Any] | None:
    """The own sound as the command tells it; None where there is none."""
    if view is None:
        return None
    return {
        "device": view.device,
        "problem": view.problem,
        "rate": view.rate,
        "latency_ms": view.latency_us / 1000,
        "load": view.load / 1000,
        "dropouts": view.dropouts,
        "late": view.late,
        "engine": view.engine,
        "click_kit": view.click_kit,
        "kit": view.kit,
        "patch": view.patch,
        "faults": [fault for fault in (view.fault, *view.faults) if fault],
        "pid": view.pid,
    }


def sound_told(facts: dict[str, Any] | None) -> list[str]:
    """How the own sound fares, a line each."""
    if facts is None:
        return ["own sound: does not run"]
    if facts["problem"]:
        return [f"own sound: {facts['problem']}"]
    measured = f"{facts['latency_ms']:.1f} ms, load {facts['load']:.0%}"
    counted = f"drop-outs: {facts['dropouts']}, late notes: {facts['late']}"
    return [f"own sound: {facts['device']}, {measured}, {counted}", *facts["faults"]]


def _refused(realtime: str) -> str:
    instead = "" if realtime == "none" else f", {realtime}"
    return f"no{instead} (the README says how to allow it)"


def board_told(board: dict[str, Any]) -> list[str]:
    """What the board tells, a line each; nothing of what it does not tell."""
    lines = []
    if board["weak_power"] is not None:
        lines.append(f"power: {'too weak' if board['weak_power'] else 'ok'}")
    if board["celsius"] is not None:
        lines.append(f"processor: {board['celsius']:.1f} \xb0C")
    return lines


def status_facts(view: View, health: Health, now_ns: int) -> dict[str, Any]:
    """A View and the board as the command tells them; bar and beat are what sounds at `now_ns`, 0 while stopped."""
    state = view.state
    place = state.place_at(now_ns) if state.playing else Place(0, 0, state.chosen.meter)
    section = state.sounding_at(now_ns) if state.playing else state.sections[-1]
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
        "fill": state.playing and state.fills(section, place.bar),
        "clock": state.clock,
        "ports": [port._asdict() for port in view.ports],
        "available": list(view.available),
        "lateness_us": {"p50": p50, "p99": p99, "max": worst},
        "missed": view.missed,
        "dropped": view.dropped,
        "replugs": view.replugs,
        "restarts": view.restarts,
        "fifo": view.realtime == "fifo",
        "realtime": view.realtime,
        "board": {"celsius": health.celsius, "weak_power": health.weak_power},
        "pid": view.pid,
    }


def _ask(name: str) -> View | None:
    try:
        return ask(name)
    except WireError as error:
        raise Failure(str(error), NOT_TO_BE_HAD) from error
    except OSError as error:
        raise Failure("no engine is running: start the box with `drumassist`", NOT_TO_BE_HAD) from error
