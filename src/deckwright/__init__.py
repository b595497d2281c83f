"""deckwright compiles a folder of Markdown cards into an Anki package.

The way of a card::

    folder ── load ──▶ text ── parse ──▶ cards ── render ──▶ notes ── package ──▶ bytes ── write
                         │                 │                   │
                         └────────── diagnostics ◀─────────────┘        verify: a real Anki

``compile_deck(Path("content"))`` goes as far as the notes and returns every finding beside them;
``package(deck, version, time)`` makes the bytes, ``write`` puts them into a folder, and
``deckwright.verify.verify`` imports them into a scratch Anki.
"""

__version__ = "0.1.0"
