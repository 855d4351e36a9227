"""Messages of a project without env.py: differences are printed once, invalid URLs are reported."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.cli.error_output import block
from tests.cli.project_fixture import LIMBECK

MODELS = """import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
"""


def run(folder: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "migs" / "versions").mkdir(parents=True)
    (folder / "m.py").write_text(MODELS, "utf-8")
    (folder / "pyproject.toml").write_text(
        f'[tool.limbeck]\nscript_location = "%(here)s/migs"\nurl = "{url}"\n'
        'metadata = "m:metadata"\nprepend_sys_path = ["."]\n',
        "utf-8",
    )
    return subprocess.run(
        [*LIMBECK, *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_check_prints_a_difference_once(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY)")
    connection.close()
    done = run(tmp_path, "sqlite:///%(here)s/x.db", "check")
    assert done.returncode == 255
    assert done.stdout.splitlines()[1:] == ["  add column t.a"]


@pytest.mark.parametrize("port", ["abc", "54x"])
def test_an_invalid_port_is_reported_with_key_and_file(tmp_path: Path, port: str) -> None:
    done = run(tmp_path, f"postgresql://u:sesame@host:{port}/x", "current")
    assert done.returncode == 255
    assert f"FAILED: The port in url is not a number but '{port}'" in done.stdout
    assert "pyproject.toml" in done.stderr
    assert "sesame" not in done.stdout + done.stderr


def test_an_invalid_port_is_reported_when_env_py_connects() -> None:
    with pytest.raises(ValueError) as caught:
        sa.make_url("postgresql://u:sesame@host:abc/x")
    _message, below = block(caught.value)
    assert "the port in the database URL is not a number" in below[-1]
