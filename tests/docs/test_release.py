"""The parts of a release: fragments, pages, reproducible archives."""

from __future__ import annotations

import hashlib
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#:\s]+\.(?:md|json|svg))(?:#[^)]*)?\)")


def test_every_fragment_is_part_of_the_notes() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "release_notes.py"))
    assert script["wrong_names"](ROOT / "changelog.d") == []


def test_links_between_pages_have_a_target() -> None:
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in sorted((ROOT / "docs").rglob("*.md"))
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists() and target != "command-reference.md"
    ]
    assert missing == []


def test_every_option_is_in_the_reference() -> None:
    from limbeck.cli.arguments import COMMANDS, OPTIONS

    text = runpy.run_path(str(ROOT / "scripts" / "make_command_reference.py"))["text"]()
    for spec in COMMANDS:
        assert f"## {spec.name}\n" in text
        for name in spec.arguments:
            assert all(flag in text for flag in OPTIONS[name].flags), name


@pytest.mark.slow
def test_archives_are_reproducible(tmp_path: Path) -> None:
    """Two builds from two folders at two times are the same bytes."""
    pytest.importorskip("build", reason="reproducibility NOT TESTED: pip install build hatchling")
    found = []
    for number in (1, 2):
        folder = tmp_path / str(number) / "limbeck"
        ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*cache", "dist")
        shutil.copytree(ROOT, folder, ignore=ignored)
        subprocess.run(
            [sys.executable, "-m", "build", "--no-isolation", "-o", str(folder / "dist"), "."],
            cwd=folder, check=True, capture_output=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
        )  # fmt: skip
        found.append(
            {
                path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                for path in (folder / "dist").iterdir()
            }
        )
    assert len(found[0]) == 2
    assert found[0] == found[1]
    (wheel,) = (tmp_path / "1" / "limbeck" / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "limbeck/mcp/errors.md" in names
    assert "limbeck/py.typed" in names
    (sdist,) = (tmp_path / "1" / "limbeck" / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("CHANGELOG.md") for name in archive.getnames())
