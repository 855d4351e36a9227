"""Packages that tests need: in the extra `test`, and not in every environment of a developer."""

from __future__ import annotations

import os
from importlib import import_module

import pytest


def require_package(name: str) -> None:
    """Skip the test where a package is not installed; with CI=true it fails."""
    try:
        import_module(name)
    except ImportError:
        reason = f"NOT TESTED: no {name}; pip install -e '.[test]'"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
