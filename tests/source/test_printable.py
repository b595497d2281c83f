"""Text that is not trusted, in Markdown: GitHub's own parser reads it back as it was written."""

from __future__ import annotations

import re
from html import unescape

import cmarkgfm
import pytest
from hypothesis import strategies as st

from deckwright.source.printable import in_markdown, on_github, printable
from tests.fuzz.harness import fuzz

WORDS = [
    "wrong) [Install the new Anki](https://evil.invalid/setup.exe)",
    "![p](https://evil.invalid/p.png)",
    "<img src=x onerror=alert(1)> <details>",
    "`https://evil.invalid` ``code`` ~~gone~~ **bold** __b__ _i_ *i*",
    "| a | b |",
    "# title",
    "- item",
    "+ item",
    "1. one",
    "12) twelve",
    "---",
    "===",
    ":-: |",
    "    code",
    "> quote",
    "&lt;b&gt; &#64;octocat &amp;",
    "[a]: https://evil.invalid",
    "[^1]: note",
    r"\[a](b) \\ \* \x",
    "$x$ $$y$$",
    "a\nb\n\n# c",
    "\x1b]0;title\x07",
    "-[ ] todo",
]
LINKED = [
    "@octocat",
    "a@b.example",
    "_http://evil.invalid",
    "1https://evil.invalid/?a=b",
    "ftp://evil.invalid",
    "www.evil.invalid",
    "(WWW.evil.invalid)",
    "mailto:a@b.example",
    "xmpp:a@b.example/c",
    "#12",
    "octo/repo#12",
    "GH-2",
    "gh-23",
    "fix 1a2b3c4",
    "octo/repo@0123456789abcdef0123456789abcdef01234567",
]
AROUND = ["{}\n", "- **id** · {}\n", "- `id` {} ({})\n", "# Changes of {}\n", "some text\n{}\n"]


def shown(markdown: str) -> tuple[str, list[str]]:
    """What GitHub shows of a text, and its elements."""
    html = cmarkgfm.github_flavored_markdown_to_html(markdown)
    text = unescape(re.sub(r"<[^>]*>", "", html)).replace("\u200b", "")
    return " ".join(text.split()), re.findall(r"<(\w+)", html)


def is_shown_as_it_is(text: str, around: str) -> None:
    plain = "x"
    assert shown(around.format(*[on_github(text)] * 2))[1] == shown(around.format(*[plain] * 2))[1]
    both = [shown(around.format(*[one] * 2))[0] for one in (on_github(text), "\x02")]
    assert both[0] == " ".join(both[1].replace("\x02", printable(text).lstrip()).split())


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("text", [*WORDS, *LINKED])
def test_github_shows_a_text_as_it_was_written_and_links_nothing(text: str, around: str) -> None:
    is_shown_as_it_is(text, around)


@pytest.mark.parametrize("text", LINKED)
def test_nothing_is_left_of_what_github_itself_would_link(text: str) -> None:
    escaped = on_github(text)
    assert not re.search(r"@\w|#\d|gh-\d|://|www\.|(?:mailto|xmpp):", escaped, re.IGNORECASE)
    assert not re.search(r"\b[0-9a-f]{7,40}\b", escaped)


def test_plain_words_stay_as_they_are() -> None:
    text = 'The "VAE", of 2013 (p. 3): 1.5 - 2, CC-BY-SA-4.0; l\'été = été + 1!'
    assert in_markdown(text) == text


PIECES = [*"\\`*_{}[]()#+-.!|~$:\"'=/@<>& \n1a", "www.", "http://", "GH-1", "&amp;", "<b>", "    "]


@fuzz(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), cases=500)
def test_any_text_is_shown_as_it_is(text: str) -> None:
    if text.strip():
        for around in AROUND:
            is_shown_as_it_is(text, around)
