"""Verify one revision: up, models, down, up again, each on a scratch database with rows."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.catalog import Catalog, Key
from limbeck.errors import LimbeckError, ScratchError
from limbeck.runtime import JOURNAL_TABLE
from limbeck.scratch import DatabaseSource, ScratchDatabase, open_scratch, redirected
from limbeck.verification.failures import Failing, failing_of, is_irreversible
from limbeck.verification.findings import Phase, RevisionReport, VerifyFinding
from limbeck.verification.moves import Moves, VerifyOptions
from limbeck.verification.process_guard import ProcessGuard
from limbeck.verification.row_changes import State, lost_by_upgrade, row_findings
from limbeck.verification.schema_trace import comparable, property_traces, schema_traces

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.history import Revision


_DROP = re.compile(r"\bDROP\s+(?:SCHEMA|DATABASE)\b", re.IGNORECASE)
_DROPS = re.compile(r"\bDROP\s+(?:SCHEMA|DATABASE)\s+(?:IF\s+EXISTS\s+)?[`\"]?(\w+)", re.IGNORECASE)


@dataclass
class Verification:
    """Verifies revisions of one project, in a process of its own.

    Args:
        moves: runs env.py.
        source: the project's database.
        guard: stops what a migration must not do.
        options: how to verify.
        announce: called with the phase that begins.
        has_extensions: the schema before a revision includes the project's extensions.
    """

    moves: Moves
    source: DatabaseSource
    guard: ProcessGuard
    options: VerifyOptions
    announce: Callable[[str], None]
    has_extensions: bool = False

    def verify(
        self, revision: Revision, start: Sequence[str], *, compares_models: bool
    ) -> RevisionReport:
        """Verify one revision.

        Args:
            revision: the revision.
            start: the version rows before it.
            compares_models: the models are what the schema has to be after it.
        """
        began = time.perf_counter()
        path = None if revision.path is None else str(revision.path)
        report = RevisionReport(revision.id, path)
        try:
            report = self._verified(report, revision, start, compares_models)
            is_stopped = any(one.code == "acts-outside" for one in report.findings)
            if not report.is_ok and report.built == "replay" and not is_stopped:
                # what the replay got wrong is no fault of the revision
                again = replace(self, options=replace(self.options, build="history"))
                report = again._verified(report, revision, start, compares_models)
        except LimbeckError as error:
            text = f"{error.message}{f' ({error.hint})' if error.hint else ''}"
            finding = VerifyFinding("not-verified", "warning", "build", text)
            report = replace(report, findings=(finding,))
        except sa.exc.DBAPIError as error:
            words = " ".join(str(error.orig).split())
            text = f"the scratch database cannot be used any more: {words}"
            finding = VerifyFinding("not-verified", "warning", "build", text)
            report = replace(report, findings=(finding,))
        return replace(report, seconds=round(time.perf_counter() - began, 3))

    def _verified(
        self,
        report: RevisionReport,
        revision: Revision,
        start: Sequence[str],
        compares_models: bool,  # noqa: FBT001 - see `verify`
    ) -> RevisionReport:
        attempt = self._attempt(revision, start, compares_models, _Rows(self.options.rows))
        if attempt.needs_extensions:
            again = replace(self, has_extensions=True)
            return again._verified(report, revision, start, compares_models)
        failing = attempt.failed_on_rows
        if failing is None or failing.violation == "null":
            return attempt.report(report)
        # whether that is a fault depends on the rows: try rows that satisfy the new constraints
        empty = self._attempt(revision, start, compares_models, _Rows(0))
        if empty.up_failed:
            return attempt.report(report)
        fitting = _Rows(self.options.rows, empty.between, extremes=False)
        second = self._attempt(revision, start, compares_models, fitting)
        inserts = (failing.statement or "").lstrip()[:6].upper() == "INSERT"
        if second.up_failed and not inserts:
            return attempt.report(report)
        chosen = empty if second.up_failed else second
        chosen.findings.insert(0, _depends_on_rows(failing))
        return chosen.report(report)

    def _attempt(
        self,
        revision: Revision,
        start: Sequence[str],
        compares_models: bool,  # noqa: FBT001 - see `verify`
        rows: _Rows,
    ) -> _Attempt:
        path = None if revision.path is None else str(revision.path)
        with contextlib.ExitStack() as stack:
            scratch = stack.enter_context(
                open_scratch(
                    self.source, kind=self.options.kind, scratch_url=self.options.scratch_url
                )
            )
            attempt = _Attempt(self, scratch, path, rows)
            stack.enter_context(
                redirected(
                    scratch,
                    self.source,
                    refuse=attempt.refuse_statement,
                    connecting=attempt.refuse_connection,
                    executing=attempt.record_statement,
                )
            )
            attempt.run(revision, start, compares_models=compares_models)
        return attempt


@dataclass(frozen=True)
class _Rows:
    count: int
    also: Catalog | None = None
    extremes: bool = True


@dataclass
class _Attempt:
    """One scratch database, from its schema to its removal."""

    verification: Verification
    scratch: ScratchDatabase
    path: str | None
    rows: _Rows
    findings: list[VerifyFinding] = field(default_factory=list)
    built: str = "replay"
    filled: Mapping[Key, int] = field(default_factory=dict)
    up_failed: bool = False
    needs_extensions: bool = False
    failed_on_rows: Failing | None = None
    between: Catalog | None = None
    server: str = ""
    _statements: list[str] = field(default_factory=list)
    _is_moving: bool = False

    def report(self, report: RevisionReport) -> RevisionReport:
        """Return a report completed by what this attempt has found."""
        return replace(
            report,
            findings=tuple(self.findings),
            built=self.built,
            server=self.server,
            kind=self.scratch.kind,
            rows=sum(self.filled.values()),
        )

    # ── the steps ─────────────────────────────────────────────────────────

    def run(self, revision: Revision, start: Sequence[str], *, compares_models: bool) -> None:
        """Run all steps until one of them fails."""
        self._build(start)
        if self.verification.has_extensions:
            self.scratch.create_extensions()
        before = self._filled()
        if not self._upgrade(revision, "upgrade", "up-fails"):
            return
        up = self._take_statements()
        between = self._read()
        self.between = between.catalog
        if compares_models:
            self._compare_models()
        if not self._downgrade(revision, start):
            self.findings += lost_by_upgrade(before, between, up)
            return
        down = self._take_statements()
        after = self._read()
        traces = [
            *schema_traces(before.catalog, after.catalog),
            *property_traces(before.properties, after.properties),
        ]
        self.findings += [
            VerifyFinding(
                "down-leaves-trace",
                "error",
                "downgrade",
                f"after the downgrade the {trace.object} {trace.difference}",
                trace.object,
            )
            for trace in traces
        ]
        self.findings += row_findings(before, between, after, up, down)
        if self._upgrade(revision, "upgrade again", "up-again-fails") and not traces:
            self._compare_upgrades(between)

    def _build(self, start: Sequence[str]) -> None:
        """Build the schema before the revision.

        Raises:
            LimbeckError: neither the replay nor the history leads there.
        """
        self.verification.announce("build")
        moves, wanted = self.verification.moves, self.verification.options.build
        if wanted == "auto" and start:
            unknown = (LimbeckError, sa.exc.SQLAlchemyError, NotImplementedError)
            # the statements of revisions may name schemas beside the scratch schema
            if self.scratch.record.scratch.takes_scripts and self.scratch.schema is None:
                with contextlib.suppress(*unknown):
                    self.scratch.run_script(moves.script(start))
                    moves.stamp(start)
                    return
            with contextlib.suppress(*unknown):
                replayed = moves.replay(start)
                if not replayed.unknown:
                    self.scratch.build_schema(replayed.catalog)
                    moves.stamp(start)
                    return
            self.scratch.clear()
        self.built = "history" if start else "empty"
        for revision in start:
            self.scratch.run_with_extensions(partial(moves.upgrade, revision))

    def _filled(self) -> State:
        """Fill the tables with rows; return the schema and the rows."""
        with self.scratch.connection() as connection:
            self.server = self.scratch.server_of(connection)
            catalog = self._catalog(connection)
            if self.rows.count:
                self._fill(catalog, connection)
            return self._state(connection, catalog)

    def _fill(self, catalog: Catalog, connection: Connection) -> None:
        filled = self.scratch.fill_rows(
            catalog,
            self.rows.count,
            also=self.rows.also,
            extremes=self.rows.extremes,
            connection=connection,
        )
        self.filled = filled.counts
        for key, reason in filled.unfilled.items():
            name = key.full_name
            self.findings.append(
                VerifyFinding(
                    "no-rows", "note", "build", f"{name} has no rows: {reason}", f"table {name}"
                )
            )

    def _read(self) -> State:
        """Return the schema and the rows."""
        with self.scratch.connection() as connection:
            return self._state(connection, self._catalog(connection))

    def _state(self, connection: Connection, catalog: Catalog) -> State:
        return State(
            comparable(catalog),
            self.scratch.row_digests(catalog, connection),
            self.scratch.unread_properties(connection),
        )

    def _catalog(self, connection: Connection | None = None) -> Catalog:
        """Read the schema without limbeck's own tables."""
        own = self.verification.moves.own_tables()
        return self.scratch.catalog(connection).filter(
            lambda one: one.key not in own and not one.key.name.startswith(JOURNAL_TABLE)
        )

    def _upgrade(self, revision: Revision, phase: Phase, code: str) -> bool:
        failing = self._guarded(phase, lambda moves: moves.upgrade(revision.id))
        if failing is None:
            return True
        self.up_failed = True
        if self.scratch.is_missing_object(failing.error) and not self.verification.has_extensions:
            # a type of an extension that was not created by a revision
            self.needs_extensions = self.scratch.create_extensions()
        if phase == "upgrade" and failing.violation is not None:
            self.failed_on_rows = failing
        self._add(failing, phase, code)
        return False

    def _downgrade(self, revision: Revision, start: Sequence[str]) -> bool:
        failing = self._guarded(
            "downgrade", lambda moves: moves.downgrade(revision.id, tuple(start))
        )
        if failing is None:
            return True
        if is_irreversible(failing.error, self.path):
            self.findings.append(
                VerifyFinding(
                    "no-downgrade",
                    "note",
                    "downgrade",
                    "the downgrade raises NotImplementedError: the revision cannot be undone",
                    line=failing.line,
                )
            )
        else:
            self._add(failing, "downgrade", "down-fails")
        return False

    def _compare_models(self) -> None:
        self.verification.announce("models")
        differences = self.verification.moves.differences(self.filled)
        if differences is None:
            self.findings.append(
                VerifyFinding("no-models", "note", "models", "env.py names no models")
            )
            return
        self.findings += [
            VerifyFinding(
                "models-differ",
                "error",
                "models",
                f"the models differ from the schema: {words}",
                words,
            )
            for words in differences
        ]

    def _compare_upgrades(self, first: State) -> None:
        with self.scratch.connection() as connection:
            second = comparable(self._catalog(connection))
            properties = self.scratch.unread_properties(connection)
        self.findings += [
            VerifyFinding(
                "up-again-differs",
                "error",
                "upgrade again",
                f"after the second upgrade the {trace.object} {trace.difference}",
                trace.object,
            )
            for trace in (
                *schema_traces(first.catalog, second),
                *property_traces(first.properties, properties),
            )
        ]

    # ── running the migration ─────────────────────────────────────────────

    def _guarded(self, phase: Phase, run: Callable[[Moves], None]) -> Failing | None:
        """Run a move; return how it failed, None if it did not."""
        self.verification.announce(phase)
        guard = self.verification.guard
        guard.stopped.clear()
        self._is_moving = True
        error: BaseException | None = None
        try:
            run(self.verification.moves)
        except (Exception, SystemExit) as raised:  # noqa: BLE001 - whatever a migration raises
            error = raised
        finally:
            guard.end()
            self._is_moving = False
        for code, words in dict.fromkeys(guard.stopped):
            self.findings.append(VerifyFinding(code, "error", phase, f"the migration {words}"))
        if error is None:
            return None
        return failing_of(error, self.scratch.record, self.path, stopped=bool(guard.stopped))

    def _add(self, failing: Failing, phase: Phase, code: str) -> None:
        if failing.is_stopped:
            return
        if failing.is_of_environment and not self._drops_something():
            # no fault of the revision, which might be right
            gone = "" if self.scratch.exists() else "the scratch database has gone: "
            words = f"{gone}{failing.message}"
            self.findings.append(
                VerifyFinding("not-verified", "warning", phase, words, line=failing.line)
            )
            return
        if not self._is_there():
            self.findings.append(
                VerifyFinding(
                    "drops-database",
                    "error",
                    phase,
                    "the migration drops the database or schema that it runs in",
                    line=failing.line,
                    statement=failing.statement,
                )
            )
            return
        self.findings.append(
            VerifyFinding(
                code,
                "error",
                phase,
                failing.message,
                line=failing.line,
                statement=failing.statement,
            )
        )

    def _is_there(self) -> bool:
        """Return whether the migration has left the database and its default schema alone."""
        if not self.scratch.exists():
            return False
        with contextlib.suppress(sa.exc.SQLAlchemyError), self.scratch.engine.connect() as one:
            default = one.dialect.default_schema_name
            dropped = [found for text in self._statements for found in _DROPS.findall(text)]
            has_schema = default is None or default in sa.inspect(one).get_schema_names()
            return has_schema and default not in dropped and self.scratch.name not in dropped
        return False

    def _drops_something(self) -> bool:
        """Return whether the migration itself drops a database or schema."""
        return any(_DROP.search(text) for text in self._statements)

    def _take_statements(self) -> Sequence[str]:
        taken, self._statements = self._statements, []
        return taken

    def record_statement(self, statement: str) -> None:
        """Note a statement of the migration."""
        if self.verification.guard.is_watching:
            self._statements.append(statement)

    def refuse_connection(self, _source: DatabaseSource) -> None:
        """Refuse a connection that the migration itself opens."""
        if self.verification.guard.is_watching:
            self.verification.guard.refuse("opens-connection", "opens another database connection")

    def refuse_statement(self, reason: str, statement: str) -> None:
        """Refuse a statement that acts on more than the scratch database."""
        if not self._is_moving:
            return
        drops = self.scratch.name in statement or "current_database" in statement
        code = "drops-database" if drops else "acts-outside"
        self.verification.guard.refuse(code, f"runs a statement that {reason}")


def _depends_on_rows(failing: Failing) -> VerifyFinding:
    return VerifyFinding(
        "fails-on-rows",
        "warning",
        "upgrade",
        f"the upgrade fails if existing rows do not fit: {failing.message}",
        line=failing.line,
        statement=failing.statement,
    )


@contextlib.contextmanager
def removing_leftovers(source: DatabaseSource, options: VerifyOptions) -> Iterator[None]:
    """Remove the scratch databases of ended processes, after a block."""
    try:
        yield
    finally:
        with (
            contextlib.suppress(ScratchError),
            open_scratch(source, kind=options.kind, scratch_url=options.scratch_url),
        ):
            pass
