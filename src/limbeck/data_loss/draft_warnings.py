"""Warn of data that a drafted upgrade loses, and refuse to draft the drop of most tables."""

from __future__ import annotations

import logging
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from limbeck import operations as ops
from limbeck.autogenerate import FillOp
from limbeck.data_loss.counts import Loss, Risk, find_losses
from limbeck.data_loss.policy import read_policy, truncate
from limbeck.data_loss.script_analysis import is_plain_cast
from limbeck.data_loss.unimported_models import UnimportedTable, find_unimported_models
from limbeck.dialects import inspector
from limbeck.errors import EmptyModelsError, TooManyDropsError
from limbeck.project import Project

_log = logging.getLogger("alembic.autogenerate")
# what a shell repeats between double quotes
_IN_QUOTES = re.compile(r"[^\"$`\\!]*")
MANY_DROPS = 5


def warn_about_draft(
    project: Project, operations: Iterable[Any], context: Any, *, drops: bool
) -> None:
    """Warn of existing rows that a drafted upgrade will lose or fail on.

    Args:
        project: the project of the draft.
        operations: the operations of the upgrade.
        context: the migration context with its connection.
        drops: True if dropping most tables is allowed.

    Raises:
        EmptyModelsError: the models have no tables, and `drops` is False.
        TooManyDropsError: most tables would be dropped, and `drops` is False.
    """
    if project.detect == "all" and not drops:
        _refuse_empty_models(project, context.opts.get("target_metadata"))
    policy = read_policy(project)
    if policy == "off" or context.connection is None:
        return
    listed = list(_flat(operations))
    risks = list(draft_risks(listed))
    dropped = [risk.name for risk in risks if risk.kind == "drop_table"]
    defined = find_unimported_models(project, dropped) if dropped else ()
    if (
        len(dropped) >= MANY_DROPS
        and not drops
        and len(dropped) * 2 > _count_tables(context, risks)
    ):
        _refuse_many_drops(project, dropped, defined)
    if defined:
        _log.warning(
            "The draft drops tables that modules define which were not imported: %s. Import them "
            "where env.py sets target_metadata.",
            _listed(defined),
        )
    if project.detect == "all":
        models = context.opts.get("target_metadata")
        risks += model_risks(models, context.dialect, listed)
    losses = find_losses(context.target, risks)
    if losses:
        for line in truncate([_draft_line(loss) for loss in losses]):
            _log.warning("%s", line)


def _listed(defined: Sequence[UnimportedTable]) -> str:
    return ", ".join(truncate([str(table) for table in defined]))


def _refuse_empty_models(project: Project, models: Any) -> None:
    """Raise an error if the models have no table, sequence or other declared object."""
    listed = models if isinstance(models, (list, tuple)) else [models]
    if any(
        metadata is None or metadata.tables or metadata._sequences or metadata.info
        for metadata in listed
    ):
        return
    defined = find_unimported_models(project)
    where = (
        f" ({', '.join(truncate(sorted({table.path for table in defined})))})" if defined else ""
    )
    raise EmptyModelsError(
        "The models have no tables: nothing was written",
        hint=f"Import the modules that define the models{where} where target_metadata is set. To "
        "drop all tables, use --allow-drops.",
    )


def _count_tables(context: Any, risks: Iterable[Risk]) -> int:
    schemas = {risk.namespace for risk in risks}
    reading = inspector(context.connection)
    return sum(len(reading.get_table_names(schema)) for schema in schemas)


def _refuse_many_drops(
    project: Project, dropped: Sequence[str], defined: Sequence[UnimportedTable]
) -> None:
    few = ", ".join(dropped[: MANY_DROPS - 1])
    text = f"The models lack {len(dropped)} of the database's tables ({few}, ...)"
    first = "If models were not imported, import their modules where env.py sets target_metadata."
    if defined:
        first = (
            f"Modules with models were not imported: {_listed(defined)}. Import them where env.py "
            "sets target_metadata."
        )
    hint = (
        f"{first} If other programs own the tables, exclude them with include_name. To drop the "
        "tables, use --allow-drops."
    )
    if project.detect == "all":
        raise TooManyDropsError(f"{text}: nothing was written", hint=hint)
    _log.warning("%s: they would all be dropped. Were all models imported?", text)


def _draft_line(loss: Loss) -> str:
    end = "" if loss.loses_data else ": the statement will fail"
    if loss.risk.kind in {"not_null", "new_not_null"}:
        end += f"; {_fill_option(loss.risk)} gives existing rows a value"
    is_inline_enum = loss.risk.kind == "narrow" and hasattr(loss.risk.type, "enums")
    if is_inline_enum or loss.risk.kind in {"enum_value", "unknown_value"}:
        end += f"; {_replace_option(loss.risk)} gives these rows another value"
        if loss.risk.kind != "enum_value":
            end += ", where VALUE is the value that they have now"
    return f"The new revision {loss.text}{end}"


def _fill_option(risk: Risk) -> str:
    """Return the option that fills a column, as a shell reads it; with a value if one is known."""
    values = getattr(risk.type, "enums", None)
    if not values:
        return f'--fill "{risk.name}.{risk.columns[0]}=SQL"'
    literal = str(values[0]).replace("'", "''")
    answer = f"{risk.name}.{risk.columns[0]}='{literal}'"
    return f'--fill "{answer}"' if _IN_QUOTES.fullmatch(answer) else f"--fill {shlex.quote(answer)}"


def _replace_option(risk: Risk) -> str:
    """Return the option that replaces a value of an Enum, as a shell reads it."""
    if risk.kind == "enum_value":
        owner, value, others = risk.enum, risk.type[0], risk.enum_values
    else:
        owner, value = f"{risk.table}.{risk.columns[0]}", "VALUE"
        others = getattr(risk.type, "enums", risk.type)
    other = others[0] if others else "OTHER"
    return f"--replace {shlex.quote(f'{owner}.{value}={other}')}"


# ── operations that can lose data or fail on existing rows ────────────────

_WORD = re.compile(r"\w+")


def draft_risks(listed: Iterable[Any]) -> Iterator[Risk]:
    """Yield the risks of operations, in order; those within others are listed before them."""
    changed, filled = _changed_columns(listed), _filled_columns(listed)
    for op in listed:
        for risk in _risks(op):
            changed_columns = changed.get((risk.namespace, risk.table), set())
            # a check on what the draft changes cannot be evaluated with the current rows
            if risk.kind == "check" and changed_columns & set(_WORD.findall(risk.type)):
                continue
            if risk.kind == "not_null" and risk.columns[0] in changed_columns:
                continue
            if risk.kind == "narrow" and (risk.namespace, risk.table, risk.columns[0]) in filled:
                continue
            yield risk


def _flat(operations: Iterable[Any]) -> Iterator[Any]:
    for op in operations:
        yield from _flat(getattr(op, "ops", None) or ())
        yield op


def _changed_columns(operations: Iterable[Any]) -> dict[tuple[str | None, str], set[str]]:
    """Return, by table, the columns that are added, renamed, filled or whose type changes."""
    columns: dict[tuple[str | None, str], set[str]] = {}
    for op in operations:
        names = set()
        if isinstance(op, ops.AddColumnOp):
            names = {op.column.name}
        elif isinstance(op, ops.AlterColumnOp):
            is_text = isinstance(op.modify_type, sa.String) and isinstance(
                op.existing_type, sa.String
            )
            is_retyped = op.modify_type is not None and not is_text and op.modify_nullable is None
            names = {op.modify_name} if op.modify_name else set()
            names |= {op.column_name} if is_retyped else set()
        elif isinstance(op, FillOp):
            columns.setdefault(op.table, set()).add(op.column)
        if names:
            columns.setdefault((op.schema, op.table_name), set()).update(names)
    return columns


def _filled_columns(operations: Iterable[Any]) -> set[tuple[str | None, str, str]]:
    return {(*op.table, op.column) for op in operations if isinstance(op, FillOp)}


def model_risks(metadata: Any, dialect: Any, operations: Iterable[Any]) -> Iterator[Risk]:
    """Yield a risk for each text column whose type in the models is an Enum.

    Args:
        metadata: the models, one MetaData or several.
        dialect: SQLAlchemy's dialect.
        operations: the operations of the draft, which may change the values of rows.
    """
    filled = _filled_columns(operations)
    for models in metadata if isinstance(metadata, (list, tuple)) else [metadata]:
        for table in models.tables.values() if models is not None else ():
            for column in table.columns:
                type_ = column.type
                if not isinstance(type_, sa.Enum) or not type_.enums:
                    continue
                is_native = type_.native_enum and dialect.supports_native_enum
                if is_native or (table.schema, table.name, column.name) in filled:
                    continue
                values = tuple(str(value) for value in type_.enums)
                yield Risk("unknown_value", table.name, table.schema, (column.name,), values)


def _risks(op: Any) -> Iterator[Risk]:  # noqa: C901 -- a table of cases
    match op:
        case ops.DropTableOp():
            yield Risk("drop_table", op.table_name, op.schema)
        case ops.DropColumnOp():
            yield Risk("drop_column", op.table_name, op.schema, (op.column_name,))
        case ops.AddColumnOp():
            column = op.column
            generated = column.computed is not None or column.identity is not None
            # PostgreSQL's serial types have a default
            generated = generated or "SERIAL" in str(getattr(column.type, "get_col_spec", str)())
            if not (column.nullable or column.server_default is not None or generated):
                yield Risk("new_not_null", op.table_name, op.schema, (column.name,), column.type)
        case ops.AlterColumnOp():
            yield from _altered(op)
        case ops.AlterEnumOp():
            values = set(op.values) | set(op.renames) | set(op.replacements)
            gone = tuple(value for value in op.existing_values or () if value not in values)
            for schema, table, column in op.info.get("columns", ()) if gone else ():
                yield Risk(
                    "enum_value",
                    table,
                    schema,
                    (column,),
                    gone,
                    enum=op.enum_name,
                    enum_values=tuple(op.values),
                )
        case ops.CreateCheckConstraintOp():
            yield Risk("check", op.table_name, op.schema, (), _condition(op.condition))
        case ops.CreateUniqueConstraintOp():
            yield from _unique(op.table_name, op.schema, op.columns)
        case ops.CreateIndexOp() if op.unique and not any("where" in key for key in op.kw):
            yield from _unique(op.table_name, op.schema, op.columns)


def _altered(op: Any) -> Iterator[Risk]:
    columns = (op.column_name,)
    if op.modify_nullable is False:
        type_ = op.existing_type if op.modify_type is None else op.modify_type
        yield Risk("not_null", op.table_name, op.schema, columns, type_)
    using = op.kw.get("postgresql_using")
    if using is not None and not is_plain_cast(using):
        return  # values are converted by an expression of the user, which is not analyzed
    if isinstance(op.modify_type, (sa.String, sa.Integer, sa.Numeric)):
        yield Risk("narrow", op.table_name, op.schema, columns, op.modify_type)


def _condition(condition: Any) -> str:
    if not isinstance(condition, sa.ColumnElement):
        return str(getattr(condition, "text", condition)).replace(":", "\\:")
    options = {"literal_binds": True, "include_table": False}
    return str(condition.compile(compile_kwargs=options)).replace(":", "\\:")


def _unique(table: str, namespace: str | None, columns: Iterable[Any]) -> Iterator[Risk]:
    names = tuple(getattr(column, "name", column) for column in columns)
    if names and all(isinstance(name, str) for name in names):
        yield Risk("unique", table, namespace, names)
