"""Triggers: the server stores their parts, the models declare a complete statement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from limbeck.catalog import Definition, Key
from limbeck.dialects.mysql.catalog_queries import quote
from limbeck.diff import Alter, Change, Create, Drop

_NAME = r"(?:`(?:[^`]|``)*`|[\w$]+)"
_STATEMENT = re.compile(
    rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?TRIGGER\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}(?:\.{_NAME})?\s+(BEFORE|AFTER)\s+(INSERT|UPDATE|DELETE)\s+"
    rf"ON\s+{_NAME}(?:\.{_NAME})?\s+FOR\s+EACH\s+ROW\s+(.*)",
    re.IGNORECASE | re.DOTALL,
)


def normalized_text(text: str) -> str | None:
    """Return the normalized text of a CREATE TRIGGER; None for other statements."""
    match = _STATEMENT.match(text)
    if match is None:
        return None
    moment, event, body = match.groups()
    return f"{moment.upper()} {event.upper()} {' '.join(body.split())}"


def whole(key: Key, moment: str, body: str) -> str:
    """Return the statement that creates a trigger.

    Args:
        key: the key of the trigger.
        moment: time and event, such as `BEFORE INSERT`.
        body: the statement that the trigger runs.
    """
    _, table, name = key.path
    return f"CREATE TRIGGER {quote(str(name))} {moment} ON {quote(str(table))} FOR EACH ROW {body}"


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for a trigger; nothing for other objects."""
    match change:
        case Create(what=Definition() as obj) if obj.key.kind == "trigger":
            yield obj.body.text
        case Drop(what=Definition() as obj) if obj.key.kind == "trigger":
            yield f"DROP TRIGGER {quote(obj.key.name)}"
        case Alter(old=Definition() as old, new=Definition() as new) if new.key.kind == "trigger":
            yield f"DROP TRIGGER {quote(old.key.name)}"
            yield new.body.text
