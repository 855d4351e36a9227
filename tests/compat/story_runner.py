"""Run small projects of Alembic with one implementation; write the resulting databases as JSON.

Run as a program: the implementation ("alembic" or "limbeck"), the address of a database, a folder,
and a file with the stories. Nothing of the test suite is imported but the alias of limbeck.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import warnings
from pathlib import Path

import sqlalchemy as sa

TEMPLATE = '''"""${message}"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''


def main(side: str, address: str, home: str, stories: str) -> None:
    """Run the stories one after the other, each on an empty database."""
    if side == "limbeck":
        import limbeck.compat

        limbeck.compat.install()
    found = {}
    for story in json.loads(Path(stories).read_text("utf-8")):
        folder = Path(home, re.sub(r"\W", "_", story["name"]))
        for name, text in {"here/script.py.mako": TEMPLATE, **story["files"]}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        os.environ["DB_URL"] = address.replace("FOLDER", str(folder))
        os.chdir(folder)
        empty(os.environ["DB_URL"])
        steps = [step(story["name"], *words) for words in story["steps"]]
        drafts = [path.read_text("utf-8") for path in sorted(folder.rglob("gen*.py"))]
        forget_imports()
        found[story["name"]] = {"steps": steps, "left": left(os.environ["DB_URL"]), "new": drafts}
    print("\n@@@" + json.dumps(found))


def forget_imports() -> None:
    """Remove what a story has added to the imports of a draft; Alembic keeps it for the next one."""
    from alembic.operations.ops import MigrationScript

    defaults = MigrationScript.__init__.__kwdefaults__ or {}
    (defaults.get("imports") or set()).clear()


def step(name: str, command_name: str, *arguments: object) -> list[str]:
    """Run a command; return its name, how it ended and what it printed."""
    from alembic import command
    from alembic.config import Config

    arguments = tuple(arguments)
    options = arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}
    words = [one for one in arguments if not isinstance(one, dict)]
    out = io.StringIO()
    ended = "done"
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = Config("alembic.ini", stdout=out, output_buffer=out)
        config.attributes["story"] = name
        try:
            getattr(command, command_name)(config, *words, **options)
        except Exception as error:  # noqa: BLE001 - a failure is a result
            ended = "failed"
            print(f"{name}: {command_name}: {error!r}"[:300], file=sys.stderr)
    output = re.sub(
        r"Generating .*", "Generating", out.getvalue().replace(str(Path.cwd()), "FOLDER")
    )
    return [f"{command_name} {words} {options}", ended, output]


def empty(address: str) -> None:
    """Drop all tables, views, types and schemas."""
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        inspector = sa.inspect(connection)
        quote = engine.dialect.identifier_preparer.quote
        if engine.dialect.name == "postgresql":
            for schema in {*inspector.get_schema_names(), "public"} - {"information_schema"}:
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {quote(schema)} CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        elif engine.dialect.name != "sqlite":
            connection.exec_driver_sql("SET foreign_key_checks = 0")
            for view in inspector.get_view_names():
                connection.exec_driver_sql(f"DROP VIEW {quote(view)}")
            for table in inspector.get_table_names():
                connection.exec_driver_sql(f"DROP TABLE {quote(table)}")
    engine.dispose()


QUERIES = """
SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default, is_identity,
  generation_expression, character_maximum_length FROM information_schema.columns
  WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3;
SELECT indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog' ORDER BY 1;
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2;
SELECT typname, enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid ORDER BY 1, enumsortorder;
SELECT relname FROM pg_class WHERE relkind = 'S' ORDER BY 1
"""


def left(address: str) -> list[str]:
    """Describe schema and rows, without the tables that are limbeck's own."""
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    found = []
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        quote = engine.dialect.identifier_preparer.quote
        tables = sorted(one for one in inspector.get_table_names() if "limbeck" not in one)
        if engine.dialect.name == "sqlite":
            query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
            # a table that was copied has its name in quotes
            found = [
                re.sub(r'CREATE TABLE "(\w+)"', r"CREATE TABLE \1", text)
                for text in connection.exec_driver_sql(query).scalars()
            ]
        elif engine.dialect.name == "postgresql":
            rows = [row for one in QUERIES.split(";") for row in connection.exec_driver_sql(one)]
            found = [repr(tuple(row)) for row in rows]
        else:
            for table in tables:
                row = connection.exec_driver_sql(f"SHOW CREATE TABLE {quote(table)}").fetchone()
                found.append("" if row is None else row[1])
        for table in tables:
            rows = connection.exec_driver_sql(f"SELECT * FROM {quote(table)}").all()
            found.append(f"{table}: {sorted(map(repr, rows))}")
    engine.dispose()
    return [one for one in found if "limbeck" not in one]


if __name__ == "__main__":
    main(*sys.argv[1:])
