"""Hours of playing on a fake clock: the grid holds to the nanosecond, and nothing grows."""

from __future__ import annotations

import gc
import os
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import NamedTuple

import pytest

from panel.engine.client import RETRY_NS, EngineClient, News
from panel.engine.engine import Engine
from panel.engine.ports import Patchbay
from panel.engine.server import Server
from panel.engine.state import stopped_state
from panel.engine.wire import Heard, encode_error, encode_heard, encode_view
from panel.music.tap import MAX_TAPS
from panel.music.tempo import MICRO
from tests.box import BASIC, MS, SECOND, SEVEN
from tests.engine.check import Q
from tests.evening import Evening

MINUTE = 60 * SECOND
DESCRIPTORS = Path("/dev/fd")
# What differs between two moments though nothing grows, as the meters in a cache. A tuple kept for each bar of the hour
# would be 1,800 blocks, one for each clock 169,000.
SLACK_OBJECTS, SLACK_BLOCKS, SLACK_BYTES = 100, 600, 16_384


class Census(NamedTuple):
    """How much there is of what may grow."""

    objects: int
    blocks: int
    descriptors: int
    threads: int


def tidy() -> None:
    """Let go of what nobody needs: garbage, and what was worked out once of the patterns and beats played last."""
    for cache in [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]:
        if cache.__module__.startswith("panel.music."):
            cache.cache_clear()
    gc.collect()


def census() -> Census:
    """What there is now, after the collector has been round."""
    tidy()
    descriptors = len(os.listdir(DESCRIPTORS))
    return Census(len(gc.get_objects()), sys.getallocatedblocks(), descriptors, threading.active_count())


def assert_nothing_grew(before: Census) -> None:
    """Fails where more is left than a cache may hold."""
    after = census()
    assert after.objects - before.objects < SLACK_OBJECTS, (before, after)
    assert after.blocks - before.blocks < SLACK_BLOCKS, (before, after)
    assert (after.descriptors, after.threads) == (before.descriptors, before.threads)


def play(evening: Evening, drawing_ns: int, turning_ns: int, alone_ns: int) -> None:
    """A set without a stop: with the panel drawing, with every frame another one, and with the panel in peace."""
    evening.session.start_stop()
    evening.pass_by(drawing_ns, drawing=True)
    evening.turn_without_end(turning_ns)
    evening.pass_by(alone_ns, drawing=False)
    assert evening.session.playing


def assert_at_rest(evening: Evening) -> None:
    """Nothing rings, waits, or is on that should not be."""
    session, ears = evening.session, (evening.sockets.virtual, evening.sockets.module)
    assert [ear.rings for ear in ears if ear] == [set(), set()]
    assert (session.playing, session.state.muted, session.fills_left(evening.now)) == (False, False, 0)
    assert session.waiting(evening.now) is None
    assert session.notice(evening.now) is None
    assert session.client.state == evening.box.engine.state
    assert evening.machine.state == "live"


@pytest.fixture
def evening() -> Iterator[Evening]:
    """A box that has played everything once, so that what is made only once is made."""
    evening = Evening()
    evening.session.version()  # imports what looks it up
    play(evening, MINUTE, 5 * SECOND, 5 * MINUTE)
    evening.come_home()
    yield evening
    evening.app.close()


def test_after_an_hour_of_everything_nothing_has_grown_and_no_clock_was_off_its_grid(evening: Evening) -> None:
    before, frames, began_ns = census(), evening.glass.frames, evening.now
    play(evening, 9 * MINUTE, MINUTE, 50 * MINUTE)
    assert evening.now - began_ns == 3600 * SECOND
    assert evening.glass.frames - frames > 1500
    ear = evening.sockets.virtual
    assert ear.grid
    clock = ear.grid.time_of(ear.clocks * Q // 24)  # every one before was checked as it came
    assert clock - evening.now <= MINUTE // (30 * 24), "the last clock is not missing"
    assert clock > evening.now, "and none has come too early"
    evening.come_home()
    assert_at_rest(evening)
    assert_nothing_grew(before)


def test_after_an_hour_at_one_tempo_the_last_clock_is_where_arithmetic_has_it(evening: Evening) -> None:
    evening.session.tap(evening.now)
    for tap in range(1, MAX_TAPS):
        evening.session.tap(evening.now + tap * 511_508_951)  # 117.3
    evening.session.flush()
    assert evening.session.state.beat_micro_bpm == 117_300_000
    evening.acts = tuple(act for act in evening.acts if act not in evening.tempo_acts)
    began_ns = evening.now
    play(evening, MINUTE, 0, 59 * MINUTE)
    ear = evening.sockets.virtual
    assert ear.grid
    assert ear.grid.lines == [(0, began_ns, 117_300_000)], "never bent"
    clocks = 3600 * 1173 * 24 // 600
    assert (ear.clocks, ear.due_ns) == (clocks + 1, began_ns + 3600 * SECOND), "the first is clock 0"


def test_a_set_more_takes_not_a_byte_more(evening: Evening) -> None:
    after = []
    tracemalloc.start()
    try:
        for _ in range(3):  # the first set replaces what was made before it was traced
            play(evening, 5 * SECOND, SECOND, 80 * SECOND)
            evening.come_home()
            tidy()
            after.append(tracemalloc.take_snapshot())
    finally:
        tracemalloc.stop()
    growth = after[-1].compare_to(after[-2], "lineno")
    assert sum(line.size_diff for line in growth) < SLACK_BYTES, growth[:5]


class House:
    """Engines that come and go behind one socket, without a process, a loop, or time that passes by itself."""

    def __init__(self, path: Path) -> None:
        self.path, self.now = str(path), 10 * SECOND
        self.server: Server | None = None
        self.panel = EngineClient(stopped_state(SEVEN, 90 * MICRO, self.now), lambda: self.now, path=self.path)

    def come(self, *lines: bytes) -> list[News | None]:
        """An engine comes, the panel finds it; it says its View and `lines`. The news."""
        self.server = server = Server(self.path)
        self.engine = Engine(stopped_state(BASIC, 120 * MICRO, self.now), Patchbay(lambda: None), self.now)
        self.now += RETRY_NS
        news = [self.panel.tend()]
        server.take([server.sources[0]])
        received = server.take(server.sources[1:])
        assert received
        received.client.watching = True
        for line in (encode_view(self.engine.view()), *lines):
            server.publish(line)
        return [*news, self.panel.tend()]

    def go(self, killed: bool) -> News | None:
        """It goes; what the panel makes of it."""
        assert self.server
        if killed:
            self.server.clients[0].connection.close()
            self.server._listener.close()
        else:
            self.server.close()
        return self.panel.tend()


def test_a_panel_that_finds_a_thousand_engines_keeps_nothing_of_them(tmp_path: Path) -> None:
    house = House(tmp_path / "s")
    said = (encode_heard(Heard(38, 10, 99, 7)), encode_error("no"))

    def live(times: int) -> None:
        for number in range(times):
            assert house.come(*said) == [None, News.FRESH]
            house.panel.send("tempo", micro_bpm=(60 + number % 100) * MICRO)
            house.panel.heard.clear()  # as the session does
            house.panel.refusals.clear()
            assert house.go(killed=number % 2 == 0) is News.LOST
            house.now += MS

    live(10)
    before = census()
    live(1000)
    assert_nothing_grew(before)
    house.panel.close()
    assert len(os.listdir(DESCRIPTORS)) == before.descriptors
