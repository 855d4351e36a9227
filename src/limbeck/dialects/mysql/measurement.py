"""Measure a statement on MySQL and MariaDB: the algorithm and lock that the server accepts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from limbeck.dialects.inspected_release import InspectedRelease
from limbeck.dialects.inspected_rows import fill_rows
from limbeck.dialects.measurement import EVERYTHING, WRITES, Measured, ReleaseTables, names_in
from limbeck.dialects.mysql import statement_text as text_of
from limbeck.dialects.mysql.schema_state import (
    SchemaState,
    called_text,
    changed_by_triggers,
    changed_tables,
    innodb_view,
    read_state,
)
from limbeck.dialects.statement_effects import parse_effects

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ORDER = ("NONE", "ROWS", "SHARED", "EXCLUSIVE")
_ROWS = 200
_BLOCKED = {"SHARED": ("insert", "update"), "EXCLUSIVE": EVERYTHING}
# 1221 is returned by MySQL: ALGORITHM=INSTANT cannot be combined with a LOCK clause
_REFUSALS = frozenset({1845, 1846, 1800, 1801, 1221})
_SYNTAX_ERROR = 1064
_LOCK_WAIT_TIMEOUT = 1205


class MysqlProbe:
    """Measures statements on one connection to a scratch database.

    Args:
        connection: the connection that runs the revision.
        engine: provides a second session, which tries to read and write.
        words: the words of the revision's statements; None for queries of all tables.
        release: the tables and columns that the running release knows; None for all.
    """

    def __init__(
        self,
        connection: Connection,
        engine: Engine,
        words: Collection[str] | None = None,
        release: ReleaseTables | None = None,
    ) -> None:
        self._connection = connection
        self._engine = engine
        self._release = InspectedRelease(connection, words, release)
        # the driver's connection: SQLAlchemy's events would see the statements of the probe
        self._driver: Any = connection.connection
        with suppress(Exception):
            self._rows("SET SESSION innodb_lock_wait_timeout = 2")
        self._view = innodb_view(self._rows)
        self._start = self._state()
        self._before = self._start
        self._values: dict[tuple[str, str], list[Any]] = {}
        self._algorithm: str | None = None
        self._locks: dict[str, str] = {}
        self._reads = 0
        self._body = ""
        self._row_numbers: dict[str, int] = {}
        self._view_rows: tuple[str, list[Any]] | None = None
        self._driver.commit()

    def close(self) -> None:
        """Do nothing: no resource stays open between statements."""

    def _rows(self, query: str) -> list[Any]:
        cursor = self._driver.cursor()
        try:
            cursor.execute(query)
            return list(cursor.fetchall())
        finally:
            cursor.close()

    def _state(self) -> SchemaState:
        return read_state(self._rows, self._view)

    # ── before and after a statement ──────────────────────────────────────

    def before(self, statement: str, *, in_transaction: bool, continues: bool) -> str | None:
        """Record the schema; run a change of a table with the cheapest clause that it accepts."""
        del in_transaction
        statement = text_of.unwrapped(statement)
        if not continues:
            self._before = self._state()
            self._values = self._column_values(statement)
            self._body = called_text(statement, self._rows)
            self._row_numbers = {name: self._rows_of(name) for name in self._shrinking(statement)}
            self._view_rows = self._rows_of_view(statement)
            self._algorithm = None
            self._locks = {}
        if text_of.ALTER.match(statement):
            self._driver.commit()  # reading has taken metadata locks on the tables
        replacement = self._attempt(statement)
        self._reads = self._handler_reads()
        return replacement

    def _handler_reads(self) -> int:
        return sum(int(row[1]) for row in self._rows("SHOW SESSION STATUS LIKE 'Handler_read%'"))

    def _shrinking(self, statement: str) -> list[str]:
        """Return the tables that a statement may delete rows from."""
        if text_of.ALTER_IGNORE.match(statement):
            tables = [text_of.named(text_of.ALTER.match(statement)) or ""]
        else:
            tables = self._changed(statement)
        return [table for table in tables if table in self._before.tables]

    def _changed(self, statement: str) -> list[str]:
        """Return the tables whose rows a statement changes or locks."""
        if text_of.DATA_CHANGE.match(statement):
            triggered = changed_by_triggers(statement, self._rows)
            tables = [text_of.changed_table(statement) or "", *triggered]
        elif text_of.LOCKS_ROWS.match(statement):
            tables = self._named_in(statement)
        else:
            tables = changed_tables(self._body)
        return [table for table in tables if self._is_old(table)]

    def _rows_of(self, table: str) -> int:
        return int(self._rows(f"SELECT COUNT(*) FROM `{table}`")[0][0])

    def _rows_of_view(self, statement: str) -> tuple[str, list[Any]] | None:
        """Return a query of the view that the statement replaces, with its rows."""
        view = text_of.named(text_of.VIEW.match(statement))
        names = [column for table, column in self._before.columns if table == view]
        if not names:
            return None
        query = f"SELECT {', '.join(f'`{name}`' for name in names)} FROM `{view}`"
        return query, sorted(map(str, self._rows(query)))

    def _changed_views(self) -> Iterator[str]:
        if self._view_rows is not None:
            query, before = self._view_rows
            with suppress(Exception):  # a column is gone: that the query fails is found elsewhere
                if sorted(map(str, self._rows(query))) != before:
                    yield f"a query of a view gets other rows: {query}"

    def _attempt(self, statement: str) -> str | None:
        """Run a statement with the first clauses that the server accepts."""
        text = text_of.as_alter(statement.rstrip().rstrip(";"))
        is_alter = text_of.ALTER.match(text) is not None
        table = text_of.named(text_of.ALTER.match(text) or text_of.INDEX.match(text))
        if table is None or not self._is_old(table):
            return None
        written = {word.upper(): value.upper() for word, value in text_of.CLAUSE.findall(text)}
        known = self._known_algorithm(text, table, written)
        if known is not None:
            self._note(table, *known)
            return None
        separator = ", " if is_alter else " "
        costliest = written.get("ALGORITHM", "DEFAULT")
        if "ALGORITHM" in written:  # the server uses a cheaper one if possible
            text = text_of.ALGORITHM.sub("", text)
        for algorithm, lock in text_of.ATTEMPTS:
            if "LOCK" in written and lock not in {None, "NONE"}:
                continue
            if text_of.costs_more(algorithm, costliest):
                return None
            clauses = [f"ALGORITHM={algorithm}"]
            clauses += [f"LOCK={lock}"] if lock and "LOCK" not in written else []
            cursor = self._driver.cursor()
            try:
                cursor.execute(separator.join([text, *clauses]))
            except Exception as error:
                if text_of.number_of(error) in _REFUSALS:
                    continue
                if text_of.number_of(error) == _SYNTAX_ERROR:
                    self._note(table, "COPY", "SHARED")
                return None
            finally:
                cursor.close()
            self._note(table, algorithm, written.get("LOCK", lock))
            return "DO 0"
        self._note(table, "COPY", "EXCLUSIVE")
        return None

    def _known_algorithm(
        self, text: str, table: str, written: Mapping[str, str]
    ) -> tuple[str, str | None] | None:
        """Return algorithm and lock of statements that accept no such clause, or contain one."""
        if written.get("ALGORITHM") in {"COPY", "INSTANT"}:
            return written["ALGORITHM"], written.get("LOCK")
        engine = text_of.ENGINE.search(text)
        is_innodb = self._before.tables.get(table) is not None
        if engine and (not is_innodb or engine[1].upper() != "INNODB"):
            return "COPY", "SHARED"
        return self._partition_algorithm(text, table)

    def _partition_algorithm(self, text: str, table: str) -> tuple[str, str] | None:
        """Return algorithm and lock of changes of partitions, which accept no such clause."""
        if text_of.EXCHANGE.match(text):
            return "INSTANT", "EXCLUSIVE"
        is_brief = text_of.BRIEF_PARTITION.search(text)
        is_added = text_of.ADD_PARTITION.search(text)
        if is_brief or (is_added and not self._is_hashed(table)):
            return "INSTANT", "NONE"
        if text_of.PARTITION.search(text):
            return "COPY", "SHARED"
        return None

    def _is_hashed(self, table: str) -> bool:
        """Return whether a new partition moves rows of the others."""
        rows = self._rows(
            "SELECT partition_method FROM information_schema.partitions"
            f" WHERE table_schema = DATABASE() AND table_name = '{table}' LIMIT 1"
        )
        return bool(rows) and re.search("HASH|KEY", str(rows[0][0])) is not None

    def _note(self, table: str, algorithm: str, lock: str | None) -> None:
        default = "NONE" if algorithm in {"INSTANT", "NOCOPY", "INPLACE"} else "SHARED"
        found = default if lock is None or lock == "DEFAULT" else lock
        self._locks[table] = max(found, self._locks.get(table, found), key=ORDER.index)
        self._algorithm = max(algorithm, self._algorithm or algorithm, key=text_of.ALGORITHMS.index)

    def _with_other_file(self, after: SchemaState) -> Iterator[str]:
        """Yield the tables that the statement has rewritten."""
        for name, number in self._before.tables.items():
            if self._is_old(name) and name in after.tables and number != after.tables[name]:
                yield name

    def _named_in(self, statement: str) -> list[str]:
        words = names_in(statement)
        return [table for table in self._start.tables if table.lower() in words]

    def _is_old(self, table: str) -> bool:
        return table in self._start.tables

    def after(self, statement: str, *, in_transaction: bool) -> Measured:
        """Compare the schema with that before the statement."""
        del in_transaction
        statement = text_of.unwrapped(statement)
        reads = self._handler_reads() - self._reads
        before, after = self._before, self._state()
        locks = self._table_locks(statement, before, after)
        # the table of that name is a different one, so nothing was copied
        is_emptied = (
            text_of.TRUNCATE.match(statement)
            or text_of.WHOLE_TABLES.match(statement)
            or text_of.EXCHANGE.match(statement)
        )
        rewrites = () if is_emptied else tuple(self._with_other_file(after))
        is_long = bool(rewrites) or self._algorithm in {"NOCOPY", "INPLACE", "COPY"}
        scans: tuple[str, ...] = ()
        if self._body:
            locks |= self._locks_of_called(rewrites, after)
        blocks = {name: _BLOCKED[lock] for name, lock in locks.items() if lock in _BLOCKED}
        if changed := self._changed(statement):
            is_long = is_long if self._body and rewrites else reads >= _ROWS // 2
            locks |= dict.fromkeys(changed, "ROWS")
            if is_long:
                scans = tuple(self._named_in(f"{statement} {self._body}"))
                # rows that a statement only reads may be locked too
                named = self._named_in(f"{statement} {self._body}")
                tried = {name: tuple(self._tried(name)) for name in named}
                blocks |= {name: refused for name, refused in tried.items() if refused}
                locks |= {name: "ROWS" for name in blocks if name not in locks}
        lost, dropped = tuple(self._lost(statement, after)), tuple(self._dropped(statement, after))
        if self._algorithm in {"COPY", "INPLACE"} and not rewrites:
            rewrites = tuple(
                name for name in locks if self._algorithm == "COPY" and name == next(iter(locks))
            )
        return Measured(
            locks=locks,
            strongest=max(locks.values(), key=ORDER.index, default=None),
            rewrites=rewrites,
            scans=scans,
            blocks=blocks,
            algorithm=self._algorithm,
            is_long=is_long,
            lost=lost,
            dropped=dropped,
            made_not_null=tuple(
                f"{table}.{column}"
                for (table, column), was in before.columns.items()
                if was[1] == "YES" and after.columns.get((table, column), was)[1] == "NO"
            ),
            changed_behaviour=tuple(self._changed_views()),
        )

    def failing_queries(self) -> Mapping[str, str]:
        """Run the queries of the running release."""
        failing = self._release.failing(self._driver)
        self._driver.rollback()
        return failing

    def missing_at_end(self) -> tuple[str, ...]:
        """Return nothing: on these servers, each statement names what it drops."""
        return ()

    def left_behind(self) -> tuple[str, ...]:
        """Return nothing: the server undoes a failed statement."""
        return ()

    def rejects_every_row(self, error: BaseException) -> bool:
        """Return False: a new column gets a value in existing rows."""
        del error
        return False

    # ── what changed ──────────────────────────────────────────────────────

    def _locks_of(self, statement: str) -> dict[str, str]:
        """Return the locks of statements without a LOCK clause."""
        locks: dict[str, str] = {}
        table = text_of.named(text_of.ALTER.match(statement) or text_of.INDEX.match(statement))
        if table is not None and self._is_old(table):
            locks[table] = self._locks.get(table, "NONE")
        for pattern in (text_of.TRUNCATE, text_of.OPTIMIZE, text_of.TRIGGER):
            name = text_of.named(pattern.match(statement))
            if name is not None and self._is_old(name):
                locks[name] = "NONE" if pattern is text_of.OPTIMIZE else "EXCLUSIVE"
        other = text_of.named(text_of.EXCHANGE.match(statement))
        if other is not None and self._is_old(other):
            locks[other] = "EXCLUSIVE"
        if text_of.WHOLE_TABLES.match(statement):
            for fact in parse_effects(statement, "mariadb").items:
                if fact.kind == "table" and self._is_old(fact.table[1]):
                    locks[fact.table[1]] = "EXCLUSIVE"
        return locks

    def _locks_of_called(self, rewrites: Collection[str], after: SchemaState) -> dict[str, str]:
        """Return the locks on tables whose definition a procedure has changed."""
        columns = set(self._before.columns.items()) ^ set(after.columns.items())
        changed = {table for (table, _column), _properties in columns}
        changed |= {table for _kind, _name, table in self._before.objects ^ after.objects}
        return {
            name: "SHARED" if name in rewrites else "NONE"
            for name in sorted(changed | set(rewrites))
            if self._is_old(name)
        }

    def _table_locks(
        self, statement: str, before: SchemaState, after: SchemaState
    ) -> dict[str, str]:
        locks = dict(self._locks)
        for part in statement.split(";\n"):
            locks |= self._locks_of(part)
        for _name, child, parent in before.references ^ after.references:
            is_named = child in locks or not self._is_old(child) or child not in after.tables
            if is_named and self._is_old(parent):
                locks.setdefault(parent, locks.get(child, "EXCLUSIVE"))
        return locks

    def _dropped(self, statement: str, after: SchemaState) -> Iterator[str]:
        words = names_in(statement)
        gone = set(self._before.tables) - set(after.tables)
        new = {(kind, table) for kind, _name, table in after.objects - self._before.objects}
        for kind, name, table in sorted(self._before.objects - after.objects):
            is_replaced = name == "PRIMARY" or (kind, table) in new
            is_expected = table in gone or name.lower() in words or not self._is_old(table)
            if not is_replaced and not is_expected:
                yield f"{kind} {name} of {table}"
        if text_of.REDEFINES.search(statement):
            yield from self._dropped_attributes(statement, after)

    def _dropped_attributes(self, statement: str, after: SchemaState) -> Iterator[str]:
        """Yield the properties that MODIFY omits and thereby removes from a column."""
        for (table, column), was in self._before.columns.items():
            now = after.columns.get((table, column))
            if now is None or not self._is_old(table):
                continue
            says_null = text_of.SAYS_NULL.search(statement)
            if was[1] == "NO" and now[1] == "YES" and not says_null:
                yield f"NOT NULL of column {table}.{column}"
            if was[3] not in {"None", "NULL"} and now[3] in {"None", "NULL"}:
                yield f"the default of column {table}.{column}"
            if "auto_increment" in was[2] and "auto_increment" not in now[2]:
                yield f"AUTO_INCREMENT of column {table}.{column}"

    # ── lost values ───────────────────────────────────────────────────────

    def _column_values(self, statement: str) -> dict[tuple[str, str], list[Any]]:
        """Return the values of the columns that the statement may change."""
        if not text_of.CONVERTS.search(statement):
            return {}
        text = statement.lower()
        values = {}
        for table, column in self._before.columns:
            if table.lower() in text and column.lower() in text and table in self._before.tables:
                values[table, column] = self._stored(table, column)
        return values

    def _stored(self, table: str, column: str) -> list[Any]:
        # a wider BIT has more leading zeros
        type_ = "UNSIGNED" if self._before.columns[table, column][0].startswith("bit") else "CHAR"
        rows = self._rows(f"SELECT CAST(`{column}` AS {type_}) FROM `{table}` ORDER BY 1")
        return [row[0] for row in rows]

    def _lost(self, statement: str, after: SchemaState) -> Iterator[str]:
        if not text_of.RENAMES.search(statement):
            for table in self._before.tables:
                if self._is_old(table) and table not in after.tables:
                    yield f"the rows of table {table}"
        if text_of.REPLACES_TABLE.match(statement):
            yield from (f"the rows of table {name}" for name in self._with_other_file(after))
            return
        yield from self._lost_values(statement, after)
        if match := text_of.TRUNCATE.match(statement):
            yield f"the rows of table {text_of.named(match)}"
        elif match := text_of.DROPS_ROWS.search(statement):
            yield f"the rows that {match[0]} deletes"
        else:
            yield from self._deleted_rows(statement)

    def _deleted_rows(self, statement: str) -> Iterator[str]:
        if text_of.HISTORY.match(statement):
            yield f"the old rows of table {text_of.changed_table(statement)}"
        for table, before in self._row_numbers.items():
            now = self._rows_of(table)
            deleted = before - now
            if text_of.ALTER_IGNORE.match(statement) and deleted:
                yield f"{deleted} rows of table {table}"
            elif deleted >= _ROWS // 2 or (deleted and not now):
                yield f"{deleted} of {before} rows of table {table}"

    def _lost_values(self, statement: str, after: SchemaState) -> Iterator[str]:
        renames = text_of.RENAMES_COLUMN.search(statement)
        dropped = {name.lower() for name in text_of.DROPPED_COLUMN.findall(statement)}
        for table, column in self._before.columns:
            if not self._is_old(table) or table not in after.tables:
                continue
            if (table, column) not in after.columns:
                is_generated = "GENERATED" in self._before.columns[table, column][2].upper()
                if (not renames or column.lower() in dropped) and not is_generated:
                    yield f"the values of column {table}.{column}"
            elif (table, column) in self._values:
                new = self._stored(table, column)
                if not _are_same(self._values[table, column], new):
                    yield f"a part of the values of column {table}.{column}"

    # ── what another session meets ────────────────────────────────────────

    def _tried(self, table: str) -> Iterator[str]:
        """Try to write in a second session while the rows are locked."""
        with self._engine.connect() as second:
            driver: Any = second.connection
            cursor = driver.cursor()
            try:
                cursor.execute("SET innodb_lock_wait_timeout = 0")
            except Exception:
                cursor.execute("SET innodb_lock_wait_timeout = 1")
            tries = self._release.writes(table)
            tries["select for update"] = f"SELECT 1 FROM `{table}` FOR UPDATE"
            for what in WRITES:
                try:
                    cursor.execute(tries.get(what, "DO 0"))
                except Exception as error:
                    if text_of.number_of(error) == _LOCK_WAIT_TIMEOUT:
                        yield what
                finally:
                    driver.rollback()


def _are_same(old: list[Any], new: list[Any]) -> bool:
    def value(one: Any) -> Any:
        try:
            return float(one)
        except (TypeError, ValueError):
            text = str(one) if one is not None else None
            # a time of midnight and a fraction of zero are insignificant
            is_time = text is not None and re.fullmatch(r"[-\d .:]+", text)
            return re.sub(r"[ .:0]+$", "", text) if text is not None and is_time else text

    return sorted(map(str, map(value, old))) == sorted(map(str, map(value, new)))


def refused_in_transaction(error: BaseException) -> bool:
    """Return whether a statement waited for its own session.

    EXCHANGE PARTITION does so on MariaDB if AUTOCOMMIT is off.
    """
    return text_of.number_of(getattr(error, "orig", error)) == _LOCK_WAIT_TIMEOUT


def open_probe(
    connection: Connection,
    engine: Engine,
    words: Collection[str] | None = None,
    release: ReleaseTables | None = None,
) -> MysqlProbe:
    """Return a probe for a connection to a scratch database."""
    return MysqlProbe(connection, engine, words, release)


def fill(
    connection: Connection, *, spoiled: bool = False, words: Collection[str] | None = None
) -> None:
    """Fill the tables of a scratch database, or those that a revision's statements name."""
    fill_rows(connection, _ROWS, spoiled=spoiled, words=words)
