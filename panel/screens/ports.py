"""The ports: which one is the module's.

It must never hide that a chosen port is not there.
"""

from __future__ import annotations

from panel.screens.listing import Line, ListScreen


class Ports(ListScreen):
    """Automatic, or a port of one's own choice; and what else is open."""

    title = "Ports"
    _AUTO = "Automatic"

    @property
    def lines(self) -> list[Line]:
        """The rows: what may be chosen, a chosen one that is away, then what is open besides."""
        session, view = self.session, self.session.client.view
        available = list(view.available) if view else []
        exact = session.kept.port
        away = [exact] if exact and exact not in available else []
        lines = [Line(self._AUTO, "*" if not exact else "", "chosen")]
        lines += [Line(_short(name), "*" if name == exact else "", "chosen") for name in available]
        lines += [Line(_short(name), "away", "chosen") for name in away]
        others = [port for port in view.ports if port.kind != "module"] if view else []
        return lines + [Line(_short(port.name), port.kind if port.connected else "away") for port in others]

    def chosen(self, line: Line) -> str | None:
        """Use it."""
        if line.outcome:
            view = self.session.client.view
            names = ["", *(view.available if view else ())]
            if self.cursor < len(names):
                self.session.choose_port(names[self.cursor])
        return line.outcome or None


def _short(name: str) -> str:
    """ALSA's "client:port" without the client where the port repeats it."""
    client, _, port = name.partition(":")
    return port if port.startswith(client) else name
