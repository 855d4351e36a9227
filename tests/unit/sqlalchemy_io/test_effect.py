"""Operations replayed on a catalog give what reading the same models gives."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from limbeck import operations as ops
from limbeck.catalog import Catalog, Key
from limbeck.sqlalchemy_io import read
from limbeck.sqlalchemy_io.operation_effects import Effect, Opaque, effect

PG = postgresql.dialect()


def replay(*operations):
    catalog = Catalog.of([])
    for operation in operations:
        found = effect(operation, catalog, PG)
        assert isinstance(found, Effect), found
        catalog = found.apply(catalog)
    return catalog


def test_replayed_operations_give_the_table_of_the_model():
    metadata = sa.MetaData()
    table = sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mood", sa.Enum("a", "b", name="mood")),
        sa.Column("n", sa.BigInteger, server_default="3", nullable=False),
        sa.UniqueConstraint("n", name="uq"),
        sa.Index("ix", "mood"),
        comment="words",
    )
    assert table.name == "t"
    catalog = replay(
        ops.CreateTableOp("t", [sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Text)]),
        ops.AddColumnOp("t", sa.Column("mood", sa.Enum("a", "b", name="mood"))),
        ops.AddColumnOp("t", sa.Column("n", sa.Integer)),
        ops.AlterColumnOp("t", "n", modify_type=sa.BigInteger(), modify_nullable=False, modify_server_default="3"),
        ops.CreateUniqueConstraintOp("uq", "t", ["n"]),
        ops.CreateIndexOp("ix", "t", ["mood"]),
        ops.CreateIndexOp("gone", "t", ["n"]),
        ops.DropIndexOp("gone", table_name="t"),
        ops.DropColumnOp("t", "x"),
        ops.CreateTableCommentOp("t", "words"),
    )  # fmt: skip
    wanted = read(metadata, PG).catalog
    assert catalog.table("t").columns == wanted.table("t").columns
    assert catalog.table("t").uniques == wanted.table("t").uniques
    assert catalog.table("t").indexes == wanted.table("t").indexes
    assert catalog.table("t").comment == "words"
    assert Key("enum", (None, "mood")) in catalog


def test_a_dropped_table_is_removed_and_references_follow_a_renamed_one():
    catalog = replay(
        ops.CreateTableOp("a", [sa.Column("id", sa.Integer, primary_key=True)]),
        ops.CreateTableOp("b", [sa.Column("a_id", sa.Integer)]),
        ops.CreateForeignKeyOp("fk", "b", "a", ["a_id"], ["id"]),
        ops.RenameTableOp("a", "c"),
    )
    assert catalog.table("a") is None
    assert catalog.table("b").foreign_keys[0].target == catalog.table("c").key
    after = effect(ops.DropTableOp("b"), catalog, PG).apply(catalog)
    assert [table.key.name for table in after.tables] == ["c"]


def test_raw_sql_is_opaque():
    found = effect(ops.ExecuteSQLOp("select 1"), Catalog.of([]), PG)
    assert isinstance(found, Opaque)
    assert "SQL" in found.reason
