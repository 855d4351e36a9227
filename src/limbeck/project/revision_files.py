"""Find the revision files of a project, with a stamp that changes when the file changes."""

from __future__ import annotations

import errno
import os
import stat
import warnings
from collections.abc import Iterator, Sequence

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path

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
    others = sorted(name for name in names if name not in sources)
    if sourceless:
        found.extend(_orphans(folder, others, {name.partition(".")[0] for name in mine}))
    if recursive:
        for name in others:
            below = os.path.join(folder, name)  # noqa: PTH118 - text
            if name != "__pycache__" and os.path.isdir(below):  # noqa: PTH112 - text
                found.extend(find_files(below, recursive=True, sourceless=sourceless))
    return found


def _stamps(folder: str, names: Sequence[str]) -> list[str]:
    """Return the stamp of each file: size, times and inode number.

    Looking up a name relative to an open folder takes half the time of a full path.
    """
    if os.stat not in os.supports_dir_fd:
        return [_stamp(os.path.join(folder, name)) for name in names]  # noqa: PTH118 - text
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
        cache = os.path.join(folder, "__pycache__")  # noqa: PTH118 - text
        places.append((cache, sorted(os.listdir(cache))))  # noqa: PTH208 - text
    for place, there in places:
        for name in there:
            stem = name.partition(".")[0]
            # a name that begins with a dot has no stem
            if is_compiled(name) and stem and stem not in taken and stem != "__init__":
                taken.add(stem)
                yield place, name, _stamp(os.path.join(place, name))  # noqa: PTH118 - text


def find_all(folders: Sequence[str], *, recursive: bool, sourceless: bool) -> list[Found]:
    """Return the revision files of several folders, each file once."""
    found: list[Found] = []
    seen: set[str] = set()
    if len(folders) == 1:
        return find_files(folders[0], recursive=recursive, sourceless=sourceless)
    for folder in folders:
        for one in find_files(folder, recursive=recursive, sourceless=sourceless):
            path = os.path.join(one[0], one[1])  # noqa: PTH118 - a Path for each costs more than the rest
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
