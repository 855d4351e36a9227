"""PostgreSQL: what hangs on a dropped table or column and comes back with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.types import UserDefinedType

from tests.cases.autogenerate.builders import PG, one_way, pair
from tests.cases.autogenerate.pg_builders import OWN, only, view, world


class SERIAL(UserDefinedType[int]):
    """A type as applications write it, as SQLAlchemy makes a serial of a primary key only."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """Return the word of PostgreSQL."""
        return "SERIAL"


# ── sequences of columns other than the key ───────────────────────────────


def serial(*columns: Column[Any]) -> MetaData:
    """Return models of a table with a key."""
    return only(Column("x", Integer), *columns)


def made_serial(*, is_null: bool = False) -> MetaData:
    """Return models without a column that the database has as a serial."""
    null = ["ALTER TABLE t ALTER COLUMN n DROP NOT NULL"] if is_null else []
    return world("ALTER TABLE t ADD COLUMN n BIGSERIAL", *null, metadata=serial())


pair("serial that is not the key", serial(), serial(Column("n", SERIAL(), nullable=False)), PG)
pair("serial to integer", serial(Column("n", SERIAL(), nullable=False)),
     serial(Column("n", Integer, nullable=False)), PG)  # fmt: skip
pair("table with a serial that is not the key", MetaData(),
     serial(Column("n", SERIAL(), nullable=False)), PG)  # fmt: skip
one_way("serial that is not the key dropped", made_serial(), serial(), PG)
one_way("serial that allows NULL dropped", made_serial(is_null=True), serial(), PG)
one_way("table with a serial that is not the key dropped", made_serial(), MetaData(), PG)

# ── views ─────────────────────────────────────────────────────────────────


def viewed(*columns: str, sql: str = "SELECT id, x FROM t") -> MetaData:
    """Return models of a table with these columns under a view."""
    return world(view("v", sql), metadata=only(*(Column(name, Integer) for name in columns)))


pair("column dropped that a view does not read", viewed("x", "y"), viewed("x"), PG)
pair("column renamed that a view reads, another dropped", viewed("x", "y"),
     viewed("z", sql="SELECT id, z AS x FROM t"), PG, renames=("t.x=t.z",))  # fmt: skip

# ── partitions ────────────────────────────────────────────────────────────


def parted(*statements: Any, columns: tuple[str, ...] = ("x", "y"), **options: Any) -> MetaData:
    """Return models of a partitioned table, and statements run after it is created."""
    m = MetaData()
    Table("p", m, Column("id", Integer, primary_key=True),
          *(Column(name, Integer) for name in columns), Column("s", String(20)),
          postgresql_partition_by="RANGE (id)", **options)  # fmt: skip
    return world(*statements, metadata=m)


PARTITION = "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000)"
NESTED = (
    "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (1000) TO (2000) PARTITION BY RANGE (id)",
    "CREATE TABLE p21 PARTITION OF p2 FOR VALUES FROM (1000) TO (1500)",
    "CREATE TABLE p22 PARTITION OF p2 DEFAULT",
)
OWN_PARTS = (
    PARTITION,
    *NESTED,
    "CREATE INDEX ix_own ON p1 (x)",
    "CREATE UNIQUE INDEX ix_lower ON p22 (lower(s), y) WHERE y > 0",
    "ALTER TABLE p21 ADD CONSTRAINT ck_own CHECK (y > 0)",
)
TOUCH_SQL = """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RETURN NEW; END $$"""
WHEN_SQL = """CREATE TRIGGER tr BEFORE UPDATE ON p FOR EACH ROW
WHEN (OLD.x IS DISTINCT FROM NEW.x) EXECUTE FUNCTION touch()"""
TOUCH = ("function", "touch()", TOUCH_SQL, {})
WHEN = ("trigger", "tr", "p", WHEN_SQL, {"calls": "touch()"})
one_way("partitioned table dropped", parted(*OWN_PARTS), MetaData(), PG, lossy=frozenset({"p"}))
one_way("column dropped with indexes and checks of partitions", parted(*OWN_PARTS),
        parted(PARTITION, *NESTED, "CREATE INDEX ix_own ON p1 (x)", columns=("x",)), PG)  # fmt: skip
pair("trigger with a condition on a partitioned table", parted(TOUCH, PARTITION),
     parted(TOUCH, PARTITION, WHEN), PG, **OWN)  # fmt: skip
pair("view of a partitioned table", parted(PARTITION),
     parted(PARTITION, view("v", "SELECT id, x FROM p")), PG, **OWN)  # fmt: skip
pair("column type under a view of a partitioned table",
     parted(PARTITION, view("v", "SELECT id, x, s FROM p"), columns=("x",)),
     parted(PARTITION, view("v", "SELECT id, x, s FROM p"), columns=("x", "y")), PG)  # fmt: skip

# ── NO INHERIT ────────────────────────────────────────────────────────────


def not_inherited(*, is_there: bool) -> MetaData:
    """Return models of a table with a check, which inheriting tables do not get."""
    if not is_there:
        return only(Column("x", Integer))
    m = only(Column("x", Integer), Column("y", Integer))
    m.tables["t"].append_constraint(CheckConstraint("y > 0", name="ck"))
    return world(
        "ALTER TABLE t DROP CONSTRAINT ck; "
        "ALTER TABLE t ADD CONSTRAINT ck CHECK (x > 0 AND y > 0) NO INHERIT",
        metadata=m,
    )


one_way("check without inheritance dropped", not_inherited(is_there=True),
        not_inherited(is_there=False), PG)  # fmt: skip
one_way("table with a check without inheritance dropped", not_inherited(is_there=True),
        MetaData(), PG)  # fmt: skip

# ── types that SQLAlchemy does not know ───────────────────────────────────

UNKNOWN = "b box, p point[], x2 xml, l line, w pg_lsn"
COLUMNS = ", ".join(f"ADD COLUMN {column}" for column in UNKNOWN.split(", "))
one_way("columns of types unknown to SQLAlchemy dropped",
        world(f"ALTER TABLE t {COLUMNS}", metadata=only(Column("x", Integer))),
        only(Column("x", Integer)), PG)  # fmt: skip
one_way("table with types unknown to SQLAlchemy dropped",
        world(f"CREATE TABLE gone (id integer PRIMARY KEY, {UNKNOWN})", metadata=only()),
        only(), PG)  # fmt: skip
one_way("type unknown to SQLAlchemy becomes text",
        world("ALTER TABLE t ADD COLUMN w pg_lsn", metadata=only()), only(Column("w", Text)),
        PG)  # fmt: skip

# ── a domain's check with a name ──────────────────────────────────────────


def counted(default: str, check: str, name: str | None, *, not_null: bool) -> MetaData:
    """Return models of a column of a domain."""
    kind = DOMAIN("counted", Integer, default=default, check=check, constraint_name=name,
                  not_null=not_null)  # fmt: skip
    return only(Column("v", kind))


pair("domain: default, NOT NULL and a name for the check at once",
     counted("1", "VALUE > 0", None, not_null=False),
     counted("2", "VALUE > 0", "named", not_null=True), PG)  # fmt: skip
pair("domain: a name for the check", counted("1", "VALUE > 0", None, not_null=False),
     counted("2", "VALUE > 1", "named", not_null=False), PG)  # fmt: skip

# ── tabs in literals ──────────────────────────────────────────────────────

pair("tab in a default and a check", only(Column("x", String(20))),
     only(Column("x", String(20), CheckConstraint("x <> 'a\t'", name="ck"),
                 server_default="a\tb\t")), PG)  # fmt: skip
