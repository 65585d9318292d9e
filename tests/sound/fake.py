"""A sound that is only a socket: it takes commands, keeps them, and says what it is told to say.

It must never wait: everything happens in `step`, in the test's own thread.
"""

from __future__ import annotations

import os
import socket
import threading
from typing import Any

from panel.sound.client import SoundClient
from panel.sound.wire import Command, SoundView, decode, encode_error, encode_view

MS = 1_000_000
SECOND = 1000 * MS


class FakeSound:
    """Listens at `path` until it dies; may come again there."""

    def __init__(self, path: str, view: SoundView | None = None) -> None:
        self.view = view or SoundView(device="Card", kits=("Click", "Acoustic"), patches=("Square",), pid=1)
        self.commands: list[Command] = []
        self.has_quit = threading.Event()  # for whoever runs it in a thread
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(path)
        self._server.listen()
        self._server.setblocking(False)
        self._path = path
        self._clients: list[socket.socket] = []

    def step(self) -> FakeSound:
        """Take whoever has come and what was said; whoever watches is told the view."""
        try:
            client, _ = self._server.accept()
            client.setblocking(False)
            self._clients.append(client)
        except BlockingIOError:
            pass
        for client in self._clients:
            for line in self._lines(client):
                command = decode(line)
                self.commands.append(command)
                if command.name in ("watch", "view"):
                    client.send(encode_view(self.view))
        return self

    def tell(self, **changes: Any) -> None:
        """Say something else of itself."""
        self.view = self.view._replace(**changes)
        self.say(encode_view(self.view))

    def refuse(self, what: str) -> None:
        """Refuse something."""
        self.say(encode_error(what))

    def say(self, data: bytes) -> None:
        """Send bytes to all."""
        for client in self._clients:
            client.send(data)

    def die(self) -> None:
        """Without a word, as by SIGKILL."""
        for each in (*self._clients, self._server):
            each.close()
        os.unlink(self._path)

    def names(self) -> list[str]:
        """The commands so far, by name, and none from now on."""
        found, self.commands = [command.name for command in self.commands], []
        return found

    @staticmethod
    def _lines(client: socket.socket) -> list[bytes]:
        try:
            return client.recv(1 << 20).splitlines()
        except BlockingIOError:
            return []


class Child:
    """A process that was started, as its parent sees it."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.ended = False

    def poll(self) -> int | None:
        """How it ended."""
        return self.code

    def terminate(self) -> None:
        """Told to end."""
        self.ended = True


class Panel:
    """A client on a fake clock, and the processes that it starts."""

    def __init__(self, path: str, starts: bool = True) -> None:
        self.now = SECOND
        self.children: list[Child] = []
        self.client = SoundClient(lambda: self.now, self.spawn if starts else None, path)

    def spawn(self) -> Child:
        """Start one, which does not open its socket by itself."""
        self.children.append(Child())
        return self.children[-1]

    def tend(self, times: int = 1, every_ns: int = 200 * MS) -> list[bool]:
        """Let time pass, tending."""
        found = []
        for _ in range(times):
            found.append(self.client.tend())
            self.now += every_ns
        return found
