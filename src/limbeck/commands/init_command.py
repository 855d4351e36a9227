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
        head_file: write a head file; None for projects that import limbeck.
    """

    directory: str
    template: str = "generic"
    package: bool = False
    program: str = "limbeck"
    head_file: bool | None = None


@dataclass(frozen=True, slots=True)
class InitResult:
    """What was set up.

    Attributes:
        files: the files written.
        directories: the folders made.
        kept: the files that were there and stay as they are.
        config_path: the configuration to edit next.
    """

    files: tuple[Path, ...]
    directories: tuple[Path, ...]
    kept: tuple[Path, ...]
    config_path: Path


def init(
    config: Config, request: InitRequest, *, notify: Callable[[str, object], Any] | None = None
) -> InitResult:
    """Write a new environment; touch no file that is there."""
    import_name = "alembic" if request.program == "alembic" else "limbeck"
    is_native = import_name == "limbeck"
    made = write_environment(
        config,
        request.directory,
        template=request.template,
        package=request.package,
        import_name=import_name,
        head_file=is_native if request.head_file is None else request.head_file,
        notify=notify,
    )
    written = {path.name: path for path in (*made.files, *made.kept)}
    toml = Path(config.toml_file_name or "pyproject.toml")
    ini = Path(config.config_file_name or "alembic.ini")
    settings = ini if ini.name in written or toml.name not in written else toml
    return InitResult(made.files, made.directories, made.kept, settings.absolute())


def list_templates(config: Config) -> tuple[Template, ...]:
    """List the templates of a configuration's template folder."""
    return templates(config)
