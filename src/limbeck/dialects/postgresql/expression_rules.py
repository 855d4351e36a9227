"""Normalize the text of PostgreSQL's expressions without the server."""

from __future__ import annotations

import json
import re
from datetime import datetime

from limbeck.catalog import Type
from limbeck.dialects.postgresql import type_names
from limbeck.sql import POSTGRESQL, Grammar, canonicalize, quote_literal, unquote_literal


def _type_spelling(text: str) -> str:
    name, bracket, rest = text.partition("(")
    return type_names.ALIASES.get(name, name) + bracket + rest


GRAMMAR = Grammar(
    quoting=POSTGRESQL,
    functions={"pg_catalog.now": "now"},
    bare_calls=frozenset({"current_timestamp", "current_date", "localtimestamp"}),
    typed_strings=True,
    type_spelling=_type_spelling,
)
_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})
_STRING = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)\s*", re.IGNORECASE)


class PostgresqlExpressionNormalizer:
    """Normalizes the text of expressions and caches the results."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str, Type | None], str] = {}

    def __call__(self, text: str, role: str, type_: Type | None = None) -> str:
        """Return the normalized text of an expression."""
        cache_key = (text, role, type_ if role == "default" else None)
        result = self.known.get(cache_key)
        if result is None:
            result = self.known[cache_key] = _spelling(text, role, type_)
        return result


def _spelling(text: str, role: str, type_: Type | None) -> str:
    if role == "body":
        return text.strip().removesuffix(";")
    if role != "default":
        return canonicalize(text, GRAMMAR)
    canonical = canonicalize(text, GRAMMAR, is_default=True)
    return canonical if type_ is None or type_.dimensions else _literal(canonical, type_)


def _literal(text: str, type_: Type) -> str:
    match = _STRING.fullmatch(text)
    if match is None:
        return text
    value = unquote_literal(text)
    name = type_.name
    if name == "boolean":
        lower = value.strip().lower()
        return "true" if lower in _TRUE else "false" if lower in _FALSE else text
    if type_names.is_number(type_):
        number = _NUMBER.fullmatch(value)
        return number[1].removeprefix("+") if number else text
    if name in {"json", "jsonb"}:
        return _json(value, text, sorts=name == "jsonb")
    if name in {"date", "timestamp without time zone"}:
        return _moment(value, text, is_date=name == "date")
    return text


def _json(value: str, text: str, *, sorts: bool) -> str:
    try:
        return quote_literal(json.dumps(json.loads(value), sort_keys=sorts))
    except ValueError:
        return text


def _moment(value: str, text: str, *, is_date: bool) -> str:
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return text
    if moment.tzinfo is not None:
        return text
    return quote_literal(str(moment.date() if is_date else moment))
