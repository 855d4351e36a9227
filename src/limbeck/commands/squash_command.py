"""`squash`: replace several revisions by one, and compare both on scratch databases."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from limbeck.catalog import Catalog, Key
from limbeck.commands.revision_command import Notify
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.commands.squash_draft import (
    SquashRange,
    function_body,
    replaced_by,
    squash_range,
)
from limbeck.commands.squash_recording import RecordedRevision, Recorder
from limbeck.errors import LimbeckError, SquashError
from limbeck.history import Direction, Move, Revision
from limbeck.project import (
    Placement,
    Project,
    place,
    revision_text,
    update_head_file,
    with_setting,
    write,
)
from limbeck.render import import_lines
from limbeck.runtime import JOURNAL_TABLE
from limbeck.scratch import (
    DatabaseSource,
    RowDigests,
    ScratchDatabase,
    capture_source,
    open_scratch,
    redirected,
)
from limbeck.verification import comparable, schema_traces

_log = logging.getLogger("alembic.runtime.migration")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SquashRequest:
    """The revisions to squash, and the options.

    Attributes:
        range: `start:end`, both included.
        message: the message of the new revision.
        rev_id: its identifier.
        keep_data: copy the source of data steps that cannot be reduced to statements.
        drop_data: omit all data steps.
        scratch_url: another server for the scratch databases.
    """

    range: str
    message: str | None = None
    rev_id: str | None = None
    keep_data: bool = False
    drop_data: bool = False
    scratch_url: str | None = None


@dataclass(frozen=True, slots=True)
class SquashResult:
    """The result of a squash.

    Attributes:
        revision: the new revision.
        replaced: the identifiers that it replaces.
        data_steps: the places of the statements on rows that it contains.
        dropped: the places of those that were omitted.
        tables: the number of tables whose rows were compared.
        server: the server of the scratch databases.
        mixes_phases: True if the replaced revisions have different phases, and the new one none.
    """

    revision: Revision
    replaced: tuple[str, ...]
    data_steps: tuple[str, ...]
    dropped: tuple[str, ...]
    tables: int
    server: str
    mixes_phases: bool = False


@dataclass
class _RecordedRange:
    """The run of revisions on a scratch database.

    Attributes:
        before: the catalog before them.
        after: the catalog after them.
        rows: the rows after them.
        up: the upgrade of each revision.
        down: the downgrade of each revision, None if one failed.
        context: the migration context of the last run.
    """

    before: Catalog = field(default_factory=Catalog)
    after: Catalog = field(default_factory=Catalog)
    rows: RowDigests = field(default_factory=dict)
    up: list[RecordedRevision] = field(default_factory=list)
    down: list[RecordedRevision] | None = None
    context: Any = None
    server: str = ""


def squash(
    project: Project,
    request: SquashRequest,
    *,
    script: Script | None = None,
    notify: Notify | None = None,
) -> SquashResult:
    """Replace a range of revisions by one revision.

    Raises:
        SquashError: the range cannot be replaced, its data steps need a decision, or the new
            revision does not produce the same schema and rows. Nothing is written.
        ScratchError: a scratch database cannot be created.
    """
    history = project.history()
    if (done := replaced_by(history, request.range)) is not None:
        # a run that was killed has written the revision, but not the head file
        update_head_file(project, history.heads)
        raise SquashError(
            f"Revision {done} already replaces {request.range}",
            hint="`squash --finish` removes the old files.",
        )
    wanted = squash_range(history, request.range)
    placement = place(
        project,
        request.message or f"squashed {wanted.revisions[0].id} to {wanted.top.id}",
        revision_id=request.rev_id,
        head=wanted.below or "base",
        splice=True,
        version_path=None if wanted.top.path is None else wanted.top.path.parent,
        depends_on=wanted.depends_on,
        kind=_equal_value(one.kind for one in wanted.revisions),
        phase=_equal_value(one.phase for one in wanted.revisions),
    )
    source = capture_source(lambda: run_env(project, _nothing, script=script, dont_mutate=True))
    bench = _SquashRuns(project, script, source, wanted, request.scratch_url)
    old = bench.record()
    _require_decision(old, request)
    dropped = _without_rows(old) if request.drop_data else ()
    arguments = _arguments(old)

    def edit(text: str) -> str:
        names = "".join(f'    "{id_}",\n' for id_ in wanted.replaced)
        return with_setting(text, "replaces", f"(\n{names})")

    text = revision_text(project, placement, arguments, edit=edit)
    tables = bench.prove(old, placement, text, request)
    written = write(project, placement, arguments, notify, edit=edit)
    update_head_file(project, project.history().heads)
    steps = tuple(
        place
        for one in old.up
        for place in (one.opaque or [step.place for step in one.steps if step.source])
    )
    mixes_phases = len({one.phase for one in wanted.revisions}) > 1
    return SquashResult(
        written, wanted.replaced, steps, dropped, tables, old.server, mixes_phases
    )  # fmt: skip


def _equal_value(values: Iterable[str | None]) -> str | None:
    """Return the value that all revisions have, None if they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _nothing(_rows: object, _context: object) -> list[PreparedMove]:
    return []


def _require_decision(old: _RecordedRange, request: SquashRequest) -> None:
    """Raise an error for data steps that cannot be reduced to statements, without a decision.

    Raises:
        SquashError: there are such steps.
    """
    if request.keep_data or request.drop_data:
        return
    found = {
        place: reason
        for one in (*old.up, *(old.down or ()))
        for place, reason in one.opaque.items()
    }
    if not found:
        return
    shown = [f"{place}: {reason}" for place, reason in list(found.items())[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    raise SquashError(
        "Data steps in the range cannot be reduced to statements: " + "; ".join([*shown, *more]),
        hint="Nothing was written. --keep-data copies the source of these revisions. --drop-data "
        "omits all data steps of the range, if every database has already run them.",
        place=next(iter(found)),
        code="LB695",
    )


def _without_rows(old: _RecordedRange) -> tuple[str, ...]:
    """Remove the statements on rows; return their places."""
    dropped: list[str] = []
    for one in (*old.up, *(old.down or ())):
        dropped += [*one.opaque, *(step.place for step in one.steps if step.on_rows)]
        one.opaque.clear()
        one.steps[:] = [step for step in one.steps if not step.on_rows]
    return tuple(dict.fromkeys(dropped))


def _arguments(old: _RecordedRange) -> dict[str, str]:
    """Return the template variables: both functions and their imports."""
    opts = old.context.opts
    up = function_body(old.before, old.after, old.up, old.context, function="upgrade")
    down = function_body(old.after, old.before, old.down or (), old.context, function="downgrade")
    imports = up.imports | down.imports
    return {
        opts.get("upgrade_token") or "upgrades": up.text,
        opts.get("downgrade_token") or "downgrades": down.text,
        "imports": "\n".join(sorted(imports)),
        "import_lines": import_lines(imports, up.names | down.names),
    }


@dataclass
class _SquashRuns:
    """Runs the old revisions and the new one on scratch databases."""

    project: Project
    script: Script | None
    source: DatabaseSource
    wanted: SquashRange
    scratch_url: str | None
    _version_table: Key | None = None

    def record(self) -> _RecordedRange:
        """Upgrade and downgrade with the old files, and record their effects."""
        way = _RecordedRange()
        with (
            open_scratch(self.source, scratch_url=self.scratch_url) as scratch,
            redirected(scratch, self.source),
        ):
            way.server = scratch.server
            self._go_below()
            way.before = self._catalog(scratch)
            way.up = self._recorded(scratch, way, "up")
            way.after = self._catalog(scratch)
            way.rows = scratch.row_digests(way.after)
            try:
                way.down = self._recorded(scratch, way, "down")
            except Exception as error:  # noqa: BLE001 - a migration may raise anything
                words = error.message if isinstance(error, LimbeckError) else str(error)
                _log.warning(
                    "A downgrade of the range fails on a scratch database, so the new downgrade "
                    "is drafted from the schemas only: %s",
                    words.strip().partition("\n")[0],
                )
        return way

    def prove(
        self, old: _RecordedRange, placement: Placement, text: str, request: SquashRequest
    ) -> int:
        """Upgrade and downgrade with the new revision, and compare.

        Returns:
            The number of tables whose rows were compared.

        Raises:
            SquashError: the schemas or rows differ.
        """
        with (
            tempfile.TemporaryDirectory(prefix="limbeck_squash_") as folder,
            open_scratch(self.source, scratch_url=self.scratch_url) as scratch,
            redirected(scratch, self.source),
        ):
            path = Path(folder) / placement.path.name
            path.write_text(text, self.project.output_encoding)
            new = Revision(placement.revision.id, self.wanted.below, path=path)
            self._go_below()
            self._run_new(new, "up")
            reached = self._catalog(scratch)
            _require_same(old.after, reached, "upgrade")
            compared = 0
            if not request.drop_data:
                compared = _compare_rows(old.rows, scratch.row_digests(reached), request)
            self._run_new(new, "down")
            _require_same(old.before, self._catalog(scratch), "downgrade")
        return compared

    def _go_below(self) -> None:
        for id_ in self.wanted.start:
            self._run(partial(self._way_to, id_))
        if not self.wanted.start:
            self._run(lambda _rows: ())

    def _way_to(self, id_: str, rows: tuple[str, ...]) -> Sequence[Move]:
        return self.project.history().route(rows, id_, "up")

    def _run(
        self,
        plan: Callable[[tuple[str, ...]], Iterable[Move]],
        wrap: Callable[[PreparedMove, Any], PreparedMove] | None = None,
    ) -> None:
        contexts: list[Any] = []

        def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
            contexts.append(context)
            if len(contexts) > 1:
                raise SquashError(
                    "env.py runs the migrations on several databases",
                    hint="squash works on projects with one database.",
                )
            self._version_table = _version_table(context)
            moves = load_moves(self.project, list(plan(rows)))
            return [move if wrap is None else wrap(move, context) for move in moves]

        run_env(self.project, job, script=self.script)

    def _recorded(
        self, scratch: ScratchDatabase, way: _RecordedRange, direction: Direction
    ) -> list[RecordedRevision]:
        found: list[RecordedRevision] = []
        filled: set[Key] = set()
        ids = {one.id for one in self.wanted.revisions}

        def plan(rows: tuple[str, ...]) -> Sequence[Move]:
            history = self.project.history()
            if direction == "up":
                return history.route(rows, self.wanted.top.id, "up")
            moves: list[Move] = []
            for one in reversed(self.wanted.revisions):
                moves += history.leave(moves[-1].after if moves else rows, one.id)
            return moves

        def wrap(move: PreparedMove, context: Any) -> PreparedMove:
            way.context = context
            revision = move.move.revision

            def read() -> Catalog:
                return self._own_left_out(scratch.catalog(context.connection))

            def run(**arguments: Any) -> None:
                before = found[-1].after if found else read()
                one = RecordedRevision(revision, before)
                if not found:
                    filled.update(table.key for table in before.tables)
                with Recorder(context, one, read, filled).listen():
                    move.program(**arguments)
                one.after = read()
                found.append(one)

            return PreparedMove(move.move, run, move.doc) if revision.id in ids else move

        self._run(plan, wrap)
        return found

    def _run_new(self, new: Revision, direction: Direction) -> None:
        program = self.project.program(new)
        function = program.upgrade if direction == "up" else program.downgrade
        start = frozenset(self.wanted.start)

        def job(rows: tuple[str, ...], _context: Any) -> list[PreparedMove]:
            here = frozenset(rows)
            after = here - start | {new.id} if direction == "up" else here - {new.id} | start
            return [PreparedMove(Move(new, direction, here, after), function, new.doc)]

        try:
            run_env(self.project, job, script=self.script)
        except Exception as error:
            words = error.message if isinstance(error, LimbeckError) else str(error)
            raise SquashError(
                "The new revision fails on a scratch database, unlike the old ones: "
                f"{words.strip().splitlines()[0]}",
                hint="Nothing was written. Choose a range without the revision concerned.",
                code="LB696",
            ) from error

    def _catalog(self, scratch: ScratchDatabase) -> Catalog:
        return self._own_left_out(scratch.catalog())

    def _own_left_out(self, catalog: Catalog) -> Catalog:
        return catalog.filter(
            lambda one: (
                one.key != self._version_table
                and not (one.key.kind == "table" and one.key.name.startswith(JOURNAL_TABLE))
            )
        )


def _version_table(context: Any) -> Key:
    schema = context.version_table_schema
    if schema == context.dialect.default_schema_name:
        schema = None
    return Key("table", (schema, context.version_table))


def _require_same(old: Catalog, new: Catalog, what: str) -> None:
    """Raise an error if the old revisions and the new one produce different schemas.

    Raises:
        SquashError: the schemas differ.
    """
    traces = schema_traces(comparable(old), comparable(new))
    if traces:
        shown = "; ".join(f"{one.object} {one.difference}" for one in traces[:_SHOWN])
        raise SquashError(
            f"After the {what} of the new revision, the schema differs from the old one: {shown}",
            hint="Nothing was written. Choose a range without the revision concerned.",
            code="LB696",
        )


def _compare_rows(old: RowDigests, new: RowDigests, request: SquashRequest) -> int:
    """Compare the rows of both runs.

    Returns:
        The number of tables with rows.

    Raises:
        SquashError: the rows differ.
    """
    differing = [key for key in old if old[key] != new.get(key)]
    for key in differing:
        mine, other = old[key], new.get(key)
        same_number = other is not None and mine.count == other.count
        columns = sorted(
            name
            for name, digest in mine.columns.items()
            if other is None or other.columns.get(name) != digest
        )
        words = f"{key.name} ({', '.join(columns) or 'rows'})"
        if request.keep_data and same_number:
            _log.warning("The values differ in %s, because each run generates its own", words)
            continue
        raise SquashError(
            f"The rows of the new revision differ from those of the old ones: {words}",
            hint="Nothing was written. --keep-data accepts values that differ in each run (times, "
            "random identifiers). --drop-data omits the rows.",
            code="LB696",
        )
    return sum(1 for digest in old.values() if digest.count)
