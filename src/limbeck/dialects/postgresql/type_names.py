"""PostgreSQL's spelling of column types, and its conversion to SQL."""

from __future__ import annotations

import re
from dataclasses import replace

from limbeck.catalog import Type
from limbeck.sql import quote_identifier, quote_path

ALIASES = {
    "varchar": "character varying", "char varying": "character varying", "char": "character",
    "national character varying": "character varying", "nchar": "character",
    "national character": "character", "int": "integer", "int4": "integer", "int8": "bigint",
    "int2": "smallint", "serial": "integer", "bigserial": "bigint", "smallserial": "smallint",
    "serial4": "integer", "serial8": "bigint", "serial2": "smallint", "float4": "real",
    "float8": "double precision", "dec": "numeric", "decimal": "numeric", "bool": "boolean",
    "timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
    "timetz": "time with time zone", "time": "time without time zone", "varbit": "bit varying",
    "bpchar": "character",
}  # fmt: skip
_ONE = {"character", "bit"}
_SINGLE_PRECISION = 24
_INTEGERS = frozenset({"integer", "bigint", "smallint"})
_NUMBERS = _INTEGERS | {"numeric", "real", "double precision"}
_BUILT_IN = re.compile(r"[a-z][a-z0-9_ ]*")


def canonical_type(type_: Type) -> Type:
    """Return a type as format_type would spell it."""
    dimensions = min(type_.dimensions, 1)
    if type_.ref is not None:
        collation = _collation(type_.collation)
        return Type(type_.ref.name, (), collation, dimensions, type_.ref)
    name, args = type_.name, type_.args
    if not _BUILT_IN.fullmatch(name) or "." in name:
        parsed = Type.parse(str(replace(type_, collation=None)))
        name, args = parsed.name, parsed.args
        dimensions = min(parsed.dimensions, 1)
    name = ALIASES.get(name, name)
    if name.endswith("[]"):
        name, dimensions = name[:-2], 1
    if name == "float":
        wide = not args or int(args[0]) > _SINGLE_PRECISION
        name, args = ("double precision" if wide else "real"), ()
    elif name == "numeric" and len(args) == 1:
        args = (args[0], "0")
    elif name in _ONE and not args:
        args = ("1",)
    elif name in {"double precision", "real"} or name in _INTEGERS:
        args = ()
    collation = _collation(type_.collation)
    return Type(name, args, collation, dimensions, None, ())


def _collation(name: str | None) -> str | None:
    if name is None:
        return None
    plain = name.replace('"', "").removeprefix("pg_catalog.")
    return None if plain == "default" else plain


def read(text: str) -> Type:
    """Return the type that format_type printed."""
    return canonical_type(Type.parse(text))


def is_integer(type_: Type) -> bool:
    """Return whether a column of this type can have a sequence."""
    return type_.name in _INTEGERS and not type_.dimensions


def is_number(type_: Type) -> bool:
    """Return whether the type holds numbers."""
    return type_.name in _NUMBERS and not type_.dimensions


def ddl(type_: Type) -> str:
    """Return the type as CREATE TABLE accepts it, collation included."""
    if type_.ref is not None:
        text = quote_path(*type_.ref.path)
    else:
        args = f"({','.join(type_.args)})" if type_.args else ""
        first, blank, rest = type_.name.partition(" ")
        if rest.endswith("time zone"):
            text = f"{first}{args}{blank}{rest}"
        else:
            text = f"{type_.name}{args}"
    text += "[]" * type_.dimensions
    if type_.collation is not None:
        path = type_.collation.split(".")
        text += " COLLATE " + ".".join(quote_identifier(word.strip('"')) for word in path)
    return text
