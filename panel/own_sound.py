"""What the drummer chose of the box's own sound, and the only place that commands the process that makes it.

It must never wait for that process, nor need it: what is turned is kept, and told to whichever comes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from panel.adjusted import SOUNDS_FILE, Adjusted
from panel.kept import Kept
from panel.knob import turned
from panel.settings import Settings
from panel.sound.client import SoundClient
from panel.sound.wire import BUSES, CLICK, KIT, MAX_PARAMS, SYNTH, KitSound, PatchParam, SoundView, WireError

FULL = 100  # percent: a sound as its kit has it
HEARD_NOTE = 60  # of a patch that is tried
PATIENCE_NS = 2_000_000_000  # a patch that is not there by then is not heard
NO_VIEW = SoundView()
_KEPT_AS = {CLICK: "click_kit", KIT: "kit"}


class Keeper(Protocol):
    """Who keeps what was chosen, and tells the drummer: the session."""

    settings: Settings
    kept: Kept

    @property
    def tell(self) -> Callable[[str], None]:
        """Put a line for the drummer behind those that wait."""

    def keep(self, **changes: str | int) -> None:
        """Keep a choice over a power cut."""

    def keep_file(self, name: str) -> None:
        """The file of that name has another text."""


class OwnSound:
    """The box's own sound as the drummer has it. All calls from one thread; `clock` is CLOCK_MONOTONIC in ns.

    Without a `client` there is none, and nothing comes of what is turned but that it is kept.
    """

    def __init__(
        self, client: SoundClient | None, adjusted: Adjusted, keeper: Keeper, clock: Callable[[], int]
    ) -> None:
        self.adjusted = adjusted
        self._client, self._keeper, self._clock = client, keeper, clock
        self._turned: dict[str, Callable[[], None]] = {}  # what is to be said with the next frame, as it is then
        self._seen: dict[str, tuple[str, object]] = {}  # of which kits and patch the sound has said that it has them
        self._told: set[str] = set()  # faults
        self._to_hear: tuple[str, int] = ("", 0)  # a patch that is heard as soon as it is there, and until when
        self._port = ""  # whose pads play
        self._is_ended = False

    # What is so.

    @property
    def view(self) -> SoundView:
        """What the sound says of itself; nothing, where there is none."""
        return (self._client.view if self._client and not self.is_off else None) or NO_VIEW

    @property
    def is_off(self) -> bool:
        """Whether the drummer wants none."""
        return bool(self._keeper.settings["sound.on"] == "off")

    @property
    def fault(self) -> str:
        """Why there is no sound, where that is known; "" while there is, and while it may still come."""
        problem = self._client.problem if self._client else ""
        return "" if self.is_off else self.view.problem or problem

    @property
    def silence(self) -> str:
        """Why nothing can be heard of it, "" where it can."""
        if self.is_off:
            return "switched off in Settings"
        if self.view is NO_VIEW:
            starts = self._client is not None and self._client.starts
            return self.fault or ("it is starting" if starts else "it does not run")
        return self.fault

    @property
    def click_to(self) -> str:
        """Where the click goes: a word of wire.CLICK_TO."""
        return "module" if self.is_off else str(self._keeper.settings["sound.click_to"])

    def kit_of(self, bus: str) -> str:
        """The kit that was chosen for the click or for the pads; else what the sound has taken itself."""
        return str(getattr(self._keeper.kept, _KEPT_AS[bus]) or getattr(self.view, _KEPT_AS[bus]))

    def sounds_of(self, bus: str) -> list[KitSound]:
        """The sounds of the kit that is there, with what was turned of them."""
        kit = getattr(self.view, _KEPT_AS[bus])
        levels, chokes = self.adjusted.levels(kit), self.adjusted.chokes(kit)
        sounds: tuple[KitSound, ...] = getattr(self.view, f"{bus}_sounds")
        return [
            sound._replace(level=levels.get(sound.name, sound.level), choke=chokes.get(sound.name, sound.choke))
            for sound in sounds
        ]

    @property
    def patch(self) -> str:
        """The patch that was chosen, else the one that is there."""
        return self._keeper.kept.patch or self.view.patch

    @property
    def params(self) -> list[PatchParam]:
        """The parameters of the patch that is there, with what was turned of them."""
        values = self.adjusted.values(self.view.patch)
        return [
            param._replace(value=max(param.low, min(param.high, values.get(param.name, param.value))))
            for param in self.view.params
        ]

    # What the hands do.

    def choose_kit(self, bus: str, name: str) -> None:
        """Play the click, or what comes for the kit, with that kit; what sounds rings out."""
        self._keeper.keep(**{_KEPT_AS[bus]: name})
        self._say(f"kit of {bus}", partial(self._tell_kit, bus))

    def set_level(self, kit: str, sound: str, percent: int) -> None:
        """How loud a sound of a kit is."""
        self.adjusted.set_level(kit, sound, percent)
        self._adjusted(kit)

    def set_choke(self, kit: str, sound: str, group: str | None) -> None:
        """With which sounds of its kit one cuts off and is cut off; "" none, None those that the kit says."""
        self.adjusted.set_choke(kit, sound, group)
        self._adjusted(kit)

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
        self.audition(SYNTH)

    def audition(self, bus: str, note: int = HEARD_NOTE) -> None:
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

    # What happens by itself.

    def fileno(self) -> int:
        """The socket, for select; -1 while there is none."""
        return self._client.fileno() if self._client else -1

    def flush(self) -> None:
        """Say what was turned since the last frame: once, however many detents."""
        said, self._turned = self._turned, {}
        for say in said.values():
            say()

    def tend(self, may_begin: bool, port: str) -> None:
        """Look after the process: one is started as soon as it `may_begin`. `port` is the module's, for its pads."""
        client = self._client
        if client is None:
            return
        if self.is_off:
            self._end(client)
            return
        self._is_ended = False
        if port != self._port:
            self._port = port
            self._say("pads", self._tell_pads)
        if (may_begin or client.fileno() >= 0) and client.tend():
            self._tell_everything()
        self._hear(client)

    def end(self) -> None:
        """End the process with the panel, unless it is the system's or another panel watches it."""
        if self._client and self._client.starts:
            self._client.end(unless_watched=True)

    def see_end(self, wait: Callable[[SoundClient], None]) -> None:
        """`wait` while it ends, and hang up: whoever hangs up at once may not be heard."""
        if self._client and self._client.starts:
            wait(self._client)
        if self._client:
            self._client.close()

    def _end(self, client: SoundClient) -> None:
        """It was switched off: end it if it is ours, and see it go."""
        if client.starts and client.fileno() >= 0:
            if not self._is_ended:
                client.end()
                self._is_ended = True
            client.tend()
        elif not self._is_ended:
            client.end()
            client.close()
            self._is_ended = True

    def _hear(self, client: SoundClient) -> None:
        """Take what it has said."""
        for refusal in client.refusals:
            self._keeper.tell(f"Sound: {refusal}")
        client.refusals.clear()
        view = self.view
        faults = {fault for fault in (view.fault, *view.faults) if fault}
        for fault in sorted(faults - self._told):
            self._keeper.tell(fault)
        self._told = faults
        self._look_at_what_is_there(view)

    def _look_at_what_is_there(self, view: SoundView) -> None:
        """Another kit or patch, or one that was written anew, is told what was turned of it; a patch is heard."""
        there: dict[str, tuple[str, object]] = {
            CLICK: (view.click_kit, [sound.name for sound in view.click_sounds]),
            KIT: (view.kit, [sound.name for sound in view.kit_sounds]),
            SYNTH: (view.patch, [param._replace(value=0) for param in view.params]),
        }
        for what, now in there.items():
            if self._seen and now != self._seen[what]:
                self._tell_params() if what == SYNTH else self._tell_adjusted(now[0])
        self._seen = there
        patch, until_ns = self._to_hear
        if patch and patch == view.patch:
            self._send("audition", bus=SYNTH, note=HEARD_NOTE)
        if patch == view.patch or self._clock() > until_ns:
            self._to_hear = "", 0

    # How it is said.

    def _say(self, what: str, say: Callable[[], None]) -> None:
        """Say something with the next frame, behind what waits."""
        self._turned.pop(what, None)
        self._turned[what] = say

    def _adjusted(self, kit: str) -> None:
        self._keeper.keep_file(SOUNDS_FILE)
        self._say(f"kit {kit}", partial(self._tell_adjusted, kit))

    def _tell_everything(self) -> None:
        """To a process that knows nothing yet; what waits is in it."""
        self._turned.clear()
        self._seen.clear()
        self._tell_device()
        self._tell_mix()
        for kit in self.adjusted.kits:
            self._tell_adjusted(kit)
        for bus in (CLICK, KIT):
            self._tell_kit(bus)
        self._tell_patch()
        self._tell_pads()

    def _tell_device(self) -> None:
        self._send("device", name=self._keeper.settings["sound.device"])

    def _tell_mix(self) -> None:
        self._send("mix", levels={bus: self._keeper.settings[f"mixer.{bus}"] for bus in BUSES})

    def _tell_pads(self) -> None:
        self._send("pads", play=self._keeper.settings["sound.pads"], port=self._port)

    def _tell_kit(self, bus: str) -> None:
        """The kit that was chosen; one that is gone is told the drummer instead."""
        name, view = getattr(self._keeper.kept, _KEPT_AS[bus]), self.view
        if name and view.kits and name not in view.kits:
            self._keeper.tell(f"No kit '{name}'")
        elif name:
            self._send("kit", bus=bus, name=name)

    def _tell_adjusted(self, kit: str) -> None:
        self._send("adjust", kit=kit, levels=self.adjusted.levels(kit), chokes=self.adjusted.chokes(kit))

    def _tell_patch(self) -> None:
        """The patch that was chosen, as it was turned; one that is gone is told the drummer instead."""
        name, view = self._keeper.kept.patch, self.view
        if name and view.patches and name not in view.patches:
            self._keeper.tell(f"No patch '{name}'")
            return
        if name:
            self._send("patch", name=name)
        values = dict(list(self.adjusted.values(self.patch).items())[-MAX_PARAMS:])
        if values:
            self._send("params", patch=self.patch, values=values)

    def _tell_params(self, anew: bool = False) -> None:
        """What was turned of the patch that is there; `anew` all that it has."""
        view, values = self.view, self.adjusted.values(self.view.patch)
        told = {p.name: values.get(p.name, p.default) for p in view.params if anew or p.name in values}
        if told:
            self._send("params", patch=view.patch, values=told)

    def _send(self, name: str, /, **arguments: object) -> None:
        """A command; one that the sound would not take (files are edited by hand) is told, and stops nothing."""
        if self._client is None or self.is_off:
            return
        try:
            self._client.send(name, **arguments)
        except WireError as error:
            self._keeper.tell(f"Sound: {error}")
