"""The rules of formulas."""

from __future__ import annotations

from deckwright.model import Severity
from deckwright.rules.rule import Rule, Stake, example_card

MATH_UNCLOSED = Rule(
    "math-unclosed",
    r"A formula that opens with $ closes in the same block; a dollar sign is written `\$`.",
    bad=example_card("The formula $x is open."),
    good=example_card("The formula $x$ is closed."),
)
MATH_EMPTY = Rule(
    "math-empty",
    "A formula is not empty.",
    bad=example_card("The formula $$ $$ is empty."),
    good=example_card("The formula $x$ is not."),
)
MATH_DELIMITER = Rule(
    "math-delimiter",
    r"Formulas stand between dollars: Markdown takes the backslashes of `\(…\)` away.",
    bad=example_card(r"The formula \(x\)."),
    good=example_card("The formula $x$."),
)
MATH_HTML = Rule(
    "math-html",
    "No HTML stands in a formula: MathJax would show its letters.",
    bad=example_card("The formula $x<sub>1</sub>$."),
    good=example_card("The formula $x_1$."),
)

# What MathJax makes of the LaTeX in Anki

TEX_ERROR = Rule(
    "tex-error",
    "Anki's MathJax can read every formula on every side of every card: where it cannot, a "
    "learner sees the raw LaTeX.",
    bad=example_card("The formula $x_a_b$."),
    good=example_card("The formula $x_{a_b}$."),
)
TEX_UNDEFINED = Rule(
    "tex-undefined",
    "Anki's MathJax knows every command: it shows the name of any other in red.",
    bad=example_card(r"The formula $\argmax_x f(x)$."),
    good=example_card(r"The formula $\operatorname*{arg\,max}_x f(x)$."),
)
TEX_RAW = Rule(
    "tex-raw",
    r"Nothing of a formula shows raw: MathJax finds its end, and no command stands in `\text`, "
    "where it is not read.",
    bad=example_card(r"The formula $\text{the angle \alpha}$."),
    good=example_card(r"The formula $\text{the angle } \alpha$."),
)
TEX_FORBIDDEN = Rule(
    "tex-forbidden",
    r"A formula defines nothing, loads nothing, labels nothing and runs nothing: `\def`, "
    r"`\newcommand`, `\require`, `\label`, `\style`, `\class`, `\cssId`, `\bbox`, `\unicode`, "
    r"`\mmlToken` and `\href` to other than https and mailto reach into other cards, or out of "
    "Anki.",
    bad=example_card(r"The formula $\def\E{\mathbb{E}} \E[X]$."),
    good=example_card(r"The formula $\mathbb{E}[X]$."),
    stake=Stake.SAFETY,
)
TEX_TOO_BIG = Rule(
    "tex-too-big",
    "A formula has at most 2,000 characters and 30 levels of braces: Anki's reviewer freezes on "
    "deeper ones.",
    bad=example_card(f"The formula ${'{' * 31}x{'}' * 31}$."),
    good=example_card("The formula ${{x}}$."),
    stake=Stake.SAFETY,
)
TEX_MACRO = Rule(
    "tex-macro",
    "A macro of the deck has all the arguments that [macros] in deck.toml gives it.",
    bad=example_card(r"The formula $\norm$."),
    good=example_card(r"The formula $\norm{x}$."),
    toml='[macros]\nnorm = "\\\\lVert #1 \\\\rVert"\n',
)
TEX_LINE_BREAK = Rule(
    "tex-line-break",
    r"A line breaks inside an environment only: elsewhere MathJax reads `\\` as nothing.",
    bad=example_card("$$\na = b \\\\\nc = d\n$$"),
    good=example_card("$$\n\\begin{gathered}\na = b \\\\\nc = d\n\\end{gathered}\n$$"),
    severity=Severity.WARNING,
)
TEX_BARE_BRACES = Rule(
    "tex-bare-braces",
    r"The braces of a set are written `\{` and `\}`: bare ones only group, and are not shown.",
    bad=example_card(r"The formula $x \in {0, 1}$."),
    good=example_card(r"The formula $`x \in \{0, 1\}`$."),
    severity=Severity.WARNING,
)
TEX_BOLD_GREEK = Rule(
    "tex-bold-greek",
    r"Small Greek letters become bold by `\boldsymbol`: `\mathbf` leaves them thin.",
    bad=example_card(r"The formula $\mathbf{\mu}$."),
    good=example_card(r"The formula $\boldsymbol{\mu}$."),
    severity=Severity.WARNING,
)
TEX_COMMENT = Rule(
    "tex-comment",
    r"A percent sign in a formula is written `\%`: a bare one starts a comment, and hides the rest "
    "of its line.",
    bad=example_card("The formula $p > 95% + q$."),
    good=example_card(r"The formula $`p > 95\% + q`$."),
    severity=Severity.WARNING,
)
TEX_WIDE = Rule(
    "tex-wide",
    "A formula fits on a phone of 390 pixels: a learner has to scroll a wider one sideways.",
    bad=example_card(f"$$\n{'aaaaa + ' * 9}b\n$$"),
    good=example_card("$$\n\\begin{aligned}\n&a + b \\\\\n&+ c\n\\end{aligned}\n$$"),
    severity=Severity.WARNING,
)

RULES: tuple[Rule, ...] = (
    MATH_UNCLOSED,
    MATH_EMPTY,
    MATH_DELIMITER,
    MATH_HTML,
    TEX_ERROR,
    TEX_UNDEFINED,
    TEX_RAW,
    TEX_FORBIDDEN,
    TEX_TOO_BIG,
    TEX_MACRO,
    TEX_LINE_BREAK,
    TEX_BARE_BRACES,
    TEX_BOLD_GREEK,
    TEX_COMMENT,
    TEX_WIDE,
)
"""The rules of this family, in the order above."""
