"""What others play: two virtual MIDI ports, and the module's pads if that is wanted.

It must never do more in rtmidi's thread than stamp and pass on.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import rtmidi

from panel.engine.rtmidi_sequencer import hang_up
from panel.sound.wire import KIT, SYNTH

PORTS = {KIT: "DrumAssist Sampler", SYNTH: "DrumAssist Synth"}
PADS_CLIENT = "DrumAssist Pads"
SEQUENCER = "/dev/snd/seq"

Hear = Callable[[str, tuple[int, ...], int], None]  # bus, message, when (ns); called by rtmidi's threads


class MidiIn:
    """The ports are there from the first `tend` that can have them to `close`. All calls from one thread."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._virtual: list[rtmidi.MidiIn] = []
        self._pads: rtmidi.MidiIn | None = None
        self._pads_wanted = self._pads_open = ("nothing", "")

    def _open(self) -> str:
        """Open the virtual ports; why they can't be had, "" where they can."""
        if sys.platform.startswith("linux") and not os.path.exists(SEQUENCER):
            return f"no MIDI in: {SEQUENCER} is missing"  # rtmidi would write its own words to the terminal
        try:
            for bus, name in PORTS.items():
                port = rtmidi.MidiIn(_api(), name=name)
                self._virtual.append(port)
                self._attend(port, bus)
                port.open_virtual_port(name)
        except (rtmidi.RtMidiError, NotImplementedError) as error:
            self.close()
            return f"no MIDI in: {error}"
        return ""

    def play_pads(self, bus: str, port: str) -> None:
        """Have the pads of the module at `port` (part of a name) sound on a bus; "nothing" ends it."""
        self._pads_wanted = (bus, port)

    def tend(self) -> str:
        """See whether all is there; costs some 0.1 ms, to be called about once a second. Why there is none, or ""."""
        problem = "" if self._virtual else self._open()
        self._tend_pads()
        return problem

    def _tend_pads(self) -> None:
        bus, name = self._pads_wanted
        if bus == "nothing" or not name or not self._virtual:
            self._close_pads()
        elif self._pads_wanted != self._pads_open or not self._is_there(name):
            self._close_pads()
            self._open_pads(bus, name)

    def close(self) -> None:
        """Give the ports back."""
        self._close_pads()
        for port in self._virtual:
            _close(port)
        self._virtual = []

    def _is_there(self, name: str) -> bool:
        return self._pads is not None and any(name.lower() in there.lower() for there in self._pads.get_ports())

    def _open_pads(self, bus: str, name: str) -> None:
        try:
            port = rtmidi.MidiIn(_api(), name=PADS_CLIENT)
        except rtmidi.RtMidiError:
            return
        at = next((n for n, there in enumerate(port.get_ports()) if name.lower() in there.lower()), None)
        if at is None:
            port.delete()
            return
        self._attend(port, bus)
        try:
            port.open_port(at, "pads")
        except rtmidi.RtMidiError:  # it has just gone
            port.delete()
            return
        self._pads, self._pads_open = port, (bus, name)

    def _close_pads(self) -> None:
        if self._pads is not None:
            _close(self._pads)
        self._pads, self._pads_open = None, ("nothing", "")

    def _attend(self, port: rtmidi.MidiIn, bus: str) -> None:
        port.ignore_types(sysex=True, timing=True, active_sense=True)
        hear = self._hear

        def called(event: tuple[list[int], float], _: object) -> None:
            hear(bus, tuple(event[0]), time.monotonic_ns())

        port.set_callback(called)


def _close(port: rtmidi.MidiIn) -> None:
    hang_up(port)
    port.delete()  # its ALSA client as well: one that is only forgotten may stay


def _api() -> int:
    """ALSA by name, or whatever a Mac has: never a JACK that may be dead."""
    return int(rtmidi.API_LINUX_ALSA if sys.platform.startswith("linux") else rtmidi.API_UNSPECIFIED)
