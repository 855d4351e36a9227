"""Sequences and schemas, for databases that support the standard syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.dialects.text_ddl import Plain, Words

if TYPE_CHECKING:
    from limbeck.dialects.ddl_builder import BuildContext

STANDARD: Mapping[str, str] = {
    "increment": "INCREMENT BY 1",
    "minvalue": "NO MINVALUE",
    "maxvalue": "NO MAXVALUE",
    "cycle": "NO CYCLE",
    "cache": "CACHE 1",
    "owned_by": "OWNED BY NONE",
}
"""The clauses that restore the default of an option."""

Rename = Callable[[Words, str, "str | None", str], str]

_ORDER = ("data_type", "increment", "minvalue", "maxvalue", "start", "restart", "cache", "cycle")


def option_words(options: Mapping[str, Any], words: Words, back: Mapping[str, str]) -> str:
    """Return sequence options as clauses, in the order in which databases print them.

    Args:
        options: names and values; None restores the default.
        words: quoting of the database.
        back: the clauses that restore defaults.

    Raises:
        TypeError: no database has such an option.
    """
    unknown = set(options) - set(_ORDER) - {"owned_by"}
    if unknown:
        raise TypeError(f"a sequence has no option {', '.join(sorted(unknown))}")
    clauses = [_clause(name, options[name], back) for name in _ORDER if name in options]
    clauses += [_owner(options[name], words, back) for name in ("owned_by",) if name in options]
    return "".join(f" {clause}" for clause in clauses if clause)


def _clause(name: str, value: Any, back: Mapping[str, str]) -> str:  # noqa: PLR0911 - a table
    if value is None or (name == "cycle" and not value):
        return back.get(name, "")
    match name:
        case "data_type":
            return f"AS {value}"
        case "start":
            return f"START WITH {int(value)}"
        case "restart":
            return "RESTART" if value is True else f"RESTART WITH {int(value)}"
        case "increment":
            return f"INCREMENT BY {int(value)}"
        case "cycle":
            return "CYCLE"
        case _:
            return f"{name.upper()} {int(value)}"


def _owner(owner: Any, words: Words, back: Mapping[str, str]) -> str:
    if owner is None or "owned_by" not in back:
        return back.get("owned_by", "")
    parts = owner.split(".") if isinstance(owner, str) else owner
    return "OWNED BY " + ".".join(words.name(part) for part in parts if part)


def _create(op: ops.CreateSequenceOp, back: Mapping[str, str]) -> Iterator[Plain]:
    guard = "IF NOT EXISTS " if op.if_not_exists else ""
    given = {key: value for key, value in op.options.items() if value is not None}
    yield Plain(
        lambda words: (
            f"CREATE SEQUENCE {guard}{words.name(op.sequence_name, op.schema)}"
            f"{option_words(given, words, back)}"
        )
    )


def _drop(_context: BuildContext, op: ops.DropSequenceOp) -> Iterator[Plain]:
    guard = "IF EXISTS " if op.if_exists else ""
    yield Plain(lambda words: f"DROP SEQUENCE {guard}{words.name(op.sequence_name, op.schema)}")


def _alter(op: ops.AlterSequenceOp, back: Mapping[str, str], rename: Rename) -> Iterator[Plain]:
    if op.options:
        yield Plain(
            lambda words: (
                f"ALTER SEQUENCE {words.name(op.sequence_name, op.schema)}"
                f"{option_words(op.options, words, back)}"
            )
        )
    new = op.new_name
    if new is not None:
        yield Plain(lambda words: rename(words, op.sequence_name, op.schema, new))


def standard_rename(words: Words, name: str, schema: str | None, new: str) -> str:
    """Return ALTER SEQUENCE ... RENAME TO."""
    return f"ALTER SEQUENCE {words.name(name, schema)} RENAME TO {words.name(new)}"


def sequences(
    back: Mapping[str, str] = STANDARD, rename: Rename = standard_rename
) -> dict[type, Any]:
    """Return the handlers that create, change and drop sequences.

    Args:
        back: the clauses that restore the default of an option.
        rename: writes the statement that renames a sequence.
    """
    return {
        ops.CreateSequenceOp: lambda _context, op: _create(op, back),
        ops.DropSequenceOp: _drop,
        ops.AlterSequenceOp: lambda _context, op: _alter(op, back, rename),
    }


def create_schema(_context: BuildContext, op: ops.CreateSchemaOp) -> Iterator[Plain]:
    """Build CREATE SCHEMA."""
    guard = "IF NOT EXISTS " if op.if_not_exists else ""
    yield Plain(lambda words: f"CREATE SCHEMA {guard}{words.name(op.schema_name)}")


def drop_schema(_context: BuildContext, op: ops.DropSchemaOp) -> Iterator[Plain]:
    """Build DROP SCHEMA."""
    guard = "IF EXISTS " if op.if_exists else ""
    end = " CASCADE" if op.cascade else ""
    yield Plain(lambda words: f"DROP SCHEMA {guard}{words.name(op.schema_name)}{end}")


SCHEMAS: Mapping[type, Any] = {
    ops.CreateSchemaOp: create_schema,
    ops.DropSchemaOp: drop_schema,
}
"""The handlers that create and drop schemas."""
