"""A Display on an SSD1306 or SH1106 OLED, woken and reached by luma.oled; only what changed is sent.

It must never raise for a fault of the bus, never queue a frame, and never call luma's own display(), which
sends all of a frame every time and packs it in a loop over 8192 pixels.
"""

from __future__ import annotations

import atexit
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from luma.core.error import Error as LumaError
from PIL import Image

from panel.display import HEIGHT, WIDTH
from panel.hardware.errors import DeviceMissing
from panel.hardware.pages import BLANK, ROTATIONS, WHOLE, Window, joined, pack, runs

CHUNK_BYTES = 256  # to a transfer: 6 ms at 400 kHz, after which another user of the bus has its turn
RETRY_NS = 500_000_000

_NOP, _OFF, _ON, _CONTRAST = 0xE3, 0xAE, 0xAF, 0x81
_CLEAR_HERE: tuple[int, ...] = ()  # stands in luma's wake-up words where luma clears the glass
# luma raises its own for some errors of the bus, and lets others through. Its errors take half a millisecond
# to import; its drivers take fifty, and come when an OLED is opened.
_FAULTS = (OSError, LumaError)


class Wire(Protocol):
    """What luma calls a serial interface."""

    def command(self, *cmd: int) -> None:
        """Send command bytes, 32 at most."""

    def data(self, data: Sequence[int]) -> None:
        """Send bytes for the memory."""

    def cleanup(self) -> None:
        """Close the bus."""


class Chip(NamedTuple):
    """How a controller's memory is addressed, and what an address costs."""

    columns: int
    offset: int  # of the glass's first column in the memory, where the board doesn't say otherwise
    overhead: int  # bytes on the wire to send a window, besides those in it
    rectangles: bool  # whether a window may be several pages high
    address: Callable[[Window, int], tuple[int, ...]]

    def windows(self, old: bytes, new: bytes) -> list[Window]:
        """What has to be sent to make `new` out of `old`."""
        found = runs(old, new, self.overhead)
        if self.rectangles:
            found = joined(found, self.overhead)
            if sum(self.overhead + window.size for window in found) > self.overhead + WHOLE.size:
                return [WHOLE]
        return found

    def whole(self) -> list[Window]:
        """All of a frame, in as many windows as the chip needs."""
        pages = range(WHOLE.top, WHOLE.bottom)
        return [WHOLE] if self.rectangles else [Window(0, WIDTH, page, page + 1) for page in pages]


def _by_window(window: Window, offset: int) -> tuple[int, ...]:
    return (0x21, offset + window.left, offset + window.right - 1, 0x22, window.top, window.bottom - 1)


def _by_page(window: Window, offset: int) -> tuple[int, ...]:
    column = offset + window.left
    return (0xB0 | window.top, column & 0x0F, 0x10 | column >> 4)


# Overhead: the slave's address and a control byte for the command, the same for the data, and the command.
CHIPS = {
    "ssd1306": Chip(columns=128, offset=0, overhead=10, rectangles=True, address=_by_window),
    "sh1106": Chip(columns=132, offset=2, overhead=7, rectangles=False, address=_by_page),
}


class Oled:
    """The OLED. For one thread; nothing raises once it is made, and it heals by itself.

    After a fault show() says False until the panel answers again; then it is woken as at the start, and gets
    the whole frame. That is tried once in 500 ms, and less often where a try takes long: a bus that something
    holds down blocks for a second.
    """

    def __init__(
        self,
        connect: Callable[[], Wire],
        chip: str = "ssd1306",
        *,
        rotation: int = 0,
        column_offset: int | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`connect` opens the bus, anew after each fault; nothing is sent yet.

        `rotation` counts quarter turns as luma does: 0, or 2 for upside down. `column_offset` is where the
        glass begins in the chip's memory, None for the chip's usual. ValueError for what there isn't.
        """
        self._chip, self._offset = _chosen(chip, rotation, column_offset)
        self._connect = connect
        self._rotation = rotation
        self._clock = clock
        self._wake_words = wake_words(chip)
        self._wire: Wire | None = None
        self._glass = BLANK
        self._level: int | None = None
        self._retry_ns = clock()
        self._closed = False
        self.fault = "not tried yet"  # one line; empty while all is well

    def show(self, image: Image.Image) -> bool:
        """Send what differs from the glass, 26 ms of bytes at most at 400 kHz; False while none answers."""
        frame = pack(image, self._rotation)
        return self._attempt(lambda: self._bring_up_to(frame))

    def dim(self, level: int) -> None:
        """Set the contrast, 1 to 255; 0 switches the glass off, and it keeps what it is sent meanwhile."""
        self._level = max(0, min(255, level))
        if self._wire is not None:
            self._attempt(self._send_level)

    def renew(self) -> None:
        """Wake the glass with the next show(): its power may have failed while its bus answered, which nobody tells."""
        self._hang_up()

    def close(self) -> None:
        """Leave the glass dark, and its memory too; may be called twice."""
        if self._closed:
            return
        atexit.unregister(self.close)
        if self._wire is not None:
            self._attempt(self._blank)
        self._hang_up()
        self._closed = True

    def _attempt(self, send: Callable[[], None]) -> bool:
        started_ns = self._clock()
        if self._closed or (self._wire is None and started_ns < self._retry_ns):
            return False
        try:
            send()
        except _FAULTS as fault:
            self.fault = str(fault)
            self._hang_up()
            now_ns = self._clock()
            self._retry_ns = now_ns + max(RETRY_NS, 4 * (now_ns - started_ns))
            return False
        self.fault = ""
        return True

    def _bring_up_to(self, frame: bytes) -> None:
        if self._wire is None:
            self._wake(frame)
        elif frame != self._glass:
            self._send(self._wire, frame, self._chip.windows(self._glass, frame))

    def _wake(self, frame: bytes) -> None:
        wire = self._wire = self._connect()
        # If the line broke in the middle of a command, these fill its missing arguments.
        wire.command(_NOP, _NOP, _NOP, _NOP, _NOP)
        for word in self._wake_words:
            if word is _CLEAR_HERE:
                self._send(wire, frame, self._chip.whole())
            elif self._level != 0 or word != (_ON,):
                wire.command(*word)
        if self._level:
            self._send_level()

    def _send(self, wire: Wire, frame: bytes, windows: list[Window]) -> None:
        for window in windows:
            wire.command(*self._chip.address(window, self._offset))
            changed = window.cut(frame)
            for start in range(0, len(changed), CHUNK_BYTES):
                wire.data(changed[start : start + CHUNK_BYTES])
        self._glass = frame

    def _send_level(self) -> None:
        if self._wire is not None and self._level is not None:
            self._wire.command(*((_CONTRAST, self._level, _ON) if self._level else (_OFF,)))

    def _blank(self) -> None:
        if self._wire is not None:
            self._wire.command(_OFF)
            self._send(self._wire, BLANK, self._chip.whole())

    def _hang_up(self) -> None:
        """Forget the bus, and with it what the glass shows."""
        if self._wire is not None:
            with contextlib.suppress(*_FAULTS):
                self._wire.cleanup()
        self._wire = None


def _chosen(name: str, rotation: int, column_offset: int | None) -> tuple[Chip, int]:
    chip = CHIPS.get(name)
    if chip is None:
        raise ValueError(f"unknown OLED chip {name!r}: {' or '.join(CHIPS)}")
    if rotation not in ROTATIONS:
        raise ValueError(f"rotation {rotation}: {WIDTH}x{HEIGHT} fits only as 0 or 2 (upside down)")
    offset, spare = chip.offset if column_offset is None else column_offset, chip.columns - WIDTH
    if not 0 <= offset <= spare:
        raise ValueError(f"column offset {offset}: an {name} has {chip.columns} columns, so 0 to {spare}")
    return chip, offset


def wake_words(chip: str) -> list[tuple[int, ...]]:
    """The commands with which luma's driver wakes this chip, taken down from the driver itself.

    They are said again after a fault. To make the driver anew would send an empty frame before ours, and each
    driver that is made stays in memory until the process ends.
    """
    import luma.oled.device as drivers

    words: list[tuple[int, ...]] = []

    class Notes:
        def command(self, *cmd: int) -> None:
            words.append(cmd)

        def data(self, data: Sequence[int]) -> None:
            """Nothing is sent: display() below takes its place."""

        def cleanup(self) -> None:
            """Nothing is open."""

    driver = getattr(drivers, chip)
    silent = type(chip, (driver,), {"display": lambda self, image: words.append(_CLEAR_HERE)})
    silent(Notes(), width=WIDTH, height=HEIGHT).persist = True  # nothing for luma to switch off at exit
    return words


def open_oled(
    chip: str = "ssd1306",
    *,
    port: int = 1,
    address: int = 0x3C,
    rotation: int = 0,
    column_offset: int | None = None,
    must_answer: bool = True,
    clock: Callable[[], int] = time.monotonic_ns,
) -> Oled:
    """The OLED at an I2C address, its glass cleared; dark again when Python exits.

    DeviceMissing where nothing answers, unless `must_answer` is False: then the picture comes when the OLED
    does. ValueError for a chip, address, rotation or column offset that there isn't.
    """
    if not 0x08 <= address <= 0x77:
        # Boards are printed with the address as it is on the wire, one bit to the left.
        meant = f" (printed on the board; 0x{address >> 1:02X} is meant)" if address in (0x78, 0x7A) else ""
        raise ValueError(f"I2C address 0x{address:02X}{meant}: 0x08 to 0x77")

    def connect() -> Wire:
        from luma.core.interface.serial import i2c

        wire: Wire = i2c(port=port, address=address)
        return wire

    oled = Oled(connect, chip, rotation=rotation, column_offset=column_offset, clock=clock)
    if not oled.show(Image.new("1", (WIDTH, HEIGHT))) and must_answer:
        what = f"no OLED at 0x{address:02X} on I2C bus {port} ({oled.fault})"
        raise DeviceMissing(f"{what}: {_advice(oled.fault)}")
    atexit.register(oled.close)
    return oled


def _advice(fault: str) -> str:
    if "denied" in fault.lower():
        return "add this user to the group i2c"
    if "/dev/" in fault:
        return "switch I2C on with dtparam=i2c_arm=on in config.txt, and boot again"
    return "check its four wires, and the address in the settings"
