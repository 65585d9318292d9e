"""The sounds of the roles: which note each is, how loud, and what it sounds like.

It must never leave the drummer guessing: what is turned is heard.
"""

from __future__ import annotations

from panel.canvas import Canvas, fitted
from panel.display import WIDTH
from panel.music.pattern import ROLES
from panel.screens.listing import Line, ListScreen
from panel.screens.screen import Screen, draw_title
from panel.session import Session

FIRST_ROLE = ROLES[0]
LEVEL_STEP = 4


class Chosen:
    """Which role the voice screens are about."""

    def __init__(self) -> None:
        self.role = FIRST_ROLE


def sound_name(session: Session, note: int) -> str:
    """What the module calls a note: its pad, else its number."""
    return session.profile.pad_of(note) or f"note {note}"


class Voices(ListScreen):
    """The module, then every role; what the pattern plays comes first."""

    title = "Voices"

    def __init__(self, session: Session, chosen: Chosen) -> None:
        super().__init__(session)
        self._chosen = chosen

    @property
    def _roles(self) -> list[str]:
        return list(dict.fromkeys((*self.session.pattern.roles, *ROLES)))

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        module = Line("Module", self.session.profile.name, "module")
        return [module, *(Line(role, self._sound(role), "voice") for role in self._roles)]

    def _sound(self, role: str) -> str:
        voice = self.session.voice(role)
        return sound_name(self.session, voice.note) if voice.level else "silent"

    def chosen(self, line: Line) -> str | None:
        """Remember the role and open it."""
        if line.outcome == "voice":
            self._chosen.role = line.label
        return line.outcome


class Module(ListScreen):
    """Which profile: the port's own, or one that is chosen."""

    title = "Module"
    _AUTO = "by its port"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        profiles = self.session.library.profiles
        mark = {self.session.kept.profile or self._AUTO: "*"}
        names = [self._AUTO, *profiles]
        return [Line(name, mark.get(name, ""), "chosen") for name in names]

    def chosen(self, line: Line) -> str | None:
        """Use it."""
        self.session.choose_profile("" if line.label == self._AUTO else line.label)
        return line.outcome


class Voice(ListScreen):
    """One role: what can be done with it."""

    def __init__(self, session: Session, chosen: Chosen) -> None:
        super().__init__(session)
        self._chosen = chosen

    @property
    def title(self) -> str:  # type: ignore[override]
        """The role."""
        return self._chosen.role

    @property
    def corner(self) -> str:
        """Where it goes."""
        return f"note {self.session.voice(self._chosen.role).note}"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        voice = self.session.voice(self._chosen.role)
        return [
            Line("Sound", sound_name(self.session, voice.note), "sound"),
            Line("Level", f"{voice.level}%", "level"),
            Line("Test hit", "", ""),
            Line("Learn", "hit the pad", "learn"),
        ]

    def enter(self, before: str) -> None:
        """Another role begins at its sound; back from an edit the cursor is where it was."""
        if before == "voices":
            self.cursor = 0

    def chosen(self, line: Line) -> str | None:
        """Sound it, or edit."""
        if line.label == "Test hit":
            self.session.test_hit(self._chosen.role)
        return line.outcome or None


class _Edit(Screen):
    """A value of the chosen role, large: turn changes it and sounds it, press confirms."""

    def __init__(self, session: Session, chosen: Chosen) -> None:
        super().__init__(session)
        self._chosen = chosen

    def press(self) -> str | None:
        """Done."""
        return "done"

    def _draw_name(self, canvas: Canvas) -> None:
        name = sound_name(self.session, self.session.voice(self._chosen.role).note)
        if len(name) <= 10:
            canvas.centre(WIDTH // 2, 16, name, "large", bold=True)
        else:
            canvas.centre(WIDTH // 2, 20, fitted(name, WIDTH, "medium"), "medium")


class VoiceSound(_Edit):
    """Which note: through the module's own pads first, then every other note."""

    def turn(self, steps: int) -> None:
        """Another sound, heard at once."""
        note = self.session.voice(self._chosen.role).note
        notes = list(dict.fromkeys((*self.session.profile.pads.values(), *range(128))))
        at = max(0, min(len(notes) - 1, notes.index(note) + steps))
        self.session.set_note(self._chosen.role, notes[at])
        self.session.test_hit(self._chosen.role)

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The sound's name, its note."""
        voice = self.session.voice(self._chosen.role)
        draw_title(canvas, self.session, now_ns, self._chosen.role, "sound")
        self._draw_name(canvas)
        canvas.centre(WIDTH // 2, 48, f"note {voice.note}  ch {voice.channel}")


class VoiceLevel(_Edit):
    """How loud."""

    def turn(self, steps: int) -> None:
        """Louder or softer, heard at once."""
        level = self.session.voice(self._chosen.role).level
        self.session.set_level(self._chosen.role, max(0, min(100, level + steps * LEVEL_STEP)))
        self.session.test_hit(self._chosen.role)

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The level as a bar."""
        level = self.session.voice(self._chosen.role).level
        draw_title(canvas, self.session, now_ns, self._chosen.role, "level")
        canvas.centre(WIDTH // 2, 16, f"{level}%" if level else "silent", "large", bold=not level)
        canvas.frame(0, 48, WIDTH, 12)
        canvas.box(2, 50, (WIDTH - 4) * level // 100, 8)


class VoiceLearn(_Edit):
    """Hit the pad that you want to hear: its note becomes the role's."""

    def enter(self, before: str) -> None:
        """Listen."""
        self.session.learn("note")

    def leave(self) -> None:
        """Listen no longer."""
        self.session.learn("")

    def arrived(self) -> str | None:
        """A pad was hit."""
        note = self.session.ear.note
        if note is None:
            return None
        self.session.set_note(self._chosen.role, note)
        self.session.answer(f"{self._chosen.role} is {sound_name(self.session, note)}")
        return "done"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """What to do."""
        draw_title(canvas, self.session, now_ns, self._chosen.role, "learn")
        canvas.centre(WIDTH // 2, 18, "Hit the pad", "medium")
        there = self.session.module is not None and self.session.module.connected
        canvas.centre(WIDTH // 2, 42, "press: leave it" if there else "no module is there", "small")
