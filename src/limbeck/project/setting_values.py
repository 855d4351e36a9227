"""Read and split the values of configuration files."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterable, Mapping

from limbeck.errors import (
    InvalidConfigurationError,
    InvalidValueError,
    UnknownSettingError,
)
from limbeck.project.settings_table import TABLE

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


HOOKS = (
    "include_name",
    "include_object",
    "process_revision_directives",
    "render_item",
    "on_version_apply",
    "compare_type",
    "compare_server_default",
)
SETTINGS = frozenset(setting.name for setting in TABLE if setting.scope != "ini")
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


def require_known(table: Mapping[str, Any], path: str, name: str = "tool.limbeck") -> None:
    """Reject a setting whose name is almost that of a known setting.

    Other unknown names are accepted, because env.py may read them.

    Raises:
        UnknownSettingError: a name is misspelt.
    """
    for key in table:
        near = None if key in SETTINGS else nearest(key, SETTINGS)
        if near is not None:
            raise UnknownSettingError(
                f"[{name}] in {path} has no setting {key!r}",
                hint=f"did you mean {near}?",
                place=path,
            )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to a word, None if none is similar."""
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.75)
    return found[0] if found else None


def with_environment(tables: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    """Return settings, overridden by those of a named environment.

    Args:
        tables: `[tool.limbeck]`, where `env` contains a table for each environment.
        name: the environment.
        path: the file, for errors.

    Raises:
        UnknownSettingError: the environment does not exist.
    """
    environments = tables.get("env", {})
    if not isinstance(environments, dict) or not isinstance(environments.get(name), dict):
        listed = sorted(environments) if isinstance(environments, dict) else []
        near = nearest(name, listed)
        known = f"there are {', '.join(listed)}" if listed else "there is none"
        raise UnknownSettingError(
            f"{path} has no environment {name!r}",
            hint=f"did you mean {near}?"
            if near
            else f"{known}; add a table [tool.limbeck.env.{name}]",
            place=path,
            code="LB131",
        )
    own = environments[name]
    require_known(own, path, f"tool.limbeck.env.{name}")
    found = {**tables, **own}
    common, special = tables.get("databases"), own.get("databases")
    if isinstance(common, dict) and isinstance(special, dict):
        found["databases"] = {
            key: _over(common.get(key), special.get(key)) for key in {**common, **special}
        }
    return found


def _over(common: Any, special: Any) -> Any:
    """Return the settings of a database, overridden by those of an environment."""
    if isinstance(common, dict) and isinstance(special, dict):
        return {**common, **special}
    return common if special is None else special
