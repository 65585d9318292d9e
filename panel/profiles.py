"""Profiles: what a drum module calls itself, and on which note it has each sound.

It must never leave a role without a sound: what a module lacks is played by what is nearest to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from panel.engine.state import Voice
from panel.music.pattern import ROLES
from panel.music.percussion import NEAR_ROLES, role_of, stand_in
from panel.music.reading import nearest
from panel.tomltext import Fault, TextError, TomlText, literal

FORMAT = 1
FALLBACK_PROFILE = "General MIDI"
MAX_PART = 40  # characters of a part of a port's name
_KEYS = ("format", "name", "about", "match", "channel", "notes", "levels", "channels", "pads")


class Profile(NamedTuple):
    """A module: `match` are parts of its port's name, `notes` its note for each role, `pads` its names for notes.

    `levels` are percents and `channels` 1 to 16, where a role differs from 100 and from `channel`.
    """

    name: str
    channel: int
    notes: dict[str, int]
    match: tuple[str, ...] = ()
    levels: dict[str, int] = {}  # noqa: RUF012 - never written to
    channels: dict[str, int] = {}  # noqa: RUF012
    pads: dict[str, int] = {}  # noqa: RUF012
    about: str = ""

    def voice(self, role: str) -> Voice:
        """The sound of a role."""
        source = stand_in(role, self.notes) or next(iter(self.notes))
        channel = self.channels.get(role, self.channels.get(source, self.channel))
        return Voice(role, self.notes[source], channel, self.levels.get(role, 100))

    def role_of(self, note: int) -> str:
        """The first role on a note of its own, else what General MIDI has there or near it, "" where none is."""
        return self.roles.get(note) or role_of(note) or NEAR_ROLES.get(note, "")

    @property
    def roles(self) -> dict[int, str]:
        """The role of each of its notes; of two on one note the first."""
        return {note: role for role, note in reversed(self.notes.items())}

    @property
    def voices(self) -> tuple[Voice, ...]:
        """The sounds of all roles."""
        return tuple(self.voice(role) for role in ROLES)

    @property
    def text(self) -> str:
        """A file that says all this, where the one that it was read from is gone."""
        lines = [f"name = {literal(self.name)}", f"about = {literal(self.about)}", f"channel = {self.channel}"]
        lines.append(f"match = [{', '.join(map(literal, self.match))}]")
        for table, rows in (("notes", self.notes), ("levels", self.levels), ("channels", self.channels)):
            lines += ["", f"[{table}]", *(f"{role} = {value}" for role, value in rows.items())]
        lines += ["", "[pads]", *(f"{literal(pad)} = {note}" for pad, note in self.pads.items())]
        return "\n".join(lines) + "\n"

    def pad_of(self, note: int) -> str:
        """The module's own name for a note, or "" where it has none."""
        return next((pad for pad, at in self.pads.items() if at == note), "")


def profile_of_port(name: str, profiles: Iterable[Profile]) -> Profile | None:
    """The first profile that knows a port by a part of its name, case aside; None where none does."""
    return next((p for p in profiles if any(part.lower() in name.lower() for part in p.match)), None)


def parts_to_look_for(profiles: Iterable[Profile]) -> list[str]:
    """What modules call themselves; a synthesizer's names come last, so that a pad that is there goes first."""
    ordered = sorted(profiles, key=lambda profile: profile.name == FALLBACK_PROFILE)
    return [part for profile in ordered for part in profile.match]


def parse_profile(raw: bytes, source: str) -> Profile:
    """The profile in a file's bytes. Raises TextError with every fault that was found."""
    return _Reading(TomlText(raw, source)).profile()


class _Reading:
    def __init__(self, text: TomlText) -> None:
        self.text, self.data = text, text.data
        self.faults: list[Fault] = []

    def profile(self) -> Profile:
        for key in self.data:
            if key not in _KEYS:
                self._fault(f"there is no key '{key[:24]}'{_meant(key, _KEYS)}", key, key=True)
        if self.data.get("format", FORMAT) != FORMAT:
            self._fault(f"this box reads format {FORMAT}", "format")
        profile = Profile(
            name=self._text_of("name"),
            channel=self._whole(self.data.get("channel", 10), 1, 16, "channel"),
            notes=self._table("notes", 0, 127, ROLES),
            match=self._match(),
            levels=self._table("levels", 0, 100, ROLES),
            channels=self._table("channels", 1, 16, ROLES),
            pads=self._table("pads", 0, 127, ()),
            about=self._text_of("about", ""),
        )
        if not profile.notes and not self.faults:
            self.faults.append(Fault(self.text.source, 1, 1, "there is no [notes] table with a role in it"))
        if self.faults:
            raise TextError(self.faults)
        return profile

    def _match(self) -> tuple[str, ...]:
        value = self.data.get("match", [])
        if isinstance(value, list) and all(isinstance(part, str) and 0 < len(part) <= MAX_PART for part in value):
            return tuple(value)
        self._fault('match is a list of short parts of the port\'s name: ["SamplePad"]', "match")
        return ()

    def _table(self, name: str, low: int, high: int, keys: tuple[str, ...]) -> dict[str, int]:
        table = self.data.get(name, {})
        if not isinstance(table, dict):
            self._fault(f"{name} is a table: write [{name}] on a line of its own", name)
            return {}
        for key in table:
            if keys and key not in keys:
                self._fault(f"there is no role '{key[:24]}'{_meant(key, keys)}", name, key, key=True)
        return {key: self._whole(value, low, high, name, key) for key, value in table.items()}

    def _whole(self, value: Any, low: int, high: int, *path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._fault(f"{path[-1][:24]} is a whole number from {low} to {high}", *path)
        return low

    def _text_of(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if isinstance(value, str) and (value or default is not None) and value.isprintable():
            return value
        self._fault(f"{key} is text in quotes", key)
        return ""

    def _fault(self, what: str, *path: str, key: bool = False) -> None:
        self.faults.append(self.text.fault(what, *path, key=key))


def _meant(word: str, words: tuple[str, ...]) -> str:
    close = nearest(word, words)
    return f", did you mean '{close}'?" if close else ""
