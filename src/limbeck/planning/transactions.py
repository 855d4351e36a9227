"""Which statements are committed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from limbeck.planning.move_runs import MoveRun
from limbeck.planning.plan import PlannedStatement, PlannedTransaction

_CHANGES_ROWS = ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "SELECT", "WITH")
_Part = tuple[str, list[PlannedStatement]]


def planned_transactions(
    runs: Sequence[MoveRun],
    *,
    is_transactional: bool,
    per_migration: bool,
    commits_ddl: bool,
    lock_order: Sequence[str],
) -> tuple[PlannedTransaction, ...]:
    """Return the transactions of a plan.

    Args:
        runs: the revisions with their statements.
        is_transactional: a rolled-back transaction takes its DDL with it.
        per_migration: each revision has a transaction of its own.
        commits_ddl: the server commits after each DDL statement.
        lock_order: the names of locks, the weakest first.
    """
    groups = [[one] for one in runs] if per_migration or not is_transactional else [list(runs)]
    found: list[PlannedTransaction] = []
    for group in groups:
        statements = [one for run in group for one in run.statements]
        for kind, part in _parts(statements, commits_ddl=commits_ddl):
            found.append(
                PlannedTransaction(
                    number=len(found) + 1,
                    kind=kind,
                    revisions=tuple(dict.fromkeys(one.revision for one in part)),
                    statements=tuple(part),
                    locks=_locks(part, lock_order),
                )
            )
    return tuple(found)


def _parts(statements: Iterable[PlannedStatement], *, commits_ddl: bool) -> Iterator[_Part]:
    """Split the statements of a transaction where it is committed."""
    part: list[PlannedStatement] = []
    kind = "transaction"
    for one in statements:
        wanted = "transaction"
        if one.is_outside:
            wanted = "autocommit"
        elif commits_ddl and not one.sql.lstrip(" (\n").upper().startswith(_CHANGES_ROWS):
            wanted = "implicit commit"
        if part and (wanted != kind or wanted != "transaction"):
            yield kind, part
            part = []
        kind = wanted
        part.append(one)
    if part:
        yield kind, part


def _locks(statements: Iterable[PlannedStatement], order: Sequence[str]) -> Mapping[str, str]:
    """Return, for each table, the strongest lock that is held at the end."""
    rank = {name: place for place, name in enumerate(order)}
    found: dict[str, str] = {}
    for one in statements:
        for table, lock in one.locks.items():
            if table not in found or rank.get(lock, -1) > rank.get(found[table], -1):
                found[table] = lock
    return found
