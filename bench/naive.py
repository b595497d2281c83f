"""The yardstick: the script that one would write first, with Python-Markdown and genanki.

``python bench/naive.py FOLDER PACKAGE`` reads the same files as deckwright. It checks nothing,
leaves formulas to Markdown, which spoils some, and adds whatever the parts hold to the answer.
"""

import re
import sys
from pathlib import Path

import genanki
from markdown import markdown

CARD = re.compile(r"^## (.+)\n<!--\nid: (.+)\ntags: \[(.*)\]\n-->\n", re.MULTILINE)


def html(text: str) -> str:
    return markdown(text, extensions=["tables", "fenced_code"])


def note(card_id: str, tags: str, prompt: str, answer: str) -> genanki.Note:
    cloze = "{{c1::" in answer
    return genanki.Note(
        model=genanki.CLOZE_MODEL if cloze else genanki.BASIC_MODEL,
        fields=[html(answer), html(prompt)] if cloze else [html(prompt), html(answer)],
        tags=tags.replace('"', "").split(", "),
        guid=genanki.guid_for("bench", card_id),
    )


def main(folder: Path, package: Path) -> None:
    decks: list[genanki.Deck] = []
    pictures: list[str] = []
    for number, path in enumerate(sorted(folder.glob("*.md"))):
        title, *cards = CARD.split(path.read_text(encoding="utf-8"))
        deck = genanki.Deck(2059400110 + number, "Bench::" + title.strip("# \n"))
        decks.append(deck)
        for prompt, card_id, tags, answer in zip(*[iter(cards)] * 4, strict=True):
            pictures += [str(folder / name) for name in re.findall(r"\]\((.+\.png)\)", answer)]
            deck.add_note(note(card_id, tags, prompt, answer.replace("](media/", "](")))
    genanki.Package(decks, pictures).write_to_file(package)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
