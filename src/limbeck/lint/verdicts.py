"""From the runs of a revision to the dangers of each of its statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from limbeck.errors import LimbeckError
from limbeck.lint.findings import sorted_dangers
from limbeck.lint.recorded_run import is_read
from limbeck.lint.rules import FAILS_ON_ROWS, MADE_NOT_NULL

if TYPE_CHECKING:
    from limbeck.dialects import Measured, Measurement
    from limbeck.lint.recorded_run import RecordedRun, RecordedStatement

# the strongest first: where nobody can read, that nobody can write goes without saying
_WAITS = (("select", "reads-long"), ("insert", "writes-long"), ("update", "updates-long"))


_LONG = frozenset({"reads-long", "writes-long", "updates-long"})
_FAILS = frozenset({"fails-always", "fails-on-rows"})


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one revision, each on a scratch database of its own.

    Attributes:
        empty: the tables have no rows.
        filled: they have rows that the constraints of the revision should accept.
        spoiled: they have NULLs, duplicates, orphans and extreme values as well.
        committing: like `empty`, with a commit after each statement; None where `empty` succeeded.
    """

    empty: RecordedRun
    filled: RecordedRun
    spoiled: RecordedRun
    committing: RecordedRun | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one statement does.

    Attributes:
        statement: the statement of the run in which it was measured.
        dangers: names of `DANGERS`.
        details: the reasons, in words.
    """

    statement: RecordedStatement
    dangers: tuple[str, ...]
    details: tuple[str, ...]

    @property
    def measured(self) -> Measured | None:
        """What was measured, None where the statement failed in each run."""
        return self.statement.measured


def judge(runs: Runs, measurement: Measurement) -> Iterator[Verdict]:
    """Yield a verdict for each statement of a revision, in order."""
    broken = _breaking_statements(runs)
    mass_changes = _mass_changes(runs.filled, measurement)
    number = max(len(runs.empty.statements), len(runs.filled.statements))
    for index in range(number):
        best = _best(runs, index)
        dangers: set[str] = set()
        details: list[str] = []
        _add_failures(runs, index, measurement, dangers, details)
        if best.leaves_transaction:
            dangers.add("fails-in-tx")
            details.append("it cannot run inside a transaction")
        if best.ends_transaction:
            dangers.add("half-applied")
            details.append("it ends the transaction of the migration")
        _add_measured(runs, index, best, dangers, details)
        if index in mass_changes and not _LONG & dangers:
            dangers.add(measurement.mass_change)
            details.append(f"with it the transaction has changed {mass_changes[index]} rows")
        if "fails-on-rows" in dangers and _is_rejected_at_once(runs, index):
            dangers.discard("reads-long")
        if measurement.commits_ddl and index and not _FAILS.isdisjoint(dangers):
            dangers.add("half-applied")
            details.append("what precedes it in the revision is committed already")
        for query, reason in broken.get(index, {}).items():
            dangers.add("breaks")
            details.append(f"{query} of the running release fails: {reason}")
        yield Verdict(best, sorted_dangers(dangers), tuple(dict.fromkeys(details)))


def _add_measured(
    runs: Runs, index: int, best: RecordedStatement, dangers: set[str], details: list[str]
) -> None:
    """Add what was measured of a statement, and what it loses of spoiled rows."""
    restored = _restored_after(runs, index)
    if best.measured is not None:
        _add_effects(best.measured, restored, dangers, details)
    if index == len(runs.filled.statements) - 1 and runs.filled.missing:
        dangers.add("drops-objects")
        details.append(f"gone with a table: {', '.join(runs.filled.missing)}")
    spoiled = _at(runs.spoiled, index)
    if spoiled is not None and spoiled.measured is not None:
        known = {line.removeprefix("lost: ") for line in details}
        new = [one for one in _lost(spoiled.measured, restored) if one not in known]
        if new:
            dangers.add("loses")
            details.extend(f"lost: {one}" for one in new)
        if spoiled.measured.changed_behaviour:
            dangers.add("breaks")
            details.extend(spoiled.measured.changed_behaviour)
        if spoiled.changed_rows and spoiled.measured.is_long and not best.is_batch:
            _add_waits(spoiled.measured, dangers, details)  # most rows may have such values


def _at(run: RecordedRun | None, index: int) -> RecordedStatement | None:
    if run is None or index >= len(run.statements):
        return None
    return run.statements[index]


def _best(runs: Runs, index: int) -> RecordedStatement:
    """Return the statement of the run that says most of it."""
    found = [
        one
        for run in (runs.filled, runs.empty, runs.committing)
        if (one := _at(run, index)) is not None
    ]
    best = next((one for one in found if one.measured is not None), found[0])
    if best.is_batch and best.measured is not None:
        # others wait for a part of the rows, for a moment
        return replace(best, measured=replace(best.measured, is_long=False, blocks={}))
    return best


def _add_failures(
    runs: Runs,
    index: int,
    measurement: Measurement,
    dangers: set[str],
    details: list[str],
) -> None:
    empty = _at(runs.empty, index)
    if empty is not None and isinstance(empty.error, LimbeckError):
        details.append(f"it was not run: {empty.error.message}")
        return
    if empty is not None and empty.error is not None:
        committed = _at(runs.committing, index)
        is_transaction = measurement.refused_in_transaction(empty.error) or (
            committed is not None and committed.error is None
        )
        dangers.add("fails-in-tx" if is_transaction else "fails-always")
        details.append(f"it fails: {_words(empty.error)}")
        return
    for run in (runs.filled, runs.spoiled):
        one = _at(run, index)
        if one is not None and one.error is not None:
            dangers.add("fails-on-rows")
            details.append(f"{FAILS_ON_ROWS}{_words(one.error)}")
            if made := _made_not_null(runs, index):
                details.append(f"{MADE_NOT_NULL}{', '.join(made)}")
            if one.left_behind:
                dangers.add("half-applied")
                details.append(f"when it fails it leaves {', '.join(one.left_behind)}")
            return


def _made_not_null(runs: Runs, index: int) -> tuple[str, ...]:
    """Return the columns that the statement makes NOT NULL, from a run in which it succeeds."""
    found = (_at(run, index) for run in (runs.empty, runs.filled))
    measured = (one.measured for one in found if one is not None)
    return next((one.made_not_null for one in measured if one is not None), ())


def _is_rejected_at_once(runs: Runs, index: int) -> bool:
    """Return whether every row makes the statement fail, so that it is never slow."""
    filled = _at(runs.filled, index)
    return filled is not None and filled.error is not None and filled.rejects_every_row


def _mass_changes(run: RecordedRun, measurement: Measurement) -> dict[int, int]:
    """Return the statements with which a transaction has changed many rows, little by little."""
    found: dict[int, int] = {}
    changed = 0
    is_known = False
    for index, one in enumerate(run.statements):
        if one.is_outside or one.is_batch or (measurement.commits_ddl and not one.changed_rows):
            # what is outside has committed what was before; reads do not commit
            if not is_read(one.sql):
                changed, is_known = 0, False
            continue
        if one.changed_rows >= measurement.many_rows:
            continue  # what it does by itself was measured
        changed += one.changed_rows
        if changed >= measurement.many_rows and not is_known and one.changed_rows:
            found[index] = changed
            is_known = True
    return found


def _restored_after(runs: Runs, index: int) -> frozenset[str]:
    """Return the tables that a later statement puts in the place of one that was dropped."""
    return frozenset(
        name
        for statement in runs.filled.statements[index + 1 :]
        if statement.measured is not None
        for name in statement.measured.restored
    )


def _lost(measured: Measured, restored: frozenset[str]) -> list[str]:
    """Return what a statement loses; rows that were copied before come back."""
    copied = {f"the rows of table {name}" for name in restored}
    return [one for one in measured.lost if one not in copied]


def _add_effects(
    measured: Measured, restored: frozenset[str], dangers: set[str], details: list[str]
) -> None:
    if measured.rewrites:
        dangers.add("rewrite")
        details.append(f"rewritten: {', '.join(measured.rewrites)}")
    if measured.is_long:
        _add_waits(measured, dangers, details)
    if lost := _lost(measured, restored):
        dangers.add("loses")
        details.extend(f"lost: {one}" for one in lost)
    if measured.rejects:
        dangers.add("fails-on-rows")
        details.extend(f"{FAILS_ON_ROWS}{one}" for one in measured.rejects)
    if measured.dropped:
        dangers.add("drops-objects")
        details.append(f"dropped as well: {', '.join(measured.dropped)}")
    if measured.changed_behaviour:
        dangers.add("breaks")
        details.extend(measured.changed_behaviour)
    if measured.half_applied:
        dangers.add("half-applied")
        details.extend(measured.half_applied)


def _add_waits(measured: Measured, dangers: set[str], details: list[str]) -> None:
    refused = {what for names in measured.blocks.values() for what in names}
    danger = next((danger for what, danger in _WAITS if what in refused), None)
    if danger is not None:
        dangers.add(danger)
    if measured.scans:
        details.append(f"read as a whole: {', '.join(measured.scans)}")
    if measured.index_builds:
        details.append(f"an index is built on {', '.join(measured.index_builds)}")


def _breaking_statements(runs: Runs) -> dict[int, Mapping[str, str]]:
    """Return, by statement, the queries that fail since then and to the end of the revision."""
    found: dict[int, dict[str, str]] = {}
    run = runs.filled if runs.filled.error is None else runs.empty
    known = [
        (index, one.failing_queries) for index, one in enumerate(run.statements) if one.has_queries
    ]
    final = run.failing_queries if run.error is None else (known[-1][1] if known else {})
    for query, reason in final.items():
        first: int | None = None
        for index, failing in reversed(known):
            if query not in failing:
                break
            first = index
        if first is None and run.statements:
            first = len(run.statements) - 1
        if first is not None:
            found.setdefault(first, {})[query] = reason
    return dict(found)


def _words(error: BaseException) -> str:
    text = str(getattr(error, "orig", None) or error)
    return next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
