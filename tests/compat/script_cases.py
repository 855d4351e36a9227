"""Cases of revision files: one body of upgrade() and downgrade() for each.

Every case stands for a file of its own; `op` and `sa` are imported there. Cases that name no
databases are for all five.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL = frozenset({"sqlite", "postgresql", "mysql", "mssql", "oracle"})
ALTERS = ALL - {"sqlite"}


@dataclass(frozen=True)
class Case:
    """One revision.

    Attributes:
        name: what it is about; the revision's identifier too.
        up: the body of upgrade().
        down: the body of downgrade().
        on: the databases that it is for.
    """

    name: str
    up: str
    down: str = "pass"
    on: frozenset[str] = ALL


def _on(*names: str) -> frozenset[str]:
    return frozenset(names)


CASES = (
    Case(
        "create_table",
        """
op.create_table(
    "account",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50), nullable=False, server_default="it's"),
    sa.Column("note", sa.Unicode(200)),
    sa.Column("amount", sa.Numeric(10, 2), server_default=sa.text("0")),
    sa.Column("flag", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("made", sa.DateTime(timezone=True), server_default=sa.func.now()),
    sa.Column("day", sa.Date),
    sa.Column("hour", sa.Time),
    sa.Column("body", sa.Text),
    sa.Column("raw", sa.LargeBinary(30)),
    sa.Column("ratio", sa.Float),
    sa.Column("big", sa.BigInteger),
    sa.Column("small", sa.SmallInteger),
    sa.Column("kind", sa.Enum("a", "b", name="kinds")),
    sa.Column("doc", sa.Uuid),
    sa.UniqueConstraint("name", "big", name="uq_account"),
    sa.CheckConstraint("amount >= 0", name="ck_amount"),
)
""",
        'op.drop_table("account")',
        ALL - {"mysql"},
    ),
    Case(
        "python_defaults",
        """
table = sa.Table(
    "holds",
    sa.MetaData(),
    sa.Column("name", sa.String(50)),
    sa.Column("amount", sa.Integer, default=0),
    sa.Column("made", sa.Integer, default=lambda: 3),
    sa.Column("touched", sa.Integer, default=sa.func.now()),
)
op.bulk_insert(table, [{"name": "a"}, {"name": "b", "amount": 5}])
op.bulk_insert(table, [{"name": "c"}], multiinsert=False)
op.execute(table.insert().values(name="d"))
op.execute(table.insert().values([{"name": "e"}, {"name": "f"}]))
op.execute(table.insert().from_select(["name"], sa.select(table.c.name)))
""",
        on=ALL - {"oracle"},
    ),
    Case(
        "create_table_mysql",
        """
op.create_table(
    "account",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50), nullable=False, server_default="it's"),
    sa.Column("flag", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("kind", sa.Enum("a", "b", name="kinds")),
    sa.UniqueConstraint("name", name="uq_account"),
    comment="all accounts",
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)
""",
        'op.drop_table("account")',
        _on("mysql"),
    ),
    Case(
        "keys",
        """
op.create_table(
    "Parent Table",
    sa.Column("Id", sa.Integer, primary_key=True),
    sa.Column("select", sa.String(20), unique=True, index=True),
    schema="own",
)
op.create_table(
    "child",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("own.Parent Table.Id", ondelete="CASCADE")),
    sa.ForeignKeyConstraint(["id"], ["own.Parent Table.Id"], name="fk_child"),
    sa.Index("ix_child", "parent_id", "id", unique=True),
)
""",
        'op.drop_table("child")\nop.drop_table("Parent Table", schema="own")',
    ),
    Case(
        "if_exists",
        """
op.create_table("maybe", sa.Column("id", sa.Integer), if_not_exists=True)
op.create_index("ix_maybe", "maybe", ["id"], if_not_exists=True)
""",
        'op.drop_index("ix_maybe", "maybe", if_exists=True)\n'
        'op.drop_table("maybe", if_exists=True)',
    ),
    Case(
        "rename_table",
        'op.rename_table("account", "accounts")',
        'op.rename_table("accounts", "account", schema="own")',
    ),
    Case(
        "add_column",
        """
op.add_column("child", sa.Column("one", sa.Integer))
op.add_column("child", sa.Column("two", sa.String(5), nullable=False, server_default="x"))
op.add_column("child", sa.Column("three", sa.Integer), schema="own")
op.add_column("child", sa.Column("four words", sa.Unicode(10)))
op.add_column("child", sa.Column("five", sa.Integer, index=True))
""",
        """
op.drop_column("child", "five")
op.drop_column("child", "four words")
op.drop_column("child", "three", schema="own")
""",
    ),
    Case(
        "add_column_with_parts",
        """
op.add_column("child", sa.Column("ref", sa.Integer, sa.ForeignKey("account.id")))
op.add_column("child", sa.Column("ref2", sa.Integer, sa.ForeignKey("account.id", name="fk2")))
op.add_column("child", sa.Column("own", sa.Integer, unique=True))
op.add_column("child", sa.Column("sure", sa.Boolean(create_constraint=True, name="ck_sure")))
op.add_column("child", sa.Column("state", sa.Enum("a", "b", native_enum=False, name="st")))
""",
        'op.drop_column("child", "own")',
        ALTERS,
    ),
    Case(
        "column_if_exists",
        """
op.add_column("child", sa.Column("perhaps", sa.Integer), if_not_exists=True)
op.drop_column("child", "perhaps", if_exists=True)
""",
        on=_on("postgresql", "mssql", "mysql"),
    ),
    Case(
        "nullable",
        """
op.alter_column("child", "one", nullable=False, existing_type=sa.Integer())
op.alter_column("child", "one", nullable=True, existing_type=sa.Integer(), schema="own")
""",
        on=ALTERS,
    ),
    Case(
        "type",
        """
op.alter_column("child", "one", type_=sa.BigInteger(), existing_type=sa.Integer())
op.alter_column(
    "child", "two", type_=sa.String(80), existing_type=sa.String(5), existing_nullable=False
)
op.alter_column("child", "flag", type_=sa.Integer(), existing_type=sa.Boolean())
op.alter_column("child", "two", type_=sa.Text(), existing_type=sa.String(5), nullable=False)
op.alter_column("child", "n", type_=sa.Numeric(12, 4), existing_server_default="0")
""",
        on=ALTERS,
    ),
    Case(
        "server_default",
        """
op.alter_column("child", "one", server_default="5", existing_type=sa.Integer())
op.alter_column("child", "one", server_default=sa.text("7"), existing_type=sa.Integer())
op.alter_column("child", "two", server_default="it's", existing_type=sa.String(5))
op.alter_column("child", "made", server_default=sa.func.now(), existing_type=sa.DateTime())
op.alter_column("child", "one", server_default=None, existing_type=sa.Integer())
op.alter_column(
    "child", "one", server_default=None, existing_type=sa.Integer(), existing_server_default="5"
)
op.alter_column(
    "child", "one", server_default="9", existing_type=sa.Integer(),
    existing_server_default="5", existing_nullable=False, schema="own",
)
""",
        on=ALTERS,
    ),
    Case(
        "column_name",
        """
op.alter_column("child", "one", new_column_name="uno", existing_type=sa.Integer())
op.alter_column("child", "One Two", new_column_name="Three", existing_type=sa.Integer())
op.alter_column(
    "child", "one", new_column_name="uno", existing_type=sa.Integer(), schema="own",
)
""",
    ),
    Case(
        "everything_of_a_column",
        """
op.alter_column(
    "child", "one", new_column_name="uno", type_=sa.String(9), nullable=False,
    server_default="q", comment="new", existing_type=sa.Integer(), existing_nullable=True,
    existing_server_default="3", existing_comment="old",
)
""",
        on=ALTERS - {"mssql"},
    ),
    Case(
        "comments",
        """
op.create_table("told", sa.Column("a", sa.Integer, comment="it's 50%"), comment="all of it")
op.add_column("told", sa.Column("b", sa.Integer, comment="b"))
op.create_table_comment("child", "it's a child")
op.create_table_comment("child", "new", existing_comment="old", schema="own")
op.drop_table_comment("child", existing_comment="new")
op.alter_column("child", "one", comment="number \\\\ one", existing_type=sa.Integer())
op.alter_column(
    "child", "one", comment=None, existing_comment="number", existing_type=sa.Integer()
)
""",
        on=ALTERS - {"mssql"},
    ),
    Case(
        "constraints",
        """
op.create_primary_key("pk_child", "child", ["id"])
op.create_unique_constraint("uq_child", "child", ["one", "two"])
op.create_unique_constraint("uq_child", "child", ["one"], schema="own")
op.create_check_constraint("ck_child", "child", "one > 0 AND two <> 'it''s'")
op.create_check_constraint("ck_c2", "child", sa.column("one") > 5)
op.create_foreign_key("fk_c", "child", "account", ["one"], ["id"])
op.create_foreign_key(
    "fk_d", "child", "account", ["one", "two"], ["a", "b"], source_schema="own",
    referent_schema="their",
)
""",
        """
op.drop_constraint("fk_d", "child", type_="foreignkey", schema="own")
op.drop_constraint("fk_c", "child", type_="foreignkey")
op.drop_constraint("uq_child", "child", type_="unique")
op.drop_constraint("pk_child", "child", type_="primary")
op.drop_constraint("ck_child", "child", type_="check")
""",
        ALTERS,
    ),
    Case(
        "foreign_key_actions",
        """
op.create_foreign_key(
    "fk_a", "child", "account", ["one"], ["id"], ondelete="SET NULL", onupdate="CASCADE",
)
op.create_foreign_key(
    None, "child", "account", ["one"], ["id"], deferrable=True, initially="DEFERRED",
)
""",
        on=_on("postgresql", "oracle"),
    ),
    Case(
        "indexes",
        """
op.create_index("ix_one", "child", ["one"])
op.create_index("ix_two", "child", ["one", "two"], unique=True, schema="own")
op.create_index("Ix Three", "child", [sa.text("lower(two)")])
op.create_index("ix_four", "child", [sa.desc("one"), "two"])
op.create_index(op.f("ix_five"), "child", [sa.func.lower(sa.column("two"))])
""",
        """
op.drop_index("Ix Three", table_name="child")
op.drop_index("ix_two", table_name="child", schema="own")
op.drop_index("ix_one", "child")
""",
    ),
    Case(
        "rows",
        """
people = sa.table(
    "people", sa.column("id", sa.Integer), sa.column("name", sa.String),
    sa.column("born", sa.Date), sa.column("good", sa.Boolean), sa.column("pay", sa.Numeric(8, 2)),
)
import datetime, decimal
op.bulk_insert(people, [
    {"id": 1, "name": "it's", "born": datetime.date(2001, 2, 3), "good": True},
    {"id": 2, "name": "a\\\\b %s :x", "born": None, "good": False},
])
op.bulk_insert(people, [
    {"id": 3, "pay": decimal.Decimal("1.50")},
    {"id": 4, "name": op.inline_literal("z")},
], multiinsert=False)
op.bulk_insert(people, [])
""",
    ),
    Case(
        "rows_with_identity",
        """
people = sa.Table(
    "people", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
)
op.bulk_insert(people, [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}])
op.bulk_insert(people, [{"name": "three"}])
""",
    ),
    Case(
        "statements",
        """
op.execute("UPDATE people SET name = 'a:b' WHERE id = 1")
people = sa.table("people", sa.column("id", sa.Integer), sa.column("name", sa.String))
op.execute(people.update().where(people.c.name == op.inline_literal("x")).values(
    {"name": op.inline_literal("y")}))
op.execute(people.delete().where(people.c.id == op.inline_literal(5)))
op.execute(people.insert().values(id=op.inline_literal(1), name=op.inline_literal("it's")))
op.execute("SELECT '100%'")
""",
    ),
    Case(
        "drop_column_mssql",
        """
op.drop_column("child", "one", mssql_drop_default=True)
op.drop_column("child", "two", mssql_drop_check=True)
op.drop_column("child", "two", mssql_drop_foreign_key=True)
op.drop_column(
    "child", "Three", mssql_drop_check=True, mssql_drop_default=True,
    mssql_drop_foreign_key=True, schema="own",
)
""",
        on=_on("mssql"),
    ),
    Case(
        "mssql",
        """
op.create_index("ix_c", "child", ["one"], mssql_clustered=True, mssql_include=["two"])
op.create_index("ix_w", "child", ["one"], mssql_where=sa.text("one > 1"))
op.alter_column(
    "child", "one", server_default="1", existing_server_default="2", existing_type=sa.Integer()
)
op.alter_column(
    "child", "one", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
    new_column_name="uno",
)
op.create_table("i", sa.Column("id", sa.Integer, sa.Identity(start=5, increment=2)))
op.create_table("j", sa.Column("id", sa.Integer), sa.Column("k", sa.Integer, sa.Computed("id * 2", persisted=True)))
op.add_column("i", sa.Column("n", sa.NVARCHAR(None), nullable=False, server_default=sa.text("N''")))
op.execute("EXEC sp_who")
""",
        on=_on("mssql"),
    ),
    Case(
        "computed",
        """
op.create_table("c", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, sa.Computed("a + 1")))
op.add_column("c", sa.Column("d", sa.Integer, sa.Computed("a + 2")))
""",
        on=ALL - {"postgresql"},
    ),
    Case(
        "identity",
        """
op.create_table("c", sa.Column("a", sa.Integer, sa.Identity(always=True, start=3)))
op.add_column("c", sa.Column("d", sa.Integer, sa.Identity(), nullable=False))
""",
        on=_on("postgresql", "oracle", "mssql"),
    ),
    Case(
        "identity_altered",
        """
op.alter_column("c", "a", server_default=sa.Identity(always=True), existing_type=sa.Integer())
op.alter_column(
    "c", "a", server_default=sa.Identity(start=9), existing_server_default=sa.Identity(),
    existing_type=sa.Integer(),
)
op.alter_column(
    "c", "a", server_default=None, existing_server_default=sa.Identity(),
    existing_type=sa.Integer(),
)
""",
        on=_on("postgresql", "oracle"),
    ),
    Case(
        "postgresql",
        """
from sqlalchemy.dialects import postgresql as pg
op.create_table(
    "p",
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("tags", pg.ARRAY(sa.String(5)), server_default="{}"),
    sa.Column("doc", pg.JSONB(), server_default=sa.text("'{}'::jsonb")),
    sa.Column("span", pg.TSTZRANGE()),
    sa.Column("made", pg.TIMESTAMP(timezone=True, precision=3)),
    sa.Column("mood", pg.ENUM("sad", "it's", name="mood")),
    sa.Column("tiny", sa.SmallInteger, autoincrement=True),
    pg.ExcludeConstraint(("span", "&&"), name="ex_p", using="gist"),
    postgresql_partition_by="LIST (id)",
)
op.add_column("p", sa.Column("mood2", pg.ENUM("x", "y", name="mood2", create_type=False)))
op.alter_column("p", "id", type_=sa.Integer(), postgresql_using="id::integer")
op.alter_column("p", "id", type_=sa.Integer(), existing_type=sa.Integer(), autoincrement=True)
op.create_index(
    "ix_p", "p", ["id"], postgresql_using="btree", postgresql_where=sa.text("id > 5"),
    postgresql_concurrently=True, postgresql_include=["tags"], postgresql_with={"fillfactor": 50},
)
op.create_index("ix_q", "p", ["tags"], postgresql_using="gin", postgresql_ops={"tags": "array_ops"})
op.create_index("ix_n", "p", ["id"], unique=True, postgresql_nulls_not_distinct=True)
op.create_exclude_constraint("ex_q", "p", ("span", "&&"), ("id", "="), using="gist", where=sa.text("id > 1"))
op.create_unique_constraint("uq_p", "p", ["id"], postgresql_nulls_not_distinct=True)
op.create_foreign_key("fk_p", "p", "q", ["id"], ["id"], postgresql_not_valid=True)
op.create_check_constraint("ck_p", "p", "id > 0", postgresql_not_valid=True)
with op.get_context().autocommit_block():
    op.execute("ALTER TYPE mood ADD VALUE 'new'")
op.drop_index("ix_p", "p", postgresql_concurrently=True)
op.drop_constraint("ck_p", "p", if_exists=True)
""",
        """
op.drop_table("p")
op.execute("DROP TYPE mood")
""",
        _on("postgresql"),
    ),
    Case(
        "mysql",
        """
from sqlalchemy.dialects import mysql
op.create_table(
    "m",
    sa.Column("id", mysql.INTEGER(unsigned=True), primary_key=True, autoincrement=True),
    sa.Column("e", mysql.ENUM("a", "it's"), nullable=False),
    sa.Column("s", mysql.SET("x", "y")),
    sa.Column("t", mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin")),
    sa.Column("made", mysql.TIMESTAMP(fsp=3), server_default=sa.text("CURRENT_TIMESTAMP(3)")),
    sa.Column("expr", sa.JSON, server_default=sa.text("(json_object())")),
)
op.alter_column("m", "id", autoincrement=True, existing_type=sa.Integer(), existing_nullable=False)
op.alter_column("m", "e", new_column_name="f", existing_type=mysql.ENUM("a", "b"),
                existing_nullable=False, existing_server_default="a", existing_comment="c")
op.alter_column("m", "made", server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
                existing_type=sa.TIMESTAMP())
op.alter_column("m", "s", type_=sa.String(7), existing_type=mysql.SET("x", "y"), nullable=True,
                existing_comment="kept")
op.create_index("ix_m", "m", ["t"], mysql_length=10, mysql_prefix="FULLTEXT")
op.create_index("ix_n", "m", ["e", "s"], mysql_length={"s": 3}, mysql_using="hash")
op.drop_constraint("uq", "m", type_="unique")
op.drop_constraint("ck", "m", type_="check")
op.drop_constraint("pk", "m", type_="primary")
op.drop_constraint("fk", "m", type_="foreignkey")
op.drop_index("ix_m", "m")
""",
        on=_on("mysql"),
    ),
    Case(
        "oracle",
        """
from sqlalchemy.dialects import oracle
op.create_table(
    "o",
    sa.Column("id", sa.Integer, sa.Identity(on_null=True), primary_key=True),
    sa.Column("n", oracle.NUMBER(10, 2)),
    sa.Column("v", oracle.VARCHAR2(30), server_default="it's"),
    sa.Column("c", sa.CLOB),
    oracle_compress=True,
)
op.create_index("ix_o", "o", ["n"], oracle_bitmap=True)
op.alter_column("o", "n", type_=oracle.NUMBER(12, 2), nullable=False, server_default="1")
op.alter_column("o", "Mixed", new_column_name="lower", existing_type=sa.Integer())
op.execute("BEGIN NULL; END;")
""",
        'op.drop_table("o")',
        _on("oracle"),
    ),
    Case(
        "batch",
        """
with op.batch_alter_table("child", schema="own") as batch:
    batch.add_column(sa.Column("b1", sa.Integer))
    batch.alter_column("one", type_=sa.BigInteger(), existing_type=sa.Integer())
    batch.drop_column("two")
    batch.create_index("ix_b", ["b1"])
    batch.create_unique_constraint("uq_b", ["b1"])
    batch.drop_constraint("fk_b", type_="foreignkey")
""",
        on=ALTERS,
    ),
    Case(
        "batch_sqlite",
        """
child = sa.Table(
    "child", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("one", sa.Integer), sa.Column("two", sa.String(5)),
    sa.UniqueConstraint("two", name="uq_two"),
)
with op.batch_alter_table("child", copy_from=child) as batch:
    batch.alter_column("one", type_=sa.BigInteger(), nullable=False)
    batch.drop_constraint("uq_two", type_="unique")
    batch.drop_column("two")
""",
        on=_on("sqlite"),
    ),
    Case(
        "batch_sqlite_alters",
        """
with op.batch_alter_table("child") as batch:
    batch.add_column(sa.Column("b1", sa.Integer))
    batch.create_index("ix_b", ["b1"])
""",
        """
with op.batch_alter_table("child") as batch:
    batch.drop_index("ix_b")
""",
        _on("sqlite"),
    ),
)

# Packages that bring an implementation of their own, by the module that has it
BRING_ONE = {
    "redshift+psycopg2": "sqlalchemy_redshift.dialect",
    "cockroachdb": "sqlalchemy_cockroachdb",
    "bigquery": "sqlalchemy_bigquery",
    "hana": "sqlalchemy_hana.alembic",
    "databricks": "databricks.sqlalchemy",
    "yql": "ydb_sqlalchemy.alembic",
    "starrocks": "starrocks.alembic",
}
# Packages whose documentation has the class written into env.py
WRITTEN = ("duckdb", "snowflake", "clickhouse+native", "spanner+spanner")
