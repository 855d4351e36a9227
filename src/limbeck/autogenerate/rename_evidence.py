"""Evidence for or against a likely rename of a column: the values that its rows have.

A new column has no rows yet, but its declaration restricts its values: not NULL, unique, a length,
a list of values, a foreign key. If the values of a dropped column violate such a constraint, the
column was not renamed to the new one. Nothing is written. The number of rows and tables and the
time are limited.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from limbeck.catalog import Catalog, Column, Enum, Key, Table
from limbeck.dialects import own_session
from limbeck.diff import mentioned
from limbeck.sqlalchemy_io import Writer

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.diff import Guess

_log = logging.getLogger("alembic.autogenerate.compare.tables")
ROWS = 1000  # the maximum number of rows read per table
TABLES = 20  # the maximum number of tables read for one draft
SECONDS = 5.0  # no further query is sent after this time
WAIT = 1.0  # how long to wait for a table that is locked
_LETTERS = 300  # longer texts are cut to this length
_DECIDED = 0.95  # a single guess above this score needs no further evidence
_FEW = 5  # so few values are no evidence
_WORTH = 0.1
_SHOWN = ("char", "text", "int", "num", "dec", "bool", "date", "time", "enum", "double", "real",
          "uuid", "ltree")  # fmt: skip
_NUMBERS = ("int", "num", "dec", "double", "real", "float", "serial")
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")
_WHOLE = re.compile(r"\s*[-+]?\d+\s*")


@dataclass
class RowEvidence:
    """Looks for evidence about guesses in the rows, table by table.

    Args:
        comparison: what is compared, with the connection.
        clock: returns the time in seconds, for the time limit.
    """

    comparison: Comparison
    clock: Callable[[], float] = time.monotonic
    _began: float | None = None
    _asked: int = 0

    def __call__(self, old: Table, new: Table, guesses: Sequence[Guess]) -> list[Guess]:
        """Return the guesses about columns of a table that its rows do not refute.

        Args:
            old: the table in the database.
            new: the table in the models.
            guesses: the likely renames of its columns.
        """
        remaining = list(guesses)
        if not self._needs_evidence(remaining):
            return remaining
        pairs = [
            (guess, column, column_constraints(self.comparison.target, new, wanted))
            for guess in remaining
            if (column := old.column(str(guess.old.name))) is not None
            and (wanted := new.column(str(guess.new.name))) is not None
        ]
        pairs = [pair for pair in pairs if _is_readable(pair[1])]
        values = self._values(old, {column.name: column for _, column, _ in pairs})
        if not values:
            return remaining
        for guess, column, constraints in pairs:
            checked = self._evaluated(guess, old, column, values[column.name], constraints)
            at = remaining.index(guess)
            remaining[at : at + 1] = [checked] if checked is not None else []
        return remaining

    def _needs_evidence(self, guesses: Sequence[Guess]) -> bool:
        """Return whether a guess needs evidence and the time limit allows a query."""
        if self.comparison.ctx.connection is None or not guesses or self._asked >= TABLES:
            return False
        if len(guesses) == 1 and guesses[0].score >= _DECIDED:
            return False
        if self._began is None:
            self._began = self.clock()
        return self.clock() - self._began < SECONDS

    # ── queries ───────────────────────────────────────────────────────────

    def _values(self, table: Table, columns: dict[str, Column]) -> dict[str, list[Any]]:
        """Return some values of columns; nothing if the rows cannot be read."""
        if not columns:
            return {}
        source = sa.table(table.key.name, *map(sa.column, columns), schema=table.key.namespace)
        shown: list[Any] = [
            sa.func.substr(source.c[name], 1, _LETTERS) if _is_text(column) else source.c[name]
            for name, column in columns.items()
        ]
        rows = self._rows_of(sa.select(*shown).select_from(source).limit(ROWS), table)
        return {name: [row[at] for row in rows] for at, name in enumerate(columns)} if rows else {}

    def _orphans(self, table: Table, column: Column, constraints: ColumnConstraints) -> int:
        """Count the sampled values that are missing in the table the foreign key refers to."""
        target = constraints.target
        known = self.comparison.current.get(target) if target is not None else None
        if not isinstance(known, Table) or not _is_key(known, constraints.target_column):
            return 0
        # with the type: a type of an extension has its own operators, see `has_server_operators`
        type_of = Writer(self.comparison.current, self.comparison.sa_dialect).type
        source = sa.table(
            table.key.name,
            sa.column(column.name, type_of(column.type)),
            schema=table.key.namespace,
        )
        value = source.c[column.name]
        some = sa.select(value.label("value")).where(value.is_not(None)).limit(ROWS).subquery()
        target_column = known.column(constraints.target_column)
        assert target_column is not None  # noqa: S101 - it is a key of the table; for mypy
        referenced_table = sa.table(
            known.key.name,
            sa.column(target_column.name, type_of(target_column.type)),
            schema=known.key.namespace,
        )
        referenced = sa.exists().where(
            referenced_table.c[constraints.target_column] == some.c.value
        )
        count = sa.select(sa.func.count()).select_from(some).where(~referenced)
        rows = self._rows_of(count, table)
        return int(rows[0][0]) if rows else 0

    def _rows_of(self, statement: Any, table: Table) -> list[Any]:
        self._asked += 1
        connection: Any = self.comparison.ctx.connection
        nested: Any = None
        back: Callable[[], None] | None = None
        table_lock_timeout = self.comparison.dialect.table_lock_timeout
        try:
            nested = connection.begin_nested()
            if table_lock_timeout is not None:
                back = table_lock_timeout.limit(connection, WAIT)
            return list(own_session(connection).execute(statement))
        except SQLAlchemyError as error:
            _log.info("Cannot read the rows of %s: %s", table.key.name, error)
            return []
        finally:
            if back is not None:
                back()
            if nested is not None:
                with suppress(SQLAlchemyError):
                    # a setting that was changed for this query is reset too
                    nested.rollback()

    # ── evaluation ───────────────────────────────────────────────────────

    def _evaluated(
        self,
        guess: Guess,
        table: Table,
        column: Column,
        values: list[Any],
        constraints: ColumnConstraints,
    ) -> Guess | None:
        not_null = [value for value in values if value is not None]
        against = next(_violations(values, not_null, column, constraints), None)
        if against is None and not_null and constraints.target is not None:
            lost = self._orphans(table, column, constraints)
            if lost:
                against = f"{lost} of its values are not in {constraints.target.name}"
        if against is not None:
            _log.info(
                "%s.%s has not become %s: %s",
                table.key.name, guess.old.name, guess.new.name, against,
            )  # fmt: skip
            return None
        if not not_null:
            reason = f"it is NULL in all {len(values)} rows"
            return replace(guess, evidence=(*guess.evidence, reason), is_idle=True)
        satisfied = tuple(_satisfied(constraints)) if len(not_null) >= _FEW else ()
        score = min(1.0, guess.score + _WORTH * len(satisfied))
        return replace(guess, score=round(score, 3), evidence=(*guess.evidence, *satisfied))


def _violations(
    values: list[Any], not_null: list[Any], column: Column, constraints: ColumnConstraints
) -> Iterator[str]:
    """Yield, as text, the constraints that the values violate."""
    if not constraints.nullable and len(not_null) < len(values):
        yield f"{len(values) - len(not_null)} of {len(values)} rows have NULL in this column"
    texts = [str(value) for value in not_null]
    if constraints.is_unique and _has_duplicates(texts):
        yield "its values are not unique"
    if constraints.values is not None:
        others = {text for text in texts if text not in constraints.values}
        if others:
            yield f"{min(others)!r} is not one of the new values"
    if _is_text(column):
        yield from _unsuitable_texts(texts, constraints)


def _unsuitable_texts(texts: list[str], constraints: ColumnConstraints) -> Iterator[str]:
    """Yield, as text, why a type does not accept the values."""
    length = max(map(len, texts), default=0)
    if constraints.length is not None and length > constraints.length:
        yield f"it has a value longer than {constraints.length} characters"
    if any(word in constraints.type for word in _NUMBERS):
        pattern = _WHOLE if "int" in constraints.type else _NUMBER
        strange = next((text for text in texts if not pattern.fullmatch(text)), None)
        if strange is not None:
            yield f"{strange[:20]!r} is not a number"
    elif constraints.type.startswith(("date", "timestamp")):
        strange = next((text for text in texts if not _is_day(text)), None)
        if strange is not None:
            yield f"{strange[:20]!r} is not a date"


def _satisfied(constraints: ColumnConstraints) -> Iterator[str]:
    """Yield, as text, the constraints that the values satisfy."""
    if constraints.is_unique:
        yield "its values are unique"
    if constraints.values is not None:
        yield "its values are allowed in the new column"
    if constraints.target is not None:
        yield f"its values are in {constraints.target.name}"


def _has_duplicates(texts: list[str]) -> bool:
    # the rest of a text that was cut is not known
    whole = [text for text in texts if len(text) < _LETTERS]
    return len({*whole}) < len(whole)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return False
    return True


def _is_text(column: Column) -> bool:
    name = column.type.name.lower()
    return ("char" in name or "text" in name) and not column.type.dimensions


def _is_readable(column: Column) -> bool:
    name = column.type.name.lower()
    is_plain = column.type.ref is not None or any(word in name for word in _SHOWN)
    return is_plain and not column.type.dimensions


def _is_key(table: Table, name: str) -> bool:
    keys = [unique.columns for unique in table.uniques]
    keys += [table.primary_key.columns] if table.primary_key is not None else []
    return (name,) in keys


_LISTED = re.compile(r"\b(?:IN\s*\(|ANY\s*\(+\s*ARRAY\s*\[)([^)\]]*)", re.IGNORECASE)
# the digits of a MySQL introducer, such as _utf8mb4, are not a number
_VALUE = re.compile(r"'((?:[^']|'')*)'|(?<!\w)(-?\d+)")


@dataclass(frozen=True, slots=True)
class ColumnConstraints:
    """The constraints on the values of a column.

    Attributes:
        type: the name of the column's type.
        nullable: the column may contain NULL.
        is_unique: the column contains no value twice.
        length: the maximum number of characters; None if there is no limit.
        values: the allowed values; None if all values are allowed.
        target: the table that the foreign key refers to; None if there is no foreign key.
        target_column: the column that the foreign key refers to.
    """

    type: str
    nullable: bool
    is_unique: bool
    length: int | None
    values: frozenset[str] | None
    target: Key | None
    target_column: str


def column_constraints(catalog: Catalog, table: Table, column: Column) -> ColumnConstraints:
    """Return the constraints in a column's declaration.

    Args:
        catalog: the catalog of the table, with its enum types.
        table: the table.
        column: one of its columns.
    """
    lone = (column.name,)
    keys = [unique.columns for unique in table.uniques]
    keys += [index.columns for index in table.indexes if index.unique and index.where is None]
    keys += [table.primary_key.columns] if table.primary_key is not None else []
    key = next(
        (foreign_key for foreign_key in table.foreign_keys if foreign_key.columns == lone), None
    )
    name = column.type.name.lower()
    first = column.type.args[0] if column.type.args else ""
    return ColumnConstraints(
        name,
        column.nullable,
        lone in keys,
        int(first) if "char" in name and first.isdigit() else None,
        _values(catalog, table, column),
        key.target if key is not None else None,
        key.target_columns[0] if key is not None else "",
    )


def allowed_values(table: Table, name: str) -> tuple[str, ...]:
    """Return the list of values that a check allows for a column, as SQL literals."""
    for check in table.checks:
        found = _LISTED.search(check.expr.text)
        if found and mentioned(check) & {column.name for column in table.columns} == {name}:
            return tuple(match[0] for match in _VALUE.finditer(found[1]))
    return ()


def _values(catalog: Catalog, table: Table, column: Column) -> frozenset[str] | None:
    named = catalog.get(column.type.ref) if column.type.ref is not None else None
    if isinstance(named, Enum):
        return None if column.type.dimensions else frozenset(named.values)
    if column.type.name.lower() == "enum":
        return frozenset(_unquoted(word) for word in column.type.args)
    values = allowed_values(table, column.name)
    return frozenset(_unquoted(word) for word in values) if values else None


def _unquoted(word: str) -> str:
    is_quoted = len(word) > 1 and word[0] == word[-1] == "'"
    return word[1:-1].replace("''", "'") if is_quoted else word
