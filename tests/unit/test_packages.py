"""A test whose package is missing."""

from __future__ import annotations

import pytest

from tests.packages import require_package


def test_a_missing_package_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no_such_package"):
        require_package("no_such_package")
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="no_such_package"):
        require_package("no_such_package")
    require_package("pytest")
