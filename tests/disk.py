"""A disk whose power is cut: records what saving asks of the system, then shows what may be there when it comes back.

It must never be kinder than a real one: what was not flushed may be there, in part, as zeros, or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from panel import storage


class Call(NamedTuple):
    """One thing that was asked: create, write, flush, rename, remove, folder, flush folder."""

    kind: str
    path: str
    to: str = ""
    file: int = 0
    content: bytes = b""


class Disk:
    """Records the calls that `panel.storage` makes in `folder`; they are carried out as well."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.calls: list[Call] = []
        self._files: dict[int, int] = {}  # by descriptor
        self._folders: dict[int, str] = {}
        self._created = 0
        monkeypatch.setattr(storage, "open", self._open, raising=False)
        for name in ("replace", "fsync", "unlink", "mkdir", "open"):
            monkeypatch.setattr(os, name, self._recorded(name, getattr(os, name)))

    def _recorded(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*arguments: Any, **named: Any) -> Any:
            result = call(*arguments, **named)
            getattr(self, f"_after_{name}")(result, *arguments)
            return result

        return recorded

    def _open(self, path: Path, mode: str) -> Any:
        assert mode == "wb"
        file = open(path, mode, buffering=0)  # noqa: SIM115 - as the one it stands for
        self._created += 1
        number = self._files[file.fileno()] = self._created
        self.calls.append(Call("create", str(path), file=number))
        write = file.write

        def recorded(content: bytes) -> int:
            self.calls.append(Call("write", str(path), file=number, content=content))
            return write(content)

        return _Written(file, recorded)

    def _after_open(self, descriptor: int, path: Any, *_: object) -> None:
        self._folders[descriptor] = str(path)

    def _after_fsync(self, _: None, descriptor: int) -> None:
        if descriptor in self._folders:
            self.calls.append(Call("flush folder", self._folders.pop(descriptor)))
        else:
            self.calls.append(Call("flush", "", file=self._files[descriptor]))

    def _after_replace(self, _: None, path: Any, to: Any) -> None:
        self.calls.append(Call("rename", str(path), str(to)))

    def _after_unlink(self, _: None, path: Any, *__: object) -> None:
        self.calls.append(Call("remove", str(path)))

    def _after_mkdir(self, _: None, path: Any, *__: object) -> None:
        self.calls.append(Call("folder", str(path)))


class _Written:
    """A file without a buffer, so that each write is one call."""

    def __init__(self, file: Any, write: Callable[[bytes], int]) -> None:
        self.write, self.fileno, self._file = write, file.fileno, file

    def flush(self) -> None:
        """Nothing is held back."""

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


Found = dict[str, bytes | None]  # what lies at each path; None is a folder


def after_a_cut(calls: list[Call], root: str, cut: int, in_order: bool, random: Random) -> Found:
    """What may be found when the power went after `cut` calls, which may be within a write.

    `in_order`: of the names that were not flushed the last ones are missing, as with a journal; else any of them.
    """
    calls = calls[:cut]
    if calls and calls[-1].kind == "write":
        last = calls[-1]
        calls[-1] = last._replace(content=last.content[: random.randint(0, len(last.content))])
    flushed = {call.path: number for number, call in enumerate(calls) if call.kind == "flush folder"}
    sure = [number < flushed.get(os.path.dirname(call.path), 0) for number, call in enumerate(calls)]
    unsure = [number for number, call in enumerate(calls) if call.kind in _NAMES and not sure[number]]
    if in_order:
        happened = set(unsure[: random.randint(0, len(unsure))])
    else:
        likely = random.random()
        happened = {number for number in unsure if random.random() < likely}
    names: dict[str, int | None] = {root: None}
    for number, call in enumerate(calls):
        if call.kind in _NAMES and (sure[number] or number in happened):
            _rename(names, calls, number)
    return {
        path: None if file is None else _content(calls, file, random)
        for path, file in names.items()
        if all(str(parent) in names for parent in Path(path).parents if parent.is_relative_to(root))
    }


_NAMES = ("create", "rename", "remove", "folder")


def _rename(names: dict[str, int | None], calls: list[Call], number: int) -> None:
    call = calls[number]
    if call.kind == "create":
        names[call.path] = call.file
    elif call.kind == "folder":
        names[call.path] = None
    else:
        names.pop(call.path, None)
    if call.kind == "rename":
        names[call.to] = _file_at(calls[:number], call.path)


def _file_at(calls: list[Call], path: str) -> int | None:
    """The file of that name, as the running system sees it."""
    for number in range(len(calls) - 1, -1, -1):
        call = calls[number]
        if call.kind == "create" and call.path == path:
            return call.file
        if call.kind == "rename" and call.to == path:
            return _file_at(calls[:number], call.path)
    raise LookupError(path)


def _content(calls: list[Call], file: int, random: Random) -> bytes:
    """What was flushed, and of the rest some, as it was written or as zeros."""
    content, flushed = b"", 0
    for call in calls:
        if call.file == file:
            content += call.content
            flushed = len(content) if call.kind == "flush" else flushed
    length = random.choice((flushed, len(content), random.randint(flushed, len(content))))
    real = random.choice((flushed, length, random.randint(flushed, length)))
    return content[:real] + bytes(length - real)


def laid_out(found: Found, root: str, folder: Path) -> Path:
    """The same in a real folder."""
    folder.mkdir()
    for path, content in sorted(found.items(), key=lambda item: len(item[0])):
        place = folder / Path(path).relative_to(root)
        if content is None:
            place.mkdir(exist_ok=True)
        else:
            place.write_bytes(content)
    return folder
