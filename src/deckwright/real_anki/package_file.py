"""A package as a file: what is in it and how large that is, before anything opens it.

A package may come from anybody. A zip of 1 MB can become a terabyte, and a database can hold views
and triggers in the place of tables, which run for ever in whatever reads them. So all of it is
measured first, by what is there and not by what it says of itself; and Anki gets what is left.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from deckwright.apkg.files import scratch_folder

MAX_PACKAGE = 300 << 20
"""Bytes of a package, and of all that is in it: ours have 200 MB of media at most."""
MAX_DATABASE = 128 << 20
"""Bytes of a package's database: 100,000 notes of 1 KB."""
MAX_JSON = 4 << 20
"""Bytes of a text of JSON, which takes up to twenty times as much memory."""
MAX_TEXT = 16 << 20
"""Bytes of anything else in a database."""
MAX_ENTRIES = 50_000
PATIENCE = 60.0
"""Seconds of a processor that a query of a database may take."""

COMPRESSED = "collection.anki21b"
"""The database of Anki's newer format, which Anki alone reads."""
_DATABASES = ("collection.anki21", "collection.anki2")
_UNCOMPRESSED = ("meta", *_DATABASES)
"""What is not compressed once more in that format."""
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_TABLES = {
    "col": "models decks",
    "notes": "id guid mod mid flds tags",
    "cards": "id nid ord did due type queue reps lapses ivl odid",
    "revlog": "id",
}
"""The tables that are read, and what is read of each."""
_ALIVE = re.compile(r"\b(?:check|references|generated|virtual)\b", re.IGNORECASE)
_INDEX = re.compile(
    r'\s*create\s+(?:unique\s+)?index\s+[\w"]+\s+on\s+[\w"]+\s*\([\w", ]+\)\s*', re.IGNORECASE
)


class HostileError(ValueError):
    """What a package holds that no package of Anki's has."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A package that may be opened."""

    zipped: zipfile.ZipFile
    database: Path | None
    """A copy of its database; None in Anki's newer format."""


@contextmanager
def opened(path: Path) -> Iterator[PackageFile]:
    """Open a package, after a look at all that is in it.

    Raises:
        HostileError: where it holds what could harm its reader.
        zipfile.BadZipFile: where it is no zip archive.
        sqlite3.Error: where its database is damaged.
        KeyError: where it has none.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise HostileError("it is not a regular file")
    if path.stat().st_size > MAX_PACKAGE:
        raise HostileError(f"it has more than {MAX_PACKAGE >> 20} MB")
    with path.open("rb") as file:
        _check_end(file)
        with zipfile.ZipFile(file) as zipped, scratch_folder() as folder:
            _check_sizes(file, zipped.infolist())
            names = {*zipped.namelist()}
            if COMPRESSED in names:
                yield PackageFile(zipped, None)
                return
            found = [name for name in _DATABASES if name in names] or [_DATABASES[-1]]
            for name in found:  # Anki opens one of them, we do not know which
                with zipped.open(name) as source, (folder / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
                with database(folder / name) as connection:
                    _check_database(connection)
            yield PackageFile(zipped, folder / found[0])


def read_json(zipped: zipfile.ZipFile, name: str) -> bytes:
    """A text of JSON in a package."""
    if zipped.getinfo(name).file_size > MAX_JSON:
        raise HostileError(f"{name} has more than {MAX_JSON >> 20} MB")
    return zipped.read(name)


# -- The archive -----------------------------------------------------------------------------------


def _check_end(file: BinaryIO) -> None:
    """The list of a zip's entries is where all readers find it, and not long."""
    size = file.seek(0, 2)
    file.seek(max(size - _END.size - 20, 0))
    tail = file.read()
    if len(tail) < _END.size or tail[-_END.size :][:4] != b"PK\5\6":
        raise zipfile.BadZipFile("it is no whole zip archive")
    _, _, _, _, entries, length, start, comment = _END.unpack(tail[-_END.size :])
    if comment or tail[:4] == b"PK\6\7" or start + length + _END.size != size:
        raise HostileError("its list of files can be read in two ways")
    if entries > MAX_ENTRIES or length > MAX_ENTRIES * 100:
        raise HostileError(f"it has more than {MAX_ENTRIES:,} files")


def _check_sizes(file: BinaryIO, entries: list[zipfile.ZipInfo]) -> None:
    """No entry is larger than it says, lies in another, or has the name of another."""
    if len({one.filename for one in entries}) < len(entries):
        raise HostileError("two files in it have one name")
    total = sum(one.file_size for one in entries)
    if total > MAX_PACKAGE:
        raise HostileError(f"all files in it have more than {MAX_PACKAGE >> 20} MB together")
    spans = sorted((_span(file, one), one.filename) for one in entries)
    for ((_, end), name), ((start, _), other) in pairwise(spans):
        if end > start:
            raise HostileError(f"the files {name[:40]} and {other[:40]} in it overlap")
    newer = any(one.filename == COMPRESSED for one in entries)
    bound = 0
    for one in entries:
        if one.filename in _DATABASES and one.file_size > MAX_DATABASE:
            raise HostileError(f"its database has more than {MAX_DATABASE >> 20} MB")
        start, end = _span(file, one)
        if _expanded(file, one, end) != one.file_size:
            raise HostileError(f"the file {one.filename[:40]} in it is not as large as it says")
        if newer and one.filename not in _UNCOMPRESSED:
            bound += _bound(file, end - one.compress_size, end)
        if bound > MAX_PACKAGE or (newer and one.compress_type != zipfile.ZIP_STORED):
            raise HostileError(f"it could become more than {MAX_PACKAGE >> 20} MB")


def _span(file: BinaryIO, one: zipfile.ZipInfo) -> tuple[int, int]:
    """Where an entry begins and ends, with its own header."""
    file.seek(one.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
        raise zipfile.BadZipFile("it is no whole zip archive")
    *_, name, more = _LOCAL.unpack(head)
    return one.header_offset, one.header_offset + _LOCAL.size + name + more + one.compress_size


def _expanded(file: BinaryIO, one: zipfile.ZipInfo, end: int) -> int:
    """How many bytes come out of an entry; more than it says where there are more."""
    if one.flag_bits & 1:
        raise HostileError("it is encrypted")
    if one.compress_type == zipfile.ZIP_STORED:
        return one.compress_size
    if one.compress_type != zipfile.ZIP_DEFLATED:
        raise HostileError("it is compressed in a way that packages are not")
    file.seek(end - one.compress_size)
    reader, left, found = zlib.decompressobj(-zlib.MAX_WBITS), one.compress_size, 0
    while left > 0 and (chunk := file.read(min(left, 1 << 16))):
        left -= len(chunk)
        while chunk:
            found += len(reader.decompress(chunk, 1 << 18))
            chunk = reader.unconsumed_tail
            if found > one.file_size:
                return found
    return found + len(reader.flush())


_MAGIC = b"\x28\xb5\x2f\xfd"
_BLOCK = 128 << 10


def _bound(file: BinaryIO, start: int, end: int) -> int:
    """How many bytes Anki can make of a file that it compressed itself, as Zstandard (RFC 8878).

    Each block becomes 128 KB at most, or as many as it says where it is not compressed.
    """
    most, at = 0, start
    while at < end:
        file.seek(at)
        head = file.read(5)
        if len(head) < 5 or head[:4] != _MAGIC:
            raise HostileError("a file in it is not compressed as Anki does it")
        flags = head[4]
        single = flags >> 5 & 1
        at += 5 + (1 - single) + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
        last = False
        while not last and at < end:
            file.seek(at)
            header = int.from_bytes(file.read(3), "little")
            last, kind, size = bool(header & 1), header >> 1 & 3, header >> 3
            at += 3 + (1 if kind == 1 else size)
            most += size if kind < 2 else _BLOCK
        at += 4 * (flags >> 2 & 1)
    return most


# -- The database ----------------------------------------------------------------------------------


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that is only read, for a while."""
    until = time.process_time() + PATIENCE
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_TEXT)
        connection.execute("pragma trusted_schema = off")
        connection.set_progress_handler(lambda: time.process_time() > until, 100_000)
        yield connection


def _check_database(connection: sqlite3.Connection) -> None:
    """A database has plain tables, as Anki has them, and each page once."""
    kinds = {}
    for kind, name, sql in connection.execute("select type, name, sql from sqlite_master"):
        kinds[name] = kind
        plain = kind == "table" and sql and not _ALIVE.search(sql)
        if not plain and not (kind == "index" and (sql is None or _INDEX.fullmatch(sql))):
            raise HostileError(
                f"its database has the {kind} {str(name)[:40]!r}, which runs something"
            )
    for name, columns in _TABLES.items():
        if kinds.get(name) != "table":
            raise HostileError(f"its database has no table {name}")
        shape = {row[1]: row[6] for row in connection.execute(f"pragma table_xinfo({name})")}
        if not {*columns.split()} <= shape.keys() or any(shape.values()):
            raise HostileError(f"the table {name} of its database has other columns")
    [[found]] = connection.execute("pragma quick_check(1)")
    if found != "ok":
        raise HostileError("its database is damaged")
    [row] = connection.execute(
        "select max(length(cast(models as blob))), max(length(cast(decks as blob))), count()"
        " from col"
    )
    if row[2] != 1 or any(type(size) is not int or size > MAX_JSON for size in row[:2]):
        raise HostileError(f"its database has more than {MAX_JSON >> 20} MB of note types or decks")
