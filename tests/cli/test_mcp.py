"""`limbeck mcp`, with the client of the official SDK over stdio."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.native_project import native_project
from tests.cli.test_json import document, run
from tests.servers import Database

mcp = pytest.importorskip("mcp", reason="limbeck mcp NOT TESTED: pip install 'mcp>=2'")
READING = {"status", "history", "plan", "check", "lint", "verify", "explain_error"}


def conversation(
    folder: Path, *calls: tuple[str, dict[str, Any]], options: tuple[str, ...] = ()
) -> Any:
    """Return the names of the tools, and the result of each call."""
    server = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "limbeck", "mcp", *options], cwd=folder
    )

    async def talk() -> Any:
        async with mcp.Client(server) as client:
            tools = (await client.list_tools()).tools
            return tools, [await client.call_tool(name, words) for name, words in calls]

    return asyncio.run(talk())


def test_a_client_calls_read_only_tools(tmp_path: Path, sqlite: Database) -> None:
    native_project(tmp_path, sqlite.address)
    models = next(tmp_path.glob("models_*.py"))
    models.write_text(models.read_text() + "\nprint('printed by the models')\n")
    assert run(tmp_path, "upgrade").code == 0
    tools, (status, plan, check, lint, verify, error, wrong) = conversation(
        tmp_path,
        ("status", {}),
        ("plan", {"revision": "-1"}),
        ("check", {}),
        ("lint", {"revision_range": "bb22"}),
        ("verify", {"revision_range": "bb22"}),
        ("explain_error", {"code": "lb352"}),
        ("history", {"revision_range": "nothing:"}),
    )
    assert {one.name for one in tools} == READING
    assert all(one.annotations.read_only_hint for one in tools)
    for command, result in (
        ("status", status),
        ("plan", plan),
        ("check", check),
        ("lint", lint),
        ("verify", verify),
    ):
        assert not result.is_error, result
        found = result.structured_content
        document(command, json.dumps(found["document"]))
        assert found["exit_code"] == 0, found
    assert status.structured_content["document"][0]["revisions"] == ["bb22"]
    assert plan.structured_content["document"]["plans"][0]["direction"] == "downgrade"
    assert "--yes" in error.content[0].text
    assert wrong.is_error
    assert "LB201" in wrong.content[0].text


def test_a_value_is_never_read_as_an_option(tmp_path: Path, sqlite: Database) -> None:
    native_project(tmp_path, sqlite.address)
    before = sorted(tmp_path.rglob("*"))
    _, results = conversation(
        tmp_path,
        ("lint", {"revision_range": "--fix"}),
        ("plan", {"revision": "--html=page.html"}),
        ("verify", {"revision_range": "--help"}),
        ("history", {"revision_range": "--verbose"}),
    )
    assert all(one.is_error for one in results), results
    texts = [one.content[0].text for one in results]
    assert all("LB201" in text or "is not a range of revisions" in text for text in texts), texts
    written = set(tmp_path.rglob("*.py")) | set(tmp_path.rglob("*.html"))
    assert written <= set(before)


def test_writing_tools_need_permission(tmp_path: Path, sqlite: Database) -> None:
    native_project(tmp_path, sqlite.address)
    assert run(tmp_path, "upgrade").code == 0
    models = next(tmp_path.glob("models_*.py"))
    models.write_text(models.read_text() + "shop.append_column(sa.Column('city', sa.Text))\n")
    tools, (refused,) = conversation(tmp_path, ("draft", {"message": "cities"}))
    assert "draft" not in {one.name for one in tools}
    assert refused.is_error
    tools, (draft,) = conversation(
        tmp_path, ("draft", {"message": "cities"}), options=("--allow-write",)
    )
    assert "draft" in {one.name for one in tools}
    assert not draft.is_error, draft
    (entry,) = draft.structured_content["document"]
    assert "op.add_column(" in Path(entry["path"]).read_text()


def test_an_error_names_the_missing_package(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError('no mcp here')")
    native_project(tmp_path, "sqlite://")
    done = subprocess.run(
        [sys.executable, "-m", "limbeck", "mcp"],
        cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 255
    assert "limbeck[mcp]" in done.stderr
