"""The file of a snapshot: a header of comments, then a script of SQL.

The header names the revisions, a hash of the history up to them and a hash of the script, so that
a file that was edited, truncated or belongs to other revision files is recognized.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.dialects import find
from limbeck.history import History, source_hash
from limbeck.project import Project
from limbeck.snapshots.errors import SnapshotInvalidError
from limbeck.sql import split_script

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect as SqlDialect

FOLDER = "snapshots"
_FORMAT = "1"
_TITLE = "-- limbeck snapshot, format "
_WORDS = (
    "-- Written by `limbeck snapshot`, which writes it again. Do not edit it: an edited file is\n"
    "-- not used."
)
_SETTING = re.compile(r"^-- (\w+):(?: (.*))?$")
_NAMES = ("database", "schema", "revisions", "history", "script")


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """A snapshot.

    Args:
        database: the kind of database it is for; see `database_kind`.
        schema: the default schema of that database, empty where it has none of its own.
        revisions: the version rows of a database with this schema.
        history: the hash of the revision files up to there.
        script: the statements that create the schema and insert the rows.
        path: where the file is; None before it is written.
    """

    database: str
    schema: str
    revisions: tuple[str, ...]
    history: str
    script: str
    path: Path | None = None

    @property
    def id(self) -> str:
        """A name that depends on all of the snapshot."""
        return f"snapshot-{self.history[:12]}-{_digest(self.text)[:12]}"

    @property
    def text(self) -> str:
        """The text of the file."""
        values = (
            self.database,
            self.schema,
            ", ".join(self.revisions),
            self.history,
            _digest(self.script),
        )
        settings = (
            f"-- {name}: {value}".rstrip() for name, value in zip(_NAMES, values, strict=True)
        )
        return "\n".join([f"{_TITLE}{_FORMAT}", _WORDS, *settings, "", self.script])

    def statements(self) -> list[str]:
        """Return the statements of the script."""
        rules = find(self.database).capabilities.quoting
        return [one.text for one in split_script(self.script, rules)]


def database_kind(dialect: SqlDialect) -> str:
    """Return the kind of a database, for which a snapshot is made.

    MariaDB and MySQL print expressions in different ways, whatever the URL calls them.

    Args:
        dialect: SQLAlchemy's dialect.
    """
    return "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name


def default_schema(connection: Any) -> str:
    """Return the default schema of a connection, empty where schemas are databases.

    Args:
        connection: an open connection.
    """
    dialect = connection.dialect
    record = find(dialect.name)
    if record.scratch.list_schemas is None:
        return ""
    read = record.tenancy.default_schema or dialect._get_default_schema_name
    return str(read(connection))


def snapshot_path(project: Project, database: str) -> Path:
    """Return the path of the snapshot for a kind of database, whether it exists or not."""
    return project.location / FOLDER / f"{database}.sql"


def snapshot_paths(project: Project) -> list[Path]:
    """Return the paths of all snapshots of a project."""
    return sorted((project.location / FOLDER).glob("*.sql"))


def history_hash(history: History, revisions: Iterable[str]) -> str:
    """Return a hash of all revision files up to some revisions: of their links and contents.

    Args:
        history: the graph of revisions.
        revisions: their ids.
    """
    found = hashlib.sha256()
    for id_ in sorted(history.ancestors(revisions)):
        revision = history.get(id_)
        content = revision.content_hash or _content_hash(revision.file)
        found.update("\0".join((id_, *sorted(history.below(id_)), content, "\n")).encode())
    return found.hexdigest()


def _content_hash(file: str | None) -> str:
    """Return a hash of a file, empty where there is none."""
    if file is None:
        return ""
    try:
        with open(file, "rb", buffering=0) as source:  # noqa: PTH123 - there are thousands of them
            return source_hash(source.read())
    except OSError:
        return ""


def read_snapshot(path: Path) -> SnapshotFile:
    """Read the file of a snapshot.

    Args:
        path: the file.

    Raises:
        SnapshotInvalidError: it cannot be read, was edited or truncated, or has another format.
    """
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(path, f"cannot be read: {error}") from error
    header, _, script = text.partition("\n\n")
    title, *lines = header.split("\n")
    if title != f"{_TITLE}{_FORMAT}":
        raise _invalid(path, "is no snapshot of this version of limbeck")
    settings = {
        found[1]: found[2] or "" for found in map(_SETTING.match, lines) if found is not None
    }
    if any(name not in settings for name in _NAMES):
        raise _invalid(path, "has an incomplete header")
    if settings["script"] != _digest(script):
        raise _invalid(path, "was edited or is not complete")
    made = SnapshotFile(
        settings["database"],
        settings["schema"],
        tuple(settings["revisions"].split(", ")),
        settings["history"],
        script,
    )
    return replace(made, path=path)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _invalid(path: Path, reason: str) -> SnapshotInvalidError:
    return SnapshotInvalidError(
        f"{path} {reason}",
        hint="`limbeck snapshot` writes it again",
        place=str(path),
    )
