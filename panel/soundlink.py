"""How what the drummer chose of the box's own sound is said to the process that makes it, and the process looked after.

It must never wait for that process, nor need it: all of it is told to whichever comes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from panel.adjusted import Adjusted
from panel.kept import Kept
from panel.music.tempo import NEVER
from panel.settings import Settings
from panel.sound.client import SoundClient
from panel.sound.wire import BUSES, CLICK, KIT, MAX_PARAMS, SYNTH, SoundView, WireError

NO_VIEW = SoundView()
HEARD_NOTE = 60  # of a patch that is tried
KEPT_AS = {CLICK: "click_kit", KIT: "kit"}  # fields of Kept, and of SoundView


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


class SoundLink:
    """Says what was turned once a frame, and everything to a process that is new. All calls from one thread."""

    def __init__(
        self, client: SoundClient | None, adjusted: Adjusted, keeper: Keeper, clock: Callable[[], int]
    ) -> None:
        self.adjusted = adjusted
        self._client, self._keeper, self._clock = client, keeper, clock
        self._turned: dict[str, Callable[[], None]] = {}  # what is to be said with the next frame, as it is then
        self._seen: dict[str, tuple[str, object]] = {}  # which kits and patch the sound has said that it has
        self._heard = NO_VIEW  # what it has said last
        self._told: set[str] = set()  # faults
        self._to_hear: tuple[str, int] = ("", 0)  # a patch that is heard as soon as it is there, and until when
        self._port = ""  # whose pads play
        self._is_ended = False  # it was switched off, and is told so

    @property
    def view(self) -> SoundView:
        """What the sound says of itself; nothing, where there is none, or one that hangs."""
        client = self._client
        return (client.view if client and not self.is_off and not client.hangs else None) or NO_VIEW

    @property
    def is_off(self) -> bool:
        """Whether the drummer wants none."""
        return bool(self._keeper.settings["sound.on"] == "off")

    def fileno(self) -> int:
        """The socket, for select; -1 while there is none."""
        return self._client.fileno() if self._client else -1

    @property
    def due_ns(self) -> int:
        """When `tend` is to be called though nothing has come."""
        return self._client.due_ns if self._client else NEVER

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
            self._switch_off(client)
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

    def _switch_off(self, client: SoundClient) -> None:
        """End it if it is ours, and see it go; hang up on the system's."""
        if not self._is_ended and client.starts:
            client.end()
        self._is_ended = True
        if client.starts and client.fileno() >= 0:
            client.tend()
        else:
            client.close()

    # What it says.

    def _hear(self, client: SoundClient) -> None:
        """Take what it has said: refusals, faults, and what is there now."""
        for refusal in client.refusals:
            self._keeper.tell(f"Sound: {refusal}")
        client.refusals.clear()
        view = self.view
        if view is not self._heard:  # this is asked in every turn of the panel's loop
            self._heard = view
            self._tell_faults(view)
            self._see(view)
        patch, until_ns = self._to_hear
        if patch and patch == view.patch:
            self._send("audition", bus=SYNTH, note=HEARD_NOTE)
        if patch == view.patch or self._clock() > until_ns:
            self._to_hear = "", 0

    def _tell_faults(self, view: SoundView) -> None:
        """Those of files, each once, and again when it comes again."""
        faults = {on_screen(fault) for fault in (view.fault, *view.faults) if fault}
        for fault in sorted(faults - self._told):
            self._keeper.tell(fault)
        self._told = faults

    def _see(self, view: SoundView) -> None:
        """Another kit or patch, or one that was written anew, is told what was turned of it."""
        there: dict[str, tuple[str, object]] = {
            CLICK: (view.click_kit, [sound.name for sound in view.click_sounds]),
            KIT: (view.kit, [sound.name for sound in view.kit_sounds]),
            SYNTH: (view.patch, [param._replace(value=0) for param in view.params]),
        }
        for what, now in there.items():
            if self._seen and now != self._seen[what]:
                if what == SYNTH:
                    self._tell_params()
                elif now[0] in self.adjusted.kits:
                    self._tell_adjusted(now[0])
        self._seen = there if view is not NO_VIEW else {}

    # How it is said.

    def _say(self, what: str, say: Callable[[], None]) -> None:
        """Say something with the next frame, behind what waits."""
        self._turned.pop(what, None)
        self._turned[what] = say

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
        name, kits = getattr(self._keeper.kept, KEPT_AS[bus]), self.view.kits
        if name and kits and name not in kits:
            self._keeper.tell(f"No kit '{name}'")
        elif name:
            self._send("kit", bus=bus, name=name)

    def _tell_adjusted(self, kit: str) -> None:
        self._send("adjust", kit=kit, levels=self.adjusted.levels(kit), chokes=self.adjusted.chokes(kit))

    def _tell_patch(self) -> None:
        """The patch that was chosen, as it was turned; one that is gone is told the drummer instead."""
        name, patches = self._keeper.kept.patch, self.view.patches
        if name and patches and name not in patches:
            self._keeper.tell(f"No patch '{name}'")
            name = ""
        if name:
            self._send("patch", name=name)
        patch = name or self.view.patch
        values = dict(list(self.adjusted.values(patch).items())[-MAX_PARAMS:])
        if values:
            self._send("params", patch=patch, values=values)

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


def on_screen(fault: str) -> str:
    """A fault of a file as a small screen tells it: of its path the folder and the name; where it is, what is wrong."""
    path, colon, rest = fault.partition(":")
    return "/".join(path.split("/")[-2:]) + colon + rest
