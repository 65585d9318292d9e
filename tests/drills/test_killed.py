"""Killed with -9 while playing: the panel, the engine, both. What is lost must be no more than what died was doing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from panel.app import TEND_NS
from panel.engine.client import News, ask
from panel.engine.wire import View
from panel.gallery import Scene, turns_to
from panel.music.tempo import MICRO
from tests.box import MS, VOICES
from tests.drills.conftest import OpenPanel
from tests.drills.stage import BPM, SLOT_NS, Click, Pair, Punctuality, doubled, measured, missing, quantiles_ms, report
from tests.engine.check import ringing
from tests.engine.stage import ROOT, Line
from tests.panel.whole import Whole

KILLS = 50
LOOKS = 5  # of the panels that are killed, every so many-th is looked at first
STARTING_S = 0.3  # a panel that is not looked at dies within that: somewhere between its first import and its picture


def shows_the_click(panel: Whole) -> bool:
    """Whether a panel shows what plays; on its own it would show another pattern at another tempo."""
    return panel.shows(0, 0, "Grid", "small") and panel.shows_bpm(BPM)


def test_the_panel_killed_50_times(pair: Pair, open_panel: OpenPanel) -> None:
    rest = random.Random(1)
    pair.play()
    took: list[int] = []
    with measured(pair, f"The panel killed {KILLS} times while playing"):
        for number in range(KILLS):
            began_ns, panel = time.monotonic_ns(), open_panel()
            if number % LOOKS == 0:
                panel.wait_for(partial(shows_the_click, panel))
                took.append(time.monotonic_ns() - began_ns)
                panel.type("\r" + "\x1b[B" * 3 + "\r")  # it is killed on its way to the voices
            else:
                pair.hold(rest.uniform(0, STARTING_S))
            panel.process.kill()
            panel.process.wait()
            pair.click.tend(0)
    report("From the start of a panel to the picture of what plays", quantiles_ms(took))
    assert pair.click.panel.state.playing
    assert pair.click.is_alone


def bare_start_ns() -> int:
    """What this machine takes now to start a Python with the engine's imports, without an engine."""
    began_ns = time.monotonic_ns()
    subprocess.run([sys.executable, "-c", "import panel.engine.__main__"], cwd=ROOT, check=True)
    return time.monotonic_ns() - began_ns


def _found(lines: list[Line], ends: list[tuple[int, ...]]) -> tuple[int, Line] | None:
    """Where the ends of all notes begin, and the note-on that follows them; None before that has been written."""
    starts = (at for at in range(len(lines)) if [line.message for line in lines[at : at + len(ends)]] == ends)
    if (first := next(starts, None)) is None:
        return None
    note = next((line for line in lines[first:] if line.message[0] == 0x99), None)
    return (first, note) if note else None


class Revival:
    """An engine that was killed, and the next one's first words."""

    def __init__(self, click: Click) -> None:
        count = len(click.stage.lines)
        self.killed_ns = time.monotonic_ns()
        os.kill(click.engine_pid, signal.SIGKILL)
        click.news.clear()
        click.until(lambda: click.news[-1:] == [News.FRESH], TEND_NS / 1e9)
        # What the dying one wrote after `count` was taken comes before the ends of all the notes that there are.
        ends: list[tuple[int, ...]] = [(0x89, note, 64) for note in sorted(voice.note for voice in VOICES)]
        click.until(lambda: _found(click.stage.lines[count:], ends))
        assert click.news == [News.LOST, News.FRESH]
        lines = click.stage.lines[count:]
        found = _found(lines, ends)
        assert found
        first, note = found
        self.ready_ns, self.sounds_ns = lines[first].written_ns, note.written_ns
        assert all(line.message[0] == 0x89 for line in lines[first : lines.index(note)])


def test_the_engine_killed_50_times(pair: Pair) -> None:
    rest, click = random.Random(2), pair.click
    pair.play()
    revivals, bare = [], []
    for number in range(KILLS):
        click.hold(rest.uniform(0, 0.15))
        revivals.append(Revival(click))
        if number % 8 == 0:
            bare.append(bare_start_ns())
    click.hold(0.2)
    last_slot = click.onsets()[-1].slot
    click.panel.send("stop")
    click.until(lambda: click.panel.view and not click.panel.view.state.playing)
    silent = [revival.sounds_ns - revival.killed_ns for revival in revivals]
    ready = [revival.ready_ns - revival.killed_ns for revival in revivals]
    report(
        f"The engine killed {KILLS} times while playing",
        f"killed to the next note      {quantiles_ms(silent)}; {sum(ns < 500 * MS for ns in silent)} within 500 ms",
        f"killed to the ends of notes  {quantiles_ms(ready)}",
        f"a bare start of its imports  {quantiles_ms(bare)}",
    )
    onsets = click.onsets()
    assert not doubled(onsets)
    dead = {slot for r in revivals for slot in slots_of(click, r.killed_ns - 20 * MS, r.ready_ns)}
    lost = [(slot, note) for slot, note in missing(onsets, range(last_slot)) if slot not in dead]
    view = click.panel.view
    assert view
    # What an engine dropped in a stall, its count took with it when it was killed: the twin tells how many that may be.
    twin = Punctuality.of(pair.twin.onsets(), range(last_slot))
    report("Sixteenths lost while an engine was there", f"{len(lost)} of {last_slot}", f"twin: {twin}")
    assert len(lost) <= view.dropped + 3 * twin.very_late + last_slot // 100
    assert ringing((line.message for line in click.stage.lines), stray_offs=True) == set()
    assert view.restarts == KILLS
    # A machine that takes long for a bare start is allowed as much more.
    slow = max(1.0, sorted(bare)[-2] / (100 * MS))
    assert sorted(silent)[KILLS * 9 // 10] < 500 * MS * slow
    assert max(silent) < 3 * 500 * MS * slow


def slots_of(click: Click, begin_ns: int, end_ns: int) -> range:
    """The slots that begin between two moments."""
    return range(-(-(begin_ns - click.first_ns) // SLOT_NS), -(-(end_ns - click.first_ns) // SLOT_NS))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("tempo", {"micro_bpm": 251_300_000}), ("fill", {"bars": 3}), ("mute", {"on": True}), ("levels", None)],
)
@pytest.mark.parametrize("told", [False, True], ids=["at once", "told"])
def test_what_was_just_chosen_outlives_the_engine(
    click: Click, name: str, arguments: dict[str, object] | None, told: bool
) -> None:
    """Killed with the command still in its socket, or after it has told what came of it: the next one has it."""
    click.play()
    click.panel.send(name, **(arguments or {"levels": (100, 80, 60, 40, 20)}))
    if told:
        revision = click.panel.state.revision
        click.until(lambda: click.panel.view and click.panel.view.state.revision >= revision)
    os.kill(click.engine_pid, signal.SIGKILL)
    click.until(lambda: click.news[-1:] == [News.LOST])
    chosen = click.panel.state
    click.until(lambda: click.news[-1:] == [News.FRESH])
    click.until(lambda: click.panel.view and click.panel.view.state.revision > chosen.revision)
    assert click.panel.view
    assert click.panel.view.state._replace(revision=chosen.revision) == chosen
    assert chosen.playing


def test_both_killed_the_box_comes_back_stopped_with_all_that_was_chosen(
    open_panel: OpenPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = open_panel()
    monkeypatch.setenv("DRUMASSIST_RUNTIME", panel.environment["DRUMASSIST_RUNTIME"])
    panel.wait_for(panel.status)
    panel.type(" ")
    panel.wait_for(lambda: panel.status()["playing"])
    chosen = choose_everything(panel)
    panel.wait_for(lambda: is_written(panel, chosen))
    engine = panel.status()["pid"]
    panel.process.kill()
    panel.process.wait()
    os.kill(engine, signal.SIGKILL)
    panel = open_panel()
    panel.wait_for(panel.status)
    panel.wait_for(what_is_chosen)
    found = what_is_chosen()
    report("Panel and engine killed while playing", f"chosen {chosen}", f"kept   {found}")
    assert found == (False, *chosen[1:])


def is_written(panel: Whole, chosen: tuple[bool, int, str, int, int]) -> bool:
    """Whether it is on the disk, a second after the hand was still."""
    data = Path(panel.environment["DRUMASSIST_RUNTIME"]).parent / "data"
    files = [data / "session.toml", data / "settings.toml", *(data / "profiles").glob("*.toml")]
    text = "".join(file.read_text() for file in files if file.exists())
    _, micro_bpm, pattern, gate_ms, level = chosen
    wanted = (f"bpm = {micro_bpm / MICRO}", f'pattern = "{pattern}"', f"gate_ms = {gate_ms}", f"rim = {level}")
    return all(line in text for line in wanted)


def what_is_chosen() -> tuple[bool, int, str, int, int] | None:
    """Playing, tempo, pattern, gate and the level of the rim, by the engine's word."""
    view = ask("view")
    if not isinstance(view, View) or not view.state.voices:
        return None
    rim = next(voice for voice in view.state.voices if voice.role == "rim")
    state = view.state
    return state.playing, state.beat_micro_bpm, state.chosen.name, state.gate_ms, rim.level


def choose_everything(panel: Whole) -> tuple[bool, int, str, int, int]:
    """Another tempo, pattern, setting and voice, by the keys; what the engine makes of it."""
    up, down, enter, back = "\x1b[A", "\x1b[B", "\r", "\x7f"
    before = what_is_chosen()
    assert before
    menu = Scene().down().machine.screen
    patterns, voices, settings = (turns_to(label, menu) for label in ("Patterns", "Voices", "Settings"))
    gate = turns_to("Note length", Scene().down("Settings").machine.screen)
    panel.type(up * 7)
    panel.type(enter + down * patterns + enter + down + enter)  # Patterns: the next one
    panel.type(enter + down * voices + enter + down + enter + down + enter + down * 5 + enter + back * 3)  # a level
    panel.type(enter + down * settings + enter + down * gate + enter + up * 5 + enter)  # the gate
    panel.wait_for(lambda: (what_is_chosen() or before)[3] == before[3] + 50)  # the last of all, at its last step
    panel.wait_for(lambda: all(a != b for a, b in zip((what_is_chosen() or before)[1:], before[1:], strict=True)))
    after = what_is_chosen()
    assert after
    return after
