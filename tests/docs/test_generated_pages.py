"""Generated pages and images are up to date."""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path

import pytest

from limbeck.project.settings_table import TABLE, VARIABLES

ROOT = Path(__file__).parents[2]
REFERENCES = runpy.run_path(str(ROOT / "scripts" / "make_reference_pages.py"))


@pytest.mark.parametrize(
    ("path", "made"), REFERENCES["PAGES"], ids=lambda one: getattr(one, "stem", "")
)
def test_references_are_up_to_date(path: Path, made) -> None:
    assert path.read_text("utf-8") == made(), "run python scripts/make_reference_pages.py"


def test_every_diagram_has_an_alternative_text() -> None:
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md"))
    diagrams = re.findall(r"^```mermaid\n(.*?)^```", pages, re.MULTILINE | re.DOTALL)
    assert len(diagrams) >= 7
    for diagram in diagrams:
        assert re.match(r"flowchart \w+\n    accTitle: .{40,}\n", diagram), diagram


def test_every_setting_in_the_code_is_in_the_table() -> None:
    """Names in `option("...")` and the like; `sqlalchemy.url` is Alembic's."""
    calls = re.compile(
        r"(?:project\.option\(|get_alembic(?:_boolean)?_option\(|_(?:yes|text|seconds)\(config, |"
        r"_listed\(project, )\"(\w+)\""
    )
    sources = (ROOT / "src" / "limbeck").rglob("*.py")
    named = {name for path in sources for name in calls.findall(path.read_text("utf-8"))}
    assert len(named) > 20
    assert named - {one.name for one in TABLE} == set()


def test_every_environment_variable_is_described() -> None:
    sources = (ROOT / "src" / "limbeck").rglob("*.py")
    text = "".join(path.read_text("utf-8") for path in sources if path.name != "settings_table.py")
    named = set(re.findall(r"environ(?:\.get)?[\[(]\"(LIMBECK_\w+|ALEMBIC_\w+)\"", text))
    known = {name for name, _ in VARIABLES} | {one.variable for one in TABLE}
    assert len(named) > 3
    assert named - known == set()


@pytest.mark.parametrize("setting", TABLE, ids=lambda one: one.name)
def test_examples_of_settings_can_be_read(setting, tmp_path: Path) -> None:
    """An example is TOML, and the setting is accepted."""
    from limbeck.project import Config

    if setting.scope == "ini":
        path = tmp_path / "alembic.ini"
        path.write_text(f"[alembic]\n{setting.name} = {setting.example}\n", "utf-8")
        assert Config(str(path)).get_main_option(setting.name) == setting.example
        return
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool.limbeck]\n{setting.name} = {setting.example}\n", "utf-8")
    assert setting.name in Config(toml_file=os.fspath(path)).toml_alembic_config


@pytest.mark.parametrize("package", ["api", "declare", "fleet", "testing"])
def test_public_names_are_in_the_reference_of_the_api(package: str) -> None:
    """Constants are not; the functions of `limbeck.api` are those of `limbeck`."""
    import importlib

    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    module = importlib.import_module(f"limbeck.{package}")
    named = set(re.findall(r"^\.\. auto\w+:: limbeck\.(?:\w+\.)*(\w+)$", page, re.MULTILINE))
    assert {name for name in module.__all__ if not name.isupper()} - named == set()
