"""Stopped in its tracks with SIGSTOP, as a machine that swaps or a debugger does it: the panel, the engine."""

from __future__ import annotations

import os
import signal
import time

from panel.engine.client import EngineClient, News
from panel.engine.player import CLOCK, CONTINUE, SONG_POSITION, STOP
from panel.music.tempo import MICRO
from tests.box import MS
from tests.drills.conftest import OpenPanel
from tests.drills.stage import BPM, SLOT_NS, Click, Pair, doubled, measured, missing, report, stop

PANEL_STOPPED_S = 10.0
ENGINE_STOPPED_S = 1.0
NUDGES = 400  # each is a View of 1.5 KB: more than fits into the socket of a panel that does not read


def test_the_panel_stopped_for_10_s(pair: Pair, open_panel: OpenPanel) -> None:
    pair.play()
    panel = open_panel()
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    with measured(pair, f"The panel stopped for {PANEL_STOPPED_S:.0f} s while playing, and {NUDGES} Views for it"):
        stop(panel.process.pid)
        end = time.monotonic() + PANEL_STOPPED_S
        for number in range(NUDGES):  # a level moves no note
            pair.click.panel.send("levels", levels=(100, 100, 100, 100, 1 + number % 99))
            pair.tend((end - time.monotonic()) / (NUDGES - number))
        pair.hold(end - time.monotonic())
    pair.click.panel.send("tempo", micro_bpm=171 * MICRO)
    pair.until(lambda: pair.click.panel.view and pair.click.panel.view.state.beat_micro_bpm == 171 * MICRO)
    continued_ns = time.monotonic_ns()
    panel.process.send_signal(signal.SIGCONT)
    panel.wait_for(lambda: panel.shows_bpm(171))
    report("From SIGCONT to the right picture", f"{(time.monotonic_ns() - continued_ns) / MS:.0f} ms")
    panel.type("\x1b[A")
    panel.wait_for(lambda: panel.shows_bpm(172))
    pair.until(lambda: pair.click.panel.state.beat_micro_bpm == 172 * MICRO)
    assert pair.click.is_alone
    assert pair.click.panel.state.playing


def stopped_for(click: Click, seconds: float) -> tuple[int, int]:
    """The engine stopped for so long; from when to when."""
    begin_ns = time.monotonic_ns()
    stop(click.engine_pid)
    click.hold(seconds)
    end_ns = time.monotonic_ns()
    os.kill(click.engine_pid, signal.SIGCONT)
    return begin_ns, end_ns


def test_the_engine_stopped_for_1_s(click: Click) -> None:
    click.play()
    click.panel.send("clock", on=True)
    click.until(lambda: any(line.message == (CLOCK,) for line in click.stage.lines))
    click.hold(0.3)
    before = click.panel.view
    count = len(click.stage.lines)
    begin_ns, end_ns = stopped_for(click, ENGINE_STOPPED_S)
    click.until(lambda: any(line.message == (CONTINUE,) for line in click.stage.lines[count:]))
    click.hold(0.3)
    click.panel.send("mute", on=False)
    revision = click.panel.state.revision
    click.until(lambda: click.panel.view and click.panel.view.state.revision >= revision)
    onsets, view = click.onsets(), click.panel.view
    assert before
    assert view
    lost = missing(onsets, range(onsets[-1].slot))
    report(
        f"The engine stopped for {(end_ns - begin_ns) / MS:.0f} ms while playing",
        f"{len(lost)} notes missing, {view.dropped} counted as dropped; a sixteenth is {SLOT_NS / MS} ms",
    )
    assert view.dropped - before.dropped <= len(lost) == view.dropped
    assert not doubled(onsets)
    assert (end_ns - begin_ns) // SLOT_NS - 1 <= len(lost)
    assert_a_receiver_of_the_clock_is_put_right(click, count, end_ns)


def assert_a_receiver_of_the_clock_is_put_right(click: Click, count: int, end_ns: int) -> None:
    """Stop, song position and Continue on that very sixteenth, and the clocks from there on."""
    lines = [line for line in click.stage.lines[count:] if line.written_ns >= end_ns]
    words = [line for line in lines if line.message[0] in (STOP, SONG_POSITION, CONTINUE)]
    if len(words) > 3:  # the machine has stalled once more meanwhile
        lines = lines[: lines.index(words[3])]
    words = words[:3]
    assert [line.message[0] for line in words] == [STOP, SONG_POSITION, CONTINUE]
    position = words[1].message[1] | words[1].message[2] << 7
    here = [line.message for line in lines if line.due_ns == words[2].due_ns]
    assert abs(words[2].due_ns - click.first_ns - position * SLOT_NS) <= 1
    assert here[:2] == [(CONTINUE,), (CLOCK,)]
    clocks = [line.due_ns for line in lines if line.message == (CLOCK,) and line.due_ns >= words[2].due_ns]
    grid = [(due_ns - clocks[0]) * 6 / SLOT_NS for due_ns in clocks]
    assert all(abs(place - number) < 1e-6 for number, place in enumerate(grid)), "a clock is missing, or one too many"


def test_the_panel_says_that_the_engine_hangs_and_starts_no_second_one(click: Click) -> None:
    click.play()
    stop(click.engine_pid)
    stopped_ns = time.monotonic_ns()
    click.until(lambda: not click.panel.connected)
    silent_ns = time.monotonic_ns() - stopped_ns
    late_comer = EngineClient(click.panel.state, time.monotonic_ns, click.stage.start, click.socket)
    assert late_comer.tend() is None
    assert not late_comer.connected
    os.kill(click.engine_pid, signal.SIGCONT)
    click.until(lambda: click.panel.connected)
    report("The engine hangs: until the panel says so", f"{silent_ns / MS:.0f} ms")
    assert click.is_alone
    assert click.news == [News.FRESH]
    assert click.panel.state.playing
    late_comer.close()
    onsets = click.onsets()
    click.until(lambda: click.onsets()[-1].slot > onsets[-1].slot + 4)
