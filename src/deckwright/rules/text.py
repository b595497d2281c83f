"""The rules of text: its markup, comments and code, here and on GitHub."""

from __future__ import annotations

from deckwright.model import Severity
from deckwright.rules.rule import EXAMPLE, Rule, Stake, example_card

COMMENT_IN_BODY = Rule(
    "comment-in-body",
    "An HTML comment stands only right under a card's heading: elsewhere it would be lost.",
    bad=example_card("An answer. <!-- to do -->"),
    good=EXAMPLE,
)
UNCLOSED_COMMENT = Rule(
    "unclosed-comment",
    "A comment ends with `-->`; without it, the rest of the file would be hidden.",
    bad=example_card("An answer.", "<!-- id: a-card"),
    good=EXAMPLE,
)
UNCLOSED_FENCE = Rule(
    "unclosed-fence",
    "A fence that opens closes: it would swallow every card after it.",
    bad=example_card("```python\nx = 1\n"),
    good=example_card("```python\nx = 1\n```"),
)
DIFFERS_ON_GITHUB = Rule(
    "differs-on-github",
    "Markdown is read as GitHub reads it, so that a reviewer sees what a learner will. What only "
    "github.com can show, as footnotes, alerts, names of emoji and diagrams, is written in another "
    "way, and so is what it would break, as a cell that is cut in a formula, a formula with a line "
    "that begins a list, or a heading inside a list item or right under HTML.",
    bad=example_card("> [!NOTE]\n> An answer."),
    good=example_card("> **Note:** An answer."),
    stake=Stake.STYLE,
)
CODE_LANGUAGE = Rule(
    "code-language",
    "The word after ``` is no slip of the pen: a language whose name is nearly that of one that "
    "Pygments colours would be shown without colours.",
    bad=example_card("```pyhton\nx = 1\n```"),
    good=example_card("```python\nx = 1\n```"),
    severity=Severity.WARNING,
)
MARKUP = Rule(
    "markup",
    "Only harmless HTML reaches a learner: no script, handler, style, frame or remote picture. "
    "Links go to pages of the web, by the public name of a host, to mail addresses and to sounds "
    "of the deck. What would be taken out is named.",
    bad=example_card("An <script>answer</script>."),
    good=EXAMPLE,
    stake=Stake.SAFETY,
)
TOO_DEEP = Rule(
    "too-deep",
    "Lists and quotes are nested at most a hundred deep: Markdown gives up on more.",
    bad=example_card("> " * 400 + "x"),
    good=example_card("> x"),
    stake=Stake.PACKAGE,
)
TOO_MUCH_MARKUP = Rule(
    "too-much-markup",
    "A text has at most a thousand of the sign `<` and ten thousand cells in tables, not counting "
    "code and formulas: its readers would stall on more.",
    bad=example_card("a < b; " * 1_100),
    good=example_card("```\n" + "a < b; " * 1_100 + "\n```"),
    stake=Stake.PACKAGE,
)
LOST_TEXT = Rule(
    "lost-text",
    "Every word of a card is shown. What stands in a place that is not shown, such as a link's "
    "definition, would be lost.",
    bad=example_card("An answer.\n\n[a]: words"),
    good=example_card("An answer.\n\na: words"),
)
OTHER_SYNTAX = Rule(
    "other-syntax",
    "Marks of other programs do nothing, and are shown as they are: Anki's `[sound:…]`, `[latex]`, "
    "`[[type:…]]` and `[anki:…]`, and attribute lists as `{: .wide}`.",
    bad=example_card("Listen: [sound:word.mp3]"),
    good=example_card("Listen: `[sound:word.mp3]`"),
    severity=Severity.WARNING,
)
INDENTED_CODE = Rule(
    "indented-code",
    "A block of four spaces is code, as on GitHub, in which a formula is shown as it is written.",
    bad=example_card("An answer:\n\n    $x^2 = 1$"),
    good=example_card("An answer:\n\n$x^2 = 1$"),
    severity=Severity.WARNING,
)

RULES: tuple[Rule, ...] = (
    COMMENT_IN_BODY,
    UNCLOSED_COMMENT,
    UNCLOSED_FENCE,
    DIFFERS_ON_GITHUB,
    CODE_LANGUAGE,
    MARKUP,
    TOO_DEEP,
    TOO_MUCH_MARKUP,
    LOST_TEXT,
    OTHER_SYNTAX,
    INDENTED_CODE,
)
