"""A beat beside the click, on a fake clock: bars in time, dials that sound at the next bar line, hold, back, keep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from panel.controls import Gesture
from panel.engine.transport import vary
from panel.engine.wire import Heard
from panel.gallery import Scene
from panel.learned import Turn
from panel.library import load_library
from panel.music.generators.beat import VOICES
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.learn import TRADES
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.scales import SCALES
from panel.screens.listing import ListScreen

BAR_NS = 2_000_000_000  # of 4/4 at 120 BPM
EIGHTH_NS = BAR_NS // 8


def begun(pattern: str = "4/4 Basic", **settings: bool | int | str) -> Scene:
    """A panel that plays with a beat."""
    scene = Scene(pattern, None, **{f"beats__{key}": value for key, value in settings.items()})
    scene.session.switch_beats(True)
    return scene.later(0).pressed(Gesture.START)


def on(scene: Scene, bars: float) -> Scene:
    """The panel goes on, eighth by eighth."""
    for _ in range(round(bars * 8)):
        scene.later(EIGHTH_NS)
    return scene


def sounding(scene: Scene) -> Pattern:
    return scene.session.section(scene.now).pattern


def knob(scene: Scene, name: str, steps: int) -> None:
    next(knob for knob in scene.session.beats.knobs if knob.name == name).turn(steps)
    scene.later(0)


def row(pattern: Pattern, role: str) -> str:
    return next((row.cells for row in pattern.groove if row.role == role), "")


def test_the_click_stays_and_the_beat_is_beside_it() -> None:
    pattern = sounding(on(begun(), 1.5))
    assert (pattern.name, pattern.meter.bar_ticks) == ("Euclid", 4 * 5040)
    assert [each.role for each in pattern.groove] == ["rim", "kick", "snare", "hat"]
    assert row(pattern, "rim").replace(".", "") == "Xxxx"


def test_without_the_click_there_is_only_the_beat() -> None:
    assert [each.role for each in sounding(on(begun(click=False), 1.5)).groove] == ["kick", "snare", "hat"]


def test_what_is_turned_sounds_at_the_next_bar_line_and_no_sooner() -> None:
    scene = on(begun(), 1.5)
    knob(scene, "hits", 1)
    before, coming = sounding(scene), scene.session.state.sections[-1].pattern
    assert (row(before, "kick").count("."), row(coming, "kick").count(".")) == (12, 11)
    assert scene.session.beats.shown == coming
    assert sounding(on(scene, 0.375)) == before
    assert sounding(on(scene, 0.25)) == coming
    assert not scene.session.beats.turned


@pytest.mark.parametrize("generator", GENERATORS)
def test_bars_follow_one_another_as_the_seed_has_them(generator: str) -> None:
    heard = []
    for _ in range(2):
        scene = on(begun(generator=generator, seed=7), 0.5)
        heard.append([sounding(on(scene, 1)) for _ in range(12)])
    assert heard[0] == heard[1]


def test_a_pattern_in_another_meter_takes_the_beat_along() -> None:
    scene = on(begun(), 1.5)
    scene.session.choose(scene.session.library.patterns["7/8 2+2+3"])
    on(scene, 1)
    assert (str(sounding(scene).meter), sounding(scene).name) == ("7/8", "Euclid")
    assert scene.session.chosen_name == "7/8 2+2+3"


def test_a_click_of_two_bars_goes_on_through_both() -> None:
    scene = on(begun("Son clave 3-2"), 0.5)
    bars = [row(sounding(on(scene, 1)), "clave") for _ in range(4)]
    assert bars[0] != bars[1]
    assert bars[:2] == bars[2:]


def test_a_library_that_has_lost_the_pattern_ends_nothing() -> None:
    scene = on(begun("7/8 2+2+3"), 1.5)
    patterns = {"4/4 Basic": scene.session.library.patterns["4/4 Basic"]}
    scene.session.library_changed(scene.session.library._replace(patterns=patterns))
    assert str(sounding(on(scene, 3)).meter) == "7/8"
    scene.session.switch_beats(False)
    assert sounding(on(scene, 3)).name == "7/8 2+2+3"


def test_a_pattern_that_is_chosen_waits_for_the_end_of_a_fill_of_two_bars() -> None:
    scene = on(begun(), 1.5).pressed(Gesture.NEXT, Gesture.NEXT)
    scene.session.choose(scene.session.library.patterns["7/8 2+2+3"])
    knob(scene, "hits", 1)
    assert [str(sounding(on(scene, 1)).meter) for _ in range(4)] == ["4/4", "4/4", "7/8", "7/8"]
    assert row(sounding(scene), "kick") == row(scene.session.beats.shown, "kick") != ""


def test_what_is_turned_too_late_for_a_bar_line_is_heard_at_the_next() -> None:
    scene = on(turning(), 3.875).later(EIGHTH_NS - 10_000_000)
    before = scene.client.state
    heard = scene.session.beats.composer.course.heard
    knob(scene, "rotation", 1)
    turned = scene.session.state.sections[-1].pattern
    scene.client.state = vary(before, scene.now, scene.now + 30_000_000, turned)  # so far ahead the engine has played
    last = sounding(scene)
    assert sounding(scene.later(20_000_000)) in (last, before.sections[-1].pattern)
    assert scene.session.beats.composer.course.heard == heard
    assert scene.session.beats.shown == turned
    assert sounding(on(scene, 1)) == turned


def test_switched_off_the_pattern_plays_alone() -> None:
    scene = on(begun(), 1.5)
    scene.session.switch_beats(False)
    assert sounding(on(scene, 1)).name == "4/4 Basic"
    assert sounding(on(scene, 3)).name == "4/4 Basic"


def test_a_song_plays_what_is_written() -> None:
    scene = on(begun(), 1.5).pressed(Gesture.START)
    scene.session.open_set("Ten to try")
    scene.later(0).pressed(Gesture.START)
    on(scene, 3)
    assert sounding(scene).name != "Euclid"
    assert not scene.session.beats.sounds
    scene.pressed(Gesture.START)
    scene.session.choose(scene.session.library.patterns["4/4 Basic"])
    assert sounding(on(scene.pressed(Gesture.START), 1.5)).name == "Euclid"


def test_without_the_panel_the_last_bar_goes_round() -> None:
    scene = on(begun(), 2.5)
    last = scene.session.state.sections[-1].pattern
    scene.now += 100 * BAR_NS
    assert sounding(scene) == last


def turning() -> Scene:
    """A beat that is another in every bar: a ring of 13 steps."""
    scene = begun()
    knob(scene, "steps", 12)
    return scene


def test_held_a_bar_goes_on_and_on_and_let_go_the_next_ones_follow() -> None:
    free, scene = turning(), turning()
    heard = [row(sounding(on(free, 1)), "kick") for _ in range(12)]
    assert len(set(heard)) > 4
    on(scene, 3.5)
    knob(scene, "hold", 1)
    held = [row(sounding(on(scene, 1)), "kick") for _ in range(5)]
    assert held == [row(sounding(on(turning(), 3.5)), "kick")] * 5
    knob(scene, "hold", -1)
    assert row(sounding(on(scene, 1)), "kick") == row(sounding(on(turning(), 4.5)), "kick")


@pytest.mark.parametrize(("back", "bars"), [(1, 1), (5, 5), (63, 63), (100, 63)])
def test_back_is_any_of_the_last_64_bars(back: int, bars: int) -> None:
    scene = on(turning(), 0.5)
    heard = [sounding(scene), *(sounding(on(scene, 1)) for _ in range(70))]
    knob(scene, "back", -back)
    assert [sounding(on(scene, 1)) for _ in range(3)] == [heard[-1 - bars]] * 3


def test_going_on_from_a_bar_in_the_past_is_what_followed_it() -> None:
    scene = on(turning(), 0.5)
    heard = [sounding(scene), *(sounding(on(scene, 1)) for _ in range(8))]
    knob(scene, "back", -4)
    on(scene, 1)
    scene.session.beats.hold(False)
    assert [sounding(on(scene, 1)) for _ in range(4)] == heard[-4:]


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("back", [0, 3])
def test_a_bar_that_is_held_goes_into_another_meter_as_far_as_it_goes(generator: str, back: int) -> None:
    scene = on(begun(generator=generator, click=False), 4.5)
    knob(scene, "back", -back) if back else knob(scene, "hold", 1)
    held = row(sounding(on(scene, 1)), "hat")
    for name, steps in (("7/8 2+2+3", 14), ("5/4 2+3", 20), ("12/8 Blues", 0), ("4/4 Basic", 16)):
        scene.session.choose(scene.session.library.patterns[name])
        bar = sounding(on(scene, 2))
        assert bar.meter == scene.session.library.patterns[name].meter
        assert scene.session.beats.is_held
        hat = row(bar, "hat")
        if generator == "euclid" and steps:
            assert hat == (held + held)[:steps]
    assert row(sounding(on(scene, 1)), "hat") == held


@pytest.mark.parametrize("back", [0, 2])
@pytest.mark.parametrize("melody", ["none", "kick"])
def test_a_held_bar_goes_on_in_another_meter_as_far_as_it_fits(back: int, melody: str) -> None:
    scene = on(begun(melody=melody), 3.5)
    four = sounding(scene)
    scene.session.beats.hold(True, back)
    scene.session.choose(scene.session.library.patterns["7/8 2+2+3"])
    seven = sounding(on(scene, 1))
    assert str(seven.meter) == "7/8"
    assert row(seven, "kick") == row(four, "kick")[:14]
    scene.session.choose(scene.session.library.patterns["4/4 Basic"])
    assert sounding(on(scene, 1)).groove == four.groove  # what did not fit was not lost


def test_kept_it_is_a_pattern_like_any_other() -> None:
    with TemporaryDirectory() as folder:
        scene = Scene("7/8 2+2+3", Path(folder))
        scene.session.switch_beats(True)
        on(scene.later(0).pressed(Gesture.START), 1.5)
        heard = sounding(scene)
        scene.down("Beats", "Keep").pressed(Gesture.HOME).down("Beats", "Keep")
        scene.session.save()
        loaded = load_library(Path(folder))
        assert loaded.faults == ()
        assert {"Euclid 1", "Euclid 2"} <= set(loaded.patterns)
        kept = loaded.patterns["Euclid 1"]
        assert kept == scene.session.library.patterns["Euclid 1"]
        assert kept.strokes() == heard.strokes()


def test_while_it_counts_in_the_first_bar_is_seen_and_kept() -> None:
    scene = on(begun(), 1.5).pressed(Gesture.START)
    scene.session.set("click.count_in", 2)
    first = scene.session.state.sections[-1].pattern
    on(scene.pressed(Gesture.START), 1.5)
    assert scene.session.beats.shown == first
    assert scene.session.beats.store() == "Kept: Euclid 1"
    assert scene.session.library.patterns["Euclid 1"].strokes() == first.strokes()
    assert sounding(on(scene, 1)) == scene.session.beats.shown == first


def test_a_bar_without_a_stroke_is_not_kept() -> None:
    scene = on(begun(generator="learn", click=False), 1.5)
    assert scene.session.beats.store() == "Nothing to keep yet"
    assert "Learn 1" not in scene.session.library.patterns


def test_the_fill_of_a_bar_without_a_stroke_is_in_the_clicks_triplets() -> None:
    scene = on(begun("12/8 Blues", generator="learn", click=False), 1.5)
    step = scene.session.beats.composer.grid.step_ticks
    fill = sounding(scene).strokes(fill=True)
    assert fill
    assert not sounding(scene).groove
    assert {stroke.tick % step for stroke in fill} == {0}
    triplets = on(begun("Eighth triplets", generator="learn", click=False), 1.5)
    assert {stroke.tick % 1680 for stroke in sounding(triplets).strokes(fill=True)} == {0}


def test_another_start_begins_with_the_bar_that_was_to_come() -> None:
    scene = on(turning(), 3.5)
    coming = scene.session.state.sections[-1].pattern
    scene.pressed(Gesture.START).later(BAR_NS).pressed(Gesture.START)
    assert sounding(on(scene, 0.5)) == coming
    assert sounding(on(scene, 1)) != coming


def test_a_count_in_of_many_bars_takes_none_of_the_beat() -> None:
    free, counted = turning().pressed(Gesture.START), turning().pressed(Gesture.START)
    counted.session.set("click.count_in", 3)
    free.later(0).pressed(Gesture.START)
    sent = len(counted.later(0).pressed(Gesture.START).client.sent)
    on(counted, 2.75)
    assert [name for name, _ in counted.client.sent[sent:]] == []
    on(counted, 0.25)
    assert [sounding(on(counted, 1)) for _ in range(4)] == [sounding(on(free, 1)) for _ in range(4)]


@pytest.mark.parametrize("bars", [0.25, 1.25])
def test_another_start_begins_with_the_first_bar_of_the_click(bars: float) -> None:
    scene = on(begun("Son clave 3-2"), 0.5)
    first = row(sounding(scene), "clave")
    on(scene, bars).pressed(Gesture.START).later(BAR_NS).pressed(Gesture.START)
    heard = [row(sounding(on(scene, part)), "clave") == first for part in (0.5, 1, 1, 1)]
    assert heard == [True, False, True, False]


def test_a_slip_of_the_bar_line_does_not_end_it() -> None:
    scene = on(turning(), 3.5)
    for steps in (-3, 5, -8):
        scene.session.slip(steps)
        before = sounding(scene)
        assert {sounding(on(scene, 1)) for _ in range(4)} - {before}


@pytest.mark.parametrize("bars", [1, 2, 8])
def test_while_it_counts_in_the_first_bar_waits(bars: int) -> None:
    scene = Scene("4/4 Basic", None, click__count_in=bars)
    scene.session.switch_beats(True)
    knob(scene, "steps", 12)
    coming = scene.session.state.sections[-1].pattern
    scene.pressed(Gesture.START)
    before = len(scene.client.sent)
    on(scene, bars - 0.125)
    assert scene.client.sent[before:] == []
    assert sounding(on(scene, 0.625)) == coming
    assert scene.session.beats.composer.course.heard == 1


def test_a_bar_that_a_slip_takes_back_before_it_was_heard_is_not_one_of_the_past() -> None:
    scene = on(turning(), 3)
    begun, coming = sounding(scene), scene.session.state.sections[-1].pattern
    heard = scene.session.beats.composer.course.heard
    scene.session.slip(1)  # the bar line that was now is an eighth away again
    scene.later(0)
    assert scene.session.place(scene.now).bar == 3
    assert scene.session.state.sections[-1].pattern == coming
    assert scene.session.beats.composer.course.heard == heard
    assert sounding(on(scene, 0.5)) == coming != begun


KICK, SNARE = 36, 38


def hit(scene: Scene, note: int, velocity: int = 100) -> None:
    """The drummer strikes a pad now."""
    scene.client.heard.append(Heard(note, 10, velocity, scene.now))
    scene.later(0)


def trading(bars: int) -> Scene:
    """A drummer and the box trade so many bars."""
    scene = begun(generator="learn")
    knob(scene, "trade", TRADES.index(bars))
    return scene


def strokes(pattern: Pattern, *roles: str) -> list[tuple[int, str, int]]:
    return [(stroke.tick, stroke.role, stroke.loudness) for stroke in pattern.strokes() if stroke.role in roles]


def test_it_listens_only_while_it_learns_of_what_is_played() -> None:
    scene = begun()
    assert not scene.session.ear.wanted("General MIDI")
    scene.session.set("beats.generator", "learn")
    scene.later(0)
    assert ("listen", {"on": True}) in scene.client.sent
    scene.session.switch_beats(False)
    scene.later(0)
    assert scene.client.sent[-1] == ("listen", {"on": False}) or ("listen", {"on": False}) in scene.client.sent


def test_a_bar_that_was_played_is_answered_in_the_next() -> None:
    scene = trading(1)
    hit(scene, KICK, 110)
    on(scene, 0.25)
    hit(scene, SNARE, 90)
    assert scene.session.beats.turn == Turn(True, 1, 1)
    assert strokes(scene.session.beats.shown, "kick", "snare") == [(0, "kick", 110), (5040, "snare", 90)]
    assert strokes(sounding(scene), "kick", "snare") == []
    on(scene, 0.75)
    hit(scene, KICK, 20)  # the box's turn: this is no question
    assert scene.session.beats.turn == Turn(False, 1, 1)
    assert strokes(sounding(on(scene, 0.5)), "kick", "snare") == [(0, "kick", 110), (5040, "snare", 90)]
    assert strokes(sounding(on(scene, 0.5)), "kick", "snare") == []
    assert strokes(sounding(on(scene, 1)), "kick", "snare") == []  # nothing was played


def test_the_drummer_who_stops_and_starts_begins_again() -> None:
    scene = trading(1)
    hit(scene, KICK, 110)
    on(scene, 0.5).pressed(Gesture.START)
    on(scene, 1).pressed(Gesture.START)
    assert scene.session.beats.turn == Turn(True, 1, 1)
    assert strokes(sounding(on(scene, 0.5)), "kick") == []
    hit(scene, SNARE, 90)
    assert strokes(sounding(on(scene, 1)), "kick", "snare") == [(10080, "snare", 90)]


def test_the_last_stroke_before_the_bar_line_is_answered_too() -> None:
    scene = on(trading(1), 0.875)
    scene.later(EIGHTH_NS * 3 // 4)
    scene.now -= EIGHTH_NS // 4
    hit(scene, SNARE, 77)
    on(scene, 0.5)
    assert [(tick, velocity) for tick, _, velocity in strokes(sounding(scene), "snare")] == [(15 * 1260, 77)]


def test_stopped_in_its_turn_the_next_start_is_the_drummers() -> None:
    scene = trading(2)
    hit(scene, KICK)
    on(scene, 2.5).pressed(Gesture.START).later(BAR_NS).pressed(Gesture.START)
    assert scene.session.beats.turn == Turn(True, 1, 2)
    assert strokes(sounding(on(scene, 0.5)), "kick") == []


def test_what_was_played_is_seen_in_the_meter_that_was_chosen_meanwhile() -> None:
    scene = on(trading(1), 2.125)
    hit(scene, KICK)
    on(scene, 0.75)
    hit(scene, SNARE)  # on a step that 7/8 has no more
    scene.session.choose(scene.session.library.patterns["7/8 2+2+3"])
    assert strokes(scene.session.beats.shown, "kick", "snare") == [(2520, "kick", 100)]


def test_no_bar_is_made_for_every_stroke() -> None:
    scene = trading(1)
    on(scene, 2)
    before = len(scene.client.sent)
    for number in range(16):
        hit(scene, KICK, 100 + number)
        scene.later(BAR_NS // 16)
    sent = [name for name, _ in scene.client.sent[before:]]
    assert sent.count("vary") <= 6
    assert strokes(sounding(on(scene, 0.5)), "kick") == [(step * 1260, "kick", 100 + step) for step in range(16)]


def test_four_bars_are_answered_by_four_in_the_same_manner() -> None:
    scene = trading(4)
    for bar in range(4):
        hit(scene, KICK, 100 + bar)
        on(scene, 1)
    answers = [strokes(sounding(on(scene, 0.5)), "kick") for _ in range(1)]
    answers += [strokes(sounding(on(scene, 1)), "kick") for _ in range(3)]
    assert all(len(answer) == 1 and answer[0][0] == 0 and 100 <= answer[0][2] < 104 for answer in answers)
    assert strokes(sounding(on(scene, 1)), "kick") == []


def test_what_was_played_goes_on_and_can_be_stored_as_a_style() -> None:
    with TemporaryDirectory() as folder:
        scene = Scene("4/4 Basic", Path(folder), beats__generator="learn")
        scene.session.switch_beats(True)
        scene.later(0).pressed(Gesture.START)
        for _ in range(2):
            hit(scene, KICK, 101)
            on(scene, 1)
        assert strokes(sounding(on(scene, 2.5)), "kick") == [(0, "kick", 101)]
        scene.down("Beats", "Store style")
        scene.session.save()
        style = load_library(Path(folder)).patterns["Style 1"]
        assert (style.bars, style.family, strokes(style, "kick")) == (
            2,
            "style",
            [(0, "kick", 101), (20160, "kick", 101)],
        )
        knob(scene, "style", 1)
        assert scene.session.beats.composer.style == "Style 1"
        assert not scene.session.beats.listens


def test_a_pad_that_no_role_has_is_told() -> None:
    scene = trading(1)
    hit(scene, 3)
    told = scene.session.notice(scene.now)
    assert told is not None
    assert told.text == "Note 3 is no role's: Voices"


def test_a_melody_is_played_by_the_voice_that_was_chosen() -> None:
    scene = on(begun(melody="hat", scale="blues", root=60, octaves=1), 1.5)
    hats = next(each for each in sounding(scene).groove if each.role == "hat")
    assert len(hats.notes) == hats.strokes > 0
    assert {note % 12 for note in hats.notes} <= set(SCALES["blues"])
    assert not any(each.notes for each in sounding(scene).groove if each.role != "hat")


def test_a_fill_is_there_for_whoever_asks() -> None:
    scene = on(begun("7/8 2+2+3"), 1.5)
    assert sounding(scene).fill
    scene.pressed(Gesture.NEXT)
    assert scene.session.fills_left(scene.now) == 1


def test_the_row_under_the_hand_stays_the_generator_whichever_it_is_turned_to() -> None:
    scene = begun()
    scene.down("Beats", "Generator").turned(len(GENERATORS)).pressed(Gesture.PRESS)
    screen = scene.machine.screen
    assert isinstance(screen, ListScreen)
    assert screen.lines[screen.cursor][:2] == ("Generator", "Learn")


def test_end_says_when_that_is() -> None:
    scene = begun().down("Beats")
    told = []
    for _ in ("playing", "stopped"):
        assert isinstance(scene.machine.screen, ListScreen)
        told.append(scene.machine.screen.lines[0][:2])
        scene.pressed(Gesture.START)
    assert told == [("End", "next bar"), ("End", "waits for START")]


def test_in_a_song_no_head_runs_over_the_dials_for_what_is_seen_does_not_sound() -> None:
    scene = begun().pressed(Gesture.START)
    scene.session.open_set("Ten to try")
    scene.later(0).pressed(Gesture.START).down("Beats", "Dials")
    seen = {scene.later(EIGHTH_NS // 2).picture.tobytes() for _ in range(8)}
    assert (scene.session.playing, len(seen)) == (True, 1)


@pytest.mark.parametrize(("row", "said"), [("Keep", "Nothing to keep yet"), ("Hold", "Nothing to hold yet")])
def test_where_nothing_was_played_there_is_nothing_to_keep_or_hold(row: str, said: str) -> None:
    scene = Scene("4/4 Basic", None, beats__generator="learn", beats__click=False)
    scene.session.switch_beats(True)
    told = scene.later(0).down("Beats", row).session.notice(scene.now)
    assert told is not None
    assert told.text == said


def test_the_longest_and_fullest_bars_reach_the_engine_too() -> None:
    longest = Pattern("Longest", Meter.of(32, 2), (Row("rim", "x" * 32),))
    scene = Scene(longest, None, beats__generator="map", beats__melody="hat")
    for voice in VOICES:
        knob(scene, "voice", 1 if voice != VOICES[0] else 0)
        knob(scene, "density", 50)
    scene.session.switch_beats(True)
    on(scene.later(0).pressed(Gesture.START), 0.5)
    assert scene.session.notice(scene.now) is None
    assert sounding(scene).groove == scene.session.beats.shown.groove
    assert {each.role for each in sounding(scene).groove} == {"rim", *VOICES}


@pytest.mark.parametrize("playing", [True, False])
def test_switched_off_the_grid_shows_what_the_dials_would_make(playing: bool) -> None:
    scene = on(begun(), 1.5)
    scene.session.switch_beats(False)
    if not playing:
        scene.pressed(Gesture.START)
    on(scene, 1)
    knob(scene, "hits", 3)
    on(scene, 1)
    assert row(scene.session.beats.shown, "kick").count(".") == 16 - 7


LATER = ("panel.composer", "panel.learned", "panel.music.generators.euclid", "panel.music.generators.melody")


def test_a_start_without_a_beat_does_not_pay_for_what_makes_it() -> None:
    used = (
        "import panel.box, sys; from panel.gallery import Scene; from panel.controls import Gesture;"
        "Scene().pressed(Gesture.START).later(10**9).pressed(Gesture.PRESS, Gesture.START);"
        f"print([name for name in {LATER} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", used], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
