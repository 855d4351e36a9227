"""Listings of revisions with and without docstrings, compared with Alembic."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat import side_by_side

pytestmark = pytest.mark.slow

FILES = {
    "alembic.ini": "[alembic]\nscript_location = here\n",
    "here/env.py": "",
    "here/versions/a.py": 'revision, down_revision = "aaaa", None\n',
    "here/versions/b.py": '"""one line"""\nrevision, down_revision = "bbbb", "aaaa"\n',
    "here/versions/c.py": '"""one\n\n   indented\n\n"""\nrevision, down_revision = "cccc", "bbbb"\n',
    "here/versions/d.py": '"""  """\nrevision, down_revision, branch_labels = "dddd", "cccc", "x"\n',
    "here/versions/e.py": '""\nrevision, down_revision, depends_on = "eeee", "dddd", "aaaa"\n',
    "here/versions/f.py": 'revision, down_revision = "ffff", "bbbb"\n',
    "here/versions/g.py": 'revision, down_revision = "gggg", ("eeee", "ffff")\n',
}


def test_listings_equal_those_of_alembic(tmp_path: Path) -> None:
    """One folder for both, as the listings name it."""
    place = side_by_side.write(tmp_path, FILES)
    for line in (
        "history -v",
        "heads -v",
        "heads",
        "show bbbb",
        "history -r bbbb:dddd -v",
        "history",
    ):
        theirs = side_by_side.run("alembic", place, *line.split())
        assert theirs.out.count("\n") > 1
        assert side_by_side.run("limbeck", place, *line.split()) == theirs, line
