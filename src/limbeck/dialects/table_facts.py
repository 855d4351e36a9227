"""What a table that limbeck keeps for itself is, and who can change what it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Facts about a table whose rows decide what is run.

    Args:
        is_table: it is a plain table and no view or the like.
        columns: the names of its columns.
        owner: the name of an owner who is neither this user, nor a role that this user is a member
            of, nor the owner of the database, nor a superuser; None otherwise.
        triggers: the names of its triggers and rules.
        hides_rows: row security decides which rows this user reads.
    """

    is_table: bool = True
    columns: frozenset[str] = frozenset()
    owner: str | None = None
    triggers: tuple[str, ...] = ()
    hides_rows: bool = False

    def fault(self, columns: frozenset[str], *, accept_triggers: bool = False) -> str | None:
        """Return why the rows cannot be trusted, None where they can.

        Args:
            columns: those that the table has to have.
            accept_triggers: triggers and rules are no reason.
        """
        if not self.is_table:
            return "it is not a plain table"
        if missing := sorted(columns - self.columns):
            return f"it has no column {', '.join(missing)}"
        if self.owner is not None:
            return f"it belongs to {self.owner}"
        if self.hides_rows:
            return "row security hides rows of it from this user"
        if self.triggers and not accept_triggers:
            return f"it has triggers or rules: {', '.join(self.triggers)}"
        return None
