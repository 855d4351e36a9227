"""Every pair of models on its databases: the six marks, and no differences where nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cases.autogenerate import every_pair
from tests.cases.autogenerate.builders import Pair
from tests.cases.autogenerate.known_failures import KNOWN, KNOWN_SCRIPTS
from tests.databases.pairs.harness import Stage, stage
from tests.databases.pairs.offline_runner import play_scripts

KINDS = ("sqlite", "postgresql", "mariadb", "mysql")
# all of them take most of an hour on two cores; a sample that meets every kind runs each time
SAMPLE = 9


def _is_for(kind: str, pair: Pair) -> bool:
    """Return whether a database has what a pair is about; MySQL has no sequences."""
    sequences = pair.before._sequences or pair.after._sequences
    return kind in pair.on and not (kind == "mysql" and sequences)


PAIRS = [
    pytest.param(
        kind, pair, id=f"{kind}-{pair.name}", marks=() if not place % SAMPLE else pytest.mark.slow
    )
    for kind in KINDS
    for place, pair in enumerate(pair for pair in every_pair() if _is_for(kind, pair))
]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stage]]:
    """A stage on each server that there is, opened when it is first asked for."""
    opened: list[tuple[object, Stage]] = []

    class Opening(dict[str, Stage]):
        def __missing__(self, kind: str) -> Stage:
            folder: Path = tmp_path_factory.mktemp(kind)
            context = stage(kind, folder)
            self[kind] = context.__enter__()
            opened.append((context, self[kind]))
            return self[kind]

    yield Opening()
    for context, _ in opened:
        context.__exit__(None, None, None)  # type: ignore[attr-defined]


SCRIPTS = [
    pytest.param(
        kind,
        pair,
        id=f"{kind}-{pair.name}",
        marks=() if place % 27 == 5 else pytest.mark.slow,
    )
    for kind in KINDS[1:]
    for place, pair in enumerate(pair for pair in every_pair() if _is_for(kind, pair))
]


@pytest.mark.parametrize(("kind", "pair"), SCRIPTS)
def test_a_script_changes_one_schema_into_the_other(
    kind: str, pair: Pair, stages: dict[str, Stage]
) -> None:
    with _taken(kind):
        result = play_scripts(stages[kind], pair)
    why = KNOWN_SCRIPTS.get((kind, pair.name))
    if why:
        assert not result.is_right, f"fixed: remove it from the known failures ({why})"
        pytest.xfail(why)
    assert result.is_right, str(result)


@pytest.mark.parametrize(("kind", "pair"), PAIRS)
def test_a_draft_changes_one_schema_into_the_other(
    kind: str, pair: Pair, stages: dict[str, Stage]
) -> None:
    with _taken(kind):
        result = stages[kind].play(pair)
    why = KNOWN.get((kind, pair.name))
    if why:
        assert not result.is_right, f"fixed: remove it from the known failures ({why})"
        pytest.xfail(why)
    assert result.is_right, str(result)


@pytest.mark.parametrize(("kind", "pair"), PAIRS[::3])
def test_unchanged_models_have_no_differences(
    kind: str, pair: Pair, stages: dict[str, Stage]
) -> None:
    with _taken(kind):
        assert stages[kind].quiet(pair.after, pair) == ()


@contextmanager
def _taken(kind: str) -> Iterator[None]:
    """Skip a pair whose models MySQL refuses when `create_all` makes them.

    MariaDB takes more: ignored indexes, defaults of TEXT without parentheses, the engine Aria.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        if kind != "mysql":
            raise
        pytest.skip(f"MySQL does not take these models: {str(error.orig)[:200]}")


def test_version_tables_and_journals_are_not_compared(stages: dict[str, Stage]) -> None:
    models = sa.MetaData()
    sa.Table("t", models, sa.Column("id", sa.Integer, primary_key=True))
    tables = ("kept_versions", "limbeck_journal", "limbeck_journal_kept_versions")
    made = tuple(f"CREATE TABLE {name} (version_num TEXT)" for name in tables)
    options = {"version_table": "kept_versions"}
    pair = Pair("journals", models, models, extra_sql=made, options=options)
    assert stages["sqlite"].quiet(models, pair) == ()
    shown = replace(pair, extra_sql=("CREATE TABLE limbeck_journals (id INTEGER)",))
    assert stages["sqlite"].quiet(models, shown)
