"""The paths that the pages for contributors name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "limbeck"
PATH = re.compile(r"`((?!\.)[\w./-]*\w\.(?:py|pyi|md|toml)|\w[\w./-]*/)`")
PAGES = ("CONTRIBUTING.md", "docs/architecture.md", "docs/extending.md")


def _named_paths(page: str) -> list[str]:
    return PATH.findall((ROOT / page).read_text("utf-8"))


def _exists(path: str) -> bool:
    """Return whether a path exists from the root or the package, or is the name of a file."""
    if any((top / path).exists() for top in (ROOT, SOURCE.parent, SOURCE)):
        return True
    # `ddl.py` stands for the file of each dialect, `pg_indexes.py` for one case file
    return "/" not in path and any(
        next(top.rglob(path), None) for top in (SOURCE, ROOT / "tests" / "cases")
    )


@pytest.mark.parametrize("page", PAGES)
def test_named_paths_exist(page: str) -> None:
    assert [path for path in _named_paths(page) if not _exists(path)] == []


def test_contributing_names_paths() -> None:
    assert len(_named_paths("CONTRIBUTING.md")) > 20
