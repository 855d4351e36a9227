"""An operation that a database does not support is refused by its name, with a next step."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.errors import DatabaseError
from limbeck.operations import Operations
from limbeck.runtime import ScriptSink


class Context:
    """As much of a migration context as operations need: a script to write into."""

    impl = None
    as_sql = True

    def __init__(self, name: str) -> None:
        self.dialect = sa.make_url(f"{name}://").get_dialect()()
        self.opts: dict[str, object] = {}
        self.sink = ScriptSink(self.dialect, find(name), {}, output=io.StringIO())
        self.bind = self.connection = self.sink.bind


def test_an_error_names_the_operation_of_the_script() -> None:
    op = Operations(Context("sqlite"))
    with pytest.raises(DatabaseError, match=r"(?m)^sqlite has no op\.create_schema$") as caught:
        op.create_schema("s")
    assert "postgresql" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["mysql", "mariadb", "sqlite", "mssql"])
def test_exclusion_constraints_are_refused_by_name(name: str) -> None:
    op = Operations(Context(name))
    with pytest.raises(DatabaseError, match=r"(?m)has no op\.create_exclude_constraint$") as caught:
        op.create_exclude_constraint("c", "t", (sa.column("a"), "="))
    assert caught.value.code == "LB331"


def test_a_script_that_sqlite_refuses_is_not_written() -> None:
    op = Operations(Context("sqlite"))
    with pytest.raises(DatabaseError, match="No support for ALTER of columns") as caught:
        op.alter_column("t", "a", type_=sa.Integer())
    assert "batch_alter_table" in str(caught.value.hint)


def test_a_batch_in_a_script_requires_copy_from_and_names_the_line() -> None:
    op = Operations(Context("sqlite"))
    with (
        pytest.raises(DatabaseError, match="cannot copy the SQLite table t") as caught,
        op.batch_alter_table("t") as batch,
    ):
        batch.drop_column("a")
    assert "copy_from=" in str(caught.value.hint)
    assert f"{__file__}:" in str(caught.value.place)


def test_a_batch_in_a_script_that_only_renames_needs_no_copy() -> None:
    context = Context("sqlite")
    with Operations(context).batch_alter_table("t") as batch:
        batch.alter_column("a", new_column_name="b")
    script = context.sink.output.getvalue()  # type: ignore[attr-defined]
    assert script == "ALTER TABLE t RENAME COLUMN a TO b;\n\n"


def test_a_required_column_is_written_for_a_table_without_rows() -> None:
    context = Context("sqlite")
    with Operations(context).batch_alter_table("t") as batch:
        batch.add_column(sa.Column("a", sa.String(5), nullable=False))
    script = context.sink.output.getvalue()  # type: ignore[attr-defined]
    assert script == "ALTER TABLE t ADD COLUMN a VARCHAR(5) NOT NULL;\n\n"
