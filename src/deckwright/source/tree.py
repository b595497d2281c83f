"""What lies in a deck's folder, by name: one walk, for the cards and for all that they show."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Tree:
    """The names in a folder and in those below it; none that is hidden."""

    names: Mapping[PurePosixPath, tuple[str, ...]] = field(default_factory=dict)
    """What each real folder holds, sorted, by its path from the top."""
    links: frozenset[PurePosixPath] = frozenset()
    """The symbolic links, which are not followed."""
    linked_folders: frozenset[PurePosixPath] = frozenset()
    """Those of them that lead to a folder."""

    def paths(self) -> Iterator[PurePosixPath]:
        """All that there is, folders and links too, from the top."""
        return (folder / name for folder, names in self.names.items() for name in names)


def walk(root: Path) -> Tree:
    """What a folder holds.

    Raises:
        OSError: where a folder may not be read.
    """
    found: dict[PurePosixPath, tuple[str, ...]] = {}
    links: set[PurePosixPath] = set()
    inner: set[PurePosixPath] = set()
    for folder, folders, files in os.walk(root, onerror=_stop):
        here = PurePosixPath(Path(folder).relative_to(root).as_posix())
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        names = sorted((*folders, *(name for name in files if not name.startswith("."))))
        links |= {here / name for name in names if Path(folder, name).is_symlink()}
        inner |= {here / name for name in folders}
        found[here] = tuple(names)
    return Tree(found, frozenset(links), frozenset(links & inner))


def _stop(error: OSError) -> None:
    """A folder that may not be read is not skipped."""
    raise error
