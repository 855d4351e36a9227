"""From an application's models to its first migrated table, with `init` in the native style."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import on_terminal

MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    package = tmp_path / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "models.py").write_text(MODELS)
    (tmp_path / ".env").write_text("DATABASE_URL='sqlite:///app.db'\n")
    return tmp_path


def run(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    hidden = {"DATABASE_URL", "LIMBECK_ENV"}
    known = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "limbeck", *words],
        cwd=folder, capture_output=True, text=True, check=False, env={**known, **environ},
    )  # fmt: skip


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return {name for (name,) in rows}


def test_three_commands_lead_to_the_first_table(shop: Path) -> None:
    made = run(shop, "init", "--style", "native")
    assert made.returncode == 0, made.stderr
    assert "Models:   shop.models:Base.metadata" in made.stdout
    assert "Database: ${DATABASE_URL}" in made.stdout
    assert made.stdout.rstrip().endswith("limbeck upgrade")
    drafted = run(shop, "revision", "--autogenerate", "-m", "first tables", "--no-verify")
    assert drafted.returncode == 0, drafted.stderr
    assert run(shop, "upgrade").returncode == 0
    assert "book" in tables(shop / "app.db")


def test_without_a_terminal_and_options_nothing_is_asked(shop: Path) -> None:
    done = run(shop, "init")
    assert done.returncode == 2
    assert "the following arguments are required: directory" in done.stderr
    assert run(shop, "init", "alembic").returncode == 0
    assert (shop / "alembic" / "env.py").is_file()


def test_on_a_terminal_it_asks_and_checks_the_answers(shop: Path) -> None:
    answers = ("neither", "", "src", "migrations", "nonsense", "", "")
    code, shown = on_terminal(shop, "init", answers=answers)
    assert code == 0, shown
    assert "Answer native or alembic." in shown
    assert "src exists and is not empty" in shown
    assert "Write the module, a colon" in shown
    text = (shop / "pyproject.toml").read_text()
    assert 'metadata = "shop.models:Base.metadata"' in text
    assert 'url = "${DATABASE_URL}"' in text
    assert 'prepend_sys_path = [".", "src"]' in text


def test_named_environments_and_a_url_choose_the_database(shop: Path) -> None:
    run(shop, "init", "--style", "native")
    with (shop / "pyproject.toml").open("a") as file:
        file.write('\n[tool.limbeck.env.staging]\nurl = "sqlite:///staging.db"\n')
    run(shop, "revision", "--autogenerate", "-m", "one", "--no-verify")
    assert run(shop, "upgrade", "--env", "staging").returncode == 0
    assert run(shop, "upgrade", LIMBECK_ENV="staging").returncode == 0
    assert not (shop / "app.db").exists() or "book" not in tables(shop / "app.db")
    assert run(shop, "upgrade", "--url", "sqlite:///other.db").returncode == 0
    assert "book" in tables(shop / "staging.db")
    assert "book" in tables(shop / "other.db")
    assert "1 revision" in run(shop, "plan", "--no-scratch").stdout
    for words in (("plan",), ("plan", "--env", "staging"), ("test",)):
        url = () if "--env" in words else ("--url", "sqlite:///other.db")
        done = run(shop, *words, *url)
        assert (done.returncode, "not measured" in done.stdout) == (0, False), done.stderr
    assert "nothing to do" in run(shop, "plan", "--env", "staging").stdout
    wrong = run(shop, "current", "--env", "stagin")
    assert wrong.returncode == 255
    assert "did you mean staging?" in wrong.stderr


def test_no_models_are_needed_but_to_compare(shop: Path) -> None:
    run(shop, "init", "--style", "native")
    run(shop, "revision", "--autogenerate", "-m", "one", "--no-verify")
    (shop / "src" / "shop" / "models.py").write_text("import something_that_is_not_there\n")
    for words in (("heads",), ("current",), ("upgrade",), ("status",), ("downgrade", "-1")):
        done = run(shop, *words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    run(shop, "upgrade")
    checked = run(shop, "check")
    assert checked.returncode == 255
    assert "something_that_is_not_there" in checked.stdout


def test_hooks_listeners_and_logging_are_named(shop: Path) -> None:
    run(shop, "init", "--style", "native")
    (shop / "src" / "shop" / "hooks.py").write_text(
        "def include(object_, name, type_, reflected, compare_to):\n"
        "    return name != 'extra'\n\n\n"
        "def edit(context, revision, directives):\n"
        "    directives[0].message = 'edited'\n\n\n"
        "def listen(engine):\n"
        "    print('listening to', engine.url.database)\n"
    )
    text = (shop / "pyproject.toml").read_text()
    settings = (
        'include_object = "shop.hooks:include"\nprocess_revision_directives = "shop.hooks:edit"\n'
        'listeners = "shop.hooks:listen"\nlogging = "INFO"\n'
    )
    (shop / "pyproject.toml").write_text(
        text.replace("script_location", settings + "script_location", 1)
    )
    sqlite3.connect(shop / "app.db").execute("CREATE TABLE extra (id INTEGER)").connection.close()
    done = run(shop, "revision", "--autogenerate", "-m", "one", "--no-verify")
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = (shop / "migrations" / "versions").glob("*_edited.py")
    assert "extra" not in written.read_text()
    done = run(shop, "upgrade")
    assert "listening to app.db" in done.stdout
    assert "Running upgrade" in done.stderr


def test_several_databases_are_tables_of_the_configuration(shop: Path) -> None:
    run(shop, "init", "-t", "declared_multidb", "migrations")
    text = (shop / "pyproject.toml").read_text()
    text = text.replace("driver://user:pass@localhost/dbname2", "sqlite:///two.db")
    text = text.replace("driver://user:pass@localhost/dbname", "sqlite:///one.db")
    text = text.replace("myapp.models2:Base", "shop.more:Base").replace(
        "myapp.models:Base", "shop.models:Base"
    )
    (shop / "pyproject.toml").write_text(text)
    (shop / "src" / "shop" / "more.py").write_text(
        MODELS.replace("Book", "Pen").replace("book", "pen")
    )
    (shop / "pyproject.toml").write_text(text.replace('prepend_sys_path = ["."]', ""))
    drafted = run(shop, "revision", "--autogenerate", "-m", "one", "--no-verify")
    assert drafted.returncode == 0, drafted.stdout + drafted.stderr
    done = run(shop, "upgrade")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("book" in tables(shop / "one.db"), "pen" in tables(shop / "one.db")) == (True, False)
    assert ("book" in tables(shop / "two.db"), "pen" in tables(shop / "two.db")) == (False, True)


def test_the_script_replays_the_first_table() -> None:
    script = Path(__file__).parents[2] / "scripts" / "first_table.py"
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, env=environ
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 commands" in done.stdout


def test_init_reports_the_models_of_settings_that_exist(shop: Path) -> None:
    (shop / "pyproject.toml").write_text(
        '[tool.limbeck]\nscript_location = "migrations"\nurl = "sqlite:///other.db"\n'
        'metadata = "crm.tables:metadata"\nprepend_sys_path = ["lib"]\n'
    )
    made = run(shop, "init", "--style", "native")
    assert made.returncode == 0, made.stderr
    assert "Models:   crm.tables:metadata" in made.stdout
    assert "Database: sqlite:///other.db" in made.stdout
    assert "set `metadata`" not in made.stdout
