"""Import a package into a real Anki, in a scratch collection, and check what a learner gets.

The way of a package::

    scratch    an empty collection of real Anki, thrown away afterwards: it alone imports anki
       │ import
    contents   what the package sent, and what arrived, in the same terms
       │ compare
    checks     each a generator of failures; for every single card with the help of ``cards``
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deckwright.model import Progress, quiet
from deckwright.real_anki.cards import Failure, RenderedCard, rendered
from deckwright.real_anki.checks import CHECKS, Subject, failures
from deckwright.real_anki.contents import Counts, in_collection, in_package
from deckwright.real_anki.scratch import AnkiMissing, Refused, scratch_collection

__all__ = [
    "AnkiMissing",
    "Counts",
    "Failure",
    "Progress",
    "Refused",
    "RenderedCard",
    "Report",
    "quiet",
    "rendered",
    "scratch_collection",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Report:
    """What a real Anki made of a package: how much arrived, and what is wrong with it."""

    anki_version: str
    counts: Counts
    failures: tuple[Failure, ...]


def verify(package: Path, progress: Progress = quiet) -> Report:
    """Import a package into a scratch Anki and check everything that a learner would get.

    A broken or foreign file is a failure in the report. ``progress`` is called with words, how
    many are done and of how many. Raises `AnkiMissing` if `anki` cannot be imported.
    """
    with scratch_collection() as scratch:
        progress("importing", 0, 1)
        try:
            sent = in_package(package)  # a look before Anki opens it
            log = scratch.import_package(package)
            got = in_collection(scratch)
        except Refused as error:
            return Report(scratch.version, Counts(), (Failure(str(error), error.fix),))
        progress("importing", 1, 1)
        subject = Subject(package, sent, got, log, scratch, progress)
        return Report(scratch.version, got.counts, (*failures(CHECKS, subject, progress),))
