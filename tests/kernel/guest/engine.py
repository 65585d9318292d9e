"""What the engine says, asked from within a test: starting a command takes seconds in the guest.

It must never change what the engine does.
"""

from __future__ import annotations

from panel.engine.client import ask
from panel.engine.wire import View


def engine_view() -> View | None:
    """The running engine's View; None where none answers."""
    try:
        return ask("view")
    except OSError:
        return None


def has_pad() -> bool:
    """Whether an engine runs and has its pad."""
    view = engine_view()
    return bool(view and view.ports and view.ports[0].kind == "module" and view.ports[0].connected)
