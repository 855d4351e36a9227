"""Create new revision files: choose their place in the history and their names, and write them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from limbeck import text
from limbeck.errors import (
    BrokenFileError,
    HistoryError,
    InvalidValueError,
    UnsafePathError,
)
from limbeck.history import (
    SQL_SUFFIX,
    DuplicateLabelError,
    History,
    IllegalIdentifierError,
    MultipleHeadsError,
    NeedsRun,
    Revision,
)
from limbeck.project.atomic_write import is_inside, replace, write_new
from limbeck.project.head_file import update_head_file
from limbeck.project.module_loader import run_header
from limbeck.project.project import Project
from limbeck.project.template import render_revision
from limbeck.project.write_hooks import Notify, run_hooks

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

NO_MESSAGE = "empty message"
# for revisions written by hand; a draft imports what it uses
_USUAL_IMPORTS = "import sqlalchemy as sa\nfrom limbeck import op"
_QUOTES = frozenset("\"'\\")
_UNSAFE = frozenset("/\\\"'%${}<>|*?\0")


@dataclass(frozen=True, slots=True)
class Placement:
    """The header and path of a revision file that is not written yet.

    Attributes:
        revision: its header; `path` is the path of the future file.
        message: its message, as the caller gave it.
        created: its creation date.
    """

    revision: Revision
    message: str | None
    created: dt.datetime

    @property
    def path(self) -> Path:
        """The path of the future file."""
        return self.revision.path or Path()

    def arguments(self) -> dict[str, Any]:
        """Return the variables that every template receives."""
        return {
            "up_revision": self.revision.id,
            "down_revision": _scalar(self.revision.down),
            "branch_labels": tuple(sorted(self.revision.labels)) or None,
            "depends_on": _scalar(self.revision.depends_on),
            "create_date": self.created,
            "comma": _comma,
            "quoted": _quoted,
            "import_lines": _USUAL_IMPORTS,
        }


def new_identifier() -> str:
    """Return a random revision identifier."""
    return os.urandom(6).hex()


def place(
    project: Project,
    message: str | None = None,
    *,
    revision_id: str | None = None,
    head: str | Iterable[str] | None = None,
    splice: bool = False,
    labels: str | Iterable[str] | None = None,
    version_path: str | Path | None = None,
    depends_on: str | Iterable[str] | None = None,
    file_template: str | None = None,
    suffix: str = ".py",
    kind: str | None = None,
    phase: str | None = None,
) -> Placement:
    """Choose header and path of a new revision file, without writing it.

    Args:
        project: the project.
        message: its message.
        revision_id: its identifier; a random one by default.
        head: its down revisions; the only head by default, several for a merge.
        splice: allow a `head` that another revision follows.
        labels: its branch labels.
        version_path: its folder, one of the version locations.
        depends_on: revisions or labels of other branches that it depends on.
        file_template: the pattern of its file name, instead of the project's setting.
        suffix: `.py`, or `.sql` for a revision written in SQL.
        kind: `data` for a migration that only changes rows.
        phase: `before` or `after` a release.

    Raises:
        HistoryError: a down revision does not exist or is not a head, or a name is in use.
        ProjectError: the file cannot be written to this folder.
    """
    history = project.without_location_check()
    id_ = new_identifier() if revision_id is None else revision_id
    _check_name(id_, "revision identifier")
    if id_ in history or (history.replacements and id_ in history.replacements.owner):
        error = IllegalIdentifierError(id_, "Another revision has this identifier:")
        error.message = f"The revision identifier '{id_}' is in use"
        error.place = str(_present(history, id_).path)
        error.hint = "Choose another --rev-id, or leave it out. Nothing was written."
        raise error
    parents = _parents(history, head, splice=splice)
    wanted_labels = _texts(labels)
    for label in wanted_labels:
        _check_name(label, "branch name")
        owner = history.labels.get(label, label if label in history else None)
        if owner is not None:
            raise DuplicateLabelError(label, id_, owner)
    folder = _folder(project, parents, version_path)
    created = _now(project.timezone)
    path = folder / _file_name(project, file_template, id_, message, created, suffix=suffix)
    if not is_inside(folder, path):
        raise UnsafePathError(
            f"{path} is outside the version folder {folder}",
            hint="Remove the dots from `file_template` or from the identifier.",
            place=str(path),
        )
    revision = Revision(
        id_,
        tuple(parent.id for parent in parents),
        tuple(_dependency(history, name) for name in _texts(depends_on)),
        frozenset(wanted_labels),
        message or NO_MESSAGE,
        path,
        long_doc=message or NO_MESSAGE,
        kind=kind or "schema",
        phase=phase or "",
    )
    return Placement(revision, message, created)


def write(
    project: Project,
    placement: Placement,
    arguments: Mapping[str, Any] | None = None,
    notify: Notify | None = None,
    *,
    edit: Callable[[str], str] | None = None,
    overwrite: Path | None = None,
) -> Revision:
    """Write a revision file, run the write hooks, and return the revision read from the file.

    Args:
        project: the project.
        placement: the result of `place`.
        arguments: further variables of the template: imports, upgrades, downgrades.
        notify: called before each step.
        edit: a function that changes the text before it is written.
        overwrite: the file that the new one replaces.

    Raises:
        ProjectError: the file cannot be rendered or written.
    """
    path = placement.path
    is_sql = path.suffix == SQL_SUFFIX
    text = revision_text(project, placement, arguments, edit=edit)
    try:
        content = text.encode(project.output_encoding)
    except (UnicodeEncodeError, LookupError) as error:
        raise InvalidValueError(
            f"The new file cannot be written in output_encoding {project.output_encoding}: {error}",
            hint="Use utf-8.",
        ) from None
    for folder in reversed([path.parent, *path.parent.parents]):
        if not folder.exists():
            with _notified(notify, "Creating directory", folder):
                folder.mkdir(exist_ok=True)
    with _notified(notify, "Generating", path):
        if overwrite is not None and path.exists() and path.samefile(overwrite):
            replace(path, content)
        else:
            write_new(path, content)
            if overwrite is not None:
                overwrite.unlink(missing_ok=True)
    if project.hooks and not is_sql:  # the hooks are formatters and linters for Python
        run_hooks(path, project.hooks, notify)
    history = project.without_location_check()
    update_head_file(
        project, (history.heads - set(placement.revision.down)) | {placement.revision.id}
    )
    project.refresh()
    return _read_back(project, placement, path)


def revision_text(
    project: Project,
    placement: Placement,
    arguments: Mapping[str, Any] | None = None,
    *,
    edit: Callable[[str], str] | None = None,
) -> str:
    """Return the text of a new revision file; the arguments are those of `write`."""
    revision = placement.revision
    if placement.path.suffix == SQL_SUFFIX:
        from limbeck.project.sql_revision import render_sql_revision

        text = render_sql_revision(revision)
    else:
        values = {"config": project.config, **placement.arguments(), **(arguments or {})}
        message = placement.message if placement.message is not None else NO_MESSAGE
        text = render_revision(project.template_path, message, values)
        if revision.kind != "schema" or revision.phase:
            from limbeck.project.header_edit import with_settings

            text = with_settings(text, revision)
    return text if edit is None else edit(text)


def _read_back(project: Project, placement: Placement, path: Path) -> Revision:
    # imported here, because commands that write nothing do not need it
    from limbeck.history import read_header, read_sql_header

    text = path.read_bytes().decode(project.output_encoding).replace("\r\n", "\n")
    header: Revision | NeedsRun | None
    header = read_sql_header(text, path) if path.suffix == SQL_SUFFIX else read_header(text, path)
    if header is None:
        raise BrokenFileError(f"{path} was written but has no header", place=str(path))
    revision = run_header(path).revision if isinstance(header, NeedsRun) else header
    if revision.id != placement.revision.id:
        raise BrokenFileError(
            f"{path} was written but says it is revision {revision.id}, "
            f"not {placement.revision.id}",
            hint="The template has to write `revision = ${repr(up_revision)}`.",
            place=str(path),
        )
    if missing := placement.revision.labels - revision.labels:
        raise BrokenFileError(
            f"Version {revision.id} specified branch_labels {', '.join(sorted(missing))}, however "
            f"the migration file {path} does not have them",
            hint="Add a line `branch_labels = ${repr(branch_labels)}` to script.py.mako.",
            place=str(path),
        )
    return revision


def _notified(notify: Notify | None, action: str, about: object) -> AbstractContextManager[object]:
    return nullcontext() if notify is None else notify(action, about)


def _check_name(name: str, kind: str) -> None:
    if not name.strip():
        error = IllegalIdentifierError(name, "Nothing is given")
        error.message = f"The {kind} is empty"
        raise error
    if illegal := text.illegal_characters(name):
        raise IllegalIdentifierError(name, f"Character(s) '{illegal}' not allowed")
    if name in text.RESERVED_WORDS:
        raise IllegalIdentifierError(name, f"The word '{name}' is reserved")
    if not name.isprintable() or not _UNSAFE.isdisjoint(name) or name[0] == ".":
        raise IllegalIdentifierError(name, f"Character not allowed in a {kind}")


def _parents(
    history: History, head: str | Iterable[str] | None, *, splice: bool
) -> tuple[Revision, ...]:
    asked = _texts(head) or ("head",)
    found: dict[str, Revision] = {}
    try:
        for identifier in asked:
            for revision in history.resolve(identifier):
                found[revision.id] = revision
    except MultipleHeadsError as error:
        error.hint = (
            "Select the parent of the new revision with --head, "
            "join the heads with `merge heads`, or use --splice to start a branch."
        )
        raise
    for revision in found.values():
        if not splice and not history.is_head(revision.id):
            raise HistoryError(
                f"Revision {revision.id} is not a head revision; please specify --splice to "
                "create a new branch from this revision",
                hint="Or omit --head to follow the current head.",
                code="LB215",
            )
    return tuple(found.values())


def _dependency(history: History, name: str) -> str:
    """Return a label unchanged, because it stands for its branch, and complete an identifier."""
    if name in history.labels:
        return name
    found = history.one(name)
    if found is None:
        raise HistoryError(
            f"'{name}' is not a revision to depend on", hint="Name a revision or a label."
        )
    return found.id


def _folder(project: Project, parents: tuple[Revision, ...], wanted: str | Path | None) -> Path:
    if wanted is not None:
        path = Path(wanted).absolute()
        for location in project.version_locations:
            same = location.absolute() == path or location.resolve() == path.resolve()
            if same or (project.recursive and is_inside(location, path)):
                return path
        raise UnsafePathError(
            f"Path {Path(wanted)} is not represented in current version locations",
            hint=f"They are {', '.join(str(one) for one in project.version_locations)}; "
            "add it to `version_locations`.",
            place=str(wanted),
        )
    locations = project.version_locations
    if len(locations) == 1:
        return locations[0].absolute()
    for parent in parents:
        for location in locations:
            if parent.path is not None and is_inside(location, parent.path):
                return location.absolute()
    raise UnsafePathError(
        "Multiple version locations present, please specify --version-path",
        hint=f"They are {', '.join(str(one) for one in locations)}.",
    )


def _file_name(
    project: Project,
    file_template: str | None,
    id_: str,
    message: str | None,
    created: dt.datetime,
    *,
    suffix: str,
) -> str:
    template = file_template or project.file_template
    try:
        name = template % {
            "rev": id_,
            "slug": text.slug(message or "", project.truncate_slug_length),
            "epoch": int(created.timestamp()),
            "year": created.year,
            "month": created.month,
            "day": created.day,
            "hour": created.hour,
            "minute": created.minute,
            "second": created.second,
        }
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidValueError(
            f"file_template {template!r} cannot be filled in: {error}",
            hint="It may use %(rev)s, %(slug)s, %(epoch)s, %(year)d, %(month).2d, %(day).2d, "
            "%(hour).2d, %(minute).2d, %(second).2d; in an ini file each % is doubled.",
        ) from None
    return f"{name}{suffix}"


def _now(timezone: str | None) -> dt.datetime:
    if not timezone:
        return dt.datetime.now()  # noqa: DTZ005 - local time is the default
    import zoneinfo

    for name in (timezone, timezone.upper()):
        try:
            zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            continue
        return dt.datetime.now(zone)
    raise InvalidValueError(
        f"Can't locate timezone: {timezone}",
        hint="Write a name such as UTC or Europe/Berlin. If the system has no time zone database, "
        "install it with `pip install tzdata`.",
    )


def _texts(value: str | Iterable[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _scalar(values: tuple[str, ...]) -> str | tuple[str, ...] | None:
    if len(values) > 1:
        return values
    return values[0] if values else None


def _present(history: History, id_: str) -> Revision:
    known = history.replacements
    return history.get(id_ if known is None else known.owner.get(id_, id_))


def _quoted(value: str | tuple[str, ...] | None) -> str:
    """Return a header value as a Python literal with double quotes."""
    if isinstance(value, str):
        is_plain = value.isprintable() and _QUOTES.isdisjoint(value)
        return f'"{value}"' if is_plain else repr(value)
    if value is None:
        return "None"
    inner = ", ".join(map(_quoted, value))
    return f"({inner},)" if len(value) == 1 else f"({inner})"


def _comma(value: str | Iterable[str] | None) -> str:
    return ", ".join(_texts(value))
