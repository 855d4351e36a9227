"""Run a revision several times: on empty tables, on rows that fit, and on rows that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any

from limbeck.dialects import words_of
from limbeck.errors import LintError
from limbeck.lint.recorded_run import Pausing, RecordedRun, Running, record
from limbeck.lint.verdicts import Runs

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from typing_extensions import Self

    from limbeck.dialects import Dialect, ReleaseTables

OpenDatabase = Callable[[], AbstractContextManager["Engine"]]


class _Databases:
    """The scratch database of the runs; a new one after a run that has changed it."""

    def __init__(self, open_database: OpenDatabase) -> None:
        self._open = open_database
        self._stack = ExitStack()
        self._engine: Engine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = self._stack.enter_context(self._open())
        return self._engine

    def discard(self) -> None:
        self._stack.close()
        self._engine = None


def run_revision(
    program: Callable[..., None],
    dialect: Dialect,
    open_database: OpenDatabase,
    *,
    path: str | None,
    options: Mapping[str, Any] | None = None,
    merges_lines: bool = True,
    release: ReleaseTables | None = None,
    running: Running | None = None,
    pausing: Pausing | None = None,
) -> Runs:
    """Run the upgrade function of a revision on scratch databases.

    Args:
        program: the function.
        dialect: the record of the database.
        open_database: returns a scratch database at the parent revision, without rows of limbeck.
        path: the revision file.
        options: options of `context.configure`.
        merges_lines: the statements of one line are measured together.
        release: the tables and columns that the running release knows; None for those of the
            schema before the revision.
        running: opens the block in which the function runs; none by default.
        pausing: opens a block in which a statement is measured; none by default.

    Raises:
        LintError: statements cannot be measured on this database.
    """
    measurement = dialect.measurement
    if measurement is None:
        raise LintError(
            f"Statements cannot be measured on {dialect.name}",
            hint="Run lint with --no-server: it then judges statements by their text.",
            code="LB630",
        )
    with _Databases(open_database) as databases:

        def run(
            rows: str | None, *, every_commit: bool = False, measure: bool = True
        ) -> RecordedRun:
            engine = databases.engine
            if rows is not None:
                with engine.connect() as connection:
                    measurement.fill(connection, spoiled=rows == "spoiled", words=words)
            found = record(
                program,
                engine,
                dialect,
                path=path,
                options=options,
                measure=measure,
                words=words,
                release=release,
                every_commit=every_commit,
                skips_failures=rows == "spoiled" and measurement.rolls_back,
                merges_lines=merges_lines,
                running=running,
                pausing=pausing,
            )
            if found.is_committed:
                databases.discard()
            return found

        words = None
        # which statements there are, and whether they fail on the schema alone
        empty = run(None, measure=False)
        if empty.error is None:
            words = words_of(part for one in empty.statements for part in one.parts or [one.sql])
        committing = run(None, every_commit=True) if empty.failed is not None else None
        filled, spoiled = run("filled"), run("spoiled")
        if filled.error is not None:
            databases.discard()  # it has rows
            empty = run(None)
        return Runs(empty=empty, filled=filled, spoiled=spoiled, committing=committing)
