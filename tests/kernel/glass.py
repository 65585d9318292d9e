"""The display seen from its wires: the RAM of an SSD1306 or SH1106, fed by the I2C writes that reached it.

It must never guess: a byte that the controller doesn't know, or that arrives where it has no effect, raises.
"""

from __future__ import annotations

import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

WIDTH = 128
HEIGHT = 64
PAGES = HEIGHT // 8

COMMANDS = 0x00  # what a control byte says about the bytes behind it
DATA = 0x40
CONTINUES = 0x80  # Co: one byte, then another control byte

SHARED_PARAMETERS = {0x81: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}

MODULE = Path("/sys/module/i2c_tap/parameters")


class GlassError(Exception):
    """A write that the controller would not have understood; the text names the value."""


class Glass(ABC):
    """What both controllers share: the I2C framing, the registers, a RAM of pages of eight rows.

    `write` takes one I2C write without its address. A pixel (x, y) of the picture is bit y % 8 of page
    y // 8, in RAM column x + `first_column`: so luma.oled's initialisation (A1, C8) leaves an upright panel.
    """

    columns: int
    first_column: int
    parameters: ClassVar[dict[int, int]]  # command -> the number of bytes that belong to it

    SWITCHES: ClassVar[dict[int, tuple[str, bool]]] = {
        0xA0: ("segments_remapped", False),
        0xA1: ("segments_remapped", True),
        0xA4: ("all_on", False),
        0xA5: ("all_on", True),
        0xA6: ("inverted", False),
        0xA7: ("inverted", True),
        0xAE: ("on", False),
        0xAF: ("on", True),
        0xC0: ("rows_remapped", False),
        0xC8: ("rows_remapped", True),
    }

    def __init__(self) -> None:
        self.ram = [bytearray(self.columns) for _ in range(PAGES)]
        self.wire_bytes = 0  # address bytes included: what the bus had to carry
        self.on = False
        self.contrast = 0x7F
        self.inverted = False
        self.all_on = False
        self.segments_remapped = False
        self.rows_remapped = False
        self.start_line = 0
        self.registers: dict[int, bytes] = {0xA8: b"\x3f", 0xD3: b"\x00"}
        self._column = 0
        self._page = 0
        self._waiting = b""  # a command whose parameters are still to come

    def power_cut(self) -> None:
        """The panel loses its supply: registers as at reset, the RAM full of nothing that was ever drawn."""
        type(self).__init__(self)
        for page in self.ram:
            page[:] = bytes(0xA5 if column % 2 else 0x3C for column in range(self.columns))

    def write(self, data: bytes) -> None:
        """Take one I2C write: control bytes and what they announce. Raises GlassError."""
        self.wire_bytes += 1 + len(data)
        rest = data
        while rest:
            control, rest = rest[0], rest[1:]
            if control & ~(CONTINUES | DATA):
                raise GlassError(f"control byte {control:#04x}")
            one = bool(control & CONTINUES)
            if one and not rest:
                raise GlassError(f"control byte {control:#04x} announces a byte that doesn't come")
            part, rest = (rest[:1], rest[1:]) if one else (rest, b"")
            (self._store if control & DATA else self._obey)(part)

    def picture(self) -> list[list[int]]:
        """The 64 rows of 128 pixels that the RAM holds, 1 for lit. Whether the glass shows them: `faults`."""
        columns = range(self.first_column, self.first_column + WIDTH)
        return [[self.ram[y // 8][column] >> y % 8 & 1 for column in columns] for y in range(HEIGHT)]

    def image(self) -> Image.Image:
        """The picture as a PIL image of mode "1"."""
        from PIL import Image

        image = Image.new("1", (WIDTH, HEIGHT))
        image.putdata([255 * pixel for row in self.picture() for pixel in row])
        return image

    def text(self) -> str:
        """The picture for a failed test's message: two rows a line."""
        rows = self.picture()
        halves = zip(rows[::2], rows[1::2], strict=True)
        lines = ("".join(" ▀▄█"[a + 2 * b] for a, b in zip(*two, strict=True)) for two in halves)
        return "\n".join(line.rstrip() for line in lines)

    def faults(self) -> list[str]:
        """Every reason why an eye would see something else than `picture`; [] where it would not."""
        checks = {
            "display off": not self.on,
            "inverted": self.inverted,
            "every pixel on": self.all_on,
            "segments not remapped (A1)": not self.segments_remapped,
            "rows not remapped (C8)": not self.rows_remapped,
            f"start line {self.start_line}": self.start_line != 0,
            "display offset": self.registers[0xD3] != b"\x00",
            "not 64 rows": self.registers[0xA8] != b"\x3f",
            "charge pump off": not self._powered(),
        }
        return [fault for fault, present in checks.items() if present]

    # Commands may be cut anywhere, so their bytes are gathered until the command is whole.

    def _obey(self, commands: bytes) -> None:
        for byte in commands:
            self._waiting += bytes([byte])
            command, parameters = self._waiting[0], self._waiting[1:]
            if len(parameters) == self.parameters.get(command, 0):
                self._waiting = b""
                self._command(command, parameters)

    def _command(self, command: int, parameters: bytes) -> None:
        """What both controllers understand alike."""
        if command <= 0x1F:
            self._half_column(command)
        elif 0x40 <= command <= 0x7F:
            self.start_line = command & 0x3F
        elif 0xB0 <= command <= 0xB7:
            self._choose_page(command & 7)
        elif command in self.SWITCHES:
            setattr(self, *self.SWITCHES[command])
        elif command in self.parameters:
            self._register(command, parameters)
        elif command != 0xE3:  # no operation
            raise GlassError(f"unknown command {command:#04x}")

    def _register(self, command: int, parameters: bytes) -> None:
        if command == 0x81:
            self.contrast = parameters[0]
        self.registers[command] = parameters

    def _half_column(self, command: int) -> None:
        if command < 0x10:
            self._column = self._column & 0xF0 | command
        else:
            self._column = self._column & 0x0F | (command & 0x0F) << 4

    def _choose_page(self, page: int) -> None:
        self._page = page

    def _store(self, data: bytes) -> None:
        if self._waiting:
            raise GlassError(f"data while command {self._waiting[0]:#04x} waits for its parameters")
        for byte in data:
            if self._column >= self.columns:
                raise GlassError(f"data for column {self._column} of {self.columns}")
            self.ram[self._page][self._column] = byte
            self._advance()

    @abstractmethod
    def _advance(self) -> None:
        """Move on to where the next data byte goes."""

    @abstractmethod
    def _powered(self) -> bool:
        """Whether the panel has its high voltage."""


class SSD1306(Glass):
    """128 columns; horizontal, vertical and page addressing; windows by 21h and 22h."""

    columns = 128
    first_column = 0
    parameters: ClassVar[dict[int, int]] = {0x20: 1, 0x21: 2, 0x22: 2, 0x8D: 1, **SHARED_PARAMETERS}

    HORIZONTAL, VERTICAL, BY_PAGE = range(3)

    def __init__(self) -> None:
        super().__init__()
        self.addressing = self.BY_PAGE
        self._column_window = (0, self.columns - 1)
        self._page_window = (0, PAGES - 1)

    def _register(self, command: int, parameters: bytes) -> None:
        super()._register(command, parameters)
        if command == 0x20:
            self._set_addressing(parameters[0])
        elif command == 0x21:
            self._column_window = self._window(command, parameters, self.columns)
            self._column = self._column_window[0]
        elif command == 0x22:
            self._page_window = self._window(command, parameters, PAGES)
            self._page = self._page_window[0]

    def _set_addressing(self, mode: int) -> None:
        if mode > self.BY_PAGE:
            raise GlassError(f"addressing mode {mode:#04x}")
        self.addressing = mode

    def _window(self, command: int, parameters: bytes, size: int) -> tuple[int, int]:
        if self.addressing == self.BY_PAGE:
            raise GlassError(f"command {command:#04x} in page addressing mode")
        first, last = parameters
        if not first <= last < size:
            raise GlassError(f"window {first}..{last} of {size} in command {command:#04x}")
        return first, last

    def _half_column(self, command: int) -> None:
        self._only_by_page(command)
        super()._half_column(command)

    def _choose_page(self, page: int) -> None:
        self._only_by_page(0xB0 | page)
        super()._choose_page(page)

    def _only_by_page(self, command: int) -> None:
        if self.addressing != self.BY_PAGE:
            raise GlassError(f"command {command:#04x} outside page addressing mode")

    def _advance(self) -> None:
        """Horizontal: along the row, then a page on. Vertical: down, then a column on. By page: round it."""
        if self.addressing == self.BY_PAGE:
            self._column = (self._column + 1) % self.columns
        elif self.addressing == self.HORIZONTAL:
            self._column, wrapped = _next(self._column, self._column_window)
            if wrapped:
                self._page, _ = _next(self._page, self._page_window)
        else:
            self._page, wrapped = _next(self._page, self._page_window)
            if wrapped:
                self._column, _ = _next(self._column, self._column_window)

    def _powered(self) -> bool:
        return self.registers.get(0x8D) == b"\x14"


class SH1106(Glass):
    """132 columns, of which a common panel shows 2 to 129; page addressing only; data beyond them raises.

    luma.oled's initialisation is the SSD1306's: the addressing mode (20h) and the charge pump (8Dh) are no
    commands of this controller and do nothing. Its own DC-DC converter (ADh) is on from reset.
    """

    columns = 132
    first_column = 2
    parameters: ClassVar[dict[int, int]] = {0xAD: 1, **SHARED_PARAMETERS}

    IGNORED = (0x20, 0x8D)

    def __init__(self, first_column: int = 2) -> None:
        """`first_column`: the RAM column behind the panel's left edge, 0 to 4."""
        super().__init__()
        self.first_column = first_column

    def power_cut(self) -> None:
        """As for both; where the panel sits on its controller doesn't change."""
        first_column = self.first_column
        super().power_cut()
        self.first_column = first_column

    def _command(self, command: int, parameters: bytes) -> None:
        pump_voltage = 0x30 <= command <= 0x33
        if command not in self.IGNORED and not pump_voltage:
            super()._command(command, parameters)

    def _register(self, command: int, parameters: bytes) -> None:
        if command == 0xAD and parameters[0] not in (0x8A, 0x8B):
            raise GlassError(f"DC-DC converter set to {parameters[0]:#04x}")
        super()._register(command, parameters)

    def _advance(self) -> None:
        self._column += 1

    def _powered(self) -> bool:
        return self.registers.get(0xAD, b"\x8b") == b"\x8b"


def _next(place: int, window: tuple[int, int]) -> tuple[int, bool]:
    """One further in the window, and whether that meant going back to its start."""
    first, last = window
    return (first, True) if place == last else (place + 1, False)


class Write(NamedTuple):
    """One I2C write as the bus saw it; `ns` is CLOCK_MONOTONIC, when the transfer began."""

    ns: int
    address: int
    data: bytes


RECORD = struct.Struct("=QHH")


def parse_writes(stream: bytearray) -> Iterator[Write]:
    """Take every whole record of /dev/i2c-tap off the front of `stream`."""
    while len(stream) >= RECORD.size:
        ns, address, length = RECORD.unpack_from(stream)
        end = RECORD.size + length
        if len(stream) < end:
            return
        data = bytes(stream[RECORD.size : end])
        del stream[:end]
        yield Write(ns, address, data)


class Tap:
    """The recording end of the guest's I2C bus; one reader at a time, for whoever reads takes."""

    def __init__(self, path: str = "/dev/i2c-tap") -> None:
        """Opens the recorder; OSError outside the guest. What was written before is still to be read."""
        self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._stream = bytearray()

    def read(self) -> list[Write]:
        """Every write since the last call, oldest first; never waits. Raises GlassError if some were lost."""
        lost = int((MODULE / "dropped").read_text())
        if lost:
            raise GlassError(f"{lost} writes lost: the recorder was not read in time")
        try:
            while chunk := os.read(self._file, 1 << 16):
                self._stream += chunk
        except BlockingIOError:
            pass
        return list(parse_writes(self._stream))

    def feed(self, glass: Glass) -> list[Write]:
        """Hand every write since the last call to the model, and return them."""
        writes = self.read()
        for write in writes:
            glass.write(write.data)
        return writes

    def close(self) -> None:
        """Close the recorder; it goes on recording."""
        os.close(self._file)


def fail(failing: bool) -> None:
    """From now on every transfer fails as if the display had been unplugged (EREMOTEIO), or works again."""
    (MODULE / "nak").write_text(str(int(failing)))


def set_bus_clock(hz: int) -> None:
    """From now on a transfer takes as long as on a bus of this clock; 0: no time at all."""
    (MODULE / "hz").write_text(str(hz))
