"""A gig on the box itself: ten songs from their text files, by NEXT and START alone, and a count-off by TAP.

On virtual time. It must never start a process in a timed part: while the guest reads the host's files, its clock leaps.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.engine.place import find_socket
from panel.engine.wire import encode
from panel.library import Loaded, load_library
from panel.music.song import Song
from panel.music.tempo import MICRO, TempoMap
from tests.concert import Bar, bars_of, is_odd, notes_of, shows
from tests.kernel.client import wait_for
from tests.kernel.guest.rig import LATE_US, NEXT, TAP, Rig, switched_on_box, told
from tests.kernel.sends import Send
from tests.kernel.stick import POINT, Stick

TOLD_IN = 2  # the bar of a section that is to be told in which NEXT is pressed
SONGS = {
    "Seven": '[all]\npattern = "Prog Rock 7/8"\nbars = 3\nfill_last = true\n',
    "Five": '[all]\npattern = "Jazz 5/4"\nbars = 2\n',
    "Eleven": '[all]\npattern = "11/8 2+2+3+2+2"\nbars = 2\n',
    "Ramp": '[up]\npattern = "Eighths"\nbars = 4\nramp_to = 260\n[there]\npattern = "4/4 Basic"\nbars = 1\n',
    "Meters": (
        'form = "verse two verse"\n[verse]\npattern = "Money beat"\nbars = 2\n'
        '[two]\nname = "The two"\npattern = "Money beat"\nmeter = "2/4"\nbars = 1\n'
    ),
    "Against": (
        'form = "four knock four"\n[four]\npattern = "4/4 Basic"\nbars = 1\n'
        '[knock]\npattern = "3 over 4"\nbars = 2\n[knock.sounds]\ncowbell = "block"\n'
    ),
    "Loud": '[all]\npattern = "Sixteenths"\nbars = 2\n[all.levels]\nsixteenth = 0\neighth = 50\n',
    "Waltz": 'count_in = 1\ncount_voice = "silent"\n[all]\npattern = "3/4 Waltz"\nbars = 3\n',
    "Door": '[verse]\npattern = "4/4 Basic"\nbars = 1\n[end]\npattern = "Four on the floor"\nbars = "until told"\n',
    "Taps": 'start = "taps"\n[all]\npattern = "4/4 Basic"\nbars = 3\n',
}
NAMES = list(SONGS)
BPM = 200
SET = 'format = 1\nname = "Short night"\nsongs = """\n' + "\n".join(NAMES) + '\n"""\n'
PADS = '["SamplePad Pro"]\n"note 49" = "start"\n"note 51" = "mute"\n'
KEPT = 'set = "Short night"\nsong = "Seven"\nnumber = 1\n'


def files() -> dict[str, str]:
    """The gig as it lies in the user's folder."""
    head = f"format = 1\ntempo = {BPM}\ncount_in = 0\n"
    songs = {
        f"songs/{name.lower()}.toml": f'{head if "count_in" not in text else head[:-13]}name = "{name}"\n{text}'
        for name, text in SONGS.items()
    }
    return songs | {"sets/short-night.toml": SET, "session.toml": KEPT, "pads.toml": PADS}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A box that has its set open, and has played."""
    with switched_on_box(tmp_path_factory.mktemp("gig"), files()) as rig:
        rig.stop()
        yield rig


@pytest.fixture(scope="module")
def library(rig: Rig) -> Loaded:
    """What the box has read."""
    return load_library(rig.box.data)


def test_a_set_from_start_to_end(rig: Rig, library: Loaded) -> None:
    assert library.faults == ()
    songs = [library.songs[name] for name in NAMES]
    assert sum(is_odd(song.parts[0].pattern) for song in songs) == 3
    voices, late = library.profiles["SamplePad Pro"].voices, list[float]()
    for number, song in enumerate(songs, 1):
        if number > 1:
            rig.lines.tap(NEXT)
            time.sleep(0.3)
        tempo_map = rig.play().tempo_map
        bars = list(bars_of(song, TOLD_IN))
        for bar in bars:
            follow(rig, number, song, bar, tempo_map)
        wait_for(lambda: not rig.state.playing, 5)
        wanted = [note for bar in bars for note in notes_of(bar, voices)]
        late += lateness(song.name, rig.sends.read(), wanted, tempo_map)
    told(f"a set of {len(songs)} songs", late)
    rig.lines.tap(NEXT)  # behind the last there is none
    time.sleep(0.3)
    assert rig.state.first_part.song == NAMES[-1]


def follow(rig: Rig, number: int, song: Song, bar: Bar, tempo_map: TempoMap) -> None:
    """Into the first beat of a bar: is it on the glass? And NEXT where that is to be told."""
    look_ns = tempo_map.time_of(bar.tick + bar.part.pattern.count_ticks * 7 // 10)
    time.sleep(max(0, look_ns - time.monotonic_ns()) / 1e9)
    assert shows(rig.picture, number, song, bar), f"{song.name}, {bar.part.name} {bar.number}\n{rig.glass.text()}"
    if bar.part.bars == 0 and bar.in_part + 1 == TOLD_IN:
        rig.lines.tap(NEXT)


def lateness(name: str, sends: list[Send], wanted: list[tuple[int, int, int]], tempo_map: TempoMap) -> list[float]:
    """How late each note was handed over, in us; every note that the text says, and no other, within a millisecond."""
    found, left = list[float](), list(sends)
    for tick, note, velocity in wanted:
        due_us = tempo_map.time_of(tick) / 1000
        send = next((s for s in left if s[3:] == (note, velocity) and 0 <= s.us - due_us < LATE_US), None)
        assert send, f"{name}: note {note} at tick {tick} did not come in time"
        left.remove(send)
        found.append(send.us - due_us)
    assert left == [], name
    return found


@pytest.mark.parametrize(("share", "bpm"), [(1.02, BPM), (0.85, 0.85 * BPM)])
def test_four_taps_start_a_song_where_the_fifth_would_have_been(rig: Rig, share: float, bpm: float) -> None:
    rig.sends.read()
    beat_ms = 60_000 / (BPM * share)
    taps = rig.lines.tap_steadily(TAP, 4, beat_ms)
    first = rig.hear(1)[0]
    assert abs(first.us - taps[-1] / 1000 - beat_ms * 1000) < 20_000
    assert rig.state.tempo_map.timelines[0].tempo / MICRO == pytest.approx(bpm, rel=0.01)
    wait_for(lambda: not rig.state.playing, 10)


def test_pads_of_the_module_are_start_and_mute_and_one_press_is_enough(rig: Rig) -> None:
    rig.stop()
    for press, playing, muted in ((49, True, False), (51, True, True), (51, True, False), (49, False, False)):
        rig.pad.hit(press)
        wait_for(lambda: (rig.state.playing, rig.state.muted) == (playing, muted), 5)  # noqa: B023 - at once
        time.sleep(0.3)  # a pad that bounces counts once
        assert (rig.state.playing, rig.state.muted) == (playing, muted)


def test_the_engine_may_stop_to_listen_in_the_moment_in_which_a_pad_is_hit(rig: Rig) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(find_socket())
        connection.settimeout(5)
        heard = connection.makefile("rb")
        for number in range(60):
            connection.sendall(encode("listen", on=True))
            time.sleep(0.02)
            rig.pad.hit(45)
            assert heard.readline().startswith(b'{"heard"')
            connection.sendall(encode("listen", on=False))
            rig.pad.hit(47)
            assert rig.view, f"the engine hangs, the {number + 1}. time"
    assert not rig.state.playing


MINE = 'format = 1\nname = "Mine"\nmeter = "4/4"\n[groove]\nrim = "Xxxxxxxx"\n'
NEW = 'format = 1\nname = "From the stick"\ntempo = 99\n[all]\npattern = "Mine"\nbars = 4\n'
BROKEN = 'format = 1\nname = "Broken"\n[all]\npattern = "No such pattern"\nbars = 4\n'
RUNS = "#!/bin/sh\necho run >/run/rig/was-run\n"


def test_a_stick_is_copied_in_and_nothing_on_it_is_run(rig: Rig, tmp_path: Path) -> None:
    rig.stop()
    files = {"patterns/mine.toml": MINE, "songs/new.toml": NEW, "songs/broken.toml": BROKEN, "autorun.sh": RUNS}
    with Stick(tmp_path, files) as stick:
        stick.plug()
        stick.mount()
        wait_for((rig.box.data / "songs" / "new.toml").exists, 60)
        assert (rig.box.data / "songs" / "new.toml").read_text() == NEW
        assert (rig.box.data / "patterns" / "mine.toml").read_text() == MINE
        wait_for(lambda: "taken.txt" in os.listdir(rig.box.data), 30)
        assert not (rig.box.data / "songs" / "broken.toml").exists()
        assert not Path("/run/rig/was-run").exists()
        assert POINT.is_mount()


def test_a_stick_that_is_pulled_meanwhile_leaves_whole_files_and_the_click_goes_on(rig: Rig, tmp_path: Path) -> None:
    files = {f"patterns/many-{n}.toml": MINE.replace("Mine", f"Many {n}") for n in range(60)}
    with Stick(tmp_path, files) as stick:
        run = rig.play().run
        stick.plug()
        stick.mount()
        wait_for(lambda: list((rig.box.data / "patterns").glob("many-*.toml")), 60)
        stick.pull()
        time.sleep(3)
        came = sorted((rig.box.data / "patterns").glob("many-*.toml"))
        assert all(path.read_text() == files[f"patterns/{path.name}"] for path in came)
        assert not list((rig.box.data / "patterns").glob("*.tmp*"))
        assert rig.state.run == run
        assert load_library(rig.box.data).faults == ()
        print(f"\n{len(came)} of {len(files)} had come when it was pulled", end="")
    rig.stop()
