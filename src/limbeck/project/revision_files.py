"""Find revision files, and write files so that nothing is ever half there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence

from limbeck.project.errors import UnsafePath

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path

_COMPILED = (".pyc", ".pyo")
_NOT_OURS = (".#", "__init__")


# a revision file: its folder, its name, and what the folder says of it (see `_stamps`)
Found = tuple[str, str, str]


def find_files(folder: str, *, recursive: bool, sourceless: bool) -> list[Found]:
    """Return the revision files of a folder, by name; then those of its folders.

    A folder that is not there has none.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208 - text is quicker, and enough
    except FileNotFoundError:
        return []
    sources = {name for name in names if name.endswith(".py")}
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
    """Return what tells one state of each file from another: size, times and file number.

    A name alone, below a folder that is open, is found in half the time of a whole path.
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
        # A dangling link, or a file that just went: reading it will say so.
        return ""
    return f"{about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {about.st_ino}"


def is_compiled(name: str) -> bool:
    """Say whether a file is bytecode without source."""
    return name.endswith(_COMPILED)


def path_of(file: Found) -> Path:
    """Return the path of a revision file."""
    from pathlib import Path

    return Path(file[0], file[1])


def _orphans(folder: str, names: Sequence[str], taken: set[str]) -> Iterator[Found]:
    """Yield bytecode whose source is gone."""
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
