"""The synth's patch bay: which patch sounds, what was turned in it, and how a file that is saved comes to sound.

It must never run a patch that has not been tried, nor wait for a trial: meanwhile the old patch sounds.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from panel.sound.changeover import Changeover
from panel.sound.examiner import Examiner, Limits, Verdict
from panel.sound.patch import Knob, Patch, PatchError, load_patch
from panel.sound.patchfile import PatchFile, Saved, named, patches_in, stem_of
from panel.sound.quantum import Frames
from panel.sound.synth import Synth
from panel.sound.wire import PatchParam
from panel.sound.workshop import Workshop

_LIST_NS = 1_000_000_000  # between two looks for new patches


class Trouble(NamedTuple):
    """Why a patch does not sound: where in its file (line 0: as a whole), and what."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


class _Made(NamedTuple):
    name: str
    patch: Patch
    synth: Synth
    wave: tuple[int, ...]


class Patchbay:
    """The patch that sounds. The control thread calls all but `render` and the events, which are the audio thread's."""

    def __init__(self, folders: Sequence[Path], rate: int, voices: int = 16, limits: Limits | None = None) -> None:
        """Patches lie in `folders`, the user's last. Starts the trial: raises OSError where there can be no process."""
        self._folders, self._rate, self._voices = folders, rate, voices
        self._changeover = Changeover(rate)
        self._examiner = Examiner(rate, voices, limits or Limits())
        self._workshop = Workshop()
        self._file: PatchFile | None = None
        self._tried: Saved | None = None
        self.trying = False  # whether a patch is on its way
        self._sounding: _Made | None = None
        self._before: _Made | None = None
        self.trouble: Trouble | None = None
        self._turned: dict[str, dict[str, float]] = {}
        self.names: tuple[str, ...] = ()  # of the patches that can be chosen
        self.news: deque[str] = deque(maxlen=100)  # lines for a terminal: what sounds, what a patch prints
        self._list_ns: int | None = None

        self._play = self._changeover.play
        self.render: Callable[[int, Frames], None] = self._changeover.render

    # The audio thread's, as in Synth: frames never go down.

    def note_on(self, frame: int, channel: int, note: int, velocity: int) -> None:
        """A key goes down. Audio thread."""
        self._play("note_on", frame, channel, note, velocity)

    def note_off(self, frame: int, channel: int, note: int) -> None:
        """A key comes up. Audio thread."""
        self._play("note_off", frame, channel, note)

    def control(self, frame: int, channel: int, number: int, value: int) -> None:
        """A controller. Audio thread."""
        self._play("control", frame, channel, number, value)

    def bend(self, frame: int, channel: int, value: int) -> None:
        """The pitch bend, -8192 to 8191. Audio thread."""
        self._play("bend", frame, channel, value)

    def silence(self, frame: int) -> None:
        """Everything fades out within 3 ms. Audio thread."""
        self._play("silence", frame)

    @property
    def active(self) -> bool:
        """Whether a quantum has to be rendered. Audio thread."""
        return self._changeover.active

    # The control thread's.

    @property
    def name(self) -> str:
        """The patch that sounds; while none does, the one that was chosen."""
        return self._sounding.name if self._sounding else self.chosen

    @property
    def chosen(self) -> str:
        """The patch that was chosen, and whose file is watched."""
        return self._file.name if self._file else ""

    @property
    def params(self) -> tuple[PatchParam, ...]:
        """What the patch that sounds lets be turned, and where it stands."""
        if not (made := self._sounding):
            return ()
        knobs = made.patch.knobs
        return tuple(PatchParam(k.name, self._value(made.name, k), k.default, k.low, k.high, k.unit) for k in knobs)

    @property
    def title(self) -> str:
        """What the patch that sounds calls itself."""
        return self._sounding.patch.name if self._sounding else ""

    @property
    def about(self) -> str:
        """What the patch that sounds says of itself."""
        return self._sounding.patch.about if self._sounding else ""

    @property
    def wave(self) -> tuple[int, ...]:
        """A drawing of what sounds: WAVE_POINTS from -100 to 100, of a note as it was tried; () for none."""
        return self._sounding.wave if self._sounding else ()

    @property
    def fault(self) -> str:
        """What is wrong with the patch that was chosen or written last: path:line: what. "" for nothing."""
        return str(self.trouble) if self.trouble else ""

    def choose(self, name: str) -> None:
        """Have another patch sound, once it has been tried; its file is watched from now on.

        It is found by its name or its file's, capitals or not.
        """
        found = patches_in(self._folders)
        name = named(name, found) or name
        stem = found[name].stem if name in found else stem_of(name)
        self._file, self.trouble = PatchFile(name, stem, self._folders), None
        self._tried, self.trying = None, True

    def set_params(self, patch: str, values: dict[str, float]) -> None:
        """Turn params of a patch, now or when it sounds; they stay so over a reload. Beyond a range is the range's end.

        What the patch does not have is kept for the day on which it does.
        """
        turned = self._turned.setdefault(patch, {})
        turned.update(values)
        if self._sounding and self._sounding.name == patch:
            for name, value in values.items():
                self._changeover.turn(name, value)

    def filenos(self) -> tuple[int, ...]:
        """What to select on between two calls of `tend`; to be asked for anew each time."""
        return self._examiner.fileno(), self._workshop.fileno()

    def tend(self, now_ns: int) -> None:
        """To be called every 20 ms or so, and when one of `filenos` can be read: look, ask, hand over. Never waits."""
        self._changeover.watch()
        self._hear_faults()
        self._list(now_ns)
        if self._file and (saved := self._file.look(now_ns)):
            self._try(saved)
        if (verdict := self._examiner.verdict()) and self._tried:
            self.news.extend(f"{self.chosen} prints: {line}" for line in verdict.printed)
            if verdict.what:
                self._refuse(Trouble(self._tried.path, verdict.line, verdict.what))
            else:
                self._make(self._tried, verdict)
        for done in self._workshop.done():
            done()

    def close(self) -> None:
        """End the trial and its process. What sounds, sounds on for whoever goes on rendering."""
        self._examiner.close()
        self._workshop.close()

    def _list(self, now_ns: int) -> None:
        if self._list_ns is None or now_ns - self._list_ns >= _LIST_NS:
            self._list_ns, self.names = now_ns, tuple(patches_in(self._folders))

    def _value(self, name: str, knob: Knob) -> float:
        value = self._turned.get(name, {}).get(knob.name, knob.default)
        return min(max(value, knob.low), knob.high)

    def _try(self, saved: Saved) -> None:
        self._tried, self.trying = saved, True
        if saved.fault:
            self._refuse(Trouble(saved.path, saved.line, saved.fault))
        else:
            self._examiner.ask(saved.text, saved.path, self._turned.get(self.chosen, {}))

    def _refuse(self, trouble: Trouble) -> None:
        self.trouble, self.trying = trouble, False

    def _make(self, saved: Saved, verdict: Verdict) -> None:
        """Load what was found good, in a thread of its own: it takes milliseconds."""
        assert self._file is not None
        name = self._file.name

        def work() -> Synth:
            return Synth(load_patch(saved.text, saved.path), self._rate, self._voices)

        def done(made: Synth | PatchError) -> None:
            if saved is not self._tried:
                return  # it was saved again meanwhile
            if isinstance(made, PatchError):
                self._refuse(Trouble(made.path, made.line, made.what))
            else:
                self._hand_over(_Made(name, made.patch, made, verdict.wave))
                self.news.append(f"{name} sounds; all its voices take {verdict.share:.0%} of the time there is")

        self._workshop.do(work, done, saved.path)

    def _hand_over(self, made: _Made) -> None:
        self._turn_all(made)
        self._changeover.keep_ready(None)
        self._changeover.hand_over(made.synth)
        self._before, self._sounding = self._sounding, made
        self.trouble, self.trying = None, False
        if self._before:
            self._prepare_spare(self._before)

    def _prepare_spare(self, before: _Made) -> None:
        """The patch that sounded before, fresh, should the new one fail while it plays."""

        def work() -> Synth:
            return Synth(before.patch, self._rate, self._voices)

        def done(spare: Synth | PatchError) -> None:
            if before is self._before and isinstance(spare, Synth):
                self._turn_all(before._replace(synth=spare))
                self._changeover.keep_ready(spare)

        self._workshop.do(work, done, before.patch.path)

    def _turn_all(self, made: _Made) -> None:
        for knob in made.patch.knobs:
            made.synth.set_param(knob.name, self._value(made.name, knob))

    def _hear_faults(self) -> None:
        with suppress(queue.Empty):
            while True:
                synth, fault = self._changeover.faults.get_nowait()
                self.trouble = Trouble(fault.path, fault.line, fault.what)
                if self._sounding and synth.patch is self._sounding.patch:
                    self._sounding, self._before = self._before, None
