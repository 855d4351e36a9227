"""The hooks for pre-commit, run by pre-commit, and the jobs for GitHub and GitLab by their schemas."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
REVISION = """
from alembic import op
import sqlalchemy as sa
revision = {id!r}
down_revision = {down!r}


def upgrade():
    {body}


def downgrade():
    pass
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs of pre-commit and check-jsonschema."""
    folder = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-q"]
    subprocess.run([*pip, "pre-commit", "check-jsonschema"], check=True)
    return folder / "bin"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A git repository with a project of two revisions; the second drops a table."""
    folder = tmp_path / "project"
    folder.mkdir()
    command = [sys.executable, "-m", "limbeck", "init", "migrations", "-t", "generic"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    ini = folder / "alembic.ini"
    text = ini.read_text("utf-8")
    url = "sqlalchemy.url = sqlite:///shop.db"
    ini.write_text(re.sub(r"^sqlalchemy\.url = .*", url, text, flags=re.MULTILINE), "utf-8")
    _write(folder, "a1", None, "op.create_table('users', sa.Column('id', sa.Integer))")
    _write(folder, "b2", "a1", "op.drop_table('users')")
    # pre-commit fails where a hook changes a file of the repository
    (folder / ".gitignore").write_text("__pycache__/\n", "utf-8")
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return folder


def _write(folder: Path, id_: str, down: str | None, body: str) -> None:
    path = folder / "migrations" / "versions" / f"{id_}_.py"
    path.write_text(REVISION.format(id=id_, down=down, body=body), "utf-8")


def _hook(programs: Path, project: Path, name: str) -> subprocess.CompletedProcess[str]:
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    command = [programs / "pre-commit", "try-repo", ROOT, name, "--all-files"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_the_hook_for_heads(programs: Path, project: Path) -> None:
    assert _hook(programs, project, "limbeck-heads").returncode == 0
    _write(project, "c3", "a1", "pass")
    done = _hook(programs, project, "limbeck-heads")
    assert done.returncode == 1
    assert "limbeck heads" in done.stdout


def test_the_hook_for_lint(programs: Path, project: Path) -> None:
    done = _hook(programs, project, "limbeck-lint")
    assert done.returncode == 1
    assert "b2_.py:9: error LM301" in done.stdout
    _write(project, "b2", "a1", "op.create_table('orders', sa.Column('id', sa.Integer))")
    assert _hook(programs, project, "limbeck-lint").returncode == 0


def test_the_jobs_are_valid(programs: Path, tmp_path: Path) -> None:
    check = [programs / "check-jsonschema", "--builtin-schema"]
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    subprocess.run([*check, "vendor.github-workflows", *workflows], check=True)
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (job,) = re.findall(r"## On GitLab\n+```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / ".gitlab-ci.yml"
    path.write_text(job, "utf-8")
    subprocess.run([*check, "vendor.gitlab-ci", "--data-transform", "gitlab-ci", path], check=True)
