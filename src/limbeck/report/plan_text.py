"""A plan as text: the statements of each transaction, the checks of rows, the notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from limbeck.report.text import clean

TYPE_CHECKING = False

if TYPE_CHECKING:
    from rich.console import RenderableType

    from limbeck.dialects import TableSize
    from limbeck.planning import (
        Estimate,
        Plan,
        PlannedStatement,
        PlannedTransaction,
        RowCheck,
    )

STATEMENT_COLUMNS = ("statement", "locks", "work", "size", "time", "source")
CHECK_WORDS = {
    "passes": "ok",
    "fails": "FAILS",
    "loses": "LOSES",
    "uncertain": "uncertain",
    "not run": "not run",
}
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_STEP = 1024
_MINUTE, _HOUR = 60, 3600
_WIDTH = 100
_TENTHS = 10


def plan_lines(plan: Plan, *, is_verbose: bool = False) -> Iterator[str]:
    """Yield a plan as plain lines.

    Args:
        plan: the plan.
        is_verbose: show complete statements, and the queries of the checks.
    """
    yield from header_lines(plan)
    for one in plan.transactions:
        yield ""
        yield clean(transaction_title(one))
        for statement in one.statements:
            yield from _statement_lines(plan, statement, is_verbose=is_verbose)
    yield from check_lines(plan, is_verbose=is_verbose)
    for note in plan.notes:
        yield clean(f"note: {note}")


def header_lines(plan: Plan) -> Iterator[str]:
    """Yield the database, the destination and the revisions of a plan."""
    if plan.database:
        yield clean(f"database: {plan.database}")
    start = ", ".join(plan.start) or "base"
    number, statements = len(plan.moves), len(plan.statements)
    if not number:
        yield clean(f"nothing to do: the database is at {start}")
        return
    yield clean(
        f"{plan.direction} from {start} to {plan.target}: {number} revision{'s' * (number != 1)},"
        f" {statements} statement{'s' * (statements != 1)}"
    )
    where = f"measured on {plan.scratch}" if plan.scratch else "judged by the text of statements"
    yield clean(f"effects {where}; sizes {plan.sizes_from}")
    total = total_estimate(plan)
    if total is not None:
        yield clean(f"estimated time: {estimate_text(total)}")
    for move in plan.moves:
        yield clean(f"  {move.revision}  {move.message}".rstrip())


def transaction_title(one: PlannedTransaction) -> str:
    """Return the title of a transaction."""
    kind = "" if one.kind == "transaction" else f" ({one.kind})"
    title = f"transaction {one.number}{kind}: {', '.join(one.revisions)}"
    if len(one.statements) == 1 or not one.locks:
        return title
    locks = ", ".join(f"{lock} on {table}" for table, lock in one.locks.items())
    return f"{title}; locks at its end: {locks}"


def statement_cells(plan: Plan, one: PlannedStatement) -> tuple[str, ...]:
    """Return locks, work, size, time and source of a statement."""
    return (
        ", ".join(f"{lock} on {table}" for table, lock in one.locks.items()) or "-",
        work_text(one),
        size_text(plan, one),
        time_text(one),
        one.source,
    )


def work_text(one: PlannedStatement) -> str:
    """Return the whole-table operations of a statement."""
    parts = [
        f"{verb} {', '.join(tables)}"
        for verb, tables in (
            ("rewrites", one.rewrites),
            ("builds an index on", one.index_builds),
            ("reads all of", one.scans),
        )
        if tables
    ]
    return "; ".join(parts) or "-"


def size_text(plan: Plan, one: PlannedStatement) -> str:
    """Return the sizes of the tables of a statement."""
    names = dict.fromkeys((*one.rewrites, *one.index_builds, *one.scans, *one.locks))
    return "; ".join(
        f"{name} {table_size(plan.sizes[name])}" if len(names) > 1 else table_size(plan.sizes[name])
        for name in names
        if name in plan.sizes
    ) or ("-" if not names else "not known")


def table_size(size: TableSize) -> str:
    """Return the number of rows and bytes of a table."""
    parts = []
    if size.rows is not None:
        mark = "over " if size.at_least else "" if size.is_exact else "~"
        parts.append(f"{mark}{size.rows} row{'s' * (size.rows != 1)}")
    if size.bytes is not None:
        parts.append(byte_text(size.bytes))
    return ", ".join(parts) or "not known"


def byte_text(number: float) -> str:
    """Return a number of bytes in a suitable unit."""
    value = float(number)
    for unit in _UNITS[:-1]:
        if value < _STEP:
            return f"{value:.0f} {unit}"
        value /= _STEP
    return f"{value:.0f} {_UNITS[-1]}"


def time_text(one: PlannedStatement) -> str:
    """Return the estimated time of a statement."""
    if one.estimate is None:
        return "not known" if one.is_long and not one.has_few_rows else "brief"
    return estimate_text(one.estimate)


def estimate_text(estimate: Estimate) -> str:
    """Return an estimate with its range."""
    low, high = duration_text(estimate.low), duration_text(estimate.high)
    return f"~{duration_text(estimate.seconds)} ({low} to {high})"


def total_estimate(plan: Plan) -> Estimate | None:
    """Return the sum of the estimates; None if one is missing or no statement is long."""
    long = [one.estimate for one in plan.statements if one.is_long and not one.has_few_rows]
    known = [one for one in long if one is not None]
    if not known or len(known) < len(long):
        return None
    return replace(
        known[0],
        seconds=sum(one.seconds for one in known),
        low=sum(one.low for one in known),
        high=sum(one.high for one in known),
        basis="the sum of the statements",
    )


def duration_text(seconds: float) -> str:
    """Return a time in a suitable unit."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < _TENTHS else f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def short_sql(text: str) -> str:
    """Return a statement on one line."""
    words = " ".join(text.split())
    return words if len(words) <= _WIDTH else f"{words[: _WIDTH - 3]}..."


def _statement_lines(plan: Plan, one: PlannedStatement, *, is_verbose: bool) -> Iterator[str]:
    sql = one.sql.splitlines() if is_verbose else [short_sql(one.sql)]
    for line in sql:
        yield clean(f"  {line}")
    locks, work, size, time, source = statement_cells(plan, one)
    yield clean(f"      locks: {locks}; work: {work}; size: {size}; time: {time} ({source})")
    if one.dangers:
        code = f"{one.code} " if one.code else ""
        yield clean(f"      {code}{', '.join(one.dangers)}")
    if is_verbose:
        for detail in one.details:
            yield clean(f"      - {detail}")


def check_lines(plan: Plan, *, is_verbose: bool = False) -> Iterator[str]:
    """Yield the checks of existing rows."""
    if not plan.checks:
        return
    yield ""
    yield "existing rows"
    for one in plan.checks:
        yield clean(f"  {CHECK_WORDS[one.status]}: {check_text(one)}")
        if is_verbose:
            yield from (clean(f"      {line}") for line in one.query.splitlines())


def check_text(one: RowCheck) -> str:
    """Return the description and the result of a check."""
    text = f"{one.revision} {one.message}"
    if one.count:
        text += f": {count_text(one)}"
        if one.keys:
            shown = ", ".join(_key(key) for key in one.keys)
            more = ", ..." if one.is_at_least or one.count > len(one.keys) else ""
            text += f", {', '.join(one.key_columns)} = {shown}{more}"
    return f"{text} ({one.reason})" if one.reason else text


def count_text(one: RowCheck) -> str:
    """Return the number of rows that a check has found."""
    noun = "duplicate value" if one.kind == "unique" else "row"
    at_least = "more than " if one.is_at_least else ""
    return f"{at_least}{one.count} {noun}{'s' * (one.count != 1)}"


def _key(values: Sequence[str | None]) -> str:
    texts = ["NULL" if value is None else value for value in values]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def plan_renderables(plan: Plan, *, is_verbose: bool = False) -> Iterator[RenderableType]:
    """Yield a plan as renderables of rich, for a terminal.

    Args:
        plan: the plan.
        is_verbose: show complete statements, and the queries of the checks.
    """
    from rich.table import Table
    from rich.text import Text

    for line in header_lines(plan):
        yield Text(line)
    for one in plan.transactions:
        table = Table(title=Text(clean(transaction_title(one))), title_justify="left")
        for name in STATEMENT_COLUMNS:
            table.add_column(name, overflow="fold")
        for statement in one.statements:
            sql = statement.sql if is_verbose else short_sql(statement.sql)
            cells = [Text(clean(cell)) for cell in statement_cells(plan, statement)]
            if statement.dangers:
                code = f"{statement.code} " if statement.code else ""
                sql = f"{sql}\n{code}{', '.join(statement.dangers)}"
            style = "red" if statement.dangers else ""
            table.add_row(Text("\n".join(map(clean, sql.split("\n"))), style=style), *cells)
        yield Text("")
        yield table
    for line in check_lines(plan, is_verbose=is_verbose):
        words = line.strip()
        style = "red" if words.startswith(("FAILS", "LOSES")) else ""
        yield Text(line, style=style)
    for note in plan.notes:
        yield Text(clean(f"note: {note}"), style="yellow")
