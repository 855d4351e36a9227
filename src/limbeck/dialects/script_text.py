"""Return the text of a statement, and the lines that a script writes around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import ExecutableDDLElement

from limbeck.dialects.dialect import Capabilities

_PROGRAM = re.compile(
    r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?(?:AGGREGATE\s+)?"
    r"(?:FUNCTION|PROCEDURE|TRIGGER|EVENT)\b",
    re.IGNORECASE,
)

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.engine import Dialect as EngineDialect

    from limbeck.dialects.dialect import Dialect


def sql_text(
    statement: Executable | str,
    dialect: EngineDialect,
    *,
    literal_binds: bool = True,
    parameters: Mapping[str, Any] | None = None,
    schema_translate_map: Mapping[str | None, str | None] | None = None,
) -> str:
    """Return a statement as text for a database.

    Args:
        statement: a construct, or text with `:name` parameters.
        dialect: SQLAlchemy's dialect.
        literal_binds: write parameters as literals; DDL has none.
        parameters: values for parameters without a value.
        schema_translate_map: other names for schemas, as SQLAlchemy's execution option.
    """
    executable = sa.text(statement) if isinstance(statement, str) else statement
    if parameters:
        executable = _with_parameters(executable, parameters)
    keywords: dict[str, Any] = {"dialect": dialect}
    if schema_translate_map:
        keywords["schema_translate_map"] = dict(schema_translate_map)
        keywords["render_schema_translate"] = True
    if literal_binds and not isinstance(executable, ExecutableDDLElement):
        keywords["compile_kwargs"] = {"literal_binds": True}
    compiled = executable.compile(**keywords)  # type: ignore[attr-defined]
    return undoubled(compiled)


def undoubled(compiled: Any) -> str:
    """Return compiled SQL without the doubled percent signs that only drivers need."""
    text = str(compiled)
    return text.replace("%%", "%") if compiled.preparer._double_percents else text


def _with_parameters(statement: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(statement, sa.TextClause):
        known = {name: value for name, value in parameters.items() if name in statement._bindparams}
        return statement.bindparams(**known)
    if isinstance(statement, sa.Insert | sa.Update):
        return statement.values(**parameters)
    return statement.params(**parameters) if hasattr(statement, "params") else statement


_QUOTED_OR_TAB = re.compile(
    r"--[^\n]*|/\*.*?\*/|'[^']*'|\"[^\"]*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$|\t", re.DOTALL
)


def without_tabs(text: str) -> str:
    """Return a statement with its tabs replaced by spaces, except within quotes.

    Args:
        text: the statement. If a backslash precedes a quote, which then ends a string on some
            servers only, nothing is replaced.
    """
    if "\t" not in text or "\\'" in text or '\\"' in text:
        return text
    return _QUOTED_OR_TAB.sub(lambda match: match[0] if len(match[0]) > 1 else "    ", text)


def script_text(text: str, capabilities: Capabilities) -> str:
    """Return a statement as written in a script: with its end and the batch separator."""
    return "\n\n".join(script_parts(text, capabilities))


def script_parts(text: str, capabilities: Capabilities) -> tuple[str, ...]:
    """Return the parts that a script contains for a statement: its text, and any separator."""
    mark = capabilities.delimiter
    if mark is not None and _PROGRAM.match(text) and ";" in text.strip().removesuffix(";"):
        while mark in text:
            mark += "$"
        return (f"DELIMITER {mark}\n{text.strip().removesuffix(';')}{mark}\nDELIMITER ;",)
    ended = without_tabs(text).strip() + capabilities.statement_end
    separator = capabilities.batch_separator
    return (ended,) if separator is None else (ended, separator)


def as_configured(dialect: Dialect, opts: Mapping[str, Any]) -> Dialect:
    """Return a dialect with the script options of `context.configure`.

    Args:
        dialect: the record.
        opts: the options; `mssql_batch_separator` and `oracle_batch_separator` are used.
    """
    separator = opts.get(f"{dialect.name}_batch_separator")
    if separator is None:
        return dialect
    capabilities = replace(dialect.capabilities, batch_separator=separator or None)
    return replace(dialect, capabilities=capabilities)


def begin_text(capabilities: Capabilities) -> str | None:
    """Return the text of a script that begins a transaction; None if there is none."""
    if capabilities.begin is None:
        return None
    # if statements have no end, the separator runs them
    runs = "" if capabilities.statement_end else f"\n\n{capabilities.batch_separator}"
    return _transaction_text(capabilities.begin, capabilities) + runs


def commit_text(capabilities: Capabilities) -> str | None:
    """Return the text of a script that ends a transaction; None if there is none."""
    return (
        None
        if capabilities.commit is None
        else _transaction_text(capabilities.commit, capabilities)
    )


def _transaction_text(text: str, capabilities: Capabilities) -> str:
    return text + capabilities.statement_end


def comment_text(words: str) -> str:
    """Return text as SQL comments of a script, including its line breaks."""
    return "\n".join(f"-- {line}" if line else "--" for line in words.splitlines() or [""])
