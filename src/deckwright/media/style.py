"""The part of CSS that a drawing may use: how things look, and nothing that loads or runs.

It is read in whole tokens, with strings of plain letters and without comments or escapes, so that
no reader of CSS can see anything else in it than is seen here.
"""

from __future__ import annotations

import re

PROPERTIES = frozenset(
    "alignment-baseline baseline-shift clip-path clip-rule color color-interpolation"
    " color-rendering direction display dominant-baseline enable-background fill fill-opacity"
    " fill-rule font font-family font-feature-settings font-kerning font-size font-size-adjust"
    " font-stretch font-style font-variant font-variant-alternates font-variant-caps"
    " font-variant-east-asian font-variant-ligatures font-variant-numeric font-variant-position"
    " font-weight image-rendering isolation kerning letter-spacing line-height marker marker-end"
    " marker-mid marker-start mask mask-type mix-blend-mode opacity overflow paint-order"
    " pointer-events shape-margin shape-padding shape-rendering solid-color solid-opacity"
    " stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap"
    " stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-align text-anchor"
    " text-decoration text-decoration-color text-decoration-line text-decoration-style"
    " text-indent text-orientation text-rendering text-transform transform transform-box"
    " transform-origin unicode-bidi vector-effect visibility white-space word-spacing"
    " writing-mode".split()
)
"""Properties of a style, each of which may also be an attribute."""

_REFERENCE = r"url\(\s*+(?P<quote>[\"']?)#[\w.:-]++(?P=quote)\s*+\)"
_FUNCTION = (
    r"(?:rgba?|hsla?|matrix|translate[XY]?|scale[XY]?|rotate|skew[XY])\s*+\([\w\s%,.+/-]*+\)"
)
_STRING = r"\"[\w\s,.&-]*+\"|'[\w\s,.&-]*+'"
_VALUE = re.compile(
    rf"(?:{_FUNCTION}|{_REFERENCE}|\w++(?!\s*+\()|(?!/\*)[\s#%,.+/!-]|{_STRING})*+",
    re.IGNORECASE,
)
_FIRST_REFERENCE = re.compile(r"url\(\s*+[\"']?#([\w.:-]++)", re.IGNORECASE)
_RULE = re.compile(r"\s*+(?P<who>[\w\s.#*,:>+~()-]++)\{(?P<how>[^{}]*+)\}\s*+")


def is_plain(value: str) -> bool:
    """Whether the value of a property or an attribute loads nothing from outside."""
    return _VALUE.fullmatch(value) is not None


def references(value: str) -> list[str]:
    """The ids of the parts of the same drawing that a value points to."""
    return _FIRST_REFERENCE.findall(value)


def fault_in_style(declarations: str) -> str:
    """What may not stand in a ``style`` attribute; nothing where all may."""
    for one in declarations.split(";"):
        name, colon, value = one.partition(":")
        name = name.strip().lower()
        if not name and not colon:
            continue
        if name not in PROPERTIES and not name.startswith("-inkscape-"):
            return name or one
        if not is_plain(value):
            return f"{name}: {value.strip()}"
    return ""


def fault_in_sheet(sheet: str) -> str:
    """What may not stand in a ``<style>`` element; nothing where all may."""
    sheet, at = sheet.strip(), 0
    while at < len(sheet):
        rule = _RULE.match(sheet, at)
        if rule is None:
            return sheet[at:]
        if references(rule["how"]):
            return f"{rule['who'].strip()} with url(#…)"
        if fault := fault_in_style(rule["how"]):
            return fault
        at = rule.end()
    return ""
