from __future__ import annotations

import asyncio
import gc
import io
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from limbeck import context, op
from limbeck.environment import Environment, MigrationContext, current_environment
from limbeck.errors import LimbeckError
from limbeck.operations import Operations


def _script(**opts: Any) -> tuple[MigrationContext, io.StringIO]:
    output = io.StringIO()
    made = MigrationContext.configure(
        dialect_name=opts.pop("dialect_name", "postgresql"),
        opts={"as_sql": True, "output_buffer": output, **opts},
    )
    return made, output


def test_x_arguments_are_split_at_the_first_equals_sign() -> None:
    config = SimpleNamespace(cmd_opts=SimpleNamespace(x=["a=b=c", "flag"]))
    environment = Environment(config, None)
    assert environment.get_x_argument() == ["a=b=c", "flag"]
    assert environment.get_x_argument(as_dictionary=True) == {"a": "b=c", "flag": ""}


def test_a_script_has_transactions_and_commits_before_autocommit_blocks() -> None:
    made, output = _script()
    with made.begin_transaction():
        made.execute("SELECT 1")
        with made.autocommit_block():
            made.execute("VACUUM")
    words = [line for line in output.getvalue().split("\n") if line]
    assert words == ["BEGIN;", "SELECT 1;", "COMMIT;", "VACUUM;", "BEGIN;", "COMMIT;"]


def test_a_script_has_literal_values_if_literal_binds_are_on() -> None:
    table = sa.table("t", sa.column("x", sa.Integer))
    made, output = _script(literal_binds=True)
    made.execute(table.update().values(x=5))
    assert output.getvalue() == "UPDATE t SET x=5;\n\n"


def test_an_engine_is_refused_as_a_connection() -> None:
    with pytest.raises(LimbeckError, match="Connection instance"):
        MigrationContext.configure(sa.create_engine("sqlite://"))  # type: ignore[arg-type]


def test_op_uses_the_innermost_context_and_can_be_replaced() -> None:
    made, output = _script()
    with Operations.context(made):
        op.execute("SELECT 1")
    assert output.getvalue() == "SELECT 1;\n\n"
    with mock.patch("limbeck.op.execute") as patched:
        op.execute("SELECT 2")
    patched.assert_called_once_with("SELECT 2")
    op._proxy = Operations(made)
    try:
        op.execute("SELECT 3")
    finally:
        op._proxy = None
    assert output.getvalue().endswith("SELECT 3;\n\n")
    assert "create_table" in dir(op)
    with pytest.raises(NameError):
        op.execute("SELECT 4")


def test_tasks_see_their_own_environment() -> None:
    async def one(name: str) -> str:
        with Environment(SimpleNamespace(name=name), None):
            await asyncio.sleep(0)
            found: str = context.config.name
            await asyncio.sleep(0)
            return found

    async def both() -> list[str]:
        return list(await asyncio.gather(one("a"), one("b")))

    assert asyncio.run(both()) == ["a", "b"]
    assert current_environment() is None


def test_an_encoded_script_leaves_its_byte_stream_open() -> None:
    bytes_below = io.BytesIO()
    stream = io.TextIOWrapper(bytes_below, encoding="ascii")
    opts = {"as_sql": True, "output_buffer": stream, "output_encoding": "utf-8"}
    context = MigrationContext.configure(dialect_name="sqlite", opts=opts)
    context.execute("SELECT 'méil'")
    del context
    gc.collect()
    assert not stream.closed
    assert bytes_below.getvalue().decode() == "SELECT 'méil';\n\n"


def test_a_script_can_be_written_to_a_stream_of_bytes() -> None:
    output = io.BytesIO()
    opts = {"as_sql": True, "output_buffer": output, "output_encoding": "latin-1"}
    MigrationContext.configure(dialect_name="sqlite", opts=opts).execute("SELECT 'é'")
    assert output.getvalue() == "SELECT 'é';\n\n".encode("latin-1")


def test_a_later_context_replaces_an_assigned_proxy_of_op() -> None:
    first, _ = _script()
    second, output = _script()
    op._proxy = Operations(first)
    try:
        with Operations.context(second):
            op.execute("SELECT 1")
            inner = Operations(first)
            op._proxy = inner
            assert op._proxy is inner
    finally:
        del op._proxy
    assert output.getvalue() == "SELECT 1;\n\n"
    with pytest.raises(NameError, match="no migration is running"):
        op.execute("SELECT 1")


def test_context_has_no_config_outside_of_a_migration() -> None:
    with pytest.raises(AttributeError, match="no migration environment is running"):
        _ = context.config


def test_op_can_be_inspected_and_mocked_outside_of_a_migration() -> None:

    assert getattr(op, "_is_coroutine", None) is None
    holder = SimpleNamespace(op=op)
    with mock.patch.object(holder, "op") as mocked:
        assert holder.op is mocked
    assert holder.op is op


def test_a_parameter_without_a_value_is_not_changed_in_a_script() -> None:
    made, output = _script(dialect_name="sqlite")
    operations = Operations(made)
    operations.execute("UPDATE t SET a = 'at :noon' WHERE b = '10:30'")
    operations.execute(sa.text("UPDATE t SET a = :a, b = :b").bindparams(a="it's"))
    assert output.getvalue() == (
        "UPDATE t SET a = 'at :noon' WHERE b = '10:30';\n\nUPDATE t SET a = 'it''s', b = :b;\n\n"
    )


def test_a_directive_of_op_is_the_same_object_until_it_is_registered_again() -> None:
    first = op.add_column
    assert op.add_column is first

    @Operations.register_operation("custom_directive")
    class _One:
        @classmethod
        def custom_directive(cls, operations: Any) -> str:
            return "one"

    before = op.custom_directive  # type: ignore[attr-defined]

    @Operations.register_operation("custom_directive")
    class _Two:
        @classmethod
        def custom_directive(cls, operations: Any) -> str:
            return "two"

    try:
        made, _ = _script()
        with Operations.context(made):
            assert op.custom_directive() == "two"  # type: ignore[attr-defined]
        assert op.custom_directive is not before  # type: ignore[attr-defined]
    finally:
        del Operations.custom_directive  # type: ignore[attr-defined]


def test_listeners_of_a_column_are_called_when_it_is_added() -> None:
    made, output = _script()
    seen: list[str] = []
    column = sa.Column("note", sa.String(9))
    sa.event.listen(column, "after_parent_attach", lambda one, table: seen.append(table.name))
    with Operations.context(made):
        op.add_column("t", column)
        op.add_column("t", sa.Column("plain", sa.Integer(), nullable=False, server_default="1"))
    assert seen == ["t"]
    assert output.getvalue().split("\n\n")[:2] == [
        "ALTER TABLE t ADD COLUMN note VARCHAR(9);",
        "ALTER TABLE t ADD COLUMN plain INTEGER DEFAULT '1' NOT NULL;",
    ]


def test_the_configured_version_table_reaches_the_target() -> None:
    context = MigrationContext.configure(
        dialect_name="sqlite",
        opts={"as_sql": True, "version_table": "versions", "version_table_schema": "other"},
    )
    assert (context.target.version_table, context.target.version_table_schema) == (
        "versions",
        "other",
    )
