"""The Markdown that people write for GitHub, in a card: what a learner gets of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from tests.decks import card, compile_cards, make_deck, only_note

START = 5


def answer(root: Path, text: str) -> str:
    """The answer of a card without a problem, its line ends taken out."""
    return only_note(root, card(text)).fields[1].replace("\n", "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("1. a\n   - b", "<ol><li>a<ul><li>b</li></ul></li></ol>"),
        ("- a\n    - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("- [ ]\ta\n- [ ]\t", "<ul><li>☐ a</li><li>☐ </li></ul>"),
        ("a\\\t\nb", "a\\b"),
        ("-\ta\n\t-\tb", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("Two:\n- a\n- b", "<p>Two:</p><ul><li>a</li><li>b</li></ul>"),
        ("Years:\n1986. And so on.", "Years:1986. And so on."),
        ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("1. a\n\n1) b", "<ol><li>a</li></ol><ol><li>b</li></ol>"),
        ("* a\n\n+ b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("- a\n\n  more", "<ul><li><p>a</p><p>more</p></li></ul>"),
        ("- a\n\n\tb", "<ul><li><p>a</p><p>b</p></li></ul>"),
        ("- [ ] a\n- [x] b", "<ul><li>☐ a</li><li>☑ b</li></ul>"),
        ("1986. Two.\n1987. A.", '<ol start="1986"><li>Two.</li><li>A.</li></ol>'),
        ("a  \nb\\\nc", "a<br>b<br>c"),
        ("a ~~b~~ ~c~", "a <del>b</del> <del>c</del>"),
        (
            r"\! \" \# \% \& \' \) \( \* \+ \, \- \. \/ \: \; \< \= \> \? \@ \] \[ \^ \_ \` \{ \~",
            "! \" # % &amp; ' ) ( * + , - . / : ; &lt; = &gt; ? @ ] [ ^ _ ` { ~",
        ),
        ("(https://a.org/b_c).", '(<a href="https://a.org/b_c">https://a.org/b_c</a>).'),
        ("<https://a.org>", '<a href="https://a.org">https://a.org</a>'),
        ("www.a.org.", '<a href="http://www.a.org">www.a.org</a>.'),
        ("m@a.org", '<a href="mailto:m@a.org">m@a.org</a>'),
        (
            "| a | b |\n|:-:|--:|\n| $x \\| y$ | `c\\|d` |",
            """
            <div class="table"><table>
            <thead><tr><th class="center">a</th><th class="right">b</th></tr></thead>
            <tbody><tr><td class="center">\\(x | y\\)</td>
            <td class="right"><code>c|d</code></td></tr></tbody></table></div>
            """,
        ),
        (
            "a\n| b |\n|---|\n| c |",
            """
            <p>a</p>
            <div class="table"><table>
            <thead><tr><th>b</th></tr></thead><tbody><tr><td>c</td></tr></tbody>
            </table></div>
            """,
        ),
        (
            "<details><summary>a</summary>\n\nx *b*\n\n</details>",
            "<details><summary>a</summary><p>x <em>b</em></p></details>",
        ),
        ("<div>\n`x` *y* $z$\n</div>", "<div>`x` *y* \\(z\\)</div>"),
        ("> # A heading", "<blockquote><h4>A heading</h4></blockquote>"),
        (
            "1. a\n\n   ```\n   b\n\n     c\n   ```\n\n2. d",
            """
            <ol><li><p>a</p><pre class="code"><code>b  c</code></pre></li><li><p>d</p></li></ol>
            """,
        ),
        (
            "a\n> ```\n> ```",
            '<p>a</p><blockquote><pre class="code"><code></code></pre></blockquote>',
        ),
        ("a\n```\nb\n```\nc", '<p>a</p><pre class="code"><code>b</code></pre><p>c</p>'),
        ("a\n```math\nx\n```", "<p>a</p><p>\\[x\\]</p>"),
        ("- ```\n  a\n  ```", '<ul><li><pre class="code"><code>a</code></pre></li></ul>'),
    ],
)
def test_markdown_is_read_as_on_github(text: str, html: str, tmp_path: Path) -> None:
    assert answer(tmp_path, text) == "".join(line.strip() for line in html.split("\n"))


@pytest.mark.parametrize("prompt", ["1) What?", "- What?", "1. What?", "    What?", "+ 1 = 2"])
def test_a_prompt_is_in_a_heading_where_no_list_starts(prompt: str, tmp_path: Path) -> None:
    note = only_note(tmp_path, card("An answer.", prompt=prompt))
    assert note.fields[0] == prompt.strip()


def test_an_indented_heading_is_a_card(tmp_path: Path) -> None:
    compiled = compile_cards(tmp_path, card("A.") + " " + card("B.", "Another?", "b"))
    assert compiled.deck, compiled.problems
    assert [note.id for note in compiled.deck.notes] == ["a-card", "b"]


# Indented code


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a\n\n    $x^2$ is a square", "indented-code", 3, 5),
        ("- a\n\n      $$x$$", "indented-code", 3, 7),
        ("a\n\n\t$\\mu$", "indented-code", 3, 2),
    ],
)
def test_a_formula_in_indented_code_is_named(
    text: str, rule: str, line: int, column: int, tmp_path: Path
) -> None:
    [one] = compile_cards(tmp_path, card(text)).problems
    assert (one.rule, one.place.line - START, one.place.column) == (rule, line, column)


def test_code_by_four_spaces_is_shown_as_it_is(tmp_path: Path) -> None:
    text = "Run:\n\n    $ ls {a,b} && echo $HOME\n\n    \tx = '*a*'  # {{x}}\n\nDone."
    assert answer(tmp_path, text) == (
        '<p>Run:</p><pre class="code"><code>$ ls {a,b} &amp;&amp; echo $HOME'
        "\tx = '*a*'  # {&#123;x}}</code></pre><p>Done.</p>"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\nall:\n\techo\tx\n```", "all:\n\techo\tx"),
        ("> ```\n> \techo\n> ```", "\techo"),
        ("    \ta\n\t\tb", "\ta\n\tb"),
        ("- ```\n\ta\n  ```", "  a"),
    ],
)
def test_code_keeps_its_tabs_but_what_an_item_takes_of_one(
    text: str, code: str, tmp_path: Path
) -> None:
    assert (
        f'<pre class="code"><code>{code}</code></pre>' in only_note(tmp_path, card(text)).fields[1]
    )


# Links that are defined elsewhere


DEFINED = "[paper]: https://x.org/p 'A title'\n"


def test_a_definition_holds_for_the_whole_file(tmp_path: Path) -> None:
    first = card("See [it][Paper],\n[paper] and\n[`paper`].")
    last = card(f"The last.\n\n{DEFINED}[`paper`]: https://x.org/c", "Last?", "last")
    compiled = compile_cards(tmp_path, first + last)
    assert not compiled.problems, compiled.problems
    assert compiled.deck
    assert [note.fields[1] for note in compiled.deck.notes] == [
        """See <a href="https://x.org/p" title="A title">it</a>,
<a href="https://x.org/p" title="A title">paper</a> and
<a href="https://x.org/c"><code>paper</code></a>.""",
        "The last.",
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a\n\n[a]: words", 3, 1, "nothing uses the definition of [a]"),
        ("- [a]: words\n- b", 1, 3, "nothing uses the definition of [a]"),
        ("> 1. [a]: words", 1, 6, "nothing uses the definition of [a]"),
        ("$$\nx\n$$\n\n[a]: b\n[c]: d\n\n[c]", 5, 1, "nothing uses the definition of [a]"),
        ("[a]\n\n[a]: https://x.org\n[A]: https://y.org", 4, 1, "line 8 already"),
    ],
)
def test_a_definition_that_nobody_uses_is_named(
    text: str, line: int, column: int, words: str, tmp_path: Path
) -> None:
    found = compile_cards(tmp_path, card(text)).problems
    [one] = [one for one in found if one.rule == "lost-text"]
    assert (one.place.line - START, one.place.column) == (line, column)
    assert words in one.what


def test_a_definition_is_used_by_the_prose_before_the_cards_too(tmp_path: Path) -> None:
    text = "See [paper].\n\n" + card(f"An answer.\n\n{DEFINED}")
    assert not compile_cards(tmp_path, text).problems


def test_a_definition_that_nobody_uses_is_named_in_long_prose_too(tmp_path: Path) -> None:
    prose = "Some words.\n\n" * 3_000 + r"\[other] and [p]." + "\n\n[other]: x\n[P]: y\n\n"
    found = compile_cards(tmp_path, prose + card("An answer.")).problems
    assert [(one.rule, one.place.line, one.what[:41]) for one in found] == [
        ("lost-text", 6_005, "nothing uses the definition of [other], s")
    ]


def test_prose_that_is_too_deep_to_define_a_link_is_named(tmp_path: Path) -> None:
    deep = "- " * 101 + "[paper]: https://x.org/p\n\n"
    found = compile_cards(tmp_path, "Words.\n\n" + deep + card("See [paper].")).problems
    assert [(one.rule, one.severity, one.place.line) for one in found] == [("too-deep", "error", 5)]


def test_what_a_link_leads_to_belongs_to_the_card_that_uses_it(tmp_path: Path) -> None:
    def sources(address: str, folder: str) -> list[str]:
        text = card("See [p].") + card(f"The last.\n\n[p]: {address}", "Last?", "last")
        compiled = compile_cards(tmp_path / folder, text)
        assert compiled.deck, compiled.problems
        return [note.source for note in compiled.deck.notes]

    old, new = sources("https://x.org/a", "old"), sources("https://x.org/b", "new")
    assert old[0] != new[0]
    assert old[1] == new[1], "the card that has it in its text does not change with it"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a]: `x y`", "[a]: <code>x y</code>"),
        ("[a]: $x + y$", "[a]: \\(x + y\\)"),
        ("[a]: x `y`", "[a]: x <code>y</code>"),
    ],
)
def test_what_is_no_definition_as_it_is_written_is_shown(
    text: str, html: str, tmp_path: Path
) -> None:
    assert answer(tmp_path, text) == html


def test_a_definition_is_stored_as_it_is_written(tmp_path: Path) -> None:
    text = "See [p].\n\n[p]: https://x.org/`a`$b$ 'Of `c`'"
    assert answer(tmp_path, text) == (
        """See <a href="https://x.org/`a`$b$" title="Of `c`">p</a>."""
    )


def test_a_definition_in_long_prose_holds(tmp_path: Path) -> None:
    prose = "Some words < more.\n\n" * 2_500 + DEFINED + "\n[other]: https://x.org\n\n[other]\n\n"
    assert len(prose) > 40_000
    note = only_note(tmp_path, prose + card("See [paper]."))
    assert note.fields[1] == 'See <a href="https://x.org/p" title="A title">paper</a>.'


@pytest.mark.parametrize(
    "entity", ["&#xe000;9&#xe001;", "&#xe002;0&#xe003;", "&#x202e;", "&#000057344;0"]
)
@pytest.mark.parametrize("above", [True, False])
def test_no_definition_brings_a_character_of_no_text(
    entity: str, above: bool, tmp_path: Path
) -> None:
    defined = f'[a]: https://e.org/{entity} "{entity}"\n\n'
    cards = card("See [a] and $x$.") + card("See [a] and $x$.", "Another?", "b-card")
    text = f"{defined}{cards}" if above else f"{cards}\n\n{defined}"
    compiled = compile_cards(tmp_path, text)
    assert {one.rule for one in compiled.problems} >= {"character"}
    [line] = {one.place.line for one in compiled.problems if one.rule == "character"}
    path = compiled.problems[0].place.path
    assert Path(path).read_text(encoding="utf-8").split("\n")[line - 1].startswith("[a]: ")
    assert all("See [a] and" in note.fields[1] for note in compiled.notes.values())


def test_a_note_does_not_change_with_a_definition_that_moves(tmp_path: Path) -> None:
    last = card("The last.", "Last?", "last")
    texts = [
        card("See [paper].\n\nAnd so on.") + last + f"\n{DEFINED}",
        card(f"See [paper].\n\n{DEFINED}\nAnd so on.") + last,
        card(f"See [paper].\n\n{DEFINED}And so on.") + last,
        card(f"{DEFINED}\nSee [paper].\n\nAnd so on.") + last,
        f"{DEFINED}\n" + card("See [paper].\n\nAnd so on.") + last,
        card(f"See [paper].\n\n  {DEFINED}\n\nAnd so on.") + last,
    ]
    sources = []
    for number, text in enumerate(texts):
        compiled = compile_cards(tmp_path / str(number), text)
        assert compiled.deck, compiled.problems
        sources.append([note.source for note in compiled.deck.notes])
    assert sources == [sources[0]] * len(texts)


def test_a_place_behind_a_letter_that_is_two_in_small(tmp_path: Path) -> None:
    [one] = compile_cards(tmp_path, card("Straße, İ, ŉ: <font>a</font>")).problems
    assert one.place.column == 15


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("ΑΣ and ẞ: [a](x:ΑΣΑ)", 15),
        ("x:b and [a](x:&#98;)", 13),
        (r"x:_ and [a](x:\_)", 13),
        ("x:a b and [a](<x:a\tb>)", 16),
        ("a=b <b title=a dir=x>a</b>", 16),
        ("<br> <b dir=x>a</b>", 9),
        ("&lt;font <font>a</font>", 10),
        ("![A grey dot](media/dot.png) " * 60 + "![](media/dot.png)", 1745),
    ],
)
def test_what_is_wrong_is_named_at_its_column(text: str, column: int, tmp_path: Path) -> None:
    [*_, one] = sorted(
        compile_cards(tmp_path, card(text)).problems, key=lambda one: one.place.column
    )
    assert one.place.column == column


def test_a_picture_may_be_defined_elsewhere(tmp_path: Path) -> None:
    text = card("![A grey dot on white][dot]\n\n[dot]: media/dot.png")
    assert 'src="dot-' in only_note(tmp_path, text).fields[1]


def test_a_cloze_in_the_words_of_a_picture_is_named_once(tmp_path: Path) -> None:
    text = card("![A grey {{c1::dot}} on white](media/dot.png)")
    [one] = compile_cards(tmp_path, text).problems
    assert (one.rule, one.place.column) == ("cloze-place", 10)
    text = card("{{c1::![A grey dot on white](media/dot.png)}}")
    assert not compile_cards(tmp_path / "fix", text).problems


# Tables


def test_a_cell_behind_the_last_column_is_named(tmp_path: Path) -> None:
    text = "$$\nx\n$$\n\n> | a | b |\n> |---|---|\n> | `c` | d | e |"
    [one] = compile_cards(tmp_path, card(text)).problems
    assert (one.rule, one.place.line - START, one.place.column) == ("lost-text", 7, 14)


def test_code_of_no_break_spaces_alone_is_code(tmp_path: Path) -> None:
    assert answer(tmp_path, "a\n\n    \u00a0") == (
        '<p>a</p><pre class="code"><code>\u00a0</code></pre>'
    )
    assert answer(tmp_path, "a\n\n```\n\u00a0\n```") == (
        '<p>a</p><pre class="code"><code>\u00a0</code></pre>'
    )


def test_a_bar_in_a_cell_is_one_in_the_words_of_a_picture_too(tmp_path: Path) -> None:
    shown = r"![it shows a\|b](media/dot.png) ![it shows $a\|b$](media/dot.png)"
    code = r"![it shows `a\|b`](media/dot.png)"
    html = answer(tmp_path, f"| x |\n|---|\n| {shown} {code} |\n\n![norm $\\|x\\|$](media/dot.png)")
    alts = ["it shows a|b", "it shows $a|b$", "it shows a|b", r"norm $\|x\|$"]
    assert re.findall('alt="([^"]*)"', html) == alts


@pytest.mark.parametrize(
    ("table", "at"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 | gone |", (8, 10)),
        ("> a | b\n> --|--\n> 1 | 2 | gone", (8, 10)),
        ("- | a | b |\n  |---|---|\n  | 1 | 2 | gone |", (8, 12)),
        ("| a | b |\n|---|---|\n| $x|y$ | `2\\|3` |", None),
        ("| a | b |\n|---|---|\n| 1 \\| 2 | 3 |  |", None),
        ("| a | b |\n|---|---|\n| 1 | 2 | \\", (8, 10)),
    ],
)
def test_a_cell_behind_the_last_column_is_lost_text(
    table: str, at: tuple[int, int] | None, tmp_path: Path
) -> None:
    text = f"# T\n\n## Q\n<!-- id: q -->\n\n{table}\n"
    found = compile_deck(make_deck(tmp_path, {"01.md": text})).problems
    lost = [(one.place.line, one.place.column) for one in found if one.rule == "lost-text"]
    assert lost == ([at] if at else [])
