"""What the click is heard by: the drum module with its port, sounds and pads, and the box's own sound; and how anything
is said to the engine.

It must never wait for the module, nor leave a role without a sound.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from panel.belongings import Belongings
from panel.changes import Changes
from panel.ear import Ear
from panel.engine.client import EngineClient
from panel.engine.state import Voice
from panel.engine.wire import MAX_MATCH, Heard, PortView, WireError
from panel.kept import KEPT_FILE
from panel.library import Loaded
from panel.notices import Notices
from panel.outlook import Outlook
from panel.own_sound import OwnSound
from panel.pads import PADS_FILE, Pad
from panel.profiles import FALLBACK_PROFILE, Profile, parts_to_look_for, profile_of_port
from panel.sound.client import SoundClient


class AtTheModule(Outlook):
    """What the drummer chose of the module. `port` is part of the name of a port for this time only, before the one
    that is kept."""

    def __init__(
        self,
        client: EngineClient,
        library: Loaded,
        own: Belongings,
        data: Path | None,
        clock: Callable[[], int],
        port: str = "",
        sound: SoundClient | None = None,
    ) -> None:
        super().__init__(client)
        self.library, self.settings, self.kept, self.clock = library, own.settings, own.kept, clock
        self.changes = Changes(data)
        self.ear = Ear(own.pads)
        self._notices = Notices(clock)
        self.tell, self.answer, self.notice = self._notices.tell, self._notices.answer, self._notices.at
        self.sound = OwnSound(sound, own.adjusted, self, clock)
        self._told_silence = False
        self._port = port
        self._profile_of_voices = ""
        self._listening = False

    @property
    def port(self) -> str:
        """Part of the name of the only port that may be the module's, "" where its profile decides."""
        return self._port or self.kept.port

    @property
    def module(self) -> PortView | None:
        """The module's port: one that is there, by USB before DIN; else one that is missing."""
        view = self.client.view
        ports = [port for port in view.ports if port.kind in ("module", "din")] if view else []
        return next((port for port in ports if port.connected), ports[0] if ports else None)

    @property
    def fault(self) -> tuple[str, ...]:
        """What is wrong, as two short words for the screen; empty while all is well."""
        view = self.client.view
        if not self.client.connected:
            return ("NO", "ENGINE")
        if self.sound.click_to == "box":
            return () if self.box_clicks else ("NO", "SOUND")
        if self.module:
            return () if self.module.connected else ("NO", "PAD")
        has_midi = any(port.kind != "sound" for port in view.ports) if view else False
        return () if has_midi or self.box_clicks else ("NO", "MIDI")

    @property
    def has_module(self) -> bool:
        """Whether a module is there."""
        return self.module is not None and self.module.connected

    @property
    def module_clicks(self) -> bool:
        """Whether the click goes to a module."""
        return self.has_module and self.sound.click_to != "box"

    @property
    def box_clicks(self) -> bool:
        """Whether the click goes to the box's own sound, and that can be heard."""
        view, to = self.client.view, self.sound.click_to
        if view is None or self.sound.silence or not any(port.kind == "sound" for port in view.ports):
            return False
        return to in ("box", "both") or (to == "auto" and not self.has_module)

    @property
    def profile(self) -> Profile:
        """The module's notes: the one that was chosen, else the one whose port is there, else General MIDI."""
        profiles = self.library.profiles
        if self.kept.profile in profiles:
            return profiles[self.kept.profile]
        found = profile_of_port(self.module.name, profiles.values()) if self.module else None
        return found or profiles[FALLBACK_PROFILE]

    def voice(self, role: str) -> Voice:
        """The sound of a role."""
        return next((voice for voice in self.state.voices if voice.role == role), self.profile.voice(role))

    def set_note(self, role: str, note: int) -> None:
        """Give a role another note, kept in the user's own copy of the profile."""
        self._edit_profile("notes", role, note)

    def set_level(self, role: str, level: int) -> None:
        """Give a role another level, 0 to 100 percent."""
        self._edit_profile("levels", role, level)

    def test_hit(self, role: str) -> None:
        """Sound a role once."""
        voice = self.voice(role)
        velocity = max(1, 127 * voice.level // 100)
        self._send("hit", note=voice.note, channel=voice.channel, velocity=velocity, role=role)

    def choose_profile(self, name: str) -> None:
        """Use a profile; "" lets the port's name decide."""
        self.keep(profile=name)
        self._profile_of_voices = ""
        self._send_ports()

    def choose_port(self, name: str) -> None:
        """Use a port, and only that; "" lets the profile decide."""
        self._port = ""
        self.keep(port=name)
        self._send_ports()

    def _send_ports(self) -> None:
        profiles = self.library.profiles
        chosen = [profiles[self.kept.profile]] if self.kept.profile in profiles else list(profiles.values())
        self._send(
            "ports",
            match=parts_to_look_for(chosen)[:MAX_MATCH],
            exact=self.port,
            remembered=self.kept.remembered,
            din=self.settings["click.din"],
            din_rate=self.settings["click.din_rate"],
            trim_ms=self.settings["click.trim_ms"],
            click_to=self.sound.click_to,
        )

    def _tend_sound(self) -> None:
        """Look after the own sound: it begins when the engine is there. That it can't be had is told once, and only
        where no module sounds."""
        module = self.module.name if self.module and self.module.kind == "module" and self.module.connected else ""
        self.sound.tend(self.client.connected, module)
        fault = self.sound.fault
        if fault and not self._told_silence and not self.has_module and self.sound.click_to != "module":
            self._told_silence = True
            self.tell(f"No own sound: {fault}")

    def _remember_module(self) -> None:
        module = self.module
        if module and module.kind == "module" and module.connected and module.name != self.kept.remembered:
            self.keep(remembered=module.name)

    def _voices_of_profile(self) -> None:
        """Sound like the module that is there: once it is known, and again whenever another takes its place."""
        profile = self.profile
        if self.client.view and profile.name != self._profile_of_voices:
            self._profile_of_voices = profile.name
            self._send("voices", voices=profile.voices)

    def _edit_profile(self, table: str, role: str, value: int) -> None:
        profile = self.profile
        notes, levels = dict(profile.notes), dict(profile.levels)
        (notes if table == "notes" else levels)[role] = value
        self.library.profiles[profile.name] = profile._replace(notes=notes, levels=levels)
        self.changes.note_profile(profile.name, table, role, value, self.clock())
        self._send("voices", voices=self.profile.voices)

    def learn(self, what: str) -> None:
        """Wait for a pad to be hit: for its "note", or as the "pad" of a function; "" ends it. See Ear."""
        self.ear.learn(what)
        self._listen()

    def function_of(self, pad: Pad) -> str:
        """What a pad of the module does, "" where it only makes music."""
        return self.ear.pads.function_of(self.profile.name, pad)

    def pads_of(self, function: str) -> list[Pad]:
        """The module's pads that have a function."""
        return self.ear.pads.of_function(self.profile.name, function)

    def assign_pad(self, function: str, pad: Pad | None) -> None:
        """Give a function to a pad of the module, and to no other; None takes it away."""
        self.ear.pads.assign(self.profile.name, function, pad)
        self.changes.note_file(PADS_FILE, self.clock())

    def _listen(self, anew: bool = False) -> None:
        """Have the module heard for as long as it matters what it plays; `anew` where the engine can't know."""
        wanted = self.ear.wanted(self.profile.name)
        if wanted != (self._listening and not anew):
            self._send("listen", on=wanted)
        self._listening = wanted

    def _hear_pad(self, heard: Heard) -> None:
        self.ear.hear(heard, self.profile.name)
        if self.ear.learning == "note" and self.ear.taken:
            self.answer(f"That pad is {self.ear.taken.upper()}")
            self.ear.taken = ""

    # How it is said.

    def _send(self, name: str, stamp_ns: int = 0, /, **arguments: object) -> None:
        """A command; one that the engine would not take (files are edited by hand) is told, and stops nothing."""
        try:
            self.client.send(name, stamp_ns, **arguments)
        except WireError as error:
            self.tell(str(error))

    def add_text(self, kind: str, text: str) -> str:
        """A new pattern, song or set by its text, in the library at once; its name. Raises ValueError."""
        return self.changes.add_text(kind, text, self.library, self.clock())

    def keep(self, **changes: str | int) -> None:
        """Keep choices over a power cut: fields of Kept."""
        self.kept = self.kept._replace(**changes)  # type: ignore[arg-type]
        self.keep_file(KEPT_FILE)

    def keep_file(self, name: str) -> None:
        """The file of that name has another text: it is written when the hand is still."""
        self.changes.note_file(name, self.clock())
