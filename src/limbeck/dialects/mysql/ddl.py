"""DDL of MySQL and MariaDB, which require the complete definition of a changed column."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from limbeck import operations as ops
from limbeck.catalog import Column, Expr, Table, table_key
from limbeck.catalog import Computed as HaveComputed
from limbeck.dialects import ddl_builder, sequences
from limbeck.dialects.ddl_builder import BuildContext, ColumnChange
from limbeck.dialects.mysql import guards
from limbeck.dialects.mysql.catalog_queries import LEVELS_SINCE, quote, quoted
from limbeck.dialects.mysql.columns import dependent_clauses
from limbeck.dialects.mysql.constraint_ddl import (
    add_constraint,
    drop_constraint,
    rename_constraint,
)
from limbeck.dialects.mysql.ddl_constructs import (
    MySQLAlterDefault,
    MySQLChangeColumn,
    MySQLModifyColumn,
    is_mariadb,
)
from limbeck.dialects.operation_handlers import GENERIC
from limbeck.dialects.text_ddl import SqlQuoting, TextStatement

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.dialects.dialect import Sent

    StatementIterator = Iterator[Executable | Sent]

_log = logging.getLogger("alembic.runtime.migration")

_OF_THE_CLOCK = re.compile(
    r"^\s*\(*\s*(current_timestamp|now|localtime|localtimestamp)\b", re.IGNORECASE
)

_TICKS = re.compile(r"\bon\s+update\b[^']*$", re.IGNORECASE)


# ── columns ───────────────────────────────────────────────────────────────


def alter_column(context: BuildContext, change: ColumnChange) -> StatementIterator:
    """Build CHANGE or MODIFY with the complete column, or only SET DEFAULT.

    Properties of the column that the script does not give are read from the database, if there is
    a connection; otherwise the column would lose them.

    Raises:
        DatabaseError: the column's type is neither given nor readable.
    """
    _refuse_generated(change)
    if not _needs_definition(change) and not _needs_modify(context, change):
        if change.server_default is not False:
            yield MySQLAlterDefault(
                change.table,
                change.column,
                _default_or_null(context, change),
                schema=change.schema,
            )
        return
    kind: type[MySQLChangeColumn] = MySQLModifyColumn
    newname = None
    default = change.server_default
    if default is False:
        default = change.existing_server_default
    type_ = change.type_ if change.type_ is not None else change.existing_type
    if change.name is not None or is_of_the_clock(type_, default):
        kind, newname = MySQLChangeColumn, change.name or change.column
    is_native = context.lookup.opts.get("detect") == "all"
    if is_native:
        known, on_update = _completed(context, change)
    else:
        # the databases of Alembic projects were created by statements without more than this
        known, on_update = change, None
        _warn_of_losses(context, change)
    if known.server_default is False:
        known = replace(known, server_default=known.existing_server_default)
    element = kind(
        change.table,
        change.column,
        schema=change.schema,
        newname=newname,
        type_=type_,
        nullable=known.nullable if known.nullable is not None else known.existing_nullable,
        default=known.server_default,
        autoincrement=(
            known.autoincrement if known.autoincrement is not None else known.existing_autoincrement
        ),
        comment=known.comment if known.comment is not False else known.existing_comment,
        on_update=on_update,
        checks=_checks_kept(context, change) if is_native else (),
    )
    others = _dependents(context, change) if is_native else ()
    if others:
        yield TextStatement(lambda quoting: ", ".join((quoting.statement(element), *others)))
    else:
        yield element


def _dependents(context: BuildContext, change: ColumnChange) -> tuple[str, ...]:
    """Return the clauses for dependents that a renamed column needs in the same ALTER TABLE.

    MySQL refuses to rename a column that a check, a generated column or a functional index uses.
    https://dev.mysql.com/doc/refman/8.4/en/alter-table.html
    """
    if change.name is None or context.server is None or is_mariadb(context.dialect):
        return ()
    table = context.lookup.table(table_key(change.table, change.schema))
    return () if table is None else dependent_clauses(table, change.column, change.name)


def _warn_of_losses(context: BuildContext, change: ColumnChange) -> None:
    """Log the properties that a column loses because an operation does not give them."""
    column = _column_now(context, change)
    if column is None:
        return
    extras = dict(column.extras)
    both = (change.server_default, change.existing_server_default)
    says_default = any(default is not False for default in both)
    unsaid = {
        "NOT NULL (existing_nullable=False)": not column.nullable
        and change.nullable is None
        and change.existing_nullable is None,
        "its default (existing_server_default=)": isinstance(column.default, Expr)
        and not says_default,
        "AUTO_INCREMENT (existing_autoincrement=True)": bool(extras.get("autoincrement"))
        and change.autoincrement is None
        and change.existing_autoincrement is None,
        "its comment (existing_comment=)": column.comment is not None
        and change.comment is False
        and change.existing_comment is None,
    }
    lost = [description for description, is_lost in unsaid.items() if is_lost]
    if lost:
        _log.warning(
            "Column %s.%s loses %s: op.alter_column does not give it, and MySQL and MariaDB"
            " require the complete definition of a column",
            change.table,
            change.column,
            ", ".join(lost),
        )


def _checks_kept(context: BuildContext, change: ColumnChange) -> tuple[str, ...]:
    """Return the checks in the definition of a column, which MODIFY and CHANGE would remove."""
    from limbeck.diff import exchanged

    server = context.server
    if server is None or not is_mariadb(context.dialect):
        return ()
    if (server.dialect.server_version_info or ()) < LEVELS_SINCE:
        return ()
    home = quoted(change.schema) if change.schema else "DATABASE()"
    rows = server.exec_driver_sql(
        f"SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS"  # noqa: S608
        f" WHERE CONSTRAINT_SCHEMA = {home} AND TABLE_NAME = {quoted(change.table)}"
        f" AND LEVEL = 'Column' AND CONSTRAINT_NAME = {quoted(change.column)}"
        f" AND CHECK_CLAUSE <> {quoted(f'json_valid({quote(change.column)})')}",
        execution_options={"no_parameters": True},
    )
    texts = [Expr(str(text)) for (text,) in rows]
    if change.name is not None:
        texts = [exchanged(text, change.column, change.name) for text in texts]
    return tuple(text.text for text in texts)


def _needs_definition(change: ColumnChange) -> bool:
    parts = (change.name, change.nullable, change.type_, change.autoincrement)
    if any(part is not None for part in parts) or change.comment is not False:
        return True
    return is_of_the_clock(change.existing_type, change.server_default)


def _needs_modify(context: BuildContext, change: ColumnChange) -> bool:
    """Return whether SET DEFAULT would be refused or would be incomplete.

    MySQL accepts no default of a TEXT, BLOB or JSON column in ALTER COLUMN. After DROP DEFAULT,
    an INSERT must give the column a value even if the column is nullable.
    https://dev.mysql.com/doc/refman/8.4/en/alter-table.html
    """
    if is_mariadb(context.dialect) or change.server_default is False:
        return False
    return _is_large(change.existing_type)


def _is_large(type_: Any) -> bool:
    if type_ is None:
        return False
    kind = sa.types.to_instance(type_)
    if isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, sa.Text | sa.JSON | mysql.LONGTEXT | mysql.MEDIUMTEXT | mysql.TINYTEXT):
        return True
    return isinstance(kind, sa.LargeBinary | mysql.LONGBLOB | mysql.MEDIUMBLOB | mysql.TINYBLOB)


def _default_or_null(context: BuildContext, change: ColumnChange) -> Any:
    """Return the default to set: on MySQL, NULL for a nullable column without a default.

    Projects of Alembic use DROP DEFAULT.
    """
    if change.server_default is not None or is_mariadb(context.dialect):
        return change.server_default
    if context.lookup.opts.get("detect") != "all":
        return None
    nullable = change.existing_nullable
    if nullable is None:
        column = _column_now(context, change)
        nullable = column is not None and column.nullable
    return sa.text("NULL") if nullable else None


def _refuse_generated(change: ColumnChange) -> None:
    new, old = change.server_default, change.existing_server_default
    if new is False:
        return
    if isinstance(new, sa.Computed) or isinstance(old, sa.Computed):
        raise sa.exc.CompileError(
            'Adding or removing a "computed" construct (GENERATED ALWAYS AS) of the existing '
            f"column {change.table}.{change.column} is not possible: drop the column and add it"
        )
    if isinstance(new, sa.Identity) or isinstance(old, sa.Identity):
        raise sa.exc.CompileError(
            f'Adding, removing or modifying an "identity" construct of the existing column '
            f"{change.table}.{change.column} is not something MySQL or MariaDB can do"
        )


def is_of_the_clock(type_: Any, default: Any) -> bool:
    """Return whether a default is the current time, which SET DEFAULT may not accept."""
    if type_ is None or default is False or default is None or isinstance(default, str):
        return False
    if _TICKS.search(str(default)):
        return True
    is_time = sa.types.to_instance(type_)._type_affinity is sa.DateTime
    return is_time and _OF_THE_CLOCK.match(str(default)) is not None


def _completed(context: BuildContext, change: ColumnChange) -> tuple[ColumnChange, str | None]:
    # CHANGE and MODIFY remove what the definition omits, so it is completed from the current
    # table. In a script the table is not known, so only the operation's arguments are written.
    wants = (
        change.existing_server_default is False and change.server_default is False,
        change.nullable is None and change.existing_nullable is None,
        change.autoincrement is None and change.existing_autoincrement is None,
        change.comment is False and change.existing_comment is None,
    )
    if not any(wants) and not _is_timestamp(change):
        return change, None
    column = _column_now(context, change)
    if column is None:
        return change, None
    extras = dict(column.extras)
    lacks_default, lacks_null, lacks_auto, lacks_comment = wants
    if lacks_default:
        change = replace(change, existing_server_default=_default_of(column))
    if lacks_null:
        change = replace(change, existing_nullable=column.nullable)
    if lacks_auto and change.type_ is None:
        change = replace(change, existing_autoincrement=bool(extras.get("autoincrement")))
    if lacks_comment:
        change = replace(change, existing_comment=column.comment)
    on_update = extras.get("on_update")
    given = str(change.existing_server_default).lower()
    keeps = on_update and change.server_default is False and "on update" not in given
    return change, str(on_update) if keeps else None


def _is_timestamp(change: ColumnChange) -> bool:
    type_ = change.type_ if change.type_ is not None else change.existing_type
    return type_ is not None and sa.types.to_instance(type_)._type_affinity is sa.DateTime


def _column_now(context: BuildContext, change: ColumnChange) -> Column | None:
    if context.server is None:
        return None
    table: Table | None = context.lookup.table(table_key(change.table, change.schema))
    return table.column(change.column) if table is not None else None


def _default_of(column: Column) -> Any:
    match column.default:
        case Expr(text=text):
            return sa.literal_column(text)
        case HaveComputed(expr=expr, stored=stored):
            return sa.Computed(sa.literal_column(expr.text), persisted=stored)
        case _:
            return None


# ── records ───────────────────────────────────────────────────────────────


def _rename_sequence(quoting: SqlQuoting, name: str, schema: str | None, new: str) -> str:
    return f"RENAME TABLE {quoting.name(name, schema)} TO {quoting.name(new, schema)}"


_BACK = {
    "increment": "INCREMENT BY 1",
    "minvalue": "NO MINVALUE",
    "maxvalue": "NO MAXVALUE",
    "cycle": "NOCYCLE",
    "cache": "CACHE 1000",
}


def _on_mariadb(say: Any) -> Any:
    # MariaDB may be reached through a mysql:// URL, so the server decides.
    def handler(context: BuildContext, operation: Any) -> Any:
        if not is_mariadb(context.dialect):
            raise ddl_builder.UnsupportedOperationError(operation)
        return say(context, operation)

    return handler


def _ignoring_cascade(say: Any) -> Any:
    # DROP SCHEMA always drops the contents, so CASCADE is omitted.
    def handler(context: BuildContext, operation: Any) -> Iterator[TextStatement]:
        for statement in say(context, operation):
            yield _without_cascade(statement)

    return handler


def _without_cascade(statement: TextStatement) -> TextStatement:
    return TextStatement(lambda quoting: statement.write(quoting).removesuffix(" CASCADE"))


def move_table(_context: BuildContext, op: ops.MoveTableOp) -> Iterator[TextStatement]:
    """Build the rename that moves a table to another database."""
    new = op.new_table_name or op.table_name
    yield TextStatement(
        lambda quoting: (
            f"ALTER TABLE {quoting.name(op.table_name, op.schema)} "
            f"RENAME TO {quoting.name(new, op.new_schema)}"
        )
    )


elements = GENERIC.replace(
    adds_columns_alone=True,
    add_column=guards.add_column,
    drop_column=guards.drop_column,
    create_index=guards.create_index,
    drop_index=guards.drop_index,
    add_constraint=add_constraint,
    alter_column=alter_column,
    drop_constraint=drop_constraint,
    rename_constraint=rename_constraint,
    handlers={
        ops.MoveTableOp: move_table,
        **{kind: _ignoring_cascade(say) for kind, say in sequences.SCHEMAS.items()},
        **{
            kind: _on_mariadb(say)
            for kind, say in sequences.sequences(_BACK, _rename_sequence).items()
        },
    },
)
