"""How a learner goes through cards: the rules of a sitting, and of what is remembered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.fuzz.harness import fuzz
from tests.preview.scripts import Scripts

Value = dict[str, Any]
DECK = "vae"
DAY = 86_400_000
NOW = 20_000 * DAY
_RANDOM = Random("the order of cards")
CHANCES = tuple(_RANDOM.random() for _ in range(30))
GAPS = {1: 3, 2: 6, 3: 12}
BEGIN = """(cards, progress, { most, chances, ...others }) => {
  const left = [...chances];
  const random = () => left.shift();
  return study.begin(cards, progress, { ...others, most: most ?? Infinity, random });
}"""
READ_LONG = """(deck, size) => study.read(" ".repeat(size), deck)"""
READ_DEEP = """(deck, depth) => study.read("[".repeat(depth), deck)"""
FROZEN = """(cards, progress) => {
  const { sitting } = study.rate(study.begin(cards, progress, { most: 10 }), progress, 1, 0);
  const parts = [sitting, ...Object.values(sitting), ...sitting.ratings];
  return parts.every((part) => Object.isFrozen(part));
}"""
LOOK_UP = """(text, deck) => {
  const { progress } = study.read(text, deck);
  const cards = [{ key: "a/1", was: ["__proto__", "constructor"], chapter: "" }];
  return [study.mastery(cards, study.follow(progress, cards)), ({}).rating ?? "clean"];
}"""


@cache
def study() -> Scripts:
    return Scripts("study.js")


def call(name: str, *values: Any) -> Any:
    return study().call(f"study.{name}", *values)


def cards(*keys: str, **was: Sequence[str]) -> list[Value]:
    return [
        {"key": key, "was": [*was.get(key.partition("/")[0], ())], "chapter": "c"} for key in keys
    ]


def numbered(number: int) -> list[Value]:
    return cards(*(f"card-{place}/1" for place in range(number)))


def entry(rating: int, at: int = NOW, times: int = 1) -> Value:
    return {"rating": rating, "at": at, "times": times}


def progress(seen: Mapping[str, Value] | None = None) -> Value:
    return {"format": 1, "deck": DECK, "cards": dict(seen or {})}


def begin(
    some: Sequence[Value],
    before: Value | None = None,
    *,
    most: int | None = None,
    shuffle: bool = False,
    chances: Sequence[float] = CHANCES,
) -> Value:
    options = {"most": most, "shuffle": shuffle, "now": NOW, "chances": chances}
    sitting = study().call(BEGIN, some, before or progress(), options)
    assert isinstance(sitting, dict)
    return sitting


def shown(ratings: Iterable[int], number: int) -> list[str]:
    """The cards that are shown one after the other, the numbers of their places, as they come."""
    sitting, known = begin(numbered(number)), progress()
    found = []
    for rating in ratings:
        found.append(sitting["queue"][0].removeprefix("card-").removesuffix("/1"))
        made = call("rate", sitting, known, rating, NOW)
        sitting, known = made["sitting"], made["progress"]
    return [*found, f"{len(sitting['queue'])} left"]


# Which cards, and in which order


def test_a_new_learner_goes_through_the_deck_in_its_order() -> None:
    some = numbered(25)
    first = begin(some, most=10)
    assert first["queue"] == [card["key"] for card in some[:10]]
    seen = {key: entry(5) for key in first["queue"]}
    assert begin(some, progress(seen), most=10)["queue"] == [card["key"] for card in some[10:20]]


def test_what_went_badly_comes_first_then_what_is_new_then_what_is_known() -> None:
    some = cards("new/1", "five/1", "three/1", "four/1", "one/1", "two/1")
    seen = {f"{name}/1": entry(number) for number, name in enumerate(("one", "two", "three",
            "four", "five"), 1)}  # fmt: skip
    order = ["one/1", "two/1", "three/1", "new/1", "four/1", "five/1"]
    for most in range(1, 7):
        chosen = begin(some, progress(seen), most=most)["queue"]
        assert {*chosen} == {*order[:most]}
        assert chosen == [card["key"] for card in some if card["key"] in chosen], "deck order"


def test_of_those_that_went_badly_alike_the_longest_unseen_comes_first() -> None:
    seen = {"a/1": entry(2, NOW - 5), "b/1": entry(2, NOW - 9), "c/1": entry(2, NOW - 7)}
    assert begin(cards(*seen), progress(seen), most=1)["queue"] == ["b/1"]
    assert begin(cards(*seen), progress(seen), most=2)["queue"] == ["b/1", "c/1"]


def test_what_is_known_is_asked_again_by_the_days_it_was_not_seen() -> None:
    hours = DAY // 24
    seen = {
        "perfect/1": entry(5, NOW - 3 * DAY - hours),
        "good/1": entry(4, NOW - DAY - hours),
        "tried/1": entry(4, NOW - DAY - 2 * hours, times=4),
        "sure/1": entry(5, NOW - DAY - 5 * hours),
        "today/1": entry(4, NOW - hours),
        "tomorrow/1": entry(4, NOW + 9 * DAY),
    }
    order = ["perfect/1", "tried/1", "good/1", "sure/1", "today/1", "tomorrow/1"]
    for most in range(1, 7):
        assert {*begin(cards(*seen), progress(seen), most=most)["queue"]} == {*order[:most]}


def test_cards_are_shuffled_on_demand_those_that_are_due() -> None:
    some = numbered(20)
    due = [card["key"] for card in some[:10]]
    order = begin(some, shuffle=True, most=10)["queue"]
    assert order != due
    assert sorted(order) == sorted(due)
    assert begin(some, shuffle=True, most=10, chances=CHANCES[9:])["queue"] != order


def test_every_order_is_as_likely() -> None:
    chances = product((0, 0.34, 0.67), (0, 0.5))
    orders = [begin(numbered(3), shuffle=True, chances=both)["queue"] for both in chances]
    assert len({*map(tuple, orders)}) == 6


# When a card comes back


def test_a_card_that_is_not_known_comes_back_after_three_others() -> None:
    assert shown([1, 5, 5, 5, 5], 6) == ["0", "1", "2", "3", "0", "2 left"]


def test_the_higher_the_rating_the_later_it_comes_back() -> None:
    assert shown([2, *[5] * 7], 9) == ["0", "1", "2", "3", "4", "5", "6", "0", "2 left"]
    assert shown([3, *[5] * 13], 15)[12:] == ["12", "0", "2 left"]
    assert shown([4, *[5] * 2], 3) == ["0", "1", "2", "0 left"]


def test_with_few_cards_left_it_comes_after_them() -> None:
    assert shown([1, 5, 5, 5], 3) == ["0", "1", "2", "0", "0 left"]
    assert shown([1, 1, 1, 1, 5, 5], 2) == ["0", "1", "0", "1", "0", "1", "0 left"]


def test_the_only_card_left_comes_again_at_once() -> None:
    assert shown([1, 2, 3, 4], 1) == ["0", "0", "0", "0", "0 left"]


def test_four_cards_that_are_not_known_go_round_until_one_is() -> None:
    assert shown([1] * 8 + [5] + [1] * 3, 6) == [*"012301230", *"123", "5 left"]


decks = st.integers(0, 30).map(numbered)
ratings = st.lists(st.integers(1, 5), max_size=60)
entries = st.builds(entry, st.integers(1, 5), st.integers(0, 2 * NOW), st.integers(1, 9))
keys = st.sampled_from([f"card-{place}/{number}" for place in range(12) for number in (1, 2)])
remembered = st.dictionaries(keys, entries).map(progress)
mosts = st.sampled_from([10, 20, None])


@fuzz(decks, remembered, mosts, st.booleans(), ratings, cases=250)
def test_whatever_is_rated_no_card_is_lost_and_each_comes_back_in_time(
    some: list[Value], known: Value, most: int | None, shuffle: bool, given: list[int]
) -> None:
    sitting = begin(some, known, most=most, shuffle=shuffle)
    everything = sorted(sitting["cards"])
    assert len(everything) == min(len(some), most or len(some))
    last: dict[str, int] = {}
    asked: list[tuple[str, int, int]] = []
    for rating in given:
        queue, done = sitting["queue"], sitting["done"]
        assert sorted([*queue, *done]) == everything
        assert done == sorted(done, key=[*last].index)
        assert {key for key, one in last.items() if one >= 4} == {*done}
        if not queue:
            break
        asked.append((queue[0], rating, len(queue) - 1))
        last.pop(queue[0], None)
        last[queue[0]] = rating
        made = call("rate", sitting, known, rating, NOW)
        sitting, known = made["sitting"], made["progress"]
    assert_gaps(asked)


def assert_gaps(asked: Sequence[tuple[str, int, int]]) -> None:
    """Each card comes back after its gap; asked are key, rating and how many others were left."""
    for (key, _, others), (following, _, _) in pairwise(asked):
        assert key != following or not others
    for place, (key, rating, others) in enumerate(asked):
        later = [one[0] for one in asked[place + 1 :]]
        if key not in later:
            continue
        assert rating < 4
        least = min(GAPS[rating], others)
        between = later.index(key)
        assert between == least if rating == 1 else between >= least


@fuzz(decks, st.integers(0, 999), mosts, cases=100)
def test_a_sitting_ends_when_the_learner_gets_better(
    some: list[Value], seed: int, most: int | None
) -> None:
    sitting, known = begin(some, most=most), progress()
    level = {key: (seed * (place + 1)) % 5 + 1 for place, key in enumerate(sitting["cards"])}
    count = 0
    while sitting["queue"]:
        key = sitting["queue"][0]
        made = call("rate", sitting, known, level[key], NOW + count)
        sitting, known = made["sitting"], made["progress"]
        level[key] = min(5, level[key] + 1)
        count += 1
    assert count <= 4 * len(sitting["cards"])
    assert sorted(sitting["done"]) == sorted(sitting["cards"])
    assert all(known["cards"][key]["rating"] >= 4 for key in sitting["cards"])
    assert call("rate", sitting, known, 1, NOW) == {"sitting": sitting, "progress": known}


@fuzz(decks, remembered, ratings, st.integers(1, 70), cases=150)
def test_a_rating_is_taken_back_with_all_that_it_did(
    some: list[Value], known: Value, given: list[int], back: int
) -> None:
    states = [{"sitting": begin(some, known, most=10, shuffle=True), "progress": known}]
    for place, rating in enumerate(given):
        if states[-1]["sitting"]["queue"]:
            now = states[-1]
            made = call("rate", now["sitting"], now["progress"], rating, NOW + place)
            states.append(made)
    now = states.pop()
    for _ in range(back):
        before = states.pop() if states else now
        now = call("undo", now["sitting"], now["progress"])
        assert now == before


def test_a_card_that_the_page_leaves_out_stays_out_when_a_rating_is_taken_back() -> None:
    first = begin(numbered(4))
    sitting, known = first | {"queue": first["queue"][1:]}, progress()
    states = []
    for rating in (1, 5, 5):
        states.append({"sitting": sitting, "progress": known})
        made = call("rate", sitting, known, rating, NOW)
        sitting, known = made["sitting"], made["progress"]
    for before in reversed(states):
        made = call("undo", sitting, known)
        assert made == before
        sitting, known = made["sitting"], made["progress"]


def test_what_is_no_rating_changes_nothing() -> None:
    sitting, known = begin(numbered(3)), progress()
    for rating in (0, 6, 2.5, None, "3"):
        assert call("rate", sitting, known, rating, NOW) == {"sitting": sitting, "progress": known}


def test_a_sitting_cannot_be_changed() -> None:
    assert study().call(FROZEN, numbered(3), progress()) is True


# What is remembered


def test_a_rating_is_remembered_with_its_time_and_how_many_there_were() -> None:
    before = progress({"card-0/1": entry(5, NOW - DAY, 3), "other/1": entry(2)})
    made = call("rate", begin(numbered(1), before), before, 2, NOW)
    assert made["progress"] == progress({"card-0/1": entry(2, NOW, 4), "other/1": entry(2)})


def test_a_clock_that_was_set_back_does_not_make_a_rating_older() -> None:
    before = progress({"card-0/1": entry(5, NOW + DAY)})
    after = call("rate", begin(numbered(1), before), before, 1, NOW)["progress"]
    assert after["cards"]["card-0/1"] == entry(1, NOW + DAY, 2)
    assert call("join", after, before) == call("join", before, after) == after


def test_mastery_is_the_mean_confidence_of_all_cards() -> None:
    some = numbered(5)
    seen = progress({"card-0/1": entry(5), "card-1/1": entry(4), "card-2/1": entry(1),
                     "gone/1": entry(5)})  # fmt: skip
    assert call("mastery", some, seen) == {"mean": 0.4, "seen": 3, "known": 2, "of": 5}
    assert call("mastery", some[:1], seen) == {"mean": 1, "seen": 1, "known": 1, "of": 1}
    assert call("mastery", [], seen) == {"mean": 0, "seen": 0, "known": 0, "of": 0}


def test_at_the_end_it_says_what_was_hard_the_hardest_first() -> None:
    sitting, known = begin(numbered(5)), progress()
    given = {"0": [3, 5], "1": [2, 2, 5], "2": [2, 1, 5], "3": [1, 5], "4": [5]}
    while sitting["queue"]:
        rating = given[sitting["queue"][0][5]].pop(0)
        made = call("rate", sitting, known, rating, NOW)
        sitting, known = made["sitting"], made["progress"]
    assert call("hard", sitting) == [
        {"key": "card-2/1", "often": 2, "ones": 1},
        {"key": "card-1/1", "often": 2, "ones": 0},
        {"key": "card-3/1", "often": 1, "ones": 1},
    ]


@fuzz(remembered, remembered, remembered, cases=250)
def test_joining_loses_nothing_whatever_comes_first(a: Value, b: Value, c: Value) -> None:
    joined = call("join", a, b)
    assert joined == call("join", b, a)
    assert call("join", a, a) == a
    assert call("join", joined, b) == joined
    assert call("join", joined, c) == call("join", a, call("join", b, c))
    assert {*joined["cards"]} == {*a["cards"], *b["cards"]}
    for key, one in joined["cards"].items():
        both = [part["cards"][key] for part in (a, b) if key in part["cards"]]
        assert one in both
        assert one["at"] == max(part["at"] for part in both)


def test_a_renamed_card_keeps_its_progress() -> None:
    some = cards("new/1", "other/1", new=["old/1", "oldest/1"])
    for name in ("old/1", "oldest/1"):
        known = progress({name: entry(4), "gone/1": entry(2)})
        followed = call("follow", known, some)
        assert followed == progress({"new/1": entry(4), "gone/1": entry(2)})


def test_of_two_names_of_a_card_the_later_rating_counts() -> None:
    some = cards("new/1", new=["old/1", "oldest/1"])
    known = progress({"oldest/1": entry(1, 3), "old/1": entry(2, 9), "new/1": entry(3, 5)})
    assert call("follow", known, some) == progress({"new/1": entry(2, 9)})


def test_the_name_of_another_card_is_not_taken_from_it() -> None:
    some = cards("a/1", "b/1", a=["b/1"], b=["a/1"])
    known = progress({"b/1": entry(4)})
    assert call("follow", known, some) == known


@fuzz(remembered, st.permutations(range(12)), st.integers(0, 12), cases=100)
def test_following_loses_no_card_and_needs_no_second_time(
    known: Value, order: list[int], number: int
) -> None:
    some = [
        {"key": f"card-{place}/1", "was": [f"card-{old}/1", f"card-{old}/2"], "chapter": ""}
        for place, old in zip(range(number), order, strict=False)
    ]
    followed = call("follow", known, some)
    assert call("follow", followed, some) == followed
    times = sorted(one["at"] for one in known["cards"].values())
    assert {one["at"] for one in followed["cards"].values()} <= {*times}
    if times:
        assert max(one["at"] for one in followed["cards"].values()) == times[-1]
    own = {card["key"] for card in some}
    moved = {old for card in some for old in card["was"]} - own
    assert {*followed["cards"]} >= {*known["cards"]} - moved
    assert not {*followed["cards"]} & moved


# Files


@fuzz(remembered, cases=150)
def test_what_was_written_is_read(known: Value) -> None:
    text = call("write", known)
    assert json.loads(text) == known
    assert (
        text == json.dumps(known | {"cards": dict(sorted(known["cards"].items()))}, indent=1) + "\n"
    )
    assert call("read", text, DECK) == {"progress": known, "dropped": 0}


def test_without_any_card_there_is_progress_too() -> None:
    none = call("none", DECK)
    assert none == progress()
    assert call("read", call("write", none), DECK)["progress"] == none


WRONG = (
    ("", "not a file of progress"),
    ("{", "not a file of progress"),
    ("null", "not a file of progress"),
    ("[]", "not a file of progress"),
    ("{}", "not a file of progress"),
    ('{"format": "1", "deck": "vae", "cards": {}}', "not a file of progress"),
    ('{"format": 0, "deck": "vae", "cards": {}}', "not a file of progress"),
    ('{"format": 1, "deck": "vae", "cards": []}', "not a file of progress"),
    ('{"format": 1, "deck": "vae"}', "not a file of progress"),
    ('{"format": 1, "deck": 1, "cards": {}}', "not a file of progress"),
    ('{"format": 2, "deck": "vae", "sets": []}', "newer version"),
    ('{"format": 1, "deck": "gan", "cards": {}}', "another deck"),
    ('{"format": 1, "deck": "__proto__", "cards": {}}', "another deck"),
)


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_not_progress_is_refused_with_a_cure(text: str, words: str) -> None:
    assert_refused(call("read", text, DECK), words)


def assert_refused(found: Value, words: str) -> None:
    assert [*found] == ["wrong"]
    assert words in found["wrong"]
    assert ": " in found["wrong"]
    assert found["wrong"].endswith(".")


def test_what_is_too_large_or_too_deep_is_refused() -> None:
    assert_refused(study().call(READ_LONG, DECK, (1 << 24) + 1), "too large")
    assert_refused(study().call(READ_DEEP, DECK, 1 << 20), "not a file of progress")
    assert_refused(call("read", None, DECK), "not a file of progress")
    assert_refused(call("read", 1, DECK), "not a file of progress")


GOOD = entry(3)
DROPPED: tuple[tuple[str, object], ...] = (
    *((key, GOOD) for key in ("__proto__", "constructor", "elbo", "elbo/0", "elbo/01", "elbo/1 ",
      "elbo/1/1", "/1", "Elbo/1", "a" * 65 + "/1", "elbo/123456", "__proto__/1", "\ud800/1")),
    *(("elbo/1", GOOD | {"rating": rating}) for rating in (0, 6, 2.5, -1, "3", None, [3], 1e9)),
    *(("elbo/1", GOOD | {"at": at}) for at in (-1, 0.5, 8.64e15 + 1, "now", None)),
    *(("elbo/1", GOOD | {"times": times}) for times in (0, 1.5, -3, 2**53, None)),
    *(("elbo/1", one) for one in (None, 3, "3", [3, 1, 1], {}, {"rating": 3})),
)  # fmt: skip


@pytest.mark.parametrize(("key", "bad"), DROPPED)
def test_a_card_that_makes_no_sense_is_dropped_and_counted(key: str, bad: object) -> None:
    text = json.dumps(progress({"good/1": GOOD}) | {"cards": {key: bad, "good/1": GOOD}})
    assert call("read", text, DECK) == {"progress": progress({"good/1": GOOD}), "dropped": 1}


def test_nothing_in_a_file_reaches_what_objects_are_born_with() -> None:
    bad = {"__proto__": {"rating": 5, "at": 1, "times": 1, "a/1": GOOD}, "constructor": GOOD}
    text = json.dumps(progress() | {"cards": bad, "__proto__": {"cards": bad}})
    nothing = {"mean": 0, "seen": 0, "known": 0, "of": 1}
    assert study().call(LOOK_UP, text, DECK) == [nothing, "clean"]


def test_what_else_a_file_says_is_left_out() -> None:
    text = json.dumps(progress({"a/1": GOOD | {"html": "<b>"}}) | {"more": 1})
    assert call("read", text, DECK)["progress"] == progress({"a/1": GOOD})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
files = st.fixed_dictionaries(
    {},
    optional={
        "format": st.just(1) | values,
        "deck": st.just(DECK) | values,
        "cards": st.dictionaries(keys | st.text(max_size=9), entries | values) | values,
    },
)


@fuzz(st.one_of(st.text(), values.map(json.dumps), files.map(json.dumps)), cases=750)
def test_any_text_is_read_or_refused(text: str) -> None:
    found = call("read", text, DECK)
    if "wrong" in found:
        assert_refused(found, "")
        return
    known = found["progress"]
    assert {*known} == {"format", "deck", "cards"}
    for one in known["cards"].values():
        assert [*one] == ["rating", "at", "times"]
        assert all(isinstance(number, int) for number in one.values())
        assert 1 <= one["rating"] <= 5
    assert call("read", call("write", known), DECK) == {"progress": known, "dropped": 0}


def test_a_sitting_is_carried_over_to_a_later_version() -> None:
    keys = ["a/1", "b/1", "c/1"]
    sitting = study().call(
        """(cards) => {
            let sitting = study.begin(cards, study.none("d"), {most: 9, shuffle: false, now: 0});
            let progress = study.none("d");
            ({sitting, progress} = study.rate(sitting, progress, 5, 1));
            ({sitting, progress} = study.rate(sitting, progress, 1, 2));
            return study.carry(sitting, [
                {key: "x/1", was: ["a/1"], chapter: 0}, {key: "c/1", was: [], chapter: 0},
            ]);
        }""",
        [{"key": key, "was": [], "chapter": 0} for key in keys],
    )
    assert (sitting["cards"], sitting["queue"], sitting["done"]) == (
        ["x/1", "c/1"],
        ["c/1"],
        ["x/1"],
    )
    assert [one["key"] for one in sitting["ratings"]] == ["x/1"]
