"""What is wrong with a picture or a sound, on its way to a finding."""

from __future__ import annotations

from deckwright.rules import Rule


class MediaError(Exception):
    """A file that cannot be taken: the rule it breaks, what is wrong, and what to do."""

    def __init__(self, rule: Rule, what: str, cure: str) -> None:
        super().__init__(what)
        self.rule = rule
        self.what = what
        self.cure = cure


class ContentError(Exception):
    """Bytes that are not fit to ship; the text goes on from the file's name, as "is cut off"."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure


class UnsafeSvgError(ContentError):
    """A drawing that could run, load or hide something."""


def cut_off() -> ContentError:
    """The end of a file is missing."""
    return ContentError("is cut off: its end is missing", "copy or save the whole file again")


def damaged() -> ContentError:
    """What a file says of itself does not hold."""
    return ContentError("is damaged", "save it again from the program that made it")


def too_many_parts() -> ContentError:
    """A file of more parts than any honest one has."""
    return ContentError("is in more pieces than can be read", "save it again, in a plainer form")


def nothing_behind(data: bytes, end: int) -> None:
    """Refuse what stands behind the end of a picture or sound: nobody would see it.

    Raises:
        ContentError: where there is more than padding.
    """
    if behind := len(data[end:].strip(b"\0\r\n ")):
        raise ContentError(
            f"has {behind:,} bytes behind its end, which nobody sees",
            "open it and save it anew",
        )
