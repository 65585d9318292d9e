"""Runs the table: gestures go to the screen that is up, outcomes lead to the next one.

What buttons, feet and pads do means the same everywhere and never reaches a screen. It must never draw from an input.
"""

from __future__ import annotations

from collections.abc import Callable

from panel.canvas import Canvas
from panel.controls import Gesture, Meaning, Slip, Turn
from panel.screens.about import About
from panel.screens.beats import BeatsList
from panel.screens.clock import Time
from panel.screens.dials import Dials
from panel.screens.edit import Edit, Edited
from panel.screens.kit import AtKit, Kit, KitChoice, KitSoundRows
from panel.screens.levels import Level, Levels, Reached
from panel.screens.live import Live
from panel.screens.menu import Menu
from panel.screens.mixer import AtMixer, Mixer, MixerHeld
from panel.screens.pads import ChosenFunction, PadLearn, PadsList
from panel.screens.patterns import Patterns
from panel.screens.ports import Ports
from panel.screens.practice import PracticeList
from panel.screens.screen import Screen
from panel.screens.setedit import SetEdit, SongAdd, SongInHand, SongMove, SongRemove
from panel.screens.setlist import SetList, Sets
from panel.screens.settings import SettingsList
from panel.screens.songedit import SetSong, SongPattern, SongSections
from panel.screens.sound import Devices, SoundList
from panel.screens.synth import AtParam, Param, Patches, Synth
from panel.screens.table import HOME, STATES, next_state
from panel.screens.voices import Chosen, Module, Voice, VoiceLearn, VoiceLevel, Voices, VoiceSound
from panel.screens.wheel import Named, Wheel
from panel.session import Session


def make_screens(session: Session) -> dict[str, Screen]:
    """A screen for each state of the table."""
    chosen, edited, reached, function = Chosen(), Edited(), Reached(), ChosenFunction()
    return {
        "live": Live(session),
        "menu": Menu(session),
        **_screens_of_the_gig(session, edited),
        "patterns": Patterns(session),
        "beats": BeatsList(session, edited),
        "beat dials": Dials(session),
        "beat value": Edit(session, edited),
        "practice": PracticeList(session, edited),
        "practice value": Edit(session, edited),
        "levels": Levels(session, reached),
        "level": Level(session, reached),
        **_screens_of_the_sound(session, edited),
        "voices": Voices(session, chosen),
        "module": Module(session),
        "voice": Voice(session, chosen),
        "voice sound": VoiceSound(session, chosen),
        "voice level": VoiceLevel(session, chosen),
        "voice learn": VoiceLearn(session, chosen),
        "ports": Ports(session),
        "settings": SettingsList(session, edited),
        "setting": Edit(session, edited),
        "pads": PadsList(session, function),
        "pad learn": PadLearn(session, function),
        "time": Time(session),
        "about": About(session),
    }


def _screens_of_the_gig(session: Session, edited: Edited) -> dict[str, Screen]:
    """Sets and songs, played and edited."""
    named, hand = Named(), SongInHand(session)
    return {
        "set list": SetList(session),
        "sets": Sets(session, named),
        "new set": Wheel(session, named),
        "set edit": SetEdit(session, hand, named),
        "set name": Wheel(session, named),
        "song add": SongAdd(session),
        "new song": Wheel(session, named),
        "set song": SetSong(session, hand, edited, named),
        "song move": SongMove(session, hand),
        "song tempo": Edit(session, edited),
        "song sections": SongSections(session, hand),
        "song pattern": SongPattern(session, hand),
        "song name": Wheel(session, named),
        "song remove": SongRemove(session, hand),
    }


def _screens_of_the_sound(session: Session, edited: Edited) -> dict[str, Screen]:
    """The box's own sound."""
    mixer, kit, param = AtMixer(), AtKit(), AtParam()
    return {
        "sound": SoundList(session, kit),
        "mixer": Mixer(session, mixer),
        "mixer held": MixerHeld(session, mixer),
        "kit": Kit(session, kit),
        "kit choice": KitChoice(session, kit),
        "kit sound": KitSoundRows(session, kit, edited),
        "sound level": Edit(session, edited),
        "sound choke": Edit(session, edited),
        "synth": Synth(session, param),
        "patch": Patches(session),
        "param": Param(session, param),
        "sound card": Devices(session),
    }


class Machine:
    """The screen that is up, and how it changes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.state = HOME
        self._screens = make_screens(session)
        assert set(self._screens) == set(STATES)
        self.screen.enter(HOME)

    @property
    def screen(self) -> Screen:
        """The screen that is up."""
        return self._screens[self.state]

    def handle(self, event: Meaning) -> None:
        """Take a turn or a gesture."""
        if isinstance(event, Turn):
            self.screen.turn(event.steps)
        elif isinstance(event, Slip):
            self.session.slip(event.steps)
        elif event.gesture is Gesture.PRESS:
            self._follow(self.screen.press())
        elif event.gesture in (Gesture.BACK, Gesture.HOME):
            self._follow(event.gesture.value)
        elif act := self._same_everywhere.get(event.gesture):
            act(event.stamp_ns)

    @property
    def _same_everywhere(self) -> dict[Gesture, Callable[[int], None]]:
        """What gestures do that mean the same in every state, each given its stamp."""
        session = self.session
        return {
            Gesture.START: session.start_stop,
            Gesture.TAP: session.tap,
            Gesture.ONE: session.re_one,
            Gesture.NEXT: lambda _: session.next(),
            Gesture.MUTE: lambda _: session.toggle_mute(),
            Gesture.FILL: lambda _: session.fill(),
        }

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The frame as it is now."""
        self._follow(self.screen.arrived())
        canvas.clear()
        self.screen.draw(canvas, now_ns)

    def retreat(self) -> bool:
        """Go home without asking the screen that is up, for it has failed; False where that is Live itself."""
        self.session.learn("")  # which its `leave` would have ended
        before, self.state = self.state, HOME
        if before != HOME:
            self.screen.enter(before)
        return before != HOME

    def _follow(self, outcome: str | None) -> None:
        state = next_state(self.state, outcome) if outcome else None
        if state is None or state == self.state:
            return
        self.screen.leave()
        before, self.state = self.state, state
        self.screen.enter(before)
