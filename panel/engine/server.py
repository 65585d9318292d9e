"""The engine's side of the socket: lines in, lines out, one at a time.

It must never wait for a client: one that does not read, or talks without end, is dropped.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import termios
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
        self.sounding = False  # it makes the box's own sound

    @property
    def unread(self) -> int:
        """How much of what it was told it has not read, in the kernel's bytes; 0 where that is not known."""
        try:
            left = fcntl.ioctl(self.connection, termios.TIOCOUTQ, bytes(4))  # on a socket SIOCOUTQ: see unix(7)
        except OSError:
            return 0
        return int.from_bytes(left, sys.byteorder)


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
        # What to select on. Whoever has a line waiting is not read from, so that talking without end fills nothing.
        self.sources: list[int] = []
        self.waiting = False  # a whole line has been read and not been taken
        self._sort()

    def take(self, readable: list[int]) -> Received | None:
        """One line, reading from at most one of `readable`, which are some of `sources`."""
        if self._listener.fileno() in readable:
            self._accept()
        elif client := next((c for c in self.clients if c.connection.fileno() in readable), None):
            self._read(client)
        received = None
        if client := next((c for c in self.clients if b"\n" in c.buffer), None):
            line, _, client.buffer = client.buffer.partition(b"\n")
            received = Received(client, line)
            self._send_back(client)
        self._sort()
        return received

    def _send_back(self, client: Client) -> None:
        """Next time the others come first."""
        self.clients.remove(client)
        self.clients.append(client)

    def send(self, client: Client, line: bytes) -> None:
        """Answer one client."""
        try:
            whole = client.connection.send(line) == len(line)
        except OSError:
            whole = False
        if not whole:
            self.drop(client)

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
            self.drop(client)
        self._listener.close()
        with suppress(FileNotFoundError):  # whoever made the folder may have swept it
            os.unlink(self._path)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # gone again
        connection.setblocking(False)
        newcomer = Client(connection)
        if len(self.clients) >= MAX_CLIENTS:
            idle = self._idlest() or newcomer
            self.send(idle, encode_error(f"there are {MAX_CLIENTS} clients already"))
            self.drop(idle)
            if idle is newcomer:
                return
        self.clients.append(newcomer)

    def _idlest(self) -> Client | None:
        """Who makes room, so that none can keep the panel out by sitting there.

        Who has been silent for longest; where all watch, who has left most of what it was told unread.
        """
        if silent := next((client for client in self.clients if not client.watching and not client.sounding), None):
            return silent
        deafest = max(reversed(self.clients), key=lambda client: client.unread)
        return deafest if deafest.unread else None

    def _read(self, client: Client) -> None:
        try:
            data = client.connection.recv(MAX_RESUME_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        client.buffer += data
        if not data:
            self.drop(client)
        elif len(client.buffer) > MAX_RESUME_BYTES and b"\n" not in client.buffer:
            self.send(client, encode_error(f"a line of more than {MAX_RESUME_BYTES} bytes"))
            self.drop(client)
        elif b"\n" not in data:
            self._send_back(client)

    def drop(self, client: Client) -> None:
        """Hang up on a client."""
        client.connection.close()
        if client in self.clients:
            self.clients.remove(client)
            self._sort()

    def _sort(self) -> None:
        """Tell those who have a line waiting from those who may be read; done here, for each wait asks for it."""
        reading = [client for client in self.clients if b"\n" not in client.buffer]
        self.waiting = len(reading) < len(self.clients)
        self.sources = [self._listener.fileno(), *(client.connection.fileno() for client in reading)]
