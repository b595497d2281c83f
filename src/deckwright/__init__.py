"""deckwright compiles a folder of Markdown cards into a versioned Anki package.

The way of a deck::

    folder ─ source ─▶ cards ─ rendering ─▶ notes ─ compare ─▶ changes ─ apkg ─▶ NAME-1.2.0.apkg
                │                  │           ▲                                     │
                └── problems ───┘    releases/ledger                   real_anki, rehearsal

Other ends of the same notes: ``preview`` makes pages of them, ``diff`` tells what changes.

``compile.compile_deck(folder)`` goes as far as the notes and returns every finding beside them;
``releases.release.prepare(compiled, time)`` settles mods and version and makes the package;
``apkg.package.write`` puts it into a folder; ``real_anki.verify`` imports it into a scratch Anki,
and ``rehearsal.rehearse`` does so as a learner of the last release. Only ``deckwright release``
writes the ledger.
"""

__version__ = "0.1.0"
