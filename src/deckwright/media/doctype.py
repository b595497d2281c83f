"""A drawing without its DOCTYPE: what ``check --fix`` writes for one that only that makes unfit.

Editors declare short names for long addresses there, as entities, and use them in attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deckwright.media.files import MOST_BYTES
from deckwright.media.svg import SvgError, clean_svg
from deckwright.source.texts import NotReadError, read_inside
from deckwright.source.tree import walk

_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[\]<>]*+\[(?P<declared>[^\[\]]*+)\]\s*+>[ \t]*\r?\n?")
_ENTITY = re.compile(
    r"<!ENTITY\s++(?P<name>[\w.-]++)\s++(?:\"(?P<double>[^\"&%<]*+)\"|'(?P<single>[^'&%<]*+)')\s*+>"
)
_MOST_ENTITIES = 50


def without_doctype(data: bytes) -> bytes | None:
    """A drawing with its entities written out, and no DOCTYPE; None where that does not mend it."""
    if _is_fit(data):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    found = _DOCTYPE.search(text)
    if not found or _ENTITY.sub("", found["declared"]).strip():
        return None
    entities: dict[str, str] = {}
    for one in _ENTITY.finditer(found["declared"]):  # of two of a name, the first one counts
        entities.setdefault(one["name"], one["double"] or one["single"] or "")
    if "<![CDATA[" in text:
        return None  # in which an entity is a text
    text = text[: found.start()] + text[found.end() :]
    if len(entities) > _MOST_ENTITIES:
        return None
    for name, value in entities.items():
        text = text.replace(f"&{name};", value.replace('"', "&quot;").replace("'", "&apos;"))
        if len(text) > MOST_BYTES:
            return None
    better = text.encode()
    return better if _is_fit(better) else None


def _is_fit(data: bytes) -> bool:
    try:
        clean_svg(data)
    except SvgError:
        return False
    return True


def mended_drawings(root: Path) -> Iterator[tuple[str, bytes, bytes]]:
    """The drawings of a deck that are fit without their DOCTYPE: path, as it is, and mended."""
    for inside in walk(root).paths():
        if inside.suffix.lower() != ".svg":
            continue
        try:
            data = read_inside(root, inside, MOST_BYTES)
        except NotReadError:
            continue
        if b"<!DOCTYPE" in data and (better := without_doctype(data)):
            yield (root / inside).as_posix(), data, better
