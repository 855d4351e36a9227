"""Read the calls in a function of a revision file in the order in which they would run.

The reader evaluates literals, constants of the file, strings built from them, loops over them and
calls of functions that the file defines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from limbeck.history.constant_folding import UNKNOWN, Constants, called_name, names_bound_by

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_MAX_STATEMENTS = 20_000  # statements to read in one function, with all iterations of loops


@dataclass(frozen=True, slots=True)
class TableRef:
    """The name of a table in a file.

    Args:
        table: its name.
        namespace: its schema, None if none is given.
    """

    table: str
    namespace: str | None = None


class CallArguments:
    """The arguments of a call, by name.

    Args:
        call: the call.
        names: the names of the positional arguments.
        constants: the known values at this place of the file.
    """

    def __init__(self, call: ast.Call, names: tuple[str, ...], constants: Constants) -> None:
        self._constants = constants
        self._nodes: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
        self._nodes.update({word.arg: word.value for word in call.keywords if word.arg})

    def node(self, name: str) -> ast.expr | None:
        """Return the expression of an argument, None where it is missing."""
        return self._nodes.get(name)

    def value(self, name: str) -> object:
        """Return the value of an argument, None where it is missing; it may be `UNKNOWN`."""
        return self._constants.value(self._nodes.get(name))

    def text(self, name: str) -> str | None:
        """Return the value of an argument if it is a string, else None."""
        found = self.value(name)
        return found if isinstance(found, str) else None

    def table(self) -> TableRef | None:
        """Return the table, None if its name or its schema is unknown."""
        name, schema = self.text("table_name"), self.value("schema")
        return None if name is None or schema is UNKNOWN else TableRef(name, self.text("schema"))

    def names(self, name: str) -> tuple[str, ...]:
        """Return the value of an argument if it is a list of strings, else an empty tuple."""
        found = self.value(name)
        if not isinstance(found, (list, tuple)) or not found:
            return ()
        return tuple(found) if all(isinstance(one, str) for one in found) else ()


class FunctionReader:
    """Reads the statements of a function in source order, and calls `on_call` for each call.

    Subclasses implement `on_call`.

    Args:
        tree: the syntax tree of the file.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.module = Constants.of_module(tree)
        self.functions: dict[str, FunctionNode] = {
            node.name: node
            for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        self.constants = Constants()
        self._batches: dict[str, TableRef] = {}
        self._call_stack: list[str] = []
        self._remaining = _MAX_STATEMENTS

    def on_call(self, call: ast.Call, name: str, batch: TableRef | None) -> None:
        """Process a call of a function that the file does not define.

        Args:
            call: the call.
            name: the last part of the name of the called function.
            batch: the table of the `batch_alter_table` block whose method is called, if any.
        """
        raise NotImplementedError

    def read_function(self, node: FunctionNode, arguments: dict[str, object] | None = None) -> None:
        """Read a function of the file, with the known values of its arguments."""
        if node.name in self._call_stack:
            return  # a recursive call
        self._call_stack.append(node.name)
        before, self.constants = self.constants, self.module
        self.read_scope(node.body, dict.fromkeys(_parameters(node), UNKNOWN) | (arguments or {}))
        self.constants = before
        self._call_stack.pop()

    def read_scope(self, body: list[ast.stmt], known: dict[str, object]) -> None:
        """Read statements in a new scope."""
        before = self.constants
        self.constants = before.inner(known)
        for statement in body:
            self._remaining -= 1
            if self._remaining > 0:
                self.read(statement)
        self.constants = before

    def read(self, statement: ast.stmt) -> None:
        """Read one statement."""
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                self.visit(item)
                self._open_batch(item)
            for inner in statement.body:
                self.read(inner)
            return
        if isinstance(statement, ast.For):
            self._read_loop(statement)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.read_scope(statement.body, dict.fromkeys(_parameters(statement), UNKNOWN))
        else:
            self.read_parts(statement)
        self.constants.bind(statement)

    def _read_loop(self, loop: ast.For) -> None:
        self.visit(loop.iter)
        iterations = self.constants.iterations(loop.target, loop.iter)
        self.constants.bind(loop)  # names bound in the body are unknown after the first iteration
        for iteration in [{}] if iterations is None else iterations:
            self.read_scope(loop.body, iteration)
        self.read_scope(loop.orelse, {})

    def read_parts(self, node: ast.AST) -> None:
        """Visit the expressions of a statement and read each branch in its own scope."""
        for _, part in ast.iter_fields(node):
            nodes = part if isinstance(part, list) else [part]
            body = [one for one in nodes if isinstance(one, ast.stmt)]
            if body:
                self.read_scope(body, dict.fromkeys(names_bound_by(node), UNKNOWN))
            for one in nodes:
                if isinstance(one, (ast.ExceptHandler, ast.match_case)):
                    self.read_parts(one)
                elif isinstance(one, ast.AST) and not isinstance(one, ast.stmt):
                    self.visit(one)

    def visit(self, node: ast.AST) -> None:
        """Visit the calls in an expression, inner ones first."""
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            self._visit_comprehension(node)
            return
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        if isinstance(node, ast.Call):
            self._call(node)

    def _visit_comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        iterations = (
            self.constants.iterations(first.target, first.iter) if not node.generators[1:] else None
        )
        before = self.constants
        for iteration in (
            [dict.fromkeys(names_bound_by(node), UNKNOWN)] if iterations is None else iterations
        ):
            self.constants = before.inner(iteration)
            self.visit(node.elt)
        self.constants = before

    def _open_batch(self, item: ast.withitem) -> None:
        call = item.context_expr
        if not (isinstance(call, ast.Call) and called_name(call) == "batch_alter_table"):
            return
        arguments = self.arguments(call, ("table_name", "schema"))
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
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        batch = self._batches.get(owner.id) if isinstance(owner, ast.Name) else None
        self.on_call(call, name, batch)

    def _call_function(self, call: ast.Call, function: FunctionNode) -> None:
        value = self.constants.value
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        arguments = _defaults(function, self.module) | dict(
            zip(names, map(value, call.args), strict=False)
        )
        arguments |= {one.arg: value(one.value) for one in call.keywords if one.arg}
        self.read_function(function, arguments)

    def arguments(self, call: ast.Call, names: tuple[str, ...]) -> CallArguments:
        """Return the arguments of a call by name; `names` are those of positional arguments."""
        return CallArguments(call, names, self.constants)

    def statement_text(self, call: ast.Call) -> str | None:
        """Return the SQL argument of a call such as `op.execute`, None if it is unknown."""
        node = call.args[0] if call.args else None
        if isinstance(node, ast.Call) and called_name(node) == "text" and node.args:
            node = node.args[0]
        text = self.constants.value(node)
        return text if isinstance(text, str) else None


def _defaults(function: FunctionNode, module: Constants) -> dict[str, object]:
    """Return the default values of the parameters of a function."""
    taken = function.args
    names = [*taken.posonlyargs, *taken.args]
    pairs = [
        *zip(reversed(names), reversed(taken.defaults), strict=False),
        *zip(taken.kwonlyargs, taken.kw_defaults, strict=True),
    ]
    return {one.arg: module.value(node) for one, node in pairs if node is not None}


def _parameters(node: FunctionNode) -> Iterator[str]:
    return (one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg))
