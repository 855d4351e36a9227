"""Read a header from the syntax tree of a file, if regular expressions are not sufficient."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator

from limbeck.history.constant_folding import UNKNOWN, Constants, bound_names
from limbeck.history.revision import NAMES, NeedsRun
from limbeck.text import parse_python

# names through which a file can bind other names without an assignment
_DYNAMIC_NAMES = frozenset(
    ("globals", "locals", "vars", "exec", "eval", "setattr", "__dict__", "modules", "__import__")
)


def names_from_syntax(text: str) -> dict[str, object] | NeedsRun:
    """Return the header names that a file binds at its top level, or `NeedsRun`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parse_python(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        return NeedsRun(f"it is not valid Python: {error}")
    known: dict[str, object] = {"__doc__": ast.get_docstring(tree, clean=False)}
    for statement in tree.body:
        _follow(statement, known)
    if _has_dynamic_access(tree):
        return NeedsRun("it may bind names indirectly")
    for name in _shared_and_mutable(tree, known):
        known[name] = UNKNOWN
    for name in ("replaces", "kind", "phase"):
        if known.get(name) is UNKNOWN:
            del known[name]  # not a literal, so the project uses the name for something else
    unknown = sorted(name for name in NAMES if known.get(name) is UNKNOWN)
    if unknown:
        return NeedsRun(f"{', '.join(unknown)} is computed")
    return {name: known[name] for name in NAMES if name in known}


def _follow(statement: ast.stmt, known: dict[str, object]) -> None:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        # The function may be called while the file runs, so its global names are unknown.
        _forget(known, [*_declared_global(statement), *_walrus(statement), statement.name])
        return
    names = _assigned(statement)
    if names is None:
        bound = list(bound_names(statement))
        _forget(known, [*bound, *(NAMES - {"__doc__"} if "*" in bound else ())])
        return
    node = getattr(statement, "value", None)
    _forget(known, _walrus(statement))
    if node is not None:
        value = _evaluate(node, known)
        known.update(dict.fromkeys(names, value))


def _forget(known: dict[str, object], names: Iterable[str]) -> None:
    known.update(dict.fromkeys(names, UNKNOWN))


def _assigned(statement: ast.stmt) -> list[str] | None:
    """Return the names that a simple assignment binds, None for other statements."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names if names and len(names) == len(targets) else None


def _evaluate(node: ast.expr, known: dict[str, object]) -> object:
    """Return the value of an expression if it is of a type that headers use, else UNKNOWN."""
    # A list or set may be changed through another name, and `f(...)` may be any function.
    if any(isinstance(part, ast.Call) for part in ast.walk(node)):
        return UNKNOWN
    constants = {
        name: value for name, value in known.items() if not isinstance(value, (list, frozenset))
    }
    value = Constants(constants).value(node)
    if isinstance(node, ast.Set):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return frozenset(value)
        return UNKNOWN
    if isinstance(value, list):
        return value if all(map(_is_header_value, value)) else UNKNOWN
    return value if _is_header_value(value) else UNKNOWN


def _is_header_value(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_header_value, value))
    return value is None or isinstance(value, str)


def _declared_global(function: ast.stmt) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield from node.names


def _walrus(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.NamedExpr):
            yield node.target.id


def _has_dynamic_access(tree: ast.Module) -> bool:
    """Return whether code that runs when the file is loaded may bind names indirectly."""
    functions = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    nodes = list(_at_top(tree))
    calls_own = any(isinstance(node, ast.Name) and node.id in functions for node in nodes)
    return any(_is_dynamic_access(node) for node in (ast.walk(tree) if calls_own else nodes))


def _at_top(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in (*child.decorator_list, *child.args.defaults):
                yield part
                yield from _at_top(part)
        else:
            yield from _at_top(child)


def _is_dynamic_access(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _DYNAMIC_NAMES
    return isinstance(node, ast.Attribute) and node.attr in {"__dict__", "modules"}


def _shared_and_mutable(tree: ast.Module, known: dict[str, object]) -> list[str]:
    """Return header names bound to a list or set that is used again and may have changed."""
    mutable = {name for name in NAMES if isinstance(known.get(name), (list, frozenset))}
    if not mutable:
        return []
    return [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in mutable and isinstance(node.ctx, ast.Load)
    ]
