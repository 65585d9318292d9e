"""Songs and sets that were edited on the box, and patterns that came of a beat: as they are now, and which edits
are not on the disk yet.

It must never let a text through that could not be read again, nor write what it did not edit: a file is edited as it
is when it is written, whoever has had it open meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, reduce
from pathlib import Path
from typing import Any

from panel.library import (
    PATTERNS,
    SETS,
    SONGS,
    Loaded,
    free_place,
    in_families,
    in_order,
    is_shipped,
    pattern_in,
    read,
    song_of,
)
from panel.music.pattern import Pattern
from panel.music.setlist import parse_set
from panel.music.song import SetList, Song
from panel.songbook import Edit
from panel.storage import save
from panel.tomltext import TomlText

_WORDS = {PATTERNS: "pattern", SONGS: "song", SETS: "set"}


class _Draft:
    """The `text` of a song or a set, of the file at `path` (None: of none yet), with `edits` that it does not have."""

    def __init__(self, path: Path | None, text: str) -> None:
        self.path, self.text = path, text
        self.edits: list[Edit] = []
        self.waits = False  # to be written


class Drafts:
    """What was edited, by kind and name; true while some of it waits to be written below the folder `data`."""

    def __init__(self, data: Path | None) -> None:
        self._data = data
        self._drafts: dict[tuple[str, str], _Draft] = {}

    def __bool__(self) -> bool:
        return any(draft.waits for draft in self._drafts.values())

    def add(self, kind: str, text: str, library: Loaded) -> str:
        """Take a new song or set into the library; its name. Raises TextError, ValueError for a name that is taken."""
        item = _parsed(kind, text, f"a new {_WORDS[kind]}", library)
        _refuse_taken(kind, item.name, library)
        draft = self._drafts[kind, item.name] = _Draft(None, text)
        draft.waits = True
        _put(library, kind, item)
        return item.name

    def edit(self, kind: str, name: str, edit: Edit, library: Loaded) -> str:
        """Edit a song or a set, and take it into the library; its name from now on.

        Raises TextError, ValueError where the edited text is none that could be read, or its new name is taken: then
        nothing has changed.
        """
        draft = self._drafts.get((kind, name))
        if draft is None:
            path = library.sources[kind, name]
            draft = _Draft(path, _text_of(path))
        text = edit(self._text_now(draft))
        item = _parsed(kind, text, str(draft.path or kind), library)
        if item.name != name:
            _refuse_taken(kind, item.name, library)
            self._rename(kind, name, item.name, draft, library)
        draft.text, draft.waits = text, True
        draft.edits.append(edit)
        self._drafts[kind, item.name] = draft
        _put(library, kind, item)
        return item.name

    def _text_now(self, draft: _Draft) -> str:
        """What is edited next: the file as it is, where it has all edits."""
        if draft.waits or self._data is None or draft.path is None or not draft.path.exists():
            return draft.text
        return _text_of(draft.path)

    def _rename(self, kind: str, old: str, new: str, draft: _Draft, library: Loaded) -> None:
        """What ships stays, as it was; what is the drummer's is no longer there by its old name."""
        self._drafts.pop((kind, old), None)
        items, path = _items(library, kind), draft.path
        ships = path is not None and is_shipped(kind, path)
        if path is not None and ships and (item := _parsed(kind, _text_of(path), str(path), library)).name == old:
            items[old] = item
            return
        del items[old]
        library.sources.pop((kind, old), None)
        if path is not None and not ships:
            library.sources[kind, new] = path

    def jobs(self, library: Loaded) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
        """What is to be written, in any thread; and what then follows, in this one."""
        for (kind, name), draft in sorted(self._drafts.items()):
            if draft.waits and self._data:
                edits, written = tuple(draft.edits), list[Path]()
                write = partial(_write, draft.path, draft.text, edits, self._data / kind, name, library, written)
                yield write, partial(self._forget, draft, len(edits), written, library)

    def forget_all(self) -> None:
        """There is no disk that anything could wait for."""
        for draft in self._drafts.values():
            draft.waits = False

    def _forget(self, draft: _Draft, edits: int, written: list[Path], library: Loaded) -> None:
        del draft.edits[:edits]
        draft.path, draft.waits = written[0], bool(draft.edits)
        for (kind, name), known in self._drafts.items():
            if known is draft:
                library.sources[kind, name] = draft.path


def _write(
    path: Path | None, text: str, edits: tuple[Edit, ...], folder: Path, name: str, library: Loaded, written: list[Path]
) -> None:
    """Write the edits into the file as it is now, or into the user's own copy of it; `text` where it is gone."""
    if path is not None and path.exists():
        text = reduce(lambda edited, edit: edit(edited), edits, _text_of(path))
    if path is None or path.parent != folder:
        path = free_place(folder, name)
    _parsed(folder.name, text, str(path), library)
    save(path, text)
    written.append(path)


def _text_of(path: Path) -> str:
    return TomlText(read(path), str(path)).text


def _parsed(kind: str, text: str, source: str, library: Loaded) -> Pattern | Song | SetList:
    raw = text.encode()
    if kind == PATTERNS:
        return pattern_in(raw, source)
    return song_of(raw, source, library.patterns) if kind == SONGS else parse_set(raw, source)


def _items(library: Loaded, kind: str) -> dict[str, Any]:
    shelves: dict[str, dict[str, Any]] = {PATTERNS: library.patterns, SONGS: library.songs, SETS: library.sets}
    return shelves[kind]


def _put(library: Loaded, kind: str, item: Pattern | Song | SetList) -> None:
    """Into the library, where it is listed."""
    items = _items(library, kind)
    more = items | {item.name: item}
    ordered = in_families(more) if kind == PATTERNS else in_order(kind, more, library.sources)
    items.clear()
    items.update(ordered)


def _refuse_taken(kind: str, name: str, library: Loaded) -> None:
    if name in _items(library, kind):
        raise ValueError(f"there is a {_WORDS[kind]} '{name}' already")
