"""Each example is copied to an empty folder and run there, in a separate process."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.servers import Database

EXAMPLES = Path(__file__).parents[2] / "examples"
FASTAPI = """
from fastapi.testclient import TestClient
from app import app

with TestClient(app) as client:
    assert client.post("/books", params={"title": "one"}).json() == 1
    assert client.get("/books").json() == ["one"]
with TestClient(app) as client:
    assert client.get("/books").json() == ["one"]
"""
LITESTAR = """
from litestar.testing import TestClient
from app import app

with TestClient(app) as client:
    assert client.get("/books").json() == []
"""


def needs(*packages: str) -> pytest.MarkDecorator:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(
        bool(missing), reason=f"example NOT TESTED: pip install {' '.join(missing)}"
    )


def copied(name: str, folder: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / name, folder / name, ignore=_caches))


def _caches(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]


def run(folder: Path, *words: str, url: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "DATABASE_URL": url, **environment}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tables(database: Database) -> set[str]:
    with database.engine(poolclass=sa.NullPool) as engine:
        return set(sa.inspect(engine).get_table_names())


@needs("fastapi", "httpx", "aiosqlite")
def test_fastapi(tmp_path: Path, sqlite: Database) -> None:
    run(copied("fastapi_app", tmp_path), "-c", FASTAPI, url=sqlite.async_address)


@pytest.mark.slow
@needs("fastapi", "httpx", "asyncpg")
def test_fastapi_on_postgresql(tmp_path: Path, postgresql: Database) -> None:
    run(copied("fastapi_app", tmp_path), "-c", FASTAPI, url=postgresql.async_address)


@needs("flask", "flask_sqlalchemy")
def test_flask(tmp_path: Path, sqlite: Database) -> None:
    folder, url = copied("flask_app", tmp_path), sqlite.address
    flask = ("-m", "flask", "--app", "app", "db")
    assert run(folder, *flask, "upgrade", url=url) == "aa01\n"
    assert run(folder, *flask, "upgrade", url=url) == "already at head\n"
    app = folder / "app.py"
    app.write_text(
        app.read_text().replace(
            "    title = db", "    year = db.Column(db.Integer)\n    title = db"
        )
    )
    path = Path(run(folder, *flask, "migrate", "-m", "years", url=url).strip())
    assert "add_column" in path.read_text()
    assert run(folder, *flask, "upgrade", url=url).strip() in path.name
    run(folder, *flask, "downgrade", "base", "--yes", url=url)
    assert run(folder, *flask, "current", url=url) == "base\n"


@pytest.mark.slow
@needs("flask", "flask_sqlalchemy", "flask_migrate")
def test_flask_migrate(tmp_path: Path, sqlite: Database) -> None:
    folder, url = copied("flask_app", tmp_path), sqlite.address
    flask = ("-m", "flask", "--app", "with_flask_migrate", "db")
    for words in ("init", "migrate -m books", "upgrade", "current"):
        run(folder, *flask, *words.split(), url=url, MIGRATIONS="migs")
    assert "book" in tables(sqlite)


@pytest.mark.slow
@needs("litestar", "advanced_alchemy", "aiosqlite")
def test_litestar(tmp_path: Path, sqlite: Database) -> None:
    run(copied("litestar_app", tmp_path), "-c", LITESTAR, url=sqlite.async_address)


@pytest.mark.slow
@needs("sqlmodel")
def test_sqlmodel(tmp_path: Path, sqlite: Database) -> None:
    folder, url = copied("sqlmodel_app", tmp_path), sqlite.address
    run(folder, "-m", "limbeck", "upgrade", url=url)
    run(folder, "-m", "limbeck", "check", url=url)
    models = folder / "models.py"
    models.write_text(models.read_text() + "    city: str | None = None\n")
    run(folder, "-m", "limbeck", "revision", "--autogenerate", "-m", "city", url=url)
    run(folder, "-m", "limbeck", "upgrade", url=url)
    run(folder, "-m", "limbeck", "check", url=url)


def test_pytest(tmp_path: Path) -> None:
    folder = copied("pytest_suite", tmp_path)
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "3 passed" in run(folder, *words, url="")


@pytest.mark.slow
def test_pytest_on_postgresql(tmp_path: Path, postgresql: Database) -> None:
    folder = copied("pytest_suite", tmp_path)
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    out = run(folder, *words, url="", TEST_DATABASE_URL=postgresql.address)
    assert "3 passed" in out


@pytest.mark.slow
@needs("yaml")
def test_the_commands_of_the_compose_file_run_in_order(
    tmp_path: Path, postgresql: Database
) -> None:
    """The commands of the compose file, run in its order."""
    import yaml

    folder = copied("containers", tmp_path)
    services = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    assert services["app"]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"}
    }
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    program, *words = services["migrate"]["command"]
    assert program == "limbeck"
    url = postgresql.address
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "DATABASE_URL": url},
    )  # fmt: skip
    assert "not on all head revisions" in done.stderr
    run(folder, "-m", "limbeck", *words, url=url)
    assert run(folder, "app.py", url=url) == "1 books\n"
    pod = yaml.safe_load((folder / "deployment.yaml").read_text())["spec"]["template"]["spec"]
    (migrate,) = pod["initContainers"]
    assert migrate["command"][:2] == ["limbeck", "upgrade"]
    assert migrate["env"] == pod["containers"][0]["env"]


def _has_compose() -> bool:
    """Return whether a Docker engine with Compose is running."""
    commands = (["docker", "info"], ["docker", "compose", "version"])
    return shutil.which("docker") is not None and all(
        subprocess.run(words, capture_output=True, check=False).returncode == 0
        for words in commands
    )


@pytest.mark.slow
def test_compose(tmp_path: Path) -> None:
    if not _has_compose():
        pytest.skip("compose file NOT TESTED: no Docker engine with Compose")
    folder = copied("containers", tmp_path)
    wheel = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "-w",
        str(folder),
        str(EXAMPLES.parent),
    ]
    subprocess.run(wheel, check=True)
    try:
        subprocess.run(
            ["docker", "compose", "up", "--build", "--exit-code-from", "app"],
            cwd=folder, check=True, timeout=600,
        )  # fmt: skip
    finally:
        subprocess.run(["docker", "compose", "down", "-v"], cwd=folder, check=False)
