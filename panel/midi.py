"""MIDI for a script of your own: ports by number, by name or asked for, messages in and out, each with its moment.

It must never play a part in the box itself: engine and panel have MIDI of their own, and nothing of them imports this.

Messages are mido's, with all that mido knows (`mido.Message`, channels from 0 to 15). The system is ALSA or CoreMIDI,
unless $MIDO_BACKEND names another. Whatever fails raises MidiError, an OSError whose text says what to do. docs/midi.md
has scripts.
"""

from __future__ import annotations

import os
import queue
import re
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self, cast

import mido

from panel.engine.rtmidi_sequencer import hang_up

OWN_NAME = "DrumAssist script"
DRUMS = 10  # the channel of drums, counted as on a module: 1 to 16
CALL_ENDS_S = 0.02  # of rtmidi's thread, also where other threads want Python's lock
_ADDRESS = re.compile(r" \d+:\d+$")  # ALSA's client:port, which changes at every plug
_SYSTEMS = {"linux": "mido.backends.rtmidi/LINUX_ALSA", "darwin": "mido.backends.rtmidi/MACOSX_CORE"}
_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123


class MidiError(OSError):
    """What could not be done with MIDI, in one line."""


class _Port:
    """What outputs and inputs have in common: a name, an end, and `with`."""

    def __init__(self, port: Any) -> None:
        self.name: str = port.name
        self._port = port
        self._end = weakref.finalize(self, _close, port)  # also where the script forgets it, or ends

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return not self._end.alive

    def close(self) -> None:
        """Leave the port; may be called twice, and from any thread."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{'closed ' if self.closed else ''}{type(self).__name__.lower()} {self.name!r}>"


class Output(_Port):
    """Something to play; made by `open_output` and `virtual_output`."""

    def send(self, message: mido.Message) -> None:
        """Send one message of any type, sysex of any length among them; its `time` is not looked at.

        Any thread. Raises MidiError once the port is closed, and for what a wire can't carry (a file's meta messages).
        A module that has been unplugged is not an error: the system does not say so.
        """
        if self.closed:
            raise MidiError(f"{self.name!r} is closed: send before close() and inside of 'with'")
        if not isinstance(message, mido.Message):
            raise MidiError(f"not a message that can be sent: {message!r}; mido.Message('note_on', note=38) is one")
        with _told(f"could not send to {self.name!r}"):
            self._port.send(message)

    def note_on(self, note: int, velocity: int = 100, channel: int = DRUMS) -> None:
        """Hit a note, 0 to 127, on a channel from 1 to 16. Raises ValueError for a number that is out of that."""
        self.send(mido.Message("note_on", note=note, velocity=velocity, channel=_from_nought(channel)))

    def note_off(self, note: int, channel: int = DRUMS) -> None:
        """Let go of a note; drums ring out whether or not it comes, most other sounds don't."""
        self.send(mido.Message("note_off", note=note, velocity=0, channel=_from_nought(channel)))

    def silence(self) -> None:
        """All notes and all sound off, on all channels."""
        for channel in range(16):
            for control in (_ALL_SOUND_OFF, _ALL_NOTES_OFF):
                self.send(mido.Message("control_change", channel=channel, control=control))


class Input(_Port):
    """Something to listen to; made by `open_input` and `virtual_input`. Iterating yields messages until it is closed.

    A message's `time` is when it arrived: seconds of CLOCK_MONOTONIC, as time.monotonic() has them, taken in rtmidi's
    own thread before anybody waited for anything. Active sensing is left out.
    """

    def __init__(self, port: Any, arrived: queue.SimpleQueue[mido.Message | None]) -> None:
        super().__init__(port)
        self._arrived = arrived

    def receive(self, timeout_s: float | None = None) -> mido.Message | None:
        """The next message; None when none came within `timeout_s` seconds, or when the port is closed. Any thread.

        Without a time it waits for ever; Ctrl-C ends the wait, and so does a `close` in another thread.
        """
        with suppress(queue.Empty):
            message = self._arrived.get(timeout=None if timeout_s is None else max(0.0, timeout_s))
            if message is None:
                self._arrived.put(None)  # whoever else waits is to know as well
            return message
        return None

    def pending(self) -> list[mido.Message]:
        """What has arrived and was not fetched yet, the oldest first. Never waits. Any thread."""
        messages = []
        while (message := self.receive(0)) is not None:
            messages.append(message)
        return messages

    def __iter__(self) -> Iterator[mido.Message]:
        while (message := self.receive()) is not None:
            yield message

    def close(self) -> None:
        """Leave the port; what has arrived can still be fetched. May be called twice, and from any thread."""
        super().close()
        self._arrived.put(None)


def outputs() -> list[str]:
    """The names of what can be played, in the order of their numbers. Raises MidiError where there is no MIDI."""
    return _names("output")


def inputs() -> list[str]:
    """The names of what can be listened to, in the order of their numbers. Raises MidiError where there is no MIDI."""
    return _names("input")


def open_output(port: int | str | None = None, own_name: str = OWN_NAME) -> Output:
    """An output by its number, by its name or a part of it (case aside), or, with None, the one that is asked for.

    A text of digits is a number: a word of the command line will do. Where it is asked for, Enter alone makes a virtual
    port called `own_name`; end of file and Ctrl-C end the script (SystemExit). Raises MidiError unless one port fits.
    """
    if port is None:
        return cast(Output, _ask("output", own_name, _output, virtual_output))
    return _output(find(port, outputs(), "output"))


def open_input(port: int | str | None = None, own_name: str = OWN_NAME) -> Input:
    """An input, found as `open_output` finds outputs."""
    if port is None:
        return cast(Input, _ask("input", own_name, _input, virtual_input))
    return _input(find(port, inputs(), "input"))


def virtual_output(name: str = OWN_NAME) -> Output:
    """A port of this script's own, that others can listen to. Raises MidiError where the system has none."""
    return _output(name, virtual=True, client_name=name)


def virtual_input(name: str = OWN_NAME) -> Input:
    """A port of this script's own, that others can play. Raises MidiError where the system has none."""
    return _input(name, virtual=True, client_name=name)


def find(port: int | str, names: list[str], kind: str = "port") -> str:
    """The one of `names` that `port` means (see open_output). Raises MidiError that names what there is instead."""
    if isinstance(port, int) or port.strip().isdecimal():
        return _numbered(int(port), names, kind)
    word = port.strip().lower()
    for fits in (_is_whole, _is_part):
        found = [number for number, name in enumerate(names) if word and fits(word, name.lower())]
        if len(found) > 1:
            raise MidiError(
                f"more than one {kind} has {port!r} in its name: {_list(names, found)}; say more, or the number"
            )
        if found:
            return names[found[0]]
    raise MidiError(f"no {kind} has {port!r} in its name; {_what_there_is(names)}")


def _numbered(number: int, names: list[str], kind: str) -> str:
    if 0 <= number < len(names):
        return names[number]
    raise MidiError(f"no {kind} has the number {number}; {_what_there_is(names)}")


def _is_whole(word: str, name: str) -> bool:
    return word in (name, _ADDRESS.sub("", name))


def _is_part(word: str, name: str) -> bool:
    return word in name


def _list(names: list[str], numbers: list[int]) -> str:
    return ", ".join(f"{number} {names[number]}" for number in numbers)


def _what_there_is(names: list[str]) -> str:
    return f"there are: {_list(names, list(range(len(names))))}" if names else "there is none: is it plugged in and on?"


def _ask(kind: str, own_name: str, open_: Any, open_virtual: Any) -> Any:
    """Ask on the terminal until the answer is right; the list is read anew each time, as things are plugged in."""
    while True:
        names = _names(kind)
        print(_listing(kind, names))
        answer = _answer(f"Number or part of the name (Enter alone: a virtual port, '{own_name}'): ")
        try:
            port = open_(find(answer, names, kind)) if answer else open_virtual(own_name)
        except MidiError as error:
            print(f"{str(error)[0].upper()}{str(error)[1:]}.")
            if not answer:
                raise SystemExit(1) from None  # it will not become possible by asking again
            continue
        print(f"{'This is' if answer else 'Made the virtual port'} {port.name!r}.")
        return port


def _listing(kind: str, names: list[str]) -> str:
    rows = [f"{number:3}  {name}" for number, name in enumerate(names)] or ["     none"]
    return "\n".join([f"{kind.capitalize()}s:", *rows])


def _answer(question: str) -> str:
    try:
        return input(question).strip()
    except (EOFError, KeyboardInterrupt):
        print()
        raise SystemExit("no port was chosen") from None


def _output(name: str, **how: Any) -> Output:
    with _told(f"could not open {name!r}"):
        return Output(_system().open_output(name, **how))


def _input(name: str, **how: Any) -> Input:
    arrived: queue.SimpleQueue[mido.Message | None] = queue.SimpleQueue()

    def stamp(message: mido.Message) -> None:
        message.time = time.monotonic()
        arrived.put(message)

    with _told(f"could not open {name!r}"):
        return Input(_system().open_input(name, callback=stamp, **how), arrived)


def _names(kind: str) -> list[str]:
    with _told("there is no MIDI"):
        system = _system()
        return list(system.get_output_names() if kind == "output" else system.get_input_names())


def _system() -> mido.Backend:
    """The system's MIDI. Never what rtmidi would choose, which may be JACK: its dead server hangs a send for ever."""
    if os.environ.get("MIDO_BACKEND"):
        return mido.Backend()
    if sys.platform == "linux" and not os.path.exists("/dev/snd/seq"):
        raise MidiError("/dev/snd/seq is missing: 'sudo modprobe snd-seq' makes it, in a container its host has to")
    return mido.Backend(_SYSTEMS.get(sys.platform))


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Whatever a block raises as a MidiError: each backend has errors of its own, of no common kind but Exception."""
    try:
        yield
    except Exception as error:
        raise MidiError(f"{what}: {error}") from error


def _close(port: Any) -> None:
    # mido would give rtmidi's thread somebody to call again before it closes, which can hang: so this goes first, and
    # nothing is left of the thread for mido to wait for.
    client = getattr(port, "_rt", None)
    if client is not None and hasattr(client, "cancel_callback"):
        hang_up(client, CALL_ENDS_S)
    port.close()


def _from_nought(channel: int) -> int:
    if not 1 <= channel <= 16:
        raise ValueError(f"channels are counted from 1 to 16, not {channel}")
    return channel - 1


if __name__ == "__main__":
    try:
        print(_listing("output", outputs()), _listing("input", inputs()), sep="\n")
    except MidiError as trouble:
        raise SystemExit(str(trouble)) from None
