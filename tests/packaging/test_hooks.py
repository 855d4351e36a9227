"""The hooks for pre-commit, run by pre-commit, and the jobs for GitHub and GitLab.

The jobs are checked by their schemas, and their commands run in a new clone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.servers import Database

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


MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.Text){more})
"""
CONFIG = """
[tool.limbeck]
script_location = "migrations"
url = "postgresql+psycopg://nobody@db.invalid/shop"
metadata = "models:metadata"
"""
USERS = (
    "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True),"
    " sa.Column('email', sa.Text))"
)
INDEX = ", sa.Index('ix_email', 'email')"
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")


def _git(folder: Path, *words: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a repository whose branch `change` has one revision more than `main`.

    The project is in the folder `backend`, and no server has the address of its database.
    """
    origin, folder = tmp_path / "origin", tmp_path / "origin" / "backend"
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(CONFIG, "utf-8")
    (folder / "models.py").write_text(MODELS.format(more=""), "utf-8")
    _write(folder, "a1", None, USERS)
    _git(origin, "init", "-q", "-b", "main", ".")
    _git(origin, "add", "-A")
    _git(origin, "commit", "-qm", "first")
    _git(origin, "checkout", "-qb", "change")
    (folder / "models.py").write_text(MODELS.format(more=INDEX), "utf-8")
    path = folder / "migrations" / "versions" / "b2_.py"
    body = "op.create_index('ix_email', 'users', ['email'])"
    text = REVISION.format(id="b2", down="a1", body=body)
    path.write_text(text.replace("    pass", "    op.drop_index('ix_email', 'users')"), "utf-8")
    _git(origin, "add", "-A")
    _git(origin, "commit", "-qm", "second")
    target = tmp_path / "clone"
    _git(tmp_path, "clone", "-q", str(origin), str(target))
    _git(target, "checkout", "-q", "--detach", "origin/change")
    return target


def _steps(inputs: dict[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    """Return command and environment of the steps of the workflow, by name."""
    path = ROOT / ".github" / "workflows" / "limbeck-check.yml"
    (job,) = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()

    def value(text: str) -> str:
        return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)

    return {
        step["name"]: (step["run"], {name: value(text) for name, text in step["env"].items()})
        for step in job["steps"]
        if "run" in step
    }


def test_the_steps_of_the_workflow(clone: Path, postgresql: Database) -> None:
    inputs = {"install": "limbeck --version", "since": "origin/main",
              "scratch-url": postgresql.address}  # fmt: skip
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = {}
    for name, (command, given) in _steps(inputs).items():
        environment = {**os.environ, **given, "PATH": programs, "GITHUB_WORKSPACE": str(clone)}
        done[name] = subprocess.run(
            [*BASH, command], cwd=clone / "backend", env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    install, findings, checks = done.values()
    assert install.returncode == 0, install.stderr
    assert findings.returncode == 1, findings.stderr
    annotation = "::warning file=backend/migrations/versions/b2_.py,line=9,title=LM101::"
    assert findings.stdout.startswith(annotation), findings.stdout
    assert checks.returncode != 0
    lines = [line for line in checks.stdout.splitlines() if line[:2] == "ok"]
    assert lines == ["ok: single-head", "ok: verified b2", "ok: models-agree b2"], checks.stdout
    assert "failed: lint b2" in checks.stdout


def test_the_commands_of_the_job_for_gitlab(clone: Path, postgresql: Database) -> None:
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (job,) = re.findall(r"## On GitLab\n+```yaml\n(.*?)```", text, re.DOTALL)
    _install, *commands = yaml.safe_load(job)["migrations"]["script"]
    address = "postgresql+psycopg://postgres@postgres/postgres"
    environment = {
        **os.environ,
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "origin/main",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    codes = []
    for command in commands:
        assert address in command
        given = command.replace(address, postgresql.address)
        done = subprocess.run([*BASH, given], cwd=clone / "backend", env=environment, check=False)
        codes.append(done.returncode)
    assert codes[0] == 0
    assert codes[1] != 0
    assert 'message="LM101' in (clone / "backend" / "lint.xml").read_text("utf-8")
