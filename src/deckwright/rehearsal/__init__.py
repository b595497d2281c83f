"""An upgrade at a learner's, rehearsed in a real Anki."""

from deckwright.rehearsal.learner import Edit, Kind
from deckwright.rehearsal.rehearsal import Rehearsal, rehearse
from deckwright.rehearsal.study import Studied
from deckwright.rehearsal.versions import Intended

__all__ = ["Edit", "Intended", "Kind", "Rehearsal", "Studied", "rehearse"]
