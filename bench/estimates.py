"""The times that `limbeck plan` estimates, compared with those that the statements take.

    python bench/estimates.py                  300,000 rows on SQLite, PostgreSQL and MariaDB
    python bench/estimates.py --rows 1000000 --kind postgresql

For each statement a project with one revision is planned, then the statement is run. A line shows
the estimate, its range, the time, and whether the time is in the range.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import projects
import sqlalchemy as sa
from works import interpreter

from servers import KINDS, SERVERS, database

TABLES = (
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(40))",
    (
        "CREATE TABLE sale (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, amount INTEGER,"
        " code VARCHAR(20), note VARCHAR(120))"
    ),
)
FILL = (
    "INSERT INTO {table} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < {rows}) SELECT {values} FROM n"
)
CUSTOMERS = "i, 'name'"
SALES = (
    "i, i % 1000 + 1, i % 97, i, 'a note about this sale that is about as long as usual notes are'"
)
INDEX = "CREATE INDEX ix_sale ON sale (amount, code)"
UNIQUE = "CREATE UNIQUE INDEX ux_sale ON sale (code)"
UPDATE = "UPDATE sale SET amount = amount + 1"
STATEMENTS = {
    "sqlite": (INDEX, UNIQUE, UPDATE, "DELETE FROM sale WHERE amount > 50"),
    "postgresql": (
        INDEX,
        UNIQUE,
        UPDATE,
        "ALTER TABLE sale ALTER COLUMN amount TYPE BIGINT",
        "ALTER TABLE sale ALTER COLUMN note SET NOT NULL",
        "ALTER TABLE sale ADD CHECK (amount >= 0)",
        "ALTER TABLE sale ADD FOREIGN KEY (customer_id) REFERENCES customer (id)",
        "ALTER TABLE sale ADD COLUMN r DOUBLE PRECISION DEFAULT random()",
    ),
    "mariadb": (
        INDEX,
        UNIQUE,
        UPDATE,
        "ALTER TABLE sale MODIFY amount BIGINT",
        "ALTER TABLE sale MODIFY note VARCHAR(120) NOT NULL",
        "ALTER TABLE sale ADD CHECK (amount >= 0)",
        "ALTER TABLE sale ADD FOREIGN KEY (customer_id) REFERENCES customer (id)",
        "ALTER TABLE sale CONVERT TO CHARACTER SET latin1",
    ),
}


def filled(engine: sa.Engine, rows: int) -> None:
    """Create the tables, fill them, and collect their statistics."""
    kind = engine.dialect.name
    with engine.begin() as connection:
        if kind in {"mysql", "mariadb"}:
            connection.exec_driver_sql(f"SET SESSION max_recursive_iterations = {rows + 1}")
        for table in ("sale", "customer"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        for statement in TABLES:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
        for table, number, values in (("customer", 1000, CUSTOMERS), ("sale", rows, SALES)):
            statement = FILL.format(table=table, rows=number, values=values)
            if kind == "postgresql":
                statement = statement.replace("97, i,", "97, CAST(i AS VARCHAR),")
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    with engine.connect() as connection:
        analyze = {
            "mysql": "ANALYZE TABLE sale, customer",
            "mariadb": "ANALYZE TABLE sale, customer",
        }
        connection.exec_driver_sql(analyze.get(kind, "ANALYZE")).close()
        connection.commit()


def planned(folder: Path, url: str, statement: str) -> dict[str, float] | None:
    """Return the estimate of a statement."""
    projects.environment(folder, url)
    text = projects.REVISION.format(
        number=1,
        id="0000000000a1",
        down=None,
        upgrade=f"    op.execute({statement!r})",
        downgrade="    pass",
    )
    (folder / "migrations" / "versions").joinpath("a1_statement.py").write_text(text)
    done = subprocess.run(
        [interpreter(), "-m", "limbeck", "plan", "--json"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [
        one["estimate"]
        for transaction in json.loads(done.stdout)["plans"][0]["transactions"]
        for one in transaction["statements"]
        if one["sql"] == statement
    ]
    return found[0] if found else None


def measured(engine: sa.Engine, statement: str) -> float:
    """Run a statement; return the seconds that it takes."""
    with engine.connect() as connection:
        began = time.perf_counter()
        connection.exec_driver_sql(statement)
        connection.commit()
        return time.perf_counter() - began


def main() -> None:
    """Measure, and print a line for each statement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--kind", choices=KINDS, action="append")
    options = parser.parse_args()
    within = count = 0
    for kind in options.kind or ("sqlite", *SERVERS):
        for statement in STATEMENTS[kind]:
            with tempfile.TemporaryDirectory() as place, database(kind, Path(place)) as url:
                engine = sa.create_engine(url)
                filled(engine, options.rows)
                estimate = planned(Path(place), url, statement)
                seconds = measured(engine, statement)
                engine.dispose()
            count += 1
            if estimate is None:
                print(f"{kind}: {statement}: {seconds:.2f} s, not estimated", flush=True)
                continue
            is_within = estimate["low"] <= seconds <= estimate["high"]
            within += is_within
            print(
                f"{kind}: {statement}: {seconds:.2f} s, estimated {estimate['seconds']:.2f}"
                f" ({estimate['low']:.2f}-{estimate['high']:.2f}){'' if is_within else ' OUTSIDE'}",
                flush=True,
            )
    print(f"{within} of {count} within the estimated range")


if __name__ == "__main__":
    main()
