"""What MySQL and MariaDB say differently: a column is always told whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import quoted_name

from limbeck import operations as ops
from limbeck.catalog import Check, Column, Expr, ForeignKey, Table, Unique, table_key
from limbeck.catalog import Computed as HaveComputed
from limbeck.dialects import ddl_builder, sequences
from limbeck.dialects import ddl_elements as base
from limbeck.dialects.constraints import is_of_type
from limbeck.dialects.ddl_builder import Alteration, Stage
from limbeck.dialects.mysql.catalog_queries import LEVELS_SINCE, quote, quoted
from limbeck.dialects.mysql.columns import beside, definition
from limbeck.dialects.sayings import GENERIC
from limbeck.dialects.text_ddl import Plain, Words
from limbeck.errors import DatabaseError
from limbeck.sqlalchemy_io import escaped

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.sql.compiler import DDLCompiler

    from limbeck.dialects.dialect import Sent

    Said = Iterator[Executable | Sent]

_OF_THE_CLOCK = re.compile(
    r"^\s*\(*\s*(current_timestamp|now|localtime|localtimestamp)\b", re.IGNORECASE
)

_TICKS = re.compile(r"\bon\s+update\b[^']*$", re.IGNORECASE)


class MySQLAlterDefault(base.AlterColumn):
    """SET DEFAULT or DROP DEFAULT, which needs nothing else to be known."""

    def __init__(
        self, name: str, column_name: str, default: Any, schema: str | None = None
    ) -> None:
        super().__init__(name, column_name, schema=schema)
        self.default = default


class MySQLChangeColumn(base.AlterColumn):
    """CHANGE: a column told whole, under a name that may be new."""

    def __init__(
        self,
        name: str,
        column_name: str,
        schema: str | None = None,
        newname: str | None = None,
        type_: Any = None,
        nullable: bool | None = None,  # noqa: FBT001
        default: Any = False,  # noqa: FBT002 - False says that nothing was said
        autoincrement: bool | None = None,  # noqa: FBT001
        comment: str | Literal[False] | None = False,  # noqa: FBT002 - the same
        on_update: str | None = None,
        checks: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name, column_name, schema=schema)
        if type_ is None:
            raise DatabaseError(
                "All MySQL CHANGE/MODIFY COLUMN operations require the existing type "
                f"(column {name}.{column_name})",
                hint="pass existing_type=, and with it existing_nullable= and "
                "existing_server_default=",
                code="LB334",
            )
        self.newname = newname
        self.type_ = sa.types.to_instance(type_)
        self.nullable = True if nullable is None else nullable
        self.default = default
        self.autoincrement = autoincrement
        self.comment = comment
        self.on_update = on_update
        self.checks = checks


class MySQLModifyColumn(MySQLChangeColumn):
    """MODIFY: a column told whole, under its name."""


@compiles(MySQLAlterDefault, "mysql", "mariadb")
def visit_alter_default(element: MySQLAlterDefault, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a MySQLAlterDefault."""
    default = element.default
    end = (
        "DROP DEFAULT"
        if default is None
        else f"SET DEFAULT {base.format_server_default(compiler, default)}"
    )
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"{base.alter_column(compiler, element.column_name)} {end}"
    )


@compiles(MySQLModifyColumn, "mysql", "mariadb")
def visit_modify_column(element: MySQLModifyColumn, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a MySQLModifyColumn."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"MODIFY {base.format_column_name(compiler, element.column_name)} "
        f"{column_words(compiler, element)}"
    )


@compiles(MySQLChangeColumn, "mysql", "mariadb")
def visit_change_column(element: MySQLChangeColumn, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a MySQLChangeColumn."""
    new = element.newname if element.newname is not None else element.column_name
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"CHANGE {base.format_column_name(compiler, element.column_name)} "
        f"{base.format_column_name(compiler, new)} {column_words(compiler, element)}"
    )


@compiles(base.RenameTable, "mysql", "mariadb")
def visit_rename_table(element: base.RenameTable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameTable; the new name needs the schema too, or the table would move."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} RENAME TO "
        f"{base.format_table_name(compiler, element.new_table_name, element.schema)}"
    )


def column_words(compiler: DDLCompiler, element: MySQLChangeColumn) -> str:
    """Return the definition of a column as CHANGE and MODIFY want it."""
    words = [base.format_type(compiler, element.type_)]
    if isinstance(element.default, sa.Computed):
        words.append(compiler.process(element.default))
        if not element.nullable and not is_mariadb(compiler.dialect):
            words.append("NOT NULL")
    else:
        words.append("NULL" if element.nullable else "NOT NULL")
        if element.autoincrement:
            words.append("AUTO_INCREMENT")
        if element.default is not False and element.default is not None:
            words.append(f"DEFAULT {base.format_server_default(compiler, element.default)}")
        if element.on_update:
            words.append(f"ON UPDATE {element.on_update}")
    if element.comment:
        words.append(f"COMMENT {base.literal(compiler, element.comment)}")
    for text in element.checks:
        # the server's own text; a statement doubles the signs that a driver reads
        doubles = compiler.preparer._double_percents
        words.append(f"CHECK ({text.replace('%', '%%') if doubles else text})")
    return " ".join(words)


def is_mariadb(dialect: sa.engine.Dialect) -> bool:
    """Tell MariaDB from MySQL, whichever name the URL gave."""
    return dialect.name == "mariadb" or bool(getattr(dialect, "is_mariadb", False))


# ── columns ───────────────────────────────────────────────────────────────


def alter_column(stage: Stage, asked: Alteration) -> Said:
    """Say CHANGE or MODIFY with all that the column is, or only its default.

    What the script does not say of the column is taken from the database where there is one;
    without one the column would lose it.

    Raises:
        DatabaseError: the column's type is neither given nor to be seen.
    """
    _refuse_generated(asked)
    if not _is_whole(asked):
        if asked.server_default is not False:
            yield MySQLAlterDefault(
                asked.table, asked.column, asked.server_default, schema=asked.schema
            )
        return
    kind: type[MySQLChangeColumn] = MySQLModifyColumn
    newname = None
    default = asked.server_default
    if default is False:
        default = asked.existing_server_default
    type_ = asked.type_ if asked.type_ is not None else asked.existing_type
    if asked.name is not None or is_of_the_clock(type_, default):
        kind, newname = MySQLChangeColumn, asked.name or asked.column
    known, on_update = _seen(stage, asked)
    if known.server_default is False:
        known = replace(known, server_default=known.existing_server_default)
    yield kind(
        asked.table,
        asked.column,
        schema=asked.schema,
        newname=newname,
        type_=type_,
        nullable=known.nullable if known.nullable is not None else known.existing_nullable,
        default=known.server_default,
        autoincrement=(
            known.autoincrement if known.autoincrement is not None else known.existing_autoincrement
        ),
        comment=known.comment if known.comment is not False else known.existing_comment,
        on_update=on_update,
        checks=_checks_kept(stage, asked),
    )


def _checks_kept(stage: Stage, asked: Alteration) -> tuple[str, ...]:
    """Return the checks that stand beside a column: MODIFY and CHANGE would forget them."""
    from limbeck.diff import exchanged

    server = stage.server
    if server is None or not is_mariadb(stage.dialect):
        return ()
    if (server.dialect.server_version_info or ()) < LEVELS_SINCE:
        return ()
    home = quoted(asked.schema) if asked.schema else "DATABASE()"
    rows = server.exec_driver_sql(
        f"SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS"  # noqa: S608
        f" WHERE CONSTRAINT_SCHEMA = {home} AND TABLE_NAME = {quoted(asked.table)}"
        f" AND LEVEL = 'Column' AND CONSTRAINT_NAME = {quoted(asked.column)}"
        f" AND CHECK_CLAUSE <> {quoted(f'json_valid({quote(asked.column)})')}",
        execution_options={"no_parameters": True},
    )
    texts = [Expr(str(text)) for (text,) in rows]
    if asked.name is not None:
        texts = [exchanged(text, asked.column, asked.name) for text in texts]
    return tuple(text.text for text in texts)


def _is_whole(asked: Alteration) -> bool:
    parts = (asked.name, asked.nullable, asked.type_, asked.autoincrement)
    if any(part is not None for part in parts) or asked.comment is not False:
        return True
    return is_of_the_clock(asked.existing_type, asked.server_default)


def _refuse_generated(asked: Alteration) -> None:
    new, old = asked.server_default, asked.existing_server_default
    if new is False:
        return
    if isinstance(new, sa.Computed) or isinstance(old, sa.Computed):
        raise sa.exc.CompileError(
            'Adding or removing a "computed" construct (GENERATED ALWAYS AS) of the existing '
            f"column {asked.table}.{asked.column} is not possible: drop the column and add it"
        )
    if isinstance(new, sa.Identity) or isinstance(old, sa.Identity):
        raise sa.exc.CompileError(
            f'Adding, removing or modifying an "identity" construct of the existing column '
            f"{asked.table}.{asked.column} is not something MySQL or MariaDB can do"
        )


def is_of_the_clock(type_: Any, default: Any) -> bool:
    """Tell whether a default reads the clock, which SET DEFAULT does not take everywhere."""
    if type_ is None or default is False or default is None or isinstance(default, str):
        return False
    if _TICKS.search(str(default)):
        return True
    is_time = sa.types.to_instance(type_)._type_affinity is sa.DateTime
    return is_time and _OF_THE_CLOCK.match(str(default)) is not None


def _seen(stage: Stage, asked: Alteration) -> tuple[Alteration, str | None]:
    # CHANGE and MODIFY forget whatever they are not told, so the gaps are filled from the
    # table as it stands; a script has none and says what it was given.
    wants = (
        asked.existing_server_default is False and asked.server_default is False,
        asked.nullable is None and asked.existing_nullable is None,
        asked.autoincrement is None and asked.existing_autoincrement is None,
        asked.comment is False and asked.existing_comment is None,
    )
    if not any(wants) and not _may_tick(asked):
        return asked, None
    column = _column_now(stage, asked)
    if column is None:
        return asked, None
    extras = dict(column.extras)
    lacks_default, lacks_null, lacks_auto, lacks_comment = wants
    if lacks_default:
        asked = replace(asked, existing_server_default=_default_of(column))
    if lacks_null:
        asked = replace(asked, existing_nullable=column.nullable)
    if lacks_auto and asked.type_ is None:
        asked = replace(asked, existing_autoincrement=bool(extras.get("autoincrement")))
    if lacks_comment:
        asked = replace(asked, existing_comment=column.comment)
    on_update = extras.get("on_update")
    given = str(asked.existing_server_default).lower()
    keeps = on_update and asked.server_default is False and "on update" not in given
    return asked, str(on_update) if keeps else None


def _may_tick(asked: Alteration) -> bool:
    type_ = asked.type_ if asked.type_ is not None else asked.existing_type
    return type_ is not None and sa.types.to_instance(type_)._type_affinity is sa.DateTime


def _column_now(stage: Stage, asked: Alteration) -> Column | None:
    if stage.server is None:
        return None
    table: Table | None = stage.look.table(table_key(asked.table, asked.schema))
    return table.column(asked.column) if table is not None else None


def _default_of(column: Column) -> Any:
    match column.default:
        case Expr(text=text):
            return sa.literal_column(text)
        case HaveComputed(expr=expr, stored=stored):
            return sa.Computed(sa.literal_column(expr.text), persisted=stored)
        case _:
            return None


# ── constraints ───────────────────────────────────────────────────────────


def drop_constraint(stage: Stage, constraint: Any, **keywords: Any) -> Said:
    """Say DROP FOREIGN KEY, PRIMARY KEY, INDEX, CHECK or CONSTRAINT, whatever it takes.

    Raises:
        NotImplementedError: MySQL wants to know the kind of constraint.
    """
    if is_of_type(constraint) and not _is_there(stage, constraint):
        return
    column = _checked_column(stage, constraint)
    if column is not None:
        yield Plain(lambda words: _without_check(words, constraint.table, column))
        return
    if_exists = bool(keywords.get("if_exists")) and is_mariadb(stage.dialect)
    if type(constraint) is sa.Constraint and not is_mariadb(stage.dialect):
        raise NotImplementedError(
            "No generic 'DROP CONSTRAINT' in MySQL - please specify constraint type with type_="
        )
    if type(constraint) is not sa.Constraint and not if_exists and not _serves_both(stage):
        yield from ddl_builder.drop_constraint(stage, constraint)
        return
    yield Plain(lambda words: _drop_on_mariadb(words, constraint, if_exists=if_exists))


def _serves_both(stage: Stage) -> bool:
    """Say whether a script may be for MariaDB as well as for MySQL, which a URL does not tell.

    Both know DROP CONSTRAINT (MySQL since 8.0.19); DROP CHECK is MySQL's alone. Projects of
    Alembic keep its words.
    """
    return not stage.is_live and stage.look.opts.get("detect") == "all"


def _checked_column(stage: Stage, constraint: Any) -> Column | None:
    """Return the column beside which a CHECK stands; such a CHECK bears the column's name."""
    if not isinstance(constraint, sa.CheckConstraint) or not is_mariadb(stage.dialect):
        return None
    if stage.server is None or constraint.name is None:
        return None
    table = stage.look.table(table_key(constraint.table.name, constraint.table.schema))
    if table is None or not beside(table, str(constraint.name)):
        return None
    return table.column(str(constraint.name))


def _without_check(words: Words, table: sa.Table, column: Column) -> str:
    # Only a column that is told whole loses its CHECK.
    return f"ALTER TABLE {words.name(table.name, table.schema)} MODIFY {definition(column)}"


def _drop_on_mariadb(words: Words, constraint: Any, *, if_exists: bool) -> str:
    kinds = {
        sa.ForeignKeyConstraint: "FOREIGN KEY",
        sa.UniqueConstraint: "INDEX",
    }
    table = words.name(constraint.table.name, constraint.table.schema)
    if isinstance(constraint, sa.PrimaryKeyConstraint):
        return f"ALTER TABLE {table} DROP PRIMARY KEY"
    kind = kinds.get(type(constraint), "CONSTRAINT")
    guard = "IF EXISTS " if if_exists else ""
    return f"ALTER TABLE {table} DROP {kind} {guard}{words.name(constraint.name)}"


def _is_there(stage: Stage, constraint: Any) -> bool:
    # A type's CHECK is made where the server knows CHECK at all, which only the table tells.
    if stage.server is None or not isinstance(constraint.name, str | quoted_name):
        return False
    table = stage.look.table(table_key(constraint.table.name, constraint.table.schema))
    return table is not None and any(check.name == constraint.name for check in table.checks)


def add_constraint(stage: Stage, constraint: sa.Constraint) -> Said:
    """Say ADD CONSTRAINT; a primary key is called PRIMARY and takes no other name."""
    if isinstance(constraint, sa.PrimaryKeyConstraint) and constraint.name == "PRIMARY":
        constraint.name = None
    yield from ddl_builder.add_constraint(stage, constraint)


def rename_constraint(
    stage: Stage, table: str, old: str, new: str, *, schema: str | None = None
) -> Said:
    """Rename a unique constraint, or add a check or foreign key again under the new name.

    A unique constraint is an index, the only kind that the servers rename. Where the table
    cannot be read, as in a script, the constraint is taken for one.

    Raises:
        DatabaseError: the constraint is a primary key, or its definition cannot be repeated.
    """
    known = stage.look.table(table_key(table, schema))
    parts = known.constraints if known is not None else ()
    part = next((each for each in parts if each.name == old), None)
    is_index = (part is None or isinstance(part, Unique)) and old.upper() != "PRIMARY"
    if is_index:
        yield Plain(
            lambda words: (
                f"ALTER TABLE {words.name(table, schema)} RENAME INDEX "
                f"{words.name(old)} TO {words.name(new)}"
            )
        )
        return
    add: ops.AddConstraintOp
    match part:
        case ForeignKey(extras=()):
            add = ops.CreateForeignKeyOp(
                new,
                table,
                str(part.target.name),
                list(part.columns),
                list(part.target_columns),
                onupdate=part.on_update,
                ondelete=part.on_delete,
                source_schema=schema,
                referent_schema=part.target.namespace,
            )
            kind = "foreignkey"
        case Check(extras=()):
            add = ops.CreateCheckConstraintOp(new, table, escaped(part.expr), schema=schema)
            kind = "check"
        case _:
            raise DatabaseError(
                f"The constraint {old!r} of table {table!r} cannot be renamed on "
                f"{stage.dialect.name}",
                hint="leave the name of a primary key; drop another constraint with "
                "op.drop_constraint and create it again under the new name",
                code="LB345",
            )
    # the new one first: the rows are checked at every moment
    yield from stage.say(add, stage.look)
    yield from stage.say(ops.DropConstraintOp(old, table, kind, schema=schema), stage.look)


# ── records ───────────────────────────────────────────────────────────────


def _rename_sequence(words: Words, name: str, schema: str | None, new: str) -> str:
    return f"RENAME TABLE {words.name(name, schema)} TO {words.name(new, schema)}"


_BACK = {
    "increment": "INCREMENT BY 1",
    "minvalue": "NO MINVALUE",
    "maxvalue": "NO MAXVALUE",
    "cycle": "NOCYCLE",
    "cache": "CACHE 1000",
}


def _on_mariadb(say: Any) -> Any:
    # MariaDB may be reached under the name of MySQL, so the server is what counts.
    def said(stage: Stage, operation: Any) -> Any:
        if not is_mariadb(stage.dialect):
            raise ddl_builder.Unsayable(operation)
        return say(stage, operation)

    return said


def _whole(say: Any) -> Any:
    # A schema always goes whole here, so nothing is said of that.
    def said(stage: Stage, operation: Any) -> Iterator[Plain]:
        for statement in say(stage, operation):
            yield _without_cascade(statement)

    return said


def _without_cascade(statement: Plain) -> Plain:
    return Plain(lambda words: statement.write(words).removesuffix(" CASCADE"))


elements = GENERIC.but(
    adds_columns_alone=True,
    add_constraint=add_constraint,
    alter_column=alter_column,
    drop_constraint=drop_constraint,
    rename_constraint=rename_constraint,
    own={
        **{kind: _whole(say) for kind, say in sequences.SCHEMAS.items()},
        **{
            kind: _on_mariadb(say)
            for kind, say in sequences.sequences(_BACK, _rename_sequence).items()
        },
    },
)
