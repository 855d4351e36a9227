"""What MariaDB has, changed one thing at a time and several at once."""

from __future__ import annotations

import uuid

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
    Sequence,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects import mysql as my

from tests.cases.autogenerate.builders import MARIA, MARIA_ALONE, models, one_way, pair, table


def key() -> Column[int]:
    """Return a primary key column."""
    return Column("id", Integer, primary_key=True)


# ── types: the same column, another type ──────────────────────────────────

_TYPES = [
    ("tinyint to smallint", my.TINYINT(), my.SMALLINT()),
    ("mediumint to int", my.MEDIUMINT(), Integer()),
    ("boolean to tinyint", sa.Boolean(), my.TINYINT(4)),
    ("boolean to integer", sa.Boolean(), Integer()),
    ("bigint unsigned", sa.BigInteger(), my.BIGINT(unsigned=True)),
    ("zerofill", Integer(), my.INTEGER(8, zerofill=True)),
    ("decimal scale", my.DECIMAL(10, 2), my.DECIMAL(12, 3)),
    ("decimal unsigned", my.DECIMAL(10, 2), my.DECIMAL(10, 2, unsigned=True)),
    ("float to double", sa.Float(), my.DOUBLE()),
    ("float with places", my.FLOAT(), my.FLOAT(7, 3)),
    ("integer to decimal", Integer(), Numeric(10, 0)),
    ("char length", sa.CHAR(8), sa.CHAR(20)),
    ("char to varchar", sa.CHAR(20), String(20)),
    ("string to mediumtext", String(50), my.MEDIUMTEXT()),
    ("text to longtext", Text(), my.LONGTEXT()),
    ("tinytext to text", my.TINYTEXT(), Text()),
    ("blob to longblob", sa.LargeBinary(), my.LONGBLOB()),
    ("varbinary length", sa.VARBINARY(30), sa.VARBINARY(60)),
    ("binary to varbinary", sa.BINARY(16), sa.VARBINARY(16)),
    ("datetime fraction", my.DATETIME(), my.DATETIME(fsp=6)),
    ("time fraction", my.TIME(), my.TIME(fsp=3)),
    ("date to datetime", sa.Date(), DateTime()),
    ("year to integer", my.YEAR(), Integer()),
    ("bit width", my.BIT(3), my.BIT(8)),
    ("json to text", sa.JSON(), Text()),
    ("uuid to char", sa.Uuid(), sa.CHAR(36)),
    ("enum value at the end", Enum("a", "b", name="e"), Enum("a", "b", "c", name="e")),
    ("enum value in the middle", Enum("a", "c", name="e"), Enum("a", "b", "c", name="e")),
    ("enum order", Enum("a", "b", "c", name="e"), Enum("c", "a", "b", name="e")),
    ("enum with quotes", Enum("a", name="e"), Enum("a", "it's", 'b"c', "d,e", "x%", name="e")),
    ("enum with backslashes", Enum("a", name="e"), Enum("a", "b\\c", "d\\", "\\'e", name="e")),
    ("set with backslashes", my.SET("a"), my.SET("a", "b\\c", "d\\")),
    ("enum to string", Enum("a", "b", name="e"), String(9)),
    ("set value", my.SET("a", "b"), my.SET("a", "b", "c")),
    ("set to string", my.SET("a", "b"), String(20)),
    ("string collation", String(20), String(20, collation="utf8mb4_bin")),
    ("string charset", String(20), my.VARCHAR(20, charset="latin1")),
    (
        "charset and collation",
        String(20),
        my.VARCHAR(20, charset="latin1", collation="latin1_german1_ci"),
    ),
    ("text collation", Text(), Text(collation="utf8mb4_unicode_ci")),
    ("unicode", String(20), sa.Unicode(40)),
    ("double to decimal", sa.Double(), Numeric(12, 4)),
    ("non-native enum", Enum("a", "b", native_enum=False), Enum("a", "bcd", native_enum=False)),
]
_VALUES = {
    "enum value at the end": "a",
    "enum with quotes": "a",
    "enum with backslashes": "a",
    "set with backslashes": "a",
    "enum to string": "b",
    "set to string": "a",
    "set value": "b",
    "non-native enum": "a",
    "uuid to char": "0d4f4d3e-6f3b-4d0c-8a55-0a8e2c3e7f10",
}
for _name, _old, _new in _TYPES:
    _value = _VALUES.get(_name)
    _given = {"t": [{"id": 1, "x": _value}]} if _value else None
    pair(
        f"type: {_name}",
        table(Column("x", _old)),
        table(Column("x", _new)),
        MARIA,
        rows={"t": [{"id": 1, "x": uuid.UUID(_value)}]} if _name.startswith("uuid") else _given,
        rows_back=_given,
    )

_KEPT = {"nullable": False, "comment": "it's kept"}
pair(
    "type of a column with default and comment",
    table(Column("x", String(20), server_default="a'b", **_KEPT)),
    table(Column("x", String(40), server_default="a'b", **_KEPT)),
    MARIA,
)
pair(
    "type of a primary key that counts",
    models(("t", key(), Column("x", Integer))),
    models(("t", Column("id", sa.BigInteger, primary_key=True), Column("x", Integer))),
    MARIA,
)
pair(
    "type of a key and of what refers to it",
    models(
        ("p", key()),
        ("c", key(), Column("pid", Integer, ForeignKey("p.id", name="fk_c"))),
    ),
    models(
        ("p", Column("id", sa.BigInteger, primary_key=True)),
        ("c", key(), Column("pid", sa.BigInteger, ForeignKey("p.id", name="fk_c"))),
    ),
    MARIA,
)
pair(
    "type under an index and a check",
    table(Column("x", Integer), Index("ix", "x"), CheckConstraint("x > 0", name="ck")),
    table(Column("x", sa.BigInteger), Index("ix", "x"), CheckConstraint("x > 0", name="ck")),
    MARIA,
)
pair(
    "type under a generated column",
    table(Column("x", Integer), Column("y", sa.BigInteger, Computed("x * 2"))),
    table(Column("x", sa.BigInteger), Column("y", sa.BigInteger, Computed("x * 2"))),
    MARIA,
)

# ── defaults: none, one, another ──────────────────────────────────────────

_DEFAULTS = [
    ("integer", Integer, "5", "-7"),
    ("decimal", Numeric(8, 2), "1.50", "0"),
    ("float", sa.Float, text("1.5"), text("2e3")),
    ("empty text", String(9), "", "x"),
    ("text with quotes", String(30), 'it\'s "q"', "back\\slash"),
    ("text with percent", String(30), "100%", ":name"),
    ("text of digits", String(9), "5", "05"),
    ("text named null", String(9), "NULL", "null"),
    ("text of a longtext", Text, "abc", "d'e"),
    ("boolean", sa.Boolean, sa.true(), sa.false()),
    ("boolean as text", sa.Boolean, "1", "0"),
    ("date", sa.Date, "2020-01-02", "2021-12-31"),
    ("datetime", DateTime, "2020-01-02 03:04:05", func.now()),
    ("clock", DateTime, text("CURRENT_TIMESTAMP"), text("'2020-01-01 00:00:00'")),
    ("clock with fraction", my.DATETIME(fsp=6), text("CURRENT_TIMESTAMP(6)"), func.now(6)),
    ("clock and on update", DateTime, text("now()"), text("now() ON UPDATE now()")),
    ("expression", Integer, text("(1 + 2)"), text("(1 + 3)")),
    ("function", String(36), text("(uuid())"), text("(concat('a', 'b'))")),
    ("json", sa.JSON, text("'{}'"), text("(json_object('a', 1))")),
    ("bits", my.BIT(3), text("b'101'"), text("b'011'")),
    ("enum", Enum("a", "b'c", name="e"), "a", "b'c"),
    ("set", my.SET("a", "b"), "a", "a,b"),
    ("binary", sa.VARBINARY(9), text("'x'"), text("0x4142")),
    ("year", my.YEAR, text("2000"), text("1999")),
    ("time", sa.Time, text("'10:00:00'"), text("'11:30:00'")),
    ("date of today", sa.Date, text("(curdate())"), text("(curdate() + interval 1 day)")),
]
for _name, _type, _one, _other in _DEFAULTS:
    pair(
        f"default: {_name}",
        table(Column("x", _type)),
        table(Column("x", _type, server_default=_one)),
        MARIA,
    )
    pair(
        f"default: {_name}, another",
        table(Column("x", _type, server_default=_one)),
        table(Column("x", _type, server_default=_other)),
        MARIA,
    )
pair(
    "on update of a timestamp",
    table(Column("x", sa.TIMESTAMP, server_default=func.now(), nullable=False)),
    table(
        Column(
            "x",
            sa.TIMESTAMP,
            server_default=text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
            nullable=False,
        )
    ),
    MARIA,
)
pair(
    "on update without default",
    table(Column("x", DateTime)),
    table(Column("x", DateTime, server_default=text("NULL ON UPDATE CURRENT_TIMESTAMP"))),
    MARIA,
)
pair(
    "default, type and NULL at once",
    table(Column("x", Integer, server_default="5")),
    table(Column("x", String(10), server_default="n", nullable=False)),
    MARIA,
    rows={"t": [{"id": 1, "x": 4}]},
    rows_back={"t": [{"id": 1, "x": "4"}]},
)

# ── columns ───────────────────────────────────────────────────────────────


def plain(*items: object, **options: object) -> MetaData:
    """Return a table with a number, a text and further items."""
    return table(Column("x", Integer), Column("s", String(30)), *items, **options)


pair("columns of many types", plain(), plain(
    Column("e", Enum("a", "it's", name="e")), Column("st", my.SET("x", "y")),
    Column("j", sa.JSON), Column("bl", sa.LargeBinary), Column("u", sa.Uuid),
    Column("un", my.INTEGER(unsigned=True)), Column("f", sa.Boolean),
    Column("ts", sa.TIMESTAMP), Column("y", my.YEAR),
    Column("d6", my.DATETIME(fsp=6)), Column("l1", my.VARCHAR(5, charset="latin1")),
), MARIA)  # fmt: skip
pair("column with unique", plain(), plain(Column("n", String(9), unique=True)), MARIA)
pair("column with index", plain(), plain(Column("n", String(9), index=True)), MARIA)
pair(
    "column with check",
    plain(),
    plain(Column("n", Integer, CheckConstraint("n > 0"))),
    MARIA,
)
pair(
    "check on a column that is there",
    plain(Column("n", Integer)),
    plain(Column("n", Integer, CheckConstraint("n > 0"))),
    MARIA,
)
pair(
    "type and default of a column with a check",
    plain(Column("n", Integer, CheckConstraint("n > 0"), comment="it's")),
    plain(Column("n", sa.BigInteger, CheckConstraint("n > 0"), server_default="4", nullable=False)),
    MARIA,
)
pair(
    "text of a check of a column",
    plain(Column("n", Integer, CheckConstraint("n > 0"), server_default="4")),
    plain(Column("n", Integer, CheckConstraint("n > 1"), server_default="5")),
    MARIA,
)
pair(
    "check moves from the column to the table",
    plain(Column("n", Integer, CheckConstraint("n > 0"))),
    plain(Column("n", Integer), CheckConstraint("n > 0", name="ck")),
    MARIA,
)
pair(
    "column renamed with its check",
    plain(Column("old", Integer, CheckConstraint("old > 0")), Column("o", Integer)),
    plain(Column("new", Integer, CheckConstraint("new > 0")), Column("o", Integer)),
    MARIA,
    renames=("t.old=t.new",),
)
pair(
    "virtual to plain under an index",
    plain(Column("g", Integer, Computed("x * 2", persisted=False)), Index("ix", "g")),
    plain(Column("g", Integer), Index("ix", "g")),
    MARIA,
)
pair(
    "boolean with check",
    plain(),
    plain(Column("b", sa.Boolean(create_constraint=True, name="ck_b"))),
    MARIA,
    rows_back={"t": [{"id": 1, "b": True}]},
)
pair(
    "enum with check",
    plain(Column("e", Enum("a", "b", native_enum=False, create_constraint=True, name="ck_e"))),
    plain(Column("e", Enum("a", "c", native_enum=False, create_constraint=True, name="ck_e"))),
    MARIA,
    rows={"t": [{"id": 1, "e": "a"}]},
    rows_back={"t": [{"id": 1, "e": "a"}]},
)
pair(
    "NOT NULL column with default",
    plain(),
    plain(Column("n", DateTime, nullable=False, server_default=func.now())),
    MARIA,
)
pair(
    "NOT NULL column without default",
    plain(),
    plain(Column("n", String(5), nullable=False)),
    MARIA,
    rows={"t": []},
    rows_back={"t": []},
)
pair(
    "column renamed",
    plain(Column("old", String(9), nullable=False, server_default="a'b", comment="c")),
    plain(Column("new", String(9), nullable=False, server_default="a'b", comment="c")),
    MARIA,
    renames=("t.old=t.new",),
)
pair(
    "column renamed under an index and a key",
    models(
        ("p", key()),
        ("c", key(), Column("old", Integer, ForeignKey("p.id", name="fk")), Index("ix", "old")),
    ),
    models(
        ("p", key()),
        ("c", key(), Column("new", Integer, ForeignKey("p.id", name="fk")), Index("ix", "new")),
    ),
    MARIA,
    renames=("c.old=c.new",),
)
pair(
    "column renamed under a check and a generated column",
    plain(
        Column("old", Integer),
        CheckConstraint("old > 0", name="ck"),
        Column("g", Integer, Computed("old + 1", persisted=True)),
    ),
    plain(
        Column("new", Integer),
        CheckConstraint("new > 0", name="ck"),
        Column("g", Integer, Computed("new + 1", persisted=True)),
    ),
    MARIA,
    renames=("t.old=t.new",),
)
pair(
    "column renamed and changed",
    plain(Column("old", String(9))),
    plain(Column("new", String(50), server_default="z", comment="new")),
    MARIA,
    renames=("t.old=t.new",),
)
pair("comment as an option of the dialect", plain(mysql_comment="it's"),
     plain(Column("n", Integer), mysql_comment="it's"), MARIA)  # fmt: skip
pair(
    "comment as an option of the dialect, another",
    plain(mysql_comment="one"),
    plain(mariadb_comment="two"),
    MARIA_ALONE,
)
pair("column comment", plain(Column("n", Integer)), plain(Column("n", Integer, comment="a'b\\c%")),
     MARIA)  # fmt: skip
pair(
    "column comment, another",
    plain(Column("n", Integer, nullable=False, server_default="3", comment="one")),
    plain(Column("n", Integer, nullable=False, server_default="3", comment="two\nlines")),
    MARIA,
)
pair(
    "nullable under default and comment",
    plain(Column("n", DateTime, server_default=text("now() ON UPDATE now()"), comment="c")),
    plain(
        Column(
            "n",
            DateTime,
            server_default=text("now() ON UPDATE now()"),
            comment="c",
            nullable=False,
        )
    ),
    MARIA,
)
pair(
    "autoincrement",
    models(("t", Column("id", Integer, primary_key=True, autoincrement=False))),
    models(("t", key())),
    MARIA,
)
pair("columns dropped with what hangs on them", plain(
    Column("a", Integer), Column("b", Integer), Index("ix_a", "a"), Index("ix_ab", "a", "b"),
    UniqueConstraint("b", name="uq_b"), CheckConstraint("a > b", name="ck_ab"),
), plain(), MARIA, rows={"t": [{"id": 1, "x": 1, "a": 5, "b": 1}]})  # fmt: skip
pair("column dropped with its key", models(
    ("p", key()), ("c", key(), Column("x", Integer), Column("pid", Integer, ForeignKey("p.id"))),
), models(("p", key()), ("c", key(), Column("x", Integer))), MARIA)  # fmt: skip

# ── generated columns ─────────────────────────────────────────────────────

pair("computed virtual", plain(), plain(Column("g", Integer, Computed("x * 2"))), MARIA)
pair(
    "computed text",
    plain(Column("g", Integer, Computed("x * 2", persisted=True))),
    plain(Column("g", Integer, Computed("x * 3 + 1", persisted=True))),
    MARIA,
)
pair(
    "computed kind",
    plain(Column("g", Integer, Computed("x * 2", persisted=True))),
    plain(Column("g", Integer, Computed("x * 2", persisted=False))),
    MARIA,
)
pair(
    "computed to plain",
    plain(Column("g", Integer, Computed("x * 2", persisted=True))),
    plain(Column("g", Integer)),
    MARIA,
)
pair(
    "computed of text with an index",
    plain(),
    plain(
        Column("g", String(60), Computed("lower(concat(s, 'it''s'))", persisted=True)),
        Index("ix_g", "g"),
    ),
    MARIA,
)

# ── keys and constraints ──────────────────────────────────────────────────

pair(
    "primary key of two",
    models(("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("a"))),
    models(("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("a", "b"))),
    MARIA,
)
pair(
    "primary key order",
    models(("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("a", "b"))),
    models(("t", Column("a", Integer), Column("b", Integer), PrimaryKeyConstraint("b", "a"))),
    MARIA,
)
pair(
    "primary key added",
    models(("t", Column("a", Integer, nullable=False), Column("b", Integer))),
    models(
        ("t", Column("a", Integer, primary_key=True, autoincrement=False), Column("b", Integer))
    ),
    MARIA,
)
pair(
    "primary key moves",
    models(("t", Column("a", Integer, primary_key=True), Column("b", String(9), nullable=False))),
    models(("t", Column("a", Integer, nullable=False), Column("b", String(9), primary_key=True))),
    MARIA,
)
pair(
    "unique columns",
    plain(UniqueConstraint("x", name="u")),
    plain(UniqueConstraint("x", "s", name="u")),
    MARIA,
)
pair("unique name", plain(UniqueConstraint("x", name="u")), plain(UniqueConstraint("x", name="v")),
     MARIA)  # fmt: skip
pair("uniques without names", plain(UniqueConstraint("x"), UniqueConstraint("s", "x")), plain(),
     MARIA)  # fmt: skip
pair("unique to index", plain(UniqueConstraint("x", name="u")), plain(Index("u", "x")), MARIA)
pair("check name", plain(CheckConstraint("x > 0", name="a")), plain(CheckConstraint("x > 0",
     name="b")), MARIA)  # fmt: skip
pair("checks without names", plain(), plain(CheckConstraint("x > 0"), CheckConstraint("s <> ''")),
     MARIA)  # fmt: skip
pair(
    "check text without name",
    plain(CheckConstraint("x > 0")),
    plain(CheckConstraint("x >= 1 AND s LIKE '%a%'")),
    MARIA,
    rows={"t": [{"id": 1, "x": 3, "s": "bar"}]},
    rows_back={"t": [{"id": 1, "x": 3, "s": "bar"}]},
)
pair(
    "check of many words",
    plain(),
    plain(
        CheckConstraint(
            "x IN (1, 2, 3) AND (s IS NULL OR char_length(s) > 0) AND NOT (x BETWEEN 7 AND 9)",
            name="ck",
        )
    ),
    MARIA,
    rows={"t": [{"id": 1, "x": 3, "s": "bar"}]},
    rows_back={"t": [{"id": 1, "x": 3, "s": "bar"}]},
)


def family(*items: object, **options: object) -> MetaData:
    """Return a parent with two keys and a child."""
    return models(
        (
            "parent",
            key(),
            Column("k", Integer, nullable=False),
            UniqueConstraint("k", name="uq_k"),
            UniqueConstraint("id", "k", name="uq_id_k"),
        ),
        ("child", key(), Column("a", Integer), Column("b", Integer), *items, options),
    )


def _fk(*columns: str, to: tuple[str, ...] = ("id",), **options: object) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"parent.{name}" for name in to], **options)


pair("key target", family(_fk("a", name="fk")), family(_fk("a", to=("k",), name="fk")), MARIA)
pair("key column", family(_fk("a", name="fk")), family(_fk("b", name="fk")), MARIA)
pair(
    "key actions",
    family(_fk("a", name="fk", ondelete="CASCADE", onupdate="CASCADE")),
    family(_fk("a", name="fk", ondelete="SET NULL", onupdate="RESTRICT")),
    MARIA,
)
pair("key action without name", family(_fk("a")), family(_fk("a", ondelete="CASCADE")), MARIA)
pair("key name", family(_fk("a", name="fk")), family(_fk("a", name="kf")), MARIA)
pair("key gets a name", family(_fk("a")), family(_fk("a", name="fk")), MARIA)
pair("composite key", family(), family(_fk("a", "b", to=("id", "k"), name="fk")), MARIA)
pair("two keys without names", family(), family(_fk("a"), _fk("b")), MARIA)
pair("key on an indexed column", family(Index("ix", "a")), family(Index("ix", "a"),
     _fk("a", name="fk")), MARIA)  # fmt: skip
pair("index on a key's column", family(_fk("a", name="fk")), family(_fk("a", name="fk"),
     Index("ix", "a")), MARIA)  # fmt: skip
pair("wider index on a key's column", family(_fk("a", name="fk")), family(_fk("a", name="fk"),
     Index("ix", "a", "b")), MARIA)  # fmt: skip
pair("key to itself", plain(Column("up", Integer)), plain(Column("up", Integer,
     ForeignKey("t.id", name="fk_up"))), MARIA)  # fmt: skip
pair("tree with new column", plain(), plain(Column("up", Integer, ForeignKey("t.id"))), MARIA)
pair(
    "parent and child go",
    models(
        ("b_parent", key()),
        ("a_child", key(), Column("p", Integer, ForeignKey("b_parent.id"))),
        ("c_child", key(), Column("p", Integer, ForeignKey("a_child.id"))),
    ),
    MetaData(),
    MARIA,
)
pair(
    "parent goes, child stays",
    models(("p", key()), ("c", key(), Column("p", Integer, ForeignKey("p.id", name="fk")))),
    models(("c", key(), Column("p", Integer))),
    MARIA,
    rows={"p": [], "c": [{"id": 1}]},
    rows_back={"c": [{"id": 1}]},
)


def _circle() -> MetaData:
    return models(
        ("a", key(), Column("o", Integer, ForeignKey("b.id", name="fk_a"))),
        ("b", key(), Column("o", Integer, ForeignKey("a.id", name="fk_b"))),
    )


pair("circle", MetaData(), _circle(), MARIA)

# ── indexes ───────────────────────────────────────────────────────────────

_INDEXES = [
    ("prefix length", Index("ix", "s"), Index("ix", "s", mysql_length=10)),
    ("another length", Index("ix", "s", mysql_length=5), Index("ix", "s", mysql_length={"s": 9})),
    ("lengths", Index("ix", "x", "s"), Index("ix", "x", "s", mysql_length={"s": 4})),
    ("fulltext", Index("ix", "s"), Index("ix", "s", mysql_prefix="FULLTEXT")),
    ("unique", Index("ix", "x"), Index("ix", "x", unique=True)),
    ("name", Index("ix", "x"), Index("ix_other", "x")),
    ("columns", Index("ix", "x"), Index("ix", "x", "s")),
    ("descending", Index("ix", "x"), Index("ix", text("x DESC"))),
    ("order of columns", Index("ix", "x", "s"), Index("ix", "s", "x")),
    ("unique with length", Index("ix", "s"), Index("ix", "s", unique=True, mysql_length=9)),
]
for _name, _before, _after in _INDEXES:
    pair(f"index: {_name}", plain(_before), plain(_after), MARIA)
pair("index on text", plain(Column("tx", Text)), plain(Column("tx", Text), Index("ix", "tx",
     mysql_length=20)), MARIA)  # fmt: skip
pair("fulltext over two", plain(), plain(Column("tx", Text), Index("ft", "s", "tx",
     mysql_prefix="FULLTEXT")), MARIA)  # fmt: skip
pair("hash index in memory", plain(mysql_engine="MEMORY"), plain(Index("ix", "x",
     mysql_using="hash"), mysql_engine="MEMORY"), MARIA)  # fmt: skip

# ── tables ────────────────────────────────────────────────────────────────

_OPTIONS = [
    ("engine", {"mysql_engine": "InnoDB"}, {"mysql_engine": "Aria"}),
    ("charset", {"mysql_charset": "utf8mb4"}, {"mysql_charset": "latin1"}),
    ("collation", {"mysql_collate": "utf8mb4_general_ci"}, {"mysql_collate": "utf8mb4_bin"}),
    (
        "charset and collation",
        {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"},
        {"mysql_charset": "latin1", "mysql_collate": "latin1_bin"},
    ),
    ("row format", {"mysql_row_format": "DYNAMIC"}, {"mysql_row_format": "COMPACT"}),
    ("comment", {"comment": "one"}, {"comment": "it's\ntwo"}),
]  # fmt: skip
for _name, _one, _other in _OPTIONS:
    pair(f"table: {_name}", plain(**_one), plain(**_other), MARIA)
pair("option appears", plain(), plain(mysql_row_format="COMPACT"), MARIA)
pair(
    "options come and go",
    plain(mysql_max_rows="100", mysql_row_format="DYNAMIC", mysql_stats_persistent="1"),
    plain(mysql_row_format="COMPRESSED", mysql_min_rows="8"),
    MARIA,
)
pair(
    "tables of another engine",
    models(("o", key())),
    models(
        ("o", key()),
        (
            "a",
            key(),
            Column("s", String(9)),
            {"mysql_engine": "Aria", "mysql_collate": "latin1_bin"},
        ),
        ("m", key(), {"mysql_engine": "MyISAM", "mysql_row_format": "FIXED"}),
        ("c", key(), {"mysql_row_format": "COMPACT"}),
    ),
    MARIA,
)
_HASHED = {"mysql_partition_by": "HASH(id)", "mysql_partitions": "4"}
_RANGED = {
    "mysql_partition_by": "RANGE (`id`) (PARTITION low VALUES LESS THAN (10), "
    "PARTITION high VALUES LESS THAN MAXVALUE)"
}
one_way("table is divided", plain(), plain(**_HASHED), MARIA)
pair("table is divided otherwise", plain(**_RANGED), plain(**_HASHED), MARIA)
pair("divided tables", models(("o", key())), models(
    ("o", key()), ("h", key(), dict(_HASHED)), ("r", key(), dict(_RANGED)),
    ("k", key(), {"mysql_partition_by": "KEY ()", "mysql_partitions": "2"}),
    ("l", key(), Column("x", Integer, primary_key=True), {
        "mysql_partition_by": "LIST (x) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3))",
    }),
), MARIA, rows_back={"l": [{"id": 1, "x": 3}]})  # fmt: skip
pair(
    "table of everything",
    MetaData(),
    plain(
        Column("e", Enum("a", "it's", name="e"), server_default="a", nullable=False),
        Column("g", Integer, Computed("x + 1", persisted=True)),
        Column("b", sa.Boolean(create_constraint=True), server_default=sa.true()),
        Column("n", Integer, CheckConstraint("n > 0"), comment="it's"),
        CheckConstraint("x > 0"),
        UniqueConstraint("s"),
        Index("ft", "s", mysql_prefix="FULLTEXT"),
        comment="a 'table'",
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
    ),
    MARIA,
)
pair(
    "table renamed",
    models(("old", key(), Column("x", Integer, index=True))),
    models(("new", key(), Column("x", Integer, index=True))),
    MARIA,
    renames=("old=new",),
)
pair(
    "table renamed under a key",
    models(("old", key()), ("c", key(), Column("o", Integer, ForeignKey("old.id", name="fk")))),
    models(("new", key()), ("c", key(), Column("o", Integer, ForeignKey("new.id", name="fk")))),
    MARIA,
    renames=("old=new",),
)
pair(
    "table and column renamed",
    models(("old", key(), Column("a", String(9)))),
    models(("new", key(), Column("b", String(9), comment="c"))),
    MARIA,
    renames=("old=new", "old.a=new.b"),
)

# ── sequences ─────────────────────────────────────────────────────────────


def counted(**options: object) -> MetaData:
    """Return a table and a sequence."""
    metadata = plain()
    Sequence("counter", metadata=metadata, **options)
    return metadata


pair("sequence added", plain(), counted(start=5, increment=2), MARIA)
pair("sequence options", counted(start=1), counted(increment=3, maxvalue=1000, cycle=True), MARIA)
pair("sequence cache", counted(), counted(cache=10), MARIA)

# ── awkward names and conventions ─────────────────────────────────────────


def awkward(*items: object) -> MetaData:
    """Return tables that nobody would call so."""
    return models(
        (
            "or`der",
            Column("select", Integer, primary_key=True),
            Column("a.b", Integer),
            Column("Ünï cödé", String(30)),
            *items,
        ),
        ("Mixed", key(), Column("ref", Integer, ForeignKey("or`der.select", name="fk.x"))),
    )


pair("awkward columns", awkward(), awkward(
    Column('q"uote', Integer, server_default="1"), Column("d'ot", String(5), comment="`"),
    Column("x" * 63, Integer), Column("per%cent", Integer),
), MARIA)  # fmt: skip
pair("awkward parts", awkward(), awkward(
    Index("ix `1`", "a.b"), UniqueConstraint("Ünï cödé", name="uq é"),
    CheckConstraint("`a.b` > 0", name="ck-1"), Index("from", "Ünï cödé", mysql_length=5),
), MARIA)  # fmt: skip
pair("awkward tables", MetaData(), awkward(Column("to", Integer, index=True)), MARIA)
pair(
    "awkward rename",
    awkward(Column("old name", Integer)),
    awkward(Column("new`name", Integer)),
    MARIA,
    renames=("or`der.old name=or`der.new`name",),
)
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


def _parts() -> list[object]:
    return [
        ForeignKeyConstraint(["a"], ["p.id"]),
        UniqueConstraint("b"),
        CheckConstraint("b > 0", name="positive"),
        Column("i", Integer, index=True),
    ]


pair("parts under a convention", named(convention=_CONVENTION), named(*_parts(),
     convention=_CONVENTION), MARIA)  # fmt: skip
pair("convention adopted", named(*_parts(), convention=None), named(*_parts(),
     convention=_CONVENTION), MARIA)  # fmt: skip

# ── much at once ──────────────────────────────────────────────────────────

pair(
    "many changes of one table",
    plain(
        Column("a", String(10), server_default="x"),
        Column("gone", Integer),
        Column("e", Enum("p", "q", name="e")),
        Index("ix_a", "a"),
        UniqueConstraint("gone"),
        CheckConstraint("x > 0", name="ck_x"),
        comment="before",
    ),
    plain(
        Column("a", String(80), nullable=False, server_default="y", comment="text"),
        Column("e", Enum("p", "q", "r", name="e"), server_default="r"),
        Column("fresh", DateTime, server_default=func.now()),
        Index("ix_a", "a", "x"),
        CheckConstraint("x > 1", name="ck_x"),
        comment="after",
    ),
    MARIA,
    rows={"t": [{"id": 1, "x": 7, "a": "r", "e": "p", "gone": 3}]},
    rows_back={"t": [{"id": 1, "x": 7, "a": "r", "e": "p"}]},
)
pair(
    "many tables at once",
    models(
        ("a", key(), Column("x", Integer)),
        ("b", key(), Column("a_id", Integer, ForeignKey("a.id", name="fk_ba"))),
        ("gone", key(), Column("b_id", Integer, ForeignKey("b.id"))),
    ),
    models(
        ("a", key(), Column("x", sa.BigInteger, index=True), Column("b_id", Integer,
                                                                   ForeignKey("b.id", name="f"))),
        ("b", key(), Column("y", String(4), server_default="q")),
        ("fresh", key(), Column("a_id", Integer, ForeignKey("a.id", ondelete="CASCADE"))),
    ),
    MARIA,
)  # fmt: skip
one_way(
    "seventy columns",
    plain(*(Column(f"c{number}", String(9), server_default="a") for number in range(70))),
    plain(*(Column(f"c{number}", String(12), server_default="b") for number in range(70))),
    MARIA,
)
