"""Stories: a directory, commands, what they print and their exit codes, under both names.

`$ PROG ...` runs the program, `$ URL ...` sets the database; `[n]` is the exit code, `...` any
output. DIR is the directory of the story.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "stories"
PROGRAMS = {
    "limbeck": [sys.executable, "-m", "limbeck"],
    "alembic": [
        sys.executable,
        "-c",
        "import limbeck.compat as c; c.install(); from alembic.config import main; main(prog='alembic')",
    ],
}


@dataclass
class Scene:
    """One command with what is expected of it."""

    words: list[str]
    lines: list[str] = field(default_factory=list)
    code: int = 0
    any_output: bool = False


def scenes(text: str) -> list[Scene]:
    found: list[Scene] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Scene(shlex.split(line[2:])))
        elif not found or line.startswith("#"):
            continue
        elif match := re.fullmatch(r"\[(\d+)\]", line):
            found[-1].code = int(match[1])
        elif line == "...":
            found[-1].any_output = True
        elif line:
            found[-1].lines.append(line)
    return found


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("story", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_story(story: Path, program: str, tmp_path: Path) -> None:
    for scene in scenes(story.read_text("utf-8")):
        what, *arguments = scene.words
        if what == "URL":
            ini = tmp_path / "alembic.ini"
            text = ini.read_text("utf-8")
            ini.write_text(
                re.sub(r"(?m)^sqlalchemy\.url.*$", f"sqlalchemy.url = {arguments[0]}", text)
            )
            continue
        done = subprocess.run(
            [*PROGRAMS[program], *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        context = f"{scene.words}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == scene.code, context
        assert "Traceback" not in done.stderr, context
        shown = done.stdout.replace(str(tmp_path), "DIR").splitlines()
        if not scene.any_output:
            assert [line for line in shown if line] == scene.lines, context
