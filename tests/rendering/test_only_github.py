"""What only github.com shows is named where it stands, and nothing else of GitHub's is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.decks import card, compile_cards

START = 5
"""The line before the answer, in a deck of one card."""


def found(root: Path, text: str) -> list[tuple[int, int, str]]:
    return [
        (one.place.line - START, one.place.column, one.message)
        for one in compile_cards(root, card(text)).diagnostics
        if one.rule == "differs-on-github"
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a[^1]", 1, 2, "footnote"),
        ("a\n\n[^note]: b", 3, 1, "footnote"),
        ("> [!NOTE]\n> a", 1, 3, "alert"),
        ("> [!warning]\n> a", 1, 3, "alert"),
        ("a :smile: b", 1, 3, "😄"),
        ("a\n\n- b :+1:", 3, 5, "👍"),
        ("```mermaid\ngraph TD\n```", 1, 4, "draws this mermaid"),
        ("> ~~~geojson\n> {}\n> ~~~", 1, 6, "draws this geojson"),
        ("a\n\n##b", 3, 1, "put a space after ##"),
        ("a\n\n###Why", 3, 1, "put a space after ###"),
        ("Title\n---\ntext", 2, 1, "blank line"),
        ("Title\n===\ntext", 2, 1, "blank line"),
        ("$$\nx\n$$\nof\n---", 5, 1, "blank line"),
        ("> Title\n> ---", 2, 3, "blank line"),
        ("- a\n\n    ```\ncode\n    ```", 4, 1, "ends the fence before this line"),
        ("- a\n\n  ```\n  code\n\n b\n  ```", 6, 2, "ends the fence before this line"),
        ("1. a\n\n   ```math\n   x\n y\n   ```", 5, 2, "ends the fence before this line"),
        ("<div>\n```\ncode\n```\n</div>", 2, 1, "no fence here"),
        ("text\n     ```\n     code\n     ```", 2, 6, "no fence here"),
        ("| a | b |\n|---|---|\n| `x|y` | z |", 3, 5, r"write \| for it"),
        ("| a | b |\n|---|---|\n| $x|y$ | z |", 3, 5, r"write \| for it"),
        ("| $|a|$ | b |\n|---|---|\n| x | z |", 1, 4, r"write \| for it"),
        ("| a | {{c1::$x|y$}} |\n|---|---|\n| x | z |", 1, 15, r"write \| for it"),
        ("`a|b`\n--|--", 1, 3, r"write \| for it"),
        ("| a |\n|---|\n| {{c1::x|y}} |", 3, 10, r"write \| for it"),
        ("<div>\n\nb\n</div>\n## Next?\n<!-- id: b -->\n\nc", 4, 1, "blank line between"),
        ("a\n<details>b</details>\n### Why\nc", 2, 1, "blank line between"),
        ("- a\n  ## Next?\n<!-- id: b -->\n\nc", 2, 1, "inside the list item"),
        ("1. a\n\n   ### Why\n\nb", 3, 1, "inside the list item"),
        ("- x\n\n  | a | b |\n  |---|---|\n  | $p(x|z)$ | z |", 5, 9, r"write \| for it"),
    ],
)
def test_what_only_github_shows_is_named_where_it_stands(
    text: str, line: int, column: int, words: str, tmp_path: Path
) -> None:
    [(at_line, at_column, message)] = found(tmp_path, text)
    assert (at_line, at_column) == (line, column), message
    assert words in message


@pytest.mark.parametrize(
    "text",
    [
        "a \\:smile: b, `:smile:`, 12:30:45, a:b:c, ::x::, :nosuchname:",
        "a\\[^1] and `[^1]` and $x[^1]$",
        "> \\[!NOTE]\n> a",
        "> a [!NOTE]",
        "```text\nmermaid\n```",
        "Title\n\n---\n\ntext",
        "- a\n- b\n---\n\n***",
        "| a | b |\n|---|---|\n| `x\\|y` | $p(x \\| z)$ |",
        "`a|b` and $|x|$ in no table, a | b",
        "#hashtag and ####none",
        "a <b>c</b>\n### Why\nd",
        "<div>b</div>\n\n### Why\nc",
        "> <div>b</div>\n### Why\nc",
        "- a\n ### Why\nb",
    ],
)
def test_what_github_shows_as_it_stands_is_left_in_peace(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("a :tada:", "a \\:tada:"),
        ("a[^1]", "a\\[^1]"),
        ("> [!NOTE]\n> a", "> **Note:** a"),
        ("Title\n---", "Title\n\n---"),
        ("| a |\n|---|\n| `x|y` |", "| a |\n|---|\n| `x\\|y` |"),
        ("- a\n\n  ```\nb\n  ```", "- a\n\n  ```\n  b\n  ```"),
        ("[ab]: https://x.org", "\\[ab]: https://x.org"),
        ("a\n<div>b</div>\n### Why\nc", "a\n<div>b</div>\n\n### Why\nc"),
        ("- a\n  ### Why\nb", "- a\n### Why\nb"),
    ],
)
def test_each_cure_is_accepted(text: str, cure: str, tmp_path: Path) -> None:
    assert compile_cards(tmp_path / "bad", card(text)).errors
    assert not compile_cards(tmp_path / "good", card(cure)).diagnostics


def test_text_in_the_line_of_the_comment_is_named(tmp_path: Path) -> None:
    text = "## A question?\n<!-- id: a-card --> *text*\n\nAn answer."
    [found] = compile_cards(tmp_path, text).diagnostics
    assert (found.rule, found.place.line, found.place.column) == ("differs-on-github", 4, 21)
    assert "in the line below" in found.cure
