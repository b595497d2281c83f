"""Hostile decks by chance: what Anki, a browser or MathJax would follow, cut up and carried in.

A card that is a mere heap of signs seldom builds. So most of a card here is sound, and what is
hostile is cut into pieces, each brought in another way: as text, entity, cloze, hint, formula,
code, attribute, macro. Put together again by Anki, they would be alive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from deckwright.mathjax.commands import names
from tests.decks import TOML, png
from tests.fuzz.material import BODIES, FORMULAS, SPECIAL, spoil
from tests.fuzz.test_html import HTML
from tests.media.test_sounds import SAMPLES
from tests.note_types.own_types import FILES as OWN_TYPES

TARGETS = (
    "[sound:word.mp3]", "[sound:https://evil.invalid/x.mp3]", "[sound:../../../etc/hostname]",
    "[latex]x[/latex]", "[$]x[/$]", "[$$]x[/$$]", "[anki:tts lang=en_US]x[/anki:tts]",
    "[anki:play:q:0]", "[anki:play:a:0]", "[[type:Front]]", "[[type:nc:Typed]]", "{{type:Front}}",
    "{{FrontSide}}", "{{c1::x}}", "{{hint:Back}}", "{{#Front}}x{{/Front}}", "{{tts en_US:Front}}",
    "<script>pycmd(1)</script>", "<img src=x onerror=pycmd(1)>", "<svg onload=pycmd(1)>",
    "<iframe srcdoc='x'>", "<style>@import 'https://evil.invalid/x'</style>",
    "<base href=//evil.invalid>",
    '" onmouseover="pycmd(1)', "' onclick='pycmd(1)", "]<img src=x onerror=pycmd(1)>", "<!-- x -->",
    "<a href='javascript:pycmd(1)'>x</a>", "javascript:pycmd(1)", "data:text/html,<script>",
    "\\(\\href{javascript:pycmd(1)}{x}\\)",
    "\\[\\style{background:url(https://evil.invalid/)}{x}\\]",
    "\\)\\(\\def\\x{y}\\)", "$$x$$", "\\begin{align}x\\end{align}", "https://evil.invalid/x.png",
)  # fmt: skip
"""What must not come alive."""
ADDRESSES = (
    "https://example.org/a", "mailto:a@b.org", "javascript:pycmd(1)", "java&#10;script:pycmd(1)",
    "//evil.invalid",
    "data:text/html,x", "http://127.0.0.1/", "file:///etc/hosts", "word.ogg", "media/dot.png",
    "&#x6a;avascript:x",
    "https://a.org/[sound:x]", 'https://a.org/"onclick=x', "https://a.org/{{c1::x}}", "tel:1",
    "vbscript:x", "#x",
    "https://a.org/\\)", "<https://a.org/ b>", "\\x:y", "HTTPS://A.ORG", "https:evil",
    "https://a@b.org/",
)  # fmt: skip
ATTRIBUTES = (
    "title",
    "lang",
    "dir",
    "class",
    "alt",
    "href",
    "style",
    "id",
    "onclick",
    "data-x",
    "open",
    "cite",
)
TAGS = (
    "abbr span div q p b details a img bdo td ol li sub blockquote figure mark ruby font u".split()
)
ENTITIES = {
    "[": "&lbrack;",
    "]": "&rbrack;",
    "<": "&lt;",
    ">": "&gt;",
    "{": "&lbrace;",
    ":": "&colon;",
}
WORDS = ("word", "the encoder", "of", "France", "x,", "two.", "日本", "שלום", "é")
MACROS = (
    *("A = '\\\\text{[}'", "S = '\\\\text{[sound:}'", "B = '\\\\mathbb{E}'", "C = '\\\\text{#1}'"),
    *("D = '\\\\href{#1}{x}'", "E = '\\\\fcolorbox{#1}{white}{x}'", "F = ']'", "G = '\\\\A\\\\A'"),
)
PLAIN = ("Typed", "Said")
"""The parts that a learner types, which are plain words."""
OWN = """
name = "Hostile"
id = 4503
sort = "One"
fields = [
  { name = "One", id = 1, part = "prompt" }, { name = "Two", id = 2, part = "answer" },
  { name = "More", id = 3 }, { name = "Said", id = 4 }, { name = "Id", id = 5 },
]
templates = [{ name = "All", id = 1, front = "front.html", back = "back.html" }]
"""
OWN_FRONT = """<div>{{One}}</div>
{{#Said}}<p>{{type:Said}}</p>{{/Said}}
<p>{{text:One}} <span>{{More}}</span></p>
<p>{{hint:More}}</p>
"""
OWN_BACK = (
    '{{FrontSide}}<hr id="answer"><div>{{Two}}</div><p>{{furigana:Two}}</p><p>{{kanji:More}}</p>'
)


def a_deck(chance: Random, cards: int) -> tuple[dict[str, str | bytes], list[str]]:
    """The files of a deck without its cards, and its cards."""
    macros = "\n".join(chance.sample(MACROS, 4))
    more = "report = 'https://example.org/{id}'\n" if chance.random() < 0.5 else ""
    files: dict[str, str | bytes] = {
        **{name: data for name, data in OWN_TYPES.items() if name.startswith("note_types/")},
        "note_types/hostile/note_type.toml": OWN,
        "note_types/hostile/front.html": OWN_FRONT,
        "note_types/hostile/back.html": OWN_BACK,
        "deck.toml": f"{TOML}{more}[macros]\n{macros}\n",
        "media/dot.png": png(),
        "word.ogg": (SAMPLES / "a.ogg").read_bytes(),
    }
    return files, [a_card(chance, number) for number in range(cards)]


def a_card(chance: Random, number: int) -> str:
    """A card, sound for the most part."""
    kind = chance.choice(("basic",) * 3 + ("cloze",) * 5 + ("vocabulary", "passage", "hostile"))
    type_ = f"\ntype: {kind}" if kind not in ("basic", "cloze") else ""
    body = a_text(chance)
    if kind in ("cloze", "passage") and "{{c" not in body:
        body = f"{{{{c1::{a_text(chance, 2)}}}}} {body}"
    parts = {
        "basic": "Why Source Typed Reverse".split(),
        "cloze": "Why Source".split(),
        "vocabulary": "Spoken Reverse".split(),
        "passage": ["Where"],
        "hostile": "More Said".split(),
    }[kind]
    chosen = [name for name in parts if chance.random() < 0.35]
    texts = [chance.choice(WORDS) if one in PLAIN else a_text(chance, 2) for one in chosen]
    both = zip(chosen, texts, strict=True)
    more = "".join(f"\n### {name}\n\n{_line(_bare(text))}\n" for name, text in both)
    prompt = _line(_bare(a_text(chance, 2)))
    return f"## {prompt} {number}\n<!--\nid: c{number}{type_}\n-->\n\n{body}\n{more}"


def a_text(chance: Random, most: int = 4) -> str:
    """Some words, with something hostile among them."""
    if most > 2 and chance.random() < 0.15:
        return spoil(chance.choice(BODIES), chance, chance.choice((0, 1, 2)))
    pieces = [chance.choice(WORDS)]
    for _ in range(chance.randrange(most)):
        make = chance.choice((_word, _whole, _cut, _cut, _cut, _carried, _carried, _nested))
        pieces.append(make(chance))
    chance.shuffle(pieces)
    return chance.choice((" ", " ", "", "\n", "\n\n")).join(pieces)


def _bare(text: str) -> str:
    """A text without clozes, which no field but one may have."""
    return re.sub(r"\{\{c\d+::", "", text).replace("}}", "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _word(chance: Random) -> str:
    return chance.choice(WORDS)


def _whole(chance: Random) -> str:
    return chance.choice((*TARGETS, *SPECIAL, *HTML))


def _cut(chance: Random) -> str:
    """Something hostile, each piece of it brought in another way."""
    target = chance.choice(TARGETS)
    cuts = sorted(chance.randrange(len(target) + 1) for _ in range(chance.randrange(1, 4)))
    pieces = [target[a:b] for a, b in zip([0, *cuts], [*cuts, len(target)], strict=True)]
    return "".join(chance.choice(CARRIERS)(one, chance) for one in pieces if one)


def _carried(chance: Random) -> str:
    return chance.choice(CARRIERS)(chance.choice((*TARGETS, *WORDS)), chance)


def _nested(chance: Random) -> str:
    """One way to bring something in inside another."""
    inner = chance.choice(CARRIERS)(chance.choice((*TARGETS, *WORDS)), chance)
    return chance.choice(CARRIERS)(inner, chance)


Carrier = Callable[[str, Random], str]


def _entities(text: str, chance: Random) -> str:
    def one(sign: str) -> str:
        number = ord(sign)
        zeros = "0" * chance.choice((0, 0, 1, 5, 9))
        ways = (f"&#{zeros}{number};", f"&#x{zeros}{number:x};", f"&#{number}", sign)
        return ENTITIES.get(sign) or chance.choice(ways)

    return "".join(one(sign) if chance.random() < 0.3 or sign in "[<{" else sign for sign in text)


def _cloze(text: str, chance: Random) -> str:
    return f"{{{{c{chance.choice((1, 1, 1, 2, 3))}::{text}}}}}"


def _hint(text: str, chance: Random) -> str:
    return f"{{{{c{chance.choice((1, 1, 1, 2))}::{chance.choice(WORDS)}::{text}}}}}"


def _formula(text: str, chance: Random) -> str:
    inner = chance.choice(
        (
            f"\\text{{{text}}}", text, f"x_{{{text}}}", chance.choice(FORMULAS) + text, f"\\{text}",
            f"\\text{{[}}\\text{{{text}}}", f"\\text{{[{{{{c1::{text}}}}}}}",
            f"\\href{{{text}}}{{x}}",
            f"\\{chance.choice(_COMMANDS)}{{{text}}}{{x}}", f"\\color{{{text}}}{{x}}",
            f"\\ce{{{text}}}",
            f"\\{chance.choice('ABCDEFGS')}{{{text}}}", f"\\tag{{{text}}}", f"\\verb|{text}|",
        )
    )  # fmt: skip
    before, after = chance.choice((("$", "$"), ("$`", "`$"), ("\n\n$$\n", "\n$$\n\n")))
    return f"{before}{inner}{after}"


_COMMANDS = sorted(name for name in names("macros") if name.isalpha())


def _element(text: str, chance: Random) -> str:
    tag, name = chance.choice(TAGS), chance.choice(ATTRIBUTES)
    value = chance.choice((text, text.replace('"', "&quot;"), chance.choice(ADDRESSES)))
    quote = chance.choice(('"', '"', "'", ""))
    inner = chance.choice((text, chance.choice(WORDS)))
    return f"<{tag} {name}={quote}{value}{quote}>{inner}</{tag}>"


CARRIERS: tuple[Carrier, ...] = (
    lambda text, _: text,
    lambda text, _: "".join(f"\\{sign}" if sign in "[]<>{}:$" else sign for sign in text),
    _entities,
    _entities,
    *(_cloze,) * 4,
    *(_hint,) * 4,
    *(_formula,) * 4,
    *(_element,) * 2,
    lambda text, _: f"`{text}`",
    lambda text, _: f"\n\n```text\n{text}\n```\n\n",
    lambda text, _: f"**{text}**",
    lambda text, _: f"<b></b>{text}<wbr>",
    lambda text, chance: f"[{text}]({chance.choice(ADDRESSES)})",
    lambda text, chance: f'[{chance.choice(WORDS)}]({chance.choice(ADDRESSES)} "{text}")',
    lambda text, _: f"![{text}](media/dot.png)",
    lambda text, _: f"[{text}](word.ogg)",
    lambda text, _: f"\n\n| a | b |\n|---|---|\n| {_line(text)} | c |\n\n",
    lambda text, _: f"\n\n- {text}\n- b\n\n",
)
