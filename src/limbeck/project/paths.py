# ruff: noqa: PTH109, PTH110, PTH117, PTH118, PTH120
"""Paths of settings, as strings, because importing pathlib is slow."""

from __future__ import annotations

import os
from collections.abc import Iterable

from limbeck.errors import MissingFileError

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path


def resource_path(text: str) -> Path:
    """Return the path for the value of a setting: a path, or `package:folder` in a package.

    Raises:
        MissingFileError: the package does not exist.
    """
    from pathlib import Path

    return Path(resource_text(text))


def resource_text(text: str) -> str:
    """Return the path for the value of a setting as a string; see `resource_path`."""
    if ":" not in text or os.path.isabs(text) or _has_drive(text):
        return _tidy(text)
    import importlib.util

    package, *parts = text.split(":")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    folders = None if spec is None else spec.submodule_search_locations
    if spec is not None and not folders and spec.origin:
        folders = [os.path.dirname(spec.origin)]
    if not folders:
        raise MissingFileError(
            f"No package '{package}', which the path '{text}' names",
            hint="Install it, add its folder to `prepend_sys_path`, or write a plain path.",
        )
    inner = [part for each in parts for part in each.split("/")]
    return _tidy(os.path.join(next(iter(folders)), *inner))


def _has_drive(text: str) -> bool:
    return text[1:3] in {":/", ":\\"} and text[0].isascii() and text[0].isalpha()


def _tidy(text: str) -> str:
    """Return a path in the form that pathlib prints."""
    if os.sep == "/" and "//" not in text and "/." not in text and text[:1] != "." and text:
        return text.rstrip("/") or "/"
    from pathlib import Path

    return str(Path(text))


def joined(folder: str, name: str) -> str:
    """Return the path of a file in a folder."""
    return os.path.join(folder, name)


def find_near(path: str, files: Iterable[str]) -> str:
    """Search a relative path in the current folder and in those of the configuration files."""
    if os.path.isabs(path) or os.path.exists(path):
        return path
    for name in files:
        candidate = joined(os.path.dirname(name), path)
        if os.path.exists(candidate):
            return _tidy(candidate)
    return path


def folder_of(path: str) -> str:
    """Return the absolute folder of a file, with forward slashes."""
    whole = os.path.join(os.getcwd(), path)
    if os.sep == "/" and "//" not in whole and "/./" not in whole and whole[-1] not in "/.":
        return os.path.dirname(whole) or "/"
    from pathlib import Path

    return Path(path).absolute().parent.as_posix()
