"""The revision files imported before one is run, and their order, compared with Alembic."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.compat import side_by_side

pytestmark = pytest.mark.slow

ENV = """
import sys
from alembic import context
from sqlalchemy import create_engine

sys.path.append("code")
engine = create_engine("sqlite:///x.db")
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
FILE = """
{imports}
revision, down_revision = {id!r}, {down!r}


def upgrade():
{body}


def downgrade():
    pass
"""


def project(*revisions: tuple[str, str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a project: each revision with its imports and the body of upgrade()."""
    files = {"alembic.ini": "[alembic]\nscript_location = here\n", "here/env.py": ENV, **more}
    down = None
    for id_, imports, body in revisions:
        files[f"here/versions/{id_}.py"] = FILE.format(
            id=id_, down=down, imports=imports, body=body
        )
        down = id_
    return files


OPTIONS = {
    "code/settings.py": "known = []\n",
    "code/registered.py": "import settings\nsettings.known.append('size')\n",
}
ASKS = "    import settings\n    print('known:', settings.known)"


@pytest.mark.parametrize(
    "imports",
    [
        "import registered",
        "from os import path\nfrom registered import settings",
        "if True:\n    import registered",
        "import os, registered as other  # both",
        "import importlib\nimportlib.import_module('registered')",
    ],
)
def test_an_applied_revision_registers_what_a_later_one_needs(imports: str, tmp_path: Path) -> None:
    files = project(("a1", imports, "    pass"), ("b2", "", ASKS), more=OPTIONS)
    # one process for each revision: the second finds the first applied
    theirs, ours = side_by_side.both(tmp_path, files, "upgrade a1", "upgrade b2", "downgrade a1")
    assert theirs[1].out == "known: ['size']\n", theirs
    assert ours == theirs


def test_a_later_revision_registers_what_an_earlier_one_needs(tmp_path: Path) -> None:
    files = project(("a1", "", ASKS), ("b2", "import registered", "    pass"), more=OPTIONS)
    theirs, ours = side_by_side.both(tmp_path, files, "upgrade a1")
    assert theirs[0].out == "known: ['size']\n", theirs
    assert ours == theirs


def test_files_are_imported_once_by_name(tmp_path: Path) -> None:
    prints_import = "import registered\nprint('imported', __name__)"
    revisions = [(id_, prints_import, f"    print('up {id_}')") for id_ in ("c3", "a1", "d4", "b2")]
    # its header is known only when it is run
    revisions.append(("e5", prints_import + "\nlabels = globals()", "    print('up e5')"))
    files = project(*revisions, more=OPTIONS)
    theirs, ours = side_by_side.both(tmp_path, files, "upgrade d4", "upgrade head")
    assert theirs[0].out.startswith("imported a1_py\nimported b2_py\nimported c3_py\n"), theirs
    assert ours == theirs


def test_an_applied_file_with_a_missing_import_does_not_stop_the_run(tmp_path: Path) -> None:
    files = project(("a1", "import gone", "    pass"), ("b2", "", ASKS), more=OPTIONS)
    place = side_by_side.write(tmp_path, files)
    assert side_by_side.run("limbeck", place, "stamp", "a1").code == 0
    ended = side_by_side.run("limbeck", place, "upgrade", "head")
    assert (ended.code, ended.out) == (0, "known: []\n")
