"""Read a header from the syntax tree of a file: for the files regular expressions do not settle."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from typing import Final

from limbeck.history.revision import NAMES, NeedsRun

# Names through which a file can bind others without writing an assignment.
_BACK_DOORS = frozenset(
    ("globals", "locals", "vars", "exec", "eval", "setattr", "__dict__", "modules", "__import__")
)


class _Unknown:
    """A value that only running the file can tell."""


_UNKNOWN: Final = _Unknown()
_Known = str | None | tuple["_Known", ...] | list["_Known"] | frozenset[str] | _Unknown


def names_from_syntax(text: str) -> dict[str, object] | NeedsRun:
    """Return the header names a file binds at its top level, or why that cannot be told."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        return NeedsRun(f"it is not valid Python: {error}")
    known: dict[str, _Known] = {"__doc__": ast.get_docstring(tree, clean=False)}
    for statement in tree.body:
        _follow(statement, known)
    if _has_back_door(tree):
        return NeedsRun("it may bind names indirectly")
    for name in _shared_and_mutable(tree, known):
        known[name] = _UNKNOWN
    unknown = sorted(name for name in NAMES if isinstance(known.get(name), _Unknown))
    if unknown:
        return NeedsRun(f"{', '.join(unknown)} is computed")
    return {name: known[name] for name in NAMES if name in known}


def _follow(statement: ast.stmt, known: dict[str, _Known]) -> None:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        # A function may be called while the file runs: what it declares global is open.
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


def _forget(known: dict[str, _Known], names: Iterable[str]) -> None:
    known.update(dict.fromkeys(names, _UNKNOWN))


def _assigned(statement: ast.stmt) -> list[str] | None:
    """Return the plain names that an assignment binds, None for every other statement."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names if names and len(names) == len(targets) else None


def _evaluate(node: ast.expr, known: dict[str, _Known]) -> _Known:
    found: _Known = _UNKNOWN
    match node:
        case ast.Constant(value=str() | None as constant):
            found = constant
        case ast.Tuple() if _plain(node, known):
            found = tuple(_evaluate(item, known) for item in node.elts)
        case ast.List() if _plain(node, known):
            found = [_evaluate(item, known) for item in node.elts]
        case ast.Set():
            items = [_evaluate(item, known) for item in node.elts]
            texts = frozenset(item for item in items if isinstance(item, str))
            found = texts if all(isinstance(item, str) for item in items) else found
        case ast.Name():
            value = known.get(node.id, _UNKNOWN)
            found = _UNKNOWN if isinstance(value, (list, frozenset)) else value
        case ast.BinOp(op=ast.Add()):
            left, right = _evaluate(node.left, known), _evaluate(node.right, known)
            found = left + right if isinstance(left, str) and isinstance(right, str) else found
    return found


def _plain(node: ast.Tuple | ast.List, known: dict[str, _Known]) -> bool:
    return all(
        isinstance(_evaluate(item, known), (str, tuple)) or _is_none(item) for item in node.elts
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def bound_names(statement: ast.AST) -> Iterator[str]:
    """Yield every name a statement may bind or unbind, whatever its branches do."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                yield node.id
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield alias.asname or alias.name.partition(".")[0]
            case ast.Global():
                yield from node.names
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                yield name


def _declared_global(function: ast.stmt) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield from node.names


def _walrus(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.NamedExpr):
            yield node.target.id


def _has_back_door(tree: ast.Module) -> bool:
    """Say whether code that runs with the file, not only inside its functions, has one."""
    functions = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    nodes = list(_at_top(tree))
    calls_own = any(isinstance(node, ast.Name) and node.id in functions for node in nodes)
    return any(_is_back_door(node) for node in (ast.walk(tree) if calls_own else nodes))


def _at_top(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in (*child.decorator_list, *child.args.defaults):
                yield part
                yield from _at_top(part)
        else:
            yield from _at_top(child)


def _is_back_door(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _BACK_DOORS
    return isinstance(node, ast.Attribute) and node.attr in {"__dict__", "modules"}


def _shared_and_mutable(tree: ast.Module, known: dict[str, _Known]) -> list[str]:
    """Return header names bound to a list or set that is mentioned again and may have changed."""
    mutable = {name for name in NAMES if isinstance(known.get(name), (list, frozenset))}
    if not mutable:
        return []
    return [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in mutable and isinstance(node.ctx, ast.Load)
    ]
