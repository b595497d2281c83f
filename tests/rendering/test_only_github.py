"""What only github.com shows is named at its place, and nothing else of GitHub's is."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.rendering.github import signs
from deckwright.source import unicode
from tests.decks import card, compile_cards
from tests.rendering.github import footnotes

START = 5
"""The line before the answer, in a deck of one card."""


def found(root: Path, text: str) -> list[tuple[int, int, str]]:
    return [
        (one.place.line - START, one.place.column, one.message)
        for one in compile_cards(root, card(text)).problems
        if one.rule == "differs-on-github"
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a\n\n[^note]: b", 3, 1, "footnote"),
        ("a\n\n> - [^1]: b", 3, 5, "footnote"),
        ("a\n[^1]: b", 2, 1, "footnote"),
        ("a\n\n[^`x`]: b", 3, 1, "footnote"),
        ("> [!NOTE]\n> a", 1, 3, "alert"),
        ("> [!warning]\n> a", 1, 3, "alert"),
        ("a\n\n>\n> [!Tip]\\\n> a", 4, 3, "alert"),
        ("> [!NOTE]\n>\n> - a", 1, 3, "alert"),
        (">[!CAUTION]\na", 1, 2, "alert"),
        ("a :smile: b", 1, 3, "😄"),
        ("a :octocat: b", 1, 3, "a picture"),
        ("a :wales: b", 1, 3, "a picture"),
        ("parser.js:100:14", 1, 10, "💯"),
        ("a \\:smile: b", 1, 4, "😄"),
        ("[:tada:](https://x.org/:smile:)", 1, 2, "🎉"),
        ("![:tada:](a.png) `:x:` <b>:tm:</b>", 1, 27, "™️"),
        ("a\n\n- b :+1:", 3, 5, "👍"),
        ("```mermaid\ngraph TD\n```", 1, 4, "draws this mermaid"),
        ("> ~~~geojson\n> {}\n> ~~~", 1, 6, "draws this geojson"),
        ("Title\n---\ntext", 2, 1, "blank line"),
        ("Title\n===\ntext", 2, 1, "= signs"),
        ("$$\na\n- b\n$$", 3, 1, "ends the formula"),
        ("> $$\n> a\n> - b\n> $$", 3, 1, "ends the formula"),
        ("$x$ and $$\na\n> b\n$$", 3, 1, "ends the formula"),
        ("$$\na\n```\nb\n```\n$$", 3, 1, "ends the formula"),
        ("1. a\n\n    ### Why\n    b", 3, 5, "inside the list item"),
        ("-\ta\n\n\t### Why\n\tb", 3, 2, "inside the list item"),
        ("> ```\n> a\n\nb", 4, 1, "ends the fence before this line"),
        ("$$\nx\n$$\nof\n---", 5, 1, "blank line"),
        ("> Title\n> ---", 2, 3, "blank line"),
        ("- a\n\n    ```\ncode\n    ```", 4, 1, "ends the fence before this line"),
        ("- a\n\n  ```\n  code\n\n b\n  ```", 6, 2, "ends the fence before this line"),
        ("1. a\n\n   ```math\n   x\n y\n   ```", 5, 2, "ends the fence before this line"),
        ("``` mermaid\ngraph TD\n```", 1, 5, "draws this mermaid"),
        ("<div>\n```\ncode\n```\n</div>", 2, 1, "no fence here"),
        ("<div>\n~~~~~ python\ncode\n~~~~~\n</div>", 2, 1, "no fence here"),
        ("<details>\n<summary>x</summary>\n~~~\ncode\n~~~\n</details>", 3, 1, "no fence here"),
        ("| a | b |\n|---|---|\n| `x|y` | z |", 3, 5, r"write it as \|"),
        ("| a | b |\n|---|---|\n| $x|y$ | z |", 3, 5, r"write it as \|"),
        ("| $|a|$ | b |\n|---|---|\n| x | z |", 1, 4, r"write it as \|"),
        ("| a | {{c1::$x|y$}} |\n|---|---|\n| x | z |", 1, 15, r"write it as \|"),
        ("`a|b`\n--|--", 1, 3, r"write it as \|"),
        ("| a |\n|---|\n| {{c1::x|y}} |", 3, 10, r"write it as \|"),
        ("<div>\n\nb\n</div>\n## Next?\n<!-- id: b -->\n\nc", 4, 1, "a blank line behind"),
        ("a\n<details>b</details>\n### Why\nc", 2, 1, "a blank line behind"),
        ("- a\n  ## Next?\n<!-- id: b -->\n\nc", 2, 3, "inside the list item"),
        ("1. a\n\n   ### Why\n\nb", 3, 4, "inside the list item"),
        ("1. * a\n   ### Why\nb", 2, 4, "inside the list item"),
        ("- x\n\n  | a | b |\n  |---|---|\n  | $p(x|z)$ | z |", 5, 9, r"write it as \|"),
    ],
)
def test_what_only_github_shows_is_named_at_its_place(
    text: str, line: int, column: int, words: str, tmp_path: Path
) -> None:
    [(at_line, at_column, message)] = found(tmp_path, text)
    assert (at_line, at_column) == (line, column), message
    assert words in message


@pytest.mark.parametrize(
    "text",
    [
        "`:smile:`, $:smile:$, 12:30:45, :SMILE:, :nosuchname:, ::",
        ":angry_face: :airplane_arriving: :birthday_cake:",
        "[a](https://x.org/:smile: ':smile:') <https://x.org/:tada:> <b title=':smile:'>b</b>",
        "https://x.org/:tada: and www.x.org/:tada: and [a]\n\n[a]: https://x.org/:tada:",
        "<code>:smile:</code> and <pre>:smile:</pre>",
        "a[^1] and `[^1]` and $x[^1]$",
        "a[^1](https://x.org)",
        "[^], [^x y]\n\n[^]: https://x.org\n[^x y]: https://x.org",
        "> \\[!NOTE]\n> a",
        "> a [!NOTE]",
        "> a\n>\n> [!NOTE]\n> a",
        "> [!NOTE] a\n> b",
        "> [!NOTE]",
        "> > [!NOTE]\n> > a",
        "- > [!NOTE]\n  > a",
        "> [!DANGER]\n> a",
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
        "- ## a\n- ### b\n- #### c",
        "> ### a",
        "a <!-- b\n\nc --> d `<!--` e <!-- f",
        # marks of fences that open none, and headings, cards and comments that are shown
        "text\n     ```\n     code\n     ```",
        "- a\n\n      ```\n      code\n      ```",
        "    text\n    ```\n\n```py\nx = 1\n```",
        "- a\n\n      ```\n\n```py\nx = 1\n```\n\n### Why\n\nb",
        "    <!-- a -->\n    ## b",
        "`a\n<!-- b -->`",
        "<pre>\n```\n## x\n### Why\n```\n</pre>",
        "```\n## x\n### Why\n<!-- b -->\n```",
        "~~~md\n## x\n<!-- id: x -->\n~~~",
        "```Markdown\n## x\n<!-- id: x -->\n```",
        "- ```\n  ## x\n  ```",
    ],
)
def test_what_github_shows_as_it_is_is_left_in_peace(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("a :tada:", "a 🎉"),
        ("a :tada:", "a `:tada:`"),
        ("a :wales:", "a Wales"),
        ("a[^1]\n\n[^1]: b", "a\\[^1]\n\n\\[^1]: b"),
        ("a[^1]\n\n[^1]: b", "a\n\n### Why\nb"),
        ("> [!NOTE]\n> a", "> **Note:** a"),
        ("Title\n---", "Title\n\n---"),
        ("$$\na\n- b\n$$", "```math\na\n- b\n```"),
        ("$$\na\n- b\n$$", "$$\na\n{}- b\n$$"),
        ("<div>\n## x\n</div>", "<div>\n&#35;&#35; x\n</div>"),
        ("Title\n---\na", "#### Title\na"),
        ("Title\n===\na", "#### Title\na"),
        ("| a |\n|---|\n| `x|y` |", "| a |\n|---|\n| `x\\|y` |"),
        ("- a\n\n  ```\nb\n  ```", "- a\n\n  ```\n  b\n  ```"),
        ("<div>\n```\nb\n```\n</div>", "<div>\n\n```\nb\n```\n\n</div>"),
        ("[ab]: https://x.org", "\\[ab]: https://x.org"),
        ("a\n<div>b</div>\n### Why\nc", "a\n<div>b</div>\n\n### Why\nc"),
        ("- a\n  ### Why\nb", "- a\n### Why\nb"),
    ],
)
def test_each_cure_is_accepted(text: str, fix: str, tmp_path: Path) -> None:
    assert compile_cards(tmp_path / "bad", card(text)).errors
    assert not compile_cards(tmp_path / "good", card(fix)).problems


def test_text_in_the_line_of_the_comment_is_named(tmp_path: Path) -> None:
    text = "## A question?\n<!-- id: a-card --> *text*\n\nAn answer."
    [found] = compile_cards(tmp_path, text).problems
    assert (found.rule, found.place.line, found.place.column) == ("differs-on-github", 4, 21)
    assert "in the line below" in found.fix


@pytest.mark.parametrize(
    "text",
    [
        "a[^1]",
        "a[^1] [^1]",
        "a[^N]",
        "a[^1](https://x.org)",
        "a[^1][w]",
        "a[^1][none]",
        "a[w][^1]",
        "![^1]",
        "[[^1]]",
        "[^1][]",
        "a\\[^1]",
        "a\\\\[^1]",
        "`[^1]`",
        "| a[^1] |\n|---|",
        "a[^2]",
        "a[^a b]",
        "*[^1]* [x [^1] y](https://x.org)",
    ],
)
def test_a_footnote_is_named_where_githubs_parser_makes_one(text: str, tmp_path: Path) -> None:
    definitions = "[w]: https://x.org\n\n[^a b]: https://x.org\n\n"
    definitions += "[^1]: b\n\n[^n]: c"
    file = card(text) + card(definitions, "Another?", "other-card")
    named = [one for one in compile_cards(tmp_path, file).problems if "footnote" in one.message]
    of_definitions = 2
    assert len(named) - of_definitions == footnotes(file)


def test_a_footnote_of_the_prose_is_one_in_a_card(tmp_path: Path) -> None:
    [one] = compile_cards(tmp_path, "[^1]: b\n\n" + card("a[^1]")).problems
    assert (one.rule, one.place.column) == ("differs-on-github", 2)


def test_every_sign_that_is_proposed_may_are_in_a_deck() -> None:
    assert len(signs()) > 1_900
    for sign in signs().values():
        assert not [*unicode.forbidden(sign)], sign
        assert not unicode.not_composed(sign), sign


def test_each_definition_of_a_footnote_is_named(tmp_path: Path) -> None:
    named = found(tmp_path, "[^1]: b\n\n> [^1]: c\n\n[^2]: d")
    assert [place for *place, _ in named] == [[1, 1], [3, 3], [5, 1]]
