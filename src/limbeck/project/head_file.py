"""The head file: the heads of the history, in a file that conflicts if two people add a head.

Two people who each add a revision to the same parent change the same line of this file, so that
version control reports a conflict before a history with two heads reaches the main line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from limbeck.errors import HeadFileError
from limbeck.project.atomic_write import replace
from limbeck.project.paths import joined
from limbeck.project.project import Project

HEAD_FILE = "heads.txt"
_COMMENT = (
    "# The newest revision. limbeck updates this file with each new revision.\n"
    "# If it conflicts, two revisions follow the same one: run `limbeck rebase`.\n"
)
_CONFLICT_MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


def head_file(project: Project) -> Path:
    """Return the path of the head file, which may not exist."""
    return Path(joined(project.root, HEAD_FILE))


def head_file_text(heads: Iterable[str]) -> str:
    """Return the content of the head file for these heads."""
    return _COMMENT + "".join(f"{id_}\n" for id_ in sorted(heads))


def update_head_file(project: Project, heads: Iterable[str], *, create: bool = False) -> Path:
    """Write the heads of the history to the head file.

    Args:
        project: the project.
        heads: the heads.
        create: create the file if the project has none.

    Returns:
        The path of the file.
    """
    path = head_file(project)
    if create or path.is_file():
        replace(path, head_file_text(heads).encode("utf-8"))
    return path


def check_head_file(project: Project) -> None:
    """Compare the head file with the history.

    Raises:
        HeadFileError: the file has merge conflict markers, or names other heads.
    """
    path = head_file(project)
    if not path.is_file():
        return
    lines = [line.strip() for line in path.read_text("utf-8", "replace").splitlines()]
    if any(line.startswith(_CONFLICT_MARKERS) for line in lines):
        raise HeadFileError(
            f"{path} is in conflict: two revisions follow the same one",
            hint="Run `rebase` or `merge heads`: either one writes the file again.",
            place=str(path),
        )
    named = {line for line in lines if line and not line.startswith("#")}
    heads = project.history().heads
    if named != heads:
        raise HeadFileError(
            f"{path} names {_listed(named)}, but the history ends at {_listed(heads)}",
            hint="A revision file was added, changed or removed by hand. `heads --fix` writes the "
            "file again.",
            place=str(path),
        )


@dataclass(frozen=True, slots=True)
class HeadFileState:
    """The head file of a project.

    Attributes:
        path: the file.
        fault: how it differs from the history; None if it agrees.
    """

    path: Path
    fault: str | None = None


def head_file_state(project: Project) -> HeadFileState | None:
    """Return the state of the head file, None if the project has none."""
    path = head_file(project)
    if not path.is_file():
        return None
    try:
        check_head_file(project)
    except HeadFileError as error:
        return HeadFileState(path, error.message)
    return HeadFileState(path)


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids)) or "nothing"
