"""The box's own sound as a port: what it is sent, and where the click goes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from panel.engine.own_sound import SoundPort
from panel.engine.ports import Patchbay
from panel.engine.recording import RecordingPort
from panel.engine.server import Server
from panel.engine.wire import Notes, Recall, decode_answer, encode, encode_notes, encode_recall
from panel.music.percussion import NOTES
from tests.box import BASIC, MS, SECOND, VOICES, Box
from tests.engine.check import onsets

LEAD_MS = 40


class Kind(RecordingPort):
    """A recording port of another kind."""

    def __init__(self, kind: str, lead_ms: int = 0) -> None:
        super().__init__(kind, lead_ms * MS)
        self.kind = kind


class Both:
    """A box with a module and its own sound, whose voices are the module's own notes."""

    def __init__(self, click_to: str) -> None:
        self.module, self.sound = Kind("module"), Kind("sound", LEAD_MS)
        self.box = Box(BASIC, (self.module, self.sound))
        self.box.do("voices", voices=[voice._replace(note=voice.note + 20, channel=3) for voice in VOICES])
        self.route(click_to)

    def route(self, click_to: str) -> None:
        self.box.do("ports", click_to=click_to)

    def play(self, ns: int) -> None:
        self.box.do("start")
        self.box.run(ns)


class TestRoute:
    @pytest.mark.parametrize(
        ("click_to", "to_module", "to_box"),
        [("auto", True, False), ("module", True, False), ("box", False, True), ("both", True, True)],
    )
    def test_of_the_click(self, click_to: str, to_module: bool, to_box: bool) -> None:
        both = Both(click_to)
        both.play(SECOND)
        assert (bool(onsets(both.module.sent)), bool(onsets(both.sound.sent))) == (to_module, to_box)

    @pytest.mark.parametrize("click_to", ["auto", "box", "both"])
    def test_where_no_module_is_the_box_sounds(self, click_to: str) -> None:
        sound = Kind("sound", LEAD_MS)
        box = Box(BASIC, (sound,))
        box.do("ports", click_to=click_to)
        box.do("start")
        box.run(SECOND)
        assert onsets(sound.sent)

    def test_both_sound_at_the_same_moments_each_with_its_own_notes(self) -> None:
        both = Both("both")
        both.play(SECOND)
        box, module = both.box, onsets(both.module.sent)
        heard = [(due, note) for due, note in onsets(both.sound.sent) if due <= box.now]
        assert [due for due, _ in heard] == [due for due, _ in module]
        assert {note for _, note in heard} == {NOTES["rim"]}
        assert {note for _, note in module} == {NOTES["rim"] + 20}
        assert {sent.message[0] & 0x0F for sent in both.sound.sent} == {9}

    def test_changed_while_playing_nothing_is_doubled_or_lost(self) -> None:
        both = Both("module")
        both.play(1900 * MS)
        first = onsets(both.module.sent)[0][0]
        both.route("box")
        both.box.run(2000 * MS)
        both.route("module")
        both.box.run(2000 * MS)
        heard = sorted(onsets(both.module.sent) + [o for o in onsets(both.sound.sent) if o[0] <= both.box.now])
        assert [due - first for due, _ in heard] == [beat * 500 * MS for beat in range(len(heard))]
        assert len(heard) == 12

    def test_what_the_box_was_sent_ahead_is_taken_back_when_the_click_leaves_it(self) -> None:
        both = Both("box")
        both.play(510 * MS)  # the second beat is sent, 30 ms before it is due
        assert len(onsets(both.sound.sent)) == 2
        both.route("module")
        both.box.run(SECOND)
        assert len(onsets(both.sound.sent)) == 1
        assert len(onsets(both.module.sent)) == 2

    def test_no_clock_goes_to_the_box(self) -> None:
        both = Both("both")
        both.box.do("clock", on=True)
        both.play(SECOND)
        assert any(sent.message == (0xF8,) for sent in both.module.sent)
        assert all(sent.message[0] < 0xF0 for sent in both.sound.sent)

    def test_hits_of_a_role_sound_as_that_role(self) -> None:
        both = Both("both")
        both.box.do("hit", note=99, channel=3, role="cowbell")
        both.box.do("hit", note=98, channel=3)
        assert [note for _, note in onsets(both.module.sent)] == [98, 99]
        assert [note for _, note in onsets(both.sound.sent)] == [NOTES["cowbell"], 98]

    def test_pads_are_heard_in_beat_with_a_click_that_only_the_box_plays(self) -> None:
        both = Both("box")
        both.play(545 * MS)  # 5 ms behind the second beat
        note = (0x99, NOTES["rim"] + 20, 100)
        assert not both.box.engine.echoes(note, both.box.now)
        both.route("both")
        both.box.run(500 * MS)
        assert both.box.engine.echoes(note, both.box.now)


class TestPort:
    def test_comes_and_goes_with_its_client(self, tmp_path: Path) -> None:
        server = Server(str(tmp_path / "socket"))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / "socket"))
            server.take([server.sources[0]])
            patchbay = Patchbay(lambda: None)
            patchbay.offer(SoundPort(server, server.clients[0], LEAD_MS * MS))
            assert patchbay.look()
            assert [(view.kind, view.connected) for view in patchbay.views] == [("sound", True)]
            patchbay.ports[0].send([(0x99, 37, 100)], 12, 3)
            patchbay.ports[0].recall(4, 11)
            lines = client.recv(1000).splitlines()
        assert [decode_answer(line) for line in lines] == [Notes(12, 3, ((0x99, 37, 100),)), Recall(4, 11)]
        server.take([server.clients[0].connection.fileno()])
        assert patchbay.look()
        assert patchbay.ports == ()
        server.close()

    def test_of_a_client_that_stops_reading_goes_before_its_socket_is_full(self, tmp_path: Path) -> None:
        server, patchbay = Server(str(tmp_path / "socket")), Patchbay(lambda: None)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / "socket"))
            server.take([server.sources[0]])
            port = SoundPort(server, server.clients[0], LEAD_MS * MS)
            patchbay.offer(port)
            for _ in range(200):
                port.send([(0x99, 37, 100)], 12, 3)
                patchbay.look()
                client.recv(1000)
            assert patchbay.ports == (port,)
            for _ in range(100):
                port.send([(0x99, 37, 100)], 12, 3)
            patchbay.look()
            assert len(patchbay.ports) == len(server.clients) == 0
        server.close()

    def test_is_the_last_that_offers_one_and_no_other_can_take_it_away(self, tmp_path: Path) -> None:
        server, patchbay = Server(str(tmp_path / "socket")), Patchbay(lambda: None)
        crowd = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for client in crowd:
            client.connect(str(tmp_path / "socket"))
            server.take([server.sources[0]])
        ports = [SoundPort(server, client, LEAD_MS * MS) for client in server.clients]

        def offered(port: SoundPort) -> tuple[SoundPort, ...]:
            patchbay.offer(port)
            patchbay.look()
            return patchbay.ports  # type: ignore[return-value]

        assert offered(ports[0]) == (ports[0],)
        assert offered(ports[1]) == (ports[1],)
        assert offered(SoundPort(server, server.clients[2], 0)) == (ports[1],)
        crowd[1].close()
        server.take([ports[1].client.connection.fileno()])
        patchbay.look()
        assert patchbay.ports == (ports[0],)
        assert offered(SoundPort(server, ports[0].client, 0)) == ()
        server.close()
        for client in crowd:
            client.close()

    def test_makes_no_room_for_others(self, tmp_path: Path) -> None:
        """Whoever asks for a View and goes again must not push the sound out."""
        server = Server(str(tmp_path / "socket"))
        crowd = [socket.socket(socket.AF_UNIX) for _ in range(40)]
        for number, client in enumerate(crowd):
            client.connect(str(tmp_path / "socket"))
            server.take([server.sources[0]])
            if number == 0:
                server.clients[0].sounding = True
        assert any(client.sounding for client in server.clients)
        server.close()
        for client in crowd:
            client.close()


def test_lines_are_what_json_makes_of_them() -> None:
    notes = encode_notes([(0x99, 37, 100), (0x89, 37, 64)], 10**18, 7)
    assert json.loads(notes) == {"notes": [10**18, 7, [[0x99, 37, 100], [0x89, 37, 64]]]}
    assert json.loads(encode_recall(7, 8)) == {"recall": [7, 8]}
    assert json.loads(encode("notes", lead_ms=40)) == {"do": "notes", "lead_ms": 40}
