"""The state machine as a table: every state, and every way from one to another.

It must stay the only place that knows which screen follows which; the machine, the tests and the diagram in the docs
are all made from it.
"""

from __future__ import annotations

from typing import NamedTuple

HOME = "live"
ANY = "*"


class Way(NamedTuple):
    """In state `state`, `on` (a gesture, or the outcome of a press) leads to state `to`."""

    state: str
    on: str
    to: str


WAYS = (
    Way(ANY, "home", HOME),
    Way("live", "menu", "menu"),
    Way("menu", "back", "live"),
    Way("menu", "set list", "set list"),
    Way("menu", "sets", "sets"),
    Way("menu", "patterns", "patterns"),
    Way("menu", "practice", "practice"),
    Way("menu", "levels", "levels"),
    Way("menu", "sound", "sound"),
    Way("menu", "voices", "voices"),
    Way("menu", "ports", "ports"),
    Way("menu", "settings", "settings"),
    Way("menu", "time", "time"),
    Way("menu", "about", "about"),
    Way("set list", "chosen", "live"),
    Way("set list", "edit", "set edit"),
    Way("set list", "sets", "sets"),
    Way("set list", "back", "menu"),
    Way("sets", "chosen", "live"),
    Way("sets", "new", "new set"),
    Way("sets", "back", "menu"),
    Way("new set", "done", "set edit"),
    Way("new set", "back", "sets"),
    Way("set edit", "song", "set song"),
    Way("set edit", "add", "song add"),
    Way("set edit", "new", "new song"),
    Way("set edit", "name", "set name"),
    Way("set edit", "back", "set list"),
    Way("set name", "done", "set edit"),
    Way("set name", "back", "set edit"),
    Way("song add", "chosen", "set edit"),
    Way("song add", "back", "set edit"),
    Way("new song", "done", "set edit"),
    Way("new song", "back", "set edit"),
    Way("set song", "move", "song move"),
    Way("set song", "tempo", "song tempo"),
    Way("set song", "pattern", "song pattern"),
    Way("set song", "sections", "song sections"),
    Way("set song", "name", "song name"),
    Way("set song", "remove", "song remove"),
    Way("set song", "back", "set edit"),
    Way("song move", "done", "set edit"),
    Way("song move", "back", "set song"),
    Way("song tempo", "done", "set song"),
    Way("song tempo", "back", "set song"),
    Way("song sections", "pattern", "song pattern"),
    Way("song sections", "back", "set song"),
    Way("song pattern", "chosen", "set song"),
    Way("song pattern", "back", "set song"),
    Way("song name", "done", "set song"),
    Way("song name", "back", "set song"),
    Way("song remove", "no", "set song"),
    Way("song remove", "yes", "set edit"),
    Way("song remove", "back", "set song"),
    Way("patterns", "chosen", "live"),
    Way("patterns", "back", "menu"),
    Way("practice", "edit", "practice value"),
    Way("practice", "back", "menu"),
    Way("practice value", "done", "practice"),
    Way("practice value", "back", "practice"),
    Way("levels", "hold", "level"),
    Way("levels", "back", "menu"),
    Way("level", "done", "levels"),
    Way("level", "back", "levels"),
    Way("sound", "mixer", "mixer"),
    Way("sound", "kit", "kit"),
    Way("sound", "synth", "synth"),
    Way("sound", "device", "sound card"),
    Way("sound", "back", "menu"),
    Way("mixer", "hold", "mixer held"),
    Way("mixer", "back", "sound"),
    Way("mixer held", "done", "mixer"),
    Way("mixer held", "back", "mixer"),
    Way("kit", "choose", "kit choice"),
    Way("kit", "sound", "kit sound"),
    Way("kit", "back", "sound"),
    Way("kit choice", "chosen", "kit"),
    Way("kit choice", "back", "kit"),
    Way("kit sound", "level", "sound level"),
    Way("kit sound", "choke", "sound choke"),
    Way("kit sound", "back", "kit"),
    Way("sound level", "done", "kit sound"),
    Way("sound level", "back", "kit sound"),
    Way("sound choke", "done", "kit sound"),
    Way("sound choke", "back", "kit sound"),
    Way("synth", "patch", "patch"),
    Way("synth", "param", "param"),
    Way("synth", "back", "sound"),
    Way("patch", "chosen", "synth"),
    Way("patch", "back", "synth"),
    Way("param", "done", "synth"),
    Way("param", "back", "synth"),
    Way("sound card", "chosen", "sound"),
    Way("sound card", "back", "sound"),
    Way("voices", "voice", "voice"),
    Way("voices", "module", "module"),
    Way("voices", "back", "menu"),
    Way("module", "chosen", "voices"),
    Way("module", "back", "voices"),
    Way("voice", "sound", "voice sound"),
    Way("voice", "level", "voice level"),
    Way("voice", "learn", "voice learn"),
    Way("voice", "back", "voices"),
    Way("voice sound", "done", "voice"),
    Way("voice sound", "back", "voice"),
    Way("voice level", "done", "voice"),
    Way("voice level", "back", "voice"),
    Way("voice learn", "done", "voice"),
    Way("voice learn", "back", "voice"),
    Way("ports", "chosen", "menu"),
    Way("ports", "back", "menu"),
    Way("settings", "edit", "setting"),
    Way("settings", "pads", "pads"),
    Way("settings", "back", "menu"),
    Way("setting", "done", "settings"),
    Way("setting", "back", "settings"),
    Way("pads", "learn", "pad learn"),
    Way("pads", "back", "settings"),
    Way("pad learn", "done", "pads"),
    Way("pad learn", "back", "pads"),
    Way("time", "back", "menu"),
    Way("about", "back", "menu"),
)
STATES = tuple(dict.fromkeys(way.state for way in WAYS if way.state != ANY))
_NEXT = {(way.state, way.on): way.to for way in WAYS}


def next_state(state: str, on: str) -> str | None:
    """Where `on` leads from `state`; None where nothing leads on, as back does on Live."""
    return _NEXT.get((state, on), _NEXT.get((ANY, on)))
