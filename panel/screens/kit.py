"""The kits of the box's own sound: which one, how loud each of its sounds is, and which of them cut each other off.

It must never leave the drummer guessing: what is turned to is heard.
"""

from __future__ import annotations

from panel.canvas import Canvas
from panel.own_sound import FULL
from panel.screens.edit import Edited
from panel.screens.listing import Line
from panel.screens.nosound import OfSound, draw_told
from panel.session import Session
from panel.settings import Setting, Value
from panel.sound.wire import CLICK, KitSound

CHOOSE, AS_KIT, NONE, GROUPS = "Kit", "as the kit", "none", ("A", "B", "C", "D")
LEVEL, CHOKE, AUDITION = "Level", "Choke", "Audition"
_TITLES = {CLICK: "Click kit", "kit": "Kit"}
_LEVEL_ROW = Setting("kit", "level", FULL, LEVEL, high=FULL, step=4, unit="%")


class AtKit:
    """Which kit the screens are about, by its bus, and which of its sounds."""

    def __init__(self) -> None:
        self.bus, self.sound = CLICK, ""


class _OfKit(OfSound):
    """A list of a kit."""

    def __init__(self, session: Session, at: AtKit) -> None:
        super().__init__(session)
        self._at = at

    @property
    def _kit(self) -> str:
        """The kit that is there."""
        return self.session.sound.kit_there(self._at.bus)

    @property
    def _sound(self) -> KitSound:
        """The sound that was opened; one that is not there any more is silent."""
        sounds = self.session.sound.sounds_of(self._at.bus)
        gone = KitSound(self._at.sound, -1, FULL, "")
        return next((sound for sound in sounds if sound.name == self._at.sound), gone)

    def _hear(self, sound: KitSound) -> None:
        if sound.note >= 0:
            self.session.sound.audition(self._at.bus, sound.note)


class Kit(_OfKit):
    """Which kit it is, then its sounds: each is heard when it is turned to."""

    begins_after = ("sound", "kit choice")  # another kit, and not back from a sound

    @property
    def title(self) -> str:  # type: ignore[override]
        """Whose kit."""
        return _TITLES[self._at.bus]

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        sound = self.session.sound
        first = Line(CHOOSE, sound.kit_of(self._at.bus), "choose")
        return [first, *(Line(each.name, _told(each), "sound") for each in sound.sounds_of(self._at.bus))]

    def turn(self, steps: int) -> None:
        """To another sound, heard at once."""
        before = self.cursor
        super().turn(steps)
        if steps and self.cursor != before and self.cursor > 0:
            self._hear(self.session.sound.sounds_of(self._at.bus)[self.cursor - 1])

    def chosen(self, line: Line) -> str | None:
        """Choose a kit, or open a sound."""
        if line.outcome == "sound":
            self._at.sound = line.label
        return line.outcome


def _told(sound: KitSound) -> str:
    """What is not as usual with a sound, as short as it can be said."""
    level = f"{sound.level}%" if sound.level else "silent"
    return f"{sound.choke} {level}".strip() if sound.level else level


class KitChoice(_OfKit):
    """Which kit: press takes it, and what sounds rings out. What is wrong with one stands below."""

    title = "Kits"

    @property
    def rows_shown(self) -> int:  # type: ignore[override]
        """Fewer where a fault has to be told."""
        return 2 if self.session.sound.view.faults else 4

    @property
    def lines(self) -> list[Line]:
        """The rows; a star at the one in use."""
        sound = self.session.sound
        now = sound.kit_of(self._at.bus)
        return [Line(name, "*" if name == now else "", "chosen") for name in sound.view.kits] or [Line(now or "none")]

    def enter(self, before: str) -> None:
        """Begin at the one in use."""
        labels = [line.label for line in self.lines]
        now = self.session.sound.kit_of(self._at.bus)
        self.cursor = labels.index(now) if now in labels else 0

    def chosen(self, line: Line) -> str | None:
        """Take it."""
        if line.outcome:
            self.session.sound.choose_kit(self._at.bus, line.label)
        return line.outcome or None

    def draw_below(self, canvas: Canvas, now_ns: int) -> None:
        """The first fault."""
        if faults := self.session.sound.kit_faults:
            draw_told(canvas, faults[0], now_ns)


class KitSoundRows(_OfKit):
    """One sound: what can be done with it."""

    begins_after = ("kit",)  # another sound

    def __init__(self, session: Session, at: AtKit, edited: Edited) -> None:
        super().__init__(session, at)
        self._edited = edited

    @property
    def title(self) -> str:  # type: ignore[override]
        """The sound."""
        return self._at.sound

    @property
    def corner(self) -> str:
        """Its note."""
        note = self._sound.note
        return f"note {note}" if note >= 0 else "gone"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        sound = self._sound
        return [
            Line(LEVEL, f"{sound.level}%", "level"),
            Line(CHOKE, sound.choke or NONE, "choke"),
            Line(AUDITION, "", ""),
        ]

    def chosen(self, line: Line) -> str | None:
        """Sound it, or edit."""
        if line.label == LEVEL:
            self._edited.begin(_LEVEL_ROW._replace(name=self._at.sound), lambda: self._sound.level, self._set_level)
        elif line.label == CHOKE:
            self._edited.begin(self._choke_row, self._read_choke, self._set_choke)
        else:
            self._hear(self._sound)
        return line.outcome or None

    def _set_level(self, value: Value) -> None:
        self.session.sound.set_level(self._kit, self._at.sound, int(value))
        self._hear(self._sound)

    @property
    def _choke_row(self) -> Setting:
        """As the kit says, none, a group that is there already, or a new one."""
        groups = sorted({sound.choke for sound in self.session.sound.sounds_of(self._at.bus) if sound.choke})
        choices = tuple(dict.fromkeys((AS_KIT, NONE, *groups, *GROUPS)))
        about = "sounds of the same group cut each other off"
        return Setting("kit", "choke", AS_KIT, self._at.sound, choices=choices, about=about)

    def _read_choke(self) -> Value:
        chokes = self.session.sound.adjusted.chokes(self._kit)
        return chokes[self._at.sound] or NONE if self._at.sound in chokes else AS_KIT

    def _set_choke(self, value: Value) -> None:
        group = None if value == AS_KIT else "" if value == NONE else str(value)
        self.session.sound.set_choke(self._kit, self._at.sound, group)
