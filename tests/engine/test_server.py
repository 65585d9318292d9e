"""The engine's side of the socket, against clients of every kind of rudeness."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from panel.engine.server import MAX_CLIENTS, Server
from panel.engine.wire import MAX_RESUME_BYTES


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(str(tmp_path / "s"))
    yield server
    server.close()


def call(server: Server) -> socket.socket:
    """A connection that the server has accepted (or refused)."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(server._path)
    connection.settimeout(5)
    assert server.take([server._listener.fileno()]) is None
    return connection


def lines(server: Server, most: int = 10_000) -> list[bytes]:
    """All lines that come, taken one at a time until nothing is left."""
    found: list[bytes] = []
    for _ in range(most):
        readable, _, _ = select.select(server.sources, [], [], 0)
        if not readable and not server.waiting:
            return found
        received = server.take(readable)
        if received:
            found.append(received.line)
    raise AssertionError("it goes on for ever")


def test_one_line_at_a_time(server: Server) -> None:
    client = call(server)
    client.sendall(b"one\ntwo\nthree\n")
    first = server.take(server.sources[1:])
    assert first is not None
    assert first.line == b"one"
    assert server.waiting
    assert lines(server) == [b"two", b"three"]
    assert not server.waiting


def test_half_messages_wait_for_their_rest(server: Server) -> None:
    client = call(server)
    for half in (b"o", b"ne", b"\ntw"):
        client.sendall(half)
        expected = [b"one"] if b"\n" in half else []
        assert lines(server) == expected
    client.sendall(b"o\n")
    assert lines(server) == [b"two"]


def test_everybody_gets_a_turn(server: Server) -> None:
    clients = [call(server) for _ in range(3)]
    for number, client in enumerate(clients):
        client.sendall(f"{number}\n".encode() * 3)
    assert sorted(lines(server)[:3]) == [b"0", b"1", b"2"]


def test_last_words_count_though_the_client_has_gone(server: Server) -> None:
    client = call(server)
    client.sendall(b"one\ntwo\nthree\nhalf")
    client.close()
    assert lines(server) == [b"one", b"two", b"three"]
    assert server.clients == []


def test_a_line_without_end_is_refused_and_dropped(server: Server) -> None:
    client = call(server)
    client.setblocking(False)
    sent = 0
    while server.clients and sent < 1_000_000:
        with suppress(BlockingIOError):
            sent += client.send(b"x" * 65536)
        readable, _, _ = select.select(server.sources, [], [], 0)
        assert server.take(readable) is None
    assert server.clients == []
    assert b"a line of more than" in client.recv(1000)


def test_talking_without_end_fills_nothing(server: Server) -> None:
    client = call(server)
    client.setblocking(False)
    for _ in range(200):
        with suppress(BlockingIOError):
            client.send(b"tempo\n" * 10_000)
        readable, _, _ = select.select(server.sources, [], [], 0)
        server.take(readable)
    (talker,) = server.clients
    assert 0 < len(talker.buffer) <= 2 * MAX_RESUME_BYTES


def test_who_sits_there_silently_makes_room(server: Server) -> None:
    clients = [call(server) for _ in range(30)]
    assert len(server.clients) == MAX_CLIENTS
    for client in clients[: 30 - MAX_CLIENTS]:
        assert b"there are 16 clients already" in client.recv(1000)
        assert client.recv(1) == b""
    clients[-1].sendall(b"hello\n")
    assert lines(server) == [b"hello"]
    call(server)  # it has spoken: the next to go is another
    clients[-1].sendall(b"still here\n")
    assert lines(server) == [b"still here"]


def test_who_watches_is_not_sent_away(server: Server) -> None:
    clients = [call(server) for _ in range(MAX_CLIENTS)]
    for watching in server.clients:
        watching.watching = True
    newcomer = call(server)
    assert b"there are 16 clients already" in newcomer.recv(1000)
    assert newcomer.recv(1) == b""
    clients[0].sendall(b"hello\n")
    assert lines(server) == [b"hello"]


def test_who_watches_and_never_reads_makes_room(server: Server) -> None:
    """A hundred of them kept the panel out until their sockets were full, which took minutes."""
    clients = [call(server) for _ in range(MAX_CLIENTS)]
    for watching in server.clients:
        watching.watching = True
    server.publish(b"news\n")
    deaf = clients.pop(7)
    for client in clients:
        client.recv(100)
    newcomer = call(server)
    newcomer.sendall(b"hello\n")
    assert lines(server) == [b"hello"]
    assert deaf.recv(5) == b"news\n"
    assert b"there are 16 clients already" in deaf.recv(1000)
    assert deaf.recv(1) == b""


def test_half_words_without_end_keep_nobody_waiting(server: Server) -> None:
    babbler, other = call(server), call(server)
    for _ in range(10):
        babbler.sendall(b"bla")
        other.sendall(b"x\n")
        received = [server.take(select.select(server.sources, [], [], 0)[0]) for _ in range(2)]
        assert [one.line for one in received if one] == [b"x"]


def test_a_client_that_never_reads_is_dropped_and_nobody_waits(server: Server) -> None:
    deaf, good = call(server), call(server)
    for client in server.clients:
        client.watching = True
    for _ in range(10_000):
        server.publish(b"x" * 1000 + b"\n")
        if len(server.clients) == 1:
            break
        good.recv(65536)
    assert len(server.clients) == 1
    server.publish(b"bye\n")
    got = b""
    while not got.endswith(b"bye\n"):
        got += good.recv(65536)
    assert deaf.recv(1) == b"x"


def test_only_its_owner_can_open_it(server: Server) -> None:
    assert Path(server._path).stat().st_mode & 0o777 == 0o600


def test_a_socket_that_was_left_is_replaced(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    left = Server(path)
    again = Server(path)
    call(again)
    assert len(again.clients) == 1
    left._listener.close()
    again.close()
    assert not Path(path).exists()


def test_a_swept_folder_does_no_harm(tmp_path: Path) -> None:
    server = Server(str(tmp_path / "s"))
    (tmp_path / "s").unlink()
    server.close()
