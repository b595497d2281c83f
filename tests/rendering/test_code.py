"""Code in colours says what the code says, whatever a lexer of Pygments makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape, unescape
from itertools import repeat

import pytest
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class, find_lexer_class_by_name, get_all_lexers
from pygments.token import Keyword, _TokenType
from pygments.util import ClassNotFound
from selectolax.lexbor import LexborHTMLParser

from deckwright.formulas.parts import Mark, MarkKind
from deckwright.rendering.code import _ALSO, MAX_COLOURED, cut, highlight, in_colours, meant

LEXERS = sorted(name for name, *_ in get_all_lexers(plugins=False))

SAMPLES = {
    "a lone line": "git status",
    "a last line without an end": "a = 1\nb = 2",
    "a last line with an end": "a = 1\nb = 2\n",
    "nothing": "",
    "one end of a line": "\n",
    "blanks": "  ",
    "blank lines around": "\n\n  x = 1  \n\n\n",
    "blanks at the ends of lines": "x = 1   \n  y  ",
    "tabs": "if x:\n\ty\t= 1\t",
    "signs of HTML": "a && b < c > d \"e\" 'f' &amp;",
    "letters": 'é = "日本 😀 \u0639"  # ünï',
    "a shell": "$ uname\nLinux\n$ git status",
    "Python's prompt": ">>> 1 + 1\n2\n>>> quit()",
    "a traceback": """>>> 1/0
Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
ZeroDivisionError: division by zero""",
    "SQLite's prompt": "sqlite> select 1;\n1",
    "PostgreSQL's prompt": "=# select 1;\n ?column? \n----------\n        1\n(1 row)",
    "Ruby's prompt": "irb(main):001:0> 1\n=> 1",
    "Windows' prompt": "C:\\>dir\nPS C:\\> dir",
    "R's prompt": "> x <- 1\n> x\n[1] 1",
    "comment after #": "ls -a  # all",
    "comment after //": "int x;  // all",
    "comment after --": "select 1 -- all",
    "comment after ;": "(f x) ; all",
    "comment after %": "x % all",
    "an open comment": "x /* all",
    "an open string": 'x = "all',
    "an open document": "cat <<EOF\nall",
    "open brackets": "f({[<",
    "closed brackets": ">]})",
    "a tag": '<p class="x">a &amp; b</p>\n<!-- c -->',
    "a template": "{% if x %}{{ y }}{% endif %} <%= z %> <?php echo 1; ?>",
    "Markdown": "# A\n\n```python\nx = 1\n```\n\n* b",
    "a patch": "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y",
    "a request": 'GET / HTTP/1.1\nHost: a\n\n{"a": [1, 2.5, null]}',
    "a mark of byte order": "\ufeffx = 1",
    "carriage returns": "a\rb\rc",
    "form feeds": "a\x0cb\nc\x0c",
}

WITHOUT_COLOURS = {
    "Crystal": {"an open document"},  # whose last line it says twice
    "MCSchema": {"a tag"},  # at whose second line it goes on for ever
    "RobotFramework": {"carriage returns", "form feeds"},  # at which it ends lines
    "Terraform": {"an open document"},  # whose last line it says twice
}
"""The samples that a lexer does not say as they are written."""


def text_of(html: str) -> str:
    """The text of code as a browser reads it."""
    code = LexborHTMLParser(f'<pre class="code"><code>{html}</code></pre>').css_first("code")
    assert code
    return code.text()


def as_read(code: str) -> str:
    """Code as HTML can hold it: it knows no carriage returns."""
    return code.replace("\r", "\n")


def test_all_lexers_are_tried() -> None:
    assert len(LEXERS) > 500
    assert set(LEXERS) > WITHOUT_COLOURS.keys()


@pytest.mark.parametrize("name", LEXERS)
def test_code_in_colours_has_the_text_of_its_source(name: str) -> None:
    found = find_lexer_class(name)
    assert found
    lexer = found()
    made = {sample: in_colours(code, lexer) for sample, code in SAMPLES.items()}
    shown = {sample: text_of(html) for sample, html in made.items() if html is not None}
    assert shown == {sample: as_read(SAMPLES[sample]) for sample in shown}
    assert SAMPLES.keys() - shown.keys() == WITHOUT_COLOURS.get(name, set())
    again = {sample: in_colours(SAMPLES[sample], lexer) for sample in reversed(SAMPLES)}
    assert again == made, "what came before makes a difference"


@pytest.mark.parametrize(
    ("language", "code", "spans"),
    [
        ("console", "$ git status", ["gp $ "]),
        ("console", "$ uname\nLinux", ["gp $ ", "go Linux"]),
        ("sqlite3", "sqlite> select 1;\n1", ["gp sqlite>", "k select", "mi 1", "go 1"]),
        ("psql", "=# select 1;", ["gp =#", "k select", "mf 1"]),
        ("psql", "=# select 1;\n(1 row)", ["gp =#", "k select", "mf 1", "go (1 row)"]),
        ("pycon", ">>> 1 + 1\n2", ["gp >>> ", "mi 1", "go 2"]),
        ("pycon", ">>> print()", ["gp >>> ", "nb print"]),
        ("bash", "ls -a  # all", ["c1 # all"]),
        ("cpp", "int x;  // all", ["kt int", "c1 // all"]),
        ("sql", "select 1 -- all", ["k select", "mi 1", "c1 -- all"]),
        ("python", "import os", ["kn import", "nn os"]),
    ],
)
def test_the_last_line_has_its_colours(language: str, code: str, spans: list[str]) -> None:
    html = highlight(code, language)
    assert html
    assert text_of(html) == code
    found = [
        f"{kind} {text}" for kind, text in re.findall(r'<span class="(\w+)">([^<]*)</span>', html)
    ]
    assert set(spans) <= {each.replace("&gt;", ">") for each in found}


class Saying(Lexer):
    """A lexer that says what it is made to say, whatever the code is."""

    def __init__(self, says: Callable[[str], Iterable[str]]) -> None:
        super().__init__()
        self.says = says

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        return ((0, Keyword, value) for value in self.says(text))


CODE = "one two\n\nthree"
INSTEAD: dict[str, Callable[[str], Iterable[str]]] = {
    "nothing": lambda _: (),
    "the first line": lambda text: [text.partition("\n")[0]],
    "the last line": lambda text: [text.rpartition("three")[1]],
    "other letters": lambda text: [text.upper()],
    "another order": lambda text: text.split(" ")[::-1],
    "everything twice": lambda text: [text, text],
    "one more line": lambda text: [text, "\n"],
    "no blank line": lambda text: [text.replace("\n\n", "\n")],
    "the same for ever": repeat,
    "nothing for ever": lambda _: repeat(""),
    "a tag": lambda text: [text, "<b>"],
    "an entity": lambda text: [text.replace(" ", "&#32;")],
}


@pytest.mark.parametrize("says", INSTEAD)
def test_a_lexer_that_says_something_else_gives_no_colours(says: str) -> None:
    assert in_colours(CODE, Saying(INSTEAD[says])) is None


def test_a_lexer_may_leave_out_the_end_that_the_code_does_not_have() -> None:
    html = '<span class="k">one two</span>\n\n<span class="k">three</span>'
    assert in_colours(CODE, Saying(lambda text: [text])) == html
    assert in_colours(CODE, Saying(lambda text: [text.removesuffix("\n")])) == html


def test_where_there_are_no_colours_the_code_is_shown() -> None:
    assert highlight(SAMPLES["a tag"], "mcschema") == escape(SAMPLES["a tag"], quote=False)
    assert highlight("<<EOF\n1 < 2", "terraform") == "&lt;&lt;EOF\n1 &lt; 2"


def test_long_code_is_shown_without_colours() -> None:
    code = "x = 1\n" * (MAX_COLOURED // 6)
    for text, colours in ((code, True), (f"{code}\n", False), (code * 9, False)):
        html = highlight(text, "python")
        assert html
        assert text_of(html) == text
        assert ("<span" in html) == colours


def test_only_a_language_that_pygments_knows_is_one() -> None:
    assert highlight("a < b", "") == "a &lt; b"
    assert highlight("a < b", "klingon") == "a &lt; b"
    assert highlight("x" * (MAX_COLOURED + 1), "klingon") == "x" * (MAX_COLOURED + 1)


@pytest.mark.parametrize(
    "name",
    "jsonc shell-session shellsession c++ objective-c viml golang kt KT mjs txt c# f# plsql wasm "
    "conf tex h el".split(),
)
def test_a_language_is_known_by_the_names_that_github_has_for_it(name: str) -> None:
    code = '{"a": [1]} // if x\n$ ls\nset x = 1\nint a;'
    assert "<span" in highlight(code, name) or name == "txt"
    assert meant(name) == ""


def test_each_other_name_of_a_language_is_needed_and_known() -> None:
    for github, ours in _ALSO.items():
        assert find_lexer_class_by_name(ours)
        with pytest.raises(ClassNotFound):
            find_lexer_class_by_name(github)


@pytest.mark.parametrize(
    "name", "csv svelte ninja rescript flex pseudocode output klingon x".split()
)
def test_a_language_without_colours_is_no_finding(name: str) -> None:
    assert meant(name) == ""


@pytest.mark.parametrize(
    ("name", "other"),
    [("pyhton", "python"), ("Pythn", "python"), ("javasript", "javascript"), ("c++11", "")],
)
def test_a_slip_of_the_pen_is_reported_from_a_language(name: str, other: str) -> None:
    assert meant(name) == other


def test_a_name_without_end_costs_nothing() -> None:
    assert meant("python" * 5_000) == ""


@pytest.mark.parametrize("language", ["python", "c++", "console", "html", ""])
def test_clozes_cut_code_where_they_are(language: str) -> None:
    for code in SAMPLES.values():
        html = highlight(code, language)
        for first in range(0, len(code) + 1, 3):
            for last in range(first, len(code) + 1, 7):
                opened, closed = (Mark(0, 0, kind, 1) for kind in (MarkKind.OPEN, MarkKind.CLOSE))
                pieces = [*cut(html, [(first, opened), (last, closed)])]
                begin, end = pieces.index(opened), pieces.index(closed)
                parts = pieces[:begin], pieces[begin + 1 : end], pieces[end + 1 :]
                texts = ["".join(map(str, part)) for part in parts]
                wanted = [code[:first], code[first:last], code[last:]]
                assert [unescape(re.sub("<[^<>]*>", "", text)) for text in texts] == wanted
                assert all(text.count("<span") == text.count("</span") for text in texts)
