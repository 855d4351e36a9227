"""Every error code has its entry, and every entry its code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text("utf-8")


def _codes() -> set[str]:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    return set(re.findall(r"\bLB\d{3}\b", text))


def test_every_code_has_an_entry() -> None:
    assert _codes() - set(re.findall(r"(?m)^### (LB\d{3})$", PAGE)) == set()


def test_every_entry_has_a_code_and_a_next_step() -> None:
    entries = re.split(r"(?m)^### (?=LB\d{3}$)", PAGE)[1:]
    names = [entry[:5] for entry in entries]
    assert len(names) == len(set(names))
    assert names == sorted(names)
    assert set(names) <= _codes()
    for entry in entries:
        for word in ("Meaning", "Cause", "What to do"):
            assert f"- **{word}:** " in entry, entry[:5]


def test_classes_do_not_share_a_code_by_accident() -> None:
    found: dict[str, list[str]] = {}
    for path in (ROOT / "src" / "limbeck").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                        found.setdefault(ast.unparse(line.value), []).append(node.name)
    assert len(found) > 30
    assert {code: names for code, names in found.items() if len(names) > 1} == {}


def test_an_error_without_a_class_has_its_own_code() -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    classes = set(re.findall(r"(?m)^    code = \"(LB\d{3})\"", text))
    assert classes & set(re.findall(r"code=\"(LB\d{3})\"", text)) == set()
