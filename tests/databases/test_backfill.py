"""`op.backfill`: every row once, whatever the key and whenever the process dies."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.environment import MigrationContext
from limbeck.errors import BackfillKeyError, BackfillTransactionError, BackfillValueError
from limbeck.operations import Operations
from limbeck.runtime.errors import ExternalTransactionError, StepChangedError
from tests.databases.crash_harness import Project, deaths, killed_after, settle
from tests.servers import Database

KILLS = pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
ROWS = 2000
START = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - a column without time zone

KEYS: dict[str, tuple[list[Any], Callable[[int], tuple[object, ...]]]] = {
    "integer": ([sa.Integer], lambda n: (n * 3 - 900,)),
    "integers in a row": ([sa.Integer], lambda n: (n - 150,)),
    "integers with a gap": ([sa.Integer], lambda n: (n if n < 150 else n + 1_000_000,)),
    "the largest integers": ([sa.BigInteger], lambda n: (2**63 - 1 - n,)),
    "the largest small integers": ([sa.SmallInteger], lambda n: (2**15 - 1 - n,)),
    "uuid": ([sa.Uuid], lambda n: (uuid.UUID(int=random.Random(n).getrandbits(128), version=4),)),
    "text": ([sa.String(40)], lambda n: (f"{'aÄzé%_'[n % 6]} {n * 7919 % 10007}",)),
    "binary": ([sa.LargeBinary(16)], lambda n: (random.Random(n).randbytes(16),)),
    "numeric": ([sa.Numeric(12, 3)], lambda n: (n - 50,)),
    "time": ([sa.DateTime], lambda n: (START + dt.timedelta(minutes=n),)),
    "composite": ([sa.String(9), sa.Integer], lambda n: (f"k{n % 17}", n)),
    "three": ([sa.Integer, sa.String(9), sa.Integer], lambda n: (n % 3, f"k{n % 17}", n)),
}


def _key(columns: list[Any]) -> list[sa.Column[Any]]:
    return [
        sa.Column(f"k{place}", type_, primary_key=True, autoincrement=False)
        for place, type_ in enumerate(columns)
    ]


@pytest.mark.parametrize("kind", KEYS)
def test_every_row_is_changed_once(database: Database, kind: str) -> None:
    columns, value = KEYS[kind]
    if kind == "binary" and database.kind in {"mariadb", "mysql"}:
        columns = [sa.BINARY(16)]
    returned: list[int | None] = []

    def first() -> None:
        table = op.create_table("item", *_key(columns), sa.Column("n", sa.Integer, nullable=False))
        rows = [
            {f"k{place}": part for place, part in enumerate(value(n))} | {"n": 0}
            for n in range(300)
        ]
        op.bulk_insert(table, rows)

    def second() -> None:
        op.add_column("item", sa.Column("x", sa.Integer))
        returned.append(op.backfill("item", "n = n + 1, x = n", batch=37, seconds=None))
        op.add_column("item", sa.Column("y", sa.Integer))

    Project(database.address, {"a1": first, "b2": second}).upgrade()
    with database.engine() as engine, engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT n, count(*), count(x) FROM item GROUP BY n")
        assert [tuple(row) for row in rows] == [(1, 300, 300)]
        assert not sa.inspect(connection).has_table("limbeck_journal")
    assert returned == [300]


def _create() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
    )
    op.execute(
        f"INSERT INTO item (id, n) VALUES {', '.join(f'({n}, 0)' for n in range(1, ROWS + 1))}"
    )


def _fill() -> None:
    op.execute("INSERT INTO item (id, n) VALUES (-5, 0)")
    op.add_column("item", sa.Column("x", sa.Integer))
    op.backfill(
        "item", {"n": "n + 1", "x": sa.column("id") * 2}, where="id >= 0", batch=20, seconds=0
    )
    op.add_column("item", sa.Column("y", sa.Integer))
    op.execute("UPDATE item SET y = 7")


def _expect_filled(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT n, count(*), sum(CASE WHEN x = id * 2 THEN 1 ELSE 0 END), min(y) FROM item"
            " GROUP BY n ORDER BY n"
        )
        assert [tuple(map(int, row[:2])) for row in rows] == [(0, 1), (1, ROWS)]
        right = "SELECT count(*) FROM item WHERE y = 7 AND (x = id * 2 OR id < 0)"
        assert connection.exec_driver_sql(right).scalar() == ROWS + 1
    engine.dispose()


@KILLS
@pytest.mark.parametrize("per_migration", [False, True])
def test_a_backfill_killed_at_random_is_completed_by_the_next_run(
    database: Database, kills: int, per_migration: bool
) -> None:
    if per_migration and database.kind != "postgresql":
        pytest.skip("only a database with transactional DDL has the choice")
    url = database.address
    chance = random.Random(13)

    def project() -> Project:
        return Project(
            url,
            {"a1": _create, "b2": _fill},
            downs={"a1": lambda: op.drop_table("item"), "b2": lambda: op.execute("SELECT 1")},
            configure={"transaction_per_migration": per_migration},
        )

    done, longest = 0, 0.5
    for _ in range(10 * kills):
        for _ in range(3):
            begun = time.monotonic()
            if not killed_after(chance.uniform(0, longest), project().upgrade):
                longest = max(0.05, time.monotonic() - begun)
                break
            settle(url)
            done += 1
        else:
            longest *= 1.3
        project().upgrade()
        _expect_filled(url)
        project().downgrade()
        if done >= kills:
            return
    pytest.fail(f"only {done} of {kills} processes could be killed in time")


@pytest.mark.parametrize("points", [4, pytest.param(None, id="all", marks=pytest.mark.slow)])
def test_a_kill_at_any_statement_changes_each_row_once(
    database: Database, points: int | None
) -> None:
    url = database.address

    def first() -> None:
        table = op.create_table(
            "item",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("n", sa.Integer, nullable=False),
        )
        op.bulk_insert(table, [{"id": n, "n": 0} for n in range(1, 11)])

    def second() -> None:
        op.add_column("item", sa.Column("x", sa.Integer))
        op.backfill("item", {"n": "n + 1", "x": "id"}, batch=3, seconds=None)
        op.execute("UPDATE item SET x = x * 2")

    def make() -> Project:
        with database.engine() as engine, engine.begin() as connection:
            metadata = sa.MetaData()
            metadata.reflect(connection)
            metadata.drop_all(connection)
        Project(url, {"a1": first}).upgrade()
        return Project(url, {"a1": first, "b2": second})

    kills = 0
    for death in deaths(make, points=points):
        kills += 1
        Project(url, {"a1": first, "b2": second}).upgrade()
        with database.engine() as engine, engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT n, x - 2 * id, count(*) FROM item GROUP BY 1, 2"
            )
            assert [tuple(map(int, row)) for row in rows] == [(1, 0, 10)], death
            names = set(sa.inspect(connection).get_table_names())
            assert names == {"alembic_version", "item"}, death
    assert kills >= 8


def test_a_failed_backfill_continues_after_the_last_batch(database: Database) -> None:
    url = database.address
    seen: list[str] = []

    def watch(engine: sa.Engine) -> None:
        @sa.event.listens_for(engine, "before_cursor_execute")
        def count(_conn: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
            if sql.startswith("UPDATE item"):
                seen.append(sql)
                if len(seen) == 4:
                    raise RuntimeError("the test stops it")

    def fill() -> None:
        op.backfill("item", "n = n + 1", batch=500, seconds=None)

    Project(url, {"a1": _create}).upgrade()
    with pytest.raises(RuntimeError, match="the test stops it"):
        Project(url, {"a1": _create, "b2": fill}, watch=watch).upgrade()
    with database.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT sum(n) FROM item").scalar() == 1500

    def other() -> None:
        op.backfill("item", "n = n + 2", batch=500, seconds=None)

    with pytest.raises(StepChangedError, match="changed or removed in the file"):
        Project(url, {"a1": _create, "b2": other}).upgrade()
    Project(url, {"a1": _create, "b2": fill}).upgrade()
    with database.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT min(n), max(n) FROM item").one() == (1, 1)


@pytest.mark.parametrize(
    ("values", "where"),
    [("q = 1", None), ({"n": "nowhere + 1"}, None), ("n = 1", "m > 1"), ("n = 1 +", None)],
)
def test_an_expression_with_an_error_leaves_no_record(
    database: Database, values: str | dict[str, str], where: str | None
) -> None:
    def wrong() -> None:
        op.backfill("t", values, where=where)

    def right() -> None:
        op.backfill("t", {"n": sa.literal(5)}, where=sa.column("n") == sa.literal(0))

    Project(database.address, {"a1": _plain}).upgrade()
    with pytest.raises(sa.exc.DBAPIError):
        Project(database.address, {"a1": _plain, "b2": wrong}).upgrade()
    with database.engine() as engine, engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        if "limbeck_journal" in names:
            found = connection.exec_driver_sql("SELECT count(*) FROM limbeck_journal")
            assert found.scalar() == 0
    # the corrected file is not taken for an edited one
    Project(database.address, {"a1": _plain, "b2": right}).upgrade()
    with database.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT n FROM t").scalar() == 5


def _refused(database: Database, fill: Callable[[], object], first: Callable[[], object]) -> str:
    Project(database.address, {"a1": first}).upgrade()  # type: ignore[dict-item]
    with pytest.raises((BackfillKeyError, BackfillTransactionError, BackfillValueError)) as error:
        Project(database.address, {"a1": first, "b2": fill}).upgrade()  # type: ignore[dict-item]
    with database.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t WHERE n <> 0").scalar() == 0
    return str(error.value)


def test_a_table_without_primary_key_is_refused(database: Database) -> None:
    def first() -> None:
        op.create_table("t", sa.Column("id", sa.Integer), sa.Column("n", sa.Integer))
        op.execute("INSERT INTO t VALUES (1, 0)")

    text = _refused(database, lambda: op.backfill("t", "n = 1"), first)
    assert "no primary key" in text
    with pytest.raises(BackfillKeyError, match="the table does not exist"):
        Project(database.address, {"a1": first, "b2": lambda: op.backfill("u", "n = 1")}).upgrade()  # type: ignore[dict-item]


def test_null_in_the_key_is_refused(sqlite: Database) -> None:
    def first() -> None:
        op.execute("CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER)")
        op.execute("INSERT INTO t VALUES ('a', 0), (NULL, 0)")

    text = _refused(sqlite, lambda: op.backfill("t", "n = 1"), first)
    assert "NULL" in text


def test_keys_without_a_usable_order_are_refused(mysql_family: Database) -> None:
    def first() -> None:
        op.execute("CREATE TABLE t (id ENUM('z', 'a') PRIMARY KEY, n INTEGER)")

    assert "sorted by number" in _refused(mysql_family, lambda: op.backfill("t", "n = 1"), first)


def test_tables_outside_transactions_are_refused(mariadb: Database) -> None:
    def first() -> None:
        op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER) ENGINE=MyISAM")
        op.execute("INSERT INTO t VALUES (1, 0)")

    assert "transactions" in _refused(mariadb, lambda: op.backfill("t", "n = 1"), first)


def _plain() -> None:
    op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
    op.execute("INSERT INTO t VALUES (1, 0)")


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (lambda: op.backfill("t", "id = 1"), "primary key"),
        (lambda: op.backfill("t", "n"), "assigns nothing"),
        (lambda: op.backfill("t", {}), "assigns nothing"),
        (lambda: op.backfill("t", "n = 1", batch=0), "batch is 0"),
        (lambda: op.backfill("t", "n = 1", pause=-1), "pause is -1"),
    ],
)
def test_invalid_arguments_are_refused(
    sqlite: Database, fill: Callable[[], object], words: str
) -> None:
    assert words in _refused(sqlite, fill, _plain)


def test_a_block_outside_transactions_is_refused(postgresql: Database) -> None:
    def fill() -> None:
        with op.get_context().autocommit_block():
            op.backfill("t", "n = 1")

    assert "autocommit block" in _refused(postgresql, fill, _plain)


def test_a_backfill_stays_in_a_transaction_of_env_py(postgresql: Database) -> None:
    from limbeck import context
    from limbeck.environment import Environment

    project = Project(postgresql.address, {"a1": _plain, "b2": lambda: op.backfill("t", "n = 1")})  # type: ignore[dict-item]
    with (
        Environment(object(), project, fn=project.up),
        postgresql.engine() as engine,
        engine.begin() as connection,
    ):
        context.configure(connection=connection)
        with pytest.raises(ExternalTransactionError, match=r"op\.backfill\(\) cannot leave"):
            context.run_migrations()
        connection.rollback()


def test_without_a_run_all_batches_belong_to_the_transaction_of_the_caller(
    database: Database,
) -> None:
    Project(database.address, {"a1": _plain}).upgrade()
    with database.engine() as engine, engine.connect() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            assert op.backfill("t", "n = 1") == 1
        connection.rollback()
        assert connection.exec_driver_sql("SELECT n FROM t").scalar() == 0


def test_without_a_journal_all_batches_are_one_transaction(postgresql: Database) -> None:
    def fill() -> None:
        op.backfill("item", "n = n + 1", batch=100, seconds=None)
        raise RuntimeError("stop")

    Project(postgresql.address, {"a1": _create}).upgrade()
    project = Project(postgresql.address, {"a1": _create, "b2": fill}, configure={"journal": "off"})
    with pytest.raises(RuntimeError, match="stop"):
        project.upgrade()
    with postgresql.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT max(n) FROM item").scalar() == 0


def test_a_backfill_waits_for_locked_rows(postgresql: Database) -> None:
    import threading

    Project(postgresql.address, {"a1": _create}).upgrade()

    def fill() -> None:
        op.backfill("item", "n = n + 1", batch=500, seconds=None)

    with postgresql.engine() as engine, engine.connect() as other:
        other.exec_driver_sql("UPDATE item SET n = n WHERE id = 1700")
        timer = threading.Timer(1.0, other.rollback)
        timer.start()
        project = Project(
            postgresql.address, {"a1": _create, "b2": fill}, configure={"table_timeout": 0.3}
        )
        project.upgrade()
        timer.join()
        rows = other.exec_driver_sql("SELECT min(n), max(n) FROM item").one()
        assert tuple(rows) == (1, 1)


def _written(database: Database, fill: Callable[[], object]) -> str:
    import io

    buffer = io.StringIO()
    with database.engine() as engine:
        made = MigrationContext.configure(
            dialect=engine.dialect, opts={"as_sql": True, "output_buffer": buffer}
        )
    with Operations.context(made), made.begin_transaction():
        fill()
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["integer", "uuid", "text", "composite"])
def test_the_script_needs_no_client(server_database: Database, kind: str, tmp_path: Path) -> None:
    columns, value = KEYS[kind]
    table = sa.Table("item", sa.MetaData(), *_key(columns), sa.Column("n", sa.Integer))
    with server_database.engine() as engine:
        table.create(engine)
        with engine.begin() as connection:
            rows = [
                {f"k{place}": part for place, part in enumerate(value(n))} | {"n": 0}
                for n in range(300)
            ]
            connection.execute(table.insert(), rows)
        text = _written(
            server_database,
            lambda: op.backfill(table, "n = n + 1", where="n >= 0", batch=37, pause=0.001),
        )
        _play(server_database, text, tmp_path)
        with engine.connect() as connection:
            found = connection.execute(sa.select(sa.func.min(table.c.n), sa.func.max(table.c.n)))
            assert tuple(found.one()) == (1, 1)


def _play(database: Database, text: str, folder: Path) -> None:
    """Send a script with the server's own client."""
    url = database.url
    path = folder / "script.sql"
    path.write_text(text, encoding="utf-8")
    host, port = url.host or "127.0.0.1", str(url.port or "")
    if database.kind == "postgresql":
        command = [
            "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port or "5432",
            "-U", url.username or "", "-d", url.database or "", "-f", str(path),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        return
    command = [
        "mariadb", "--default-character-set=utf8mb4", "-h", host, "-P", port or "3306",
        "-u", url.username or "", url.database or "",
    ]  # fmt: skip
    with path.open("rb") as script:
        subprocess.run(command, check=True, capture_output=True, stdin=script)


def test_the_script_of_sqlite_is_one_statement(sqlite: Database) -> None:
    text = _written(sqlite, lambda: op.backfill("item", {"n": 5}, where="n IS NULL"))
    assert "UPDATE item SET n=5 WHERE (n IS NULL);" in text
