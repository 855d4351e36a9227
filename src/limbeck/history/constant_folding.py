"""Evaluate expressions in a revision file without running it.

The values of constants, of names that are bound once, of strings built from them and of loops
over literals are known. Every other value is `UNKNOWN`.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Mapping
from typing import Final


class _Unknown:
    """The value of an expression that cannot be evaluated without running the file."""


UNKNOWN: Final = _Unknown()
_MAX_LENGTH = 10_000  # characters of a string that is built; names are shorter
_PLAIN_MARKS = frozenset({"%s", "%d", "%%"})


class Constants:
    """The names bound at one place of a file, and the values of expressions there.

    Args:
        known: values by name; other names are unknown.
    """

    def __init__(self, known: Mapping[str, object] | None = None) -> None:
        self._known: dict[str, object] = dict(known or {})

    @classmethod
    def of_module(cls, tree: ast.Module) -> Constants:
        """Return the names that the top level of a file binds exactly once."""
        constants = cls()
        seen: set[str] = set()
        shared = {
            name for one in ast.walk(tree) if isinstance(one, ast.Global) for name in one.names
        }
        for statement in tree.body:
            names = set(names_bound_by(statement))
            constants.bind(statement)
            constants.forget(names & (seen | shared))
            seen |= names
        return constants

    def inner(self, names: Mapping[str, object] | None = None) -> Constants:
        """Return a copy with further names, for the body of a function or loop."""
        return Constants({**self._known, **(names or {})})

    def forget(self, names: set[str]) -> None:
        """Mark names as unknown from this statement on."""
        for name in names:
            self._known.pop(name, None)

    def bind(self, statement: ast.stmt) -> None:
        """Record the names that a statement binds."""
        match statement:
            case ast.Assign(targets=[target], value=value):
                self._assign(target, self.value(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self.value(value))
            case _:
                self.forget(set(names_bound_by(statement)))

    def iterations(self, target: ast.expr, over: ast.expr) -> list[dict[str, object]] | None:
        """Return the names that a loop binds in each iteration, None if they are unknown."""
        values = self.value(over)
        if not isinstance(values, (list, tuple, dict)):
            return None
        found: list[dict[str, object]] = []
        for value in values:
            iteration = Constants()
            iteration._assign(target, value)
            found.append(iteration._known)
        return found

    def value(self, node: ast.expr | None) -> object:
        """Return the value of an expression: plain data, or `UNKNOWN`.

        A missing expression has the value None.
        """
        if node is None:
            return None
        try:
            return self._value(node)
        except (TypeError, ValueError, KeyError, IndexError, RecursionError, MemoryError):
            return UNKNOWN  # a format string with too few values, a list as a key

    def _assign(self, target: ast.expr, value: object) -> None:
        if isinstance(target, ast.Name):
            self._known[target.id] = value
            return
        names = set(_names(target))
        self.forget(names)
        if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(value, (list, tuple)):
            return
        if len(target.elts) == len(value) and not any(
            isinstance(one, ast.Starred) for one in target.elts
        ):
            for one, part in zip(target.elts, value, strict=True):
                self._assign(one, part)

    def _value(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=value):
                found: object = value
            case ast.Name(id=name):
                found = self._known.get(name, UNKNOWN)
            case ast.Tuple() | ast.List() | ast.Set():
                found = self._sequence(node)
            case ast.Dict():
                found = self._dict(node)
            case ast.JoinedStr():
                found = _text([self._f_string_part(part) for part in node.values])
            case ast.UnaryOp():
                found = self._unary(node)
            case ast.BinOp():
                found = _joined(self._value(node.left), node.op, self._value(node.right))
            case ast.Call():
                found = self._call(node)
            case _:
                found = UNKNOWN
        return found

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set) -> object:
        parts = list(map(self._value, node.elts))
        if UNKNOWN in parts:
            return UNKNOWN
        return tuple(parts) if isinstance(node, ast.Tuple) else parts

    def _unary(self, node: ast.UnaryOp) -> object:
        found = self._value(node.operand)
        if isinstance(found, (int, float)) and isinstance(node.op, ast.USub):
            return -found
        return UNKNOWN

    def _dict(self, node: ast.Dict) -> object:
        # None is the key of `**others`
        names = [UNKNOWN if key is None else self._value(key) for key in node.keys]
        if UNKNOWN in names:
            return UNKNOWN
        # one unknown value does not make the others unknown: most loops use the keys only
        return dict(zip(names, map(self._value, node.values), strict=True))

    def _f_string_part(self, part: ast.expr) -> object:
        if isinstance(part, ast.FormattedValue):
            if part.format_spec is not None or part.conversion != -1:
                return UNKNOWN
            return self._value(part.value)
        return self._value(part)

    def _call(self, call: ast.Call) -> object:
        if called_name(call) == "f" and len(call.args) == 1:
            return self._value(call.args[0])  # op.f("name")
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is None or call.keywords:
            return UNKNOWN
        found = self._value(owner)
        if isinstance(found, str) and called_name(call) == "format":
            return _formatted(found, list(map(self._value, call.args)))
        views = {"items": dict.items, "keys": dict.keys, "values": dict.values}
        view = views.get(called_name(call))
        return list(view(found)) if isinstance(found, dict) and view is not None else UNKNOWN


def called_name(call: ast.Call) -> str:
    """Return the name of the called function: `drop_table` for `op.drop_table()`."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _text(parts: list[object]) -> object:
    if not all(isinstance(one, (str, int)) for one in parts):
        return UNKNOWN
    text = "".join(map(str, parts))
    return text if len(text) <= _MAX_LENGTH else UNKNOWN


def _joined(left: object, operator: ast.operator, right: object) -> object:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(operator, ast.Add):
        if isinstance(left, str) and isinstance(right, str):
            return _text([left, right])
        if isinstance(left, list) and isinstance(right, list):
            return left + right
        if isinstance(left, tuple) and isinstance(right, tuple):
            return left + right
    elif isinstance(operator, ast.Mod) and isinstance(left, str):
        # `%9999d` would make a long string from a short one
        is_plain = _PLAIN_MARKS.issuperset(re.findall("%.?", left))
        return _text([left % right]) if is_plain else UNKNOWN
    return UNKNOWN


def _formatted(text: str, values: list[object]) -> object:
    if UNKNOWN in values:
        return UNKNOWN
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is not None and (spec or conversion or not (name == "" or name.isdecimal())):
            return UNKNOWN
    return _text([text.format(*values)])


def names_bound_by(statement: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its own scope, not inside a function."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    else:
        yield from bound_names(statement)


def _names(target: ast.expr) -> Iterator[str]:
    return (one.id for one in ast.walk(target) if isinstance(one, ast.Name))


def bound_names(statement: ast.AST) -> Iterator[str]:
    """Yield every name that a statement may bind or unbind in any of its branches."""
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
