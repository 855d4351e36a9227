"""Find revision files, and write files so that nothing is ever half there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from operator import itemgetter

from limbeck.project.errors import UnsafePath

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path

_COMPILED = (".pyc", ".pyo")
_NOT_OURS = (".#", "__init__")


# a revision file: its folder, its name, and what the folder says of it (see `stamp_of`)
Found = tuple[str, str, str]


def find_files(folder: str, *, recursive: bool, sourceless: bool) -> list[Found]:
    """Return the revision files of a folder, by name; then those of its folders.

    A folder that is not there has none.
    """
    try:
        with os.scandir(folder) as scanned:
            entries = list(scanned)
    except FileNotFoundError:
        return []
    found = []
    others = []
    for entry in entries:
        name = entry.name
        if not name.endswith(".py"):
            others.append(entry)
        elif not name.startswith(_NOT_OURS):
            found.append((folder, name, stamp_of(entry)))
    found.sort(key=itemgetter(1))
    others.sort(key=_name)
    if sourceless:
        found.extend(_orphans(folder, others, {one[1].partition(".")[0] for one in found}))
    if recursive:
        for entry in others:
            if entry.name != "__pycache__" and entry.is_dir():
                found.extend(find_files(entry.path, recursive=True, sourceless=sourceless))
    return found


def stamp_of(entry: os.DirEntry[str]) -> str:
    """Return what tells one state of a file from another: size, times and file number."""
    try:
        stat = entry.stat()
    except OSError:
        # A dangling link, or a file that just went: reading it will say so.
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"


def is_compiled(name: str) -> bool:
    """Say whether a file is bytecode without source."""
    return name.endswith(_COMPILED)


def path_of(file: Found) -> Path:
    """Return the path of a revision file."""
    from pathlib import Path

    return Path(file[0], file[1])


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _orphans(folder: str, entries: list[os.DirEntry[str]], taken: set[str]) -> Iterator[Found]:
    """Yield bytecode whose source is gone."""
    places = [(folder, entries)]
    cache = next((entry for entry in entries if entry.name == "__pycache__"), None)
    if cache is not None:
        places.append((cache.path, sorted(os.scandir(cache.path), key=_name)))
    for place, there in places:
        for entry in there:
            stem = entry.name.partition(".")[0]
            # a name that begins with a dot has no stem
            if is_compiled(entry.name) and stem and stem not in taken and stem != "__init__":
                taken.add(stem)
                yield place, entry.name, stamp_of(entry)


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


def inside(folder: Path, path: Path) -> bool:
    """Say whether a path lies below a folder, whatever dots it has."""
    root = os.path.realpath(folder)
    return os.path.commonpath((root, os.path.realpath(path))) == root


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, whole or not at all.

    Raises:
        UnsafePath: there is such a file, or the folder cannot be written to.
    """
    try:
        if not _write_unnamed(path, content):
            _write_aside(path, content)
    except FileExistsError:
        raise UnsafePath(
            f"{path} already exists",
            hint="Nothing was written. Choose another message or --rev-id.",
            place=str(path),
        ) from None
    except OSError as error:
        raise UnsafePath(
            f"{path} cannot be written: {error.strerror or error}",
            hint="Check the folder's rights and the free space.",
            place=str(path),
        ) from None


def _write_unnamed(path: Path, content: bytes) -> bool:
    """Write a file that has no name until it is whole: who is killed leaves nothing behind.

    Returns:
        Whether the system can do that.
    """
    flag = getattr(os, "O_TMPFILE", 0)
    try:
        handle = os.open(path.parent, flag | os.O_WRONLY, 0o666) if flag else -1
    except OSError:
        handle = -1
    if handle < 0:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
        try:
            # only with a folder to start from does Python follow the link that names the file
            os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle)
        except FileExistsError:
            raise
        except OSError:
            return False
    return True


def _write_aside(path: Path, content: bytes) -> None:
    """Write a file under a name that nobody looks for, and give it its own when it is whole."""
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, content)
        _claim(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def replace(path: Path, content: bytes, *, is_lasting: bool = True) -> None:
    """Write a file in place of what is there, whole or not at all.

    Args:
        path: the file.
        content: all of it.
        is_lasting: wait until a power cut cannot take it away.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, content, is_lasting=is_lasting)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write(path: Path, content: bytes, *, is_lasting: bool = True) -> None:
    # os.open leaves the rights to the umask, as a plain open would.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        if is_lasting:
            file.flush()
            os.fsync(file.fileno())


def _claim(temporary: Path, path: Path) -> None:
    """Give a finished file its name, unless another has it."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # The file system has no links. To claim the name first would leave an empty file where
        # this process is ended now; where rename refuses to replace, it is asked to.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        temporary.rename(path)
