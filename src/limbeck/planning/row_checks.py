"""The queries that find out whether existing rows satisfy what a plan will require of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    Key,
    PrimaryKey,
    Table,
    Unique,
)
from limbeck.data_loss import unfitting_values
from limbeck.dialects import query_sql, undoubled, written_rows
from limbeck.diff import Alter, Create, Drop, Rename, diff, rename_object, rename_part
from limbeck.planning.move_runs import SEPARATOR
from limbeck.planning.plan import RowCheck
from limbeck.sqlalchemy_io import Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.dialects import Dialect
    from limbeck.planning.move_runs import MoveRun

MOST_ROWS = 100_000  # counted; larger numbers are reported as "at least"
FIRST_KEYS = 5
_WORD = re.compile(r"\w+")
_NOT_KNOWN = "the statements that change the column are not known without a scratch database"
_CHANGES_ROWS = ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE")


@dataclass(frozen=True, slots=True)
class CheckQuery:
    """A check with the SQL that answers it.

    Args:
        check: the check, not run.
        count: the query of the check as it is sent to the server.
        keys: selects the first keys of rows that count, as text.
        loses: values are lost; False where the statement fails.
    """

    check: RowCheck
    count: str
    keys: str
    loses: bool = False


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a table that count.

    Args:
        condition: which; None for all.
        columns: the columns whose values are duplicates, for a unique constraint.
    """

    condition: Any = None
    columns: tuple[str, ...] = ()


def _gets_values(run: MoveRun, name: str) -> bool:
    """Return whether a new column has the values of another one, or a default for a moment.

    In a comparison of the schemas before and after, both are new columns without a default.
    """
    quoted = rf"[\"`\[]?{re.escape(name)}[\"`\]]?"
    return _matches(
        run,
        rf"\bINSERT\s+INTO\s+\S+\s*\([^()]*(?<!\w){quoted}(?!\w)[^()]*\)\s*SELECT\b"
        rf"|(?<!\w){quoted}\s[^,;]*(?<!DROP )(?<!SET )\bDEFAULT\b",
    )


def _keeps_values(run: MoveRun, name: str) -> bool:
    """Return whether the values of a column that goes are those of another one afterwards."""
    quoted = rf"[\"`\[]?{re.escape(name)}[\"`\]]?"
    return _matches(
        run,
        rf"\bINSERT\s+INTO\b[^;]*\)\s*SELECT\b[^;]*(?<!\w){quoted}(?!\w)[^;]*\bFROM\b",
    )


def _names(run: MoveRun, name: str) -> bool:
    """Return whether a statement names an object."""
    return _matches(run, rf"(?<!\w){re.escape(name)}(?!\w)")


def _uncertain(found: CheckQuery, reason: str) -> CheckQuery:
    return replace(found, check=replace(found.check, reason=reason), loses=False)


def _matches(run: MoveRun, pattern: str) -> bool:
    found = re.compile(pattern, re.IGNORECASE)
    return any(found.search(one.sql) for one in run.statements)


class CheckBuilder:
    """Builds the checks of a plan.

    Args:
        live: the schema of the real database.
        dialect: the record of the database.
        sql_dialect: SQLAlchemy's dialect.
    """

    def __init__(self, live: Catalog, dialect: Dialect, sql_dialect: SqlDialect) -> None:
        self._live = live
        self._dialect = dialect
        self._sql_dialect = sql_dialect
        # the revisions that change rows of a table: before this one, and before a statement of it
        self._written: dict[str, str] = {}
        self._earlier: dict[str, str] = {}
        self._tables: dict[object, Any] = {}
        # the names that the real database has for those that earlier statements have renamed
        self._real_tables: dict[Key, Key] = {}
        self._real_columns: dict[tuple[Key, str], str] = {}

    def of(self, run: MoveRun) -> Iterator[CheckQuery]:
        """Yield the checks of one revision; to be called in the order of the revisions."""
        writes = self._writes(run)
        former: dict[Key, Key] = {}
        for change in diff(run.before, run.after, renames=run.renames):
            if isinstance(change, Rename):
                self._rename(change, former)
                continue
            # rows that are changed after the statement that has to succeed do not help it
            at = _place(run, change)
            earlier = {table: run.move.revision.id for place, table in writes if place < at}
            self._earlier = self._written | earlier
            owner = change.owner
            if owner is None:
                if isinstance(change, Drop) and isinstance(change.what, Table):
                    yield from self._dropped_table(run, change.what)
                continue
            table, before = self._live.get(owner), run.before.get(former.get(owner, owner))
            if isinstance(table, Table) and isinstance(before, Table):
                yield from self._of_part(run, change, table)
        self._written |= {table: run.move.revision.id for _, table in writes}

    def _rename(self, change: Rename, former: dict[Key, Key]) -> None:
        """Give what a revision renames its new name, and remember the real one."""
        old, new = change.old, change.new
        if isinstance(old, Table) and isinstance(new, Table) and old.key in self._live:
            former[new.key] = former.pop(old.key, old.key)
            self._real_tables[new.key] = self._real_tables.pop(old.key, old.key)
            for owner, name in [one for one in self._real_columns if one[0] == old.key]:
                self._real_columns[new.key, name] = self._real_columns.pop((owner, name))
            self._live = rename_object(self._live, old.key, new.key)
        elif isinstance(old, Column) and isinstance(new, Column) and change.owner is not None:
            table = self._live.get(change.owner)
            if isinstance(table, Table) and (column := table.column(old.name)) is not None:
                key = change.owner, old.name
                self._real_columns[key[0], new.name] = self._real_columns.pop(key, old.name)
                self._live = rename_part(self._live, change.owner, column, new.name)

    def _writes(self, run: MoveRun) -> list[tuple[int, str]]:
        """Return the tables whose rows a revision changes, each with the place of the statement."""
        return [
            (place, found[0][1].lower())
            for place, one in enumerate(run.statements)
            for part in one.sql.split(SEPARATOR)
            if (found := written_rows(part, self._sql_dialect.name)) is not None
        ]

    def _of_part(  # noqa: C901 -- a table of cases
        self, run: MoveRun, change: Any, table: Table
    ) -> Iterator[CheckQuery]:
        id_ = run.move.revision.id
        match change:
            case Alter(new=Column() as new, old=Column() as old):
                yield from self._altered_column(run, table, old, new)
            case Create(what=Column() as column):
                if not self._has_value(column) and not _gets_values(run, column.name):
                    words = (
                        f"adds {column.name} NOT NULL without a default to {table.key.full_name}"
                    )
                    found = self._query(id_, "new column", table, (column.name,), words, _Rows())
                    yield found if _names(run, column.name) else _uncertain(found, _NOT_KNOWN)
            case Drop(what=Column() as column):
                if table.column(column.name) is not None and not _keeps_values(run, column.name):
                    words = f"drops column {table.key.full_name}.{column.name}"
                    rows = _Rows(sa.column(column.name).is_not(None))
                    columns = (column.name,)
                    found = self._query(id_, "drop column", table, columns, words, rows, loses=True)
                    yield found if _names(run, column.name) else _uncertain(found, _NOT_KNOWN)
            case Create(what=Unique() | PrimaryKey() | Index() as part):
                yield from self._unique(id_, table, part)
            case Create(what=Check() as part) if _is_validated(part):
                yield self._check(id_, table, part)
            case Create(what=ForeignKey() as part) if _is_validated(part):
                yield from self._foreign_key(id_, table, part)
            case Alter(new=Check() | ForeignKey() as part, old=had):
                if _is_validated(part) and not _is_validated(had):
                    if isinstance(part, Check):
                        yield self._check(id_, table, part)
                    else:
                        yield from self._foreign_key(id_, table, part)

    # ── one method for each kind ──────────────────────────────────────────

    def _has_value(self, column: Column) -> bool:
        live = self._dialect.live
        return (
            column.nullable
            or column.default is not None
            or any(word in {"serial", "autoincrement"} for word, _ in column.extras)
            or (live is not None and live.fills_new_columns)
        )

    def _dropped_table(self, run: MoveRun, dropped: Table) -> Iterator[CheckQuery]:
        table = self._live.get(dropped.key)
        if isinstance(table, Table):
            words = f"drops table {table.key.full_name}"
            id_ = run.move.revision.id
            yield self._query(id_, "drop table", table, (), words, _Rows(), loses=True)

    def _altered_column(
        self, run: MoveRun, table: Table, old: Column, new: Column
    ) -> Iterator[CheckQuery]:
        id_, present = run.move.revision.id, table.column(old.name)
        if present is None:
            return
        name, columns = f"{table.key.full_name}.{new.name}", (new.name,)
        if old.nullable and not new.nullable and present.nullable:
            rows = _Rows(sa.column(new.name).is_(None))
            yield self._query(id_, "not null", table, columns, f"makes {name} NOT NULL", rows)
        if old.type == new.type or isinstance(new.default, Identity):
            return
        type_ = Writer(run.after, self._sql_dialect).type(new.type)
        condition = unfitting_values(type_, present, self._dialect, self._sql_dialect)
        if condition is not None:
            words = f"makes {name} {new.type}, which was {present.type}"
            rows = _Rows(condition(sa.column(new.name)))
            loses = isinstance(type_, sa.Numeric) and not isinstance(type_, sa.Float)
            yield self._query(id_, "type", table, columns, words, rows, loses=loses)

    def _unique(
        self, id_: str, table: Table, part: Unique | PrimaryKey | Index
    ) -> Iterator[CheckQuery]:
        condition: Any = None
        if isinstance(part, Index):
            if not part.unique or len(part.columns) != len(part.elements):
                return
            if part.where is not None:
                condition = sa.literal_column(f"({part.where.text})")
        columns = tuple(part.columns)
        if not columns or not self._are_there(table, columns):
            return
        if isinstance(part, PrimaryKey):
            for column in columns:
                present = table.column(column)
                if present is not None and present.nullable:
                    rows = _Rows(sa.column(column).is_(None))
                    words = f"makes {table.key.full_name}.{column} a part of the primary key"
                    yield self._query(id_, "not null", table, (column,), words, rows)
        words = f"makes {table.key.full_name} ({', '.join(columns)}) unique"
        yield self._query(id_, "unique", table, columns, words, _Rows(condition, columns))

    def _check(self, id_: str, table: Table, part: Check) -> CheckQuery:
        name = f" {part.name}" if part.name else ""
        words = f"adds the check{name} ({part.expr.text}) to {table.key.full_name}"
        rows = _Rows(sa.literal_column(f"NOT ({part.expr.text})"))
        return self._query(id_, "check", table, (), words, rows)

    def _foreign_key(self, id_: str, table: Table, part: ForeignKey) -> Iterator[CheckQuery]:
        if not self._are_there(table, part.columns):
            return
        words = (
            f"adds a foreign key from {table.key.full_name} ({', '.join(part.columns)}) to"
            f" {part.target.full_name}"
        )
        child = self._sql_table(table)
        is_set = sa.and_(*(child.c[name].is_not(None) for name in part.columns))
        target = self._live.get(part.target)
        condition = is_set
        if isinstance(target, Table) and self._are_there(target, part.target_columns):
            parent = self._sql_table(target).alias("parent")
            pairs = zip(part.columns, part.target_columns, strict=True)
            matches = [parent.c[there] == child.c[here] for here, there in pairs]
            one: Any = sa.select(sa.literal_column("1").label("one")).select_from(parent)
            condition = is_set & ~sa.exists(one.where(*matches).correlate(child))
        rows = _Rows(condition)
        found = self._query(id_, "foreign key", table, part.columns, words, rows)
        if not isinstance(target, Table):
            reason = f"the plan creates {part.target.full_name}, and may fill it"
            found = _uncertain(found, reason)
        yield found

    def _are_there(self, table: Table, columns: Collection[str]) -> bool:
        """Return whether the real table has the columns: those that the plan adds have no rows."""
        return all(table.column(name) is not None for name in columns)

    # ── SQL ───────────────────────────────────────────────────────────────

    def _query(
        self,
        id_: str,
        kind: str,
        table: Table,
        columns: tuple[str, ...],
        message: str,
        rows: _Rows,
        *,
        loses: bool = False,
    ) -> CheckQuery:
        source = self._sql_table(table)
        key = table.primary_key
        names = rows.columns or (key.columns if key is not None else columns)
        some: Any
        if rows.columns:
            groups = [source.c[name] for name in rows.columns]
            wanted = [one.is_not(None) for one in groups]
            wanted += [] if rows.condition is None else [rows.condition]

            def select(*what: Any) -> Any:
                chosen = sa.select(*what).select_from(source).where(*wanted)
                return chosen.group_by(*groups).having(sa.func.count() > 1)

        else:

            def select(*what: Any) -> Any:
                chosen = sa.select(*what).select_from(source)
                return chosen if rows.condition is None else chosen.where(rows.condition)

        some = select(sa.literal_column("1").label("one")).limit(MOST_ROWS + 1).subquery("some")
        count = sa.select(sa.func.count()).select_from(some)
        shown: list[Any] = [
            sa.cast(source.c[name], sa.Text).label(f"k{place}") for place, name in enumerate(names)
        ] or [sa.literal_column("''").label("k0")]
        reason = None
        if table.key.name.lower() in self._earlier:
            reason = (
                f"{self._earlier[table.key.name.lower()]} changes rows of {table.key.full_name} "
                "before; the rows are as they are now"
            )
        check = RowCheck(
            revision=id_,
            kind=kind,
            table=table.key.full_name,
            columns=columns,
            message=message,
            query=self._text(count),
            key_columns=tuple(names),
            reason=reason,
        )
        keys = select(*shown).limit(FIRST_KEYS)
        return CheckQuery(
            check, query_sql(count, self._sql_dialect), query_sql(keys, self._sql_dialect), loses
        )

    def _sql_table(self, table: Table) -> Any:
        """Return a table for queries; with the names after the renames, from the real ones."""
        real = self._real_tables.get(table.key, table.key)
        names = [one.name for one in table.columns]
        columns = {name: self._real_columns.get((table.key, name), name) for name in names}
        made = table.key, real, tuple(columns.items())
        if made not in self._tables:  # one value: a query may name the table twice
            writer = Writer(self._live, self._sql_dialect)
            listed: list[Any] = [
                sa.column(columns[one.name], writer.type(one.type)) for one in table.columns
            ]
            found: Any = sa.table(real.name, *listed, schema=real.namespace)
            if real != table.key or any(name != one for name, one in columns.items()):
                labels = [found.c[one].label(name) for name, one in columns.items()]
                found = sa.select(*labels).subquery(table.key.name)
            self._tables[made] = found
        return self._tables[made]

    def _text(self, statement: Any) -> str:
        options = {"literal_binds": True}
        compiled = statement.compile(dialect=self._sql_dialect, compile_kwargs=options)
        return undoubled(compiled).strip()


def _place(run: MoveRun, change: Any) -> int:
    """Return the place of the first statement that names what is changed; the end if none does."""
    name = change.key.name
    owner = "" if change.owner is None else change.owner.name
    for place, one in enumerate(run.statements):
        words = set(_WORD.findall(one.sql))
        is_written = one.sql.lstrip().upper().startswith(_CHANGES_ROWS)
        if name in words and (not owner or owner in words) and not is_written:
            return place
    return len(run.statements)


def _is_validated(part: Any) -> bool:
    return not any(word in {"not_valid", "not_enforced"} and value for word, value in part.extras)


def count_sql(queries: Sequence[CheckQuery]) -> str:
    """Return one statement that answers all checks: rows of place and count."""
    return "\nUNION ALL\n".join(
        f"SELECT {place} AS place, ({query.count}) AS found" for place, query in enumerate(queries)
    )


def keys_sql(queries: Sequence[CheckQuery], places: Sequence[int], null: str) -> str:
    """Return one statement that gives the first keys of some checks: rows of place and keys.

    Args:
        queries: all checks.
        places: those whose keys are wanted.
        null: a NULL of the type of text, as the database writes it.
    """
    width = max(max(1, len(queries[place].check.key_columns)) for place in places)
    names = [f"k{number}" for number in range(width)]
    parts = []
    for place in places:
        number = max(1, len(queries[place].check.key_columns))
        filled = ", ".join([*names[:number], *[null] * (width - number)])
        parts.append(
            f"SELECT {place} AS place, {filled} FROM ({queries[place].keys}) AS s"  # noqa: S608
        )
    return "\nUNION ALL\n".join(parts)
