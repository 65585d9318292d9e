"""A zip of everything that is the drummer's own, and the way back.

It must never unpack what it has not looked through first, nor leave half of it: a backup is restored whole, or not.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from panel.belongings import READERS
from panel.check import check_together, own_files
from panel.failure import Failure
from panel.library import KINDS, read
from panel.storage import save, save_all
from panel.tomltext import MAX_BYTES, Fault, TextError, printable

MAX_ENTRIES = 2000
MAX_ARCHIVE_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 32 * 1024 * 1024

_NAME = re.compile(rf"(?:{'|'.join(KINDS)})/[^./\\][^/\\]{{0,200}}\.toml|{'|'.join(map(re.escape, READERS))}")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip
_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16
_SPOILT = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    LookupError, OverflowError,
)  # fmt: skip


class Change(NamedTuple):
    """A file of a backup, by its path in the user's folder: "new", "same" as it is there, or "replaces" another."""

    path: str
    how: str


def back_up(data: Path, zip_path: Path) -> tuple[list[str], list[Fault]]:
    """Write everything of the user's that can be read into a zip; what is in it, and what is wrong with the rest.

    The copies that the box keeps (.bak, .before, .broken) stay behind. Raises OSError.
    """
    contents: dict[str, bytes] = {}
    faults: list[Fault] = []
    for path in own_files(data):
        try:
            if _is_ours(path):
                contents[path] = read(data / path)
            else:
                faults.append(Fault(printable(str(data / path)), 1, 1, "no backup takes a file of such a name"))
        except TextError as error:
            faults += error.faults
    for path, found in check_together(contents, data).items():
        if found:
            faults += [fault._replace(source=str(data / path)) for fault in found]
            del contents[path]
    save(zip_path, _zipped(contents))
    return list(contents), faults


def _zipped(contents: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, _LONG_AGO)
            entry.create_system, entry.external_attr = 3, _PLAIN_FILE  # Unix, wherever it is made
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, contents[path])
    return out.getvalue()


def read_backup(zip_path: Path) -> dict[str, bytes]:
    """The files in a backup, by their path in the user's folder. Raises Failure for what is none, or not all right."""
    try:
        if not zip_path.is_file() and zip_path.exists():
            raise Failure(f"{zip_path}: this is no file")
        if zip_path.stat().st_size > MAX_ARCHIVE_BYTES:
            raise Failure(f"{zip_path}: more than {MAX_ARCHIVE_BYTES >> 20} MB: this is no backup of the box")
        with zipfile.ZipFile(zip_path) as archive:
            return _contents(archive, zip_path)
    except OSError as error:
        raise Failure(f"{zip_path}: the file can't be read: {error.strerror or error}") from error
    except _SPOILT as error:
        raise Failure(f"{zip_path}: this is no zip, or it is spoilt ({printable(str(error), 80)})") from error


def _contents(archive: zipfile.ZipFile, zip_path: Path) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if entry.filename.removesuffix("/") not in KINDS]
    if len(entries) > MAX_ENTRIES:
        raise Failure(f"{zip_path}: {len(entries)} files, at most {MAX_ENTRIES} are taken")
    contents: dict[str, bytes] = {}
    for entry in entries:
        name = entry.filename
        if why := _refusal(entry, contents):
            raise Failure(f"{zip_path}: '{printable(name, 80)}' {why}")
        with archive.open(entry) as file:
            contents[name] = file.read(MAX_BYTES + 1)  # whatever it says of its size
            if len(contents[name]) > MAX_BYTES or file.read(1):
                raise Failure(f"{zip_path}: '{name}' has more than {MAX_BYTES:,} bytes")
        if sum(map(len, contents.values())) > MAX_TOTAL_BYTES:
            raise Failure(f"{zip_path}: more than {MAX_TOTAL_BYTES >> 20} MB: this is no backup of the box")
    return contents


def _refusal(entry: zipfile.ZipInfo, taken: Iterable[str]) -> str:
    """What is wrong with an entry before it is opened, "" where nothing is."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "is no plain file"
    if not _is_ours(entry.filename):
        return f"is no file of the box: there are {', '.join(READERS)}, and .toml files in {', '.join(KINDS)}"
    if entry.flag_bits & 1:
        return "is encrypted"
    if entry.file_size > MAX_BYTES:
        return f"has more than {MAX_BYTES:,} bytes"
    return "is in it twice" if entry.filename in taken else ""


def _is_ours(path: str) -> bool:
    return bool(_NAME.fullmatch(path)) and path.isprintable()


def faults_of(contents: dict[str, bytes], data: Path) -> list[Fault]:
    """Everything that is wrong in the files of a backup. Raises OSError."""
    return [fault for found in check_together(contents, data).values() for fault in found]


def changes_of(contents: dict[str, bytes], data: Path) -> list[Change]:
    """What restoring would do to each file, in the order of their paths. Raises OSError."""
    return [Change(path, _how(data / path, contents[path])) for path in sorted(contents)]


def _how(path: Path, content: bytes) -> str:
    if not path.exists():
        return "new"
    return "same" if path.read_bytes() == content else "replaces"


def restore(contents: dict[str, bytes], data: Path) -> dict[str, str]:
    """Put the files where they belong, all or none; by path, under which name what was there is kept.

    Raises OSError; then everything is as it was.
    """
    wanted = {
        data / change.path: contents[change.path] for change in changes_of(contents, data) if change.how != "same"
    }
    return {str(path.relative_to(data)): aside.name for path, aside in save_all(wanted).items()}
