"""Operations on live servers, verified in the catalog."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql as pg

from limbeck.environment import MigrationContext
from limbeck.errors import DatabaseError
from limbeck.operations import AlterDomainOp, MoveTableOp, Operations, RenameConstraintOp
from tests.servers import Database


class OperationBench:
    """A connection with its operations, and looks at what became of them."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.op = Operations(MigrationContext.configure(connection, opts={"detect": "all"}))

    def rows(self, sql: str) -> list[Any]:
        return [tuple(row) for row in self.connection.exec_driver_sql(sql)]

    def column(self, table: str, name: str, schema: str | None = None) -> dict[str, Any]:
        columns = sa.inspect(self.connection).get_columns(table, schema=schema)
        return next(dict(column) for column in columns if column["name"] == name)

    def shown(self, table: str) -> str:
        return str(self.rows(f"SHOW CREATE TABLE {table}")[0][1])


@pytest.fixture
def bench(postgresql: Database) -> Any:
    with postgresql.engine() as engine, engine.begin() as connection:
        yield OperationBench(connection)


@pytest.fixture
def maria(mariadb: Database) -> Any:
    with mariadb.engine() as engine, engine.begin() as connection:
        yield OperationBench(connection)


# ── both ──────────────────────────────────────────────────────────────────


def _named(connection: sa.Connection, table: str) -> dict[str, set[str]]:
    inspector = sa.inspect(connection)
    return {
        "unique": {str(one["name"]) for one in inspector.get_unique_constraints(table)},
        "check": {str(one["name"]) for one in inspector.get_check_constraints(table)},
        "foreign_key": {str(one["name"]) for one in inspector.get_foreign_keys(table)},
    }


def test_constraints_are_renamed_and_renamed_back(server_database: Database) -> None:
    with server_database.engine() as engine, engine.begin() as connection:
        bench = OperationBench(connection)
        bench.op.create_table("p", sa.Column("id", sa.Integer, primary_key=True))
        bench.op.create_table(
            "t",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("p", sa.Integer),
            sa.UniqueConstraint("p", "id", name="uq old"),
            sa.CheckConstraint("p > 0", name="ck_old"),
            sa.ForeignKeyConstraint(["p"], ["p.id"], name="fk_old", ondelete="CASCADE"),
        )
        before = {"unique": {"uq old"}, "check": {"ck_old"}, "foreign_key": {"fk_old"}}
        after = {"unique": {"uq new"}, "check": {"ck_new"}, "foreign_key": {"fk_new"}}
        assert _named(connection, "t") == before
        renames = [
            RenameConstraintOp(old, new, "t")
            for kind in before
            for old, new in zip(before[kind], after[kind], strict=True)
        ]
        for rename in renames:
            bench.op.invoke(rename)
        assert _named(connection, "t") == after
        (key,) = sa.inspect(connection).get_foreign_keys("t")
        assert key["options"]["ondelete"] == "CASCADE"
        for rename in reversed(renames):
            bench.op.invoke(rename.reverse())
        assert _named(connection, "t") == before


def test_a_primary_key_has_no_name_on_mariadb(maria: OperationBench) -> None:
    maria.op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
    with pytest.raises(DatabaseError, match="cannot be renamed") as caught:
        maria.op.rename_constraint("PRIMARY", "pk_t", "t")
    assert caught.value.code == "LB345"


def test_a_batch_block_without_a_transaction_commits(server_database: Database) -> None:
    with server_database.engine() as engine, engine.connect() as connection:
        op = OperationBench(connection).op
        op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
        connection.commit()
        with op.batch_alter_table("t") as batch:
            batch.add_column(sa.Column("x", sa.Integer))
        assert not connection.in_transaction()
        with connection.begin() as transaction:
            with op.batch_alter_table("t") as batch:
                batch.add_column(sa.Column("y", sa.Integer))
            assert transaction.is_active
        with pytest.raises(sa.exc.DBAPIError), op.batch_alter_table("t") as batch:
            batch.add_column(sa.Column("x", sa.Integer))
        assert not connection.in_transaction()
        assert [c["name"] for c in sa.inspect(connection).get_columns("t")] == ["id", "x", "y"]


def test_a_block_that_asks_for_a_copy_need_not_name_the_type(server_database: Database) -> None:
    with server_database.engine() as engine, engine.begin() as connection:
        work = OperationBench(connection)
        work.op.create_table("t", sa.Column("x", sa.String(9), nullable=False))
        with work.op.batch_alter_table("t", recreate="always") as batch:
            batch.alter_column("x", nullable=True, comment="note")
        column = work.column("t", "x")
        assert (column["type"].length, column["nullable"], column["comment"]) == (9, True, "note")


def test_statements_of_an_autocommit_block_are_committed_separately(
    server_database: Database,
) -> None:
    with server_database.engine() as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.autocommit_block():
            assert connection.in_transaction()
            context.execute("CREATE TABLE t (id INTEGER)")
            with engine.connect() as other:
                assert sa.inspect(other).has_table("t")
        assert not connection.in_transaction()


def test_a_column_position_is_refused(server_database: Database) -> None:
    with server_database.engine() as engine, engine.begin() as connection:
        op = OperationBench(connection).op
        op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
        with (
            pytest.raises(DatabaseError, match="cannot be given a place"),
            op.batch_alter_table("t") as batch,
        ):
            batch.add_column(sa.Column("x", sa.Integer), insert_before="id")
        with (
            pytest.warns(UserWarning, match="added at the end"),
            op.batch_alter_table("t", recreate="always") as batch,
        ):
            batch.add_column(sa.Column("x", sa.Integer), insert_before="id")
        assert [c["name"] for c in sa.inspect(connection).get_columns("t")] == ["id", "x"]


def test_a_column_is_added_altered_and_dropped(server_database: Database) -> None:
    with server_database.engine() as engine, engine.begin() as connection:
        work = OperationBench(connection)
        op = work.op
        op.create_table("o", sa.Column("id", sa.Integer, primary_key=True))
        op.create_table(
            "My T", sa.Column("id", sa.Integer, primary_key=True, comment="it's 100%"), comment="c%"
        )
        op.add_column(
            "My T", sa.Column("a", sa.Integer, sa.ForeignKey("o.id", name="fk"), index=True)
        )
        op.add_column("My T", sa.Column("n", sa.String(5), server_default="q", comment="w"))
        op.alter_column(
            "My T",
            "n",
            new_column_name="N n",
            type_=sa.String(9),
            existing_type=sa.String(5),
            existing_server_default="q",
            nullable=False,
            comment="x's",
        )
        column = work.column("My T", "N n")
        assert (column["type"].length, column["nullable"], column["comment"]) == (9, False, "x's")
        assert "q" in column["default"]
        assert work.column("My T", "id")["comment"] == "it's 100%"
        assert sa.inspect(connection).get_table_comment("My T")["text"] == "c%"
        assert sa.inspect(connection).get_foreign_keys("My T")[0]["name"] == "fk"
        op.drop_constraint("fk", "My T", type_="foreignkey")
        op.drop_column("My T", "N n")
        op.rename_table("My T", "u")
        op.drop_table_comment("u")
        inspector = sa.inspect(connection)
        assert sorted(inspector.get_table_names()) == ["o", "u"]
        assert [c["name"] for c in inspector.get_columns("u")] == ["id", "a"]
        assert not inspector.get_table_comment("u")["text"]


def test_a_constraint_named_by_the_server_is_dropped_by_its_definition(
    server_database: Database,
) -> None:
    with server_database.engine() as engine, engine.begin() as connection:
        op = OperationBench(connection).op
        op.create_table("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
        op.create_unique_constraint(None, "t", ["a"])
        op.drop_constraint(None, "t", type_="unique")
        assert sa.inspect(connection).get_unique_constraints("t") == []


# ── PostgreSQL ────────────────────────────────────────────────────────────


def test_a_new_column_of_a_new_enum_creates_its_type(bench: OperationBench) -> None:
    bench.op.create_table("t", sa.Column("id", sa.Integer))
    bench.op.add_column("t", sa.Column("e", sa.Enum("a", "b", name="en")))
    bench.op.add_column("t", sa.Column("f", pg.ARRAY(sa.Enum("a", "b", name="en"))))
    bench.op.add_column("t", sa.Column("g", pg.DOMAIN("dom", sa.Integer, check="VALUE > 0")))
    bench.op.create_table("u", sa.Column("e", sa.Enum("a", "b", name="en")))
    assert bench.rows("SELECT enumlabel FROM pg_enum ORDER BY 1") == [("a",), ("b",)]
    assert bench.rows("SELECT typname FROM pg_type WHERE typtype = 'd' AND typname = 'dom'")


def test_a_type_with_create_type_false_is_not_created(bench: OperationBench) -> None:
    bench.op.create_table("t", sa.Column("id", sa.Integer))
    with pytest.raises(sa.exc.ProgrammingError, match="does not exist"):
        bench.op.add_column("t", sa.Column("e", pg.ENUM("a", name="en", create_type=False)))


def test_an_enum_gets_values_at_their_positions(bench: OperationBench) -> None:
    bench.op.create_enum("en", ["b", "d"])
    bench.op.create_enum("en", ["b", "d"], if_not_exists=True)
    bench.op.alter_enum("en", ["a", "b", "c", "d", "e"])
    labels = bench.rows("SELECT enumlabel FROM pg_enum ORDER BY enumsortorder")
    assert labels == [("a",), ("b",), ("c",), ("d",), ("e",)]


def test_an_enum_loses_a_value_and_rows_get_another(bench: OperationBench) -> None:
    bench.op.create_enum("My en", ["a", "it's", "c"])
    bench.op.execute('CREATE TABLE "My T" (e "My en" NOT NULL DEFAULT \'it\'\'s\', l "My en"[])')
    bench.op.execute("INSERT INTO \"My T\" VALUES ('it''s', '{a,it''s}'), ('c', NULL)")
    bench.op.alter_enum("My en", ["c", "it's"], replacements={"a": "c"})
    assert bench.rows('SELECT e::text, l::text[] FROM "My T" ORDER BY 1') == [
        ("c", None),
        ("it's", ["c", "it's"]),
    ]
    assert bench.column("My T", "e")["default"] == "'it''s'::\"My en\""
    bench.op.execute('DROP TABLE "My T"')
    bench.op.drop_enum("My en")
    assert bench.rows("SELECT typname FROM pg_type WHERE typname LIKE 'My en%%'") == []


def test_an_identity_is_added_altered_and_dropped(bench: OperationBench) -> None:
    op = bench.op
    op.create_table("t", sa.Column("a", sa.Integer, nullable=False, server_default="5"))
    op.alter_column("t", "a", server_default=sa.Identity(start=4), existing_server_default="5")
    op.alter_column(
        "t",
        "a",
        server_default=sa.Identity(always=True, increment=3),
        existing_server_default=sa.Identity(start=4),
    )
    identity = bench.column("t", "a")["identity"]
    assert (identity["always"], identity["increment"]) == (True, 3)
    op.alter_column("t", "a", server_default="7", existing_server_default=sa.Identity(always=True))
    assert bench.column("t", "a")["default"] == "7"


def test_exclusion_sequences_and_schemas(bench: OperationBench) -> None:
    op = bench.op
    op.create_schema("s")
    op.create_table("t", sa.Column("id", sa.Integer), sa.Column("r", pg.INT4RANGE), schema="s")
    op.create_exclude_constraint("ex", "t", (sa.column("r"), "&&"), schema="s", using="gist")
    op.create_sequence("sq", schema="s", start=3, owned_by=("s", "t", "id"))
    op.alter_sequence("sq", schema="s", increment=5, new_name="sr")
    assert bench.rows("SELECT contype::text FROM pg_constraint WHERE conname = 'ex'") == [("x",)]
    assert bench.rows("SELECT increment_by FROM pg_sequences WHERE sequencename = 'sr'") == [(5,)]
    op.drop_constraint("ex", "t", schema="s")
    op.drop_schema("s", cascade=True)
    assert "s" not in sa.inspect(bench.connection).get_schema_names()


def test_a_type_changes_by_an_expression(bench: OperationBench) -> None:
    bench.op.create_table("t", sa.Column("a", sa.String(9)))
    bench.op.execute("INSERT INTO t VALUES ('41')")
    bench.op.alter_column("t", "a", type_=sa.Integer(), postgresql_using="a::integer + 1")
    assert bench.rows("SELECT a FROM t") == [(42,)]


# ── MariaDB ───────────────────────────────────────────────────────────────


def test_options_of_a_column_that_are_not_passed_are_kept(maria: OperationBench) -> None:
    maria.op.execute(
        "CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'key',"
        " at DATETIME NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),"
        " n VARCHAR(5) NOT NULL DEFAULT 'it''s' COMMENT 'words')"
    )
    maria.op.alter_column("t", "id", new_column_name="key", existing_type=sa.Integer())
    maria.op.alter_column("t", "at", new_column_name="then", existing_type=mysql.DATETIME())
    maria.op.alter_column("t", "n", type_=sa.String(9), existing_type=sa.String(5))
    shown = maria.shown("t")
    assert "`key` int(11) NOT NULL AUTO_INCREMENT COMMENT 'key'" in shown
    assert "`then` datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_tim" in shown
    assert "`n` varchar(9) NOT NULL DEFAULT 'it''s' COMMENT 'words'" in shown


def test_a_generated_column_stays_generated(maria: OperationBench) -> None:
    maria.op.execute("CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a * 2) STORED)")
    maria.op.alter_column("t", "b", new_column_name="c", existing_type=sa.Integer())
    assert "`c` int(11) GENERATED ALWAYS AS (`a` * 2) STORED" in maria.shown("t")


def test_a_check_of_a_column_is_kept_when_the_column_changes(maria: OperationBench) -> None:
    maria.op.execute("CREATE TABLE t (n INT CHECK (n > 0), j JSON, m INT, CONSTRAINT m CHECK (1))")
    maria.op.alter_column("t", "n", nullable=False, existing_type=sa.Integer())
    maria.op.alter_column("t", "n", new_column_name="it's", existing_type=sa.Integer())
    maria.op.alter_column("t", "j", type_=sa.Text(), existing_type=sa.JSON())
    maria.op.alter_column("t", "m", type_=sa.BigInteger(), existing_type=sa.Integer())
    shown = maria.shown("t")
    assert "`it's` int(11) NOT NULL CHECK (`it's` > 0)" in shown
    assert "`j` text DEFAULT NULL,\n  `m` bigint(20) DEFAULT NULL,\n" in shown
    maria.op.drop_constraint("it's", "t", type_="check")
    assert "`it's` int(11) NOT NULL,\n" in maria.shown("t")
    maria.op.drop_constraint("m", "t", type_="check")
    assert "CHECK" not in maria.shown("t")


def test_the_check_of_a_type_is_dropped_with_the_type(maria: OperationBench) -> None:
    flag = sa.Boolean(create_constraint=True, name="ck_flag")
    maria.op.create_table("t", sa.Column("a", flag))
    maria.op.alter_column("t", "a", type_=sa.Integer(), existing_type=flag)
    maria.op.execute("INSERT INTO t VALUES (7)")
    assert "CHECK" not in maria.shown("t")


def test_constraints_and_sequences_of_mariadb(maria: OperationBench) -> None:
    maria.op.create_table("t", sa.Column("a", sa.Integer))
    maria.op.create_check_constraint("ck", "t", "a > 0")
    maria.op.drop_constraint("ck", "t")
    maria.op.drop_constraint("ck", "t", type_="check", if_exists=True)
    maria.op.create_sequence("sq", start=4, increment=2)
    maria.op.alter_sequence("sq", cycle=True, new_name="sr")
    assert maria.rows("SELECT next_not_cached_value FROM sr") == [(4,)]
    maria.op.drop_sequence("sr")


# ── other schemas ─────────────────────────────────────────────────────────


def test_a_table_moves_to_another_schema_and_back(server_database: Database) -> None:
    home = f"{server_database.url.database}_archive"
    with server_database.engine() as engine, engine.begin() as connection:
        op = OperationBench(connection).op
        op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        op.execute("INSERT INTO t VALUES (7)")
        op.create_schema(home)
        move = MoveTableOp("t", home, new_table_name="old_t")
        op.invoke(move)
        try:
            rows = connection.exec_driver_sql(f"SELECT id FROM {home}.old_t").all()
            op.invoke(move.reverse())
        finally:
            op.execute(f"DROP SCHEMA {home}")
        assert [tuple(row) for row in rows] == [(7,)]
        assert connection.exec_driver_sql("SELECT id FROM t").scalar() == 7


def test_a_domain_gets_another_type_under_a_view(bench: OperationBench) -> None:
    bench.op.execute("CREATE DOMAIN code AS varchar(4) CHECK (VALUE <> '')")
    bench.op.execute("CREATE TABLE t (id integer, c code, many code[])")
    bench.op.execute("INSERT INTO t VALUES (1, 'ab', '{cd}')")
    bench.op.execute("CREATE VIEW v AS SELECT c FROM t")
    change = AlterDomainOp("code", "text", "NOT NULL", existing_type="varchar(4)")
    bench.op.invoke(change)
    kind = (
        "SELECT format_type(typbasetype, typtypmod), typnotnull FROM pg_type WHERE typname = 'code'"
    )
    assert bench.rows(kind) == [("text", True)]
    bench.op.invoke(change.reverse())
    assert bench.rows(kind) == [("character varying(4)", False)]
    assert bench.rows("SELECT v.c, t.many[1] FROM v, t") == [("ab", "cd")]
