"""The drum sampler: notes become voices of the kit that is in use, each from exactly its frame.

It must never make an array while it plays, nor cut off what sounds with a step.
"""

from __future__ import annotations

from panel.sound.kit import Kit
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.voices import Voices

FADE_SECONDS = 0.003  # of what is choked, stolen or silenced
MAX_KITS = 4  # whose samples are held: that of the kit in use, and those of kits that ring out


class Sampler:
    """A sampler of `voices` voices at `rate` frames a second; silent until it is told to `use` a kit of that rate.

    Only the audio thread calls, in the order of frames: what happens in a quantum is told between the render of the one
    before it and its own. Quanta in which it is not `active` need not be rendered. The same events make the same bits.
    """

    def __init__(self, rate: int, voices: int = 64) -> None:
        self._voices = Voices(voices, int(FADE_SECONDS * rate), MAX_KITS)
        self._kit: Kit | None = None
        self._pool = -1  # the number of the kit's pool
        self._old: list[int] = []  # the numbers of those that ring out, the oldest first
        self._turns: list[int] = []  # how often each layer of the kit has played
        self._groups: dict[str, int] = {}
        self._frame = 0  # what was before it is played

    @property
    def active(self) -> bool:
        """Whether anything sounds in the quantum that comes, as far as is known."""
        return self._voices.until > self._quantum

    @property
    def _quantum(self) -> int:
        """The first frame that may not be rendered yet."""
        return self._frame - self._frame % QUANTUM

    def use(self, kit: Kit) -> None:
        """Play new notes with this kit; what sounds rings out with the samples it has.

        Should more than MAX_KITS sound, what the oldest has left is faded out.
        """
        if not self._kit or self._kit.pool is not kit.pool:
            self._change_to(kit)
        self._kit = kit
        for sound in kit.sounds:
            self._groups.setdefault(sound.choke, len(self._groups) + 1)

    def holds(self, kit: Kit) -> bool:
        """Whether a kit's samples are still needed. Any thread may ask.

        Whoever changes kits keeps each until it is not: this thread is not the one to give so much memory back.
        """
        return any(pool is kit.pool for pool in self._voices.pools)

    def _change_to(self, kit: Kit) -> None:
        """Have other samples; turns begin anew."""
        self._turns = [0] * sum(len(sound.layers) for sound in kit.sounds)
        number = next((number for number, pool in enumerate(self._voices.pools) if pool is kit.pool), -1)
        if self._pool >= 0:
            self._old.append(self._pool)
        if number >= 0:
            self._old.remove(number)
        self._pool = number if number >= 0 else self._hold(kit)

    def _hold(self, kit: Kit) -> int:
        """The number of a new kit's pool, among those that ring out."""
        self._drop_rung_out(self._quantum)
        if len(self._old) == MAX_KITS:
            self._voices.drop(self._old.pop(0))
        if len(self._old) == MAX_KITS - 1:  # by the time that yet another comes, it is silent
            self._voices.leave(self._frame, self._old[0])
        number = self._voices.pools.index(None)
        self._voices.hold(number, kit.pool)
        return number

    def _drop_rung_out(self, frame: int) -> None:
        """Let go of what is silent from the quantum on that begins at a frame."""
        for number in [number for number in self._old if self._voices.pool_until[number] <= frame]:
            self._voices.drop(number)
            self._old.remove(number)

    def play(self, frame: int, note: int, velocity: int) -> None:
        """Strike a note, 0 to 127, at a velocity from 1 to 127; at 0 nothing sounds.

        A frame that was rendered already is that of the next quantum.
        """
        strike = self._kit.strikes[note] if self._kit else None
        if not strike or not velocity:
            return
        frame = self._frame = max(frame, self._frame)
        group = self._groups[strike.choke] if strike.choke else 0
        if group:
            self._voices.choke(frame, group)
        self._voices.make_way(frame)
        row = self._voices.free_row(frame)
        if row >= 0:
            layer = strike.layers[velocity]
            sample = layer.samples[self._turns[layer.number] % len(layer.samples)]
            self._turns[layer.number] += 1
            self._voices.begin(row, frame, self._pool, sample, strike.gains[velocity], group)

    def silence(self, frame: int) -> None:
        """Fade out whatever sounds, within 3 ms from a frame on."""
        self._frame = max(frame, self._frame)
        self._voices.silence(self._frame)

    def render(self, frame: int, out: Frames) -> None:
        """Add the sound of the quantum from a frame (a multiple of QUANTUM) on to `out`, of shape (QUANTUM, 2)."""
        self._frame = frame + QUANTUM
        if self._old:
            self._drop_rung_out(frame)
        if self._voices.until > frame:
            self._voices.render(frame, out)
