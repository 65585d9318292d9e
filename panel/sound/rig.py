"""The sound for one stream: its desk, the samplers, the patch; and what the drummer chose, put on it.

It must never wait for a kit: what sounds goes on until the one that was asked for is loaded.
"""

from __future__ import annotations

from panel.sound.buses import KitBus, SynthBus
from panel.sound.desk import Desk
from panel.sound.kit import Kit
from panel.sound.patchbay import Patchbay
from panel.sound.sampler import Sampler
from panel.sound.shelf import Adjustment, Shelf
from panel.sound.wire import CLICK, FIRST_LEVELS, KIT, SYNTH, KitSound

KIT_BUSES = (CLICK, KIT)
FALLBACK_KIT = "Click"


class Chosen:
    """What the panel has told, as it is until one does: kits, their adjustments, levels, patch, its params."""

    def __init__(self) -> None:
        self.kits = {CLICK: FALLBACK_KIT, KIT: "Acoustic"}
        self.adjustments: dict[str, Adjustment] = {}
        self.levels = dict(FIRST_LEVELS)
        self.patch = "Square"
        self.params: dict[str, dict[str, float]] = {}


class Rig:
    """All that makes sound, for a stream of `rate`. Called by the control thread; `desk.render` is the audio's."""

    def __init__(self, rate: int, chosen: Chosen, shelf: Shelf, patchbay: Patchbay) -> None:
        self.rate, self._chosen, self._shelf = rate, chosen, shelf
        self._samplers = {bus: Sampler(rate) for bus in KIT_BUSES}
        self._on: dict[str, tuple[Kit, Adjustment]] = {}  # which kit of the shelf, and adjusted how, each bus has
        self._worn: dict[str, Kit] = {}
        self._ringing: list[Kit] = []  # kept until they have rung out: the audio thread is not to free their memory
        buses = {bus: KitBus(sampler) for bus, sampler in self._samplers.items()}
        self.desk = Desk(rate, {**buses, SYNTH: SynthBus(patchbay)})
        for bus, percent in chosen.levels.items():
            self.desk.mix(bus, percent)
        self.sounds: dict[str, tuple[KitSound, ...]] = {bus: () for bus in KIT_BUSES}
        self.tend()

    def tend(self) -> bool:
        """Put kits on that have been loaded or adjusted; True where one was."""
        self._ringing = [kit for kit in self._ringing if any(s.holds(kit) for s in self._samplers.values())]
        return any([self._tend(bus) for bus in KIT_BUSES])

    def _tend(self, bus: str) -> bool:
        name = self._chosen.kits[bus]
        worn = self._worn.get(bus)
        if name not in self._shelf.paths:  # gone, or it can't be read: a click there is, all the same
            if worn and worn.name == name:
                return False  # it sounds on for as long as we live
            name = FALLBACK_KIT
        kit = self._shelf.kit(name, self.rate)
        adjustment = self._chosen.adjustments.get(name, Adjustment())
        if kit is None or ((on := self._on.get(bus)) and on[0] is kit and on[1] == adjustment):
            return False
        self._on[bus] = kit, adjustment
        kit = adjustment.of(kit)
        if worn:
            self._ringing.append(worn)
        self._worn[bus] = kit
        self.desk.post(self._samplers[bus].use, kit)
        levels = adjustment.levels
        self.sounds[bus] = tuple(KitSound(s.name, s.note, levels.get(s.name, 100), s.choke) for s in kit.sounds)
        return True
