"""The pictures and sounds of a deck: found, checked, and named by their content."""

from deckwright.media.folder import PICTURE, SOUND, Asked, MediaFolder, Sort
from deckwright.media.unused import unused

__all__ = ["PICTURE", "SOUND", "Asked", "MediaFolder", "Sort", "unused"]
