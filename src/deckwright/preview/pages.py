"""HTML pages that need nothing beside them: templates, a policy, scripts named by their hashes.

What is put into a template is escaped, unless it is `Html`, which was made here.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

INSIDE = "img-src data:; media-src data:"
"""What a page may show that holds its pictures and sounds itself."""


class Html(str):
    """Markup that was made here, and is not escaped again."""

    __slots__ = ()


@cache
def read(name: str, package: str = __package__) -> str:
    """A file of the pages of a package of ours."""
    return (files(package) / "page" / name).read_text(encoding="utf-8")


def mathjax() -> str:
    """Anki's own MathJax."""
    folder = files("deckwright.mathjax") / "vendor"
    return (folder / "tex-chtml-full.js").read_text(encoding="utf-8")


@cache
def parts(name: str, package: str = __package__) -> Mapping[str, str]:
    """The templates in a file of several, by the names in the comments above them."""
    found = re.split(r"^<!-- (\w+) -->\n", read(name, package), flags=re.MULTILINE)
    return {key: text.strip() for key, text in zip(found[1::2], found[2::2], strict=True)}


def filled(template: str, /, **values: str) -> Html:
    """A template with values for its marks, such as ``@TITLE@``.

    In one pass: a mark inside a value stays as it is.
    """

    def value(match: re.Match[str]) -> str:
        text = values[match[1].lower()]
        return text if isinstance(text, Html) else escape(text)

    return Html(re.sub("@([A-Z]+)@", value, template))


def joined(several: Iterable[Html]) -> Html:
    """Markup one after the other."""
    return Html("".join(several))


def whole_page(
    template: str, scripts: Iterable[str], data: Any, *, policy: str = INSIDE, **values: str
) -> Html:
    """A page whose marks are filled, with its scripts, its data and its policy.

    Args:
        template: it has the marks ``@POLICY@``, ``@DATA@`` and ``@SCRIPTS@``, too.
        scripts: their texts; they run in this order, and no other does.
        data: what the scripts read, as JSON.
        policy: what more the page may load, as directives.
        values: the other marks.
    """
    texts = [_inline(text) for text in scripts]
    elements = joined(filled(parts("parts.html")["script"], text=Html(text)) for text in texts)
    return filled(
        template,
        policy=_policy(texts, policy),
        data=Html(as_data(data)),
        scripts=elements,
        **values,
    )


def _policy(scripts: Iterable[str], more: str) -> str:
    """What the page may do: run these scripts, show what it holds, and ask for nothing.

    A style may be anything: where nothing can be loaded, it can tell nobody anything.
    """
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in scripts)
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; font-src data:;"
        f" {more}; base-uri 'none'; form-action 'none'"
    )


def _inline(script: str) -> str:
    """A script that neither ends its element nor opens a comment in it."""
    return script.replace("</script", "<\\/script").replace("<!--", "\\x3c!--")


def as_data(data: Any) -> str:
    """JSON that no HTML parser takes for markup."""
    return (
        json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        .replace("<", "\\u003c")
        .replace("##[", "##\\u005b")
    )


def silent(html: Html) -> Html:
    """Markup of a deck's texts without a line that is a command to a log it is printed to."""
    lines = re.sub(r"^(\s*):(?=:)", r"\1&#58;", html, flags=re.MULTILINE)
    lines = lines.replace("##[", "##&#91;")
    return Html("".join(s if s.isprintable() or s in "\n\t" else "&#xfffd;" for s in lines))
