"""`--json`: every command prints one document, which its published schema describes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from limbeck.cli.arguments import COMMANDS
from tests.api.native_project import native_project
from tests.cli.project_fixture import Done, Running, finish
from tests.servers import Database

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "json"
# every command of the option table, with each of its actions
EVERY = {
    name
    for spec in COMMANDS
    for name in ([f"{spec.name} {one.name}" for one in spec.actions] or [spec.name])
}
# `mcp` uses its own protocol
WITHOUT = {"mcp"}
# one command after the other, on a database that is empty at first
STORY = (
    "heads",
    "history -i",
    "show head",
    "branches",
    "list_templates",
    "completion bash",
    "current",
    "status",
    "plan",
    "upgrade aa11:head --sql",
    "ensure_version --sql",
    "ensure_version",
    "upgrade",
    "current",
    "status",
    "history -i",
    "check",
    "lint --no-server bb22",
    "verify bb22",
    "test",
    "downgrade -1",
    "stamp head",
    "stamp head --sql",
    "recover --forget",
    "revision -m third --rev-id cc33",
    "revision -m other --rev-id dd44 --head bb22 --splice",
    "branches",
    "merge -m both --rev-id ee55 heads",
    "edit cc33",
    "schema bb22 --dialect sqlite",
    "snapshot bb22",
    "snapshot --check",
    "stats",
    "stats -o stats.json",
    "testdb create test_copy.db",
    "testdb drop test_copy.db",
    "testdb prune",
    "squash aa11:bb22 --rev-id ff66",
    "squash --finish",
)
FLEET = (
    ("status", "fleet_status", 10),
    ("plan", "fleet_plan", 10),
    ("upgrade", "fleet_result", 10),
    ("upgrade --tenant data*", "fleet_result", 0),
    ("check --tenant data*", "fleet_result", 0),
    ("downgrade aa11 --yes", "fleet_result", 10),
    ("stamp head --tenant data*", "fleet_result", 0),
    ("create --url sqlite:///new.db new.db", "fleet_result", 0),
    ("stamp aa11 --tenant data*", "fleet_result", 0),
    ("upgrade --canary 1", "fleet_result", 12),  # the first one is missing
)
# what the tests below run where the files have to be changed first
PREPARED = {"rebase", "restore", "init", "adopt"}


def command_of(words: str) -> str:
    """Return the command of a line, with its action."""
    first, second = (*words.split(), "")[:2]
    return f"{first} {second}" if f"{first} {second}" in EVERY else first


def run(folder: Path, words: str, **environment: str) -> Done:
    given = {"EDITOR": "true", "VISUAL": "true", **environment}
    return finish(Running(folder, words.split(), given))


def document(command: str, text: str) -> object:
    """Return the document on stdout, after validating it."""
    found = json.loads(text)
    schema = json.loads((FOLDER / f"{command}.schema.json").read_text())
    Draft202012Validator(schema).validate(found)
    return found


def test_every_command_prints_json_that_matches_its_schema(
    tmp_path: Path, sqlite: Database
) -> None:
    native_project(tmp_path, sqlite.address)
    for words in STORY:
        done = run(tmp_path, f"{words} --json")
        assert done.code == 0, (words, done.text)
        document(command_of(words).replace(" ", "_"), done.out)


def test_json_of_commands_that_need_other_files_matches_the_schema(
    tmp_path: Path, sqlite: Database
) -> None:
    native_project(tmp_path, sqlite.address)
    for words in (
        "revision -m a --rev-id cc33",
        "revision -m b --rev-id dd44 --head bb22 --splice",
    ):
        assert run(tmp_path, words).code == 0
    done = run(tmp_path, "rebase --json cc33")
    assert document("rebase", done.out) == {
        "revision": "cc33", "before": "bb22", "after": "dd44", "moved": ["cc33"],
    }  # fmt: skip
    missing = tmp_path / "migrations" / "versions" / "bb22_.py"
    assert run(tmp_path, "upgrade bb22").code == 0
    missing.unlink()
    restored = run(tmp_path, "restore --json bb22")
    assert document("restore", restored.out)["paths"] == [str(missing)]  # type: ignore[index]
    (tmp_path / "new").mkdir()
    document("init", run(tmp_path / "new", "init --json migrations").out)
    assert run(tmp_path, "stamp --purge base").code == 0
    assert document("adopt", run(tmp_path, "adopt --json --yes").out) == {
        "revisions": ["cc33"], "exact": True, "stamped": True, "differences": [],
    }  # fmt: skip


def test_every_json_line_of_a_fleet_matches_the_schema(tmp_path: Path, sqlite: Database) -> None:
    native_project(tmp_path, sqlite.address)
    (tmp_path / "data").mkdir()
    for number in range(3):
        (tmp_path / "data" / f"{number}.db").touch()
    path = tmp_path / "pyproject.toml"
    path.write_text(
        f'{path.read_text()}\n[tool.limbeck.fleet]\nfiles = "data/*.db"\nretries = 0\n'
        'tenants = [{id = "gone", url = "sqlite:///nowhere.db", group = "old"}]\n'
    )
    for words, kind, code in FLEET:
        done = run(tmp_path, f"fleet {words} --json")
        assert done.code == code, (words, done.text)
        lines = [document(kind, line) for line in done.out.splitlines()]
        assert len(lines) >= 2 or words.startswith("create"), words
        has_counts = "summary" in lines[-1]  # type: ignore[operator]
        assert has_counts == (kind == "fleet_result")
    done = run(tmp_path, "fleet status --json --tenant nobody")
    assert document("error", done.out)


def test_every_command_of_the_option_table_is_run() -> None:
    run_here = {command_of(words) for words in STORY}
    run_here |= {f"fleet {words.split()[0]}" for words, _, _ in FLEET}
    assert run_here | PREPARED | WITHOUT == EVERY
    specs = [one for spec in COMMANDS for one in (spec.actions or (spec,))]
    assert {spec.name for spec in specs if "json" not in spec.arguments} == WITHOUT


def test_schemas_are_up_to_date() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "make_json_schemas.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("upgrade --json nothing", "LB201", "nothing"),
        ("check --json", "LB405", "not up to date"),
        ("show --json nothing", "LB201", "nothing"),
    ],
)
def test_an_error_is_a_json_document(
    tmp_path: Path, sqlite: Database, words: str, code: str, message: str
) -> None:
    native_project(tmp_path, sqlite.address)
    done = run(tmp_path, words)
    assert done.code == 255
    error = document("error", done.out)["error"]  # type: ignore[index]
    assert error["code"] == code
    assert message in error["message"]
    assert error["hint"]
    assert "FAILED" in done.err


def test_an_error_after_a_document_is_on_stderr(tmp_path: Path, sqlite: Database) -> None:
    native_project(tmp_path, sqlite.address)
    done = run(tmp_path, "current --json --check-heads")
    assert done.code == 255
    document("current", done.out)
    assert "not on all head revisions" in done.err


def test_the_document_of_a_failed_migration_lists_completed_moves(
    tmp_path: Path, sqlite: Database
) -> None:
    native_project(tmp_path, sqlite.address)
    path = tmp_path / "migrations" / "versions" / "bb22_.py"
    path.write_text(path.read_text().replace('"shop"', '"nowhere"'))
    done = run(tmp_path, "upgrade --json")
    assert done.code == 1
    error = document("error", done.out)["error"]  # type: ignore[index]
    assert "bb22" in error["message"]


def filled(folder: Path, database: Database) -> None:
    native_project(folder, database.address)
    assert run(folder, "upgrade").code == 0
    with database.engine(poolclass=sa.NullPool) as engine, engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO shop VALUES (1, 'one')"))


def test_a_downgrade_that_loses_rows_needs_yes(tmp_path: Path, database: Database) -> None:
    filled(tmp_path, database)
    done = run(tmp_path, "downgrade aa11 --json")
    assert done.code == 255
    error = document("error", done.out)["error"]  # type: ignore[index]
    assert error["code"] == "LB352"
    assert "drops column shop.name, which has a value in 1 row" in error["message"]
    assert "--yes" in error["hint"]
    assert "bb22 (head)" in run(tmp_path, "current").out
    done = run(tmp_path, "downgrade aa11 --json --yes")
    report = document("downgrade", done.out)
    assert [one["revision"] for one in report["moves"]] == ["bb22"]  # type: ignore[index]
    assert "drops column shop.name" in report["data_loss"][0]  # type: ignore[index]


def test_an_upgrade_that_loses_rows_is_announced(tmp_path: Path, sqlite: Database) -> None:
    filled(tmp_path, sqlite)
    path = tmp_path / "migrations" / "versions" / "cc33_.py"
    text = (path.parent / "bb22_.py").read_text()
    text = text.replace('"aa11"', '"bb22"', 1).replace('revision = "bb22"', 'revision = "cc33"', 1)
    text = text.replace(
        'op.add_column("shop", sa.Column("name", sa.String(30)))', 'op.drop_table("shop")'
    )
    path.write_text(text.replace('down_revision = "aa11"', 'down_revision = "bb22"'))
    pyproject = tmp_path / "pyproject.toml"
    strict = pyproject.read_text() + 'data_loss = "refuse"\n'
    usual = pyproject.read_text()
    pyproject.write_text(strict)
    done = run(tmp_path, "upgrade --json")
    assert (done.code, json.loads(done.out)["error"]["code"]) == (255, "LB352")
    pyproject.write_text(usual)
    done = run(tmp_path, "upgrade --json")
    assert done.code == 0
    assert "drops table shop, which holds 1 row" in json.loads(done.out)["data_loss"][0]
    assert "drops table shop, which holds 1 row" in done.err
