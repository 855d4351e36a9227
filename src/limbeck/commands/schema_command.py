"""`schema`: print the schema at a revision, replayed from the revision files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Catalog
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import DraftError, InvalidValueError
from limbeck.project import Project

if TYPE_CHECKING:
    from limbeck.autogenerate import ReplayResult


@dataclass(frozen=True, slots=True)
class SchemaRequest:
    """The revision and the dialect.

    Attributes:
        revision: the revision; the heads by default.
        dialect: SQLAlchemy's name of the dialect; that of the project by default.
    """

    revision: str = "heads"
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class OpaqueStep:
    """A statement in a revision whose effect is unknown without a database.

    Attributes:
        revision: the identifier of the revision, None if it is unknown.
        path: its file.
        line: the line of the file.
        reason: why the effect is unknown.
    """

    revision: str | None
    path: str | None
    line: int | None
    reason: str

    @property
    def text(self) -> str:
        """The place and the reason on one line."""
        place = "" if self.path is None else f" ({self.path}, line {self.line})"
        return f"{self.revision or 'a revision'}{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """A schema that was replayed from the revision files.

    Attributes:
        revisions: its revisions, as version rows.
        dialect: SQLAlchemy's name of the dialect.
        catalog: the objects.
        sql: the statements that create them.
        opaque: the statements that could not be replayed; the schema may lack their effects.
    """

    revisions: tuple[str, ...]
    dialect: str
    catalog: Catalog
    sql: str
    opaque: tuple[OpaqueStep, ...]


def schema(
    project: Project, request: SchemaRequest, *, script: Script | None = None
) -> SchemaResult:
    """Replay the history up to a revision, without a database.

    Args:
        project: the project.
        request: the revision and the dialect.
        script: the `context.script` of env.py.

    Raises:
        HistoryError: the revision does not exist.
        DraftError: a revision cannot run without a database, or an object cannot be created by a
            statement.
    """
    rows = version_rows(project, request.revision)
    results: list[SchemaResult] = []

    def job(_rows: tuple[str, ...], context: Any) -> list[Any]:
        from limbeck.snapshots import schema_script

        if results:
            return []  # only the first database is used
        dialect = context.dialect if request.dialect is None else _named_dialect(request.dialect)
        replayed = _replayed(project, rows, dialect, context.opts)
        made = schema_script(replayed.catalog, dialect, context.opts)
        text = "\n\n".join(filter(None, (made.objects, made.late)))
        opaque = opaque_steps(project, replayed)
        results.append(SchemaResult(rows, dialect.name, replayed.catalog, text, opaque))
        return []

    run_env(project, job, script=script, as_sql=True, output_buffer=io.StringIO())
    return results[0]


def _replayed(
    project: Project, rows: Sequence[str], dialect: Any, options: Mapping[str, Any]
) -> ReplayResult:
    try:
        return replay_to(project, rows, dialect, options)
    except DraftError as error:
        error.hint = (
            "This revision cannot run without a database. `snapshot` runs the history on a scratch "
            "database and writes the resulting schema."
        )
        raise


def version_rows(project: Project, revision: str) -> tuple[str, ...]:
    """Return the version rows of a database at a revision; empty for the base.

    Args:
        project: the project.
        revision: the identifier of one or more revisions.
    """
    history = project.history()
    wanted = [one.id for one in history.resolve(revision)]
    moves = history.route((), wanted, "up") if wanted else ()
    return tuple(sorted(moves[-1].after)) if moves else ()


def replay_to(
    project: Project, rows: Sequence[str], dialect: Any, options: Mapping[str, Any]
) -> ReplayResult:
    """Return the replayed schema at some revisions.

    Args:
        project: the project.
        rows: the revisions.
        dialect: SQLAlchemy's dialect.
        options: the options of `context.configure`.

    Raises:
        DraftError: a revision cannot run without a database.
    """
    from limbeck.autogenerate import replay
    from limbeck.environment import own_context
    from limbeck.operations import Operations

    offline = own_context(
        dialect=dialect, opts={**options, "as_sql": True, "output_buffer": io.StringIO()}
    )
    with Operations.context(offline):
        return replay(project, offline, tuple(rows))


def opaque_steps(project: Project, replayed: ReplayResult) -> tuple[OpaqueStep, ...]:
    """Return the statements that could not be replayed, each place once.

    Args:
        project: the project.
        replayed: the replay.
    """
    revisions = {one.file: one.id for one in project.history()}
    found: dict[OpaqueStep, None] = {}
    for one in replayed.unknown:
        path = None if one.origin is None else one.origin.path
        line = None if one.origin is None else one.origin.line
        found[OpaqueStep(revisions.get(path), path, line, one.reason)] = None
    return tuple(found)


def _named_dialect(name: str) -> Any:
    import sqlalchemy as sa

    try:
        return sa.make_url(f"{name}://").get_dialect()()
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise InvalidValueError(
            f"--dialect {name!r} is not a dialect that SQLAlchemy knows",
            hint="Write postgresql, mysql, mariadb or sqlite.",
        ) from error
