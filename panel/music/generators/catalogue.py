"""The generators that there are, by name.

It must never know more of one than that it is there.
"""

from __future__ import annotations

from panel.music.generators.beat import Generator
from panel.music.generators.drift import DRIFT
from panel.music.generators.euclid import EUCLID
from panel.music.generators.learn import LEARN
from panel.music.generators.stylemap import MAP

GENERATORS: dict[str, Generator] = {generator.name: generator for generator in (EUCLID, MAP, DRIFT, LEARN)}
