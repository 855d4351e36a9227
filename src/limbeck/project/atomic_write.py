"""Write files so that nobody ever sees half of one."""

from __future__ import annotations

import os

from limbeck.errors import (
    UnsafePathError,
)

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path


def inside(folder: Path, path: Path) -> bool:
    """Say whether a path lies below a folder, whatever dots it has."""
    root = os.path.realpath(folder)
    return os.path.commonpath((root, os.path.realpath(path))) == root


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, whole or not at all.

    Raises:
        UnsafePathError: there is such a file, or the folder cannot be written to.
    """
    try:
        if not _write_unnamed(path, content):
            _write_aside(path, content)
    except FileExistsError:
        raise UnsafePathError(
            f"{path} already exists",
            hint="Nothing was written. Choose another message or --rev-id.",
            place=str(path),
        ) from None
    except OSError as error:
        raise UnsafePathError(
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


def replace(path: Path, content: bytes, *, is_lasting: bool = True, mode: int = 0o666) -> None:
    """Write a file in place of what is there, whole or not at all.

    Args:
        path: the file.
        content: all of it.
        is_lasting: wait until a power cut cannot take it away.
        mode: the rights of the file, of which the umask removes some.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, content, is_lasting=is_lasting, mode=mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text in place of what is there, whole or not at all.

    Args:
        path: the file.
        text: all of it.

    Raises:
        UnsafePathError: the folder cannot be written to.
    """
    try:
        replace(path, text.encode("utf-8"))
    except OSError as error:
        raise UnsafePathError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="Make the folder writable and run the command again.",
            place=str(path),
        ) from error


def _write(path: Path, content: bytes, *, is_lasting: bool = True, mode: int = 0o666) -> None:
    # os.open leaves the rights to the umask, as a plain open would.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, mode)
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
