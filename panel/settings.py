"""The settings: one table of rows, from which the menu, the display, the file and its checks all come.

It must never hold a value that its row does not allow, nor rewrite a line of the file that did not change.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from panel.edited import Edited, Tables
from panel.engine.spin import DEFAULT_NS as DEFAULT_SPIN_NS
from panel.engine.transport import MAX_REPEATS
from panel.engine.wire import CLICK_TO, MAX_SPIN_US
from panel.music.generators.beat import MAX_SEED, VOICES
from panel.music.generators.catalogue import GENERATORS
from panel.music.practice import MAX_GAP_BARS, MAX_MUTES, MAX_RAMP_BARS, MAX_RAMP_MINUTES
from panel.music.scales import HIGHEST_ROOT, LOWEST_ROOT, MOST_OCTAVES, SCALES
from panel.music.tempo import MAX_BPM, MIN_BPM
from panel.pads import FUNCTIONS
from panel.sound.wire import FIRST_LEVELS, PADS_PLAY
from panel.tomltext import Fault, TextError, TomlText, with_value

SETTINGS_FILE = "settings.toml"
SILENT = "silent"  # a count-in that is only seen

Value = bool | int | str

_HEAD = """# DrumAssist: settings. The box edits single lines of this file and keeps the rest as it is.
# Pins are BCM numbers, -1 for "not there". What an edit of this file changes is so from the next start.

"""


_SINGULAR = {"bars": "bar", "times": "time"}


class Setting(NamedTuple):
    """One row: where it stands in the file, what the menu calls it, what it may be.

    `choices` are the values the encoder steps through; without them `low`, `high` and `step` are. `words` name the
    values on the screen; with `tenths` a number counts tenths of the unit, and `zero` is what 0 is called where that is
    allowed below `low`. A row without a `name` stands in the file only; one `at_start` is in force from the next start.
    """

    table: str
    key: str
    default: Value
    name: str = ""
    low: int = 0
    high: int = 0
    step: int = 1
    unit: str = ""
    choices: tuple[Value, ...] = ()
    words: tuple[str, ...] = ()
    about: str = ""
    at_start: bool = False
    tenths: bool = False
    zero: str = ""

    @property
    def id(self) -> str:
        """Its name in the program: "click.gate_ms"."""
        return f"{self.table}.{self.key}"

    def allows(self, value: object) -> bool:
        """Whether `value` may be set."""
        if type(value) is not type(self.default):
            return False
        if self.choices:
            return value in self.choices
        if isinstance(value, int):
            return isinstance(value, bool) or self.low <= value <= self.high or (value == 0 and bool(self.zero))
        return isinstance(value, str) and len(value) <= 200 and value.isprintable()

    def turned(self, value: Value, steps: int) -> Value:
        """The value `steps` detents on, held at the ends."""
        if isinstance(value, bool):
            return steps > 0
        if self.choices:
            at = self.choices.index(value) + steps
            return self.choices[max(0, min(len(self.choices) - 1, at))]
        if isinstance(value, int):
            turned = (value or self.low - self.step) + steps * self.step if self.zero else value + steps * self.step
            return 0 if self.zero and turned < self.low else max(self.low, min(self.high, turned))
        return value

    def shown(self, value: Value) -> str:
        """The value as the screen shows it."""
        if isinstance(value, bool):
            return "on" if value else "off"
        if self.words:
            at = self.choices.index(value) if self.choices else int(value) - self.low
            return self.words[at]
        if self.zero and not value:
            return self.zero
        number = f"{value / 10:.1f}" if self.tenths and isinstance(value, int) else value
        return f"{number} {_SINGULAR.get(self.unit, self.unit) if value == 1 else self.unit}".strip()

    @property
    def wanted(self) -> str:
        """What it may be, in words."""
        if isinstance(self.default, bool):
            return "true or false"
        if self.choices:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        zero = "0 or " if self.zero else ""
        return (
            f"{zero}a whole number from {self.low} to {self.high}"
            if isinstance(self.default, int)
            else "text in quotes"
        )


def _level(key: str, about: str) -> Setting:
    return Setting("levels", key, 100, high=100, step=4, unit="%", about=about)


def _bus(key: str, about: str) -> Setting:
    return Setting("mixer", key, FIRST_LEVELS[key], high=100, step=4, unit="%", about=about)


def _button(key: str, default: str, name: str, about: str) -> Setting:
    words = tuple(function.upper() for function in FUNCTIONS)
    return Setting("buttons", key, default, name, choices=FUNCTIONS, words=words, about=about)


def _pin(key: str, default: int, about: str) -> Setting:
    return Setting("pins", key, default, low=-1, high=53, about=about)


def _practised(key: str, name: str, low: int, high: int, step: int, unit: str, zero: str, about: str) -> Setting:
    return Setting("practice", key, 0, name, low, high, step, unit, about=about, zero=zero)


_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NOTES = tuple(f"{_NAMES[note % 12]}{note // 12 - 1}" for note in range(LOWEST_ROOT, HIGHEST_ROOT + 1))

SETTINGS = (
    Setting("click", "count_in", 0, "Count-in", 0, 8, unit="bars", about="bars counted before the first"),
    Setting("click", "count_voice", "count", "Count voice",
            choices=("count", "rim", "block", "hat", "cowbell", SILENT), about="what counts in; silent is only seen"),
    Setting("click", "fill_begins", "bar", "Fill begins", choices=("bar", "now"), words=("next bar", "at once"),
            about="bar: with the next bar; now: in this one"),
    Setting("click", "fill_every", 0, "Fill every", choices=(0, 2, 4, 8, 12, 16),
            words=("never", "2 bars", "4 bars", "8 bars", "12 bars", "16 bars"),
            about="bars from fill to fill, by itself; 0 is never"),
    Setting("click", "gate_ms", 60, "Note length", 10, 500, 10, "ms", about="how long a note is held"),
    Setting("click", "trim_ms", 0, "Trim", -50, 50, 1, "ms", about="+ later, - earlier, for what the module adds"),
    Setting("click", "clock", False, "MIDI clock", about="send clock, Start and Stop"),
    Setting("click", "din", "", about="serial device of a DIN output, such as /dev/ttyAMA0"),
    Setting("click", "din_rate", 31250, choices=(31250, 38400), about="38400 with the midi-uart0 overlay"),
    _practised("gap_on", "Bars on", 1, MAX_GAP_BARS, 1, "bars", "no gaps", "so many bars sound ..."),
    _practised("gap_off", "Bars off", 1, MAX_GAP_BARS, 1, "bars", "no gaps", "... then so many are silent"),
    _practised("mutes", "Random mutes", 5, MAX_MUTES, 5, "%", "none", "of the bars fall silent"),
    _practised("mutes_over", "Mutes rise in", 4, MAX_RAMP_BARS, 4, "bars", "at once", "from none to that share"),
    _practised("ramp_to", "Ramp to", MIN_BPM, MAX_BPM, 1, "BPM", "off", "where the tempo goes"),
    _practised("ramp_bars", "Ramp takes", 4, MAX_RAMP_BARS, 4, "bars", "minutes", "how many bars that takes"),
    _practised("ramp_minutes", "or minutes", 1, MAX_RAMP_MINUTES, 1, "min", "by bars", "how long it takes instead"),
    Setting("practice", "ramp_back", False, "And back", about="the same way again"),
    _practised("repeats", "Repeats", 1, MAX_REPEATS, 1, "times", "endless", "of pattern or song; then it stops"),
    Setting("beats", "generator", "euclid", "Generator", choices=tuple(GENERATORS),
            words=tuple(map(str.capitalize, GENERATORS)), about="what writes the beat"),
    Setting("beats", "click", True, "Click stays", about="off: the beat has all to itself"),
    Setting("beats", "melody", "none", "Melody", choices=("none", *VOICES),
            about="this voice plays notes on the synthesizer, no drum"),
    Setting("beats", "scale", "blues", "Scale", choices=tuple(SCALES),
            words=tuple(name.removesuffix("tonic") for name in SCALES),  # as wide as a row has room
            about="of the melody"),
    Setting("beats", "root", 57, "Root", LOWEST_ROOT, HIGHEST_ROOT, words=_NOTES,
            about="the melody's lowest note; as a number, 60 is C4"),
    Setting("beats", "octaves", 1, "Octaves", 1, MOST_OCTAVES, about="how far the melody reaches"),
    Setting("beats", "seed", 1, "Seed", 1, MAX_SEED, about="the same seed writes the same bars"),
    Setting("panel", "lock", False, "Tempo lock", about="turning on Live does nothing"),
    Setting("panel", "tempo_step", 10, "Tempo step", choices=(10, 5, 1), words=("1", "0.5", "0.1"), unit="BPM",
            about="tenths of a BPM a detent"),
    _level("one", "the accent, in percent; it sounds at every density"),
    _level("beat", "the other beats: where the groups of the meter begin"),
    _level("eighth", "the eighths between them"),
    _level("sixteenth", "the sixteenths, and what lies on no other grid"),
    _level("triplet", "triplets of eighths and of sixteenths"),
    _level("density", "over them all, from sparse to dense: 0 is the accent alone, 100 as they stand"),
    _bus("click", "the click of the box's own sound, in percent"),
    _bus("kit", "its kit, which the pads and other programs play"),
    _bus("synth", "its synthesizer"),
    _bus("master", "over them all"),
    Setting("sound", "on", "auto", "Own sound", choices=("auto", "off"), words=("on", "off"),
            about="auto is on where there is a sound card"),
    Setting("sound", "click_to", "auto", choices=CLICK_TO,
            about="where the click goes; auto: to the module, and where none is, to the box's own sound"),
    Setting("sound", "pads", "nothing", choices=PADS_PLAY, about="what the module's pads play of the own sound"),
    Setting("sound", "device", "", about="part of the name of the sound card; empty: the system's choice"),
    Setting("engine", "spin_us", DEFAULT_SPIN_NS // 1000, low=0, high=MAX_SPIN_US,
            about="the sleep before a note ends so many us early; less spares the core, more is more exact"),
    Setting("display", "brightness", 255, "Brightness", 15, 255, 16),
    Setting("display", "dim_after_min", 10, "Dim after", 0, 120, 5, "min", about="stopped and untouched; 0 is never"),
    Setting("display", "chip", "ssd1306", "OLED chip", choices=("ssd1306", "sh1106"), at_start=True),
    Setting("display", "address", 0x3C, "OLED address", choices=(0x3C, 0x3D), words=("0x3C", "0x3D"),
            at_start=True, about="60 is 0x3C, 61 is 0x3D"),
    Setting("display", "rotation", 0, "OLED turned", choices=(0, 2), words=("no", "180"), at_start=True,
            about="2 is upside down"),
    Setting("display", "offset", -1, low=-1, high=8, about="first column; -1 is the chip's usual one"),
    Setting("display", "port", 1, low=0, high=20, about="the I2C bus"),
    Setting("encoder", "edges", 4, "Encoder steps", choices=(4, 2, 1), words=("full", "half", "1/4"),
            at_start=True, about="edges a detent: 4, 2 (a 30-detent EC11) or 1"),
    Setting("encoder", "acceleration", True, "Fast turning", at_start=True, about="turning fast goes further"),
    Setting("encoder", "reversed", False, "Turns reversed", at_start=True, about="the encoder, the other way round"),
    Setting("encoder", "device", "", about="the kernel's rotary-encoder device instead of pins, or its name"),
    _button("next", "next", "NEXT is", "what that button does"),
    _button("foot_1", "tap", "Foot 1 is", "what footswitch 1 does"),
    _button("foot_2", "next", "Foot 2 is", "what footswitch 2 does"),
    _pin("encoder_a", 5, "encoder A (CLK)"),
    _pin("encoder_b", 6, "encoder B (DT)"),
    _pin("encoder_switch", 13, "encoder push switch"),
    _pin("tap", 17, "TAP, to ground"),
    _pin("start", 27, "START, to ground"),
    _pin("next", 22, "NEXT, to ground"),
    _pin("foot_1", 24, "footswitch, to ground"),
    _pin("foot_2", 25, "second footswitch, to ground"),
    _pin("beat_led", 18, "beat LED"),
    _pin("status_led", 23, "status LED"),
)  # fmt: skip
BY_ID = {setting.id: setting for setting in SETTINGS}
BEATS_MENU = tuple(setting for setting in SETTINGS if setting.table == "beats")
MENU = tuple(setting for setting in SETTINGS if setting.name and setting.table not in ("practice", "beats"))
PRACTICE_MENU = tuple(setting for setting in SETTINGS if setting.table == "practice")
PRACTICE_ROWS = tuple(setting.key for setting in PRACTICE_MENU if setting.key != "repeats")  # are fields of Practice
FUNCTION_OF = {"next": "buttons.next", "foot 1": "buttons.foot_1", "foot 2": "buttons.foot_2"}  # the row of a button


def default_text() -> str:
    """The file as it is first written: every row with its meaning."""
    lines, table = [_HEAD.rstrip("\n")], ""
    for row in SETTINGS:
        if row.table != table:
            lines += ["", f"[{row.table}]"]
            table = row.table
        value = with_value("", (row.key,), row.default).strip()
        lines.append(f"{value}  # {row.about or row.name.lower()}")
    return "\n".join(lines) + "\n"


class Settings(Edited):
    """The settings and the text that they were read from."""

    _head = _HEAD

    def __init__(self, text: str | None = None, source: str = SETTINGS_FILE) -> None:
        """Read a settings file. Raises TextError with every fault; None is the file as it is first written."""
        super().__init__(default_text() if text is None else text)
        self._values = _read(TomlText(self.text.encode(), source))

    def __getitem__(self, id: str) -> Any:
        return self._values[id]

    def set(self, id: str, value: Value) -> None:
        """Change a value and its line in the text. Raises ValueError for a value that its row does not allow."""
        row = BY_ID[id]
        if not row.allows(value):
            raise ValueError(f"{id} is {row.wanted}, not {value!r}")
        self._values[id] = value
        self._enter(row.table, row.key, value)

    def _tables(self) -> Tables:
        tables: dict[str, dict[str, Value]] = {row.table: {} for row in SETTINGS}
        for row in SETTINGS:
            tables[row.table][row.key] = self._values[row.id]
        return tables


def parse_settings(raw: bytes, source: str) -> Settings:
    """The settings in a file's bytes. Raises TextError with every fault."""
    return Settings(TomlText(raw, source).text, source)


def _read(text: TomlText) -> dict[str, Value]:
    values, faults = {row.id: row.default for row in SETTINGS}, list[Fault]()
    tables = {row.table for row in SETTINGS}
    for table, rows in text.data.items():
        if table not in tables or not isinstance(rows, dict):
            faults.append(text.fault(f"there is no table [{table[:24]}]; there are {', '.join(sorted(tables))}", table))
            continue
        for key, value in rows.items():
            row = BY_ID.get(f"{table}.{key}")
            if row is None:
                faults.append(text.fault(f"there is no setting '{key[:24]}' in [{table}]", table, key, key=True))
            elif not row.allows(value):
                faults.append(text.fault(f"{key} is {row.wanted}", table, key))
            else:
                values[row.id] = value
    if faults:
        raise TextError(faults)
    return values
