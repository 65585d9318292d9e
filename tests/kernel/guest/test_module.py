"""The pad on its cable as it is on a stage: pulled, pulled again, beside another, under another name; and who listens.

On virtual time. It must never start a process while notes are timed, but for the engine that takes a dead one's place.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.engine.alsa import addresses_of, own_client, without_pools
from panel.engine.client import ask
from panel.engine.wire import View
from panel.gallery import Scene, turns_to
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import TICKS_PER_SIXTEENTH
from tests.kernel.client import wait_for
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.guest.load import CLIENTS, alsa_clients, held
from tests.kernel.guest.rig import ENCODER, ENCODER_A, ENCODER_B, START_S, Rig, at_rest, on_time, switched_on_box
from tests.kernel.listener import Listener, connect, number_of
from tests.kernel.pad import CABLE

PRODUCT = CABLE.parent / "strings/0x409/product"
PULLS, KILLS = 100, 10
EIGHTHS = Pattern("Eighths", Meter.of(4, 4), (Row("rim", "Xx" * 4),))


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A box that has played."""
    with switched_on_box(tmp_path_factory.mktemp("box")) as rig:
        yield rig


@pytest.fixture
def rig(switched_on: Rig) -> Rig:
    """The box stopped, on Live, with eighths at 120 BPM."""
    return at_rest(switched_on, EIGHTHS)


def told(name: str, values: list[float], unit: str) -> None:
    ordered = sorted(values)
    middle, most = ordered[len(ordered) // 2], ordered[-1]
    print(f"\n{name}: {len(ordered)} times, {ordered[0]:.2f} to {most:.2f} {unit}, p50 {middle:.2f}", end="")


def test_the_pad_is_pulled_at_any_moment_of_a_note(rig: Rig) -> None:
    moments = random.Random(1)
    ask("tempo", micro_bpm=300_000_000)
    ask("gate", gate_ms=80)
    state = rig.play()
    rig.hear(2)
    engine, replugs, missed = rig.view.pid, rig.view.replugs, rig.view.missed
    clients, before = alsa_clients(), held(engine)
    silences_s, answers_s, first_offs = [], [], 0
    for _ in range(PULLS):
        time.sleep(moments.random() * 0.1)  # a note every 100 ms, which rings for 80
        rig.pad.unplug()
        asked_ns = time.monotonic_ns()
        wait_for(lambda: not rig.view.ports[0].connected, 2, 0.01)
        answers_s.append((time.monotonic_ns() - asked_ns) / 1e9)
        rig.sends.read()
        rig.pad.forget()
        plugged_ns = rig.pad.plug()
        sends = rig.hear(1, 3)
        silences_s.append((sends[0].us * 1000 - plugged_ns) / 1e9)
        arrivals = rig.pad.wait_for(lambda found: [a for a in found if a.is_note_on] and found, 2)
        first_offs += arrivals[0].is_note_off
        on_time_quietly(sends[0].us, state.tempo_map.tick_at(sends[0].us * 1000), state.tempo_map.time_of)
    told("first sound after it was plugged in", silences_s, "s")
    told("the engine says NO PAD after", answers_s, "s")
    print(f"; note-offs came first {first_offs} times", end="")
    assert rig.view.replugs == replugs + PULLS
    assert alsa_clients() == clients
    after = held(engine)
    view = rig.view
    print(f"; {view.missed - missed} writes over 1 ms late on any port, at most {view.lateness_us[2]} us", end="")
    print(f"; engine {before} -> {after}", end="")
    assert (after.fds, after.threads) == (before.fds, before.threads)
    assert max(silences_s) < 2
    assert first_offs > PULLS / 4, "what rang when it was pulled is ended first"
    rig.stop()
    rings: set[int] = set()
    for arrival in rig.pad.arrivals:
        (rings.add if arrival.is_note_on else rings.discard)(arrival.message[1])
    assert rings == set()
    ask("gate", gate_ms=60)


def on_time_quietly(us: int, tick: int, time_of: object) -> None:
    """A note on the grid of eighths, less than a millisecond after its time."""
    assert callable(time_of)
    step = 2 * TICKS_PER_SIXTEENTH
    assert 0 <= us - time_of(tick - tick % step) / 1000 < 1000


def test_of_two_pads_the_right_one_is_played(rig: Rig) -> None:
    with Listener("Multi Pad") as other:
        wait_for(lambda: any("Multi Pad" in name for name in rig.view.available), 2)
        rig.play()
        rig.hear(4)
        rig.pad.unplug()
        wait_for(lambda: not rig.view.ports[0].connected, 2)
        time.sleep(1)
        assert rig.view.ports[0].name.startswith("SamplePad Pro"), "it is waited for"
        rig.pad.plug()
        rig.hear(4)
        rig.stop()
        assert other.read() == []


def test_a_pad_that_comes_back_under_another_name_is_not_ours(rig: Rig) -> None:
    state = rig.play()
    rig.hear(2)
    try:
        come_back_as(rig, "Drum Thing")
        wait_for(lambda: any("Drum Thing" in name for name in rig.view.available), 5)
        time.sleep(1)
        assert not rig.view.ports[0].connected
        wait_for(lambda: shows_no_pad(rig), 5)
        rig.sends.read()
        time.sleep(1)
        assert rig.sends.read() == []
        choose_port(rig, next(n for n, name in enumerate(rig.view.available) if "Drum Thing" in name) + 1)
        on_time("chosen by Ports", rig.hear(6), state.tempo_map, 2 * TICKS_PER_SIXTEENTH)
        assert rig.view.ports[0].name.startswith("Drum Thing")
    finally:
        come_back_as(rig, "SamplePad Pro")
        choose_port(rig, 0)
    assert rig.hear(2)
    come_back_as(rig, "SamplePad Pro II")  # what its profile looks for is in the name
    assert rig.hear(2)
    come_back_as(rig, "SamplePad Pro")
    wait_for(has_pad, 5)
    assert rig.state.tempo_map == state.tempo_map


def come_back_as(rig: Rig, product: str) -> None:
    """The pad pulled out and put in again, with another name on it."""
    rig.pad.unplug()
    wait_for(lambda: not rig.view.ports[0].connected, 2)
    PRODUCT.write_text(product)
    rig.pad.plug()


def shows_no_pad(rig: Rig) -> bool:
    """Whether the screen says so, where the marks are above the strip."""
    scene = Scene()
    scene.client.ports = tuple(port._replace(connected=False) for port in scene.client.ports)
    place = (104, 14, 128, 38)
    return rig.picture.crop(place).tobytes() == scene.later(0).picture.crop(place).tobytes()


def choose_port(rig: Rig, row: int) -> None:
    """The menu, Ports, and the row of that number; then Live."""
    rig.go_home()
    for turns in (0, turns_to("Ports", Scene().down().machine.screen), None):
        if turns:
            rig.lines.turn(ENCODER_A, ENCODER_B, turns, edge_ms=60)
        time.sleep(0.3)
        if turns is not None:
            rig.lines.tap(ENCODER)
            time.sleep(0.3)
    rig.lines.turn(ENCODER_A, ENCODER_B, -9, edge_ms=60)
    rig.lines.turn(ENCODER_A, ENCODER_B, row, edge_ms=60)
    time.sleep(0.3)
    rig.lines.tap(ENCODER)
    time.sleep(0.3)
    rig.go_home()


def test_what_the_sequencer_tells_is_what_is_read(rig: Rig) -> None:
    with Listener("Recorder") as recorder, Listener("Gone Soon") as leaver, Listener("Locked", locked=True) as locked:
        own = number_of("DrumAssist")
        connect((own, 0), recorder.address)
        connect((own, 0), leaver.address)
        with pytest.raises(PermissionError):
            connect((own, 0), locked.address)
        locked.connect_from(own)
        wait_for(lambda: len(rig.view.followers) == 3, 2)
        text = CLIENTS.read_text()
        print("\n" + text)
        found = own_client(text, "DrumAssist")
        assert found is not None
        assert (found.number, found.followers) == (own, rig.view.followers)
        assert addresses_of(found.followers, text) == [recorder.address, leaver.address, locked.address]
        rig.play()
        before = CLIENTS.read_bytes()
        rig.hear(4)
        assert without_pools(CLIENTS.read_bytes()) == without_pools(before) != CLIENTS.read_bytes()
        rig.stop()
        leaver.end()
        wait_for(lambda: len(rig.view.followers) == 2, 2)
        assert addresses_of(found.followers, CLIENTS.read_text()) == [recorder.address, locked.address]


def test_killed_the_engine_finds_its_listeners_again(rig: Rig) -> None:
    with Listener("Recorder") as recorder, Listener("Locked", locked=True) as locked:
        own = number_of("DrumAssist")
        connect((own, 0), recorder.address)
        locked.connect_from(own)
        wait_for(lambda: len(rig.view.followers) == 2, 2)
        ask("gate", gate_ms=200)
        state = rig.play()
        rig.hear(4)
        clients = sorted(alsa_clients())
        gaps_s = []
        for number in range(KILLS):
            time.sleep(1 + number * 0.023)
            recorder.read()
            rig.pad.forget()
            rig.sends.read()
            killed_ns = time.monotonic_ns()
            os.kill(rig.view.pid, signal.SIGKILL)
            wait_for(lambda: (view := engine_view()) and view.state.playing and view.followers, START_S, 0.05)
            sends = rig.hear(2, 10)
            on_time_quietly(sends[1].us, state.tempo_map.tick_at(sends[1].us * 1000), state.tempo_map.time_of)
            gaps_s.append((sends[0].us * 1000 - killed_ns) / 1e9)
            heard = [message.data for message in recorder.read() if message.ns > killed_ns]
            sounding = [data[0] & 0xF0 == 0x90 and data[2] > 0 for data in heard]
            assert True in sounding, "it receives notes again"
            assert not sounding[0], "what rang is ended first"
            arrived = [arrival for arrival in rig.pad.arrivals if arrival.ns > killed_ns]
            assert arrived[0].is_note_off, "what rang on the pad is ended first"
        told("sounding again after the engine was killed", gaps_s, "s, on a clock that leaps while one is loaded")
        assert rig.view.restarts == KILLS
        assert [name.rpartition(" ")[0] for name in rig.view.followers] == ["Recorder:Recorder"], "not the locked one"
        assert sorted(alsa_clients()) == clients
        assert rig.state.tempo_map.timelines[-1] == state.tempo_map.timelines[-1]
    ask("gate", gate_ms=60)


def test_a_listener_that_hangs_takes_nothing_from_the_others(rig: Rig) -> None:
    with Listener("Recorder") as recorder, Listener("Hanging") as hanging:
        own = number_of("DrumAssist")
        connect((own, 0), hanging.address)
        connect((own, 0), recorder.address)
        ask("clock", on=True)
        hanging.stop()
        try:
            state = rig.play()
            time.sleep(6)  # its queue is full after 200 messages
            recorder.read()
            rig.sends.read()
            sends = rig.hear(8)
            heard = recorder.read()
        finally:
            hanging.go_on()
            ask("clock", on=False)
        on_time("beside a listener that hangs", sends, state.tempo_map, 2 * TICKS_PER_SIXTEENTH)
        kinds = [message.data[0] for message in heard]
        seconds = (heard[-1].ns - heard[0].ns) / 1e9
        print(f"; {len(kinds)} arrived beside it, {len(set(kinds))} kinds", end="")
        assert kinds.count(0xF8) == pytest.approx(48 * seconds, abs=2)
        assert kinds.count(0x99) == pytest.approx(4 * seconds, abs=2)


def test_the_sequencer_comes_later(rig: Rig) -> None:
    """The last one: the box is switched off and on again without ALSA's sequencer."""
    rig.sends.__exit__()
    rig.pad.unplug()
    for panel in rig.box.panels:
        rig.box.end(panel)
    rig.box.run("stop")
    subprocess.run(["modprobe", "-r", "snd-seq-midi", "snd-seq-dummy", "snd-seq"], check=True)
    assert not Path("/dev/snd/seq").exists()
    panel = rig.box.start()
    view = wait_for(lambda: panel.poll() is not None or engine_view(), START_S, 0.2)
    assert isinstance(view, View), rig.box.log()
    time.sleep(2)
    assert [port.connected for port in rig.view.ports] in ([], [False])
    rig.press_start()
    wait_for(lambda: rig.state.playing, 5)
    run = rig.state.run
    subprocess.run(["modprobe", "-a", "snd-seq", "snd-seq-dummy"], check=True)
    rig.pad.plug()
    rig.pad.wait_for(lambda arrivals: len([a for a in arrivals if a.is_note_on]) >= 4, 30)
    rig.sends.__enter__()
    assert rig.hear(2)
    assert (rig.view.pid, rig.state.run) == (view.pid, run)
    assert rig.view.ports[0].connected
