"""The loop: frames at most every 33 ms, no input lost, a display that fails and heals, dim and dark, lamps, the end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from panel.app import BEAT_LIT_NS, DIMMED, FAULTS, FRAME_NS
from panel.controls import Button, Gesture, Meant, Turn
from panel.gallery import Scene
from tests.conftest import difference_of
from tests.panel.stage import MS, SECOND, Stage

MINUTE = 60 * SECOND


def test_a_still_panel_draws_one_frame_and_wakes_seldom() -> None:
    with Stage() as stage:
        before = stage.steps
        stage.run(10 * SECOND)
        assert len(stage.glass.frames) == 1
        assert stage.steps - before <= 60


def test_a_playing_panel_wakes_for_beats_and_lamps_only() -> None:
    with Stage() as stage:
        stage.button("start")
        before = stage.steps
        stage.run(10 * SECOND)
        assert stage.steps - before <= 110  # 20 beats, their lamps on and off, and five looks a second at the engine


def test_frames_are_at_least_33_ms_apart_and_no_detent_is_lost() -> None:
    with Stage() as stage:
        shown = len(stage.glass.frames)
        stage.hand(*(Turn(1, stage.now + i * MS) for i in range(100))).run(SECOND)
        times = [at for at, _ in stage.glass.frames[shown:]]
        assert all(b - a >= FRAME_NS for a, b in pairwise(times))
        assert len(times) <= 5
        assert stage.session.micro_bpm == 220_000_000
        assert difference_of(stage.picture, Scene().turned(100).picture) is None


def test_the_last_detent_of_a_quick_turn_is_seen_with_the_next_frame() -> None:
    with Stage() as stage:
        stage.press().run(SECOND)
        at = stage.now
        stage.hand(Turn(1, at), Turn(1, at + 5 * MS)).run(SECOND)
        assert stage.glass.frames[-1][0] <= at + FRAME_NS + MS


def test_a_slow_bus_drops_frames_not_input() -> None:
    """Half a second a frame while a pattern plays and the hand turns: what is shown next is what is so by then."""
    with Stage("Sixteenths") as stage:
        stage.glass.takes_ns = SECOND // 2
        stage.button("start")
        shown, at = len(stage.glass.frames), stage.now
        stage.hand(*(Turn(1, at + i * 20 * MS) for i in range(50))).run(5 * SECOND)
        assert stage.session.micro_bpm == 170_000_000
        assert len(stage.glass.frames) - shown <= 10, "none was queued"
        late = [sent["micro_bpm"] for sent in stage.sent("tempo")]
        assert late[-1] == 170_000_000
        stage.glass.takes_ns = 0
        stage.button("start").run(SECOND)
        assert difference_of(stage.picture, Scene("Sixteenths").turned(50).picture) is None


def test_a_hundred_detents_in_a_frame_are_one_command() -> None:
    with Stage() as stage:
        stage.hand(Turn(1, stage.now)).run(MS)
        assert [sent["micro_bpm"] for sent in stage.sent("tempo")] == [121_000_000]
        stage.hand(*(Turn(1, stage.now + i * MS // 4) for i in range(100))).run(100 * MS)
        assert [sent["micro_bpm"] for sent in stage.sent("tempo")] == [121_000_000, 221_000_000]


def test_a_turn_just_before_start_counts_from_the_first_beat() -> None:
    with Stage() as stage:
        at = stage.now
        stage.hand(Turn(1, at), Turn(1, at + MS), Button("start", True, at + 2 * MS)).run(SECOND)
        names = [name for name, _ in stage.client.sent if name in ("tempo", "start")]
        assert names == ["tempo", "tempo", "start"]
        assert stage.session.state.beat_micro_bpm == 122_000_000


def test_a_display_that_fails_loses_no_input_and_is_whole_again_when_it_heals() -> None:
    with Stage() as stage:
        stage.glass.broken = True
        stage.turn(5).button("start")
        stage.run(5 * SECOND)
        tried = [at for at in stage.glass.tried_ns if at > stage.now - 4 * SECOND]
        assert 15 <= len(tried) <= 35, "tried now and then, not all the time"
        assert (stage.session.micro_bpm, stage.session.playing) == (125_000_000, True)
        stage.glass.broken = False
        healed = stage.now
        stage.run(250 * MS)
        assert stage.glass.frames[-1][0] > healed


def test_it_dims_then_goes_dark_while_stopped_and_whatever_is_touched_wakes_and_counts() -> None:
    with Stage(display__dim_after_min=5) as stage:
        began = stage.now - SECOND
        stage.run(16 * MINUTE)
        levels = [(round((at - began) / MINUTE), level) for at, level in stage.glass.levels]
        assert levels == [(0, 255), (5, DIMMED), (15, 0)]
        stage.turn(1)
        assert stage.glass.levels[-1][1] == 255
        assert stage.session.micro_bpm == 121_000_000


def test_the_press_of_the_encoder_wakes_when_it_goes_down() -> None:
    with Stage(display__dim_after_min=5) as stage:
        stage.run(6 * MINUTE)
        stage.hand(Button("encoder", True, stage.now)).run(MS)
        assert stage.glass.levels[-1][1] == 255


def test_it_never_dims_while_playing_nor_where_that_is_off() -> None:
    with Stage(display__dim_after_min=5) as playing, Stage(display__dim_after_min=0) as never:
        playing.button("start").run(6 * MINUTE)
        never.run(6 * MINUTE)
        assert [level for _, level in (*playing.glass.levels, *never.glass.levels)] == [255, 255]


def test_brightness_is_in_force_at_once() -> None:
    with Stage() as stage:
        stage.session.set("display.brightness", 63)
        stage.run(300 * MS)
        assert stage.glass.levels[-1][1] == 63


@pytest.mark.parametrize("screen", [(), (2,)], ids=["on Live", "on another screen"])
def test_the_beat_lamp_is_lit_on_every_beat_for_a_moment(screen: tuple[int, ...]) -> None:
    with Stage() as stage:
        if screen:
            stage.press().turn(2).press()
        stage.lights.changes.clear()
        stage.hand(Button("start", True, stage.now))
        began = stage.now
        stage.run(2 * SECOND - MS)
        lit = [(at - began) // MS for at, beat, _ in stage.lights.changes if beat]
        dark = [(at - began) // MS for at, beat, _ in stage.lights.changes if not beat]
        assert lit == [0, 500, 1000, 1500]
        assert dark == [at + BEAT_LIT_NS // MS for at in lit]
        assert all(status for _, _, status in stage.lights.changes)
        stage.button("start")
        assert stage.lights.changes[-1][1:] == (False, False)


def test_the_play_head_moves_on_the_beat() -> None:
    with Stage() as stage:
        stage.hand(Button("start", True, stage.now))
        began = stage.now
        stage.run(2 * SECOND - MS)
        changed = [(at - began) // MS for at, _ in stage.glass.frames if at >= began]
        assert changed == [0, 500, 1000, 1500]


def test_a_notice_goes_by_itself() -> None:
    with Stage() as stage:
        plain = stage.picture
        stage.session.tell("settings.toml:7 broken")
        stage.run(SECOND)
        assert difference_of(stage.picture, plain) is not None
        stage.run(6 * SECOND)
        assert difference_of(stage.picture, plain) is None


def test_held_for_600_ms_it_goes_back_while_it_is_still_held() -> None:
    with Stage() as stage:
        stage.down("Patterns")
        some_look = Button("next", False, stage.now + 50 * MS)  # so that none falls on the 600 ms by chance
        stage.hand(Button("encoder", True, stage.now), some_look).run(599 * MS)
        assert stage.state == "patterns"
        stage.run(2 * MS)
        assert stage.state == "menu"
        assert stage.now - stage.glass.frames[-1][0] <= 2 * MS, "and is seen to"
        stage.run(SECOND)
        assert stage.state == "live"
        stage.hand(Button("encoder", False, stage.now)).run(SECOND)
        assert stage.state == "live"


def test_home_shows_the_whole_frame_anew_though_nothing_has_changed() -> None:
    with Stage() as stage:
        frames = len(stage.glass.frames)
        stage.run(SECOND)
        assert (stage.glass.renewed, len(stage.glass.frames)) == (0, frames)
        stage.button("encoder", 1700)
        assert stage.state == "live"
        assert (stage.glass.renewed, len(stage.glass.frames)) == (1, frames + 1)


def test_quit_ends_the_loop_after_what_came_before_it() -> None:
    with Stage() as stage:
        stage.hand(Turn(1, stage.now), Meant(Gesture.QUIT, stage.now))
        stage.app.run()
        assert stage.app.ended
        assert stage.session.micro_bpm == 121_000_000


class _Broken:
    """Raises in place of a method, until it has done so often enough."""

    def __init__(self, owner: object, method: str, times: int) -> None:
        self._whole, self.left = getattr(owner, method), times
        setattr(owner, method, self)

    def __call__(self, *arguments: Any) -> Any:
        """What was asked for, in the end."""
        if self.left:
            self.left -= 1
            raise RuntimeError("the wire came off")
        return self._whole(*arguments)


def told(stage: Stage) -> list[str]:
    """What the drummer is told one after another."""
    return [notice.text for notice in stage.session._notices._waiting]


def test_controls_that_raise_are_told_and_heard_again(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage() as stage:
        _Broken(stage.hands, "read", FAULTS - 1)
        stage.turn(5)
        assert stage.session.micro_bpm == 125_000_000
        assert told(stage) == ["Controls: the wire came off"]
        assert "Traceback" in capsys.readouterr().err


def test_controls_that_raise_for_ever_are_done_without() -> None:
    with Stage() as stage:
        broken = _Broken(stage.hands, "read", 1000)
        stage.turn(5)
        assert 1000 - broken.left == FAULTS


def test_a_screen_that_raises_is_left_for_live_and_told() -> None:
    with Stage() as stage:
        stage.press()
        assert stage.state == "menu"
        _Broken(stage.machine.screen, "draw", 1)
        stage.turn(1)
        assert stage.state == "live"
        assert told(stage) == ["Screen: the wire came off"]
        stage.press()
        assert stage.state == "menu"
        _Broken(stage.machine.screen, "turn", 1)
        stage.turn(1)
        assert stage.state == "live"


def test_live_has_nowhere_to_go() -> None:
    with Stage() as stage:
        _Broken(stage.machine.screen, "draw", 1)
        with pytest.raises(RuntimeError, match="the wire came off"):
            stage.turn(1)
