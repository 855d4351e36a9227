"""Alternative ways to change a SQLite table: copies of it, and changes of rows in batches."""

from __future__ import annotations

import re

from limbeck.dialects.safe_recipes import (
    Read,
    Recipe,
    SafeStep,
    backfill,
    bare,
    compiled,
    first_steps,
    identifier,
    python_text,
    update_pattern,
)

_PART = identifier('"')
_TABLE = rf"ALTER\s+TABLE\s+(?:main\.)?(?P<table>{_PART})\s+"
_DROP_COLUMN = rf"{_TABLE}DROP\s+(?:COLUMN\s+)?(?P<column>{_PART})"
_DROP_CONSTRAINT = rf"{_TABLE}DROP\s+CONSTRAINT\s+(?P<name>{_PART})"
_ADD_COLUMN = (
    rf"{_TABLE}ADD\s+(?:COLUMN\s+)?(?P<column>{_PART})\s+(?P<type>\w+)"
    r"(?P<first>\s+NOT\s+NULL)?\s+DEFAULT\s+(?P<default>\(.+\)|CURRENT_\w+)(?P<last>\s+NOT\s+NULL)?"
)
# the SQLAlchemy types for the type names of SQLite
_TYPES = {
    "TEXT": "Text", "INTEGER": "Integer", "DATE": "Date", "DATETIME": "DateTime", "REAL": "REAL",
    "TIMESTAMP": "TIMESTAMP", "BOOLEAN": "Boolean", "NUMERIC": "Numeric", "BLOB": "LargeBinary",
}  # fmt: skip


def _in_batch(table: str, line: str) -> tuple[SafeStep, ...]:
    # https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes
    block = f"with op.batch_alter_table({python_text(bare(table))}) as batch_op:"
    return (SafeStep(code=f"{block}\n    batch_op.{line}"),)


def _without_column(match: re.Match[str], read: Read) -> tuple[SafeStep, ...]:
    """Copy the table without the column, and drop the indexes of the column first."""
    table, column = bare(match["table"]), bare(match["column"])
    indexes = [
        SafeStep(code=f"op.drop_index({python_text(row[1])}, {python_text(table)})")
        for row in read(f"PRAGMA index_list('{table}')")
        if row[3] == "c" and column in {one[2] for one in read(f"PRAGMA index_info('{row[1]}')")}
    ]
    return (*indexes, *_in_batch(match["table"], f"drop_column({python_text(column)})"))


def _without_constraint(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    return _in_batch(match["table"], f"drop_constraint({python_text(bare(match['name']))})")


def _new_column(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    """Copy the table with a column whose default is computed."""
    type_ = _TYPES.get(match["type"].upper())
    if type_ is None:
        return ()
    nullable = ", nullable=False" if match["first"] or match["last"] else ""
    default = python_text(match["default"].removeprefix("(").removesuffix(")"))
    return _in_batch(
        match["table"],
        f"add_column(sa.Column({python_text(bare(match['column']))}, sa.{type_}{nullable},"
        f" server_default=sa.text({default})))",
    )


_RECIPES: tuple[tuple[str, Recipe], ...] = (
    (_DROP_CONSTRAINT, _without_constraint),
    (_DROP_COLUMN, _without_column),
    (_ADD_COLUMN, _new_column),
    (update_pattern('"'), backfill),
)
_COMPILED = compiled(_RECIPES)


def safe_steps(statement: str, read: Read) -> tuple[SafeStep, ...]:
    """Return the steps that may replace a statement; empty if no recipe matches."""
    return first_steps(_COMPILED, statement, read)
