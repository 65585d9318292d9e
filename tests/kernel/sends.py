"""When the box handed each note to the kernel, as the kernel saw it: a probe in the ALSA sequencer.

It must never take part in the playing: it reads a trace, and no note waits for it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

TRACING = Path("/sys/kernel/tracing")
# event_process_midi(struct snd_seq_event *) is the sequencer's way into a device, within the sender's write.
PROBE = (
    "p:rig/send snd_seq_midi:event_process_midi"
    " type=+0(%di):u8 client=+12(%di):u8 channel=+16(%di):u8 note=+17(%di):u8 velocity=+18(%di):u8"
)
FIELDS = "".join(rf" {name}=(\d+)" for name in ("type", "client", "channel", "note", "velocity"))
LINE = re.compile(r" (\d+)\.(\d{6}): send: .*" + FIELDS)
NOTE_ON = 6  # SNDRV_SEQ_EVENT_NOTEON


class Send(NamedTuple):
    """One note-on; `us` is CLOCK_MONOTONIC in microseconds, `client` the sender's, `channel` 0 to 15."""

    us: int
    client: int
    channel: int
    note: int
    velocity: int


class Sends:
    """The probe while a test runs; a context manager. It needs the pad, whose driver is what is probed."""

    def __enter__(self) -> Sends:
        """Set the probe; OSError where the kernel has no such function or the guest no such right."""
        self._write("trace_clock", "mono")
        self._write("kprobe_events", PROBE)
        self._write("events/rig/send/enable", "1")
        self._pipe = os.open(TRACING / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK)
        self._text = ""
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._pipe)
        self._write("events/rig/send/enable", "0")
        self._write("kprobe_events", "-:rig/send")

    def read(self) -> list[Send]:
        """The note-ons that sound since the last call, oldest first."""
        try:
            while chunk := os.read(self._pipe, 1 << 16):
                self._text += chunk.decode()
        except BlockingIOError:
            pass
        *lines, self._text = self._text.split("\n")
        found = [[int(number) for number in match.groups()] for line in lines if (match := LINE.search(line))]
        return [
            Send(second * 1_000_000 + us, client, channel, note, velocity)
            for second, us, kind, client, channel, note, velocity in found
            if kind == NOTE_ON and velocity
        ]

    def _write(self, name: str, text: str) -> None:
        file = os.open(TRACING / name, os.O_WRONLY)  # not truncated: that would clear other probes, or fail
        try:
            os.write(file, text.encode())
        finally:
            os.close(file)
