"""Values of column types, as SQL text: the n-th of many, the least and the greatest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from limbeck.catalog import Catalog, Domain, Enum, Type

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_INTEGER_BITS = {
    "tinyint": 8, "smallint": 16, "int2": 16, "smallserial": 16, "mediumint": 24, "int": 32,
    "integer": 32, "int4": 32, "serial": 32, "bigint": 64, "int8": 64, "bigserial": 64,
}  # fmt: skip
_STRINGS = frozenset({
    "character varying", "varchar", "character", "char", "bpchar", "text", "tinytext", "mediumtext",
    "longtext", "citext", "name", "nvarchar", "nchar", "clob", "string", "blob", "tinyblob",
    "mediumblob", "longblob", "bytea", "binary", "varbinary", "sql_variant",
})  # fmt: skip
_FIXED_LENGTH = frozenset({"character", "char", "bpchar", "nchar", "binary"})
_LONGEST = 300
_PLAIN_LENGTH = 40
# names of types with a few values that are good for any row
_SAMPLES: dict[str, tuple[str, ...]] = {
    "boolean": ("true", "false"),
    "bool": ("true", "false"),
    "json": ("{}", "[]", "null"),
    "jsonb": ("{}", "[]", "null"),
    "cidr": ("10.0.0.0/8", "192.168.0.0/16"),
    "macaddr": ("08:00:2b:01:02:03",),
    "macaddr8": ("08:00:2b:01:02:03:04:05",),
    "point": ("(1,2)",),
    "line": ("{1,2,3}",),
    "lseg": ("[(0,0),(1,1)]",),
    "box": ("((1,1),(0,0))",),
    "path": ("((0,0),(1,1))",),
    "polygon": ("((0,0),(1,1),(1,0))",),
    "circle": ("<(0,0),1>",),
    "tsvector": ("word", "other"),
    "tsquery": ("word",),
    "xml": ("<a/>",),
    "hstore": ("a=>1", "b=>2"),
    "ltree": ("top", "top.child"),
    "int4range": ("[1,5)",),
    "int8range": ("[1,5)",),
    "numrange": ("[1,5)",),
    "daterange": ("[2000-01-01,2001-01-01)",),
    "tsrange": ("[2000-01-01,2001-01-01)",),
    "tstzrange": ("[2000-01-01,2001-01-01)",),
    "geometry": ("POINT(0 0)",),
    "geography": ("POINT(0 0)",),
}
_REAL = frozenset({"real", "float", "float4", "float8", "double", "double precision"})
_FIRST_DAY = date(2000, 1, 1)
_NUMERIC_DIGITS = 10


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The values of a type.

    Args:
        family: types of one family take each other's values.
        nth: returns the n-th value; distinct for each n below `capacity`.
        capacity: how many distinct values `nth` has.
        extremes: the least and the greatest value, and others that are easily forgotten.
    """

    family: str
    nth: Callable[[int], str]
    capacity: int
    extremes: tuple[str, ...] = ()


def values_of(type_: Type, catalog: Catalog) -> ValueRange | None:
    """Return the values of a type, None for a type that is not known.

    Args:
        type_: the type, as the server names it.
        catalog: holds the enum types and domains.
    """
    if type_.dimensions:
        element = values_of(replace(type_, dimensions=0), catalog)
        return None if element is None else _array(element, type_.dimensions)
    if type_.ref is not None:
        named = catalog.get(type_.ref)
        if isinstance(named, Enum):
            return choice("enum", named.values)
        if isinstance(named, Domain):
            return values_of(named.type, catalog)
    return _plain(type_)


def choice(family: str, values: Sequence[str]) -> ValueRange | None:
    """Return a range of a few values, None for no value."""
    listed = tuple(values)
    if not listed:
        return None
    return ValueRange(family, lambda n: listed[n % len(listed)], len(listed))


def _plain(type_: Type) -> ValueRange | None:  # noqa: C901, PLR0911 - a table of cases
    name = type_.name.lower()
    if type_.args and type_.args[0][:1] == "'":
        return choice("enum", [arg[1:-1].replace("''", "'") for arg in type_.args])
    if name in _INTEGER_BITS:
        return _integer(_INTEGER_BITS[name], unsigned="unsigned" in dict(type_.extras))
    if name in _SAMPLES:
        return choice(name, _SAMPLES[name])
    if name in _STRINGS:
        return string(values_length(type_))
    if name in {"numeric", "decimal", "money"}:
        return _numeric(type_)
    if name in _REAL:
        return ValueRange("number", lambda n: f"{n}.5", 10**6, ("-1000000000", "1000000000"))
    if name in {"uuid", "uniqueidentifier"}:
        return ValueRange("uuid", lambda n: f"00000000-0000-4000-8000-{n:012x}", 10**9)
    if name == "inet":
        return ValueRange("inet", lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", 1 << 24)
    if name in {"bit", "bit varying", "varbit"}:
        width = int(type_.args[0]) if type_.args else 1
        return ValueRange("bit", lambda n: f"{n % (1 << width):0{width}b}", 1 << min(width, 30))
    if name == "vector":
        size = int(type_.args[0]) if type_.args else 3
        return ValueRange("vector", lambda n: f"[{','.join([str(n)] * size)}]", 10**6)
    if name == "year":
        return ValueRange("year", lambda n: str(1970 + n % 100), 100)
    return _temporal(name)


def _temporal(name: str) -> ValueRange | None:
    if name == "date":
        return ValueRange(
            "date",
            lambda n: (_FIRST_DAY + timedelta(days=n)).isoformat(),
            10**5,
            ("1000-01-01", "9000-12-31"),
        )
    if name.startswith(("timestamp", "datetime")):
        # the shortest range is that of MySQL's TIMESTAMP: 1970 to 2038
        extremes = ("1971-01-01 00:00:00", "2037-12-31 00:00:00")
        if name != "timestamp":
            extremes = ("1000-01-01 00:00:00", "9000-12-31 23:59:59")
        start = datetime(2000, 1, 1)  # noqa: DTZ001 - a text without time zone
        return ValueRange("timestamp", lambda n: str(start + timedelta(hours=n)), 10**5, extremes)
    if name.startswith("time"):
        return ValueRange(
            "time", lambda n: f"{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}", 86400
        )
    if name.startswith("interval"):
        return ValueRange("interval", lambda n: f"{n} days", 10**6)
    return None


def _integer(bits: int, *, unsigned: bool) -> ValueRange:
    greatest = (1 << bits) - 1 if unsigned else (1 << (bits - 1)) - 1
    least = 0 if unsigned else -greatest - 1
    return ValueRange("number", lambda n: str(n + 1), greatest, (str(least), str(greatest)))


def _numeric(type_: Type) -> ValueRange:
    numbers = [int(arg) for arg in type_.args if arg.lstrip("-").isdigit()]
    precision = numbers[0] if numbers else _NUMERIC_DIGITS
    scale = numbers[1] if len(numbers) > 1 else 0
    digits = max(precision - scale, 0)
    fraction = f".{'9' * scale}" if scale > 0 else ""
    greatest = f"{'9' * digits or '0'}{fraction}"
    if not digits:
        return ValueRange(
            "number", lambda n: f"0.{n % 10**scale:0{scale}}", 10**scale, ("0", greatest)
        )
    return ValueRange("number", lambda n: str(n + 1), 10**digits - 1, (f"-{greatest}", greatest))


def values_length(type_: Type) -> int | None:
    """Return the greatest length of a string type, None for any length."""
    if type_.args and type_.args[0].isdigit():
        return int(type_.args[0])
    return 1 if type_.name.lower() in _FIXED_LENGTH else None


def string(longest: int | None, shortest: int = 0) -> ValueRange:
    """Return strings of a length.

    Args:
        longest: the greatest length; None for any.
        shortest: the least length.
    """
    if longest is not None and longest <= 0:
        return ValueRange("string", lambda _n: "", 1)
    width = min(_LONGEST if longest is None else longest, _LONGEST)
    most_digits = min(width, 12)
    greatest = "é" + "x" * (width - 1) if width > 1 else "x"

    def nth(n: int) -> str:
        digits = ""
        while True:
            n, digit = divmod(n, len(_DIGITS))
            digits = _DIGITS[digit] + digits
            if not n or len(digits) == most_digits:
                break
        text = f"v{digits}" if len(digits) < width else digits
        return text.ljust(shortest, "v") if longest is None else text.ljust(shortest, "v")[:width]

    capacity = len(_DIGITS) ** most_digits
    least = "v" * shortest
    return ValueRange("string", nth, capacity, (least, greatest))


def _array(element: ValueRange, dimensions: int) -> ValueRange:
    def nth(n: int) -> str:
        inner = re.sub(r'(["\\])', r"\\\1", element.nth(n))
        text = f'"{inner}"'
        for _ in range(dimensions):
            text = f"{{{text}}}"
        return text

    return ValueRange(f"array of {element.family}", nth, element.capacity, ("{}",))
