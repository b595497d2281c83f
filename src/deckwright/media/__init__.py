"""The pictures and sounds of a deck: found, checked, and named by their content."""

from deckwright.media.files import resolve, take
from deckwright.media.library import PICTURE, SOUND, Library, Sort
from deckwright.media.unused import unused

__all__ = ["PICTURE", "SOUND", "Library", "Sort", "resolve", "take", "unused"]
