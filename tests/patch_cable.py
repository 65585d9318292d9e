"""A backend for mido without a system: ports by name, what is sent to one is heard by whoever listens to the same name.

It must never be imported by what it stands in for: a test names it in $MIDO_BACKEND.
"""

from __future__ import annotations

from typing import Any

from mido.ports import BaseInput, BaseOutput

there: dict[str, list[str]] = {"input": [], "output": []}  # the names of what is plugged in
open_inputs: list[Input] = []
sent: list[tuple[str, Any]] = []  # to which port, which message
played: list[Any] = []  # messages that wait for the next input
calls: list[str] = []  # what was asked of rtmidi's client while an input was closed


def start_anew(inputs: list[str], outputs: list[str]) -> None:
    """Plug in just these."""
    there.update(input=inputs, output=outputs)
    for forgotten in (open_inputs, sent, played, calls):
        forgotten.clear()


def get_devices(**_: Any) -> list[dict[str, Any]]:
    """As mido asks a backend."""
    names = dict.fromkeys(there["input"] + there["output"])
    return [{"name": n, "is_input": n in there["input"], "is_output": n in there["output"]} for n in names]


def _check(kind: str, name: str, virtual: bool) -> None:
    if not virtual and name not in there[kind]:
        raise OSError(f"unknown port {name!r}")
    if virtual and name == "refused":
        raise NotImplementedError("virtual ports are not supported")


class Client:
    """What of rtmidi's input a close has to do with: it hangs if it is closed while it may still call."""

    def __init__(self) -> None:
        self.may_call = True

    def cancel_callback(self) -> None:
        """From now on it calls no more."""
        self.may_call = False
        calls.append("cancel_callback")

    def close_port(self) -> None:
        """Wait for the thread."""
        assert not self.may_call, "this hangs"
        calls.append("close_port")


class Input(BaseInput):  # type: ignore[misc]
    """An input that hears what `hear` is told."""

    def _open(self, virtual: bool = False, callback: Any = None, **_: Any) -> None:
        _check("input", self.name, virtual)
        self._rt, self.callback = Client(), callback
        open_inputs.append(self)
        while callback and played:
            callback(played.pop(0))

    def _close(self) -> None:
        calls.append("close")
        open_inputs.remove(self)


class Output(BaseOutput):  # type: ignore[misc]
    """An output that is heard by the inputs of its name."""

    def _open(self, virtual: bool = False, **_: Any) -> None:
        _check("output", self.name, virtual)

    def _send(self, message: Any) -> None:
        if self.name == "pulled out":
            raise RuntimeError("the cable is gone")
        sent.append((self.name, message))
        hear(self.name, message)


def hear(name: str, message: Any) -> None:
    """A message arrives at the inputs of that name."""
    for port in list(open_inputs):
        if port.name == name:
            port.callback(message)
