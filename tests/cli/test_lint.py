"""The command `limbeck lint`, with its text and JSON output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from limbeck.commands.git_files import files_changed_since
from limbeck.errors import LintError
from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

BASE = (
    "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True),"
    " sa.Column('email', sa.String(40)), sa.Column('age', sa.Integer))"
)


def _project(tmp_path: Path, database: Database, change: str) -> CliProject:
    project = cli_project(tmp_path, database)
    project.write("a1", BASE)
    project.write("b2", change, down="a1")
    return project


def _tables(database: Database) -> list[str]:
    with database.engine() as engine:
        return sa.inspect(engine).get_table_names()


def test_a_dangerous_and_a_harmless_revision(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database, "op.drop_table('users')")
    done = project.run("lint", "--json")
    assert done.code == 1
    found = json.loads(done.out)
    assert [one["dangers"] for one in found["findings"]] == [["loses", "breaks"]]
    assert found["findings"][0]["code"] == "LM301"
    assert found["findings"][0]["file"].endswith("b2_.py")
    assert found["findings"][0]["source"] == "measured"
    assert found["server"].startswith(("sqlite", "postgresql", "mysql", "mariadb"))
    harmless = project.run("lint", "a1")
    assert harmless.code == 0, harmless.text
    # the project's own database is as empty as before
    assert _tables(database) == []


def test_a_loop_and_the_bind_are_measured_on_their_lines(
    database: Database, tmp_path: Path
) -> None:
    change = """
        for name in ("one", "two"):
            op.add_column("users", sa.Column(name, sa.Integer))
        op.get_bind().execute(sa.text("DELETE FROM users"))
    """
    project = _project(tmp_path, database, change)
    found = json.loads(project.run("lint", "b2", "--json").out)
    statements = [one["sql"].upper() for one in found["statements"]]
    assert "ONE" in statements[0]
    assert "TWO" in statements[0]
    (finding,) = [one for one in found["findings"] if one["dangers"]]
    assert "loses" in finding["dangers"]
    lines = Path(finding["file"]).read_text("utf-8").splitlines()
    assert "DELETE FROM users" in lines[finding["line"] - 1]


def test_a_comment_accepts_a_finding(sqlite: Database, tmp_path: Path) -> None:
    project = _project(
        tmp_path, sqlite, "op.drop_table('users')  # limbeck: ignore[LM301, LM502] moved away"
    )
    done = project.run("lint")
    assert done.code == 0, done.text
    assert "1 ignored" in done.out


def test_the_statement_of_a_batch_is_what_it_changes(sqlite: Database, tmp_path: Path) -> None:
    change = """
        with op.batch_alter_table("users") as batch_op:
            batch_op.alter_column("email", nullable=False)
    """
    project = _project(tmp_path, sqlite, change)
    (finding,) = json.loads(project.run("lint", "b2", "--json").out)["findings"]
    assert finding["statement"].startswith("CREATE TABLE")
    assert "sqlite_master" not in finding["statement"]


def test_formats_for_programs(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    sarif = json.loads(project.run("lint", "--format", "sarif").out)
    (result,) = sarif["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("LM301", "error")
    suite = ElementTree.fromstring(project.run("lint", "--format", "junit").out)
    assert suite.get("failures") == "1"
    assert project.run("lint", "--format", "github").out.startswith("::error file=")


def test_lint_without_a_server_reports_it(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    done = project.run("lint", "--no-server")
    assert done.code == 1
    assert "linted without a server" in done.out
    assert "LM301" in done.out


def test_a_baseline_accepts_existing_findings(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    path = tmp_path / "accepted.json"
    assert project.run("lint", "--write-baseline", str(path)).code == 0
    assert project.run("lint", "--baseline", str(path)).code == 0


def test_pending_and_since(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    project.check_output("upgrade", "a1")
    found = json.loads(project.run("lint", "--pending", "--json").out)
    assert found["revisions"] == ["b2"]
    _commit(project.versions)
    project.write("c3", "pass", down="b2")
    assert json.loads(project.run("lint", "--since", "HEAD", "--json").out)["revisions"] == ["c3"]
    unknown = project.run("lint", "--since", "nowhere")
    assert unknown.code == 255
    assert "git does not know the reference 'nowhere'" in unknown.text


def test_since_without_a_repository(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    refused = project.run("lint", "--since", "HEAD")
    assert refused.code == 255
    assert "--since needs a git repository" in refused.text


def test_git_runs_as_often_for_many_revisions_as_for_one(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    _commit(project.folder)
    for number in range(20):
        project.write(f"c{number}", "pass", down=f"c{number - 1}" if number else "b2")
    path = project.versions / "b2_.py"
    path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    started: list[list[str]] = []
    run = subprocess.run

    def counted(command: list[str], **options: Any) -> Any:
        started.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    paths = sorted(project.versions.glob("*.py"))
    changed = files_changed_since(paths, "HEAD", folder=project.folder)
    assert changed == {one for one in paths if one.name != "a1_.py"}
    assert len(started) == 3, started


def test_an_unknown_reference_is_refused_without_revisions(
    sqlite: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, sqlite)
    (project.folder / "keep").touch()
    _commit(project.folder)
    assert project.run("lint", "--since", "HEAD").code == 0
    unknown = project.run("lint", "--since", "nowhere")
    assert unknown.code == 255
    assert "git does not know the reference 'nowhere'" in unknown.text


def test_a_git_command_that_fails_is_an_error(tmp_path: Path) -> None:
    """A damaged or partial clone must not look like one without changes."""
    (tmp_path / "a.py").write_text("before")
    _commit(tmp_path)
    command = ["git", "rev-parse", "HEAD^{tree}"]
    tree = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    (tmp_path / ".git" / "objects" / tree[:2] / tree[2:].strip()).unlink()
    with pytest.raises(LintError, match=r"git diff .* fails"):
        files_changed_since([tmp_path / "a.py"], "HEAD", folder=tmp_path)


def test_files_of_several_working_trees(tmp_path: Path) -> None:
    """Each file is compared with the reference of its own repository; names may have spaces."""
    trees = [tmp_path / "one", tmp_path / "one" / "inner two"]
    for tree in trees:
        tree.mkdir()
        (tree / "same ä.py").write_text("same")
        (tree / "changed.py").write_text("before")
    for tree in reversed(trees):
        _commit(tree)
        (tree / "changed.py").write_text("after")
        (tree / "new.py").write_text("new")
    paths = [tree / name for tree in trees for name in ("same ä.py", "changed.py", "new.py")]
    changed = files_changed_since(paths, "HEAD", folder=tmp_path)
    assert changed == {path for path in paths if "same" not in path.name}


MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True){columns})
"""
NATIVE = """
[tool.limbeck]
script_location = "migs"
url = "{url}"
metadata = "models:metadata"
"""


def _native(tmp_path: Path, database: Database, columns: str) -> CliProject:
    """Return a project whose models have the column id and some others."""
    project = _project(tmp_path, database, "op.drop_column('users', 'age')")
    (project.folder / "models.py").write_text(MODELS.format(columns=columns), "utf-8")
    url = database.url.render_as_string(hide_password=False)
    (project.folder / "pyproject.toml").write_text(NATIVE.format(url=url), "utf-8")
    for name in ("alembic.ini", "migs/env.py"):
        (project.folder / name).unlink(missing_ok=True)
    return project


def _dangers(project: CliProject, *arguments: str) -> list[list[str]]:
    found = json.loads(project.run("lint", *arguments, "--json").out)
    assert not found["notes"], found["notes"]
    return [one["dangers"] for one in found["findings"] if one["severity"] != "notice"]


EMAIL, AGE = ', sa.Column("email", sa.String(40))', ', sa.Column("age", sa.Integer)'


def test_the_running_release_is_that_of_a_git_reference(database: Database, tmp_path: Path) -> None:
    """A column that the models at the reference do not have can go without breaking them."""
    project = _native(tmp_path, database, EMAIL)
    _commit(project.folder)
    (project.folder / "models.py").write_text(MODELS.format(columns=""), "utf-8")
    (project.versions / "b2_.py").write_text(
        (project.versions / "b2_.py").read_text("utf-8") + "\n# changed\n", "utf-8"
    )
    assert ["loses", "breaks"] not in _dangers(project, "--since", "HEAD")
    assert [one for one in _dangers(project, "b2") if "breaks" in one]
    project.write("c3", "op.drop_column('users', 'email')", down="b2")
    assert [one for one in _dangers(project, "--since", "HEAD") if "breaks" in one]


def test_the_running_release_of_a_revision_after_it_has_the_current_models(
    sqlite: Database, tmp_path: Path
) -> None:
    project = _native(tmp_path, sqlite, EMAIL)
    assert [one for one in _dangers(project) if "breaks" in one]
    path = project.versions / "b2_.py"
    path.write_text(path.read_text("utf-8") + '\nphase = "after"\n', "utf-8")
    assert not [one for one in _dangers(project) if "breaks" in one]
    (project.folder / "models.py").write_text(MODELS.format(columns=AGE), "utf-8")
    assert [one for one in _dangers(project) if "breaks" in one]


def test_models_that_cannot_be_read_at_the_reference(sqlite: Database, tmp_path: Path) -> None:
    project = _native(tmp_path, sqlite, "no Python")
    _commit(project.folder)
    (project.folder / "models.py").write_text(MODELS.format(columns=AGE), "utf-8")
    project.write("c3", "op.drop_column('users', 'email')", down="b2")
    found = json.loads(project.run("lint", "--since", "HEAD", "--json").out)
    (note,) = found["notes"]
    assert note.startswith("the schema is used, because the models at HEAD were not read: ")
    assert "breaks" in found["findings"][0]["dangers"]


def _commit(folder: Path) -> None:
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "one")):
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_two_ways_to_name_revisions_are_refused(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "pass")
    done = project.run("lint", "b2", "--pending")
    assert done.code == 255
    assert "Several of a range, --since and --pending" in done.text


def test_fix_writes_the_safe_form(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql, "op.create_index('ix_age', 'users', ['age'])")
    done = project.run("lint", "--fix")
    assert done.code == 1
    assert "1 statement replaced" in done.out
    text = (project.versions / "b2_.py").read_text("utf-8")
    assert 'op.execute("CREATE INDEX CONCURRENTLY ix_age ON users (age)")' in text
    again = project.run("lint")
    assert again.code == 0, again.text


def test_a_rule_of_a_package(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    package = project.folder / "our_rules-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: our-rules\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[limbeck.lint]\nnames = our_rules:check\n")
    (project.folder / "our_rules.py").write_text(
        "from limbeck.lint import Finding\n"
        "def check(statement):\n"
        "    if 'DROP' in statement.sql:\n"
        "        yield Finding('OUR01', 'warning', 'Nothing is dropped here.')\n"
    )
    command = [sys.executable, "-m", "limbeck", "lint", "--json"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project.folder), *sys.path])}
    done = subprocess.run(
        command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False
    )
    codes = {one["code"] for one in json.loads(done.stdout)["findings"]}
    assert codes == {"LM301", "OUR01"}, done.stderr


def test_rules_can_be_ignored_for_some_files(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.drop_table('users')")
    ini = next(tmp_path.rglob("*.ini"))
    plain = ini.read_text()
    for setting, codes in (
        ("b2*.py: LM301, LM502", []),
        ("versions/b2*.py: LM301", ["LM502"]),
        ("a1*.py: LM301, LM502", ["LM301"]),
    ):
        ini.write_text(plain.replace("[alembic]", f"[alembic]\nlint_ignore_files = {setting}"))
        found = json.loads(project.run("lint", "--json").out)
        assert [one["code"] for one in found["findings"]] == codes, setting
    ini.write_text(plain.replace("[alembic]", "[alembic]\nlint_ignore_files = b2.py"))
    assert project.run("lint").code == 255


def test_optional_rules_are_switched_on(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.execute('CREATE TABLE t (id INTEGER)')")
    ini = next(tmp_path.rglob("*.ini"))
    plain = ini.read_text()
    for setting, codes in (("", []), ("no-primary-key", ["LM806"]), ("style", ["LM806"])):
        ini.write_text(plain.replace("[alembic]", f"[alembic]\nlint_rules = {setting}"))
        for more in ((), ("--no-server",)):
            found = json.loads(project.run("lint", "--json", *more).out)
            assert [one["code"] for one in found["findings"]] == codes, (setting, more)
    ini.write_text(plain.replace("[alembic]", "[alembic]\nlint_rules = LM301"))
    refused = project.run("lint")
    assert refused.code == 255
    assert "LB634" in refused.text


def test_a_password_is_reported_and_not_shown(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql, "op.execute(\"CREATE ROLE app PASSWORD 'hunter2'\")")
    for more in ((), ("--no-server",)):
        done = project.run("lint", "--json", *more)
        assert done.code == 1, done.text
        assert "LM702" in {one["code"] for one in json.loads(done.out)["findings"]}
        assert "hunter2" not in done.text
