"""The click's own echo: which notes that come back from the module are what the engine has sent there.

It must never cost anything while notes are written: it is asked in a gap, and finds the answer in the music itself.
"""

from __future__ import annotations

from collections import deque

from panel.engine.player import Player
from panel.engine.state import PlayerState

ECHO_NS = 40_000_000  # a note is sent at most 20 ms late, and modules answer within 20
_STATES = 8  # that were played lately
_HITS = 32  # a fast turn through the sounds, each heard
_FORGET_NS = 2_000_000_000  # what is heard may wait so long for a gap


class Echo:
    """Remembers what is no longer in the state that plays: test hits, and the states of a moment ago."""

    def __init__(self) -> None:
        self._hits: deque[tuple[int, int]] = deque(maxlen=_HITS)  # when, which note
        self._past: deque[tuple[int, PlayerState]] = deque(maxlen=_STATES)  # until when, oldest first

    def hit(self, note: int, now_ns: int) -> None:
        """A test hit was sent."""
        self._hits.append((now_ns, note))

    def changed(self, before: PlayerState, now_ns: int) -> None:
        """Another state takes the place of `before`: a note of that may still come back, of one that stopped too."""
        while self._past and self._past[0][0] < now_ns - _FORGET_NS:
            self._past.popleft()
        if before.playing and not before.muted:
            self._past.append((now_ns, before))

    def holds(self, player: Player, trim_ns: int, note: int, stamp_ns: int) -> bool:
        """Whether `note`, heard at `stamp_ns`, was sent within the last 40 ms; the channel is not asked for, for a
        module may answer on another."""
        since_ns = stamp_ns - ECHO_NS
        if any(since_ns <= at_ns <= stamp_ns and hit == note for at_ns, hit in self._hits):
            return True
        for until_ns, state in self._past:
            if until_ns >= since_ns and _sounds(Player(state), trim_ns, note, since_ns, min(until_ns, stamp_ns)):
                return True
            since_ns = max(since_ns, until_ns)
        return _sounds(player, trim_ns, note, since_ns, stamp_ns)


def _sounds(player: Player, trim_ns: int, note: int, from_ns: int, to_ns: int) -> bool:
    """Whether the music has that note between two moments, both included."""
    tempo_map = player.state.tempo_map
    start, end = tempo_map.tick_at(from_ns - trim_ns - 1) + 1, tempo_map.tick_at(to_ns - trim_ns) + 1
    return any(event.message[1] == note for event in player.notes(start, end))
