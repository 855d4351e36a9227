"""`init` and `list_templates`: create a migration environment, and list its templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.project import Config, Template, templates, write_environment


@dataclass(frozen=True, slots=True)
class InitRequest:
    """The environment to create.

    Attributes:
        directory: the folder of the environment.
        template: the name of the template.
        package: also write `__init__.py` files.
        program: the name of the running program; env.py imports from it.
        head_file: write a head file; the template `declared` always does.
        url: the database URL, for a project without env.py.
        metadata: the models, for a project without env.py.
    """

    directory: str
    template: str = "generic"
    package: bool = False
    program: str = "limbeck"
    head_file: bool = False
    url: str | None = None
    metadata: str | None = None


@dataclass(frozen=True, slots=True)
class InitResult:
    """The environment that was created.

    Attributes:
        files: the files that were written.
        directories: the folders that were created.
        kept: the existing files that were not changed.
        config_path: the configuration file to edit next.
        url: the database URL in the configuration, None if there is none yet.
        metadata: the models in the configuration.
    """

    files: tuple[Path, ...]
    directories: tuple[Path, ...]
    kept: tuple[Path, ...]
    config_path: Path
    url: str | None = None
    metadata: str | None = None


def init(
    config: Config, request: InitRequest, *, notify: Callable[[str, object], Any] | None = None
) -> InitResult:
    """Write a new environment, without changing existing files."""
    # a project without env.py cannot be a project of Alembic
    has_head_file = request.template.startswith("declared") or bool(request.head_file)
    given = {"url": request.url, "metadata": request.metadata}
    named = {name: value for name, value in given.items() if value is not None}
    made = write_environment(
        config,
        request.directory,
        template=request.template,
        package=request.package,
        import_name="alembic" if request.program == "alembic" else "limbeck",
        head_file=has_head_file,
        notify=notify,
        **named,
    )
    written = {path.name: path for path in (*made.files, *made.kept)}
    toml = Path(config.toml_file_name or "pyproject.toml")
    ini = Path(config.config_file_name or "alembic.ini")
    settings = ini if ini.name in written or toml.name not in written else toml
    if settings is toml and toml.name in {path.name for path in made.kept}:
        # a file that was kept says what the project uses, whatever was found elsewhere
        given = {name: config.get_alembic_option(name) or given[name] for name in given}
    return InitResult(made.files, made.directories, made.kept, settings.absolute(), **given)


def list_templates(config: Config) -> tuple[Template, ...]:
    """Return the templates of a configuration."""
    return templates(config)
