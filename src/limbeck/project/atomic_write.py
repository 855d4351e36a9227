"""Write files atomically: another process never reads a half-written file."""

from __future__ import annotations

import os

from limbeck.errors import UnsafePathError

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path


def is_inside(folder: Path, path: Path) -> bool:
    """Return whether a path is below a folder, with `..` and links resolved."""
    root = os.path.realpath(folder)
    return os.path.commonpath((root, os.path.realpath(path))) == root


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, completely or not at all.

    Raises:
        UnsafePathError: the file exists, or the folder is not writable.
    """
    try:
        if not _write_unnamed(path, content):
            _write_temporary(path, content)
    except FileExistsError:
        raise UnsafePathError(
            f"{path} already exists",
            hint="Nothing was written. Choose another message or --rev-id.",
            place=str(path),
        ) from None
    except OSError as error:
        raise UnsafePathError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="Check the folder's permissions and the free space.",
            place=str(path),
        ) from None


def _write_unnamed(path: Path, content: bytes) -> bool:
    """Write a file that has no name until it is complete, so that a killed process leaves nothing.

    Returns:
        Whether the operating system supports this.
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
            # Python follows the symbolic link only if src_dir_fd is given.
            os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle)
        except FileExistsError:
            raise
        except OSError:
            return False
    return True


def _write_temporary(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, and rename it when it is complete."""
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, content)
        _rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def replace(path: Path, content: bytes, *, is_lasting: bool = True, mode: int = 0o666) -> None:
    """Write or replace a file, completely or not at all.

    Args:
        path: the file.
        content: the new content.
        is_lasting: wait until the content is on disk (fsync).
        mode: the permissions of the file, before the umask is applied.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, content, is_lasting=is_lasting, mode=mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write or replace a text file, completely or not at all.

    Args:
        path: the file.
        text: the new content.

    Raises:
        UnsafePathError: the folder is not writable.
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
    # os.open applies the umask to the permissions, as open() does.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        if is_lasting:
            file.flush()
            os.fsync(file.fileno())


def _rename(temporary: Path, path: Path) -> None:
    """Rename a complete file, unless a file with the new name exists."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # The file system has no hard links. An empty file as a placeholder would remain if this
        # process were killed here, so the name is only checked before the rename.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        temporary.rename(path)
