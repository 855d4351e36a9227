"""A listing of tables without the one that limbeck keeps beside them for the length of a run."""

from __future__ import annotations

import re

_LISTING = re.compile(
    r"\s*SHOW\s+(?:EXTENDED\s+)?(?:FULL\s+)?TABLES\s+(?:FROM|IN)\s+"
    r"(?:`(?P<quoted>(?:[^`]|``)+)`|(?P<plain>\w+))\s*;?\s*\Z",
    re.IGNORECASE,
)


def without_table(statement: str, table: str) -> str:
    """Return a statement that lists the tables of a database so that it leaves one out.

    Args:
        statement: any statement; what lists no tables is returned as it is.
        table: the name of the table.
    """
    match = _LISTING.match(statement)
    if match is None:
        return statement
    database = match["quoted"] or match["plain"]
    literal = table.replace("\\", "\\\\").replace("'", "''").replace("%", "%%")
    column = f"Tables_in_{database}"
    return f"{statement.strip().rstrip(';')} WHERE `{column}` <> '{literal}'"
