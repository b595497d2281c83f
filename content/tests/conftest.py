"""The deck's tests have the browser and the surroundings of the compiler's."""

from tests.conftest import chromium, surroundings

__all__ = ["chromium", "surroundings"]
