"""Find the configuration of a project: what -c, the environment and the defaults mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from limbeck.project.config import Config
from limbeck.project.errors import BadValue

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

TOML_NAME = "pyproject.toml"


def find_config(
    files: Sequence[str] | None = None,
    *,
    name: str = "alembic",
    section: str = "alembic",
    cmd_opts: Any = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return the configuration that a command line means.

    Args:
        files: what was given as -c, an ini file or a pyproject.toml, or one of each.
        name: the name of the command that runs: "limbeck" also knows limbeck.ini.
        section: the section of the ini file.
        cmd_opts: the parsed command line.
        environ: LIMBECK_CONFIG and ALEMBIC_CONFIG name the file when none was given.

    Raises:
        BadValue: two files of one kind.
    """
    given = list(files or ())
    if not given:
        from_environment = environ.get("LIMBECK_CONFIG") or environ.get("ALEMBIC_CONFIG")
        given = [from_environment] if from_environment else []
    if not given:
        own = name == "limbeck" and os.path.isfile("limbeck.ini")  # noqa: PTH113 - pathlib takes long to import
        given = ["limbeck.ini" if own else "alembic.ini", TOML_NAME]
    ini = [path for path in given if not _is_toml(path)]
    toml = [path for path in given if _is_toml(path)]
    if len(ini) > 1 or len(toml) > 1:
        raise BadValue(
            f"Two configuration files of one kind: {', '.join(ini if len(ini) > 1 else toml)}",
            hint=f"Give one ini file, one {TOML_NAME}, or one of each.",
        )
    return Config(
        ini[0] if ini else None,
        toml_file=toml[0] if toml else None,
        ini_section=section,
        # as it is now: the default is what it was when the class was made
        stdout=sys.stdout,
        cmd_opts=cmd_opts,
    )


def _is_toml(path: str) -> bool:
    return os.path.basename(path) == TOML_NAME  # noqa: PTH119 - see above
