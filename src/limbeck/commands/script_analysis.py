"""What the functions of a revision file will do to data, read from its text without running it.

Seen is what stands there in words: names, constants of the file, texts put together of them, loops
over them, functions of the file that are called. What is computed from anything else is not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from limbeck.commands.constant_folding import UNKNOWN, Constants, bound, called
from limbeck.history import Origin
from limbeck.runtime import Risk

WORTH_READING = re.compile(
    r"drop_table|drop_column|nullable\s*=\s*False|type_\s*=|unique|primary_key"
    r"|DROP\s+(?:TABLE|COLUMN)|TRUNCATE",
    re.IGNORECASE,
)
_WORD = r"(?:[\w$]+|\"[^\"]+\"|`[^`]+`)"
_NAME = rf"(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?({_WORD}(?:\.{_WORD})?)"
_DROPS = re.compile(rf"\s*DROP\s+TABLE\s+{_NAME}\s*(?:CASCADE|RESTRICT)?\s*;?\s*$", re.IGNORECASE)
_EMPTIES = re.compile(rf"\s*TRUNCATE\s+(?:TABLE\s+)?{_NAME}", re.IGNORECASE)
_DROPS_COLUMN = re.compile(
    rf"\s*ALTER\s+TABLE\s+{_NAME}\s+DROP\s+COLUMN\s+(?:IF\s+EXISTS\s+)?"
    rf"({_WORD})\s*(?:CASCADE|RESTRICT)?\s*;?\s*$",
    re.IGNORECASE,
)
_MOST = 20_000  # statements that are read of one function, all turns of its loops together
_FAILING = frozenset({"not_null", "new_not_null", "unique", "narrow"})


def risks_of(source: str, path: str, function: str) -> list[Risk]:
    """Return what a function of a revision file will do that may cost data, in its order.

    Args:
        source: the file's text.
        path: its name, for the places.
        function: `upgrade` or `downgrade`; those whose names begin with it count as well.
    """
    if not WORTH_READING.search(source):
        return []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []  # loading it will tell
    reader = _Reader(path, Constants.of_module(tree), _functions(tree))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(function):
            reader.read_function(node)
    return reader.risks


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@dataclass
class _Batch:
    table: str
    namespace: str | None


@dataclass
class _Reader:
    """Walks the statements of a function in their order."""

    path: str
    module: Constants
    functions: dict[str, ast.FunctionDef]
    risks: list[Risk] = field(default_factory=list)
    constants: Constants = field(default_factory=Constants)
    _batches: dict[str, _Batch] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _is_opaque: bool = False
    _inside: list[str] = field(default_factory=list)
    _left: int = _MOST

    def read_function(self, node: ast.FunctionDef, given: dict[str, object] | None = None) -> None:
        """Read a function of the file, with what is known of its arguments."""
        if node.name in self._inside:
            return  # it calls itself
        self._inside.append(node.name)
        before, self.constants = self.constants, self.module
        self._read_apart(node.body, dict.fromkeys(_parameters(node), UNKNOWN) | (given or {}))
        self.constants = before
        self._inside.pop()

    def _read_apart(self, body: list[ast.stmt], known: dict[str, object]) -> None:
        """Read statements that keep to themselves what they bind."""
        before = self.constants
        self.constants = before.inner(known)
        for statement in body:
            self._left -= 1
            if self._left > 0:
                self._read(statement)
        self.constants = before

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                self._look(item)
                self._open(item)
            for inner in statement.body:
                self._read(inner)
            return
        if isinstance(statement, ast.For):
            self._read_loop(statement)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._read_apart(statement.body, dict.fromkeys(_parameters(statement), UNKNOWN))
        else:
            self._read_parts(statement)
        self.constants.bind(statement)

    def _read_loop(self, loop: ast.For) -> None:
        self._look(loop.iter)
        turns = self.constants.turns(loop.target, loop.iter)
        self.constants.bind(loop)  # what the body binds has any value at its second turn
        for turn in [{}] if turns is None else turns:
            self._read_apart(loop.body, turn)
        self._read_apart(loop.orelse, {})

    def _read_parts(self, node: ast.AST) -> None:
        """Look at a statement's expressions, and read each of its branches for itself."""
        for _, part in ast.iter_fields(node):
            nodes = part if isinstance(part, list) else [part]
            body = [one for one in nodes if isinstance(one, ast.stmt)]
            if body:
                self._read_apart(body, dict.fromkeys(bound(node), UNKNOWN))
            for one in nodes:
                if isinstance(one, (ast.ExceptHandler, ast.match_case)):
                    self._read_parts(one)
                elif isinstance(one, ast.AST) and not isinstance(one, ast.stmt):
                    self._look(one)

    def _look(self, node: ast.AST) -> None:
        """Look at the calls in an expression, inner ones first."""
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            self._look_repeatedly(node)
            return
        for child in ast.iter_child_nodes(node):
            self._look(child)
        if isinstance(node, ast.Call):
            self._call(node)

    def _look_repeatedly(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        first = node.generators[0]
        self._look(first.iter)
        turns = self.constants.turns(first.target, first.iter) if not node.generators[1:] else None
        before = self.constants
        for turn in [dict.fromkeys(bound(node), UNKNOWN)] if turns is None else turns:
            self.constants = before.inner(turn)
            self._look(node.elt)
        self.constants = before

    def _open(self, item: ast.withitem) -> None:
        call = item.context_expr
        if not (isinstance(call, ast.Call) and called(call) == "batch_alter_table"):
            return
        given = self._arguments(call, ("table_name", "schema"))
        table = given.table()
        if isinstance(item.optional_vars, ast.Name):
            self._batches.pop(item.optional_vars.id, None)
            if table:
                self._batches[item.optional_vars.id] = table

    def _call(self, call: ast.Call) -> None:
        name = called(call)
        if isinstance(call.func, ast.Name) and name in self.functions:
            self._call_function(call, self.functions[name])
            return
        if name in {"execute", "bulk_insert", "get_bind", "scalar", "scalars"}:
            self._executed(call)
        reads = getattr(self, f"_{name}", None) if name in _READ else None
        if reads is None:
            return
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        batch = self._batches.get(owner.id) if isinstance(owner, ast.Name) else None
        reads(call, batch)

    def _call_function(self, call: ast.Call, function: ast.FunctionDef) -> None:
        value = self.constants.value
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        given = _defaults(function, self.module) | dict(
            zip(names, map(value, call.args), strict=False)
        )
        given |= {one.arg: value(one.value) for one in call.keywords if one.arg}
        self.read_function(function, given)

    def _add(
        self, kind: str, call: ast.Call, where: _Batch, *columns: str, type_: Any = None
    ) -> None:
        if kind in _FAILING and self._was_prepared(where.table):
            return
        origin = Origin(self.path, call.lineno)
        self.risks.append(Risk(kind, where.table, where.namespace, columns, type_, origin))

    def _was_prepared(self, table: str) -> bool:
        """Say whether statements before this one may have seen to the rows."""
        return self._is_opaque or any(table in text for text in self._texts)

    def _arguments(self, call: ast.Call, names: tuple[str, ...]) -> _Arguments:
        return _Arguments(call, names, self.constants)

    def _placed(
        self,
        call: ast.Call,
        batch: _Batch | None,
        names: tuple[str, ...],
        *,
        first: str | None = None,
    ) -> tuple[_Arguments, _Batch | None]:
        """Return a call's arguments, and the table it is about: its own, or its batch's."""
        before = (first,) if first else ()
        if batch is not None:
            return self._arguments(call, (*before, *names)), batch
        given = self._arguments(call, (*before, "table_name", *names))
        return given, given.table()

    # ── one method for each operation ─────────────────────────────────────

    def _drop_table(self, call: ast.Call, _batch: _Batch | None) -> None:
        given = self._arguments(call, ("table_name",))
        if table := given.table():
            self._add("drop_table", call, table)

    def _drop_column(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = self._placed(call, batch, ("column_name",))
        column = given.text("column_name")
        if where and column:
            self._add("drop_column", call, where, column)

    def _alter_column(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = self._placed(call, batch, ("column_name",))
        column = given.text("column_name")
        if not (where and column):
            return
        if given.value("nullable") is False:
            self._add("not_null", call, where, column)
        if (type_ := _type(given.node("type_"), self.constants.value)) is not None:
            self._add("narrow", call, where, column, type_=type_)

    def _add_column(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = self._placed(call, batch, ("column",))
        column = given.node("column")
        if not (where and isinstance(column, ast.Call)):
            return
        words = {word.arg: word.value for word in column.keywords}
        value = self.constants.value
        name = value(column.args[0] if column.args else words.get("name"))
        fills = words.keys() & {"server_default"} or any(
            isinstance(one, ast.Call) and called(one) in {"Identity", "Computed"}
            for one in column.args
        )
        if value(words.get("nullable")) is False and not fills and isinstance(name, str):
            self._add("new_not_null", call, where, name)

    def _create_unique_constraint(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = self._placed(call, batch, ("columns",), first="constraint_name")
        self._unique(call, where, given.names("columns"))

    def _create_index(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = self._placed(call, batch, ("columns",), first="index_name")
        is_partial = any("where" in (word.arg or "where") for word in call.keywords)
        if given.value("unique") is True and not is_partial:
            self._unique(call, where, given.names("columns"))

    _create_primary_key = _create_unique_constraint

    def _unique(self, call: ast.Call, where: _Batch | None, columns: tuple[str, ...]) -> None:
        if where and columns:
            self._add("unique", call, where, *columns)

    def _executed(self, call: ast.Call) -> None:
        node = call.args[0] if call.args else None
        if isinstance(node, ast.Call) and called(node) == "text" and node.args:
            node = node.args[0]
        text = self.constants.value(node)
        if not isinstance(text, str):
            self._is_opaque = True
            return
        if found := _DROPS.match(text):
            self._add("drop_table", call, _split(found[1]))
        elif found := _EMPTIES.match(text):
            self._add("empty_table", call, _split(found[1]))
        elif found := _DROPS_COLUMN.match(text):
            self._add("drop_column", call, _split(found[1]), _bare(found[2]))
        self._texts.append(text)


_READ = frozenset(
    {"drop_table", "drop_column", "alter_column", "add_column", "create_unique_constraint",
     "create_index", "create_primary_key"}
)  # fmt: skip


class _Arguments:
    """The arguments of a call by their names."""

    def __init__(self, call: ast.Call, names: tuple[str, ...], constants: Constants) -> None:
        self._constants = constants
        self._nodes: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
        self._nodes.update({word.arg: word.value for word in call.keywords if word.arg})

    def node(self, name: str) -> ast.expr | None:
        return self._nodes.get(name)

    def value(self, name: str) -> object:
        return self._constants.value(self._nodes.get(name))

    def text(self, name: str) -> str | None:
        found = self.value(name)
        return found if isinstance(found, str) else None

    def table(self) -> _Batch | None:
        """Return the table that is named; None where its name or its schema cannot be told."""
        name, schema = self.text("table_name"), self.value("schema")
        return None if name is None or schema is UNKNOWN else _Batch(name, self.text("schema"))

    def names(self, name: str) -> tuple[str, ...]:
        found = self.value(name)
        if not isinstance(found, (list, tuple)) or not found:
            return ()
        return tuple(found) if all(isinstance(one, str) for one in found) else ()


def _type(node: ast.expr | None, value: Callable[[ast.expr], Any]) -> Any:
    """Return a type of SQLAlchemy's own, where it is written with plain arguments."""
    import sqlalchemy as sa

    if isinstance(node, (ast.Attribute, ast.Name)):
        node = ast.Call(func=node, args=[], keywords=[])
    if not isinstance(node, ast.Call):
        return None
    known: Any = (sa.String, sa.Integer, sa.Numeric)
    made: Any = getattr(sa, called(node), None)
    if not (isinstance(made, type) and issubclass(made, known)):
        return None
    words = {one.arg: value(one.value) for one in node.keywords if one.arg}
    given = [*map(value, node.args), *words.values()]
    if UNKNOWN in given:
        return None
    try:
        return made(*map(value, node.args), **words)
    except TypeError:
        return None


def _defaults(function: ast.FunctionDef, module: Constants) -> dict[str, object]:
    """Return what the parameters of a function are where they are not given."""
    taken = function.args
    names = [*taken.posonlyargs, *taken.args]
    pairs = [
        *zip(reversed(names), reversed(taken.defaults), strict=False),
        *zip(taken.kwonlyargs, taken.kw_defaults, strict=True),
    ]
    return {one.arg: module.value(node) for one, node in pairs if node is not None}


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    return (one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg))


def _split(name: str) -> _Batch:
    parts = re.findall(_WORD, name)
    return _Batch(_bare(parts[-1]), _bare(parts[0]) if len(parts) > 1 else None)


def _bare(name: str) -> str:
    return name.strip('"`')
