"""Create an environment from a template: configuration files, env.py and the version folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.errors import (
    MissingFileError,
    UnsafePathError,
)
from limbeck.project.atomic_write import replace, write_new
from limbeck.project.config import Config
from limbeck.project.head_file import HEAD_FILE, head_file_text
from limbeck.project.template import render_template
from limbeck.project.write_hooks import Notify

_INI = "alembic.ini.mako"
_TOML = "pyproject.toml.mako"
# the path of a file, its content, and the TOML table that may be appended to an existing file
Item = tuple[Path, str | bytes, str | None]
# the script templates of native projects; the folder `templates` has those of Alembic projects
_NATIVE_FRAME = Path(__file__).parent / "native_frame"
_TABLE = {"alembic": "[tool.alembic]", "limbeck": "[tool.limbeck]"}


PLACEHOLDER_URL = "driver://user:pass@localhost/dbname"
PLACEHOLDER_METADATA = "myapp.models:Base.metadata"


@dataclass(frozen=True, slots=True)
class Template:
    """A template for new environments: its name, its description and its folder."""

    name: str
    summary: str
    path: Path


@dataclass(frozen=True, slots=True)
class Written:
    """The files and directories that were created, and the existing files that were kept."""

    files: tuple[Path, ...]
    directories: tuple[Path, ...]
    kept: tuple[Path, ...]


def templates(config: Config) -> tuple[Template, ...]:
    """Return the available templates, sorted by name."""
    root = Path(config.get_template_directory())
    found = []
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        readme = path / "README"
        if readme.is_file():
            first = readme.read_text("utf-8").partition("\n")[0].strip()
            found.append(Template(path.name, first, path))
    return tuple(found)


def write_environment(
    config: Config,
    directory: str | Path,
    *,
    template: str = "generic",
    package: bool = False,
    import_name: str = "alembic",
    head_file: bool = False,
    url: str = PLACEHOLDER_URL,
    metadata: str = PLACEHOLDER_METADATA,
    notify: Notify | None = None,
) -> Written:
    """Create an environment in a new or empty folder, without changing existing files.

    If an earlier run was interrupted, the missing files are written. The table of the template is
    appended to a pyproject.toml that has none.

    Args:
        config: the configuration, which names the folder of templates and the configuration files.
        directory: the folder to create.
        template: the name of the template.
        package: add `__init__.py` files.
        import_name: the package that env.py imports from, "alembic" or "limbeck".
        head_file: write a head file, so that two heads conflict in version control.
        url: the database URL, for a project without env.py.
        metadata: the models, for a project without env.py.
        notify: called before each step.

    Raises:
        MissingFileError: the template does not exist.
        UnsafePathError: the folder is not empty, or cannot be created.
    """
    source = _source(config, template)
    target = Path(directory)
    variables = {
        "package": import_name,
        "import_name": import_name,
        "url": _toml(url),
        "metadata": _toml(metadata),
        "prepend_sys_path": _toml_list(_folders(metadata)),
    }
    plan = [_planned_file(config, path, target, variables) for path in sorted(source.iterdir())]
    files = [item for item in plan if item is not None]
    versions = target / "versions"
    if package:
        files += [(folder / "__init__.py", "", None) for folder in (target, versions)]
    if head_file:
        files.append((target / HEAD_FILE, head_file_text(()), None))
    if target.exists() and not _is_empty_or_partial(target, files):
        raise UnsafePathError(
            f"Directory {directory} already exists and is not empty",
            hint="Choose another folder, or empty this one.",
            place=str(directory),
        )
    writer = _Writer(notify)
    for folder in (target, versions):
        writer.make(folder)
    for item in files:
        writer.write(*item)
    return Written(tuple(writer.files), tuple(writer.directories), tuple(writer.kept))


def _is_empty_or_partial(target: Path, files: Sequence[Item]) -> bool:
    """Return whether a folder is empty, or contains only a part of the files to write."""
    if not target.is_dir():
        return False
    wanted = {path: _encoded(content) for path, content, _ in files if path.is_relative_to(target)}
    there = [path for path in target.rglob("*") if path != target / "versions"]
    whole = all(path.is_file() and wanted.get(path) == path.read_bytes() for path in there)
    return whole and (len(there) < len(wanted) or not all(item[0].exists() for item in files))


def _source(config: Config, template: str) -> Path:
    source = Path(config.get_template_directory()) / template
    names = [one.name for one in templates(config)]
    if not source.is_dir() or (
        names and template not in names and not (source / "env.py").exists()
    ):
        raise MissingFileError(
            f"No such template {template!r}",
            hint=f"There are {', '.join(names)}; `list_templates` describes them.",
            place=str(source),
        )
    return source


def _location_text(target: Path, file: Path) -> str:
    """Return the folder for a configuration file: a relative path is relative to the file."""
    if target.is_absolute():
        return target.as_posix().replace("%", "%%")
    seen = os.path.relpath(target.absolute(), file.absolute().parent)
    return "%(here)s/" + Path(seen).as_posix().replace("%", "%%")


def _planned_file(
    config: Config, path: Path, target: Path, variables: Mapping[str, Any]
) -> Item | None:
    """Return the file to write for a file of the template, None to skip it."""
    if path.is_dir() or path.suffix in {".pyc", ".pyo"}:
        return None
    if path.name == _INI:
        file = Path(config.config_file_name or "alembic.ini")
        text = render_template(path, _with_location(variables, target, file))
        return file, text, None
    if path.name == _TOML:
        file = Path(config.toml_file_name or "pyproject.toml")
        text = render_template(path, _with_location(variables, target, file))
        own = _TABLE["limbeck"] if _TABLE["limbeck"] in text else _TABLE["alembic"]
        return file, text, own
    if _is_builtin(path) and path.name == "script.py.mako" and variables["package"] == "limbeck":
        kind = "multidb.py.mako" if path.parent.name.endswith("multidb") else "script.py.mako"
        return target / path.name, (_NATIVE_FRAME / kind).read_text("utf-8"), None
    if _is_builtin(path) and path.name in {"env.py", "script.py.mako"}:
        text = path.read_text("utf-8")
        named = text.replace("from alembic import", f"from {variables['package']} import")
        return target / path.name, named, None
    return target / path.name, path.read_bytes(), None


def _with_location(variables: Mapping[str, Any], target: Path, file: Path) -> dict[str, Any]:
    return {**variables, "script_location": _location_text(target, file)}


def _is_builtin(path: Path) -> bool:
    return path.is_relative_to(Path(__file__).parent)


def _toml(text: str) -> str:
    """Return a string as a TOML value."""
    return json.dumps(text, ensure_ascii=False)


def _toml_list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_toml, texts))}]"


def _folders(metadata: str) -> list[str]:
    """Return the folders to search for the package of the models."""
    top = metadata.partition(":")[0].partition(".")[0]
    in_src = any((Path("src") / name).exists() for name in (top, f"{top}.py"))
    return [".", "src"] if in_src else ["."]


def _encoded(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


class _Writer:
    """Creates missing folders and files, records them, and notifies the caller of each."""

    def __init__(self, notify: Notify | None) -> None:
        self._notify = notify
        self.files: list[Path] = []
        self.directories: list[Path] = []
        self.kept: list[Path] = []

    def make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        with self._notified("Creating directory", folder.absolute()):
            try:
                folder.mkdir(parents=True)
            except OSError as error:
                raise UnsafePathError(
                    f"{folder} cannot be created: {error.strerror or error}",
                    hint="Check the permissions of its parent folder.",
                    place=str(folder),
                ) from None
        self.directories.append(folder)

    def write(self, path: Path, content: str | bytes, table: str | None) -> None:
        raw = _encoded(content)
        if not path.exists():
            with self._notified("Generating", path.absolute()):
                write_new(path, raw)
            self.files.append(path)
        elif table is not None and _has_no_table(path, table):
            with self._notified("Appending to", path.absolute()):
                _append(path, raw)
            self.files.append(path)
        else:
            self.kept.append(path)

    def _notified(self, action: str, path: Path) -> AbstractContextManager[object]:
        return nullcontext() if self._notify is None else self._notify(action, path)


def _has_no_table(path: Path, table: str) -> bool:
    lines: Iterator[str] = (line.strip() for line in path.read_text("utf-8").splitlines())
    prefix = table[:-1]
    return not any(line.startswith((table, prefix + ".")) for line in lines)


def _append(path: Path, raw: bytes) -> None:
    before = path.read_bytes()
    gap = b"" if not before else (b"\n" if before.endswith(b"\n") else b"\n\n")
    replace(path, before + gap + raw)
