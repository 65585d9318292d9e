"""The ports: which one is the module's.

It must never hide that a chosen port is not there.
"""

from __future__ import annotations

from panel.screens.listing import Line, ListScreen

_END = 2  # what tells the ports of one interface apart stands at the end of their names


class Ports(ListScreen):
    """Automatic, or a port of one's own choice; a star is at the one in use. Below, what else is open."""

    title = "Ports"
    _AUTO = "Automatic"

    @property
    def lines(self) -> list[Line]:
        """The rows: what may be chosen, the module's own where it is away, then what is open besides."""
        session, view = self.session, self.session.client.view
        available = list(view.available) if view else []
        module = next((port for port in view.ports if port.kind == "module"), None) if view else None
        lines = [Line(self._AUTO, "" if session.port else "on", "chosen")]
        for name in available:
            used = module is not None and module.connected and module.name == name
            lines.append(Line(_short(name), "*" if used else "", "chosen", _END))
        if module and not module.connected:
            lines.append(Line(_short(module.name), "away", "", _END))
        others = [port for port in view.ports if port.kind not in ("module", "sound")] if view else []
        lines += [Line(_short(port.name), port.kind if port.connected else "away", "", _END) for port in others]
        return [*lines, self._own_sound]

    @property
    def _own_sound(self) -> Line:
        """The box's own, which the mixer sends the click to."""
        silent = "none" if self.session.sound.silence else "ready"
        return Line("Own sound", "*" if self.session.box_clicks else silent)

    def chosen(self, line: Line) -> str | None:
        """Use it."""
        if line.outcome:
            view = self.session.client.view
            self.session.choose_port(["", *(view.available if view else ())][self.cursor])
        return line.outcome or None


def _short(name: str) -> str:
    """ALSA's "client:port" without the client where the port repeats it."""
    client, _, port = name.partition(":")
    return port if port.startswith(client) else name
