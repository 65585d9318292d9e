"""Which destination is the module's, and what happens when it is pulled out and plugged in."""

from __future__ import annotations

import pytest

from panel.engine.outlet import Port
from panel.engine.ports import Hear, Patchbay, Wish, choose
from panel.engine.recording import RecordingPort
from panel.engine.rtmidi_sequencer import OWN_NAME, RtMidiSequencer
from panel.engine.wire import MAX_FOLLOWERS, PortView, decode_answer, encode_view
from tests.box import BASIC, MS, SECOND, VOICES, Box
from tests.engine.check import onsets, ringing

PAD, NORD, UM1, UM10 = "SamplePad Pro:SamplePad Pro MIDI 1", "Nord Drum 3P:Nord", "UM-ONE MIDI 1", "UM-ONE MIDI 10"


@pytest.mark.parametrize(
    ("names", "wish", "chosen"),
    [
        ((), Wish(), ""),
        ((), Wish(match=("a",), exact="b", remembered="c"), ""),
        ((PAD,), Wish(), PAD),  # the only one there
        ((PAD, NORD), Wish(), ""),  # which? nobody knows
        ((PAD, NORD), Wish(match=("nord",)), NORD),
        ((PAD, NORD), Wish(match=("no such", "samplepad")), PAD),
        ((PAD, NORD), Wish(match=("nord", "samplepad")), NORD),  # the profile's order, not the system's
        ((PAD, NORD), Wish(remembered=NORD), NORD),
        ((PAD, NORD), Wish(match=("samplepad",), remembered=NORD), PAD),
        ((PAD, NORD), Wish(exact=NORD, match=("samplepad",)), NORD),
        ((NORD,), Wish(remembered=PAD), ""),  # what is left when the pad is pulled out is not the pad
        ((PAD,), Wish(exact=NORD), ""),  # the user's choice is the only one
        ((PAD,), Wish(exact=NORD, match=("samplepad",), remembered=PAD), ""),
        ((UM10, UM1), Wish(exact=UM1), UM1),  # the whole name before a part of it
        ((UM10, UM1), Wish(remembered=UM1.lower()), UM1),
        ((UM10,), Wish(exact=UM1), UM10),
        ((PAD, NORD), Wish(match=("",)), ""),  # nothing is no name
        ((PAD, NORD), Wish(match=("", "NORD")), NORD),
    ],
)
def test_choose(names: tuple[str, ...], wish: Wish, chosen: str) -> None:
    assert choose(names, wish) == chosen


class FakePort(RecordingPort):
    """A port that knows whether it was closed."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(name)
        self.kind, self.closed = kind, False

    def close(self) -> None:
        assert not self.closed
        self.closed = True


class FakeSequencer:
    """A system's MIDI with destinations that come and go."""

    def __init__(self, *there: str) -> None:
        self.there = list(there)
        self.opened: list[FakePort] = []
        self.plugs = self.looks = 0
        self.closed = False
        self.stuck = False  # what is there can't be opened yet
        self.hearing: list[tuple[str, Hear | None]] = []
        self.unlinked: set[int] = set()
        self.led: tuple[str, ...] = ()

    def plug(self, name: str) -> None:
        self.there.append(name)
        self.plugs += 1

    def unplug(self, name: str) -> None:
        self.there.remove(name)
        self.plugs += 1

    def replug(self) -> None:
        """Out and in again between two looks, under the same name and number."""
        self.unlinked = {id(port) for port in self.opened}
        self.plugs += 1

    def signature(self) -> object:
        return self.plugs, len(self.opened), sum(port.closed for port in self.opened)

    def names(self) -> tuple[str, ...]:
        self.looks += 1
        return tuple(self.there)

    def open(self, name: str) -> Port | None:
        if name not in self.there or self.stuck:
            return None
        self.opened.append(FakePort("module", name))
        return self.opened[-1]

    def open_virtual(self) -> Port | None:
        return RecordingPort("virtual")

    def followers(self) -> tuple[str, ...]:
        return self.led

    def lead(self, followers: tuple[str, ...]) -> None:
        self.led = followers

    def linked(self, port: Port) -> bool:
        return port.name in self.there and id(port) not in self.unlinked

    def listen(self, name: str, hear: Hear | None) -> None:
        self.hearing.append((name, hear))

    def close(self) -> None:
        assert not self.closed
        self.closed = True

    @property
    def open_ports(self) -> list[str]:
        return [port.name for port in self.opened if not port.closed]


def bay(*there: str, wish: Wish | None = None) -> tuple[Patchbay, FakeSequencer]:
    sequencer = FakeSequencer(*there)
    patchbay = Patchbay(lambda: sequencer)
    patchbay.wish(wish or Wish(match=("samplepad",)))
    patchbay.look()
    return patchbay, sequencer


class TestPatchbay:
    def test_opens_what_is_wished(self) -> None:
        patchbay, sequencer = bay(NORD, PAD)
        assert sequencer.open_ports == [PAD]
        assert patchbay.views[0] == PortView("module", PAD, True)
        assert [port.kind for port in patchbay.ports] == ["module", "record"]
        assert patchbay.available == (NORD, PAD)

    def test_unplugged_it_is_shown_as_missing(self) -> None:
        patchbay, sequencer = bay(PAD)
        sequencer.unplug(PAD)
        assert patchbay.look()
        assert patchbay.views[0] == PortView("module", PAD, False)
        assert sequencer.open_ports == []
        assert [port.kind for port in patchbay.ports] == ["record"]

    def test_plugged_in_again_it_is_back(self) -> None:
        patchbay, sequencer = bay(PAD)
        sequencer.unplug(PAD)
        patchbay.look()
        sequencer.plug(PAD)
        assert patchbay.look()
        assert patchbay.views[0] == PortView("module", PAD, True)
        assert patchbay.replugs == 1

    def test_a_replug_between_two_looks_is_seen(self) -> None:
        patchbay, sequencer = bay(PAD)
        sequencer.replug()
        patchbay.look()
        assert [port.closed for port in sequencer.opened] == [True, False]
        assert patchbay.replugs == 1

    def test_what_does_not_open_at_once_is_tried_again(self) -> None:
        patchbay, sequencer = bay()
        sequencer.stuck = True
        sequencer.plug(PAD)
        patchbay.look()
        assert sequencer.open_ports == []
        sequencer.stuck = False
        assert patchbay.look()
        assert sequencer.open_ports == [PAD]

    def test_another_name_is_not_taken_for_it(self) -> None:
        patchbay, sequencer = bay(PAD, wish=Wish(exact=PAD))
        sequencer.unplug(PAD)
        sequencer.plug(NORD)
        patchbay.look()
        assert sequencer.open_ports == []
        assert patchbay.views[0] == PortView("module", PAD, False)

    def test_a_better_one_takes_its_place(self) -> None:
        patchbay, sequencer = bay(NORD)
        assert sequencer.open_ports == [NORD]
        sequencer.plug(PAD)
        patchbay.look()
        assert sequencer.open_ports == [PAD]

    def test_an_idle_look_asks_for_no_names(self) -> None:
        patchbay, sequencer = bay(PAD)
        patchbay.look()  # our own client has changed the list
        sequencer.looks = 0
        for _ in range(100):
            assert not patchbay.look()
        assert sequencer.looks == 0

    def test_what_goes_while_it_looks_is_seen_the_next_time(self) -> None:
        patchbay, sequencer = bay(NORD)
        sequencer.unplug(NORD)
        sequencer.plug(PAD)
        names, open_ = sequencer.names, sequencer.open

        def pulled_out(name: str) -> Port | None:
            port = open_(name)
            sequencer.unplug(name)
            return port

        sequencer.open = pulled_out  # type: ignore[method-assign]
        patchbay.look()
        assert names() == ()
        patchbay.look()
        assert sequencer.open_ports == []
        assert patchbay.views[0].connected is False

    def test_a_system_without_midi_is_asked_again(self) -> None:
        found: list[FakeSequencer] = []
        patchbay = Patchbay(lambda: found[0] if found else None)
        assert not patchbay.look()
        assert not list(patchbay.ports)
        found.append(FakeSequencer(PAD))
        assert patchbay.look()
        assert [port.name for port in patchbay.ports] == [PAD, "virtual"]

    def test_close_gives_everything_back(self) -> None:
        patchbay, sequencer = bay(PAD)
        patchbay.listen(lambda message: None)
        patchbay.close()
        assert sequencer.open_ports == []
        assert sequencer.hearing[-1] == (PAD, None)
        assert sequencer.closed

    def test_what_is_left_when_the_pad_goes_is_not_the_pad(self) -> None:
        patchbay, sequencer = bay(NORD, PAD)
        sequencer.unplug(PAD)
        patchbay.look()
        assert sequencer.open_ports == []
        assert patchbay.views[0] == PortView("module", PAD, False)

    def test_the_ear_follows_the_module(self) -> None:
        patchbay, sequencer = bay(PAD)
        heard: Hear = lambda message: None  # noqa: E731
        patchbay.listen(heard)
        sequencer.unplug(PAD)
        patchbay.look()
        sequencer.plug(PAD)
        patchbay.look()
        patchbay.listen(None)
        assert sequencer.hearing == [(PAD, heard), (PAD, None), (PAD, heard), (PAD, None)]


class TestFollowers:
    def test_who_connects_to_us_is_told_on(self) -> None:
        sequencer = FakeSequencer()
        patchbay = Patchbay(lambda: sequencer)
        patchbay.look()
        assert not patchbay.followers
        sequencer.led, sequencer.plugs = ("synth:in 129:0",), 1
        assert patchbay.look()
        assert patchbay.followers == ("synth:in 129:0",)
        assert not patchbay.look()

    def test_of_very_many_those_are_told_that_a_view_may_hold(self) -> None:
        sequencer = FakeSequencer()
        sequencer.led = tuple(f"synth:in {number}:0" for number in range(100))
        box = Box(patchbay=Patchbay(lambda: sequencer))
        assert decode_answer(encode_view(box.engine.view())) == box.engine.view()
        assert box.engine.view().followers == sequencer.led[:MAX_FOLLOWERS]

    def test_they_are_connected_again_and_looked_at(self) -> None:
        sequencer = FakeSequencer()
        patchbay = Patchbay(lambda: sequencer)
        patchbay.look()
        patchbay.follow(("synth:in 129:0",))
        assert patchbay.look()
        assert patchbay.followers == ("synth:in 129:0",)

    def test_without_midi_there_is_nobody_to_connect(self) -> None:
        patchbay = Patchbay(lambda: None)
        patchbay.look()
        patchbay.follow(("synth:in 129:0",))
        assert patchbay.followers == ()


class TestPlaying:
    """Plugs and the music: the box on a fake clock, with a fake system behind it."""

    def box(self, *there: str) -> tuple[Box, FakeSequencer]:
        sequencer = FakeSequencer(*there)
        box = Box(BASIC, patchbay=Patchbay(lambda: sequencer))
        box.do("ports", match=("samplepad",))
        box.do("start")
        return box, sequencer

    def test_unplugged_the_transport_goes_on_and_plugged_in_it_is_on_the_beat(self) -> None:
        box, sequencer = self.box(PAD)
        box.run(1700 * MS)
        sequencer.unplug(PAD)
        box.engine.look(box.now)
        assert box.engine.view().ports[0] == PortView("module", PAD, False)
        box.run(SECOND)
        assert box.engine.state.playing
        sequencer.plug(PAD)
        box.engine.look(box.now)
        box.run(SECOND)
        assert [due for due, _ in onsets(sequencer.opened[1].sent)] == [13 * SECOND, 13 * SECOND + 500 * MS]

    def test_what_rang_when_it_was_pulled_out_is_ended_when_it_is_back(self) -> None:
        box, sequencer = self.box(PAD)
        box.run(10 * MS)
        sequencer.unplug(PAD)
        box.engine.look(box.now)
        sequencer.plug(PAD)
        box.engine.look(box.now)
        assert [sent.message for sent in sequencer.opened[1].sent] == [(0x89, 37, 64)]

    def test_a_module_that_is_named_after_the_resume_is_silenced_first(self) -> None:
        state = self.box(PAD)[0].engine.state
        sequencer = FakeSequencer(NORD, PAD)  # which of them is known only when the panel says so
        box = Box(BASIC, patchbay=Patchbay(lambda: sequencer))
        box.do("resume", state=state, seen_ns=box.now)
        assert sequencer.opened == []
        box.do("ports", match=("samplepad",))
        box.run(SECOND)
        ends = [(0x89, voice.note, 64) for voice in sorted(VOICES, key=lambda voice: voice.note)]
        assert [sent.message for sent in sequencer.opened[0].sent][: len(ends)] == ends

    def test_a_module_that_is_left_for_another_does_not_ring_on(self) -> None:
        box, sequencer = self.box(PAD, NORD)
        box.do("clock", on=True)
        box.run(10 * MS)
        box.do("ports", exact=NORD)
        left, taken = sequencer.opened
        assert left.closed
        assert ringing(sent.message for sent in left.sent if sent.message[0] < 0xF0) == set()
        assert left.sent[-1].message == (0xFC,)
        assert not taken.closed

    def test_the_modules_write_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        box, _ = self.box(PAD)
        order: list[str] = []
        for port in box.patchbay.ports:
            monkeypatch.setattr(port, "send", lambda *_, name=port.name: order.append(name))
        box.run(0)
        assert order == [PAD, "virtual"]

    def test_the_drops_of_a_port_that_has_gone_are_still_counted(self) -> None:
        box, sequencer = self.box(PAD)
        box.stall(300 * MS)
        box.run(0)
        before = box.engine.view().dropped
        assert before == 2
        sequencer.unplug(PAD)
        box.engine.look(box.now)
        assert box.engine.view().dropped == before


class FakeRtMidi:
    """What the adapter uses of the rtmidi module."""

    API_LINUX_ALSA, API_MACOSX_CORE = 1, 2

    class RtMidiError(Exception):
        pass

    def __init__(self, *there: str) -> None:
        self.there = list(there)
        self.alive: list[FakeEnd] = []
        self.fails = False

    def MidiOut(self, rtapi: int, name: str) -> FakeEnd:  # noqa: N802
        return FakeEnd(self, name)

    MidiIn = MidiOut


class FakeEnd:
    """A client."""

    def __init__(self, system: FakeRtMidi, name: str) -> None:
        if system.fails:
            raise system.RtMidiError
        self.system, self.name, self.to = system, name, ""
        self.sent: list[tuple[int, ...]] = []
        self.callback: object = None
        system.alive.append(self)

    def get_ports(self) -> list[str]:
        return list(self.system.there)

    def open_port(self, index: int, name: str) -> None:
        if self.system.fails or self.system.there[index].startswith("Busy"):
            raise self.system.RtMidiError
        self.to = self.system.there[index]

    def open_virtual_port(self, name: str) -> None:
        if self.system.fails:
            raise self.system.RtMidiError
        self.to = "virtual " + name

    def set_callback(self, callback: object) -> None:
        assert self.callback is None
        self.callback = callback

    def cancel_callback(self) -> None:
        self.callback = None

    def send_message(self, message: tuple[int, ...]) -> None:
        if self.system.fails:
            raise self.system.RtMidiError
        self.sent.append(message)

    def close_port(self) -> None:
        self.to = ""

    def delete(self) -> None:
        self.system.alive.remove(self)


class TestRtMidi:
    def test_addresses_are_cut_and_our_own_and_midi_through_left_out(self) -> None:
        system = FakeRtMidi(
            "Midi Through:Midi Through Port-0 14:0",
            "DrumAssist:DrumAssist 128:0",
            "DrumAssist in:DrumAssist 130:0",
            "RtMidiIn Client:x 131:0",
            "SamplePad Pro:SamplePad Pro MIDI 1 20:0",
            "Odd name 7:x",
        )
        assert RtMidiSequencer(system).names() == (PAD, "Odd name 7:x")

    def test_opens_by_name_and_closes_without_a_new_client(self) -> None:
        system = FakeRtMidi("Midi Through:Midi Through Port-0 14:0", PAD + " 20:0")
        sequencer = RtMidiSequencer(system)
        clients = list(system.alive)
        out = next(client for client in clients if client.name == OWN_NAME + " out")
        for _ in range(3):
            port = sequencer.open(PAD)
            assert port is not None
            assert (port.kind, port.name, port.lead_ns) == ("module", PAD, 0)
            assert out.to == PAD + " 20:0"
            port.send([(0x99, 37, 1), (0xF8,)], 0, 0)
            port.close()
            assert out.to == ""
        assert out.sent == [(0x99, 37, 1), (0xF8,)] * 3
        assert system.alive == clients

    def test_close_deletes_every_client(self) -> None:
        system = FakeRtMidi(PAD + " 20:0")
        sequencer = RtMidiSequencer(system)
        sequencer.open_virtual()
        sequencer.open(PAD)
        sequencer.close()
        assert system.alive == []

    @pytest.mark.parametrize("name", ["Gone", "Busy"])
    def test_what_does_not_open_is_not_there(self, name: str) -> None:
        system = FakeRtMidi("Busy 20:0")
        sequencer = RtMidiSequencer(system)
        assert sequencer.open(name) is None
        sequencer.listen(name, lambda message: None)
        assert [client.to for client in system.alive] == ["", "", ""]

    def test_the_virtual_port(self) -> None:
        system = FakeRtMidi()
        port = RtMidiSequencer(system).open_virtual()
        assert port is not None
        assert (port.kind, port.name) == ("virtual", OWN_NAME)
        assert [client.to for client in system.alive if client.name == OWN_NAME] == ["virtual DrumAssist"]

    def test_hears_what_the_module_plays(self) -> None:
        system = FakeRtMidi(PAD + " 20:0")
        sequencer = RtMidiSequencer(system)
        ear = next(client for client in system.alive if client.name == OWN_NAME + " in")
        heard: list[object] = []
        for _ in range(2):
            sequencer.listen(PAD, lambda message: heard.append(message))
            assert ear.to == PAD + " 20:0"
            assert callable(ear.callback)
            ear.callback(([0x99, 38, 100], 0.1), None)
        assert heard == [(0x99, 38, 100)] * 2
        sequencer.listen(PAD, None)
        assert (ear.to, ear.callback) == ("", None)

    def test_its_errors_go_no_further(self) -> None:
        system = FakeRtMidi(PAD + " 20:0")
        sequencer = RtMidiSequencer(system)
        port = sequencer.open(PAD)
        assert port is not None
        system.fails = True
        port.send([(0xF8,)], 0, 0)
        assert sequencer.open(PAD) is None
        assert sequencer.open_virtual() is None
        sequencer.listen(PAD, lambda message: None)

    def test_alsas_own_list_tells_whether_we_are_linked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sequencer = RtMidiSequencer(FakeRtMidi())
        ours = b'Client 129 : "DrumAssist out" [User Legacy]\n  Port   0 : "DrumAssist" (R-e-)\n'
        other = b'Client 128 : "DrumAssist" [User]\n  Port   0 : "DrumAssist" (R-e-)\n    Connecting To: 30:0\n'
        port = RecordingPort("x")
        for listing, linked in [
            (other + ours, False),
            (other + ours + b"    Connecting To: 20:0\n", True),
            (ours + b"    Connecting To: 20:0\n" + other, True),
            (other, False),
        ]:
            monkeypatch.setattr(sequencer, "signature", lambda listing=listing: listing)
            assert sequencer.linked(port) == linked

    def test_elsewhere_the_names_tell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sequencer = RtMidiSequencer(FakeRtMidi(PAD + " 20:0"))
        monkeypatch.setattr(sequencer, "signature", sequencer.names)
        assert sequencer.linked(RecordingPort(PAD))
        assert not sequencer.linked(RecordingPort(NORD))

    def test_no_alsa_no_sequencer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("os.path.exists", lambda path: False)
        monkeypatch.setattr("sys.platform", "linux")
        assert RtMidiSequencer.open_system() is None
