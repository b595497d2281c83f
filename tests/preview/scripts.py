"""Scripts of the pages where there is no page: values go in and come out as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import deckwright
from deckwright.mathjax.engine import load

PAGE = Path(deckwright.__file__).parent / "preview" / "page"
_TIME_LIMIT = 30.0
"""What one call may take, in seconds of the process."""
_CALL = """(function_, values) => {
  const frozen = JSON.parse(values, (_, value) => Object.freeze(value));
  return JSON.stringify((0, eval)(`(${function_})`)(...frozen)) ?? "null";
}"""


class Scripts:
    """Some scripts of the pages, by name, in one JavaScript context without a document."""

    def __init__(self, *names: str) -> None:
        context = load().Context()
        for name in names:
            context.eval((PAGE / name).read_text(encoding="utf-8") + "\n;0")
        context.set_time_limit(_TIME_LIMIT)
        self._call = context.eval(_CALL)

    def call(self, function: str, *values: Any) -> Any:
        """What a function gives: ``study.read``, or one that is written out, ``(a) => …``.

        The values are frozen: a script in strict mode that changes one fails.
        """
        # ASCII: quickjs takes neither NUL nor half a surrogate pair.
        return json.loads(self._call(function, json.dumps(values)))
