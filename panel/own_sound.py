"""The box's own sound as the drummer has it: what is so, and what the hands do. The only place that commands it.

It must never lose what was turned while there is no sound, nor show as heard what can't be.
"""

from __future__ import annotations

from functools import partial

from panel.adjusted import SOUNDS_FILE
from panel.detents import turned
from panel.sound.wire import CLICK, STARTING, SYNTH, KitSound, PatchParam
from panel.soundlink import HEARD_NOTE, KEPT_AS, NO_VIEW, SoundLink, on_screen

FULL = 100  # percent: a sound as its kit has it
PATIENCE_NS = 2_000_000_000  # a patch that is not there by then is not heard


class OwnSound(SoundLink):
    """What the screens ask and turn. All calls from one thread.

    Without a client there is no sound, and nothing comes of what is turned but that it is kept.
    """

    # What is so.

    @property
    def fault(self) -> str:
        """Why there is no sound, where that is known; "" while there is, and while it may still come."""
        problem = self.view.problem or (self._client.problem if self._client else "")
        return "" if self.is_off or problem == STARTING else problem

    @property
    def silence(self) -> str:
        """Why nothing can be heard of it, "" where it can."""
        if self.is_off:
            return "off in Settings"
        if self.view is NO_VIEW:
            starts = self._client is not None and self._client.starts
            return self.fault or (STARTING if starts else "not running")
        return self.view.problem

    @property
    def click_to(self) -> str:
        """Where the click goes: a word of engine.wire.CLICK_TO."""
        return "module" if self.is_off else str(self._keeper.settings["sound.click_to"])

    def kit_there(self, bus: str) -> str:
        """The kit that sounds on a bus, CLICK or KIT."""
        return str(getattr(self.view, KEPT_AS[bus]))

    def kit_of(self, bus: str) -> str:
        """The kit that was chosen for a bus, which may still be loaded; where it is gone, the one that sounds."""
        return _chosen(str(getattr(self._keeper.kept, KEPT_AS[bus])), self.view.kits) or self.kit_there(bus)

    def sounds_of(self, bus: str) -> list[KitSound]:
        """The sounds of the kit that is there, with what was turned of them."""
        kit = self.kit_there(bus)
        levels, chokes = self.adjusted.levels(kit), self.adjusted.chokes(kit)
        sounds = self.view.click_sounds if bus == CLICK else self.view.kit_sounds
        return [
            sound._replace(level=levels.get(sound.name, sound.level), choke=chokes.get(sound.name, sound.choke))
            for sound in sounds
        ]

    @property
    def patch(self) -> str:
        """The patch that was chosen; where it is gone, the one that sounds."""
        return _chosen(self._keeper.kept.patch, self.view.patches) or self.view.patch

    @property
    def params(self) -> list[PatchParam]:
        """The parameters of the patch that is there, with what was turned of them."""
        values = self.adjusted.values(self.view.patch)
        return [
            param._replace(value=max(param.low, min(param.high, values.get(param.name, param.value))))
            for param in self.view.params
        ]

    @property
    def patch_fault(self) -> str:
        """What is wrong with the patch that was written or chosen last, "" where nothing is."""
        return on_screen(self.view.fault)

    @property
    def kit_faults(self) -> list[str]:
        """What is wrong with kits."""
        return list(map(on_screen, self.view.faults))

    # What the hands do.

    def choose_kit(self, bus: str, name: str) -> None:
        """Play the click, or what comes for the kit, with that kit; what sounds rings out."""
        self._keeper.keep(**{KEPT_AS[bus]: name})
        self._say(f"kit of {bus}", partial(self._tell_kit, bus))

    def set_level(self, kit: str, sound: str, percent: int) -> None:
        """How loud a sound of a kit is."""
        self.adjusted.set_level(kit, sound, percent)
        self._adjusted(kit)

    def set_choke(self, kit: str, sound: str, group: str | None) -> None:
        """With which sounds of its kit one cuts off and is cut off; "" none, None those that the kit says."""
        self.adjusted.set_choke(kit, sound, group)
        self._adjusted(kit)

    def _adjusted(self, kit: str) -> None:
        self._keeper.keep_file(SOUNDS_FILE)
        self._say(f"kit {kit}", partial(self._tell_adjusted, kit))

    def choose_patch(self, name: str) -> None:
        """Play the synth with that patch; it is heard as soon as it is there."""
        self._keeper.keep(patch=name)
        self._to_hear = name, self._clock() + PATIENCE_NS
        self._say("patch", self._tell_patch)

    def turn_param(self, param: PatchParam, steps: int) -> None:
        """Turn a parameter of the patch that is there, as `params` has it."""
        self.adjusted.set_value(self.view.patch, param.name, turned(param, param.value, steps))
        self._keeper.keep_file(SOUNDS_FILE)
        self._say("params", self._tell_params)

    def reset_params(self) -> None:
        """All parameters of the patch that is there as it says."""
        for param in self.view.params:
            self.adjusted.set_value(self.view.patch, param.name, None)
        self._keeper.keep_file(SOUNDS_FILE)
        self._say("params", partial(self._tell_params, anew=True))

    def hear_patch(self) -> None:
        """Sound the patch that is there once."""
        self.audition(SYNTH, HEARD_NOTE)

    def audition(self, bus: str, note: int) -> None:
        """Sound a note once; of many in one frame the last."""
        self._say("audition", partial(self._send, "audition", bus=bus, note=note))

    def panic(self) -> None:
        """Silence."""
        self._send("panic")

    def changed(self, id: str) -> None:
        """A setting was changed."""
        if id.startswith("mixer."):
            self._say("mix", self._tell_mix)
        elif id == "sound.device":
            self._say("device", self._tell_device)
        elif id == "sound.pads":
            self._say("pads", self._tell_pads)


def _chosen(name: str, names: tuple[str, ...]) -> str:
    """What was chosen, as long as it may be there: a sound that has just begun names none yet."""
    return name if not names or name in names else ""
