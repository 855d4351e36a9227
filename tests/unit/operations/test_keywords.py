"""Keyword arguments that a directive does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.environment import MigrationContext
from limbeck.errors import UnknownKeywordError
from limbeck.operations import Operations

COLUMN = sa.Column("x", sa.Integer)
WRONG: dict[str, tuple[Callable[[Any], object], str]] = {
    "alter_column": (lambda op: op.alter_column("t", "c", nulable=False), "'nullable'"),
    "alter_column, PostgreSQL": (
        lambda op: op.alter_column("t", "c", postgresql_usng="c::int"),
        "'postgresql_using'",
    ),
    "alter_column, a kind of database": (
        lambda op: op.alter_column("t", "c", postgres_using="c::int"),
        "'postgresql_using'",
    ),
    "create_table": (lambda op: op.create_table("t", coment="x"), "'comment'"),
    "drop_table": (lambda op: op.drop_table("t", if_exist=True), "'if_exists'"),
    "create_index": (lambda op: op.create_index("i", "t", ["c"], uniqe=True), "'unique'"),
    "drop_index": (lambda op: op.drop_index("i", tablename="t"), "'table_name'"),
    "create_foreign_key": (
        lambda op: op.create_foreign_key("f", "t", "u", ["a"], ["b"], on_delete="CASCADE"),
        "'ondelete'",
    ),
    "create_check_constraint": (
        lambda op: op.create_check_constraint("c", "t", "a > 0", defferable=True),
        "'deferrable'",
    ),
    "drop_column": (lambda op: op.drop_column("t", "c", cascade=True), "It has table_name"),
    "create_sequence": (lambda op: op.create_sequence("s", incremnt=2), "'increment'"),
}
ALWAYS: dict[str, tuple[Callable[[Any], object], str]] = {
    "add_column": (lambda op: op.add_column("t", COLUMN, shema="s"), "'schema'"),
    "drop_constraint": (lambda op: op.drop_constraint("c", "t", typ="check"), "'type_'"),
    "rename_table": (lambda op: op.rename_table("t", "u", scheme="s"), "'schema'"),
    "execute": (lambda op: op.execute("SELECT 1", parameters={}), "It has sqltext"),
}
RIGHT: dict[str, Callable[[Any], object]] = {
    "options of dialects": lambda op: op.create_index(
        "i", "t", ["c"], postgresql_where="c > 0", mysql_length=3, quote=True
    ),
    "a column's own": lambda op: op.alter_column(
        "t", "c", type_=sa.Integer, postgresql_using="c::int"
    ),
    "of SQL Server": lambda op: op.drop_column("t", "c", mssql_drop_default=True, if_exists=False),
    "of a table": lambda op: op.create_table(
        "u", sa.Column("a", sa.Integer), comment="x", info={}, prefixes=[], mysql_engine="InnoDB"
    ),
    "of a key": lambda op: op.create_foreign_key(
        "f", "t", "u", ["a"], ["b"], deferrable=True, initially="DEFERRED", use_alter=True
    ),
    "a sequence": lambda op: op.create_sequence("s", start=3, cache=2, owned_by=("t", "c")),
}


def operations(detect: str) -> Operations:
    """Return the directives of a script for PostgreSQL."""
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "detect": detect, "output_buffer": _Null()}
    )
    return Operations(context)


class _Null:
    def write(self, text: str) -> None:
        del text

    def flush(self) -> None:
        return


@pytest.mark.parametrize("name", [*WRONG, *ALWAYS])
def test_an_unknown_keyword_is_refused_with_the_nearest_name(name: str) -> None:
    call, hint = {**WRONG, **ALWAYS}[name]
    with pytest.raises(UnknownKeywordError, match="has no keyword argument") as caught:
        call(operations("all"))
    assert hint in str(caught.value.hint)
    assert caught.value.code == "LB152"


@pytest.mark.parametrize("name", RIGHT)
def test_existing_keywords_are_accepted(name: str) -> None:
    RIGHT[name](operations("all"))


@pytest.mark.parametrize("name", ["alter_column", "drop_column"])
def test_alembic_projects_pass_on_keywords_that_alembic_passes_on(name: str) -> None:
    WRONG[name][0](operations("alembic"))


@pytest.mark.parametrize("name", ALWAYS)
def test_other_keywords_raise_type_error_in_alembic_projects(name: str) -> None:
    with pytest.raises(TypeError):
        ALWAYS[name][0](operations("alembic"))


def test_a_batch_block_is_checked() -> None:
    op = operations("all")
    with (
        pytest.raises(UnknownKeywordError, match=r"op\.alter_column\(\)"),
        op.batch_alter_table("t") as batch,
    ):
        batch.alter_column("c", nulable=False)


def test_a_batch_block_passes_on_what_a_directive_takes() -> None:
    with operations("all").batch_alter_table("t") as batch:
        batch.create_index("i", ["c"], unique=True, if_not_exists=True, postgresql_using="gin")
        batch.drop_index("j", if_exists=True)
        batch.drop_column("d", if_exists=True)
        batch.create_unique_constraint("u", ["c"], deferrable=True)
        batch.create_check_constraint("k", "c > 0", initially="DEFERRED")


def test_a_directive_of_a_project_checks_its_own_keywords() -> None:
    from limbeck.operations import Operation

    seen = {}

    @Operations.register_operation("keyword_probe")
    class Probe(Operation):
        @classmethod
        def keyword_probe(cls, _operations: Any, **kw: Any) -> None:
            seen.update(kw)

    try:
        operations("all").keyword_probe(anything=1)  # type: ignore[attr-defined]
    finally:
        del Operations.keyword_probe  # type: ignore[attr-defined]
    assert seen == {"anything": 1}
