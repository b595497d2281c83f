"""The deck's tests share the browser and the cache of the compiler's."""

from tests.conftest import cache, chromium

__all__ = ["cache", "chromium"]
