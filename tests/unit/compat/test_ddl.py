"""Implementations as packages for other databases write them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.ext.compiler import compiles

from limbeck.compat.ddl import DefaultImpl
from limbeck.compat.ddl.base import AddColumn, alter_table
from limbeck.compat.ddl.impl import _impls
from limbeck.compat.ddl.postgresql import PostgresqlImpl
from limbeck.compat.ddl.third_party import dialect_of
from limbeck.dialects import find
from limbeck.dialects.alembic_types import has_same_arguments, is_same_type, type_params
from limbeck.environment import MigrationContext
from limbeck.operations import Operations


class FarDialect(PGDialect_psycopg2):
    """SQLAlchemy's side of a database from outside."""

    name = "farbase"
    supports_statement_cache = False


@pytest.fixture
def farbase() -> Iterator[type[DefaultImpl]]:
    class FarImpl(PostgresqlImpl):
        __dialect__ = "farbase"
        transactional_ddl = False
        command_terminator = ";;"

        def drop_column(self, table_name: str, column: Any, **kw: Any) -> None:
            self._exec("-- before")
            super().drop_column(table_name, column, **kw)

        def create_index(self, index: sa.Index, **kw: Any) -> None:
            """Far bases have no indexes."""

    yield FarImpl
    del _impls["farbase"]


@compiles(AddColumn, "farbase")
def _add(element: AddColumn, compiler: Any, **kw: Any) -> str:
    table = alter_table(compiler, element.table_name, element.schema)
    return f"{table} APPEND {compiler.get_column_specification(element.column, **kw)}"


def script(*lines: str) -> str:
    buffer = io.StringIO()
    opts: dict[str, Any] = {"as_sql": True, "output_buffer": buffer}
    context = MigrationContext.configure(dialect=FarDialect(), opts=opts)
    exec("\n".join(lines), {"op": Operations(context), "context": context, "sa": sa})
    return buffer.getvalue()


@pytest.fixture
def known(farbase: type[DefaultImpl]) -> None:
    from limbeck.compat import install

    install()


def test_an_implementation_class_becomes_a_dialect(farbase: type[DefaultImpl]) -> None:
    record = dialect_of("farbase")
    assert record is not None
    assert record.capabilities.statement_end == ";;"
    assert record.capabilities.transactional_ddl is False
    # whether the server of a derived dialect supports these is not known
    assert record.reflect is not find("postgresql").reflect
    assert record.mutex is None


def test_limbecks_own_classes_define_no_other_dialects() -> None:
    assert dialect_of("postgresql") is None
    assert dialect_of("nobody") is None


@pytest.mark.usefixtures("known")
def test_an_overridden_method_replaces_the_native_statement() -> None:
    assert script("op.drop_column('t', 'c')") == (
        "-- before;;\n\nALTER TABLE t DROP COLUMN c;;\n\n"
    )


@pytest.mark.usefixtures("known")
def test_native_operations_call_an_overridden_method() -> None:
    written = script("op.create_table('t', sa.Column('a', sa.Integer, index=True))")
    assert "CREATE TABLE t" in written
    assert "INDEX" not in written


@pytest.mark.usefixtures("known")
def test_its_compiler_of_an_element_is_used() -> None:
    source = "op.add_column('t', sa.Column('c', sa.Integer))"
    assert script(source) == "ALTER TABLE t APPEND c INTEGER;;\n\n"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", ["farbase", "postgresql"])
def test_its_compiler_sees_the_table_around_a_column(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CompilerWithTable(FarDialect.ddl_compiler):  # type: ignore[misc,name-defined]
        def get_column_specification(self, column: Any, **kw: Any) -> str:
            return f"{super().get_column_specification(column, **kw)} OF {column.table.name}"

    monkeypatch.setattr(FarDialect, "ddl_compiler", CompilerWithTable)
    monkeypatch.setattr(FarDialect, "name", name)
    written = script("op.add_column('t', sa.Column('c', sa.Integer))")
    assert "c INTEGER OF t;" in written


@pytest.mark.usefixtures("known")
def test_impl_of_the_context_runs_operations() -> None:
    written = script(
        "assert type(context.impl).__name__ == 'FarImpl'",
        "context.impl.rename_table('a', 'b', schema='s')",
        "op.impl.alter_column('t', 'c', type_=sa.String(3), postgresql_using='c::text')",
    )
    assert written.split(";;\n\n")[1] == (
        "ALTER TABLE t ALTER COLUMN c TYPE VARCHAR(3) USING c::text"
    )


def test_an_implementation_works_without_a_context() -> None:
    buffer = io.StringIO()
    dialect = sa.make_url("mssql://").get_dialect()()
    impl = _impls["mssql"](dialect, None, True, None, buffer, {"mssql_batch_separator": "NOW"})
    impl.emit_begin()
    impl.drop_column("t", sa.Column("c", sa.Integer))
    impl.emit_commit()
    assert buffer.getvalue().split("\n\n") == [
        "BEGIN TRANSACTION;",
        "ALTER TABLE t DROP COLUMN c;",
        "NOW",
        "COMMIT;",
        "NOW",
        "",
    ]


def test_parameters_are_refused_in_a_script() -> None:
    impl = DefaultImpl(sa.engine.default.DefaultDialect(), None, True, None, io.StringIO(), {})
    with pytest.raises(TypeError, match="not allowed with as_sql"):
        impl._exec("SELECT :a", params={"a": 1})


TYPES = [
    ("VARCHAR(10)", "VARCHAR(20)", False),
    ("VARCHAR(10)", "VARCHAR", True),
    ("VARCHAR(10)", "TEXT", False),
    ("NUMERIC(10, 2)", "DECIMAL(10,2)", True),
    ("NUMERIC(10, 2)", "DECIMAL(10,3)", False),
    ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITHOUT TIME ZONE", False),
    ("DOUBLE PRECISION", "FLOAT", True),
    ("INTEGER", "BIGINT", False),
]


@pytest.mark.parametrize(("one", "other", "alike"), TYPES)
def test_types_are_compared_as_alembic_compares_them(one: str, other: str, alike: bool) -> None:
    have, want = type_params(one), type_params(other)
    synonyms = PostgresqlImpl.type_synonyms
    assert (is_same_type(have, want, synonyms) and has_same_arguments(have, want)) is alike


def test_collations_are_compared_if_both_types_have_one() -> None:
    patterns = _impls["mysql"].type_arg_extract
    plain = type_params("VARCHAR(5)")
    german = type_params("VARCHAR(5) COLLATE utf8_german2_ci")
    other = type_params("VARCHAR(5) CHARACTER SET utf8 COLLATE utf8_bin")
    assert has_same_arguments(plain, german, patterns)
    assert not has_same_arguments(german, other, patterns)
