"""The sampler: what sounds at which frame, how loud, and how it ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.sound.kit import Kit, Layer, Pool, Sound
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.sampler import MAX_KITS, Sampler
from tests.sound.kits import MOST_BYTES, RATE, bytes_made, kit_of, rendered, stereo, tone
from tests.sound.slow_sampler import Event, Play, Silence, SlowSampler, Use

FADE = 144  # frames, 3 ms
RANDOM = np.random.default_rng(7)
NOISES = [stereo(*(RANDOM.uniform(-0.4, 0.4, (2, frames)))) for frames in (1, 63, 64, 65, 200, 700, 1500)]


def played(kit: Kit, *notes: tuple[int, int, int], frames: int = 8192, voices: int = 64) -> Frames:
    """The sound of notes: frame, note, velocity."""
    return sound_of([Use(kit), *(Play(*note) for note in notes)], frames, voices)


def sound_of(events: list[Event], frames: int, voices: int = 64, only_active: bool = False) -> Frames:
    """The sound of events, each told before its quantum is rendered."""
    sampler, sound = Sampler(RATE, voices), np.zeros((frames // QUANTUM * QUANTUM, 2), np.float32)
    rest = list(events)
    for at in range(0, len(sound), QUANTUM):
        while rest and (isinstance(rest[0], Use) or rest[0].frame < at + QUANTUM):
            _tell(sampler, rest.pop(0))
        if sampler.active or not only_active:
            sampler.render(at, sound[at : at + QUANTUM])
    return sound


def _tell(sampler: Sampler, event: Event) -> None:
    if isinstance(event, Use):
        sampler.use(event.kit)
    elif isinstance(event, Play):
        sampler.play(*event)
    else:
        sampler.silence(event.frame)


def step(sound: Frames) -> float:
    """The largest difference from one frame to the next."""
    return float(np.abs(np.diff(sound, axis=0)).max())


@pytest.mark.parametrize("frame", [0, 1, 63, 64, 70, 127, 1000, 4801])
def test_a_note_is_heard_from_exactly_its_frame_on(frame: int) -> None:
    click = stereo(tone())
    sound = played(kit_of({38: [click]}), (frame, 38, 127))
    assert not sound[:frame].any()
    assert np.array_equal(sound[frame : frame + len(click)], click[: len(sound) - frame])
    assert not sound[frame + len(click) :].any()


@pytest.mark.parametrize("velocity", [1, 20, 64, 100, 127])
def test_a_velocity_is_as_loud_as_its_formula_says(velocity: int) -> None:
    kit = kit_of({38: [stereo(tone())]}, gain_db=-6.0)
    peak = np.abs(played(kit, (5, 38, velocity))).max()
    assert 20 * np.log10(peak) == pytest.approx(-6.0 + 40 * np.log10(velocity / 127), abs=1e-4)


def test_velocity_0_and_a_note_without_a_sound_are_silent() -> None:
    kit = kit_of({38: [stereo(tone())]})
    assert not played(kit, (0, 38, 0), (0, 3, 100)).any()
    sampler = Sampler(RATE)
    sampler.play(0, 38, 100)
    assert not sampler.active
    assert not rendered(sampler, 640).any()


def test_a_role_that_the_kit_lacks_is_played_by_what_is_nearest() -> None:
    pool = Pool([stereo(tone()), stereo(tone(800))])
    sounds = [Sound(name, note, 0.0, "", (Layer(1, (pool.samples[at],), at),)) for at, (name, note) in
              enumerate([("kick", 36), ("hat", 42)])]  # fmt: skip
    kit = Kit("two", "", tuple(sounds), pool)
    assert np.array_equal(played(kit, (0, 46, 90)), played(kit, (0, 42, 90)))  # an open hat by the closed one
    assert np.array_equal(played(kit, (0, 67, 90)), played(kit, (0, 36, 90)))  # an agogo by whatever there is
    assert not played(kit, (0, 5, 90)).any()  # nobody knows what that is


def test_samples_of_a_layer_take_turns_and_each_layer_for_itself() -> None:
    heights = [stereo(np.full(10, height)) for height in (0.1, 0.2, 0.3, 0.4, 0.5)]
    pool = Pool(heights)
    soft, hard = Layer(1, tuple(pool.samples[:2]), 0), Layer(90, tuple(pool.samples[2:]), 1)
    kit = Kit("layers", "", (Sound("snare", 38, 0.0, "", (soft, hard)),), pool)
    velocities = [127, 1, 89, 90, 91, 60, 127]
    sound = played(kit, *((100 * at, 38, velocity) for at, velocity in enumerate(velocities)))
    heard = [sound[100 * at, 0] / (velocity / 127) ** 2 for at, velocity in enumerate(velocities)]
    assert heard == pytest.approx([0.3, 0.1, 0.2, 0.4, 0.5, 0.1, 0.3], rel=1e-5)


def test_levels_in_percent_are_by_the_law_of_velocities() -> None:
    kit = kit_of({38: [stereo(tone())]})
    half = kit.with_levels({"s38": 50, "other": 10})
    assert np.allclose(played(half, (0, 38, 127)), played(kit, (0, 38, 127)) / 4, atol=1e-7)
    assert half.pool is kit.pool
    assert half.with_levels({}).sounds == half.sounds
    assert not played(kit.with_levels({"s38": 0}), (0, 38, 127)).any()


def long_tone(hz: float) -> Frames:
    return stereo(0.5 * tone(hz, 1.0, decay=0.0))


@pytest.mark.parametrize("frame", [1000, 1023, 1024, 1025])
def test_a_choke_fades_from_exactly_its_frame_within_3_ms_and_without_a_step(frame: int) -> None:
    quiet = stereo(np.full(10, 1e-9))
    kit = kit_of({46: [long_tone(200)], 42: [quiet]}, chokes={46: "hats", 42: "hats"})
    alone = played(kit, (0, 46, 127))
    choked = played(kit, (0, 46, 127), (frame, 42, 127))
    assert np.allclose(choked[: frame + 1], alone[: frame + 1], atol=1e-8)
    assert np.all(choked[frame + 2 : frame + 20] != alone[frame + 2 : frame + 20])
    assert not choked[frame + FADE :].any()
    assert step(choked[1:]) <= step(alone[1:]) + 0.5 * np.pi / 2 / FADE


def test_a_sound_may_choke_itself_and_one_without_a_group_does_not() -> None:
    high, low = long_tone(300), stereo(np.full(5000, 1e-9))
    both = kit_of({50: [high, low]}, chokes={50: "self"})
    assert np.abs(played(both, (0, 50, 127), (500, 50, 127))[500 + FADE :]).max() < 1e-6
    assert np.abs(played(kit_of({50: [high, low]}), (0, 50, 127), (500, 50, 127))[500 + FADE :]).max() > 0.4
    none = both.with_chokes({"s50": ""})
    assert np.abs(played(none, (0, 50, 127), (500, 50, 127))[500 + FADE :]).max() > 0.4


def test_of_a_group_in_one_frame_only_the_last_is_heard() -> None:
    kit = kit_of({46: [long_tone(200)], 42: [stereo(tone())]}, chokes={46: "hats", 42: "hats"})
    assert np.array_equal(played(kit, (77, 46, 127), (77, 42, 100)), played(kit, (77, 42, 100)))


def test_silence_fades_everything_within_3_ms() -> None:
    kit = kit_of({1: [long_tone(200)], 2: [long_tone(310)]})
    sampler = Sampler(RATE)
    sampler.use(kit)
    sampler.play(0, 1, 127)
    sampler.play(3, 2, 127)
    rendered(sampler, 960)
    sampler.silence(1000)
    sound = rendered(sampler, 640, first=960)
    assert sound[1000 - 960 + FADE - 1].any()
    assert not sound[1000 - 960 + FADE :].any()
    assert step(sound) < 1.0 * np.pi / 2 / FADE + 2 * np.pi * 510 / RATE
    assert not sampler.active


def test_a_steal_takes_the_quietest_fades_it_and_plays_the_new_note_at_once() -> None:
    """Two voices: a loud tone, a soft one, and a third note that takes the place of the soft one."""
    notes = {1: [long_tone(200)], 2: [long_tone(310)], 3: [stereo(np.full(2000, 0.25))]}
    kit = kit_of(notes)
    with_it = played(kit, (0, 1, 127), (0, 2, 40), (1000, 3, 127), voices=2)
    without = played(kit, (0, 1, 127), (1000, 3, 127), voices=2)
    difference = np.abs(with_it - without).max(axis=1)
    assert difference[:1000].max() > 0.04
    assert difference[1000 : 1000 + FADE].max() > 0.01
    assert not difference[1000 + FADE :].any()
    assert with_it[1000, 0] == pytest.approx(0.25 + played(kit, (0, 1, 127), (0, 2, 40))[1000, 0], abs=1e-6)


def test_of_equals_the_oldest_is_stolen() -> None:
    """Four voices; the youngest note 1 has the row in which a short one was: the oldest is not the first row."""
    kit = kit_of({1: [stereo(np.full(5000, 0.1))], 2: [stereo(np.full(100, 0.2))], 4: [stereo(np.full(5000, 0.4))]})
    notes = [(0, 2, 127), (10, 1, 127), (20, 1, 127), (500, 1, 127), (600, 4, 127), (4700, 4, 127)]
    sound = played(kit, *notes, voices=4)[:, 0]
    assert sound[4690] == pytest.approx(3 * 0.1 + 0.4, rel=1e-5)
    assert sound[4850] == pytest.approx(2 * 0.1 + 0.8, rel=1e-5)
    assert sound[5015] == pytest.approx(2 * 0.1 + 0.8, rel=1e-5)  # that of frame 10 would have ended by now,
    assert sound[5025] == pytest.approx(1 * 0.1 + 0.8, rel=1e-5)  # that of frame 20 has, that of frame 500 goes on


NOTES = st.tuples(st.just("play"), st.integers(0, 6), st.integers(1, 127))
USES = st.tuples(st.just("use"), st.integers(0, 2), st.just(0))
SILENCES = st.just(("silence", 0, 0))
ACTS = st.lists(st.tuples(st.integers(0, 400), st.one_of(NOTES, NOTES, NOTES, NOTES, USES, SILENCES)), max_size=40)
CHOKES = {0: "a", 1: "a", 2: "b"}
KITS = [
    kit_of({note: [NOISES[note], NOISES[-note]] for note in range(7)}, CHOKES),
    kit_of({note: [NOISES[note]] for note in range(1, 6)}, {2: "a"}, gain_db=3.0),
    kit_of({note: [NOISES[6 - note]] for note in range(7)}, {}),
]


def events_of(acts: list[tuple[int, tuple[str, int, int]]]) -> list[Event]:
    """Events after each other, each so many frames behind the one before."""
    frame, events = 0, list[Event]([Use(KITS[0])])
    for gap, (what, number, velocity) in acts:
        frame += gap
        if what == "play":
            events.append(Play(frame, number, velocity))
        else:
            events.append(Silence(frame) if what == "silence" else Use(KITS[number]))
    return events


@given(ACTS, st.sampled_from([1, 2, 4, 64]))
def test_it_plays_what_the_slow_sampler_plays(acts: list[tuple[int, tuple[str, int, int]]], voices: int) -> None:
    events = events_of(acts)
    frames = sum(gap for gap, _ in acts) + 2048
    slow = SlowSampler(voices, FADE).render(events, frames)
    fast = sound_of(events, frames, voices)
    assert np.abs(fast - slow[: len(fast)]).max() < 2e-6


@given(ACTS)
def test_quanta_in_which_nothing_sounds_may_be_left_out_and_no_bit_changes(
    acts: list[tuple[int, tuple[str, int, int]]],
) -> None:
    events = events_of(acts)
    frames = sum(gap for gap, _ in acts) + 2048
    every = sound_of(events, frames, voices=2)
    some = sound_of(events, frames, voices=2, only_active=True)
    assert every.tobytes() == some.tobytes()


def test_a_flood_of_notes_leaves_no_step_but_those_of_its_samples() -> None:
    """Two hundred notes in a frame, and two hundred more within a quantum: for whom there is no row is not played."""
    kit = kit_of({1: [stereo(np.sin(np.arange(RATE) * 2 * np.pi * 100 / RATE))]})
    notes = [*((0, 1, 10) for _ in range(200)), *((50 + at // 20, 1, 10) for at in range(200))]
    sound = played(kit, *notes, frames=1024)
    assert np.abs(sound - SlowSampler(64, FADE).render([Use(kit), *(Play(*note) for note in notes)], 1024)).max() < 1e-5
    most = 128 * (10 / 127) ** 2  # that sound at a time
    assert step(sound) < most * (2 * np.pi * 100 / RATE + np.pi / 2 / FADE)


def test_an_old_kit_rings_out_and_new_notes_are_of_the_new_one() -> None:
    old, new = kit_of({1: [long_tone(200)]}), kit_of({1: [stereo(np.full(300, 0.1))]})
    sampler = Sampler(RATE)
    sampler.use(old)
    sampler.play(0, 1, 127)
    before = rendered(sampler, 640)
    sampler.use(new)
    sampler.play(640, 1, 127)
    after = rendered(sampler, 6400, first=640)
    alone = played(old, (0, 1, 127))[: 640 + 6400]
    assert np.array_equal(before, alone[:640])
    expected = alone[640:].copy()
    expected[:300] += np.float32(0.1)
    assert np.allclose(after, expected, atol=1e-7)


def test_a_kit_of_the_same_samples_goes_on_with_their_turns() -> None:
    kit = kit_of({1: [stereo(np.full(9, 0.1)), stereo(np.full(9, 0.2))]})
    events: list[Event] = [Use(kit), Play(0, 1, 127), Use(kit.with_levels({"s1": 100})), Play(64, 1, 127)]
    sound = sound_of(events, 256)
    assert sound[[0, 64], 0] == pytest.approx([0.1, 0.2])


def test_only_a_few_kits_are_held_and_none_that_has_rung_out() -> None:
    kits = [kit_of({1: [stereo(0.5 * np.sin(np.arange(RATE) * 2 * np.pi * (200 + at) / RATE))]}) for at in range(8)]
    sampler = Sampler(RATE)
    sound, frame = [], 0
    for kit in kits:
        sampler.use(kit)
        sampler.play(frame, 1, 127)
        sound.append(rendered(sampler, 256, first=frame))
        frame += 256
        assert sum(sampler.holds(each) for each in kits) <= MAX_KITS
    assert step(np.concatenate(sound)) < 0.5 * 8 * (2 * np.pi * 210 / RATE + np.pi / 2 / FADE)
    rendered(sampler, RATE, first=frame)
    assert [sampler.holds(each) for each in kits] == [False] * 7 + [True]


def test_a_note_whose_quantum_has_gone_is_heard_whole_in_the_next() -> None:
    click = stereo(tone())
    sampler = Sampler(RATE)
    sampler.use(kit_of({1: [click]}))
    rendered(sampler, 640)
    sampler.play(600, 1, 127)
    assert np.array_equal(rendered(sampler, 320, first=640), click[:320])


def test_it_adds_to_what_is_there() -> None:
    sampler = Sampler(RATE)
    sampler.use(kit_of({1: [stereo(np.full(64, 0.25))]}))
    sampler.play(0, 1, 127)
    out = np.full((QUANTUM, 2), 0.5, np.float32)
    sampler.render(0, out)
    assert np.all(out == 0.75)


def test_nothing_that_plays_makes_an_array() -> None:
    """numpy tells tracemalloc of every array; a block for all voices would have some 70 KB."""
    kit = kit_of({note: [long_tone(100 + note)] for note in range(8)}, {7: "a", 6: "a"})
    other = kit_of({note: [long_tone(100 + note)] for note in range(8)})
    sampler, out = Sampler(RATE), np.zeros((QUANTUM, 2), np.float32)
    sampler.use(kit)
    for at in range(70):
        sampler.play(at // 8, at % 6, 100)
    sampler.use(other)
    acts: list[tuple[str, Callable[[int], object]]] = [
        ("steal", lambda frame: sampler.play(frame + 5, 3, 100)),
        ("render two kits, fading", lambda frame: sampler.render(frame, out)),
        ("choke", lambda frame: sampler.play(frame + 5, 7, 100)),
        ("render", lambda frame: sampler.render(frame, out)),
        ("silence", lambda frame: sampler.silence(frame + 9)),
        ("render silence", lambda frame: sampler.render(frame, out)),
    ]
    made: dict[str, int] = {}
    for turn in range(4):
        for at, (what, act) in enumerate(acts):
            made[what] = bytes_made(act, (turn * 3 + at // 2) * QUANTUM)
    assert {what: size for what, size in made.items() if size > MOST_BYTES} == {}
