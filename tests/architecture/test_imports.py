"""Who may walk into whom."""

from __future__ import annotations

import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import MODULES, PACKAGE, ROOMS, STREET, Module

INSIDE = [module for module in MODULES if module.room not in STREET]
GROUND_FLOORS = (0, 1)


def _room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_every_module_lies_in_a_room(module: Module) -> None:
    assert module.room in ROOMS


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_arrows_run_down_or_to_the_left(module: Module) -> None:
    floor, place = ROOMS[module.room]
    wrong = []
    for name, line in module.imports():
        room = _room(name)
        if room == module.room:
            continue
        if room in STREET or ROOMS[room] > (floor, place) or ROOMS[room] == (floor, place):
            wrong.append(f"{module.path.name}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_rooms_are_entered_through_their_door(module: Module) -> None:
    wrong = []
    for name, line in module.imports():
        room = _room(name)
        is_door = name.count(".") == 1
        if room != module.room and not is_door and not _may_pass(module, name):
            wrong.append(f"{module.path.name}:{line} imports {name}")
    assert wrong == []


def _may_pass(module: Module, name: str) -> bool:
    # compat serves names of single dialects, so it alone may ask for them by module
    return module.name.startswith("limbeck.compat.ddl") and name.startswith("limbeck.dialects.")


@pytest.mark.parametrize("module", INSIDE, ids=lambda module: module.name)
def test_no_dialect_module_is_imported_outside_dialects(module: Module) -> None:
    if module.room == "dialects" or module.name.startswith("limbeck.compat.ddl"):
        return
    names = {path.name for path in (PACKAGE / "dialects").iterdir() if path.is_dir()}
    wrong = [
        f"{module.path.name}:{line} imports {name}"
        for name, line in module.imports()
        if name.startswith("limbeck.dialects.") and name.split(".")[2] in names
    ]
    assert wrong == []


def test_no_circle_between_files() -> None:
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
def test_the_lower_floors_need_the_standard_library_only(module: Module) -> None:
    if ROOMS[module.room][0] not in GROUND_FLOORS:
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
