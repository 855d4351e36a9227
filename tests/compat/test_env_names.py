"""Attributes of Alembic's objects in env.py and revision files, compared with Alembic."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat import side_by_side

pytestmark = pytest.mark.slow

BEFORE = """
context.get_revision_argument()
context.get_starting_revision_argument()
context.get_head_revisions()
context.get_x_argument(as_dictionary=True)
context.get_tag_argument()
config.get_section("other")
config.attributes
config.config_args
context.script.dir
context.script.env_py_location
context.script.versions
context.script.version_locations
str(context.script.get_revision("bbbb"))
str(context.script.get_revision("aaaa"))
context.script.get_revision("bbbb").module.__name__
context.script.as_revision_number("head")
[one.revision for one in context.script.iterate_revisions("head", "base")]
"""
AFTER = """
context.get_context().get_current_revision()
context.get_context().opts["user_word"]
context.get_context().opts["fn"].__name__
context.get_context().bind is connection
context.get_context().version_table
context.get_context()._version
context.get_context()._in_external_transaction
context.get_context()._transaction
type(context.get_context().impl).__name__
"""
INSIDE = """
op.get_context().opts["user_word"]
op.get_context().environment_context.script is context.script
op.get_context().config is context.config
context.get_revision_argument()
context.get_starting_revision_argument()
op.f("x")
"""
LOOK = """
def look(text, names):
    for one in text.split("\\n")[1:-1]:
        try:
            found = eval(one, names)
        except Exception as error:
            found = type(error)
        print(one, "=>", found if not isinstance(found, type) else "refused")
"""
ENV = f"""
import sys
sys.path.insert(0, ".")
from alembic import context
from look import look
from sqlalchemy import create_engine

config = context.config
look({BEFORE!r}, globals())
with create_engine("sqlite:///x.db").connect() as connection:
    context.configure(connection=connection, user_word=3)
    look({AFTER!r}, globals())
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = f"""
from alembic import context, op
from look import look

revision, down_revision, branch_labels = {{id!r}}, {{down!r}}, {{labels!r}}


def upgrade():
    look({INSIDE!r}, globals())


downgrade = upgrade
"""
FILES = {
    "alembic.ini": "[alembic]\nscript_location = here\n[other]\na = 1\n",
    "here/env.py": ENV,
    "look.py": LOOK.replace("\\\\", "\\"),
    "here/versions/a.py": REVISION.format(id="aaaa", down=None, labels=None),
    "here/versions/b.py": REVISION.format(id="bbbb", down="aaaa", labels=("word",)),
}


def test_attributes_have_the_same_values(tmp_path: Path) -> None:
    lines = (
        *("-x a=b upgrade head --tag t", "current", "downgrade aaaa"),
        *("stamp heads", "stamp aaaa", "stamp base", "ensure_version"),
    )
    theirs, ours = side_by_side.both(tmp_path, FILES, *lines)
    for mine, his in zip(ours, theirs, strict=True):
        assert his.code == 0, his
        there = his.out.replace(str(tmp_path / "alembic"), str(tmp_path / "limbeck"))
        assert mine.out.splitlines() == there.splitlines()
