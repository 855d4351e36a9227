"""`op.table` and `op.tables`: a table as it is at that moment of a migration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_recover import query
from tests.servers import Database

FIRST = """
op.create_table(
    'person',
    sa.Column('id', sa.Integer, primary_key=True, autoincrement=False),
    sa.Column('name', sa.String(20)),
    sa.Column('born', sa.Date),
)
op.create_table(
    'visit',
    sa.Column('id', sa.Integer, primary_key=True, autoincrement=False),
    sa.Column('person_id', sa.Integer, sa.ForeignKey('person.id')),
)
op.execute("INSERT INTO person (id, name) VALUES (1, 'Ada'), (2, 'Alan')")
op.execute("INSERT INTO visit (id, person_id) VALUES (7, 2)")
"""
SECOND = """
import datetime
op.alter_column('person', 'name', new_column_name='full_name', existing_type=sa.String(20))
op.add_column('person', sa.Column('visits', sa.Integer))
person, visit = op.tables.person, op.tables["visit"]
assert [column.name for column in person.columns] == ['id', 'full_name', 'born', 'visits']
assert [column.name for column in op.table('person').primary_key] == ['id']
op.bulk_insert(person, [{'id': 3, 'full_name': 'Grace', 'born': datetime.date(1906, 12, 9)}])
op.execute(person.update().where(person.c.id == 3).values(visits=5))
counted = sa.select(sa.func.count()).where(visit.c.person_id == person.c.id).scalar_subquery()
op.backfill('person', {'visits': counted}, where=person.c.visits.is_(None))
op.drop_column('person', 'born')
assert 'born' not in op.tables.person.c
assert not hasattr(op.tables, 'nobody')
"""
WANTED = [(1, "Ada", 0), (2, "Alan", 1), (3, "Grace", 5)]


def _project(folder: Path, database: Database, first: str = FIRST) -> CliProject:
    project = cli_project(folder, database)
    project.write("a1", first)
    project.write("b2", SECOND, down="a1")
    return project


def test_tables_have_the_state_after_the_previous_operations(
    database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, database)
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert "was read from the database" not in done.text
    assert query(database, "SELECT id, full_name, visits FROM person ORDER BY id") == WANTED


def test_tables_are_reflected_after_raw_sql_of_an_earlier_migration(
    database: Database, tmp_path: Path
) -> None:
    project = _project(
        tmp_path, database, FIRST + "op.execute('CREATE TABLE other (id INTEGER)')\n"
    )
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert "raw SQL may do anything" in done.text
    assert query(database, "SELECT id, full_name, visits FROM person ORDER BY id") == WANTED


def test_tables_are_available_in_a_script(server_database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, server_database)
    text = project.check_output("upgrade", "a1:b2", "--sql")
    assert "Grace" in text
    assert "1906-12-09" in text
    assert "limbeck_lower_1" in text


def test_a_table_that_does_not_exist_is_an_error(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", FIRST)
    project.write("b2", "op.tables.nobody", down="a1")
    done = project.run("upgrade", "head")
    assert done.code != 0
    assert "There is no table nobody at this point of the migration" in done.text
    script = project.run("upgrade", "a1:b2", "--sql")
    assert script.code != 0
    assert "There is no table nobody" in script.text


def test_a_downgrade_has_the_tables_of_the_state_before_it(
    sqlite: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", FIRST)
    project.write(
        "b2",
        "op.add_column('person', sa.Column('x', sa.Integer))",
        downgrade="assert 'x' in op.tables.person.c\nop.drop_column('person', 'x')\n"
        "assert 'x' not in op.tables.person.c",
        down="a1",
    )
    project.check_output("upgrade", "head")
    project.check_output("downgrade", "a1")


@pytest.mark.parametrize("name", ["alembic"])
def test_tables_are_available_in_projects_of_alembic(
    sqlite: Database, tmp_path: Path, name: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", FIRST)
    project.write("b2", SECOND, down="a1")
    for path in tmp_path.rglob("b2*.py"):
        text = path.read_text("utf-8")
        path.write_text(text.replace("from limbeck import context, op", f"from {name} import op"))
    project.check_output("upgrade", "head")
    assert query(sqlite, "SELECT id, full_name, visits FROM person ORDER BY id") == WANTED
