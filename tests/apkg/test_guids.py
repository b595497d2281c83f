from __future__ import annotations

import genanki
from hypothesis import given
from hypothesis import strategies as st

from deckwright.apkg.guids import guid, stable_id


def test_a_guid_hangs_on_key_and_id_alone_and_never_changes() -> None:
    assert guid("examples", "a-card") == "fD/d(D*H[0"
    assert guid("examples", "b-card") != guid("examples", "a-card") != guid("other", "a-card")


@given(st.text(min_size=1), st.from_regex("[a-z0-9][a-z0-9-]{0,63}", fullmatch=True))
def test_a_guid_is_what_genanki_makes(key: str, card_id: str) -> None:
    assert guid(key, card_id) == genanki.guid_for(key, card_id)


def test_the_ids_of_note_types_never_change() -> None:
    assert stable_id("examples", "basic") == 5367198305869116
    assert 1 << 52 <= stable_id("examples", "cloze") < 1 << 53
    assert stable_id("a", "bc") != stable_id("ab", "c")
