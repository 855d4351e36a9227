"""Reversing an operation twice gives an equal operation."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from limbeck import operations as ops
from limbeck.operations import Operation


def _models() -> sa.Table:
    metadata = sa.MetaData()
    sa.Table("owner", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="other")
    return sa.Table(
        "t.x",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(start=5), primary_key=True, comment="key"),
        sa.Column("a", sa.String(10), sa.CheckConstraint("a <> ''", name="filled"), unique=True),
        sa.Column("b", sa.Integer, server_default="7", index=True, info={"mine": 1}),
        sa.Column("c", sa.Integer, sa.Computed("b * 2", persisted=True)),
        sa.Column("o", sa.ForeignKey("other.owner.id", ondelete="CASCADE", name="fk_o")),
        sa.CheckConstraint("b > 0", name="positive"),
        sa.UniqueConstraint("a", "b", name="both", deferrable=True, initially="DEFERRED"),
        comment="a table",
        info={"kept": True},
        prefixes=["UNLOGGED"],
        postgresql_tablespace="fast",
        schema="s",
    )


def _sql(table: sa.Table) -> str:
    return str(CreateTable(table).compile(dialect=postgresql.dialect()))


def _index() -> sa.Index:
    table = _models()
    return sa.Index(
        "ix.q",
        sa.func.lower(table.c.a),
        table.c.b.desc(),
        unique=True,
        postgresql_where=table.c.b > 3,
        postgresql_include=["id"],
        postgresql_using="btree",
        info={"why": "speed"},
    )


def test_a_dropped_table_is_recreated_with_all_parts() -> None:
    table = _models()
    create = ops.CreateTableOp.from_table(table)
    again = create.reverse().reverse()
    assert _sql(again.to_table()) == _sql(table)
    assert again.to_table().comment == "a table"
    assert again.to_table().c.id.comment == "key"
    assert again.to_table().c.b.info == {"mine": 1}
    assert again.info == {"kept": True}
    assert again.to_table().indexes == set()


def test_a_created_table_has_each_constraint_once() -> None:
    created = ops.CreateTableOp.from_table(_models()).to_table()
    assert len(created.constraints) == len(_models().constraints)


def test_drop_table_from_table_keeps_the_dropped_table() -> None:
    drop = ops.DropTableOp.from_table(_models())
    assert drop.comment == "a table"
    assert drop.to_diff_tuple()[0] == "remove_table"
    assert _sql(drop.reverse().to_table()) == _sql(_models())


def test_a_dropped_index_is_recreated_with_all_options() -> None:
    index = _index()
    drop = ops.CreateIndexOp.from_index(index).reverse()
    back = drop.reverse()
    made = back.to_index()
    dialect = postgresql.dialect()
    assert str(CreateIndex(made).compile(dialect=dialect)) == str(
        CreateIndex(index).compile(dialect=dialect)
    )
    assert made.info == {"why": "speed"}


@pytest.mark.parametrize("name", ["both", "positive", "filled", "fk_o", None])
def test_a_dropped_constraint_is_recreated_with_all_options(name: str | None) -> None:
    table = _models()
    constraint = next(
        c
        for c in (*table.constraints, *table.c.a.constraints)
        if c.name == name and not isinstance(c, sa.PrimaryKeyConstraint)
    )
    drop = ops.AddConstraintOp.from_constraint(constraint).reverse()
    back = drop.reverse()
    made = back.to_constraint()
    compiler = postgresql.dialect().ddl_compiler(postgresql.dialect(), None)
    assert compiler.process(made) == compiler.process(constraint)
    assert drop.constraint_name == name
    assert (drop.table_name, drop.schema) == ("t.x", "s")


def test_reversing_alter_column_swaps_old_and_new_values() -> None:
    alter = ops.AlterColumnOp(
        "t",
        "a",
        schema="s",
        existing_type=sa.Integer(),
        modify_type=sa.String(),
        existing_nullable=True,
        modify_nullable=False,
        existing_server_default="1",
        modify_server_default=None,
        existing_comment="old",
        modify_comment="new",
        modify_name="b",
        existing_autoincrement=True,
        autoincrement=False,
        postgresql_using="a::text",
    )
    back = alter.reverse()
    assert (back.column_name, back.modify_name) == ("b", "a")
    assert isinstance(back.modify_type, sa.Integer)
    assert isinstance(back.existing_type, sa.String)
    assert (back.modify_nullable, back.existing_nullable) == (True, False)
    assert (back.modify_server_default, back.existing_server_default) == ("1", None)
    assert (back.modify_comment, back.existing_comment) == ("old", "new")
    assert back.kw == {"autoincrement": True, "existing_autoincrement": False}
    twice = back.reverse()
    for word in ("column_name", "modify_name", "modify_comment", "modify_nullable"):
        assert getattr(twice, word) == getattr(alter, word)


@pytest.mark.parametrize(
    "operation",
    [
        ops.RenameTableOp("a", "b", schema="s"),
        ops.CreateTableCommentOp("t", "new", existing_comment="old", schema="s"),
        ops.CreateSchemaOp("s", if_not_exists=True),
        ops.CreateSequenceOp("q", schema="s", start=3, cycle=True),
        ops.AlterSequenceOp("q", schema="s", existing={"start": 1}, start=3, new_name="r"),
        ops.CreateEnumOp("e", ["a", "b"], schema="s"),
        ops.AlterEnumOp("e", ["a", "z"], existing_values=["a", "b"], renames={"b": "z"}),
    ],
    ids=lambda op: type(op).__name__,
)
def test_reversing_twice_gives_an_equal_operation(operation: Operation) -> None:
    assert _facts(operation.reverse().reverse()) == _facts(operation)


def _facts(operation: Operation) -> dict[str, Any]:
    return {k: v for k, v in vars(operation).items() if k not in {"_info", "_reverse"}}


@pytest.mark.parametrize(
    "operation",
    [
        ops.DropTableOp("t"),
        ops.DropColumnOp("t", "c"),
        ops.DropIndexOp("i", "t"),
        ops.DropConstraintOp("c", "t"),
        ops.DropSequenceOp("q"),
        ops.DropEnumOp("e"),
        ops.AlterEnumOp("e", ["a"]),
        ops.AlterSequenceOp("q", start=2),
    ],
    ids=lambda op: type(op).__name__,
)
def test_a_drop_without_the_dropped_object_cannot_be_reversed(operation: Operation) -> None:
    with pytest.raises(ValueError, match="cannot be reversed"):
        operation.reverse()


def test_a_script_is_reversed_from_its_end() -> None:
    column = sa.Column("c", sa.Integer)
    upgrade = ops.UpgradeOps(
        [
            ops.CreateTableOp("t", [sa.Column("id", sa.Integer)]),
            ops.ModifyTableOps(
                "u", [ops.AddColumnOp("u", column), ops.CreateIndexOp("i", "u", ["c"])]
            ),
        ]
    )
    downgrade = upgrade.reverse_into(ops.DowngradeOps())
    modify, drop = downgrade.ops
    assert isinstance(modify, ops.ModifyTableOps)
    assert isinstance(drop, ops.DropTableOp)
    assert [type(op) for op in modify.ops] == [ops.DropIndexOp, ops.DropColumnOp]
    assert modify.ops[1].reverse().column is column  # type: ignore[attr-defined]
    assert [d[0] for d in upgrade.as_diffs()] == ["add_table", "add_column", "add_index"]
    assert not upgrade.is_empty()
    assert ops.UpgradeOps().is_empty()


def test_bulk_insert_and_execute_cannot_be_reversed() -> None:
    for operation in (ops.ExecuteSQLOp("select 1"), ops.BulkInsertOp(sa.table("t"), [])):
        with pytest.raises(NotImplementedError):
            operation.reverse()
    assert ops.ExecuteSQLOp("select 1").to_diff_tuple() == ("execute", "select 1")


def test_a_script_for_several_databases_is_read_as_a_list() -> None:
    script = ops.MigrationScript("abc", ops.UpgradeOps(), ops.DowngradeOps())
    assert script.upgrade_ops is script.upgrade_ops_list[0]
    script.upgrade_ops = [ops.UpgradeOps(), ops.UpgradeOps()]  # type: ignore[assignment]
    with pytest.raises(ValueError, match="upgrade_ops_list"):
        _ = script.upgrade_ops
    with pytest.raises(TypeError, match="UpgradeOps"):
        script.upgrade_ops = ops.DowngradeOps()  # type: ignore[assignment]


def test_a_renamed_constraint_gets_its_old_name_back() -> None:
    rename = ops.RenameConstraintOp("old", "new", "t", schema="s")
    back = rename.reverse()
    assert vars(back.reverse()) == vars(rename)
    assert back.to_diff_tuple() == ("rename_constraint", "s", "t", "new", "old")
