"""Packages of hostile makers: each is a sentence, at once, and takes little memory."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from deckwright.apkg.package import package
from deckwright.diff.against import since_package
from deckwright.model import Deck, Note
from deckwright.real_anki import Refused
from deckwright.real_anki.contents import in_package
from deckwright.real_anki.package_file import MAX_ENTRIES, MAX_PACKAGE
from deckwright.rehearsal import rehearse
from tests.decks import card, compile_cards
from tests.fuzz.harness import SHARE
from tests.program import run
from tests.rehearsal.upgrades import patched, patched_json

pytest.importorskip("anki")

CASES = int(SHARE * 500)


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Deck:
    """A deck of two notes, with mods."""
    text = f"{card('One.', 'First?', 'one')}\n{card('Two {{c1::a}}.', 'Second', 'two')}"
    compiled = compile_cards(tmp_path_factory.mktemp("deck"), text)
    assert compiled.deck
    return compiled.deck


@pytest.fixture(scope="module")
def good(deck: Deck) -> bytes:
    """A package of it."""
    return package(deck, "1.0.0", 1_600_000_000).data


def entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def zipped(parts: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def with_sql(sql: str) -> Callable[[bytes], bytes]:
    """A package whose database was changed."""

    def run_it(connection: sqlite3.Connection) -> None:
        connection.executescript(sql)

    return lambda data: patched(data, run_it)


def with_part(name: str, part: bytes, kind: int = zipfile.ZIP_DEFLATED) -> Callable[[bytes], bytes]:
    return lambda data: zipped({**entries(data), name: part}, kind)


def said_small(data: bytes) -> bytes:
    """An archive whose entry ``0`` says that it has 10 bytes and becomes many more."""
    made = zipped({**entries(data), "0": bytes(50 << 20)}, zipfile.ZIP_DEFLATED)
    real = struct.pack("<L", 50 << 20)
    crc, small = struct.pack("<L", zlib.crc32(bytes(50 << 20))), struct.pack("<L", 10)
    return made.replace(real, small).replace(crc, struct.pack("<L", zlib.crc32(bytes(10))))


def overlapping(data: bytes) -> bytes:
    """An archive with an entry whose data is that of another."""
    made = zipped({**entries(data), "0": b"x" * 999})
    start = made.rindex(b"PK\1\2")  # the list's last line
    end = made.rindex(b"PK\5\6")
    twin = bytearray(made[start:end])
    twin[46:47] = b"1"
    head = list(struct.unpack("<4s4H2LH", made[end:]))
    head[3], head[4], head[5] = head[3] + 1, head[4] + 1, head[5] + len(twin)
    return made[:end] + bytes(twin) + struct.pack("<4s4H2LH", *head)


def many_rows(data: bytes) -> bytes:
    """A database in which one page of rows is read many times."""
    return with_sql(
        "create table big as with recursive c(n) as (select 1 union all select n + 1 from c"
        " limit 5000) select n, hex(randomblob(40)) from c; pragma writable_schema = on;"
        "update sqlite_master set rootpage = (select rootpage from sqlite_master where"
        " name = 'big') where name = 'revlog'"
    )(data)


def typed(column: str, value: str) -> Callable[[bytes], bytes]:
    table = "cards" if column in ("nid", "ord", "did") else "notes"
    return with_sql(f"update {table} set {column} = {value}")


def model(**values: object) -> Callable[[bytes], bytes]:
    """A package whose note types have other values."""
    return lambda data: patched_json(data, "models", lambda one: one.update(values))


ENDLESS = "with recursive c(n) as (select 1 union all select n + 1 from c) select"
AS_NOTES = "n as id, 'g' || n as guid, 1 as mid, 1 as mod, 0 as usn, '' as tags, 'x' as flds"
HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "no zip": lambda _: b"no zip",
    "nothing": lambda _: b"",
    "half": lambda data: data[: len(data) // 2],
    "its end alone": lambda data: data[-22:],
    "something before it": lambda data: b"x" * 99 + data,
    "something after it": lambda data: data + b"x",
    "a comment": lambda data: data[:-2] + b"\x05\x00hello",
    "another zip after it": lambda data: data + data,
    "no database": lambda _: zipped({"media": b"{}"}),
    "no media": with_part("media", b""),
    "a bomb": with_part("0", bytes(400 << 20)),
    "many bombs": lambda data: zipped(
        {**entries(data), **{str(n): bytes(40 << 20) for n in range(8)}}, zipfile.ZIP_DEFLATED
    ),
    "a bomb that says it is small": said_small,
    "a large database": with_part("collection.anki2", bytes(140 << 20)),
    "a second, hostile database": with_part("collection.anki21", b"SQLite format 3\0" + bytes(99)),
    "entries that overlap": overlapping,
    "many entries": lambda _: zipped({str(n): b"" for n in range(MAX_ENTRIES + 1)}),
    "bzip2": with_part("0", b"x" * 999, zipfile.ZIP_BZIP2),
    "lzma": with_part("0", b"x" * 999, zipfile.ZIP_LZMA),
    "encrypted": lambda data: data.replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0").replace(
        b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"
    ),
    "deep JSON for media": with_part("media", b"[" * 1_000_000),
    "large JSON for media": with_part("media", b"{" + b'"a":[],' * 900_000 + b'"b":1}'),
    "a list for media": with_part("media", b"[1, 2]"),
    "numbers for media": with_part("media", b'{"0": 1}'),
    "media that are not there": with_part("media", b'{"0": "a.png"}'),
    "no database at all in it": with_part("collection.anki2", bytes(4096)),
    "a view for notes": with_sql(
        f"drop table notes; create view notes as {ENDLESS} {AS_NOTES} from c"
    ),
    "a view for col": with_sql(f"drop table col; create view col as {ENDLESS} n as models from c"),
    "a view beside": with_sql("create view v as select 1"),
    "a trigger": with_sql(
        "create trigger t after update on col begin insert into graves select 1, 1, 1; end"
    ),
    "a virtual table": with_sql("create virtual table v using fts5(x)"),
    "a computed column": with_sql(
        "drop table notes; create table notes (id integer primary key, guid, mid, mod, usn, tags,"
        " sfld, csum, flags, data, flds text as (zeroblob(999999999)))"
    ),
    "an index that computes": with_sql("create index i on notes (abs(id))"),
    "a partial index": with_sql("create index i on notes (id) where id > 0"),
    "a check": with_sql("create table x (a check (a > 0))"),
    "no table": with_sql("drop table revlog"),
    "other columns": with_sql("drop table cards; create table cards (id integer)"),
    "pages that are read twice": many_rows,
    "no row of col": with_sql("delete from col"),
    "two rows of col": with_sql(
        "insert into col select id + 1, crt, mod, scm, ver, dty, usn, ls,"
        " conf, models, decks, dconf, tags from col"
    ),
    "deep JSON for note types": with_sql(f"update col set models = '{'[' * 99_999}'"),
    "large JSON for note types": with_sql("update col set models = hex(zeroblob(3000000))"),
    "a number for note types": with_sql("update col set models = 5"),
    "a list for decks": with_sql("update col set decks = '[]'"),
    "a large field": with_sql("update notes set flds = hex(zeroblob(9000000))"),
    "equal GUIDs": typed("guid", "'same'"),
    "a note type that is not there": typed("mid", "77"),
    "a text for a note type": typed("mid", "'x'"),
    "a blob for a GUID": typed("guid", "x'00ff'"),
    "a number for fields": typed("flds", "x'00'"),
    "no fields": typed("flds", "''"),
    "a time that is none": typed("mod", "-5"),
    "a huge time": typed("mod", "9223372036854775807"),
    "a fraction for a time": typed("mod", "1.5"),
    "cards without notes": typed("nid", "5"),
    "cards without a number": typed("ord", "-1"),
    "cards with a huge number": typed("ord", "99999999"),
    "a text for a card's number": typed("ord", "'x'"),
    "note types without templates": model(tmpls=[]),
    "note types without fields": model(flds=[]),
    "note types of lists": model(name=["x"]),
    "note types with a text as time": model(mod="x"),
    "templates of numbers": model(tmpls=[1]),
    "CSS of numbers": model(css=5),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_package_is_a_sentence_to_all_who_read_it(
    name: str, good: bytes, deck: Deck, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.apkg", tmp_path / "new.apkg"
    old.write_bytes(HOSTILE[name](good))
    new.write_bytes(good)
    [rehearsal] = rehearse([old], new)
    [failure] = rehearsal.failures
    assert "old.apkg" in failure.what and failure.fix
    with pytest.raises(Refused, match=r"old\.apkg"):
        since_package(deck, old)


def test_the_verbs_say_it_in_one_line(good: bytes, tmp_path: Path) -> None:
    (tmp_path / "new.apkg").write_bytes(good)
    compile_cards(tmp_path / "content", card("One.", "First?", "one"))
    for name in ("equal GUIDs", "a bomb that says it is small", "a view for notes", "half"):
        (tmp_path / "old.apkg").write_bytes(HOSTILE[name](good))
        for args, code in (
            (("verify", "old.apkg", "new.apkg"), 1),
            (("diff", "--against", "old.apkg"), 2),
            (("diff", "--against", "old.apkg", "--format", "html"), 2),
        ):
            done = run(*args, cwd=tmp_path)
            assert done.returncode == code, done.stderr
            assert "old.apkg" in done.stderr and "Traceback" not in done.stderr


def test_a_pipe_is_no_package(good: bytes, tmp_path: Path) -> None:
    (tmp_path / "new.apkg").write_bytes(good)
    os.mkfifo(tmp_path / "old.apkg")
    done = run("verify", "old.apkg", "new.apkg", cwd=tmp_path, patience=60)
    assert done.returncode == 1
    assert "not a regular file" in done.stderr


def _little_memory() -> None:
    """Allow 300 MB more than what the program has when it begins."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MAX_PACKAGE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _many(kind: str, good: bytes) -> bytes:
    """As much as a package may hold, of small things."""
    if kind == "notes":
        sql = (
            "insert into notes select n, 'g' || n, mid, mod, 0, '', flds, 0, 0, 0, '' from c, notes"
            " where notes.id = (select max(id) from notes)"
        )
    else:
        zeros = ", 0" * 12
        sql = (
            f"insert into cards select n, nid, 0, did, mod{zeros}, '' from c, cards"
            " where cards.id = (select max(id) from cards)"
        )
    counted = "with recursive c(n) as (select 1 union all select n + 1 from c limit 450000) "
    return with_sql(f"{counted}{sql}")(good)


@pytest.mark.parametrize("kind", ["notes", "cards"])
def test_what_takes_much_memory_is_refused_before_it_does(
    kind: str, good: bytes, tmp_path: Path
) -> None:
    (tmp_path / "new.apkg").write_bytes(good)
    data = _many(kind, good)
    (tmp_path / "old.apkg").write_bytes(zipped(entries(data), zipfile.ZIP_DEFLATED))
    compile_cards(tmp_path / "content", card("One.", "First?", "one"))
    done = run("diff", "--against", "old.apkg", cwd=tmp_path, before=_little_memory)
    assert done.returncode == 2, done.stdout[-300:] + done.stderr[-300:]
    assert "old.apkg" in done.stderr and "not enough memory" not in done.stderr


def test_large_lawful_packages_are_read(deck: Deck, tmp_path: Path) -> None:
    """Of 20,000 notes, with a picture."""
    [one, _] = deck.notes
    notes = tuple(_note(one, number) for number in range(20_000))
    path = tmp_path / "large.apkg"
    large = Deck(deck.info, deck.types, notes, ())
    path.write_bytes(package(large, "1.0.0", 1_600_000_000).data)
    contents = in_package(path)
    assert len(contents.notes) == 20_000 and not contents.fault


def _note(one: Note, number: int) -> Note:
    from dataclasses import replace

    return replace(one, id=f"n{number}", guid=f"g{number}")


def test_whatever_is_done_to_a_package_it_is_read_or_refused(
    good: bytes, deck: Deck, tmp_path: Path
) -> None:
    """Bytes of its archive, its database or its JSON are flipped, cut, doubled or replaced."""
    path = tmp_path / "old.apkg"
    read = 0
    for number in range(CASES):
        chance = random.Random(number)
        path.write_bytes(_spoilt(good, chance))
        try:
            difference = since_package(deck, path)
        except Refused as refused:
            assert "old.apkg" in str(refused)
        else:
            read += 1
            assert difference.before.notes is not None
    assert 0 < read < CASES


def _spoilt(good: bytes, chance: random.Random) -> bytes:
    parts = entries(good)
    kind = chance.randrange(4)
    if kind == 0:
        return _edited(good, chance)
    if kind == 1:
        name = chance.choice([*parts])
        return zipped({**parts, name: _edited(parts[name], chance)})
    if kind == 2:
        return patched_json(
            good, chance.choice(("models", "decks")), lambda one: _replace(one, chance)
        )
    return patched(good, lambda db: _set(db, chance))


def _edited(data: bytes, chance: random.Random) -> bytes:
    edited = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randrange(len(edited)), chance.choice((1, 1, 1, 4, 64, 4096))
        part = bytes(edited[at : at + length])
        edited[at : at + length] = chance.choice(
            (chance.randbytes(len(part)), b"", part * 2, bytes(len(part)), b"\xff" * len(part))
        )
        if not edited:
            break
    return bytes(edited)


VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    1 << 62,
    "",
    "x",
    "\x1f",
    [],
    {},
    ["x"],
    {"a": 1},
    [[]],
)


def _replace(one: dict[str, object], chance: random.Random) -> None:
    key = chance.choice(sorted(one))
    inner = one[key]
    if isinstance(inner, list) and inner and isinstance(inner[0], dict) and chance.random() < 0.6:
        _replace(inner[0], chance)
    elif chance.random() < 0.2:
        del one[key]
    else:
        one[key] = json.loads(json.dumps(chance.choice(VALUES)))


def _set(db: sqlite3.Connection, chance: random.Random) -> None:
    table = chance.choice(("notes", "cards", "col", "revlog"))
    columns = [row[1] for row in db.execute(f"pragma table_info({table})")]
    value = chance.choice([one for one in VALUES if not isinstance(one, list | dict)] + [b"\xff\0"])
    try:
        db.execute(f"update {table} set {chance.choice(columns)} = ?", [value])
    except sqlite3.Error:
        db.rollback()


# -- Anki's newer format ---------------------------------------------------------------------------


def newer(parts: dict[str, bytes]) -> bytes:
    return zipped({"meta": b"\x08\x03", "media": _frame(b""), **parts})


def _frame(block: bytes) -> bytes:
    """A Zstandard frame of one raw block."""
    header = (len(block) << 3 | 1).to_bytes(3, "little")
    return b"\x28\xb5\x2f\xfd\x00\x58" + header + block


def _bomb(blocks: int) -> bytes:
    """A frame of blocks that are each one byte, 128 KB times."""
    one = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b"x"
    last = ((128 << 10) << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"x"
    return b"\x28\xb5\x2f\xfd\x00\x58" + one * (blocks - 1) + last


NEWER = {
    "a bomb": {"collection.anki21b": _bomb(9_000)},
    "many bombs": {"collection.anki21b": _bomb(1)} | {str(n): _bomb(900) for n in range(4)},
    "frames behind one": {"collection.anki21b": _frame(b"x") + _bomb(9_000)},
    "a frame to skip": {"collection.anki21b": b"\x50\x2a\x4d\x18\0\0\0\0" + _bomb(9_000)},
    "an old frame": {"collection.anki21b": b"\x27\xb5\x2f\xfd" + bytes(99)},
    "not compressed": {"collection.anki21b": b"SQLite format 3\0"},
    "no database": {"collection.anki21b": _frame(b"SQLite format 3\0")},
}


@pytest.mark.parametrize("name", NEWER)
def test_a_hostile_package_in_the_newer_format_is_a_sentence(
    name: str, deck: Deck, tmp_path: Path
) -> None:
    old = tmp_path / "old.apkg"
    old.write_bytes(newer(NEWER[name]))
    with pytest.raises(Refused):
        since_package(deck, old)


def test_a_database_in_the_newer_format_that_never_ends_is_given_up(
    deck: Deck, good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deckwright.diff import foreign
    from deckwright.rendering.pool import Budget

    monkeypatch.setattr(foreign, "_BUDGET", Budget(seconds=2, memory=600 << 20))
    monkeypatch.setattr(foreign, "_WHOLE", 3)
    view = HOSTILE["a view for notes"](good)
    database = entries(view)["collection.anki2"]
    blocks = [database[at : at + (100 << 10)] for at in range(0, len(database), 100 << 10)]
    frame = b"\x28\xb5\x2f\xfd\x00\x58" + b"".join(
        (len(block) << 3 | (block is blocks[-1])).to_bytes(3, "little") + block for block in blocks
    )
    old = tmp_path / "old.apkg"
    old.write_bytes(newer({"collection.anki21b": frame}))
    with pytest.raises(Refused):
        since_package(deck, old)
