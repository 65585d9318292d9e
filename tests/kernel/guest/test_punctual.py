"""Every note within a millisecond of its time, whatever hands, screen, bus and clock on the wall do meanwhile.

On virtual time, one core. It must never start a process: while the guest reads the host's files, its clock leaps.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from panel.engine.client import ask
from panel.kept import KEPT_FILE
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import TICKS_PER_CLOCK, TICKS_PER_SIXTEENTH
from tests.kernel import glass as oled
from tests.kernel.client import wait_for
from tests.kernel.guest.grid import Grid
from tests.kernel.guest.hand import turning
from tests.kernel.guest.load import Shares
from tests.kernel.guest.rig import ENCODER, ENCODER_A, ENCODER_B, Rig, at_rest, late_us, on_time, switched_on_box
from tests.kernel.pad import Arrival

SIXTEENTHS = Pattern("Sixteenths", Meter.of(4, 4), (Row("rim", "Xxxx" * 4),))
DENSE = Pattern("Dense", Meter.of(4, 4), tuple(Row(role, "Xxxx" * 8) for role in ("rim", "hat", "snare")))
THIRTY_SECOND = TICKS_PER_SIXTEENTH // 2
CLOCK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
SECONDS = 4  # what is measured in each case


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A box that sends MIDI clock."""
    with switched_on_box(tmp_path_factory.mktemp("box"), click__clock=True) as rig:
        yield rig


@pytest.fixture
def rig(switched_on: Rig) -> Rig:
    """The box stopped, on Live, with sixteenths at 120 BPM."""
    return at_rest(switched_on, SIXTEENTHS)


def frames(rig: Rig) -> int:
    """How many times the glass was written to since the last look."""
    return len(rig.tap.feed(rig.glass))


def cost(rig: Rig, name: str, seconds: float = SECONDS) -> dict[str, float]:
    """The share of the core that engine and panel take for a while, printed."""
    shares = Shares(engine=rig.view.pid, panel=rig.panel)
    time.sleep(seconds)
    percent = shares.percent()
    print(f"\n{name}: " + ", ".join(f"{who} {share:.1f} % of the core" for who, share in percent.items()), end="")
    return percent


def test_the_core_that_it_takes(rig: Rig) -> None:
    cost(rig, "stopped")
    rig.play()
    percent = cost(rig, "playing sixteenths at 120 with clock, the strip moving")
    assert frames(rig) > SECONDS * 10, "the strip moves"
    with turning(rig.lines, ENCODER_A, ENCODER_B, 5):
        cost(rig, "the encoder turned at 50 detents a second besides")
    assert percent["engine"] < 60
    assert percent["panel"] < 60


@pytest.mark.parametrize(
    ("pattern", "bpm", "step"),
    [(SIXTEENTHS, 120, TICKS_PER_SIXTEENTH), (DENSE, 200, THIRTY_SECOND)],
    ids=["sixteenths", "dense"],
)
def test_the_panel_draws_and_the_encoder_turns(rig: Rig, pattern: Pattern, bpm: int, step: int) -> None:
    ask("pattern", pattern=pattern._asdict())
    ask("tempo", micro_bpm=bpm * 1_000_000)
    wait_for(lambda: rig.state.chosen == pattern and rig.state.beat_micro_bpm == bpm * 1_000_000, 5)
    time.sleep(1)
    missed = rig.view.missed
    with Grid() as grid:
        rig.play()
        time.sleep(SECONDS / 2)
        sends = rig.sends.read()
        print(f"\nthe first note {late_us(sends[0], grid.tempo_map, step):.0f} us after START was obeyed", end="")
        on_time(f"{pattern.name} at {bpm}, drawing", sends, grid.tempo_map, step)
        rig.tap.feed(rig.glass)
        with turning(rig.lines, ENCODER_A, ENCODER_B, 5):
            time.sleep(SECONDS)
            sends = rig.sends.read()
        drawn = frames(rig)
        on_time(f"{pattern.name}, drawing and turning", sends, grid.tempo_map, step)
        print(f"; {grid.tempi} tempi, {drawn} writes to the OLED, engine says {rig.view.lateness_us}", end="")
        assert grid.tempi > SECONDS, "the tempo is turned all the time"
    assert drawn > SECONDS * 10
    assert (rig.view.dropped, rig.view.missed) == (0, missed), "clocks and the ends of notes are on time as well"


def test_a_thousand_edges_a_second_and_a_bus_that_fails(rig: Rig) -> None:
    rig.play()
    rig.lines.tap(ENCODER)  # the menu: what is turned there changes no tempo
    time.sleep(0.5)
    rig.sends.read()
    with turning(rig.lines, ENCODER_A, ENCODER_B, 1, 25) as turned:
        began_ns = time.monotonic_ns()
        time.sleep(SECONDS / 3)
        oled.fail(True)
        time.sleep(SECONDS / 3)
        oled.fail(False)
        time.sleep(SECONDS / 3)
        sends, seconds = rig.sends.read(), (time.monotonic_ns() - began_ns) / 1e9
    rig.tap.feed(rig.glass)
    state = rig.state
    on_time("under a storm", sends, state.tempo_map, TICKS_PER_SIXTEENTH)
    print(f"; {4 * sum(turned) / seconds:.0f} edges a second", end="")
    assert len(sends) >= SECONDS * 8 - 1
    rig.go_home()
    before = rig.state.beat_micro_bpm
    rig.lines.turn(ENCODER_A, ENCODER_B, 3, edge_ms=30)
    wait_for(lambda: rig.state.beat_micro_bpm == before + 3_000_000, 5)


def test_the_clock_on_the_wall_is_set_by_hours(rig: Rig) -> None:
    state = rig.play()
    wall_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
    sends = rig.hear(4)
    try:
        for hours in (5, -9, 26):
            set_wall_clock(wall_ns + hours * 3_600_000_000_000)
            frames(rig)
            sends += rig.hear(8)
            assert frames(rig) > 4, "the panel draws: the head goes a sixteenth on eight times a second"
        rig.lines.turn(ENCODER_A, ENCODER_B, 3, edge_ms=30)
        wait_for(lambda: rig.state.beat_micro_bpm == 123_000_000, 5)
        on_time("while the wall clock was set", sends, state.tempo_map, TICKS_PER_SIXTEENTH)
        gaps_us = [after.us - before.us for before, after in pairwise(sends)]
        assert max(gaps_us) < 126_000, "no note is missing"
        rig.stop()
        kept = rig.box.data / KEPT_FILE
        wait_for(lambda: kept.exists() and "bpm = 123" in kept.read_text(), 5)
    finally:
        set_wall_clock(wall_ns)


def set_wall_clock(offset_ns: int) -> None:
    """Set CLOCK_REALTIME so far from CLOCK_MONOTONIC."""
    time.clock_settime_ns(time.CLOCK_REALTIME, time.monotonic_ns() + offset_ns)


def test_the_engine_is_stopped_for_a_second(rig: Rig) -> None:
    state = rig.play()
    rig.hear(9)
    engine, before = rig.view.pid, rig.view.dropped
    os.kill(engine, signal.SIGSTOP)
    time.sleep(1)
    woken_ns = time.monotonic_ns()
    os.kill(engine, signal.SIGCONT)
    rig.sends.read()
    sends = rig.hear(16)
    on_time("after a second's stop", sends[1:], state.tempo_map, TICKS_PER_SIXTEENTH)
    dropped = rig.view.dropped - before
    print(f"; {dropped} dropped, the first {(sends[0].us * 1000 - woken_ns) / 1e6:.1f} ms after it went on", end="")
    assert 6 * len(rig.view.ports) <= dropped <= 8 * len(rig.view.ports), (
        "on each port, but for what is up to 20 ms late"
    )
    arrivals = [arrival for arrival in rig.pad.arrivals if arrival.ns >= woken_ns]
    found_again(arrivals, state.tempo_map.time_of)
    assert rig.state.tempo_map == state.tempo_map


def found_again(arrivals: list[Arrival], time_of: object) -> None:
    """A receiver was put right: no burst, then Stop and a position, and Continue on that sixteenth before its clock."""
    assert callable(time_of)
    kinds = [arrival.message[0] for arrival in arrivals]
    stop, at, go_on = kinds.index(STOP), kinds.index(SONG_POSITION), kinds.index(CONTINUE)
    assert stop < at < go_on
    assert CLOCK not in kinds[:stop]
    assert kinds[go_on + 1] == CLOCK
    _, low, high = arrivals[at].message
    due_ns = time_of((low + 128 * high) * TICKS_PER_SIXTEENTH)
    late_ms = (arrivals[go_on].ns - due_ns) / 1e6
    clocks = [arrival.ns for arrival in arrivals if arrival.message[0] == CLOCK]
    gaps_ms = [(after - before) / 1e6 for before, after in pairwise(clocks)]
    wanted_ms = (time_of(TICKS_PER_CLOCK) - time_of(0)) / 1e6
    print(f"; Continue arrived {late_ms:.1f} ms after its sixteenth, clocks {min(gaps_ms):.1f} ms apart", end="")
    assert 0 <= late_ms < wanted_ms
    assert statistics.median(gaps_ms) == pytest.approx(wanted_ms, rel=0.02)
    first_ns = arrivals[0].ns
    burst = [a for a in arrivals if a.ns < first_ns + 20_000_000 and a.message[0] & 0xF0 == 0x90]
    assert len(burst) <= 2, "nothing is made up for"


def test_the_panel_is_stopped_for_ten_seconds(rig: Rig) -> None:
    state = rig.play()
    os.kill(rig.panel, signal.SIGSTOP)
    try:
        sends = rig.hear(80, 15)
    finally:
        os.kill(rig.panel, signal.SIGCONT)
    on_time("the panel stopped for ten seconds", sends, state.tempo_map, TICKS_PER_SIXTEENTH)
    assert sends[-1].us - sends[0].us >= 9_800_000
    wait_for(lambda: frames(rig) > 0, 5)
    assert re.search("Traceback", rig.box.log()) is None
