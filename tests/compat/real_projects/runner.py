"""One project with one tool: its environment, its copy of the migrations, its database."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import make_url

from tests.compat import peer_venvs
from tests.compat.real_projects.projects import Project
from tests.servers import Database

DRIVERS = ("psycopg2-binary", "pymysql")
RULES = ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK", "CONSTRAINT")


def environments(project: Project) -> dict[str, Path]:
    """Install a project twice, with the same versions: one with Alembic, one with limbeck."""
    name = project.requirements[0].split("==")[0]
    return peer_venvs.sides(name, (*project.requirements, *DRIVERS), project.extras_of)


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and its standard output."""

    code: int
    out: str
    err: str


class Side:
    """Where one implementation runs a project.

    Args:
        project: the project.
        venv: the environment with the implementation.
        database: a database of its own.
        home: an empty folder.
    """

    def __init__(self, project: Project, venv: Path, database: Database, home: Path) -> None:
        self.project, self.venv, self.database, self.home = project, venv, database, home
        self.site_packages = next((venv / "lib").glob("python*/site-packages"))
        scripts = home / "scripts"
        shutil.copytree(
            self.site_packages / project.location,
            scripts,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        ini = (self.site_packages / project.ini).read_text()
        ini = re.sub(r"(?m)^(script_location|sqlalchemy\.url)\s*=.*$", "", ini)
        head = f"[alembic]\nscript_location = {scripts}\nsqlalchemy.url = {self.url}\n"
        (home / "alembic.ini").write_text(ini.replace("[alembic]", head, 1))

    @property
    def url(self) -> str:
        """The database's address with a driver that is installed there."""
        drivers = {"postgresql": "postgresql+psycopg2", "mariadb": "mysql+pymysql"}
        url = make_url(self.database.address)
        url = url.set(drivername=drivers.get(self.database.kind, url.drivername))
        return url.render_as_string(hide_password=False)

    def run(self, *words: str) -> Ran:
        """Run a command of the environment."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        kept.update(PATH=f"{self.venv / 'bin'}:{kept['PATH']}", HOME=str(self.home), NO_COLOR="1")
        kept.update(
            {n: text.format(url=self.url, home=self.home) for n, text in
             self.project.environment}
        )  # fmt: skip
        command = [str(self.venv / "bin" / words[0]), *words[1:]]
        done = subprocess.run(
            command, cwd=self.home, env=kept, capture_output=True, text=True, check=False
        )
        return Ran(done.returncode, self.tidy(done.stdout), done.stderr)

    def tidy(self, text: str) -> str:
        """Take out what differs by place and time, and the lines of the project's own log."""
        for name, mark in (
            (str(self.home), "<home>"),
            (str(self.venv), "<venv>"),
            (str(make_url(self.url).database), "<database>"),
        ):
            text = text.replace(name, mark)
        text = re.sub(r"(?m)^\S+ \[\w+ *\] .*\n", "", text)
        text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d([.,]\d+)?", "<time>", text)
        return re.sub(r"0x[0-9a-f]+", "0x", text)

    def schema(self) -> str:
        """The schema and the version rows, by the database's own account."""
        kind, name = self.database.kind, str(make_url(self.url).database)
        if kind == "sqlite":
            return self.tidy(
                _sqlite_schema(Path(name), shuffled=self.project.shuffled) + str(self.rows())
            )
        url = make_url(self.url)
        host, port = url.host or "127.0.0.1", str(url.port or "")
        if kind == "postgresql":
            text = peer_venvs.do("pg_dump", "-h", host, "-p", port or "5432", "-U", url.username or "postgres",
                       "--schema-only", "--no-owner", name)  # fmt: skip
            text = re.sub(r"\\(un)?restrict .*", "", text)
        else:
            text = peer_venvs.do("mysqldump", "-h", host, "-P", port or "3306", "-u", url.username or "root",
                       "--no-data", "--skip-dump-date", name)  # fmt: skip
            text = _keys_sorted(re.sub(r"AUTO_INCREMENT=\d+ ?", "", text))
        return self.tidy(text + str(self.rows()))

    def rows(self) -> list[tuple[str, ...]]:
        """The version rows."""
        engine = sa.create_engine(self.database.url)
        with engine.connect() as connection:
            tables = [t for t in sa.inspect(engine).get_table_names() if "alembic_version" in t]
            found = sorted(
                (table, str(row[0]))
                for table in tables
                for row in connection.exec_driver_sql(f"SELECT version_num FROM {table}")
            )
        engine.dispose()
        return found


def _sqlite_schema(path: Path, *, shuffled: bool) -> str:
    if not path.exists():
        return ""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
        ).fetchall()
    return "\n".join(
        f"{kind} {name}: {_parts(sql, shuffled=shuffled)}" for kind, name, sql in found
    )


def _parts(sql: str, *, shuffled: bool) -> str:
    """Split a CREATE TABLE at its commas: columns in their order, then the rules, sorted.

    limbeck uses SQLite's own ALTER TABLE where Alembic copies the table, so that the text
    differs in white space and in where the rules stand.
    """
    if not sql.upper().startswith("CREATE TABLE"):
        return sql
    start, end = sql.index("("), sql.rindex(")")
    parts, depth, quote, last = [], 0, "", start + 1
    for at in range(start + 1, end):
        letter = sql[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and not depth:
            parts.append(" ".join(sql[last:at].split()))
            last = at + 1
    parts.append(" ".join(sql[last:end].split()))
    rules = sorted(_actions(part) for part in parts if part.upper().startswith(RULES))
    columns = [part for part in parts if not part.upper().startswith(RULES)]
    if shuffled:
        columns.sort()
    return "\n  ".join([*columns, *rules]) + sql[end + 1 :]


def _actions(rule: str) -> str:
    """Write the actions of a foreign key in capitals, and the one that is meant anyhow not at all."""
    written = re.sub(r"(?i)\bON (DELETE|UPDATE) (CASCADE|RESTRICT|NO ACTION|SET NULL|SET DEFAULT)",
                  lambda found: found[0].upper(), rule)  # fmt: skip
    return re.sub(r" ON (DELETE|UPDATE) NO ACTION", "", written)


def _keys_sorted(dump: str) -> str:
    """Sort the secondary keys: SQLAlchemy makes the indexes of a table in no fixed order."""
    lines = [line.rstrip(",") for line in dump.splitlines()]
    result: list[str] = []
    keys: list[str] = []
    for line in lines:
        if line.lstrip().startswith("KEY "):
            keys.append(line)
            continue
        result += sorted(keys)
        keys = []
        result.append(line)
    return "\n".join(result)
