"""The notation of songs: a song file's text on one side, a Song as it will be played on the other.

It must never guess: a key, a section, a pattern or a sound that is not known is a fault with line and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from panel.music.arrangement import Colours, in_meter
from panel.music.meter import LEVELS, Meter
from panel.music.pattern import COUNT, REST, ROLES, Pattern, count_in_pattern
from panel.music.practice import MAX_GAP_BARS, MAX_MUTES, MAX_RAMP_BARS, MAX_RAMP_MINUTES, NOTHING, Practice
from panel.music.reading import MAX_NAME, Keys, is_name, meant, nearest
from panel.music.song import AS_USUAL, MAX_PART_BARS, MAX_PARTS, Part, Program, Song
from panel.music.tempo import DEFAULT_MICRO_BPM
from panel.tomltext import TomlText, printable

FORMAT = 1
UNTIL_TOLD = "until told"
SILENT = "silent"
COUNT_IN = "Count-in"
AS_SET = -1  # a song's count-in, where the settings say it
MAX_COUNT_IN = 8  # bars
MAX_REPEATS = 99

KEYS = (
    "format", "name", "tempo", "form", "start", "count_in", "count_voice", "program", "bank_msb", "bank_lsb",
    "channel", "repeats", "about",
)  # fmt: skip
TABLES = ("levels", "sounds", "practice")
SECTION_KEYS = (
    "pattern", "bars", "name", "tempo", "ramp_to", "meter", "group", "count_in", "fill_every", "fill_last", "levels",
    "sounds",
)  # fmt: skip
PRACTICE_KEYS = (
    "gap_on", "gap_off", "mutes", "mutes_over", "ramp_to", "ramp_bars", "ramp_minutes", "ramp_back",
)  # fmt: skip


def parse_song(raw: bytes, source: str, patterns: Mapping[str, Pattern]) -> Song:
    """The song in a file's bytes, of these patterns; `source` names it in faults. Raises TextError."""
    return _Sheet(TomlText(raw, source), patterns).song()


def shown_name(table: str) -> str:
    """What a section is called that says nothing else: "pre-chorus" is "Pre chorus"."""
    name = re.sub("[-_]", " ", table).strip() or table
    return name[0].upper() + name[1:]


class _Section(NamedTuple):
    """A section as the file has it: a part whose tempo is 0 where it is that of the one before."""

    part: Part
    counted: int  # bars


class _Sheet(Keys):
    """One reading of one song's file."""

    def __init__(self, text: TomlText, patterns: Mapping[str, Pattern]) -> None:
        super().__init__(text)
        self._patterns = patterns

    def song(self) -> Song:
        self.format(FORMAT)
        tables = self._tables()
        self._song_wide = self._colours(self)
        frame = self._frame()
        sections = {table: self._section(table, frame.name) for table in tables}
        order, micro_bpm = self._order(sections), self.tempo()
        self.refuse_faults()
        return self._played(frame, micro_bpm, [(table, sections[table]) for table in order])

    def _tables(self) -> list[str]:
        """The sections, as they stand; whatever else is not known is a fault."""
        found = [key for key, value in self.data.items() if isinstance(value, dict) and key not in KEYS + TABLES]
        for key, value in self.data.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                self.fault(f"a section stands in single brackets: [{printable(key, 24)}]", key, key=True)
            elif key not in (*found, *KEYS, *TABLES):
                hint = ": it stands below a [section]" if key in SECTION_KEYS else meant(key, KEYS)
                self.fault(f"there is no key '{printable(key, 24)}' for a whole song{hint}", key, key=True)
        found = [table for table in found if self._is_section(table)]
        if not found:
            self.fault('there is no section: write [verse], and below it pattern = "4/4 Basic" and bars = 8')
        return found

    def _is_section(self, table: str) -> bool:
        if "pattern" not in self.data[table] and (close := nearest(table[:MAX_NAME], TABLES, 0.7)):
            self.fault(f"there is no table [{printable(table, 24)}], did you mean [{close}]?", table, key=True)
            return False
        if "*" in table or table.split() != [table] or not is_name(table):
            self.fault(f"a section's [name] is a word of at most {MAX_NAME} characters", table, key=True)
            return False
        return True

    def _frame(self) -> Song:
        """All but the parts."""
        voice = self.choice("count_voice", (SILENT, *ROLES), COUNT)
        return Song(
            name=self._name(),
            parts=(),
            count_in=self.number("count_in", AS_SET, 0, MAX_COUNT_IN),
            count_role="" if voice == SILENT else voice,
            by_taps=self.choice("start", ("button", "taps"), "button") == "taps",
            program=self._program(),
            practice=self._practice(),
            repeats=self.number("repeats", 1, 1, MAX_REPEATS),
            about=self.about(),
        )

    def _name(self) -> str:
        name = self.name('name = "Seven up"')
        if "|" in name or name.startswith("#") or name.endswith(">"):
            self.fault("a song's name has no | in it, no # before and no > behind it: sets use them", "name", index=0)
        return name

    def _program(self) -> Program | None:
        banks = [self.number(key, -1, 0, 127) for key in ("bank_msb", "bank_lsb")]
        number, channel = self.number("program", 0, 1, 128), self.number("channel", 0, 1, 16)
        if number:
            return Program(number - 1, channel, *banks)
        for key in ("bank_msb", "bank_lsb", "channel"):
            if key in self.data and "program" not in self.data:
                self.fault(f"{key} goes with a program: write program = 1 too", key, key=True)
        return None

    def _practice(self) -> Practice:
        keys = self.table("practice")
        if keys is None:
            return NOTHING
        keys.refuse_unknown(PRACTICE_KEYS)
        practice = Practice(
            gap_on=keys.number("gap_on", 0, 1, MAX_GAP_BARS),
            gap_off=keys.number("gap_off", 0, 1, MAX_GAP_BARS),
            mutes=keys.number("mutes", 0, 0, MAX_MUTES),
            mutes_over=keys.number("mutes_over", 0, 0, MAX_RAMP_BARS),
            ramp_to=keys.tempo("ramp_to"),
            ramp_bars=keys.number("ramp_bars", 0, 1, MAX_RAMP_BARS),
            ramp_minutes=keys.number("ramp_minutes", 0, 1, MAX_RAMP_MINUTES),
            ramp_back=keys.flag("ramp_back"),
        )
        for key, needed in _TOGETHER:
            if key in keys.data and not any(other in keys.data for other in needed):
                keys.fault(f"{key} goes with {' or '.join(needed)}", key, key=True)
        if "ramp_bars" in keys.data and "ramp_minutes" in keys.data:
            keys.fault("a ramp takes bars or minutes: take one of the two out", "ramp_minutes", key=True)
        return practice

    def _colours(self, keys: Keys) -> Colours:
        """The [levels] and [sounds] of the song or of a section."""
        levels, sounds = keys.table("levels"), keys.table("sounds")
        percents = _percents(levels) if levels else {}
        return Colours(
            {role: percent for role, percent in percents.items() if role in ROLES},
            tuple(percents.get(level, 100) for level in LEVELS) if percents else AS_USUAL,
            _roles(sounds) if sounds else {},
        )

    def _section(self, table: str, song: str) -> _Section:
        keys = Keys(self.text, (table,), self.faults)
        _refuse_unknown_in(keys)
        pattern, colours = self._pattern(keys), self._colours(keys).over(self._song_wide)
        part = Part(
            pattern=colours.on(pattern),
            bars=_bars(keys),
            micro_bpm=keys.tempo(),
            to_micro_bpm=keys.tempo("ramp_to"),
            levels=colours.levels,
            fill_every=keys.number("fill_every", 0, 1, MAX_PART_BARS),
            fill_last=keys.flag("fill_last"),
            name=keys.name() if "name" in keys.data else shown_name(table),
            song=song,
        )
        _refuse_what_never_comes(keys, part)
        return _Section(part, keys.number("count_in", 0, 0, MAX_COUNT_IN))

    def _pattern(self, keys: Keys) -> Pattern:
        """The pattern of a section, in the section's meter."""
        name = keys.string("pattern", such_as='pattern = "4/4 Basic"')
        found = self._patterns.get(name or "")
        if name is not None and found is None:
            hint = meant(name, self._patterns, "drumassist patterns")
            keys.fault(f"there is no pattern '{printable(name, 40)}'{hint}", "pattern", index=0)
        pattern = found or _NO_PATTERN
        meter = _meter(keys, pattern.meter)
        try:
            return in_meter(pattern, meter)
        except ValueError as error:
            keys.fault(str(error), "meter" if "meter" in keys.data else "group", index=0)
            return pattern

    def _order(self, sections: Mapping[str, _Section]) -> list[str]:
        """The sections as they are played; none after a fault."""
        words = self._form(sections) if "form" in self.data else [(table, 1) for table in sections]
        counted = [section.counted > 0 for table, times in words for section in [sections[table]] * min(times, 99)]
        parts = sum(times for _, times in words) + sum(counted[1:])
        if parts > MAX_PARTS:
            self.fault(f"the song has {parts} parts, at most {MAX_PARTS} are played", "form")
            return []
        return [table for table, times in words for _ in range(times)]

    def _form(self, sections: Mapping[str, _Section]) -> list[tuple[str, int]]:
        """The words of the form line: which section, and how often in a row."""
        form, faults = self.string("form"), len(self.faults)
        found = []
        for word in re.finditer(r"\S+", form or ""):
            table, times = _times(word[0])
            if times and table in sections:
                found.append((table, times))
                continue
            what = f"there is no section [{printable(table, 24)}]{meant(table, sections)}"
            self.fault(what if times else _TIMES, "form", index=word.start())
        if form is not None and not form.split():
            self.fault("the form names no section: without this line each is played once", "form", index=0)
        elif form is not None and len(self.faults) == faults:
            for table in (table for table in sections if table not in dict(found)):
                self.fault(f"[{printable(table, 24)}] is not in the form: nobody would hear it", table, key=True)
        return found

    def _played(self, frame: Song, micro_bpm: int, order: list[tuple[str, _Section]]) -> Song:
        """The song with its parts: each section goes on at the tempo where the one before has ended."""
        parts: list[tuple[str, Part]] = []
        first = order[0][1]
        micro_bpm = micro_bpm or first.part.pattern.micro_bpm or DEFAULT_MICRO_BPM
        for table, section in order:
            part = section.part._replace(micro_bpm=section.part.micro_bpm or micro_bpm)
            if section.counted and parts:  # before the first one the song counts
                parts.append((table, _counting(part, section.counted, frame.count_role)))
            parts.append((table, part))
            micro_bpm = part.to_micro_bpm or part.micro_bpm
        return frame._replace(
            parts=tuple(part for _, part in parts),
            tables=tuple(table for table, _ in parts),
            count_in=first.counted if first.counted and "count_in" not in self.data else frame.count_in,
        )


def _refuse_unknown_in(section: Keys) -> None:
    for key in section.data:
        if key not in SECTION_KEYS:
            what = f"there is no key '{printable(key, 24)}' in a section"
            hint = ": it stands above the first [table]" if key in KEYS + TABLES else meant(key, SECTION_KEYS)
            section.fault(what + hint, key, key=True)


def _refuse_what_never_comes(section: Keys, part: Part) -> None:
    """Fills of a pattern without one, and the end of a ramp without an end."""
    for key in ("fill_every", "fill_last"):
        if section.data.get(key) and part.pattern.groove and not part.pattern.fill:
            section.fault(f"'{part.pattern.name}' has no fill: choose another, or take {key} out", key, key=True)
    if section.data.get("bars") == UNTIL_TOLD and "ramp_to" in section.data:
        what = f'a ramp has an end: it goes with bars = 8, not with bars = "{UNTIL_TOLD}"'
        section.fault(what, "ramp_to", key=True)


def _bars(section: Keys) -> int:
    """How many; 0 until told, 1 after a fault."""
    value = section.data.get("bars")
    if value == UNTIL_TOLD:
        return 0
    if value is None:
        section.fault(f"there is no line for 'bars': write bars = 8, or bars = \"{UNTIL_TOLD}\"", "bars")
    elif isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_PART_BARS:
        return value
    else:
        section.fault(f'bars is a whole number from 1 to {MAX_PART_BARS}, or "{UNTIL_TOLD}"', "bars")
    return 1


def _meter(section: Keys, own: Meter) -> Meter:
    """The meter that a section has; its pattern's after a fault."""
    text, group = section.string("meter", str(own)), section.string("group", "")
    key = "meter"
    try:
        meter = Meter.parse(text or "")
        key = "group"
        if group:
            return Meter.parse(text or "", group)
        return own if (meter.numerator, meter.denominator) == own[:2] else meter
    except ValueError as error:
        section.fault(str(error), key, index=0)
        return own


def _percents(levels: Keys) -> dict[str, int]:
    levels.refuse_unknown(ROLES + LEVELS)
    return {key: levels.number(key, 100, 0, 100) for key in levels.data if key in ROLES + LEVELS}


def _roles(sounds: Keys) -> dict[str, str]:
    sounds.refuse_unknown(ROLES)
    found = {}
    for role in (role for role in sounds.data if role in ROLES):
        found[role] = sounds.string(role) or role
        if found[role] not in ROLES:
            sounds.fault(f"there is no role '{printable(found[role], 24)}'{meant(found[role], ROLES)}", role, index=0)
    return found


def _times(word: str) -> tuple[str, int]:
    """A section and how often it is played, 0 where that can't be read: "verse*2"."""
    table, star, times = word.partition("*")
    if not star:
        return table, 1
    return table, int(times) if table and times.isdecimal() and len(times) < 4 else 0


def _counting(part: Part, bars: int, role: str) -> Part:
    """Bars of counting before a part, in its meter and at its tempo."""
    pattern = count_in_pattern(part.pattern.meter, part.pattern.beat_ticks)
    row = pattern.groove[0]
    row = row._replace(role=role) if role else row._replace(cells=REST * len(row.cells))
    return Part(pattern._replace(groove=(row,)), bars, part.micro_bpm, name=COUNT_IN, song=part.song)


_NO_PATTERN = Pattern("", Meter.of(4, 4), ())  # a stand-in: nothing is built from a sheet with faults
_TIMES = "a section that is played twice in a row reads like verse*2"
_TOGETHER = (
    ("gap_on", ("gap_off",)),
    ("gap_off", ("gap_on",)),
    ("mutes_over", ("mutes",)),
    ("ramp_to", ("ramp_bars", "ramp_minutes")),
    ("ramp_bars", ("ramp_to",)),
    ("ramp_minutes", ("ramp_to",)),
    ("ramp_back", ("ramp_to",)),
)
