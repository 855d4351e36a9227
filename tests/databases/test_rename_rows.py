"""Guesses of renames that rows support or refute, read by bounded queries."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, String, Text
from sqlalchemy.dialects import postgresql

from limbeck import commands
from limbeck.autogenerate import rename_evidence as looks
from limbeck.project import Project
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage
from tests.servers import Database


def models(*columns: Column[Any], others: Sequence[str] = ()) -> sa.MetaData:
    metadata = sa.MetaData()
    for name in others:
        sa.Table(name, metadata, Column("id", Integer, primary_key=True))
    sa.Table("people", metadata, Column("id", Integer, primary_key=True), *columns)
    return metadata


class Play:
    """A database with rows, and what a draft asks about it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.asked: list[tuple[str, str, str]] = []

    def draft(self, old: sa.MetaData, new: sa.MetaData, rows: Any, **others: Any) -> str:
        self.stage.create(old, Pair("rows", old, old))
        with self.stage.engine.begin() as connection:
            for name, given in {**others, "people": rows}.items():
                for row in given:
                    connection.execute(old.tables[name].insert().values(row))
        project = Project.from_config(self.stage.project(new, {}).config)

        def no(guess: Any) -> bool:
            evidence = "; ".join(guess.evidence)
            self.asked.append((guess.old.name, guess.new.name, evidence))
            return False

        ask = commands.RevisionRequest(
            "one", autogenerate=True, answers=commands.UserAnswers(policy="ask", ask=no)
        )
        return Path(str(commands.revision(project, ask).revisions[0].path)).read_text("utf-8")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(old, new) for old, new, _ in self.asked]


@pytest.fixture
def play(database: Database, tmp_path: Path) -> Iterator[Play]:
    stage = Stage(database, tmp_path)
    yield Play(stage)
    stage.engine.dispose()


def test_values_choose_among_dropped_columns(play: Play) -> None:
    old = models(Column("code_a", String(20)), Column("code_b", String(20)))
    new = models(Column("code_c", String(20), unique=True))
    rows = [{"id": n, "code_a": "same", "code_b": f"b{n}"} for n in range(1, 8)]
    play.draft(old, new, rows)
    assert play.pairs == [("code_b", "code_c")]
    assert "its values are unique" in play.asked[0][2]


def test_without_rows_the_position_decides(play: Play) -> None:
    old = models(Column("code_a", String(20)), Column("code_b", String(20)))
    play.draft(old, models(Column("code_c", String(20), unique=True)), [])
    assert play.pairs == [("code_a", "code_c")]


@pytest.mark.parametrize(
    ("before", "after", "value", "why"),
    [
        (Text(), Column("born_at", Integer), "in May", "'in May' is not a number"),
        (Text(), Column("born_at", sa.Date), "in May", "'in May' is not a date"),
        (String(40), Column("born_at", String(4)), "in May", "longer than 4"),
        (String(40), Column("born_at", String(40), nullable=False), None, "rows have NULL"),
        (
            String(40),
            Column("born_at", sa.Enum("sun", "sat", name="day", create_constraint=True)),
            "mon",
            "'2000-01-01' is not one of the new values",
        ),
    ],
    ids=["number", "date", "length", "null", "enum"],
)
def test_values_that_violate_the_new_column_refute_a_rename(
    play: Play, caplog: pytest.LogCaptureFixture, before: Any, after: Any, value: Any, why: str
) -> None:
    caplog.set_level(logging.INFO, "alembic.autogenerate.compare.tables")
    rows = [{"id": 1, "born": value}, {"id": 2, "born": "2000-01-01"}]
    text = play.draft(models(Column("born", before)), models(after._copy()), rows)
    assert play.asked == []
    assert "may have become" not in text
    assert why in caplog.text


def test_a_foreign_key_without_target_rows_refutes_a_rename(play: Play) -> None:
    old = models(Column("town", Integer), Column("land", Integer), others=["place"])
    new = models(Column("home", Integer, ForeignKey("place.id")), others=["place"])
    rows = [{"id": n, "town": 90 + n, "land": n} for n in range(1, 7)]
    play.draft(old, new, rows, place=[{"id": n} for n in range(1, 7)])
    assert ("town", "home") not in play.pairs


class Ltree(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "ltree"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("extension", "type_", "value", "is_likely"),
    [
        ("citext", postgresql.CITEXT(), "TOWN", True),
        ("citext", postgresql.CITEXT(), "other", False),
        ("ltree", Ltree(), "town.", True),
        ("ltree", Ltree(), "other.", False),
    ],
    ids=["citext", "other citext", "ltree", "other ltree"],
)
def test_keys_of_extension_types_are_compared_by_their_operators(
    play: Play,
    caplog: pytest.LogCaptureFixture,
    extension: str,
    type_: Any,
    value: str,
    is_likely: bool,
) -> None:
    caplog.set_level(logging.INFO, "alembic.autogenerate.compare.tables")

    def with_place(*columns: Column[Any]) -> sa.MetaData:
        metadata = models(*columns)
        sa.Table("place", metadata, Column("code", type_, primary_key=True))
        create = sa.DDL(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        sa.event.listen(metadata, "before_create", create)
        return metadata

    old = with_place(Column("town", type_))
    new = with_place(Column("home", type_, ForeignKey("place.code")))
    codes = [{"code": f"town{'.' * value.endswith('.')}{n}"} for n in range(1, 7)]
    rows = [{"id": n, "town": f"{value}{n}"} for n in range(1, 7)]
    play.draft(old, new, rows, place=codes)
    if is_likely:
        assert play.pairs == [("town", "home")]
        assert "its values are in place" in play.asked[0][2]
    else:
        assert play.asked == []
        assert "6 of its values are not in place" in caplog.text


def test_no_question_is_asked_about_a_column_without_values(play: Play) -> None:
    old = models(Column("mail", String(40)))
    text = play.draft(old, models(Column("address", String(40))), [{"id": 1}, {"id": 2}])
    assert play.asked == []
    words = " ".join(text.replace("#", " ").split())
    assert re.search(r"may have become people\.address: .*it is NULL in all 2 rows", words)


def test_a_table_without_rows_gives_no_evidence(play: Play) -> None:
    old = models(Column("mail", String(40)))
    play.draft(old, models(Column("address", String(40))), [])
    assert play.pairs == [("mail", "address")]


def test_queries_of_rows_end_after_a_time_limit(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "SECONDS", 0.0)
    old = models(Column("born", Text))
    play.draft(old, models(Column("born_at", Text, nullable=False)), [{"id": 1}])
    assert play.pairs == [("born", "born_at")]
