"""The parts of the HTML page, from the files beside this one; what is put into them is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

_MARK = re.compile(r"@([A-Z]+)@")


class Html(str):
    """Markup that was made here, and is not escaped again."""

    __slots__ = ()


def read(name: str) -> str:
    """A file of the page."""
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")


def page(**values: str) -> Html:
    """The whole page."""
    return _filled(read("page.html"), values)


def part(name: str, /, **values: str) -> Html:
    """A part of it, by its name in ``parts.html``."""
    return _filled(_parts()[name], values)


def joined(parts: Iterable[Html]) -> Html:
    """Parts one after the other."""
    return Html("".join(parts))


@cache
def _parts() -> dict[str, str]:
    found = re.split(r"^<!-- (\w+) -->\n", read("parts.html"), flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(found[1::2], found[2::2], strict=True)}


def _filled(template: str, values: dict[str, str]) -> Html:
    """In one pass: a mark inside a value stays as it is."""

    def value(match: re.Match[str]) -> str:
        text = values[match[1].lower()]
        return text if isinstance(text, Html) else escape(text)

    return Html(_MARK.sub(value, template))
