"""A random walk over all controls, and the table of states that it walks on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.controls import Button, Gesture, Turn
from panel.engine.client import EngineClient
from panel.engine.wire import Heard, PortView
from panel.gallery import PAD, PICTURES, SET, Picture, turns_to
from panel.gig import ALL_SONGS
from panel.library import load_library
from panel.music.generators.catalogue import GENERATORS
from panel.pads import FUNCTIONS, Pad
from panel.screens import diagram
from panel.screens.machine import make_screens
from panel.screens.table import ANY, HOME, STATES, WAYS, next_state
from panel.settings import Value
from tests.conftest import FRAMES
from tests.panel.stage import MS, TABLE, Stage

VIRTUAL = PortView("virtual", "DrumAssist", True)
PORTS = (
    (),
    (VIRTUAL,),
    (PortView("module", PAD, True), VIRTUAL),
    (PortView("module", PAD, False), VIRTUAL),
    (PortView("module", "Nord Drum 3P:Nord Drum 3P MIDI 1", True), PortView("din", "/dev/ttyAMA0", False), VIRTUAL),
)
Act = Callable[[Stage], object]
SHIPPED = load_library(None)


def _ports(index: int) -> Act:
    def act(stage: Stage) -> None:
        stage.client.ports = PORTS[index]
        stage.client.available = tuple(port.name for port in PORTS[index] if port.kind == "module" and port.connected)

    return act


def _engine(there: bool) -> Act:
    return lambda stage: setattr(stage.client, "there", there)


def _heard(note: int, control: bool) -> Act:
    return lambda stage: stage.client.heard.append(Heard(note, 10, 90, stage.now, control))


def _given(function: str, note: int) -> Act:
    return lambda stage: stage.session.assign_pad(function, Pad(note))


def _turned_while_held(name: str, steps: int) -> Act:
    return lambda stage: stage.hand(
        Button(name, True, stage.now), Turn(steps, stage.now + MS), Button(name, False, stage.now + 2 * MS)
    ).run(40 * MS)


def _opened(name: str, number: int) -> Act:
    return lambda stage: stage.session.open_set(name, number)


def _brought(songs: int) -> Act:
    """A stick has brought a library with fewer songs, or with all of them again."""

    def act(stage: Stage) -> None:
        some = dict(list(SHIPPED.songs.items())[:songs])
        stage.session.library_changed(stage.session.library._replace(songs=some))

    return act


def _ends(stage: Stage) -> None:
    """The engine stops by itself, as at the end of a song."""
    EngineClient.send(stage.client, "stop")


def _down(rows: list[int | str]) -> Act:
    """From Live to a row and in, and so on, as far as there are such rows."""

    def act(stage: Stage) -> None:
        stage.button("encoder", 1650).press()
        for row in rows:
            labels = [line.label for line in getattr(stage.machine.screen, "lines", [])]
            if isinstance(row, int) or row in labels:
                stage.turn(turns_to(row, stage.machine.screen)).press()

    return act


def _chosen(name: str) -> Act:
    """A pattern, while a library may have lost it."""
    return lambda stage: stage.session.choose(stage.session.library.pattern(name))


def _dialled(knob: int, steps: int) -> Act:
    """A dial of the beat, whichever there is."""

    def act(stage: Stage) -> None:
        knobs = stage.session.beats.knobs
        knobs[knob % len(knobs)].turn(steps)

    return act


def _set(id: str, value: Value) -> Act:
    return lambda stage: stage.session.set(id, value)


def _switched(on: bool) -> Act:
    return lambda stage: stage.session.switch_beats(on)


def _struck(notes: list[int]) -> Act:
    """The drummer plays, a 16th at 120 BPM apart."""

    def act(stage: Stage) -> None:
        for note in notes:
            stage.client.heard.append(Heard(note, 10, 1 + note, stage.now))
            stage.run(125 * MS)

    return act


def _slipped(units: int) -> Act:
    return lambda stage: stage.session.slip(units)


def _lost(patterns: int) -> Act:
    """A library that was loaded anew has so many patterns, and none of those that were kept."""

    def act(stage: Stage) -> None:
        some = dict(list(SHIPPED.patterns.items())[:patterns])
        stage.session.library_changed(stage.session.library._replace(patterns=some))

    return act


def _sound(there: bool, **changes: str) -> Act:
    """The own sound comes, says something of itself, or dies."""
    return lambda stage: stage.scene.sound.begin(**changes) if there else stage.scene.sound.end()


ACTS = st.one_of(
    st.builds(lambda steps: lambda stage: stage.turn(steps), st.integers(-30, 30)),
    st.builds(lambda ms: lambda stage: stage.button("encoder", ms), st.sampled_from([20, 20, 20, 599, 600, 1700])),
    st.builds(
        lambda name: lambda stage: stage.button(name), st.sampled_from(["tap", "start", "next", "foot 1", "foot 2"])
    ),
    st.builds(lambda ms: lambda stage: stage.run(ms * MS), st.integers(1, 3000)),
    st.builds(_turned_while_held, st.sampled_from(["encoder", "tap", "foot 1"]), st.integers(-3, 3)),
    st.builds(_ports, st.integers(0, len(PORTS) - 1)),
    st.builds(_engine, st.booleans()),
    st.builds(_heard, st.integers(0, 5) | st.integers(0, 127), st.booleans()),
    st.builds(_opened, st.sampled_from([SET, SET, ALL_SONGS, ""]), st.integers(1, 11)),
    st.just(_ends),
    st.builds(lambda gesture: lambda stage: stage.mean(gesture), st.sampled_from([Gesture.MUTE, Gesture.FILL])),
    st.builds(lambda steps: lambda stage: stage.button("encoder", 1650).down("Set list", steps), st.integers(-3, 14)),
    st.builds(lambda row: _down(["Sound", row]), st.integers(0, 4)),
    st.builds(_sound, st.booleans()),
    st.builds(
        lambda fault: _sound(True, fault=fault), st.sampled_from(["", "lead.py:3: a fault", "lead.py:3: " + "w" * 90])
    ),
    st.just(_sound(True, problem="no sound card", device="")),
    st.builds(_given, st.sampled_from(FUNCTIONS), st.integers(0, 5)),
)


BEATS = st.one_of(
    st.builds(_switched, st.sampled_from([True, True, True, False])),
    st.builds(_set, st.just("beats.generator"), st.sampled_from(list(GENERATORS))),
    st.builds(_set, st.just("beats.click"), st.booleans()),
    st.builds(_set, st.just("beats.melody"), st.sampled_from(["none", "kick", "hat"])),
    st.builds(_set, st.just("beats.seed"), st.integers(1, 9)),
    st.builds(_set, st.just("click.count_in"), st.integers(0, 4)),
    st.builds(_set, st.just("click.fill_every"), st.sampled_from([0, 2, 4])),
    st.builds(_dialled, st.integers(0, 8), st.integers(-100, 100)),
    st.builds(_dialled, st.integers(0, 8), st.integers(-3, 3)),
    st.builds(_struck, st.lists(st.integers(30, 60), max_size=20)),
    st.builds(_chosen, st.sampled_from(list(SHIPPED.patterns))),
    st.builds(_slipped, st.integers(-9, 9)),
    st.builds(_lost, st.sampled_from([1, 30, 90])),
    st.builds(lambda row: _down(["Beats", row]), st.sampled_from(["Dials", "Dials", "Hold", "Keep", "Store style"])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(BEATS | BEATS | ACTS, max_size=25))
def test_whatever_is_done_to_a_beat_the_bar_that_is_seen_sounds_and_start_toggles(acts: list[Act]) -> None:
    with Stage() as stage:
        session, beats = stage.session, stage.session.beats
        session.switch_beats(True)
        for act in acts:
            act(stage)
            stage.run(40 * MS)  # a turn of the loop
            assert not session.client.refusals
            for notice in [session.notice(stage.now)]:
                assert notice is None or not notice.text.startswith(("Screen", "Controls")), notice
            if not beats.is_to_come and not beats.turn:
                assert beats.shown == session.section(stage.now).pattern
            if beats.sounds and session.playing:
                last, bar = session.state.sections[-1], session.place(stage.now).bar
                assert last.bar <= max(0, bar, session.state.fill_last) + 1, "the bar to come is there in time"
                assert last.pattern.meter == beats.composer.base.meter
        playing = session.playing
        stage.run(250 * MS).button("start")
        assert session.playing is not playing


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS | st.builds(_brought, st.sampled_from([0, 3, 10])), max_size=25))
def test_a_walk_never_raises_always_gets_home_and_start_always_toggles(acts: list[Act]) -> None:
    with Stage() as stage:
        for act in acts:
            act(stage)
        stage.run(250 * MS)  # what was pressed while the last frame was due is shown
        playing = stage.session.playing
        stage.button("start")
        assert stage.session.playing is not playing
        stage.button("encoder", 1650)
        assert stage.state == HOME
        stage.button("start")
        assert stage.session.playing is playing


_ROWS = (
    "Set list", "Practice", "Next song", "Store tempo", "Edit set", "Other sets", "Ten to try", "All songs", "New set",
    "Add song", "New song", "Move", "Tempo", "Patterns", "Name", "Goes on", "Remove", "Yes", "Begin", "End",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.lists(ACTS | st.builds(_down, st.lists(st.sampled_from(_ROWS) | st.integers(-5, 5), max_size=6)), max_size=20)
)
def test_whatever_is_edited_what_plays_is_what_the_gig_says_and_the_files_can_be_read(acts: list[Act]) -> None:
    with TemporaryDirectory() as folder, Stage(data=Path(folder)) as stage:
        session = stage.session
        session.open_set("Ten to try")
        for act in acts:
            act(stage)
        if session.playing:
            stage.button("start")
        stage.run(250 * MS)
        song, parts = session.gig.song, session.state.parts
        assert (song.name if song else "", song.parts if song else ()) == (parts[0].song if parts else "", parts)
        session.save()
        loaded = load_library(Path(folder))
        assert loaded.faults == ()
        assert (loaded.songs, loaded.sets) == (session.library.songs, session.library.sets)


def test_every_state_of_the_table_is_reached_with_the_hands() -> None:
    with Stage() as stage:
        stage.scene.sound.begin()
        sounds = (("Voices", "rim", what) for what in ("Sound", "Level", "Learn"))
        lists: tuple[tuple[int | str, ...], ...] = (
            ("Set list", "Ten to try"),
            ("Set list", "Edit set", "Add song"),
            ("Set list", "Edit set", "New song"),
            ("Set list", "Edit set", "Set's name"),
            *(("Set list", "Edit set", 0, what) for what in ("Move", "Tempo", "Name", "Remove")),
            ("Set list", "Edit set", 0, "Patterns", 1),
            ("Set list", "Other sets", "New set"),
            ("Beats", "Dials"),
            ("Beats", "Seed"),
            ("Practice", "Bars on"),
            ("Time",),
            ("Patterns",),
            ("Voices", "Module"),
            *sounds,
            ("Levels", 2),
            ("Sound", "Mixer", 1),
            ("Sound", "Kit", 0),
            ("Sound", "Click kit", "block", "Level"),
            ("Sound", "Click kit", "block", "Choke"),
            ("Sound", "Synth", "Patch"),
            ("Sound", "Synth", "cutoff"),
            ("Sound", "Sound card"),
            ("Ports",),
            ("Settings", "Trim"),
            ("Settings", "Pads and pedals", "START"),
            ("About",),
        )
        for rows in lists:
            stage.down(*rows).button("encoder", 1650)
        assert stage.machine.been == set(STATES)


def test_every_way_of_the_table_begins_and_ends_in_a_screen() -> None:
    with Stage() as stage:
        screens = make_screens(stage.session)
    assert set(screens) == set(STATES) == {way.to for way in WAYS}
    assert len(TABLE) == len(WAYS), "two ways for the same thing"
    assert all(next_state(state, "home") == HOME for state in STATES)
    assert all((state, "back") in TABLE for state in STATES if state != HOME)


def test_no_way_of_the_table_is_without_a_screen_that_takes_it() -> None:
    """Every outcome in the table but back and home is given by a row or a press of its screen."""
    given: set[tuple[str, str]] = set()
    for picture in PICTURES:
        screen = picture.scene().machine.screen
        rows = getattr(screen, "lines", None)
        outcomes = [line.outcome for line in rows] if rows else [screen.press()]
        given |= {(picture.state, outcome) for outcome in outcomes if outcome}
    assert given == {(way.state, way.on) for way in WAYS if way.state != ANY and way.on != "back"}


def _by_state() -> dict[str, Picture]:
    return {picture.state: picture for picture in reversed(PICTURES)}


@pytest.mark.parametrize("picture", _by_state().values(), ids=lambda picture: picture.state)
def test_tap_start_and_next_mean_the_same_on_every_screen(picture: Picture) -> None:
    scene = picture.scene()
    following = scene.session.gig.following  # a set is open: NEXT is its next song
    if scene.session.playing:
        scene.pressed(Gesture.START)
    scene.client.sent.clear()
    scene.tapped(*[400] * (2 if scene.session.counts_off else 1))
    scene.pressed(Gesture.NEXT, Gesture.START)
    names = list(scene.session.library.patterns)
    after = names[(names.index("4/4 Basic") + 1) % len(names)]
    if following and following.song:
        after = following.song.parts[0].pattern.name
    else:
        sent = [name for name, _ in scene.client.sent if name not in ("voices", "ports", "vary")]
        assert sent == ["tempo", "pattern", "start"]
        assert scene.client.sent[0][1] == {"micro_bpm": 150_000_000}
    assert (scene.session.chosen_name, scene.session.playing) == (after, True)
    assert scene.machine.state == picture.state
    scene.pressed(Gesture.START)
    assert not scene.session.playing


def test_the_diagram_in_the_docs_is_the_table() -> None:
    text = (FRAMES.parent.parent / "docs" / "states.md").read_text()
    assert text == diagram.page(), "run python -m panel.screens.diagram > docs/states.md"
    assert all(f'"{state}"' in text for state in STATES)
    assert all(f"| {way.state} | {way.on} | {way.to} |" in text for way in WAYS if way.state != ANY)
