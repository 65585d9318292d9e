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

from tests.kernel.floor import Floor
from tests.kernel.pad import Pad
from tests.kernel.sends import Sends

INTERVAL_NS = 10_000_000
NOTES = 200


@pytest.fixture
def real_time() -> Iterator[None]:
    """The test's thread above everything but the pad's reader and the floor."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(60))
    yield
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@pytest.fixture
def out() -> Iterator[Any]:
    midi = rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name="Rig")
    midi.open_port(next(n for n, name in enumerate(midi.get_ports()) if "SamplePad Pro" in name), name="out")
    yield midi
    midi.delete()


def play_steadily(out: Any) -> list[int]:
    """Notes on a grid; the times when they were due, in ns."""
    first_ns = time.monotonic_ns() + 5 * INTERVAL_NS
    due = [first_ns + number * INTERVAL_NS for number in range(NOTES)]
    for due_ns in due:
        while (left_ns := due_ns - time.monotonic_ns()) > 0:
            time.sleep(left_ns / 1e9)
        out.send_message([0x99, 42, 100])
    return due


def test_notes_on_a_grid_arrive_on_the_grid(pad: Pad, out: Any, real_time: None) -> None:
    with Floor() as floor, Sends() as sends:
        out.send_message([0x99, 42, 1])  # whatever is done for the first time has been done
        pad.wait_for(lambda arrivals: arrivals, 2)
        pad.forget()
        sends.read()
        due = play_steadily(out)
        pad.wait_for(lambda arrivals: len(arrivals) == NOTES, 2)
        sent_ns = [1000 * send.us for send in sends.read()]
    arrived_ns = [arrival.ns for arrival in pad.note_ons]
    print(f"\nstalls of the machine: {[(stall.woke_ns - stall.due_ns) // 1000 for stall in floor.stalls]} us")
    for name, done, at_most_us in (("handed over", sent_ns, 200), ("arrived", arrived_ns, 500)):
        pairs = list(zip(due, done, strict=True))
        late_us = [(done_ns - due_ns - floor.share_ns(due_ns, done_ns)) / 1000 for due_ns, done_ns in pairs]
        print(f"{name}: {min(late_us):.0f} to {max(late_us):.0f} us after they were due")
        assert max(late_us) < at_most_us
