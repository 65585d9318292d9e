"""The protocol between panel and engine: JSON, a message a line, over a Unix socket. The table COMMANDS is all of it.

It must never let a value through that the engine could stumble over: what arrives is checked field by field, and
whatever is wrong is answered by one clear sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from panel.engine import checks, transport, written
from panel.engine.checks import MAX_FOLLOWERS as MAX_FOLLOWERS
from panel.engine.checks import Field
from panel.engine.checks import WireError as WireError
from panel.engine.state import PlayerState
from panel.engine.transport import MAX_COUNT_IN_BARS, MAX_FILL_BARS, MAX_REPEATS
from panel.engine.written import encode_state
from panel.music.pattern import COUNT, ROLES
from panel.music.practice import NOTHING
from panel.music.song import MAX_PART_BARS
from panel.music.tempo import NEVER

MAX_COMMAND_BYTES = 8 * 1024
MAX_RESUME_BYTES = 64 * 1024  # a whole state; only an engine at rest takes one
_GROWTH_BYTES = 8 * 1024  # of a state while it is played: places of its sections, lines of tempo
MAX_MATCH = 100  # parts of the names of ports
MAX_SPIN_US = 1000
MAX_PULL_NS = 1_000_000_000
MAX_LEAD_MS = 500
MAX_MESSAGES = 1000  # of one instant, to the box's own sound
MAX_MESSAGE = 3  # bytes of one of them
CLICK_TO = ("auto", "module", "box", "both")  # where the click goes; auto: to the box where no module is


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
    """A stroke on the drum module while the engine was asked to listen; with `control` a pedal that went down, whose
    controller and value stand in place of note and velocity."""

    note: int
    channel: int
    velocity: int
    stamp_ns: int
    control: bool = False


class Notes(NamedTuple):
    """What the box's own sound is to play at `due_ns` (CLOCK_MONOTONIC): MIDI messages, sent ahead of time."""

    due_ns: int
    revision: int
    messages: tuple[tuple[int, ...], ...]


class Recall(NamedTuple):
    """What the box's own sound was sent under a revision older than this, and is due after `heard_ns`, is not to be
    played."""

    revision: int
    heard_ns: int = NEVER


Answer = View | Heard | Notes | Recall


class Command(NamedTuple):
    """A command as it arrived: its name and its checked arguments; `stamp_ns` is when the hand moved (0: not told)."""

    name: str
    arguments: dict[str, Any]
    stamp_ns: int = 0


# Commands that change the state: the function that does it, and its arguments.
STATE_COMMANDS: dict[str, tuple[Callable[..., PlayerState], dict[str, Field]]] = {
    "start": (
        transport.start,
        {
            "count_in": Field(checks.whole(0, MAX_COUNT_IN_BARS), 0),
            "count_role": Field(checks.word("", *ROLES), COUNT),
            "bars": Field(checks.whole(0, 100_000), 0),
            "repeats": Field(checks.whole(1, MAX_REPEATS), 1),
            "at_ns": Field(checks.moment, 0),
            "practice": Field(checks.practice_of, NOTHING),
        },
    ),
    "stop": (transport.stop, {}),
    "tempo": (transport.set_tempo, {"micro_bpm": Field(checks.bpm)}),
    "pattern": (
        transport.set_pattern,
        {
            "pattern": Field(checks.pattern_of),
            "when": Field(checks.word("bar", "now"), "bar"),
            "micro_bpm": Field(checks.tempo_or_none, 0),
        },
    ),
    "vary": (transport.vary, {"pattern": Field(checks.pattern_of)}),  # the bar that follows
    "song": (transport.load_song, {"part": Field(checks.part_of)}),
    "part": (transport.add_part, {"part": Field(checks.part_of)}),
    "go on": (transport.go_on, {}),
    "let end": (transport.let_end, {}),
    "one": (transport.one, {"at_ns": Field(checks.moment)}),
    "slip": (transport.slip, {"units": Field(checks.whole(-100, 100))}),
    "pull": (transport.pull, {"ns": Field(checks.whole(-MAX_PULL_NS, MAX_PULL_NS))}),
    "practise": (transport.practise, {"practice": Field(checks.practice_of)}),
    "fill": (
        transport.fill,
        {"bars": Field(checks.whole(0, MAX_FILL_BARS), 1), "when": Field(checks.word("bar", "now"), "bar")},
    ),
    "fill every": (transport.set_fill_every, {"bars": Field(checks.whole(0, MAX_PART_BARS))}),
    "mute": (transport.mute, {"on": Field(checks.flag)}),
    "voices": (transport.set_voices, {"voices": Field(checks.many(checks.voice_of, len(ROLES)))}),
    "levels": (transport.set_levels, {"levels": Field(checks.levels_of)}),
    "gate": (transport.set_gate, {"gate_ms": Field(checks.whole(1, 1000))}),
    "clock": (transport.set_clock, {"on": Field(checks.flag)}),
}

# Commands to the engine itself.
ENGINE_COMMANDS: dict[str, dict[str, Field]] = {
    "view": {},  # answer with one View
    "watch": {},  # send a View on every change from now on
    "panic": {},  # all sound off, on every channel used
    "hit": {
        "note": Field(checks.whole(0, 127)),
        "channel": Field(checks.whole(1, 16)),
        "velocity": Field(checks.whole(1, 127), 100),
        "role": Field(checks.word("", *ROLES), ""),  # which sound it is, for the box's own
    },
    "program": {  # a program change, behind its bank where that is not -1
        "number": Field(checks.whole(0, 127)),
        "channel": Field(checks.whole(1, 16)),
        "bank_msb": Field(checks.whole(-1, 127), -1),
        "bank_lsb": Field(checks.whole(-1, 127), -1),
    },
    "listen": {"on": Field(checks.flag)},  # tell the notes that the module plays
    "notes": {"lead_ms": Field(checks.whole(0, MAX_LEAD_MS))},  # tell what is to sound, so much ahead; 0: no more
    "ports": {  # which port is the module's: see ports.Wish
        "match": Field(checks.many(checks.text, MAX_MATCH), ()),
        "exact": Field(checks.text, ""),
        "remembered": Field(checks.text, ""),
        "din": Field(checks.text, ""),
        "din_rate": Field(checks.whole(300, 4_000_000), 31250),
        "trim_ms": Field(checks.whole(-50, 50), 0),
        "click_to": Field(checks.word(*CLICK_TO), "auto"),
    },
    "resume": {  # go on where an engine that died has been
        "state": Field(written.resumed_of),
        "seen_ns": Field(checks.moment),
        "restarts": Field(checks.whole(0, 1 << 31), 0),
        "followers": Field(checks.followers, ()),
    },
    "spin": {"us": Field(checks.whole(0, MAX_SPIN_US))},  # how long before a write the sleep ends
    "quit": {"unless_watched": Field(checks.flag, False)},  # by another who stays
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
        raise WireError(f"there is no command {checks.short(name)}; there are {', '.join(COMMANDS)}")
    if len(line) > MAX_COMMAND_BYTES and name != "resume":
        raise WireError(f"a message of {len(line)} bytes: at most {MAX_COMMAND_BYTES} are taken")
    stamp_ns = checks.argument("stamp_ns", Field(checks.moment, 0), message)
    message.pop("stamp_ns", None)
    return Command(name, checks.fields_of(message, COMMANDS[name], f'"{name}"'), stamp_ns)


def encode(name: str, stamp_ns: int = 0, /, **arguments: Any) -> bytes:
    """A command as a line."""
    if name == "resume":
        arguments["state"] = written.state_value(arguments["state"])
    stamp = {"stamp_ns": stamp_ns} if stamp_ns else {}
    return json.dumps({"do": name, **stamp, **arguments}, separators=(",", ":")).encode() + b"\n"


def fits(state: PlayerState) -> bool:
    """Whether a state can be handed to the engine that takes over, however far it has been played."""
    return len(encode("resume", state=state, seen_ns=0)) <= MAX_RESUME_BYTES - _GROWTH_BYTES


def apply(state: PlayerState, command: Command, now_ns: int, reach_ns: int) -> PlayerState:
    """The state after a command that changes it; the engine does this, and a panel to foresee what it will do.

    Raises WireError for one that can't be carried out now.
    """
    change, _ = STATE_COMMANDS[command.name]
    try:
        after = change(state, now_ns, reach_ns, **command.arguments)
    except ValueError as error:
        raise WireError(str(error)) from error
    return after._replace(revision=state.revision + 1)


def encode_view(view: View, state_json: str = "", with_state: bool = True) -> bytes:
    """A View as a line. `state_json`, its state as `encode_state` has it, spares most of the work.

    Without its state it is for those who were told that, and read the line with it.
    """
    rest = view._asdict()
    del rest["state"]
    told = json.dumps(rest, separators=(",", ":"))
    state = f'"state":{state_json or encode_state(view.state)},' if with_state else ""
    return f'{{"view":{{{state}{told[1:]}}}\n'.encode()


def encode_heard(heard: Heard) -> bytes:
    """A heard note as a line."""
    return json.dumps({"heard": heard}).encode() + b"\n"


def encode_notes(messages: list[tuple[int, ...]], due_ns: int, revision: int) -> bytes:
    """Notes as a line. Made by hand: it stands where a module's next note may be due, and is a third of json's work."""
    told = ",".join([f"[{','.join(map(str, message))}]" for message in messages])
    return f'{{"notes":[{due_ns},{revision},[{told}]]}}\n'.encode()


def encode_recall(revision: int, heard_ns: int = NEVER) -> bytes:
    """A Recall as a line."""
    return f'{{"recall":[{revision},{heard_ns}]}}\n'.encode()


def encode_error(what: str) -> bytes:
    """A refusal as a line."""
    return json.dumps({"error": what}).encode() + b"\n"


def _port_view(value: Any) -> PortView:
    kind, name, connected = checks.listed(value, 3, 3)
    return PortView(checks.text(kind), checks.text(name), checks.flag(connected))


def _heard(value: Any) -> Heard:
    *numbers, control = checks.listed(value, 5, 5)
    note, channel, velocity, stamp_ns = map(checks.moment, numbers)
    return Heard(note, channel, velocity, stamp_ns, checks.flag(control))


_BYTE = checks.whole(0, 255)
_MESSAGES = checks.many(lambda value: tuple(map(_BYTE, checks.listed(value, MAX_MESSAGE))), MAX_MESSAGES)


def _notes(value: Any) -> Notes:
    due_ns, revision, messages = checks.listed(value, 3, 3)
    return Notes(checks.moment(due_ns), checks.moment(revision), _MESSAGES(messages))


_VIEW = {
    "state": Field(written.state_of),
    "ports": Field(checks.many(_port_view, 50)),
    "available": Field(checks.many(checks.text, 200)),
    "realtime": Field(checks.text),
    "lateness_us": Field(lambda value: tuple(checks.moment(item) for item in checks.listed(value, 3, 3))),
    "dropped": Field(checks.moment),
    "missed": Field(checks.moment),
    "replugs": Field(checks.moment),
    "restarts": Field(checks.moment),
    "followers": Field(checks.followers),
    "pid": Field(checks.moment),
}


def decode_answer(line: bytes, known: PlayerState | None = None) -> Answer:
    """What the engine said. Raises WireError for a refusal, or for what no engine says.

    A View that tells no state means the one that was told before it, `known`.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError("the engine's answer is no JSON") from error
    if not isinstance(message, dict):
        raise WireError("the engine's answer is not known")
    if "view" in message:
        table = _VIEW if known is None else _VIEW | {"state": Field(written.state_of, known)}
        return View(**checks.fields_of(message["view"], table, "a view"))
    if "heard" in message:
        return _heard(message["heard"])
    if "notes" in message:
        return _notes(message["notes"])
    if "recall" in message:
        return Recall(*map(checks.moment, checks.listed(message["recall"], 2, 2)))
    refusal = message.get("error")
    raise WireError(refusal[:400] if isinstance(refusal, str) and refusal else "the engine's answer is not known")
