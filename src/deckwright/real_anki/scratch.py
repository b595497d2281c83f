"""The only module that imports Anki: a scratch collection, and what it answers.

Nothing else imports ``anki``, and this module does so only when a collection is opened: without
Anki, ``deckwright.real_anki`` can be imported all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from deckwright.apkg.files import scratch_folder

if TYPE_CHECKING:
    from anki.collection import Collection as Collection
    from anki.models import NotetypeDict as NotetypeDict

_PLAYED = re.compile(r"\[sound:[^\]]+\]|\[anki:(?!play:)[^\]]*\]")
PANIC = "PanicException"
"""The name of the BaseException that Anki's core raises where it crashes; it is not public."""

Result = TypeVar("Result")


class AnkiMissing(Exception):  # noqa: N818 - it says what is the case, as StopIteration does
    """The Python package ``anki`` cannot be imported; the message says how to install it."""


class Refused(Exception):  # noqa: N818 - likewise
    """What Anki or our reader of packages cannot do: what went wrong, and what to do about it."""

    def __init__(self, what: str, fix: str = "build the package again with deckwright") -> None:
        """Keep the fix beside the message."""
        super().__init__(what)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class ImportLog:
    """What Anki says became of each note, by note id; ``found`` is how many the package holds.

    An id is the collection's, but the package's for a note that did not get in.
    The outcomes are those of ``ImportResponse.Log`` in Anki's ``import_export.proto``.
    """

    found: int
    new: tuple[int, ...]
    updated: tuple[int, ...]
    duplicate: tuple[int, ...]
    conflicting: tuple[int, ...]
    first_field_match: tuple[int, ...]
    missing_notetype: tuple[int, ...]
    missing_deck: tuple[int, ...]
    empty_first_field: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as Anki renders it, or the error it gives instead."""

    question: str
    answer: str
    css: str
    error: str = ""
    played: tuple[str, ...] = ()
    """What it plays, as its fields have it: ``[sound:…]``, or ``[anki:tts …]`` for spoken words."""
    buttons: tuple[str, ...] = ()
    """What stands for it in the HTML: ``[anki:play:q:0]``."""


@dataclass(frozen=True, slots=True)
class AnkiMessages:
    """What Anki puts on a card that it cannot show (``rslib/src/template.rs``)."""

    front_problem: str
    back_problem: str
    blank: str
    no_latex: str


@dataclass(frozen=True, slots=True)
class Scratch:
    """A real Anki collection that is thrown away.

    Anki never runs on the main thread here: there, a slow call makes 24.11 print a stack trace
    ("blocked main thread", in its ``_backend.py``).
    """

    worker: ThreadPoolExecutor
    collection: Collection
    version: str

    def run(self, work: Callable[[Collection], Result]) -> Result:
        """Do some work on the collection. Raises `Refused` if Anki does not want to."""
        from anki.errors import AnkiException

        try:
            return self.worker.submit(work, self.collection).result()
        except AnkiException as error:
            raise Refused(str(error)) from error
        except BaseException as error:
            if type(error).__name__ == PANIC:
                raise Refused(f"Anki crashed: {error}") from None
            raise

    def rows(self, sql: str) -> Sequence[Sequence[Any]]:
        """The rows of a query on the collection. Raises `Refused` if Anki does not want to."""

        def query(collection: Collection) -> Sequence[Sequence[Any]]:
            assert collection.db is not None
            return collection.db.all(sql)

        return self.run(query)

    def note_types(self) -> list[NotetypeDict]:
        """The note types as they are now: ``collection.models`` remembers them across imports."""
        from anki.models import ModelManager

        return self.run(lambda collection: ModelManager(collection).all())

    def set_times(self, notes: Mapping[int, int], note_types: Mapping[int, int]) -> None:
        """Set the time (mod) of notes and of note types, given by their ids.

        Anki itself only ever writes "now". It remembers note types, hence the reopening.
        """

        def write(collection: Collection) -> None:
            assert collection.db is not None
            for sql, times in (
                ("update notes set mod = ? where id = ?", notes),
                ("update notetypes set mtime_secs = ? where id = ?", note_types),
            ):
                collection.db.executemany(sql, [(time, id_) for id_, time in times.items()])
            collection.close()
            collection.reopen()
            _disable_fsync(collection)

        self.run(write)

    def answer(self, cards: Sequence[tuple[int, Sequence[Literal[1, 2, 3, 4]]]]) -> None:
        """Answer cards, given by their ids, with Anki's own scheduler: each with its grades."""
        from anki.cards import CardId

        def answer_all(collection: Collection) -> None:
            for id_, grades in cards:
                for grade in grades:
                    card = collection.get_card(CardId(id_))
                    card.start_timer()
                    collection.sched.answerCard(card, grade)

        self.run(answer_all)

    def import_package(self, package: Path, *, merge: bool = False) -> ImportLog:
        """Import a package with the options a learner gets by default (aqt's import dialog).

        ``merge`` ticks "merge note types". Raises `Refused`, with Anki's words, if it does not
        accept the file.
        """
        from anki import import_export_pb2 as pb

        if_newer = pb.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER
        request = pb.ImportAnkiPackageRequest(
            package_path=str(package.absolute()),
            options=pb.ImportAnkiPackageOptions(
                merge_notetypes=merge,
                update_notes=if_newer,
                update_notetypes=if_newer,
                with_scheduling=False,
                with_deck_configs=False,
            ),
        )
        if not package.is_file():
            raise Refused(f"there is no file {package}", "build it first, or correct the path")
        try:
            log = self.run(lambda collection: collection.import_anki_package(request)).log
        except Refused as error:
            raise Refused(f"Anki cannot import {package.name}: {error}") from error
        outcomes = (name for name in ImportLog.__slots__ if name != "found")
        ids = {name: tuple(note.id.nid for note in getattr(log, name)) for name in outcomes}
        return ImportLog(found=log.found_notes, **ids)

    def render(self, cards: Sequence[int]) -> list[Shown]:
        """Render cards, given by their ids. Raises `Refused` if Anki does not want to."""
        from anki.cards import CardId
        from anki.errors import AnkiException

        def shown(collection: Collection, card: int) -> Shown:
            try:
                output = collection.get_card(CardId(card)).render_output()
            except AnkiException as error:
                return Shown("", "", "", str(error))
            tags = {"q": output.question_av_tags, "a": output.answer_av_tags}
            buttons = [f"[anki:play:{side}:{at}]" for side in tags for at in range(len(tags[side]))]
            played = _played(collection, card) if buttons else ()
            return Shown(
                output.question_text, output.answer_text, output.css, "", played, (*buttons,)
            )

        return self.run(lambda collection: [shown(collection, card) for card in cards])

    def messages(self) -> AnkiMessages:
        """The words of this Anki on cards that it cannot show."""

        def read(collection: Collection) -> AnkiMessages:
            texts = collection.tr
            return AnkiMessages(
                texts.card_template_rendering_front_side_problem(),
                texts.card_template_rendering_back_side_problem(),
                texts.card_template_rendering_empty_front(),
                texts.preferences_latex_generation_disabled(),
            )

        return self.run(read)


@contextmanager
def scratch_collection() -> Iterator[Scratch]:
    """An empty collection in a temporary folder; both are gone afterwards.

    Raises `AnkiMissing` if `anki` cannot be imported.
    """
    try:
        from anki.buildinfo import version
        from anki.collection import Collection
    except ImportError as error:
        raise AnkiMissing(
            f"cannot import Anki ({error}): pip install 'deckwright[anki]'"
        ) from error
    with (
        scratch_folder() as folder,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="anki") as worker,
    ):
        collection = worker.submit(Collection, str(folder / "scratch.anki2")).result()
        scratch = Scratch(worker, collection, version)
        try:
            scratch.run(_disable_fsync)
            yield scratch
        finally:
            try:
                worker.submit(collection.close).result()
            except RuntimeError:  # Python is ending, and an iterator was left open: no new threads
                collection.close()
            except BaseException as error:  # a crash is reported already; the folder goes anyway
                if type(error).__name__ != PANIC:
                    raise


def _played(collection: Collection, card: int) -> tuple[str, ...]:
    """What a card plays, with whole addresses: Anki itself gives the last part of each."""
    backend = collection._backend  # noqa: SLF001 - there is no other way to the unread sides
    whole = backend.render_existing_card(card_id=card, browser=False, partial_render=False)
    sides = (*whole.question_nodes, *whole.answer_nodes)
    return tuple(_PLAYED.findall("\n".join(node.text for node in sides)))


def plain(text: str) -> str:
    """Anki's words without the marks of direction that its translations put around names."""
    return text.translate({0x2068: None, 0x2069: None})


def _disable_fsync(collection: Collection) -> None:
    """Do not wait for the disk: everything is thrown away, and answering is ten times as fast."""
    assert collection.db is not None
    collection.db.execute("pragma synchronous = off")
