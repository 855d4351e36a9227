"""The test suites of packages that build on Alembic, run beside Alembic and beside limbeck.

Each sdist is installed into two environments of its own; the tests that pass with Alembic must
pass with limbeck. `LIMBECK_TEST_PACKAGES=flask-migrate` narrows the choice.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.compat.real_projects.sides import ALEMBIC, ROOT, _do, _uv

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


@dataclass(frozen=True)
class Package:
    """A package whose sdist carries its tests.

    Attributes:
        tests: the folder of the tests in the sdist.
        needs: what the tests import besides.
        differs: tests whose outcome depends on Alembic's own insides, with the reason in
            the page on coming from Alembic.
    """

    name: str
    tests: str
    needs: tuple[str, ...] = ()
    differs: frozenset[str] = frozenset()


PACKAGES = (Package("flask-migrate", "tests", ("flask-sqlalchemy", "SQLAlchemy==2.0.*")),)
CHOSEN = os.environ.get("LIMBECK_TEST_PACKAGES", "")
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL) (\S+)", re.MULTILINE)


def _outcomes(python: Path, folder: Path, tests: str) -> dict[str, str]:
    done = subprocess.run(
        [str(python), "-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider", tests],
        cwd=folder,
        env={**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return {name: outcome for outcome, name in OUTCOME.findall(done.stdout)}


@pytest.mark.parametrize(
    "package",
    [one for one in PACKAGES if not CHOSEN or one.name in CHOSEN.split(",")],
    ids=lambda one: one.name,
)
def test_what_passes_with_alembic_passes_with_limbeck(package: Package, tmp_path: Path) -> None:
    """Install twice, run the package's own tests twice, compare."""
    _do(sys.executable, "-m", "pip", "download", "-q", "--no-deps",
        "--no-binary", package.name, "-d", tmp_path, package.name)  # fmt: skip
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    peer, ours = tmp_path / "peer", tmp_path / "limbeck"
    for place in (peer, ours):
        _uv("venv", "-q", "--python", sys.executable, place)
        _uv("pip", "install", "-q", "--python", place, archive, ALEMBIC, "pytest",
            "psycopg2-binary", *package.needs)  # fmt: skip
    _uv("pip", "uninstall", "-q", "--python", ours, "alembic")
    _uv("pip", "install", "-q", "--no-deps", "--python", ours, ROOT, ROOT / "dropin")
    before = _outcomes(peer / "bin/python", source, package.tests)
    after = _outcomes(ours / "bin/python", source, package.tests)
    passed = {name for name, outcome in before.items() if outcome == "PASSED"}
    assert passed
    lost = {name: after.get(name) for name in passed if after.get(name) != "PASSED"}
    assert not set(lost) - package.differs, lost
