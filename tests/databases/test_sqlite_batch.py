"""A batch block on SQLite changes what it was asked to change and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.errors import DatabaseError
from limbeck.operations import Operations
from limbeck.runtime.sinks import Live

SCHEMA = """
CREATE TABLE other (code TEXT PRIMARY KEY)
CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE, b INT DEFAULT 5, chk INT CHECK (chk > 0), g INT GENERATED ALWAYS AS (b * 2) STORED, self INT REFERENCES p (id) ON DELETE CASCADE, code TEXT DEFAULT 'x' REFERENCES other DEFERRABLE INITIALLY DEFERRED, UNIQUE (a) ON CONFLICT REPLACE, CHECK (b <> 77))
CREATE TABLE ch (id INTEGER PRIMARY KEY, pid INT REFERENCES "p"(id) ON DELETE CASCADE)
CREATE TABLE gr (id INTEGER PRIMARY KEY, cid INT REFERENCES ch ON DELETE CASCADE)
CREATE INDEX ix_expr ON p (lower(a), b DESC) WHERE b > 1
CREATE UNIQUE INDEX ix_coll ON p (a COLLATE BINARY DESC)
CREATE TRIGGER on_child AFTER INSERT ON ch BEGIN UPDATE p SET b = b + 1 WHERE id = new.pid; END
CREATE TRIGGER on_self AFTER UPDATE ON p BEGIN SELECT ':not a bind'; END
CREATE VIEW v AS SELECT id, a FROM p
INSERT INTO other VALUES ('x')
INSERT INTO p (a, b, chk) VALUES ('x', 1, 1), ('y', 2, 2)
INSERT INTO p (a, b, chk, self) VALUES ('z', 1, 1, 1), ('gone', 1, 1, NULL)
INSERT INTO ch (pid) VALUES (1), (2)
INSERT INTO gr (cid) VALUES (1), (2)
DELETE FROM p WHERE a = 'gone'
"""


class Context:
    def __init__(self, connection: sa.Connection, opts: dict[str, Any]) -> None:
        self.bind = self.connection = connection
        self.dialect = connection.dialect
        self.opts = opts
        self.as_sql = False
        self.impl = None
        self.sink = Live(connection, find("sqlite"), opts)


@pytest.fixture(params=["driver", "real"])
def connection(request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """A connection with foreign keys on: Python's half transactions, and real ones."""
    engine = sa.create_engine("sqlite://")

    @sa.event.listens_for(engine, "connect")
    def connected(driver: Any, _record: Any) -> None:
        driver.execute("PRAGMA foreign_keys=ON")
        if request.param == "real":
            driver.isolation_level = None

    if request.param == "real":

        @sa.event.listens_for(engine, "begin")
        def begun(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    with engine.connect() as connection:
        for statement in SCHEMA.strip().splitlines():
            connection.exec_driver_sql(statement)
        connection.commit()
        yield connection
    engine.dispose()


@pytest.fixture
def op(connection: sa.Connection) -> Operations:
    return Operations(Context(connection, {}))


def _entries(connection: sa.Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: sql.replace('TABLE "p" (', "TABLE p (") for name, sql in rows}


def _rows(connection: sa.Connection, query: str) -> list[Any]:
    return [tuple(row) for row in connection.exec_driver_sql(query)]


def _sound(connection: sa.Connection) -> None:
    assert _rows(connection, "PRAGMA integrity_check") == [("ok",)]
    assert _rows(connection, "PRAGMA foreign_key_check") == []
    assert _rows(connection, "PRAGMA foreign_keys") == [(1,)]
    assert _rows(connection, "PRAGMA legacy_alter_table") == [(0,)]


def test_a_copy_without_changes_keeps_the_table(op: Operations, connection: sa.Connection) -> None:
    before = _entries(connection)
    tables = {t: _rows(connection, f"SELECT * FROM {t}") for t in ("p", "ch", "gr", "v")}
    counters = _rows(connection, "SELECT * FROM sqlite_sequence")
    connection.rollback()
    with op.batch_alter_table("p", recreate="always"):
        pass
    connection.commit()
    assert _entries(connection) == before
    assert {t: _rows(connection, f"SELECT * FROM {t}") for t in tables} == tables
    assert _rows(connection, "SELECT * FROM sqlite_sequence") == counters
    _sound(connection)


def test_children_keep_their_rows_and_their_foreign_key(
    op: Operations, connection: sa.Connection
) -> None:
    # a real transaction is open already, so PRAGMA foreign_keys would do nothing
    connection.exec_driver_sql("INSERT INTO other VALUES ('y')")
    with op.batch_alter_table("p") as batch:
        batch.alter_column("b", type_=sa.String(20), nullable=True)
    connection.commit()
    assert _rows(connection, "SELECT * FROM ch") == [(1, 1), (2, 2)]
    assert _rows(connection, "SELECT count(*) FROM gr") == [(2,)]
    _sound(connection)
    connection.exec_driver_sql("DELETE FROM p WHERE id = 1")
    assert _rows(connection, "SELECT pid FROM ch") == [(2,)]
    with pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql("INSERT INTO ch (pid) VALUES (999)")


def test_many_changes_are_one_copy(op: Operations, connection: sa.Connection) -> None:
    seen: list[str] = []
    sa.event.listen(connection.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    before = _entries(connection)
    with op.batch_alter_table("p") as batch:
        batch.alter_column("chk", type_=sa.String(20), nullable=False)
        batch.alter_column("b", new_column_name="bb")
        batch.add_column(
            sa.Column("n", sa.Integer, nullable=False, server_default="3"), insert_after="id"
        )
        batch.create_unique_constraint("uq", ["bb", "n", "id"])
        batch.create_foreign_key("fk", "other", ["code"], ["code"])
        batch.create_index("ix_n", ["n"])
        batch.drop_index("ix_coll")
    assert sum(s.startswith("INSERT INTO _alembic_tmp_p") for s in seen) == 1
    after = _entries(connection)
    assert after["p"].startswith(
        "CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT, \n\tn INTEGER"
    )
    for kept in (
        "CHECK (bb <> 77)",
        "UNIQUE (a) ON CONFLICT REPLACE",
        "chk VARCHAR(20) NOT NULL CHECK",
    ):
        assert kept in after["p"]
    assert "ix_coll" not in after
    assert after["ix_expr"] == before["ix_expr"].replace("b DESC", "bb DESC").replace(
        "b > 1", "bb > 1"
    )
    assert "SET bb = bb + 1" in after["on_child"]
    assert _rows(connection, "SELECT id, n, a, bb FROM p") == [
        (1, 3, "x", 2), (2, 3, "y", 3), (3, 3, "z", 1),
    ]  # fmt: skip
    connection.commit()
    _sound(connection)


@pytest.mark.parametrize(
    ("change", "copies"),
    [
        (lambda b: b.add_column(sa.Column("n", sa.Integer)), False),
        (lambda b: b.add_column(sa.Column("n", sa.String(3), server_default="a'b")), False),
        (lambda b: b.add_column(sa.Column("n", sa.DateTime, server_default=sa.func.now())), True),
        (lambda b: b.add_column(sa.Column("n", sa.Integer, sa.ForeignKey("p.id", name="f"))), True),
        (lambda b: b.alter_column("a", new_column_name="aa"), False),
        (lambda b: b.drop_column("chk"), False),
        (lambda b: b.drop_column("b"), True),
        (lambda b: b.create_index("i", ["b"]), False),
        (lambda b: b.create_check_constraint("c", "b < 1000"), True),
        (lambda b: b.create_table_comment("words"), False),
    ],
)
def test_a_copy_is_made_only_where_alter_does_not_suffice(
    op: Operations, connection: sa.Connection, change: Any, copies: bool
) -> None:
    seen: list[str] = []
    sa.event.listen(connection.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    with op.batch_alter_table("p") as batch:
        # what is generated from b cannot stay without it
        if copies and change.__code__.co_consts and "b" in change.__code__.co_consts:
            batch.drop_column("g")
        change(batch)
    assert any("_alembic_tmp_p" in s for s in seen) is copies
    connection.commit()
    _sound(connection)
    assert len(_rows(connection, "SELECT * FROM p")) == 3


def test_constraints_are_dropped_by_name_and_by_convention(
    op: Operations, connection: sa.Connection
) -> None:
    with op.batch_alter_table(
        "p", naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"}
    ) as batch:
        batch.drop_constraint("uq_p_a", type_="unique")
        batch.create_check_constraint("low", "b < 1000")
    assert "UNIQUE" not in _entries(connection)["p"]
    with op.batch_alter_table("p") as batch:
        batch.drop_constraint("low", type_="check")
    assert "low" not in _entries(connection)["p"]
    with (
        pytest.raises(ValueError, match="No such constraint: 'low'"),
        op.batch_alter_table("p") as batch,
    ):
        batch.drop_constraint("low", type_="check")


def test_constraints_are_renamed(op: Operations, connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE named (a INT CONSTRAINT on_column CHECK (a > 0), b INT,"
        ' CONSTRAINT "old one" UNIQUE (b), CONSTRAINT fk FOREIGN KEY (b) REFERENCES p (id))'
    )
    with op.batch_alter_table("named") as batch:
        batch.rename_constraint("on_column", "ck_a")
        batch.rename_constraint("old one", "uq b")
        batch.rename_constraint("fk", "fk_b")
    text = _entries(connection)["named"]
    assert "CONSTRAINT ck_a CHECK (a > 0)" in text
    assert 'CONSTRAINT "uq b" UNIQUE (b)' in text
    assert "CONSTRAINT fk_b FOREIGN KEY (b) REFERENCES p (id)" in text
    with pytest.raises(ValueError, match="nothing"), op.batch_alter_table("named") as batch:
        batch.rename_constraint("nothing", "x")


def test_a_failed_block_changes_nothing(op: Operations, connection: sa.Connection) -> None:
    before, rows = _entries(connection), _rows(connection, "SELECT * FROM p")
    connection.rollback()
    with pytest.raises(sa.exc.IntegrityError), op.batch_alter_table("p") as batch:
        batch.create_check_constraint("none", "b > 1000000")
    connection.rollback()
    assert _entries(connection) == before
    assert _rows(connection, "SELECT * FROM p") == rows
    connection.rollback()
    _sound(connection)


def test_the_leftovers_of_a_crash_are_removed(op: Operations, connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE _alembic_tmp_p (junk INT)")
    connection.commit()
    with op.batch_alter_table("p", recreate="always") as batch:
        batch.add_column(sa.Column("n", sa.Integer))
    assert "_alembic_tmp_p" not in _entries(connection)


def test_rows_lost_to_a_conflict_clause_stop_the_copy(
    op: Operations, connection: sa.Connection
) -> None:
    with pytest.raises(DatabaseError, match="kept 2 of 3 rows"), op.batch_alter_table("p") as batch:
        batch.create_unique_constraint("uq", ["chk"], sqlite_on_conflict="IGNORE")
    connection.rollback()
    assert len(_rows(connection, "SELECT * FROM p")) == 3


def test_strict_and_without_rowid_tables_keep_their_options(
    op: Operations, connection: sa.Connection
) -> None:
    connection.exec_driver_sql("CREATE TABLE s (k TEXT PRIMARY KEY, n INT) STRICT, WITHOUT ROWID")
    connection.exec_driver_sql("INSERT INTO s VALUES ('a', 1)")
    with op.batch_alter_table("s", recreate="always", partial_reordering=[("n", "k")]) as batch:
        batch.alter_column("n", nullable=False)
    made = _entries(connection)["s"]
    assert made.endswith("STRICT, WITHOUT ROWID")
    assert _rows(connection, "SELECT * FROM s") == [(1, "a")]


def test_dates_are_kept_in_a_change_of_type(op: Operations, connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE d (w VARCHAR(20))")
    connection.exec_driver_sql("INSERT INTO d VALUES ('2020-01-31')")
    with op.batch_alter_table("d") as batch:
        batch.alter_column("w", type_=sa.Date())
    assert _rows(connection, "SELECT w FROM d") == [("2020-01-31",)]


def test_outside_of_a_block_the_error_names_batch_alter_table(
    op: Operations, connection: sa.Connection
) -> None:
    with pytest.raises(NotImplementedError, match="No support for ALTER of constraints") as caught:
        op.create_foreign_key("fk", "ch", "p", ["pid"], ["id"])
    assert "batch" in str(caught.value.hint)  # type: ignore[attr-defined]


def test_native_projects_need_no_block(connection: sa.Connection) -> None:
    op = Operations(Context(connection, {"detect": "all"}))
    op.create_unique_constraint("uq", "ch", ["pid"])
    op.alter_column("ch", "pid", nullable=False)
    op.drop_constraint("uq", "ch", type_="unique")
    assert _entries(connection)["ch"].startswith(
        'CREATE TABLE "ch" (id INTEGER PRIMARY KEY, pid INT NOT NULL REF'
    )
    assert _rows(connection, "SELECT * FROM ch") == [(1, 1), (2, 2)]


def test_listeners_and_given_columns_change_what_is_copied(
    op: Operations, connection: sa.Connection
) -> None:
    def heard(_inspector: Any, _table: Any, column: dict[str, Any]) -> None:
        if column["name"] == "b":
            column["type"] = sa.BigInteger()

    with op.batch_alter_table(
        "p",
        recreate="always",
        reflect_kwargs={"listeners": [("column_reflect", heard)]},
        reflect_args=[sa.Column("chk", sa.SmallInteger)],
        table_args=(sa.UniqueConstraint("b", "id", name="uq"),),
    ):
        pass
    made = _entries(connection)["p"]
    for part in ("b BIGINT DEFAULT", "chk SMALLINT", "CONSTRAINT uq UNIQUE (b, id)"):
        assert part in made


@pytest.mark.parametrize(
    ("columns", "keywords", "text"),
    [
        ("id INTEGER PRIMARY KEY", {"sqlite_strict": True}, "id INTEGER PRIMARY KEY) STRICT"),
        (
            "id INTEGER NOT NULL, PRIMARY KEY (id)",
            {"sqlite_autoincrement": True},
            "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT)",
        ),
        (
            "id INTEGER PRIMARY KEY AUTOINCREMENT",
            {"sqlite_autoincrement": False},
            "id INTEGER, PRIMARY KEY (id))",
        ),
        ("id TEXT PRIMARY KEY", {"sqlite_autoincrement": True}, "id TEXT PRIMARY KEY)"),
    ],
)
def test_options_are_added_and_removed_by_a_copy(
    op: Operations, connection: sa.Connection, columns: str, keywords: dict[str, Any], text: str
) -> None:
    connection.exec_driver_sql(f"CREATE TABLE n ({columns})")
    connection.exec_driver_sql("INSERT INTO n VALUES (5)")
    with op.batch_alter_table("n", table_kwargs=keywords):
        pass
    assert " ".join(_entries(connection)["n"].split()) == f'CREATE TABLE "n" ({text}'
    assert [str(row[0]) for row in _rows(connection, "SELECT id FROM n")] == ["5"]


def test_an_option_that_is_not_passed_is_kept(op: Operations, connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE n (id INTEGER PRIMARY KEY) without  rowid, strict")
    with op.batch_alter_table("n", table_kwargs={"sqlite_strict": False}):
        pass
    assert _entries(connection)["n"].endswith(") WITHOUT ROWID")


@pytest.mark.parametrize("drops_first", [True, False])
def test_a_column_takes_the_name_of_a_dropped_column(
    op: Operations, connection: sa.Connection, drops_first: bool
) -> None:
    with op.batch_alter_table("p") as batch_op:
        if drops_first:
            batch_op.drop_column("chk")
        batch_op.alter_column(
            "b", new_column_name="chk", existing_type=sa.Integer(), type_=sa.BigInteger()
        )
        if not drops_first:
            batch_op.drop_column("chk")
    columns = {one["name"]: str(one["type"]) for one in sa.inspect(connection).get_columns("p")}
    assert columns["chk"] == "BIGINT"
    assert "b" not in columns
    assert connection.exec_driver_sql("SELECT a, chk FROM p ORDER BY id").fetchall() == [
        ("x", 2), ("y", 3), ("z", 1)
    ]  # fmt: skip


def test_a_computed_column_that_becomes_a_plain_one_keeps_its_values(
    op: Operations, connection: sa.Connection
) -> None:
    before = _rows(connection, "SELECT id, g FROM p")
    assert all(value is not None for _, value in before)
    with op.batch_alter_table("p") as batch:
        batch.alter_column("g", server_default=None)
    assert _rows(connection, "SELECT id, g FROM p") == before
    assert " g INT," in _entries(connection)["p"]
    connection.exec_driver_sql("UPDATE p SET g = 5")
    assert {row[0] for row in _rows(connection, "SELECT g FROM p")} == {5}
