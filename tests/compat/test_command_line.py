"""Programs that use `alembic.config.CommandLine`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_command_line_runs_built_in_and_registered_commands(tmp_path: Path) -> None:
    (tmp_path / "migs" / "versions").mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migs\n", "utf-8")
    program = (
        "import limbeck.compat as c; c.install()\n"
        "from alembic.config import CommandLine\n"
        "line = CommandLine()\n"
        "def hello(config, name):\n"
        "    '''Greet.'''\n"
        "    print('hello', name, config.cmd_opts.cmd[1:])\n"
        "line.register_command(hello)\n"
        "line.main(['heads'])\n"
        "line.main(['hello', 'you'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "hello you (['name'], [])\n"
