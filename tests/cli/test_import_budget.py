"""Listing commands import only required modules and run no file of the project."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = ("sqlalchemy", "mako", "rich", "dataclasses", "inspect", "shutil", "logging")


def _heavy() -> tuple[str, ...]:
    """Return the modules that a light command must not load.

    argparse of Python 3.14 loads `dataclasses` and `inspect` for its colours.
    """
    loaded_by_argparse = ("dataclasses", "inspect") if sys.version_info >= (3, 14) else ()
    return tuple(name for name in HEAVY if name not in loaded_by_argparse)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = migs\npath_separator = os\n"
    )
    versions = tmp_path / "migs" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "migs" / "env.py").write_text("raise SystemExit('env.py was run')\n")
    for id_, down in (("aaaa1111", "None"), ("bbbb2222", '"aaaa1111"'), ("cccc3333", '"aaaa1111"')):
        (versions / f"{id_}_.py").write_text(
            f'"""doc of {id_}"""\nrevision = "{id_}"\ndown_revision = {down}\n'
            "def upgrade():\n    pass\n\n\nraise SystemExit('a revision was run')\n"
        )
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["heads"],
        ["history"],
        ["branches"],
        ["show", "aaaa"],
        ["heads", "--json"],
        ["history", "--graph"],
        ["completion", "bash"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("prog", ["limbeck", "alembic"])
def test_listing_commands_do_not_import_heavy_modules(
    project: Path, words: list[str], prog: str
) -> None:
    entry = "limbeck.cli" if prog == "limbeck" else "limbeck.compat.config"
    code = (
        "import sys\n"
        f"from {entry} import main\n"
        f"try:\n    main({words!r}, prog={prog!r})\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        f"print([name for name in {_heavy()!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "[]"
    assert done.stdout


def _loaded(folder: Path, words: list[str]) -> set[str]:
    code = (
        "import sys\nfrom limbeck.cli import main\n"
        f"main({words!r}, prog='limbeck')\nprint(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_a_plain_new_file_needs_no_database(project: Path) -> None:
    (project / "migs" / "script.py.mako").write_text("revision = ${repr(up_revision)}\n")
    loaded = _loaded(project, ["revision", "-m", "new", "--head", "bbbb"])
    assert "limbeck.project.template" in loaded
    assert {"sqlalchemy", "mako", "subprocess"} & loaded == set()


def test_a_template_with_blocks_is_rendered_by_mako(project: Path) -> None:
    (project / "migs" / "script.py.mako").write_text(
        "% if message:\nrevision = ${repr(up_revision)}\n% endif\n"
    )
    loaded = _loaded(project, ["revision", "-m", "new", "--head", "bbbb"])
    assert "mako.template" in loaded
    assert "sqlalchemy" not in loaded


@pytest.mark.parametrize("words", [["heads"], ["history"], ["branches"], ["show", "head"]])
def test_a_listing_with_a_cache_imports_few_modules(project: Path, words: list[str]) -> None:
    (project / "migs" / "versions" / "cccc3333_.py").unlink()
    for path in (project / "migs" / "versions").glob("*.py"):
        os.utime(path, (1_000_000.25, 1_000_000.25))
    time.sleep(0.3)
    _loaded(project, words)
    absent = {"argparse", "json", "pathlib", "typing", "limbeck.history.header"}
    assert absent & _loaded(project, words) == set()


def test_only_the_dialect_of_the_database_is_loaded(project: Path) -> None:
    (project / "migs" / "env.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import context\n"
        "with sa.create_engine('sqlite://').connect() as connection:\n"
        "    context.configure(connection=connection)\n    context.run_migrations()\n"
    )
    loaded = _loaded(project, ["current"])
    others = {"postgresql", "mysql", "mssql", "oracle"}
    assert "limbeck.dialects.sqlite" in loaded
    assert not {f"limbeck.dialects.{one}" for one in others} & loaded
    assert not {f"sqlalchemy.dialects.{one}" for one in others} & loaded
    assert "limbeck.autogenerate" not in loaded
