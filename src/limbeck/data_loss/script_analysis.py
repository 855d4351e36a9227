"""Find operations of a revision file that can lose data or fail, without running the file.

Understood are literal names, constants of the file, strings built from them, loops over them and
calls of the file's own functions. Operations whose arguments are computed otherwise are not found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from limbeck.data_loss.counts import Risk
from limbeck.data_loss.operation_risks import is_plain_cast
from limbeck.history import UNKNOWN, Constants, Origin, called_name, names_bound_by
from limbeck.sql import QuotingRules, split_script
from limbeck.text import parse_python

_CANDIDATE = re.compile(
    r"drop_table|drop_column|nullable\s*=\s*False|type_\s*=|unique|primary_key"
    r"|DROP\s+(?:TABLE|COLUMN)|TRUNCATE",
    re.IGNORECASE,
)
_WORD = r"(?:[\w$]+|\"[^\"]+\"|`[^`]+`)"
_NAME = rf"(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?({_WORD}(?:\.{_WORD})?)"
_DROPS_TABLE = re.compile(
    rf"\s*DROP\s+TABLE\s+{_NAME}\s*(?:CASCADE|RESTRICT)?\s*;?\s*$", re.IGNORECASE
)
_TRUNCATES = re.compile(rf"\s*TRUNCATE\s+(?:TABLE\s+)?{_NAME}", re.IGNORECASE)
_DROPS_COLUMN = re.compile(
    rf"\s*ALTER\s+TABLE\s+{_NAME}\s+DROP\s+COLUMN\s+(?:IF\s+EXISTS\s+)?"
    rf"({_WORD})\s*(?:CASCADE|RESTRICT)?\s*;?\s*$",
    re.IGNORECASE,
)
_MAX_STATEMENTS = 20_000  # statements read of one function, counting every iteration of its loops
_FAILING = frozenset({"not_null", "new_not_null", "unique", "narrow"})


def risks_of(source: str, path: str, function: str) -> list[Risk]:
    """Return the risks of a function of a revision file, in source order.

    Args:
        source: the text of the file.
        path: its name, for the places of the risks.
        function: `upgrade` or `downgrade`; functions whose names begin with it are read too.
    """
    if not _CANDIDATE.search(source):
        return []
    try:
        tree = parse_python(source)
    except (SyntaxError, ValueError):
        return []  # loading the file reports the error
    reader = _FunctionReader(path, Constants.of_module(tree), _functions(tree))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(function):
            reader.read_function(node)
    return reader.risks


def risks_of_sql(text: str, path: str, rules: QuotingRules) -> list[Risk]:
    """Return the risks of a part of a SQL revision, in order.

    Args:
        text: the part, with as many line ends before it as the file has lines.
        path: the file, for the places of the risks.
        rules: the quoting rules of the database.
    """
    risks = []
    for statement in split_script(text, rules):
        found = _risk_of_statement(statement.text)
        if found is not None:
            kind, where, columns = found
            origin = Origin(path, statement.line)
            risks.append(Risk(kind, where.table, where.namespace, columns, None, origin))
    return risks


def _risk_of_statement(text: str) -> tuple[str, _TableRef, tuple[str, ...]] | None:
    """Return kind, table and columns of what a statement deletes, None if nothing is known."""
    if found := _DROPS_TABLE.match(text):
        return "drop_table", _table_ref(found[1]), ()
    if found := _TRUNCATES.match(text):
        return "empty_table", _table_ref(found[1]), ()
    if found := _DROPS_COLUMN.match(text):
        return "drop_column", _table_ref(found[1]), (_unquoted(found[2]),)
    return None


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@dataclass
class _TableRef:
    table: str
    namespace: str | None


@dataclass
class _FunctionReader:
    """Reads the statements of a function in source order."""

    path: str
    module: Constants
    functions: dict[str, ast.FunctionDef]
    risks: list[Risk] = field(default_factory=list)
    constants: Constants = field(default_factory=Constants)
    _batches: dict[str, _TableRef] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _is_opaque: bool = False
    _call_stack: list[str] = field(default_factory=list)
    _remaining: int = _MAX_STATEMENTS

    def read_function(
        self, node: ast.FunctionDef, arguments: dict[str, object] | None = None
    ) -> None:
        """Read a function of the file, arguments the known values of its arguments."""
        if node.name in self._call_stack:
            return  # a recursive call
        self._call_stack.append(node.name)
        before, self.constants = self.constants, self.module
        self._read_scope(node.body, dict.fromkeys(_parameters(node), UNKNOWN) | (arguments or {}))
        self.constants = before
        self._call_stack.pop()

    def _read_scope(self, body: list[ast.stmt], known: dict[str, object]) -> None:
        """Read statements in a scope of their own."""
        before = self.constants
        self.constants = before.inner(known)
        for statement in body:
            self._remaining -= 1
            if self._remaining > 0:
                self._read(statement)
        self.constants = before

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                self._visit(item)
                self._open_batch(item)
            for inner in statement.body:
                self._read(inner)
            return
        if isinstance(statement, ast.For):
            self._read_loop(statement)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._read_scope(statement.body, dict.fromkeys(_parameters(statement), UNKNOWN))
        else:
            self._read_parts(statement)
        self.constants.bind(statement)

    def _read_loop(self, loop: ast.For) -> None:
        self._visit(loop.iter)
        iterations = self.constants.iterations(loop.target, loop.iter)
        self.constants.bind(loop)  # names bound in the body are unknown in the second iteration
        for iteration in [{}] if iterations is None else iterations:
            self._read_scope(loop.body, iteration)
        self._read_scope(loop.orelse, {})

    def _read_parts(self, node: ast.AST) -> None:
        """Visit the expressions of a statement and read each branch in its own scope."""
        for _, part in ast.iter_fields(node):
            nodes = part if isinstance(part, list) else [part]
            body = [one for one in nodes if isinstance(one, ast.stmt)]
            if body:
                self._read_scope(body, dict.fromkeys(names_bound_by(node), UNKNOWN))
            for one in nodes:
                if isinstance(one, (ast.ExceptHandler, ast.match_case)):
                    self._read_parts(one)
                elif isinstance(one, ast.AST) and not isinstance(one, ast.stmt):
                    self._visit(one)

    def _visit(self, node: ast.AST) -> None:
        """Visit the calls in an expression, inner ones first."""
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            self._visit_comprehension(node)
            return
        for child in ast.iter_child_nodes(node):
            self._visit(child)
        if isinstance(node, ast.Call):
            self._call(node)

    def _visit_comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        first = node.generators[0]
        self._visit(first.iter)
        iterations = (
            self.constants.iterations(first.target, first.iter) if not node.generators[1:] else None
        )
        before = self.constants
        for iteration in (
            [dict.fromkeys(names_bound_by(node), UNKNOWN)] if iterations is None else iterations
        ):
            self.constants = before.inner(iteration)
            self._visit(node.elt)
        self.constants = before

    def _open_batch(self, item: ast.withitem) -> None:
        call = item.context_expr
        if not (isinstance(call, ast.Call) and called_name(call) == "batch_alter_table"):
            return
        arguments = self._arguments(call, ("table_name", "schema"))
        table = arguments.table()
        if isinstance(item.optional_vars, ast.Name):
            self._batches.pop(item.optional_vars.id, None)
            if table:
                self._batches[item.optional_vars.id] = table

    def _call(self, call: ast.Call) -> None:
        name = called_name(call)
        if isinstance(call.func, ast.Name) and name in self.functions:
            self._call_function(call, self.functions[name])
            return
        if name in {"execute", "bulk_insert", "get_bind", "scalar", "scalars"}:
            self._execute(call)
        reads = getattr(self, f"_{name}", None) if name in _OPERATIONS else None
        if reads is None:
            return
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        batch = self._batches.get(owner.id) if isinstance(owner, ast.Name) else None
        reads(call, batch)

    def _call_function(self, call: ast.Call, function: ast.FunctionDef) -> None:
        value = self.constants.value
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        arguments = _defaults(function, self.module) | dict(
            zip(names, map(value, call.args), strict=False)
        )
        arguments |= {one.arg: value(one.value) for one in call.keywords if one.arg}
        self.read_function(function, arguments)

    def _add(
        self, kind: str, call: ast.Call, where: _TableRef, *columns: str, type_: Any = None
    ) -> None:
        if kind in _FAILING and self._may_be_prepared(where.table):
            return
        origin = Origin(self.path, call.lineno)
        self.risks.append(Risk(kind, where.table, where.namespace, columns, type_, origin))

    def _may_be_prepared(self, table: str) -> bool:
        """Return whether earlier statements may have prepared the rows."""
        return self._is_opaque or any(table in text for text in self._texts)

    def _arguments(self, call: ast.Call, names: tuple[str, ...]) -> _Arguments:
        return _Arguments(call, names, self.constants)

    def _arguments_and_table(
        self,
        call: ast.Call,
        batch: _TableRef | None,
        names: tuple[str, ...],
        *,
        first: str | None = None,
    ) -> tuple[_Arguments, _TableRef | None]:
        """Return the arguments of a call and its table, which a batch may provide."""
        before = (first,) if first else ()
        if batch is not None:
            return self._arguments(call, (*before, *names)), batch
        arguments = self._arguments(call, (*before, "table_name", *names))
        return arguments, arguments.table()

    # ── one method for each operation ─────────────────────────────────────

    def _drop_table(self, call: ast.Call, _batch: _TableRef | None) -> None:
        arguments = self._arguments(call, ("table_name",))
        if table := arguments.table():
            self._add("drop_table", call, table)

    def _drop_column(self, call: ast.Call, batch: _TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("column_name",))
        column = arguments.text("column_name")
        if where and column:
            self._add("drop_column", call, where, column)

    def _alter_column(self, call: ast.Call, batch: _TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("column_name",))
        column = arguments.text("column_name")
        if not (where and column):
            return
        if arguments.value("nullable") is False:
            self._add("not_null", call, where, column)
        if arguments.node("postgresql_using") is not None and not is_plain_cast(
            arguments.value("postgresql_using")
        ):
            return  # values are converted by an expression of which nothing is known
        if (type_ := _type(arguments.node("type_"), self.constants.value)) is not None:
            self._add("narrow", call, where, column, type_=type_)

    def _add_column(self, call: ast.Call, batch: _TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("column",))
        column = arguments.node("column")
        if not (where and isinstance(column, ast.Call)):
            return
        keywords = {word.arg: word.value for word in column.keywords}
        value = self.constants.value
        name = value(column.args[0] if column.args else keywords.get("name"))
        fills = keywords.keys() & {"server_default"} or any(
            isinstance(one, ast.Call) and called_name(one) in {"Identity", "Computed"}
            for one in column.args
        )
        if value(keywords.get("nullable")) is False and not fills and isinstance(name, str):
            self._add("new_not_null", call, where, name)

    def _create_unique_constraint(self, call: ast.Call, batch: _TableRef | None) -> None:
        arguments, where = self._arguments_and_table(
            call, batch, ("columns",), first="constraint_name"
        )
        self._unique(call, where, arguments.names("columns"))

    def _create_index(self, call: ast.Call, batch: _TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("columns",), first="index_name")
        is_partial = any("where" in (word.arg or "where") for word in call.keywords)
        if arguments.value("unique") is True and not is_partial:
            self._unique(call, where, arguments.names("columns"))

    _create_primary_key = _create_unique_constraint

    def _unique(self, call: ast.Call, where: _TableRef | None, columns: tuple[str, ...]) -> None:
        if where and columns:
            self._add("unique", call, where, *columns)

    def _execute(self, call: ast.Call) -> None:
        node = call.args[0] if call.args else None
        if isinstance(node, ast.Call) and called_name(node) == "text" and node.args:
            node = node.args[0]
        text = self.constants.value(node)
        if not isinstance(text, str):
            self._is_opaque = True
            return
        found = _risk_of_statement(text)
        if found is not None:
            kind, where, columns = found
            self._add(kind, call, where, *columns)
        self._texts.append(text)


_OPERATIONS = frozenset(
    {"drop_table", "drop_column", "alter_column", "add_column", "create_unique_constraint",
     "create_index", "create_primary_key"}
)  # fmt: skip


class _Arguments:
    """The arguments of a call by name."""

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

    def table(self) -> _TableRef | None:
        """Return the table, None if its name or its schema is unknown."""
        name, schema = self.text("table_name"), self.value("schema")
        return None if name is None or schema is UNKNOWN else _TableRef(name, self.text("schema"))

    def names(self, name: str) -> tuple[str, ...]:
        found = self.value(name)
        if not isinstance(found, (list, tuple)) or not found:
            return ()
        return tuple(found) if all(isinstance(one, str) for one in found) else ()


def _type(node: ast.expr | None, value: Callable[[ast.expr], object]) -> Any:
    """Return the SQLAlchemy type that an expression creates from literal arguments."""
    import sqlalchemy as sa

    if isinstance(node, (ast.Attribute, ast.Name)):
        node = ast.Call(func=node, args=[], keywords=[])
    if not isinstance(node, ast.Call):
        return None
    known: Any = (sa.String, sa.Integer, sa.Numeric)
    made: Any = getattr(sa, called_name(node), None)
    if not (isinstance(made, type) and issubclass(made, known)):
        return None
    keywords = {one.arg: value(one.value) for one in node.keywords if one.arg}
    arguments = [*map(value, node.args), *keywords.values()]
    if UNKNOWN in arguments:
        return None
    try:
        return made(*map(value, node.args), **keywords)
    except TypeError:
        return None


def _defaults(function: ast.FunctionDef, module: Constants) -> dict[str, object]:
    """Return the default values of the parameters of a function."""
    taken = function.args
    names = [*taken.posonlyargs, *taken.args]
    pairs = [
        *zip(reversed(names), reversed(taken.defaults), strict=False),
        *zip(taken.kwonlyargs, taken.kw_defaults, strict=True),
    ]
    return {one.arg: module.value(node) for one, node in pairs if node is not None}


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    return (one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg))


def _table_ref(name: str) -> _TableRef:
    parts = re.findall(_WORD, name)
    return _TableRef(_unquoted(parts[-1]), _unquoted(parts[0]) if len(parts) > 1 else None)


def _unquoted(name: str) -> str:
    return name.strip('"`')
