"""``check --fix`` loses no text, makes no card worse, and is done the first time."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from unicodedata import category, normalize

from hypothesis import strategies as st

from deckwright.commands.fixing import Mended, mend
from deckwright.compile import Compiled, compile_deck
from deckwright.model import Severity
from deckwright.source.fix import text_of
from tests.decks import TOML
from tests.fuzz.harness import fuzz
from tests.fuzz.material import bodies

NAME = "01-cards.md"
MISSPELT = ("tagz", "idd", "typ", "deckk", "wass", "of")
KEYS = ("id", "ID", "tags", "Tags", "was", "type", "deck", "off", *MISSPELT)

values = st.sampled_from(
    (
        "a-card",
        "My Card",
        "b",
        "[x, y]",
        "x y",
        "x: y",
        "basic",
        "cloze",
        "Fuzz::A: b",
        "[long-list]",
        "",
    )
)
colons = st.sampled_from((": ", ":", " ", " = ", ": "))
line = st.builds(
    lambda key, colon, value: f"{key}{colon}{value}", st.sampled_from(KEYS), colons, values
)
comments = st.builds(
    lambda lines, joint, close: f"<!--{joint}{joint.join(lines)}{joint}{close}",
    st.lists(line, max_size=3),
    st.sampled_from(("\n", " ", "\n")),
    st.sampled_from(("-->", "-->", "-->", "->")),
)
words = st.sampled_from(
    (
        "word",
        "cafe\u0301",
        "a\u200bb",
        "line\u2028end",
        r"\(x^2\)",
        r"\( \alpha_1 \)5",
        r"\[a = b\]",
        "$y$",
        "<b>bold",
        "<i>both</i>",
        "<sub>low",
        "</b>",
        "*star*",
        "`code`",
        "| a <b>c | d |",
        "{{c1::hidden}}",
        "![](media/none.png)",
        "&#8203;",
        "\u200fright",
        "==marked==",
        "[sound:x.mp3]",
        "- item",
        "1. one",
        "> quote",
        "    indented",
        "~~~",
        "<!-- note -->",
    )
)
sentences = st.lists(words, min_size=1, max_size=5).map(" ".join)
prompts = st.sampled_from(
    (
        "## A question?",
        "##No space?",
        "## Größe und Maß",
        "## 何ですか",
        "### Why",
        "###Why",
        "## ",
        "# Title",
    )
)
blocks = st.one_of(
    prompts, st.builds(lambda one, other: f"{one}\n{other}", prompts, comments), sentences, bodies
)
fronts = st.one_of(
    st.just(""),
    st.builds(
        lambda before, lines, end: f"{before}---\n" + "\n".join(lines) + f"\n{end}",
        st.sampled_from(("", "\n")),
        st.lists(line, max_size=2),
        st.sampled_from(("---\n", "")),
    ),
)
files = st.builds(
    lambda front, blocks, joint: front + joint.join(blocks),
    fronts,
    st.lists(blocks, min_size=1, max_size=6),
    st.sampled_from(("\n\n", "\n\n", "\n")),
)


def mended(root: Path) -> Mended:
    def compile_(instead: Mapping[str, str]) -> Compiled:
        return compile_deck(root, engine=False, budget=None, instead=instead)

    return mend(compile_)


def words_of(text: str) -> Counter[str]:
    """The words of a text; an id is in small letters without marks."""
    plain = normalize("NFKD", text.casefold())
    return Counter(
        re.findall(
            r"[^\W_]+", "".join(one for one in plain if category(one)[0] not in "MC" or one == "\n")
        )
    )


def whole(compiled: Compiled) -> set[str]:
    broken = {one.card for one in compiled.problems if one.severity is Severity.ERROR}
    return {*compiled.notes} - broken


@fuzz(files, st.booleans(), st.booleans(), cases=300)
def test_mending_loses_no_text_and_is_done_the_first_time(
    text: str, has_crlf: bool, has_mark: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "deck.toml").write_text(TOML, encoding="utf-8")
        data = text.replace("\n", "\r\n" if has_crlf else "\n").encode(errors="surrogatepass")
        data = b"\xef\xbb\xbf" * has_mark + data
        (root / NAME).write_bytes(data)
        before = compile_deck(root, engine=False, budget=None)
        once = mended(root)
        assert not once.files.write(root)
        after = (root / NAME).read_bytes()
        assert whole(before) <= whole(once.compiled)
        twice = mended(root)
        assert twice.files.changed == [], "".join(twice.files.diff())
        if after != data:
            lost = words_of(text_of(data)) - words_of(text_of(after))
            assert lost.keys() <= {*MISSPELT, "8203"}, lost
            assert after.startswith(b"\xef\xbb\xbf") == has_mark
            assert (
                after.count(b"\n") == after.count(b"\r\n")
                or b"\r\n" not in data
                or (data.count(b"\n") != data.count(b"\r\n"))
            )
