"""Frames and CLOCK_MONOTONIC: one line that maps both ways, held while it is right and bent when it is not.

It must never follow the jitter of the blocks: clicks that are due evenly fall on even frames. No other clock comes in;
JACK's own, CLOCK_MONOTONIC_RAW, is only ever a difference.
"""

from __future__ import annotations

from collections import deque
from statistics import linear_regression, median
from typing import NamedTuple

SECOND = 1_000_000_000
WINDOW_NS = SECOND // 4  # so long is looked at before something is said of the line
RIGHT_NS = 250_000  # a line that is no further off is left alone: 12 frames, a tenth of what an ear can tell
LOST_NS = 5_000_000  # a stream that is further off has stopped, or has been somewhere else
LOST_BLOCKS = 8  # ... if as many blocks in a row say so
AGREED = 8  # windows whose median tells how far off the line is
BEND_NS = 4 * SECOND  # an error is made good over so long: 60 millionths of the pitch at most
MEMORY = 120  # windows the rate is read from: half a minute
MAX_DRIFT = 0.001  # a card's crystal is wrong by a tenth of that


class Line(NamedTuple):
    """`frame` is at the output at `ns`; a frame takes `frame_ns`."""

    frame: int
    ns: int
    frame_ns: float

    def frame_of(self, ns: int) -> int:
        """The frame that is nearest to a moment."""
        return self.frame + round((ns - self.ns) / self.frame_ns)

    def ns_of(self, frame: int) -> int:
        """The moment of a frame."""
        return self.ns + round((frame - self.frame) * self.frame_ns)


class FrameClock:
    """Follows a stream of `rate` frames a second. `observe` is for the audio thread, all else for one other."""

    def __init__(self, rate: int) -> None:
        self.line: Line | None = None
        self.set_anew = 0  # how often the stream was lost
        self._nominal_ns = SECOND / rate
        self._seen: deque[tuple[int, int]] = deque(maxlen=4096)
        self._last: deque[tuple[int, int]] = deque(maxlen=LOST_BLOCKS)
        self._blocks: list[tuple[int, int]] = []  # of the window that is open
        self._errors: deque[int] = deque(maxlen=AGREED)  # of the last windows, against the line that holds
        self._settled = self._agreed = False  # two windows have agreed: ever, and since the last stall
        self._bending = 0  # the sign of the error that is being made good
        self._windows: deque[tuple[int, int]] = deque(maxlen=MEMORY)  # a frame, and when it was asked for

    @property
    def settled(self) -> bool:
        """Whether the line is more than a first guess: two windows have agreed on it once.

        After a stall it is read anew, and whoever goes by it goes on: a click a little off is better than none.
        """
        return self._settled

    @property
    def agreed(self) -> bool:
        """Whether two windows have agreed on the line since the stream began, or last stalled."""
        return self._agreed

    def observe(self, frame: int, now_ns: int) -> None:
        """The block that begins with `frame` is asked for at `now_ns`."""
        self._seen.append((frame, now_ns))

    def tend(self) -> None:
        """Take in what was observed; to be called every 20 to 50 ms."""
        while self._seen:
            self._take(*self._seen.popleft())

    def _take(self, frame: int, now_ns: int) -> None:
        if self.line is None:
            self.line = Line(frame, now_ns, self._nominal_ns)
        self._last.append((frame, now_ns))
        self._blocks.append((frame, now_ns))
        if self._is_lost():
            self._begin_anew()
        elif now_ns - self._blocks[0][1] >= WINDOW_NS:
            self._close_window()

    def _is_lost(self) -> bool:
        """Whether the last blocks are all far off to the same side, at the pace of real time.

        A JACK server that freewheels asks for blocks as fast as it can: then time stands still, and the line holds.
        """
        if abs(self._error(*self._last[-1])) <= LOST_NS:
            return False
        last = list(self._last)
        if len(last) < LOST_BLOCKS or self._is_freewheeling(last):
            return False
        errors = [self._error(*block) for block in last]
        return min(errors) > LOST_NS or max(errors) < -LOST_NS

    def _is_freewheeling(self, blocks: list[tuple[int, int]]) -> bool:
        (first, first_ns), (last, last_ns) = blocks[0], blocks[-1]
        return (last - first) * self._nominal_ns > 2 * (last_ns - first_ns)

    def _error(self, frame: int, now_ns: int) -> int:
        assert self.line
        return now_ns - self.line.ns_of(frame)

    def _begin_anew(self) -> None:
        """The block of the last ones that was called first, measured by the line that was, is the one to trust."""
        assert self.line
        frame, now_ns = min(self._last, key=lambda block: self._error(*block))
        self.line = Line(frame, now_ns, self.line.frame_ns)
        self.set_anew += 1
        self._bending, self._agreed = 0, False
        for seen in (self._last, self._blocks, self._windows, self._errors):
            seen.clear()

    def _close_window(self) -> None:
        blocks, self._blocks = self._blocks, []
        if self._is_freewheeling(blocks):
            return
        assert self.line
        frame, error_ns = blocks[len(blocks) // 2][0], self._earliest(blocks)
        if not self._agreed:  # a stream that has just been opened, or has just stalled, stumbles
            self._agreed = bool(self._windows) and abs(error_ns) <= RIGHT_NS / 2
            self._settled = self._settled or self._agreed
            self.line = self.line._replace(ns=self.line.ns + error_ns)
            self._windows.clear()
            error_ns = 0
        self._windows.append((frame, self.line.ns_of(frame) + error_ns))
        self._errors.append(error_ns)
        self._judge(blocks[-1][0], round(median(self._errors)))

    def _earliest(self, blocks: list[tuple[int, int]]) -> int:
        """How far off the line the most punctual blocks were: none comes too early, a busy machine makes many late.

        The first tenth of them, not the first one, so that a single odd one says nothing.
        """
        errors = sorted(self._error(*block) for block in blocks)
        return errors[len(errors) // 10]

    def _judge(self, frame: int, error_ns: int) -> None:
        """Bend the line from `frame` on if it is too far off, and straighten it when that has been made good."""
        if self._bending * error_ns < 0:
            self._bending = 0
            self._run_on(frame, 0)
        elif not self._bending and abs(error_ns) > RIGHT_NS and len(self._errors) == AGREED:
            self._bending = 1 if error_ns > 0 else -1
            self._run_on(frame, error_ns / BEND_NS)

    def _run_on(self, frame: int, correction: float) -> None:
        """From `frame` on the line runs at the measured rate, and that much slower; it goes on where it is."""
        assert self.line
        self.line = Line(frame, self.line.ns_of(frame), self._rate() * (1 + correction))

    def _rate(self) -> float:
        """Nanoseconds a frame, by a line through what the windows said (least squares)."""
        if len(self._windows) < 8:
            return self._nominal_ns
        first, first_ns = self._windows[0]
        frames = [frame - first for frame, _ in self._windows]
        drifted = [ns - first_ns - at * self._nominal_ns for at, (_, ns) in zip(frames, self._windows, strict=True)]
        most = MAX_DRIFT * self._nominal_ns
        return self._nominal_ns + max(-most, min(most, linear_regression(frames, drifted).slope))
