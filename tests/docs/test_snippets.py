"""Examples in the pages are valid: code parses, commands, options and settings exist."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from limbeck.cli.arguments import COMMANDS, GLOBAL, OPTIONS, CommandSpec
from limbeck.project.settings_table import TABLE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^( *)```\{?(\w+)\}?[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`limbeck ([a-z][^`\n]*)`")
PAGES = sorted(
    page
    for page in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    if "adr" not in page.parts and page.name not in {"command-reference.md", "lint-rules.md"}
)
ids = lambda page: str(page.relative_to(ROOT))  # noqa: E731
COMMANDS_BY_NAME = {spec.name: spec for spec in COMMANDS}


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    for indent, kind, body in FENCE.findall(page.read_text("utf-8")):
        yield kind, re.sub(f"^{indent}", "", body, flags=re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_code_parses(page: Path) -> None:
    for kind, body in blocks(page):
        if kind == "python" and not re.search(r"\) -> [^:]*$", body):  # a signature
            ast.parse(re.sub(r"^await ", "", body, flags=re.MULTILINE))
        elif kind == "toml":
            tomllib.loads(body)
        elif kind == "yaml":
            pytest.importorskip("yaml").safe_load(body)


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_settings_are_known(page: Path) -> None:
    known = {one.name for one in TABLE}
    for kind, body in blocks(page):
        table = tomllib.loads(body).get("tool", {}).get("limbeck", {}) if kind == "toml" else {}
        assert set(table) - known == set()


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_commands_and_options_exist(page: Path) -> None:
    wrong = [f"limbeck {line}" for line in _commands(page) if _unknown(line)]
    assert wrong == []


@pytest.mark.parametrize("name", [".github/workflows/limbeck-check.yml", ".pre-commit-hooks.yaml"])
def test_commands_of_ci_files_exist(name: str) -> None:
    lines = _in_yaml((ROOT / name).read_text("utf-8"))
    assert len(lines) >= 2
    assert [line for line in lines if _unknown(line)] == []


def test_an_unknown_option_is_found() -> None:
    assert _unknown("upgrade --nonsense")
    assert _unknown("upgrad head")
    assert not _unknown("-c other.toml fleet upgrade --canary 3")


def _commands(page: Path) -> Iterator[str]:
    for kind, body in blocks(page):
        if kind in {"console", "bash", "sh", "shell"}:
            yield from re.findall(r"^(?:\$ )?limbeck (.*)$", body, re.MULTILINE)
        elif kind == "yaml":
            yield from _in_yaml(body)
    yield from INLINE.findall(page.read_text("utf-8"))


def _in_yaml(text: str) -> list[str]:
    """Return the command lines of a CI file."""
    return re.findall(r"^\s*(?:- |run: |entry: )?limbeck ([a-z].*)$", text, re.MULTILINE)


def _unknown(line: str) -> bool:
    """Return whether a command line has a command or an option that limbeck does not have."""
    text = re.sub(r"\s+#.*| ?[|>&] .*|\.\.\.", "", line)
    words = shlex.split(text, posix=True)
    options = {flag for option in GLOBAL for flag in option.flags}
    table = COMMANDS_BY_NAME
    spec: CommandSpec | None = None
    for number, word in enumerate(words):
        if word.startswith("--") or re.fullmatch(r"-[a-zA-Z]", word):
            flag = word.partition("=")[0]
            if flag not in options and flag not in {"--help", "-h"}:
                return True
        elif word in table and (spec is None or spec.actions):
            spec = table[word]
            options |= {flag for name in spec.arguments for flag in OPTIONS[name].flags}
            table = {one.name: one for one in spec.actions}
        elif spec is None and not words[number - 1].startswith("-"):
            return True
    return False
