"""Stands in for smbus2, so that luma and the panel run unchanged: a bus that counts bytes, and a hand that turns.

It must never take less time than the wires would: with BENCH_BUS_HZ a transfer blocks, without a CPU, for nine clocks
a byte. BENCH_FIRST_FRAME is a file for the moment at which the first picture is through (ns). BENCH_HAND is
"menu RATE" or "live RATE": detents a second, to and fro, on gpiozero's mock pins.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ENCODER_A, ENCODER_B, ENCODER_SWITCH = 5, 6, 13
FORWARD = ((True, False), (True, True), (False, True), (False, False))  # (A, B) low: the four edges of a detent
SWEEP = 8  # detents before the hand turns back


class i2c_msg:  # noqa: N801 - smbus2's own name
    """A write of bytes to an address."""

    def __init__(self, data: Sequence[int]) -> None:
        self.data = data

    @classmethod
    def write(cls, address: int, data: Sequence[int]) -> i2c_msg:
        """As smbus2 has it."""
        return cls(data)


class SMBus:
    """A bus on which everything is acknowledged."""

    wire_bytes = 0  # of all transfers, addresses included
    transfers = 0

    def __init__(self, port: int) -> None:
        self._hz = int(os.environ.get("BENCH_BUS_HZ", "0"))
        self._first_frame = os.environ.get("BENCH_FIRST_FRAME", "")
        if hand := os.environ.pop("BENCH_HAND", ""):
            where, rate = hand.split()
            threading.Thread(target=_turn, args=(where, float(rate)), daemon=True).start()

    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int]) -> None:
        """A command of luma's: address, control byte, the command."""
        self._carry(2 + len(data))

    def i2c_rdwr(self, message: i2c_msg) -> None:
        """Data of luma's; the control byte is in it."""
        self._carry(1 + len(message.data))
        if self._first_frame and any(message.data[1:]):
            Path(self._first_frame).write_text(str(time.monotonic_ns()))
            self._first_frame = ""

    def close(self) -> None:
        """Nothing is open."""

    def _carry(self, count: int) -> None:
        SMBus.wire_bytes += count
        SMBus.transfers += 1
        if self._hz:
            time.sleep(count * 9 / self._hz)


def _turn(where: str, rate: float) -> None:
    """The hand; it begins when the panel has had a second to come up."""
    from gpiozero import Device

    a, b, switch = (Device.pin_factory.pin(number) for number in (ENCODER_A, ENCODER_B, ENCODER_SWITCH))
    time.sleep(1)
    if where == "menu":
        switch.drive_low()
        time.sleep(0.1)
        switch.drive_high()
    began, detents = time.monotonic(), 0
    while True:
        path = FORWARD if detents // SWEEP % 2 == 0 else tuple(reversed(FORWARD[:3])) + FORWARD[3:]
        for a_low, b_low in path:
            (a.drive_low if a_low else a.drive_high)()
            (b.drive_low if b_low else b.drive_high)()
        detents += 1
        time.sleep(max(0.0, began + detents / rate - time.monotonic()))
