"""Every command of `fleet` on live databases, and the sources and reports of a fleet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases.fleet_project import FleetProject, fleet_project, names_of, schemas, tables
from tests.servers import Database

ALL = {"t1", "t2", "t3"}


@pytest.fixture
def four(server_database: Database, tmp_path: Path) -> Iterator[tuple[FleetProject, list[str]]]:
    """A project with four schemas on each server."""
    names = names_of(server_database, 4)
    with schemas(server_database, names) as pattern:
        project = fleet_project(tmp_path / "project", server_database)
        project.settings(schemas=pattern, retries=0)
        yield project, names


def test_a_new_tenant_begins_with_the_snapshot(four: tuple[FleetProject, list[str]]) -> None:
    project, names = four
    project.results("upgrade", "--tenant", names[0])
    made = project.run("snapshot", "r2")
    assert made.returncode == 0, made.stdout + made.stderr
    for new in (f"{names[0]}_new", names[3]):
        code, results = project.results("create", new)
        assert code == 0, results
        first, second = results[new]["moves"]
        assert (first[:9], second) == ("snapshot-", "r3")
        assert tables(project.database, new) == ALL
        assert project.states("--tenant", new) == {new: "at head"}
    assert tables(project.database, names[1]) == set()


def test_a_snapshot_that_names_its_schema_is_not_restored_in_another(
    postgresql: Database, tmp_path: Path
) -> None:
    names = names_of(postgresql, 1)
    with schemas(postgresql, names) as pattern:
        project = fleet_project(tmp_path / "project", postgresql)
        # PostgreSQL prints the definition of a function with its schema
        project.write(
            2, 'op.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$")'
        )
        project.settings(schemas=pattern, retries=0)
        made = project.run("snapshot")
        assert made.returncode == 0, made.stdout + made.stderr
        code, results = project.results("create", names[0])
        assert code == 0, results
        assert results[names[0]]["moves"] == ["r1", "r2", "r3"]


def test_new_files_begin_with_the_snapshot(sqlite: Database, tmp_path: Path) -> None:
    project = fleet_project(tmp_path / "project", sqlite)
    project.settings(tenants=[{"id": "new", "url": "sqlite:///new.db"}])
    assert project.run("snapshot").returncode == 0
    code, results = project.results("create", "new")
    assert code == 0, results
    (move,) = results["new"]["moves"]
    assert move.startswith("snapshot-")
    assert project.states() == {"new": "at head"}


def test_plan_upgrade_check_downgrade_and_stamp(four: tuple[FleetProject, list[str]]) -> None:
    project, names = four
    (project.folder / "fleet_models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
        "for name in ('t1', 't2', 't3'):\n"
        "    sa.Table(name, metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    path = project.folder / "pyproject.toml"
    path.write_text(
        path.read_text().replace(
            "[tool.limbeck]\n",
            '[tool.limbeck]\nmetadata = "fleet_models:metadata"\nprepend_sys_path = ["."]\n',
            1,
        )
    )
    code, done = project.results("upgrade", "r2", "--tenant", names[0])
    assert code == 0, done
    code, plans = project.results("plan")
    assert code == 0
    assert [plans[name]["pending"] for name in names] == [["r3"], *[["r1", "r2", "r3"]] * 3]
    assert plans[names[0]]["revisions"] == ["r2"]
    assert project.results("upgrade")[0] == 0
    assert {tuple(one["pending"]) for one in project.results("plan")[1].values()} == {()}

    code, checks = project.results("check")
    assert code == 0, checks
    with project.database.engine() as engine, engine.begin() as connection:
        quoted = engine.dialect.identifier_preparer.quote(names[2])
        connection.exec_driver_sql(f"ALTER TABLE {quoted}.t1 ADD COLUMN extra INTEGER")
    code, checks = project.results("check")
    assert code == 10
    assert [name for name in names if checks[name]["outcome"] == "failed"] == [names[2]]
    assert checks[names[2]]["code"] == "LB406"
    assert "extra" in checks[names[2]]["error"]

    code, back = project.results("downgrade", "r1", "--tenant", names[1])
    assert code == 0, back
    assert back[names[1]]["moves"] == ["r3", "r2"]
    assert tables(project.database, names[1]) == {"t1"}

    code, stamped = project.results("stamp", "r3", "--tenant", names[1])
    assert code == 0, stamped
    assert stamped[names[1]]["outcome"] == "done"
    assert tables(project.database, names[1]) == {"t1"}
    assert project.states() == dict.fromkeys(names, "at head")
    assert project.results("stamp", "--purge", "r2", "--tenant", names[1])[0] == 0
    assert project.states("--tenant", names[1]) == {names[1]: "behind"}


def test_tenants_from_an_async_generator_and_a_page(
    four: tuple[FleetProject, list[str]],
) -> None:
    project, names = four
    (project.folder / "fleet_tenants.py").write_text(
        "import os\n"
        "async def tenants():\n"
        f"    for name in {names!r}:\n"
        "        yield {'schema': name, 'url': os.environ['FLEET_URL'], 'group': 'gold'}\n"
        "    yield {'schema': 'no_such_schema', 'url': os.environ['FLEET_URL']}\n"
    )
    run = ("fleet", "upgrade", "--source", "fleet_tenants:tenants", "--html", "page.html")
    done = project.run(*run, FLEET_URL=project.database.address, PYTHONPATH=str(project.folder))
    assert done.returncode == 10, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    page = (project.folder / "page.html").read_text()
    assert "no_such_schema" in page
    assert "There is no schema" in page
    assert "gold" in page
    for outside in ("://", "<script src", "<link"):
        assert outside not in page
    assert all(tables(project.database, name) == ALL for name in names)


def test_new_tenants_of_a_function_in_the_projects_folders_are_created(
    sqlite: Database, tmp_path: Path
) -> None:
    project = fleet_project(tmp_path / "project", sqlite)
    project.settings(source="fleet_tenants:tenants")
    settings = project.folder / "pyproject.toml"
    settings.write_text(
        settings.read_text().replace("[tool.limbeck]", '[tool.limbeck]\nprepend_sys_path = ["app"]')
    )
    (project.folder / "app").mkdir()
    url = f"sqlite:///{(tmp_path / 'new.db').as_posix()}"
    (project.folder / "app" / "fleet_tenants.py").write_text(
        f"def tenants():\n    return [{{'id': 'new', 'url': {url!r}}}]\n"
    )
    assert project.states() == {"new": "missing"}
    code, results = project.results("create", "new")
    assert code == 0, results
    assert project.states() == {"new": "at head"}
