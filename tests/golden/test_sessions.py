"""Whole sessions at the command line: what is typed and what is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.golden.sessions import SESSIONS, Delete, Models, Settings, Step, Write
from tests.golden.sqlite_project import SqliteProject

_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
_SPAN = re.compile(r"\(\d+(?:\.\d)? m?s\)")


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session(
    name: str,
    golden: Callable[[str, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    project = SqliteProject(tmp_path, capsys).create()
    printed = "".join(_transcript(project, step) for step in SESSIONS[name])
    golden(
        f"sessions/{name.replace(' ', '_')}.txt",
        _SPAN.sub("(<span>)", _TIME.sub("<time>", printed)),
    )


def _transcript(project: SqliteProject, step: Step) -> str:
    match step:
        case Models(text):
            project.models(text)
            return f"[models]{text.rstrip()}\n\n"
        case Write(identifier, down, upgrade, downgrade):
            project.revision(identifier, down, upgrade, downgrade)
            return f"[revision {identifier} after {down}] {upgrade} / {downgrade}\n\n"
        case Delete(identifier):
            (project.versions / f"{identifier}.py").unlink()
            return f"[delete {identifier}]\n\n"
        case Settings(text):
            project.settings(text)
            return f"[settings] {text}\n\n"
        case _:
            outcome = project.run(*step.split())
            errors = [line for line in outcome.err.splitlines() if not line.startswith("INFO ")]
            error_lines = "".join(f"! {line}\n" for line in errors)
            return f"$ limbeck {step}\n{outcome.out}{error_lines}exit {outcome.code}\n\n"
