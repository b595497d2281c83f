"""deckwright compiles a folder of Markdown cards into a versioned Anki package.

The way of a deck::

    folder ─ load ─▶ text ─ parse ─▶ cards ─ render ─▶ notes ─ compare ─▶ mods ─ package ─▶ bytes
               │              │                 │          ▲                                 │
               └────────── diagnostics ─────────┘        ledger             write, verify, rehearse

``pipeline.compile_deck(folder)`` goes as far as the notes and returns every finding beside them;
``release.prepare(compiled, time)`` settles mods and version and makes the package;
``package.write`` puts it into a folder; ``verify.verify`` imports it into a scratch Anki, and
``verify.rehearse`` does so as a learner of the last release. Only ``deckwright release`` writes
the ledger.
"""

__version__ = "0.1.0"
