"""Projects run in the process of the tests: global changes are reverted."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set back import paths, and the logging that an env.py configures."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    root = logging.getLogger()
    kept = {name: logging.getLogger(name).level for name in ("", "alembic", "sqlalchemy.engine")}
    handlers = list(root.handlers)
    yield
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
    for handler in handlers:
        if handler not in root.handlers:
            root.addHandler(handler)
    for name, level in kept.items():
        logging.getLogger(name).setLevel(level)
