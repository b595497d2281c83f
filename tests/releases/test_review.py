"""Attacks on "an update never costs a learner a review": each as an edit of a released deck.

A row has what was released, the edit and what `check` says of it; then the cure that was printed,
applied, after which nothing is said. In real Anki, a learner who studied every card imports the
cured release: each studied note asks what the row says that it asks.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Problem, quiet
from deckwright.real_anki import scratch_collection
from deckwright.rehearsal.study import snapshot, study
from deckwright.releases.release import prepare
from tests.decks import TOML, make_deck, release

DAY = 86_400
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>{}</title></svg>'
T0 = 1_600_000_000


@dataclass(frozen=True)
class Row:
    """One attack."""

    before: str
    after: str
    rules: tuple[str, ...] = ()
    """The rules that name it, sorted; nothing where the edit is lawful."""
    fix: str = ""
    """What the printed cure must hold."""
    cured: str = ""
    """The cards after the cure; empty where there is none to try."""
    toml: str = ""
    """What stands in deck.toml besides, after the cure."""
    asks: dict[str, str] = field(default_factory=dict)
    """What the notes that learners studied ask in the end: words of theirs, by their first ids."""
    edit_toml: str = ""
    """What the edit writes into deck.toml."""
    between: tuple[tuple[str, str], ...] = ()
    """Releases before the edit: their cards, and what stands in deck.toml."""


def basic(id_: str, prompt: str, answer: str, *, was: str = "", reverse: str = "") -> str:
    comment = f"id: {id_}\nwas: [{was}]" if was else f"id: {id_}"
    more = f"\n### Reverse\n\n{reverse}\n" if reverse else ""
    return f"## {prompt}\n<!--\n{comment}\n-->\n\n{answer}\n{more}\n"


def cloze(id_: str, text: str, *, was: str = "", title: str = "A text") -> str:
    return basic(id_, title, text, was=was)


FRANCE = basic("france", "What is the capital of France?", "Paris")
ITALY = basic("italy", "What is the capital of Italy?", "Rome")
SIN = basic("sin", "What is the derivative of $\\sin x$?", "$\\cos x$")
COS = basic("cos", "What is the derivative of $\\cos x$?", "$-\\sin x$")
DOG = basic("dog", "What is French for dog?", "chien")
ENTROPY = basic("x", "What does entropy measure?", "The disorder of a system.")
HAMLET = ("Who wrote Hamlet?", "William Shakespeare, in 1600.")
RIVERS = cloze("rivers", "Cairo lies on the {{c1::Nile}}, Paris on the {{c2::Seine}}.")
POWERS = cloze("powers", "From $x^3$ comes {{c1::$3x^2$}}, from $x^2$ comes {{c2::$2x$}}.")
METALS = "Sodium is {{c1::K}} and potassium is {{c2::Na}}."

ROWS = {
    "a01": Row(
        SIN + COS,
        SIN.replace("id: sin", "id: cos") + COS.replace("id: cos", "id: sin"),
        ("id-reused", "id-reused"),
        "give each text the id that it had",
        SIN + COS,
        asks={"sin": "\\sin x", "cos": "\\cos x"},
    ),
    "a02": Row(
        FRANCE + ITALY,
        basic("italy", "What is the capital of France?", "Paris.")
        + basic("france", "What is the capital of Italy?", "Rome."),
        ("id-reused", "id-reused"),
        "give each text the id that it had",
        basic("france", "What is the capital of France?", "Paris.")
        + basic("italy", "What is the capital of Italy?", "Rome."),
        asks={"france": "France", "italy": "Italy"},
    ),
    "a03": Row(
        FRANCE + ITALY,
        FRANCE.replace("id: france", "id: italy") + ITALY.replace("id: italy", "id: france"),
        ("id-reused", "id-reused"),
    ),
    "a04": Row(
        FRANCE,
        FRANCE.replace("id: france", "id: copy")
        + basic("france", "What is the capital of Spain?", "Madrid"),
        ("id-reused",),
        "give the id france to copy again",
        FRANCE + basic("copy", "What is the capital of Spain?", "Madrid"),
        asks={"france": "France"},
    ),
    "a05": Row(
        DOG,
        basic("dog", "What is French for cat?", "chat"),
        ("id-reused",),
        "an id of its own",
        DOG + basic("cat", "What is French for cat?", "chat"),
        asks={"dog": "dog"},
    ),
    "a05, words that look alike": Row(
        basic("house", "What is French for house?", "maison"),
        basic("house", "What is French for horse?", "cheval"),
        ("id-reused",),
    ),
    "a05, a word that looks alike, in the same question": Row(
        basic("x", "What is the capital of Niger?", "Niamey"),
        basic("x", "What is the capital of Nigeria?", "Abuja"),
        ("id-reused",),
    ),
    "a05, the same words in another order": Row(
        basic("x", "What is $p(x|z)$ called?", "The likelihood"),
        basic("x", "What is $p(z|x)$ called?", "The posterior"),
        ("id-reused",),
    ),
    "a05, another sign": Row(
        basic("x", "What is $7 + 5$?", "12"), basic("x", "What is $7 - 5$?", "2"), ("id-reused",)
    ),
    "a05, a word more": Row(
        basic("x", "Which of these sets are compact?", "The closed and bounded"),
        basic("x", "Which of these sets are not compact?", "The open or unbounded"),
        ("id-reused",),
    ),
    "a05, in Japanese": Row(
        basic("x", "「犬」は英語で何ですか", "dog"),
        basic("x", "「猫」は英語で何ですか", "cat"),
        ("id-reused",),
    ),
    "a05, all clozes filled anew": Row(
        cloze("x", "{{c1::Paris}} is the capital of {{c2::France}}."),
        cloze("x", "{{c1::Rome}} is the capital of {{c2::Italy}}."),
        ("id-reused",),
    ),
    "a05, one cloze of another thing": Row(
        cloze("x", "Saliva comes from the {{c1::mouth}}. Urine comes from the {{c2::kidney}}."),
        cloze("x", "Saliva comes from the {{c1::mouth}}. Insulin comes from the {{c2::pancreas}}."),
        ("ordinal-moved",),
    ),
    "b18, with letters for labels": Row(
        cloze("x", "Na is {{c1::potassium}}, K is {{c2::sodium}}."),
        cloze("x", "Na is {{c1::sodium}}, K is {{c2::potassium}}."),
        asks={"x": "{{c1::sodium}}"},
    ),
    "a07": Row(DOG, basic("dog", "2 + 2?", "4"), ("id-reused",)),
    "a08": Row(
        FRANCE,
        basic("france", "Paris", "What is the capital of France?"),
        ("id-reused",),
        "question and answer changed places",
        FRANCE,
        asks={"france": "capital"},
    ),
    "a09": Row(
        basic("x", "What does entropy measure?", "The disorder of a system.", was="x"),
        basic("x", *HAMLET, was="x"),
        ("id-reused",),
        "was: [x@1.0.0]",
        ENTROPY + basic("hamlet", *HAMLET),
        asks={"x": "entropy"},
    ),
    "a09, said once more": Row(
        basic("x", "What does entropy measure?", "The disorder of a system.", was="x"),
        basic("x", *HAMLET, was="x@1.0.0"),
        asks={"x": "Hamlet"},
    ),
    "a10": Row(
        cloze("powers", "From $x^3$ comes {{c1::$3x^2$}}, from $x$ {{c2::$1$}}.", was="powers"),
        cloze("powers", "From $x^3$ comes {{c2::$3x^2$}}, from $x$ {{c1::$1$}}.", was="powers"),
        ("ordinal-moved",),
        "was: [powers@1.0.0]",
        cloze("powers", "From $x^3$ comes {{c1::$3x^2$}}, from $x$ {{c2::$1$}}."),
        asks={"powers": "{{c1::\\(3x^2\\)}}"},
    ),
    "a11": Row(
        FRANCE,
        basic("fr", "Which town rules the French?", "It is Paris, on the Seine.", was="france"),
        ("id-reused",),
        "was: [france, fr]",
        basic("fr", "Which town rules the French?", "It is Paris, on the Seine.", was="france, fr"),
        asks={"france": "rules"},
    ),
    "a12": Row(
        FRANCE,
        FRANCE.replace("id: france", "id: fr"),
        ("id-gone",),
        "write was: [france] and take france out of [retired]",
        FRANCE.replace("id: france", "id: fr\nwas: [france]"),
        edit_toml='[retired]\nfrance = "renamed"\n',
        toml="[rules]\n",
        asks={"france": "France"},
    ),
    "a12, meant": Row(
        FRANCE,
        FRANCE.replace("id: france", "id: fr"),
        edit_toml='[retired]\nfrance = "replaced by fr"\n',
        asks={"france": "France"},
    ),
    "a13": Row(
        FRANCE + DOG,
        FRANCE.replace("id: france", "id: fr") + DOG,
        ("id-gone",),
        "write was: [france]",
        FRANCE.replace("id: france", "id: fr\nwas: [france]") + DOG,
        between=((DOG, '[retired]\nfrance = "too easy"\n'),),
        asks={"france": "France"},
    ),
    "a14": Row(
        FRANCE,
        FRANCE.replace("id: france", "id: c\nwas: [france]"),
        between=((FRANCE.replace("id: france", "id: b\nwas: [france]"), ""),),
        asks={"france": "France"},
    ),
    "a15, a copy with its was": Row(
        FRANCE,
        basic("fr", "What is the capital of Spain?", "Madrid", was="france")
        + FRANCE.replace("id: france", "id: capital\nwas: [france]"),
        ("id-reused",),
        "give one of them an id of its own, without `was`",
        basic("fr", "What is the capital of Spain?", "Madrid")
        + FRANCE.replace("id: france", "id: capital\nwas: [france]"),
        asks={"france": "France"},
    ),
    "a16, merged": Row(
        FRANCE + ITALY,
        basic("france", "What are the capitals of France and Italy?", "Paris and Rome"),
        edit_toml='[retired]\nitaly = "is in france now"\n',
        asks={"france": "capitals"},
    ),
    "a16, split": Row(
        basic("both", "What are the capitals of France and Italy?", "Paris and Rome"),
        basic("both", "What is the capital of France?", "Paris") + ITALY,
        asks={"both": "France"},
    ),
    "a18": Row(
        FRANCE,
        FRANCE.replace("id: france", "id: the-france"),
        ("id-gone",),
        "write was: [france]",
        FRANCE.replace("id: france", "id: the-france\nwas: [france]"),
        asks={"france": "France"},
    ),
    "a19": Row(
        FRANCE + DOG,
        basic("fr", "Which town rules the French?", "Lutetia was its name.") + DOG,
        ("id-gone",),
        "add france to the `was` of that card",
        basic("fr", "Which town rules the French?", "Lutetia was its name.", was="france, fr")
        + DOG,
        asks={"france": "rules"},
    ),
    "a20, typos": Row(
        basic("france", "Captial of Frence?", "Paaris"),
        basic("france", "Capital of France?", "Paris"),
        asks={"france": "Capital"},
    ),
    "a20, translated": Row(
        FRANCE,
        basic("france", "Quelle est la capitale de la France ?", "Paris"),
        asks={"france": "capitale"},
    ),
    "a20, one word": Row(
        FRANCE,
        basic("france", "What is the main city of France?", "Paris"),
        asks={"france": "city"},
    ),
    "a20, a formula for words": Row(
        basic("mse", "How is the mean squared error defined?", "The mean of the squared residuals"),
        basic("mse", "How is the mean squared error defined?", "$\\frac1n \\sum_i (y_i - x_i)^2$"),
        asks={"mse": "error"},
    ),
    "a21": Row(
        FRANCE,
        basic("fr", "What is the capital of France?", "Paris", was="france"),
        asks={"france": "France"},
    ),
    "i01": Row(
        FRANCE,
        basic("france", "What is the capital of Spain?", "Madrid") + FRANCE,
        ("duplicate-id",),
        "which was released under it: give this card an id of its own",
        basic("spain", "What is the capital of Spain?", "Madrid") + FRANCE,
        asks={"france": "France"},
    ),
    "f01": Row(
        SIN,
        COS,
        ("id-gone",),
        "if it is meant",
        COS,
        toml='[retired]\nsin = "no longer asked"\n',
        asks={"sin": "\\sin x"},
    ),
    "f12": Row(
        basic("france", "What is the capital of France?", "Rome")
        + basic("italy", "What is the capital of Italy?", "Paris"),
        FRANCE + ITALY,
        asks={"france": "France", "italy": "Italy"},
    ),
    "b01": Row(
        cloze("body", "The {{c1::heart}} pumps blood, the {{c2::lungs}} breathe."),
        cloze(
            "body", "The {{c1::brain}} thinks, the {{c2::heart}} pumps, the {{c3::lungs}} breathe."
        ),
        ("ordinal-moved",),
        "what is new takes c4",
        cloze(
            "body", "The {{c4::brain}} thinks, the {{c1::heart}} pumps, the {{c2::lungs}} breathe."
        ),
        asks={"body": "{{c1::heart}}"},
    ),
    "b02": Row(
        POWERS,
        POWERS.replace("c1::", "c9::").replace("c2::", "c1::").replace("c9::", "c2::"),
        ("ordinal-moved",),
        "give each question its number again (c1, c2)",
        POWERS,
        asks={"powers": "{{c1::\\(3x^2\\)}}"},
    ),
    "b02b": Row(
        cloze(
            "m",
            r"Mean: {{c1::$\mathbb{E}[X]$}}. Variance: {{c2::$\mathbb{E}[X^2]-\mathbb{E}[X]^2$}}.",
        ),
        cloze(
            "m",
            r"Mean: {{c2::$\mathbb{E}[X]$}}. Variance: {{c1::$\mathbb{E}[X^2]-\mathbb{E}[X]^2$}}.",
        ),
        ("ordinal-moved",),
    ),
    "b03": Row(
        cloze("w", "Water freezes at {{c1::0 °C}} and boils at 100 °C."),
        cloze("w", "Water freezes at 0 °C and boils at {{c1::100 °C}}."),
        ("ordinal-moved",),
        'put "w/1" = "the reason" under [retired]; what is new takes c2',
        cloze("w", "Water freezes at 0 °C and boils at {{c2::100 °C}}."),
        toml='[retired]\n"w/1" = "too easy"\n',
        asks={"w": "{{c2::100"},
    ),
    "b03b": Row(
        cloze("n", "{{c1::Egypt}} lies on the Nile."),
        cloze("n", "Egypt lies on the {{c1::Nile}}."),
        ("ordinal-moved",),
        "let c1 ask again what it asked",
        cloze("n", "{{c1::Egypt}} lies on the {{c2::Nile}}."),
        asks={"n": "{{c1::Egypt}}"},
    ),
    "b07": Row(
        cloze("m", "A {{c1::mean}} and a {{c2::variance}}."),
        cloze("m", "{{c1::A mean and a variance}}."),
        edit_toml='[retired]\n"m/2" = "is in c1 now"\n',
        asks={"m": "{{c1::A mean"},
    ),
    "b08": Row(
        cloze("l", "The {{c1::red and green}} lights."),
        cloze("l", "The {{c1::red}} and {{c2::green}} lights."),
        asks={"l": "{{c1::red}}"},
    ),
    "b08b": Row(
        cloze("l", "The {{c1::red and green}} lights."),
        cloze("l", "The {{c2::red}} and {{c1::green}} lights."),
        ("ordinal-moved",),
    ),
    "b10": Row(
        cloze("p", "{{c1::Paris}} is a city."),
        cloze("p", "{{c10::Paris}} is a city."),
        ("ordinal-moved",),
        "give each question its number again (c1)",
        cloze("p", "{{c1::Paris}} is a city."),
        asks={"p": "{{c1::Paris}}"},
    ),
    "b10, retired": Row(
        cloze("p", "{{c1::Paris}} is a city."),
        cloze("p", "{{c10::Paris}} is a city."),
        ("ordinal-moved",),
        edit_toml='[retired]\n"p/1" = "a slip"\n',
    ),
    "b11": Row(
        cloze("m", "A {{c1::mean}} and a {{c2::variance}}."),
        cloze("m", "A {{c1::mean}} and a {{c2::median}}."),
        ("ordinal-moved",),
        "take the next free number",
        cloze("m", "A {{c1::mean}} and a {{c3::median}}."),
        between=(
            (cloze("m", "A {{c1::mean}} and a variance."), '[retired]\n"m/2" = "too easy"\n'),
        ),
        asks={"m": "{{c3::median}}"},
    ),
    "b14": Row(
        basic("elbo", "ELBO", "A bound", reverse="Which bound does a VAE maximise?"),
        basic("elbo", "ELBO", "A bound", reverse="What has four letters?"),
        ("ordinal-moved",),
        "make it a card of its own",
        basic("elbo", "ELBO", "A bound") + basic("four", "What has four letters?", "ELBO, for one"),
        between=((basic("elbo", "ELBO", "A bound"), '[retired]\n"elbo/2" = "vague"\n'),),
        asks={"elbo": "ELBO"},
    ),
    "b19": Row(
        cloze("x", "A {{c1::mean}} and a {{c2::variance}}."),
        cloze("y", "A {{c1::mean}} and a {{c2::median}}.", was="x"),
        ("ordinal-moved", "bad-retired"),
        edit_toml='[retired]\n"x/2" = "too easy"\n',
        between=(
            (cloze("x", "A {{c1::mean}} and a variance."), '[retired]\n"x/2" = "too easy"\n'),
        ),
    ),
    "b12": Row(
        cloze("s", "The shell is {{c1::hard {{c2::lime}}}} outside."),
        cloze("s", "The shell is {{c2::hard {{c1::lime}}}} outside."),
        ("ordinal-moved",),
    ),
    "b18": Row(
        cloze("m", METALS),
        cloze("m", METALS.replace("K", "X").replace("Na", "K").replace("X", "Na")),
        asks={"m": "{{c1::Na}}"},
    ),
    "b20": Row(
        cloze("v", "The VAE was published in {{c1::1999}}."),
        cloze("v", "The VAE was published in {{c1::2013}}."),
        asks={"v": "2013"},
    ),
    "report 03": Row(
        RIVERS,
        cloze("rivers", "Paris lies on the {{c1::Seine}}."),
        ("ordinal-moved",),
        'number again (c2); let c1 ask again what it asked, or put "rivers/1"',
        cloze("rivers", "Paris lies on the {{c2::Seine}}."),
        toml='[retired]\n"rivers/1" = "one is enough"\n',
        asks={"rivers": "{{c2::Seine}}"},
    ),
    "Reverse asks another thing": Row(
        basic("elbo", "ELBO", "A bound", reverse="Which bound does a VAE maximise?"),
        basic("elbo", "ELBO", "A bound", reverse="What has four letters?"),
        ("ordinal-moved",),
        'put "elbo/2" = "the reason" under [retired]',
        basic("elbo", "ELBO", "A bound"),
        toml='[retired]\n"elbo/2" = "vague"\n',
        asks={"elbo": "ELBO"},
    ),
    "front and Reverse change places": Row(
        basic("elbo", "What is the ELBO?", "A lower bound", reverse="Which bound is maximised?"),
        basic("elbo", "Which bound is maximised?", "A lower bound", reverse="What is the ELBO?"),
        ("ordinal-moved",),
    ),
    "a picture's card takes another picture": Row(
        basic("bone", "Which bone is this? ![a long bone of a leg](media/one.svg)", "The femur"),
        basic("bone", "Which bone is this? ![a long bone of a leg](media/two.svg)", "The tibia"),
        ("id-reused",),
    ),
    "a picture is drawn anew": Row(
        basic("bone", "Which bone is this? ![a long bone of a leg](media/one.svg)", "The femur"),
        basic(
            "bone",
            "Which bone is this? ![a long bone of a leg](media/two.svg)",
            "The femur, seen from the left",
        ),
        asks={"bone": "bone"},
    ),
}


ELSEWHERE = {
    "b17": "rehearsal/test_updates.py",
    "c01": "releases/test_moves.py",
    "c02": "releases/test_moves.py",
    "c04": "releases/test_moves.py",
    "c06": "releases/test_release.py",
    "c07b": "rehearsal/test_updates.py",
    "c08": "releases/test_elsewhere.py",
    "c09": "releases/test_release.py",
    "c14": "releases/test_moves.py",
    "d01": "releases/test_elsewhere.py",
    "d02": "releases/test_merging.py",
    "d03": "releases/test_merging.py",
    "d04": "releases/test_merging.py",
    "d05": "releases/test_elsewhere.py",
    "d06": "releases/test_elsewhere.py",
    "d07b": "releases/test_elsewhere.py",
    "d08": "releases/test_elsewhere.py",
    "d09": "releases/test_release.py",
    "d10": "releases/test_changes.py",
    "d11": "releases/test_release.py",
    "d12": "rehearsal/test_updates.py",
    "d13": "releases/test_release.py",
    "d14": "releases/test_release.py",
    "d16": "releases/test_release.py",
    "d19": "rehearsal/test_updates.py",
    "e01": "releases/test_release.py",
    "e07": "rehearsal/test_updates.py",
    "e10": "releases/test_same_question.py",
    "e12": "releases/test_ledger.py",
    "e13": "releases/test_release.py",
    "e15": "releases/test_rehearsed.py",
    "f03": "rehearsal/test_updates.py",
    "f04": "releases/test_elsewhere.py",
    "f05": "releases/test_changes.py",
    "g01": "releases/test_release.py",
    "g02": "releases/test_release.py",
    "g03": "releases/test_elsewhere.py",
    "g04": "releases/test_merging.py",
    "h01": "releases/test_elsewhere.py",
}
"""The rows of the review whose tests need branches, packages or learners of their own."""
SAME_AS = {"e03": "a21", "f10": "a21", "f08": "b18", "i02": "i01", "f11": "c01"}
"""The rows that are one attack at another place."""
IN_WORDS = {
    "d15": "a release in a pull request cannot be known from one made by pull request",
    "e06": "nobody can see that a folder copied as a template keeps its key",
    "e14": "the same for a fork",
    "e04": "a deck in two of one key is the maintainer's choice",
    "e05": "so are two decks in one",
}
"""The rows for which docs/releasing.md has the way, and no program could: with the reason."""
HARMFUL = (
    "a01 a02 a04 a05 a08 a09 a10 a11 a12 a13 a19 a20 a21 e03 f10 i01 i02 f01 e10 e13 b02b b03 b03b"
    " b10 b14 b17 b18 f08 b19 c01 f11 c04 c02 c06 c07b f03 c08 c09 d10 d11 c14 f05 d01 d02 g04 d03"
    " d05 h01 d06 d07b f04 d08 g03 g01 d09 e01 g02 d12 d13 d14 d15 d16 e14 e06 e04 e05 e12 d19 e07"
    " e15"
).split()
"""All rows of the review that were a hole, bad advice, a false alarm, or unclear."""


def test_every_harmful_row_of_the_review_has_its_test() -> None:
    tests = Path(__file__).parent.parent
    page = (tests.parent / "docs" / "releasing.md").read_text(encoding="utf-8")
    assert "template" in page and "In two" in page
    for name in HARMFUL:
        name = SAME_AS.get(name, name)
        here = any(re.split(r"\W", row)[0] == name for row in ROWS)
        if not here and name not in IN_WORDS:
            text = (tests / ELSEWHERE[name]).read_text(encoding="utf-8").casefold()
            assert re.search(rf"(?<![a-z0-9]){name}(?![a-z0-9])", text.replace("_", " ")), name


def said(problems: tuple[Problem, ...]) -> str:
    return "\n".join(map(str, problems))


def write(root: Path, cards: str, toml: str = "") -> None:
    files: dict[str, str | bytes] = {"deck.toml": TOML + toml, "01-cards.md": f"# Cards\n\n{cards}"}
    for name in ("one", "two"):
        if f"{name}.svg" in cards:
            files[f"media/{name}.svg"] = PICTURE.format(name)
    shutil.rmtree(root / "media", ignore_errors=True)
    make_deck(root, files)


@pytest.mark.parametrize("name", ROWS)
def test_it_is_named_with_a_cure_that_leads_where_it_says(name: str, tmp_path: Path) -> None:
    row = ROWS[name]
    write(tmp_path, row.before)
    old = release(tmp_path, "1.0.0", T0)
    built = [old]
    for number, (cards, toml) in enumerate(row.between, start=1):
        write(tmp_path, cards, toml)
        built.append(release(tmp_path, f"1.{number}.0", T0 + number * DAY))
    write(tmp_path, row.after, row.edit_toml)
    found = compile_deck(tmp_path).problems
    assert tuple(one.rule for one in found) == row.rules, said(found)
    assert bool(row.fix) <= bool(found)
    assert all(row.fix in one.message for one in found), said(found)
    if not row.asks:
        return
    write(tmp_path, row.cured or row.after, row.toml or row.edit_toml)
    compiled = compile_deck(tmp_path)
    assert not compiled.problems, said(compiled.problems)
    built.append(prepare(compiled, T0 + 9 * DAY, "1.9.0"))
    guids = {note.id: note.guid for note in old.deck.notes}
    with scratch_collection() as scratch:
        before = None
        for one in built:
            path = tmp_path / one.package.name
            path.write_bytes(one.package.data)
            scratch.import_package(path)
            if before is None:
                study(scratch, quiet)
                before = snapshot(scratch)
        after = snapshot(scratch)
    assert before
    assert all(after.cards[card] == state for card, state in before.cards.items())
    assert all(state.reviews for state in before.cards.values())
    for id_, words in row.asks.items():
        texts = after.contents.texts(after.contents.by_guid[guids[id_]])
        assert words in (texts.get("Text") or texts["Front"]), id_
