"""The box's own sound as a port: the process that makes it is a client of the engine, and gets notes ahead of time.

It must never wait for that process, nor let it keep a note from a module: one that does not read is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable

from panel.engine.outlet import Port
from panel.engine.player import Message
from panel.engine.server import Client, Server
from panel.engine.state import PlayerState, Voice
from panel.engine.wire import encode_notes, encode_recall
from panel.music.pattern import ROLES
from panel.music.percussion import NOTES, PERCUSSION_CHANNEL

MODULE_KINDS = ("module", "din")
SOUND_KIND = "sound"
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

    def recall(self, revision: int) -> None:
        """Tell that what an older revision sent, and has not sounded, is not to sound."""
        self._server.send(self.client, encode_recall(revision))

    def close(self) -> None:
        """Nothing to give back: the server hangs up."""


def as_sounded(state: PlayerState) -> PlayerState:
    """What the box's own sound plays of a state: the roles on General MIDI's notes, and no clock."""
    return state._replace(voices=_VOICES, clock=False)


def message_of_role(message: Message, role: str) -> Message:
    """A test hit as the own sound plays it: the role's own note; where no role is told, as it is."""
    if not role:
        return message
    return (message[0] & 0xF0 | PERCUSSION_CHANNEL - 1, NOTES[role], message[2])


def routed(ports: Iterable[Port], click_to: str) -> list[Port]:
    """The ports that the click goes to; `click_to` is "module", "box", "both", or "auto": the box where no module is.

    The virtual port, and what is recorded, always have it.
    """
    there = list(ports)
    has_module = any(port.kind in MODULE_KINDS for port in there)
    without_sound = click_to == "module" or (click_to == "auto" and has_module)
    left_out = (SOUND_KIND,) if without_sound else MODULE_KINDS if click_to == "box" else ()
    return [port for port in there if port.kind not in left_out]
