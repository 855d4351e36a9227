"""Facts about one of limbeck's tables, and who can change its rows."""

from __future__ import annotations

from dataclasses import dataclass

from limbeck.text import visible_line


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Facts about a table whose rows determine what is run.

    Args:
        is_table: it is a plain table, not a view or the like.
        columns: the names of its columns.
        owner: the name of its owner, unless the owner is this user, a role that this user is a
            member of, the owner of the database, or a superuser; otherwise None.
        triggers: the names of its triggers and rules.
        hides_rows: row security determines which rows this user can read.
    """

    is_table: bool = True
    columns: frozenset[str] = frozenset()
    owner: str | None = None
    triggers: tuple[str, ...] = ()
    hides_rows: bool = False

    def fault(self, columns: frozenset[str], *, accept_triggers: bool = False) -> str | None:
        """Return why the rows cannot be trusted; None if they can.

        Args:
            columns: the columns that the table must have.
            accept_triggers: ignore triggers and rules.
        """
        if not self.is_table:
            return "it is not a plain table"
        if missing := sorted(columns - self.columns):
            return f"it has no column {', '.join(missing)}"
        if self.owner is not None:
            return f"it belongs to {visible_line(self.owner)}"
        if self.hides_rows:
            return "row security hides rows of it from this user"
        if self.triggers and not accept_triggers:
            return f"it has triggers or rules: {visible_line(', '.join(self.triggers))}"
        return None
