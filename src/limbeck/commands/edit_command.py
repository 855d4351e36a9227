"""`edit`: open revision files in the user's editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limbeck.commands.listing_commands import ShowRequest, show
from limbeck.commands.run_env import Script
from limbeck.errors import ProjectError
from limbeck.project import Project

EDITORS = ("sensible-editor", "editor", "nano", "vim", "code")


@dataclass(frozen=True, slots=True)
class EditResult:
    """The files that were opened."""

    paths: tuple[Path, ...]


def edit(project: Project, request: ShowRequest, *, script: Script | None = None) -> EditResult:
    """Open the files of the revisions for an identifier, one after the other.

    Raises:
        ProjectError: there is no file to open, or no editor.
    """
    entries = show(project, request, script=script).entries
    if not entries:
        raise ProjectError(
            "No current revisions: nothing is applied to the database"
            if request.revision == "current"
            else f"No revision files indicated by symbol '{request.revision}'",
            hint="`heads` and `history` list the revisions.",
        )
    paths = tuple(one.revision.path for one in entries if one.revision.path is not None)
    for path in paths:
        open_in_editor(str(path))
    return EditResult(paths)


def open_in_editor(filename: str, environ: Mapping[str, str] | None = None) -> None:
    """Open a file in the editor of $VISUAL or $EDITOR, and wait until it is closed.

    Raises:
        ProjectError: there is no editor, or it failed.
    """
    command = _editor(os.environ if environ is None else environ)
    try:
        subprocess.run([*command, filename], check=True)  # noqa: S603 - the user's own editor
    except (subprocess.CalledProcessError, OSError) as error:
        raise ProjectError(
            f"The editor failed: {error}", hint="Check the variables VISUAL and EDITOR."
        ) from error


def _editor(environ: Mapping[str, str]) -> list[str]:
    for variable in ("EDITOR", "VISUAL"):
        words = shlex.split(environ.get(variable) or "")
        if not words:
            continue
        found = shutil.which(words[0], path=environ.get("PATH"))
        if found:
            return [found, *words[1:]]
        raise ProjectError(
            f"The editor of ${variable} does not exist: {words[0]}",
            hint=f"Set {variable} to an executable program.",
        )
    for name in EDITORS:
        found = shutil.which(name, path=environ.get("PATH"))
        if found:
            return [found]
    raise ProjectError(
        "No editor: EDITOR and VISUAL are not set", hint="Set EDITOR, as in EDITOR=vim."
    )
