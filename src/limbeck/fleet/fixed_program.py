"""Find out from the text of a revision file whether its upgrade depends on the tenant."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import lru_cache

from limbeck.text import parse_python

_OPERATIONS = frozenset({"limbeck", "alembic"})


@lru_cache(maxsize=256)
def is_fixed(source: bytes) -> bool:
    """Return whether the function `upgrade` of a file only calls operations with constants.

    Constants are literals, names of SQLAlchemy, and calls of SQLAlchemy with constants. Any other
    statement or name may depend on the tenant, on the time or on rows of the database.

    Args:
        source: the text of the file.
    """
    try:
        tree = parse_python(source)
    except (SyntaxError, ValueError):
        return False
    names: dict[str, str] = {}
    assigned = set[str]()
    functions: dict[str, ast.FunctionDef] = {}
    for node in tree.body:
        match node:
            case ast.Import() | ast.ImportFrom():
                names.update(_imported(node))
            case ast.FunctionDef(name="upgrade" | "downgrade", decorator_list=[]):
                functions[node.name] = node
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                if not _is_literal(value):
                    return False
                assigned.add(name)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                return False
    upgrade = functions.get("upgrade")
    if upgrade is None or not assigned.isdisjoint(names):
        return False
    return all(_is_operation(one, names) for one in upgrade.body)


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Return the package of each name that an import binds."""
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    is_relative = isinstance(node, ast.ImportFrom) and node.level > 0
    found = {}
    for one in node.names:
        whole = module or one.name
        name = one.asname or one.name.partition(".")[0]
        found[name] = "" if is_relative else whole.partition(".")[0]
    return found


def _is_operation(node: ast.stmt, names: dict[str, str]) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="op"))) as call) if (
            names.get("op") in _OPERATIONS
        ):
            return _are_constant([*call.args, *(word.value for word in call.keywords)], names)
    return False


def _are_constant(nodes: Iterable[ast.expr | None], names: dict[str, str]) -> bool:
    return all(node is None or _is_constant(node, names) for node in nodes)


def _is_constant(node: ast.expr, names: dict[str, str]) -> bool:
    parts: Sequence[ast.expr | None] = ()
    match node:
        case ast.Constant():
            pass
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            pass
        case ast.Dict(keys=keys, values=values):
            parts = [*keys, *values]
        case ast.UnaryOp(operand=operand):
            parts = [operand]
        case ast.Name() | ast.Attribute():
            return _package(node, names) == "sqlalchemy"
        case ast.Call(func=function, args=args, keywords=words) if _is_known(function, names):
            parts = [*args, *(word.value for word in words)]
        case _:
            return False
    return _are_constant(parts, names)


def _is_known(function: ast.expr, names: dict[str, str]) -> bool:
    """Return whether a function is SQLAlchemy's, or `op.f`."""
    is_name = isinstance(function, ast.Attribute) and function.attr == "f"
    package = _package(function, names)
    return package == "sqlalchemy" or (is_name and package in _OPERATIONS)


def _package(node: ast.expr, names: dict[str, str]) -> str:
    """Return the package from which a dotted name comes, "" where that is not known."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True
