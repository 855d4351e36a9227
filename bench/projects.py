"""Projects to measure with: long histories and big schemas, the same files for both tools."""

from __future__ import annotations

import textwrap
from pathlib import Path

ENV = """
from alembic import context
from sqlalchemy import create_engine, pool

config = context.config
{models}

def run_migrations_offline():
    context.configure(url=config.get_main_option("sqlalchemy.url"), target_metadata=target_metadata,
                      literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    engine = create_engine(config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata,
                          compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"""
TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''
REVISION = '''"""step {number}

Revision ID: {id}
Revises: {down}
Create Date: 2026-01-01 00:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = "{id}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''


def identifier(number: int) -> str:
    """Return the id of the n-th revision."""
    return f"{number:05d}" + f"{number * 2654435761 % 2**28:07x}"


def environment(folder: Path, url: str, models: str = "target_metadata = None") -> None:
    """Write alembic.ini, env.py and the template."""
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n"
        f"path_separator = os\nsqlalchemy.url = {url.replace('%', '%%')}\n"
    )
    (folder / "migrations" / "env.py").write_text(ENV.format(models=models))
    (folder / "migrations" / "script.py.mako").write_text(TEMPLATE)


def history(folder: Path, url: str, length: int) -> None:
    """Write a project with a linear history; every tenth revision creates a table."""
    environment(folder, url)
    for number in range(1, length + 1):
        table = f"t{(number - 1) // 10 + 1}"
        if number % 10 == 1:
            up, down = _new_table(table)
        else:
            up = f'op.add_column("{table}", sa.Column("c{number}", sa.String(50), nullable=True))'
            down = f'op.drop_column("{table}", "c{number}")'
        _step(folder, number, up, down)


def changed_tables(folder: Path, url: str, length: int, tables: int) -> None:
    """Write a project whose first revisions make tables, which all others change.

    A column is added, filled, indexed, has its index dropped, and every second one is dropped
    itself: what is left is a few tables.
    """
    environment(folder, url)
    for number in range(1, length + 1):
        round_, place = divmod(number - 1, tables)
        table = f"t{place + 1}"
        if round_ == 0:
            _step(folder, number, *_new_table(table))
            continue
        place, kind = divmod(round_ - 1, 5)
        column = f"c{place + 1}"
        index = f"ix_{table}_{column}"
        words = f'"{table}", sa.Column("{column}", sa.String(50), nullable=True)'
        add, drop = f"op.add_column({words})", f'op.drop_column("{table}", "{column}")'
        make = f'op.create_index("{index}", "{table}", ["{column}"])'
        unmake = f'op.drop_index("{index}", "{table}")'
        fill = f"op.execute(\"UPDATE {table} SET {column} = 'x' WHERE {column} IS NULL\")"
        wide = f'op.alter_column("{table}", "{column}", type_=sa.String(80))'
        last = (drop, add) if place % 2 else (wide, wide.replace("80", "50"))
        steps = ((add, drop), (fill, "pass"), (make, unmake), (unmake, make), last)
        _step(folder, number, *steps[kind])


def _new_table(table: str) -> tuple[str, str]:
    column = 'sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id")'
    return f'op.create_table("{table}", {column})', f'op.drop_table("{table}")'


def _step(folder: Path, number: int, up: str, down: str) -> None:
    text = REVISION.format(
        number=number,
        id=identifier(number),
        down=identifier(number - 1) if number > 1 else None,
        upgrade=textwrap.indent(up, "    "),
        downgrade=textwrap.indent(down, "    "),
    )
    name = f"{identifier(number)}_step_{number}.py"
    (folder / "migrations" / "versions" / name).write_text(text)


def models(tables: int, *, changed: int = 0) -> str:
    """Return the text of models.py: tables with ten columns, a foreign key, indexes.

    `changed` columns more than in the database stand in as many tables.
    """
    lines = ["from sqlalchemy import *", "metadata = MetaData()", ""]
    for number in range(1, tables + 1):
        parts = [
            'Column("id", Integer, primary_key=True)',
            'Column("name", String(100), nullable=False)',
            'Column("code", String(20), unique=True)'
            if number % 3 == 0
            else 'Column("code", String(20))',
            'Column("amount", Numeric(10, 2), server_default="0")',
            'Column("made", DateTime, server_default=func.current_timestamp())',
            'Column("is_on", Boolean, nullable=False)',
            'Column("words", Text)',
            'Column("share", Float)',
            'Column("day", Date)',
            'Column("other_id", Integer, '
            + (f'ForeignKey("table_{number - 1}.id"))' if number > 1 else ")"),
        ]
        if number <= changed:
            parts.append('Column("added", Integer)')
        index = f'Index("ix_table_{number}_name", "name")'
        lines.append(f'Table("table_{number}", metadata, {", ".join([*parts, index])})')
    return "\n".join(lines) + "\n"


def schema(folder: Path, url: str, tables: int, *, changed: int = 0) -> None:
    """Write a project with many tables and no revision."""
    environment(folder, url, "from models import metadata as target_metadata")
    (folder / "models.py").write_text(models(tables, changed=changed))
