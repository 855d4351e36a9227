"""Run the branches of a merge in both orders on scratch databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from limbeck.catalog import Catalog, Key
from limbeck.commands.merge_command import require_several
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.errors import LimbeckError, MergeConflictError, ScratchError
from limbeck.history import Revision
from limbeck.project import Project
from limbeck.runtime import JOURNAL_TABLE
from limbeck.scratch import (
    DatabaseSource,
    ScratchDatabase,
    capture_source,
    open_scratch,
    redirected,
)
from limbeck.verification import comparable, schema_traces


@dataclass(frozen=True, slots=True)
class MergeTrial:
    """The result of running both orders.

    Attributes:
        server: the server; "" if they were not run.
        reason: the reason why they were not run.
    """

    server: str = ""
    reason: str = ""


@dataclass
class _OrderRun:
    """The run of one order of the heads.

    Attributes:
        catalog: the catalog after the run.
        touched: the objects that each revision changes.
        failed: the revision that failed, and the reason.
    """

    catalog: Catalog = field(default_factory=Catalog)
    touched: dict[str, frozenset[Key]] = field(default_factory=dict)
    failed: tuple[Revision, str] | None = None
    server: str = ""


def try_merge(
    project: Project,
    revisions: Sequence[str],
    *,
    script: Script | None = None,
    scratch_url: str | None = None,
) -> MergeTrial:
    """Run the branches to join one after the other, in both orders.

    Args:
        project: the project.
        revisions: the revisions to join, or `heads`.
        script: the `context.script` of env.py.
        scratch_url: another server for the scratch databases.

    Returns:
        The result. If the orders were run, they produce the same schema.

    Raises:
        MergeConflictError: the schemas differ, or a branch fails after the other.
        HistoryError: there is only one revision, in a native project.
    """
    require_several(project, tuple(revisions))
    history = project.history()
    heads = list(dict.fromkeys(one.id for text in revisions for one in history.resolve(text)))
    if len(heads) < 2:  # noqa: PLR2004 - a single one has no order
        return MergeTrial(reason="there is only one branch")
    try:
        source = capture_source(lambda: run_env(project, _nothing, script=script, dont_mutate=True))
        first = _run(project, script, source, heads, scratch_url)
        second = _run(project, script, source, heads[::-1], scratch_url)
    except ScratchError as error:
        return MergeTrial(reason=error.message)
    _require_commuting(project, heads, first, second)
    return MergeTrial(first.server)


def _nothing(_rows: object, _context: object) -> list[PreparedMove]:
    return []


def _run(
    project: Project,
    script: Script | None,
    source: DatabaseSource,
    heads: Sequence[str],
    scratch_url: str | None,
) -> _OrderRun:
    order = _OrderRun()
    with open_scratch(source, scratch_url=scratch_url) as scratch, redirected(scratch, source):
        order.server = scratch.server
        for head in heads:
            _upgrade(project, script, scratch, order, head)
            if order.failed is not None:
                break
    return order


def _upgrade(
    project: Project, script: Script | None, scratch: ScratchDatabase, order: _OrderRun, head: str
) -> None:
    running: list[Revision] = []

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        def read() -> Catalog:
            return _own_left_out(scratch.catalog(context.connection), context.version_table)

        moves = load_moves(project, project.history().route(rows, head, "up"))
        return [_recorded(move, order, read, running) for move in moves]

    try:
        run_env(project, job, script=script)
    except ScratchError:
        raise
    except Exception as error:
        if not running:
            raise
        words = error.message if isinstance(error, LimbeckError) else str(error)
        order.failed = running[-1], words.strip().splitlines()[0]


def _recorded(
    move: PreparedMove, order: _OrderRun, read: Callable[[], Catalog], running: list[Revision]
) -> PreparedMove:
    revision = move.move.revision

    def run(**arguments: Any) -> None:
        running.append(revision)
        before = order.catalog = read()
        move.program(**arguments)
        order.catalog = read()
        keys = {*before.objects, *order.catalog.objects}
        order.touched[revision.id] = frozenset(
            key for key in keys if before.get(key) != order.catalog.get(key)
        )

    return PreparedMove(move.move, run, move.doc)


def _own_left_out(catalog: Catalog, version_table: str) -> Catalog:
    return catalog.filter(
        lambda one: (
            one.key.kind != "table"
            or not (one.key.name == version_table or one.key.name.startswith(JOURNAL_TABLE))
        )
    )


def _require_commuting(
    project: Project, heads: Sequence[str], first: _OrderRun, second: _OrderRun
) -> None:
    for order in (first, second):
        if order.failed is None:
            continue
        revision, reason = order.failed
        other = second if order is first else first
        keys = other.touched.get(revision.id, frozenset())
        lines = _other_revisions(project, heads, revision.id)
        rival = _last_change(project, order, lines, keys)
        where = f" on {_names(keys)}" if keys else ""
        raise _conflict(f"{revision.id} fails after the other branch{where}: {reason}",
                        [revision, *rival])  # fmt: skip
    traces = schema_traces(comparable(first.catalog), comparable(second.catalog))
    if not traces:
        return
    keys = frozenset(
        key
        for key in {*first.catalog.objects, *second.catalog.objects}
        if comparable(first.catalog).get(key) != comparable(second.catalog).get(key)
    )
    found = [
        one
        for head in heads
        for one in _last_change(project, first, _own_revisions(project, heads, head), keys)
    ]
    raise _conflict(f"the {traces[0].object} depends on the order of the branches", found)


def _own_revisions(project: Project, heads: Sequence[str], head: str) -> set[str]:
    """Return the ancestors of a head that no other head has."""
    history = project.history()
    others = history.ancestors(other for other in heads if other != head)
    return history.ancestors([head]) - others


def _other_revisions(project: Project, heads: Sequence[str], id_: str) -> set[str]:
    """Return the revisions of the other branches."""
    return {
        one
        for head in heads
        for one in _own_revisions(project, heads, head)
        if id_ not in _own_revisions(project, heads, head)
    }


def _last_change(
    project: Project, order: _OrderRun, ids: Iterable[str], keys: frozenset[Key]
) -> list[Revision]:
    """Return the last revision that changes one of the objects."""
    history = project.history()
    found = [one for one in ids if not keys.isdisjoint(order.touched.get(one, frozenset()))]
    return list(history.newest_first(found)[:1])


def _names(keys: Iterable[Key]) -> str:
    return ", ".join(sorted(f"{key.kind.replace('_', ' ')} {key.name}" for key in keys))


def _conflict(words: str, revisions: Sequence[Revision]) -> MergeConflictError:
    files = " and ".join(str(one.path) for one in revisions)
    return MergeConflictError(
        f"The order of the branches matters: {words}. See {files}",
        hint="Nothing was written. `rebase` moves one branch after the other. --no-verify writes "
        "the merge without this check.",
        place=str(revisions[0].path) if revisions else None,
    )
