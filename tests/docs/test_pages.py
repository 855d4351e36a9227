"""The examples of the documentation are run without changes.

A page with `examples: run` in its head is a story in an empty folder: code blocks that begin
with `# file: NAME` are files, lines that begin with `$ ` in console blocks are commands that
must succeed (or end with the code in a comment `# exit N`), the lines below are output that
must appear, `...` standing for anything.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = ("limbeck", "python", "pytest")
FOLDER = "/srv/shop"
# three dots, and output that differs in each run
VARYING = re.compile(
    r"\.\.\.|(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])|\b\d+\.\d+\.\d+\b|\b\d+\.\d s\b|\b\d+ ms\b"
)
PAGES = [
    page
    for page in sorted(DOCS.rglob("*.md"))
    if page.read_text(encoding="utf-8").startswith("---\nexamples: run\n")
]


def test_there_are_pages_with_examples() -> None:
    assert {"howto.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_the_examples_of_a_page_give_the_shown_output(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = page.read_text(encoding="utf-8")
    more = {}
    if text.startswith("---\nexamples: run\ndatabase: postgresql\n"):
        more["DATABASE_URL"] = request.getfixturevalue("postgresql").address
    for kind, body in FENCE.findall(text):
        first, _, rest = body.partition("\n")
        if first.startswith("# file: "):
            path = tmp_path / first.removeprefix("# file: ").strip()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(rest, encoding="utf-8")
        elif kind == "console":
            _play(body, tmp_path, more)


def _play(body: str, folder: Path, more: dict[str, str]) -> None:
    parts = re.split(r"^\$ (.*)$", body, flags=re.MULTILINE)
    for command, expected in zip(parts[1::2], parts[2::2], strict=True):
        words, _, note = command.partition("  # exit ")
        arguments = shlex.split(words)
        assert arguments[0] in PROGRAMS, command
        arguments = arguments[1:] if arguments[0] == "python" else ["-m", *arguments]
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False,
            env={**_environment(), **more, "PYTHONPATH": str(folder)},
        )  # fmt: skip
        output = (done.stdout + done.stderr).replace(os.fspath(folder), FOLDER)
        assert done.returncode == int(note or 0), f"{command}\n{output}"
        for line in filter(None, map(str.strip, expected.splitlines())):
            pattern = ".*".join(map(re.escape, VARYING.split(line)))
            assert re.search(pattern, output), f"{command}\nwanted: {line}\ngot: {output}"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}
