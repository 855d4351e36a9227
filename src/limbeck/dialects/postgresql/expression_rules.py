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
        place = (text, role, type_ if role == "default" else None)
        found = self.known.get(place)
        if found is None:
            found = self.known[place] = _spelling(text, role, type_)
        return found


def _spelling(text: str, role: str, type_: Type | None) -> str:
    if role == "body":
        return text.strip().removesuffix(";")
    if role != "default":
        return canonicalize(text, GRAMMAR)
    words = canonicalize(text, GRAMMAR, is_default=True)
    return words if type_ is None or type_.dimensions else _literal(words, type_)


def _literal(words: str, type_: Type) -> str:
    found = _STRING.fullmatch(words)
    if found is None:
        return words
    value = unquote_literal(words)
    name = type_.name
    if name == "boolean":
        lower = value.strip().lower()
        return "true" if lower in _TRUE else "false" if lower in _FALSE else words
    if type_names.is_number(type_):
        number = _NUMBER.fullmatch(value)
        return number[1].removeprefix("+") if number else words
    if name in {"json", "jsonb"}:
        return _json(value, words, sorts=name == "jsonb")
    if name in {"date", "timestamp without time zone"}:
        return _moment(value, words, is_date=name == "date")
    return words


def _json(value: str, words: str, *, sorts: bool) -> str:
    try:
        return quote_literal(json.dumps(json.loads(value), sort_keys=sorts))
    except ValueError:
        return words


def _moment(value: str, words: str, *, is_date: bool) -> str:
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return words
    if moment.tzinfo is not None:
        return words
    return quote_literal(str(moment.date() if is_date else moment))
