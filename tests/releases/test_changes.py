"""What counts as a correction, and what is held back."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.formulas import macros as macros_module
from deckwright.media import files as media_module
from deckwright.releases.release import Prepared, intended, prepare
from tests.decks import TOML, card, make_deck, png, release
from tests.rehearsal.upgrades import rehearsed, said

pytest.importorskip("anki")

DAY = 86_400
FIRST = 1_600_000_000


def built(root: Path, number: int = 1) -> Prepared:
    compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return prepare(compiled, FIRST + number * DAY)


def ids(prepared: Prepared) -> tuple[list[str], list[str]]:
    """The cards that are corrected, and those that are held back."""
    changes = prepared.changes
    return [one.after.id for one in changes.changed], [one.after.id for one in changes.held]


# -- What is no correction -------------------------------------------------------------------------


SOUND = (Path(__file__).parent.parent / "media" / "samples" / "a.mp3").read_bytes()


@pytest.mark.anki
@pytest.mark.parametrize(
    ("old", "new", "data"),
    [("dot.png", "round.png", png(3)), ("word.mp3", "spoken.mp3", SOUND)],
    ids=["a picture", "a sound"],
)
def test_a_file_that_only_got_another_name_is_no_correction(
    old: str, new: str, data: bytes, tmp_path: Path
) -> None:
    body = f"One ![a dot](media/{old})" if old.endswith("png") else f"[a word](media/{old})"
    root = make_deck(tmp_path / "x", {"01.md": f"# T\n\n{card(body)}", f"media/{old}": data})
    first = release(root)
    (root / "media" / old).rename(root / "media" / new)
    text = (root / "01.md").read_text(encoding="utf-8").replace(old, new)
    (root / "01.md").write_text(text, encoding="utf-8")
    later = built(root)
    assert not later.changes
    [note], [sent] = later.deck.notes, later.deck.media
    assert (note.mod, note.media) == (FIRST, (sent.name,))
    assert sent.name in "".join(note.fields)
    assert sent.name != first.deck.media[0].name
    result = rehearsed(tmp_path, first.package.data, later.package.data, intended(later))
    assert (said(result), result.updated_notes) == ("", 0)
    released = release(root, "1.1.0", FIRST + DAY)
    assert built(root, 2).package == released.package
    (root / "media" / new).write_bytes(png(4) if old.endswith("png") else SOUND + SOUND)
    assert ids(built(root, 2)) == (["a-card"], [])


MACROS = r"""
[macros]
E = "\\mathbb{E}"
Eq = "\\E_{q}"
"""
FORMULA = r"The bound is $\Eq[x]$ and $\E[y]$."


@pytest.mark.parametrize(
    ("toml", "formula"),
    [
        (MACROS, r"The bound is $\mathbb{E}_{q}[x]$ and $\E[y]$."),
        (MACROS.replace(r"\\E_", r"\\mathbb{E}_"), FORMULA),
        (
            MACROS.replace("E =", "Ex =").replace(r"\\E_", r"\\Ex_"),
            FORMULA.replace(r"\E[", r"\Ex["),
        ),
    ],
    ids=["inlined in a card", "inlined in another macro", "renamed"],
)
def test_a_macro_that_leads_to_the_same_formula_is_no_correction(
    toml: str, formula: str, tmp_path: Path
) -> None:
    release(make_deck(tmp_path, {"deck.toml": TOML + MACROS, "01.md": f"# T\n\n{card(FORMULA)}"}))
    make_deck(tmp_path, {"deck.toml": TOML + toml, "01.md": f"# T\n\n{card(formula)}"})
    assert not built(tmp_path).changes


def test_a_macro_inside_another_that_says_something_else_is_a_correction(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"01.md": f"# T\n\n{card(FORMULA)}"}
    release(make_deck(tmp_path, {"deck.toml": TOML + MACROS, **files}))
    other = MACROS.replace(r"\\mathbb{E}", r"\\mathrm{E}")
    make_deck(tmp_path, {"deck.toml": TOML + other, **files})
    assert ids(built(tmp_path)) == (["a-card"], [])


def test_a_macro_that_a_later_tool_expands_otherwise_is_held_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, str | bytes] = {"01.md": f"# T\n\n{card(FORMULA)}"}
    release(make_deck(tmp_path, {"deck.toml": TOML + MACROS, **files}))
    add = macros_module._Output._add_fixed

    def spaced(self: macros_module._Output, use: int, text: str, *more: str) -> None:
        add(self, use, f" {text} " if text.strip() else text, *more)

    monkeypatch.setattr(macros_module._Output, "_add_fixed", spaced)
    assert ids(built(tmp_path)) == ([], ["a-card"])


def test_a_file_that_a_later_tool_names_otherwise_is_no_correction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(make_deck(tmp_path, {"01.md": f"# T\n\n{card('One ![a dot](media/dot.png)')}"}))
    name = media_module._name
    monkeypatch.setattr(media_module, "_name", lambda *given: f"our-{name(*given)}")
    assert not built(tmp_path).changes
    monkeypatch.setattr(media_module, "_name", lambda *given: f"x-{name(*given)[-20:]}")
    assert not built(tmp_path).changes
    monkeypatch.setattr(media_module, "_name", lambda *_: f"dot-{'0' * 16}.png")
    assert ids(built(tmp_path)) == ([], ["a-card"])


def test_what_a_ledger_holds_of_a_source_is_the_same_for_ever(tmp_path: Path) -> None:
    """Else a later tool that renders otherwise would send every note once more."""
    link = "[home]: https://example.org 'A home'\n"
    body = f"One ![a dot](media/dot.png), {FORMULA.replace('Eq', 'E')} and a [home].\n\n{link}"
    text = f"# T\n\n{card(body)}\n### Why\n\nBecause.\n"
    make_deck(tmp_path, {"deck.toml": TOML + MACROS, "01.md": text})
    [note] = built(tmp_path).deck.notes
    assert note.source == "5e227c9460c39da7eb4e3703cdafc9d7"
