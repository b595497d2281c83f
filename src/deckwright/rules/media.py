"""The rules of media: pictures, sounds, and what else lies in a deck's folder."""

from __future__ import annotations

from base64 import b64decode

from deckwright.model import Severity
from deckwright.rules.rule import EXAMPLE, Rule, Stake, example_card

_DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)
"""A PNG of one dot."""
_HUM = (b"\xff\xf3\x14\xc0" + bytes(20)) * 2
"""An MP3 of two frames of silence."""
_DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>\n'
_PICTURE = example_card("![a single dot](media/dot.png)")
_SOUND = example_card("Listen: [the word](media/word.mp3)")

MISSING_IMAGE = Rule(
    "missing-image",
    "A picture is a file inside the deck's folder, named relative to the card's file, with the "
    "same capitals.",
    bad=example_card("![a curve](media/none.png)"),
    good=EXAMPLE,
)
BAD_PICTURE = Rule(
    "bad-picture",
    "A picture is a whole PNG, JPEG, GIF, WebP, AVIF or SVG that is what its name says, of at most "
    "5 MB and 25 megapixels; never a link, a pipe or a device.",
    bad=_DOT[:40],
    good=_DOT,
    file="media/dot.png",
    beside=(("01-cards.md", _PICTURE),),
    stake=Stake.SAFETY,
)
UNSAFE_SVG = Rule(
    "unsafe-svg",
    "An SVG holds shapes, text and colours. It runs nothing, loads nothing, and points to its own "
    "parts only; it has no DOCTYPE and no entities.",
    bad=_DRAWING.format("<script>alert(1)</script>"),
    good=_DRAWING.format('<circle cx="4" cy="4" r="3" fill="red"/>'),
    file="media/dot.svg",
    beside=(("01-cards.md", example_card("![a single dot](media/dot.svg)")),),
    stake=Stake.SAFETY,
)
IMAGE_ALT = Rule(
    "image-alt",
    "A picture has an alternative text, for those who cannot see it: `![what it shows](…)`.",
    bad=example_card("![](media/dot.png)"),
    good=_PICTURE,
    beside=(("media/dot.png", _DOT),),
    stake=Stake.STYLE,
)
MISSING_SOUND = Rule(
    "missing-sound",
    "A link to a sound names a file inside the deck's folder, relative to the card's file, with "
    "the same capitals.",
    bad=example_card("Listen: [the word](media/none.mp3)"),
    good=EXAMPLE,
)
BAD_SOUND = Rule(
    "bad-sound",
    "A sound is a whole MP3, Ogg, Opus or M4A that is what its name says, of at most 5 MB and "
    "without a film; its link has words, which a cloze holds with their sound or not at all.",
    bad=b"#EXTM3U\nhttps://example.org/\n",
    good=_HUM,
    file="media/word.mp3",
    beside=(("01-cards.md", _SOUND),),
    stake=Stake.SAFETY,
)
UNUSED_FILE = Rule(
    "unused-file",
    "A picture or sound in the deck's folder is used by a card: what no card uses stays out of "
    "the package.",
    bad=EXAMPLE,
    good=_PICTURE,
    beside=(("media/dot.png", _DOT),),
    severity=Severity.WARNING,
)
OTHER_FILE = Rule(
    "other-file",
    "The deck's folder holds the deck: card files, deck.toml, note types, pictures, sounds and the "
    "scripts in figures/. Files for people have one of a few names, such as README.md.",
    bad="Some words.\n",
    bad_file="notes.txt",
    good="Some words.\n",
    file="README.md",
    severity=Severity.WARNING,
)

RULES: tuple[Rule, ...] = (
    MISSING_IMAGE,
    BAD_PICTURE,
    UNSAFE_SVG,
    IMAGE_ALT,
    MISSING_SOUND,
    BAD_SOUND,
    UNUSED_FILE,
    OTHER_FILE,
)
