"""The columns of a scratch table with the values that its rows get on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from limbeck.dialects.postgresql.qualified_sql import qualified

ROWS = 240
# values by type; {i} is the number of the row
_VALUES = (
    (r"smallint", "({i} % 30000)::smallint"),
    (r"integer|bigint|oid", "{i}"),
    (r"numeric|real|double precision|money", "{number}"),
    (r"boolean", "(({i} % 2) = 0)"),
    (r"date", "('2024-01-01'::date + ({i} % 3000)::int)"),
    (r"timestamp", "('2024-01-01 12:34:56.789123+00'::timestamptz + ({i} * interval '1 hour'))"),
    (r"time", "(time '00:00:01.5' + ({i} * interval '1 second'))"),
    (r"interval", "({i} * interval '1 minute 0.123456 seconds')"),
    (r"uuid", "md5(({i})::text)::uuid"),
    (r"jsonb?", "json_build_object('n', {i})"),
    (r"bytea", "convert_to(({i})::text, 'UTF8')"),
    (r"inet|cidr", "('10.' || (({i} / 250) % 250) || '.' || ({i} % 250) || '.0')"),
    (r"macaddr", "('08:00:2b:01:01:' || lpad(to_hex({i} % 256), 2, '0'))"),
    (r"int4range|int8range|numrange", "('[' || (10 * {i}) || ',' || ((10 * {i}) + 5) || ')')"),
    (r"tsrange|tstzrange|daterange",
     "concat('[', '2024-01-01'::date + ({i})::int, ',', '2024-01-02'::date + ({i})::int, ')')"),
    (r"tsvector", "to_tsvector('simple', ({i})::text)"),
    (r"point", "point({i}, {i})"),
    (r"bit|bit varying|varbit", "B'1'"),
    (r"xml", "('<n>' || {i} || '</n>')"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """A column with the properties that determine its values.

    Args:
        type: the type; for a domain its base type.
        has_default: it has a default or an identity, or is generated.
        is_text: the type, or the element type of an array, accepts any text.
        is_unique: it has another value in each row, so that a unique index accepts them.
        is_composite: the type is a composite type.
        is_numbered: a sequence generates the values.
        checks: the definitions of its checks.
        conditions: the conditions of the checks that are about this column alone.
        shared_conditions: the conditions of the checks that are about other columns as well.
        fitting: an expression with `{n}` whose values satisfy them; None for the usual values.
        partition_bound: the bound of its partition, if it is the partition key.
    """

    name: str
    type: str
    is_not_null: bool
    has_default: bool
    is_identity: bool
    is_generated: bool
    declared_type: str
    enum_value: str | None
    checks: str
    references: bool
    is_unique: bool
    is_text: bool
    is_composite: bool
    is_numbered: bool
    partition_bound: str | None = None
    conditions: tuple[str, ...] = ()
    shared_conditions: tuple[str, ...] = ()
    fitting: str | None = None

    def value(self, number: str) -> str:
        """Return an expression for the value of a row that violates no constraint.

        Args:
            number: an expression for the row's number.
        """
        if self.fitting is not None and self.partition_bound is None:
            return f"({self.fitting.replace('{n}', f'({number})')})::{self.declared_type}"
        return f"({self._plain_value(number)})::{self.declared_type}"

    def _plain_value(self, number: str) -> str:
        literal = re.search(
            r"FROM \(('[^']*'|-?\d+)|IN \(('[^']*'|-?\d+)", self.partition_bound or ""
        )
        if literal:
            return literal[1] or literal[2]
        if self.enum_value is not None:
            return "'" + self.enum_value.replace("'", "''") + "'"
        if self.is_composite:
            return f"pg_catalog.json_populate_record(NULL::{self.declared_type}, '{{}}')"
        if self.type.endswith("[]"):
            element = _value(self.type[:-2], number, is_text=self.is_text)
            return element if element == "NULL" else f"ARRAY[{element}]::{self.type}"
        text = re.search(r"'((?:[^']|'')*)'::", self.checks)
        is_text = self.type.startswith(("text", "character"))
        if text and is_text and "~" not in self.checks and not self.is_unique:
            return f"'{text[1]}'"
        return _value(self.type, number, is_text=self.is_text)


def _value(type_name: str, number: str, *, is_text: bool) -> str:
    base, _, size = type_name.partition("(")
    base = base.strip()
    for pattern, value in _VALUES:
        if re.match(rf"(?:{pattern})\b", base):
            return qualified(value).format(i=f"({number})", number=_decimal(size, number))
    if not is_text:  # no values of this type are known
        return "NULL"
    length = int(size.partition(")")[0]) if size else 0
    if length and length < 6:  # noqa: PLR2004 - the rows' numbers have up to five digits
        return qualified(f"right(lpad(({number})::text, {length}, '0'), {length})")
    return f"({number})::pg_catalog.text"


def _decimal(size: str, number: str) -> str:
    match = re.match(r"(\d+),(\d+)", size)
    if not match:
        return f"(({number})::numeric OPERATOR(pg_catalog.+) 0.123)"
    precision, scale = int(match[1]), int(match[2])
    whole = max(precision - scale, 0)
    fraction = "0." + "1234567890"[:scale] if scale > 0 else "0"
    return qualified(f"((({number}) % {10 ** min(whole, 9)}) + {fraction})")


@dataclass(frozen=True, slots=True)
class SampleTable:
    """A table to fill; `columns` omits generated columns, `read` includes them."""

    name: str
    columns: tuple[SampleColumn, ...]
    read: tuple[str, ...]
    is_filled_by_partitions: bool = False

    def insert(self, columns: Iterable[SampleColumn], values: Iterable[str]) -> str:
        """Return an INSERT of one row."""
        names = ", ".join(quoted(column.name) for column in columns)
        if not names:
            return f"INSERT INTO {self.name} DEFAULT VALUES"
        return f"INSERT INTO {self.name} ({names}) VALUES ({', '.join(values)})"


def quoted(name: str) -> str:
    """Return an identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'
