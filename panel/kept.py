"""What comes back after a power cut: the drummer's choices, as a small readable file.

It must never keep what a song or a setting keeps; and a choice that no longer exists is no fault, only a default.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM
from panel.tomltext import TextError, TomlText, literal

KEPT_FILE = "session.toml"
MAX_NUMBER = 9999
_SOUNDS = ("click_kit", "kit", "patch")
_WHERE_SAID = (*_SOUNDS, "beats", "style")  # no line, where it is ""
_TEXTS = ("pattern", "profile", "port", "remembered", "set", "song", *_WHERE_SAID)
_KEYS = (*_TEXTS, "bpm", "number")


class Kept(NamedTuple):
    """The choices. `micro_bpm` is 0 until a tempo was set, `profile` "" while the port's name decides, `port` "" while
    the profile does; `remembered` is the module that sounded last. `set_name` is the set that is open ("": none),
    `song` the song that is loaded ("": free play), and `number` its place in the set, from 1.
    `click_kit`, `kit` and `patch` are the own sound's, "" while it takes what it has. `beats` is "on" while a beat is
    to write itself beside the click, `style` the pattern in whose manner one that learns plays ("": the drummer's)."""

    pattern: str = ""
    micro_bpm: int = 0
    profile: str = ""
    port: str = ""
    remembered: str = ""
    set_name: str = ""
    song: str = ""
    number: int = 0
    click_kit: str = ""
    kit: str = ""
    patch: str = ""
    beats: str = ""
    style: str = ""

    @property
    def text(self) -> str:
        """The file."""
        bpm = [f"bpm = {literal(self.micro_bpm / MICRO)}"] if self.micro_bpm else []
        lines = [f"pattern = {literal(self.pattern)}", *bpm, f"profile = {literal(self.profile)}"]
        lines += [f"port = {literal(self.port)}", f"remembered = {literal(self.remembered)}"]
        lines += [f"set = {literal(self.set_name)}", f"song = {literal(self.song)}", f"number = {self.number}"]
        lines += [f"{name} = {literal(getattr(self, name))}" for name in _WHERE_SAID if getattr(self, name)]
        return "# What was chosen last; the box writes this file.\n" + "\n".join(lines) + "\n"


def parse_kept(raw: bytes, source: str) -> Kept:
    """The choices in a file's bytes. Raises TextError with every fault."""
    text = TomlText(raw, source)
    faults = [text.fault(f"there is no key '{key[:24]}'", key, key=True) for key in text.data if key not in _KEYS]
    texts = {key: text.data.get(key, "") for key in _TEXTS}
    faults += [
        text.fault(f"{key} is text in quotes", key) for key, value in texts.items() if not isinstance(value, str)
    ]
    bpm, number = text.data.get("bpm", 0), text.data.get("number", 0)
    if isinstance(bpm, bool) or not isinstance(bpm, (int, float)) or not (bpm == 0 or MIN_BPM <= bpm <= MAX_BPM):
        faults.append(text.fault(f"bpm is a number from {MIN_BPM} to {MAX_BPM}", "bpm"))
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_NUMBER:
        faults.append(text.fault(f"number is a whole number from 0 to {MAX_NUMBER}", "number"))
    if faults:
        raise TextError(faults)
    return Kept(micro_bpm=round(bpm * MICRO), set_name=texts.pop("set"), number=number, **texts)
