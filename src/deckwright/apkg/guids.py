"""Ids that never change: made of names, never of text, path or order."""

from __future__ import annotations

from hashlib import sha256
from string import ascii_letters, digits

_DIGITS = f"{ascii_letters}{digits}!#$%&()*+,-./:;<=>?@[]^_`{{|}}~"
"""The 91 signs of Anki's GUIDs."""


def guid(key: str, card_id: str) -> str:
    """The GUID of a note: from the deck's key and the card's id, so that text may change.

    Equal to ``genanki.guid_for(key, card_id)``, whose import would take a third of the start.
    """
    number = int.from_bytes(sha256(f"{key}__{card_id}".encode()).digest()[:8])
    signs = ""
    while number:
        number, sign = divmod(number, len(_DIGITS))
        signs = _DIGITS[sign] + signs
    return signs


def stable_id(*names: str) -> int:
    """An id made of names: positive, of 53 bits, so that two publishers' never meet.

    Every client keeps integers of up to 53 bits exactly.
    """
    digest = sha256("\x1f".join(names).encode()).digest()
    return (1 << 52) | (int.from_bytes(digest[:8]) >> 12)
