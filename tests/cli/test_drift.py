"""Drift: a history that was changed after a database had applied it."""

from __future__ import annotations

import json
import marshal
import os
import shutil
import time
from binascii import crc32
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.startup.header_cache import FORMAT, NAME
from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_failures import BASE, ROW, rows, tables
from tests.servers import Database


def _line(project: CliProject) -> None:
    project.write("a1", BASE, downgrade="op.drop_table('one')")
    project.write("b2", ROW.format(2), down="a1")
    project.write("c3", ROW.format(3), down="b2", doc="päge ☃")
    project.check_output("upgrade", "head")


def test_an_edited_applied_file_is_reported(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    path = project.versions / "b2_.py"
    text = path.read_text("utf-8")
    path.write_text("# a comment\n" + text, "utf-8")
    assert "edited" not in project.run("upgrade", "head").text
    path.write_text(text.replace("(2)", "(22)"), "utf-8")
    done = project.run("upgrade", "head")
    assert done.code == 0
    assert "Revision b2 was edited after it had been applied" in done.err
    assert "b2_.py" in done.err
    project.check_output("restore", "--accept", "b2")
    assert "edited" not in project.run("upgrade", "head").text
    assert rows(database) == [2, 3]


def test_a_corrected_downgrade_is_not_reported(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", BASE, downgrade="op.drop_table('wrong')")
    project.check_output("upgrade", "head")
    assert project.run("downgrade", "base", "-y").code == 1
    path = project.versions / "a1_.py"
    path.write_text(path.read_text("utf-8").replace("'wrong'", "'one'"), "utf-8")
    assert "edited" not in project.run("status").text
    assert "edited" not in project.run("downgrade", "base", "-y").text
    assert "one" not in tables(database)


def test_an_inserted_revision_is_reported_and_can_be_run(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.write("x9", ROW.format(9), down="b2")
    path = project.versions / "c3_.py"
    path.write_text(path.read_text("utf-8").replace("= 'b2'", "= 'x9'"), "utf-8")
    project.write("d4", ROW.format(4), down="c3")
    done = project.run("upgrade", "head")
    assert done.code == 0
    assert "Revision x9 (" in done.err
    assert "--include-missing" in done.err
    assert "edited" not in done.err
    assert rows(database) == [2, 3, 4]
    done = project.run("upgrade", "--include-missing", "head")
    assert "-> x9" in done.err
    assert rows(database) == [2, 3, 4, 9]
    assert "x9" not in project.run("upgrade", "--include-missing", "head").err
    assert project.check_output("current") == "d4 (head)\n"


def test_a_deleted_file_is_reported_and_restored(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    before = {path.name: path.read_bytes() for path in project.versions.glob("*.py")}
    for name in ("b2_.py", "c3_.py"):
        (project.versions / name).unlink()
    for command in (("upgrade", "head"), ("current",), ("downgrade", "base")):
        done = project.run(*command)
        assert done.code == 255
        assert "Can't locate revision identified by 'c3'" in done.out
        assert "it was applied on 20" in done.out
        assert "@" in done.out
        assert "`restore c3`" in done.err
    project.check_output("restore")
    assert {path.name: path.read_bytes() for path in project.versions.glob("*.py")} == before
    project.check_output("downgrade", "base")


def test_a_deleted_file_with_successors_is_restored(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    (project.versions / "b2_.py").unlink()
    done = project.run("upgrade", "head")
    assert done.code == 255
    assert "Revision b2 referenced from c3 is not present" in done.out
    assert "it was applied on 20" in done.out
    project.check_output("restore", "b2")
    project.check_output("upgrade", "head")


def test_restore_never_writes_outside_of_the_version_location(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    (project.versions / "c3_.py").unlink()
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE limbeck_journal SET trace = replace(trace, 'c3_.py', '../../evil.sh')"
            " WHERE revision = 'c3'"
        )
    done = project.run("restore")
    assert done.code == 255
    assert "is not valid" in done.out
    assert not list(tmp_path.rglob("evil*"))
    done = project.run("restore", "b2")
    assert "b2 has a file, which `restore` does not replace" in done.out
    assert "Move the file away" in done.err


def test_without_a_journal_the_next_step_is_shown(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite, extra="journal = off")
    _line(project)
    assert tables(sqlite) == {"alembic_version", "one"}
    (project.versions / "c3_.py").unlink()
    done = project.run("upgrade", "head")
    assert done.code == 255
    assert "no file of this project has it" in done.out
    assert "version control" in done.err


def test_projects_of_alembic_keep_no_journal(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    text = project.env_py.read_text("utf-8").replace("from limbeck import", "from alembic import")
    project.env_py.write_text(text, "utf-8")
    _line(project)
    assert tables(database) == {"alembic_version", "one"}


def test_the_journal_is_dropped_with_the_last_revision(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    assert "limbeck_journal" in tables(database)
    project.check_output("downgrade", "base")
    assert tables(database) == {"alembic_version"}


def test_contradictory_version_rows_are_reported(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    with database.engine(poolclass=sa.NullPool) as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('a1')")
    done = project.run("upgrade", "head")
    assert done.code == 255
    assert "version rows contradict each other" in done.out
    assert "stamp --purge c3" in done.err
    assert "contradict" in project.run("current").err
    project.check_output("stamp", "--purge", "c3")
    project.check_output("upgrade", "head")


def test_an_identifier_longer_than_the_column_widens_it(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    long = "l" * 60
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    project.write(long, ROW.format(1), down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert "Widening" in done.err
    assert project.check_output("current") == f"{long} (head)\n"


@pytest.mark.parametrize("word", ["head", "heads", "base", "current"])
def test_reserved_words_are_refused_as_identifiers(
    sqlite: Database, tmp_path: Path, word: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    done = project.run("revision", "-m", "x", "--rev-id", word)
    assert done.code == 255
    assert list(project.versions.glob("*.py")) == []
    project.write(word)
    done = project.run("heads")
    assert done.code == 255
    assert f"The word '{word}'" in done.out
    assert f"{word}_.py" in done.err


def _cycle(project: CliProject) -> None:
    project.write("z1", down="z2")
    project.write("z2", down="z1")


def _twice(project: CliProject) -> None:
    shutil.copy(project.write("z1"), project.versions / "copy.py")


def _encoded(project: CliProject) -> None:
    (project.versions / "z1.py").write_bytes(b'"""\xff\xfe"""\nrevision = "z1"\n')


def _directory(project: CliProject) -> None:
    (project.versions / "z1.py").mkdir()


def _dangling(project: CliProject) -> None:
    (project.versions / "z1.py").symlink_to("/nowhere/at/all")


def _broken(project: CliProject) -> None:
    (project.versions / "z1.py").write_text("revision = 'z1'\ndown_revision = (\n", "utf-8")


def _nameless(project: CliProject) -> None:
    (project.versions / "z1.py").write_text("down_revision = None\n", "utf-8")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (_cycle, "Cycle is detected in revisions (z1, z2)"),
        (_twice, "Revision z1 is present more than once"),
        (_encoded, "cannot be decoded as utf-8"),
        (_directory, "cannot be read"),
        (_dangling, "cannot be read"),
        (_broken, "z1.py:2"),
        (_nameless, "Could not determine revision id"),
    ],
)
def test_invalid_revision_files_give_one_clear_error(
    sqlite: Database, tmp_path: Path, break_it: object, words: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    break_it(project)  # type: ignore[operator]
    for command in (("heads",), ("upgrade", "head")):
        done = project.run(*command)
        assert done.code == 255, done.text
        assert words in done.out
        assert "next:" in done.err
        assert len(done.text.splitlines()) < 10
    assert tables(sqlite) == set() or tables(sqlite) == {"alembic_version"}


def test_a_missing_version_location_is_reported(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite, extra="version_locations = %(here)s/migs/elsewhere")
    for command in (("heads",), ("upgrade", "head"), ("current",)):
        done = project.run(*command)
        assert done.code == 255, done.text
        assert "elsewhere does not exist" in done.out
        assert "next:" in done.err
    assert tables(sqlite) <= {"alembic_version"}


def test_names_that_are_not_revision_files_are_not_restored(
    sqlite: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, sqlite, extra="journal = keep")
    for id_, down in (("a1", None), ("b2", "a1")):
        project.write(id_, down=down)
    project.check_output("upgrade", "head")
    for path in project.versions.glob("*.py"):
        path.unlink()
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    for name in (
        "/tmp/b2_.py", "../b2_.py", "sub/b2_.py", "..\\b2_.py", "C:b2_.py", "C:\\b2_.py",
        ".b2_.py", "__init__.py", "env.py", "conftest.py", "b2_.pyc", "b2_.sh", "b2_.py\0",
        "b2\0_.py", "b2\n_.py", "b2\u202e_.py", "", ".", "..", ".py",
    ):  # fmt: skip
        with sqlite.engine() as engine, engine.begin() as connection:
            table = sa.table("limbeck_journal", *map(sa.column, ("trace", "revision", "place")))
            of_b2 = (table.c.revision == "b2", table.c.place == 0)
            trace = json.loads(str(connection.scalar(sa.select(table.c.trace).where(*of_b2))))
            changed = json.dumps({**trace, "file": name})
            connection.execute(table.update().where(*of_b2).values(trace=changed))
        done = project.run("restore")
        assert done.code == 255, (name, done.text)
        assert "The file name of b2 in the journal is not valid" in done.out, name
        assert "Nothing was written" in done.err
        after = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
        assert after == before, name


def test_a_source_without_its_password_is_not_verified(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite, extra="journal = keep")
    path = project.write("a1", "password = 's3cr-et'")
    project.check_output("upgrade", "head")
    path.unlink()
    assert "limbeck cannot verify that it is the one that was applied" in project.run("restore").err
    assert "***" in path.read_text()


@pytest.mark.parametrize(
    "change",
    [
        "fingerprint = 'x'",
        'trace = replace(trace, \'"file": "a1_.py"\', \'"file": "env.py"\')',
        "statement = 'eJwDAAAAAAE='",
    ],
)
def test_an_altered_copy_is_not_restored(database: Database, tmp_path: Path, change: str) -> None:
    project = cli_project(tmp_path, database, extra="journal = keep")
    path = project.write("a1")
    project.check_output("upgrade", "head")
    path.unlink()
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE limbeck_journal SET {change} WHERE direction = 'kept'".replace("%", "%%")
        )
    done = project.run("restore", "a1")
    assert done.code == 255, done.text
    assert "Nothing was written" in done.err
    assert not list(project.versions.glob("*.py"))


@pytest.mark.parametrize("suffix", [".py", ".sql"])
def test_a_forged_cache_of_headers_does_not_change_the_order(
    sqlite: Database, tmp_path: Path, suffix: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", BASE)
    project.write("b2", ROW.format(2), down="a1")
    if suffix == ".sql":
        (project.versions / "b2_.py").unlink()
        (project.versions / "b2_.sql").write_text(
            "-- revision: b2\n-- down_revision: a1\n\n-- limbeck: upgrade\nINSERT INTO one VALUES (2);\n"
            "-- limbeck: downgrade\n"
        )
    for path in project.versions.iterdir():
        if path.is_file():
            os.utime(path, ns=(1_000_000_001, 1_000_000_001))
    time.sleep(0.2)  # a file that was changed just now is not cached
    project.check_output("heads")
    cache = project.versions / "__pycache__" / NAME
    body = cache.read_bytes().partition(b"\n")[2]
    rows_ = [
        tuple(() if field == ("a1",) else field for field in row) for row in marshal.loads(body)
    ]
    forged = marshal.dumps(rows_, 4)
    cache.write_bytes(b"%s %08x\n%s" % (FORMAT, crc32(forged), forged))
    assert "b2" in project.check_output("heads")
    done = project.run("upgrade", "heads")
    assert done.code == 255
    assert "than in the cache of headers. Nothing was run" in done.out
    cache.unlink()
    project.check_output("upgrade", "head")
