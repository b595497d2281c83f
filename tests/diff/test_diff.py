"""What a release would change for learners, in words.

``tests/diff`` holds a deck before and after, and what is to be said of it;
``python -m tests.diff.test_diff`` writes that anew: read its difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import genanki
import pytest
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deckwright.apkg.package import package, page, write
from deckwright.compile import compile_deck
from deckwright.diff import (
    Difference,
    as_html,
    as_json,
    as_markdown,
    as_text,
    match_by_guid,
    release_of_package,
    since_package,
    since_release,
    story,
)
from deckwright.diff.formulas import MOST as MOST_FORMULAS
from deckwright.diff.markdown import LIMIT
from deckwright.diff.words import Mark, shortened, word_changes
from deckwright.mathjax.engine import Engine, Typeset
from deckwright.model import Deck, Media
from deckwright.real_anki import Refused, scratch_collection
from deckwright.releases import ledger
from deckwright.releases.changes import Changes
from deckwright.releases.ledger import ReleasedNote
from deckwright.releases.release import prepare
from deckwright.rendering import html_text
from tests.decks import card, make_deck, png, release
from tests.diff.examples import (
    HERE,
    INFO,
    NOW,
    PICTURES,
    TYPES,
    corrected,
    example,
    example_difference,
    note,
)
from tests.fuzz.harness import fuzz, patience
from tests.rendering.github import github

# What a stranger wrote


SLOW = {
    "one long word": ("x " + "a," * 12_000, "y " + "a," * 11_999 + "b,"),
    "the same word": ("a " * 1_500, "a b " * 750),
    "signs that begin no tag": ("<" * 200_000, "<" * 199_999),
    "tags that never end": ("<a " * 50_000, "<a " * 49_999),
    "comments that never end": ("<!--" * 50_000, "<!--" * 49_999),
    "clozes that never end": (r"\(" + "{{c1::" * 20_000 + r"\)", "{{c1::a::" * 9_999),
}


@pytest.mark.parametrize(("old", "new"), SLOW.values(), ids=SLOW)
def test_no_text_keeps_a_diff_busy(old: str, new: str) -> None:
    with patience():
        shown = corrected((old, new))
        assert as_text(shown, colour=False) and as_markdown(shown)
        assert as_html(shown, {}, {})


# The example


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Difference:
    return example_difference(tmp_path_factory.mktemp("rich"))


def marked(old: str, new: str) -> str:
    """The change of a field, as on a terminal without colour."""
    line = as_text(corrected((old, new)), colour=False).splitlines()[-1]
    return line.strip().removeprefix("Back").strip()


# Words


def test_only_the_words_that_changed_are_marked() -> None:
    assert marked("A tight bound.", "A loose bound.") == "A [-tight-] {+loose+} bound."


def test_inside_a_formula_only_its_signs_are_marked_and_its_latex_stays_readable() -> None:
    old, new = r"Thus \(q_\phi(z \mid x)\)", r"Thus \(q_\phi(z \mid y)\)"
    assert marked(old, new) == r"Thus $q_\phi(z \mid [-x-]{+y+})$"


def test_a_formula_that_became_another_one_is_shown_whole() -> None:
    assert marked(r"\(\mu\)", r"\[\frac{a}{b}\]") == r"[-$\mu$-] {+$$\frac{a}{b}$$+}"


def test_a_full_stop_alone_is_marked_alone() -> None:
    assert marked("the mean", "the mean.") == "the mean{+.+}"


def test_a_picture_reads_as_its_description() -> None:
    old = '<p>See <img src="a.png" alt="a grey dot"></p>'
    assert marked(old, "<p>See</p>") == "See [-[picture: a grey dot]-]"


def test_another_picture_under_the_same_description_is_a_change() -> None:
    said = marked('<img src="a.png" alt="dot">', '<img src="b.png" alt="dot">')
    assert said.startswith("(reads the same; a picture or the address of a link changes)")


def test_where_only_the_markup_changed_the_tags_are_shown() -> None:
    said = marked("for <em>every</em> input", "for <b>every</b> input")
    marks = "for [-<em>-] {+<b>+} every [-</em>-] {+</b>+} input"
    assert said == f"(reads the same; its markup changes) {marks}"


def test_lists_tables_and_breaks_are_lines() -> None:
    html = "<ul><li>one</li><li>two</li></ul><table><tr><td>a</td><td>b</td></tr></table>x<br>y"
    text = " ".join(str(word) for word in html_text.words(html))
    assert text == "• one \n • two \n a | b \n x \n y"


def test_long_text_that_stays_is_shortened_around_a_change() -> None:
    words = [f"w{number}" for number in range(100)]
    pieces = word_changes(
        *(html_text.words(" ".join([*words, one, *words])) for one in ("old", "new"))
    )
    text = "".join(piece.text for piece in shortened(pieces))
    assert text.startswith("… w92 ")
    assert text.endswith(" w7 …")


@pytest.mark.parametrize(
    ("old", "new"),
    [("", "a b"), ("a b", ""), ("a b c", "c b a"), ("a <br> b", "a b"), ("x " * 3000, "y " * 3000)],
)
def test_the_pieces_give_back_both_texts(old: str, new: str) -> None:
    olds, news = html_text.words(old), html_text.words(new)
    pieces = word_changes(olds, news)
    for words, mark in ((olds, Mark.OLD), (news, Mark.NEW)):
        kept = "".join(piece.text for piece in pieces if piece.mark in (Mark.SAME, mark))
        assert kept.split() == [word.text for word in words if word.text.strip()]


# For a terminal


def test_the_text_is_as_it_was_read_and_approved(rich: Difference) -> None:
    expected = (HERE / "expected.txt").read_text(encoding="utf-8")
    assert as_text(rich, colour=False) == expected, "if meant: python -m tests.diff.test_diff"


def test_colour_marks_changes_instead_of_brackets() -> None:
    text = as_text(corrected(("old", "new")), colour=True)
    assert "[-" not in text
    assert "\x1b[31m\x1b[9mold\x1b[0m \x1b[32m\x1b[4mnew\x1b[0m" in text


def test_a_field_cannot_steer_the_terminal() -> None:
    text = as_text(corrected(("calm", "\x1b[2J\u202eevil")), colour=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\u001b[2J\u202eevil" in text


def test_neither_can_an_id_of_a_ledger_or_the_name_of_a_package() -> None:
    evil = "\x1b]0;title\n::add-mask::secret"
    hostile = replace(corrected(("calm", "grave")), against=evil)
    gone = replace(note("gone"), id=evil)
    changes = replace(hostile.changes, retired=(ReleasedNote(gone, "1.0.0"),))
    for words in (as_text, as_markdown):
        how = {"colour": False} if words is as_text else {}
        text = words(replace(hostile, changes=changes), **how)
        assert "\x1b" not in text
        assert not re.search("^ *::", text, re.MULTILINE)


def test_no_change_is_said_to_be_none() -> None:
    deck = Deck(INFO, TYPES, (note("same"),), ())
    text = as_text(
        Difference(Changes(), deck, deck, "release 1.0.0", page=page(INFO)), colour=False
    )
    assert "Nothing changes for learners; unchanged: 1 note." in text


def test_a_first_release_brings_everything() -> None:
    deck = Deck(INFO, TYPES, (note("new"),), ())
    text = as_text(since_release(deck, Changes(added=deck.notes), None), colour=False)
    assert text.startswith("What the first release brings to learners")
    assert "1  new  arrive as new cards" in text


def test_a_note_of_another_note_type_is_said_to_be_refused_not_corrected() -> None:
    difference = corrected(("old", "new"))
    foreign = tuple(replace(kind, id=kind.id + 1) for kind in TYPES)
    shown = story(replace(difference, before=replace(difference.before, types=foreign)))
    assert [group.key for group in shown.groups] == ["refused"]


DESCRIBED = replace(INFO, description="Examples.\n\n**Version 2** now.", authors=("A. Name",))


@pytest.mark.parametrize(
    ("change", "new"),
    [
        ({"description": "Examples.\n\n[Update](https://evil.invalid)"}, "//evil.invalid"),
        ({"url": "https://evil.invalid"}, "//evil.invalid"),
        ({"authors": ("B. Other",)}, "Other"),
        ({"licence": "none"}, "none"),
    ],
)
def test_a_change_of_the_decks_page_is_shown(
    change: dict[str, Any], new: str, tmp_path: Path
) -> None:
    deck = Deck(DESCRIBED, TYPES, (note("same"),), ())
    path = write(package(deck, "1.0.0", NOW), tmp_path)
    assert since_package(deck, path).page_now is None
    changed = since_package(replace(deck, info=replace(DESCRIBED, **change)), path)
    for text in (as_text(changed, colour=False), as_markdown(changed), as_json(changed)):
        assert "The deck's page" in text or '"page"' in text
        assert new in text
    assert "Nothing changes" not in as_text(changed, colour=False)


def test_what_the_page_said_is_remembered_and_where_it_is_not_all_of_it_is_shown(
    tmp_path: Path,
) -> None:
    toml = 'key = "examples"\nname = "Examples"\ndescription = "One."\n'
    root = make_deck(tmp_path, {"deck.toml": toml, "01.md": card("a")})
    old = release(root)
    assert old.ledger.page == "One."
    make_deck(root, {"deck.toml": toml.replace("One.", "Two.")})

    def shown() -> str:
        compiled = compile_deck(root)
        new = prepare(compiled, NOW)
        return as_text(since_release(new.deck, new.changes, compiled.ledger), colour=False)

    assert "[-One-]{+Two+}." in shown()
    forgetful = ledger.to_text(replace(old.ledger, page=None))
    (root / ledger.FILE).write_text(forgetful, encoding="utf-8")
    assert "the ledger does not say what it said" in shown()
    assert "{+Two.+}" in shown()
    make_deck(root, {"deck.toml": toml})
    assert "Nothing changes" in shown()


# For a pull request


def test_the_markdown_is_as_it_was_read_and_approved(rich: Difference) -> None:
    expected = (HERE / "expected.md").read_text(encoding="utf-8")
    assert as_markdown(rich) == expected, "if meant: python -m tests.diff.test_diff"


HOSTILE = [
    "</details></summary><script>alert(1)</script>",
    "&lt;img src=x onerror=alert(1)&gt; &amp;lt;b&amp;gt;",
    "[x](javascript:alert(1)) ![y](https://evil.example/z.png) <https://evil.example>",
    "~~~ ``` ` ~~x~~ **y** __z__ *a* | b | \\",
    "# title\n\n- item\n\n1. one\n\n> quote\n\n---",
    "$x$ \\(\\text{</details>}\\) &lt;!-- --&gt; [a]: https://evil.example",
    "<pre>```\n</details>\n```</pre>",
    "- [ ] todo<br>- [x] done<br>    code<br>===<br>::error::x<br>{{c1::::error::}}",
    "{{c1::**}}{{c2::~~::`}} {{c3::\\(x\\)::@octocat}} }} ::{{c4:: }}",
    "\\(`\\) \\($\\) \\(x`$ </details> <b>\\) \\(a ]( b )\\) \\(\\verb|`|\\)",
    "\\(a`![x](y)`c\\) \\(a\\` &lt;script&gt; `c\\)",
    "\\(x\n\n- y\\) \\[\\end{details}\\] \\[ x ] \\] \\( \\(x\\) \\[2pt] \\)",
    "\\(@octocat\\) \\(\\text{#12}\\) \\(::error::\\) \\(x\\)\\(y\\)a\\(z\\)$\\(w\\)",
    "&#xe010;@octocat &#xe011;&#xe010;`</details>&#xe011; &#xe012;}} \\(x&#xe010;\\)",
]
INLINE = frozenset("strong del br".split())
"""As often as there are words and lines."""


def tree_of(markdown: str) -> LexborHTMLParser:
    """What GitHub makes of Markdown, formulas as text."""
    html = re.sub(r"\$<code>(.*?)</code>\$", r"$\1$", github(markdown), flags=re.DOTALL)
    return LexborHTMLParser(html, is_fragment=True)


def summaries(text: str) -> Iterator[str]:
    """What is said where a text went, came, is new, and is the question of something else."""
    yield as_markdown(corrected(("calm", text), (text, "calm")))
    yield as_markdown(corrected((f"{text} calm {text}", f"{text} grave {text}")))
    for fields in ((text, "b"), ("a", text)):
        one = note("", fields=(*fields, *note("").fields[2:]))
        difference = corrected(("calm", "grave"))
        changes = replace(difference.changes, added=(one,), returned=(one,))
        yield as_markdown(replace(difference, changes=changes))


def assert_harmless(text: str) -> None:
    for said, calm in zip(summaries(text), summaries("still"), strict=True):
        tags = [
            [node.tag for node in tree_of(one).css("*") if node.tag not in INLINE]
            for one in (calm, said)
        ]
        assert tags[0] == tags[1]
        assert not re.search(r"@\w|#\d|www\.|https://", said)
        assert not re.search("^ *::", said, re.MULTILINE)
        assert not re.search(r"[\ue000-\uf8ff]|\\ue01", said), "the marks are ours alone"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_text_becomes_markup_in_the_summary(text: str) -> None:
    assert_harmless(text)


@pytest.mark.parametrize("text", HOSTILE[:7])
def test_all_of_a_field_text_is_shown(text: str) -> None:
    tree = tree_of(as_markdown(corrected(("calm", text))))
    found = re.sub(r"\s", "", tree.root.text().replace("\u200b", "") if tree.root else "")
    for word in html_text.words(text):
        assert re.sub(r"\s", "", word.text) in found


SIGNS = [*"\\`*_{}[]()#+-.!|~$:=/@<>& \n1a%", r"\(", r"\)", r"\[", r"\]", "{{c1::", "}}", "::"]
SIGNS += [
    "<br>",
    "</details>",
    "&lt;",
    "&#xe010;",
    "&#xe011;",
    "&#xe012;",
    r"\text{",
    r"\frac",
    "www.",
]


@fuzz(st.lists(st.sampled_from(SIGNS), max_size=14).map("".join), cases=300)
def test_no_text_at_all_becomes_markup(text: str) -> None:
    assert_harmless(f"{text} still")  # what is a sign alone may become another group


def set_in(html: str) -> list[str]:
    """The formulas that GitHub sets of a field."""
    return re.findall(r"\$`([^`\n]*)`\$", as_markdown(corrected(("", html))))


@pytest.mark.parametrize(
    ("html", "tex"),
    [
        (r"\(q_\phi(z \mid x)\)", r"q_\phi(z \mid x)"),
        (r"\[\sum_n x_n\]", r"\displaystyle \sum_n x_n"),
        (r"\(a&lt;b\) ", "a< b"),
        (r"\[a &amp;= b \\[2pt] \\(c)\]", r"\displaystyle a & = b \\[2pt] \\(c)"),
        (r"\(\operatorname{KL}\)", r"\mathrm{KL}"),
        (r"\(\operatorname*{arg\,max}_q\)", r"\mathop{\rm arg\,max}_q"),
        (r"\(x^{{c1::2}}\)", r"x^{\underbrace{2}_{c1}}"),
        (r"\({{c1::\frac{1}{2} }}\)", r"{\underbrace{\frac{1}{2} }_{c1}}"),
        (r"\({{c2::x^{2^{3} }::\text{what?} }}\)", r"{\underbrace{x^{2^{3}}}_{c2}}"),
        (
            r"\[{{c1::&amp;a \\ &amp;b}}\]",
            r"\displaystyle {\underbrace{\begin{aligned}& a \\ & b\end{aligned}}_{c1}}",
        ),
    ],
)
def test_a_formula_is_set(html: str, tex: str) -> None:
    assert set_in(html) == [tex]


def test_the_address_of_a_link_is_shown_and_does_not_become_one() -> None:
    before, after = (f'<p>See <a href="https://{one}.example/a">the docs</a>.</p>' for one in "bc")
    said = as_markdown(corrected((before, after)))
    assert "c.example" in said
    assert "b.example" in said
    assert_harmless(after)
    alone = '<a href="https://x.example">https://x.example</a>'
    assert as_markdown(corrected(("", alone))).count("x.example") == 1


UNFIT = [
    r"`", r"\text{$b$}", r"a \$ b", r"a % b", r"\macro", r"\begin{other}x\end{other}", r"\frac{1",
    r"x}", r"\left(x", r"\end{cases}", r"\def\x{y}", r"\href{https:x}{y}", r"\color{white} x",
    r"\phantom{x}", r"\unicode{65}", r"\operatorname x", r"\text{a_b}", r"\mbox{\(x\)}", "@name",
    r"\#1", "x^{1234567}", "a\u202eb", "{" * 100 + "}" * 100, "x" * 2_001,
]  # fmt: skip


@pytest.mark.parametrize("tex", UNFIT)
def test_what_github_would_refuse_or_misread_is_shown_as_it_is_written(tex: str) -> None:
    assert "$`" not in as_markdown(corrected(("", rf"\({tex}\)")))
    assert_harmless(rf"\({tex}\)")


def test_no_letter_dollar_or_formula_is_right_before_a_formula() -> None:
    """GitHub would not set it: github/markup#1742."""
    text = r"k\(x\)\(y\) (\(z\)) $\(w\)"
    difference = corrected((f"was {text}", text))
    changes = replace(difference.changes, added=(note(text),))
    summary = as_markdown(replace(difference, changes=changes))
    assert summary.count(r"k $`x`$ $`y`$ ($`z`$) \$ $`w`$") == 2


def test_of_a_formula_that_is_cut_the_rest_is_shown_as_it_is_written() -> None:
    summary = as_markdown(corrected(("", rf"\(x\) {'a ' * 700}\(y{'+ y' * 99}\)")))
    assert summary.count("$`") == 1
    assert r"a \$y+ y+ y" in summary
    assert "ue01" not in summary


def test_money_is_no_formula() -> None:
    assert not set_in("from $5 to $6, in $HOME/$USER")


def test_mathjax_takes_every_formula_that_is_set(rich: Difference) -> None:
    texts = re.findall(r"\$`([^`\n]*)`\$", as_markdown(rich))
    assert len(texts) > 10
    engine = Engine()
    verdicts = engine.prove([Typeset(text, display=False) for text in texts])
    engine.close()
    assert not [one for one in verdicts if one.error]


def test_formulas_are_set_as_long_as_github_sets_more_on_a_page() -> None:
    many = corrected(*(("", rf"\(x_{{{n}}}\)") for n in range(MOST_FORMULAS)))
    summary = as_markdown(many)
    assert summary.count("$`") == MOST_FORMULAS // 2
    assert summary.count(r"\$x\_{") == MOST_FORMULAS - MOST_FORMULAS // 2
    assert "GitHub sets no more on a page" in summary
    assert "GitHub sets no more on a page" not in as_markdown(corrected(("", r"\(x\)")))


def test_a_summary_stays_below_its_limit_and_says_what_it_left_out() -> None:
    many = corrected(*((f"old {n} " + "word " * 9, f"new {n} " + "term " * 9) for n in range(3000)))
    changes = replace(many.changes, added=many.after.notes)
    summary = as_markdown(replace(many, changes=changes))
    assert len(summary.encode()) <= LIMIT < 2**20
    left = re.findall(r"… and ([\d,]+) more, which do not fit into this summary", summary)
    assert len(left) == 2
    assert summary.count("<details>") == summary.count("</details>") == 2


def test_one_endless_field_does_not_take_the_whole_summary() -> None:
    summary = as_markdown(corrected(("a " * 30_000, "b " * 30_000), ("old", "new")))
    assert "card-1" in summary
    assert summary.count("b b b b") > 100
    assert summary.count("and 116,998 more characters, which do not fit here") == 1


# For programs


def test_the_json_holds_all_that_changed(rich: Difference) -> None:
    data = json.loads(as_json(rich))
    assert data["format"] == 1
    assert data["against"] == "release 1.0.0"
    assert [one["id"] for one in data["added"]] == ["bound", "gap"]
    [elbo] = [one for one in data["changed"] if one["id"] == "elbo-two-terms"]
    assert elbo["new_cards"] == [3]
    assert {"before", "after"} == set(elbo["fields"]["Text"])
    assert [one["id"] for one in data["held"]] == ["posterior", "decoder"]
    [retired] = data["retired"]
    assert (retired["id"], retired["reason"]) == ("first-paper", "two papers came at once")
    assert {one["id"]: one["cards"] for one in data["lost"]} == {"prior": [2], "evidence": [2]}
    assert [(one["was"], one["id"]) for one in data["renamed"]] == [("code", "latent-code")]
    assert set(data["search"]) == {"retired", "lost"}
    assert data["summary"]["changed"] == len(data["changed"])


# Anki's browser


def test_the_searches_find_what_is_retired_and_nothing_else(
    rich: Difference, tmp_path: Path
) -> None:
    searches = {group.key: group.search for group in story(rich).groups}
    path = write(package(rich.before, "1.0.0", NOW), tmp_path)
    with scratch_collection() as scratch:
        scratch.import_package(path)
        notes = scratch.run(lambda col: col.find_notes(searches["retired"]))
        cards = scratch.run(lambda col: col.find_cards(searches["lost"]))
        found = [scratch.rows(f"select sfld from notes where id = {one}")[0][0] for one in notes]
        ordinals = [scratch.rows(f"select ord from cards where id = {one}")[0][0] for one in cards]
    assert found == ["Who wrote the first paper?"]
    assert ordinals == [1, 1]


# Against a package


def test_a_package_of_ours_is_the_release_that_it_was(tmp_path: Path) -> None:
    old, _, new = example(tmp_path / "deck")
    path = write(old.package, tmp_path)
    read = release_of_package(path, new.deck.types)
    wanted = sorted((one.id, one.guid, one.kind, one.deck, one.fields) for one in old.deck.notes)
    found = [one.note for one in read.notes]
    assert [(one.id, one.guid, one.kind, one.deck, one.fields) for one in found] == wanted
    assert {one.id: one.media for one in found} == {one.id: one.media for one in old.deck.notes}


def test_against_its_own_package_a_deck_changes_nothing(tmp_path: Path) -> None:
    old, _, _ = example(tmp_path / "deck")
    difference = since_package(old.deck, write(old.package, tmp_path))
    assert not difference.changes
    assert difference.unchanged == len(old.deck.notes)


def test_against_a_package_delivered_is_what_is_newer(tmp_path: Path) -> None:
    old, _, new = example(tmp_path / "deck")
    difference = since_package(new.deck, write(old.package, tmp_path))
    delivered = {one.after.id for one in difference.corrected}
    assert "encoder-outputs" in delivered
    assert [one.after.id for one in difference.held] == ["decoder"]
    assert [item.data for item in difference.before.media] == [PICTURES["media/dot.png"]]


def test_a_note_that_is_the_same_but_newer_is_said_to_be_sent_again(tmp_path: Path) -> None:
    deck = Deck(INFO, TYPES, (note("same"),), ())
    path = write(package(deck, "1.0.0", NOW), tmp_path)
    newer = replace(deck, notes=(note("same", mod=NOW + 1),))
    assert [group.key for group in story(since_package(newer, path)).groups] == ["sent_again"]


def foreign_package(folder: Path) -> Path:
    """A package of another publisher, with a note of ours adopted by its GUID."""
    model = genanki.Model(
        1607392319,
        "Theirs",
        fields=[{"name": "Answer"}, {"name": "Front"}, {"name": "Back"}],
        templates=[{"name": "One", "qfmt": "{{Front}}", "afmt": "{{Answer}}"}],
    )
    deck = genanki.Deck(1234567, "Their deck")
    for guid in ("guid of a-card", "another"):
        fields = ["aside", "A question?", "Their answer"]
        deck.add_note(genanki.Note(model, fields, guid=guid, tags=["b", "a"]))
    path = folder / "theirs.apkg"
    genanki.Package(deck).write_to_file(path, timestamp=NOW)
    return path


def test_a_foreign_package_is_compared_by_guid_and_by_the_names_of_fields(tmp_path: Path) -> None:
    ours = Deck(INFO, TYPES, (note("Our answer", tags=("a", "b")),), ())
    read = release_of_package(foreign_package(tmp_path), TYPES)
    assert [one.note.id for one in read.notes] == ["another", "guid of a-card"]
    [matched] = match_by_guid(ours, read).values()
    assert matched.note.fields[:2] == ("A question?", "Their answer")
    assert matched.note.tags == ("a", "b")
    shown = story(since_package(ours, foreign_package(tmp_path)))
    assert [group.key for group in shown.groups] == ["refused", "retired"]
    assert not shown.groups[1].search
    assert "no field Id that a search could name" in shown.groups[1].sentence


def test_a_package_in_ankis_newer_format_is_read_by_anki(tmp_path: Path) -> None:
    from anki.collection import ExportAnkiPackageOptions

    picture = Media("dot-1.png", png())
    one = note('<img src="dot-1.png" alt="dot">', media=(picture.name,))
    deck = Deck(INFO, TYPES, (one, note("", "second")), (picture,))
    new = tmp_path / "new.apkg"
    options = ExportAnkiPackageOptions(with_media=True, legacy=False)
    with scratch_collection() as scratch:
        scratch.import_package(write(package(deck, "1.0.0", NOW), tmp_path))
        scratch.run(
            lambda col: col.export_anki_package(out_path=str(new), options=options, limit=None)
        )
    difference = since_package(deck, new)
    assert not difference.changes
    assert difference.before.media == (picture,)


def test_a_file_that_is_no_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.apkg"
    path.write_bytes(b"no")
    with pytest.raises(Refused):
        release_of_package(path)


def write_expected() -> None:
    with TemporaryDirectory() as folder:
        difference = example_difference(Path(folder))
    (HERE / "expected.txt").write_text(as_text(difference, colour=False), encoding="utf-8")
    (HERE / "expected.md").write_text(as_markdown(difference), encoding="utf-8")


if __name__ == "__main__":
    write_expected()
