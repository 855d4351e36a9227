"""Complete files and unique class names, counted: each allowance may only fall."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict

from tests.architecture.source import MODULES, Module

SHORTEST_FILE = 40
SHORTEST_OF_ONE_USER = 120
# how many exceptions each rule still has
SHORT_FILES = 6
FILES_OF_ONE_USER = 11
DUPLICATE_CLASSES = 0
ERRORS_WITHOUT_SUFFIX = 1
ERRORS_ELSEWHERE = 5

# compat repeats Alembic's names of modules and classes; op and context are modules that users import
OWN = [
    module
    for module in MODULES
    if module.area not in {"compat", "op", "context", "testing"}
    and module.path.name not in {"__init__.py", "__main__.py"}
]


def _length(module: Module) -> int:
    return len(module.text.splitlines())


def test_files_are_not_fragments() -> None:
    short = [module.name for module in OWN if _length(module) < SHORTEST_FILE]
    assert len(short) <= SHORT_FILES, short


def test_short_files_have_more_than_one_user() -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        for name, _ in module.imports():
            if name != module.name:
                users[name].add(module.name)
    lonely = [
        module.name
        for module in OWN
        if _length(module) < SHORTEST_OF_ONE_USER
        and len(users[module.name]) == 1
        and users[module.name].pop().rpartition(".")[0] == module.name.rpartition(".")[0]
    ]
    assert len(lonely) <= FILES_OF_ONE_USER, lonely


def test_a_public_class_name_is_unique() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for module in OWN:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].add(module.name)
    twins = {name: sorted(found) for name, found in homes.items() if len(found) > 1}
    assert len(twins) <= DUPLICATE_CLASSES, twins


def _errors() -> list[tuple[Module, str]]:
    """Return the exception classes, with the modules that define them."""
    known = {
        name
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }
    known -= {name for name in known if name.endswith("Warning")}
    classes = [
        (module, node, {ast.unparse(base).rpartition(".")[2] for base in node.bases})
        for module in OWN
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    ]
    while True:
        found = {node.name for _, node, bases in classes if bases & known}
        if found <= known:
            break
        known |= found
    return [(module, node.name) for module, node, bases in classes if bases & known]


def test_an_error_is_named_error() -> None:
    wrong = [f"{module.name}: {name}" for module, name in _errors() if not name.endswith("Error")]
    assert len(wrong) <= ERRORS_WITHOUT_SUFFIX, wrong


def test_errors_are_defined_in_errors_py() -> None:
    wrong = [
        f"{module.name}: {name}"
        for module, name in _errors()
        if module.path.stem != "errors" and not name.startswith("_")
    ]
    assert len(wrong) <= ERRORS_ELSEWHERE, wrong
