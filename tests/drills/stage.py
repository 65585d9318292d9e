"""What the drills share: a click whose every note is known, and a twin beside it that nobody disturbs.

The twin tells what the machine itself does to a click: these machines are shared, and stall. The drills must never
hold the click against a clock on the wall, only against its twin, or against what the same machine did meanwhile.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from panel.engine.client import EngineClient, News
from panel.engine.outlet import LATE_NS
from panel.engine.state import stopped_state
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO
from tests.box import MS, VOICES
from tests.engine.stage import Stage

BPM = 240
SLOT_NS = 62_500_000  # a sixteenth at 240 BPM
SLOTS = 32  # of the pattern: two bars
PATIENCE_S = 60.0
# Two bars that can be told apart: the rim counts the sixteenths, the snare is on the one of the second bar.
GRID = Pattern(
    "Grid",
    Meter.of(4, 4),
    (Row("rim", "X" + "x" * 31), Row("snare", "." * 16 + "X" + "." * 15)),
    (Row("hat", "x" * 32),),
    bars=2,
)
RIM, SNARE, HAT = 37, 38, 42
VERY_LATE_NS = 5 * MS  # later than a gap is long: whoever was in the way did more than one thing


class Onset(NamedTuple):
    """A note-on: its sixteenth, counted from the start, and how late it was written."""

    slot: int
    note: int
    late_ns: int


class Click:
    """An engine that plays GRID and writes down what it sent, and this process as its panel."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True)
        self.stage = Stage(folder)
        self.socket = str(folder / "engine.sock")
        self.news: list[News] = []
        state = stopped_state(GRID, BPM * MICRO, time.monotonic_ns())
        self.panel = EngineClient(state, time.monotonic_ns, self._start, self.socket)

    def _start(self) -> Any:
        return self.stage.start()

    @property
    def engine_pid(self) -> int:
        """The engine that plays, by its own word; on a machine that stalls others may have been started and refused."""
        assert self.panel.view
        return self.panel.view.pid

    @property
    def is_alone(self) -> bool:
        """Whether the engine that plays is the only one that lives."""
        return {engine.pid for engine in self.stage.engines if engine.poll() is None} == {self.engine_pid}

    def tend(self, patience_s: float = 0.02) -> None:
        """A turn of the panel's loop: wait as the panel does, take what has come."""
        panel = self.panel
        due_s = max(0.0, (panel.due_ns - time.monotonic_ns()) / 1e9)
        select.select([panel] if panel.fileno() >= 0 else [], [], [], min(patience_s, due_s))
        if news := panel.tend():
            self.news.append(news)

    def until(self, done: Callable[[], object], patience_s: float = 0.02) -> None:
        """Be a panel until it is so; `patience_s` is how long at most nothing is looked at."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < deadline, "it did not happen"
            self.tend(patience_s)

    def hold(self, seconds: float) -> None:
        """Be a panel for so long: for drills that are about time."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end)

    def play(self) -> None:
        """Start, and wait for the first notes."""
        self.until(lambda: self.panel.connected)
        self.panel.send("voices", voices=VOICES)
        self.panel.send("pattern", pattern=GRID._asdict(), micro_bpm=BPM * MICRO)
        self.panel.send("start")
        self.until(lambda: len(self.stage.onsets) > 2)

    @property
    def first_ns(self) -> int:
        """When the first note was due."""
        return self.stage.onsets[0].due_ns

    def onsets(self, since: int = 0) -> list[Onset]:
        """The notes from the line `since` of the record on. Fails where one is not on the grid to the nanosecond."""
        first_ns, found = self.first_ns, []
        for line in self.stage.lines[since:]:
            if line.message[0] & 0xF0 == 0x90:
                slot, off_ns = divmod(line.due_ns - first_ns + 1, SLOT_NS)
                assert off_ns <= 2, f"a note {off_ns - 1} ns beside the grid"
                found.append(Onset(slot, line.message[1], line.written_ns - line.due_ns))
        return found

    def close(self) -> None:
        """Hang up, and end every engine."""
        self.panel.close()
        for engine in self.stage.engines:
            if engine.poll() is None:
                engine.send_signal(signal.SIGCONT)
        self.stage.end()


def expected(slot: int) -> set[int]:
    """The notes of a sixteenth of the groove."""
    return {RIM, SNARE} if slot % SLOTS == 16 else {RIM}


def doubled(onsets: Sequence[Onset]) -> list[tuple[int, int]]:
    """Whatever was played twice."""
    seen: set[tuple[int, int]] = set()
    return [key for onset in onsets if (key := onset[:2]) in seen or seen.add(key)]  # type: ignore[func-returns-value]


def missing(onsets: Sequence[Onset], slots: range, snare: bool = True) -> list[tuple[int, int]]:
    """(slot, note) of what is not there in these slots; fails on a note that the pattern does not have there."""
    there: dict[int, set[int]] = {}
    for onset in onsets:
        there.setdefault(onset.slot, set()).add(onset.note)
    assert all(notes <= expected(slot) for slot, notes in there.items()), "a note of another bar"
    wanted = {slot: expected(slot) if snare else {RIM} for slot in slots}
    return [(slot, note) for slot in slots for note in sorted(wanted[slot] - there.get(slot, set()))]


class Punctuality(NamedTuple):
    """How late the notes of some slots were; one that is missing counts as the latest that would have been played."""

    notes: int
    lost: int
    p50_us: int
    p99_us: int
    worst_us: int
    very_late: int

    @classmethod
    def of(cls, onsets: Sequence[Onset], slots: range, snare: bool = True) -> Punctuality:
        """Of what should have been played in these slots; without the `snare` where that was taken away."""
        lost = len(missing(onsets, slots, snare))
        late = sorted([*(onset.late_ns for onset in onsets if onset.slot in slots), *[LATE_NS] * lost])
        very = sum(ns > VERY_LATE_NS for ns in late)
        p50, p99, worst = (ns // 1000 for ns in (late[len(late) // 2], late[len(late) * 99 // 100], late[-1]))
        return cls(len(late), lost, p50, p99, worst, very)

    def __str__(self) -> str:
        times = f"p50 {self.p50_us} p99 {self.p99_us} worst {self.worst_us} us"
        return f"{self.notes} notes, {self.lost} missing, {times}, {self.very_late} over 5 ms late"


class Pair:
    """The click of a drill, and its twin; both play the same, at the same time, on the same machine."""

    def __init__(self, folder: Path) -> None:
        self.click, self.twin = Click(folder / "runtime"), Click(folder / "twin")

    def play(self) -> None:
        """Start both."""
        self.twin.play()
        self.click.play()

    def compare(self, what: str, ns: tuple[int, int], snare: bool) -> None:
        """Print both, from the one to the other moment; nothing lost that was not counted, nothing later than the twin.

        A note that is missing must have been dropped by the engine itself, for coming too late.
        """
        found = []
        for click in (self.click, self.twin):
            slots = range(*(-(-(moment - click.first_ns) // SLOT_NS) for moment in ns))
            onsets = click.onsets()
            assert not doubled(onsets)
            found.append(Punctuality.of(onsets, slots, snare or click is self.twin))
        drilled, twin = found
        report(what, f"drilled: {drilled}", f"   twin: {twin}")
        assert drilled.lost <= self.dropped, f"{drilled.lost} notes are missing, {self.dropped} were counted"
        allowed = 3 * twin.very_late * drilled.notes / twin.notes + drilled.notes / 50
        assert drilled.very_late <= allowed, "the drill made the click late"

    @property
    def dropped(self) -> int:
        """What the drilled engine has counted as dropped."""
        view = self.click.panel.view
        return view.dropped if view else 0

    def tend(self, patience_s: float = 0.02) -> None:
        """A turn of the loop of both panels."""
        self.twin.tend(0)
        self.click.tend(max(0.0, patience_s))

    def until(self, done: Callable[[], object]) -> None:
        """Be the panel of both until it is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < deadline, "it did not happen"
            self.tend()

    def hold(self, seconds: float) -> None:
        """Be the panel of both for so long."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end)

    def close(self) -> None:
        """End both."""
        self.click.close()
        self.twin.close()


@contextmanager
def measured(pair: Pair, what: str, snare: bool = True) -> Iterator[None]:
    """Compare the click with its twin over what is done inside, all but the `snare` where that is taken away."""
    began_ns = time.monotonic_ns()
    yield
    ended_ns = time.monotonic_ns()
    line_ns = ended_ns + 4 * SLOT_NS
    pair.until(lambda: all(click.stage.lines[-1].due_ns > line_ns for click in (pair.click, pair.twin)))
    panel = pair.click.panel
    panel.send("mute", on=False)  # any command: its View tells what was dropped until now
    revision = panel.state.revision
    pair.until(lambda: panel.view and panel.view.state.revision >= revision)
    pair.compare(what, (began_ns, ended_ns), snare)


def report(what: str, *lines: str) -> None:
    """Print what was measured; `pytest -s` shows it."""
    print(f"\n{what}")
    for line in lines:
        print(f"  {line}")


def quantiles_ms(values_ns: Sequence[int]) -> str:
    """Some times as a line."""
    ranked = sorted(values_ns)
    p50, p90 = ranked[len(ranked) // 2], ranked[len(ranked) * 9 // 10]
    return f"p50 {p50 / MS:.0f} p90 {p90 / MS:.0f} worst {ranked[-1] / MS:.0f} ms of {len(ranked)}"


def stop(pid: int) -> None:
    """SIGSTOP, and wait until the kernel shows it stopped."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "T":
        assert time.monotonic() < deadline
