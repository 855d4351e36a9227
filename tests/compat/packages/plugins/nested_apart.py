"""A plugin for suites of others: what `pytester` runs gets a process of its own."""

from __future__ import annotations

from typing import Any


def pytest_configure() -> None:
    """Put the way by a subprocess in place of the one inside this process."""
    from _pytest.pytester import Pytester

    def apart(self: Any, *words: Any, **_options: Any) -> Any:
        return self.runpytest_subprocess(*words)

    Pytester.runpytest_inprocess = apart  # type: ignore[method-assign]
