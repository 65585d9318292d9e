"""Trading bars with a drummer on a real pad: what the pad plays in one bar, the box answers in the next, in time.

On virtual time. It must never start a process in a timed part: while the guest reads the host's files, its clock leaps.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from panel.library import load_library
from panel.music.chance import below
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH, TempoMap
from tests.kernel.guest.rig import LATE_US, Rig, on_time, switched_on_box, told
from tests.kernel.sends import Send

BAR = 4 * TICKS_PER_QUARTER
TRADES = 8
# From the pad's hit to the stamp that it gets: through USB and the sequencer, and then it needs the interpreter, which
# on this core reads the bar to come for some milliseconds.
HEARD_LATE_US = 20_000
KEPT = 'pattern = "4/4 Basic"\nbpm = 120\nbeats = "on"\n'
DIALS = "[learn]\ntrade = 1\n"

Hit = tuple[int, str, int]  # tick, role, velocity


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A box that is about to trade bars."""
    files = {"session.toml": KEPT, "beats.toml": DIALS}
    with switched_on_box(tmp_path_factory.mktemp("beats"), files, beats__generator="learn") as rig:
        rig.stop()
        yield rig


def test_what_the_pad_plays_is_answered_in_the_next_bar_in_time(rig: Rig) -> None:
    profile = load_library(rig.box.data).profiles["SamplePad Pro"]
    notes = {role: profile.voice(role).note for role in ("kick", "snare")}
    tempo_map, late, heard = rig.play().tempo_map, list[float](), list[float]()
    clicks: list[Send] = []
    for trade in range(TRADES):
        first = 2 * trade * BAR
        hits, struck_ns = played(trade), list[int]()
        for tick, role, velocity in hits:
            sleep_until(tempo_map, first + tick)
            struck_ns.append(rig.pad.hit(notes[role], velocity))
        sleep_until(tempo_map, first + BAR + TICKS_PER_SIXTEENTH // 2)
        answer = rig.state.section_at(first + BAR).pattern
        strokes = [stroke for stroke in answer.strokes() if stroke.role in notes]
        assert [(stroke.role, stroke.loudness) for stroke in strokes] == [(role, loud) for _, role, loud in hits]
        for stroke, struck in zip(strokes, struck_ns, strict=True):
            heard.append((tempo_map.time_of(first + stroke.tick) - struck) / 1000)
        sleep_until(tempo_map, first + 2 * BAR - TICKS_PER_SIXTEENTH // 4)
        wanted = [(first + BAR + s.tick, notes[s.role], s.loudness) for s in strokes]
        sends = rig.sends.read()
        late += lateness(sends, wanted, set(notes.values()), tempo_map)
        clicks += [send for send in sends if send.note not in notes.values()]
    told(f"{TRADES} answers", late)
    told("what they answer was heard", heard)
    assert len(clicks) == TRADES * 2 * 4
    on_time("the click beside them", clicks, tempo_map)
    assert max(late) < LATE_US
    assert 0 <= min(heard) <= max(heard) < HEARD_LATE_US


def played(trade: int) -> list[Hit]:
    """What the drummer plays in a trade: on some sixteenths, the first and the last among them, one hand at a time.

    The very first, at which START has only just been pressed, is left out.
    """
    steps = [*[0] * (trade > 0), *(step for step in range(1, 15) if below(3, trade, step) == 0), 15]
    roles = ("kick", "snare")
    return [
        (step * TICKS_PER_SIXTEENTH, roles[below(2, trade, step, "hand")], 40 + below(80, trade, step, "loud"))
        for step in steps
    ]


def sleep_until(tempo_map: TempoMap, tick: int) -> None:
    time.sleep(max(0, tempo_map.time_of(tick) - time.monotonic_ns()) / 1e9)


def lateness(
    sends: list[Send], wanted: list[tuple[int, int, int]], notes: set[int], tempo_map: TempoMap
) -> list[float]:
    """How late each note of an answer was handed over, in us; all that were wanted, and no others of theirs."""
    found = [send for send in sends if send.note in notes]
    assert [(send.note, send.velocity) for send in found] == [(note, velocity) for _, note, velocity in wanted]
    late = [send.us - tempo_map.time_of(tick) / 1000 for send, (tick, _, _) in zip(found, wanted, strict=True)]
    assert min(late) >= 0
    return late
