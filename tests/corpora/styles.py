r"""Cards as people keep them elsewhere: eleven styles, a hundred cards each.

Only the frame is ours, as a script would convert it: a heading, an id, the text below. Each style
is a row of texts, written after public decks of that kind, in which ``@1`` and ``@2`` are two words
of a pair; they are taken in turn. A text that begins with ``WRONG`` has a mistake that a person has
to mend: it is one of a hundred, or so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle

from tests.decks import card, png

PAIRS = [
    pair.split("=")
    for pair in (
        "France=Paris Spain=Madrid Japan=Tokyo Kenya=Nairobi Peru=Lima Norway=Oslo Cuba=Havana"
        " Egypt=Cairo Ghana=Accra Nepal=Kathmandu Iran=Tehran Iraq=Baghdad Chile=Santiago"
        " Fiji=Suva Laos=Vientiane Mali=Bamako Malta=Valletta Niger=Niamey Oman=Muscat"
        " Qatar=Doha Rwanda=Kigali Samoa=Apia Togo=Lomé Yemen=Sanaa Latvia=Riga"
    ).split()
]

STYLES: Mapping[str, list[str]] = {
    # Markdown of Mochi: clozes without a number, its own links and tags, --- between the sides
    "mochi": [
        "@2", "The capital is **@2**.", "@2 is the capital of @1.\n\nIt is its largest city, too.",
        "{{@2}} is the capital of {{@1}}.", "- @1\n- @2", "![](media/flag.png)", "@2 [[Capitals]]",
        "@1 lies near the sea.\n\n---\n\n@2", "> @2\n\nas they say", "`@2`", "#geography #capitals",
        "@2 ~~not @1~~", "1. @1\n2. @2", "@2  \nin @1", "| a | b |\n|---|---|\n| @1 | @2 |",
        "![a flag](media/flag.png)", "See https://example.org/@2", "*@2* – about $1,000 a month",
        "@2 (@1)", "@1: @2",
    ],
    # What ki writes of Anki's fields: HTML with tags that never close, and entities
    "ki": [
        "<div>@2</div>", "<b>@2</b><br>in @1", "@2&nbsp;<i>(@1)</i>", "<div><br></div><div>@2</div>",
        "<ul><li>@1<li>@2</ul>", "<p>@2<p>@1", "<span>@2</span>", "@2<br/>@1<br />", "<u>@2</u>",
        "<table><tr><td>@1<td>@2</table>", "<img src='media/flag.png'>", "@1 &lt; @2 &amp; so on",
        "<center>@2</center>", "<font color=red>@2</font>", "<ol><li>@1</li><li>@2</li></ol>",
        "<blockquote>@2</blockquote>", "<small>@2</small>", "<sup>1</sup>@2<sub>2</sub>",
        "<h3>@1</h3>@2", "<a href='https://example.org/'>@2</a>",
    ],
    # Q: and A: in one text
    "question and answer": [
        "@2", "Q: What is the capital of @1?\nA: @2", "A: @2", "@2, since 1986", "@2.\n\n@1.",
        "**A:** @2", "Yes, @2.", "- @2\n  - @1", "@2 – @1", "The @2 of @1",
    ],
    # Obsidian with its plugins
    "obsidian": [
        "==@2== is the capital", "@1::@2", "@1 :: @2", "@2 [[@1]]", "@2\n?\n@1", "#flashcards/geo",
        "![[flag.png]]", "@2 %%learned in 2020%%", "> @2", "@2 ^abc123", "**@2** and [[@1|here]]",
        "- [ ] @1\n- [x] @2", "@2", "The *capital*", "`@2`", "$x^2$ is a square", "@2 (see [[Map]])",
        "@2<!--SR:!2023-01-01,3,250-->", "1. @1\n2. @2", "@2 is old.",
    ],
    # Anki's LaTeX, and LaTeX that nobody marked
    "latex": [
        r"\(x^2 + y^2\)", r"It is \(\frac{1}{2}\) of it.", r"\[\int_0^1 x\,dx\]", r"$e^{i\pi} = -1$",
        r"[$]\sqrt{2}[/$]", r"[latex]$\alpha + \beta$[/latex]", r"the @2 of \(n\)", "$$\na = b\n$$",
        r"where \alpha is a number", r"\begin{align}a &= b\end{align}", "a matrix", r"\(a\) and \(b\)",
        "a group", r"$\mathbb{R}$ and $\mathbb{C}$", "the @1 theorem", "$n!$", "true", "false",
        "a set with $n$ elements", "by induction",
    ],
    # A table of countries, exported
    "geography": [
        "@2", "![](media/flag.png)", "@2 (@1)", "@1, @2", "1986. Before that, @1.", "- 40 °C", "+41",
        "<img src=\"media/flag.png\">", "@2 / @1", "100,000", "7 %", "@2; @1", "approx. 5", "None",
        "N 52° 31′", "@2\n\n@1", "A&B", "@2!", "\"@2\"", "(@2)",
    ],
    # Words of a language: sounds, readings, typed answers
    "language": [
        "[sound:word.mp3]", "@2 [sound:word.mp3]", "東京[とうきょう]", "der **Hund**", "![](media/word.mp3)",
        "<ruby>東<rt>とう</rt></ruby>", "你好 (nǐ hǎo)", "@2\n\n*@1*", "la casa, le case", "/ˈhʊnt/",
        "der Hund – die Hunde", "Wie geht's?", "Привет", "שלום", "العربية", "[listen](media/word.mp3)",
        "- der\n- die\n- das", "fr. @2", "A: Hallo!\nB: Hallo!", "to go; to walk",
    ],
    # Programming
    "code": [
        "```python\nprint('@2')\n```", "`git status`", "```\nls *.txt\n```", "{{c1::`for`}} loops",
        "```c\nint {{c1::x}} = 1;\n```", "`std::vector<int>`", "```console\n$ uname\nLinux\n```",
        "O(n log n)", "Use `a[i]`.", "x < y && y > z", "snake_case and camelCase", "C:\\Users\\@2",
        "    indented code", "`x` → `y`", "HTTP 404", "```js\nconst a = `${b}`;\n```", "1. `a`\n2. `b`",
        "@2 vs. @1", "`|` is a pipe", "List&lt;T&gt;",
    ],
    # Medicine: units, tables, subscripts
    "medicine": [
        "> 5 mmol/l", "Na⁺ < 135", "H~2~O and CO~2~", "5–10 mg/kg", "<b>@2</b>", "+ 2 °C", "10^-3 M",
        "- fever\n- cough", "**Triad:** a, b, c", "| a | b |\n|---|---|\n| 1 | 2 |", "β-blockers",
        "↑ ICP → ↓ CPP", "ca. 3 %", "(1) first; (2) second", "1) first\n2) second", "α<sub>1</sub>",
        "*S. aureus*", "p < 0.05", "10<sup>9</sup>/l", "see Table 3",
    ],
    # Clozes of all sorts
    "clozes": [
        "{{c1::@2}} is in {{c2::@1}}.", "{{c1::@2::city}}", "{{c1::**@2**}}", "The {{c1::@1}}.",
        "{c1::@2} is in @1.", "[[c1::@2]]", "{{c1::$x^2$}}", r"{{c1::\(x\)}} is it", "- {{c1::@1}}\n- {{c2::@2}}",
        "{{c1::@1\n\n@2}}", "{{c1::@2}} and {{c1::@1}}", "> {{c1::@2}}", "{{c1::a {{c2::b}}}}",
        "```\n{{c1::@2}}\n```", "| a |\n|---|\n| {{c1::@2}} |", "{{c1::@2}}, {{c2::x}}, {{c3::y}}",
        "{{c1::`@2`}}", "*{{c1::@2}}*", "{{c12::@2}}", "{{c1::@1}}: {{c2::@2}}",
    ],
    # Org, Pandoc, wikis
    "other marks": [
        "@2", "::: note\n@2\n:::", "x^2^ and H~2~O", "@2{.wide}", "[b]@2[/b]", "@2\n\n***\n\n@1",
        "- @1\n\n  more\n- @2", "@2[^1]", ":smile: @2", "@2 -- @1", "term\n: @2", "+ @1\n+ @2",
        "***@2***", "__@2__", "<details><summary>a</summary>@2</details>", "@2\\\n@1", "~~@2~~",
        "[@2](https://example.org)", "![a map](media/flag.png)", "&mdash; @2",
    ],
}  # fmt: skip

WRONG = {
    "latex": r"$\undefinedcommand{x}$",
    "code": "![a screen](media/none.png)",
    "clozes": "{{c1::@2 is in @1.",
    "ki": "<script>alert(1)</script> @2",
    "obsidian": "![[none.png]]\n\n$\\frac{1}{2",
}
"""A mistake that no program can mend, in some of the styles."""
EACH = 100


def decks() -> Iterator[tuple[str, dict[str, str | bytes], set[str]]]:
    """The files of each deck by name, and the ids of its cards with a mistake."""
    with open("tests/media/samples/a.mp3", "rb") as file:
        sound = file.read()
    for style, texts in STYLES.items():
        media = {"media/flag.png": png(), "flag.png": png(), "media/word.mp3": sound, "word.mp3": sound}
        toml = f'key = "{style.replace(" ", "-")}"\nname = "{style.title()}"\n'
        wrong = {f"card-{EACH - 1}"} if style in WRONG else set()
        bodies = [text for text, _ in zip(cycle(texts), range(EACH), strict=False)]
        if style in WRONG:
            bodies[-1] = WRONG[style]
        cards = [
            card(_filled(body, pair), f"What of {pair[0]}, number {number}?", f"card-{number}")
            for number, (body, pair) in enumerate(zip(bodies, cycle(PAIRS), strict=False))
        ]
        text = "# Cards\n\n" + "\n".join(cards)
        yield style, {"deck.toml": toml, "01-cards.md": text, **media}, wrong


def _filled(text: str, pair: list[str]) -> str:
    return text.replace("@1", pair[0]).replace("@2", pair[1])
