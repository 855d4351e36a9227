"""Test databases: copies of a template that was migrated once.

A template belongs to a project and the hash of its revision files. The process that needs it first
makes it while others wait. Copies are made by the server (`CREATE DATABASE ... TEMPLATE`), by
copying a file, or by running the statements that create what the template has.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from limbeck.dialects import ScratchRules, find
from limbeck.scratch import DatabaseSource, ScratchDatabase, open_scratch, synchronous
from limbeck.snapshots.errors import DatabaseTemplateError
from limbeck.snapshots.reference_rows import read_rows, row_statements
from limbeck.snapshots.restoring import run_statements
from limbeck.snapshots.schema_sql import schema_script
from limbeck.sql import split_script

_PREFIX = "limbeck_template_"
_NO_LIMIT = 10**9


@dataclass
class Templates:
    """Makes test databases of one project.

    Args:
        source: the project's database, from which server and settings are taken.
        project: a text that distinguishes the project from others, as its path.
        history: the hash of the revision files.
        migrate: upgrades a scratch database to the heads.
        folder: where templates that are files are kept; by default a folder of this user among
            the temporary files.
    """

    source: DatabaseSource
    project: str
    history: str
    migrate: Callable[[ScratchDatabase], None]
    folder: Path | None = None
    _connection: Any = field(default=None, repr=False)
    _statements: list[str] | None = field(default=None, repr=False)
    _is_ready: bool = False

    @property
    def name(self) -> str:
        """The name of the template."""
        return f"{self._prefix}{self.history[:12]}"

    @property
    def is_file(self) -> bool:
        """Whether databases are files."""
        return self._rules.is_file

    def create(self, name: str) -> DatabaseSource:
        """Make a migrated database, and the template before it if there is none.

        Args:
            name: its name; of a file, its path.

        Raises:
            DatabaseTemplateError: there is a database of that name.
            ScratchError: no database can be made.
        """
        self.prepare()
        made = self.source.with_database(name)
        if self._rules.is_file:
            if Path(name).exists():
                raise _exists(name)
            shutil.copyfile(self._file, name)
            return made
        copy = self._rules.copy_database
        try:
            for statement in (
                self._create_statements(name) if copy is None else copy(name, self.name)
            ):
                self._admin.exec_driver_sql(statement)
        except sa.exc.DBAPIError as error:
            if self._has_database(name):
                raise _exists(name) from error
            raise DatabaseTemplateError(
                f"The database {name} cannot be made: {str(error.orig).strip().splitlines()[0]}",
                hint="The template or the server's rights may have changed; run the command again.",
            ) from error
        if copy is None:
            with synchronous(made).engine().connect() as connection:
                run_statements(connection, self._script())
                connection.commit()
        return made

    def drop(self, name: str) -> bool:
        """Drop a database that was made.

        Args:
            name: its name; of a file, its path.

        Returns:
            False if there was none.
        """
        if self._rules.is_file:
            exists = Path(name).exists()
            Path(name).unlink(missing_ok=True)
            return exists
        exists = self._has_database(name)
        assert self._rules.drop_database is not None  # noqa: S101 - `prepare` has looked
        for statement in self._rules.drop_database(name):
            self._admin.exec_driver_sql(statement)
        return exists

    def prepare(self) -> None:
        """Make the template if there is none, and drop those of earlier histories."""
        if self._is_ready:
            return
        if self._is_there():
            self._is_ready = True
            return
        with _locked(self._folder / f"{self.name}.lock"):
            if not self._is_there():
                self.prune()
                self._make()
        self._is_ready = True

    def prune(self, *, everything: bool = False) -> tuple[str, ...]:
        """Drop the project's templates of other histories.

        Args:
            everything: drop the template of the present history as well.

        Returns:
            The names of those that were dropped.
        """
        found = [
            path
            for path in sorted(self._folder.glob(f"{self._prefix}*"))
            if path.stem != self.name or (everything and path.suffix != ".lock")
        ]
        for path in found:
            path.unlink(missing_ok=True)
        names = [path.stem for path in found if path.suffix != ".lock"]
        listed, drop = self._rules.list_databases, self._rules.drop_database
        if self._rules.copy_database is not None and listed is not None and drop is not None:
            for name in listed(self._admin, self._prefix):
                if everything or name != self.name:
                    for statement in drop(name):
                        self._admin.exec_driver_sql(statement)
                    names.append(name)
        if everything:
            self._is_ready = False
        return tuple(names)

    def close(self) -> None:
        """Close the connection that was used to make databases."""
        if self._connection is not None:
            self._connection.close()
            self._connection.engine.dispose()
            self._connection = None

    # ── the template ──────────────────────────────────────────────────────

    @property
    def _prefix(self) -> str:
        return f"{_PREFIX}{hashlib.sha256(self.project.encode()).hexdigest()[:8]}_"

    @property
    def _rules(self) -> ScratchRules:
        return find(self.source.url.get_backend_name()).scratch

    @property
    def _folder(self) -> Path:
        return _private_folder() if self.folder is None else self.folder

    @property
    def _file(self) -> Path:
        """The template where it is a file: a database, or a script."""
        return self._folder / f"{self.name}{'.sqlite' if self._rules.is_file else '.sql'}"

    @property
    def _admin(self) -> Any:
        """A connection that makes and drops databases."""
        if self._connection is None:
            place = self.source.with_database(self._rules.maintenance_database or None)
            self._connection = synchronous(place).engine(autocommit=True).connect()
        return self._connection

    def _has_database(self, name: str) -> bool:
        listed = self._rules.list_databases
        return listed is not None and name in listed(self._admin, name)

    def _is_there(self) -> bool:
        if self._rules.copy_database is not None:
            return self._has_database(self.name)
        return self._file.exists()

    def _make(self) -> None:
        """Migrate a scratch database and keep it, or what it takes to make it again."""
        with open_scratch(self.source, kind="file" if self._rules.is_file else "database") as made:
            self.migrate(made)
            made.engine.dispose()
            if self._rules.is_file:
                self._keep(Path(made.name).read_bytes())
            elif self._rules.keep_template is not None:
                for statement in self._rules.keep_template(made.name, self.name):
                    self._admin.exec_driver_sql(statement)
            else:
                self._keep(_script_of(made).encode())

    def _keep(self, content: bytes) -> None:
        temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(content)
        temporary.replace(self._file)

    def _create_statements(self, name: str) -> list[str]:
        create = self._rules.create_database
        assert create is not None  # noqa: S101 - the scratch database was made with it
        return list(create(self._admin, name, self.source.url.database))

    def _script(self) -> list[str]:
        if self._statements is None:
            rules = find(self.source.url.get_backend_name()).capabilities.quoting
            text = self._file.read_text("utf-8")
            self._statements = [one.text for one in split_script(text, rules)]
        return self._statements


def _script_of(made: ScratchDatabase) -> str:
    """Return the statements that make a database again, version table and journal included.

    Raises:
        DatabaseTemplateError: it has objects that limbeck does not read.
    """
    catalog, record = made.catalog(), made.record
    with made.engine.connect() as connection:
        unread = record.scratch.unread_objects
        names = () if unread is None else tuple(unread(connection))
        if names:
            raise DatabaseTemplateError(
                f"This schema cannot be copied: limbeck does not read {', '.join(names[:5])}",
                hint="Run the migrations for each test database.",
                code="LB487",
            )
        script = schema_script(catalog, connection.dialect)
        rows = read_rows(connection, record, catalog, _NO_LIMIT)
        inserts = row_statements(connection, record, catalog, rows)
    parts = (script.objects, "".join(f"{one};\n" for one in inserts), script.late)
    return "\n\n".join(filter(None, parts)) + "\n"


def _private_folder() -> Path:
    """Return a folder for templates that only this user can write to.

    Raises:
        DatabaseTemplateError: the folder belongs to somebody else.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    path = Path(tempfile.gettempdir()) / f"limbeck-templates-{user}"
    path.mkdir(mode=0o700, exist_ok=True)
    state = path.lstat()
    if hasattr(os, "getuid") and (state.st_uid != user or path.is_symlink()):
        raise DatabaseTemplateError(
            f"{path} belongs to another user",
            hint="Remove it, or set TMPDIR to a folder of your own.",
            place=str(path),
        )
    return path


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file that one process at a time can hold; the system releases it with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            import fcntl
        except ImportError:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _exists(name: str) -> DatabaseTemplateError:
    return DatabaseTemplateError(
        f"There is a database {name} already",
        hint="Drop it with `testdb drop`, or choose another name.",
    )
