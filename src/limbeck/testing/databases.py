"""A migrated database for each test, made from a template in a few milliseconds.

The template is made by the first process that needs it, with all processes of pytest-xdist
waiting, and is used until a revision file changes.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.scratch import new_name

if TYPE_CHECKING:
    from sqlalchemy import URL

    from limbeck.project import Config
    from limbeck.snapshots import Templates

_FACE = "limbeck.compat.script"
_templates: dict[object, Templates] = {}


@contextlib.contextmanager
def template_database(config: Config | str | os.PathLike[str] | None = None) -> Iterator[URL]:
    """Make a database with all migrations applied, and drop it at the end.

    Its name is that of a scratch database, so that the database of a process that was killed is
    dropped by a later run.

    Args:
        config: the configuration, or the path of an ini file or pyproject.toml; by default the
            files in the current folder.

    Yields:
        The URL of the database, with the driver of the project and its password.

    Raises:
        DatabaseTemplateError: the database cannot be made.
        ScratchError: env.py connects in a way that cannot be redirected, or the server refuses.
        DatabaseError: a migration fails.
    """
    templates = _templates_of(config)
    with contextlib.ExitStack() as stack:
        name = new_name()
        if templates.is_file:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="limbeck-test-"))
            name = str(Path(folder) / "test.sqlite")
        made = templates.create(name)
        stack.callback(templates.drop, name)
        yield made.url


def template_fixture(
    config: Config | str | os.PathLike[str] | None = None, *, scope: Any = "function"
) -> Any:
    """Return a pytest fixture that gives the URL of a database with all migrations applied.

    Args:
        config: the configuration; see `template_database`.
        scope: the scope of the fixture, which decides how many tests use one database.
    """
    import pytest

    def migrated_url() -> Iterator[URL]:
        with template_database(config) as url:
            yield url

    return pytest.fixture(scope=scope)(migrated_url)


def close_templates() -> None:
    """Close the connections that this process uses to make databases."""
    while _templates:
        _templates.popitem()[1].close()


def _templates_of(config: Config | str | os.PathLike[str] | None) -> Templates:
    key: object = os.path.realpath(config) if isinstance(config, (str, os.PathLike)) else config
    # connections do not survive a fork
    key = (os.getpid(), key)
    if key not in _templates:
        if not _templates:
            atexit.register(close_templates)
        _templates[key] = _made(config)
    return _templates[key]


def _made(config: Config | str | os.PathLike[str] | None) -> Templates:
    from limbeck import compat
    from limbeck.commands import database_templates
    from limbeck.project import Project, find_config

    compat.install()
    if config is None:
        config = find_config(name="limbeck")
    elif isinstance(config, (str, os.PathLike)):
        config = find_config([os.fspath(config)], name="limbeck")
    project = Project.from_config(config)
    face = importlib.import_module(_FACE).ScriptDirectory
    return database_templates(project, script=face.from_config(config))
