"""The box's own sound as a port: the process that makes it is a client of the engine, and gets notes ahead of time.

It must never wait for that process, nor let it keep a note from a module: one that does not read is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable

from panel.engine.outlet import Port
from panel.engine.player import MELODY_CHANNEL, Message
from panel.engine.server import Client, Server
from panel.engine.state import PlayerState, Voice
from panel.engine.wire import encode_notes, encode_recall
from panel.music.pattern import ROLES
from panel.music.percussion import NOTES, PERCUSSION_CHANNEL

MODULE_KINDS = ("module", "din")
SOUND_KIND = "sound"
SOUND_CHANNELS = (MELODY_CHANNEL, PERCUSSION_CHANNEL)
MOST_UNREAD = 32 * 1024  # of the kernel's bytes: some forty lines, seconds of a click

_VOICES = tuple(Voice(role, NOTES[role], PERCUSSION_CHANNEL) for role in ROLES)


class SoundPort:
    """Passes messages on to a client, a line for each instant. Called by the engine's thread."""

    kind, name = SOUND_KIND, "Own sound"

    def __init__(self, server: Server, client: Client, lead_ns: int) -> None:
        self.client, self.lead_ns = client, lead_ns
        self._server = server

    def look(self) -> bool:
        """Whether the client is still there and reads; the server hangs up on one that has not for seconds.

        It would be taken for a sound that is heard, until the socket is full: half a minute.
        """
        if self.client in self._server.clients and self.client.unread > MOST_UNREAD:
            self._server.drop(self.client)
        return self.client in self._server.clients

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Tell what is to sound at `due_ns`."""
        self._server.send(self.client, encode_notes(messages, due_ns, revision))

    def recall(self, revision: int, heard_ns: int) -> None:
        """Tell that what an older revision sent, and is due after `heard_ns`, is not to sound."""
        self._server.send(self.client, encode_recall(revision, heard_ns))

    def close(self) -> None:
        """Nothing to give back: the server hangs up."""


def as_sounded(state: PlayerState, has_click: bool) -> PlayerState:
    """What the box's own sound plays of a state: no clock, and where it has the click, that on General MIDI's."""
    return state._replace(voices=_VOICES if has_click else (), clock=False)


def has_melody(state: PlayerState) -> bool:
    """Whether anything that is laid out to be played has notes of its own."""
    patterns = {id(section.part): section.pattern for section in state.sections}
    return any(row.notes for pattern in patterns.values() for row in (*pattern.groove, *pattern.fill))


def message_of_role(message: Message, role: str) -> Message:
    """A test hit as the own sound plays it: the role's own note; where no role is told, the one that it has."""
    return (message[0] & 0xF0 | PERCUSSION_CHANNEL - 1, NOTES.get(role, message[1]), message[2])


def sound_has_click(ports: Iterable[Port], click_to: str) -> bool:
    """Whether the click goes to the own sound; `click_to` is "module", "box", "both", or "auto": where no module is."""
    has_module = any(port.kind in MODULE_KINDS for port in ports)
    return not (click_to == "module" or (click_to == "auto" and has_module))


def routed(ports: Iterable[Port], click_to: str, melody: bool) -> list[Port]:
    """The ports that something goes to: the click, or to the own sound a `melody`.

    The virtual port, and what is recorded, always have the click.
    """
    there = list(ports)
    left_out: tuple[str, ...] = MODULE_KINDS if click_to == "box" else ()
    if not melody and not sound_has_click(there, click_to):
        left_out += (SOUND_KIND,)
    return [port for port in there if port.kind not in left_out]
