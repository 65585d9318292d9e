"""A sound without a process: what is said to it happens at once, and only on paper. For the gallery and the tests.

It must never do what the protocol does not say.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sin
from typing import Any

from panel.sound.client import SoundClient
from panel.sound.wire import CLICK, WAVE_POINTS, Command, KitSound, PatchParam, SoundView, decode, encode

CARD = "USB Audio: - (hw:1,0)"
KITS: dict[str, tuple[tuple[str, int, str], ...]] = {
    "Click": (("rim", 37, ""), ("block", 76, ""), ("cowbell", 56, ""), ("hat", 42, ""), ("beep", 33, "")),
    "Acoustic": (("kick", 36, ""), ("snare", 38, ""), ("hat", 42, "hats"), ("openhat", 46, "hats"), ("crash", 49, "")),
    "Electric 808": (("kick", 36, ""), ("clap", 39, ""), ("cowbell", 56, "")),
}
PATCHES = {
    "Supersaw": (
        PatchParam("cutoff", 1200, 1200, 80, 12000, "Hz"),
        PatchParam("resonance", 0.3, 0.3, 0, 1, ""),
        PatchParam("detune", 12, 12, 0, 50, "cent"),
        PatchParam("attack", 0.01, 0.01, 0.001, 4, "s"),
    ),
    "Square": (PatchParam("width", 0.5, 0.5, 0.05, 0.95, ""),),
    "Organ": (),
}
WAVES = {
    "Supersaw": tuple(100 - 200 * at // (WAVE_POINTS - 1) for at in range(WAVE_POINTS)),
    "Square": (90,) * (WAVE_POINTS // 2) + (-90,) * (WAVE_POINTS // 2),
    "Organ": tuple(
        round(60 * sin(2 * pi * at / WAVE_POINTS) + 35 * sin(6 * pi * at / WAVE_POINTS)) for at in range(WAVE_POINTS)
    ),
}


class StillSound(SoundClient):
    """A sound client that answers itself. `view` is None until `begin`."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__(clock)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.is_new = False  # it is to be told everything
        self.stuck = False  # it takes its time
        self.closed = 0

    @property
    def connected(self) -> bool:
        """Whether it would answer."""
        return self.view is not None

    def begin(self, **changes: Any) -> None:
        """It is there from now on, knows nothing, and says this of itself besides."""
        self.is_new = True
        self.view = SoundView(
            device=CARD, rate=48000, latency_us=8700, load=72, engine=True, kits=tuple(KITS), patches=tuple(PATCHES),
            devices=("HDMI: - (hw:0,0)", CARD), pid=1,
        )  # fmt: skip
        self._take_kit("click", "Click")
        self._take_kit("kit", "Acoustic")
        self._take_patch("Supersaw")
        self.view = self.view._replace(**changes)

    def send(self, name: str, /, **arguments: Any) -> None:
        """Do what the sound would."""
        line = encode(name, **arguments)
        command = decode(line[:-1])
        if self.view is None:
            return
        self.sent.append((name, command.arguments))
        if not self.stuck:
            self._do(command)

    def _do(self, command: Command) -> None:
        assert self.view
        name = command.name
        if name == "kit":
            self._take_kit(command.arguments["bus"], command.arguments["name"])
        elif name == "adjust":
            self._adjust(**command.arguments)
        elif name == "patch":
            self._take_patch(command.arguments["name"])
        elif name == "params":
            self._turn(command.arguments["values"])
        elif name == "device":
            self.view = self.view._replace(device=command.arguments["name"] or CARD)

    def tend(self) -> bool:
        """Whether it has just begun."""
        is_new, self.is_new = self.is_new, False
        return is_new

    def end(self, unless_watched: bool = False) -> None:
        """It is gone."""
        self.view = None

    def close(self) -> None:
        """Nobody listens any more."""
        self.view = None
        self.closed += 1

    def _take_kit(self, bus: str, name: str) -> None:
        assert self.view
        sounds = tuple(KitSound(sound, note, 100, choke) for sound, note, choke in KITS[name])
        if bus == CLICK:
            self.view = self.view._replace(click_kit=name, click_sounds=sounds)
        else:
            self.view = self.view._replace(kit=name, kit_sounds=sounds)

    def _adjust(self, kit: str, levels: dict[str, int], chokes: dict[str, str]) -> None:
        assert self.view
        sounds = tuple(
            KitSound(sound, note, levels.get(sound, 100), chokes.get(sound, choke)) for sound, note, choke in KITS[kit]
        )
        if kit == self.view.click_kit:
            self.view = self.view._replace(click_sounds=sounds)
        if kit == self.view.kit:
            self.view = self.view._replace(kit_sounds=sounds)

    def _take_patch(self, name: str) -> None:
        assert self.view
        self.view = self.view._replace(patch=name, params=PATCHES[name], wave=WAVES[name])

    def _turn(self, values: dict[str, float]) -> None:
        assert self.view
        params = tuple(param._replace(value=values.get(param.name, param.value)) for param in self.view.params)
        self.view = self.view._replace(params=params)
