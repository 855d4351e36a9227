"""Project: the resolved settings of a project, and access to its files."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property

from limbeck import text
from limbeck.errors import (
    InvalidValueError,
    MissingFileError,
    NoConfigurationError,
)
from limbeck.history import DuplicateRevisionError, History, IllegalIdentifierError, Revision
from limbeck.project import setting_values
from limbeck.project.config import Config
from limbeck.project.paths import Found, find_all, find_near, folder_of, joined, resource_text
from limbeck.startup import header_cache

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType
    from typing import Any, Literal, TypeAlias

    from limbeck.project.module_loader import Program

DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
DEFAULT_SLUG_LENGTH = 40
DEFAULT_LOCK_TIMEOUT = 60.0
DEFAULT_TABLE_TIMEOUT = 3.0
DEFAULT_CONNECT_TIMEOUT = 30.0
DEFAULT_SILENCE_TIMEOUT = 300.0
_LIMBECK_IMPORT = r"^[ \t]*(?:from|import)[ \t]+limbeck\b"
Detect: TypeAlias = "Literal['alembic', 'all']"
Journal: TypeAlias = "Literal['auto', 'keep', 'off']"


class Project:
    """A project with all settings resolved. It does not change while a command runs.

    The class does not use `dataclasses` and `pathlib`, because importing them is slow.

    Args:
        location: the folder of env.py, script.py.mako and, by default, versions.
        config: the configuration that the settings were read from, if any.
        version_locations: the folders with revision files; `versions` below `location` by default.
        locations_are_given: whether the configuration names the version locations.
        file_template: the pattern for names of new files.
        truncate_slug_length: the maximum length of the message in a file name, in characters.
        timezone: the time zone of creation dates; local time if it is None.
        revision_environment: run env.py also for commands that only write files.
        sourceless: accept bytecode without source as revision files.
        recursive: search subfolders of the version locations.
        output_encoding: the encoding of new files.
        hooks: the settings of each post-write hook.
        detect_option: the configured value of `detect`, or None.
        url: the database URL, for a project without env.py.
        metadata: the models, for a project without env.py, as `package.module:Base.metadata`.
        databases: the names of the databases, if there are several.
        lock_timeout: seconds to wait for another run, and in total for tables locked by other
            sessions.
        table_timeout: seconds that one statement waits for a table lock before it is retried.
        connect_timeout: seconds to wait for a server to accept a connection.
        silence_timeout: seconds without an answer after which a server is considered unreachable.
        journal_option: the configured value of `journal`, or None.
    """

    def __init__(
        self,
        location: Path | str,
        *,
        config: Config | None = None,
        version_locations: Sequence[Path | str] = (),
        locations_are_given: bool = False,
        file_template: str = DEFAULT_FILE_TEMPLATE,
        truncate_slug_length: int = DEFAULT_SLUG_LENGTH,
        timezone: str | None = None,
        revision_environment: bool = False,
        sourceless: bool = False,
        recursive: bool = False,
        output_encoding: str = "utf-8",
        hooks: tuple[Mapping[str, str], ...] = (),
        detect_option: Detect | None = None,
        url: str | None = None,
        metadata: str | tuple[str, ...] | None = None,
        databases: tuple[str, ...] = (),
        lock_timeout: float = DEFAULT_LOCK_TIMEOUT,
        table_timeout: float = DEFAULT_TABLE_TIMEOUT,
        connect_timeout: float = DEFAULT_CONNECT_TIMEOUT,
        silence_timeout: float = DEFAULT_SILENCE_TIMEOUT,
        journal_option: Journal | None = None,
    ) -> None:
        self.root = os.fspath(location)
        self.config = config
        self.folders = tuple(map(str, version_locations)) or (joined(self.root, "versions"),)
        self.locations_are_given = locations_are_given
        self.file_template = file_template
        self.truncate_slug_length = truncate_slug_length
        self.timezone = timezone
        self.revision_environment = revision_environment
        self.sourceless = sourceless
        self.recursive = recursive
        self.output_encoding = output_encoding
        self.hooks = hooks
        self.detect_option = detect_option
        self.url = url
        self.metadata = metadata
        self.databases = databases
        self.lock_timeout = lock_timeout
        self.table_timeout = table_timeout
        self.connect_timeout = connect_timeout
        self.silence_timeout = silence_timeout
        self.journal_option = journal_option
        # the files that were executed to read their headers and whose functions may be needed
        self._executed: dict[str, Program] = {}

    @property
    def location(self) -> Path:
        """The folder of env.py and script.py.mako."""
        from pathlib import Path

        return Path(self.root)

    @property
    def version_locations(self) -> tuple[Path, ...]:
        """The folders with revision files."""
        from pathlib import Path

        return tuple(map(Path, self.folders))

    def set_version_locations(self, folders: Sequence[str]) -> None:
        """Change the version locations; an empty sequence stands for `versions`."""
        self.locations_are_given = bool(folders)
        self.folders = tuple(map(resource_text, folders)) or (joined(self.root, "versions"),)
        self.refresh()

    @classmethod
    def from_config(cls, config: Config) -> Project:
        """Resolve the settings of a configuration, and add its folders to `sys.path`.

        Raises:
            NoConfigurationError: the configuration has no script_location.
            MissingFileError: the folder of the project does not exist.
            InvalidValueError: a setting has an invalid value.
        """
        url = config.attributes.get("url") or _text(config, "url")
        metadata = config.get_alembic_option("metadata")
        databases = config.get_alembic_option("databases")
        databases = databases if isinstance(databases, dict) else None
        folders = config.get_prepend_sys_paths_list()
        if folders is None and (metadata or databases) and config.toml_file_name:
            folders = _application_folders(config.toml_file_name)
        prepend_sys_paths(folders or ())
        given = config.get_version_locations_list() or ()
        slug_length = setting_values.number(
            config.get_alembic_option("truncate_slug_length") or DEFAULT_SLUG_LENGTH,
            "truncate_slug_length",
        )
        return cls(
            _location(config, declared=bool(url or metadata or databases)),
            config=config,
            version_locations=[find_near(resource_text(text), _files(config)) for text in given],
            locations_are_given=bool(given),
            file_template=_text(config, "file_template") or DEFAULT_FILE_TEMPLATE,
            truncate_slug_length=int(slug_length),
            timezone=config.get_alembic_option("timezone"),
            revision_environment=_boolean(config, "revision_environment"),
            sourceless=config.get_alembic_boolean_option("sourceless"),
            recursive=_boolean(config, "recursive_version_locations"),
            output_encoding=_text(config, "output_encoding") or "utf-8",
            hooks=tuple(config.get_hooks_list()),
            detect_option=_detect(config),
            url=url,
            metadata=tuple(metadata) if isinstance(metadata, list) else metadata,
            databases=tuple(databases or ()),
            lock_timeout=_seconds(config, "lock_timeout", DEFAULT_LOCK_TIMEOUT),
            table_timeout=_seconds(config, "table_timeout", DEFAULT_TABLE_TIMEOUT),
            connect_timeout=_seconds(config, "connect_timeout", DEFAULT_CONNECT_TIMEOUT),
            silence_timeout=_seconds(config, "silence_timeout", DEFAULT_SILENCE_TIMEOUT),
            journal_option=_journal(config),
        )

    @property
    def env_path(self) -> Path:
        """The path of env.py, which may not exist."""
        return self.location / "env.py"

    @property
    def template_path(self) -> Path:
        """The template of new revision files."""
        return self.location / "script.py.mako"

    @cached_property
    def has_env(self) -> bool:
        """Whether the project has an env.py."""
        return os.path.isfile(joined(self.root, "env.py"))  # noqa: PTH113 - see the class

    @property
    def has_snapshots(self) -> bool:
        """Whether the project has a folder for snapshots of the schema."""
        return os.path.isdir(joined(self.root, "snapshots"))  # noqa: PTH112 - see the class

    @property
    def declared(self) -> bool:
        """Whether the project has no env.py, and its configuration names database and models."""
        return not self.has_env and bool(self.url or self.metadata or self.databases)

    @cached_property
    def detect(self) -> Detect:
        """What autogenerate detects: everything, or exactly what Alembic detects.

        The default is everything for native projects.
        """
        if self.detect_option is not None:
            return self.detect_option
        if not self.has_env:
            return "all"
        try:
            text = self.env_path.read_text("utf-8", "replace")
        except OSError:
            return "all"
        import re

        return "all" if re.search(_LIMBECK_IMPORT, text, re.MULTILINE) else "alembic"

    @property
    def journal(self) -> Journal:
        """What is recorded in the journal, a table next to the version table.

        `keep` records every applied file with its source. `auto` records checkpoints, while a run
        needs them. `off` records nothing. The default is `keep` for native projects and `auto`
        for projects of Alembic.
        """
        if self.journal_option is not None:
            return self.journal_option
        return "keep" if self.detect == "all" else "auto"

    def option(self, name: str, default: Any = None) -> Any:
        """Return another setting, unchanged."""
        return default if self.config is None else self.config.get_alembic_option(name, default)

    def history(self) -> History:
        """Return the history; the revision files are read once.

        Raises:
            MissingFileError: a configured version location does not exist.
            HistoryError: the revision files do not form a valid history.
        """
        if self.locations_are_given:
            self._check_locations()
        return self._history

    def without_location_check(self) -> History:
        """Return the history without checking that the version locations exist."""
        return self._history

    @cached_property
    def _history(self) -> History:
        history = History(self.headers())
        reserved = sorted(text.RESERVED_WORDS.intersection(history.ids))
        if (history.repeated or reserved) and self.detect != "alembic":
            _refuse_identifiers(history, reserved)
        for earlier, later in history.repeated:
            warnings.warn(
                f"Revision {later.id} is present more than once: {earlier.path} and {later.path}",
                UserWarning,
                stacklevel=3,
            )
        return history

    @contextmanager
    def leaving_out(self, revision: str) -> Iterator[None]:
        """Within the block, ignore the file of a revision."""
        self._left_out = revision
        self.refresh()
        try:
            yield
        finally:
            self._left_out = None
            self.refresh()

    _left_out: str | None = None

    def headers(self) -> list[Revision]:
        """Return the revision of each file, without checking that they form a history."""
        self._executed.clear()
        files = find_all(self.folders, recursive=self.recursive, sourceless=self.sourceless)
        headers: list[Revision] = []
        for folder in dict.fromkeys(self.folders):
            mine, others = files, list[Found]()
            if len(self.folders) > 1:
                mine = []
                for file in files:
                    is_mine = file[0] == folder or file[0].startswith(folder + os.sep)
                    (mine if is_mine else others).append(file)
            headers += header_cache.read_headers(folder, mine, self._run_header)
            files = others
        if self._left_out is not None:
            headers = [one for one in headers if one.id != self._left_out]
        return headers

    def _run_header(self, path: Path) -> Revision:
        from limbeck.project.module_loader import run_header

        program = run_header(path)
        self._executed[program.revision.id] = program
        return program.revision

    def _check_locations(self) -> None:
        missing = [path for path in self.folders if not os.path.isdir(path)]  # noqa: PTH112 - see the class
        if not missing:
            return
        text = f"Version location {', '.join(missing)} does not exist"
        if self.detect == "alembic":
            # Alembic ignores missing folders, so the project must keep working.
            warnings.warn(text, UserWarning, stacklevel=3)
            return
        raise MissingFileError(
            text,
            hint="Create the folder, or correct `version_locations` and `path_separator`.",
            place=missing[0],
        )

    def refresh(self) -> None:
        """Discard the history, so that the files are read again."""
        self.__dict__.pop("_history", None)

    def program(self, revision: Revision | str) -> Program:
        """Load the functions of a revision; each call loads them again.

        Raises:
            BrokenFileError: the file does not exist, or raises an error while it is loaded.
        """
        from limbeck.project.module_loader import load_program

        if isinstance(revision, str):
            revision = self.history().get(revision)
        executed = self._executed.pop(revision.id, None)
        if executed is not None and executed.revision.file == revision.file:
            return executed
        return load_program(revision)

    def run_env(self) -> ModuleType:
        """Execute env.py as the module `env_py`.

        Raises:
            BrokenFileError: env.py does not exist, is not valid Python, or an import fails.
        """
        from limbeck.project.module_loader import run_environment

        if self.config is not None and self.detect == "all":
            from limbeck.project.ini_variables import fill_in_urls

            fill_in_urls(self.config)
        return run_environment(self.env_path, sourceless=self.sourceless)


def _refuse_identifiers(history: History, reserved: Sequence[str]) -> None:
    """Raise an error for the first reserved or duplicate identifier."""
    if reserved:
        error = IllegalIdentifierError(reserved[0], f"The word '{reserved[0]}' is reserved")
        error.place = str(history.get(reserved[0]).path)
        raise error
    earlier, later = history.repeated[0]
    raise DuplicateRevisionError(later.id, str(earlier.path), str(later.path))


def prepend_sys_paths(paths: Sequence[str]) -> None:
    """Insert folders at the start of `sys.path`, unless they are there."""
    if list(paths) != sys.path[: len(paths)]:
        sys.path[:0] = list(paths)


def _application_folders(toml_file: str) -> list[str]:
    """Return the package folders of a project without env.py and `prepend_sys_path`."""
    home = folder_of(toml_file)
    source = joined(home, "src")
    return [source, home] if os.path.isdir(source) else [home]  # noqa: PTH112 - see the class


def _location(config: Config, *, declared: bool) -> str:
    text = _text(config, "script_location")
    if not text:
        if declared:
            return "migrations"
        raise NoConfigurationError(
            "No 'script_location' key found in configuration.",
            hint="Run this in the folder of alembic.ini or pyproject.toml, name the file with -c, "
            "or start a project with `init`.",
            place=_searched_files(config),
        )
    location = find_near(resource_text(text), _files(config))
    if not declared and not os.path.isdir(location):  # noqa: PTH112 - see Project
        raise MissingFileError(
            f"Path doesn't exist: {location}",
            hint="Correct `script_location` (a relative path is relative to the current folder, "
            "%(here)s is the folder of the file), or start a project with `init`.",
            place=location,
        )
    return location


def _searched_files(config: Config) -> str | None:
    """Describe which configuration files were searched, and which do not exist."""
    from pathlib import Path

    ini = config.config_file_name
    paths = [Path(name) for name in _files(config)]
    present = [str(path) for path in paths if path.is_file()]
    if len(paths) == 1 and paths[0].is_dir():
        return f"{paths[0]} is a folder, not a file"
    if not present:
        names = " and no ".join(path.name for path in paths)
        return f"there is no {names} in {paths[0].parent.absolute()}" if paths else None
    if ini in present:
        return f"{ini}, section [{config.config_ini_section}]"
    return present[0]


def _files(config: Config) -> list[str]:
    return [*filter(None, (config.config_file_name, config.toml_file_name))]


def _text(config: Config, name: str) -> str | None:
    value = config.get_alembic_option(name)
    if value is None or isinstance(value, str):
        return value
    raise InvalidValueError(
        f"{name} is {value!r}, which is not a string", hint=f'Write {name} = "...".'
    )


def _boolean(config: Config, name: str) -> bool:
    if config.is_in_ini(name):
        return setting_values.yes_or_no(config.get_main_option(name), name)
    return config.get_alembic_boolean_option(name)


_TOO_LONG = 1e9  # seconds; excludes `inf`


def _seconds(config: Config, name: str, default: float) -> float:
    value = config.get_alembic_option(name)
    if value is None:
        return default
    found = setting_values.number(value, name)
    if not 0 <= found < _TOO_LONG:  # also true for NaN
        raise InvalidValueError(
            f"{name} is {value!r}, which is not a time",
            hint="Write a number of seconds, 0 or more.",
        )
    return found


def _journal(config: Config) -> Journal | None:
    value = config.get_alembic_option("journal")
    if value is None:
        return None
    if value in ("auto", "keep", "off"):
        found: Journal = value
        return found
    return "keep" if setting_values.yes_or_no(value, "journal") else "off"


def _detect(config: Config) -> Detect | None:
    value = config.get_alembic_option("detect")
    match value:
        case None:
            return None
        case "alembic" | "all":
            found: Detect = value
            return found
    raise InvalidValueError(f"detect is {value!r}", hint="Write all or alembic.")
