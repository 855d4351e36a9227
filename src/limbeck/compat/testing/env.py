"""`alembic.testing.env`: an environment in the directory `scratch`, for test suites."""

from __future__ import annotations

import py_compile
import shutil
from argparse import Namespace
from pathlib import Path
from typing import Literal

from limbeck import commands
from limbeck.compat.script import ScriptDirectory
from limbeck.project import Config

FOLDER = "scratch"


def staging_env(
    create: bool = True,  # noqa: FBT001, FBT002 - a public signature
    template: str = "generic",
    sourceless: bool | Literal["simple", "pep3147_envonly", "pep3147_everything"] = False,  # noqa: FBT001, FBT002
) -> ScriptDirectory:
    """Create an environment in the directory `scratch` in the working directory.

    Args:
        create: write its files, after removing existing ones.
        template: the template to use.
        sourceless: keep env.py as bytecode only, in its directory or in `__pycache__`.

    Returns:
        The script directory of the environment.
    """
    home = Path.cwd() / FOLDER
    scripts = home / "scripts"
    config = Config(str(home / "alembic.ini"), cmd_opts=Namespace(quiet=True))
    if create:
        clear_staging_env()
        home.mkdir()
        commands.init(config, commands.InitRequest(str(scripts), template, program="alembic"))
        if sourceless:
            _without_source(scripts / "env.py", cached=str(sourceless).startswith("pep3147"))
        config = Config(str(home / "alembic.ini"), cmd_opts=Namespace(quiet=True))
    config.set_main_option("script_location", scripts.as_posix().replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def clear_staging_env() -> None:
    """Remove what `staging_env` created."""
    shutil.rmtree(Path.cwd() / FOLDER, ignore_errors=True)


def _without_source(path: Path, *, cached: bool) -> None:
    target = None if cached else str(path.with_suffix(".pyc"))
    py_compile.compile(str(path), cfile=target, doraise=True)
    path.unlink()
