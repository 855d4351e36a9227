"""Names, types and defaults of random models, and which may change into which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql as pg

LONG = "long_" * 12
TABLES = (
    "plain", "orders", "Order", "a b", "lines", 'say "hi"', "it's", "select", "ünï", "dot.ted",
    f"{LONG}tab", "50%", "1st", "back`tick", "tab#1", "Mixed", "user", "people",
)  # fmt: skip
COLUMNS = (
    "x", "y", "name", "Group", "c d", "state", "total", "ünï", 'q"q', "o'clock", "dot.ted",
    "per%cent", "select", f"{LONG}col", "Mixed", "co:lon", "back`tick", "x_1", "amount", "größe",
)  # fmt: skip
KINDS = ("mood", "Mood", "sort of", 'k"q', f"{LONG}en")
COUNTERS = ("counter", "Counter", "c d seq", f"{LONG}sq")
SCHEMAS = (None, None, None, "other", "Third x")
COMMENTS = ("it's", "100%", "two\nlines", 'say "so" :now', "☃ \\ x")

CONVENTIONS: tuple[dict[str, str], ...] = (
    {},
    {
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
    {
        "ix": "%(column_0_label)s_idx",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    },
)

NUMBERS = frozenset({"int", "big", "small", "num", "num4", "float"})
WORDS = frozenset({"str20", "str50", "text", "char"})
SHORT = NUMBERS | {"str20", "str50", "char", "bool", "date", "moment", "time"}
SHORT |= {"enum", "uuid", "inet", "momenttz", "unsigned", "fine", "ref", "code"}
RANGES = frozenset({"int", "big", "str20", "date"})

_COMMON: Mapping[str, Any] = {
    "int": sa.Integer(),
    "big": sa.BigInteger(),
    "small": sa.SmallInteger(),
    "num": sa.Numeric(10, 2),
    "num4": sa.Numeric(12, 4),
    "float": sa.Float(),
    "str20": sa.String(20),
    "str50": sa.String(50),
    "char": sa.CHAR(8),
    "text": sa.Text(),
    "bool": sa.Boolean(),
    "date": sa.Date(),
    "moment": sa.DateTime(),
    "time": sa.Time(),
    "json": sa.JSON(),
    "blob": sa.LargeBinary(),
    "code": sa.String(20),
}
MYSQL_FAMILY = frozenset({"mariadb", "mysql"})
_MYSQL_TYPES = {
    **_COMMON,
    "double": mysql.DOUBLE(),
    "unsigned": mysql.INTEGER(unsigned=True),
    "fine": mysql.DATETIME(fsp=6),
    "set": mysql.SET("a", "b", "c"),
    "set4": mysql.SET("d", "a", "b", "c"),
    "medium": mysql.MEDIUMTEXT(),
    "tiny": mysql.TINYINT(),
}
TYPES: Mapping[str, Mapping[str, Any]] = {
    "sqlite": _COMMON,
    "postgresql": {
        **_COMMON,
        "double": sa.Double(),
        "momenttz": sa.DateTime(timezone=True),
        "jsonb": pg.JSONB(),
        "uuid": sa.Uuid(),
        "inet": pg.INET(),
        "span": pg.INTERVAL(),
        "ints": pg.ARRAY(sa.Integer()),
        "words": pg.ARRAY(sa.Text()),
        "range": pg.INT4RANGE(),
    },
    "mariadb": _MYSQL_TYPES,
    "mysql": _MYSQL_TYPES,
}
_TO_WORDS = ("str20", "str50", "text")
BECOMES: Mapping[str, tuple[str, ...]] = {
    "int": ("big", "small", "num", "num4", "str20", "str50", "text", "float", "double", "unsigned"),
    "big": ("int", "small", "num", "str20", "text"),
    "small": ("int", "big", "num", "text", "tiny"),
    "num": ("num4", "float", "double", "str20", "text"),
    "num4": ("num", "float", "str50"),
    "float": ("num", "num4", "double"),
    "double": ("float", "num"),
    "str20": ("str50", "text", "int", "big", "char", "medium"),
    "str50": ("str20", "text", "int", "char"),
    "char": ("str20", "text"),
    "text": ("str20", "str50", "int", "medium"),
    "bool": ("int",),
    "date": ("moment", "str20"),
    "moment": ("date", "momenttz", "fine", "str50"),
    "time": ("str20",),
    "json": ("jsonb", "text"),
    "jsonb": ("json",),
    "uuid": ("str50",),
    "inet": ("text",),
    "span": ("text",),
    "ints": ("words",),
    "unsigned": ("big", "int"),
    "fine": ("moment",),
    "set": ("set4", "str20"),
    "medium": ("text",),
    "tiny": ("int", "small"),
    "enum": _TO_WORDS,
}

_NUMBERS = ("0", "5", "-3", sa.text("(1 + 2)"))
_TEXTS = (
    "x", "it's", "100%", "7", "", "back\\slash", "ünï ☃", "NULL", "a:b", '"q"',
)  # fmt: skip
DEFAULTS: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(("int", "big", "small", "tiny"), _NUMBERS),
    "unsigned": ("0", "5"),
    **dict.fromkeys(("num", "num4", "float", "double"), ("0", "1.5", "-0.25", sa.text("(1 + 2)"))),
    **dict.fromkeys(("str20", "str50", "text", "medium"), (*_TEXTS, sa.text("(upper('q'))"))),
    "char": ("x", "it's"),
    "bool": (sa.true(), sa.false()),
    "date": (sa.text("'2020-01-01'"), sa.text("(CURRENT_DATE)")),
    **dict.fromkeys(
        ("moment", "momenttz"),
        (sa.func.now(), sa.text("'2020-01-01 10:00:00'"), sa.text("CURRENT_TIMESTAMP")),
    ),
    "fine": (sa.text("CURRENT_TIMESTAMP(6)"), sa.text("'2020-01-01 10:00:00.5'")),
    "time": ("10:00:00",),
    **dict.fromkeys(("json", "jsonb"), ("{}", '{"a": [1, "it\'s"]}')),
    "uuid": (sa.func.gen_random_uuid(), "00000000-0000-0000-0000-000000000001"),
    "inet": ("10.0.0.1",),
    "span": (sa.text("'1 day'"), sa.text("interval '2 hours'")),
    "ints": ("{}", sa.text("ARRAY[1, 2]"), sa.text("'{1,2}'::integer[]")),
    "words": ("{}", sa.text("ARRAY['a', 'it''s']")),
    "range": (sa.text("'[1,5)'"),),
    "set": ("a", "a,b"),
    "set4": ("a",),
    "enum": ("a", "b"),
    "enums": ("{}", "{a,b}"),
}
_MYSQL_MORE: Mapping[str, tuple[Any, ...]] = {
    "moment": (sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),),
    "fine": (sa.text("CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"),),
    "str50": (sa.text("(uuid())"), sa.text("(concat('a', 'b'))")),
}
MORE_DEFAULTS: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "sqlite": {},
    "postgresql": {
        "int": (sa.text("abs(-4)"), sa.text("'12'::integer")),
        "str20": (sa.text("'a'::varchar"), sa.text("current_user")),
        "text": (sa.text("lower('Q') || 'x'"), sa.text("md5('a')")),
        "moment": (sa.text("timezone('utc', now())"),),
        "date": (sa.text("now()"), sa.text("(now() + interval '1 day')::date")),
        "num": (sa.text("round(1.55, 1)"),),
    },
    "mariadb": _MYSQL_MORE,
    "mysql": _MYSQL_MORE,
}
COLLATIONS = {
    "sqlite": ("NOCASE", "RTRIM"),
    "postgresql": ("C", "POSIX"),
    **dict.fromkeys(("mariadb", "mysql"), ("utf8mb4_bin", "utf8mb4_unicode_ci")),
}
VALUES = (
    ("a", "b"), ("a", "b", "c"), ("b", "a"), ("new", "a", "b"), ("a", "it's", "b"),
    ("a", "x", "b", "per%cent"), ("c", "b", "ünï", "a"), ("a", "b", 'say "x"', "c d"),
)  # fmt: skip


def defaults(kind: str, word: str) -> tuple[Any, ...]:
    """Return the defaults that a column of a type may have."""
    bare = word.partition(":")[0]
    return (*DEFAULTS.get(bare, ()), *MORE_DEFAULTS[kind].get(bare, ()))
