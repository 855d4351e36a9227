"""Project: every setting settled, and what lies in the project's folders."""

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
from limbeck.project.paths import folder_of, joined, near, resource_text
from limbeck.project.revision_files import find_all
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
    """A project with every setting resolved. Not changed while a command runs.

    Written without `dataclasses` and `pathlib`: importing them takes longer than a listing.

    Args:
        location: the folder of env.py, script.py.mako and, without other settings, versions.
        config: the configuration that the settings were read from, if there was one.
        version_locations: the folders with revision files; `versions` below `location` by default.
        locations_are_given: whether the configuration names these folders.
        file_template: the pattern of the names of new files.
        truncate_slug_length: the greatest length of the message in a file name, in characters.
        timezone: the time zone of creation dates; local time without one.
        revision_environment: run env.py also where only files are written.
        sourceless: whether bytecode without source counts as a revision file.
        recursive: whether folders below the version locations count.
        output_encoding: the encoding of new files.
        hooks: the settings of each post-write hook.
        detect_option: the configured value of `detect`, None without one.
        url: the database of a project without env.py.
        metadata: where such a project has its models, as `package.module:Base.metadata`.
        databases: the names of its databases, where there are several.
        lock_timeout: seconds to wait for another runner, and in all for tables that others lock.
        table_timeout: seconds that one statement waits for a table lock before it is retried.
        connect_timeout: seconds to wait for a server's answer to a new connection.
        silence_timeout: seconds without an answer after which a server counts as unreachable.
        journal_option: the configured value of `journal`, None without one.
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
        self.folders = tuple(str(each) for each in version_locations) or (
            joined(self.root, "versions"),
        )
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
        """Read the revisions of other folders from now on; of `versions` where none is named."""
        self.locations_are_given = bool(folders)
        self.folders = tuple(map(resource_text, folders)) or (joined(self.root, "versions"),)
        self.refresh()

    @classmethod
    def from_config(cls, config: Config) -> Project:
        """Resolve the settings of a configuration, and put its folders on `sys.path`.

        Raises:
            NoConfigurationError: it does not say where the project is.
            MissingFileError: the project is not there.
            InvalidValueError: a setting has a value it cannot have.
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
            version_locations=[near(resource_text(text), _files(config)) for text in given],
            locations_are_given=bool(given),
            file_template=_text(config, "file_template") or DEFAULT_FILE_TEMPLATE,
            truncate_slug_length=int(slug_length),
            timezone=config.get_alembic_option("timezone"),
            revision_environment=_yes(config, "revision_environment"),
            sourceless=config.get_alembic_boolean_option("sourceless"),
            recursive=_yes(config, "recursive_version_locations"),
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
        """The file env.py, whether it is there or not."""
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
        """Whether there is a folder for snapshots of the schema."""
        return os.path.isdir(joined(self.root, "snapshots"))  # noqa: PTH112 - see the class

    @property
    def declared(self) -> bool:
        """Whether the configuration itself names database and models, in place of an env.py."""
        return not self.has_env and bool(self.url or self.metadata or self.databases)

    @cached_property
    def detect(self) -> Detect:
        """What autogenerate looks for: all there is, or exactly what Alembic detects.

        Without a setting an env.py that imports limbeck, or none, means everything.
        """
        if self.detect_option is not None:
            return self.detect_option
        try:
            text = self.env_path.read_text("utf-8", "replace")
        except OSError:
            return "all"
        import re

        return "all" if re.search(_LIMBECK_IMPORT, text, re.MULTILINE) else "alembic"

    @property
    def journal(self) -> Journal:
        """The setting of the journal that is stored next to the version table.

        `keep` writes down every applied file with its source; `auto` notes steps that no
        transaction can undo, while a run needs that; `off` nothing. Without a setting projects
        of limbeck's own keep it, and Alembic's do not.
        """
        if self.journal_option is not None:
            return self.journal_option
        return "keep" if self.detect == "all" else "auto"

    def option(self, name: str, default: Any = None) -> Any:
        """Return any other setting as the files give it."""
        return default if self.config is None else self.config.get_alembic_option(name, default)

    def history(self) -> History:
        """Return the graph of the revision files, read once.

        Raises:
            MissingFileError: a version location that is named is not there.
            HistoryError: the files contradict each other.
        """
        self._look_for_locations()
        return self._history

    def without_location_check(self) -> History:
        """Return the graph even where a version location is still to be made."""
        return self._history

    @cached_property
    def _history(self) -> History:
        history = History(self.headers())
        self._refuse_impossible(history)
        for earlier, later in history.repeated:
            warnings.warn(
                f"Revision {later.id} is present more than once: {earlier.path} and {later.path}",
                UserWarning,
                stacklevel=3,
            )
        return history

    def _refuse_impossible(self, history: History) -> None:
        """Refuse what Alembic lets pass, and what cannot work; its own projects only get words."""
        reserved = sorted(text.RESERVED_WORDS.intersection(history.ids))
        if not (history.repeated or reserved) or self.detect == "alembic":
            return
        if reserved:
            error = IllegalIdentifierError(
                reserved[0], f"The word '{reserved[0]}' has a meaning of its own and is not allowed"
            )
            error.place = str(history.get(reserved[0]).path)
            raise error
        earlier, later = history.repeated[0]
        raise DuplicateRevisionError(later.id, str(earlier.path), str(later.path))

    @contextmanager
    def leaving_out(self, revision: str) -> Iterator[None]:
        """Work as if a revision had no file, inside a block."""
        self._left_out = revision
        self.refresh()
        try:
            yield
        finally:
            self._left_out = None
            self.refresh()

    _left_out: str | None = None

    def headers(self) -> list[Revision]:
        """Return the revision of each file, whether they form a history or not."""
        found = self._read_headers()
        return [one for one in found if one.id != self._left_out] if self._left_out else found

    def _read_headers(self) -> list[Revision]:
        self._executed.clear()
        files = find_all(self.folders, recursive=self.recursive, sourceless=self.sourceless)
        if len(self.folders) == 1:
            return header_cache.read_headers(self.folders[0], files, self._run_header)
        headers: list[Revision] = []
        for folder in dict.fromkeys(self.folders):
            below = folder + os.sep
            mine = [file for file in files if file[0] == folder or file[0].startswith(below)]
            files = [file for file in files if not (file[0] == folder or file[0].startswith(below))]
            headers += header_cache.read_headers(folder, mine, self._run_header)
        return headers

    @cached_property
    def _executed(self) -> dict[str, Program]:
        """The files that were executed for their headers, until their functions are asked for."""
        return {}

    def _run_header(self, path: Path) -> Revision:
        from limbeck.project.module_loader import run_header

        program = run_header(path)
        self._executed[program.revision.id] = program
        return program.revision

    def _look_for_locations(self) -> None:
        if not self.locations_are_given:
            return
        missing = [path for path in self.folders if not os.path.isdir(path)]  # noqa: PTH112 - see the class
        if not missing:
            return
        text = f"Version location {', '.join(missing)} does not exist"
        if self.detect == "alembic":
            # Alembic passes over it in silence, and a project must not stop for that.
            warnings.warn(text, UserWarning, stacklevel=3)
            return
        raise MissingFileError(
            text,
            hint="Make the folder, or correct `version_locations` and `path_separator`.",
            place=missing[0],
        )

    def refresh(self) -> None:
        """Forget what was read, so that new files are seen."""
        self.__dict__.pop("_history", None)

    def program(self, revision: Revision | str) -> Program:
        """Load the functions of a revision, again at each call.

        Raises:
            BrokenFileError: the file is gone, or fails while it is loaded.
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
            BrokenFileError: env.py is not there, is not Python or imports what is not there.
        """
        from limbeck.project.module_loader import run_environment

        if self.config is not None and self.detect == "all":
            from limbeck.project.ini_variables import fill_in_urls

            fill_in_urls(self.config)
        return run_environment(self.env_path, sourceless=self.sourceless)


def prepend_sys_paths(paths: Sequence[str]) -> None:
    """Put folders first on `sys.path`, in their order, once."""
    if list(paths) != sys.path[: len(paths)]:
        sys.path[:0] = list(paths)


def _application_folders(toml_file: str) -> list[str]:
    """Return where a project without env.py and `prepend_sys_path` has its packages."""
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
            place=_files_asked(config),
        )
    location = near(resource_text(text), _files(config))
    if not declared and not os.path.isdir(location):  # noqa: PTH112 - see Project
        raise MissingFileError(
            f"Path doesn't exist: {location}",
            hint="Correct `script_location` (a relative path counts from the current folder, "
            "%(here)s is the folder of the file), or start a project with `init`.",
            place=location,
        )
    return location


def _files_asked(config: Config) -> str | None:
    """Say which files were looked at, and which are not there."""
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
    return [name for name in (config.config_file_name, config.toml_file_name) if name is not None]


def _text(config: Config, name: str) -> str | None:
    value = config.get_alembic_option(name)
    if value is None or isinstance(value, str):
        return value
    raise InvalidValueError(
        f"{name} is {value!r}, which is not a string", hint=f'Write {name} = "...".'
    )


def _yes(config: Config, name: str) -> bool:
    if config.is_in_ini(name):
        return setting_values.yes_or_no(config.get_main_option(name), name)
    return config.get_alembic_boolean_option(name)


_TOO_LONG = 1e9  # seconds; `inf` is longer


def _seconds(config: Config, name: str, default: float) -> float:
    value = config.get_alembic_option(name)
    if value is None:
        return default
    found = setting_values.number(value, name)
    if not 0 <= found < _TOO_LONG:  # NaN is not between them either
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
