"""Normalize both catalogs. SQLite stores text as written, so the text is compared."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from limbeck.catalog import Catalog, Type
from limbeck.dialects.canonical import canonicalized
from limbeck.dialects.implicit_defaults import DefaultRules, without_comments, without_defaults
from limbeck.dialects.own_queries import collector_paused
from limbeck.sql import SQLITE, Grammar, canonicalize

if TYPE_CHECKING:
    from sqlalchemy import Connection

GRAMMAR = Grammar(
    quoting=SQLITE,
    case_insensitive=True,
    constants={"true": "1", "false": "0"},
)
RULES = DefaultRules(nulls_follow_order=False)
_ALIASES = {
    "int": "integer", "bool": "boolean", "dec": "decimal", "character": "char",
    "character varying": "varchar", "char varying": "varchar", "double_precision":
    "double precision", "national character varying": "nvarchar", "native character": "nchar",
}  # fmt: skip
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"([^\W\d]\w*)\"""")
_NUMBER = re.compile(r"'([-+]?\d+(?:\.\d+)?)'")
_NUMERIC = re.compile(r"int|real|floa|doub|num|dec|bool")


@collector_paused()
def normalize(
    have: Catalog, want: Catalog, connection: Connection | None
) -> tuple[Catalog, Catalog]:
    """Return both catalogs normalized; the connection is not used."""
    del connection
    canonical = _Canonicalizer()
    return (
        canonicalized(without_defaults(have, RULES), canonical, canonical_type),
        canonicalized(
            without_defaults(_as_printed(without_comments(want, frozenset())), RULES),
            canonical,
            canonical_type,
        ),
    )


def _as_printed(want: Catalog) -> Catalog:
    """Remove the name of an AUTOINCREMENT key, which SQLAlchemy does not write."""
    bare = [
        replace(table, primary_key=replace(table.primary_key, name=None))
        for table in want.tables
        if table.primary_key is not None
        and table.primary_key.name is not None
        and any(("autoincrement", True) in column.extras for column in table.columns)
    ]
    return want.merge(bare) if bare else want


def canonical_type(type_: Type) -> Type:
    """Return a type with SQLAlchemy's synonyms replaced; affinity is not compared."""
    name, args = type_.name, type_.args
    if name != name.lower() or '"' in name:
        parsed = Type.parse(name)
        name, args = parsed.name, args or parsed.args
    collation = type_.collation.upper().replace('"', "") if type_.collation else None
    return Type(
        _ALIASES.get(name, name),
        args,
        None if collation == "BINARY" else collation,
        type_.dimensions,
        None,
        type_.extras,
    )


class _Canonicalizer:
    def __init__(self) -> None:
        self.known: dict[tuple[str, str, str], str] = {}

    def __call__(self, text: str, role: str, type_: Type | None = None) -> str:
        """Return the canonical text of an expression."""
        kind = type_.name if type_ is not None and role == "default" else ""
        cache_key = (text, role, kind)
        result = self.known.get(cache_key)
        if result is None:
            result = self.known[cache_key] = _canonical_text(text, role, kind)
        return result


def _canonical_text(text: str, role: str, kind: str) -> str:
    if role == "body":
        # a rename writes the new name in quotes
        return " ".join(_QUOTED.sub(lambda match: match[1] or match[0], text).split())
    canonical = canonicalize(text, GRAMMAR, is_default=role == "default")
    number = _NUMBER.fullmatch(canonical) if kind and _NUMERIC.search(kind) else None
    return number[1].removeprefix("+") if number else canonical
