"""Which package may import which: layers, public names, no circles.

import-linter can state the layers. It cannot say "nothing but the standard library", finds no
circle that leads through a package's own __init__, and needs a contract for each package for
the rule of public names; two places for one set of rules would be worse than these lines.
"""

from __future__ import annotations

import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import ENTRY_POINTS, MODULES, PACKAGE, PACKAGES, Module, area_of

INSIDE = [module for module in MODULES if module.area not in ENTRY_POINTS]
STANDARD_LIBRARY_ONLY = (0, 1)


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_every_module_belongs_to_a_known_package(module: Module) -> None:
    assert module.area in PACKAGES


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_imports_go_to_lower_packages(module: Module) -> None:
    layer, place = PACKAGES[module.area]
    wrong = []
    for name, line in module.imports():
        area = area_of(name)
        if area == module.area:
            continue
        if (
            area in ENTRY_POINTS
            or PACKAGES[area] > (layer, place)
            or PACKAGES[area] == (layer, place)
        ):
            wrong.append(f"{module.path.name}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_other_packages_import_public_names(module: Module) -> None:
    wrong = []
    for name, line in module.imports():
        area = area_of(name)
        is_public = name.count(".") == 1 or name == "limbeck.startup.lazy_exports"
        if area != module.area and not is_public and not _may_pass(module, name):
            wrong.append(f"{module.path.name}:{line} imports {name}")
    assert wrong == []


def _may_pass(module: Module, name: str) -> bool:
    # compat serves names of single dialects, so it alone may ask for them by module
    return module.name.startswith("limbeck.compat.ddl") and name.startswith("limbeck.dialects.")


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_no_dialect_module_is_imported_outside_dialects(module: Module) -> None:
    if module.area == "dialects" or module.name.startswith("limbeck.compat.ddl"):
        return
    names = {path.name for path in (PACKAGE / "dialects").iterdir() if path.is_dir()}
    wrong = [
        f"{module.path.name}:{line} imports {name}"
        for name, line in module.imports()
        if name.startswith("limbeck.dialects.") and name.split(".")[2] in names
    ]
    assert wrong == []


def test_no_import_circle_between_files() -> None:
    known = {module.name for module in MODULES}
    graph = {
        module.name: {name for name, _ in module.imports() if name in known and name != module.name}
        for module in MODULES
    }
    circles = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = error.args[1]
            circles.append(" -> ".join(circle))
            # leave this arrow out and look for the next circle
            graph[circle[1]].discard(circle[0])
        else:
            break
    assert circles == []


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_the_lower_layers_need_the_standard_library_only(module: Module) -> None:
    if PACKAGES[module.area][0] not in STANDARD_LIBRARY_ONLY:
        return
    import ast

    allowed = set(sys.stdlib_module_names) | {"limbeck"}
    wrong = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            wrong += [alias.name for alias in node.names if alias.name.split(".")[0] not in allowed]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            wrong += [node.module] if (node.module or "").split(".")[0] not in allowed else []
    assert wrong == []
