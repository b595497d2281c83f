"""What sides of cards do in a browser: many at a time, and those that do something one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError

from tests.browser import DAY, Reviewer
from tests.test_hostile import ADDRESS

SCRIPTS = (
    Path(__file__).parent.parent / "note_types" / "look" / "_harm.js",
    Path(__file__).parent / "_eyes.js",
)
_HINT = re.compile(
    r"""<a class=hint href="\#"\n"""
    r"""onclick="this\.style\.display='none';\n?"""
    r"""document\.getElementById\('(?P<id>hint[0-9a-f]+)'\)\.style\.display='block';\n?"""
    r"""return false;"(?: draggable=false)?>\n?(?P<name>[^<>]*)</a>\n?"""
    r"""<div id="(?P=id)" class=hint style="display: none">"""
)
"""What Anki itself makes of the filter ``hint:``: the only handler that a side may have."""


class Eyes:
    """A reviewer that sees what cards do besides being shown."""

    def __init__(self, page: Reviewer) -> None:
        self.page = page
        self._prepare()

    def _prepare(self) -> None:
        for script in SCRIPTS:
            self.page.page.add_script_tag(path=script)
        self.page.evaluate("document.head.append(document.createElement('style'))")
        self._css = ""

    def renew(self) -> None:
        """Begin with a new page: the last one may have crashed."""
        self.page.page.close()
        self.page.page = self.page.page.context.new_page()
        self.page.open(body=DAY)
        self._prepare()

    def harm(
        self, sides: Sequence[str], css: str = "", files: Mapping[str, Path] | None = None
    ) -> list[list[str]]:
        """What each side runs, loads, or could set off."""
        self.page.files = files or {}
        sides = [_HINT.sub(r"<a class=hint>\g<name></a><div class=hint>", one) for one in sides]
        each, together = self._shown(sides, css)
        each = [[one for one in row if not _leads_out(one)] for row in each]
        if together and len(sides) > 1:  # which of them did it shows when each is alone
            alone = [self._shown([one], css) for one in sides]
            each = [[*one[0], *did] for one, did in alone]
            if not any(each):
                each[0] += [f"(together with others) {one}" for one in together]
        elif together:
            each[0] += together
        return each

    def _shown(self, sides: Sequence[str], css: str) -> tuple[list[list[str]], list[str]]:
        """What each side holds, and what all of them did together."""
        if css != self._css:
            script = "css => { document.head.lastElementChild.textContent = css }"
            self.page.evaluate(script, css)
            self._css = css
        self.page.refused.clear()
        try:
            *each, ran = self.page.evaluate("cards => harmOfMany(cards)", list(sides))
        except PlaywrightError as error:  # the page is gone
            self.renew()
            return [[] for _ in sides], [f"leaves the page: {error.message[:80]}"]
        return each, [*ran, *self.page.refused]


def _leads_out(harm: str) -> bool:
    """Whether all that is said of a link is that it leads to a page of the web without TLS."""
    link = re.fullmatch(r"<a href=(http://.*)>", harm)
    return link is not None and re.match(ADDRESS, link[1]) is not None
