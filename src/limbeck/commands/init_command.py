"""`init` and `list_templates`: a new migration environment, and what it can start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.project import Config, Template, templates, write_environment


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What to set up.

    Attributes:
        directory: the folder of the environment.
        template: what to start from.
        package: write `__init__.py` files as well.
        program: the name of the program that asks; files import from it.
        head_file: write a head file; the template `declared` always does.
        url: the database of a project without env.py.
        metadata: its models.
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
    """What was set up.

    Attributes:
        files: the files written.
        directories: the folders made.
        kept: the files that were there and stay as they are.
        config_path: the configuration to edit next.
        url: the database that the configuration names; None where it names none yet.
        metadata: the models that it names.
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
    """Write a new environment; touch no file that is there."""
    # a project without env.py cannot be one of Alembic's
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
    return InitResult(made.files, made.directories, made.kept, settings.absolute(), **given)


def list_templates(config: Config) -> tuple[Template, ...]:
    """List the templates of a configuration's template folder."""
    return templates(config)
