"""Write reflected options and exclusion constraints of a table as SQLAlchemy objects."""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum, column, text
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM, ExcludeConstraint

from limbeck.sql import POSTGRESQL, closing_index, split_top_level, tokenize, unquote

if TYPE_CHECKING:
    from limbeck.catalog import Exclude, Table

_NAME = r'(?:"(?:[^"]|"")+"|[a-z_]\w*)'
_LABEL = r"'(?:[^']|'')*'::character varying"
# A list of varchar values that IN compares with a varchar: if the text were read again, its cast
# would be folded into the values.
_LISTED = re.compile(
    rf"\(({_NAME})\)::text (=|<>) (ANY|ALL) "
    rf"\(\(ARRAY\[({_LABEL}(?:, {_LABEL})*)\]\)::text\[\]\)"
)
_EXCLUDE = re.compile(r"EXCLUDE USING (\w+) \(", re.IGNORECASE)
_WHERE = re.compile(r"\s*WHERE \((.*)\)$", re.DOTALL)


def reparseable(sql: str) -> str:
    """Return an expression that the server prints in the same way as this one."""
    return _LISTED.sub(r"\1 \2 \3 (ARRAY[\4])", sql)


def table_keywords(table: Table, _dialect: str) -> dict[str, Any]:
    """Return the keywords of a table for its options."""
    keywords: dict[str, Any] = {}
    parameters = {word[5:]: value for word, value in table.extras if word.startswith("with.")}
    if parameters:
        keywords["postgresql_with"] = parameters
    for word, value in table.extras:
        if word == "unlogged":
            keywords["prefixes"] = ["UNLOGGED"]
        elif word in {"inherits", "partition_by", "tablespace"}:
            keywords[f"postgresql_{word}"] = value
    return keywords


def without_create_type(type_: Any) -> Any:
    """Return a named type as one that an operation of the draft creates, instead of its table.

    A script cannot check whether the type exists, and a second CREATE TYPE fails.
    """
    if not type(type_).__module__.startswith("sqlalchemy.") or not getattr(type_, "name", None):
        return type_
    if not getattr(type_, "create_type", True):
        return type_
    if isinstance(type_, Enum) and type_.native_enum:
        return ENUM(*type_.enums, name=type_.name, schema=type_.schema, create_type=False)
    if isinstance(type_, DOMAIN):
        twin = copy(type_)
        twin.create_type = False
        return twin
    return type_


def exclude(part: Exclude) -> ExcludeConstraint:
    """Return an exclusion constraint for its definition as the server prints it.

    Raises:
        ValueError: the text does not define an exclusion constraint.
    """
    definition = part.definition.text
    start = _EXCLUDE.match(definition)
    if start is None:
        raise ValueError(f"not an exclusion constraint: {definition}")
    opening = start.end() - 1
    tokens = tokenize(definition[opening:], POSTGRESQL)
    closing = closing_index(tokens, 0)
    if closing is None:
        raise ValueError(f"not an exclusion constraint: {definition}")
    inner = definition[opening + 1 : opening + tokens[closing].start]
    members = [member.strip() for member in split_top_level(inner, ",", POSTGRESQL)]
    where = _WHERE.match(definition[opening + tokens[closing].end :])
    known = dict(part.extras)
    initially = known.get("initially")
    return ExcludeConstraint(
        *[_member(member) for member in members],
        name=part.name,
        using=start[1],
        where=text(_inner(where[1])) if where else None,
        deferrable=True if known.get("deferrable") else None,
        initially=str(initially).upper() if initially else None,
    )


def _inner(sql: str) -> str:
    tokens = tokenize(sql, POSTGRESQL)
    is_enclosed = sql.startswith("(") and closing_index(tokens, 0) == len(tokens) - 1
    return sql[1:-1] if is_enclosed else sql


def _member(words: str) -> tuple[Any, str]:
    expression, _, operator = words.rpartition(" WITH ")
    plain = re.fullmatch(_NAME, expression)
    if plain is None:
        return text(expression), operator
    return column(unquote(expression)), operator
