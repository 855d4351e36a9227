"""Determine whether the effects of a statement are true in the current catalog."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.own_queries import inspector
from limbeck.dialects.statement_effects import DdlFact, Effects, TablePath

if TYPE_CHECKING:
    from sqlalchemy import Connection


class CatalogProbe:
    """Determines whether effects are true in the database; each table is read once."""

    def __init__(self, connection: Connection, schema: str | None = None) -> None:
        self._schema = schema
        self._inspector: Any = inspector(connection)
        self._dialect: Any = connection.dialect

    def holds(self, effect: DdlFact) -> bool:
        """Return whether an effect is true; True if this database cannot decide it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # types unknown to SQLAlchemy
            schema, table = effect.table
            return self._holds(replace(effect, table=(schema or self._schema, table)))

    def _holds(self, effect: DdlFact) -> bool:
        schema, table = effect.table
        has_table: bool = self._inspector.has_table(table, schema=schema)
        if effect.kind == "table" or not has_table:
            return has_table is effect.is_present
        if effect.kind == "column":
            return self._has_column(effect)
        if effect.kind == "primary key":
            key = self._inspector.get_pk_constraint(table, schema=schema)
            return bool(key.get("constrained_columns")) is effect.is_present
        return self._has_part(effect)

    def _has_column(self, effect: DdlFact) -> bool:
        schema, table = effect.table
        columns = self._inspector.get_columns(table, schema=schema)
        found = {str(column["name"]).lower(): column for column in columns}.get(effect.name.lower())
        if found is None or not effect.is_present:
            return (found is not None) is effect.is_present
        if effect.is_not_null and found.get("nullable"):
            return False
        return not effect.type_text or has_type(found["type"], effect.type_text, self._dialect)

    def _has_part(self, effect: DdlFact) -> bool:
        schema, table = effect.table
        wanted = effect.name.lower()
        for index in self._inspector.get_indexes(table, schema=schema):
            if str(index["name"]).lower() == wanted:
                return effect.is_present and _is_index(effect, index)
        for read in ("get_unique_constraints", "get_foreign_keys", "get_check_constraints"):
            try:
                parts = getattr(self._inspector, read)(table, schema=schema)
            except NotImplementedError:
                return True
            if wanted in {str(part["name"]).lower() for part in parts}:
                return effect.is_present
        primary = self._inspector.get_pk_constraint(table, schema=schema)
        return (str(primary.get("name") or "").lower() == wanted) is effect.is_present


def _is_index(effect: DdlFact, index: Any) -> bool:
    if effect.is_unique is not None and bool(index.get("unique")) is not effect.is_unique:
        return False
    if effect.columns is None:
        return True
    names = [str(name).lower() for name in index["column_names"]]
    return names == [name.lower() for name in effect.columns]


_TYPE = re.compile(
    r"(?:(\w+)\.)?(\w+(?:\s+(?:precision|varying))?)\s*(?:\(([^()]*)\))?", re.IGNORECASE
)
_SYNONYMS = {"double precision": "double", "character varying": "varchar", "int": "integer"}


def has_type(found: Any, text: str, dialect: Any) -> bool:
    """Return whether a type that was read can be the type in a statement.

    Databases and statements use different names for types. Only kind, length and scale are
    compared, and unknown ones are treated as equal.

    Args:
        found: the type that SQLAlchemy has read.
        text: the type in the statement.
        dialect: SQLAlchemy's dialect.
    """
    match = _TYPE.match(text.strip())
    expected = None if match is None or match[1] or "[" in text else _type_of(match[2], dialect)
    if match is None or expected is None or isinstance(found, sa.types.NullType):
        return True
    if not _is_of_kind(found, expected):
        return False
    numbers = [int(part) for part in re.findall(r"\d+", match[3] or "")]
    if isinstance(expected, sa.types.String) and not isinstance(expected, sa.types.Enum):
        length = getattr(found, "length", None)
        return not numbers or length in {None, numbers[0]}
    if isinstance(expected, sa.types.Numeric) and len(numbers) > 1:
        return getattr(found, "scale", None) in {None, numbers[1]}
    return True


def _type_of(name: str, dialect: Any) -> Any:
    """Return the type that the dialect knows by a name, or None."""
    names = {key.lower(): kind for key, kind in dialect.ischema_names.items()}
    name = " ".join(name.lower().split())
    kind = names.get(name) or names.get(_SYNONYMS.get(name, name))
    type_ = kind() if isinstance(kind, type) else None
    return None if isinstance(type_, sa.types.NullType) else type_


def _is_of_kind(found: Any, expected: Any) -> bool:
    pairs = (found._type_affinity, expected._type_affinity)  # SQLAlchemy has no public name
    if len({_NUMBERS.get(kind, kind) for kind in pairs}) == 1:
        return True
    # TINYINT(1) for a boolean, JSON stored as text
    return set(pairs) in [set(both) for both in _EQUAL]


_NUMBERS = {sa.types.Float: sa.types.Numeric}
_EQUAL = (
    (sa.types.Boolean, sa.types.Integer),
    (sa.types.JSON, sa.types.String),
    (sa.types.Enum, sa.types.String),
)


class NetEffects:
    """The effects that remain after several consecutive statements."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, TablePath, str], tuple[object, DdlFact]] = {}

    def add(self, owner: object, effects: Effects) -> None:
        """Add the effects of a statement that ran after the statements added before."""
        new_names = {
            item.renamed_from: item.table
            for item in effects.items
            if item.renamed_from and item.kind == "table"
        }
        for item in effects.items:
            if item.kind == "table" and not item.is_present:
                self._move_details(item.table, new_names.get(item.table))
            elif item.kind == "column" and not item.is_present:
                self._forget_parts_with(item)
            self._found[item.key] = (owner, item)

    def of(self, owner: object) -> list[DdlFact]:
        """Return the effects of one statement that no later statement has changed."""
        return [item for statement, item in self._found.values() if statement is owner]

    def all(self) -> list[tuple[object, DdlFact]]:
        """Return all effects, each with its statement."""
        return list(self._found.values())

    def _move_details(self, table: TablePath, new: TablePath | None) -> None:
        """Move the columns and parts of a table to its new name; remove them if there is none."""
        for key, (owner, item) in list(self._found.items()):
            if item.table == table and item.kind != "table":
                del self._found[key]
                if new is not None:
                    moved = replace(item, table=new)
                    self._found[moved.key] = (owner, moved)

    def _forget_parts_with(self, item: DdlFact) -> None:
        """Remove the indexes and constraints on a column that is dropped or renamed."""
        for key, (_, other) in list(self._found.items()):
            if other.kind in {"part", "primary key"} and other.table == item.table:
                names = other.columns
                if names is None or item.name.lower() in {name.lower() for name in names}:
                    del self._found[key]
