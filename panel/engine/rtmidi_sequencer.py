"""The system's MIDI by rtmidi: ALSA's sequencer on Linux, CoreMIDI on a Mac.

It must never touch JACK, whose dead server hangs a send for ever, nor raise for a port that comes or goes.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from typing import Any

from panel.engine import alsa
from panel.engine.alsa_source import AlsaSource
from panel.engine.outlet import Port
from panel.engine.player import Message
from panel.engine.ports import Hear

OWN_NAME = "DrumAssist"
_NEVER_CHOSEN = ("midi through", OWN_NAME.lower(), "rtmidi")
CALL_ENDS_S = 0.001  # of rtmidi's thread, which only stamps and queues
_ADDRESS = re.compile(r" \d+:\d+$")  # rtmidi appends ALSA's client:port, which changes at every plug


class RtMidiPort:
    """A connection that an rtmidi object holds for as long as this port is open."""

    lead_ns = 0

    def __init__(self, kind: str, name: str, out: Any, error: type[Exception]) -> None:
        self.kind, self.name, self._out, self._error = kind, name, out, error

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Pass the messages on, one call each: rtmidi takes no more at once."""
        send = self._out.send_message
        try:
            for message in messages:
                send(message)
        except self._error:
            pass  # whether the port is still there is not for a send to say: presence is watched

    def recall(self, revision: int, heard_ns: int) -> None:
        """Nothing is sent ahead of its time here."""

    def close(self) -> None:
        """Disconnect; the client stays for the next connection."""
        self._out.close_port()


def hang_up(ear: Any, call_ends_s: float = CALL_ENDS_S) -> None:
    """Close an rtmidi input that calls back, with a call under way given so long to end.

    Closing waits for rtmidi's thread with Python's lock in hand: were that thread just about to call us, both would
    wait for ever. So first it is to call no more, and what it has begun may end; that goes by a pointer to what is held
    here until then.
    """
    held = gc.get_referents(ear)
    ear.cancel_callback()
    time.sleep(call_ends_s)
    ear.close_port()
    held.clear()


class RtMidiSequencer:
    """A Sequencer (see ports) whose destinations have names.

    Its three clients are made here, before anything plays: making one takes alsa-lib many times as long as a gap.
    `source` is our own port where rtmidi shall not make it.
    """

    def __init__(self, rtmidi: Any, source: AlsaSource | None = None) -> None:
        """Make the clients. Raises rtmidi.RtMidiError where the system refuses."""
        api = rtmidi.API_MACOSX_CORE if sys.platform == "darwin" else rtmidi.API_LINUX_ALSA
        self._error: type[Exception] = rtmidi.RtMidiError
        self._own = source
        self._source = None if source else rtmidi.MidiOut(rtapi=api, name=OWN_NAME)
        self._out = rtmidi.MidiOut(rtapi=api, name=OWN_NAME + " out")
        self._ear = rtmidi.MidiIn(rtapi=api, name=OWN_NAME + " in")

    @classmethod
    def open_system(cls) -> RtMidiSequencer | None:
        """The system's MIDI; None where there is none (yet)."""
        if sys.platform.startswith("linux") and not os.path.exists("/dev/snd/seq"):
            return None
        import rtmidi  # here, so that a box without MIDI does not pay for it

        source = None
        try:
            source = AlsaSource(OWN_NAME) if sys.platform.startswith("linux") else None
            return cls(rtmidi, source)
        except (rtmidi.RtMidiError, OSError):
            if source:
                source.close()
            return None

    def signature(self) -> object:
        """ALSA's own list of clients and connections; elsewhere the names."""
        try:
            with open("/proc/asound/seq/clients", "rb", buffering=0) as clients:
                return alsa.without_pools(clients.read(65536))
        except OSError:
            return self.names()

    def _clients(self) -> str:
        signature = self.signature()
        return signature.decode(errors="replace") if isinstance(signature, bytes) else ""

    def names(self) -> tuple[str, ...]:
        """Destinations without their addresses, our own and Midi Through left out; none while they can't be asked."""
        try:
            names = [_ADDRESS.sub("", name) for name in self._out.get_ports()]
        except self._error:
            return ()
        return tuple(name for name in names if not name.lower().startswith(_NEVER_CHOSEN))

    def open(self, name: str) -> Port | None:
        """Connect to `name`."""
        return RtMidiPort("module", name, self._out, self._error) if self._connect(self._out, name) else None

    def open_virtual(self) -> Port | None:
        """The port `DrumAssist`."""
        if self._source is None:
            return self._own
        try:
            self._source.open_virtual_port(OWN_NAME)
        except self._error:
            return None
        return RtMidiPort("virtual", OWN_NAME, self._source, self._error)

    def linked(self, port: Port) -> bool:
        """Whether ALSA still shows our connection: a replug under the same number ends it without a word."""
        signature = self.signature()
        if not isinstance(signature, bytes):
            return port.name in self.names()
        blocks = signature.split(b"Client ")
        ours = [block for block in blocks if f'"{OWN_NAME} out"'.encode() in block]
        return any(b"Connecting To:" in block for block in ours)

    def followers(self) -> tuple[str, ...]:
        """The destinations that others have connected to the port `DrumAssist`, each with its address behind it."""
        own = alsa.own_client(self._clients(), OWN_NAME)
        return own.followers if own else ()

    def lead(self, followers: tuple[str, ...]) -> None:
        """Connect them again: by the address where the name is still the same, else by the name."""
        clients = self._clients()
        if own := alsa.own_client(clients, OWN_NAME):
            for address in alsa.addresses_of(followers, clients):
                alsa.connect((own.number, 0), address)

    def listen(self, name: str, hear: Hear | None) -> None:
        """Connect the ear to the source beside a destination, or to nothing."""
        hang_up(self._ear)
        if hear is not None:
            self._ear.set_callback(lambda event, _: hear(tuple(event[0])))
            self._connect(self._ear, name)

    def close(self) -> None:
        """Delete the clients; without that ALSA keeps them."""
        if self._own:
            self._own.close()
        hang_up(self._ear)
        for client in filter(None, (self._source, self._out, self._ear)):
            client.close_port()
            client.delete()

    def _connect(self, client: Any, name: str) -> bool:
        """Connect a client to what has that name; False where it has just gone."""
        try:
            index = _index_of(client.get_ports(), name)
            if index is not None:
                client.open_port(index, name=OWN_NAME)
        except self._error:
            return False
        return index is not None


def _index_of(full_names: list[str], name: str) -> int | None:
    return next((i for i, full in enumerate(full_names) if _ADDRESS.sub("", full) == name), None)
