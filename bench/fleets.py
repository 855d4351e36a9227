"""`limbeck fleet` beside one Alembic process for each tenant, and beside the bare driver.

    python bench/fleets.py                     300 and 3,000 PostgreSQL schemas, 10,000 SQLite files
    python bench/fleets.py --tenants 30 --few  a quick look

All figures are of whole processes. What a tenant costs is the difference between two sizes of the
fleet, so that imports count once, as they do in a long run.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import projects
import sqlalchemy as sa
from measure import Command, Run, once
from run import peer
from works import interpreter

from servers import SERVERS, database

STEPS = 9
# one connection for all, one statement for each tenant: the loop that people write
READ = """
import psycopg, sys
with psycopg.connect(sys.argv[1]) as connection:
    for number in range(int(sys.argv[2])):
        connection.execute(f'SELECT version_num FROM "t{number}".alembic_version').fetchall()
"""
SEND = """
import json, psycopg, sys
statements = json.loads(sys.argv[3])
with psycopg.connect(sys.argv[1]) as connection:
    for number in range(int(sys.argv[2])):
        with connection.transaction():
            connection.execute(f'SET LOCAL search_path = "t{number}"')
            for statement in statements:
                connection.execute(statement)
"""
RECIPE = """
from sqlalchemy import engine_from_config, pool, text
from alembic import context

config = context.config
engine = engine_from_config(
    config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool
)
tenant = context.get_x_argument(as_dictionary=True)["tenant"]
with engine.connect() as connection:
    connection.execute(text('set search_path to "%s"' % tenant))
    connection.commit()
    connection.dialect.default_schema_name = tenant
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""


class Fleet:
    """The same revisions for both tools, and a number of schemas on one server.

    Args:
        folder: where the project is written.
        url: the database that has the schemas.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.driver_url = sa.make_url(url).set(drivername="postgresql").render_as_string(False)
        self.engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        projects.history(folder, url, 1)
        (folder / "migrations" / "env.py").write_text(RECIPE)
        self._head = projects.identifier(1)
        (written,) = (folder / "migrations" / "versions").glob("*.py")
        columns = "".join(
            f'\n    op.add_column("t1", sa.Column("c{number}", sa.String(50), nullable=True))'
            for number in range(2, STEPS + 1)
        )
        up, down = written.read_text().split("\n\n\ndef downgrade")
        written.write_text(f"{up.rstrip()}{columns}\n\n\ndef downgrade{down}")

    def write_settings(self, pattern: str, **values: object) -> None:
        """Write the settings of a native project whose tenants are the schemas of a pattern."""
        lines = [
            "[tool.limbeck]", 'script_location = "native"', f"url = {json.dumps(self.url)}",
            "[tool.limbeck.fleet]", f"schemas = {json.dumps(pattern)}",
            *(f"{name} = {json.dumps(value)}" for name, value in values.items()),
        ]  # fmt: skip
        native = self.folder / "native" / "versions"
        native.parent.mkdir(exist_ok=True)
        if not native.exists():
            native.symlink_to(self.folder / "migrations" / "versions")
        (self.folder / "pyproject.toml").write_text("\n".join(lines) + "\n")

    def schemas(self, count: int, *, at_head: bool) -> None:
        """Make the schemas anew, with a version table at the head, or empty."""
        with self.engine.connect() as connection:
            have = connection.exec_driver_sql(
                "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t[0-9]+$'"
            ).scalars()
            for part in _parts(list(have), 20):
                names = ", ".join(f'"{name}"' for name in part)
                connection.exec_driver_sql(f"DROP SCHEMA {names} CASCADE")
            for number in range(count):
                connection.exec_driver_sql(f'CREATE SCHEMA "t{number}"')
                if at_head:
                    connection.exec_driver_sql(
                        f'CREATE TABLE "t{number}".alembic_version (version_num varchar(32) NOT NULL '
                        "CONSTRAINT alembic_version_pkc PRIMARY KEY)"
                    )
                    connection.exec_driver_sql(
                        f"INSERT INTO \"t{number}\".alembic_version VALUES ('{self._head}')"
                    )

    def statements(self) -> list[str]:
        """Return what the revisions send for one tenant, with the version table."""
        return [
            (
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, "
                "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
            ),
            "CREATE TABLE t1 (id integer NOT NULL, PRIMARY KEY (id))",
            *(f"ALTER TABLE t1 ADD COLUMN c{number} varchar(50)" for number in range(2, STEPS + 1)),
            f"INSERT INTO alembic_version VALUES ('{self._head}')",
        ]


def _parts(names: Sequence[str], size: int) -> list[Sequence[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]


def at_head(fleet: Fleet, python: str, few: int, many: int, runs: int) -> None:
    """Tenants at the destination: what reading them costs."""
    found: dict[str, dict[int, list[Run]]] = {"limbeck": {}, "driver": {}}
    for count in (few, many):
        fleet.schemas(count, at_head=True)
        fleet.write_settings("t*")
        ours = Command(
            [python, "-m", "limbeck", "fleet", "upgrade", "head", "--json"], fleet.folder
        )
        bare = Command([python, "-c", READ, fleet.driver_url, str(count)], fleet.folder)
        once(ours)
        for _ in range(runs):
            for name, command in (("limbeck", ours), ("driver", bare)):
                found[name].setdefault(count, []).append(once(command))
    cost = {name: _slope(found[name], few, many) for name in found}
    alembic = _alembic(fleet, few, runs)
    whole = _median(found["limbeck"][few]) / few
    print(
        f"at head, a tenant: limbeck {cost['limbeck']:.3f} ms, driver {cost['driver']:.3f} ms,"
        f" ratio {cost['limbeck'] / cost['driver']:.2f} (goal 1.5)"
    )
    print(
        f"at head, {few} tenants with imports: {whole:.2f} ms each; an Alembic process {alembic:.0f} ms,"
        f" ratio {alembic / whole:.0f} (goal 40)"
    )


def pending(fleet: Fleet, python: str, count: int, runs: int) -> None:
    """A revision of nine steps that every tenant lacks."""
    statements = json.dumps(fleet.statements())
    commands = {
        "limbeck, 4 threads": ["-m", "limbeck", "fleet", "upgrade", "head", "--json", "--workers", "4"],
        "limbeck, 1 thread": ["-m", "limbeck", "fleet", "upgrade", "head", "--json", "--workers", "1"],
        "driver": ["-c", SEND, fleet.driver_url, str(count), statements],
    }  # fmt: skip
    fleet.write_settings("t*")
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, arguments in commands.items():
            fleet.schemas(count, at_head=False)
            done = once(Command([python, *arguments], fleet.folder))
            if number:
                found[name].append(done)
    fleet.schemas(10, at_head=False)
    alembic = _alembic(fleet, 10, 1, is_fresh=True)
    cpu = {name: _median(done) / count for name, done in found.items()}
    wall = {name: statistics.median(run.wall for run in done) for name, done in found.items()}
    ours = cpu["limbeck, 4 threads"]
    print(
        f"nine steps, a tenant of {count}: limbeck {ours:.1f} ms CPU, driver {cpu['driver']:.1f} ms,"
        f" ratio {ours / cpu['driver']:.2f} (goal 2.5); an Alembic process {alembic:.0f} ms,"
        f" ratio {alembic / ours:.0f} (goal 20)"
    )
    print(
        f"wall: 1 thread {wall['limbeck, 1 thread']:.2f} s, 4 threads {wall['limbeck, 4 threads']:.2f} s,"
        f" ratio {wall['limbeck, 1 thread'] / wall['limbeck, 4 threads']:.2f} (goal 1.8)"
    )


def memory(python: str, folder: Path, count: int) -> None:
    """Peak memory over many SQLite files."""
    projects.history(folder, "sqlite://", 1)
    files = folder / "data"
    files.mkdir()
    for number in range(count):
        with sqlite3.connect(files / f"{number}.db") as connection:
            connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            connection.execute("INSERT INTO alembic_version VALUES (?)", (projects.identifier(1),))
        connection.close()
    (folder / "native").mkdir()
    (folder / "native" / "versions").symlink_to(folder / "migrations" / "versions")
    (folder / "pyproject.toml").write_text(
        '[tool.limbeck]\nscript_location = "native"\nurl = "sqlite://"\n'
        f'[tool.limbeck.fleet]\nfiles = "{files}/*.db"\n'
    )
    done = once(Command([python, "-m", "limbeck", "fleet", "upgrade", "head", "--json"], folder))
    print(
        f"{count} SQLite files at head: {done.memory:.0f} MiB at most (goal 200),"
        f" {done.cpu / count * 1000:.2f} ms CPU each"
    )


def _alembic(fleet: Fleet, count: int, runs: int, *, is_fresh: bool = False) -> float:
    """Return the CPU of an Alembic process for one tenant, in ms."""
    found = [
        once(Command([*peer(), "-x", f"tenant=t{number}", "upgrade", "head"], fleet.folder))
        for number in range(min(count, 10 if is_fresh else runs + 5))
    ]
    return _median(found[1:])


def _median(runs: Sequence[Run]) -> float:
    return statistics.median(run.cpu for run in runs) * 1000


def _slope(runs: dict[int, list[Run]], few: int, many: int) -> float:
    return (_median(runs[many]) - _median(runs[few])) / (many - few)


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tenants", type=int, default=300, help="schemas of the small fleet")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--few", action="store_true", help="leave out the large fleets")
    options = parser.parse_args()
    python = interpreter()
    if "postgresql" not in SERVERS:
        raise SystemExit("this bench needs PostgreSQL")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with database("postgresql", folder) as url:
            fleet = Fleet(folder / "fleet", url)
            few = options.tenants
            at_head(fleet, python, few, few * (3 if options.few else 10), options.runs)
            pending(fleet, python, min(few, 100), options.runs)
            fleet.engine.dispose()
        memory(python, folder / "files", 1000 if options.few else 10_000)


if __name__ == "__main__":
    main()
