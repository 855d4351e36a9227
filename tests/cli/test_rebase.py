"""`rebase` and the head file: two heads become one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def _two_heads(folder: Path) -> CliProject:
    project = CliProject(folder / "project", "sqlite:///x.db")
    project.write("a1")
    project.write("b2", down="a1")
    project.write("c3", down="a1", doc="mine\n\nRevision ID: c3\nRevises: a1\n")
    project.write("d4", down="c3")
    return project


def test_a_branch_is_rebased_onto_the_other_head(tmp_path: Path) -> None:
    project = _two_heads(tmp_path)
    out = project.check_output("rebase", "d4")
    assert out.startswith("Revision c3 with 1 above it now follows b2 instead of a1 (")
    assert project.check_output("heads") == "d4 (head)\n"
    text = (project.versions / "c3_.py").read_text("utf-8")
    assert "Revises: b2" in text
    assert "down_revision = 'b2'" in text


def test_the_new_head_is_determined_by_git(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "sqlite:///x.db")
    project.write("a1")
    project.write("b2", down="a1")
    _git(project.folder, "init", "-q")
    done = project.run("rebase")
    assert (done.code, "There is only one head" in done.out) == (255, True)
    _git(project.folder, "add", ".")
    _git(project.folder, "commit", "-qm", "all")
    project.write("c3", down="a1")
    assert "c3 now follows b2" in project.check_output("rebase")


def test_without_git_the_revision_has_to_be_named(tmp_path: Path) -> None:
    done = _two_heads(tmp_path).run("rebase")
    assert done.code == 255
    assert "The head to move is ambiguous: b2, d4" in done.out
    assert "`rebase b2 --onto d4`" in done.err


def test_applied_revisions_are_not_rebased(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1")
    project.write("b2", down="a1")
    project.write("c3", down="a1")
    project.check_output("upgrade", "c3")
    done = project.run("rebase", "c3")
    assert (done.code, "Already applied to the database: c3" in done.out) == (255, True)
    project.check_output("downgrade", "a1")
    project.check_output("rebase", "c3")
    project.check_output("upgrade", "head")
    assert project.check_output("current") == "c3 (head)\n"


def test_rebase_without_a_database_warns_and_continues(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    project.write("a1")
    project.write("b2", down="a1")
    project.write("c3", down="a1")
    done = project.run("rebase", "c3")
    assert done.code == 0
    assert "Could not check whether the revisions are applied" in done.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("b2", "--onto", "d4"), None),
        (("a1", "--onto", "d4"), "a1 is already an ancestor of d4"),
        (("d4", "--onto", "c3"), "d4 already follows c3"),
        (("e5", "--onto", "f6"), "has several first revisions"),
        (("a1",), "There is no other head to move a1 after"),
        (("base", "--onto", "d4"), "base cannot be rebased"),
        (("nothing",), "Can't locate revision identified by 'nothing'"),
    ],
)
def test_revisions_that_cannot_be_rebased_are_refused(
    tmp_path: Path, words: tuple[str, ...], expected: str | None
) -> None:
    project = _two_heads(tmp_path)
    project.write("f6", down="a1")
    project.write("e5", down=("b2", "d4"))
    done = project.run("rebase", *words)
    assert done.code == (0 if expected is None else 255), done.text
    assert (expected or "now follows d4") in done.out


def test_rebase_updates_the_head_file(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "sqlite:///x.db")
    head_file = project.folder / "migs" / "heads.txt"
    head_file.touch()
    project.check_output("revision", "-m", "one", "--rev-id", "a1")
    project.check_output("revision", "-m", "two", "--rev-id", "b2")
    assert head_file.read_text("utf-8").endswith("\nb2\n")
    project.check_output("revision", "-m", "three", "--rev-id", "c3", "--head", "a1", "--splice")
    assert head_file.read_text("utf-8").endswith("\nb2\nc3\n")
    project.check_output("merge", "heads", "-m", "both", "--rev-id", "d4")
    assert head_file.read_text("utf-8").endswith("\nd4\n")


def test_rebase_resolves_a_conflict_of_the_head_file(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "sqlite:///x.db")
    (project.folder / "migs" / "heads.txt").touch()
    project.check_output("revision", "-m", "one", "--rev-id", "a1")
    _git(project.folder, "init", "-q", "-b", "main")
    _git(project.folder, "add", ".")
    _git(project.folder, "commit", "-qm", "one")
    _git(project.folder, "checkout", "-qb", "mine")
    project.check_output("revision", "-m", "mine", "--rev-id", "c3")
    _git(project.folder, "add", ".")
    _git(project.folder, "commit", "-qm", "mine")
    _git(project.folder, "checkout", "-q", "main")
    project.check_output("revision", "-m", "theirs", "--rev-id", "b2")
    _git(project.folder, "add", ".")
    _git(project.folder, "commit", "-qm", "theirs")
    with pytest.raises(subprocess.CalledProcessError):
        _git(project.folder, "merge", "mine")
    assert "<<<<<<<" in (project.folder / "migs" / "heads.txt").read_text("utf-8")
    # git lists the file of the other branch as new, but it is committed there
    done = project.run("rebase")
    assert (done.code, "The head to move is ambiguous: b2, c3" in done.out) == (255, True)
    project.check_output("rebase", "c3")
    assert (project.folder / "migs" / "heads.txt").read_text("utf-8").endswith("\nc3\n")
    assert project.check_output("history").splitlines()[0] == "b2 -> c3 (head), mine"


@pytest.mark.parametrize(
    ("options", "expected"),
    [(("-t", "declared"), True), (("--head-file",), True), ((), False)],
)
def test_init_writes_a_head_file(tmp_path: Path, options: tuple[str, ...], expected: bool) -> None:
    project = CliProject(tmp_path / "project", "sqlite:///x.db")
    project.check_output("init", *options, "other")
    assert (project.folder / "other" / "heads.txt").is_file() is expected


def test_heads_check_compares_the_head_file(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "sqlite:///x.db")
    project.write("a1")
    assert project.check_output("heads", "--check") == "a1 (head)\n"
    project.check_output("heads", "--fix")
    project.check_output("heads", "--check")
    project.write("b2", down="a1")
    done = project.run("heads", "--check")
    assert (done.code, "names a1, but the history ends at b2" in done.out) == (255, True)
    project.check_output("heads", "--fix", "--check")
    head_file = project.folder / "migs" / "heads.txt"
    head_file.write_text("<<<<<<< HEAD\nb2\n=======\nc3\n>>>>>>> mine\n", "utf-8")
    assert "is in conflict" in project.run("heads", "--check").out


def test_a_file_that_cannot_be_edited_is_not_changed(tmp_path: Path) -> None:
    project = _two_heads(tmp_path)
    path = project.versions / "c3_.py"
    text = path.read_text("utf-8").replace("down_revision = 'a1'", "down_revision = 'a' + '1'")
    path.write_text(text, "utf-8")
    done = project.run("rebase", "d4")
    assert (done.code, "`down_revision` is not written as plain text" in done.out) == (255, True)
    assert path.read_text("utf-8") == text
