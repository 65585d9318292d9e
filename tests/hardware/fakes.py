"""A clock that stands until it is moved, and an I2C bus that fails when it is told to.

They must never sleep, and never forgive what a chip wouldn't.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.kernel.glass import Glass


class Clock:
    """Nanoseconds that pass only by hand."""

    def __init__(self, now_ns: int = 5_000_000_000) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def seconds(self) -> float:
        """The same for libraries that ask for seconds."""
        return self.now_ns / 1e9

    def pass_ms(self, ms: float) -> None:
        """Let so much time go by."""
        self.now_ns += round(ms * 1_000_000)


class Bus:
    """The wires between the box and one OLED."""

    def __init__(self, glass: Glass, clock: Clock | None = None) -> None:
        self.glass = glass
        self.plugged = True
        self.breaks_in: int | None = None  # so many transfers; one with data is cut in its middle
        self.error: Exception = OSError(121, "Remote I/O error")
        self.transfers: list[bytes] = []  # those that arrived, without the slave's address
        self.tries = 0
        self.open = 0
        self.transfer_ms = 0.0
        self._clock = clock or Clock()

    def connect(self) -> Wire:
        """Open the bus: what luma calls a serial interface."""
        self.tries += 1
        self.open += 1
        return Wire(self)

    def carry(self, transfer: bytes) -> None:
        """One transfer to the chip."""
        self._clock.pass_ms(self.transfer_ms)
        if not self.plugged:
            raise self.error
        if self.breaks_in == 0:
            self.breaks_in = None
            if transfer[0] == 0x40:
                self.glass.write(transfer[: len(transfer) // 2])
            raise self.error
        if self.breaks_in is not None:
            self.breaks_in -= 1
        self.transfers.append(transfer)
        self.glass.write(transfer)


class Wire:
    """One opening of the bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def command(self, *cmd: int) -> None:
        """The I2C write that luma makes of commands."""
        assert len(cmd) <= 32, "luma takes no more"
        self._bus.carry(bytes((0x00, *cmd)))

    def data(self, data: Sequence[int]) -> None:
        """The I2C write that luma makes of data."""
        self._bus.carry(b"\x40" + bytes(data))

    def cleanup(self) -> None:
        """Close the bus."""
        self._bus.open -= 1
