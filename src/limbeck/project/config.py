"""Config: the settings of a project, from its files and from callers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from limbeck.errors import (
    InvalidConfigurationError,
    InvalidValueError,
    NoConfigurationError,
    OutputError,
)
from limbeck.project import setting_values
from limbeck.project.paths import folder_of

TYPE_CHECKING = False

if TYPE_CHECKING:
    import configparser
    from typing import Any, TextIO, overload

StrPath = str | os.PathLike[str]
TOML_NAME = "pyproject.toml"


class Config:
    """Settings from an ini file, a pyproject.toml, or set one by one.

    If both files have a setting, the ini file takes precedence. The files are read on first use.

    Args:
        file_: the ini file.
        toml_file: the pyproject.toml; `[tool.alembic]` and `[tool.limbeck]` are used.
        ini_section: the main section of the ini file.
        output_buffer: the file to write SQL to in offline mode; standard output by default.
        stdout: where `print_stdout` writes.
        cmd_opts: the parsed command line, if there was one.
        config_args: further variables for `%(name)s` in the files.
        attributes: Python objects for env.py.
    """

    # defined on the class, for subclasses that set them or do not call this constructor
    config_file_name: str | None = None
    toml_file_name: str | None = None
    config_ini_section: str = "alembic"
    cmd_opts: Any = None
    environment_name: str | None = None
    """The named environment whose settings are used (`--env`)."""

    def __init__(
        self,
        file_: StrPath | None = None,
        toml_file: StrPath | None = None,
        ini_section: str = "alembic",
        output_buffer: TextIO | None = None,
        stdout: TextIO = sys.stdout,
        cmd_opts: Any = None,
        config_args: Mapping[str, Any] = MappingProxyType({}),
        attributes: dict[str, Any] | None = None,
    ) -> None:
        self.config_file_name = None if file_ is None else os.fspath(file_)
        self.toml_file_name = None if toml_file is None else os.fspath(toml_file)
        self.config_ini_section = ini_section
        self.output_buffer = output_buffer
        self.stdout = stdout
        self.cmd_opts = cmd_opts
        self.config_args: dict[str, Any] = dict(config_args)
        self.toml_args: dict[str, Any] = dict(config_args)
        if attributes:
            self.attributes.update(attributes)

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """Python objects that env.py may use, such as a connection."""
        return {}

    def print_stdout(self, text: str, *arg: Any) -> None:
        """Write a line to `stdout`, formatted with the arguments, unless `--quiet` is given."""
        if self.messaging_opts["quiet"]:
            return
        line = str(text) % arg if arg else str(text)
        try:
            self._write_line(line)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error) from None

    def _write_line(self, line: str) -> None:
        try:
            self.stdout.write(line)
        except UnicodeEncodeError as error:
            self.stdout.write(line.encode(error.encoding, "replace").decode(error.encoding))
        self.stdout.write("\n")

    @property
    def messaging_opts(self) -> Mapping[str, bool]:
        """Message options: `quiet` as given on the command line."""
        return MappingProxyType({"quiet": bool(getattr(self.cmd_opts, "quiet", False))})

    @cached_property
    def file_config(self) -> configparser.ConfigParser:
        """The parsed ini file; empty if there is none.

        Raises:
            InvalidConfigurationError: the file is not a valid ini file.
        """
        import configparser

        self.config_args["here"] = (
            folder_of(self.config_file_name) if self.config_file_name else "."
        )
        parser = configparser.ConfigParser(
            {name: str(value) for name, value in self.config_args.items()},
            interpolation=_interpolation(),
        )
        _log(self.config_file_name, self.cmd_opts)
        if self.config_file_name:
            _read_ini(parser, self.config_file_name)
            own = self.config_ini_section == "alembic" and not parser.has_section("alembic")
            if own and parser.has_section("limbeck"):
                self.config_ini_section = "limbeck"
        else:
            parser.add_section(self.config_ini_section)
        return parser

    @cached_property
    def toml_alembic_config(self) -> Mapping[str, Any]:
        """The merged tables `[tool.alembic]` and `[tool.limbeck]` of pyproject.toml.

        Raises:
            InvalidConfigurationError: the file is not valid TOML.
        """
        if self.toml_file_name is None:
            return {}
        self.toml_args["here"] = folder_of(self.toml_file_name)
        tables = setting_values.read_toml_tables(self.toml_file_name)
        if self.environment_name is None:
            return tables
        return setting_values.with_environment(tables, self.environment_name, self.toml_file_name)

    def get_template_directory(self) -> str:
        """Return the folder with the templates for new environments.

        Override this method to provide other templates.
        """
        return os.path.join(os.path.dirname(__file__), "templates")  # noqa: PTH118, PTH120 - text

    if TYPE_CHECKING:

        @overload
        def get_section(self, name: str, default: None = ...) -> dict[str, str] | None: ...

        @overload
        def get_section(self, name: str, default: dict[str, str]) -> dict[str, str]: ...

        @overload
        def get_section(
            self, name: str, default: Mapping[str, str]
        ) -> dict[str, str] | Mapping[str, str]: ...

    def get_section(
        self, name: str, default: Mapping[str, str] | None = None
    ) -> Mapping[str, str] | None:
        """Return all settings of a section of the ini file, or the default if it is missing."""
        if not self.file_config.has_section(name):
            return default
        with self._interpolation(name):
            return dict(self.file_config.items(name))

    def set_main_option(self, name: str, value: str) -> None:
        """Set a value of the main section; `%%` in the value means a percent sign."""
        self.set_section_option(self.config_ini_section, name, value)

    def remove_main_option(self, name: str) -> None:
        """Remove a value from the main section."""
        self.file_config.remove_option(self.config_ini_section, name)

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set a value of a section, which is created if missing; `%%` means a percent sign."""
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)
        try:
            self.file_config.set(section, name, value)
        except ValueError:
            # The message of configparser shows the value, which may contain a password.
            raise InvalidValueError(
                f"The value for option '{name}' in section [{section}] has an invalid "
                "interpolation syntax: an unfinished %(name)s",
                hint="Write a percent sign before a parenthesis twice: value.replace('%', '%%').",
            ) from None

    def get_section_option(self, section: str, name: str, default: str | None = None) -> str | None:
        """Return a value of a section, or the default.

        Raises:
            NoConfigurationError: the section does not exist.
        """
        if not self.file_config.has_section(section):
            raise NoConfigurationError(
                f"No config file {self.config_file_name!r} found, or file has no "
                f"'[{section}]' section",
                hint="Name the file with -c, the section with -n, or start with `init`.",
            )
        if not self.file_config.has_option(section, name):
            return default
        with self._interpolation(section, name):
            return self.file_config.get(section, name)

    if TYPE_CHECKING:

        @overload
        def get_main_option(self, name: str, default: str) -> str: ...

        @overload
        def get_main_option(self, name: str, default: str | None = None) -> str | None: ...

    def get_main_option(self, name: str, default: str | None = None) -> str | None:
        """Return a value of the main section of the ini file, or the default."""
        # reading the file may change config_ini_section
        _ = self.file_config
        return self.get_section_option(self.config_ini_section, name, default)

    def get_alembic_option(self, name: str, default: Any = None) -> Any:
        """Return a setting from the ini file or else from pyproject.toml, or the default."""
        if self.is_in_ini(name):
            return self.get_main_option(name)
        tables = self.toml_alembic_config
        return self._filled(tables[name], name) if name in tables else default

    def get_alembic_boolean_option(self, name: str) -> bool:
        """Return a boolean setting.

        Raises:
            InvalidValueError: the value in pyproject.toml is not true or false.
        """
        if self.is_in_ini(name):
            return self.get_main_option(name) == "true"
        value = self.toml_alembic_config.get(name, False)
        if not isinstance(value, bool):
            raise InvalidValueError(
                f"boolean value expected for TOML parameter {name!r}",
                hint="Write true or false, without quotes.",
                place=self.toml_file_name,
            )
        return value

    def get_version_locations_list(self) -> list[str] | None:
        """Return the folders with revision files, or None to use the default."""
        if self.is_in_ini("version_locations"):
            return setting_values.split_version_locations(self)
        found = self.toml_alembic_config.get("version_locations")
        return self._texts(found, "version_locations")

    def get_prepend_sys_paths_list(self) -> list[str] | None:
        """Return the folders to put first on `sys.path`, or None."""
        if self.is_in_ini("prepend_sys_path"):
            return setting_values.split_sys_paths(self)
        found = self.toml_alembic_config.get("prepend_sys_path")
        return self._texts(found, "prepend_sys_path")

    def get_hooks_list(self) -> list[dict[str, str]]:
        """Return the settings of each post-write hook, in order, with its name as `_hook_name`."""
        section = self.get_section("post_write_hooks")
        if section:
            return setting_values.hooks_of_section(section)
        tables = self.toml_alembic_config.get("post_write_hooks", [])
        if not isinstance(tables, list) or not {*map(type, tables)} <= {dict}:
            raise InvalidValueError(
                "post_write_hooks in pyproject.toml is not an array of tables",
                hint="Write [[tool.alembic.post_write_hooks]], once for each hook.",
                place=self.toml_file_name,
            )
        hooks = []
        for table in tables:
            hook = {key: self._filled(value, key) for key, value in table.items() if key != "name"}
            hook["_hook_name"] = self._filled(table.get("name", ""), "name")
            hooks.append(hook)
        return hooks

    def is_in_ini(self, name: str) -> bool:
        """Return whether the main section of the ini file has an option."""
        parsed = self.file_config
        return parsed.has_option(self.config_ini_section, name)

    def _texts(self, value: Any, name: str) -> list[str] | None:
        if value is None:
            return None
        words = [value] if isinstance(value, str) else value
        if isinstance(words, list) and {*map(type, words)} <= {str}:
            filled: list[str] = self._filled(words, name)
            return filled
        raise InvalidValueError(
            f"{name} in pyproject.toml is not a list of strings",
            hint=f'Write {name} = ["one", "two"].',
            place=self.toml_file_name,
        )

    def _filled(self, value: Any, name: str) -> Any:
        """Put variables such as `%(here)s` into the strings of a TOML value."""
        if isinstance(value, list):
            return [self._filled(item, name) for item in value]
        if not isinstance(value, str):
            return value
        try:
            return setting_values.double_lone_percents(value) % self.toml_args
        except (KeyError, ValueError, TypeError) as error:
            raise InvalidValueError(
                f"The value of {name} in {self.toml_file_name} cannot be filled in: {error}",
                hint="Write a percent sign twice: %%.",
                place=self.toml_file_name,
            ) from None

    def _interpolation(self, section: str, name: str | None = None) -> setting_values.Interpolation:
        return setting_values.Interpolation(self.config_file_name, section, name)


def copy_config(config: Config) -> Config:
    """Return a copy of a configuration; changes of the copy do not affect the original."""
    import copy

    copied = copy.copy(config)
    copied.__dict__.pop("file_config", None)
    if "file_config" in config.__dict__:
        copied.__dict__["file_config"] = copy.deepcopy(config.file_config)
    copied.__dict__["attributes"] = dict(config.attributes)
    copied.config_args, copied.toml_args = dict(config.config_args), dict(config.toml_args)
    return copied


def _with_lone_percents(value: str) -> str:
    return setting_values.double_lone_percents(value) if isinstance(value, str) else value


def _interpolation() -> configparser.Interpolation:
    """Return configparser's interpolation, except that a single percent sign is not an error.

    The password of a URL may contain percent signs: `%40` stands for `@`.
    """
    import configparser

    class Interpolation(configparser.BasicInterpolation):
        def before_read(self, parser: Any, section: str, option: str, value: str) -> str:
            return super().before_read(parser, section, option, _with_lone_percents(value))

        def before_set(self, parser: Any, section: str, option: str, value: str) -> str:
            return super().before_set(parser, section, option, _with_lone_percents(value))

    return Interpolation()


def _log(path: str | None, options: object) -> None:
    # Logging is skipped if the application has not imported it, because the import is slow.
    if "logging" in sys.modules:
        import logging

        logger = logging.getLogger("alembic.config")
        level = logging.INFO if getattr(options, "verbose", False) else logging.DEBUG
        if path is None:
            logger.log(level, "No config file provided")
        else:
            logger.log(level, "Loading config from file: %s", path)


def _read_ini(parser: configparser.ConfigParser, path: str) -> None:
    import configparser

    try:
        parser.read([path])
    except configparser.Error as error:
        # The message of configparser quotes the line, which may contain a password.
        line = getattr(error, "lineno", None) or next(
            (each[0] for each in getattr(error, "errors", ())), None
        )
        place = f"{path}:{line}" if line else path
        reason = type(error).__name__.removesuffix("Error")
        raise InvalidConfigurationError(
            f"{place}: the file is not a valid ini file ({reason})",
            hint="Write each setting in a [section] as `name = value`; `init` writes an example.",
            place=place,
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfigurationError(
            f"{path} cannot be read: {error}",
            hint="Check the file's permissions and encoding.",
            place=path,
        ) from None


def find_config(
    files: Sequence[str] | None = None,
    *,
    name: str = "alembic",
    section: str = "alembic",
    cmd_opts: Any = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return the configuration that a command line selects.

    Args:
        files: the values of -c: an ini file, a pyproject.toml, or one of each.
        name: the name of the running program; "limbeck" also looks for limbeck.ini.
        section: the section of the ini file.
        cmd_opts: the parsed command line.
        environ: LIMBECK_CONFIG and ALEMBIC_CONFIG name the file if `files` is empty.

    Raises:
        InvalidValueError: two files of the same kind are given.
    """
    given = list(files or ())
    if not given:
        from_environment = environ.get("LIMBECK_CONFIG") or environ.get("ALEMBIC_CONFIG")
        given = [from_environment] if from_environment else []
    if not given:
        own = name == "limbeck" and os.path.isfile("limbeck.ini")  # noqa: PTH113 - pathlib takes long to import
        given = ["limbeck.ini" if own else "alembic.ini", TOML_NAME]
    ini: list[str] = []
    toml: list[str] = []
    for path in given:
        is_toml = os.path.basename(path) == TOML_NAME  # noqa: PTH119 - see above
        (toml if is_toml else ini).append(path)
    if len(ini) > 1 or len(toml) > 1:
        raise InvalidValueError(
            f"Two configuration files of one kind: {', '.join(ini if len(ini) > 1 else toml)}",
            hint=f"Give one ini file, one {TOML_NAME}, or one of each.",
        )
    found = Config(
        ini[0] if ini else None,
        toml_file=toml[0] if toml else None,
        ini_section=section,
        # the default of the parameter is the stdout of the time when the class was defined
        stdout=sys.stdout,
        cmd_opts=cmd_opts,
    )
    found.environment_name = getattr(cmd_opts, "env", None) or environ.get("LIMBECK_ENV")
    url = getattr(cmd_opts, "database_url", None)
    if url is not None:
        found.attributes["url"] = url
        found.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return found
