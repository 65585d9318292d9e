"""Plays two bars to nobody before anybody asks: the first beat then finds its code run and its memory touched.

It must never touch what will play: it works on an engine of its own, in a time of its own.
"""

from __future__ import annotations

from typing import Any

from panel.engine.engine import Engine
from panel.engine.ports import Patchbay
from panel.engine.recording import RecordingPort
from panel.engine.state import Voice, stopped_state
from panel.engine.wire import decode, encode, encode_view
from panel.music.pattern import Pattern
from panel.music.tempo import DEFAULT_MICRO_BPM

_SECOND_NS = 1_000_000_000


def warm_up(pattern: Pattern) -> None:
    """Walk the path of a note, and of the commands that come while playing; takes some milliseconds."""
    engine = Engine(stopped_state(pattern, DEFAULT_MICRO_BPM, 0), Patchbay(lambda: None, (RecordingPort(),)), 0)
    now_ns = 0
    voices = tuple(Voice(row.role, 37, 10) for row in pattern.groove)
    turns: list[tuple[str, dict[str, Any]]] = [
        ("voices", {"voices": voices}),
        ("clock", {"on": True}),
        ("start", {}),
        ("tempo", {"micro_bpm": DEFAULT_MICRO_BPM + 1}),
        ("fill", {"bars": 1}),
        ("mute", {"on": True}),
        ("mute", {"on": False}),
        ("stop", {}),
    ]
    for name, arguments in turns:
        engine.do(decode(encode(name, **arguments)[:-1]), now_ns)
        now_ns = _play(engine, now_ns, now_ns + _SECOND_NS // 2)
        encode_view(engine.view())


def _play(engine: Engine, now_ns: int, until_ns: int) -> int:
    """Write what is due until then; when that is."""
    while engine.due_ns <= until_ns:
        now_ns = max(now_ns, engine.due_ns)
        engine.write(now_ns)
    engine.tend(until_ns)
    return until_ns
