"""All the generators, by name, in the order of the lists.

It must never be imported by one of them.
"""

from __future__ import annotations

from panel.music.generators.beat import Generator
from panel.music.generators.euclid import EUCLID
from panel.music.generators.learn import LEARN

GENERATORS: dict[str, Generator] = {
    generator.name: generator
    for generator in (
        EUCLID,
        LEARN,
    )
}
