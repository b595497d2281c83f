"""The rules of continuity: what the last release promised to those who learn from it."""

from __future__ import annotations

from deckwright.rules.rule import EXAMPLE, EXAMPLE_TOML, Rule, Stake, example_card, example_ledger

BAD_LEDGER = Rule(
    "bad-ledger",
    "The ledger is written by `release` alone: it remembers which note is which.",
    bad="{}\n",
    good=example_ledger(),
    file="ledger.jsonl",
    stake=Stake.HISTORY,
)
BAD_RETIRED = Rule(
    "bad-retired",
    "What stands under [retired] in deck.toml was released and is no longer in the deck.",
    bad=EXAMPLE_TOML + '[retired]\na-card = "wrong"\n',
    good=EXAMPLE_TOML,
    file="deck.toml",
    stake=Stake.HISTORY,
)
ID_GONE = Rule(
    "id-gone",
    "A released card stays in the deck under its id, is renamed with `was`, or is retired in "
    "deck.toml. Learners keep it for ever, without corrections, and a copy under another id "
    "starts at zero.",
    released=EXAMPLE,
    bad=example_card("An answer.", "<!-- id: another -->"),
    good=example_card("An answer.", "<!--\nid: another\nwas: [a-card]\n-->"),
    stake=Stake.HISTORY,
)
ID_REUSED = Rule(
    "id-reused",
    "An id means one fact for ever: a learner's history of the old card would become that of the "
    "new one.",
    released=example_card("Paris.", prompt="What is the capital of France?"),
    bad=example_card("It boils at 100 °C.", prompt="How hot must water be?"),
    good=example_card("It is Paris.", prompt="What is the capital of France?"),
    stake=Stake.HISTORY,
)
KIND_CHANGED = Rule(
    "kind-changed",
    "A released card keeps its note type, be it ours or the deck's own: Anki refuses every later "
    "update of a note whose note type changed.",
    released=EXAMPLE,
    bad=example_card("An {{c1::answer}}."),
    good=example_card("An answer, reworded."),
    stake=Stake.HISTORY,
)
SHAPE_CHANGED = Rule(
    "shape-changed",
    "The fields and templates of a note type are frozen, and so are the ids of a deck's own: where "
    "they change, Anki delivers nothing any more and makes a copy of the type for new notes.",
    bad=example_ledger(
        '{"row": "type", "kind": "basic", "id": 1, "name": "Basic", "sort": 0, "fields": [],'
        ' "templates": [], "css": "", "mod": 1}\n'
    ),
    good=example_ledger(),
    file="ledger.jsonl",
    stake=Stake.HISTORY,
)
ORDINAL_GONE = Rule(
    "ordinal-gone",
    "A released cloze number or Reverse stays: the learner's card would stay too, and show "
    '"No cloze found" at every review.',
    released=example_card("One {{c1::a}} and two {{c2::b}}."),
    bad=example_card("One {{c1::a}} and two b."),
    good=example_card("One {{c1::a}} and {{c3::two}} {{c2::b}}."),
    stake=Stake.HISTORY,
)
ORDINAL_MOVED = Rule(
    "ordinal-moved",
    "A cloze keeps its number: a learner's history of it would go to another question.",
    released=example_card("One {{c1::apple}} and two {{c2::pears}}."),
    bad=example_card("One {{c2::apple}} and two {{c1::pears}}."),
    good=example_card("Two {{c2::pears}} and one {{c1::apple}}."),
    stake=Stake.HISTORY,
)
DECK_RENAMED = Rule(
    "deck-renamed",
    "A file's cards stay in their deck: learners' cards would stay in the old one, and new ones "
    "come to the new.",
    released=EXAMPLE,
    bad=EXAMPLE.replace("# Examples", "# Samples"),
    good=EXAMPLE,
    stake=Stake.HISTORY,
)
KEY_CHANGED = Rule(
    "key-changed",
    "The key of a released deck stays: from another, every card would come as a new one, beside "
    "the one that learners have.",
    released=EXAMPLE,
    bad=EXAMPLE_TOML.replace('"examples"', '"other"'),
    good=EXAMPLE_TOML,
    file="deck.toml",
    stake=Stake.HISTORY,
)

RULES: tuple[Rule, ...] = (
    BAD_LEDGER,
    BAD_RETIRED,
    ID_GONE,
    ID_REUSED,
    KIND_CHANGED,
    SHAPE_CHANGED,
    ORDINAL_GONE,
    ORDINAL_MOVED,
    DECK_RENAMED,
    KEY_CHANGED,
)
