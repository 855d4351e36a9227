"""Open files in the user's editor."""

from __future__ import annotations

from collections.abc import Mapping

from limbeck.commands import open_in_editor as _open


def open_in_editor(filename: str, environ: Mapping[str, str] | None = None) -> None:
    """Open a file in the editor of VISUAL or EDITOR, and wait until it is closed.

    Args:
        filename: the file.
        environ: environment variables; by default those of the process.
    """
    _open(filename, environ)


__all__ = ["open_in_editor"]
