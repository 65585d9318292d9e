"""The sound's line to the engine: found, lost, found again; what it is told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from panel.engine.wire import Notes, Recall, encode_notes, encode_recall
from panel.music.tempo import NEVER
from panel.sound.follower import RETRY_NS, Follower


class Engine:
    """The other end: a socket that listens."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(1)
        self.connection: socket.socket | None = None

    def said(self) -> bytes:
        if self.connection is None:
            self.connection, _ = self.listener.accept()
        return self.connection.recv(1000)

    def say(self, line: bytes) -> None:
        assert self.connection
        self.connection.sendall(line)

    def die(self) -> None:
        assert self.connection
        self.connection.close()
        self.listener.close()


class Scene:
    def __init__(self, folder: Path) -> None:
        self.now, self.path = 10**15, folder / "engine.sock"
        self.follower = Follower(lambda: self.now, str(self.path))

    def later(self) -> Follower:
        self.now += RETRY_NS
        self.follower.tend()
        return self.follower


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_waits_for_an_engine_and_says_what_it_wants(scene: Scene) -> None:
    scene.follower.want(30)
    assert not scene.later().connected
    engine = Engine(scene.path)
    assert scene.later().connected
    assert engine.said() == b'{"do":"notes","lead_ms":30}\n'
    scene.follower.want(30)
    scene.follower.want(45)
    assert engine.said() == b'{"do":"notes","lead_ms":45}\n'
    engine.die()
    scene.follower.close()


def test_reads_notes_across_pieces_and_passes_over_what_is_none(scene: Scene) -> None:
    engine = Engine(scene.path)
    scene.follower.want(30)
    scene.later()
    engine.said()
    notes = encode_notes([(0x99, 37, 100)], 5, 2)
    engine.say(b'{"error":"no"}\nnonsense\n' + notes + notes[:10])
    assert list(scene.follower.read()) == [Notes(5, 2, ((0x99, 37, 100),))]
    engine.say(notes[10:] + encode_recall(3))
    assert list(scene.follower.read()) == [Notes(5, 2, ((0x99, 37, 100),)), Recall(3)]
    engine.die()
    assert list(scene.follower.read()) == []
    assert not scene.follower.connected


def test_finds_the_engine_that_takes_anothers_place(scene: Scene) -> None:
    first = Engine(scene.path)
    scene.follower.want(30)
    scene.later()
    first.said()
    first.say(encode_recall(1))
    first.die()
    assert list(scene.follower.read()) == [Recall(1)]  # its last words still count
    second = Engine(scene.path)
    scene.later()
    assert second.said() == b'{"do":"notes","lead_ms":30}\n'
    assert list(scene.follower.read()) == [Recall(NEVER)]  # the second one tells again what has not sounded
    second.say(encode_recall(1))
    assert list(scene.follower.read()) == [Recall(1)]
    second.die()
    scene.follower.close()
