"""Keyword arguments of directives: which exist, and the nearest name of one that does not."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from limbeck.errors import UnknownKeywordError

# SQLAlchemy's own dialects; an outside one is known when the database is of it
_DIALECTS = frozenset({"mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite"})
_CONSTRAINT = frozenset({"comment", "deferrable", "info", "initially"})
_SEQUENCE = frozenset(
    {"cache", "cycle", "data_type", "increment", "maxvalue", "minvalue", "owned_by", "start"}
)
# what is passed on by `**kw`, apart from the options of dialects
_PASSED_ON: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "alter_column": frozenset({"autoincrement", "existing_autoincrement", "postgresql_using"}),
        "alter_sequence": _SEQUENCE,
        "create_check_constraint": _CONSTRAINT,
        "create_exclude_constraint": _CONSTRAINT | {"ops", "schema", "using", "where"},
        "create_foreign_key": _CONSTRAINT | {"use_alter"},
        "create_index": frozenset({"info", "quote"}),
        "create_sequence": _SEQUENCE,
        "create_table": frozenset(
            {
                "comment", "extend_existing", "implicit_returning", "info", "keep_existing",
                "listeners", "prefixes", "quote", "quote_schema", "schema",
            }
        ),
        "create_unique_constraint": _CONSTRAINT | {"schema"},
        "drop_column": frozenset({"if_exists"}),
        "drop_index": frozenset({"info", "quote"}),
        "drop_table": frozenset({"comment", "info", "prefixes"}),
    }
)  # fmt: skip
# dialects of which limbeck itself reads the options, where SQLAlchemy does not check them
_READ_HERE = MappingProxyType({"alter_column": "postgresql"})


def refuse_unknown_keywords(
    name: str, signature: inspect.Signature, given: Mapping[str, Any], context: Any
) -> None:
    """Refuse keyword arguments that a directive does not have.

    In projects of Alembic's, what a directive passes on is not checked, as in Alembic.

    Args:
        name: the directive.
        signature: its parameters.
        given: the keyword arguments of a call.
        context: the migration context.

    Raises:
        UnknownKeywordError: there is one that it does not have.
    """
    parameters = signature.parameters
    unknown = [word for word in given if word not in parameters]
    if not unknown:
        return
    passes_on = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    if passes_on and getattr(context, "opts", {}).get("detect") != "all":
        return
    extra = _PASSED_ON.get(name, frozenset()) if passes_on else frozenset()
    for word in unknown:
        if word in extra or (passes_on and _is_option_of_dialect(name, word, context)):
            continue
        known = [
            one.name
            for one in parameters.values()
            if one.name != "self" and one.kind in {one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD}
        ]
        near = get_close_matches(word, [*known, *sorted(extra)], n=1)
        raise UnknownKeywordError(
            f"op.{name}() has no keyword argument {word!r}",
            hint=f"Did you mean {near[0]!r}?"
            if near
            else f"It has {', '.join([*known, *sorted(extra)])}.",
        )


def _is_option_of_dialect(name: str, word: str, context: Any) -> bool:
    dialect = getattr(context, "dialect", None)
    known = {*_DIALECTS, getattr(dialect, "name", "")} - {_READ_HERE.get(name)}
    return any(word.startswith(f"{one}_") for one in known if one)
