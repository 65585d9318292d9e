"""The engine's side of the socket: lines in, lines out, one at a time.

It must never wait for a client: one that does not read, or talks without end, is dropped.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import NamedTuple

from panel.engine.wire import MAX_RESUME_BYTES, encode_error

MAX_CLIENTS = 16


class Client:
    """A connection and what has come of its next line."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.buffer = b""
        self.watching = False

    def fileno(self) -> int:
        """For select."""
        return self.connection.fileno()


class Received(NamedTuple):
    """A line, without its end, and who sent it."""

    client: Client
    line: bytes


class Server:
    """A Unix socket that only its owner can open. All calls from one thread; nothing blocks."""

    def __init__(self, path: str) -> None:
        if os.path.exists(path):  # left by an engine that died: the lock says that it is not in use
            os.unlink(path)
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            self._listener.bind(path)
        finally:
            os.umask(mask)
        self._listener.listen(MAX_CLIENTS)
        self._listener.setblocking(False)
        self.clients: list[Client] = []

    @property
    def sources(self) -> list[Client | socket.socket]:
        """What to select on. Whoever has a line waiting is not read from, so that talking without end fills nothing."""
        return [self._listener, *(client for client in self.clients if b"\n" not in client.buffer)]

    @property
    def waiting(self) -> bool:
        """Whether a whole line has been read and not been taken."""
        return any(b"\n" in client.buffer for client in self.clients)

    def take(self, readable: list[Client | socket.socket]) -> Received | None:
        """One line, reading from at most one of `readable`."""
        if self._listener in readable:
            self._accept()
        elif readable and isinstance(readable[0], Client):
            self._read(readable[0])
        for client in self.clients:
            line, end, rest = client.buffer.partition(b"\n")
            if end:
                client.buffer = rest
                self.clients.append(self.clients.pop(self.clients.index(client)))  # the others first, next time
                return Received(client, line)
        return None

    def send(self, client: Client, line: bytes) -> None:
        """Answer one client."""
        try:
            whole = client.connection.send(line) == len(line)
        except OSError:
            whole = False
        if not whole:
            self._drop(client)

    def publish(self, line: bytes) -> None:
        """Tell all who watch."""
        for client in [client for client in self.clients if client.watching]:
            self.send(client, line)

    @property
    def watched(self) -> bool:
        """Whether anybody watches."""
        return any(client.watching for client in self.clients)

    def close(self) -> None:
        """Hang up and take the socket away."""
        for client in list(self.clients):
            self._drop(client)
        self._listener.close()
        with suppress(FileNotFoundError):  # whoever made the folder may have swept it
            os.unlink(self._path)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # gone again
        connection.setblocking(False)
        if len(self.clients) >= MAX_CLIENTS:
            connection.close()
            return
        self.clients.append(Client(connection))

    def _read(self, client: Client) -> None:
        try:
            data = client.connection.recv(MAX_RESUME_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        client.buffer += data
        if not data:
            self._drop(client)
        elif len(client.buffer) > MAX_RESUME_BYTES and b"\n" not in client.buffer:
            self.send(client, encode_error(f"a line of more than {MAX_RESUME_BYTES} bytes"))
            self._drop(client)

    def _drop(self, client: Client) -> None:
        if client in self.clients:
            self.clients.remove(client)
            client.connection.close()
