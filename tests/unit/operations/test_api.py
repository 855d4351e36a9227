"""Signatures that scripts rely on, registering, and the objects made from names."""

from __future__ import annotations

import inspect
import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import default

from limbeck import operations as ops
from limbeck.dialects import find
from limbeck.operations import BatchOperations, Operation, Operations, current_operations, registry
from limbeck.runtime.sinks import ScriptSink


class Context:
    """A script for one database."""

    def __init__(self, name: str = "sqlite", **opts: Any) -> None:
        self.dialect: default.DefaultDialect = sa.make_url(f"{name}://").get_dialect()()
        self.opts: dict[str, Any] = opts
        self.output = io.StringIO()
        self.sink = ScriptSink(self.dialect, find(name), self.opts, output=self.output)
        self.bind = None
        self.as_sql = True
        self.impl = None

    @property
    def sql(self) -> list[str]:
        text = " ".join(self.output.getvalue().split())
        return [part.strip() for part in text.split(";") if part.strip()]


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def op(context: Context) -> Operations:
    return Operations(context)


@pytest.fixture
def clean_registry() -> Iterator[None]:
    kept = dict(registry._REGISTRY._registry)
    yield
    registry._REGISTRY._registry.clear()
    registry._REGISTRY._registry.update(kept)


SIGNATURES = {
    "add_column": "table_name column * schema if_not_exists inline_references inline_primary_key",
    "alter_column": "table_name column_name * nullable comment server_default new_column_name type_"
    " existing_type existing_server_default existing_nullable existing_comment schema kw",
    "backfill": "table set_ * where schema batch seconds pause max_lag",
    "bulk_insert": "table rows * multiinsert",
    "create_check_constraint": "constraint_name table_name condition * schema kw",
    "create_foreign_key": "constraint_name source_table referent_table local_cols remote_cols *"
    " onupdate ondelete deferrable initially match source_schema referent_schema dialect_kw",
    "create_index": "index_name table_name columns * schema unique if_not_exists kw",
    "create_primary_key": "constraint_name table_name columns * schema",
    "create_table": "table_name columns * if_not_exists kw",
    "create_table_comment": "table_name comment * existing_comment schema",
    "create_unique_constraint": "constraint_name table_name columns * schema kw",
    "delete_rows": "table_name rows * schema",
    "drop_column": "table_name column_name * schema kw",
    "drop_constraint": "constraint_name table_name type_ * schema if_exists columns",
    "drop_index": "index_name table_name * schema if_exists kw",
    "drop_table": "table_name * schema if_exists kw",
    "drop_table_comment": "table_name * existing_comment schema",
    "insert_rows": "table_name rows * schema",
    "update_rows": "table_name rows * key schema",
    "execute": "sqltext * execution_options",
    "rename_constraint": "old_name new_name table_name * schema",
    "rename_table": "old_table_name new_table_name * schema",
    "batch_alter_table": "table_name schema recreate partial_reordering copy_from table_args"
    " table_kwargs reflect_args reflect_kwargs naming_convention",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_directives_keep_their_signatures(name: str) -> None:
    parameters = inspect.signature(getattr(Operations, name)).parameters.values()
    words: list[str] = []
    for parameter in list(parameters)[1:]:
        is_keyword = parameter.kind in {parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD}
        if is_keyword and "*" not in words:
            words.append("*")
        words.append(parameter.name)
    expected = SIGNATURES[name].split()
    assert words == expected if "*" in expected else [w for w in words if w != "*"] == expected


def test_every_batch_directive_is_one_of_operations() -> None:
    public = {name for name in vars(BatchOperations) if not name.startswith("_")}
    assert public <= {name for name in dir(Operations) if not name.startswith("_")}


def test_a_registered_operation_is_a_directive_at_once(
    op: Operations, context: Context, clean_registry: None
) -> None:
    @Operations.register_operation("shout")
    class CustomOp(Operation):
        def __init__(self, word: str) -> None:
            super().__init__()
            self.word = word

        @classmethod
        def shout(cls, operations: Operations, word: str, **kw: Any) -> Any:
            """Shout."""
            return operations.invoke(cls(word, **kw))

    @Operations.implementation_for(CustomOp)
    def run(operations: Operations, operation: CustomOp) -> str:
        operations.execute(f"SELECT '{operation.word}'")
        return operation.word.upper()

    try:
        assert op.shout("hey") == "HEY"  # type: ignore[attr-defined]
        assert context.sql == ["SELECT 'hey'"]
        with pytest.raises(ValueError, match="replace"):
            Operations.implementation_for(CustomOp)(run)
        Operations.implementation_for(CustomOp, replace=True)(
            lambda _ops, operation: operation.word
        )
        assert op.shout("hey") == "hey"  # type: ignore[attr-defined]
    finally:
        del Operations.shout  # type: ignore[attr-defined]


def test_replacing_a_native_implementation_needs_the_option_replace(clean_registry: None) -> None:
    with pytest.raises(ValueError, match="replace=True"):
        Operations.implementation_for(ops.CreateTableOp)(lambda _ops, _op: None)


def test_a_replaced_implementation_may_call_the_native_one(
    op: Operations, context: Context, clean_registry: None
) -> None:
    @Operations.implementation_for(ops.DropTableOp, replace=True)
    def run(operations: Operations, operation: ops.DropTableOp) -> None:
        operations.execute("SELECT 1")
        operations._apply(operation)

    op.drop_table("t")
    assert context.sql == ["SELECT 1", "DROP TABLE t"]


def _fail() -> None:
    raise RuntimeError


def _fail_inside(context: Context) -> None:
    try:
        with Operations.context(context) as inner:
            assert current_operations() is inner
            _fail()
    except RuntimeError:
        pass


def test_op_uses_the_innermost_block_and_is_unusable_after_it() -> None:
    one, two = Context(), Context()
    with Operations.context(one) as outer:
        assert current_operations() is outer
        _fail_inside(two)
        assert current_operations() is outer
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(current_operations()))
        thread.start()
        thread.join()
        assert found == [outer]
    assert current_operations() is None


def test_create_table_returns_the_table_it_creates(op: Operations, context: Context) -> None:
    table = op.create_table(
        "t",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("u", sa.Integer, sa.ForeignKey("gone.id", name=op.f("fk"))),
    )
    op.bulk_insert(table, [{"id": 1, "u": 2}])
    assert context.sql == [
        (
            "CREATE TABLE t ( id INTEGER NOT NULL, u INTEGER, PRIMARY KEY (id), "
            "CONSTRAINT fk FOREIGN KEY(u) REFERENCES gone (id) )"
        ),
        "INSERT INTO t (id, u) VALUES (1, 2)",
    ]


def test_names_follow_the_naming_convention_unless_final() -> None:
    convention = {
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
    context = Context("postgresql", target_metadata=sa.MetaData(naming_convention=convention))
    op = Operations(context)
    op.create_unique_constraint(None, "t", ["a"])
    op.create_check_constraint("big", "t", "a > 5")
    op.create_check_constraint(op.f("big"), "t", "a > 5")
    op.drop_constraint("big", "t", type_="check")
    assert context.sql == [
        "ALTER TABLE t ADD CONSTRAINT uq_t_a UNIQUE (a)",
        "ALTER TABLE t ADD CONSTRAINT ck_t_big CHECK (a > 5)",
        "ALTER TABLE t ADD CONSTRAINT big CHECK (a > 5)",
        "ALTER TABLE t DROP CONSTRAINT ck_t_big",
    ]


def test_unusual_names_are_not_changed() -> None:
    context = Context("postgresql")
    op = Operations(context)
    op.create_foreign_key(
        "fk", "a.b", "c d", ["x.y"], ["i%d"], source_schema="S", referent_schema="o.p"
    )
    assert context.sql == [
        'ALTER TABLE "S"."a.b" ADD CONSTRAINT fk FOREIGN KEY("x.y") '
        'REFERENCES "o.p"."c d" ("i%d")'.replace("%", "%%")
    ] or context.sql == [
        'ALTER TABLE "S"."a.b" ADD CONSTRAINT fk FOREIGN KEY("x.y") REFERENCES "o.p"."c d" ("i%d")'
    ]


def test_a_foreign_key_to_the_same_table_is_one_table() -> None:
    context = Context("postgresql")
    Operations(context).create_foreign_key("fk", "t", "t", ["parent"], ["id"])
    assert context.sql == ["ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(parent) REFERENCES t (id)"]


def test_rows_must_be_a_list_of_dictionaries(op: Operations) -> None:
    with pytest.raises(TypeError, match="List expected"):
        op.bulk_insert(sa.table("t"), {"id": 1})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="dictionar"):
        op.bulk_insert(sa.table("t"), [(1,)])  # type: ignore[list-item]


def test_an_unknown_kind_of_constraint_is_refused(op: Operations) -> None:
    with pytest.raises(TypeError, match="'check', 'foreignkey', 'primary', 'unique', None"):
        op.drop_constraint("c", "t", type_="silly")


def test_recreate_takes_three_values(op: Operations) -> None:
    with pytest.raises(ValueError, match="recreate"), op.batch_alter_table("t", recreate="x"):  # type: ignore[arg-type]
        pass


def test_a_failing_block_changes_nothing(op: Operations, context: Context) -> None:
    try:
        with op.batch_alter_table("t") as batch:
            batch.add_column(sa.Column("a", sa.Integer))
            _fail()
    except RuntimeError:
        pass
    assert context.sql == []


def test_inline_literals_are_written_into_the_statement(op: Operations, context: Context) -> None:
    t = sa.table("t", sa.column("a", sa.String), sa.column("b", sa.Integer))
    op.execute(t.update().where(t.c.a == op.inline_literal("x'y")).values(b=op.inline_literal(5)))
    assert context.sql == ["UPDATE t SET b=5 WHERE t.a = 'x''y'"]


def test_run_async_needs_an_asynchronous_connection(op: Operations) -> None:
    async def nothing(_connection: Any) -> None: ...

    with pytest.raises(Exception, match="connection"):
        op.run_async(nothing)


def test_changed_fields_of_an_operation_are_what_runs(op: Operations, context: Context) -> None:
    operation = ops.CreateIndexOp("i", "t", ["a"])
    operation.index_name, operation.unique = "j", True
    op.invoke(operation)
    assert context.sql == ["CREATE UNIQUE INDEX j ON t (a)"]
