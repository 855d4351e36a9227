"""Triggers: the server keeps their parts, the models a whole statement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from limbeck.catalog import Catalog, Definition, Expr
from limbeck.dialects.mysql.catalog_queries import quote
from limbeck.diff import Alter, Change, Create, Drop
from limbeck.values import replace

_NAME = r"(?:`(?:[^`]|``)*`|[\w$]+)"
_STATEMENT = re.compile(
    rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?TRIGGER\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}(?:\.{_NAME})?\s+(BEFORE|AFTER)\s+(INSERT|UPDATE|DELETE)\s+"
    rf"ON\s+{_NAME}(?:\.{_NAME})?\s+FOR\s+EACH\s+ROW\s+(.*)",
    re.IGNORECASE | re.DOTALL,
)


def spelling(text: str) -> str | None:
    """Return the one spelling of a CREATE TRIGGER, None for any other text."""
    match = _STATEMENT.match(text)
    if match is None:
        return None
    moment, event, body = match.groups()
    return f"{moment.upper()} {event.upper()} {' '.join(body.split())}"


def with_statements(have: Catalog) -> Catalog:
    """Return a catalog whose triggers have the statement that creates them."""
    triggers = [
        replace(thing, body=Expr(_whole(thing)))
        for thing in have
        if isinstance(thing, Definition) and thing.key.kind == "trigger"
    ]
    return have.merge(triggers) if triggers else have


def _whole(thing: Definition) -> str:
    moment, event, body = thing.body.text.split(" ", 2)
    _, table, name = thing.key.path
    return (
        f"CREATE TRIGGER {quote(str(name))} {moment} {event} ON {quote(str(table))}"
        f" FOR EACH ROW {body}"
    )


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for a trigger; nothing for anything else."""
    match change:
        case Create(what=Definition() as thing) if thing.key.kind == "trigger":
            yield thing.body.text
        case Drop(what=Definition() as thing) if thing.key.kind == "trigger":
            yield f"DROP TRIGGER {quote(thing.key.name)}"
        case Alter(old=Definition() as old, new=Definition() as new) if new.key.kind == "trigger":
            yield f"DROP TRIGGER {quote(old.key.name)}"
            yield new.body.text
