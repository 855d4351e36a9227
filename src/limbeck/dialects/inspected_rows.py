"""Rows and queries for the tables of a scratch database, based on SQLAlchemy's reflection."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.filled_tables import tables_to_fill

if TYPE_CHECKING:
    from sqlalchemy import Connection


NEW_ROW = 70000
_FEW_VALUES = (sa.Enum, sa.Boolean)
_LONGEST_TEXT = 200
_LONGEST_LETTERS = 12


@dataclass(frozen=True, slots=True)
class InspectedColumn:
    """A column with the properties that determine its values."""

    name: str
    type: Any
    is_nullable: bool
    has_default: bool
    is_generated: bool
    is_unique: bool  # each row gets a different value, for unique indexes
    references: bool
    fitting: Callable[[int], str] | None = None

    def literal(self, number: int) -> str:
        """Return the value of the row with this number, as SQL."""
        return _literal(self.type, number) if self.fitting is None else self.fitting(number)


@dataclass(frozen=True, slots=True)
class InspectedTable:
    """A table; `columns` are the columns that accept values, `read` the names of all columns."""

    name: str
    columns: tuple[InspectedColumn, ...]
    read: tuple[str, ...]
    quote: Any

    def insert(self, columns: Iterable[InspectedColumn], rows: Iterable[Iterable[str]]) -> str:
        """Return an INSERT of rows of SQL values."""
        names = ", ".join(self.quote(one.name) for one in columns)
        values = ", ".join(f"({', '.join(row)})" for row in rows)
        return f"INSERT INTO {self.quote(self.name)} ({names}) VALUES {values}"


def _literal(type_: Any, number: int) -> str:
    """Return a value of a type."""
    if isinstance(type_, sa.Integer):
        limit = _SMALL_INTEGERS.get(type(type_).__name__.upper())
        return str(number if limit is None else number % limit)
    if isinstance(type_, sa.Enum):
        return _text(type_.enums[number % len(type_.enums)] if type_.enums else "a")
    if isinstance(type_, sa.Numeric) and not isinstance(type_, sa.Float):
        return _decimal(type_, number)
    for classes, literal in _LITERALS:
        if isinstance(type_, classes):
            return literal(number)
    other = _OTHER_LITERALS.get(type(type_).__name__.upper())
    if other is not None:
        return other(type_, number)
    length = getattr(type_, "length", None)
    text = str(number)
    return _text(text if not length or len(text) <= length else text.zfill(length)[-length:])


def _decimal(type_: Any, number: int) -> str:
    whole = (type_.precision or 12) - (type_.scale or 0)
    fraction = "." + "123456789"[: type_.scale] if type_.scale else ""
    return f"{number % 10 ** min(max(whole, 1), 9)}{fraction}"


def _date(number: int) -> str:
    return f"2024-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_SMALL_INTEGERS: Mapping[str, int] = MappingProxyType({"TINYINT": 120, "SMALLINT": 30000})
# the first matching class is used
_LITERALS: tuple[tuple[Any, Callable[[int], str]], ...] = (
    (sa.Boolean, lambda number: str(number % 2)),
    (sa.Float, lambda number: f"{number}.625"),
    ((sa.DateTime, sa.TIMESTAMP), lambda number: _text(f"{_date(number)} 12:34:56.789")),
    (sa.Date, lambda number: _text(_date(number))),
    (sa.Time, lambda number: _text(f"{number % 24:02}:{number // 24 % 60:02}:07")),
    (sa.JSON, lambda number: _text(f'{{"n": {number}}}')),
    ((sa.LargeBinary, sa.BINARY, sa.VARBINARY), lambda number: f"X'{number:06x}'"),
)
_OTHER_LITERALS: Mapping[str, Callable[[Any, int], str]] = MappingProxyType(
    {
        "SET": lambda type_, _number: _text(type_.values[0]),
        "YEAR": lambda _type, number: str(2000 + number % 100),
        "BIT": lambda _type, _number: "1",
        "_GEOMETRY": lambda type_, number: _GEOMETRIES[type_.name](number),
    }
)
_GEOMETRIES: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "point": lambda number: f"POINT({number}, {number})",
        "geometry": lambda number: f"POINT({number}, {number})",
        "linestring": lambda number: f"LINESTRING(POINT(0, 0), POINT({number}, {number}))",
        "polygon": lambda number: (
            f"POLYGON(LINESTRING(POINT(0, 0), POINT({number}, 0), POINT(0, {number}), POINT(0, 0)))"
        ),
    }
)


@dataclass(frozen=True, slots=True)
class _Geometry:
    """A spatial type of MySQL, which SQLAlchemy does not support.

    Args:
        name: the name of the type, in lower case.
    """

    name: str


def _spatial_types(connection: Connection) -> Mapping[tuple[str, str], _Geometry]:
    """Return the spatial columns of a MySQL database, by table and name."""
    if connection.dialect.name not in {"mysql", "mariadb"}:
        return {}
    rows = connection.exec_driver_sql(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = DATABASE()"
    )
    return {(row[0], row[1]): _Geometry(row[2]) for row in rows if row[2] in _GEOMETRIES}


def inspected_tables(
    connection: Connection, words: Collection[str] | None = None
) -> list[InspectedTable]:
    """Return the tables, referenced tables first.

    Args:
        connection: a connection to the database.
        words: the words of a revision's statements, to select the tables that it needs.
    """
    inspector = sa.inspect(connection)
    quote = connection.dialect.identifier_preparer.quote
    with warnings.catch_warnings():
        # the user need not know about types that SQLAlchemy does not support
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        return _inspected_tables(connection, inspector, quote, words)


def _inspected_tables(
    connection: Connection, inspector: Any, quote: Any, words: Collection[str] | None
) -> list[InspectedTable]:
    names = [name for name, _keys in inspector.get_sorted_table_and_fkc_names() if name]
    if words is not None:
        references = {
            name: {key["referred_table"] for key in inspector.get_foreign_keys(name)}
            for name in names
        }
        chosen = tables_to_fill(references, words)
        names = [name for name in names if name in chosen]
    # https://www.sqlite.org/lang_createtable.html#rowids_and_the_integer_primary_key
    is_rowid = connection.dialect.name == "sqlite"
    tables = [_inspected(inspector, name, quote, is_rowid=is_rowid) for name in names]
    if spatial := _spatial_types(connection):
        tables = [
            replace(
                table,
                columns=tuple(
                    replace(one, type=spatial.get((table.name, one.name), one.type))
                    for one in table.columns
                ),
            )
            for table in tables
        ]
    return [replace(one, columns=checked_columns(connection, one)) for one in tables]


def checked_columns(connection: Connection, table: InspectedTable) -> tuple[InspectedColumn, ...]:
    """Return the columns of a table, with other values for a column if a check rejects its values.

    Args:
        connection: a connection to the database.
        table: the inspected table.
    """
    columns = list(table.columns)
    for check in _checks(connection, table):
        words = set(re.findall(r"\w+", check))
        named = [index for index, one in enumerate(columns) if one.name in words]
        if not named or _accepts(connection, table.quote, check, columns):
            continue
        for index, fitting in ((one, other) for one in named for other in
                               _candidates(check, columns[one])):  # fmt: skip
            tried = list(columns)
            tried[index] = replace(columns[index], fitting=fitting)
            if _accepts(connection, table.quote, check, tried):
                columns = tried
                break
    return tuple(columns)


def _checks(connection: Connection, table: InspectedTable) -> Iterator[str]:
    """Yield the conditions of the checks of a table, from its definition."""
    quoted = table.quote(table.name)
    if connection.dialect.name == "sqlite":
        query, place = "SELECT sql FROM sqlite_master WHERE name = " + _text(table.name), 0
    else:
        query, place = f"SHOW CREATE TABLE {quoted}", 1
    text = str(connection.exec_driver_sql(query.replace("%", "%%")).one()[place])
    for found in re.finditer(r"\bCHECK\s*\(", text, re.IGNORECASE):
        depth = 1
        for piece in re.finditer(r"'(?:[^']|'')*'|[()]", text[found.end() :]):
            depth += (piece[0] == "(") - (piece[0] == ")")
            if depth == 0:
                yield text[found.end() : found.end() + piece.start()]
                break


def _accepts(
    connection: Connection, quote: Any, check: str, columns: Iterable[InspectedColumn]
) -> bool:
    """Return whether a check accepts the values of the generated rows."""
    listed = list(columns)
    for number in (1, 3, 3000, NEW_ROW):
        values = ", ".join(f"{one.literal(number)} AS {quote(one.name)}" for one in listed)
        query = f"SELECT ({check}) FROM (SELECT {values}) AS row_values"
        try:
            accepted = connection.exec_driver_sql(query.replace("%", "%%")).scalar()
        except sa.exc.DBAPIError:
            return True  # the check cannot be evaluated
        if accepted is not None and not accepted:
            return False
    return True


def _candidates(check: str, column: InspectedColumn) -> Iterator[Callable[[int], str]]:
    """Yield functions that return other values for a column with a check, by the row's number."""
    texts = re.findall(r"'(?:[^']|'')*'", check)
    bare = re.sub(r"'(?:[^']|'')*'", " ", check)
    numbers = [int(one) for one in re.findall(r"(?<![\w.])-?\d+(?![\w.])", bare)]
    varied = []
    if isinstance(column.type, sa.String):
        # the lengths that the type or the check may ask for
        named = [column.type.length, *map(int, re.findall(r"(?<![\w.-])\d+", check))]
        lengths = [one for one in named if one and one <= _LONGEST_LETTERS]
        varied = [partial(_letters, one, word) for one in lengths for word in ("A", "a", "0")]
    near = [str(one + step) for step in (0, 1, -1) for one in numbers]
    long = [_text("x" * one) for one in numbers if 0 < one <= _LONGEST_TEXT]
    constant = [partial(_same, one) for one in (*texts, *near, *long, "NULL")]
    # a key needs another value in each row
    yield from (*varied, *constant) if column.is_unique else (*constant, *varied)


def _same(value: str, _number: int) -> str:
    return value


def _letters(length: int, first: str, number: int) -> str:
    """Return a text of letters or digits that shows a number.

    Args:
        length: the length of the text.
        first: "A", "a" or "0".
        number: the number.
    """
    base = 10 if first == "0" else 26
    digits = (number // base**place % base for place in reversed(range(length)))
    return _text("".join(chr(ord(first) + digit) for digit in digits))


def _inspected(inspector: Any, name: str, quote: Any, *, is_rowid: bool) -> InspectedTable:
    keys = inspector.get_pk_constraint(name)["constrained_columns"]
    listed = inspector.get_columns(name)
    references = {
        column for key in inspector.get_foreign_keys(name) for column in key["constrained_columns"]
    }
    few = {column["name"] for column in listed if isinstance(column["type"], _FEW_VALUES)}
    unique = {
        # the last column that has many values and is not a foreign key
        max(enumerate(members), key=lambda pair: (pair[1] not in few | references, pair[0]))[1]
        for members in _unique_keys(inspector, name, [keys], {one["name"] for one in listed})
        if members
    }
    columns = tuple(
        InspectedColumn(
            name=column["name"],
            type=column["type"],
            is_nullable=column["nullable"] and column["name"] not in keys,
            has_default=column.get("default") is not None
            or column.get("autoincrement") is True
            or (is_rowid and keys == [column["name"]] and isinstance(column["type"], sa.Integer)),
            is_generated=column.get("computed") is not None,
            is_unique=column["name"] in unique,
            references=column["name"] in references,
        )
        for column in listed
    )
    return InspectedTable(
        name,
        tuple(one for one in columns if not one.is_generated),
        tuple(one.name for one in columns),
        quote,
    )


def _unique_keys(
    inspector: Any, name: str, keys: Iterable[list[str]], columns: Collection[str]
) -> Iterator[list[str]]:
    """Yield the columns of each unique key of a table, including keys over expressions."""
    yield from keys
    for index in inspector.get_indexes(name):
        if index["unique"]:
            texts = index.get("expressions") or index["column_names"]
            words = [word for text in texts if text for word in re.findall(r"[\w$]+|.+", text)]
            named = [text for text in texts if text in columns]
            yield named or [word for word in words if word in columns]
    with suppress(NotImplementedError):
        for part in inspector.get_unique_constraints(name):
            yield part["column_names"]


def fill_rows(
    connection: Connection, rows: int, *, spoiled: bool, words: Collection[str] | None = None
) -> None:
    """Fill the tables of a scratch database, and commit.

    Args:
        connection: a connection to the scratch database.
        rows: the number of rows per table.
        spoiled: add rows that the constraints allow: NULLs, duplicates, orphans, extreme values.
        words: the words of a revision's statements, to select the tables that it needs.
    """
    tables = inspected_tables(connection, words)
    cursor = connection.connection.cursor()
    for table in tables:
        numbers = range(1, rows + 1)
        lines = [[one.literal(number) for one in table.columns] for number in numbers]
        _insert(cursor, table, lines)
    if spoiled:
        for salt, table in enumerate(tables):
            numbers = range(rows + 3000, rows + 3000 + rows // 2)
            _insert(cursor, table, [[_or_null(one, number) for one in table.columns]
                                    for number in numbers])  # fmt: skip
            for line in _spoiled_rows(table, rows, 10 * salt):
                _insert(cursor, table, [line, line])
    cursor.close()
    connection.connection.dbapi_connection.commit()  # type: ignore[union-attr]
    connection.rollback()


def _or_null(column: InspectedColumn, number: int) -> str:
    return "NULL" if column.is_nullable and not column.has_default else column.literal(number)


def _insert(cursor: Any, table: InspectedTable, lines: list[list[str]]) -> None:
    try:
        cursor.execute(table.insert(table.columns, lines))
    except Exception:
        # a constraint rejects one of the rows: insert them one by one
        for line in lines:
            with suppress(Exception):
                cursor.execute(table.insert(table.columns, [line]))


def _spoiled_rows(table: InspectedTable, rows: int, salt: int) -> Iterator[list[str]]:
    """Yield rows with one spoiled value each; a constraint may reject them.

    Args:
        table: the table.
        rows: the number of rows that are not spoiled.
        salt: makes the values differ from those of other tables, so that references are invalid.
    """
    number = rows + 10
    for index, column in enumerate(table.columns):
        for bad in _spoiled_values(column, rows, salt):
            number += 1
            line = [
                one.literal(number if one.is_unique and not one.references else 3)
                for one in table.columns
            ]
            line[index] = bad
            yield line


def _spoiled_values(column: InspectedColumn, rows: int, salt: int) -> Iterator[str]:
    if column.is_nullable:
        yield "NULL"
    yield column.literal(3)
    match column.type:
        case sa.Enum():
            yield from map(_text, column.type.enums)
        case sa.Boolean():
            yield "0"
        case sa.Integer():
            yield from map(str, (40000 + salt, 3000000000 + salt, -5 - salt, 0, rows + 5000 + salt))
        case sa.Numeric():
            whole = (column.type.precision or 12) - (column.type.scale or 0)
            yield from ("9" * max(whole, 1), "-5", "0")
        case sa.Date() | sa.DateTime():
            yield from ("'2000-02-29'", "'2037-12-31'")  # a TIMESTAMP ends soon after
        case sa.String():
            length = column.type.length or 3000
            yield from (_text("no number".ljust(length, "x")[:length]), "''")
            # letters that latin1 does not have, and that utf8mb3 does not
            yield from ("'\u03a9'", "'\U0001f600'")
