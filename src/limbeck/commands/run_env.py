"""Run env.py for a command, and load the migrations for the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from limbeck.errors import InvalidValueError, ProjectError
from limbeck.history import Move
from limbeck.project import Project, load_programs, unset_variables

Job: TypeAlias = Callable[[Any, Any], Iterable[Any]]


class Script(Protocol):
    """The `context.script` of env.py: a Project, or Alembic's view of one."""

    def run_env(self) -> None:
        """Execute env.py."""


@dataclass(frozen=True, slots=True)
class PreparedMove:
    """A move with its upgrade or downgrade function, for the runner.

    Attributes:
        move: the move.
        program: its function.
        doc: the first paragraph of the docstring.
        is_skipped: whether the function is skipped and this is recorded in the journal.
    """

    move: Move
    program: Callable[..., None]
    doc: str
    is_skipped: bool = False


def _nothing(**_arguments: Any) -> None:
    """Do nothing, because a stamp only changes the version rows."""


def load_moves(
    project: Project, moves: Sequence[Move], *, skips_data: bool = False
) -> list[PreparedMove]:
    """Return each move with its function; skipped data migrations have none.

    All files are loaded before the first one runs, so that an invalid file stops the command
    before the database is changed.
    """
    pending = []
    for move in moves:
        is_skipped = skips_data and move.revision.kind == "data"
        if move.direction != "stamp" and not is_skipped:
            pending.append(move.revision)
    programs = load_programs(project, pending)
    prepared = []
    for move in moves:
        program = programs.get(move.revision.id)
        function: Callable[..., None] = _nothing
        if program is not None and move.direction != "stamp":
            function = program.upgrade if move.direction == "up" else program.downgrade
        is_skipped = skips_data and move.revision.kind == "data"
        prepared.append(PreparedMove(move, function, move.revision.doc, is_skipped=is_skipped))
    return prepared


def undeclared_policy(project: Project) -> str:
    """Return the setting for views, triggers and routines that the models do not have.

    Raises:
        InvalidValueError: the setting is not `keep` or `drop`.
    """
    value = str(project.option("undeclared") or "keep")
    if value not in {"keep", "drop"}:
        raise InvalidValueError(f"undeclared is {value!r}", hint="Write keep or drop.")
    return value


def ignore_patterns(project: Project) -> tuple[str, ...]:
    """Return the patterns of database objects that are not compared.

    Raises:
        InvalidValueError: the setting is not a list of strings.
    """
    value = project.option("ignore")
    if not value:
        return ()
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)) or not all(isinstance(one, str) for one in words):
        raise InvalidValueError(
            f"ignore is {value!r}", hint='Write ignore = ["legacy_*", "audit.*"].'
        )
    return tuple(words)


def _schema_reader(project: Project) -> Callable[..., Any]:
    """Return a function that returns the schema during a migration; it is imported on first use."""
    readers: list[Any] = []

    def read(*arguments: Any) -> Any:
        if not readers:
            from limbeck.autogenerate import RevisionSchemas

            readers.append(RevisionSchemas(project))
        return readers[0](*arguments)

    return read


def run_env(project: Project, job: Job, *, script: Script | None = None, **options: Any) -> None:
    """Execute env.py, whose `run_migrations()` calls a job.

    Args:
        project: the project.
        job: a function called with the version rows and the migration context, once per database.
            env.py can read its name, `opts["fn"].__name__`; it is the same as in Alembic.
        script: the `context.script` of env.py; the project by default.
        options: further options of the environment; None values are omitted. With
            `output_buffer`, the run is not logged.

    Raises:
        ProjectError: the URL of the ini file names a variable that is not set.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from limbeck.environment import Environment, answers_within, run_declared
    from limbeck.runtime import quiet_migration_log

    seen = script or project
    given = {name: value for name, value in options.items() if value is not None}
    given.setdefault("detect", project.detect)
    given.setdefault("undeclared", undeclared_policy(project))
    given.setdefault("ignore", ignore_patterns(project))
    given.setdefault("schema_reader", _schema_reader(project))
    with (
        quiet_migration_log() if "output_buffer" in given else nullcontext(),
        answers_within(project.connect_timeout),
        Environment(project.config, seen, fn=job, **given) as environment,
    ):
        if project.declared:
            run_declared(environment)
            return
        try:
            seen.run_env()
        except (SQLAlchemyError, ValueError) as error:
            if not environment.is_configured:
                _require_variables(project, error)
            raise


def _require_variables(project: Project, error: Exception) -> None:
    """Refuse a database whose URL names a variable that is not set.

    Raises:
        ProjectError: there is such a variable.
    """
    config = project.config
    unset = [] if config is None or project.detect != "all" else unset_variables(config)
    if unset and config is not None:
        raise ProjectError(
            f"The environment variable {unset[0]}, which sqlalchemy.url names, is not set",
            hint=f"export {unset[0]}=... or write it into the file .env, and run the command "
            "again.",
            place=config.config_file_name,
        ) from error
