"""What other tools write is named where learners would see it, and ordinary prose is not."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Problem
from deckwright.rendering.latex import TEX_OUTSIDE
from deckwright.rendering.raw import MERGE_CONFLICT, NUMBER_AS_LIST, OTHER_SYNTAX
from tests.decks import card, compile_cards, make_deck

ROOT = Path(__file__).parents[2]
RULES = {one.name for one in (MERGE_CONFLICT, NUMBER_AS_LIST, OTHER_SYNTAX, TEX_OUTSIDE)}
RULES |= {"cloze-blocks", "unclosed-comment", "cloze-number", "cloze-lookalike", "math-delimiter"}
START = "# Examples\n\n## A question?\n<!-- id: a-card -->\n\n"


def found(root: Path, text: str) -> list[Problem]:
    """What is named of other tools in an answer."""
    problems = compile_cards(root, card(text)).problems
    return [one for one in problems if one.rule in RULES]


def mended(text: str, problems: list[Problem]) -> str:
    """An answer with all edits."""
    file = START + text
    for edit in sorted({edit for one in problems for edit in one.edits}, reverse=True):
        file = file[: edit.start] + edit.text + file[edit.end :]
    return file.removeprefix(START)


@pytest.mark.parametrize(
    ("text", "column", "mend"),
    [
        # LaTeX
        (r"It is \frac{1}{4}.", 7, r"It is $\frac{1}{4}$."),
        (r"Here \alpha stays.", 6, r"Here $\alpha$ stays."),
        (r"Area 2\pi r^2", 7, r"Area 2$\pi r^2$"),
        (r"So \sum_{i=1}^{n} x_i = \bar{x}\cdot n", 4, r"So $\sum_{i=1}^{n} x_i = \bar{x}\cdot$ n"),
        (r"\alpha1", 1, r"$`\alpha`$1"),
        ("Water is H_{2}O", 10, "Water is $H_{2}$O"),
        ("About 10^{-3} mol", 7, "About $10^{-3}$ mol"),
        (r"With \argmax{x} here", 6, r"With $\argmax{x}$ here"),
        ("\\begin{equation}\nE = mc^2\n\\end{equation}", 1, "$$E = mc^2$$"),
        (
            "\\begin{align}\na &= b\n\\end{align}",
            1,
            "$$\n\\begin{align}\na &= b\n\\end{align}\n$$",
        ),
        (r"a \begin{cases} never", 3, None),
        (r"[$]\frac{a}{b}[/$] b", 1, r"$\frac{a}{b}$ b"),
        ("[$$]x + y[/$$]", 1, "$$x + y$$"),
        ("[latex]x^2[/latex] b", 1, "$x^2$ b"),
        ("[latex]$x$[/latex] b", 1, "$x$ b"),
        (r"\(x^2\) b", 1, "$x^2$ b"),
        (r"\(a + b\) b", 1, "$a + b$ b"),
        (r"\[x^2\]", 1, "$$x^2$$"),
        (r"\(\mu\)1", 1, r"$`\mu`$1"),
        (r"It is \emph{so}.", 7, "It is *so*."),
        (r"It is \textbf{so} and \texttt{x}.", 7, "It is **so** and `x`."),
        (r"\(f(x)\) b", 1, "$f(x)$ b"),
        # Anki
        ("[sound:dog.mp3]", 1, "[dog](dog.mp3)"),
        ("[sound:a dog.mp3]", 1, "[a dog](<a dog.mp3>)"),
        ("[[type:Back]]", 1, None),
        ("[anki:play:q:0]", 1, None),
        ("[a](https://x.org){.wide}", 19, None),
        ("{: .wide}", 1, None),
        # clozes
        ("It is {c1::two}.", 7, "It is {{c1::two}}."),
        ("It is [[c1::two]].", 7, "It is {{c1::two}}."),
        ("It is [c12::two].", 7, "It is {{c12::two}}."),
        ("It is (C1::`two`).", 7, "It is {{c1::`two`}}."),
        ("It is ｛｛c1::two｝｝.", 7, "It is {{c1::two}}."),
        ("{{c1::a}} and b}}", 16, None),
        ("It is ((c1::two)).", 7, "It is {{c1::two}}."),
        ("It is {c1::f(x)}.", 7, "It is {{c1::f(x)}}."),
        ("{{c1::- a\n- b}}", 1, "{{c1::\n\n- a\n- b\n\n}}"),
        ("{{c1::> a\n> b::hint}}", 1, "{{c1::\n\n> a\n> b\n\n::hint}}"),
        ("{{c1::| a |\n|---|\n| b |}}", 1, "{{c1::\n\n| a |\n|---|\n| b |\n\n}}"),
        # what only looks like a link, a picture, a comment
        ("![a board](media/my map.png)", 1, "![a board](<media/my map.png>)"),
        ("[a dog](my dog.mp3)", 1, "[a dog](<my dog.mp3>)"),
        ("![a map](media/map.png =100x20)", 1, None),
        ("![a map](media/dot.png){width=50%}", 24, None),
        ("a <!-- to do", 3, None),
        # Obsidian, Roam, Logseq, RemNote
        ("![[triangle.png]]", 1, "![triangle](triangle.png)"),
        ("![[a b.png|300]]", 1, "![a b](<a b.png>)"),
        ("![[a note]]", 1, None),
        ("see [[oxygen]]", 5, "see oxygen"),
        ("see [[chem/oxygen|O]]", 5, "see O"),
        ("see [[oxygen#Mass]]", 5, "see Mass"),
        ("a ==marked== word", 3, "a <mark>marked</mark> word"),
        ("a ==marked `x` $y$== word", 3, "a <mark>marked `x` $y$</mark> word"),
        ("a ^^marked^^ word", 3, "a <mark>marked</mark> word"),
        ("a %%hidden%% word", 3, None),
        ("a ^abc123", 3, None),
        ("#chemistry #organic/acids", 1, None),
        ("Paris :: the capital", 6, None),
        ("Paris:: the capital", 6, None),
        ("Q: Who?\n\nA: I.", 1, None),
        ("**Q:** Who?", 1, None),
        ("Who?\n\n?\n\nI.", 1, None),
        ("Who?\n\n---\n\nI.", 1, None),
        # Pandoc and others
        ("H~2~O", 2, "H<sub>2</sub>O"),
        ("x^2^ is", 2, "x<sup>2</sup> is"),
        ("::: note\na\n:::", 1, None),
        ("東京[とうきょう]は", 1, "<ruby>東京<rt>とうきょう</rt></ruby>は"),
        ("{東京|とうきょう}は", 1, "<ruby>東京<rt>とうきょう</rt></ruby>は"),
        ("你好[nǐhǎo]", 1, "<ruby>你好<rt>nǐhǎo</rt></ruby>"),
        ("[b]bold[/b] word", 1, None),
        (".. note:: x", 1, None),
        ("#+BEGIN_SRC c", 1, None),
        # merges
        ("<<<<<<< HEAD\na\n>>>>>>> b", 1, None),
        # numbers
        ("1986. The reactor was two years old.", 1, r"1986\. The reactor was two years old."),
        ("18. Jahrhundert", 1, r"18\. Jahrhundert"),
        ("3) b", 1, r"3\) b"),
        ("- 40 °C", 1, r"\- 40 °C"),
        ("+ 5 V", 1, r"\+ 5 V"),
        ("* 2", 1, r"\* 2"),
        ("> 5 mmol/l", 1, r"\> 5 mmol/l"),
        ("> -5,3 %", 1, r"\> -5,3 %"),
    ],
)
def test_what_would_be_raw_is_named_at_its_place(
    text: str, column: int, mend: str | None, tmp_path: Path
) -> None:
    problems = found(tmp_path, text)
    assert problems
    assert problems[0].place.column == column
    if mend is None:
        assert not any(one.edits for one in problems)
        return
    assert mended(text, problems) == mend
    assert found(tmp_path, mend) == []


@pytest.mark.parametrize(
    "text",
    [
        r"C:\text\in and \\server\alpha, C:/in/\d+ and \n, \t",
        "a == b and c == d, x==y, ==, a === b, a =!= b, a ==b && c== d",
        "`f :: Int -> Int`, ratio 3:1, std::vector",
        "snake_case_name, x_1, x^2, 2^10, a^b^c, a_b_c",
        "~5 km, 10~20 and 20~30, ~/bin, about ~ 3, ~~struck~~, ~so~",
        "100 %, 50%, %d and %%d, 5 %% 3",
        "`[[x]]` [[1, 2], [3]], a[i][j], [x], [x](https://x.org), [^x]",
        "A: Hello.\n\nB: Hi.",
        "1. one\n2. two",
        "- 40 °C\n- 50 °C",
        "1. one\n\nand more",
        "- a word",
        "> a quote",
        "> 5 is a number.\n\nSaid he.",
        "a\n\n***\n\nb",
        "a\n\n---\n\nb\n\n---\n\nc",
        "```text\n<<<<<<< HEAD\n\\frac{a}{b} ==x== [[x]]\n```",
        "$\\frac{a}{b}$ and $x_{12}$",
        "<code>==x==</code> and <span title='==x=='>a</span>, https://x.org/a==b==c",
        "#1 and C# and a #hashtag in a text",
        "What? Why?",
        "研究[1]と[2]、日本語[link](https://x.org)",
        "{a, b | a < b}, {x}, [0, 1), (a, b]",
        "Arial; 12:30; 2:1; http://a.b::c; ::1",
        r"a \* b, \(some\) words, \[1\] and \$5",
        "He said: [sic] [b] [i]",
        "{{c1::a::b}} and {{c2::c}}",
        "{{c1::{a, {b}}}} and b}}}",
        "10^-3, 5^th, m^2, ^, a ^ b",
        "{{c1::- 5}} and {{c2::> 3\nor more}}",
        "a (see [b](https://x.org)) and [a] (b c.png)",
    ],
)
def test_ordinary_texts_raise_nothing(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "> ## X?",
        "- ## X?",
        "<h2>X?</h2>",
        "    ## X?",
        "\\## X?",
        "X?\n---",
        "Is {{c1::x}}.",
        "＃＃ X?",
    ],
)
def test_a_card_above_the_first_one_is_not_lost(text: str, tmp_path: Path) -> None:
    make_deck(tmp_path, {"01.md": f"# T\n\nWords.\n\n{text}\n\n{card('An answer.')}"})
    [one] = compile_deck(tmp_path).problems
    assert (one.rule, one.place.line) == ("lost-text", 5)
    make_deck(tmp_path, {"01.md": f"# T\n\nWords.\n\n```text\n{text}\n```\n\n{card('A.')}"})
    assert compile_deck(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("text", "column"),
    [("a <!-- to do", 3), ("<!-- to do", 1), ("<div>\n<!-- to do <b\n</div>", 1)],
)
def test_a_comment_that_never_ends_is_named_once(text: str, column: int, tmp_path: Path) -> None:
    problems = compile_cards(tmp_path, card(text)).problems
    assert [one.place.column for one in problems if one.rule == "unclosed-comment"] == [column]
    assert "markup" not in {one.rule for one in problems}


def test_the_documents_of_this_repository_raise_nothing(tmp_path: Path) -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("tests/*.md")]
    assert len(documents) > 5
    for path in documents:
        text = path.read_text(encoding="utf-8")
        for number, section in enumerate(re.split(r"(?m)^#{1,3} .*$|<!--.*?-->", text)):
            if section.strip() and section.count("```") % 2 == 0:
                named = (one for one in found(tmp_path, section) if one.rule != "unclosed-comment")
                what = [(one.rule, one.what) for one in named]
                assert what == [], (path.name, number)


WORDS = (
    "the a an of in on and or is was are by with to from heart cell Paris 1986 Einstein energy mass"
    " (see below) – however, e.g. 3.5 % $5 €20 10–20 x y `x = 1` `a_b` *emphasis* **strong** $x^2$"
    ' $E = mc^2$ [a link](https://example.org) "quoted" it\'s 5:30 1/2 A/B C# C++ #1 & < > ~5 H2O'
    " CO₂ m² x_1 a*b snake_case e-mail me@example.org https://example.org/a_b?c=d [1] {a} +5 −40"
    " 3×4 §3 straße naïve 日本 Москва العربية 'so' … and/or No. 5 Dr. St. (a) a) i. 100 000 @home"
).split()


def test_plain_cards_raise_nothing(tmp_path: Path) -> None:
    """A thousand of them: paragraphs, lists, tables, quotes and code."""
    chance = random.Random(17)

    def sentence() -> str:
        return f"{' '.join(chance.choices(WORDS, k=chance.randrange(3, 14))).capitalize()}."

    def answer() -> str:
        made: dict[str, Callable[[], str]] = {
            "text": lambda: "\n\n".join(sentence() for _ in range(chance.randrange(1, 4))),
            "list": lambda: "\n".join(f"- The {sentence()}" for _ in range(3)),
            "numbers": lambda: "\n".join(f"{n}. The {sentence()}" for n in range(1, 4)),
            "table": lambda: "| a | b |\n|---|--:|\n| one | 2 |",
            "quote": lambda: f"> The {sentence()}",
            "code": lambda: (
                f"The code:\n\n```python\nif a == b: x[[0]] = 1\n```\n\nThe {sentence()}"
            ),
        }
        return made[chance.choice([*made])]()

    cards = [card(answer(), f"Question {n}?", f"c-{n}") for n in range(1_000)]
    make_deck(tmp_path, {f"{n}.md": "# T\n\n" + "\n".join(cards[n::10]) for n in range(10)})
    problems = compile_deck(tmp_path, engine=False, budget=None).problems
    assert [str(one) for one in problems if one.rule in RULES] == []
