"""Sizes, names and state that a machine can check."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import MODULES, PACKAGES, Module

LONGEST_FILE = 500
LONGEST_FUNCTION = 50
DATABASES = {"sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle"}
EMPTY_WORDS = re.compile(r"(?:^|_)(?:manager|helper|helpers|util|utils|common|info|data)(?:_|$)")
# the state that the design allows: one context variable with its list, and the registries
STATE = {
    ("limbeck.environment.current", "_current"),
    ("limbeck.environment.current", "_running"),
    ("limbeck.operations.registry", "_REGISTRY"),
    ("limbeck.operations.operations", "_in_context"),
    ("limbeck.operations.operations", "_in_process"),
    ("limbeck.render.context", "_REGISTRY"),
    ("limbeck.autogenerate.comparator_registry", "_REGISTRY"),
    ("limbeck.dialects.registry", "_REGISTRY"),
    # the slot for dialects from outside, and the registry by which packages know theirs
    ("limbeck.dialects.third_party", "_lookups"),
    ("limbeck.compat.ddl.impl", "_impls"),
    # post-write hooks are registered by name from env.py, as other registries are
    ("limbeck.project.write_hooks", "_REGISTRY"),
    # what makes the test databases of a process, with the connection that it uses again
    ("limbeck.testing.databases", "_templates"),
}
MUTATORS = {
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault",
    "add", "discard", "appendleft",
}  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_files_are_short(module: Module) -> None:
    assert len(module.text.splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_long_functions_have_a_reason(module: Module) -> None:
    lines = module.text.splitlines()
    wrong = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - _body_start(node) + 1
            above = lines[node.lineno - 2] if node.lineno > 1 else ""
            if length > LONGEST_FUNCTION and "# long:" not in above:
                wrong.append(f"{node.name} ({length} lines, line {node.lineno})")
    assert wrong == []


def _body_start(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if is_docstring and len(node.body) > 1:
        return node.body[1].lineno
    return first.lineno


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_no_database_is_named_outside_dialects(module: Module) -> None:
    if module.area == "dialects" or module.name.startswith("limbeck.compat.ddl"):
        return
    wrong = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            words = {
                constant.value
                for part in [node.left, *node.comparators]
                for constant in ast.walk(part)
                if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
            }
        elif isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant):
            words = {node.value.value}
        else:
            continue
        if words & DATABASES:
            wrong.append(
                f"line {node.lineno if hasattr(node, 'lineno') else '?'}: {words & DATABASES}"
            )
    assert wrong == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_names_are_not_empty_words(module: Module) -> None:
    if module.area == "compat":
        return
    names = [module.path.stem]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower())
    # `info` is a public attribute of SQLAlchemy's and Alembic's objects
    assert [
        name
        for name in names
        if EMPTY_WORDS.search(name.replace("data_loss", "loss"))
        and name not in {"info", "migration_info"}
    ] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_only_the_listed_modules_have_state(module: Module) -> None:
    top = {
        target.id
        for node in module.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    changed = set()
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        local = {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}
        local |= {
            name.id
            for name in ast.walk(function)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
        for node in ast.walk(function):
            changed |= {name for name in _changed(node) if name in top and name not in local}
    allowed = {name for owner, name in STATE if owner == module.name}
    assert changed - allowed == set()


def _changed(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Global):
        return set(node.names)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return {node.value.id} if isinstance(node.value, ast.Name) else set()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_change = node.func.attr in MUTATORS and isinstance(node.func.value, ast.Name)
        return {node.func.value.id} if is_change else set()  # type: ignore[attr-defined]
    return set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_lower_layers_are_typed_without_any(module: Module) -> None:
    if module.area not in PACKAGES or PACKAGES[module.area][0] > 1:
        return
    wrong = [
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id == "Any"
    ]
    assert wrong == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_file_has_a_short_docstring(module: Module) -> None:
    docstring = ast.get_docstring(module.tree)
    if module.text.strip():
        assert docstring, "no module docstring"
        if module.name not in {"limbeck.errors", "limbeck.runtime.runner"}:
            assert len(docstring.splitlines()) <= 6


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_name_is_defined_once(module: Module) -> None:
    seen: list[str] = []
    for node in module.tree.body:
        match node:
            case ast.FunctionDef(name=name, decorator_list=[]) | ast.ClassDef(name=name):
                seen.append(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                seen.append(name)
    assert sorted({name for name in seen if seen.count(name) > 1}) == []
