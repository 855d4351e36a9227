"""Messages to stdout and to the logger `alembic.util.messaging`."""

from __future__ import annotations

import logging
import sys
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TextIO

from limbeck.sql import mask_secrets

if TYPE_CHECKING:
    from sqlalchemy import URL

log = logging.getLogger("alembic.util.messaging")


def _columns() -> int | None:
    if not (sys.stdout and sys.stdout.isatty()):
        return None
    import shutil  # imported here because it imports three compression modules

    return shutil.get_terminal_size().columns


# None without a terminal: then text is not wrapped or indented
TERMWIDTH = _columns()


def write_outstream(stream: TextIO, *text: str | bytes, quiet: bool = False) -> None:
    """Write text to a stream, replacing characters that its encoding does not support."""
    if quiet:
        return
    encoding = getattr(stream, "encoding", None) or "ascii"
    for part in text:
        plain = part.decode(encoding, "replace") if isinstance(part, bytes) else part
        try:
            stream.write(plain.encode(encoding, "replace").decode(encoding))
        except OSError:
            # the reader has closed the pipe: `history | head`
            break


def msg(msg: str, newline: bool = True, flush: bool = False, quiet: bool = False) -> None:  # noqa: FBT001, FBT002
    """Print a message to stdout, wrapped and indented if that is a terminal."""
    if quiet:
        return
    lines = [msg]
    if TERMWIDTH is not None:
        lines = ["  " + line for line in textwrap.wrap(msg, TERMWIDTH - 2)] or [""]
    write_outstream(sys.stdout, "\n".join(lines), "\n" if newline else "")
    if flush:
        sys.stdout.flush()


@contextmanager
def status(status_msg: str, newline: bool = False, quiet: bool = False) -> Iterator[None]:  # noqa: FBT001, FBT002
    """Print `<message> ...` and, after the block, `done` or `FAILED`."""
    msg(f"{status_msg} ...", newline=newline, flush=True, quiet=quiet)
    try:
        yield
    except BaseException:
        write_outstream(sys.stdout, "  FAILED\n", quiet=quiet)
        raise
    write_outstream(sys.stdout, "  done\n", quiet=quiet)


def err(message: str, quiet: bool = False) -> NoReturn:  # noqa: FBT001, FBT002
    """Log an error, print it as FAILED and exit."""
    log.error(message)
    msg(f"FAILED: {message}", quiet=quiet)
    sys.exit(-1)


def warn(msg: str, stacklevel: int = 2) -> None:
    """Issue a UserWarning at the caller."""
    warnings.warn(msg, UserWarning, stacklevel=stacklevel)


def obfuscate_url_pw(input_url: str | URL) -> str:
    """Return a database URL with its password masked, even one that cannot be parsed."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return mask_secrets(make_url(input_url).render_as_string(hide_password=True))
    except (ArgumentError, ValueError):
        return mask_secrets(str(input_url))


def format_as_comma(value: str | Iterable[str] | None) -> str:
    """Join names with commas; return an empty text for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return ", ".join(value)


__all__ = [
    "TERMWIDTH",
    "err",
    "format_as_comma",
    "msg",
    "obfuscate_url_pw",
    "status",
    "warn",
    "write_outstream",
]
