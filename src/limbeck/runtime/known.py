"""What a run knows of the tables that it changes, so that it need not ask before each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects import Glance, Outline

_MARK = "there: "


class Known:
    """Says whether the name that a statement adds or drops is there, as a trace.

    What it was told by the database holds under the run lock until something is sent of which
    it cannot tell what it does.

    Args:
        outline: how statements and tables of this database are read; None where nobody can.
    """

    def __init__(self, outline: Outline | None) -> None:
        self._outline = outline
        # by the last part of the name in small letters, then by the name as it was written
        self._tables: dict[str, dict[str, frozenset[str] | None]] = {}

    def glance(self, statement: str) -> Glance | None:
        """Say what a statement does, where that can be told by a name."""
        return None if self._outline is None else self._outline.glance(statement)

    def look(self, connection: Connection, seen: Glance) -> str | None:
        """Return a trace of what a statement acts on; None where the table cannot be seen."""
        if self._outline is None:
            return None
        tables = self._tables.setdefault(_last(seen.table), {})
        if seen.table not in tables:
            try:
                tables[seen.table] = self._outline.columns(connection, seen.table)
            except LookupError:
                return None
        columns = tables[seen.table]
        if seen.column is None:
            return f"{_MARK}{columns is not None}"
        return f"{_MARK}{columns is not None and seen.column in columns}"

    def learn(self, seen: Glance) -> None:
        """Take note that a statement has run."""
        # other spellings may be other tables, or this one
        tables = self._tables.pop(_last(seen.table), {})
        columns = tables.get(seen.table)
        if columns is not None and seen.column is not None:
            name = frozenset((seen.column,))
            now = columns | name if seen.adds else columns - name
            self._tables[_last(seen.table)] = {seen.table: now}

    def forget(self) -> None:
        """Take everything for unknown again."""
        self._tables.clear()


def _last(table: str) -> str:
    return table.replace("`", "").rpartition(".")[2].lower()


def is_glanced(trace: str) -> bool:
    """Say whether a trace is of names; those of older versions never are."""
    return trace.startswith(_MARK)
