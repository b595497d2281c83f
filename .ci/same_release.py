"""``make same-release``: a second build, in dist/again, is the release in dist/release.

Its package has the same content and, where bytes are compared, the same bytes. The package itself
is read, and not only what SHA256SUMS says of it.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

SUMS = "SHA256SUMS"


def wrong_with(first: Path, second: Path, compared: str) -> str:
    """What a second build has otherwise than the first; empty where it is the same."""
    packages, again = ([*folder.glob("*.apkg")] for folder in (first, second))
    if len(packages) != 1 or [one.name for one in packages] != [one.name for one in again]:
        return "has not the one package that was built again"
    data = packages[0].read_bytes()
    content, *digests = (first / SUMS).read_text(encoding="utf-8").splitlines()
    if digests != [f"{sha256(data).hexdigest()}  {packages[0].name}"]:
        return f"has another package than its {SUMS} says"
    if (second / f"{again[0].name}.sha256").read_text(encoding="utf-8").splitlines()[0] != content:
        return "has other content"
    if compared == "bytes" and again[0].read_bytes() != data:
        return "has other bytes"
    return ""


if __name__ == "__main__":
    folder, compared = Path(sys.argv[1]), sys.argv[2]
    if what := wrong_with(folder / "release", folder / "again", compared):
        sys.exit(f"{folder / 'release'} {what}")
    print(f"the {compared} of {folder / 'release'} can be made again")
