"""Ports that keep what they are sent: for tests, for measuring, for looking at what the box did.

They must never change what is sent, nor when.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from panel.engine.player import Message


class Sent(NamedTuple):
    """A message and the moment it is meant for."""

    due_ns: int
    message: Message
    revision: int


class RecordingPort:
    """Keeps all in a list; with a lead it plays, and takes back, as a port does that is sent to ahead of time."""

    kind = "record"

    def __init__(self, name: str = "recording", lead_ns: int = 0) -> None:
        self.name, self.lead_ns = name, lead_ns
        self.sent: list[Sent] = []
        self.now: Callable[[], int] = lambda: 0

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Keep the messages."""
        self.sent += [Sent(due_ns, message, revision) for message in messages]

    def recall(self, revision: int, heard_ns: int) -> None:
        """Forget what an older revision has sent and is not due yet."""
        self.sent = [s for s in self.sent if s.revision >= revision or s.due_ns <= self.now()]

    def close(self) -> None:
        """Nothing to give back."""


class FilePort:
    """Writes a line for each message: due time, the moment of its turn, bytes in hex.

    A message has its turn when a port that takes one at a time would be handed it. All are stamped before anything
    else is done, and the file is written at once: what an engine played just before it was killed stands there.
    """

    kind = "record"
    lead_ns = 0

    def __init__(self, path: str, clock: Callable[[], int]) -> None:
        self.name, self._clock = path, clock
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Stamp each message, then append the lines in one write."""
        clock = self._clock
        stamps = [clock() for _ in messages]
        lines = (f"{due_ns} {at} {bytes(message).hex()}\n" for at, message in zip(stamps, messages, strict=True))
        with suppress(OSError):  # a full disk ends the record, not the music
            os.write(self._descriptor, "".join(lines).encode())

    def recall(self, revision: int, heard_ns: int) -> None:
        """Nothing is sent ahead of its time here."""

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)
