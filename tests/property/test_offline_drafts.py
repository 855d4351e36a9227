"""Drafts made without a server give the schema of their models.

Models are compared with the replayed history: the first revision makes `before` of a pair, the
second makes `after` of it; then the offline check finds nothing, and both can be written as SQL.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cases.autogenerate import every_pair
from tests.cases.autogenerate.builders import Pair
from tests.golden.project import GoldenProject

DIALECTS = {"postgresql": "postgresql", "mariadb": "mysql", "sqlite": "sqlite"}
# a sample that meets every file of the cases; all of them take minutes
SAMPLE = 19
# pairs for which the comparison with the replayed history is not correct yet
KNOWN_FAILURES = {
    "mariadb-dressed: composite foreign key comes, back": "the server names the foreign key",
    "mariadb-key of two begins to count, back": "check fails on a change without diff tuples",
    "mariadb-primary key of two": "check --offline reports a change of AUTO_INCREMENT",
    "mariadb-autoincrement, back": "check fails on a change without diff tuples",
}


def _marks(name: str, place: int) -> list[pytest.MarkDecorator]:
    slow = [] if place % SAMPLE == 0 else [pytest.mark.slow]
    return slow + (
        [pytest.mark.xfail(reason=KNOWN_FAILURES[name])] if name in KNOWN_FAILURES else []
    )


PAIRS = [
    pytest.param(kind, pair, id=f"{kind}-{pair.name}", marks=_marks(f"{kind}-{pair.name}", place))
    for kind in DIALECTS
    for place, pair in enumerate(pair for pair in every_pair() if kind in pair.on)
]
_current: list[Pair] = []


def first(_dialect: str) -> sa.MetaData:
    """Return the models before the change, for the project's env.py."""
    return _current[-1].before


def second(_dialect: str) -> sa.MetaData:
    """Return the models after the change."""
    return _current[-1].after


@pytest.mark.parametrize(("kind", "pair"), PAIRS)
def test_an_offline_draft_gives_the_schema_of_the_models(
    kind: str, pair: Pair, tmp_path: Path
) -> None:
    _current[:] = [pair]
    project = GoldenProject(tmp_path, "limbeck", DIALECTS[kind], models=__name__).create()
    project.draft("0001", "first", "--offline", "--allow-drops", "--empty")
    assert _relevant(project.differences("first")) == []
    answers = [word for rename in pair.renames for word in ("--rename", rename)]
    project.draft(
        "0002", "second", "--offline", "--allow-drops", "--empty", "--renames", "never", *answers
    )
    assert _relevant(project.differences("second")) == []
    if kind != "sqlite":  # a script cannot rebuild SQLite's tables
        project.script("upgrade", "head")
        project.script("downgrade", "0002:base")


def _relevant(differences: list[str]) -> list[str]:
    # the replay of the history does not read the SQL of op.execute()
    return [each for each in differences if not each.startswith("execute")]
