"""The rig on virtual time: how steady it is while nothing else is measured, the floor for all other timing.

It must never be run on a guest that follows the host's clock: there it would measure the host.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
import rtmidi

from tests.kernel.pad import Pad
from tests.kernel.sends import Sends

INTERVAL_NS = 10_000_000
NOTES = 100


@pytest.fixture
def real_time() -> Iterator[None]:
    """The test's thread above everything but the pad's reader."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(60))
    yield
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def play_steadily(out: Any) -> list[int]:
    """Notes on a grid; the times when they were due, in ns."""
    first_ns = time.monotonic_ns() + 5 * INTERVAL_NS
    due = [first_ns + number * INTERVAL_NS for number in range(NOTES)]
    for due_ns in due:
        while (left_ns := due_ns - time.monotonic_ns()) > 0:
            time.sleep(left_ns / 1e9)
        out.send_message([0x99, 42, 100])
    return due


def test_notes_on_a_grid_arrive_on_the_grid(pad: Pad, real_time: None) -> None:
    out = rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name="Rig")
    out.open_port(next(n for n, name in enumerate(out.get_ports()) if "SamplePad Pro" in name), name="out")
    with Sends() as sends:
        out.send_message([0x99, 42, 1])  # whatever is done for the first time has been done
        pad.wait_for(lambda arrivals: arrivals, 2)
        pad.forget()
        sends.read()
        due = play_steadily(out)
        pad.wait_for(lambda arrivals: len(arrivals) == NOTES, 2)
        sent_us = [send.us - due_ns / 1000 for send, due_ns in zip(sends.read(), due, strict=True)]
    arrived_us = [(arrival.ns - due_ns) / 1000 for arrival, due_ns in zip(pad.note_ons, due, strict=True)]
    for name, late_us in (("handed over", sent_us), ("arrived", arrived_us)):
        print(f"\n{name}: {min(late_us):.0f} to {max(late_us):.0f} us after they were due", end="")
    assert max(sent_us) < 200
    assert max(arrived_us) - min(arrived_us) < 200
    assert max(arrived_us) < 1200  # one USB frame and what is above
    out.delete()
