"""Scripts of `--sql` compared with those of Alembic, by statement, for five databases.

Alembic's interpreter is named by `LIMBECK_TEST_PEER`, else an environment of its own is made.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from tests.compat import peer_venvs
from tests.compat.script_cases import ALL, CASES, Case

PEER = os.environ.get("LIMBECK_TEST_PEER")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

INI = "[alembic]\nscript_location = here\n"
ENV = """
from alembic import context

context.configure(dialect_name={name!r}, literal_binds=True)
with context.begin_transaction():
    context.run_migrations()
"""
FILE = '''"""{name}"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = {name!r}, {down!r}


def upgrade():
{up_body}


def downgrade():
{down_body}
'''
RUN = """
import sys, warnings
warnings.simplefilter("ignore")
{install}
from alembic.config import main
main(sys.argv[1:])
"""
INSTALL = "import limbeck.compat; limbeck.compat.install()"
SECTION = re.compile(r"^-- Running (?:upgrade|downgrade) (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def peer() -> Path:
    """The interpreter that has Alembic."""
    if PEER:
        return Path(PEER)
    return (
        peer_venvs.sides("scripts", (f"SQLAlchemy=={sqlalchemy.__version__}",))["peer"]
        / "bin/python"
    )


def project(folder: Path, database: str) -> None:
    """Write a project with a file for each case."""
    versions = folder / "here" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text(INI)
    (folder / "here" / "env.py").write_text(ENV.format(name=database))
    down = None
    for number, case in enumerate(_cases(database)):
        text = FILE.format(
            name=case.name,
            down=down,
            up_body=_indented(case.up),
            down_body=_indented(case.down),
        )
        (versions / f"{number:03}_{case.name}.py").write_text(text)
        down = case.name


def _cases(database: str) -> list[Case]:
    return [case for case in CASES if database in case.on]


def _indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.strip().splitlines())


def script(python: Path, install: str, folder: Path, *words: str) -> str:
    """Let one implementation write a script."""
    done = subprocess.run(
        [str(python), "-c", RUN.format(install=install), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sections(text: str) -> dict[str, list[str]]:
    """Return the statements of each migration, white space made plain."""
    _, *parts = SECTION.split(text)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {
        name: [" ".join(one.split()) for one in re.split(r";\n|\nGO\n|\n/\n", body) if one.strip()]
        for name, body in found.items()
    }


@pytest.mark.parametrize("ends", ["upgrade", "downgrade"])
@pytest.mark.parametrize("database", sorted(ALL))
def test_a_script_equals_that_of_alembic(
    peer: Path, database: str, ends: str, tmp_path: Path
) -> None:
    project(tmp_path, database)
    cases = _cases(database)
    words = [ends, "head" if ends == "upgrade" else f"{cases[-1].name}:base", "--sql"]
    theirs = script(peer, "", tmp_path, *words)
    ours = script(Path(sys.executable), INSTALL, tmp_path, *words)
    wanted, found = sections(theirs), sections(ours)
    assert len(wanted) == len(cases)
    assert all(wanted.values())
    assert found == wanted
    assert SECTION.split(ours)[0].split() == SECTION.split(theirs)[0].split()
