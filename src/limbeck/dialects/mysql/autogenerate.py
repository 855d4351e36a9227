"""Draft rules of MySQL and MariaDB: default names, renames, views."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from limbeck.catalog import (
    Check,
    Constraint,
    Definition,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Table,
    Unique,
    kind_of,
)
from limbeck.dialects.mysql import routines, triggers
from limbeck.dialects.mysql.catalog_queries import quote, quoted
from limbeck.dialects.mysql.ddl_constructs import is_mariadb
from limbeck.diff import Alter, Change, Create, Drop, Rename
from limbeck.sql import quote_path

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect as SqlDialect


_LONGEST_CHECKED = 56  # of 64 characters, the rest of which the suffix needs


def _full(key: Key) -> str:
    return quote_path(*key.path, mark="`")


def default_name(
    table: Table, part: Constraint, taken: Collection[str], dialect: SqlDialect
) -> str | None:
    """Return the name that the server gives an unnamed constraint, or an equivalent one."""
    match part:
        case Unique():
            return _free_name(part.columns[0], "_", taken)
        case ForeignKey():
            return _numbered(f"{table.key.name}_ibfk_", taken)
        case Check():
            return _numbered(_check_base(table, dialect), taken)
        case PrimaryKey():
            return "PRIMARY"
        case _:
            return None


def _check_base(table: Table, dialect: SqlDialect) -> str:
    # MySQL requires names of checks that are short and unique in the whole database
    is_maria = is_mariadb(dialect)
    return "CONSTRAINT_" if is_maria else f"{table.key.name[:_LONGEST_CHECKED]}_chk_"


def given_check_names(table: Table, dialect: SqlDialect) -> frozenset[str]:
    """Return the names of a table's first checks if they are those that the server gives.

    The server numbers unnamed checks in their order, so that the names after a gap would change.
    """
    base = _check_base(table, dialect)
    names: set[str] = set()
    for check in table.checks:
        if check.name is not None and _is_numbered(check.name, base):
            if check.name != f"{base}{len(names) + 1}":
                break
            names.add(check.name)
    return frozenset(names)


def _free_name(base: str, sign: str, taken: Collection[str]) -> str:
    if base not in taken:
        return base
    return next(
        name for number in range(2, 10**6) if (name := f"{base}{sign}{number}") not in taken
    )


def _numbered(base: str, taken: Collection[str]) -> str:
    used = [int(name[len(base) :]) for name in taken if _is_numbered(name, base)]
    return f"{base}{max(used, default=0) + 1}"


def _is_numbered(name: str, base: str) -> bool:
    return name.startswith(base) and name[len(base) :].isdigit()


def unnamed_keys(table: Table) -> Table:
    """Return a table without the names that the server gives its foreign keys in their order.

    The server names the index of an unnamed foreign key after its column, and the index of a named
    one after the key.
    """
    base = f"{table.key.name}_ibfk_"
    numbers: dict[str | None, int] = {
        key.name: int(key.name[len(base) :])
        for key in table.foreign_keys
        if key.name and _is_numbered(key.name, base)
    }
    keys: list[ForeignKey] = []
    last = 0
    for key in sorted(table.foreign_keys, key=lambda one: numbers.get(one.name, 0)):
        number = numbers.get(key.name)
        has_column_index = any(
            index.columns == key.columns
            and index.name != key.name
            and ("auto", True) in index.extras
            for index in table.indexes
        )
        is_given = number == last + 1 and has_column_index
        keys.append(replace(key, name=None) if is_given else key)
        last = number or last
    return replace(table, foreign_keys=tuple(keys))


def rename_part(change: Rename, owner: Key) -> str | None:
    """Return the statement that renames an index; None if it has to be recreated."""
    if change.old.kind not in {"index", "unique"}:  # type: ignore[union-attr]
        return None
    old, new = str(change.old.name), str(change.new.name)  # type: ignore[union-attr]
    return f"ALTER TABLE {_full(owner)} RENAME INDEX {quote(old)} TO {quote(new)}"


def altered_part(
    owner: Key, part: Constraint | Index, fields: frozenset[str], dialect: Any
) -> str | None:
    """Return the statement that changes an index; None if it has to be recreated."""
    if fields != {"invisible"} or not isinstance(part, Index):
        return None
    word = _invisible(dialect) if ("invisible", True) in part.extras else _visible(dialect)
    return f"ALTER TABLE {_full(owner)} ALTER INDEX {quote(str(part.name))} {word}"


def index_ending(index: Index, dialect: Any) -> str:
    """Return the end of a CREATE INDEX, with options that SQLAlchemy does not support."""
    comment = f" COMMENT {quoted(index.comment)}" if index.comment is not None else ""
    return comment + (f" {_invisible(dialect)}" if ("invisible", True) in index.extras else "")


def _invisible(dialect: Any) -> str:
    return "IGNORED" if dialect.is_mariadb else "INVISIBLE"


def _visible(dialect: Any) -> str:
    return "NOT IGNORED" if dialect.is_mariadb else "VISIBLE"


def keys_after_indexes(table: Table) -> tuple[ForeignKey, ...]:
    """Return the foreign keys that have to be dropped before indexes of their table.

    Indexes that the server created for a key are dropped with the table and are ignored.
    """
    leading = [one.columns for one in (*table.uniques, table.primary_key) if one is not None]
    served = [index.columns for index in table.indexes if ("auto", True) in index.extras]
    declared = [index.columns for index in table.indexes if ("auto", True) not in index.extras]
    return tuple(
        key
        for key in table.foreign_keys
        if _is_covered(key, declared) and not _is_covered(key, [*leading, *served])
    )


def _is_covered(key: ForeignKey, many: Iterable[tuple[str, ...]]) -> bool:
    return any(columns[: len(key.columns)] == key.columns for columns in many)


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for a view."""
    match change:
        case Create(what=Definition() as obj) if obj.key.kind == "view":
            yield f"CREATE VIEW {_full(obj.key)} AS {obj.body.text}"
        case Drop(what=Definition() as obj) if obj.key.kind == "view":
            yield f"DROP VIEW {_full(obj.key)}"
        case Alter(new=Definition() as obj) if obj.key.kind == "view":
            yield f"CREATE OR REPLACE VIEW {_full(obj.key)} AS {obj.body.text}"
        case _ if kind_of(change.key).is_routine:
            yield from routines.statements(change)
        case _:
            yield from triggers.statements(change)
