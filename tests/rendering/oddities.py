"""Where we leave GitHub's parser on purpose: mistakes of cmark-gfm that authors do not rely on.

An oddity is a function that says whether a disagreement is no other: both agree once the text has
no occasion for it, or once what it changes is left out of what they made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.rendering.comparison import Comparison, agree, compare
from tests.rendering.github import RAW, SHOWN

_INDENTED_BOX = re.compile(
    r"^[ \t>]*(?: {4}|\t)[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+\[[ xX]\][ \t]", re.MULTILINE
)


@dataclass(frozen=True)
class Oddity:
    """A known disagreement."""

    explains: Callable[[Comparison], bool]
    """Whether a disagreement is this one; its docstring says what it is, and why it stays."""
    example: str
    """A text in which it happens."""

    @property
    def name(self) -> str:
        return self.explains.__name__.strip("_").replace("_", " ")


def _a_code_span_behind_a_lone_run(found: Comparison) -> bool:
    """Behind a run of backticks that never closes, only the first code span of a length is one.

    cmark-gfm notes where runs of each length are, and forgets the later ones while it reads an
    earlier one. Our scanner takes code away before, by the rule of CommonMark.
    """
    text = found.text
    runs = [*re.finditer("`+", text)]
    kinds = [(len(run[0]), text.count("\n\n", 0, run.start())) for run in runs]
    lone = [run for at, run in enumerate(runs[:-1]) if kinds[at] not in kinds[at + 1 :]]
    return len({*kinds}) > 1 and any(agree(text[: run.start()] + text[run.end() :]) for run in lone)


def _a_declaration_behind_an_open_comment(found: Comparison) -> bool:
    """Behind a ``<!--`` that never closes, nothing that begins with ``<!`` is HTML.

    cmark-gfm notes that no comment closes any more, and asks the note for declarations, too.
    Neither shows anything.
    """

    def shown(events: list[str]) -> list[str]:
        return [event.replace(f"{RAW}!", f"{SHOWN}!") for event in events]

    return found.text.count("<!") > 1 and shown(found.theirs) == shown(found.ours)


def _a_title_that_is_none(found: Comparison) -> bool:
    """Behind a definition, a title with more text behind it is a title and text at once.

    cmark-gfm goes back to before the title, but keeps it.
    """

    def untitled(events: list[str]) -> list[str]:
        return [re.sub(r"(<(?:a|img) .*?) title=.*>", r"\1>", event) for event in events]

    return "]:" in found.text and untitled(found.theirs) == untitled(found.ours)


def _a_box_of_another_item(found: Comparison) -> bool:
    """A line that looks like an item with a box ticks the item around it, if it is none itself.

    cmark-gfm looks for a box where no other block begins in an item, and takes the whole line for
    it, however far it is indented.
    """

    def unticked(events: list[str]) -> list[str]:
        return [re.sub("<li [☐☑]>", "<li>", event) for event in events]

    indented = _INDENTED_BOX.search(found.text)
    return bool(indented) and unticked(found.theirs) == unticked(found.ours)


def _mailto_beside_other_signs(found: Comparison) -> bool:
    """``mailto:`` makes a link of what is no address, and takes signs before it into the link.

    cmark-gfm goes back from the colon as it does from the @.
    """
    return "mailto:" in found.text and agree(found.text.replace("mailto:", "mailto: "))


def _xmpp(found: Comparison) -> bool:
    """``xmpp:`` before an address is a link of its kind, which no learner's phone can follow."""
    apart = found.text.replace("xmpp:", "xmpp: ")
    return apart != found.text and agree(apart)


def _an_address_behind_one_that_is_none(found: Comparison) -> bool:
    """Of two addresses that touch, the second is a link without a dot in its host.

    cmark-gfm counts the dots of both.
    """
    alone = re.sub(r"@(?=[^\s@]*@)", " ", found.text)
    return alone != found.text and agree(alone)


def _paragraphs_beside_a_definition(found: Comparison) -> bool:
    """Beside definitions, a paragraph has its tags or not, otherwise than elsewhere.

    cmark-gfm judges whether a list is loose before it takes definitions away, or after, by what
    ends the list; and Python-Markdown takes a paragraph around a single tag of a block away, as
    one can be behind a definition.
    """

    def flat(events: list[str]) -> list[str]:
        return [event for event in events if event not in ("<p>", "</p>")]

    return "]:" in found.text and flat(found.theirs) == flat(found.ours)


def _a_no_break_space_at_an_edge(found: Comparison) -> bool:
    """A no-break space stays at the end of a text, behind a line break, and alone.

    Python-Markdown takes it for a blank there. It shows nothing.
    """

    def seen(events: list[str]) -> list[str]:
        return [text for event in events if (text := event.strip("\u00a0"))]

    return "\u00a0" in found.text and (seen(found.theirs) == seen(found.ours) or not found.ours)


ODDITIES = (
    Oddity(_a_code_span_behind_a_lone_run, "`` `a` `b`"),
    Oddity(_a_declaration_behind_an_open_comment, "a <!-- b <!C d>"),
    Oddity(_a_title_that_is_none, "[r]: /u\n'T' a\n\n[r]"),
    Oddity(_a_box_of_another_item, "- > a\n      - [ ] b"),
    Oddity(_mailto_beside_other_signs, "a mailto:@b.c"),
    Oddity(_xmpp, "a xmpp:a@b.c"),
    Oddity(_an_address_behind_one_that_is_none, "a@.b@c"),
    Oddity(_paragraphs_beside_a_definition, "[t]: u\n    <div>"),
    Oddity(_a_no_break_space_at_an_edge, "a\\\n\u00a0"),
)


def explanation(found: Comparison) -> Oddity | None:
    """The oddity that a disagreement is; none if the reader is wrong."""
    return next((oddity for oddity in ODDITIES if oddity.explains(found)), None)


def differs(text: str) -> bool:
    """Whether we read a text wrongly: otherwise than GitHub, and by no oddity."""
    found = compare(text)
    return not found.agree and not explanation(found)
