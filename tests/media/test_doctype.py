from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.media.doctype import without_doctype
from tests.decks import card, make_deck
from tests.program import run

NAME = "http://www.w3.org/2000/svg"
DRAWING = f'<svg xmlns="{NAME}" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>\n'
ILLUSTRATOR = f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
\t<!ENTITY ns_svg "{NAME}">
\t<!ENTITY ns_flows 'http://ns.adobe.com/Flows/1.0/'>
]>
<svg xmlns="&ns_svg;" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>
"""


def test_the_entities_of_a_drawing_are_written_out() -> None:
    mended = without_doctype(ILLUSTRATOR.encode())
    assert mended == f'<?xml version="1.0" encoding="utf-8"?>\n{DRAWING}'.encode()
    assert without_doctype(mended) is None


@pytest.mark.parametrize(
    "text",
    [
        DRAWING,
        ILLUSTRATOR.replace("<circle", "<script/><circle"),
        ILLUSTRATOR.replace("'http://ns.adobe.com/Flows/1.0/'", 'SYSTEM "file:///etc/passwd"'),
        ILLUSTRATOR.replace("'http://ns.adobe.com/Flows/1.0/'", '"<b>"'),
        ILLUSTRATOR.replace("'http://ns.adobe.com/Flows/1.0/'", '"&ns_svg;&ns_svg;"'),
        ILLUSTRATOR.replace("ENTITY ns_flows", "ATTLIST ns_flows"),
        ILLUSTRATOR.replace("&ns_svg;", "&other;"),
        "<!DOCTYPE svg [",
        "\udc80",
    ],
)
def test_what_is_more_than_short_names_is_left_to_a_person(text: str) -> None:
    assert without_doctype(text.encode(errors="surrogateescape")) is None


def test_fix_writes_a_drawing_without_its_doctype(tmp_path: Path) -> None:
    text = "# Examples\n\n" + card("![A single dot](media/a.svg)")
    make_deck(tmp_path, {"01-a.md": text, "media/a.svg": ILLUSTRATOR})
    path = tmp_path / "media" / "a.svg"
    done = run("check", "--diff", cwd=tmp_path)
    assert "media/a.svg: 1 would be mended: 1 unsafe-svg\n" in done.stderr
    assert '+<svg xmlns="http://www.w3.org/2000/svg"' in done.stdout
    assert path.read_text(encoding="utf-8") == ILLUSTRATOR
    done = run("check", "--fix", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.startswith("media/a.svg: 1 mended: 1 unsafe-svg\n")
    assert compile_deck(tmp_path).deck
    before = path.stat()
    assert "nothing that --fix can mend" in run("check", "--fix", cwd=tmp_path).stderr
    assert path.stat() == before
