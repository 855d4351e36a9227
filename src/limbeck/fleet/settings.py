"""The settings of a fleet: `[tool.limbeck.fleet]` and what replaces it for one call."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from limbeck.errors import FleetError, InvalidConfigurationError
from limbeck.project import Config

LIMBECK_TOML = "limbeck.toml"
_LISTS = ("waves", "select", "tags", "groups", "x")


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """Which tenants there are, and how they are worked on.

    Plain values, so that a worker on another machine can be given them as text.

    Args:
        ini_file: the ini file of the project.
        toml_file: its pyproject.toml.
        section: the section of the ini file.
        x: what `-x` gives env.py; `tenant=...` is added.
        url: the database of the schemas; the project's own by default. `${NAME}` is replaced by
            the environment variable.
        schemas: a SELECT that returns the schemas of the tenants, or a pattern such as
            `tenant_*`. A second column is the tag, a third one the group.
        files: a pattern of SQLite files.
        tenants: URLs, or tables with `id`, `url`, `schema`, `tags`, `group`.
        source: `module:callable`, which returns or yields such values.
        version_table: the name of the version table, where it is not `alembic_version`.
        version_table_schema: its schema, where it is not the tenant's.
        executor: `threads`, `processes`, or the address of a Dask scheduler: `dask://host:8786`.
        workers: how many tenants are worked on at once.
        connections_per_server: how many of them may be on one server.
        canary: how many tenants come first, on their own; a failure there ends the run.
        waves: how many tenants come next, each as a number or a percentage.
        max_failures: the run ends after more failures than this number or percentage.
        retries: how often a tenant is tried again after a failure that may pass.
        results: the URL of a database that keeps the last result of each tenant.
        results_table: the name of that table.
        tracing: make OpenTelemetry spans.
        select: ids, or patterns of ids, of the tenants that are meant; all by default.
        tags: only tenants with one of these tags.
        groups: only tenants of these groups.
    """

    ini_file: str | None = None
    toml_file: str | None = None
    section: str = "alembic"
    x: tuple[str, ...] = ()
    url: str | None = None
    schemas: str | None = None
    files: str | None = None
    tenants: tuple[Any, ...] = ()
    source: str | None = None
    version_table: str = "alembic_version"
    version_table_schema: str | None = None
    executor: str = "threads"
    workers: int = 4
    connections_per_server: int = 16
    canary: int = 0
    waves: tuple[str, ...] = ()
    max_failures: str | None = None
    retries: int = 2
    results: str | None = None
    results_table: str = "limbeck_fleet_results"
    tracing: bool = False
    select: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @classmethod
    def from_config(cls, config: Config, **changes: Any) -> FleetSettings:
        """Read the settings of a project.

        Args:
            config: the project's configuration.
            changes: settings that replace those of the files; None leaves them.

        Raises:
            FleetError: a setting is unknown, or has an impossible value.
        """
        table = dict(_fleet_table(config))
        place = config.toml_file_name
        names = {field.name for field in fields(cls)} - {"ini_file", "toml_file", "section"}
        for name in table:
            if name not in names:
                raise FleetError(
                    f"[tool.limbeck.fleet] has an unknown setting {name!r}",
                    hint=f"The settings are {', '.join(sorted(names))}.",
                    place=place,
                )
        table.update({name: value for name, value in changes.items() if value is not None})
        given = getattr(config.cmd_opts, "x", None) or ()
        values: dict[str, Any] = {
            name: _checked(name, value, place) for name, value in table.items()
        }
        values.setdefault("x", tuple(given))
        values.setdefault("url", _project_url(config))
        return cls(
            ini_file=_absolute(config.config_file_name),
            toml_file=_absolute(config.toml_file_name),
            section=config.config_ini_section,
            **values,
        )

    def config(self) -> Config:
        """Return the configuration of the project."""
        return Config(self.ini_file, toml_file=self.toml_file, ini_section=self.section)

    def changed(self, **changes: Any) -> FleetSettings:
        """Return these settings with others in their place."""
        return replace(self, **{name: _checked(name, value) for name, value in changes.items()})

    def to_text(self) -> str:
        """Return the settings as text, for a worker."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> FleetSettings:
        """Read what `to_text` returned."""
        values = json.loads(text)
        read: dict[str, Any] = {
            n: tuple(v) if isinstance(v, list) else v for n, v in values.items()
        }
        return cls(**read)


def _fleet_table(config: Config) -> Mapping[str, Any]:
    found = config.toml_alembic_config.get("fleet", {})
    own = _limbeck_toml(config)
    if not isinstance(found, dict) or not isinstance(own, dict):
        raise FleetError("The fleet's settings are not a table", hint="Write [tool.limbeck.fleet].")
    return {**found, **own}


def _limbeck_toml(config: Config) -> Any:
    """Return the table `fleet` of the limbeck.toml next to the configuration file."""
    named = config.toml_file_name or config.config_file_name
    path = (Path(named).parent if named else Path()) / LIMBECK_TOML
    if not path.is_file():
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfigurationError(
            f"{path} is not valid TOML: {error}",
            hint="Correct the line named above.",
            place=str(path),
        ) from None
    tool = content.get("tool", {}).get("limbeck", {})
    return content.get("fleet", tool.get("fleet", {}))


def _project_url(config: Config) -> str | None:
    found = config.get_alembic_option("url") or config.get_alembic_option("sqlalchemy.url")
    return found if isinstance(found, str) else None


def _absolute(path: str | None) -> str | None:
    return None if path is None else os.path.abspath(path)  # noqa: PTH100 - links stay as they are


def _checked(name: str, value: Any, place: str | None = None) -> Any:
    """Return a setting's value as it is kept.

    Raises:
        FleetError: it has an impossible value.
    """
    if name in _LISTS:
        value = tuple(map(str, value if isinstance(value, (list, tuple)) else [value]))
    elif name == "max_failures" and value is not None:
        value = str(value)
    for text in value if name == "waves" else (value,) if name == "max_failures" and value else ():
        share_of(text, 100)
    fits, wanted = _KINDS.get(name, (_is_text, "a text in quotes"))
    if name not in _LISTS and not fits(value):
        # a text could be a URL with its password
        found = value if isinstance(value, int) else f"a value of type {type(value).__name__}"
        raise FleetError(
            f"{name} of the fleet is {found}; it should be {wanted}",
            hint="Correct [tool.limbeck.fleet], or the option.",
            place=place,
        )
    return tuple(value) if name == "tenants" else value


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "canary": (lambda value: _is_whole(value, 0), "a whole number, at least 0"),
    "retries": (lambda value: _is_whole(value, 0), "a whole number, at least 0"),
    "workers": (lambda value: _is_whole(value, 1), "a whole number, at least 1"),
    "connections_per_server": (lambda value: _is_whole(value, 1), "a whole number, at least 1"),
    "tracing": (lambda value: isinstance(value, bool), "true or false"),
    "tenants": (
        lambda value: isinstance(value, (list, tuple)),
        'a list: tenants = ["sqlite:///a.db"]',
    ),
}


def share_of(text: str, total: int) -> int:
    """Return how many of a number of tenants `12` or `5%` means; of a share at least one.

    Raises:
        FleetError: it is neither.
    """
    try:
        if text.endswith("%"):
            share = float(text[:-1])
            if 0 < share <= 100:  # noqa: PLR2004 - the whole
                return max(1, round(total * share / 100))
        else:
            number = int(text)
            if number >= 0:
                return number
    except ValueError:
        pass
    raise FleetError(
        f"{text!r} is neither a number of tenants nor a percentage",
        hint="Write 10, or 5%.",
    )
