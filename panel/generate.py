"""`drumassist generate`: bars that write themselves, as a standard MIDI file or as a pattern.

It must never write other bars for the same words, nor over a file that is there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import chain
from math import lcm
from pathlib import Path
from typing import Any, NamedTuple

from panel.commands import find_music, find_profile, tempo_of
from panel.dialling import values_of
from panel.failure import NOT_TO_BE_HAD, Failure
from panel.library import FIRST_PATTERN, Loaded, load_library, pattern_in, unused
from panel.midiheard import heard_in
from panel.midiread import midi_bytes
from panel.music.chart import chart_text
from panel.music.generators.beat import Bar, Generator, Grid, bar_of_rows, grid_of, spread
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.learn import LEARN, joined, manner_of, manner_of_bars
from panel.music.meter import Meter
from panel.music.pattern import MAX_BARS, MAX_LATE_TICKS, STRAIGHT, Pattern, Row
from panel.music.tempo import MICRO
from panel.naming import pattern_name
from panel.profiles import FALLBACK_PROFILE, Profile
from panel.render import render, save_rendered
from panel.storage import save
from panel.tomltext import TextError


class _Task(NamedTuple):
    """The pattern in whose frame bars are made, their steps, what they are made from, and what of it was left out."""

    frame: Pattern
    grid: Grid
    memory: Any = None
    lost: tuple[str, ...] = ()


def do_generate(options: argparse.Namespace) -> int:
    """drumassist generate"""
    generator = GENERATORS[options.generator]
    values = values_of(generator, options.set)
    if not (_is_midi(options.output) or options.output.suffix.lower() == ".toml"):
        raise Failure(f"{options.output} is to end in .mid, for a MIDI file, or in .toml, for a pattern")
    library = load_library(options.data)
    profile = find_profile(library, options.profile or FALLBACK_PROFILE)
    task = _task(generator, library, profile, options)
    bars = _bars(generator, task, values, options)
    pattern, step_ticks = joined_in_swing(bars, task.frame, task.grid, "", options.keep_click)
    what = f"{generator.name.capitalize()} {options.seed}"
    pattern = pattern._replace(
        name=pattern_name(options.name, what, set() if _is_midi(options.output) else set(library.patterns)),
        micro_bpm=tempo_of(task.frame, options.bpm),
        about=f"{generator.name.capitalize()}, seed {options.seed}",
        family="own",
    )
    path = unused(options.output)
    _write(pattern, step_ticks, path, profile)
    count = f"{len(bars)} bars" if len(bars) > 1 else "a bar"
    print(
        f"{path}: {pattern.name}, {count} of {pattern.meter}, {pattern.micro_bpm / MICRO:g} BPM", *task.lost, sep="\n"
    )
    return 0


def _is_midi(path: Path) -> bool:
    return path.suffix.lower() in (".mid", ".midi")


def _task(generator: Generator, library: Loaded, profile: Profile, options: argparse.Namespace) -> _Task:
    frame = _frame(library, options)
    if generator is LEARN:
        return _learned(library, profile, frame, options)
    frame = frame or _pattern(library, FIRST_PATTERN)
    return _Task(frame, grid_of(frame))


def _frame(library: Loaded, options: argparse.Namespace) -> Pattern | None:
    """The pattern, or the meter, that was asked for."""
    if options.meter and options.pattern:
        raise Failure("a pattern has its own meter: leave --meter or --pattern out")
    if options.group and not options.meter:
        raise Failure("--group says how a --meter is grouped: there is none")
    if options.keep_click and options.meter:
        raise Failure("--keep-click lets a pattern's rows sound: a --meter has none")
    if options.meter:
        try:
            return Pattern("", Meter.parse(options.meter, options.group or ""), ())
        except ValueError as error:
            raise Failure(f"--meter: {error}") from error
    return _pattern(library, options.pattern) if options.pattern else None


def _pattern(library: Loaded, name: str) -> Pattern:
    found = find_music(library, name)
    if not isinstance(found, Pattern):
        raise Failure(f"'{name}' is no pattern, but a song or a set")
    return found


def _learned(library: Loaded, profile: Profile, frame: Pattern | None, options: argparse.Namespace) -> _Task:
    """What is learned from; it is also the frame where no other was asked for."""
    source = options.source
    if not _is_midi(Path(source)):
        style = _pattern(library, source)
        return _Task(frame or style, grid_of(frame or style), manner_of(style))
    if options.keep_click and frame is None:
        raise Failure("--keep-click lets a --pattern's rows sound: say which")
    heard = heard_in(midi_bytes(Path(source)), source, "", profile, frame)
    grid = grid_of(frame) if frame else heard.grid
    return _Task(heard.frame, grid, manner_of_bars(heard.bars, heard.grid), heard.lost)


def _bars(generator: Generator, task: _Task, values: dict[str, int], options: argparse.Namespace) -> list[Bar]:
    bars, memory = [], task.memory
    for number in range(options.bars):
        memory, bar = generator.next_bar(memory, task.grid, values, options.seed, number)
        bars.append(bar)
    return bars


def joined_in_swing(
    bars: Sequence[Bar], frame: Pattern, grid: Grid, name: str, keep_click: bool = False
) -> tuple[Pattern, int]:
    """The bars as one pattern, each in its swing, and the step of its chart in ticks; rows of the frame that are kept
    sound as they are, not as made."""
    swings = {bar.swing for bar in bars}
    if len(swings) == 1 and swings != {STRAIGHT}:
        frame = frame._replace(swing=bars[0].swing, swing_ticks=grid.step_ticks)
    made = joined([_in_swing(bar, frame, grid) for bar in bars], frame, grid, name)
    kept = _kept(frame, len(bars)) if keep_click else ()
    rows = (*kept, *(row for row in made.groove if row.role not in {other.role for other in kept}))
    cells = lcm(grid.steps, *(len(row.cells) // len(bars) for row in rows if not row.own_grid))
    groove = tuple(row if row.own_grid else spread(row, cells * len(bars)) for row in rows)
    return made._replace(groove=groove), grid.meter.bar_ticks // cells


def _in_swing(bar: Bar, frame: Pattern, grid: Grid) -> Bar:
    """A bar in the frame's swing; what a swing of its own would move is early or late instead."""
    if bar.swing == STRAIGHT or (bar.swing, grid.step_ticks) == (frame.swing, frame.swing_ticks):
        return bar
    own = frame._replace(swing=bar.swing, swing_ticks=grid.step_ticks)

    def late(step: int, ticks: int) -> int:
        tick = step * grid.step_ticks
        return max(-MAX_LATE_TICKS, min(MAX_LATE_TICKS, ticks + own.swung(tick) - frame.swung(tick)))

    strikes = {
        role: tuple(strike._replace(late=late(strike.step, strike.late)) for strike in struck)
        for role, struck in bar.strikes.items()
    }
    return Bar(strikes)


def _kept(frame: Pattern, bars: int) -> tuple[Row, ...]:
    """The rows of a pattern, round and round."""
    each = [bar_of_rows(frame, frame.groove, number) for number in range(bars)]
    return tuple(_end_to_end(rows) for rows in zip(*each, strict=True))


def _end_to_end(rows: Sequence[Row]) -> Row:
    return rows[0].with_cells(chain.from_iterable(row.each_cell() for row in rows))


def _write(pattern: Pattern, step_ticks: int, path: Path, profile: Profile) -> None:
    try:
        if _is_midi(path):
            save_rendered(render(pattern, pattern.micro_bpm, pattern.bars, profile.voices), path)
        else:
            save(path, _text(pattern, step_ticks, path))
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror}", NOT_TO_BE_HAD) from error


def _text(pattern: Pattern, step_ticks: int, path: Path) -> str:
    """The pattern's file, as the box will read it. Raises Failure."""
    if pattern.bars > MAX_BARS:
        raise Failure(f"a pattern has at most {MAX_BARS} bars, not {pattern.bars}: write fewer --bars, or a .mid")
    if not any(row.strokes for row in pattern.groove):
        raise Failure("there is no stroke in these bars: a pattern has at least one")
    text = chart_text(pattern, step_ticks)
    try:
        pattern_in(text.encode(), str(path))
    except TextError as error:
        raise Failure(f"{error.faults[0].what}: write fewer --bars, or a .mid") from error
    return text
