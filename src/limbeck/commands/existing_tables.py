"""Detect tables that exist before the first revision: the database should be adopted.

The text of the revision files shows which tables they certainly create. Reading stops at the first
statement with an unknown effect on tables, such as unknown SQL, because the tables may have changed
after it.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from limbeck.dialects import inspector, parse_effects
from limbeck.errors import LimbeckError
from limbeck.history import (
    SQL_SUFFIX,
    CallArguments,
    FunctionReader,
    Move,
    Revision,
    TableRef,
    called_name,
)
from limbeck.project import Project, split_parts
from limbeck.runtime import LockLostError, journal_name, read_interrupted
from limbeck.snapshots import ExistingTablesError
from limbeck.sql import QuotingRules, split_script, strip_leading_comments
from limbeck.text import parse_python

_log = logging.getLogger("alembic.runtime.migration")
_SHOWN = 3


def check_existing_tables(project: Project, moves: Sequence[Move], context: Any) -> bool:
    """Raise an error if the revisions create tables that exist in a database without version rows.

    In a project of Alembic, this is a warning. A run that continues an interrupted one is not
    checked.

    Args:
        project: the project.
        moves: the moves to run.
        context: the migration context of a database without version rows.

    Returns:
        Whether the database has tables.

    Raises:
        ExistingTablesError: such tables exist.
        LockLostError: another runner has set the version in the meantime.
    """
    connection, record = context.connection, context.sink.record
    own = {context.version_table, journal_name(context.version_table)}
    has_schemas = record.scratch.list_schemas is not None
    if not _read(connection, lambda: _present(connection, own, has_schemas=has_schemas)):
        return False  # an empty database: no file has to be read
    revisions = (one.revision for one in moves)
    wanted = created_tables(revisions, connection.dialect.name, record.capabilities.quoting)
    wanted = tuple(one for one in wanted if one.table not in own)
    found = _read(connection, lambda: _there(connection, wanted)) if wanted else ()
    if not found or read_interrupted(context.target):
        return True
    # without a session lock, another runner may have created them just now
    if _read(connection, context.get_current_heads):
        raise LockLostError
    listed = ", ".join(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")
    words = (
        f"The database has no version rows, but {len(found)} of the tables that the revisions "
        f"create: {listed}"
    )
    if project.detect == "alembic":
        _log.warning("%s. `limbeck adopt` finds its revision.", words)
        return True
    raise ExistingTablesError(
        words,
        hint="Nothing was run. `adopt` finds the revision of the database and sets its version. "
        "`upgrade --force` runs the revisions anyway.",
    )


def _read(connection: sa.Connection, read: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Call a function, and roll back a transaction that it has begun."""
    was_inside = connection.in_transaction()
    try:
        return read()
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()


def _present(connection: sa.Connection, own: set[str], *, has_schemas: bool) -> Sequence[str]:
    """Return the tables of the default schema, or the other schemas if it has none."""
    reading = inspector(connection)
    found = sorted(set(reading.get_table_names()) - own)
    if found or not has_schemas:
        return found
    others = set(reading.get_schema_names()) - {reading.default_schema_name}
    return sorted(one for one in others if one != "information_schema")


def _there(connection: sa.Connection, wanted: Sequence[TableRef]) -> Sequence[str]:
    """Return the names of those tables that exist, sorted."""
    reading = inspector(connection)
    renamed = connection.get_execution_options().get("schema_translate_map") or {}
    by_schema: dict[str | None, set[str]] = {}
    for one in wanted:
        schema = renamed.get(one.namespace, one.namespace)
        by_schema.setdefault(schema, set()).add(one.table)
    found: set[str] = set()
    for schema, names in by_schema.items():
        there = names.intersection(reading.get_table_names(schema))
        found.update(there if schema is None else (f"{schema}.{name}" for name in there))
    return sorted(found)


# operations that do not change the names of tables
_OPERATIONS = frozenset(
    {"add_column", "alter_column", "alter_domain", "alter_enum", "alter_sequence", "backfill",
     "batch_alter_table", "bulk_insert", "create_check_constraint", "create_enum",
     "create_exclude_constraint", "create_foreign_key", "create_index", "create_primary_key",
     "create_schema", "create_sequence", "create_table_comment", "create_unique_constraint",
     "delete_rows", "drop_column", "drop_constraint", "drop_enum", "drop_index", "drop_sequence",
     "drop_table_comment", "insert_rows", "rename_constraint", "update_rows"}
)  # fmt: skip
_ON_TABLES = frozenset({"create_table", "drop_table", "rename_table", "move_table", "execute"})
_CALLS_OF_OP = _OPERATIONS | _ON_TABLES
_PLAIN_CALLS = frozenset(
    {"append", "autocommit_block", "bool", "create", "debug", "dict", "enumerate", "extend", "f",
     "format", "get", "get_bind", "get_context", "getLogger", "info", "inline_literal", "int",
     "isinstance", "items", "join", "keys", "len", "list", "lower", "now", "print", "range",
     "replace", "reversed", "set", "sorted", "split", "str", "strip", "tuple", "upper", "utcnow",
     "values", "warning", "zip"}
)  # fmt: skip
_SQLALCHEMY = frozenset({"sa", "sqlalchemy", "func", "postgresql", "mysql", "mssql", "oracle"})
_PLAIN_BLOCKS = frozenset({"autocommit_block", "batch_alter_table", "begin", "begin_nested"})
_PLAIN_STATEMENTS = frozenset(
    {"ANALYZE", "COMMENT", "CREATE", "DELETE", "GRANT", "INSERT", "LOCK", "REFRESH", "REINDEX",
     "REPLACE", "REVOKE", "TRUNCATE", "UPDATE", "VACUUM"}
)  # fmt: skip
# in ALTER TABLE
_ON_NAMES = frozenset({"RENAME", "SCHEMA", "ATTACH", "DETACH", "EXCHANGE", "PARTITION"})
_PLAIN_OBJECTS = frozenset(
    {"AGGREGATE", "COLLATION", "DOMAIN", "EVENT", "FUNCTION", "INDEX", "MATERIALIZED", "OPERATOR",
     "POLICY", "PROCEDURE", "ROLE", "ROUTINE", "RULE", "SEQUENCE", "TRIGGER", "TYPE", "USER",
     "VIEW"}
)  # fmt: skip


def created_tables(
    revisions: Iterable[Revision], dialect: str, rules: QuotingRules
) -> tuple[TableRef, ...]:
    """Return the tables that revisions create on a database, whatever it contains.

    The result does not include tables that an earlier revision drops or renames, and tables that
    are created conditionally.

    Args:
        revisions: the revisions, in the order in which they run.
        dialect: SQLAlchemy's name of the dialect.
        rules: its quoting rules.
    """
    found = _Tables(dialect, rules)
    for revision in revisions:
        found.read_revision(revision.path)
        if found.is_uncertain:
            break
    return tuple(found.created)


class _Tables:
    """The tables that were created and removed up to a statement in the files."""

    def __init__(self, dialect: str, rules: QuotingRules) -> None:
        self._dialect = dialect
        self._rules = rules
        self._gone: set[str] = set()  # without schemas: the same table may be named in two ways
        self.created: dict[TableRef, None] = {}
        self.is_uncertain = False

    def read_revision(self, path: Path | None) -> None:
        """Read the upgrade of a file."""
        try:
            source = "" if path is None else path.read_text("utf-8")
            if path is None or path.suffix not in {".py", SQL_SUFFIX}:
                self.is_uncertain = True
            elif path.suffix == SQL_SUFFIX:
                self.read_statements(split_parts(source, path).get("upgrade", ""))
            else:
                _Reader(parse_python(source), self).read_upgrade()
        except (OSError, SyntaxError, ValueError, LimbeckError):
            self.is_uncertain = True  # loading the file reports the error

    def create(self, table: TableRef) -> None:
        """Record that a table is created."""
        if not self.is_uncertain and table.table not in self._gone:
            self.created[table] = None

    def remove(self, table: TableRef | None) -> None:
        """Record that a table may be removed; None for an unknown table."""
        if table is None:
            self.is_uncertain = True
        else:
            self._gone.add(table.table)

    def read_statements(self, text: str | None, *, is_sure: bool = True) -> None:
        """Read a script of SQL.

        Args:
            text: the script, None if it is unknown.
            is_sure: whether it is executed unconditionally.
        """
        if text is None:
            self.is_uncertain = True
            return
        for statement in split_script(text, self._rules):
            self._read_statement(
                strip_leading_comments(statement.text, self._rules), is_sure=is_sure
            )

    def _read_statement(self, text: str, *, is_sure: bool) -> None:
        effects = parse_effects(text, self._dialect)
        for one in effects.items:
            if one.renamed_from is not None and one.kind == "table":
                self.remove(TableRef(one.renamed_from[1]))
            elif one.kind == "table" and not one.is_present:
                self.remove(TableRef(one.table[1]))
            elif one.kind == "table" and effects.is_reversible and is_sure:
                self.create(TableRef(one.table[1], one.table[0]))
        if not effects.items and not _is_plain(text):
            self.is_uncertain = True


def _is_plain(text: str) -> bool:
    """Return whether a statement does not change the names of tables."""
    words = text.upper().split()
    if not words or words[0] in _PLAIN_STATEMENTS:
        return True
    if words[:2] == ["ALTER", "TABLE"]:
        return not _ON_NAMES.intersection(words)
    return words[0] in {"ALTER", "DROP"} and _PLAIN_OBJECTS.issuperset(words[1:2])


class _Reader(FunctionReader):
    """Reads an upgrade function."""

    def __init__(self, tree: ast.Module, tables: _Tables) -> None:
        super().__init__(tree)
        self._tables = tables
        self._conditions = 0  # the nesting depth of conditional blocks
        self._operations = 0  # the nesting depth of arguments of operations

    def read_upgrade(self) -> None:
        """Read the function `upgrade`."""
        if (upgrade := self.functions.get("upgrade")) is not None:
            self.read_function(upgrade)
        else:
            self._tables.is_uncertain = True

    def read(self, statement: ast.stmt) -> None:
        """Read one statement."""
        if self._conditions and isinstance(statement, (ast.Return, ast.Raise)):
            self._tables.is_uncertain = True  # the following statements may not run
        depth = isinstance(statement, (ast.With, ast.AsyncWith)) and not all(
            _name_of(item.context_expr) in _PLAIN_BLOCKS for item in statement.items
        )
        self._conditions += depth
        super().read(statement)
        self._conditions -= depth

    def read_parts(self, node: ast.AST) -> None:
        """Read the parts of a statement; the statements in a block may not run."""
        depth = isinstance(node, (ast.If, ast.Try, ast.While, ast.Match, ast.ExceptHandler))
        self._conditions += depth
        super().read_parts(node)
        self._conditions -= depth

    def visit(self, node: ast.AST) -> None:
        """Visit the calls in an expression."""
        is_condition = isinstance(node, (ast.BoolOp, ast.IfExp, ast.Lambda))
        is_operation = _name_of(node) in _CALLS_OF_OP
        self._conditions += is_condition
        self._operations += is_operation
        super().visit(node)
        self._conditions -= is_condition
        self._operations -= is_operation

    def on_call(self, call: ast.Call, name: str, batch: TableRef | None) -> None:
        """Process a call."""
        if name in _ON_TABLES:
            getattr(self, f"_{name}")(call)
        elif not (batch or name in _OPERATIONS or self._operations or _is_plain_call(call, name)):
            self._tables.is_uncertain = True

    # ── one method for each operation on tables ───────────────────────────

    def _create_table(self, call: ast.Call) -> None:
        arguments = self._table(call)
        table = arguments.table()
        condition = arguments.value("if_not_exists")
        if table is not None and condition in (None, False) and not self._conditions:
            self._tables.create(table)

    def _drop_table(self, call: ast.Call) -> None:
        self._tables.remove(self._table(call).table())

    _move_table = _drop_table

    def _rename_table(self, call: ast.Call) -> None:
        old = self.arguments(call, ("old_table_name", "new_table_name")).text("old_table_name")
        self._tables.remove(None if old is None else TableRef(old))

    def _execute(self, call: ast.Call) -> None:
        self._tables.read_statements(self.statement_text(call), is_sure=not self._conditions)

    def _table(self, call: ast.Call) -> CallArguments:
        return self.arguments(call, ("table_name",))


def _name_of(node: ast.AST) -> str:
    """Return the last part of the name of a called function, "" for other expressions."""
    return called_name(node) if isinstance(node, ast.Call) else ""


def _is_plain_call(call: ast.Call, name: str) -> bool:
    """Return whether a call that is not an operation certainly does not change tables."""
    root: ast.expr = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    is_of_sqlalchemy = isinstance(root, ast.Name) and root.id in _SQLALCHEMY
    return is_of_sqlalchemy or name in _PLAIN_CALLS or name[:1].isupper()
