"""The pictures and sounds of a note, before and after: which became which, and which are not here.

Their names in a package are made of a stem, which their author chose, and of what they hold.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from deckwright.media.files import unnumbered
from deckwright.media.library import sort_of


@dataclass(frozen=True, slots=True)
class FilePair:
    """A picture or a sound that became another one."""

    before: str
    """Its name in the package; empty where there was none."""
    after: str

    @property
    def stems(self) -> tuple[str, ...]:
        """What its author calls it, and called it where that was otherwise."""
        return tuple(dict.fromkeys(stem(one) for one in (self.before, self.after) if one))

    @property
    def noun(self) -> str:
        """What it is; of another publisher's, it may be neither."""
        sort = sort_of(PurePosixPath(self.after or self.before))
        return sort.noun if sort else "file"


def stem(name: str) -> str:
    """What the author of a file calls it."""
    return PurePosixPath(unnumbered(name)).stem.removesuffix("-")


def file_pairs(before: Iterable[str], after: Iterable[str]) -> tuple[FilePair, ...]:
    """What became of the files that some texts show: by their stems, then by their order.

    What the texts still show is left out, whatever it is called; what went or came comes last.
    """
    olds, news = ({_content(one): one for one in names} for names in (before, after))
    gone = [name for content, name in olds.items() if content not in news]
    come = [name for content, name in news.items() if content not in olds]
    found: list[FilePair] = []
    for key in (_unnumbered, _sort):
        some, gone, come = _paired(gone, come, key)
        found += some
    return (*found, *(FilePair(one, "") for one in gone), *(FilePair("", one) for one in come))


def _paired(
    gone: Iterable[str], come: Iterable[str], key: Callable[[str], Hashable]
) -> tuple[list[FilePair], list[str], list[str]]:
    """Pairs of those that have the same key, and the rest of both."""
    waiting: dict[Hashable, deque[str]] = defaultdict(deque)
    for one in come:
        waiting[key(one)].append(one)
    pairs, rest = [], []
    for one in gone:
        if alike := waiting[key(one)]:
            pairs.append(FilePair(one, alike.popleft()))
        else:
            rest.append(one)
    left = {one for alike in waiting.values() for one in alike}
    return pairs, rest, [one for one in come if one in left]


def _content(name: str) -> str:
    """What a name says of the content; all of it where another publisher gave it."""
    plain = unnumbered(name)
    return name if plain == name else name[len(stem(name)) :]


def _unnumbered(name: str) -> Hashable:
    return _sort(name), stem(name)


def _sort(name: str) -> Hashable:
    return sort_of(PurePosixPath(name))
