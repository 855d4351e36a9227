"""The file with answers about renames, fill values and casts, for version control."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from limbeck.errors import (
    InvalidConfigurationError,
    InvalidValueError,
)

KINDS = ("renames", "fill", "using", "replace")


def read_answers(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the tables of an answers file; a missing table is empty.

    Args:
        path: the file, in TOML: `[renames]`, `[fill]`, `[using]` and `[replace]`, each a table
            with string values. `false` in `[renames]` means that the object was not renamed.

    Raises:
        InvalidConfigurationError: the file cannot be read or is not valid TOML.
        InvalidValueError: the file contains something else.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        found = tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise InvalidConfigurationError(
            f"The answers file {path} does not exist",
            hint="Correct the setting `answers`, or create the file.",
            place=str(path),
        ) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfigurationError(
            f"The answers file {path} cannot be read: {error}",
            hint="Correct the line named above.",
            place=str(path),
        ) from None
    return {kind: _table(found, kind, path) for kind in (*KINDS, *found)}


def _table(found: Mapping[str, object], kind: str, path: Path) -> Mapping[str, str]:
    table = found.get(kind, {})
    if kind not in KINDS or not isinstance(table, dict):
        raise InvalidValueError(
            f"{kind!r} is not a table of an answers file",
            hint=f"The file may have the tables {', '.join(f'[{each}]' for each in KINDS)}.",
            place=str(path),
        )
    return {name: _validated(value, f"{kind}.{name}", path) for name, value in table.items()}


def _validated(value: object, name: str, path: Path) -> str:
    if value is False and name.startswith("renames."):
        return ""
    if isinstance(value, str):
        return value
    raise InvalidValueError(
        f"{name} is {value!r}", hint="Write it in quotation marks.", place=str(path)
    )
