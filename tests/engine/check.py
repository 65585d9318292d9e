"""What must hold of every stream of messages, whatever the box was told to do.

It must never repair what it looks at: a message too many is as wrong as one too few.
"""

from __future__ import annotations

from collections.abc import Iterable

from panel.engine.player import CLOCK, CONTINUE, NOTE_OFF, NOTE_ON, SONG_POSITION, START, STOP, Message
from panel.engine.recording import Sent

Q = 5040  # ticks of a quarter note, written out: the tests do not believe the code
BAR = 4 * Q

TRANSPORT = {START: "start", STOP: "stop", CONTINUE: "continue", CLOCK: "clock", SONG_POSITION: "position"}


def ringing(messages: Iterable[Message], stray_offs: bool = False) -> set[tuple[int, int]]:
    """(channel from 0, note) of what rings in the end; fails on a note-on while it rings, and on an off too many."""
    rings: set[tuple[int, int]] = set()
    for number, message in enumerate(messages):
        key = (message[0] & 0x0F, message[1] if len(message) > 1 else 0)
        if message[0] & 0xF0 == NOTE_ON:
            assert key not in rings, f"message {number}: {key} rings already"
            assert message[2] > 0, f"message {number}: a note-on without velocity"
            rings.add(key)
        elif message[0] & 0xF0 == NOTE_OFF:
            assert stray_offs or key in rings, f"message {number}: {key} does not ring"
            rings.discard(key)
    return rings


def in_time(sent: list[Sent]) -> list[Message]:
    """The messages in the order in which they sound: what was sent first of those at one instant sounds first."""
    return [s.message for s in sorted(sent, key=lambda s: s.due_ns)]


def transport(played: list[tuple[int, Message]], clocks: bool = False) -> list[tuple[int, str]]:
    """[(tick, word)] of Start, Stop, Continue and song position; with the clocks, if asked."""
    words = [(tick, TRANSPORT[m[0]]) for tick, m in played if m[0] in TRANSPORT]
    return [(tick, word) for tick, word in words if clocks or word != "clock"]


def onsets(sent: list[Sent]) -> list[tuple[int, int]]:
    """[(due_ns, note)] of the note-ons, in the order in which they sound."""
    return sorted((s.due_ns, s.message[1]) for s in sent if s.message[0] & 0xF0 == NOTE_ON)
