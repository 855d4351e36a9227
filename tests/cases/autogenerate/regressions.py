"""What random pairs found: small stories of what went wrong once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Enum,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
    func,
)
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import (
    ALL,
    LITE,
    MARIA,
    NOT_MARIA,
    PG,
    SERVERS,
    models,
    one_way,
    pair,
    table,
)

# ── answers ───────────────────────────────────────────────────────────────
pair("rename of a name with dots", table(Column("dot.ted", Integer), name="a.b"),
     table(Column("x.y", Integer), name="c.d"),
     renames=("a.b=c.d", "a.b.dot.ted=c.d.x.y"))  # fmt: skip
one_way("rename of a name with an equals sign", table(Column("a=b", Integer)),
        table(Column("c=d", Integer)), ALL, renames=("t.a=b=t.c=d",))  # fmt: skip
SWAP = ("t.a=t.b", "t.b=t.a")
pair("columns exchange their names", table(Column("a", Integer), Column("b", String(9))),
     table(Column("a", String(9)), Column("b", Integer)), renames=SWAP)  # fmt: skip
pair("columns exchange their names and change",
     table(Column("a", Integer), Column("b", String(9), nullable=False)),
     table(Column("a", String(20), nullable=False), Column("b", Text)), renames=SWAP)  # fmt: skip
pair("columns exchange their names under an index",
     table(Column("a", Integer), Column("b", Integer), Index("ix", "a")),
     table(Column("a", Integer), Column("b", Integer), Index("ix", "a")), renames=SWAP)  # fmt: skip

# ── renames, and what else changes with them ──────────────────────────────
pair("rename under a new constraint",
     table(Column("a", Integer), Index("ix", "a")),
     table(Column("b", Integer), UniqueConstraint("b", name="u")), renames=("t.a=t.b",))  # fmt: skip
pair("rename under an unnamed constraint",
     table(Column("a", String(9))),
     table(Column("b", String(9)), UniqueConstraint("b")), renames=("t.a=t.b",))  # fmt: skip
pair("rename to a reserved word under a check",
     table(Column("a", Integer), Column("x", Integer), CheckConstraint("x < 1000", name="c")),
     table(Column("select", Integer), Column("x", Integer), CheckConstraint("x > 5", name="c")),
     renames=("t.a=t.select",))  # fmt: skip


def sums(name: str, *computed: Any, **options: Any) -> MetaData:
    """Return models of a table whose column may be read by a computed one."""
    return table(Column(name, Integer), *computed, **options)


pair("rename under a computed column that goes",
     sums("x", Column("y", Integer, Computed("x + 1", persisted=True))), sums("z"),
     renames=("t.x=t.z",))  # fmt: skip
pair("rename of a computed column and of what it reads",
     table(Column("x", Integer), Column("c", Integer, Computed("x + 1", persisted=True))),
     table(Column("z", Integer), Column("d", Integer, Computed("z + 1", persisted=True))),
     renames=("t.x=t.z", "t.c=t.d"))  # fmt: skip
pair("awkward rename and type under a computed column that goes",
     table(Column('q"q', Text), Column("y", Text, Computed("\"q\"\"q\" || 'z'", persisted=True))),
     table(Column("ünï", String(20))), PG, renames=('t.q"q=t.ünï',))  # fmt: skip


def kin(target: str, **options: Any) -> MetaData:
    """Return models of a child with a key to a table of an awkward name."""
    metadata = MetaData(**options)
    parent = Table(target, metadata, Column("id", Integer, primary_key=True))
    child = Table("child", metadata, Column("id", Integer, primary_key=True), Column("x", Integer))
    child.append_constraint(ForeignKeyConstraint(["x"], [parent.c.id], name="fk"))
    return metadata


pair("key to a table with dots in its name comes", MetaData(), kin("dot.ted"))
pair("table with dots in its name renamed under a key", kin("dot.ted"), kin("plain"),
     renames=("dot.ted=plain",))  # fmt: skip
TUNED = {"mysql_row_format": "COMPACT", "mysql_collate": "utf8mb4_unicode_ci"}
pair("renamed table gets options", table(Column("s", String(20)), name="a"),
     table(Column("s", String(20)), name="b", mysql_row_format="DYNAMIC"), MARIA,
     renames=("a=b",))  # fmt: skip
pair("renamed table keeps its collation", table(Column("s", String(20)), name="a", **TUNED),
     table(Column("s", String(20)), Column("n", String(5)), name="b", **TUNED), MARIA,
     renames=("a=b",))  # fmt: skip
pair("renamed table with named keys",
     models(("a", Column("id", Integer), Column("x", Integer), PrimaryKeyConstraint("id"),
             UniqueConstraint("x")), naming_convention={"pk": "pk_%(table_name)s",
             "uq": "uq_%(table_name)s_%(column_0_name)s"}),
     models(("b", Column("id", Integer), Column("y", Integer), PrimaryKeyConstraint("id"),
             UniqueConstraint("y")), naming_convention={"pk": "pk_%(table_name)s",
             "uq": "uq_%(table_name)s_%(column_0_name)s"}),
     renames=("a=b", "a.x=b.y"))  # fmt: skip

NAMED = {"naming_convention": {"ck": "ck_%(table_name)s_%(constraint_name)s"}}


def checked(name: str | None, **options: Any) -> MetaData:
    """Return models of a table with a check, and of another one that comes or goes."""
    check = CheckConstraint("x > 5", name=name)
    more = [("u", Column("x", Integer), CheckConstraint("x > 5"))] if name is None else []
    return models(("t", Column("id", Integer), Column("x", Integer), check), *more, **options)


pair("convention that wants a name for every check", checked(None), checked("c", **NAMED))

# ── PostgreSQL ────────────────────────────────────────────────────────────
pair("USING speaks of a column with a per cent sign",
     table(Column("per%cent", Text)), table(Column("per%cent", Integer)), PG)  # fmt: skip
pair("index on a function of a column with a per cent sign",
     table(Column("per%cent", Text), Column("x", Integer)),
     table(Column("per%cent", Text), Index("ix", func.lower(column("per%cent")))),
     NOT_MARIA)  # fmt: skip
pair("identity from a column that takes NULL",
     table(Column("x", Integer)), table(Column("x", Integer, Identity())), PG)  # fmt: skip
pair("exclusion whose name says what it is", table(Column("d", Date)),
     table(Column("d", Date), pg.ExcludeConstraint(("d", "="), using="hash", name='"exclude".2')),
     PG)  # fmt: skip


# ── MariaDB ───────────────────────────────────────────────────────────────


def lettered(collate: str, **own: str) -> MetaData:
    """Return models of a table with a collation, and columns with one of their own."""
    items = [Column(name, String(20, collation)) for name, collation in own.items()]
    note = Column("j", JSON, nullable=False, server_default="{}")
    return table(Column("s", String(20)), note, *items, mysql_collate=collate)


pair("collation of a table whose columns have their own",
     lettered("utf8mb4_general_ci", a="utf8mb4_bin", b="utf8mb4_unicode_ci"),
     lettered("utf8mb4_bin", a="utf8mb4_bin", b="utf8mb4_unicode_ci"), MARIA)  # fmt: skip


def counting(**options: Any) -> MetaData:
    """Return models with a sequence."""
    metadata = table(Column("x", Integer))
    Sequence("counter", metadata=metadata, **options)
    return metadata


pair("sequence loses its start", counting(start=5), counting(), SERVERS)
pair("sequence is added", MetaData(), counting(start=5), SERVERS)
pair("sequence counts otherwise", counting(start=7, increment=3), counting(cycle=True, maxvalue=99),
     SERVERS)  # fmt: skip


def twice(*items: Any) -> MetaData:
    """Return models in which one key begins with the column of another."""
    metadata = MetaData()
    Table("one", metadata, Column("id", Integer, primary_key=True))
    Table("two", metadata, Column("id", Integer, primary_key=True, autoincrement=False),
          Column("code", String(20), primary_key=True))  # fmt: skip
    Table("t", metadata, Column("id", Integer, primary_key=True), Column("x", Integer),
          Column("c", String(20)), *items)  # fmt: skip
    return metadata


pair("keys that begin with the same column", twice(),
     twice(ForeignKeyConstraint(["x"], ["one.id"], name="k1"),
           ForeignKeyConstraint(["x", "c"], ["two.id", "two.code"], name="k2")),
     rows={"t": []}, rows_back={"t": []})  # fmt: skip

# ── SQLite ────────────────────────────────────────────────────────────────
MOOD = Enum("sad", "ok", name="mood", create_constraint=True)
pair("enum by check that takes no NULL goes", table(Column("m", MOOD, nullable=False)), table())
pair("default with a collation", table(Column("s", String(9, "NOCASE"))),
     table(Column("s", String(9, "NOCASE"), server_default="x")), LITE)  # fmt: skip


def own(name: str, key: str) -> MetaData:
    """Return models of a table that refers to itself, with a named key."""
    return models((
        "t", Column("id", Integer), Column("x", Integer), PrimaryKeyConstraint("id", name=key),
        ForeignKeyConstraint(["x"], ["t.id"], name=name),
    ))  # fmt: skip


pair("named key of a table that refers to itself", own("f1", "k1"), own("f2", "k2"))


def family(word: type[Any], name: str) -> MetaData:
    """Return models of a parent with quotes in its name, to which a child and itself refer."""
    metadata = MetaData()
    for table_name in (name, "child"):
        Table(table_name, metadata, Column("id", Integer, primary_key=True), Column("x", Integer),
              Column("s", word()), ForeignKeyConstraint(["x"], [f"{name}.id"]))  # fmt: skip
    return metadata


pair("type in a table with quotes in its name, under keys", family(Integer, 'say "hi"'),
     family(Text, 'say "hi"'))  # fmt: skip
pair("key type of a table that refers to itself",
     models(("t", Column("id", Integer, primary_key=True), Column("x", Integer),
             ForeignKeyConstraint(["x"], ["t.id"], name="f"))),
     models(("t", Column("id", BigInteger, primary_key=True), Column("x", BigInteger),
             ForeignKeyConstraint(["x"], ["t.id"], name="f"))), SERVERS)  # fmt: skip
pair("column with the name of its table added next to an index",
     models(("t", Column("id", Integer), Column("x", Integer), Index("ix", "x"))),
     models(("t", Column("id", Integer), Column("x", Integer), Index("ix", "x"),
             Column("t", Integer, nullable=False), CheckConstraint("t >= 0", name="c"))))  # fmt: skip
