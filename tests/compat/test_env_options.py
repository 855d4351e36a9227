"""The values of `config.cmd_opts` in env.py, compared with Alembic."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat import side_by_side

pytestmark = pytest.mark.slow

ENV = """
from argparse import Namespace
from alembic import context

found = context.config.cmd_opts
assert type(found) is Namespace, type(found)
for name, value in vars(found).items():
    if name == "cmd":
        fn, *names = value
        value = (fn.__module__, fn.__name__, *names)
    print(name, value)
raise SystemExit
"""
FILES = {
    "alembic.ini": "[alembic]\nscript_location = here\n",
    "here/env.py": ENV,
    "here/script.py.mako": "",
    "here/versions/one.py": 'revision, down_revision = "aaaa", None\n',
}
LINES = (
    "current",
    "current -v",
    "upgrade head",
    # an abbreviation, which only the complete parser understands
    "-x a=b upgrade --tag=t aaaa --sq",
    "-c alembic.ini -n alembic -q -x a=b -x c=d downgrade base",
    "stamp --purge aaaa",
    "check",
    "history -i",
    "history -r base:current -v",
    "show current",
    "ensure_version --sql",
    "revision --autogenerate -m word --depends-on aaaa --depends-on aaaa",
)
PROGRAM = """
import sys
{install}
from alembic.config import CommandLine, Config
line = CommandLine()
options = line.parser.parse_args(["-x", "a=b", "upgrade", "head", "--tag", "t"])
line.run_cmd(Config("alembic.ini", cmd_opts=options), options)
"""


@pytest.mark.parametrize("line", LINES)
def test_parsed_options_equal_those_of_alembic(line: str, tmp_path: Path) -> None:
    theirs, ours = side_by_side.both(tmp_path, FILES, line)
    assert theirs[0].out.count("\n") > 5, theirs
    assert ours == theirs


def test_a_template_receives_the_same_options(tmp_path: Path) -> None:
    files = FILES | {
        "alembic.ini": FILES["alembic.ini"] + "revision_environment = true\n",
        "here/env.py": "",
        "here/script.py.mako": "# ${config.cmd_opts.cmd[0].__name__}\n"
        "# ${sorted(vars(config.cmd_opts))}\n"
        'revision, down_revision = "${up_revision}", "aaaa"\n',
    }
    side_by_side.both(tmp_path, files, "revision -m x --rev-id bbbb")
    theirs, ours = (
        (tmp_path / side / "here/versions/bbbb_x.py").read_text() for side in ("alembic", "limbeck")
    )
    assert theirs.startswith("# revision\n")
    assert ours == theirs


def test_a_program_with_its_own_parser_runs_the_command(tmp_path: Path) -> None:
    env = (
        "from alembic import context\n"
        "found = context.config.cmd_opts\n"
        "print(found.cmd[0].__name__, found.cmd[1:], found.x, found.tag, found.revision)\n"
        "raise SystemExit\n"
    )
    theirs, ours = (
        side_by_side.run_program(
            side, side_by_side.write(tmp_path / side, FILES | {"here/env.py": env}), PROGRAM
        )
        for side in ("alembic", "limbeck")
    )
    assert theirs.out.startswith("upgrade (['revision']"), theirs
    assert ours == theirs
