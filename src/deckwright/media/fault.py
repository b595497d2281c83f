"""What is wrong with a picture or a sound, on its way to a finding."""

from __future__ import annotations

from deckwright.model import NOWHERE, Problem, ProblemError, Rule, Severity


def fault(what: str, fix: str, rule: Rule | None = None) -> ProblemError:
    """Bytes that are not fit to ship; the text goes on from the file's name, as "is cut off".

    Without a rule, it is that of the sort of file, which the caller knows.
    """
    if rule:
        return ProblemError(rule.at(0, what, fix))
    return ProblemError(Problem(NOWHERE, "", Severity.ERROR, what, fix))


def cut_off() -> ProblemError:
    """The end of a file is missing."""
    return fault("is cut off: its end is missing", "copy or save the whole file again")


def damaged() -> ProblemError:
    """What a file says of itself does not hold."""
    return fault("is damaged", "save it again from the program that made it")


def too_many_parts() -> ProblemError:
    """A file of more parts than any honest one has."""
    return fault("is in more pieces than can be read", "save it again, in a plainer form")


def nothing_behind(data: bytes, end: int) -> None:
    """Refuse what stands behind the end of a picture or sound: nobody would see it.

    Raises:
        ProblemError: where there is more than padding.
    """
    if behind := len(data[end:].strip(b"\0\r\n ")):
        raise fault(
            f"has {behind:,} bytes behind its end, which nobody sees",
            "open it and save it anew",
        )
