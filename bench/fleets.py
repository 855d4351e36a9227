"""`limbeck fleet` compared with one Alembic process for each tenant and with the bare driver.

    python bench/fleets.py                     300 and 3,000 PostgreSQL schemas, 10,000 SQLite files
    python bench/fleets.py --tenants 30 --few  a short run

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
# the same through SQLAlchemy: the statements as text, and as the elements that operations make
# four threads, each with a connection of its own and one message for a tenant
SEND_IN_THREADS = """
import json, psycopg, sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

statements = ";".join(json.loads(sys.argv[3]))
own = local()

def send(number):
    if not hasattr(own, "connection"):
        own.connection = psycopg.connect(sys.argv[1], autocommit=True)
    own.connection.execute(f'BEGIN;SET LOCAL search_path = "t{number}";{statements};COMMIT')

with ThreadPoolExecutor(int(sys.argv[4])) as executor:
    list(executor.map(send, range(int(sys.argv[2]))))
"""
SEND_TEXT = """
import json, sqlalchemy as sa, sys
statements = json.loads(sys.argv[3])
with sa.create_engine(sys.argv[1]).connect() as connection:
    for number in range(int(sys.argv[2])):
        with connection.begin():
            connection.exec_driver_sql(f'SET LOCAL search_path = "t{number}"')
            for statement in statements:
                connection.exec_driver_sql(statement)
"""
SEND_ELEMENTS = """
import json, sqlalchemy as sa, sys
statements = json.loads(sys.argv[3])
with sa.create_engine(sys.argv[1]).connect() as connection:
    for number in range(int(sys.argv[2])):
        with connection.begin():
            connection.exec_driver_sql(f'SET LOCAL search_path = "t{number}"')
            key = sa.Column("id", sa.Integer, primary_key=True)
            connection.execute(sa.schema.CreateTable(sa.Table("t1", sa.MetaData(), key)))
            for statement in statements[1:-1]:
                connection.execute(sa.DDL(statement))
            connection.exec_driver_sql(statements[-1])
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
        self.native = folder / "native"
        self.alembic = folder / "alembic"
        self.url = url
        self.driver_url = sa.make_url(url).set(drivername="postgresql").render_as_string(False)
        self.engine = sa.create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            connect_args={"options": "-c synchronous_commit=off"},
        )
        projects.history(self.alembic, url, 2)
        (self.alembic / "migrations" / "env.py").write_text(RECIPE)
        first, second = sorted((self.alembic / "migrations" / "versions").glob("*.py"), key=_step)
        self._base, self._head = projects.identifier(1), projects.identifier(2)
        first.write_text(first.read_text().replace('"t1"', '"t0"'))
        columns = "".join(
            f'\n    op.add_column("t1", sa.Column("c{number}", sa.String(50), nullable=True))'
            for number in range(2, STEPS + 1)
        )
        table = 'op.create_table("t1", sa.Column("id", sa.Integer, primary_key=True))'
        before, _, after = second.read_text().partition("def upgrade():")
        down = after[after.index("def downgrade") :]
        second.write_text(f"{before}def upgrade():\n    {table}{columns}\n\n\n{down}")
        (self.native / "versions").parent.mkdir(parents=True)
        (self.native / "versions").symlink_to(first.parent)
        self._make_template()

    def _make_template(self) -> None:
        """Bring the schema public to the first revision: the version table and the journal."""
        self.write_settings("public")
        once(
            Command(
                [interpreter(), "-m", "limbeck", "fleet", "upgrade", self._base, "--json"],
                self.native,
            )
        )

    def write_settings(self, pattern: str, **values: object) -> None:
        """Write the settings of a native project whose tenants are the schemas of a pattern."""
        lines = [
            "[tool.limbeck]", 'script_location = "."', f"url = {json.dumps(self.url)}",
            "[tool.limbeck.fleet]", f"schemas = {json.dumps(pattern)}",
            *(f"{name} = {json.dumps(value)}" for name, value in values.items()),
        ]  # fmt: skip
        (self.native / "pyproject.toml").write_text("\n".join(lines) + "\n")

    def schemas(self, count: int, *, at_head: bool) -> None:
        """Create the schemas again, at the head or at the revision before."""
        with self.engine.connect() as connection:
            have = connection.exec_driver_sql(
                "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t[0-9]+$'"
            ).scalars()
            for part in _parts(list(have), 20):
                names = ", ".join(f'"{name}"' for name in part)
                connection.exec_driver_sql(f"DROP SCHEMA {names} CASCADE")
            for part in _parts([f"t{number}" for number in range(count)], 20):
                connection.exec_driver_sql(
                    ";".join(self._schema(name, at_head=at_head) for name in part)
                )

    def _schema(self, name: str, *, at_head: bool) -> str:
        tables = ("alembic_version",) if at_head else ("alembic_version", "limbeck_journal")
        made = [f'CREATE SCHEMA "{name}"']
        for table in tables:
            made.append(f'CREATE TABLE "{name}".{table} (LIKE public.{table} INCLUDING ALL)')
            made.append(f'INSERT INTO "{name}".{table} SELECT * FROM public.{table}')
        if at_head:
            made.append(f"UPDATE \"{name}\".alembic_version SET version_num = '{self._head}'")
        return ";".join(made)

    def statements(self) -> list[str]:
        """Return what the second revision sends for one tenant, with its version row."""
        return [
            "CREATE TABLE t1 (id SERIAL NOT NULL, PRIMARY KEY (id))",
            *(f"ALTER TABLE t1 ADD COLUMN c{number} VARCHAR(50)" for number in range(2, STEPS + 1)),
            f"UPDATE alembic_version SET version_num='{self._head}' WHERE version_num='{self._base}'",
        ]


def _step(path: Path) -> int:
    return int(path.stem.rpartition("_")[2])


def _parts(names: Sequence[str], size: int) -> list[Sequence[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]


def at_head(fleet: Fleet, python: str, few: int, many: int, runs: int) -> None:
    """Tenants at the destination: what reading them costs."""
    found: dict[str, dict[int, list[Run]]] = {"limbeck": {}, "driver": {}}
    for count in (few, many):
        fleet.schemas(count, at_head=True)
        fleet.write_settings("t*")
        ours = Command(
            [python, "-m", "limbeck", "fleet", "upgrade", "head", "--json"], fleet.native
        )
        bare = Command([python, "-c", READ, fleet.driver_url, str(count)], fleet.native)
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


def pending(fleet: Fleet, python: str, few: int, many: int, runs: int) -> None:
    """A revision of nine steps that every tenant lacks."""
    statements = json.dumps(fleet.statements())
    upgrade = ["-m", "limbeck", "fleet", "upgrade", "head", "--json", "--workers"]
    fleet.write_settings("t*")
    found: dict[str, dict[int, list[Run]]] = {}
    for number in range(runs + 1):
        for count in (few, many):
            commands = {
                "psycopg": ["-c", SEND, fleet.driver_url, str(count), statements],
                "SQLAlchemy, text": ["-c", SEND_TEXT, fleet.url, str(count), statements],
                "SQLAlchemy, elements": ["-c", SEND_ELEMENTS, fleet.url, str(count), statements],
                "limbeck, 1 thread": [*upgrade, "1"],
            }
            for name, arguments in commands.items():
                fleet.schemas(count, at_head=False)
                done = once(Command([python, *arguments], fleet.native))
                if number:
                    found.setdefault(name, {}).setdefault(count, []).append(done)
    fleet.schemas(10, at_head=False)
    alembic = _alembic(fleet, 10, 1, is_fresh=True)
    cost = {name: _slope(done, few, many) for name, done in found.items()}
    for name, one in cost.items():
        print(f"nine steps, a tenant: {name} {one:.2f} ms CPU, ratio {one / cost['psycopg']:.2f}")
    print("nine steps: the goal of limbeck to psycopg is 2.5")
    whole = _median(found["limbeck, 1 thread"][many]) / many
    print(
        f"nine steps, {many} tenants with imports: {whole:.1f} ms each; an Alembic process"
        f" {alembic:.0f} ms, ratio {alembic / whole:.0f} (goal 20)"
    )


def threads(fleet: Fleet, python: str, few: int, many: int, runs: int) -> None:
    """Print how many times faster four threads are than one, for limbeck and for the bare driver.

    The driver sends one message for each tenant, as limbeck does. Where the server and the tenants'
    threads share two cores, the driver's ratio is what the machine allows.
    """
    statements = json.dumps(fleet.statements())
    upgrade = ["-m", "limbeck", "fleet", "upgrade", "head", "--json", "--workers"]
    fleet.write_settings("t*")
    wall: dict[tuple[str, str, int], list[float]] = {}
    for number in range(runs + 1):
        for count in (few, many):
            send = ["-c", SEND_IN_THREADS, fleet.driver_url, str(count), statements]
            for name, arguments in (("psycopg", send), ("limbeck", upgrade)):
                for workers in ("1", "4"):
                    fleet.schemas(count, at_head=False)
                    done = once(Command([python, *arguments, workers], fleet.native))
                    if number:
                        wall.setdefault((name, workers, count), []).append(done.wall)
    for name in ("psycopg", "limbeck"):
        one, four = (
            statistics.median(wall[name, workers, many])
            - statistics.median(wall[name, workers, few])
            for workers in ("1", "4")
        )
        print(
            f"nine steps, wall of {many - few} tenants: {name} 1 thread {one:.2f} s,"
            f" 4 threads {four:.2f} s, ratio {one / four:.2f} (goal of limbeck 1.8)"
        )


def memory(python: str, folder: Path, few: int, many: int) -> None:
    """Peak memory over SQLite files at the head: with few and with many tenants."""
    projects.history(folder, "sqlite://", 1)
    (folder / "native").mkdir()
    (folder / "native" / "versions").symlink_to(folder / "migrations" / "versions")
    for count in (few, many):
        files = folder / str(count)
        files.mkdir()
        for number in range(count):
            with sqlite3.connect(files / f"{number}.db") as connection:
                connection.execute(
                    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
                )
                connection.execute(
                    "INSERT INTO alembic_version VALUES (?)", (projects.identifier(1),)
                )
            connection.close()
        (folder / "native" / "pyproject.toml").write_text(
            '[tool.limbeck]\nscript_location = "."\nurl = "sqlite://"\n'
            f'[tool.limbeck.fleet]\nfiles = "{files}/*.db"\n'
        )
        for command in (("upgrade", "head"), ("status",)):
            done = once(
                Command([python, "-m", "limbeck", "fleet", *command, "--json"], folder / "native")
            )
            print(
                f"{command[0]} of {count} SQLite files at head: {done.memory:.0f} MiB at most"
                f" (goal 200), {done.cpu / count * 1000:.2f} ms CPU each"
            )


def _alembic(fleet: Fleet, count: int, runs: int, *, is_fresh: bool = False) -> float:
    """Return the CPU of an Alembic process for one tenant, in ms."""
    found = [
        once(Command([*peer(), "-x", f"tenant=t{number}", "upgrade", "head"], fleet.alembic))
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
            pending(fleet, python, 20, min(few, 120), options.runs)
            threads(fleet, python, 20, few, options.runs)
            fleet.engine.dispose()
        memory(python, folder / "files", 1000, 2000 if options.few else 10_000)


if __name__ == "__main__":
    main()
