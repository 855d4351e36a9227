"""The comparison with golden files."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

FILES = Path(__file__).parent / "files"
# how some of them differ under SQLAlchemy 2.0, which compiles some DDL in another way
DIFFERENCES_OF_2_0 = Path(__file__).parent / "differences_of_sqlalchemy_2_0"
IS_2_0 = sa.__version__.startswith("2.0.")


def difference(text: str, other: str) -> str:
    """Return the changed lines between two texts, with their place, without lines around them."""
    lines = difflib.unified_diff(text.splitlines(), other.splitlines(), n=0, lineterm="")
    return "".join(f"{line}\n" for line in list(lines)[2:])


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """A function that compares a text with the golden file of a name."""

    def compare(name: str, text: str) -> None:
        path = FILES / name
        if request.config.getoption("--update-golden") and not IS_2_0:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return
        assert path.exists(), f"{path} is missing: run pytest --update-golden and read the file"
        common = path.read_text("utf-8")
        if not IS_2_0:
            # an intended change is accepted with --update-golden; `git diff` then shows all of it
            assert text == common, f"{path.name} differs: see pytest --update-golden"
            return
        path = DIFFERENCES_OF_2_0 / f"{name}.diff"
        if request.config.getoption("--update-golden"):
            path.unlink(missing_ok=True)
            if text != common:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(difference(common, text), "utf-8")
            return
        expected = path.read_text("utf-8") if path.exists() else ""
        assert difference(common, text) == expected, f"{name} differs: see pytest --update-golden"

    return compare
