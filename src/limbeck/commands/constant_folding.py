"""What the expressions of a revision file stand for, as far as its text alone says.

Names that are bound once, texts put together of such names, and loops over what stands there. What
depends on anything else is `UNKNOWN`; nothing of the file is run.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from limbeck.history import bound_names

__all__ = ["UNKNOWN", "Constants", "bound", "called"]


class _Unknown:
    """A value that only running the file can tell."""


UNKNOWN: Final = _Unknown()
_LONGEST = 10_000  # characters of a text that is put together; longer ones are nobody's name
_PLAIN_MARKS = frozenset({"%s", "%d", "%%"})


class Constants:
    """The names known at a place of a file, and what expressions are worth there.

    Args:
        known: names with their values; others are unknown.
    """

    def __init__(self, known: Mapping[str, object] | None = None) -> None:
        self._known: dict[str, object] = dict(known or {})

    @classmethod
    def of_module(cls, tree: ast.Module) -> Constants:
        """Return what the top level of a file binds, each name once and nowhere else."""
        constants = cls()
        seen: set[str] = set()
        shared = {
            name for one in ast.walk(tree) if isinstance(one, ast.Global) for name in one.names
        }
        for statement in tree.body:
            names = set(bound(statement))
            constants.bind(statement)
            constants.forget(names & (seen | shared))
            seen |= names
        return constants

    def inner(self, names: Mapping[str, object] | None = None) -> Constants:
        """Return what a function or a loop starts from: these names, and some of its own."""
        return Constants({**self._known, **(names or {})})

    def forget(self, names: set[str]) -> None:
        """Take names back that may have any value from here on."""
        for name in names:
            self._known.pop(name, None)

    def bind(self, statement: ast.stmt) -> None:
        """Take in what a statement binds."""
        match statement:
            case ast.Assign(targets=[target], value=value):
                self._assign(target, self.value(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self.value(value))
            case _:
                self.forget(set(bound(statement)))

    def turns(self, target: ast.expr, over: ast.expr) -> list[dict[str, object]] | None:
        """Return the names that a loop binds at each turn; None where they cannot be told."""
        values = self.value(over)
        if not isinstance(values, (list, tuple, dict)):
            return None
        found: list[dict[str, object]] = []
        for value in values:
            turn = Constants()
            turn._assign(target, value)
            found.append(turn._known)
        return found

    def value(self, node: ast.expr | None) -> Any:
        """Return what an expression is worth: plain data, or `UNKNOWN`.

        None stands for an expression that is not there as well as for None itself.
        """
        if node is None:
            return None
        try:
            return self._value(node)
        except (TypeError, ValueError, KeyError, IndexError, RecursionError, MemoryError):
            return UNKNOWN  # a text that asks for more values than there are, a list as a key

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

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._known.get(name, UNKNOWN)
        read = _READERS.get(type(node))
        return UNKNOWN if read is None else read(self, node)

    def _parts(self, node: ast.Tuple | ast.List | ast.Set) -> Any:
        parts = list(map(self._value, node.elts))
        return _whole(tuple(parts) if isinstance(node, ast.Tuple) else parts)

    def _composed(self, node: ast.JoinedStr) -> object:
        return _text([self._shown(part) for part in node.values])

    def _signed(self, node: ast.UnaryOp) -> object:
        found = self._value(node.operand)
        is_number = isinstance(found, (int, float)) and isinstance(node.op, ast.USub)
        return -found if is_number else UNKNOWN

    def _joined(self, node: ast.BinOp) -> object:
        return _joined(self._value(node.left), node.op, self._value(node.right))

    def _mapping(self, node: ast.Dict) -> object:
        # None is the key of `**others`
        names = _whole([UNKNOWN if key is None else self._value(key) for key in node.keys])
        if names is UNKNOWN:
            return UNKNOWN
        # a value that nobody knows spoils itself alone: most loops go over the keys
        return dict(zip(names, map(self._value, node.values), strict=True))

    def _shown(self, part: ast.expr) -> object:
        if isinstance(part, ast.FormattedValue):
            if part.format_spec is not None or part.conversion != -1:
                return UNKNOWN
            return self._value(part.value)
        return self._value(part)

    def _called(self, call: ast.Call) -> object:
        if called(call) == "f" and len(call.args) == 1:
            return self._value(call.args[0])  # op.f("name")
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is None or call.keywords:
            return UNKNOWN
        found = self._value(owner)
        if isinstance(found, str) and called(call) == "format":
            return _formatted(found, list(map(self._value, call.args)))
        views = {"items": dict.items, "keys": dict.keys, "values": dict.values}
        view = views.get(called(call))
        return list(view(found)) if isinstance(found, dict) and view is not None else UNKNOWN


_READERS: Mapping[type, Callable[[Constants, Any], Any]] = MappingProxyType(
    {
        ast.Tuple: Constants._parts,
        ast.List: Constants._parts,
        ast.Set: Constants._parts,
        ast.Dict: Constants._mapping,
        ast.JoinedStr: Constants._composed,
        ast.UnaryOp: Constants._signed,
        ast.BinOp: Constants._joined,
        ast.Call: Constants._called,
    }
)


def called(call: ast.Call) -> str:
    """Return the last word of what is called: `drop_table` of `op.drop_table()`."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _whole(values: Any) -> Any:
    return UNKNOWN if any(one is UNKNOWN for one in values) else values


def _text(parts: list[object]) -> object:
    if not all(isinstance(one, (str, int)) for one in parts):
        return UNKNOWN
    text = "".join(map(str, parts))
    return text if len(text) <= _LONGEST else UNKNOWN


def _joined(left: Any, operator: ast.operator, right: Any) -> object:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(operator, ast.Add) and type(left) is type(right):
        if isinstance(left, str):
            return _text([left, right])
        return left + right if isinstance(left, (list, tuple)) else UNKNOWN
    if isinstance(operator, ast.Mod) and isinstance(left, str):
        # `%9999d` would make a long text out of a short one
        is_plain = _PLAIN_MARKS.issuperset(re.findall("%.?", left))
        return _text([left % right]) if is_plain else UNKNOWN
    return UNKNOWN


def _formatted(text: str, values: list[object]) -> object:
    if _whole(values) is UNKNOWN:
        return UNKNOWN
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is not None and (spec or conversion or not (name == "" or name.isdecimal())):
            return UNKNOWN
    return _text([text.format(*values)])


def bound(statement: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds around itself; a function keeps its own inside."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    else:
        yield from bound_names(statement)


def _names(target: ast.expr) -> Iterator[str]:
    return (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
