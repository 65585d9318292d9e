"""A standard MIDI file's drums as a pattern file: what of it was read, turned into a chart.

It must never leave anything of the drums out in silence, nor show more of a spoilt file than one clear line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from panel.failure import Failure
from panel.midibars import CLICKS, EARLY_TICKS, Stretch, stretch_of
from panel.mididrums import Struck, drums_of, times
from panel.midiread import Music, read_midi
from panel.music.chart import chart_text, note_value
from panel.music.meter import Meter
from panel.music.notation import BEATS
from panel.music.pattern import MAX_TEXT, VELOCITY, Pattern, strength_of
from panel.music.reading import MAX_NAME
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, TICKS_PER_QUARTER
from panel.music.transcription import Hit, transcribe
from panel.profiles import Profile
from panel.tomltext import printable

_DEFAULT_TEMPO = 500_000  # us a quarter, where a file says nothing


class Imported(NamedTuple):
    """A pattern, the text of its file, and a line for each kind of thing that could not be kept."""

    pattern: Pattern
    text: str
    lost: tuple[str, ...]


def import_midi(raw: bytes, source: str, name: str, profile: Profile, bars: tuple[int, int] | None = None) -> Imported:
    """The drums of a file as a pattern of that name. `bars` are the first and the last one to take, counted from 1.

    Raises Failure, in one line, for what is no such file or has no drums.
    """
    music = read_midi(raw, source)
    drums = drums_of(music, profile, source)
    stretch, cut = stretch_of(music, drums.hits, bars, source)
    frame, tempo = frame_of(music, stretch, name, source)
    within = [Hit(hit.tick - stretch.tick, hit.role, strength_of(hit.velocity)) for hit in drums.hits]
    try:
        chart = transcribe(sorted(within), frame, stretch.bars, music.exact_ticks, stretch.bar)
    except ValueError as error:
        raise Failure(f"{source}: {error}") from error
    lost = (
        *chart.lost,
        *cut,
        *tempo,
        *drums.roleless,
        *_rounded(drums.hits),
        *drums.others,
        *_never_kept(music, stretch.meter),
    )
    return Imported(chart.pattern, chart_text(chart.pattern, chart.step_ticks), lost)


def name_of(stem: str) -> str:
    """A pattern's name for the name of a file."""
    words = "".join(char if char.isprintable() else " " for char in stem.replace("_", " ")).split()
    return " ".join(words)[:MAX_NAME].strip() or "Imported"


def _rounded(hits: list[Struck]) -> Iterator[str]:
    """How many velocities are none that a cell means."""
    between = [hit.velocity for hit in hits if hit.velocity not in VELOCITY.values()]
    if between:
        yield f"{times(len(between))} of {len(set(between))} other velocities become X, x or g"


def frame_of(music: Music, stretch: Stretch, name: str, source: str) -> tuple[Pattern, list[str]]:
    """A pattern in the meter and tempo of a stretch, without rows, and what of the tempo it can't keep."""
    tempos = [(0, _DEFAULT_TEMPO), *music.tempos]
    at = [us for tick, us in tempos if tick <= stretch.tick + EARLY_TICKS][-1]
    changes = [(tick, us) for tick, us in tempos if stretch.tick + EARLY_TICKS < tick < stretch.end_tick and us != at]
    beat_ticks = _beat_ticks(stretch)
    wanted, bpm = _bpm(at, beat_ticks), _held(_bpm(at, beat_ticks))
    told = [f"the tempo of {wanted:g} BPM becomes {bpm:g}"] if bpm != wanted else []
    if changes:
        tick, us = changes[0]
        bar = stretch.bar + (tick - stretch.tick) // stretch.meter.bar_ticks
        times = "once" if len(changes) == 1 else f"{len(changes)} times"
        first = f"first to {_bpm(us, beat_ticks):g} BPM in bar {bar}"
        told.append(f"the tempo changes {times}, {first}: the chart has {bpm:g}")
    about = printable(f"From {source.rpartition('/')[2]}", MAX_TEXT - 3)
    return Pattern(
        name, stretch.meter, (), beat_ticks=beat_ticks, micro_bpm=round(bpm * MICRO), about=about, family="own"
    ), told


def _beat_ticks(stretch: Stretch) -> int:
    """The note that the file's own metronome counts, where it is one that ours may count."""
    ticks = stretch.segment.clicks * TICKS_PER_QUARTER // CLICKS
    return ticks if ticks and note_value(ticks) in BEATS else TICKS_PER_QUARTER


def _bpm(us: int, beat_ticks: int) -> float:
    """BPM of a beat for microseconds a quarter, in hundredths."""
    return round(60_000_000 * TICKS_PER_QUARTER / (max(1, us) * beat_ticks), 2)


def _held(bpm: float) -> float:
    """A tempo within what the box plays."""
    return max(MIN_BPM, min(MAX_BPM, bpm))


def _never_kept(music: Music, meter: Meter) -> Iterator[str]:
    if meter.denominator >= 8 and max(meter.groups) == 1 < meter.numerator:
        yield f'how {meter} is grouped is in no MIDI file: add a line such as group = "{_guess(meter.numerator)}"'
    yield from music.unread
    yield "note lengths are left out: the box holds every note as long as its settings say"


def _guess(beats: int) -> str:
    """Groups of two, and a three at the end where it is odd."""
    return "+".join(["2"] * ((beats - 2) // 2) + (["3"] if beats % 2 and beats > 1 else ["2"]))
