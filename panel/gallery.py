"""Every state of the panel as a picture: for the docs, for golden frames, for looking at.

It must never show what the box would not: each picture comes of a session that was brought there by its own controls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from panel.belongings import Belongings
from panel.board import Board, Health
from panel.canvas import Canvas
from panel.controls import Gesture, Meant, Turn
from panel.engine.client import EngineClient, News
from panel.engine.state import stopped_state
from panel.engine.wire import Heard, PortView, View
from panel.gig import ALL_SONGS
from panel.kept import Kept
from panel.library import Loaded, load_library
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.song import Entry, SetList
from panel.music.tempo import MICRO
from panel.pads import Pad
from panel.profiles import Profile
from panel.screens.listing import ListScreen
from panel.screens.machine import Machine
from panel.screens.screen import Screen
from panel.screens.table import STATES
from panel.session import Session
from panel.sound.client import NOT_INSTALLED
from panel.stillsound import StillSound

PAD = "SamplePad Pro:SamplePad Pro MIDI 1"
_START_NS = 1_000_000_000_000
_BEAT_NS = 500_000_000
_VIRTUAL = PortView("virtual", "DrumAssist", True)
_BROKEN = "prog-rock-7-8.toml:7 the row has 13 cells, a bar of 7/8 has 14"


@cache
def _shipped() -> Loaded:
    return load_library(None)


def _fresh_library() -> Loaded:
    """What ships, for one scene to change."""
    shipped = _shipped()
    return Loaded(
        shipped.patterns.copy(),
        shipped.profiles.copy(),
        shipped.songs.copy(),
        shipped.sets.copy(),
        shipped.sources.copy(),
        shipped.faults,
    )


class StillClient(EngineClient):
    """An engine client without an engine: what is sent happens at once, and only on paper."""

    def __init__(self, pattern: Pattern, clock: Callable[[], int]) -> None:
        super().__init__(stopped_state(pattern, 120 * MICRO, clock()), clock)
        self.there = True
        self.ports: tuple[PortView, ...] = (PortView("module", PAD, True), _VIRTUAL)
        self.available: tuple[str, ...] = (PAD,)
        self.timing: dict[str, Any] = {"realtime": "fifo", "lateness_us": (24, 61, 140)}
        self.sent: list[tuple[str, dict[str, Any]]] = []

    @property
    def connected(self) -> bool:
        """Whether there would be an engine."""
        return self.there

    def send(self, name: str, stamp_ns: int = 0, /, **arguments: Any) -> None:
        """Change the state as the engine would."""
        self.sent.append((name, arguments))
        super().send(name, stamp_ns, **arguments)

    def tend(self) -> News | None:
        """Bring the View up to date."""
        self.view = View(self.state, self.ports, self.available, pid=1, **self.timing)
        return None


def _at_once(work: Callable[[], None]) -> Callable[[], None]:
    """No thread: a picture waits for nobody."""
    work()
    return lambda: None


class _StillBoard(Board):
    """A board that tells what its scene says."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def find(self) -> None:
        """Nothing is looked for."""

    def look(self, now_ns: int) -> Health:
        """How the scene's board is."""
        return self._scene.health


class Scene:
    """A panel on a clock that stands still, to be brought into a state by its controls."""

    def __init__(
        self, pattern: str | Pattern = "4/4 Basic", data: Path | None = None, **settings: bool | int | str
    ) -> None:
        self.now = _START_NS
        self.health = Health()
        library = _fresh_library()
        chosen = library.patterns[pattern] if isinstance(pattern, str) else pattern
        library.patterns[chosen.name] = chosen
        self.client = StillClient(chosen, lambda: self.now)
        kept = Kept(chosen.name, 120 * MICRO, remembered=PAD)
        self.sound = StillSound(lambda: self.now)
        self.session = Session(self.client, library, Belongings(kept=kept), data, lambda: self.now, sound=self.sound)
        self.session.changes.behind = _at_once
        self.session.version, self.session.address = lambda: "0.1.0", lambda: "192.168.1.20"
        self.session.board = _StillBoard(self)
        for name, value in settings.items():
            self.session.set(name.replace("__", "."), value)
        self.machine = Machine(self.session)
        self.session.tend()

    def pressed(self, *gestures: Gesture) -> Scene:
        """Gestures, one after another."""
        for gesture in gestures:
            self.machine.handle(Meant(gesture, self.now))
            self.later(0)
        return self

    def turned(self, steps: int) -> Scene:
        """The encoder."""
        self.machine.handle(Turn(steps, self.now))
        return self.later(0)

    def later(self, ns: int) -> Scene:
        """Time passes, and the session does what falls due."""
        self.now += ns
        self.session.flush()
        self.session.tend()
        return self

    def tapped(self, *gaps_ms: int) -> Scene:
        """TAP, and again after each gap."""
        self.pressed(Gesture.TAP)
        for gap_ms in gaps_ms:
            self.later(gap_ms * 1_000_000).pressed(Gesture.TAP)
        return self

    def down(self, *rows: int | str) -> Scene:
        """From Live into the menu, to a row and in; then to a row there and in, and so on."""
        self.pressed(Gesture.PRESS)
        for row in rows:
            self.turned(turns_to(row, self.machine.screen)).pressed(Gesture.PRESS)
        return self

    @property
    def picture(self) -> Image.Image:
        """The frame."""
        canvas = Canvas()
        self.machine.draw(canvas, self.now)
        return canvas.image


def turns_to(row: int | str, screen: Screen) -> int:
    """How far to turn on a list to the row of that label; a number is itself."""
    if isinstance(row, int):
        return row
    assert isinstance(screen, ListScreen)
    return [line.label for line in screen.lines].index(row) - screen.cursor


class Picture(NamedTuple):
    """A picture of a state of the table: its file's name, the state, and how the panel gets there."""

    name: str
    state: str
    scene: Callable[[], Scene]


def _naming(text: str, *turns: int) -> Scene:
    """The wheel on a song's name ("": a new song's); after each turn a press, but for the last."""
    scene = _song(1)
    if not text:
        return _to_name(scene.down("Set list", "Edit set"), "New song", *turns)
    scene.session.pencil.new_song(text, "Money beat", 118 * MICRO)
    return _to_name(scene.down("Set list", "Edit set", text), "Name", *turns)


def _playing(pattern: str | Pattern = "4/4 Basic", beats: int = 0, **settings: bool | int | str) -> Scene:
    return Scene(pattern, None, **settings).pressed(Gesture.START).later(beats * _BEAT_NS)


def _with(scene: Scene, ports: tuple[PortView, ...], there: bool = True, available: tuple[str, ...] = ()) -> Scene:
    scene.client.ports, scene.client.there, scene.client.available = ports, there, available
    return scene.later(0)


def _about(health: Health = Health(), **timing: Any) -> Scene:  # noqa: B008 - it can't change
    """About, on a board that is so, with an engine that says so of its timing."""
    scene = Scene()
    scene.health = health
    scene.client.timing |= timing
    return scene.later(0).down("About")


def _told(scene: Scene, text: str, after_ns: int = 0) -> Scene:
    scene.session.tell(text)
    return scene.later(after_ns)


def _filling(scene: Scene, bars: int) -> Scene:
    """More bars of fill than NEXT gives, as another client of the engine may ask for."""
    scene.client.send("fill", bars=bars)
    return scene.later(0)


_OWN = PortView("sound", "Own sound", True)


_PAD_AND_OWN = (PortView("module", PAD, True), _VIRTUAL, _OWN)


def _to(where: str, **settings: bool | int | str) -> Scene:
    """The click goes there."""
    return Scene("4/4 Basic", None, sound__click_to=where, **settings)


def _sounding(scene: Scene, ports: tuple[PortView, ...] = (_VIRTUAL, _OWN), **changes: Any) -> Scene:
    """The own sound is there, says so of itself, and gets the click where no module does."""
    scene.sound.begin(**changes)
    return _with(scene, ports)


def _sound(*rows: int | str, **changes: Any) -> Scene:
    """Down to a row of Sound and in, and on from there."""
    return _sounding(Scene(), **changes).down("Sound", *rows)


def _broken_sound(*rows: int | str, problem: str = "no sound card") -> Scene:
    return _sounding(Scene(), problem=problem, device="").later(20_000_000_000).down("Sound", *rows)


def _not_installed(*rows: int | str) -> Scene:
    """What makes the sound is missing, as the client found out."""
    scene = Scene()
    scene.sound.problem = NOT_INSTALLED
    return _with(scene, (_VIRTUAL,)).down("Sound", *rows)


def _adjusted(*rows: int | str) -> Scene:
    scene = _sounding(Scene())
    scene.session.sound.set_level("Acoustic", "snare", 60)
    scene.session.sound.set_level("Acoustic", "hat", 0)
    return scene.later(0).down("Sound", *rows)


_PATCH_FAULT = (
    "/var/lib/drumassist/patches/lead.py:12: NameError: name 'saww' is not defined, in what the patch makes of a note"
)
_KIT_FAULT = "/var/lib/drumassist/kits/Mine/kit.toml:7:9: there is no file 'snare hard.flac' beside it"


def _learned() -> Scene:
    scene = Scene().down("Voices", "rim").turned(3).pressed(Gesture.PRESS)
    return _hit(scene, 45)


def _hit(scene: Scene, note: int, control: bool = False) -> Scene:
    """A pad is hit, or a pedal pressed, and the screen that is up has seen it."""
    scene.client.heard.append(Heard(note, 10, 90, scene.now, control))
    scene.later(0).machine.draw(Canvas(), scene.now)
    return scene


def _given(data: Path | None = None) -> Scene:
    """A module whose pads have functions."""
    scene = Scene(data=data)
    for function, pad in (("tap", Pad(4, control=True)), ("start", Pad(49)), ("next", Pad(60))):
        scene.session.assign_pad(function, pad)
    return scene.later(0)


def _muted(**settings: bool | int | str) -> Scene:
    return _playing("4/4 Basic", 2, **settings).down("Mute").pressed(Gesture.BACK)


SET = "Ten to try"


def _song(number: int, **settings: bool | int | str) -> Scene:
    """A song of the set that ships, loaded."""
    scene = Scene("4/4 Basic", None, **settings)
    scene.session.open_set(SET, number)
    return scene.later(0)


def _in_song(number: int, seconds: float, **settings: bool | int | str) -> Scene:
    """So many seconds after bar 1 of it."""
    scene = _song(number, **settings).pressed(Gesture.START)
    return scene.later(scene.session.state.began_ns - scene.now + round(seconds * 1e9))


def _armed() -> Scene:
    scene = Scene()
    scene.session.toggle_practice()
    return scene.later(0)


def _practising(seconds: float, **settings: bool | int | str) -> Scene:
    scene = Scene("4/4 Basic", None, **settings)
    scene.session.toggle_practice()
    return scene.pressed(Gesture.START).later(round(seconds * 1e9))


def _changed(scene: Scene) -> Scene:
    """Something that is not on the disk yet."""
    scene.session.set("click.gate_ms", 70)
    return scene.later(0)


def _owned() -> Scene:
    """A module of the user's own, with long names."""
    scene = Scene()
    pads = {"Left upper rim shot": 37, "Right lower pad of two": 40}
    profile = Profile("Roland Handsonic HPD-20", 16, {"rim": 37}, ("Handsonic",), pads=pads)
    scene.session.library.profiles[profile.name] = profile
    scene.session.choose_profile(profile.name)
    return scene.later(0)


def _waiting() -> Scene:
    return _playing("4/4 Basic", 5).down("Patterns").turned(4).pressed(Gesture.PRESS)


def _levels(fader: int, **percents: int) -> Scene:
    """The faders, set so, and the hand at one of them."""
    return (
        Scene("4/4 Basic", None, **{f"levels__{key}": value for key, value in percents.items()})
        .down("Levels")
        .turned(fader)
    )


def _mixed(fader: int, density: int = 100) -> Scene:
    return _levels(fader, one=100, beat=80, eighth=60, sixteenth=32, triplet=4, density=density)


def _listed(number: int = 2, *rows: int | str, playing: bool = False, name: str = SET) -> Scene:
    """The set list with that song loaded, and on from there."""
    scene = Scene()
    scene.session.open_set(name, number)
    scene.later(0)
    if playing:
        scene.pressed(Gesture.START).later(3_000_000_000)
    return scene.down("Set list", *rows)


def _hundred(number: int) -> Scene:
    """A set of a hundred songs, one of whose files is gone, and some of whose names are long."""
    scene = Scene()
    songs = list(scene.session.library.songs)
    names = [songs[n % len(songs)] if n % 7 else "Supercalifragilisticexpi" for n in range(100)]
    scene.session.library.sets["Everything we ever played"[:24]] = SetList(
        "Everything we ever played"[:24], tuple(map(Entry, names))
    )
    scene.session.open_set("Everything we ever played"[:24], number)
    return scene.later(0).down("Set list")


def _one_section() -> Scene:
    """Behind the songs that ship, one as the box itself makes it."""
    scene = _song(1)
    scene.session.pencil.new_song("Quick One", "Money beat", 118 * MICRO)
    return scene.later(0)


def _to_name(scene: Scene, row: str, *turns: int) -> Scene:
    """A wheel behind a row; before each turn a press, but for the first."""
    scene.turned(turns_to(row, scene.machine.screen)).pressed(Gesture.PRESS)
    for turn in turns[:-1]:
        scene.turned(turn).pressed(Gesture.PRESS)
    return scene.turned(turns[-1] if turns else 0)


def _practice(bars: float = 0, **rows: bool | int) -> Scene:
    """The practice's screen after that many bars at 120 BPM (0: stopped), begun."""
    scene = Scene("4/4 Basic", None, **{f"practice__{key}": value for key, value in rows.items()})
    scene.down("Practice", "Begin")
    return scene.pressed(Gesture.START).later(round(bars * 4 * _BEAT_NS)) if bars else scene


def _beats(
    bars: float = 0, pattern: str | Pattern = "4/4 Basic", presses: int = 0, **settings: bool | int | str
) -> Scene:
    """The dials after so many bars of a beat (0: stopped), `presses` dials on."""
    scene = Scene(pattern, None, **{f"beats__{key}": value for key, value in settings.items()})
    scene.session.switch_beats(True)
    scene.later(0).down("Beats", "Dials").pressed(*[Gesture.PRESS] * presses)
    if not bars:
        return scene
    scene.pressed(Gesture.START)
    bar_ns = scene.session.state.tempo_map.time_of(scene.session.pattern.meter.bar_ticks) - scene.now
    for _ in range(int(bars)):
        scene.later(bar_ns)
    return scene.later(round((bars - int(bars)) * bar_ns))


def _held_beat(steps: int) -> Scene:
    """A beat gone back by so many bars."""
    scene = _beats(9.3, generator="drift")
    return scene.pressed(*[Gesture.PRESS] * 6).turned(steps).later(4 * _BEAT_NS)


def _traded(bars: float) -> Scene:
    """The dials while two bars are traded, which began so many bars ago, with a groove as the drummer's."""
    scene = _beats(0, generator="learn")
    scene.session.beats.dialled.set("learn", "trade", 2)
    scene.pressed(Gesture.START)
    for eighth in range(int(bars * 8)):
        notes = ((42,), (36, 42), (42,), (38, 42))[eighth % 4] if eighth < 16 else ()
        scene.client.heard += [Heard(note, 10, 60 + note, scene.now) for note in notes]
        scene.later(_BEAT_NS // 2)
    return scene


def _timed(number: int, seconds: float, before: float = 0) -> Scene:
    """The clocks in a song, some time after another was played."""
    scene = _song(1)
    if before:
        scene.pressed(Gesture.START).later(round(before * 1e9)).pressed(Gesture.START)
    scene.session.choose_song(number)
    return scene.later(0).pressed(Gesture.START).later(round(seconds * 1e9)).down("Time")


_NO_PAD = (PortView("module", PAD, False), _VIRTUAL)
_COOL, _WEAK = Health(52.1, False), Health(84.6, True, True)
_LATE = {"realtime": "short slice", "lateness_us": (130, 1900, 48213), "missed": 1204, "dropped": 17, "restarts": 2}
_LONG = "USB2.0-MIDI Interface Deluxe:USB2.0-MIDI Interface Deluxe MIDI "
_DIN = PortView("din", "/dev/serial/by-id/usb-DIN", True)
_MANY = (PortView("module", _LONG + "2", True), _DIN, _VIRTUAL)
_SIXTEEN = Pattern("Sixteen eighths in a row", Meter.of(16, 8), (Row("rim", "Xxgx" * 4),), (Row("rim", "X" * 16),))
_SIXTEENTHS = Pattern("Five dotted", Meter.of(15, 16, (3,) * 5), (Row("hat", "Xgx" * 5),), beat_ticks=3780)

PICTURES = (
    Picture("live-stopped", "live", Scene),
    Picture("live-playing", "live", lambda: _playing(beats=6)),
    Picture("live-seven", "live", lambda: _playing("Prog Rock 7/8", 9, click__clock=True)),
    Picture("live-fast", "live", lambda: _playing("Sixteenths").turned(180).later(3_350_000_000)),
    Picture("live-dotted", "live", lambda: _playing("12/8 Blues", 1)),
    Picture("live-count-in", "live", lambda: _playing(beats=1, click__count_in=2)),
    Picture("live-tapped", "live", lambda: Scene().tapped(498, 505, 500, 497)),
    Picture("live-tapped-once-more", "live", lambda: _playing(beats=2).tapped(400)),
    Picture("live-nudged", "live", lambda: _playing(beats=2).turned(12)),
    Picture("live-muted", "live", _muted),
    Picture("live-fill", "live", lambda: _playing("Prog Rock 7/8", 2).pressed(Gesture.NEXT, Gesture.NEXT)),
    Picture("live-waiting", "live", _waiting),
    Picture("live-locked", "live", lambda: Scene(panel__lock=True).turned(1)),
    Picture("live-slowest", "live", lambda: Scene().turned(-200)),
    Picture("live-bar-123", "live", lambda: _playing(beats=4 * 122 + 3)),
    Picture("live-bar-1234", "live", lambda: _playing(beats=4 * 1233)),
    Picture("live-bar-12345", "live", lambda: _playing(beats=4 * 12344)),
    Picture("live-sixteen", "live", lambda: _playing(_SIXTEEN, 8 * 124 + 6)),
    Picture("live-fills-nine", "live", lambda: _filling(_playing(_SIXTEEN, 5), 9)),
    Picture("live-fifteen", "live", lambda: _with(_playing(_SIXTEENTHS, 13), _NO_PAD)),
    Picture("live-count-in-8", "live", lambda: _playing("12/8 Blues", 3, click__count_in=8)),
    Picture("live-marks", "live", lambda: Scene("Sixteenth triplets", panel__lock=True, click__clock=True)),
    Picture("live-marks-muted", "live", lambda: _changed(_muted(panel__lock=True, click__clock=True))),
    Picture("live-no-pad", "live", lambda: _with(Scene(), _NO_PAD)),
    Picture("live-no-pad-muted", "live", lambda: _with(_muted(), _NO_PAD)),
    Picture("live-no-midi", "live", lambda: _with(Scene(), ())),
    Picture("live-no-engine", "live", lambda: _with(Scene("12/8 Blues"), _NO_PAD, there=False)),
    Picture("live-no-engine-muted", "live", lambda: _with(_muted(), _NO_PAD, there=False)),
    Picture("live-box", "live", lambda: _sounding(Scene())),
    Picture("live-box-and-pad", "live", lambda: _sounding(_to("both"), _PAD_AND_OWN)),
    Picture("live-box-not-pad", "live", lambda: _sounding(_to("box", panel__lock=True), _PAD_AND_OWN)),
    Picture("live-box-no-pad", "live", lambda: _sounding(Scene(), (*_NO_PAD, _OWN))),
    Picture("live-no-sound", "live", lambda: _with(_to("box"), (_VIRTUAL,))),
    Picture("live-not-installed", "live", lambda: _not_installed().pressed(Gesture.HOME)),
    Picture("live-virtual", "live", lambda: _with(Scene(), (_VIRTUAL,))),
    Picture("live-notice", "live", lambda: _told(Scene(), "settings.toml:7 broken")),
    Picture("live-notice-long", "live", lambda: _told(Scene(), _BROKEN)),
    Picture("live-notice-end", "live", lambda: _told(Scene(), _BROKEN, 7_000_000_000)),
    Picture("live-song", "live", lambda: _song(2)),
    Picture("live-song-next", "live", lambda: _song(2).later(6_100_000_000)),
    Picture("live-song-dark", "live", lambda: _song(5).later(300_000_000)),
    Picture("live-song-last", "live", lambda: _song(10)),
    Picture("live-song-counted", "live", lambda: _song(2).tapped(455, 455)),
    Picture("live-song-playing", "live", lambda: _in_song(1, 60)),
    Picture("live-song-seven", "live", lambda: _in_song(2, 12.5)),
    Picture("live-song-ramp", "live", lambda: _in_song(5, 25)),
    Picture("live-song-ends", "live", lambda: _in_song(9, 153)),
    Picture("live-song-goes-on", "live", lambda: _in_song(6, 85)),
    Picture("live-song-until-told", "live", lambda: _in_song(10, 90)),
    Picture("live-song-nudged", "live", lambda: _in_song(1, 20).turned(2)),
    Picture("live-song-filled", "live", lambda: _in_song(1, 20).turned(2).pressed(Gesture.NEXT)),
    Picture("live-song-nudged-far", "live", lambda: _in_song(3, 20).turned(-23)),
    Picture("live-gap", "live", lambda: _practising(5, practice__gap_on=2, practice__gap_off=2)),
    Picture("live-practice-armed", "live", _armed),
    Picture("menu", "menu", lambda: Scene().down()),
    Picture("menu-end", "menu", lambda: Scene().down().turned(30)),
    Picture("menu-sound", "menu", lambda: _sounding(Scene()).down().turned(6)),
    Picture("menu-fill", "menu", lambda: _playing("Prog Rock 7/8", 9).down("Fill", 0)),
    Picture("menu-told", "menu", lambda: Scene("Prog Rock 7/8").down("Fill")),
    Picture("menu-levels", "menu", lambda: _mixed(5, density=40).pressed(Gesture.BACK)),
    Picture("menu-song", "menu", lambda: _song(2).down()),
    Picture("menu-song-nudged", "menu", lambda: _in_song(1, 20).turned(2).down().turned(3)),
    Picture("menu-song-waits", "menu", lambda: _in_song(10, 90).down().turned(2)),
    Picture("menu-song-called", "menu", lambda: _in_song(1, 20).down("Next song")),
    Picture("menu-song-last", "menu", lambda: _song(10).down().turned(2)),
    Picture("set-list", "set list", lambda: _listed(2)),
    Picture("set-list-note", "set list", lambda: _listed(2).turned(2)),
    Picture("set-list-end", "set list", lambda: _listed(9).turned(30)),
    Picture("set-list-waits", "set list", lambda: _listed(4, 1, playing=True).down("Set list")),
    Picture("set-list-waits-there", "set list", lambda: _listed(4, 1, playing=True).down("Set list").turned(1)),
    Picture("set-list-all", "set list", lambda: _listed(2, name=ALL_SONGS)),
    Picture("set-list-hundred", "set list", lambda: _hundred(57)),
    Picture("set-list-no-file", "set list", lambda: _hundred(99).turned(-1).pressed(Gesture.PRESS)),
    Picture("sets", "sets", lambda: Scene().down("Set list")),
    Picture("sets-open", "sets", lambda: _listed(2, "Other sets")),
    Picture("new-set", "new set", lambda: _to_name(Scene().down("Set list"), "New set")),
    Picture("new-set-done", "new set", lambda: _to_name(Scene().down("Set list"), "New set", 5, 1)),
    Picture("set-edit", "set edit", lambda: _listed(2, "Edit set")),
    Picture("set-edit-end", "set edit", lambda: _listed(2, "Edit set").turned(30)),
    Picture("set-edit-all", "set edit", lambda: _listed(2, "Edit set", name=ALL_SONGS).turned(30)),
    Picture("set-name", "set name", lambda: _to_name(_listed(2, "Edit set"), "Set's name", 1)),
    Picture("song-add", "song add", lambda: _listed(2, "Edit set", "Add song")),
    Picture("new-song", "new song", lambda: _to_name(_listed(2, "Edit set"), "New song", 4, 1)),
    Picture("set-song", "set song", lambda: _listed(2, "Edit set", 0)),
    Picture("set-song-end", "set song", lambda: _listed(6, "Edit set", 0).turned(30)),
    Picture("set-song-one-pattern", "set song", lambda: _one_section().down("Set list", "Edit set", 10)),
    Picture("song-move", "song move", lambda: _listed(3, "Edit set", 0, "Move").turned(2)),
    Picture("song-tempo", "song tempo", lambda: _listed(3, "Edit set", 0, "Tempo").turned(5)),
    Picture("song-sections", "song sections", lambda: _listed(5, "Edit set", 0, "Patterns")),
    Picture("song-pattern", "song pattern", lambda: _listed(5, "Edit set", 0, "Patterns", 1)),
    Picture("song-name", "song name", lambda: _to_name(_listed(7, "Edit set", 0), "Name", 1)),
    Picture("name-empty", "new song", lambda: _naming("")),
    Picture("name-first", "new song", lambda: _naming("", 4)),
    Picture("name", "song name", lambda: _naming("Blue Mond", -14)),
    Picture("name-long", "song name", lambda: _naming("Blue Monday 202", 17)),
    Picture("name-longer", "song name", lambda: _naming("Long Train Runnin' (live", 1)),
    Picture("name-one-word", "song name", lambda: _naming("Supercalifragilisticexpi", -1)),
    Picture("name-full", "song name", lambda: _naming("Supercalifragilisticexpi", 2, 0)),
    Picture("name-capitals", "song name", lambda: _naming("Abba", -1, 0, 0, -14, -13, -13, -14)),
    Picture("name-signs", "song name", lambda: _naming("Rock", 30)),
    Picture("name-done", "song name", lambda: _naming("MMMMMMMMM", 1)),
    Picture("song-remove", "song remove", lambda: _listed(3, "Edit set", 0, "Remove")),
    Picture("song-remove-long", "song remove", lambda: _listed(4, "Edit set", 0, "Remove").turned(1)),
    Picture("beats", "beats", lambda: Scene().down("Beats")),
    Picture("beats-on", "beats", lambda: _beats(3.4).pressed(Gesture.BACK).turned(1)),
    Picture("beat-dials", "beat dials", lambda: _beats(3.4, presses=1)),
    Picture("beat-dials-stopped", "beat dials", lambda: _beats()),
    Picture("beat-dials-turned", "beat dials", lambda: _beats(3.4, presses=1).turned(3)),
    Picture("beat-dials-seven", "beat dials", lambda: _beats(5.7, "Prog Rock 7/8", 3)),
    Picture("beat-dials-drift", "beat dials", lambda: _beats(5.2, "12/8 Blues", generator="drift", seed=5)),
    Picture("beat-dials-map", "beat dials", lambda: _beats(4.6, presses=2, generator="map")),
    Picture("beat-dials-long", "beat dials", lambda: _beats(1.8, _SIXTEEN, generator="drift")),
    Picture("beat-dials-you", "beat dials", lambda: _traded(1.7)),
    Picture("beat-dials-me", "beat dials", lambda: _traded(2.6)),
    Picture("beat-dials-held", "beat dials", lambda: _held_beat(-3)),
    Picture("beats-learn", "beats", lambda: _traded(2.6).pressed(Gesture.BACK).turned(4)),
    Picture("beat-value-root", "beat value", lambda: Scene().down("Beats", "Root")),
    Picture("beat-value", "beat value", lambda: Scene().down("Beats", "Seed").turned(41)),
    Picture("live-your-turn", "live", lambda: _traded(1.7).pressed(Gesture.HOME)),
    Picture("live-its-turn", "live", lambda: _traded(2.6).pressed(Gesture.HOME)),
    Picture("live-beats", "live", lambda: _beats(3.4).pressed(Gesture.HOME)),
    Picture("practice", "practice", lambda: Scene().down("Practice")),
    Picture("practice-waits", "practice", lambda: _practice(mutes=30)),
    Picture("practice-silent", "practice", lambda: _practice(2.4, gap_on=2, gap_off=1)),
    Picture("practice-value", "practice value", lambda: Scene().down("Practice", "Bars on").turned(2)),
    Picture("time", "time", lambda: _timed(2, 47.3, 200)),
    Picture("time-stopped", "time", lambda: Scene().down("Time")),
    Picture("time-free", "time", lambda: _playing(beats=4 * 33).down("Time")),
    Picture("time-long", "time", lambda: _timed(10, 3723, 5400)),
    Picture("patterns", "patterns", lambda: Scene().down("Patterns")),
    Picture("patterns-turned", "patterns", lambda: Scene().down("Patterns").turned(30)),
    Picture("levels", "levels", lambda: _levels(0)),
    Picture("levels-mixed", "levels", lambda: _mixed(2)),
    Picture("levels-sparse", "levels", lambda: _mixed(5, density=40)),
    Picture("levels-sparsest", "levels", lambda: _levels(4, density=0)),
    Picture("levels-silent", "levels", lambda: _levels(1, one=0, beat=0, eighth=0, sixteenth=0, triplet=0)),
    Picture("levels-told", "levels", lambda: _told(_mixed(3), _BROKEN)),
    Picture("level", "level", lambda: _mixed(3).pressed(Gesture.PRESS)),
    Picture("level-shut", "level", lambda: _mixed(1).pressed(Gesture.PRESS).turned(-30)),
    Picture("level-density", "level", lambda: _mixed(5).pressed(Gesture.PRESS).turned(-9)),
    Picture("level-sparsest", "level", lambda: _mixed(5).pressed(Gesture.PRESS).turned(-30)),
    Picture("sound", "sound", _sound),
    Picture("sound-none", "sound", _broken_sound),
    Picture("mixer", "mixer", lambda: _sound("Mixer")),
    Picture("mixer-click-to", "mixer", lambda: _sound("Mixer").turned(4)),
    Picture("mixer-none", "mixer", lambda: _broken_sound("Mixer")),
    Picture("mixer-not-installed", "mixer", lambda: _not_installed("Mixer").later(20_000_000_000)),
    Picture("mixer-held", "mixer held", lambda: _sound("Mixer", 1).turned(-9)),
    Picture("mixer-held-click-to", "mixer held", lambda: _sound("Mixer", 4).turned(3)),
    Picture("mixer-held-pads", "mixer held", lambda: _sound("Mixer", 5).turned(1)),
    Picture("kit", "kit", lambda: _sound("Kit")),
    Picture("kit-click", "kit", lambda: _sound("Click kit").turned(2)),
    Picture("kit-turned", "kit", lambda: _adjusted("Kit").turned(2)),
    Picture("kit-none", "kit", lambda: _broken_sound("Kit")),
    Picture("kits", "kit choice", lambda: _sound("Kit", 0)),
    Picture("kits-fault", "kit choice", lambda: _sound("Kit", 0, faults=(_KIT_FAULT,)).later(10_000_000_000)),
    Picture("kit-sound", "kit sound", lambda: _sound("Kit", "openhat")),
    Picture("sound-level", "sound level", lambda: _sound("Kit", "snare", "Level").turned(-5)),
    Picture("sound-choke", "sound choke", lambda: _sound("Kit", "crash", "Choke").turned(2)),
    Picture("sound-choke-kit", "sound choke", lambda: _sound("Kit", "openhat", "Choke")),
    Picture("synth", "synth", lambda: _sound("Synth")),
    Picture("synth-turned", "synth", lambda: _sound("Synth").turned(3)),
    Picture("synth-no-params", "synth", lambda: _sound("Synth", 0).turned(2).pressed(Gesture.PRESS)),
    Picture("synth-fault", "synth", lambda: _sound("Synth", fault=_PATCH_FAULT).later(33_000_000_000)),
    Picture("synth-none", "synth", lambda: _broken_sound("Synth")),
    Picture("patches", "patch", lambda: _sound("Synth", 0).turned(1)),
    Picture("patches-fault", "patch", lambda: _sound("Synth", 0, fault=_PATCH_FAULT).later(36_000_000_000)),
    Picture("param", "param", lambda: _sound("Synth", "cutoff").turned(9)),
    Picture(
        "param-square",
        "param",
        lambda: _sound("Synth", 0).turned(1).pressed(Gesture.PRESS).turned(1).pressed(Gesture.PRESS),
    ),
    Picture("sound-card", "sound card", lambda: _sound("Sound card")),
    Picture("sound-card-none", "sound card", lambda: _not_installed("Sound card").later(20_000_000_000)),
    Picture("voices", "voices", lambda: Scene().down("Voices")),
    Picture("voices-end", "voices", lambda: Scene().down("Voices").turned(30)),
    Picture("voices-long", "voices", lambda: _owned().down("Voices")),
    Picture("module", "module", lambda: Scene().down("Voices", "Module")),
    Picture("module-long", "module", lambda: _owned().down("Voices", "Module").turned(5)),
    Picture("voice", "voice", lambda: Scene().down("Voices", "rim")),
    Picture("voice-long", "voice", lambda: _owned().down("Voices", 18)),
    Picture("voice-sound", "voice sound", lambda: Scene().down("Voices", "rim", "Sound")),
    Picture("voice-sound-long", "voice sound", lambda: _owned().down("Voices", "rim", "Sound").turned(1)),
    Picture("voice-sound-note", "voice sound", lambda: Scene().down("Voices", "rim", "Sound").turned(200)),
    Picture("voice-silent", "voice level", lambda: Scene().down("Voices", "rim", "Level").turned(-50)),
    Picture("voice-level", "voice level", lambda: Scene().down("Voices", "rim", "Level").turned(-5)),
    Picture("voice-learn", "voice learn", lambda: Scene().down("Voices", "rim", "Learn")),
    Picture("voice-learn-alone", "voice learn", lambda: _with(Scene().down("Voices", "rim", "Learn"), _NO_PAD)),
    Picture("voice-learn-taken", "voice learn", lambda: _hit(_given().down("Voices", "rim", "Learn"), 49)),
    Picture("voice-learned", "voice", _learned),
    Picture("ports", "ports", lambda: Scene().down("Ports")),
    Picture("ports-chosen", "ports", lambda: Scene().down("Ports", 1, 0)),
    Picture("ports-away", "ports", lambda: _with(Scene().down("Ports"), _NO_PAD)),
    Picture("ports-long", "ports", lambda: _with(Scene().down("Ports"), _MANY, True, (_LONG + "1", _LONG + "2"))),
    Picture("ports-own-sound", "ports", lambda: _sounding(Scene()).down("Ports").turned(2)),
    Picture("settings", "settings", lambda: Scene().down("Settings")),
    Picture("setting", "setting", lambda: Scene().down("Settings", "Trim")),
    Picture("setting-restart", "setting", lambda: Scene().down("Settings", "OLED address")),
    Picture("setting-words", "setting", lambda: Scene().down("Settings", "Tempo lock")),
    Picture("setting-count-voice", "setting", lambda: Scene().down("Settings", "Count voice").turned(4)),
    Picture("setting-fill-every", "setting", lambda: Scene().down("Settings", "Fill every").turned(4)),
    Picture(
        "pad-learn-din",
        "pad learn",
        lambda: _with(Scene().down("Settings", "Pads and pedals", "START"), (_DIN, _VIRTUAL)),
    ),
    Picture("setting-button", "setting", lambda: Scene(buttons__next="mute").down("Settings", "NEXT is")),
    Picture("settings-end", "settings", lambda: Scene().down("Settings").turned(30)),
    Picture("pads", "pads", lambda: Scene().down("Settings", "Pads and pedals")),
    Picture("pads-given", "pads", lambda: _given().down("Settings", "Pads and pedals")),
    Picture("pads-learned", "pads", lambda: _hit(_given().down("Settings", "Pads and pedals", "MUTE"), 49)),
    Picture("pads-none", "pads", lambda: _given().down("Settings", "Pads and pedals", "START").pressed(Gesture.PRESS)),
    Picture("pad-learn", "pad learn", lambda: Scene().down("Settings", "Pads and pedals", "START")),
    Picture("pad-learn-given", "pad learn", lambda: _given().down("Settings", "Pads and pedals", "START")),
    Picture("pad-learn-pedal", "pad learn", lambda: _given().down("Settings", "Pads and pedals", "TAP")),
    Picture(
        "pad-learn-alone", "pad learn", lambda: _with(Scene().down("Settings", "Pads and pedals", "START"), _NO_PAD)
    ),
    Picture("about", "about", lambda: _about(_COOL)),
    Picture("about-end", "about", lambda: _about(_COOL).turned(30)),
    Picture("about-sound", "about", lambda: _sounding(_about(_COOL)).turned(9)),
    Picture(
        "about-sound-faults",
        "about",
        lambda: _sounding(_about(_COOL), dropouts=3, late=1, load=812, faults=(_KIT_FAULT,)).later(10_000_000_000),
    ),
    Picture("about-no-sensors", "about", lambda: _about().turned(30)),
    Picture("about-not-played-yet", "about", lambda: _about(lateness_us=(0, 0, 0))),
    Picture("about-no-fifo", "about", lambda: _about(_COOL, realtime="short slice")),
    Picture("about-no-slice", "about", lambda: _about(_COOL, realtime="none")),
    Picture("about-faults", "about", lambda: _about(_WEAK, **_LATE)),
    Picture("about-faults-end", "about", lambda: _about(_WEAK, **_LATE).turned(4)),
    Picture("about-power-was-weak", "about", lambda: _about(_COOL._replace(was_weak=True))),
    Picture("about-no-engine", "about", lambda: _with(_about(_COOL), _NO_PAD, there=False)),
    Picture("live-weak-power", "live", lambda: _about(_WEAK).pressed(Gesture.HOME)),
)
assert {picture.state for picture in PICTURES} == set(STATES)


def save_gallery(folder: Path) -> int:
    """Write a PNG of every picture; how many there are. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        picture.scene().picture.save(folder / f"{picture.name}.png")
    return len(PICTURES)


def sheet(pictures: list[Image.Image], columns: int, scale: int = 4, gap: int = 12) -> Image.Image:
    """Pictures side by side, enlarged, lit pixels on a dark ground."""
    width, height = pictures[0].width * scale + gap, pictures[0].height * scale + gap
    rows = -(-len(pictures) // columns)
    found = Image.new("L", (columns * width + gap, rows * height + gap), 60)
    for index, picture in enumerate(pictures):
        large = picture.convert("L").resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
        found.paste(large, (gap + index % columns * width, gap + index // columns * height))
    return found
