"""What a file's front matter and a card's comment say: id, deck, tags."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from hashlib import sha256
from unicodedata import category, is_normalized, normalize

from deckwright.model import Edit, Problem, Rule, Severity, Source, Span, Stake
from deckwright.source import strict_yaml, unicode
from deckwright.source.lines import FRONT_MATTER
from deckwright.source.strict_yaml import Entry

DECK_NAME = Rule(
    "deck-name",
    "A deck's name has at most eight levels, joined by `::`, and none is empty. `Default` "
    "belongs to the learner.",
    stake=Stake.PACKAGE,
)

OTHER_DECK = Rule(
    "other-deck",
    "Cards go to the deck itself, to one below it, or to one that `decks` in deck.toml lists: "
    "all others are the learner's own.",
    stake=Stake.SAFETY,
)

BAD_ID = Rule(
    "bad-id",
    "An id consists of a to z, 0 to 9 and hyphens, starts with a letter or digit, and has "
    "at most 64 characters.",
    stake=Stake.HISTORY,
)

BAD_COMMENT = Rule(
    "bad-comment",
    "The comment under a heading is YAML, one key a line.",
    stake=Stake.HISTORY,
)

UNKNOWN_KEY = Rule(
    "unknown-key",
    "A front matter has only the keys `deck`, `tags` and `type`, a card's comment only "
    "`id`, `tags`, `was`, `type` and `off`. A misspelt key would be lost.",
)

TAGS_LIST = Rule(
    "tags-list",
    "Tags are a list, even a single one. Words without brackets are read as one.",
    severity=Severity.WARNING,
)

BAD_TAG = Rule(
    "bad-tag",
    "A tag consists of letters, digits, emoji and most other signs, with `::` between levels, "
    "but not of spaces, at which Anki cuts tags, nor of quotes, brackets, `*`, `;`, a backslash or "
    "a single colon. Anki keeps `leech` and `marked` for the learner, and `tag:none` finds no tag.",
)

UNKNOWN_TYPE = Rule(
    "unknown-type",
    "The note type that a card or a file names is `basic`, `cloze` or a folder in the "
    "deck's note_types/.",
)


FRONT_KEYS = ("deck", "tags", "type")
CARD_KEYS = ("id", "tags", "was", "type", "off")
MAX_DECK_LEVELS = 8
"""Anki refuses a whole package with fifteen."""
MAX_DECK_NAME = 250
MAX_TAG = 100
MAX_OFFER = 40
"""Signs of an id that is offered, before a number that sets it apart."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ID_IN = re.compile(rf"{_ID.pattern}(?:@\d{{1,9}}\.\d{{1,9}}\.\d{{1,9}})?", re.ASCII)
"""An id that a card had, or had in the release of a version."""
_IN_TAGS = frozenset("_-.+/#&!?@%',=~^()$|\u200c\u200d")
"""What a tag may hold besides letters, their marks, digits, and signs that are not ASCII's: what
Anki keeps and finds again, and what ``{{Tags}}`` shows as it is. Joiners belong to letters."""
_INSTRUCTION = re.compile(r"\[(?:sound:|latex\]|anki:|\[?type:)|\\[(\[]|&(?:#|\w+;)", re.IGNORECASE)
"""What Anki would follow where a template shows the name of a deck."""
_MORE = re.compile(r"[:\[\]{}]")
"""What an id has where another key is in its line."""
_UNQUOTED = re.compile(r"(?:[\[,]\s*|-\s+)(?P<value>[#!&*@%`][^\s,\]\"']*)")
"""A value of a list that a sign of YAML's begins."""
_HASHES = re.compile(
    r"tags[ \t]*:[ \t]*(?P<words>(?:[^\[\"'#\n]*[ \t])?#[^\s#](?:.*\S)?)", re.IGNORECASE
)
"""Tags that YAML takes for a comment."""
_AS_PARTS = {"typed": "### Typed", "reverse": "### Reverse"}
"""What other programs write as a key, and is a part of a card here."""
_RESERVED_TAGS = ("leech", "marked")
SMALL_WORDS = frozenset(
    "a an and are as at by do does for from how in is it of on one or that the this to what when "
    "which who why with you your".split()
)
"""Words that say nothing about the topic of a text."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What a front matter or a comment says; empty where it says nothing, or nothing usable."""

    id: str = ""
    id_at: int = 0
    deck: str = ""
    deck_at: int = 0
    tags: tuple[str, ...] = ()
    tags_at: tuple[int, ...] = ()
    """Their offsets."""
    was: tuple[str, ...] = ()
    type: str = ""
    """The name of a note type."""
    type_at: int = 0
    off: tuple[str, ...] = ()
    """Names of rules."""
    off_at: tuple[int, ...] = ()
    """Their offsets."""


def did_you_mean(word: str, known: Sequence[str], otherwise: str = "", near: float = 0.6) -> str:
    """A fix for a word that is not known: the nearest that is, or else this, or all of them."""
    if found := nearest_to(word, known, near):
        return f"did you mean {found}?"
    if otherwise or not known:
        return otherwise or "remove it"
    more = f"{', '.join(known[:-1])} and " if known[1:] else "only "
    return f"there is {more}{known[-1]}"


def nearest_to(word: str, known: Sequence[str], near: float = 0.6) -> str:
    """The nearest of some known words; empty where none is near."""
    folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=near)
    return folded[found[0]] if found else ""


def slug(text: str) -> str:
    """The id that a text is offered: its first words in plain letters, or else a digest of it.

    It is one function for all that proposes an id, and may change: an id is written once, and
    never computed again.
    """
    letters = normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in letters if category(sign)[0] != "M")
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(words) > MAX_OFFER:
        whole = words[: MAX_OFFER + 1].rpartition("-")[0]
        words = whole or words[:MAX_OFFER]
    return words or f"c-{sha256(normalize('NFC', text).encode()).hexdigest()[:8]}"


def deck_name_problem(name: str) -> str:
    """What Anki would refuse or change in the name of a deck; empty where it is fine."""
    if not all(level.strip() for level in name.split("::")):
        return f"the deck's name {name[:40]!r} has an empty level"
    if name.split("::")[0].strip().casefold() == "default":
        return "Default is the learner's own deck"
    if name.count("::") >= MAX_DECK_LEVELS or len(name) > MAX_DECK_NAME:
        return f"a deck's name has at most {MAX_DECK_LEVELS} levels and {MAX_DECK_NAME} characters"
    if what := unicode.hidden(name, "\t\n"):
        return f"the deck's name holds {what}"
    if re.search(r'["<>$`]|:::|^:|:$', name) or _INSTRUCTION.search(name):
        return "a deck's name is plain text, without quotes, brackets < >, formulas or stray colons"
    if any(level != level.strip() for level in name.split("::")):
        return "a deck's name has spaces around ::, which Anki takes away"
    return ""


def is_id(text: str) -> bool:
    """Whether a text can be the id of a card."""
    return bool(_ID.fullmatch(text))


def is_tag(text: str) -> bool:
    """Whether a text can be a tag in Anki, in any of the world's writings."""
    return (
        len(text) <= MAX_TAG
        and is_normalized("NFC", text)
        and all(
            any(sign.isalnum() or category(sign) == "So" for sign in level)
            and category(level[0])[0] != "M"
            and all(map(_is_in_tags, level))
            for level in text.split("::")
        )
    )


def plain_tag(text: str) -> str:
    """The nearest tag to a text, if it is one: without what no tag may hold."""
    levels = re.split(r"\s*:+\s*", normalize("NFC", text).strip(": "))
    joined = ("-".join(level.split()) for level in levels)
    return "::".join("".join(filter(_is_in_tags, level)) for level in joined)[:MAX_TAG]


def _is_in_tags(sign: str) -> bool:
    kind = category(sign)[0]
    return sign.isalnum() or sign in _IN_TAGS or kind == "M" or (kind in "SP" and sign > "\x7f")


def read_meta(span: Span, known: Sequence[str], tag: str) -> tuple[Meta, tuple[Problem, ...]]:
    """Read the YAML of a front matter (``FRONT_KEYS``) or a comment (``CARD_KEYS``).

    ``tag`` is the prefix of every tag, or empty.
    """
    if lone := re.match(r" +(?=\S.*\n\S)", span.text):  # <!-- id: a, and more keys below it
        span = Span(span.source, span.start + lone.end(), span.end)
    reader = _Reader(span, tag)
    meta = reader.read(known)
    return meta, tuple(reader.problems)


class _Reader:
    def __init__(self, span: Span, tag: str) -> None:
        self.span = span
        self.tag = tag
        self.problems: list[Problem] = []

    def _add(self, rule: Rule, offset: int, what: str, fix: str) -> None:
        self.problems.append(rule.at(offset, what, fix))

    def read(self, known: Sequence[str]) -> Meta:
        rule = BAD_COMMENT if "id" in known else FRONT_MATTER
        plain = f'write one key a line, like "{known[0]}: …", and quote a value with a colon'
        entries, problem = strict_yaml.read(self.span, rule, plain)
        if problem:
            fix = self._unquoted(problem.at) or problem.fix
            self.problems.append(replace(problem, fix=fix, edits=mended(self.span, known)))
            return Meta()
        if heading := re.search(r"^##[ \t]", self.span.text, re.MULTILINE):
            at = self.span.start + heading.start()
            self._add(rule, at, "a card is in the front matter", "close it with --- before")
            return Meta()
        values = {entry.key: entry for entry in entries}
        for entry in entries:
            if entry.key not in known:
                self._unknown(entry, known, values)
                del values[entry.key]
        tags = dict(self._tags(values["tags"])) if "tags" in values else {}
        off = dict(_words(values["off"])) if "off" in values else {}
        return Meta(
            id=self._id(values["id"]) if "id" in values else "",
            id_at=values["id"].value_at if "id" in values else 0,
            deck=self._deck(values["deck"]) if "deck" in values else "",
            deck_at=values["deck"].value_at if "deck" in values else 0,
            tags=tuple(tags),
            tags_at=tuple(tags.values()),
            was=tuple(self._was(values["was"])) if "was" in values else (),
            type=self._type(values["type"]) if "type" in values else "",
            type_at=values["type"].value_at if "type" in values else 0,
            off=tuple(off),
            off_at=tuple(off.values()),
        )

    def _unknown(self, entry: Entry, known: Sequence[str], written: Container[str]) -> None:
        """Name a key that is not known; one that is near a single known one can be mended."""
        what, fix = f"unknown key {entry.key[:40]!r}", did_you_mean(entry.key, known)
        end = entry.key_at + len(entry.key)
        if part := _AS_PARTS.get(entry.key.casefold()) if "id" in known else None:
            self._add(UNKNOWN_KEY, entry.key_at, what, f"remove it, and write a part {part}")
            return
        # A wrong `was` would claim that a card had another id.
        near = [one for one in known if one != "was" and is_near(entry.key.casefold(), one)]
        is_plain = entry.key.isalpha() and self.span.source.text[entry.key_at : end] == entry.key
        can_be_written = is_plain and len(near) == 1 and near[0] not in written
        edits = [Edit(entry.key_at, end, near[0])] if can_be_written else []
        self.problems.append(UNKNOWN_KEY.at(entry.key_at, what, fix, *edits))

    def _id(self, entry: Entry) -> str:
        value = entry.value
        if isinstance(value, str) and is_id(value):
            return value
        text = value if isinstance(value, str) else "-".join(value)
        what = f"{text[:40]!r} is not a valid id" if text else "this id is empty"
        fix = f"write a to z, 0 to 9 and hyphens only, for example {slug(text)}"
        is_plain = text and not _MORE.search(text)
        edits = [Edit(entry.value_at, entry.value_end, slug(text))] if is_plain else []
        self.problems.append(BAD_ID.at(entry.value_at, what, fix, *edits))
        return ""

    def _type(self, entry: Entry) -> str:
        if isinstance(entry.value, str) and entry.value:
            return entry.value
        fix = "write type: basic, or the name of a folder in note_types/"
        self._add(UNKNOWN_TYPE, entry.value_at, "a card has one note type", fix)
        return ""

    def _was(self, entry: Entry) -> Iterator[str]:
        if isinstance(entry.value, str):
            ids = [name for name, _ in _words(entry)]
            words = f"[{', '.join(ids)}]"
            can_be_written = ids and all(map(_ID_IN.fullmatch, ids))
            edits = [Edit(entry.value_at, entry.value_end, words)] if can_be_written else []
            what, fix = "`was` is a list of ids", "write was: [an-id], with the id of a release"
            self.problems.append(BAD_ID.at(entry.value_at, what, fix, *edits))
            return
        for name, at in zip(entry.value, entry.items_at, strict=True):
            if _ID_IN.fullmatch(name):
                yield name
            else:
                fix = "write the id that the card had in a release"
                self._add(BAD_ID, at, f"{name[:40]!r} is not a valid id", fix)

    def _deck(self, entry: Entry) -> str:
        value = entry.value
        what = "a deck's name is one text, not a list"
        if isinstance(value, str):
            what = deck_name_problem(value)
            if not what:
                return normalize("NFC", value)  # as Anki does
        fix = "write a name, with :: between levels, or leave `deck` out"
        self._add(DECK_NAME, entry.value_at, what, fix)
        return ""

    def _no_list(self, entry: Entry) -> None:
        """Name tags that are words in a row."""
        tags = [tag if is_tag(tag) else plain_tag(tag) for tag, _ in _words(entry)]
        words = f"[{', '.join(tags)}]"
        can_be_written = all(map(is_tag, tags))
        edits = [Edit(entry.value_at, entry.value_end, words)] if can_be_written else []
        fix = f"write tags: {words}"
        self.problems.append(TAGS_LIST.at(entry.value_at, "tags are a list", fix, *edits))

    def _hashes(self, found: re.Match[str]) -> None:
        """Name tags that begin with a # outside quotes."""
        tags = [word.strip("#") for word in re.split(r"[\s,]+", found["words"].strip(" ,"))]
        words = f"[{', '.join(tags)}]"
        edits = [Edit(*found.span("words"), words)] if all(map(is_tag, tags)) else []
        what = "what follows the # is a comment for YAML, and no tag"
        self.problems.append(BAD_TAG.at(found.start("words"), what, f"write tags: {words}", *edits))

    def _unquoted(self, at: int) -> str:
        """A fix for what a sign of YAML's begins in a line; empty where there is none."""
        text = self.span.source.text
        start = text.rfind("\n", 0, at) + 1
        found = _UNQUOTED.search(text[start:].partition("\n")[0])
        if not found or not is_tag(found["value"]):
            return ""
        return f'put {found["value"][:40]} into quotes, as "{found["value"][:40]}"'

    def _tags(self, entry: Entry) -> Iterator[tuple[str, int]]:
        if found := _HASHES.match(self.span.source.text, entry.key_at, self.span.end):
            self._hashes(found)
            return
        if isinstance(entry.value, str):
            self._no_list(entry)
        for tag, at in _words(entry):
            if tag.casefold() in _RESERVED_TAGS:
                fix = "choose another: Anki keeps this one for the learner"
                self._add(BAD_TAG, at, f"the tag {tag} is taken", fix)
            elif tag.casefold() == "none" and not self.tag:
                what = "Anki takes tag:none for the cards that have no tag"
                self._add(BAD_TAG, at, what, "choose another word")
            elif not tag and (fix := self._unquoted(at)):
                self._add(BAD_TAG, at, "what follows is a comment for YAML, and no tag", fix)
            elif not is_tag(tag):
                fix = (
                    f"write {plain}" if is_tag(plain := plain_tag(tag)) else "use letters or digits"
                )
                fix += ", with :: between levels and no space, quote or bracket"
                self._add(BAD_TAG, at, f"{tag[:40]!r} is not a valid tag", fix)
            else:
                yield (f"{self.tag}::{tag}" if self.tag else tag), at


def is_near(word: str, other: str) -> bool:
    """Whether two words differ in one letter at most: more, less, another, or swapped."""
    pairs = zip(word, other, strict=False)
    at = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(word), len(other)))
    one, two = word[at:], other[at:]
    is_swapped = one[:2] == two[1::-1] and one[2:] == two[2:]
    return is_swapped or two in (one, one[1:]) or one[1:] == two[1:] or one == two[1:]


def _words(entry: Entry) -> Iterator[tuple[str, int]]:
    """The words of a list, or of a text, where spaces and commas are between them."""
    if isinstance(entry.value, str):
        between = r"[^\s,][^,]*(?<=[^\s,])" if "," in entry.value else r"\S+"
        for word in re.finditer(between, entry.value):
            yield word[0], entry.value_at + word.start()
    else:
        yield from zip(entry.value, entry.items_at, strict=True)


def mended(span: Span, known: Sequence[str]) -> tuple[Edit, ...]:
    """What makes YAML of keys that were meant as such; nothing where that is not plain."""
    keys = "|".join(known)
    apart = rf"(?<=\S)[ ,;]+(?=(?:{keys}) *:)"
    text = re.sub(apart, "\n", span.text.replace("\t", " "), flags=re.IGNORECASE)
    lines = []
    for line in text.strip().split("\n"):
        found = re.fullmatch(rf" *({keys})(?: *[:=] *| +)(\S.*?) *", line, re.IGNORECASE)
        if not found or (found[1].casefold() == "id" and _MORE.search(found[2])):
            return ()
        lines.append(f"{found[1].casefold()}: {_quoted(found[2])}")
    better = "\n".join(lines) + "\n"
    if "id" in known:
        is_long = len(lines) > 1 or span.text.startswith("\n")
        better = f"\n{better}" if is_long else f" {better.strip()} "
    entries, problem = strict_yaml.read(Span(Source("", better), 0, len(better)), BAD_COMMENT, "")
    is_whole = not problem and len({entry.key for entry in entries}) == len(lines)
    return (Edit(span.start, span.end, better),) if is_whole else ()


def _quoted(value: str) -> str:
    """A value of YAML, in quotes where it needs them."""
    is_plain = value[0] in "[\"'" or not re.search(r":(?= |$)| #|^[!&*%@`|>{]", value)
    return value if is_plain or set(value) & {*'"\\'} else f'"{value}"'
