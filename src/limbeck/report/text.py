"""Listings and results of commands as lines of text; scripts parse some of these formats."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from limbeck.text import visible

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from limbeck.commands import (
        Branch,
        CheckResult,
        DatabaseState,
        DatabaseStatus,
        FinishResult,
        InitResult,
        ListedRevision,
        Listing,
        MergeTrial,
        RebaseResult,
        RecoverResult,
        SquashResult,
    )
    from limbeck.history import Revision
    from limbeck.project import Template


INDENT = "    "


def clean(text: str) -> str:
    """Escape control characters, so that a text cannot control the terminal."""
    return visible(text)


def real_path(revision: Revision, folders: dict[str, str] | None = None) -> str | None:
    """Return the absolute path of a revision's file, with links resolved.

    Args:
        revision: the revision.
        folders: a cache of resolved folders.
    """
    path = revision.file
    if path is None:
        return None
    if folders is None or os.path.islink(path):  # noqa: PTH114 - pathlib takes long to import
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], name)  # noqa: PTH118 - as above


def _joined(ids: Sequence[str]) -> str:
    return ", ".join(ids)


def _marks(entry: ListedRevision, *, is_verbose: bool, has_places: bool) -> str:
    if is_verbose or entry.is_effective_head:
        head = " (head)" if entry.is_head else ""
    else:
        head = " (effective head)" if entry.is_head else ""
    current = " (current)" if entry.is_current else ""
    if not has_places:
        return head + current
    branch = " (branchpoint)" if entry.is_branch_point else ""
    merge = " (mergepoint)" if entry.revision.is_merge_point else ""
    return head + current + branch + merge


def line(
    entry: ListedRevision,
    *,
    with_parents: bool = False,
    with_labels: bool = False,
    with_doc: bool = False,
    with_places: bool = True,
) -> str:
    """Return one revision as one line.

    Args:
        entry: the revision.
        with_parents: begin with `<parents> -> `.
        with_labels: name its branches.
        with_doc: end with the first paragraph of its docstring.
        with_places: mark branch points and merge points.
    """
    return clean(
        _line(
            entry,
            with_parents=with_parents,
            with_labels=with_labels,
            with_doc=with_doc,
            with_places=with_places,
        )
    )


def _line(
    entry: ListedRevision,
    *,
    with_parents: bool,
    with_labels: bool,
    with_doc: bool,
    with_places: bool,
) -> str:
    revision = entry.revision
    parents = ""
    if with_parents:
        needs = f" ({_joined(revision.depends_on)})" if revision.depends_on else ""
        parents = f"{_joined(revision.down) or '<base>'}{needs} -> "
    labels = f" ({_joined(entry.labels)})" if with_labels and entry.labels else ""
    is_plain = not entry.is_head and len(entry.children) < 2 and len(revision.down) < 2  # noqa: PLR2004 - no junction
    is_plain = is_plain and not entry.is_current
    marks = "" if is_plain else _marks(entry, is_verbose=False, has_places=with_places)
    doc = f", {revision.doc}" if with_doc else ""
    return f"{parents}{revision.id}{labels}{marks}{doc}"


def block(entry: ListedRevision, *, folders: dict[str, str] | None = None) -> str:
    """Return all details of a revision and an empty line; for `folders` see `real_path`."""
    parts = _block(entry, real_path(entry.revision, folders))
    return "\n".join(clean(part) for part in parts)


def _block(entry: ListedRevision, path: str | None) -> Iterator[str]:
    revision = entry.revision
    yield f"Rev: {revision.id}{_marks(entry, is_verbose=True, has_places=True)}"
    if revision.is_merge_point:
        yield f"Merges: {_joined(revision.down)}"
    else:
        yield f"Parent: {_joined(revision.down) or '<base>'}"
    if revision.depends_on:
        yield f"Also depends on: {_joined(revision.depends_on)}"
    if revision.replaces:
        yield f"Replaces: {_joined(revision.replaces)}"
    if entry.is_branch_point:
        yield f"Branches into: {_joined(entry.children)}"
    if entry.labels:
        yield f"Branch names: {_joined(entry.labels)}"
    yield f"Path: {path}"
    yield ""
    lines = (revision.long_doc or revision.doc).strip().splitlines()
    # Alembic prints an empty line for a revision without a docstring
    yield from (INDENT + text for text in lines) if lines else ("",)
    yield ""


def heads_lines(listing: Listing, *, is_verbose: bool = False) -> list[str]:
    """Return the lines of `heads`."""
    if is_verbose:
        return _blocks(listing)
    return [line(entry, with_labels=True, with_places=False) for entry in listing.entries]


def history_lines(listing: Listing, *, is_verbose: bool = False) -> list[str]:
    """Return the lines of `history`."""
    if is_verbose:
        return _blocks(listing)
    lines = [
        _line(entry, with_parents=True, with_labels=True, with_doc=True, with_places=True)
        for entry in listing.entries
    ]
    # check all lines at once, because few need cleaning
    return lines if "".join(lines).isprintable() else [clean(one) for one in lines]


def show_lines(listing: Listing) -> list[str]:
    """Return the lines of `show`."""
    return _blocks(listing)


def _blocks(listing: Listing) -> list[str]:
    folders: dict[str, str] = {}
    return [block(entry, folders=folders) for entry in listing.entries]


def branch_lines(branches: Sequence[Branch], *, is_verbose: bool = False) -> list[str]:
    """Return the lines of `branches`."""
    lines = []
    for branch in branches:
        point = branch.point
        lines.append(block(point) if is_verbose else line(point, with_labels=True))
        indent = " " * len(point.revision.id)
        lines += [
            f"{indent} -> {line(child, with_labels=True, with_doc=is_verbose)}"
            for child in branch.children
        ]
        lines.append("")
    return lines


def place_lines(place: DatabaseState, *, is_verbose: bool = False) -> list[str]:
    """Return the lines of `current` for one database."""
    if not is_verbose:
        return [line(entry) for entry in place.entries]
    title = clean(f"Current revision(s) for {place.url}:")
    return [title, *(block(entry) for entry in place.entries)]


_SHOWN_STATEMENT = 200


def status_lines(found: DatabaseStatus) -> list[str]:
    """Return the lines of `status` for one database."""
    ids = [entry.revision.id for entry in found.state.entries]
    ids += [f"{row} (no file)" for row in found.missing]
    lines = [
        f"Database: {found.state.url}",
        f"Revision: {', '.join(ids) or 'base (nothing applied)'}",
        _pending_line(found),
    ]
    if found.skipped:
        lines.append(f"Skipped data migrations: {', '.join(found.skipped)}")
    lines += _applied_lines(found)
    for move in found.interrupted:
        lines.append(f"Interrupted: {move.name}")
        for step in move.steps:
            text = step.text
            if len(text) > _SHOWN_STATEMENT:
                text = f"{text[:_SHOWN_STATEMENT]} ..."
            lines.append(f"{INDENT}{step.outcome}: {text}")
    if found.interrupted:
        lines.append(
            "Run the same command again to continue, or choose with `recover`: --continue, "
            "--undo or --forget"
        )
    return [clean(one) for one in lines]


def _pending_line(found: DatabaseStatus) -> str:
    if found.missing:
        return f"Pending: unknown, because {found.missing[0]} has no file"
    pending = [revision.id for revision in found.pending]
    ends = dict.fromkeys((pending[0], pending[-1])) if pending else ()
    return f"Pending: {len(pending)}" + (f" ({' to '.join(ends)})" if ends else "")


_SHOWN_APPLIED = 5


def _applied_lines(found: DatabaseStatus) -> list[str]:
    """Return the lines about applied revisions and about the files of the project."""
    lines: list[str] = []
    applied = list(found.drift.kept.values())
    if applied:
        count = len(applied)
        lines.append(f"Applied: {count}" + (", the last ones:" if count > _SHOWN_APPLIED else ""))
    for one in applied[:_SHOWN_APPLIED]:
        seconds = "" if one.seconds is None else f", {one.seconds:.3g} s"
        lines.append(f"{INDENT}{one.revision}: {one.at} by {one.by}{seconds} ({one.file})")
    for title, revisions in (
        ("Edited after they were applied", found.drift.edited),
        ("Inserted below the revision and never run", found.drift.inserted),
    ):
        if revisions:
            lines.append(f"{title}: {', '.join(one.id for one in revisions)}")
    if found.snapshot is not None:
        at = f"at {', '.join(found.snapshot.revisions)}" if found.snapshot.revisions else "invalid"
        reason = f"; not used: {found.snapshot.reason}" if found.snapshot.reason else ""
        lines.append(f"Snapshot: {found.snapshot.path}, {at}{reason}")
    if found.head_file is not None:
        fault = found.head_file.fault
        lines.append(f"Head file: {found.head_file.path if fault is None else fault}")
    return lines


def recovered_lines(result: RecoverResult, choice: str) -> list[str]:
    """Return the lines of `recover`."""
    if not result.interrupted:
        return ["No migration is interrupted."]
    verbs = {"continue": "Finished", "undo": "Undid", "forget": "Forgot"}
    lines: list[str] = []
    for one in result.undone:
        lines += [f"Reverted: {text}" for text in one.reverted]
    left = {one.move for one in result.undone if one.remaining}
    lines += [f"{verbs[choice]} the {move.name}" for move in result.interrupted if move not in left]
    return [clean(one) for one in lines]


def init_lines(made: InitResult, prog: str = "limbeck") -> list[str]:
    """Return the last lines of `init`: files that were kept, and what to do next."""
    lines = [clean(f"Kept the existing file {path.absolute()}") for path in made.kept]
    if made.url is None:
        lines.append(clean(f"Next: set the database URL in {made.config_path}"))
        return lines
    lines.append(clean(f"Models:   {made.metadata or 'not found'}"))
    lines.append(clean(f"Database: {made.url}"))
    command = f'{prog} revision --autogenerate -m "first tables"'
    if made.metadata is None:
        lines.append(clean(f"Next: set `metadata` in {made.config_path}, then"))
    elif name := _unset_variable(made.url):
        lines.append(f"Next: set {name}, for example {name}=sqlite:///app.db in a file .env, then")
    else:
        lines.append("Next:")
    lines.append(f"  {command}")
    lines.append(f"  {prog} upgrade")
    return lines


def _unset_variable(url: str) -> str | None:
    """Return the environment variable of a URL `${NAME}`, if it is not set."""
    name = url.removeprefix("${").removesuffix("}")
    if not url.startswith("${") or not name.isidentifier():
        return None
    from limbeck.project import fill_in, read_dotenv

    return None if fill_in(url, read_dotenv(".env")) != url else name


def rebase_lines(done: RebaseResult) -> list[str]:
    """Return the line of `rebase`."""
    moved = f" with {len(done.moved) - 1} above it" if len(done.moved) > 1 else ""
    text = f"Revision {done.revision.id}{moved} now follows {done.after} instead of {done.before}"
    return [clean(f"{text} ({done.revision.path})")]


def template_lines(templates: Sequence[Template], prog: str) -> list[str]:
    """Return the lines of `list_templates`."""
    return [
        "Available templates:\n",
        *(f"{one.name} - {one.summary}" for one in templates),
        "\nStart a project from one of them:",
        f"\n  {prog} init --template generic migrations",
    ]


def check_lines(checked: CheckResult) -> list[str]:
    """Return the lines of `check` without differences."""
    if checked.speaks_tuples:
        # scripts of projects of Alembic search for this line
        return ["No new upgrade operations detected."]
    return ["The models and the database do not differ."]


# ── drafts ────────────────────────────────────────────────────────────────

_LISTED = 8
_CHANGES = ("added", "changed", "renamed", "dropped")
_VERBS = {
    "Add": "added",
    "Create": "added",
    "Alter": "changed",
    "Rename": "renamed",
    "Move": "changed",
    "Drop": "dropped",
}
_NAMED_BY = (
    "column_name", "constraint_name", "index_name", "enum_name", "sequence_name", "schema_name",
    "domain_name", "old_name", "table_name",
)  # fmt: skip
_KINDS = {
    "ForeignKey": "foreign key", "PrimaryKey": "primary key", "Constraint": "constraint",
    "Index": "index", "Sequence": "sequence", "Enum": "enum", "Schema": "schema",
    "Domain": "domain", "TableComment": "comment of", "Table": "table",
}  # fmt: skip


def draft_summary(operations: Iterable[Any]) -> list[str]:
    """Return the lines of a summary of a draft, one for each kind of change that occurs.

    Args:
        operations: the operations of the upgrade.
    """
    found: dict[str, list[str]] = {word: [] for word in _CHANGES}
    for operation in _single(operations):
        name = type(operation).__name__
        verb = next((verb for start, verb in _VERBS.items() if name.startswith(start)), None)
        if verb is not None:
            renames = getattr(operation, "modify_name", None)
            found["renamed" if renames else verb].append(_shown(operation))
    lines = []
    for word, names in found.items():
        shown = list(dict.fromkeys(names))
        more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
        if shown:
            lines.append(clean(f"  {word + ':':<9} {', '.join(shown[:_LISTED])}{more}"))
    return lines


def _single(operations: Iterable[Any]) -> Iterator[Any]:
    for operation in operations:
        inner = getattr(operation, "ops", None)
        if inner is None:
            yield operation
        else:
            yield from _single(inner)


def _shown(operation: Any) -> str:
    kind = type(operation).__name__
    table = getattr(operation, "table_name", None) or getattr(operation, "source_table", None)
    column = getattr(operation, "column", None)
    new = getattr(operation, "modify_name", None)
    if column is not None or "Column" in kind:
        name = getattr(operation, "column_name", None) or getattr(column, "name", "")
        return f"column {table}.{name}" + (f" to {new}" if new else "")
    what = next((words for part, words in _KINDS.items() if part in kind), kind)
    name = next(filter(None, (getattr(operation, each, None) for each in _NAMED_BY)), table)
    new = getattr(operation, "new_table_name", None) or getattr(operation, "new_name", None)
    return f"{what} {name}" + (f" to {new}" if new else "")


def squash_lines(found: SquashResult) -> list[str]:
    """Return the lines of `squash`."""
    ends = f"{found.replaced[0]} to {found.replaced[-1]}"
    title = f"Revision {found.revision.id} replaces {len(found.replaced)} revisions, {ends}"
    lines = [f"{title} ({real_path(found.revision)})"]
    rows = f"rows of {found.tables} table{'s' * (found.tables != 1)} compared"
    lines.append(f"Old and new revisions produce the same schema on {found.server}; {rows}")
    lines += [f"Copied: {clean(place)}" for place in found.data_steps]
    lines += [f"Omitted: {clean(place)}" for place in found.dropped]
    if found.mixes_phases:
        lines.append(
            "The replaced revisions have different phases, and the new one has none: a database "
            f"below {found.replaced[0]} runs all of it in the phase before"
        )
    lines.append("`squash --finish` removes the old files when no database needs them")
    return lines


def finish_lines(found: FinishResult) -> list[str]:
    """Return the lines of `squash --finish`."""
    lines = [f"Removed {clean(str(path))}" for path in found.removed]
    lines += [f"Revision {id_} now follows the new one" for id_ in found.changed]
    return lines


def trial_lines(trial: MergeTrial) -> list[str]:
    """Return the lines for the check of both orders of a merge."""
    if trial.server:
        return [f"Both orders produce the same schema on {trial.server}"]
    return [f"The orders were not compared: {clean(trial.reason)}"]
