"""Drafts of all pairs of models pass ruff and mypy as they are written, with default settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.render.pair_drafts import write_all

# drafting all of them takes half a minute; a sample that meets every file of cases runs each time
SAMPLE = 7


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("step", [SAMPLE, pytest.param(1, marks=pytest.mark.slow)])
def test_drafts_pass_ruff(step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # packages of this folder count as the project's own
    assert write_all(tmp_path, step) > 500
    assert not _run(tmp_path, "ruff", "format", "--isolated", "--diff", ".")
    rules = ("--select", "E4,E7,E9,F,I")
    assert not _run(tmp_path, "ruff", "check", "--isolated", *rules, "--quiet", ".")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_drafts_pass_mypy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_all(tmp_path, 1) > 3000
    # some drafts import types of the cases, which are not installed
    own = "--disable-error-code=import-not-found"
    assert not _run(tmp_path, "mypy", "--strict", own, "--no-error-summary", ".")
