"""What SQLite has, where most changes are made by copying a table."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)

from limbeck.declare import ServerType
from tests.cases.autogenerate.builders import LITE, models, pair, table


def key() -> Column[int]:
    """Return a primary key column."""
    return Column("id", Integer, primary_key=True)


def plain(*items: object, **options: object) -> MetaData:
    """Return a table with a number, a text and further items."""
    return table(Column("x", Integer), Column("s", String(30)), *items, **options)


# ── columns ───────────────────────────────────────────────────────────────

_COLUMNS = {
    "without a type": Column("n", ServerType("")),
    "without a type, with a default": Column("n", ServerType(""), server_default="5"),
    "date": Column("n", sa.Date),
    "with a constant": Column("n", Integer, server_default="5"),
    "with text": Column("n", String(9), nullable=False, server_default="it's 100%"),
    "with the clock": Column("n", DateTime, server_default=func.now()),
    "with an expression": Column("n", Integer, server_default=text("(1 + 2)"), nullable=False),
    "with a function": Column("n", String(40), server_default=text("(lower('ABC'))")),
    "with true": Column("n", sa.Boolean, server_default=sa.true(), nullable=False),
    "with blob": Column("n", sa.LargeBinary, server_default=text("x'00ff'")),
    "with a negative number": Column("n", Integer, server_default=text("-1")),
    "unique": Column("n", Integer, unique=True),
    "indexed": Column("n", Integer, index=True),
    "with a check": Column("n", Integer, CheckConstraint("n > 0")),
    "with a named check": Column("n", Integer, CheckConstraint("n > 0", name="ck_n")),
    "with collation": Column("n", String(9, collation="NOCASE")),
    "boolean with check": Column("n", sa.Boolean(create_constraint=True, name="ck_b")),
    "boolean with unnamed check": Column("n", sa.Boolean(create_constraint=True)),
    "enum": Column("n", Enum("11", "12", name="kind")),
    "enum with check": Column("n", Enum("11", "it's", create_constraint=True, name="ck_e")),
    "computed": Column("n", Integer, Computed("x * 2")),
    "computed and stored": Column("n", Integer, Computed("x * 2", persisted=True)),
    "json": Column("n", sa.JSON, server_default=text("'{}'")),
    "referring": Column("n", Integer, ForeignKey("t.id", name="fk_n")),
    "referring without name": Column("n", Integer, ForeignKey("t.id", ondelete="CASCADE")),
}
for _name, _column in _COLUMNS.items():
    _rows = {"t": [{"id": 1, "x": 7, "s": "q"}]}
    pair(f"column {_name}", plain(), plain(_column), LITE, rows=_rows, rows_back=_rows)
pair(
    "NOT NULL column without default",
    plain(),
    plain(Column("n", Integer, nullable=False)),
    LITE,
    rows={"t": []},
    rows_back={"t": []},
)
_KEEP = {"nullable": False, "server_default": "a'b"}
pair(
    "column renamed",
    plain(Column("old", String(9), **_KEEP)),
    plain(Column("new", String(9), **_KEEP)),
    LITE,
    renames=("t.old=t.new",),
)
pair(
    "column renamed with what hangs on it",
    plain(
        Column("old", Integer),
        UniqueConstraint("old", "x"),
        CheckConstraint("old > 0"),
        Index("ix", "old", sqlite_where=text("old > 5")),
        Index("ix_low", text("abs(old)")),
        Column("g", Integer, Computed("old + 1")),
    ),
    plain(
        Column("new", Integer),
        UniqueConstraint("new", "x"),
        CheckConstraint("new > 0"),
        Index("ix", "new", sqlite_where=text("new > 5")),
        Index("ix_low", text("abs(new)")),
        Column("g", Integer, Computed("new + 1")),
    ),
    LITE,
    renames=("t.old=t.new",),
)
pair(
    "column renamed and changed",
    plain(Column("old", String(9))),
    plain(Column("new", String(50), nullable=False)),
    LITE,
    renames=("t.old=t.new",),
)
pair(
    "columns dropped with what hangs on them",
    plain(
        Column("a", Integer),
        Column("b", Integer),
        Index("ix_a", "a"),
        UniqueConstraint("b"),
        CheckConstraint("a < b OR a >= b"),
    ),
    plain(),
    LITE,
)

# ── types, NULL, defaults ─────────────────────────────────────────────────

_TYPES = [
    ("wider", String(10), String(80)),
    ("text", String(10), Text()),
    ("integer to big", Integer(), sa.BigInteger()),
    ("numeric", Numeric(8, 2), Numeric(12, 4)),
    ("string to integer", String(10), Integer()),
    ("float to numeric", sa.Float(), Numeric(9, 2)),
    ("collation", String(10), String(10, collation="NOCASE")),
    ("enum value", Enum("11", "12", name="k"), Enum("11", "12", "thirteen", name="k")),
    (
        "checked enum",
        Enum("11", "12", create_constraint=True, name="k"),
        Enum("11", "12", "b'c", create_constraint=True, name="k"),
    ),
    (
        "unnamed checked enum",
        Enum("11", "12", create_constraint=True),
        Enum("11", "12", "x", create_constraint=True),
    ),
    ("boolean to integer", sa.Boolean(create_constraint=True), Integer()),
    ("date to datetime", sa.Date(), DateTime()),
]
for _name, _old, _new in _TYPES:
    _one = {"boolean": 1, "checked": "11", "unnamed": "12"}.get(_name.split()[0])
    _rows = None if _one is None else {"t": [{"id": 1, "c": _one}]}
    pair(
        f"type {_name}",
        table(Column("c", _old)),
        table(Column("c", _new)),
        LITE,
        rows_back=_rows,
    )
_MOODS = [Enum(*words, name="mood", create_constraint=True) for words in ("ab", "abc")]
pair(
    "two columns of one checked enum",
    plain(Column("a", _MOODS[0]), Column("b", _MOODS[0])),
    plain(Column("a", _MOODS[1]), Column("b", _MOODS[1])),
    LITE,
    rows={"t": [{"id": 1, "a": "a", "b": "b"}]},
    rows_back={"t": [{"id": 1, "a": "a", "b": "b"}]},
)
pair(
    "one of two columns of a checked enum",
    plain(Column("a", _MOODS[0]), Column("b", _MOODS[0])),
    plain(Column("b", _MOODS[0]), Column("c", _MOODS[0])),
    LITE,
    rows={"t": [{"id": 1, "a": "a", "b": "b"}]},
    rows_back={"t": [{"id": 1, "c": "a", "b": "b"}]},
)
pair(
    "NOT NULL columns without defaults",
    plain(),
    plain(
        *(
            Column(f"n{place}", type_, nullable=False)
            for place, type_ in enumerate(
                [
                    Integer(),
                    Numeric(5, 2),
                    sa.Boolean(),
                    String(5),
                    Text(),
                    DateTime(),
                    sa.Date(),
                    sa.JSON(),
                    sa.LargeBinary(),
                    Enum("x", "y", create_constraint=True, name="xy"),
                ]
            )
        ),
    ),
    LITE,
    rows_back={"t": []},
)
pair("NOT NULL", plain(), table(Column("x", Integer, nullable=False), Column("s", String(30))),
     LITE)  # fmt: skip
_DEFAULTS = [
    ("number", Integer, "5", "7"),
    ("text", String(30), "a'b", 'say "hi"'),
    ("clock", DateTime, func.now(), text("'2020-01-01'")),
    ("expression", Integer, text("(1 + 2)"), text("(2 * 3)")),
    ("boolean", sa.Boolean, sa.true(), sa.false()),
    ("json", sa.JSON, '{"a": [1, (2]}', "[]"),
    ("null", Integer, text("NULL"), text("1")),
]
for _name, _type, _one, _other in _DEFAULTS:
    pair(
        f"default {_name}",
        table(Column("c", _type)),
        table(Column("c", _type, server_default=_one)),
        LITE,
    )
    pair(
        f"default {_name}, another",
        table(Column("c", _type, server_default=_one)),
        table(Column("c", _type, server_default=_other)),
        LITE,
    )

# ── constraints ───────────────────────────────────────────────────────────

_PARTS = {
    "unique": (UniqueConstraint("x", name="u"),),
    "unnamed unique": (UniqueConstraint("x"),),
    "two unnamed uniques": (UniqueConstraint("x"), UniqueConstraint("s", "x")),
    "unique with conflict": (UniqueConstraint("x", name="u", sqlite_on_conflict="REPLACE"),),
    "check": (CheckConstraint("x > 5", name="c"),),
    "unnamed check": (CheckConstraint("x > 5"),),
    "two unnamed checks": (CheckConstraint("x > 5"), CheckConstraint("s <> 'a''b' OR s IS NULL")),
    "check of commas": (CheckConstraint("s IN ('11', '12', ',)') AND (x > 1 OR x < 0)", name="c"),),
    "index": (Index("ix", "x"),),
    "unique index": (Index("ix", "x", unique=True),),
    "partial index": (Index("ix", "x", sqlite_where=text("x > 5 AND s IS NOT NULL")),),
    "expression index": (Index("ix", text("lower(s)"), "x"),),
    "descending index": (Index("ix", text("x DESC"), "s"),),
    "collated index": (Index("ix", text("s COLLATE NOCASE")),),
    "key to itself": (ForeignKeyConstraint(["x"], ["t.id"], name="fk"),),
    "unnamed key to itself": (ForeignKeyConstraint(["x"], ["t.id"], ondelete="SET NULL"),),
}
for _name, _parts in _PARTS.items():
    pair(f"part: {_name}", plain(), plain(*_parts), LITE)
_PART_CHANGES = {
    "unique columns": ((UniqueConstraint("x", name="u"),), (UniqueConstraint("x", "s", name="u"),)),
    "unnamed unique columns": ((UniqueConstraint("x"),), (UniqueConstraint("s"),)),
    "unique name": ((UniqueConstraint("x", name="u"),), (UniqueConstraint("x", name="v"),)),
    "unique gets a name": ((UniqueConstraint("x"),), (UniqueConstraint("x", name="v"),)),
    "check text": ((CheckConstraint("x > 5", name="c"),), (CheckConstraint("x > 6", name="c"),)),
    "unnamed check text": ((CheckConstraint("x > 5"),), (CheckConstraint("x > 6"),)),
    "check gets a name": ((CheckConstraint("x > 5"),), (CheckConstraint("x > 5", name="c"),)),
    "index columns": ((Index("ix", "x"),), (Index("ix", "s", "x"),)),
    "index where": (
        (Index("ix", "x", sqlite_where=text("x > 5")),),
        (Index("ix", "x", sqlite_where=text("x > 6")),),
    ),
    "index expression": ((Index("ix", text("lower(s)")),), (Index("ix", text("upper(s)")),)),
    "index order": ((Index("ix", "x"),), (Index("ix", text("x DESC")),)),
    "index unique": ((Index("ix", "x"),), (Index("ix", "x", unique=True),)),
    "index name": ((Index("ix", "x"),), (Index("xi", "x"),)),
    "unique to index": ((UniqueConstraint("x", name="u"),), (Index("u", "x", unique=True),)),
}
for _name, (_one, _other) in _PART_CHANGES.items():
    pair(f"part: {_name}", plain(*_one), plain(*_other), LITE)
pair(
    "primary key of two",
    models(("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("a"))),
    models(("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("a", "b"))),
    LITE,
)
pair(
    "primary key name",
    models(("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("a", "b"))),
    models(
        ("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("a", "b", name="pk"))
    ),
    LITE,
)
pair(
    "primary key moves",
    models(("t", Column("a", Integer, primary_key=True), Column("b", String(9), nullable=False))),
    models(("t", Column("a", Integer, nullable=False), Column("b", String(9), primary_key=True))),
    LITE,
)
pair(
    "primary key added",
    models(("t", Column("a", Integer, nullable=False), Column("b", Integer))),
    models(("t", Column("a", Integer, primary_key=True), Column("b", Integer))),
    LITE,
)

# ── keys between tables ───────────────────────────────────────────────────


def family(*items: object, parent: tuple[object, ...] = ()) -> MetaData:
    """Return a parent and a child."""
    return models(
        ("parent", key(), Column("k", Integer, nullable=False, unique=True), *parent),
        ("child", key(), Column("a", Integer), Column("b", Integer), *items),
    )


def _fk(*columns: str, to: tuple[str, ...] = ("id",), **options: object) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"parent.{name}" for name in to], **options)


_KEYS = {
    "added": ((), (partial(_fk, "a", name="fk"),)),
    "added without name": ((), (partial(_fk, "a"),)),
    "two without names": ((), (partial(_fk, "a"), partial(_fk, "b", to=("k",)))),
    "action": (
        (partial(_fk, "a", name="fk"),),
        (partial(_fk, "a", name="fk", ondelete="CASCADE"),),
    ),
    "action without name": ((partial(_fk, "a"),), (partial(_fk, "a", onupdate="CASCADE"),)),
    "deferrable": (
        (partial(_fk, "a"),),
        (partial(_fk, "a", deferrable=True, initially="DEFERRED"),),
    ),
    "target": ((partial(_fk, "a", name="fk"),), (partial(_fk, "a", to=("k",), name="fk"),)),
    "column": ((partial(_fk, "a"),), (partial(_fk, "b"),)),
    "gets a name": ((partial(_fk, "a"),), (partial(_fk, "a", name="fk"),)),
}
for _name, (_one, _other) in _KEYS.items():
    pair(f"key {_name}", family(*(one() for one in _one)),
         family(*(one() for one in _other)), LITE)  # fmt: skip
_PARENTS = {
    "column": ((), (Column("n", Integer, nullable=False, server_default="1"),)),
    "check": ((), (CheckConstraint("k > 0"),)),
    "unique": ((), (UniqueConstraint("k", "id"),)),
    "computed": ((), (Column("g", Integer, Computed("k + 1", persisted=True)),)),
}
for _name, (_one, _other) in _PARENTS.items():
    pair(f"children survive: {_name}", family(_fk("a", ondelete="CASCADE"), parent=_one),
         family(_fk("a", ondelete="CASCADE"), parent=_other), LITE)  # fmt: skip
pair("circle", MetaData(), models(
    ("a", key(), Column("o", Integer, ForeignKey("b.id", name="fk_a"))),
    ("b", key(), Column("o", Integer, ForeignKey("a.id", name="fk_b"))),
), LITE)  # fmt: skip
pair("tables that refer go", models(
    ("b_parent", key()), ("a_child", key(), Column("p", Integer, ForeignKey("b_parent.id"))),
), MetaData(), LITE)  # fmt: skip
pair(
    "parent goes, child stays",
    models(("p", key()), ("c", key(), Column("p", Integer, ForeignKey("p.id")))),
    models(("c", key(), Column("p", Integer))),
    LITE,
    rows={"p": [], "c": [{"id": 1}]},
    rows_back={"c": [{"id": 1}]},
)

# ── tables ────────────────────────────────────────────────────────────────

pair("autoincrement", plain(), plain(sqlite_autoincrement=True), LITE)
pair("without rowid", plain(), plain(sqlite_with_rowid=False), LITE)
pair(
    "strict",
    table(Column("x", Integer), Column("s", Text)),
    table(Column("x", Integer), Column("s", Text), sqlite_strict=True),
    LITE,
)
_NAMED = {"naming_convention": {"pk": "pk_%(table_name)s"}}
pair(
    "autoincrement on a key with a name",
    models(("t", key(), Column("x", Integer)), **_NAMED),
    models(("t", key(), Column("x", Integer), {"sqlite_autoincrement": True}), **_NAMED),
    LITE,
)
pair(
    "autoincrement and another key",
    plain(sqlite_autoincrement=True),
    models(("t", Column("id", Integer), Column("x", Integer), Column("s", String(30)),
            PrimaryKeyConstraint("id", "s"))),
    LITE,
)  # fmt: skip
pair(
    "autoincrement and a new column",
    plain(),
    plain(Column("n", Integer, nullable=False, server_default="1"), sqlite_autoincrement=True),
    LITE,
)
pair(
    "strict and without rowid, then one of them",
    table(Column("s", Text), sqlite_strict=True, sqlite_with_rowid=False),
    table(Column("s", Text), sqlite_strict=True),
    LITE,
)
pair(
    "table with options",
    models(("o", key())),
    models(
        ("o", key()),
        ("t", key(), Column("s", Text), {"sqlite_strict": True, "sqlite_with_rowid": False}),
        ("c", key(), Column("s", Text), {"sqlite_autoincrement": True}),
    ),
    LITE,
)
pair(
    "table renamed and strict",
    models(("old", key(), Column("s", Text))),
    models(("new", key(), Column("s", Text), {"sqlite_strict": True})),
    LITE,
    renames=("old=new",),
)
pair("table renamed", models(("old", key(), Column("x", Integer, index=True), CheckConstraint(
    "x > 0"))), models(("new", key(), Column("x", Integer, index=True), CheckConstraint("x > 0"))),
     LITE, renames=("old=new",))  # fmt: skip
pair(
    "table renamed under a key",
    models(("old", key()), ("c", key(), Column("o", Integer, ForeignKey("old.id")))),
    models(("new", key()), ("c", key(), Column("o", Integer, ForeignKey("new.id")))),
    LITE,
    renames=("old=new",),
)
pair(
    "table of everything",
    MetaData(),
    models(
        ("p", key(), Column("k", Integer, unique=True)),
        (
            't w"eird',
            key(),
            Column("select", Integer, CheckConstraint('"select" > 0')),
            Column("e", Enum("11", "12", create_constraint=True)),
            Column("b", sa.Boolean(create_constraint=True), server_default=sa.true()),
            Column("d", DateTime, server_default=func.now()),
            Column("g", Integer, Computed('"select" * 2')),
            Column("pid", ForeignKey("p.id", ondelete="CASCADE")),
            UniqueConstraint("e", "b"),
            Index("ix 1", "select", sqlite_where=text('"select" > 5')),
        ),
    ),
    LITE,
)

# ── awkward names and conventions ─────────────────────────────────────────


def awkward(*items: object) -> MetaData:
    """Return tables that nobody would call so."""
    return models(
        (
            'or"der',
            Column("select", Integer, primary_key=True),
            Column("a.b", Integer),
            Column("Ünï cödé", String(30)),
            *items,
        ),
        ("Mixed", key(), Column("ref", Integer, ForeignKey('or"der.select', name="fk.x"))),
    )


pair("awkward columns", awkward(), awkward(
    Column('q"uote', Integer, server_default="1"), Column("d'ot", String(5), nullable=True),
    Column("x" * 63, Integer), Column("per%cent", Integer), Column("br]acket", Integer),
), LITE)  # fmt: skip
pair("awkward parts", awkward(), awkward(
    Index('ix "1"', "a.b"), UniqueConstraint("Ünï cödé", name="uq é"),
    CheckConstraint('"a.b" > 0', name="ck-1"), Index("from", "Ünï cödé"),
), LITE)  # fmt: skip
pair("awkward tables", MetaData(), awkward(Column("to", Integer, index=True)), LITE)
pair("awkward copy", awkward(), awkward(Column("n", Integer, nullable=False, server_default="1",
     unique=True)), LITE, rows={'or"der': [{"select": 1, "a.b": 2}], "Mixed": []},
     rows_back={'or"der': [{"select": 1, "a.b": 2}], "Mixed": []})  # fmt: skip
_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def named(*items: object, convention: dict[str, str] | None) -> MetaData:
    """Return a family, with or without a naming convention."""
    return models(
        ("p", key()),
        ("c", key(), Column("a", Integer), Column("b", Integer), *items),
        **({"naming_convention": convention} if convention else {}),
    )


def _parts_of_all_kinds() -> list[object]:
    return [
        ForeignKeyConstraint(["a"], ["p.id"]),
        UniqueConstraint("b"),
        CheckConstraint("b > 0", name="positive"),
        Column("i", Integer, index=True),
    ]


pair("parts under a convention", named(convention=_CONVENTION), named(*_parts_of_all_kinds(),
     convention=_CONVENTION), LITE)  # fmt: skip
pair("convention adopted", named(*_parts_of_all_kinds(), convention=None),
     named(*_parts_of_all_kinds(), convention=_CONVENTION), LITE)  # fmt: skip

# ── with render_as_batch, and much at once ────────────────────────────────

_BATCH = {"options": {"render_as_batch": True}}
pair("batch: column", plain(), plain(Column("n", Integer)), LITE, **_BATCH)
pair("batch: type", plain(), table(Column("x", sa.BigInteger), Column("s", Text)), LITE, **_BATCH)
pair("batch: unnamed parts", plain(UniqueConstraint("x"), CheckConstraint("x > 1")), plain(), LITE,
     **_BATCH)  # fmt: skip
pair("batch: key", family(), family(_fk("a")), LITE, **_BATCH)
pair("batch: index", plain(), plain(Index("ix", text("lower(s)"))), LITE, **_BATCH)
pair("batch: table", MetaData(), plain(Column("n", Integer, index=True)), LITE, **_BATCH)


def _loaded(*items: object) -> MetaData:
    return plain(
        Column("a", String(10), server_default="x"),
        Column("g", Integer, Computed("x + 1")),
        UniqueConstraint("s"),
        CheckConstraint("x > 0"),
        CheckConstraint("length(a) > 0 OR a IS NULL", name="ck_a"),
        Index("ix_low", text("lower(s)")),
        Index("ix_desc", text("x DESC")),
        Index("ix_part", "a", sqlite_where=text("a <> 'z'")),
        *items,
    )


pair("copy keeps all: column", _loaded(), _loaded(Column("n", Integer, nullable=False,
     server_default=text("(1+1)"))), LITE)  # fmt: skip
pair("copy keeps all: key", _loaded(), _loaded(ForeignKeyConstraint(["x"], ["t.id"])), LITE,
     rows={"t": [{"id": 1, "x": 1, "s": "q"}]}, rows_back={"t": [{"id": 1, "x": 1, "s": "q"}]})  # fmt: skip
pair("copy keeps all: check", _loaded(), _loaded(CheckConstraint("x < 1000")), LITE)
pair(
    "many changes of one table",
    plain(
        Column("a", String(10), server_default="x"),
        Column("gone", Integer),
        Index("ix_a", "a"),
        UniqueConstraint("gone"),
        CheckConstraint("x > 0"),
    ),
    plain(
        Column("a", String(80), nullable=False, server_default="y"),
        Column("fresh", DateTime, server_default=func.now()),
        Index("ix_a", "a", "x"),
        CheckConstraint("x > 1"),
        UniqueConstraint("s"),
    ),
    LITE,
)
pair(
    "many tables at once",
    models(
        ("a", key(), Column("x", Integer)),
        ("b", key(), Column("a_id", Integer, ForeignKey("a.id"))),
        ("gone", key(), Column("b_id", Integer, ForeignKey("b.id"))),
    ),
    models(
        ("a", key(), Column("x", sa.BigInteger, index=True), Column("b_id", Integer,
                                                                   ForeignKey("b.id"))),
        ("b", key(), Column("y", String(4), server_default="q")),
        ("fresh", key(), Column("a_id", Integer, ForeignKey("a.id", ondelete="CASCADE"))),
    ),
    LITE,
)  # fmt: skip
