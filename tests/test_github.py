"""What GitHub and Python-Markdown read differently is named; what they read alike is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.rules import FAMILIES
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
        ("Two:\n- a\n- b", 2, 1, "blank line before the list"),
        ("Two:\n1. a\n2. b", 2, 1, "blank line before the list"),
        ("- a\n  - b", 2, 3, "four spaces"),
        ("1. a\n   - b", 2, 4, "four spaces"),
        ("- a\n\n  more", 3, 3, "four spaces"),
        ("1. a\n\n   ```\n   b\n   ```", 3, 4, "four spaces"),
        ("- a\n\n    ```\ncode\n    ```", 4, 1, "indent it like the fence"),
        ("a\n\n1) b", 3, 1, "write `1.`"),
        ("a ~~x~~ b", 1, 3, "<del>"),
        ("a ~x~ b", 1, 3, r"\~"),
        ("a\n\n#tag", 3, 1, "space after the #"),
        ("a\n\n####x", 3, 1, "space after the #"),
        ("a\n\n  #### x", 3, 3, "first column"),
        ("Title\n---\ntext", 2, 1, "blank line"),
        ("Title\n===\ntext", 2, 1, "blank line"),
        ("- a\n\n\tb", 3, 1, "spaces"),
        ("a\\\nb", 1, 2, "two spaces"),
        ("see https://example.org now", 1, 5, "<https://"),
        ("see www.example.org now", 1, 5, "[words]"),
        ("write a@example.org now", 1, 7, "<name@"),
        ("a :smile: b", 1, 3, "emoji"),
        ("a[^1]", 1, 2, "footnote"),
        ("- [ ] a", 1, 3, "box"),
        ("> [!NOTE]\n> a", 1, 3, "alert"),
        ("a\n| b | c |\n|---|---|\n| d | e |", 2, 1, "blank line before the table"),
        # where only the comparison of the two readers sees it
        ("one two\n\n\\\"quoted\\\" and", 3, 3, "differently"),
        ("* one\n\n+ two", 3, 3, "differently"),
        ("| a | b |\n|---|---|\n| `x|y` | z |", 3, 5, "cuts the cell"),
        ("<details><summary>a</summary>\n\nx *b*\n\n</details>", 1, 1, "in <details> GitHub reads"),
    ],
)  # fmt: skip
def test_a_difference_is_named_where_it_stands(
    text: str, line: int, column: int, words: str, tmp_path: Path
) -> None:
    [(at_line, at_column, message)] = found(tmp_path, text)
    assert (at_line, at_column) == (line, column), message
    assert words in message


@pytest.mark.parametrize(
    "text",
    [
        "The parameters of $q(z)$: a mean vector $\\mu$ and a variance vector $\\sigma^2$.",
        "A sentence.\n\n- one\n- two\n  wrapped\n- three\n\nAnd text.",
        "1. one\n2. two\n    - inner\n    - inner\n3. three",
        "1. one\n\n    More on one.\n\n2. two\n\n    ```\n    x\n    ```\n\n3. three",
        "- **Bold:** text\n- *em*, `code` and **`code`**\n- [a](https://x.org/a_b_c(d))",
        "- a\n    - b\n        - c\n- d\n\n    para\n\n    > quote\n    > more",
        "3. three\n4. four",
        "| a | b |\n|---|:-:|\n| $x|y$ | `x` |\n| **x** | y |\n\nafter",
        "a | b\n--- | ---\nc | d",
        "> A quote,\n> two lines.\n>\n> - list\n> - list\n\ntext",
        "text\n> a quote",
        "text\n```\ncode\n```\ntext",
        "#### Heading\n\ntext\n#### Another\ntext",
        "text  \nbroken line\n**bold**  \n**bold again**",
        "a\n\n---\n\nb\n\n* * *\n\nc",
        "A [link with `code` and *em*](https://x.org) and <https://x.org>, <a@x.org>.",
        "{{c1::$x$}} $-$ {{c2::$y$::a distance}}",
        "{{c1::**bold**}} and **{{c2::word}}** and *{{c3::x::hint}}*",
        "snake_case_name and 5 * 3, 2*3, 5 < 6, 12:30:45, C#, #1, e.g. :-) ~5",
        "Text with H<sub>2</sub>O, x<sup>2</sup><br>new line and &nbsp;&lt;tag&gt;.",
        '<img src="media/dot.png" alt="a dot" width="300">\n\ntext',
        "$$a\n+ b\n- c$$\n\nwhere $c$ is.",
        "- item:\n\n    $$a\n    b$$\n\n- next",
        'Because (*this*) and "*that*", **x**-axis, *n*-th, **a**/**b**, *a*–*b*.',
        "**Q:** What? **A:**$x$ That! **x:**`y`",
        "***both*** and _under_ and __strong__ and *multi\nline* em",
        "`x`-like and `x`s; **`x`**: yes; *$x$* is; **$x$-axis**; (`x`)",
        "Years of text until\n2021. And so on.",
        "1\\. no list, \\*no emphasis\\*, \\# and \\- and \\_",
    ],
)
def test_an_ordinary_answer_is_left_in_peace(text: str, tmp_path: Path) -> None:
    compiled = compile_cards(tmp_path, card(text))
    writing = {rule.name for rule in FAMILIES["Writing"]}  # of which a list of three is one
    found = [one for one in compiled.diagnostics if one.rule not in writing]
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("prompt", ["1) What?", "- What?", "1. What?", "    What?", "+ 1 = 2"])
def test_a_prompt_stands_in_a_heading_where_no_list_starts(prompt: str, tmp_path: Path) -> None:
    compiled = compile_cards(tmp_path, card("An answer.", prompt=prompt))
    assert compiled.deck, "\n".join(map(str, compiled.diagnostics))
    assert compiled.deck.notes[0].fields[0] == prompt.strip()


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a\n\n    code", "indented-code", 3, 5),
        ("- a\n\n        code", "indented-code", 3, 9),
        ("a\n\n    $x$ and `y`", "indented-code", 3, 5),
        ("[a]: words", "lost-text", 1, 1),
        ("a\n[b]: words\nc", "lost-text", 2, 1),
        ("- [a]: words\n- b", "lost-text", 1, 3),
        ("> 1. [a]: words", "lost-text", 1, 6),
        ("[^1]: words", "lost-text", 1, 1),
    ],
)
def test_what_is_shown_to_nobody_is_no_matter_of_style(
    text: str, rule: str, line: int, column: int, tmp_path: Path
) -> None:
    [one] = compile_cards(tmp_path, card(text)).diagnostics
    assert (one.rule, one.place.line - START, one.place.column) == (rule, line, column)
