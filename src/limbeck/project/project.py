"""Project: every setting settled, and what lies in the project's folders."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType

from limbeck import naming
from limbeck.history import History, IllegalIdentifier, RepeatedRevision, Revision, Shelf
from limbeck.project import index, settings
from limbeck.project.config import Config
from limbeck.project.errors import BadValue, MissingFile, NoConfiguration
from limbeck.project.files import find_all
from limbeck.values import dataclass, field

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, Literal, TypeAlias

    from limbeck.project.programs import Program

DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
DEFAULT_SLUG_LENGTH = 40
DEFAULT_LOCK_TIMEOUT = 60.0
DEFAULT_TABLE_TIMEOUT = 3.0
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_LIMBECK_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+limbeck\b", re.MULTILINE)
Detect: TypeAlias = "Literal['alembic', 'all']"
Journal: TypeAlias = "Literal['auto', 'keep', 'off']"


@dataclass(frozen=True)
class Project:
    """A project with every default settled; nothing of it changes while a command runs.

    Attributes:
        location: the folder of env.py, script.py.mako and, unless told otherwise, versions.
        config: what the project was made of, if it was a configuration.
        version_locations: the folders with revision files.
        locations_are_given: whether the configuration names these folders.
        file_template: how new files are named.
        truncate_slug_length: the greatest length of the message in a file name.
        timezone: the zone of creation dates; local time without one.
        revision_environment: run env.py also where only files are written.
        sourceless: whether bytecode without source counts as a revision file.
        recursive: whether folders below the version locations count.
        output_encoding: the encoding of new files.
        hooks: what runs over a new file.
        url: the database of a project without env.py.
        metadata: where such a project has its models, as `package.module:Base.metadata`.
        lock_timeout: seconds to wait for another runner, and in all for tables that others hold.
        table_timeout: seconds that one statement waits for a table before it is tried anew.
        journal_option: what the configuration says of the journal; None where it says nothing.
    """

    location: Path
    config: Config | None = field(default=None, compare=False)
    version_locations: tuple[Path, ...] = ()
    locations_are_given: bool = False
    file_template: str = DEFAULT_FILE_TEMPLATE
    truncate_slug_length: int = DEFAULT_SLUG_LENGTH
    timezone: str | None = None
    revision_environment: bool = False
    sourceless: bool = False
    recursive: bool = False
    output_encoding: str = "utf-8"
    hooks: tuple[Mapping[str, str], ...] = ()
    detect_option: Detect | None = None
    url: str | None = None
    metadata: str | tuple[str, ...] | None = None
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    table_timeout: float = DEFAULT_TABLE_TIMEOUT
    journal_option: Journal | None = None

    def __post_init__(self) -> None:
        if not self.version_locations:
            object.__setattr__(self, "version_locations", (self.location / "versions",))

    @classmethod
    def from_config(cls, config: Config) -> Project:
        """Settle the settings of a configuration, and put its folders on `sys.path`.

        Raises:
            NoConfiguration: it does not say where the project is.
            MissingFile: the project is not there.
            BadValue: a setting has a value it cannot have.
        """
        prepend_sys_paths(config.get_prepend_sys_paths_list() or ())
        url = _text(config, "url")
        metadata = config.get_alembic_option("metadata")
        location = _location(config, declared=bool(url or metadata))
        given = config.get_version_locations_list()
        slug_length = settings.number(
            config.get_alembic_option("truncate_slug_length") or DEFAULT_SLUG_LENGTH,
            "truncate_slug_length",
        )
        return cls(
            location=location,
            config=config,
            version_locations=tuple(_near(config, resource_path(text)) for text in given or ()),
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
            lock_timeout=_seconds(config, "lock_timeout", DEFAULT_LOCK_TIMEOUT),
            table_timeout=_seconds(config, "table_timeout", DEFAULT_TABLE_TIMEOUT),
            journal_option=_journal(config),
        )

    @property
    def version_paths(self) -> tuple[Path, ...]:
        """The folders with revision files."""
        return self.version_locations

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
        return self.env_path.is_file()

    @property
    def declared(self) -> bool:
        """Whether the configuration itself names database and models, in place of an env.py."""
        return not self.has_env and bool(self.url or self.metadata)

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
        return "all" if _LIMBECK_IMPORT.search(text) else "alembic"

    @property
    def journal(self) -> Journal:
        """What becomes of the journal beside the version table.

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
            MissingFile: a version location that is named is not there.
            HistoryError: the files contradict each other.
        """
        self._look_for_locations()
        return self._history

    def without_location_check(self) -> History:
        """Return the graph even where a version location is still to be made."""
        return self._history

    @cached_property
    def _history(self) -> History:
        history = History(self._headers())
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
        reserved = sorted(naming.RESERVED_WORDS.intersection(history.ids))
        if not (history.repeated or reserved) or self.detect == "alembic":
            return
        if reserved:
            error = IllegalIdentifier(
                reserved[0], f"The word '{reserved[0]}' has a meaning of its own and is not allowed"
            )
            error.place = str(history.get(reserved[0]).path)
            raise error
        raise RepeatedRevision(*history.repeated[0])

    def headers(self) -> list[Revision]:
        """Return the revision of each file, whether they make a whole or not."""
        return list(self._headers())

    def _headers(self) -> Shelf:
        files = find_all(
            self.version_locations, recursive=self.recursive, sourceless=self.sourceless
        )
        if len(self.version_locations) == 1:
            return index.read_headers(self.version_locations[0], files, _run_header)
        shelves = []
        for folder in dict.fromkeys(self.version_locations):
            root = str(folder)
            below = root + os.sep
            mine = [file for file in files if file[0] == root or file[0].startswith(below)]
            files = [file for file in files if not (file[0] == root or file[0].startswith(below))]
            shelves.append(index.read_headers(folder, mine, _run_header))
        return Shelf.joined(shelves)

    def _look_for_locations(self) -> None:
        if not self.locations_are_given:
            return
        missing = [str(path) for path in self.version_locations if not path.is_dir()]
        if not missing:
            return
        text = f"Version location {', '.join(missing)} does not exist"
        if self.detect == "alembic":
            # Alembic passes over it in silence, and a project must not stop for that.
            warnings.warn(text, UserWarning, stacklevel=3)
            return
        raise MissingFile(
            text,
            hint="Make the folder, or correct `version_locations` and `path_separator`.",
            place=missing[0],
        )

    def refresh(self) -> None:
        """Forget what was read, so that new files are seen."""
        self.__dict__.pop("_history", None)

    def program(self, revision: Revision | str) -> Program:
        """Load the functions of a revision, anew each time.

        Raises:
            BrokenFile: the file is gone, or fails while it is loaded.
        """
        from limbeck.project.programs import load_program

        if isinstance(revision, str):
            revision = self.history().get(revision)
        return load_program(revision)

    def run_env(self) -> ModuleType:
        """Execute env.py as the module `env_py`.

        Raises:
            BrokenFile: env.py is not there, is not Python or imports what is not there.
        """
        from limbeck.project.programs import run_environment

        return run_environment(self.env_path, sourceless=self.sourceless)


def prepend_sys_paths(paths: Sequence[str]) -> None:
    """Put folders first on `sys.path`, in their order, once."""
    if list(paths) != sys.path[: len(paths)]:
        sys.path[:0] = list(paths)


def resource_path(text: str) -> Path:
    """Return the path that a setting means: a path, or `package:folder` inside a package.

    Raises:
        MissingFile: there is no such package.
    """
    if ":" not in text or Path(text).is_absolute() or _DRIVE.match(text):
        return Path(text)
    import importlib.util

    package, *parts = text.split(":")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    folders = None if spec is None else spec.submodule_search_locations
    if spec is not None and not folders and spec.origin:
        folders = [os.path.dirname(spec.origin)]  # noqa: PTH120 - text in, text out
    if not folders:
        raise MissingFile(
            f"No package '{package}', which the path '{text}' names",
            hint="Install it, add its folder to `prepend_sys_path`, or write a plain path.",
        )
    return Path(next(iter(folders)), *[part for each in parts for part in each.split("/")])


def _run_header(path: Path, reason: str) -> Revision:
    del reason
    from limbeck.project.programs import run_header

    return run_header(path)


def _location(config: Config, *, declared: bool) -> Path:
    text = _text(config, "script_location")
    if not text:
        if declared:
            return Path("migrations")
        raise NoConfiguration(
            "No 'script_location' key found in configuration.",
            hint="Run this in the folder of alembic.ini or pyproject.toml, name the file with -c, "
            "or start a project with `init`.",
            place=_files_asked(config),
        )
    location = _near(config, resource_path(text))
    if not location.is_dir() and not declared:
        raise MissingFile(
            f"Path doesn't exist: {location}",
            hint="Correct `script_location` (a relative path counts from the current folder, "
            "%(here)s is the folder of the file), or start a project with `init`.",
            place=str(location),
        )
    return location


def _files_asked(config: Config) -> str | None:
    """Say which files were looked at, and which are not there."""
    ini, toml = config.config_file_name, config.toml_file_name
    asked = [Path(name) for name in (ini, toml) if name is not None]
    present = [str(path) for path in asked if path.is_file()]
    if not present:
        names = " and no ".join(path.name for path in asked)
        return f"there is no {names} in {asked[0].parent.absolute()}" if asked else None
    if ini in present:
        return f"{ini}, section [{config.config_ini_section}]"
    return present[0]


def _near(config: Config, path: Path) -> Path:
    """Look beside the configuration file for what is not in the current folder."""
    if path.is_absolute() or path.exists():
        return path
    for name in (config.config_file_name, config.toml_file_name):
        if name is not None and (beside := Path(name).parent / path).exists():
            return beside
    return path


def _text(config: Config, name: str) -> str | None:
    value = config.get_alembic_option(name)
    if value is None or isinstance(value, str):
        return value
    raise BadValue(f"{name} is {value!r}, which is not a string", hint=f'Write {name} = "...".')


def _yes(config: Config, name: str) -> bool:
    if config.file_config.has_option(config.config_ini_section, name):
        return settings.yes_or_no(config.get_main_option(name), name)
    return config.get_alembic_boolean_option(name)


def _seconds(config: Config, name: str, default: float) -> float:
    value = config.get_alembic_option(name)
    return default if value is None else settings.number(value, name)


def _journal(config: Config) -> Journal | None:
    value = config.get_alembic_option("journal")
    if value is None:
        return None
    if value in ("auto", "keep", "off"):
        found: Journal = value
        return found
    return "keep" if settings.yes_or_no(value, "journal") else "off"


def _detect(config: Config) -> Detect | None:
    value = config.get_alembic_option("detect")
    match value:
        case None:
            return None
        case "alembic" | "all":
            found: Detect = value
            return found
    raise BadValue(f"detect is {value!r}", hint="Write all or alembic.")
