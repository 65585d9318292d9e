"""What sounds a kit has: read from its kit.toml and the names of its files, before any of them is decoded.

It must never guess: a file that neither its name nor kit.toml gives a place is a fault with line and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from panel.music.reading import MAX_FAULTS, MAX_NAME, Keys, is_name, meant, nearest
from panel.sound.header import read_header
from panel.sound.kitfolder import (
    ALIASES,
    KIT_FILE,
    NAMES,
    NOTES_OF,
    SUFFIXES,
    KitFile,
    kit_toml,
    letters_of,
    sound_files,
    sound_of,
)
from panel.tomltext import Fault, TextError, TomlText, printable

FORMAT = 1
KEYS = ("format", "name", "about")
SOUND_KEYS = ("note", "gain", "choke")  # and the velocities from which on files play
MIN_GAIN_DB, MAX_GAIN_DB = -60, 12
HATS, HAT_GROUP = ("hat", "pedalhat", "openhat"), "hats"  # they choke one another where no kit.toml says otherwise

_SUCH_AS = 'such as 1 = ["snare.wav"]'


class SheetLayer(NamedTuple):
    """The files that play by turns, from a velocity on."""

    velocity: int
    files: tuple[KitFile, ...]


class SheetSound(NamedTuple):
    """A sound as its sheet has it: `choke` is its group or "", the layers go from soft to hard."""

    name: str
    note: int
    gain_db: float
    choke: str
    layers: tuple[SheetLayer, ...]


class KitSheet(NamedTuple):
    """What a kit's folder says of it: one sound or more."""

    name: str
    about: str
    sounds: tuple[SheetSound, ...]

    @property
    def files(self) -> list[KitFile]:
        """Every file, once."""
        every = (file for sound in self.sounds for layer in sound.layers for file in layer.files)
        return list({file.path: file for file in every}.values())


def read_sheet(folder: Path) -> KitSheet:
    """The sheet of a kit's folder. Raises TextError with every fault that was found; opens none but kit.toml."""
    files = sound_files(folder)
    return parse_sheet(kit_toml(folder), str(folder / KIT_FILE), files)


def parse_sheet(raw: bytes, source: str, files: Mapping[str, Path]) -> KitSheet:
    """The sheet in the bytes of a kit.toml beside these files, by their path in the folder. Raises TextError."""
    return _Sheet(TomlText(raw, source), files).sheet()


def check_kit(folder: Path) -> list[Fault]:
    """Every fault of a kit that shows before its sounds are decoded: the sheet's, and what its files say they are."""
    try:
        files = read_sheet(folder).files
    except TextError as error:
        return error.faults
    return [file.wrong(what) for file in files if (what := _wrong_in(file.path))]


def _wrong_in(path: Path) -> str:
    try:
        read_header(path)
    except ValueError as error:
        return str(error)
    return ""


def _sound_name(table: str) -> str:
    """What the sound of a table is called."""
    name = table.lower()
    return ALIASES.get(name, name if name in NOTES_OF else table)


class _Sheet(Keys):
    """One reading of one kit's sheet."""

    def __init__(self, text: TomlText, files: Mapping[str, Path]) -> None:
        super().__init__(text)
        self._folder, self._files = Path(text.source).parent, files
        self._unnamed = dict(files)  # those that kit.toml does not name
        self._notes: dict[int, str] = {}  # whose each note is

    def sheet(self) -> KitSheet:
        self.format(FORMAT)
        tables = self._tables()
        layers = {name: self._layers(table) for name, table in tables.items()}
        for name, files in self._by_name(tables, layers).items():
            layers[name] = (SheetLayer(1, tuple(files)),)
        sounds = [self._sound(name, tables.get(name), layers[name]) for name in layers]
        name = self.name() if "name" in self.data else self._folder_name()
        sheet = KitSheet(name, self.about(), tuple(sounds))
        self.refuse_faults()
        return sheet

    def _folder_name(self) -> str:
        name = printable(self._folder.absolute().name)[:MAX_NAME].strip()
        return name if is_name(name) else "Kit"

    def _tables(self) -> dict[str, str]:
        """The tables that are sounds, by the sound's name; whatever else is not known is a fault."""
        tables: dict[str, str] = {}
        for key, value in self.data.items():
            name, shown = _sound_name(key), printable(key, 24)
            if key in KEYS:
                continue
            if not isinstance(value, dict):
                hint = ": it stands below a [sound]" if key in SOUND_KEYS or key.isdecimal() else meant(key, KEYS)
                self.fault(f"there is no key '{shown}' for a whole kit{hint}", key, key=True)
            elif not is_name(key):
                self.fault(f"a sound's [name] has at most {MAX_NAME} characters", key, key=True)
            elif name in tables:
                self.fault(f"[{shown}] is the {name}, which stands here already", key, key=True)
            else:
                tables[name] = key
        return tables

    def _layers(self, table: str) -> tuple[SheetLayer, ...]:
        """What a table says of its files; nothing where it leaves them to their names."""
        keys = Keys(self.text, (table,), self.faults)
        layers: dict[int, tuple[KitFile, ...]] = {}
        for key in (key for key in keys.data if key not in SOUND_KEYS):
            if not re.fullmatch("[0-9]{1,9}", key):
                hint = meant(key, SOUND_KEYS).removesuffix("?")
                keys.fault(f"there is no key '{printable(key, 24)}' in a sound{hint}, and velocities", key, key=True)
            elif not 1 <= int(key) <= 127 or int(key) in layers:
                keys.fault("a velocity is a whole number from 1 to 127, and stands once", key, key=True)
            else:
                layers[int(key)] = self._listed(keys, key)
        return tuple(SheetLayer(*layer) for layer in sorted(layers.items()))

    def _listed(self, keys: Keys, velocity: str) -> tuple[KitFile, ...]:
        names = keys.data[velocity]
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            keys.fault(f"behind a velocity stands a list of files, {_SUCH_AS}", velocity)
            return ()
        return tuple(self._named(keys, name, velocity, str(index)) for index, name in enumerate(names))

    def _named(self, keys: Keys, name: str, *at: str) -> KitFile:
        """A file by the name that kit.toml has for it."""
        path, shown = PurePosixPath(name), printable(name, 60)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            keys.fault(f"'{shown}' leaves the kit's folder: name a file in it", *at, index=0)
        elif path.suffix.lower() not in SUFFIXES:
            keys.fault(f"'{shown}' is neither .wav nor .flac", *at, index=0)
        elif str(path) not in self._files:
            close = nearest(name[:60], self._files, 0.75)
            keys.fault(f"there is no file '{shown}'" + (f", did you mean '{close}'?" if close else ""), *at, index=0)
        self._unnamed.pop(str(path), None)
        return KitFile(self._folder / path, self.text.fault("", *keys.path, *at, index=0))

    def _by_name(self, tables: dict[str, str], told: dict[str, tuple[SheetLayer, ...]]) -> dict[str, list[KitFile]]:
        """The files that kit.toml does not name, by the sounds that their own names say."""
        found: dict[str, list[KitFile]] = {}
        for name, path in self._unnamed.items():
            file = KitFile(path, Fault(str(path), 1, 1, ""))
            word = name.split("/")[0] if "/" in name else path.stem
            sound = sound_of(word, tuple(tables))
            if not sound:
                close = meant(letters_of(word), NAMES, "docs/kits.md")
                self._refuse(file.wrong(f"is no sound by its name{close}"))
            elif told.get(sound):
                self._refuse(file.wrong(f"is not among the files that {KIT_FILE} has for the {sound}"))
            else:
                found.setdefault(sound, []).append(file)
        return found

    def _sound(self, name: str, table: str | None, layers: tuple[SheetLayer, ...]) -> SheetSound:
        choke = HAT_GROUP if name in HATS else ""
        if table is None:
            self._take_note(NOTES_OF[name], name, layers[0].files[0].place)
            return SheetSound(name, NOTES_OF[name], 0.0, choke, layers)
        keys = Keys(self.text, (table,), self.faults)
        if not layers:
            keys.fault(f"there is no file for the {name}, {_SUCH_AS}", key=True)
        return SheetSound(name, self._note(keys, name), self._gain_db(keys), self._choke(keys, choke), layers)

    def _note(self, keys: Keys, name: str) -> int:
        if name not in NOTES_OF and "note" not in keys.data:
            close = nearest(letters_of(name)[:24], NAMES, 0.75)
            hint = f"; did you mean '{close}'?" if close else ""
            keys.fault(f"a sound called '{printable(name, 24)}' says its note, such as note = 60{hint}", key=True)
            return 0
        note = keys.number("note", NOTES_OF.get(name, 0), 0, 127)
        said = "note" in keys.data
        self._take_note(note, name, self.text.fault("", *keys.path, *(["note"] if said else []), key=not said))
        return note

    def _take_note(self, note: int, name: str, place: Fault) -> None:
        owner = self._notes.setdefault(note, name)
        if owner != name:
            self._refuse(place._replace(what=f"note {note} is the {owner}'s already"))

    def _choke(self, keys: Keys, usual: str) -> str:
        group = keys.string("choke", usual) or ""
        if group and not is_name(group):
            keys.fault(f"a choke group's name has at most {MAX_NAME} characters", "choke", index=0)
        return group

    def _gain_db(self, keys: Keys) -> float:
        value = keys.data.get("gain", 0.0)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and MIN_GAIN_DB <= value <= MAX_GAIN_DB:
            return float(value)
        keys.fault(f"gain is a number from {MIN_GAIN_DB} to {MAX_GAIN_DB}, in dB", "gain")
        return 0.0

    def _refuse(self, fault: Fault) -> None:
        self.faults.append(fault)
        if len(self.faults) == MAX_FAULTS:
            raise TextError(self.faults)
