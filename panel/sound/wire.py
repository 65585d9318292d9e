"""The protocol between the panel and the sound: JSON, a message a line, over a Unix socket. COMMANDS is all of it.

It must never let a value through that the sound could stumble over, nor import what makes sound: the panel reads it.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from panel.engine import checks
from panel.engine.checks import Field
from panel.engine.checks import WireError as WireError
from panel.music.pattern import MAX_TEXT

SOCKET, LOCK = "sound.sock", "sound.lock"
RUNNING = 3  # exit code where another runs already
NO_LIBRARIES = 4  # exit code where numpy, sounddevice or soundfile is not installed
NO_FOLDER = 5  # exit code where the runtime folder can't be used
STARTING = "starting"  # a problem that passes by itself
CLICK, KIT, SYNTH, MASTER = BUSES = ("click", "kit", "synth", "master")
FIRST_LEVELS = {CLICK: 100, KIT: 80, SYNTH: 80, MASTER: 88}  # percent: the click is what the box is for
PADS_PLAY = ("nothing", "kit", "synth")

MAX_BYTES = 60 * 1024  # of a line
MAX_NAMES = 500  # kits, patches
MAX_SOUNDS = 128  # of a kit
MAX_PARAMS = 16  # of a patch
WAVE_POINTS = 64  # of the drawing of a patch's wave, each -100 to 100


class KitSound(NamedTuple):
    """A sound of a kit: its name, its note, its level in percent, the choke group it is in ("": none)."""

    name: str
    note: int
    level: int
    choke: str


class PatchParam(NamedTuple):
    """What a patch lets the encoder turn, from `low` to `high`; `unit` is "" where it has none."""

    name: str
    value: float
    default: float
    low: float
    high: float
    unit: str


class SoundView(NamedTuple):
    """What the sound says of itself, on every change and once a second.

    `device` is "" while there is none, and `problem` says why there is no sound ("" while there is). `latency_us` is
    how long before it is heard a frame is made, `load` the thousandths of real time that this takes, `dropouts` and
    `late` count blocks that came too late and notes that did. `engine` tells whether the engine's notes come. `fault`
    is what is wrong with the patch that was written last (file:line: what), `faults` what is wrong with kits.
    `devices` are the outputs that could be chosen.
    """

    device: str = ""
    problem: str = ""
    rate: int = 0
    latency_us: int = 0
    load: int = 0
    dropouts: int = 0
    late: int = 0
    engine: bool = False
    click_kit: str = ""
    kit: str = ""
    kits: tuple[str, ...] = ()
    click_sounds: tuple[KitSound, ...] = ()
    kit_sounds: tuple[KitSound, ...] = ()
    patch: str = ""
    patches: tuple[str, ...] = ()
    params: tuple[PatchParam, ...] = ()
    wave: tuple[int, ...] = ()
    fault: str = ""
    faults: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    pid: int = 0


class Command(NamedTuple):
    """A command as it arrived: its name and its checked arguments."""

    name: str
    arguments: dict[str, Any]


def number(value: Any) -> float:
    """A number that is one: no NaN, no infinity."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9:
        return float(value)
    raise WireError(f"a number is wanted, not {checks.short(value)}")


def _table(check: checks.Check, most: int) -> checks.Check:
    """An object of at most `most` values, by name."""

    def check_all(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > most:
            raise WireError(f"an object of at most {most} values is wanted, not {checks.short(value)}")
        return {checks.text(name): check(item) for name, item in value.items()}

    return check_all


_percent = checks.whole(0, 100)

COMMANDS: dict[str, dict[str, Field]] = {
    "view": {},  # answer with one SoundView
    "watch": {},  # send a SoundView on every change from now on
    "kit": {"bus": Field(checks.word(CLICK, KIT)), "name": Field(checks.text)},  # what was there rings out
    "adjust": {  # a kit's sounds against what its kit.toml says: levels in percent, choke groups
        "kit": Field(checks.text),
        "levels": Field(_table(_percent, MAX_SOUNDS), {}),
        "chokes": Field(_table(checks.text, MAX_SOUNDS), {}),
    },
    "mix": {"levels": Field(_table(_percent, len(BUSES)))},  # of buses
    "audition": {
        "bus": Field(checks.word(CLICK, KIT, SYNTH)),
        "note": Field(checks.whole(0, 127)),
        "velocity": Field(checks.whole(1, 127), 100),
    },
    "patch": {"name": Field(checks.text)},
    "params": {"patch": Field(checks.text), "values": Field(_table(number, MAX_PARAMS))},
    "pads": {"play": Field(checks.word(*PADS_PLAY)), "port": Field(checks.text, "")},  # what the module's pads sound
    "device": {"name": Field(checks.text)},  # part of a device's name; "": the system's choice
    "panic": {},
    "quit": {"unless_watched": Field(checks.flag, False)},
}


def encode(name: str, /, **arguments: Any) -> bytes:
    """A command as a line."""
    return json.dumps({"do": name, **arguments}, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Command:
    """The command in a line. Raises WireError with one clear sentence."""
    if len(line) > MAX_BYTES:
        raise WireError(f"a message of {len(line)} bytes: at most {MAX_BYTES} are taken")
    message = _object(line)
    name = message.pop("do", None)
    if not isinstance(name, str) or name not in COMMANDS:
        raise WireError(f"there is no command {checks.short(name)}; there are {', '.join(COMMANDS)}")
    return Command(name, checks.fields_of(message, COMMANDS[name], f'"{name}"'))


def encode_view(view: SoundView) -> bytes:
    """A SoundView as a line. Of what is too long for a panel it has the end of a text, the beginning of a list."""
    told = {name: _told(value, _MOST.get(name, MAX_NAMES)) for name, value in view._asdict().items()}
    return json.dumps({"sound": told}, separators=(",", ":")).encode() + b"\n"


def _told(value: Any, most: int) -> Any:
    """A value as the panel takes it: a file's path may be longer, and hold bytes that are no characters."""
    if isinstance(value, str):
        text = value.encode(errors="replace").decode()
        return text if len(text) <= MAX_TEXT else "..." + text[3 - MAX_TEXT :]
    return [_told(item, most) for item in value[:most]] if isinstance(value, tuple) else value


def encode_error(what: str) -> bytes:
    """A refusal as a line."""
    return json.dumps({"error": what}).encode() + b"\n"


def decode_answer(line: bytes) -> SoundView:
    """What the sound said. Raises WireError for a refusal, or for what it never says."""
    message = _object(line)
    if "sound" in message:
        return SoundView(**checks.fields_of(message["sound"], _VIEW, "a view"))
    refusal = message.get("error")
    raise WireError(refusal[:400] if isinstance(refusal, str) and refusal else "the sound's answer is not known")


def _object(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError("a message is one line of JSON") from error
    if not isinstance(message, dict):
        raise WireError('a message is a JSON object such as {"do": "view"}')
    return message


def _kit_sound(value: Any) -> KitSound:
    name, note, level, choke = checks.listed(value, 4, 4)
    return KitSound(checks.text(name), checks.whole(0, 127)(note), _percent(level), checks.text(choke))


def _param(value: Any) -> PatchParam:
    name, *numbers, unit = checks.listed(value, 6, 6)
    now, default, low, high = map(number, numbers)
    return PatchParam(checks.text(name), now, default, low, high, checks.text(unit))


_MOST = {"click_sounds": MAX_SOUNDS, "kit_sounds": MAX_SOUNDS, "params": MAX_PARAMS, "wave": WAVE_POINTS}
_NAMES = checks.many(checks.text, MAX_NAMES)
_SOUNDS = checks.many(_kit_sound, MAX_SOUNDS)
_VIEW = {
    "device": Field(checks.text),
    "problem": Field(checks.text),
    "rate": Field(checks.moment),
    "latency_us": Field(checks.moment),
    "load": Field(checks.moment),
    "dropouts": Field(checks.moment),
    "late": Field(checks.moment),
    "engine": Field(checks.flag),
    "click_kit": Field(checks.text),
    "kit": Field(checks.text),
    "kits": Field(_NAMES),
    "click_sounds": Field(_SOUNDS),
    "kit_sounds": Field(_SOUNDS),
    "patch": Field(checks.text),
    "patches": Field(_NAMES),
    "params": Field(checks.many(_param, MAX_PARAMS)),
    "wave": Field(checks.many(checks.whole(-100, 100), WAVE_POINTS)),
    "fault": Field(checks.text),
    "faults": Field(_NAMES),
    "devices": Field(_NAMES, ()),
    "pid": Field(checks.moment),
}
