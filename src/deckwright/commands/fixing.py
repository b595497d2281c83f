"""What ``check --fix`` writes into the files of a deck, and what it leaves to people.

The rules propose edits with their problems. Each is tried before it is written: the deck is
compiled with it, and where a card would come out worse, the edit is left out.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from pathlib import Path
from unicodedata import normalize

from deckwright.apkg.files import alone_in, write_atomically
from deckwright.compile import Compiled
from deckwright.model import Edit, Note, Problem, Severity
from deckwright.releases.continuity import ID_GONE
from deckwright.releases.ledger import ReleasedNote
from deckwright.releases.same_question import asks_the_same
from deckwright.rendering.scan import MATH_DELIMITER
from deckwright.rules import FAMILY_OF
from deckwright.source.card_keys import BAD_COMMENT, BAD_ID
from deckwright.source.cards import MISSING_ID
from deckwright.source.fix import text_of, together, written
from deckwright.source.lines import HEADING_SPACE
from deckwright.source.problems import MAX_ALIKE

Compile = Callable[[Mapping[str, str]], Compiled]
"""Compiles a deck with other texts of some of its files, by their paths."""

_MOST_TRIES = 60
"""How often the deck is compiled, at most."""
_MOST_SECONDS = 60.0
"""How long new tries begin, of the processor; what is left is for another run."""
_OF_WORDS = ("text", "media", "clozes", "formulas", "writing")
"""The families of rules whose edits change what a card shows."""
_OF_IDS = (MISSING_ID.name, BAD_ID.name, BAD_COMMENT.name)
"""The rules whose edits may give a card an id."""
_LONE_ID = re.compile(r"<!--\s*(?P<id>[a-z0-9-]+?)\s*-->")
_ID = re.compile(r"(?:(?<=\bid: )|^)[a-z0-9-]+(?=\s|$)")


@dataclass
class Files:
    """Files with edits in them, not written yet, by their paths."""

    before: dict[str, bytes] = field(default_factory=dict)
    """As they are."""
    after: dict[str, bytes] = field(default_factory=dict)
    """With the edits."""
    done: dict[str, Counter[str]] = field(default_factory=dict)
    """How many problems of each rule are mended."""

    def add(self, path: str, before: bytes, after: bytes, done: Counter[str]) -> None:
        """Add a file."""
        self.before[path], self.after[path], self.done[path] = before, after, done

    def join(self, others: Files) -> None:
        """Add other files."""
        for path in others.changed:
            self.add(path, others.before[path], others.after[path], others.done[path])

    @property
    def changed(self) -> list[str]:
        """The paths of the files that change, sorted."""
        return sorted(path for path in self.after if self.after[path] != self.before[path])

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff of the files that change."""
        for path in self.changed:
            old, new = (
                text_of(files[path]).splitlines(keepends=True)
                for files in (self.before, self.after)
            )
            for line in unified_diff(old, new, path, path):
                yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"

    def write(self, root: Path) -> list[str]:
        """Write the files that change, each in one step; those that changed meanwhile are not.

        Returns the paths of the latter.
        """
        meanwhile: list[str] = []
        if not self.changed:
            return meanwhile
        with alone_in(root):
            for path in self.changed:
                if Path(path).read_bytes() != self.before[path]:
                    meanwhile.append(path)
                else:
                    write_atomically(Path(path), self.after[path], keep_mode=True)
        return meanwhile


@dataclass
class Mended:
    """A deck with edits in its files."""

    compiled: Compiled
    """The deck as it would be."""
    files: Files = field(default_factory=Files)
    left_out: dict[Problem, str] = field(default_factory=dict)
    """The problems whose edits are not written, and why."""


def mend(compile_: Compile, wanted: Callable[[str], bool] = lambda _: True) -> Mended:
    """Compile a deck, and mend what can be mended without harm, in the files that are wanted."""
    return _Mender(compile_, wanted).mend()


class _Mender:
    def __init__(self, compile_: Compile, wanted: Callable[[str], bool]) -> None:
        self.compile = compile_
        self.wanted = wanted
        self.tries = 0
        self.suspects: set[Problem] = set()
        """The problems whose edits are tried one by one in each card, by their keys."""
        self.refused: set[Problem] = set()
        """The problems whose edits are left out, by their keys."""
        self.mended = Mended(compile_({}))

    def mend(self) -> Mended:
        """Write edits, a round at a time: what is mended shows what is wrong behind it."""
        start = time.process_time()
        while self.tries < _MOST_TRIES and time.process_time() < start + _MOST_SECONDS:
            problems = [*self._open()]
            if not problems:
                break
            sure = [one for one in problems if _key(one) not in self.suspects]
            first = [one for one in sure if _uncovers(one)]
            if sure:
                self._try(together(first or sure), alone=False)
            else:
                in_cards = {(one.place.path, one.card or one.place.line): one for one in problems}
                self._try(together(in_cards.values()), alone=True)
        return self.mended

    def _open(self) -> Iterator[Problem]:
        """The problems that have edits still to be tried."""
        compiled = self.mended.compiled
        for one in (*compiled.problems, *_own_ids(compiled)):
            known = one.place.path in compiled.sources
            wanted = known and self.wanted(one.place.path)
            if not one.edits or not wanted or _key(one) in self.refused:
                continue
            if one.rule == HEADING_SPACE.name and one.card in compiled.matches:
                self._refuse({one: "a released card would be cut in two"})
                continue
            yield one

    def _try(self, group: Sequence[Problem], *, alone: bool) -> None:
        """Keep the edits of some problems, where no card comes out worse; else those of fewer.

        ``alone`` says that there is one in each card, so that it is the cause of what comes out.
        """
        if not group or self.tries >= _MOST_TRIES:
            return
        self.tries += 1
        before, files = self.mended.compiled, self._with(group)
        after = self.compile({path: text_of(data) for path, data in files.items()})
        if renamed := _with_released_ids(group, before, after):
            self._refuse({one: why for one, why in renamed.items() if isinstance(why, str)})
            tried = (renamed.get(one, one) for one in group)
            self._try([one for one in tried if not isinstance(one, str)], alone=alone)
            return
        blamed = _blamed(group, before, after)
        guilty = {*(blamed or ())}
        rest = [one for one in group if one not in guilty]
        if blamed is None:
            self._keep(group, files, after)
        elif (alone and blamed) or len(group) == 1:
            self._refuse(dict.fromkeys(blamed or group, "a card would come out worse"))
            self._try(rest, alone=alone)
        elif blamed:
            self.suspects |= {*map(_key, blamed)}
            self._try(rest, alone=alone)
        else:
            self._try(group[: len(group) // 2], alone=alone)

    def _refuse(self, problems: Mapping[Problem, str]) -> None:
        self.mended.left_out |= problems
        self.refused |= {*map(_key, problems)}

    def _with(self, group: Iterable[Problem]) -> dict[str, bytes]:
        """All files that change, with the edits of some problems."""
        edits: dict[str, list[Edit]] = {}
        for one in group:
            edits.setdefault(one.place.path, []).extend(one.edits)
        files = dict(self.mended.files.after)
        for path, of_file in edits.items():
            data = self.mended.files.before.setdefault(path, Path(path).read_bytes())
            files[path] = written(files.get(path, data), of_file)
        return files

    def _keep(self, group: Iterable[Problem], files: dict[str, bytes], after: Compiled) -> None:
        self.mended.files.after, self.mended.compiled = files, after
        for one in group:
            self.mended.files.done.setdefault(one.place.path, Counter())[one.rule] += 1


def _key(one: Problem) -> Problem:
    """A problem, known again where lines above it have changed."""
    place = replace(one.place, line=1, column=1)
    texts = tuple(Edit(0, 0, edit.text) for edit in one.edits)
    return replace(one, place=place, source_line="", edits=texts)


def _uncovers(one: Problem) -> bool:
    """Whether a problem hides what is wrong with the card or the file that it is in."""
    return FAMILY_OF[one.rule] not in _OF_WORDS


def _blamed(group: Sequence[Problem], before: Compiled, after: Compiled) -> list[Problem] | None:
    """Whose edits make a card worse: None where there is none, and nothing where it is unclear."""
    errors = _errors(after, before) - _errors(before, before)
    number = Counter(one.rule for one in before.problems)
    uncovered = {
        (one.place.path, card) for one in group if _uncovers(one) for card in (one.card, "")
    }
    formulas = {one.card for one in group if one.rule == MATH_DELIMITER.name}
    for path, card, rule in [*errors]:
        is_formula = card in formulas and rule.startswith("tex-")
        # Only where every card can be read is it known which are gone.
        is_known_now = rule == ID_GONE.name and _is_whole(after) and not _is_whole(before)
        is_counted = number[rule] >= MAX_ALIKE  # of so many, only the first ones are named
        if (path, card) in uncovered or is_formula or is_known_now or is_counted:
            del errors[path, card, rule]
    kept = Counter(map(_key, after.problems))
    kept.subtract(map(_key, before.problems))
    found = {*before.problems}
    stay = {one for one in group if one in found and kept[_key(one)] >= 0}
    cards = {*_worse_notes(group, before, after)}
    if not cards and not errors and not stay:
        return None
    cards |= {card for _, card, _ in errors if card}
    files = {path for path, card, _ in errors if not card}
    return [
        one
        for one in group
        if one.card in cards or (not one.card and one.place.path in files) or one in stay
    ]


def _is_whole(compiled: Compiled) -> bool:
    """Whether every heading of a card is a card."""
    return compiled.cards == len(compiled.places)


def _errors(compiled: Compiled, before: Compiled) -> Counter[tuple[str, str, str]]:
    """File, card and rule of the errors in the cards that there were before, and in none."""
    return Counter(
        (one.place.path, one.card, one.rule)
        for one in compiled.problems
        if one.severity is Severity.ERROR and (one.card in before.places or not one.card)
    )


def _worse_notes(group: Sequence[Problem], before: Compiled, after: Compiled) -> Iterator[str]:
    """The ids of notes that were without an error, and would be gone or say something else."""
    free = {one.card for one in group if FAMILY_OF[one.rule] in _OF_WORDS}
    renamed = {one.card for one in group if one.rule == ID_GONE.name}
    broken = {one.card for one in before.problems if one.severity is Severity.ERROR}
    for name, old in before.notes.items():
        new = after.notes.get(name)
        if name in renamed or name in broken:
            continue
        is_card = new and (old.kind, old.ordinals) == (new.kind, new.ordinals)
        if not is_card or (new and not _reads_alike(old, new) and name not in free):
            yield name


def _reads_alike(old: Note, new: Note) -> bool:
    """Whether two notes have the same fields, composed or not."""
    both = zip(old.fields, new.fields, strict=True)
    return all(normalize("NFC", one) == normalize("NFC", other) for one, other in both)


# Ids that were released


def _gone(compiled: Compiled) -> list[ReleasedNote]:
    """The released notes that no card is any more, and that are not retired."""
    if not compiled.ledger:
        return []
    there = {id(one) for one in compiled.matches.values()}
    return [one for one in compiled.ledger.notes if not one.retired and id(one) not in there]


def _words(note: Note) -> tuple[str, ...]:
    """The fields of a note, but for its id."""
    return tuple("" if text == note.id else text for text in note.fields)


def _released(note: Note, gone: Iterable[ReleasedNote]) -> list[ReleasedNote]:
    """The released notes that a note is, by its fields."""
    return [one for one in gone if one.note.kind == note.kind and _words(one.note) == _words(note)]


def _own_ids(compiled: Compiled) -> Iterator[Problem]:
    """The cards whose released id was mistyped: each gets its own back."""
    gone = _gone(compiled)
    if not gone:
        return
    yield from _lone_ids(compiled, {one.note.id for one in gone})
    for name, note in compiled.notes.items():
        own = [] if name in compiled.matches else _released(note, gone)
        at, place = compiled.ids_at[name], compiled.places[name]
        source = compiled.sources[place.path]
        if len(own) == 1 and source.text.startswith(name, at):
            was = own[0].note.id
            what = f"the card {was} is gone, and this one has its text"
            edit = Edit(at, at + len(name), was)
            one = ID_GONE.at(source.place(at), what, f"write id: {was}", edit)
            yield replace(one, card=name)


def _lone_ids(compiled: Compiled, gone: Container[str]) -> Iterator[Problem]:
    """The comments that hold nothing but the id of a released card that is gone."""
    for one in compiled.problems:
        source = compiled.sources.get(one.place.path)
        if one.rule != BAD_COMMENT.name or one.edits or source is None:
            continue
        at = source.offset(one.place.line) + one.place.column - 1
        found = _LONE_ID.match(source.text, source.text.rfind("<!--", 0, at + 1))
        if found and found["id"] in gone:
            yield replace(one, edits=(Edit(found.start("id"), found.start("id"), "id: "),))


def _with_released_ids(
    group: Sequence[Problem], before: Compiled, after: Compiled
) -> Mapping[Problem, Problem | str]:
    """The problems whose edits give a released card another id, with its own; or why not at all."""
    gone = _gone(after)
    found: dict[Problem, Problem | str] = {}
    for one in group if gone else ():
        given = next((match for edit in one.edits if (match := _ID.search(edit.text))), None)
        if one.rule not in _OF_IDS or not given or given[0] in before.places:
            continue
        name = given[0]
        note = after.notes.get(name)
        if name in after.matches or name in after.was:
            continue
        if note is None:
            found[one] = "released cards are gone, and this one may be one of them"
            continue
        own = _released(note, gone)
        types = {kind.kind: kind for kind in after.ledger.types} if after.ledger else {}
        if len(own) == 1:
            edits = tuple(
                replace(edit, text=_ID.sub(own[0].note.id, edit.text, count=1))
                for edit in one.edits
            )
            found[one] = replace(one, edits=edits)
        elif any(
            other.note.kind == note.kind
            and asks_the_same(other.note, replace(note, guid=other.note.guid), types[note.kind])
            for other in gone
        ):
            found[one] = "it may be a released card in other words"
    return found
