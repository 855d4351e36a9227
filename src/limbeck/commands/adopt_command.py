"""`adopt`: find the revision of an existing database, and set its version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limbeck.commands.run_env import PreparedMove, Script, ignore_patterns, load_moves, run_env
from limbeck.commands.stamp_command import StampRequest, stamp
from limbeck.project import Project
from limbeck.snapshots import AdoptError

if TYPE_CHECKING:
    from limbeck.catalog import Catalog
    from limbeck.scratch import DatabaseSource

_WORDS = {"is still there": "is only in the database", "is gone": "is missing in the database"}


@dataclass(frozen=True, slots=True)
class AdoptRequest:
    """The options of `adopt`.

    Attributes:
        confirmed: set the version without asking.
        confirm: a function that asks for confirmation; None without a terminal.
        kind: the kind of scratch database; the setting `scratch` by default.
        scratch_url: another server for it; the setting `scratch_url` by default.
        lock_timeout: seconds to wait for another runner.
    """

    confirmed: bool = False
    confirm: Callable[[Sequence[str]], bool] | None = None
    kind: str | None = None
    scratch_url: str | None = None
    lock_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class AdoptResult:
    """The state of the history that is most similar to a database.

    Attributes:
        revisions: its version rows.
        differences: the differences of the database, by object; empty if there are none.
        is_stamped: whether the version of the database was set.
    """

    revisions: tuple[str, ...]
    differences: tuple[str, ...]
    is_stamped: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the database has exactly the schema of the revisions."""
        return not self.differences


def adopt(project: Project, request: AdoptRequest, *, script: Script | None = None) -> AdoptResult:
    """Compare a database without version rows with the schema at each revision.

    The revisions run on a scratch database. The version is set if the schemas are equal. Nothing
    else is written.

    Args:
        project: the project.
        request: the options.
        script: the `context.script` of env.py.

    Returns:
        The newest state of the history that is equal, or else the most similar one.

    Raises:
        AdoptError: the database has version rows or no objects, or the history has no revisions.
        ScratchError: a scratch database cannot be created.
    """
    from limbeck.scratch import capture_source, open_scratch, redirected

    if not project.history().ids:
        raise AdoptError("The history has no revisions", hint="Write a revision first.")

    def nothing(_rows: object, _context: object) -> list[Any]:
        return []

    source: DatabaseSource = capture_source(
        lambda: run_env(project, nothing, script=script, dont_mutate=True)
    )
    present = _present(project, script)
    kind = request.kind or str(project.option("scratch") or "auto")
    url = request.scratch_url or project.option("scratch_url")
    with (
        open_scratch(source, kind=kind, scratch_url=url) as scratch,  # type: ignore[arg-type] # a choice
        redirected(scratch, source),
    ):
        found = _nearest(project, present, script)
    if not found.is_exact:
        return found
    if not request.confirmed and not _agreed(request, found):
        return found
    rows = StampRequest(found.revisions, lock_timeout=request.lock_timeout)
    stamp(project, rows, script=script)
    return AdoptResult(found.revisions, (), is_stamped=True)


def require_adopted(found: AdoptResult) -> None:
    """Raise an error if the version of the database was not set.

    Raises:
        AdoptError: the database differs from every state of the history, or the user declined.
    """
    if found.is_stamped:
        return
    at = ", ".join(found.revisions)
    if found.is_exact:
        raise AdoptError(
            f"The database is at {at}, and setting its version was not confirmed",
            hint=f"Run `adopt --yes`, or `stamp {' '.join(found.revisions)}`. Nothing was written.",
            code="LB489",
        )
    number = len(found.differences)
    raise AdoptError(
        f"No revision has the schema of this database; the most similar is {at}, with {number} "
        f"difference{'s' if number != 1 else ''}",
        hint=f"Remove the differences in the database or in the revisions, and run `adopt` "
        f"again. If they do not matter, set the version with `stamp {' '.join(found.revisions)}`. "
        "Nothing was written.",
    )


def _agreed(request: AdoptRequest, found: AdoptResult) -> bool:
    if request.confirm is None:
        return False
    at = ", ".join(found.revisions)
    return request.confirm([f"The schema is that of {at}. Only the version will be set."])


def _present(project: Project, script: Script | None) -> Catalog:
    """Read the objects of the database.

    Raises:
        AdoptError: the database has version rows or no objects.
    """
    from limbeck.snapshots import user_objects

    found: list[Catalog] = []

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        if rows:
            raise AdoptError(
                f"The database already has a version: {', '.join(rows)}",
                hint="`current` and `check` show its state; `upgrade` continues from there.",
            )
        found.append(_considered(project, user_objects(context)))
        return []

    run_env(project, job, script=script, dont_mutate=True)
    if not len(found[0]):
        raise AdoptError("The database is empty", hint="`upgrade` creates the schema.")
    return found[0]


def _nearest(project: Project, present: Catalog, script: Script | None) -> AdoptResult:
    """Run the history, compare after each revision, and return the newest most similar state."""
    from limbeck.snapshots import user_objects

    best: list[tuple[int, AdoptResult]] = []

    def compare(*, ctx: Any, heads: Any, **_rest: Any) -> None:
        state = _considered(project, user_objects(ctx))
        differences = _differences(state, present)
        distance = _distance(state, present, differences)
        if not best or distance <= best[0][0]:
            best[:] = [(distance, AdoptResult(tuple(sorted(heads)), differences))]

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        # the project's callbacks are not called for a scratch database
        context.on_version_apply_callbacks = (compare,)
        return load_moves(project, project.history().route(rows, "heads", "up"))

    run_env(project, job, script=script, destination_rev="heads")
    return best[0][1]


def _considered(project: Project, catalog: Catalog) -> Catalog:
    """Remove the objects that the project ignores."""
    from limbeck.autogenerate import is_ignored

    patterns = ignore_patterns(project)
    return catalog.filter(lambda thing: not is_ignored(thing.key, patterns))


def _distance(state: Catalog, present: Catalog, differences: Sequence[str]) -> int:
    """Return the number of differences; a missing table counts with all its parts."""
    alone = [
        one
        for here, there in ((state, present), (present, state))
        for one in here.tables
        if one.key not in there
    ]
    return len(differences) + sum(
        len(table.columns) + len(table.constraints) + len(table.indexes) for table in alone
    )


def _differences(state: Catalog, present: Catalog) -> tuple[str, ...]:
    from limbeck.verification import comparable, schema_traces

    traces = schema_traces(comparable(state), comparable(present))
    return tuple(f"{one.object} {_WORDS.get(one.difference, one.difference)}" for one in traces)
