"""Whatever state an engine tells of, the panel shows it, and stays the drummer's."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from panel.controls import Gesture, Meant, Turn
from panel.engine.state import PlayerState
from panel.engine.wire import WireError, decode, encode
from panel.gallery import Scene
from tests.fuzz.nearly import promptly
from tests.fuzz.test_lines import STATES

HANDS = st.sampled_from(
    [Turn(1, 1), Turn(-3, 1), *(Meant(gesture, 1) for gesture in Gesture if gesture is not Gesture.QUIT)]
)


@cache
def scene() -> Scene:
    """One panel for all: it takes over whatever it is told."""
    return Scene()


@given(STATES, st.integers(-(10**12), 10**12), st.lists(HANDS, max_size=4))
def test_a_panel_shows_any_state_that_an_engine_may_have(
    state: PlayerState, off_ns: int, hands: list[Turn | Meant]
) -> None:
    try:
        state = decode(encode("resume", state=state, seen_ns=0)[:-1]).arguments["state"]
    except WireError:  # none that an engine takes
        return
    panel = scene()
    panel.now = max(0, state.tempo_map.timelines[0].origin_ns + off_ns)
    panel.client.state = state
    with promptly((state, off_ns, hands)):
        assert panel.later(0).picture.size == (128, 64)
        for hand in hands:
            panel.machine.handle(hand)
            assert panel.later(10_000_000).picture.size == (128, 64)
