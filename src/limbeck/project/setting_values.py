"""Read and split what configuration files say."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Mapping

from limbeck.errors import (
    InvalidConfigurationError,
    InvalidValueError,
)
from limbeck.project.known_settings import require_known

TYPE_CHECKING = False

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Protocol

    class Options(Protocol):
        """What splitting asks of a configuration."""

        config_ini_section: str

        def is_in_ini(self, name: str) -> bool:
            """Say whether the main section has an option."""

        def get_main_option(self, name: str, default: str) -> str:
            """Return a value of the main section, or the default."""


_SEPARATORS: Mapping[str, str | None] = {
    "space": " ",
    "newline": "\n",
    "os": os.pathsep,
    ":": ":",
    ";": ";",
}
_YES = frozenset(("1", "on", "t", "true", "y", "yes"))
_NO = frozenset(("", "0", "off", "f", "false", "n", "no", "none"))


_LONE_PERCENT = re.compile(r"%(%|\()?")


def double_lone_percents(text: str) -> str:
    """Write each percent sign twice that would be an error: it is meant as it stands.

    `%%` and `%(name)s` keep the meaning that they have in an ini file.
    """
    return _LONE_PERCENT.sub(lambda found: found[0] if found[1] else "%%", text)


class Interpolation:
    """Tell an unfillable `%(name)s` clearly, and without the value: it may be a password."""

    def __init__(self, path: str | None, section: str, name: str | None) -> None:
        self._place = f"{path or 'the configuration'}, section [{section}]"
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        import configparser

        if not isinstance(error, configparser.InterpolationError):
            return
        name = self._name or error.option
        match error:
            case configparser.InterpolationMissingOptionError():
                what = f"it names %({error.reference})s, which is not set"
                hint = (
                    "Set that name too; a percent sign that is meant as such is written twice: %%."
                )
            case configparser.InterpolationDepthError():
                what = "its variables lead back to themselves"
                hint = "Take one of them out."
            case _:
                what = "it has an unfinished %(name)s"
                hint = "Write a percent sign before a parenthesis twice: %%(."
        raise InvalidValueError(
            f"Option '{name}' in {self._place} cannot be read: {what}", hint=hint, place=self._place
        ) from None


def text_values(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return variables as an ini parser takes them."""
    return {name: str(value) for name, value in variables.items()}


def read_toml_tables(path: str) -> dict[str, Any]:
    """Return `[tool.alembic]` with `[tool.limbeck]` over it; empty without the file."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes long to import
            raw = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InvalidConfigurationError(f"{path} cannot be read: {error}", place=path) from None
    if b"alembic" not in raw and b"limbeck" not in raw:
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tool = tomllib.loads(raw.decode("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfigurationError(
            f"{path} is not valid TOML: {error}",
            hint="Correct the line named above.",
            place=path,
        ) from None
    found: dict[str, Any] = {}
    for name in ("alembic", "limbeck"):
        table = tool.get(name, {})
        if not isinstance(table, dict):
            raise InvalidConfigurationError(f"[tool.{name}] in {path} is not a table", place=path)
        if name == "limbeck" and table:
            require_known(table, path)
        found.update(table)
    return found


def split_version_locations(config: Options) -> list[str]:
    """Split `version_locations` of an ini file as its separator setting says."""
    separator = _separator(config, "path_separator")
    if separator is None:
        separator = _separator(config, "version_path_separator")
        if separator is not None:
            _deprecated(
                "The version_path_separator configuration parameter is deprecated; "
                "please use path_separator"
            )
    text = config.get_main_option("version_locations", "")
    if separator is None:
        _deprecated(
            "No path_separator found in configuration; falling back to legacy splitting on "
            "spaces/commas for version_locations.  Consider adding path_separator=os to the "
            "configuration."
        )
        return text.replace(",", " ").split()
    return _split(text, separator)


def split_sys_paths(config: Options) -> list[str]:
    """Split `prepend_sys_path` of an ini file as its separator setting says."""
    separator = _separator(config, "path_separator")
    text = config.get_main_option("prepend_sys_path", "")
    if separator is None:
        _deprecated(
            "No path_separator found in configuration; falling back to legacy splitting on "
            "spaces, commas, and colons for prepend_sys_path.  Consider adding "
            "path_separator=os to the configuration."
        )
        return text.replace(",", " ").replace(":", " ").split()
    return _split(text, separator)


def _split(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _separator(config: Options, name: str) -> str | None:
    if not config.is_in_ini(name):
        return None
    value = config.get_main_option(name, "")
    separator = _SEPARATORS.get(value)
    if separator is None:
        raise InvalidValueError(
            f"'{value}' is not a valid value for {name}; "
            "expected 'space', 'newline', 'os', ':', ';'",
            hint="`os` is right for most projects.",
        )
    return separator


def _deprecated(text: str) -> None:
    warnings.warn(text, DeprecationWarning, stacklevel=5)


def hooks_of_section(section: Mapping[str, str]) -> list[dict[str, str]]:
    """Return each hook that `hooks` names with its own settings."""
    hooks = []
    for name in section.get("hooks", "").replace(",", " ").split():
        prefix = f"{name}."
        hook = {
            key.removeprefix(prefix): value
            for key, value in section.items()
            if key.startswith(prefix)
        }
        hook["_hook_name"] = name
        hooks.append(hook)
    return hooks


def yes_or_no(value: object, name: str) -> bool:
    """Read a setting that is on or off, from any of the files.

    Raises:
        InvalidValueError: it is neither.
    """
    if isinstance(value, bool):
        return value
    word = "" if value is None else str(value).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidValueError(
        f"{name} is {value!r}, which is neither true nor false", hint="Write true or false."
    )


def number(value: object, name: str) -> float:
    """Read a setting that is a number.

    Raises:
        InvalidValueError: it is none.
    """
    try:
        return float(str(value))
    except ValueError:
        raise InvalidValueError(
            f"{name} is {value!r}, which is not a number", hint="Write a number."
        ) from None
