"""What the command line does with files that come from elsewhere, or go there: import, render, backup and restore.

It must never write over a file of the drummer's that it has not kept under another name.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from panel.backup import back_up, changes_of, faults_of, read_backup, restore
from panel.commands import find_music, find_profile, tempo_of
from panel.engine.state import Voice
from panel.failure import NOT_TO_BE_HAD, WRONG_INPUT, Failure
from panel.library import PATTERNS, free_place, load_library, slug, unused
from panel.midifile import Imported, import_midi
from panel.midiheard import heard_in
from panel.midiread import midi_bytes
from panel.music.chart import chart_text
from panel.music.generators.learn import style_pattern
from panel.music.pattern import Pattern
from panel.music.song import SetList, Song
from panel.music.tempo import MICRO
from panel.naming import pattern_name
from panel.profiles import FALLBACK_PROFILE, Profile
from panel.render import DEFAULT_BARS, UNTOLD_BARS, render, render_song, save_rendered
from panel.storage import save
from panel.tomltext import TextError


def do_render(options: argparse.Namespace) -> int:
    """drumassist render"""
    library = load_library(options.data)
    music = find_music(library, options.name)
    voices = find_profile(library, options.profile or FALLBACK_PROFILE).voices
    if not isinstance(music, Pattern) and options.bpm:
        raise Failure("--bpm is for a pattern: a song has its own tempos")
    if isinstance(music, SetList):
        _render_set(music, library.songs, voices, options)
    else:
        _render(music, voices, options, options.output)
    return 0


def _render_set(found: SetList, songs: dict[str, Song], voices: tuple[Voice, ...], options: argparse.Namespace) -> None:
    """Each song as a file of its own, in a folder, numbered as in the set."""
    try:
        options.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"{options.output} is to be a folder, a set has many files: {error.strerror}") from error
    for number, entry in enumerate(found.entries, 1):
        if entry.song not in songs:
            raise Failure(f"there is no song '{entry.song}', number {number} of {found.name}")
        path = options.output / f"{number:02} {slug(entry.song)}.mid"
        _render(songs[entry.song], voices, options, path)
        print(path)


def _render(music: Pattern | Song, voices: tuple[Voice, ...], options: argparse.Namespace, path: Path) -> None:
    if isinstance(music, Pattern):
        bars = options.bars or max(DEFAULT_BARS, music.bars)
        file = render(music, tempo_of(music, options.bpm), bars, voices)
    else:
        file = render_song(music, voices, options.bars or UNTOLD_BARS)
    try:
        save_rendered(file, path)
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror}") from error


def do_import(options: argparse.Namespace) -> int:
    """drumassist import"""
    library = load_library(options.data)
    profile = find_profile(library, options.profile or FALLBACK_PROFILE)
    name = pattern_name(options.name, options.file.stem, set(library.patterns))
    imported = (_as_style if options.style else _as_chart)(options, name, profile)
    path = unused(options.output) if options.output else free_place(options.data / PATTERNS, name)
    try:
        save(path, imported.text)
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror}", NOT_TO_BE_HAD) from error
    pattern = imported.pattern
    bars = f"{pattern.bars} bars" if pattern.bars > 1 else "a bar"
    print(f"{path}: {name}, {bars} of {pattern.meter}, {pattern.micro_bpm / MICRO:g} BPM")
    for line in imported.lost:
        print(line)
    return 0


def _as_chart(options: argparse.Namespace, name: str, profile: Profile) -> Imported:
    return import_midi(midi_bytes(options.file), str(options.file), name, profile, options.bars)


def _as_style(options: argparse.Namespace, name: str, profile: Profile) -> Imported:
    """The last bars of a file as they were played, for Learn. Raises Failure."""
    if options.bars:
        raise Failure("a style has the last bars of a file: --bars is for a chart")
    heard = heard_in(midi_bytes(options.file), str(options.file), name, profile)
    style = style_pattern(heard.bars, heard.frame, heard.grid, name)
    left = len(heard.bars) - style.bars
    lost = [f"a style has room for the last {style.bars} bars: {left} before them are left out"] if left else []
    return Imported(style, chart_text(style, heard.grid.step_ticks), (*lost, *heard.lost))


def do_backup(options: argparse.Namespace) -> int:
    """drumassist backup"""
    try:
        paths, faults = back_up(options.data, options.file)
    except OSError as error:
        raise Failure(f"{options.file} can't be written: {error.strerror}", NOT_TO_BE_HAD) from error
    print(f"{options.file}: {_files(len(paths))}")
    for fault in faults:
        print(f"left out: {fault}", file=sys.stderr)
    return WRONG_INPUT if faults else 0


def do_restore(options: argparse.Namespace) -> int:
    """drumassist restore"""
    contents = read_backup(options.file)
    if faults := faults_of(contents, options.data):
        raise TextError([fault._replace(source=f"{options.file}: {fault.source}") for fault in faults])
    changes = changes_of(contents, options.data)
    kept = {} if options.dry_run else restore(contents, options.data)
    for change in changes:
        aside = f" (what was there is {kept[change.path]} now)" if change.path in kept else ""
        print(f"{change.how:8}  {change.path}{aside}")
    if options.dry_run:
        print("nothing was changed: this was a dry run")
    return 0


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
