"""Differences between Python versions and platforms, as `alembic.util.compat` names them."""

from __future__ import annotations

import os
import sys
from configparser import ConfigParser
from importlib.metadata import EntryPoint, entry_points

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

is_posix = os.name == "posix"
py311 = sys.version_info >= (3, 11)
py312 = sys.version_info >= (3, 12)
py313 = sys.version_info >= (3, 13)
py314 = sys.version_info >= (3, 14)


def importlib_metadata_get(group: str) -> tuple[EntryPoint, ...]:
    """Return the installed entry points of a group."""
    return tuple(entry_points(group=group))


def read_config_parser(
    file_config: ConfigParser,
    file_argument: str | os.PathLike[str] | list[str | os.PathLike[str]],
) -> list[str]:
    """Read configuration files in the locale's encoding; missing files are skipped."""
    encoding = "locale" if py311 else None
    return file_config.read(file_argument, encoding=encoding)


__all__ = [
    "importlib_metadata_get",
    "is_posix",
    "py311",
    "py312",
    "py313",
    "py314",
    "read_config_parser",
    "tomllib",
]
