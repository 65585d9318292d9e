"""Frames and CLOCK_MONOTONIC: what a stream's jitter, drift and stalls do to the line between them."""

from __future__ import annotations

import itertools
import random

import pytest

from panel.sound.clock import LOST_NS, RIGHT_NS, SECOND, FrameClock, Line

MS = 1_000_000
RATE, BLOCK = 48_000, 128


class Stream:
    """A device whose crystal is `ppm` off, and whose blocks are asked for up to `jitter_ns` late."""

    def __init__(self, ppm: float = 0, jitter_ns: int = 400_000, rate: int = RATE, block: int = BLOCK) -> None:
        self.clock = FrameClock(rate)
        self.frame, self.block = 0, block
        self.frame_ns = SECOND / rate / (1 + ppm / 1e6)
        self.start_ns = 10**15
        self.lines: list[Line] = []
        self.jitter_ns, self._random = jitter_ns, random.Random(1)
        self._last_ns = 0

    def true_ns(self, frame: int) -> int:
        return self.start_ns + round(frame * self.frame_ns)

    def run(self, seconds: float) -> Stream:
        for _ in range(round(seconds * SECOND / self.frame_ns / self.block)):
            late = round(self.jitter_ns * self._random.random() ** 3)
            self._last_ns = max(self._last_ns, self.true_ns(self.frame) + late)
            self.clock.observe(self.frame, self._last_ns)
            self.frame += self.block
            self.clock.tend()
            if self.clock.line and self.clock.settled and self.clock.line not in self.lines[-1:]:
                self.lines.append(self.clock.line)
        return self

    @property
    def line(self) -> Line:
        assert self.clock.line
        return self.clock.line

    @property
    def error_ns(self) -> int:
        return self.line.ns_of(self.frame) - self.true_ns(self.frame)


class TestLine:
    def test_maps_both_ways(self) -> None:
        line = Line(480, 10**18, SECOND / RATE)
        assert line.frame_of(10**18) == 480
        assert [line.frame_of(line.ns_of(frame)) for frame in (0, 480, 10**9)] == [0, 480, 10**9]


class TestHeld:
    def test_an_even_stream_keeps_one_line_for_an_hour(self) -> None:
        stream = Stream().run(1)
        lines = len(stream.lines)
        stream.run(60)
        assert len(stream.lines) == lines
        assert abs(stream.error_ns) < RIGHT_NS

    def test_even_clicks_fall_on_even_frames(self) -> None:
        stream = Stream(jitter_ns=2 * MS).run(1)
        first_ns, frames = stream.true_ns(stream.frame) + 40 * MS, []
        for click in range(100):
            frames.append(stream.line.frame_of(first_ns + click * SECOND // 2))
            stream.run(0.5)
        assert {after - before for before, after in itertools.pairwise(frames)} == {24_000}

    def test_is_settled_when_two_windows_agree(self) -> None:
        stream = Stream().run(0.45)
        assert not stream.clock.settled
        assert stream.run(0.1).clock.settled

    def test_a_stumbling_start_is_forgotten(self) -> None:
        stream = Stream(jitter_ns=100_000)
        stream.start_ns += 4 * MS
        stream.run(0.3)
        stream.start_ns -= 4 * MS
        stream.run(1)
        assert stream.clock.settled
        assert abs(stream.error_ns) < MS // 10
        assert {line.frame_ns for line in stream.lines} == {SECOND / RATE}

    def test_a_machine_that_gets_busy_does_not_move_it(self) -> None:
        stream = Stream(jitter_ns=50_000).run(2)
        line = stream.line
        stream.jitter_ns = 6 * MS  # half of the blocks come more than 0.75 ms late
        assert stream.run(10).line == line


class TestDrift:
    @pytest.mark.parametrize("ppm", [-300, -80, 80, 300])
    def test_of_a_crystal_is_followed_without_a_jump(self, ppm: int) -> None:
        stream = Stream(ppm).run(60)
        assert abs(stream.error_ns) < 2 * RIGHT_NS
        assert stream.clock.set_anew == 0
        for before, after in itertools.pairwise(stream.lines):
            assert abs(before.ns_of(after.frame) - after.ns) <= 1
            assert abs(after.frame_ns / before.frame_ns - 1) < 500e-6

    def test_once_known_is_hardly_bent_any_more(self) -> None:
        stream = Stream(60).run(60)
        lines = len(stream.lines)
        stream.run(60)
        assert len(stream.lines) - lines <= 3


class TestLost:
    @pytest.mark.parametrize("stall_ms", [8, 50, 3000])
    def test_a_stall_is_noticed_within_a_few_blocks(self, stall_ms: int) -> None:
        stream = Stream(jitter_ns=100_000).run(5)
        stream.start_ns += stall_ms * MS
        stream.run(10 * BLOCK / RATE)
        assert stream.clock.set_anew == 1
        assert stream.clock.settled  # the click goes on
        assert abs(stream.error_ns) < MS
        assert stream.clock.settled

    def test_one_late_block_is_none(self) -> None:
        stream = Stream().run(2)
        stream.clock.observe(stream.frame, stream.true_ns(stream.frame) + 10 * LOST_NS)
        stream.frame += stream.block
        stream.run(2)
        assert stream.clock.set_anew == 0
        assert abs(stream.error_ns) < RIGHT_NS

    def test_a_freewheeling_server_does_not_move_the_line(self) -> None:
        stream = Stream().run(2)
        line, frame_ns = stream.line, stream.frame_ns
        now = stream.true_ns(stream.frame)
        for _ in range(10_000):  # 27 s of sound within one
            now += 100_000
            stream.clock.observe(stream.frame, now)
            stream.frame += stream.block
            stream.clock.tend()
        assert stream.line == line
        stream.start_ns = now - round(stream.frame * frame_ns)
        stream.run(2)
        assert stream.clock.set_anew == 1
        assert abs(stream.error_ns) < MS

    def test_large_blocks(self) -> None:
        stream = Stream(100, rate=44_100, block=2048).run(60)
        assert abs(stream.error_ns) < 2 * RIGHT_NS
        assert stream.clock.set_anew == 0
