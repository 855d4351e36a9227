"""The comparison with golden files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = Path(__file__).parent / "files"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """A function that compares a text with the golden file of a name."""

    def compare(name: str, text: str) -> None:
        path = FILES / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return
        assert path.exists(), f"{path} is missing: run pytest --update-golden and read the file"
        # an intended change is accepted with --update-golden; `git diff` then shows all of it
        assert text == path.read_text("utf-8"), f"{path.name} differs: see pytest --update-golden"

    return compare
