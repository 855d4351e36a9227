"""Load the programs of several revisions, and the files that they may depend on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from limbeck.errors import BrokenFileError
from limbeck.history import SQL_SUFFIX, Revision, from_names, read_sql_header
from limbeck.project.module_loader import Program
from limbeck.project.project import Project
from limbeck.startup.header_cache import NAME


def load_programs(project: Project, wanted: Collection[Revision]) -> dict[str, Program]:
    """Load the programs of revisions, each file once.

    Files are loaded in the order of their names, as Alembic loads them. In a project of Alembic,
    all files that register something for other files are loaded too.

    Args:
        project: the project.
        wanted: the revisions; if there are none, nothing is loaded.

    Raises:
        BrokenFileError: the file of a wanted revision does not exist, raises an error while it is
            loaded, or has another place in the history than the cache of headers says.
    """
    if not wanted:
        return {}
    history = project.history()
    ids = {revision.id for revision in wanted}
    others = set[str]()
    if project.detect == "alembic":
        others = {one.id for one in history if one.registers and one.id not in ids}
    loaded = {}
    old: Mapping[str, Revision] = {}
    headers: dict[str, Revision] = {}  # as in the files, if a squash has changed references
    if history.replacements is not None:
        old = history.replacements.files
        headers = {one.id: one for one in history.replacements.headers}
    order = [*(id_ for id_ in old if id_ in ids), *history.in_file_order((ids | others) - set(old))]
    for id_ in order:
        revision = history.get(id_)
        program = project.program(revision) if id_ in ids else _program_if_any(project, revision)
        if program is not None:
            loaded[id_] = program
            if id_ in ids:
                _expect_cached_header(program, headers.get(id_, revision))
    return loaded


def _expect_cached_header(program: Program, header: Revision) -> None:
    """Raise an error unless a loaded file has the place in the history that its header has.

    The order of the revisions comes from a cache, which another program may have written.
    """
    path = program.path
    if path.suffix == SQL_SUFFIX:
        found = read_sql_header(path.read_text("utf-8"), path)
    else:
        found = from_names(vars(program.module), path)
    place = header.id, header.down, header.depends_on
    if found is not None and (found.id, found.down, found.depends_on) != place:
        raise BrokenFileError(
            f"Revision {header.id} has another identifier, parent or dependency in its file than "
            "in the cache of headers. Nothing was run",
            hint=f"Delete {path.parent / '__pycache__' / NAME}, then run the same command again.",
            place=str(path),
        )


def _program_if_any(project: Project, revision: Revision) -> Program | None:
    try:
        return project.program(revision)
    except BrokenFileError as error:
        # The revision may be an old one whose imports no longer exist. Alembic would stop here.
        import logging

        logging.getLogger(__name__).warning(
            "Revision %s could not be imported: %s", revision.id, error
        )
        return None
