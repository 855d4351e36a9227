"""Find the string literals of Python source that are secrets by their use."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from limbeck.sql.masker import NAME, has_secret_values

_NAME = re.compile(NAME, re.IGNORECASE)
# PASSWORD :name, IDENTIFIED BY %(name)s: the value of the parameter is elsewhere in the source
_PARAMETER = re.compile(
    r"\b(?:\w*password|passwd|pwd|identified\s+(?:by|with\s+\S+\s+(?:by|as)))\s*[=(]?\s*"
    r"(?::|%\()([^\W\d]\w*)",
    re.IGNORECASE,
)
_ANY_PARAMETER = re.compile(r"(?<![:\w]):([^\W\d]\w*)|%\((\w+)\)s")
_FORMAT_FIELD = re.compile(r"%(?:\(\w+\))?[sr]|\{[^{}]*\}|\ue000\d+\ue001")
# `os.environ.setdefault("PGPASSWORD", "...")`
_WITH_NAME = frozenset({"get", "getenv", "pop", "putenv", "setdefault", "setenv"})
# what these make of strings is a part of a schema
_OF_SCHEMA = frozenset({"context", "mysql", "op", "postgresql", "sa", "sqlalchemy"})
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.Raise)


def placeholder(number: int) -> str:
    """Return what stands for a value in the text of a `BuiltString`."""
    return f"\ue000{number}\ue001"


def has_literal_text(secrets: Sequence[str]) -> bool:
    """Return whether secrets contain more than values that are put into a string, and quotes."""
    return any(re.search(r"\w", _FORMAT_FIELD.sub("", one)) for one in secrets)


@dataclass
class BuiltString:
    """A string that is put together: an f-string, a concatenation, a format with values.

    Args:
        node: the expression.
        text: the string, with placeholders for the values.
        values: the values.
        constants: the literals that the text consists of.
    """

    node: ast.expr
    text: str = ""
    values: list[ast.expr] = field(default_factory=list)
    constants: list[ast.Constant] = field(default_factory=list)

    def add_value(self, node: ast.expr) -> None:
        """Append a value."""
        self.text += placeholder(len(self.values))
        self.values.append(node)


def built_strings(tree: ast.AST) -> Iterator[BuiltString]:
    """Yield the strings of a tree that are put together, the outermost only."""
    for node in ast.iter_child_nodes(tree):
        made = _built_string(node) if isinstance(node, ast.expr) else None
        if made is None:
            yield from built_strings(node)
        else:
            yield made
            for value in made.values:
                yield from built_strings(value)


def _built_string(node: ast.expr) -> BuiltString | None:
    made = BuiltString(node)
    if isinstance(node, ast.JoinedStr):
        for one in node.values:
            _add(made, one)
        return made
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        _add(made, node)
        return made if made.constants else None
    fields = _formatted(node)
    if fields is None:
        return None
    constant, values = fields
    if not isinstance(constant.value, str):
        return None
    made.constants.append(constant)
    _add_fields(made, constant.value, values)
    return made


def _add(made: BuiltString, node: ast.expr) -> None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        _add(made, node.left)
        _add(made, node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        made.text += node.value
        made.constants.append(node)
    elif isinstance(node, ast.JoinedStr):
        for one in node.values:
            _add(made, one)
    elif isinstance(node, ast.FormattedValue):
        made.add_value(node.value)
    else:
        made.add_value(node)


def _formatted(node: ast.expr) -> tuple[ast.Constant, dict[str, ast.expr]] | None:
    """Return the literal and the values of `"..." % ...` and `"...".format(...)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return (node.left, _named(node.right)) if isinstance(node.left, ast.Constant) else None
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    if node.func.attr != "format" or not isinstance(node.func.value, ast.Constant):
        return None
    values = {str(number): one for number, one in enumerate(node.args)}
    values |= {one.arg or "**": one.value for one in node.keywords}
    return node.func.value, values


def _named(node: ast.expr) -> dict[str, ast.expr]:
    """Return the values of the operator % by name or number."""
    if isinstance(node, ast.Tuple):
        return {str(number): one for number, one in enumerate(node.elts)}
    if isinstance(node, ast.Dict):
        keys = (one.value if isinstance(one, ast.Constant) else "" for one in node.keys)
        return {str(key): one for key, one in zip(keys, node.values, strict=True)}
    return {"0": node}


def _add_fields(made: BuiltString, text: str, values: dict[str, ast.expr]) -> None:
    done = 0
    for number, match in enumerate(_FORMAT_FIELD.finditer(text)):
        name = re.sub(r"[!:.\[].*", "", match[0].strip("%(){}")).removesuffix(")s").rstrip(")sr")
        if match[0] in {"%s", "%r", "{}"}:
            name = str(number)
        made.text += text[done : match.start()]
        node = values.get(name)
        if node is None:
            made.text += match[0]
        else:
            made.add_value(node)
        done = match.end()
    made.text += text[done:]


class TaintedLiterals:
    """The literals that are secrets, because a name says so or because of where they are used.

    Args:
        tree: the syntax tree of a source.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._values: defaultdict[str, list[ast.expr]] = defaultdict(list)
        self._pending: list[ast.expr] = []
        self._names: set[str] = set()
        texts = [one for one in ast.walk(tree) if isinstance(one, ast.Constant)]
        self._parameters = {
            name
            for one in texts
            if isinstance(one.value, str)
            for name in _PARAMETER.findall(one.value)
        }
        for node in ast.walk(tree):
            self._read(node)
            if isinstance(node, _SIMPLE):
                self._read_statement(node)

    def add(self, node: ast.expr) -> None:
        """Add an expression whose literals are secret."""
        self._pending.append(node)

    def found(self) -> list[ast.expr]:
        """Return the literals: constants and f-strings."""
        literals: list[ast.expr] = []
        while self._pending:
            node = self._pending.pop()
            if isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
            ):
                literals.append(node)
            if isinstance(node, ast.Name) and node.id not in self._names:
                self._names.add(node.id)
                self._pending += self._values[node.id]
            self._pending += _parts(node)
        return literals

    def _read(self, node: ast.AST) -> None:  # noqa: C901, PLR0912 - one branch for each syntax
        """Record what is assigned, passed or stored under a name."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, (ast.For, ast.comprehension)):
            self._assign(node.target, node.iter)
        elif isinstance(node, ast.keyword) and node.arg is not None:
            self._record(node.arg, node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    self._record(key.value, value)
        elif isinstance(node, ast.arguments):
            named = [*node.posonlyargs, *node.args][::-1]
            for argument, default in zip(named, node.defaults[::-1], strict=False):
                self._record(argument.arg, default)
            for argument, given in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if given is not None:
                    self._record(argument.arg, given)
        elif isinstance(node, ast.Call) and _called(node) in _WITH_NAME and len(node.args) > 1:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                self._record(name.value, node.args[1])

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            pairs = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
            for number, one in enumerate(target.elts):
                self._assign(one, value.elts[number] if pairs else value)  # type: ignore[attr-defined]
        elif isinstance(target, ast.Name):
            self._values[target.id].append(value)
            self._record(target.id, value)
        elif isinstance(target, ast.Attribute):
            self._record(target.attr, value)
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            self._record(str(target.slice.value), value)

    def _record(self, name: str, value: ast.expr) -> None:
        if name in self._parameters or _NAME.fullmatch(name):
            self.add(value)

    def _read_statement(self, node: ast.stmt) -> None:
        """Add the values of the parameters of a statement whose rows hold secrets."""
        names: set[str] = set()
        inner = list(ast.walk(node))
        for one in inner:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found = _ANY_PARAMETER.findall(one.value)
                if found and has_secret_values(one.value):
                    names.update(first or second for first, second in found)
        for one in inner if names else ():
            if isinstance(one, ast.keyword) and one.arg in names:
                self.add(one.value)
            elif isinstance(one, ast.Dict):
                for key, value in zip(one.keys, one.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in names:
                        self.add(value)


def _parts(node: ast.expr) -> list[ast.expr]:  # noqa: PLR0911 - one return for each syntax
    """Return the parts of an expression that its value consists of."""
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.BoolOp():
            return node.values
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.List() | ast.Tuple() | ast.Set():
            return node.elts
        case ast.Dict():
            return node.values
        case ast.Starred() | ast.Subscript() | ast.FormattedValue() | ast.NamedExpr():
            return [node.value]
        case ast.JoinedStr():
            return [one for one in node.values if isinstance(one, ast.FormattedValue)]
        case ast.Call():
            return _call_parts(node)
    return []


def _call_parts(node: ast.Call) -> list[ast.expr]:
    """Return the values of a call that may be in its result."""
    root = node.func
    while isinstance(root, (ast.Attribute, ast.Call)):
        root = root.value if isinstance(root, ast.Attribute) else root.func
    name = _called(node)
    if isinstance(root, ast.Name) and (root.id in _OF_SCHEMA or name[:1].isupper()):
        return node.args if "Secret" in name else []
    of = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    arguments = node.args[1:] if name in _WITH_NAME else node.args
    return [*of, *arguments, *(one.value for one in node.keywords)]


def _called(node: ast.Call) -> str:
    """Return the last name of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
