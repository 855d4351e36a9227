"""`testdb`: create migrated databases for tests as copies of a template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.commands.run_env import Script, run_env
from limbeck.commands.upgrade_command import MoveRequest, upgrade
from limbeck.project import Project
from limbeck.snapshots import DatabaseTemplateError
from limbeck.sql import mask_secrets

if TYPE_CHECKING:
    from limbeck.scratch import DatabaseSource, ScratchDatabase
    from limbeck.snapshots import Templates

_WORD = "test"


def database_templates(
    project: Project, *, script: Script | None = None, folder: Path | None = None
) -> Templates:
    """Return the templates for test databases of a project.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        folder: the folder for templates that are files.

    Raises:
        ScratchError: env.py connects in a way that cannot be redirected.
    """
    from limbeck.scratch import capture_source, redirected
    from limbeck.snapshots import Templates, history_hash

    def nothing(_rows: object, _context: object) -> list[Any]:
        return []

    source = capture_source(lambda: run_env(project, nothing, script=script, dont_mutate=True))

    def migrate(made: ScratchDatabase) -> None:
        with redirected(made, source):
            upgrade(project, MoveRequest("heads", confirmed=True), script=script)

    history = project.history()
    key = history_hash(history, history.heads)
    return Templates(source, str(Path(project.root).resolve()), key, migrate, folder)


def create_test_database(project: Project, name: str, *, script: Script | None = None) -> str:
    """Create a migrated database.

    Args:
        project: the project.
        name: its name; on SQLite, its path.
        script: the `context.script` of env.py.

    Returns:
        Its URL, without the password.

    Raises:
        DatabaseTemplateError: the name is not that of a test database, or is in use.
    """
    templates = database_templates(project, script=script)
    _require_test_name(name, templates.source)
    try:
        made = templates.create(name)
    finally:
        templates.close()
    return mask_secrets(made.url.render_as_string(hide_password=True))


def drop_test_database(project: Project, name: str, *, script: Script | None = None) -> bool:
    """Drop a test database, and end its sessions.

    Args:
        project: the project.
        name: its name; on SQLite, its path.
        script: the `context.script` of env.py.

    Returns:
        False if there was none.

    Raises:
        DatabaseTemplateError: the name is not that of a test database.
    """
    templates = database_templates(project, script=script)
    _require_test_name(name, templates.source)
    try:
        return templates.drop(name)
    finally:
        templates.close()


def prune_templates(project: Project, *, script: Script | None = None) -> tuple[str, ...]:
    """Drop the templates of the project, except that of the current revision files.

    Args:
        project: the project.
        script: the `context.script` of env.py.

    Returns:
        The names of the dropped templates.
    """
    templates = database_templates(project, script=script)
    try:
        return templates.prune()
    finally:
        templates.close()


def _require_test_name(name: str, source: DatabaseSource) -> None:
    """Reject other names, so that a typing error cannot drop another database."""
    own = source.url.database or ""
    if _WORD not in Path(name).name.lower() or name == own or _same_file(name, own):
        raise DatabaseTemplateError(
            f"{name} is not the name of a test database",
            hint='The name must contain "test", and must not be that of the project\'s database.',
        )


def _same_file(one: str, other: str) -> bool:
    return bool(other) and Path(one).resolve() == Path(other).resolve()
