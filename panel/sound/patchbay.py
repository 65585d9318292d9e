"""The synthesizer's patch: which one sounds, what of it can be turned, and what is wrong with it.

It must never raise out of the audio thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from panel.sound.quantum import Frames
from panel.sound.wire import PatchParam


class Patchbay:
    """All calls from the control thread, but those that name a frame, and `active`: those are the audio thread's."""

    def __init__(self, folders: Iterable[Path], rate: int) -> None:
        self.name = ""
        self.names: tuple[str, ...] = ()
        self.params: tuple[PatchParam, ...] = ()
        self.wave: tuple[int, ...] = ()
        self.fault = ""  # path:line: what

    @property
    def active(self) -> bool:
        """Whether a voice sounds."""
        return False

    def choose(self, name: str) -> None:
        """Play another patch."""

    def set_params(self, patch: str, values: dict[str, float]) -> None:
        """Turn what a patch lets be turned, now or when it is chosen."""

    def tend(self, now_ns: int) -> None:
        """Look after files and trials; to be called about every 20 ms."""

    def close(self) -> None:
        """End the trial's process."""

    def note_on(self, frame: int, channel: int, note: int, velocity: int) -> None:
        """A key, channels being 0 to 15."""

    def note_off(self, frame: int, channel: int, note: int) -> None:
        """The end of it."""

    def control(self, frame: int, channel: int, number: int, value: int) -> None:
        """A controller."""

    def bend(self, frame: int, channel: int, value: int) -> None:
        """A bend, -8192 to 8191."""

    def render(self, frame: int, out: Frames) -> None:
        """Add a quantum."""
