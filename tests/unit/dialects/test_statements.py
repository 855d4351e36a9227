"""The SQL of every operation for every database, compared with recorded statements.

`as_alembic.json` holds statements recorded from Alembic 1.20.1 with SQLAlchemy 2.1, which
limbeck repeats letter by letter; `as_limbeck.json` those where it is right and Alembic fails,
loses something or writes what the server refuses.
"""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from limbeck.dialects import find
from limbeck.operations import Operations
from limbeck.runtime import ScriptSink

CASES = Path(__file__).parents[2] / "cases" / "ddl"
NAMES = {
    **{name: value for name, value in vars(sa).items() if not name.startswith("_")},
    "sa": sa,
    "postgresql": postgresql,
    "mysql": mysql,
    "mssql": mssql,
    "oracle": oracle,
}

IS_20 = sa.__version__.startswith("2.0")
# SQLAlchemy 2.0 compiles differently: no BOOLEAN for Oracle, no virtual columns for PostgreSQL,
# no parentheses around MySQL's now(), and a type of a MetaData is not its table's.
ONLY_21 = frozenset(
    {
        "add_column_bool-oracle",
        "add_column_bool_unnamed-oracle",
        "add_column_computed-postgresql",
        "add_column_computed_v-postgresql",
        "add_column_default_text-mariadb",
        "add_column_default_text-mysql",
        "alter_type_bool-oracle",
        "alter_type_from_bool-oracle",
        "alter_type_from_bool_unnamed-oracle",
        "create_table_default-mariadb",
        "create_table_default-mysql",
        "create_table_default-oracle",
        "create_table_enum-oracle",
        "create_table_enum_metadata-postgresql",
        "create_table_kw-postgresql",
    }
)


class Context:
    """As much of a migration context as operations need: a script to write into."""

    impl = None

    def __init__(self, name: str) -> None:
        self.dialect = sa.make_url(f"{name}://").get_dialect()()
        self.opts: dict[str, Any] = {}
        self.output = io.StringIO()
        self.sink = ScriptSink(self.dialect, find(name), {}, output=self.output)
        self.bind = self.connection = self.sink.bind
        self.as_sql = True


def statements_of(name: str, source: str) -> list[str]:
    context = Context(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(source, {**NAMES, "op": Operations(context)})
    capabilities = find(name).capabilities
    text = context.output.getvalue()
    if capabilities.batch_separator:
        text = text.replace(f"\n\n{capabilities.batch_separator}\n\n", "\n\n")
    end = capabilities.statement_end
    return [part.removesuffix(end) if end else part for part in text.split("\n\n") if part]


def recorded(file: str) -> list[Any]:
    cases = json.loads((CASES / file).read_text(encoding="utf-8"))
    return [
        pytest.param(
            name,
            case["op"],
            says["sql"],
            id=f"{title}-{name}",
            marks=pytest.mark.skipif(
                IS_20 and f"{title}-{name}" in ONLY_21, reason="SQLAlchemy 2.0 says it otherwise"
            ),
        )
        for title, case in cases.items()
        for says in case["says"]
        for name in says["on"]
    ]


@pytest.mark.parametrize(("name", "source", "sql"), recorded("as_alembic.json"))
def test_statements_equal_those_of_alembic(name: str, source: str, sql: list[str]) -> None:
    assert statements_of(name, source) == sql


@pytest.mark.parametrize(("name", "source", "sql"), recorded("as_limbeck.json"))
def test_statements_are_correct_where_those_of_alembic_are_not(
    name: str, source: str, sql: list[str]
) -> None:
    assert statements_of(name, source) == sql


PLACES = [
    ("op.create_enum('en', ['a', \"it's\"])", ["CREATE TYPE en AS ENUM ('a', 'it''s')"]),
    ("op.drop_enum('en', schema='s', if_exists=True)", ["DROP TYPE IF EXISTS s.en"]),
    (
        "op.alter_enum('en', ['z', 'a', 'b', 'c'], existing_values=['a', 'c'])",
        [
            "ALTER TYPE en ADD VALUE IF NOT EXISTS 'z' BEFORE 'a'",
            "ALTER TYPE en ADD VALUE IF NOT EXISTS 'b' BEFORE 'c'",
        ],
    ),
    (
        "op.alter_enum('en', ['x', 'b'], existing_values=['a'], renames={'a': 'x'}, new_name='e2')",
        [
            "ALTER TYPE en RENAME VALUE 'a' TO 'x'",
            "ALTER TYPE en ADD VALUE IF NOT EXISTS 'b'",
            "ALTER TYPE en RENAME TO e2",
        ],
    ),
    (
        "op.create_sequence('s', start=5, increment=2, cycle=True, owned_by=('t', 'A b'))",
        ['CREATE SEQUENCE s INCREMENT BY 2 START WITH 5 CYCLE OWNED BY t."A b"'],
    ),
    (
        "op.alter_sequence('s', minvalue=None, cycle=False, cache=4, new_name='u')",
        ["ALTER SEQUENCE s NO MINVALUE CACHE 4 NO CYCLE", "ALTER SEQUENCE s RENAME TO u"],
    ),
    ("op.create_schema('My S', if_not_exists=True)", ['CREATE SCHEMA IF NOT EXISTS "My S"']),
    ("op.drop_schema('s', cascade=True)", ["DROP SCHEMA s CASCADE"]),
]


@pytest.mark.parametrize(("source", "sql"), PLACES)
def test_operations_of_postgresql_only(source: str, sql: list[str]) -> None:
    assert statements_of("postgresql", source) == sql


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("postgresql", 'ALTER TABLE s.t RENAME CONSTRAINT uq TO "New"'),
        ("oracle", 'ALTER TABLE s.t RENAME CONSTRAINT uq TO "New"'),
        ("mssql", "EXEC sp_rename 's.uq', [New], 'OBJECT'"),
        ("mysql", "ALTER TABLE s.t RENAME INDEX uq TO `New`"),
        ("mariadb", "ALTER TABLE s.t RENAME INDEX uq TO `New`"),
    ],
)
def test_a_constraint_is_renamed(name: str, sql: str) -> None:
    assert statements_of(name, "op.rename_constraint('uq', 'New', 't', schema='s')") == [sql]


def test_sequences_of_mariadb_have_their_own_syntax() -> None:
    source = "op.alter_sequence('s', cycle=False, new_name='u')"
    assert statements_of("mariadb", source) == ["ALTER SEQUENCE s NOCYCLE", "RENAME TABLE s TO u"]


def test_a_schema_of_mysql_has_no_cascade() -> None:
    assert statements_of("mysql", "op.drop_schema('s', cascade=True)") == ["DROP SCHEMA s"]


def test_an_operation_that_a_database_does_not_have_names_those_that_do() -> None:
    from limbeck.errors import DatabaseError

    with pytest.raises(DatabaseError, match=r"mysql has no op\.create_enum") as caught:
        statements_of("mysql", "op.create_enum('en', ['a'])")
    assert str(caught.value.hint).startswith("databases that have it: postgresql;")


def test_a_percent_sign_is_not_doubled_in_a_script() -> None:
    from limbeck.dialects import sql_text

    dialect = sa.make_url("postgresql+psycopg2://").get_dialect()()
    check = sa.CheckConstraint("a LIKE 'x%'", name="ck")
    sa.Table("t", sa.MetaData(), sa.Column("a", sa.String), check)
    text = sql_text(sa.schema.AddConstraint(check), dialect)
    assert text == "ALTER TABLE t ADD CONSTRAINT ck CHECK (a LIKE 'x%')"
