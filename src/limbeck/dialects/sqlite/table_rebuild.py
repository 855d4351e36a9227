"""Copy and move: make a table anew beside the old one, fill it, put it in its place.

All happens in one transaction. Rows, indexes, triggers, views, foreign keys that point to the
table and the AUTOINCREMENT counter outlive it.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement, DropTable

from limbeck import operations as ops
from limbeck.dialects.ddl_elements import RenameTable
from limbeck.dialects.sqlite import ddltext
from limbeck.dialects.sqlite.ddltext import TableText, same_name
from limbeck.dialects.sqlite.table_edits import Draft
from limbeck.dialects.sqlite.table_options import COPY_OPTIONS, COUNTS, tail_with
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine import Dialect

    from limbeck.operations import BatchAlterTableOp, Look

PREFIX = "_alembic_tmp_"
_LENGTH = 50


class Verbatim(DDLElement):
    """SQL that goes out letter for letter."""

    def __init__(self, sql: str) -> None:
        self.sql = sql


@compiles(Verbatim)
def _visit_verbatim(element: Verbatim, _compiler: Any, **_kw: Any) -> str:
    return element.sql


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of sqlite_schema."""

    type: str
    name: str
    table: str
    sql: str


def entries(connection: Connection, schema: str | None) -> list[Entry]:
    """Return everything that has text in a database's sqlite_schema."""
    master = _master(connection.dialect, schema)
    rows = connection.exec_driver_sql(
        f"SELECT type, name, tbl_name, sql FROM {master} WHERE sql IS NOT NULL"  # noqa: S608
    )
    return [Entry(*row) for row in rows]


def _line_of_block() -> str | None:
    # the first caller that is not code of this package or of Python itself
    inside = (str(Path(__file__).parents[2]), str(Path(contextlib.__file__).parent), "<")
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith(inside):
            return f"{path}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _master(dialect: Dialect, schema: str | None) -> str:
    return (
        f"{dialect.identifier_preparer.quote(schema)}.sqlite_master" if schema else "sqlite_master"
    )


class Rebuild:
    """One copy of one table, with all changes of a batch block in it."""

    def __init__(self, block: BatchAlterTableOp, look: Look) -> None:
        self.block = block
        self.look = look
        self.dialect = look.dialect
        self.connection = look.connection
        self.entries = entries(self.connection, block.schema) if self.connection is not None else []
        self.draft = Draft(self._source(), self.dialect, look, block.schema)
        self.old_name = block.table_name
        self.new_name = f"{PREFIX}{block.table_name}"[:_LENGTH]

    # ── what is there ─────────────────────────────────────────────────────

    def _source(self) -> TableText:
        block = self.block
        if block.copy_from is not None:
            table = _text_of(block.copy_from, self.dialect)
        elif self.connection is None:
            raise DatabaseError(
                f"A script cannot copy the SQLite table {block.table_name}: without a database "
                "nobody knows what it looks like",
                hint=f"say it in the revision: op.batch_alter_table({block.table_name!r}, "
                "copy_from=sa.Table(...)), or run the migration without --sql",
                place=_line_of_block(),
                code="LB342",
            )
        else:
            table = self._text_in_database()
        if block.reflect_args or block.reflect_kwargs:
            self._overlay(table)
        if block.naming_convention:
            _name_rules(table, block.naming_convention, self.dialect)
        return table

    def _text_in_database(self) -> TableText:
        name = self.block.table_name
        found = self._entry("table", name)
        if found is None:
            if self._entry("table", f"{PREFIX}{name}") is not None:
                raise DatabaseError(
                    f"The table {name!r} is gone and its copy {PREFIX + name!r} is there: a batch "
                    "was interrupted after the copy was complete.",
                    hint=f"Rename {PREFIX + name!r} back to {name!r} and run again.",
                    code="LB335",
                )
            raise sa.exc.NoSuchTableError(name)
        return ddltext.read(found.sql)

    def _entry(self, type_: str, name: str) -> Entry | None:
        return next((e for e in self.entries if e.type == type_ and same_name(e.name, name)), None)

    def _overlay(self, table: TableText) -> None:
        """Let columns given by hand, or changed by listeners, stand for what was found."""
        draft = Draft(table, self.dialect, self.look, self.block.schema)
        given = [item for item in self.block.reflect_args if isinstance(item, sa.Column)]
        if self.block.reflect_kwargs and self.connection is not None:
            plain = self._reflected({})
            heard = self._reflected(self.block.reflect_kwargs)
            for column in heard.columns:
                before = plain.c.get(column.name)
                text = draft.compiled(column)[0].text
                if before is None or draft.compiled(before)[0].text != text:
                    given.append(column)
        for column in given:
            old = table.column(column.name)
            made, rules, _ = draft.compiled(column)
            if old is None:
                table.columns.append(made)
            else:
                primary = [clause for clause in old.clauses if clause.kind == "primary"]
                made.lead, made.trail = old.lead, old.trail
                if primary:
                    made.clauses, made.raw = [*primary, *made.clauses], None
                table.columns[table.columns.index(old)] = made
            known = {ddltext.normal(rule.text) for rule in table.rules}
            table.rules += [rule for rule in rules if ddltext.normal(rule.text) not in known]
        for item in self.block.reflect_args:
            if isinstance(item, sa.Constraint):
                table.rules += draft.rule_of(item)

    def _reflected(self, kw: Any) -> sa.Table:
        with warnings.catch_warnings():
            # what reflection skips is in the text that is copied
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            return sa.Table(
                self.block.table_name,
                sa.MetaData(),
                schema=self.block.schema,
                autoload_with=self.connection,
                resolve_fks=False,
                **kw,
            )

    # ── the copy ──────────────────────────────────────────────────────────

    def statements(self) -> Iterator[Executable]:
        """Yield the statements that put the changed table in the place of the old one."""
        self._edit()
        with _one_transaction(self.connection), _session(self.connection):
            yield from self._leftover()
            counter = self._counter()
            yield Verbatim(self._create())
            yield self._insert()
            self._check_count()
            with self._unbound_children():
                yield DropTable(sa.Table(self.old_name, sa.MetaData(), schema=self.block.schema))
                yield RenameTable(self.new_name, self.old_name, schema=self.block.schema)
            if counter is not None:
                yield from self._restore_counter(counter)
            yield from self._dependents()

    def _edit(self) -> None:
        draft = self.draft
        for operation in self.block.ops:
            draft.take(operation)
        if self.block.partial_reordering:
            draft.reorder(self.block.partial_reordering)
        self._table_arguments()

    def _table_arguments(self) -> None:
        """Add what table_args and table_kwargs say, compiled on a stand-in of the new table."""
        block, draft = self.block, self.draft
        if not block.table_args and not block.table_kwargs:
            return
        names = [sa.Column(c.name, sa.Integer) for c in draft.table.columns]
        others = {k: v for k, v in block.table_kwargs.items() if k not in COPY_OPTIONS}
        table = ops.SchemaObjects(self.look).table(
            self.old_name, *names, *block.table_args, schema=block.schema, **others
        )
        for constraint in sorted(table.constraints, key=lambda c: c._creation_order):
            if isinstance(constraint, sa.PrimaryKeyConstraint):
                if constraint.columns:
                    columns = [column.name for column in constraint.columns]
                    draft._set_primary_key(columns, constraint.name)  # type: ignore[arg-type]
                continue
            known = {ddltext.normal(rule.text) for rule in draft.table.rules}
            made = draft.rule_of(constraint)
            draft.table.rules += [r for r in made if ddltext.normal(r.text) not in known]
        draft.new_indexes += table.indexes
        draft.table.options = tail_with(draft.table.options, block.table_kwargs)
        if block.table_kwargs.get(COUNTS) is not None:
            draft.count(on=bool(block.table_kwargs[COUNTS]))

    def _create(self) -> str:
        quote = self.dialect.identifier_preparer.quote
        name = quote(self.new_name)
        if self.block.schema:
            name = f"{quote(self.block.schema)}.{name}"
        if self._has_new_key():
            # what the table wants of its own rows is looked for in the copy: the old table
            # may lack the key for it. RENAME turns the name back.
            for rule in self.draft.table.rules:
                if rule.kind == "foreignkey":
                    rule.text = ddltext.redirected(rule.text, self.old_name, quote(self.new_name))
        return self.draft.table.under(name)

    def _has_new_key(self) -> bool:
        """Tell whether rows are watched while they are copied, and under a new key."""
        keys = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
        added = (op for op in self.block.ops if isinstance(op, ops.AddConstraintOp))
        return (
            self.connection is not None
            and any(isinstance(op.to_constraint(), keys) for op in added)
            and bool(self.connection.exec_driver_sql("PRAGMA foreign_keys").scalar())
        )

    def _insert(self) -> sa.Insert:
        draft = self.draft
        pairs = [
            (column.name, draft.sources[column.name])
            for column in draft.table.columns
            if column.name in draft.sources and not column.is_generated
        ]
        schema = self.block.schema
        old = sa.table(self.old_name, *[sa.column(source) for _, source in pairs], schema=schema)
        filled = [name for name, _ in pairs] + list(draft.fills)
        new = sa.table(self.new_name, *map(sa.column, filled), schema=schema)
        chosen: list[Any] = []
        for name, source in pairs:
            value: Any = old.c[source]
            if name in draft.casts:
                value = sa.cast(value, draft.casts[name]).label(name)
            chosen.append(value)
        names = [name for name, _ in pairs]
        for name, sql in draft.fills.items():
            names.append(name)
            chosen.append(sa.literal_column(sql))
        return new.insert().inline().from_select(names, sa.select(*chosen))

    def _leftover(self) -> Iterator[Executable]:
        if self._entry("table", self.new_name) is not None:
            yield DropTable(sa.Table(self.new_name, sa.MetaData(), schema=self.block.schema))

    def _check_count(self) -> None:
        """Make sure that no conflict clause has swallowed rows.

        Raises:
            DatabaseError: the copy has other rows than the table.
        """
        if self.connection is None:
            return
        quote = self.dialect.identifier_preparer.quote
        prefix = f"{quote(self.block.schema)}." if self.block.schema else ""
        old, new = (
            self.connection.exec_driver_sql(
                f"SELECT count(*) FROM {prefix}{quote(name)}"  # noqa: S608
            ).scalar_one()
            for name in (self.old_name, self.new_name)
        )
        if old != new:
            raise DatabaseError(
                f"Copying {self.old_name!r} kept {new} of {old} rows; nothing was changed.",
                hint="A constraint of the new table with ON CONFLICT drops rows.",
                code="LB336",
            )

    # ── what hangs on the table ───────────────────────────────────────────

    def _dependents(self) -> Iterator[Executable]:
        draft = self.draft
        replaced = {index.name for index in draft.new_indexes}
        for entry in self.entries:
            if not same_name(entry.table, self.old_name):
                continue
            is_lost = entry.type == "index" and (
                any(same_name(entry.name, name) for name in draft.lost_indexes)
                or any(ddltext.mentions(_behind_table(entry.sql), name) for name in draft.dropped)
                or entry.name in replaced
            )
            if entry.type in {"index", "trigger"} and not is_lost:
                yield Verbatim(self._renamed(entry.sql))
        known = {entry.name for entry in self.entries if entry.type == "index"}
        if self.block.copy_from is not None:
            for index in sorted(self.block.copy_from.indexes, key=lambda i: str(i.name)):
                gone = {str(name) for name in draft.lost_indexes} | known | replaced
                columns = {column.name for column in index.columns}
                if index.name not in gone and not columns & set(draft.dropped):
                    yield CreateIndex(self._moved(index))
        for index in draft.new_indexes:
            yield CreateIndex(index)

    def _renamed(self, sql: str) -> str:
        for name, source in self.draft.sources.items():
            if name != source:
                sql = ddltext.replaced(sql, source, self.draft.quoted(name))
        return sql

    def _moved(self, index: sa.Index) -> sa.Index:
        members = [
            new if (new := self._now(member)) is not None else member
            for member in index.expressions
        ]
        return ops.CreateIndexOp(
            str(index.name),
            self.old_name,
            members,
            schema=self.block.schema,
            unique=bool(index.unique),
            **dict(index.dialect_kwargs),
        ).to_index(self.look)

    def _now(self, member: Any) -> str | None:
        name = getattr(member, "name", None)
        return next((new for new, old in self.draft.sources.items() if old == name), name)

    def _counter(self) -> int | None:
        """Return the highest key ever given by AUTOINCREMENT; a copy would forget it."""
        if self.connection is None or self._entry("table", "sqlite_sequence") is None:
            return None
        prefix = f"{self.draft.quoted(self.block.schema)}." if self.block.schema else ""
        found = self.connection.exec_driver_sql(
            f"SELECT seq FROM {prefix}sqlite_sequence WHERE name = ?",  # noqa: S608
            (self.draft.table.name,),
        ).scalar()
        has_counter = any("AUTOINCREMENT" in c.text.upper() for c in self.draft.table.columns)
        return int(found) if found is not None and has_counter else None

    def _restore_counter(self, counter: int) -> Iterator[Executable]:
        sequence = sa.table(
            "sqlite_sequence", sa.column("name"), sa.column("seq"), schema=self.block.schema
        )
        yield sequence.delete().where(sequence.c.name == self.old_name)
        yield sequence.insert().values(name=self.old_name, seq=counter)

    @contextmanager
    def _unbound_children(self) -> Iterator[None]:
        """Keep the drop of the old table from cascading into the tables that refer to it.

        PRAGMA foreign_keys does nothing inside a transaction. So the foreign keys that point
        to the table point nowhere while it is away; their text is put back letter for letter.
        """
        connection = self.connection
        if connection is None or not connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
            yield
            return
        name_aside = f"_limbeck_away_{self.old_name}"
        aside = self.draft.quoted(name_aside)
        bound = {
            entry.name: entry.sql
            for entry in entries(connection, self.block.schema)
            if entry.type == "table"
            and not same_name(entry.name, self.old_name)
            and ddltext.redirected(entry.sql, self.old_name, aside) != entry.sql
        }
        if not bound:
            yield
            return
        master = _master(self.dialect, self.block.schema)
        away = {name: ddltext.redirected(sql, self.old_name, aside) for name, sql in bound.items()}
        _write_schema(connection, master, away)
        yield
        back = self.draft.quoted(self.old_name)
        now = {self.old_name if same_name(name, self.new_name) else name for name in bound}
        texts = {
            entry.name: bound.get(
                entry.name,
                ddltext.redirected(entry.sql, name_aside, back),
            )
            for entry in entries(connection, self.block.schema)
            if entry.type == "table" and entry.name in now
        }
        _write_schema(connection, master, texts)


def _behind_table(sql: str) -> str:
    """Return what a CREATE INDEX says behind the name of its table, which may be a column's too."""
    words = ddltext.tokens(sql)
    at = next((place for place, word in enumerate(words) if word.upper == "ON"), -1)
    return sql[words[at + 1].end :] if 0 <= at < len(words) - 1 else sql


def _write_schema(connection: Connection, master: str, texts: dict[str, str]) -> None:
    """Exchange the text of tables; foreign keys are text only, so no stored page changes."""
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    try:
        for name, sql in texts.items():
            connection.exec_driver_sql(
                f"UPDATE {master} SET sql = ? WHERE type = 'table' AND name = ?",  # noqa: S608
                (sql, name),
            )
    finally:
        connection.exec_driver_sql("PRAGMA writable_schema=RESET")


@contextmanager
def _one_transaction(connection: Connection | None) -> Iterator[None]:
    """Begin before the first statement: Python's driver would not begin before DDL."""
    driver: Any = None if connection is None else connection.connection.driver_connection
    if connection is None or driver is None or driver.in_transaction:
        yield
        return
    is_autocommit = driver.isolation_level is None
    connection.exec_driver_sql("BEGIN")
    try:
        yield
    except BaseException:
        if driver.in_transaction:
            connection.exec_driver_sql("ROLLBACK")
        raise
    if is_autocommit and driver.in_transaction:
        connection.exec_driver_sql("COMMIT")


@contextmanager
def _session(connection: Connection | None) -> Iterator[None]:
    """Keep RENAME from looking into views and triggers, which name a table that is away."""
    if connection is None:
        yield
        return
    before = connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar()
    connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    try:
        yield
    finally:
        if not before and not connection.closed:
            connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")


def _text_of(table: sa.Table, dialect: Dialect) -> TableText:
    return ddltext.read(str(CreateTable(table).compile(dialect=dialect)).strip())


def _name_rules(table: TableText, convention: Any, dialect: Dialect) -> None:
    """Give the names of a convention to constraints that have none."""
    quote = dialect.identifier_preparer.quote
    metadata = sa.MetaData(naming_convention=convention)
    names = [column.name for column in table.columns]
    stand_in = sa.Table(table.name, metadata, *[sa.Column(n, sa.types.NULLTYPE) for n in names])
    compiler = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]
    for rule in table.rules:
        if rule.name is not None:
            continue
        try:
            constraint = _stand_in_of(rule, stand_in)
        except sa.exc.InvalidRequestError:
            continue  # the convention wants a name to build on
        # a convention need not have a rule for every kind; the name is None then
        if constraint is None or constraint.name is None:
            continue
        formatted = compiler.preparer.format_constraint(constraint)
        if formatted:
            rule.name = ddltext.tokens(formatted)[0].name
            rule.text = f"CONSTRAINT {quote(str(rule.name))} {rule.text}"


def _stand_in_of(rule: ddltext.RuleText, table: sa.Table) -> sa.Constraint | None:
    columns: Sequence[str] = [c for c in rule.columns if c in table.c]
    constraint: sa.Constraint
    if rule.kind == "unique":
        constraint = sa.UniqueConstraint(*columns)
    elif rule.kind == "primary":
        constraint = sa.PrimaryKeyConstraint(*columns)
    elif rule.kind == "check":
        constraint = sa.CheckConstraint("1")
    elif rule.kind == "foreignkey":
        words = ddltext.tokens(rule.text)
        at = next(i for i, token in enumerate(words) if token.upper == "REFERENCES")
        other = words[at + 1].name or ""
        remote = [t.name for t in words[at + 2 :] if t.name and t.kind != "mark"][: len(columns)]
        sa.Table(
            other,
            table.metadata,
            *[sa.Column(r, sa.types.NULLTYPE) for r in remote],
            extend_existing=True,
        )
        constraint = sa.ForeignKeyConstraint(
            columns, [table.metadata.tables[other].c[r] for r in remote]
        )
    else:
        return None
    table.append_constraint(constraint)
    return constraint
