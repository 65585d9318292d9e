"""What others play with: each as its documentation says, in a process of its own, on an output that only stamps.

python -m benchmarks.players sleep|mido|isobar QUARTERS - sixteenths at 120 BPM with clock; prints a line for each clock
and note: 1 for a note or 0 for a clock, its due time or 0 where the player alone knows it, its stamp (ns). It must
never help or hinder a player: what is measured is theirs.
"""

from __future__ import annotations

import sys
import time

from benchmarks.grid import CLOCKS_PER_NOTE, CLOCKS_PER_QUARTER, clock_due_ns

NOTE, CHANNEL, GATE_CLOCKS = 42, 9, 3
CLOCK_STATUS, NOTE_STATUS = 0xF8, 0x99
Line = tuple[int, int, int]


def play_by_sleeping(quarters: int) -> list[Line]:
    """A plain loop on absolute deadlines: sleep for what is left, send, go on. The best of the simple ones."""
    clocks = quarters * CLOCKS_PER_QUARTER
    lines: list[Line] = [(0, 0, 0)] * (clocks + clocks // CLOCKS_PER_NOTE)
    start_ns, at = time.monotonic_ns() + 100_000_000, 0
    for clock in range(clocks):
        due_ns = start_ns + clock_due_ns(clock)
        while (left_ns := due_ns - time.monotonic_ns()) > 0:
            time.sleep(left_ns / 1e9)
        lines[at] = (0, due_ns, time.monotonic_ns())
        at += 1
        if clock % CLOCKS_PER_NOTE == 0:
            lines[at] = (1, due_ns, time.monotonic_ns())
            at += 1
    return lines


def play_with_mido(quarters: int) -> list[Line]:
    """`for message in MidiFile.play(): port.send(message)`, as mido's documentation has it."""
    import mido

    from benchmarks import stub

    ticks = mido.MidiFile().ticks_per_beat // CLOCKS_PER_QUARTER
    track = mido.MidiTrack()
    for clock in range(quarters * CLOCKS_PER_QUARTER):
        place = clock % CLOCKS_PER_NOTE
        track.append(mido.Message("clock", time=ticks if clock else 0))
        if place in (0, GATE_CLOCKS):
            kind = "note_off" if place else "note_on"
            track.append(mido.Message(kind, channel=CHANNEL, note=NOTE, velocity=100))
    mido.set_backend(stub.__name__)
    with mido.open_output() as port:
        for message in mido.MidiFile(tracks=[track]).play(now=time.monotonic):
            port.send(message)
    return _heard(stub.taken())


def play_with_isobar(quarters: int) -> list[Line]:
    """A Timeline at its usual 480 ticks a quarter, its own clock, and its own MIDI output that sends clock."""
    import isobar
    import mido

    from benchmarks import stub

    mido.set_backend(stub.__name__)
    timeline = isobar.Timeline(120, output_device=isobar.MidiOutputDevice("stub", send_clock=True))
    timeline.stop_when_done = True
    notes = quarters * CLOCKS_PER_QUARTER // CLOCKS_PER_NOTE
    hits = {"note": isobar.PSequence([NOTE], notes), "duration": 0.25, "gate": 0.5, "channel": CHANNEL}
    timeline.schedule(hits)
    timeline.run()
    return _heard(stub.taken())


def _heard(taken: list[tuple[int, int]]) -> list[Line]:
    """Clocks and note-ons."""
    return [(int(s == NOTE_STATUS), 0, stamp_ns) for s, stamp_ns in taken if s in (CLOCK_STATUS, NOTE_STATUS)]


PLAYERS = {"sleep": play_by_sleeping, "mido": play_with_mido, "isobar": play_with_isobar}

if __name__ == "__main__":
    name, quarters = sys.argv[1:]
    played = PLAYERS[name](int(quarters))
    print("other")
    print("".join(f"{is_note} {due_ns} {stamp_ns}\n" for is_note, due_ns, stamp_ns in played), end="")
