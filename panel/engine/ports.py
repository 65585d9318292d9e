"""MIDI ports: which of them is the module's, whether it is there, and the way of a message to it.

It must never send to whatever happens to be there, nor trust a send: rtmidi says nothing of a port that has gone, so
presence is watched.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from panel.engine.outlet import Port
from panel.engine.player import Message
from panel.engine.serial_port import SerialPort
from panel.engine.wire import PortView

OWN_NAME = "DrumAssist"
_NEVER_CHOSEN = ("midi through", OWN_NAME.lower(), "rtmidi")
_ADDRESS = re.compile(r" \d+:\d+$")  # rtmidi appends ALSA's client:port, which changes at every plug

Hear = Callable[[Message], None]  # a message that arrives now; another thread calls
Leave = Callable[[Port], None]


class Wish(NamedTuple):
    """Which destination shall be the module's.

    `exact` is the user's own choice and then the only one; else the first name that holds one of `match` (the
    profile's), else `remembered` (what it was last). Where nothing is remembered yet, a destination that is the only
    one there will do; later it will not, for what is left when a pad is pulled out is never the pad.
    """

    match: tuple[str, ...] = ()
    exact: str = ""
    remembered: str = ""
    din: str = ""
    din_rate: int = 31250


def choose(names: tuple[str, ...], wish: Wish) -> str:
    """The destination's name, or "" where none is right."""
    if wish.exact:
        return _named_like(wish.exact, names)
    for part in (*wish.match, wish.remembered):
        if name := _named_like(part, names):
            return name
    return names[0] if len(names) == 1 and not wish.remembered else ""


def _named_like(part: str, names: tuple[str, ...]) -> str:
    """The name that is `part`, else the first that holds it ("UM-ONE MIDI 1" is not "UM-ONE MIDI 10"), case aside."""
    wanted = part.lower()
    holding = [name for name in names if wanted and wanted in name.lower()]
    return next((name for name in holding if name.lower() == wanted), holding[0] if holding else "")


class Sequencer(Protocol):
    """The system's MIDI: ALSA's sequencer, CoreMIDI, or a stand-in."""

    def signature(self) -> object:
        """Something cheap that changes whenever a destination comes or goes."""

    def names(self) -> tuple[str, ...]:
        """The destinations that may be chosen."""

    def open(self, name: str) -> Port | None:
        """A connection to a destination; None where it has just gone."""

    def open_virtual(self) -> Port | None:
        """A source of our own, for others to connect to."""

    def linked(self, port: Port) -> bool:
        """Whether the connection still stands."""

    def listen(self, name: str, hear: Hear | None) -> None:
        """Hear what `name` plays, by a call from another thread; None ends it."""

    def close(self) -> None:
        """Give everything back; nothing else may be called afterwards."""


def _say_nothing(_: Port) -> None:
    """Leave a port without a word."""


class Patchbay:
    """The ports that are open now: the virtual one, the module's, a DIN one. Watch it; it never raises."""

    def __init__(self, open_sequencer: Callable[[], Sequencer | None], extra: tuple[Port, ...] = ()) -> None:
        self.available: tuple[str, ...] = ()
        self.replugs = 0
        self._open_sequencer, self._extra = open_sequencer, extra
        self._sequencer: Sequencer | None = None
        self._wish = Wish()
        self._signature: object = None
        self._virtual: Port | None = None
        self._module: Port | None = None
        self._din: SerialPort | None = None
        self._wanted_name = ""
        self._hear: Hear | None = None
        self._hearing = ""

    @property
    def ports(self) -> tuple[Port, ...]:
        """Every port that can be sent to."""
        return tuple(port for port in (self._module, self._din, self._virtual, *self._extra) if port)

    @property
    def views(self) -> tuple[PortView, ...]:
        """The ports as they are told to the panel, the module's first, missing ones included."""
        views = []
        name = self._module.name if self._module else self._wish.exact or self._wanted_name
        if name:
            views.append(PortView("module", name, self._module is not None))
        if self._wish.din:
            views.append(PortView("din", self._wish.din, self._din is not None and self._din.alive))
        others = (self._virtual, *self._extra)
        return (*views, *(PortView(port.kind, port.name, True) for port in others if port))

    def wish(self, wish: Wish) -> None:
        """Choose anew at the next look."""
        if wish != self._wish:
            self._wish, self._signature, self._wanted_name = wish, None, ""

    def look(self, leave: Leave = _say_nothing) -> bool:
        """See what is there and open or close accordingly; True where something changed.

        `leave` is called with each port that is about to be closed: it may still be alive, with notes that ring.
        """
        before = self.views, self.available
        self._sequencer = self._sequencer or self._open_sequencer()
        if self._sequencer is not None:
            self._look_at(self._sequencer, leave)
        self._look_at_din(leave)
        return (self.views, self.available) != before

    def listen(self, hear: Hear | None) -> None:
        """Hear the module's own notes; None ends it."""
        self._hear = hear
        self._attend()

    def close(self) -> None:
        """Give every port back."""
        self._hear = None
        self._attend()
        for port in self.ports:
            port.close()
        self._virtual = self._module = self._din = None
        if self._sequencer is not None:
            self._sequencer.close()
            self._sequencer = None

    def _look_at(self, sequencer: Sequencer, leave: Leave) -> None:
        if self._virtual is None:
            self._virtual = sequencer.open_virtual()
        signature = sequencer.signature()
        if signature == self._signature:
            return
        self.available = sequencer.names()
        name = choose(self.available, self._wish._replace(remembered=self._wanted_name or self._wish.remembered))
        module = self._module
        if module and (module.name != name or not sequencer.linked(module)):
            leave(module)
            module.close()
            self._module = module = None
        if name and module is None:
            self._module = sequencer.open(name)
            self.replugs += self._wanted_name == name and self._module is not None
        self._wanted_name = name or self._wanted_name  # also for one that was open before the wish: it may go later
        self._attend()
        # What was seen before all this: had anything come or gone meanwhile, it would else never be noticed. Where the
        # destination did not open (its permissions may come a moment after it) the next look tries again.
        self._signature = None if name and self._module is None else signature

    def _attend(self) -> None:
        """Keep the ear on the module while somebody listens."""
        name = self._module.name if self._module and self._hear else ""
        if self._sequencer is not None and name != self._hearing:
            self._sequencer.listen(name or self._hearing, self._hear if name else None)
            self._hearing = name

    def _look_at_din(self, leave: Leave) -> None:
        if self._din and (self._din.name != self._wish.din or not self._din.alive):
            leave(self._din)
            self._din.close()
            self._din = None
        if self._wish.din and self._din is None:
            self._din = SerialPort.open(self._wish.din, self._wish.din_rate)


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

    def recall(self, revision: int) -> None:
        """Nothing is sent ahead of its time here."""

    def close(self) -> None:
        """Disconnect; the client stays for the next connection."""
        self._out.close_port()


class RtMidiSequencer:
    """ALSA's sequencer on Linux, CoreMIDI on a Mac, by name: never JACK, whose dead server hangs a send for ever.

    Its three clients are made here, before anything plays: making one takes alsa-lib many times as long as a gap.
    """

    def __init__(self, rtmidi: Any) -> None:
        """Make the clients. Raises rtmidi.RtMidiError where the system refuses."""
        api = rtmidi.API_MACOSX_CORE if sys.platform == "darwin" else rtmidi.API_LINUX_ALSA
        self._error: type[Exception] = rtmidi.RtMidiError
        self._source = rtmidi.MidiOut(rtapi=api, name=OWN_NAME)
        self._out = rtmidi.MidiOut(rtapi=api, name=OWN_NAME + " out")
        self._ear = rtmidi.MidiIn(rtapi=api, name=OWN_NAME + " in")

    @classmethod
    def open_system(cls) -> RtMidiSequencer | None:
        """The system's MIDI; None where there is none (yet)."""
        if sys.platform.startswith("linux") and not os.path.exists("/dev/snd/seq"):
            return None
        import rtmidi  # here, so that a box without MIDI does not pay for it

        try:
            return cls(rtmidi)
        except (rtmidi.RtMidiError, OSError):
            return None

    def signature(self) -> object:
        """ALSA's own list of clients and connections; elsewhere the names."""
        try:
            with open("/proc/asound/seq/clients", "rb", buffering=0) as clients:
                return clients.read(65536)
        except OSError:
            return self.names()

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

    def listen(self, name: str, hear: Hear | None) -> None:
        """Connect the ear to the source beside a destination, or to nothing."""
        self._ear.close_port()
        self._ear.cancel_callback()
        if hear is not None:
            self._ear.set_callback(lambda event, _: hear(tuple(event[0])))
            self._connect(self._ear, name)

    def close(self) -> None:
        """Delete the clients; without that ALSA keeps them."""
        for client in (self._source, self._out, self._ear):
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
