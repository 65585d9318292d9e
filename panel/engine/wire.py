"""The protocol between panel and engine: JSON, a message a line, over a Unix socket. The table COMMANDS is all of it.

It must never let a value through that the engine could stumble over: what arrives is checked field by field, and
whatever is wrong is answered by one clear sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from panel.engine import state as transport
from panel.engine.state import MAX_COUNT_IN_BARS, MAX_FILL_BARS, MAX_TIMELINES, PlayerState, Section, Voice
from panel.music.meter import LEVELS, Meter
from panel.music.pattern import CELLS, MAX_BARS, MAX_CELLS, MAX_SWING, MAX_TEXT, ROLES, STRAIGHT, Pattern, Row
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, TICKS_PER_QUARTER, TICKS_PER_WHOLE, TempoMap, Timeline

MAX_COMMAND_BYTES = 8 * 1024
MAX_RESUME_BYTES = 64 * 1024  # a whole state, with up to four patterns; only an engine at rest takes one
MAX_MATCH = 100  # parts of the names of ports
MAX_FOLLOWERS = 20
MAX_SPIN_US = 1000
MIN_QUARTER_TEMPO = MIN_BPM * MICRO // TICKS_PER_QUARTER  # single ticks counted at the slowest
MAX_QUARTER_TEMPO = MAX_BPM * MICRO * TICKS_PER_WHOLE // TICKS_PER_QUARTER  # whole notes counted at the fastest


class WireError(ValueError):
    """A message that can't be taken; its text says why, in one line."""


class PortView(NamedTuple):
    """A port that the engine knows: its kind ("module", "virtual", "din", "record"), its name, whether it is there."""

    kind: str
    name: str
    connected: bool


class View(NamedTuple):
    """What the engine says of itself, on every change and once a second while playing.

    `realtime` is "fifo", "short slice" or "none"; `lateness_us` holds p50, p99 and max of the writes; `available`
    are the destinations that could be chosen. `dropped` counts notes that would have been too late, `missed` what was
    written more than a millisecond after its time; the lateness is this run's. `restarts` counts the engines that died
    in this one's place; `followers` are the destinations that others have connected to the virtual port.
    """

    state: PlayerState
    ports: tuple[PortView, ...] = ()
    available: tuple[str, ...] = ()
    realtime: str = "none"
    lateness_us: tuple[int, int, int] = (0, 0, 0)
    dropped: int = 0
    missed: int = 0
    replugs: int = 0
    restarts: int = 0
    followers: tuple[str, ...] = ()
    pid: int = 0


class Heard(NamedTuple):
    """A note that the drum module sent while the engine was asked to listen."""

    note: int
    channel: int
    velocity: int
    stamp_ns: int


class Command(NamedTuple):
    """A command as it arrived: its name and its checked arguments; `stamp_ns` is when the hand moved (0: not told)."""

    name: str
    arguments: dict[str, Any]
    stamp_ns: int = 0


Check = Callable[[Any], Any]
_REQUIRED = object()


class Field(NamedTuple):
    """One argument: how it is checked, and what it is when it is not there."""

    check: Check
    default: Any = _REQUIRED


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise WireError(f"a whole number from {low} to {high} is wanted, not {_short(value)}")

    return check


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise WireError(f"true or false is wanted, not {_short(value)}")


_HALVES = re.compile("[\ud800-\udfff]")  # of characters: JSON can write them, no terminal can


def _text(value: Any) -> str:
    if isinstance(value, str) and len(value) <= MAX_TEXT and not _HALVES.search(value):
        return value
    raise WireError(f"a text of at most {MAX_TEXT} characters is wanted, not {_short(value)}")


def _word(*words: str) -> Check:
    def check(value: Any) -> str:
        if value in words:
            return str(value)
        raise WireError(f"one of {', '.join(words)} is wanted, not {_short(value)}")

    return check


def _many(check: Check, most: int) -> Check:
    def check_all(value: Any) -> tuple[Any, ...]:
        return tuple(check(item) for item in _list(value, most))

    return check_all


def _list(value: Any, most: int, exactly: int = 0) -> list[Any]:
    if isinstance(value, (list, tuple)) and len(value) <= most and (not exactly or len(value) == exactly):
        return list(value)
    raise WireError(f"a list of {exactly or f'at most {most}'} is wanted, not {_short(value)}")


def _short(value: Any) -> str:
    if isinstance(value, (list, dict)):  # it may be deeper than repr can go
        return "a list" if isinstance(value, list) else "an object"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


_bpm = _whole(MIN_BPM * MICRO, MAX_BPM * MICRO)
_percent = _whole(0, 100)
_ticks = _whole(1, TICKS_PER_WHOLE)
_moment = _whole(-(1 << 62), 1 << 62)


def _voice(value: Any) -> Voice:
    role, note, channel, level = _list(value, 4, 4)
    return Voice(_word(*ROLES)(role), _whole(0, 127)(note), _whole(1, 16)(channel), _percent(level))


def _levels(value: Any) -> tuple[int, ...]:
    return tuple(_percent(level) for level in _list(value, len(LEVELS), len(LEVELS)))


def _row(value: Any) -> Row:
    role, cells, own_grid = _list(value, 3, 3)
    if not isinstance(cells, str) or not 0 < len(cells) <= MAX_CELLS or cells.strip(CELLS):
        raise WireError(f"a row is 1 to {MAX_CELLS} of the characters {CELLS}, not {_short(cells)}")
    return Row(_word(*ROLES)(role), cells, _flag(own_grid))


def _meter(value: Any) -> Meter:
    numerator, denominator, groups = _list(value, 3, 3)
    small = _whole(1, 64)
    try:
        return Meter.of(small(numerator), small(denominator), tuple(small(group) for group in _list(groups, 64)))
    except WireError:
        raise
    except ValueError as error:
        raise WireError(str(error)) from error


_followers = _many(_text, MAX_FOLLOWERS)
_rows = _many(_row, len(ROLES))
_PATTERN = {
    "name": Field(_text),
    "meter": Field(_meter),
    "groove": Field(_rows),
    "fill": Field(_rows, ()),
    "bars": Field(_whole(1, MAX_BARS), 1),
    "beat_ticks": Field(_ticks, TICKS_PER_QUARTER),
    "micro_bpm": Field(_whole(0, MAX_BPM * MICRO), 0),
    "swing": Field(_whole(STRAIGHT, MAX_SWING), STRAIGHT),
    "swing_ticks": Field(_ticks, TICKS_PER_QUARTER // 2),
    "about": Field(_text, ""),
    "family": Field(_text, ""),
}


def _pattern(value: Any) -> Pattern:
    return Pattern(**_fields(value, _PATTERN, "a pattern"))


def _section(value: Any) -> Section:
    origin_tick, bar, pattern = _list(value, 3, 3)
    return Section(_moment(origin_tick), _moment(bar), _pattern(_named(Pattern, pattern)))


def _timeline(value: Any) -> Timeline:
    tempo, origin_tick, origin_ns = _list(value, 3, 3)
    return Timeline(_whole(MIN_QUARTER_TEMPO, MAX_QUARTER_TEMPO)(tempo), _moment(origin_tick), _moment(origin_ns))


def _tempo_map(value: Any) -> TempoMap:
    (items,) = _list(value, 1, 1)
    timelines = _many(_timeline, MAX_TIMELINES)(items)
    ordered = _in_order(timelines, lambda line: line.origin_tick, lambda line: line.origin_ns)
    if any(after.origin_ns != before.time_of(after.origin_tick) for before, after in pairwise(ordered)):
        raise WireError("a line of tempo that begins where the one before it ends is wanted")
    return TempoMap(ordered)


def _sections(value: Any) -> tuple[Section, ...]:
    return _in_order(_many(_section, 100)(value), lambda section: section.origin_tick, lambda section: section.bar)


def _in_order(items: tuple[Any, ...], *keys: Callable[[Any], int]) -> tuple[Any, ...]:
    """At least one, in musical order: out of order, a tick would have no time, and the engine no next one."""
    if not items:
        raise WireError("a list of at least one is wanted")
    for key in keys:
        places = [key(item) for item in items]
        if places != sorted(places):
            raise WireError("a list in order of time is wanted")
    return items


_STATE = {
    "sections": Field(_sections),
    "tempo_map": Field(_tempo_map),
    "beat_micro_bpm": Field(_bpm),
    "playing": Field(_flag),
    "run": Field(_moment),
    "revision": Field(_moment),
    "fill_first": Field(_moment),
    "fill_last": Field(_moment),
    "end_bar": Field(_moment),
    "muted": Field(_flag),
    "voices": Field(_many(_voice, len(ROLES))),
    "levels": Field(_levels),
    "gate_ms": Field(_whole(1, 1000)),
    "clock": Field(_flag),
}


def _state(value: Any) -> PlayerState:
    return PlayerState(**_fields(value, _STATE, "a state"))


_MOST, _MOST_NS = 1 << 42, 1 << 57  # four years: what follows from a state that is handed over still fits into a View


def _resumed(value: Any) -> PlayerState:
    """A state to go on with. What is years away is not one that an engine left behind, and would be years to play."""
    state = _state(value)
    sections, lines = state.sections, state.tempo_map.timelines
    counts = [state.run, state.revision, state.fill_first, state.fill_last, state.end_bar, *(s.bar for s in sections)]
    ticks = [*(section.origin_tick for section in sections), *(line.origin_tick for line in lines)]
    times = [*(line.origin_ns for line in lines), *(state.tempo_map.time_of(tick) for tick in ticks)]
    if max(map(abs, counts + ticks)) > _MOST or max(map(abs, times)) > _MOST_NS:
        raise WireError("a state of this year is wanted")
    return state


def _named(kind: Any, value: Any) -> dict[str, Any]:
    """The fields of a named tuple that JSON has made a list of."""
    if isinstance(value, dict):
        return value
    return dict(zip(kind._fields, _list(value, len(kind._fields), len(kind._fields)), strict=True))


def _fields(value: Any, table: dict[str, Field], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WireError(f"{what} is a JSON object, not {_short(value)}")
    unknown = [key for key in value if key not in table]
    if unknown:
        raise WireError(f"{what} has no field {_short(unknown[0])}")
    return {name: _argument(name, field, value) for name, field in table.items()}


def _argument(name: str, field: Field, values: dict[str, Any]) -> Any:
    if name not in values:
        if field.default is _REQUIRED:
            raise WireError(f"{name} is missing")
        return field.default
    try:
        return field.check(values[name])
    except WireError as error:
        raise WireError(f"{name}: {error}") from error


# Commands that change the state: the function that does it, and its arguments.
STATE_COMMANDS: dict[str, tuple[Callable[..., PlayerState], dict[str, Field]]] = {
    "start": (
        transport.start,
        {"count_in": Field(_whole(0, MAX_COUNT_IN_BARS), 0), "bars": Field(_whole(0, 100_000), 0)},
    ),
    "stop": (transport.stop, {}),
    "tempo": (transport.set_tempo, {"micro_bpm": Field(_bpm)}),
    "pattern": (
        transport.set_pattern,
        {
            "pattern": Field(_pattern),
            "when": Field(_word("bar", "now"), "bar"),
            "micro_bpm": Field(_whole(0, MAX_BPM * MICRO), 0),
        },
    ),
    "fill": (transport.fill, {"bars": Field(_whole(0, MAX_FILL_BARS), 1)}),
    "mute": (transport.mute, {"on": Field(_flag)}),
    "voices": (transport.set_voices, {"voices": Field(_many(_voice, len(ROLES)))}),
    "levels": (transport.set_levels, {"levels": Field(_levels)}),
    "gate": (transport.set_gate, {"gate_ms": Field(_whole(1, 1000))}),
    "clock": (transport.set_clock, {"on": Field(_flag)}),
}

# Commands to the engine itself.
ENGINE_COMMANDS: dict[str, dict[str, Field]] = {
    "view": {},  # answer with one View
    "watch": {},  # send a View on every change from now on
    "panic": {},  # all sound off, on every channel used
    "hit": {"note": Field(_whole(0, 127)), "channel": Field(_whole(1, 16)), "velocity": Field(_whole(1, 127), 100)},
    "listen": {"on": Field(_flag)},  # tell the notes that the module plays
    "ports": {  # which port is the module's: see ports.Wish
        "match": Field(_many(_text, MAX_MATCH), ()),
        "exact": Field(_text, ""),
        "remembered": Field(_text, ""),
        "din": Field(_text, ""),
        "din_rate": Field(_whole(300, 4_000_000), 31250),
        "trim_ms": Field(_whole(-50, 50), 0),
    },
    "resume": {  # go on where an engine that died has been
        "state": Field(_resumed),
        "seen_ns": Field(_moment),
        "restarts": Field(_whole(0, 1 << 31), 0),
        "followers": Field(_followers, ()),
    },
    "spin": {"us": Field(_whole(0, MAX_SPIN_US))},  # how long before a write the sleep ends
    "quit": {"unless_watched": Field(_flag, False)},  # by another who stays
}

COMMANDS: dict[str, dict[str, Field]] = {name: fields for name, (_, fields) in STATE_COMMANDS.items()} | ENGINE_COMMANDS


def decode(line: bytes, most: int = MAX_RESUME_BYTES) -> Command:
    """The command in a line of `most` bytes. Raises WireError with one clear sentence."""
    if len(line) > most:
        raise WireError(f"a message of {len(line)} bytes: at most {MAX_COMMAND_BYTES} are taken")
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError("a message is one line of JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("do"), str):
        raise WireError('a message is a JSON object such as {"do": "start"}')
    name = message.pop("do")
    if name not in COMMANDS:
        raise WireError(f"there is no command {_short(name)}; there are {', '.join(COMMANDS)}")
    if len(line) > MAX_COMMAND_BYTES and name != "resume":
        raise WireError(f"a message of {len(line)} bytes: at most {MAX_COMMAND_BYTES} are taken")
    stamp_ns = _argument("stamp_ns", Field(_moment, 0), message)
    message.pop("stamp_ns", None)
    if name == "pattern" and isinstance(message.get("pattern"), list):
        message["pattern"] = _named(Pattern, message["pattern"])
    return Command(name, _fields(message, COMMANDS[name], f'"{name}"'), stamp_ns)


def encode(name: str, stamp_ns: int = 0, /, **arguments: Any) -> bytes:
    """A command as a line."""
    if name == "resume":
        arguments["state"] = arguments["state"]._asdict()
    stamp = {"stamp_ns": stamp_ns} if stamp_ns else {}
    return json.dumps({"do": name, **stamp, **arguments}, separators=(",", ":")).encode() + b"\n"


def apply(state: PlayerState, command: Command, now_ns: int, reach_ns: int) -> PlayerState:
    """The state after a command that changes it; the engine does this, and a panel to foresee what it will do."""
    change, _ = STATE_COMMANDS[command.name]
    after = change(state, now_ns, reach_ns, **command.arguments)
    return after._replace(revision=state.revision + 1)


def encode_view(view: View, state_json: str = "") -> bytes:
    """A View as a line. `state_json`, its state as `encode_state` has it, spares most of the work."""
    rest = view._asdict()
    del rest["state"]
    told = json.dumps(rest, separators=(",", ":"))
    return f'{{"view":{{"state":{state_json or encode_state(view.state)},{told[1:]}}}\n'.encode()


def encode_state(state: PlayerState) -> str:
    """A state as JSON."""
    return json.dumps(state._asdict(), separators=(",", ":"))


def encode_heard(heard: Heard) -> bytes:
    """A heard note as a line."""
    return json.dumps({"heard": heard}).encode() + b"\n"


def encode_error(what: str) -> bytes:
    """A refusal as a line."""
    return json.dumps({"error": what}).encode() + b"\n"


def _port_view(value: Any) -> PortView:
    kind, name, connected = _list(value, 3, 3)
    return PortView(_text(kind), _text(name), _flag(connected))


_VIEW = {
    "state": Field(_state),
    "ports": Field(_many(_port_view, 50)),
    "available": Field(_many(_text, 200)),
    "realtime": Field(_text),
    "lateness_us": Field(lambda value: tuple(_moment(item) for item in _list(value, 3, 3))),
    "dropped": Field(_moment),
    "missed": Field(_moment),
    "replugs": Field(_moment),
    "restarts": Field(_moment),
    "followers": Field(_followers),
    "pid": Field(_moment),
}


def decode_answer(line: bytes) -> View | Heard:
    """What the engine said. Raises WireError for a refusal, or for what no engine says."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError("the engine's answer is no JSON") from error
    if not isinstance(message, dict):
        raise WireError("the engine's answer is not known")
    if "view" in message:
        return View(**_fields(message["view"], _VIEW, "a view"))
    if "heard" in message:
        return Heard(*(_moment(item) for item in _list(message["heard"], 4, 4)))
    refusal = message.get("error")
    raise WireError(refusal[:400] if isinstance(refusal, str) and refusal else "the engine's answer is not known")
