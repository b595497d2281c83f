"""What a run of the tests says of itself first, and what all of its tests share."""

import os
from collections.abc import Iterator

import pytest
from anki.buildinfo import version
from playwright.sync_api import Browser

from tests.browser import find_chromium, launch, require_chromium


def pytest_report_header() -> list[str]:
    browser = find_chromium()
    without = "none: the tests of what cards look like are left out"
    return [f"Anki: {version}", f"browser: {browser or without}"]


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep proven formulas for this run alone, in one place for all of its processes."""
    worker = tmp_path_factory.getbasetemp()
    run = worker.parent if "PYTEST_XDIST_WORKER" in os.environ else worker
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DECKWRIGHT_CACHE", str(run / "formulas"))
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser: Playwright wants one at a time in a process."""
    with launch(require_chromium()) as browser:
        yield browser
