"""The comparison with golden files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

FILES = Path(__file__).parent / "files"
# the files whose text differs under SQLAlchemy 2.0, which compiles some DDL in another way
FILES_OF_2_0 = Path(__file__).parent / "files_of_sqlalchemy_2_0"
IS_2_0 = sa.__version__.startswith("2.0.")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """A function that compares a text with the golden file of a name."""

    def compare(name: str, text: str) -> None:
        path = FILES / name
        if IS_2_0 and (FILES_OF_2_0 / name).exists():
            path = FILES_OF_2_0 / name
        if request.config.getoption("--update-golden"):
            if IS_2_0 and text != path.read_text("utf-8"):
                path = FILES_OF_2_0 / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return
        assert path.exists(), f"{path} is missing: run pytest --update-golden and read the file"
        # an intended change is accepted with --update-golden; `git diff` then shows all of it
        assert text == path.read_text("utf-8"), f"{path.name} differs: see pytest --update-golden"

    return compare
