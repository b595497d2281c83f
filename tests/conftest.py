"""What a run of the tests says of itself first."""

from anki.buildinfo import version

from tests.browser import find_chromium


def pytest_report_header() -> list[str]:
    browser = find_chromium()
    without = "none: the tests of what cards look like are left out"
    return [f"Anki: {version}", f"browser: {browser or without}"]
