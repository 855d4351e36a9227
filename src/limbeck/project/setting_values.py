"""Read and split the values of configuration files."""

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
        """The part of a configuration that the functions here use."""

        config_ini_section: str

        def is_in_ini(self, name: str) -> bool:
            """Return whether the main section has an option."""

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
    """Double each percent sign that would otherwise be a syntax error.

    `%%` and `%(name)s` keep the meaning that they have in an ini file.
    """
    return _LONE_PERCENT.sub(lambda found: found[0] if found[1] else "%%", text)


class Interpolation:
    """Report a failed `%(name)s` interpolation without the value, which may be a password."""

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
                hint = "Set that name too. A literal percent sign is written twice: %%."
            case configparser.InterpolationDepthError():
                what = "its variables refer to each other"
                hint = "Remove one of the references."
            case _:
                what = "it has an unfinished %(name)s"
                hint = "Write a percent sign before a parenthesis twice: %%(."
        raise InvalidValueError(
            f"Option '{name}' in {self._place} cannot be read: {what}", hint=hint, place=self._place
        ) from None


def text_values(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return variables in the form that configparser accepts."""
    return {name: str(value) for name, value in variables.items()}


def read_toml_tables(path: str) -> dict[str, Any]:
    """Return `[tool.alembic]`, overridden by `[tool.limbeck]`; empty if the file does not exist."""
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
    """Split `version_locations` of an ini file by the configured separator."""
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
    """Split `prepend_sys_path` of an ini file by the configured separator."""
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
    """Return the settings of each hook that `hooks` names."""
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
    """Convert the value of a boolean setting.

    Raises:
        InvalidValueError: the value is not boolean.
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
    """Convert the value of a numeric setting.

    Raises:
        InvalidValueError: the value is not a number.
    """
    try:
        return float(str(value))
    except ValueError:
        raise InvalidValueError(
            f"{name} is {value!r}, which is not a number", hint="Write a number."
        ) from None
