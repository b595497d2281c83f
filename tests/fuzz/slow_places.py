"""Where in a deck a text may be that is made to be slow, and how long it may be there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from string import ascii_lowercase
from tempfile import TemporaryDirectory

from deckwright.source.limits import MAX_CARD, MAX_DESCRIPTION, MAX_FILE, MAX_TOML
from deckwright.source.strict_yaml import LIMIT as MAX_YAML
from tests.decks import TOML, card, make_deck, release
from tests.note_types.own_types import with_types

Files = dict[str, str | bytes]
Text = Callable[[int], str]
"""A text of about so many bytes."""

LEDGER, DRAWING = 2 << 20, 1 << 20
"""How large a ledger and a drawing are made: more is allowed, and takes more in proportion."""
_ROOM = 400
"""Bytes of a card beside its text."""
_SHORT = 30
"""The same of a line of deck.toml."""


def in_cards(
    write: Callable[[str, int], str], most: int = MAX_CARD - _ROOM
) -> Callable[[Text, int, int], Files]:
    """Card files in which each card holds such a text."""

    def make(text: Text, size: int, each: int) -> Files:
        return {"01-cards.md": "# T\n\n" + "\n".join(_cards(write, text, size, min(each, most)))}

    return make


def _cards(write: Callable[[str, int], str], text: Text, size: int, each: int) -> Iterator[str]:
    left = size - 100
    for number in count():
        one = write(text(min(each, left - 200)), number)
        left -= len(one.encode("utf-8", "replace")) + 1
        if left < 0:
            return
        yield one
        if left < 200:
            return


def _line(text: str) -> str:
    return " ".join(text.split("\n"))


def _part(name: str) -> Callable[[str, int], str]:
    return lambda text, n: card(f"An answer.\n\n### {name}\n\n{text}", f"Question {n}?", f"a{n}")


def _answer(before: str = "", after: str = "") -> Callable[[str, int], str]:
    return lambda text, n: card(f"{before}{text}{after}", f"Question {n}?", f"a{n}")


def _commented(text: str, number: int) -> str:
    return f"## Question {number}?\n<!--\nid: a{number}\n{text}\n-->\n\nAn answer.\n"


def _tagged(text: str, number: int) -> str:
    return _commented(f"tags: [{_line(text)}]", number)


def _raw(name: str, before: str = "", after: str = "") -> Callable[[Text, int, int], Files]:
    """A file of one text beside a small deck."""
    return lambda text, size, _: {
        "01-cards.md": "# T\n\n" + card("An answer."),
        name: before + text(size - len(before) - len(after)) + after,
    }


def _many(before: str, write: Callable[[str, int], str]) -> Callable[[Text, int, int], Files]:
    """A deck.toml of many lines."""

    def make(text: Text, size: int, each: int) -> Files:
        lines, left = [before], size - len(before)
        while left > _SHORT:
            lines.append(write(_line(text(min(each, left - _SHORT))), len(lines)))
            left -= len(lines[-1].encode())
        return {"01-cards.md": "# T\n\n" + card("An answer."), "deck.toml": "".join(lines)}

    return make


def _letters(number: int) -> str:
    return "".join(ascii_lowercase[int(digit)] for digit in str(number))


def _drawing(text: Text, size: int, _: int) -> Files:
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n'
    cards = "# T\n\n" + card("![what it shows, in words](media/a.svg)")
    return {"01-cards.md": cards, "media/a.svg": f"{head}{text(size)}\n</svg>\n"}


def _template(text: Text, size: int, _: int) -> Files:
    front = f"<div>{{{{Word}}}}</div>\n{text(size - _SHORT)}"
    return {**with_types(), "note_types/vocabulary/understand.front.html": front}


def _signed(rows: list[dict[str, object]]) -> bytes:
    body = "".join(
        json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows
    ).encode()
    end = {"row": "end", "sha256": sha256(body).hexdigest()}
    return body + json.dumps(end, sort_keys=True).encode() + b"\n"


@cache
def _rows() -> tuple[str, ...]:
    """The rows of a ledger of eight cards."""
    with TemporaryDirectory() as name:
        cards = "\n".join(card("An answer.", f"Question {n}?", f"a{n}") for n in range(8))
        release(make_deck(Path(name), {"01-cards.md": f"# T\n\n{cards}"}))
        return tuple((Path(name) / "ledger.jsonl").read_text(encoding="utf-8").splitlines()[:-1])


def _hostile_ledger(text: Text, size: int, each: int) -> Files:
    """A ledger whose notes have such texts, beside a deck whose cards have some of it."""
    rows = [json.loads(row) for row in _rows()]
    for row in rows:
        if row["row"] == "note":
            row["fields"][1] = text(size // 8)
    cards = "\n".join(card(text(each), f"Question {n}?", f"a{n}") for n in range(8))
    return {"01-cards.md": f"# T\n\n{cards}", "ledger.jsonl": _signed(rows)}


def released(
    make: Callable[[Text, int, int], Files], edit: Callable[[str, int], str]
) -> Callable[[Text, int, int], Files]:
    """A deck whose ledger has other texts than its cards; :mod:`tests.fuzz.slow` releases it."""

    def both(text: Text, size: int, each: int) -> Files:
        files = make(text, size, each)
        cards = str(files["01-cards.md"]).split("\n## ")
        now = [edit(one, number) for number, one in enumerate(cards)]
        return {**files, "before.md": files["01-cards.md"], "01-cards.md": "\n## ".join(now)}

    return both


def _every_second_word(one: str, number: int) -> str:
    head, mark, body = one.partition("-->")
    words = body.split(" ")
    return (
        head
        + mark
        + " ".join(
            f"{word[:-1]}x" if (number + at) % 2 and word.isalpha() else word
            for at, word in enumerate(words)
        )
    )


PLACES: dict[str, tuple[Callable[[Text, int, int], Files], int]] = {
    "answer": (in_cards(_answer()), MAX_FILE),
    "prompt": (in_cards(lambda text, n: card("An answer.", _line(text), f"a{n}")), MAX_FILE),
    "prompt and answer": (
        in_cards(lambda text, n: card(text, _line(text), f"a{n}"), MAX_CARD // 2 - _ROOM),
        MAX_FILE,
    ),
    **{name: (in_cards(_part(name)), MAX_FILE) for name in "Why Source Typed Reverse".split()},
    "beside a cloze": (in_cards(_answer("{{c1::the hidden words}} ")), MAX_FILE),
    "in a cloze": (in_cards(_answer("{{c1::", "}} and more")), MAX_FILE),
    "in a hint": (in_cards(_answer("{{c1::words::", "}} and more")), MAX_FILE),
    "in a formula": (in_cards(_answer("$", "$"), 1_990), MAX_FILE),
    "in code": (in_cards(_answer("```python\n", "\n```")), MAX_FILE),
    "in a cell": (
        in_cards(
            lambda text, n: card(f"| a | b |\n|-|-|\n| {_line(text)} | c |", f"Q{n}?", f"a{n}")
        ),
        MAX_FILE,
    ),
    "in a list": (in_cards(_answer("- a\n- ")), MAX_FILE),
    "in a picture's words": (in_cards(_answer("![", "](media/dot.png) some words")), MAX_FILE),
    "in a tag": (in_cards(_answer("<p>", "</p>")), MAX_FILE),
    "comment": (in_cards(_commented, MAX_YAML - _ROOM), MAX_FILE),
    "tags": (in_cards(_tagged, MAX_YAML - _ROOM), MAX_FILE),
    "front matter": (_raw("01-cards.md", "---\n", "\n---\n# T\n\n" + card("x")), MAX_FILE),
    "before the cards": (_raw("01-cards.md", "# T\n\n", "\n\n" + card("x")), MAX_FILE),
    "behind the cards": (_raw("01-cards.md", "# T\n\n" + card("x")), MAX_FILE),
    "title": (
        lambda text, size, _: {"01-cards.md": f"# {_line(text(size - _ROOM))}\n\n" + card("x")},
        MAX_FILE,
    ),
    "deck.toml": (_raw("deck.toml", TOML), MAX_TOML),
    "description": (_raw("deck.toml", f'{TOML}description = """', '"""\n'), MAX_DESCRIPTION),
    "macros": (
        _many(f"{TOML}[macros]\n", lambda text, n: f"m{_letters(n)} = '{text}'\n"),
        MAX_TOML,
    ),
    "retired": (_many(f"{TOML}[retired]\n", lambda text, n: f"a{n} = '{text}'\n"), MAX_TOML),
    "moved": (_many(f"{TOML}[moved]\n", lambda text, n: f"'{text} {n}' = 'b'\n"), MAX_TOML),
    "style.css": (_raw("style.css"), MAX_TOML),
    "template": (_template, MAX_TOML),
    "drawing": (_drawing, DRAWING),
    "other words in the ledger": (released(in_cards(_answer()), _every_second_word), MAX_FILE),
    "other words at clozes in the ledger": (
        released(in_cards(_answer("{{c1::one}} of {{c2::two}} ")), _every_second_word),
        MAX_FILE,
    ),
    "fields of the ledger": (_hostile_ledger, LEDGER),
    "other ids in the ledger": (
        released(in_cards(_answer()), lambda one, _: one.replace("<!-- id: a", "<!-- id: b")),
        MAX_FILE,
    ),
}
"""How a deck is made that holds a text in such a place, and how many bytes that place may have."""
