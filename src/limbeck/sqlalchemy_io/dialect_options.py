"""Read the dialect options of SQLAlchemy objects as extras of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.sql.compiler import DDLCompiler

from limbeck.catalog import Extras, Scalar
from limbeck.operations import dialect_keywords

_MOMENTARY = frozenset(
    {"concurrently", "if_not_exists", "on_commit", "with_oids", "autoincrement", "auto_increment"}
)
"""Options of a single statement, or that are read elsewhere; they are not table properties."""

_SPELLINGS = {
    "default_charset": "charset",
    "character_set": "charset",
    "default_character_set": "charset",
    "default_collate": "collate",
}

OptionValues = dict[str, "Scalar | tuple[str, ...]"]


def options_of(item: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the options that were given to an item for one dialect.

    Args:
        item: an object that accepts `<dialect>_<option>` keywords.
        names: prefixes, in descending order of precedence.

    Returns:
        Options without prefix, except those that are None.
    """
    given = dialect_keywords(item)
    if not given:
        return {}
    options: dict[str, Any] = {}
    for name in reversed(names):
        prefix = f"{name}_"
        for key, value in given.items():
            if key.startswith(prefix) and value is not None:
                options[key[len(prefix) :]] = value
    return options


def table_extras(table: Table, compiler: DDLCompiler, names: tuple[str, ...]) -> Extras:
    """Return a table's options as CREATE TABLE sets them."""
    options: OptionValues = {}
    if "UNLOGGED" in map(str.upper, table._prefixes):
        options["unlogged"] = True
    given = _table_options(table, compiler, names) if dialect_keywords(table) else {}
    for key, value in given.items():
        if key == "with_rowid":
            options["without_rowid"] = not value
        elif key in _MOMENTARY or key == "comment":
            continue
        elif key == "inherits":
            parents = value if isinstance(value, (list, tuple)) else (value,)
            options[key] = tuple(str(parent) for parent in parents)
        elif isinstance(value, Mapping):
            options.update({f"{key}.{name}": word(inner) for name, inner in value.items()})
        else:
            options[_SPELLINGS.get(key, key)] = value if isinstance(value, bool) else str(value)
    return pairs(options)


def _table_options(table: Table, compiler: DDLCompiler, names: tuple[str, ...]) -> dict[str, Any]:
    own = options_of(table, names[:1])
    inherited = options_of(table, names[1:])
    if not inherited:
        return own
    # A dialect that is derived from another may or may not support the other's options: the
    # output of its CREATE TABLE decides.
    printed = compiler.post_create_table(table)
    for key, value in inherited.items():
        shown = next(iter(value), "") if isinstance(value, Mapping) else value
        if isinstance(value, bool) or str(shown) in printed:
            own.setdefault(key, value)
    return own


def view_options(ddl: Any, names: tuple[str, ...]) -> Extras:
    """Return the options of a CREATE VIEW as the server shows them.

    Args:
        ddl: SQLAlchemy's CreateView.
        names: prefixes of the dialect's options.
    """
    given = options_of(ddl, names).get("with") or {}
    shown = tuple(sorted(f"{name}={word(value)}" for name, value in given.items()))
    return (("options", shown),) if shown else ()


def word(value: Any) -> str:
    """Return an option's value as SQL text."""
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def pairs(options: OptionValues) -> Extras:
    """Return options as sorted pairs, except those that are None."""
    return tuple(sorted((k, v) for k, v in options.items() if v is not None and v is not False))
