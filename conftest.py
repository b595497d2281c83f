"""What a run of the tests says of itself first, and what all of its tests share."""

import os
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import pytest

from tests.browser import chromium, find_chromium

__all__ = ["chromium", "surroundings"]


def pytest_report_header() -> list[str]:
    browser = find_chromium()
    without = "none: the tests of what cards look like are left out"
    try:
        anki = version("anki")
    except PackageNotFoundError:
        anki = "none: the tests of what it does are left out"
    return [f"Anki: {anki}", f"browser: {browser or without}"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests of chance and of faults reached, all batches together."""
    figures: dict[str, Counter[str]] = {}
    for report in terminalreporter.getreports("passed"):
        if report.when == "call" and report.user_properties:
            name = report.nodeid.partition("[")[0].rpartition("::")[2]
            numbers = {key: one for key, one in report.user_properties if isinstance(one, int)}
            figures.setdefault(name, Counter()).update(numbers)
    if figures:
        terminalreporter.section("figures")
    for name, counter in figures.items():
        words = ", ".join(f"{key} {number:,}" for key, number in sorted(counter.items()))
        terminalreporter.line(f"{name.removeprefix('test_').replace('_', ' ')}: {words}")


FOREIGN = """
    SOURCE_DATE_EPOCH NO_COLOR FORCE_COLOR COLUMNS PYTHONIOENCODING PYTHONOPTIMIZE
    GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_CONFIG GIT_CONFIG_COUNT
""".split()
"""What others set for programs of theirs, as git does for a hook that runs the tests."""
OURS = {"TERM": "xterm", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same on every machine; proven formulas are kept for this run, for all its processes."""
    worker = tmp_path_factory.getbasetemp()
    run = worker.parent if "PYTEST_XDIST_WORKER" in os.environ else worker
    with pytest.MonkeyPatch.context() as patch:
        for name in FOREIGN:
            patch.delenv(name, raising=False)
        for name, value in OURS.items():
            patch.setenv(name, value)
        patch.setenv("DECKWRIGHT_CACHE", str(run / "formulas"))
        yield
