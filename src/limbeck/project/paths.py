# ruff: noqa: PTH109, PTH110, PTH117, PTH118, PTH120
"""Paths of settings and of revision files, as strings, because importing pathlib is slow."""

from __future__ import annotations

import errno
import os
import stat
import warnings
from collections.abc import Iterable, Iterator, Sequence

from limbeck.errors import MissingFileError

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path


def resource_path(text: str) -> Path:
    """Return the path for the value of a setting: a path, or `package:folder` in a package.

    Raises:
        MissingFileError: the package does not exist.
    """
    from pathlib import Path

    return Path(resource_text(text))


def resource_text(text: str) -> str:
    """Return the path for the value of a setting as a string; see `resource_path`."""
    if ":" not in text or os.path.isabs(text) or _has_drive(text):
        return _tidy(text)
    import importlib.util

    package, *parts = text.split(":")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    folders = None if spec is None else spec.submodule_search_locations
    if spec is not None and not folders and spec.origin:
        folders = [os.path.dirname(spec.origin)]
    if not folders:
        raise MissingFileError(
            f"No package '{package}', which the path '{text}' names",
            hint="Install it, add its folder to `prepend_sys_path`, or write a plain path.",
        )
    inner = [part for each in parts for part in each.split("/")]
    return _tidy(os.path.join(next(iter(folders)), *inner))


def _has_drive(text: str) -> bool:
    return text[1:3] in {":/", ":\\"} and text[0].isascii() and text[0].isalpha()


def _tidy(text: str) -> str:
    """Return a path in the form that pathlib prints."""
    if os.sep == "/" and "//" not in text and "/." not in text and text[:1] != "." and text:
        return text.rstrip("/") or "/"
    from pathlib import Path

    return str(Path(text))


def joined(folder: str, name: str) -> str:
    """Return the path of a file in a folder."""
    return os.path.join(folder, name)


def find_near(path: str, files: Iterable[str]) -> str:
    """Search a relative path in the current folder and in those of the configuration files."""
    if os.path.isabs(path) or os.path.exists(path):
        return path
    for name in files:
        candidate = joined(os.path.dirname(name), path)
        if os.path.exists(candidate):
            return _tidy(candidate)
    return path


def folder_of(path: str) -> str:
    """Return the absolute folder of a file, with forward slashes."""
    whole = os.path.join(os.getcwd(), path)
    if os.sep == "/" and "//" not in whole and "/./" not in whole and whole[-1] not in "/.":
        return os.path.dirname(whole) or "/"
    from pathlib import Path

    return Path(path).absolute().parent.as_posix()


# ── revision files, with a stamp that changes when the file changes ───────

_COMPILED = (".pyc", ".pyo")
# A SQL file whose header has no identifier is not a revision: `history.read_sql_header`.
_SOURCES = (".py", ".sql")
_NOT_OURS = (".#", "__init__")


# a revision file: its folder, its name and its stamp (see `_stamps`)
Found = tuple[str, str, str]


def find_files(folder: str, *, recursive: bool, sourceless: bool) -> list[Found]:
    """Return the revision files of a folder, sorted by name, then those of its subfolders.

    The list is empty if the folder does not exist.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208 - text is quicker, and enough
    except FileNotFoundError:
        return []
    sources = {name for name in names if name.endswith(_SOURCES)}
    mine = sorted(name for name in sources if not name.startswith(_NOT_OURS))
    found = [(folder, name, stamp) for name, stamp in zip(mine, _stamps(folder, mine), strict=True)]
    if len(sources) == len(names):
        return found
    others = sorted(set(names) - sources)
    if sourceless:
        found.extend(_orphans(folder, others, {name.partition(".")[0] for name in mine}))
    if recursive:
        for name in others:
            below = os.path.join(folder, name)
            if name != "__pycache__" and os.path.isdir(below):  # noqa: PTH112 - text
                found.extend(find_files(below, recursive=True, sourceless=sourceless))
    return found


def _stamps(folder: str, names: Sequence[str]) -> list[str]:
    """Return the stamp of each file: size, times and inode number.

    Looking up a name relative to an open folder takes half the time of a full path.
    """
    if os.stat not in os.supports_dir_fd:
        return [_stamp(os.path.join(folder, name)) for name in names]
    handle = os.open(folder, os.O_RDONLY)
    try:
        return [_stamp(name, handle) for name in names]
    finally:
        os.close(handle)


def _stamp(name: str, folder: int | None = None) -> str:
    try:
        about = os.stat(name, dir_fd=folder)
    except OSError:
        # A dangling link, or a file that was just deleted: reading it raises the error.
        return ""
    return f"{about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {about.st_ino}"


def read_regular(path: str) -> bytes:
    """Return the content of a regular file; a pipe would block.

    Raises:
        OSError: it cannot be read, or is not a regular file.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb", buffering=0) as opened:  # noqa: PTH123 - a descriptor has no path
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        return opened.read()


def is_compiled(name: str) -> bool:
    """Return whether a file is bytecode without source."""
    return name.endswith(_COMPILED)


def path_of(file: Found) -> Path:
    """Return the path of a revision file."""
    from pathlib import Path

    return Path(file[0], file[1])


def _orphans(folder: str, names: Sequence[str], taken: set[str]) -> Iterator[Found]:
    """Yield bytecode files that have no source."""
    places = [(folder, names)]
    if "__pycache__" in names:
        cache = os.path.join(folder, "__pycache__")
        places.append((cache, sorted(os.listdir(cache))))  # noqa: PTH208 - text
    for place, there in places:
        for name in there:
            stem = name.partition(".")[0]
            # a name that begins with a dot has no stem
            if is_compiled(name) and stem and stem not in taken and stem != "__init__":
                taken.add(stem)
                yield place, name, _stamp(os.path.join(place, name))


def find_all(folders: Sequence[str], *, recursive: bool, sourceless: bool) -> list[Found]:
    """Return the revision files of several folders, each file once."""
    found: list[Found] = []
    seen: set[str] = set()
    if len(folders) == 1:
        return find_files(folders[0], recursive=recursive, sourceless=sourceless)
    for folder in folders:
        for one in find_files(folder, recursive=recursive, sourceless=sourceless):
            path = os.path.join(one[0], one[1])
            real = os.path.realpath(path)
            if real in seen:
                warnings.warn(
                    f"File {path} loaded twice! ignoring. "
                    "Please ensure version_locations is unique.",
                    UserWarning,
                    stacklevel=4,
                )
                continue
            seen.add(real)
            found.append(one)
    return found
