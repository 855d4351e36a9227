"""Run the cases of lint on a live server: `python -m tests.databases.lint_bench postgresql`.

The word names a module of `tests.cases.lint`, such as `postgresql` or `postgresql_manual`, or the
programs of a database, such as `programs_postgresql`.

Prints each case that is judged otherwise than expected, and a table of figures.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.lint import Verdict, judge, run_revision, safe_form
from tests import servers
from tests.cases.lint import LintCase
from tests.cases.lint.programs import CASES, ProgramCase


@dataclass(frozen=True)
class Outcome:
    """A case with what lint says of it."""

    case: LintCase
    verdict: Verdict

    @property
    def is_exact(self) -> bool:
        return set(self.verdict.dangers) == set(self.case.dangers)

    @property
    def lock(self) -> str | None:
        measured = self.verdict.measured
        return None if measured is None else measured.strongest

    @property
    def tables(self) -> set[str]:
        measured = self.verdict.measured
        return set() if measured is None else set(measured.locks)

    @property
    def has_right_locks(self) -> bool:
        if self.verdict.measured is None:  # a statement that always fails locks nothing for long
            return True
        return self.lock == self.case.lock and self.tables == set(self.case.tables)


def program_of(case: LintCase, kind: str, path: Path) -> Callable[[], None]:
    """Return the upgrade function of a revision file with the statements of a case."""
    lines = ["from limbeck import op", "def upgrade():"]
    for one in case.statements:
        sql = one.removeprefix("@")
        if kind != "sqlite":  # a percent sign begins a parameter
            sql = sql.replace("%", "%%")
        if case.is_autocommit or one.startswith("@"):
            lines.append("    with op.get_context().autocommit_block():")
            lines.append(f"        op.get_bind().exec_driver_sql({sql!r})")
        else:
            lines.append(f"    op.get_bind().exec_driver_sql({sql!r})")
    path.write_text("\n".join(lines))
    names: dict[str, Callable[[], None]] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names["upgrade"]


def program_of_body(body: str, path: Path) -> Callable[[], None]:
    """Return the upgrade function of a revision file with this body."""
    lines = ["import sqlalchemy as sa", "from limbeck import op", "", "def upgrade():"]
    path.write_text("\n".join([*lines, indent(body, "    "), ""]))
    names: dict[str, Callable[[], None]] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names["upgrade"]


def run_case(case: LintCase, kind: str, schema: str, folder: Path) -> Outcome:
    """Run a case on a server, and return what is found of its last statement."""
    return Outcome(case, verdicts_of(case, kind, schema, folder)[-1])


def verdicts_of(case: LintCase, kind: str, schema: str, folder: Path) -> list[Verdict]:
    """Run a case on a server."""
    path = folder / f"case_{abs(hash(case)):x}.py"
    return run_program(program_of(case, kind, path), path, kind, f"{schema};{case.setup}", folder)


def run_program(
    program: Callable[[], None], path: Path, kind: str, schema: str, folder: Path
) -> list[Verdict]:
    """Run an upgrade function on a server, on tables of a script."""
    record = find(kind)
    assert record.measurement is not None
    runs = run_revision(program, record, opener(kind, schema, folder), path=str(path))
    return list(judge(runs, record.measurement))


def safe_form_of(case: LintCase, kind: str, schema: str, folder: Path) -> str | None:
    """Return the code that may replace the last statement of a case."""
    path = folder / f"case_{abs(hash(case)):x}.py"
    program = program_of(case, kind, path)
    verdicts = run_program(program, path, kind, schema, folder)
    open_database = opener(kind, schema, folder)
    return safe_form(verdicts, len(verdicts) - 1, find(kind), open_database)


def opener(kind: str, schema: str, folder: Path) -> Callable[[], AbstractContextManager[sa.Engine]]:
    """Return a function that opens a new database with the tables of a script."""

    @contextmanager
    def open_database() -> Iterator[sa.Engine]:
        own = Path(tempfile.mkdtemp(dir=folder))
        with servers.own_database(kind, own) as database, database.engine() as engine:
            script = schema.replace(":database", str(database.url.database))
            with engine.begin() as connection:
                for statement in statements(kind, script):
                    connection.exec_driver_sql(statement)
            engine.dispose()
            yield engine

    return open_database


@dataclass(frozen=True)
class ProgramOutcome:
    """What lint says of all statements of a program."""

    dangers: frozenset[str]
    lock: str | None
    tables: frozenset[str]
    details: tuple[str, ...]


def run_program_case(case: ProgramCase, folder: Path) -> ProgramOutcome:
    """Run the body of a revision on a server."""
    schema: str = importlib.import_module(f"tests.cases.lint.{case.kind}_forms").SCHEMA
    path = folder / f"program_{abs(hash(case)):x}.py"
    verdicts = run_program(program_of_body(case.body, path), path, case.kind, schema, folder)
    measurement = find(case.kind).measurement
    assert measurement is not None
    measured = [one.measured for one in verdicts if one.measured is not None]
    locks = [one.strongest for one in measured if one.strongest]
    return ProgramOutcome(
        frozenset(danger for one in verdicts for danger in one.dangers),
        max(locks, key=measurement.lock_order.index, default=None),
        frozenset(table for one in measured for table in one.locks),
        tuple(line for one in verdicts for line in one.details),
    )


def program_figures(kind: str) -> str:
    """Run the programs of a database; print those judged otherwise, and return the figures."""
    right = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if case.kind != kind:
                continue
            total += 1
            found = run_program_case(case, Path(folder))
            expected = (case.dangers, case.lock, case.tables)
            if (found.dangers, found.lock, found.tables) == expected:
                right += 1
                continue
            print(f"{case.body}\n   expected {sorted(case.dangers)} {case.lock} {set(case.tables)}")
            print(f"   found    {sorted(found.dangers)} {found.lock} {set(found.tables)}")
            for line in found.details:
                print(f"      {line}", flush=True)
    return f"programs {total}; right {right}"


def statements(kind: str, script: str) -> list[str]:
    """Return the statements of a script, one by one where the driver takes one at a time."""
    if kind == "postgresql":
        return [script]
    return [one for one in script.split(";\n") if one.strip(" ;\n")]


def figures(outcomes: list[Outcome]) -> str:
    """Return the table of figures."""
    dangerous = [one for one in outcomes if one.case.dangers]
    harmless = [one for one in outcomes if not one.case.dangers]
    alarmed = sum(bool(one.verdict.dangers) for one in dangerous)
    false = sum(bool(one.verdict.dangers) for one in harmless)
    exact = sum(one.is_exact for one in outcomes)
    locks = sum(one.has_right_locks for one in outcomes)
    return (
        f"statements {len(outcomes)}; dangers alarmed {alarmed} of {len(dangerous)}; "
        f"false alarms {false} of {len(harmless)}; exactly right {exact}; locks right {locks}"
    )


def main(name: str, words: list[str]) -> None:
    """Run the cases of a module whose text has one of the words, or all."""
    if name.startswith("programs_"):
        servers.open_session()
        print(program_figures(name.removeprefix("programs_")))
        servers.drop_spare()
        servers.close_session()
        return
    module = importlib.import_module(f"tests.cases.lint.{name}")
    kind = name.partition("_")[0]
    started = time.monotonic()
    outcomes = []
    servers.open_session()
    with tempfile.TemporaryDirectory() as folder:
        for case in module.CASES:
            text = " ;; ".join(case.statements)
            if words and not any(word in text for word in words):
                continue
            outcome = run_case(case, kind, module.SCHEMA, Path(folder))
            outcomes.append(outcome)
            if not outcome.is_exact or not outcome.has_right_locks:
                print(f"{text}\n   expected {sorted(case.dangers)} {case.lock} {set(case.tables)}")
                print(
                    f"   found    {sorted(outcome.verdict.dangers)} {outcome.lock} {outcome.tables}"
                )
                for line in outcome.verdict.details:
                    print(f"      {line}", flush=True)
    servers.drop_spare()
    servers.close_session()
    print(figures(outcomes), f"in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
