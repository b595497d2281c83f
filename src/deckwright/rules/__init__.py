"""Every rule that content can break; each is defined beside its check."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from deckwright.formulas import check, macros, parts, policy
from deckwright.media import library, svg
from deckwright.media.unused import UNUSED_FILE
from deckwright.model import Rule
from deckwright.note_types import markup
from deckwright.releases import continuity, elsewhere, identity, ledger, repository, shapes, vouched
from deckwright.rendering import checks, latex, nesting, pieces, raw, references, render, scan, tags
from deckwright.rules import duplicates, off, required, writing
from deckwright.source import card_keys, cards, deck_toml, limits, lines, texts, unicode

FAMILIES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "Files": (
            texts.NOT_UTF8,
            texts.BAD_FILE,
            repository.GIT_IN_DECK,
            texts.FILE_TOO_BIG,
            texts.BAD_STYLE,
            texts.COVERING_STYLE,
            unicode.CHARACTER,
            unicode.NOT_NFC,
            deck_toml.DECK_TOML,
            markup.NOTE_TYPE,
            cards.NO_CARDS,
            lines.FRONT_MATTER,
            lines.UNCLOSED_FRONT,
            lines.HEADING_SPACE,
            card_keys.DECK_NAME,
            card_keys.OTHER_DECK,
            cards.NO_TITLE,
            cards.SECOND_TITLE,
        ),
        "Cards": (
            cards.MISSING_ID,
            card_keys.BAD_ID,
            duplicates.DUPLICATE_ID,
            card_keys.BAD_COMMENT,
            card_keys.UNKNOWN_KEY,
            card_keys.TAGS_LIST,
            card_keys.BAD_TAG,
            off.BAD_OFF,
            cards.EMPTY_FRONT,
            render.EMPTY_ANSWER,
            card_keys.UNKNOWN_TYPE,
            cards.UNKNOWN_PART,
            cards.PART_TWICE,
            cards.EMPTY_PART,
            cards.PART_PLACE,
            render.TYPED_PLAIN,
            render.TYPED_MARKS,
            cards.CARD_TOO_BIG,
            render.FIELD_TOO_BIG,
            limits.TOO_SLOW,
            duplicates.SAME_PROMPT,
        ),
        "Text": (
            cards.COMMENT_IN_BODY,
            cards.LOST_COMMENT,
            lines.UNCLOSED_COMMENT,
            lines.UNCLOSED_FENCE,
            lines.DIFFERS_ON_GITHUB,
            render.CODE_LANGUAGE,
            tags.MARKUP,
            references.TOO_DEEP,
            limits.TOO_MUCH_MARKUP,
            references.LOST_TEXT,
            raw.OTHER_SYNTAX,
            raw.NUMBER_AS_LIST,
            raw.MERGE_CONFLICT,
            checks.INDENTED_CODE,
        ),
        "Media": (
            library.MISSING_IMAGE,
            library.BAD_PICTURE,
            svg.UNSAFE_SVG,
            nesting.IMAGE_ALT,
            library.MISSING_SOUND,
            library.BAD_SOUND,
            UNUSED_FILE,
            texts.OTHER_FILE,
        ),
        "Clozes": (
            pieces.CLOZE_NUMBER,
            scan.CLOZE_LOOKALIKE,
            pieces.CLOZE_UNCLOSED,
            pieces.CLOZE_BLOCKS,
            pieces.CLOZE_EMPTY,
            render.CLOZE_OVERLAP,
            scan.CLOZE_DEEP,
            pieces.CLOZE_PLACE,
        ),
        "Formulas": (
            scan.MATH_UNCLOSED,
            parts.MATH_EMPTY,
            scan.MATH_DELIMITER,
            latex.TEX_OUTSIDE,
            scan.MATH_HTML,
            check.TEX_ERROR,
            check.TEX_UNDEFINED,
            check.TEX_RAW,
            policy.TEX_FORBIDDEN,
            policy.TEX_TOO_BIG,
            macros.TEX_MACRO,
            check.TEX_LINE_BREAK,
            policy.TEX_BARE_BRACES,
            policy.TEX_BOLD_GREEK,
            policy.TEX_COMMENT,
            check.TEX_WIDE,
        ),
        "Continuity": (
            ledger.BAD_LEDGER,
            elsewhere.RELEASE_ELSEWHERE,
            vouched.UNVOUCHED,
            continuity.BAD_RETIRED,
            continuity.ID_GONE,
            identity.ID_REUSED,
            identity.KIND_CHANGED,
            shapes.SHAPE_CHANGED,
            identity.ORDINAL_GONE,
            identity.ORDINAL_MOVED,
            continuity.DECK_RENAMED,
            continuity.KEY_CHANGED,
            continuity.CLASS_GONE,
        ),
        "Required": (
            required.MISSING_PART,
            required.MISSING_TAG,
            required.UNLISTED_WORK,
            required.UNCITED_WORK,
        ),
        "Writing": (
            writing.LONG_QUESTION,
            writing.LONG_ANSWER,
            writing.LONG_LIST,
            writing.MANY_CLOZES,
            writing.ANSWER_SHOWN,
            writing.ALIKE,
            writing.NO_SOURCE,
            writing.THIN_ALT,
        ),
    }
)
"""The rules of each family, by its heading in docs/rules.md."""

RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES.values() for rule in family)
"""All rules, family by family."""

BY_NAME: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in RULES})

BY_FAMILY: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {name.lower(): rules for name, rules in FAMILIES.items()}
)
"""The rules of each family, by its name in [rules] of deck.toml."""

FAMILY_OF: Mapping[str, str] = MappingProxyType(
    {rule.name: family for family, rules in BY_FAMILY.items() for rule in rules}
)
"""The name of each rule's family, as in deck.toml."""

PAGE = "docs/rules.md"
"""The page about the rules, in the repository of deckwright."""


def page_of(rule: str) -> str:
    """The entry of a rule on that page."""
    return f"{PAGE}#{rule}"
