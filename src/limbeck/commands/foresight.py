"""What the functions of a revision file will do to data, read from its text without running it.

Only what stands there in plain words is seen: a name that is computed is not.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from limbeck.plan import Origin
from limbeck.run import Risk

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
    reader = _Reader(path)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(function):
            reader.read(node)
    return reader.risks


@dataclass
class _Batch:
    table: str
    namespace: str | None


@dataclass
class _Reader:
    """Walks the statements of a function in their order."""

    path: str
    risks: list[Risk] = field(default_factory=list)
    _batches: dict[str, _Batch] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _is_opaque: bool = False

    def read(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.With):
                self._open(child)
            self.read(child)
            if isinstance(child, ast.Call):
                self._call(child)

    def _open(self, node: ast.With) -> None:
        for item in node.items:
            call = item.context_expr
            if not (isinstance(call, ast.Call) and _called(call) == "batch_alter_table"):
                continue
            given = _Arguments(call, ("table_name", "schema"))
            table = given.text("table_name")
            if table and isinstance(item.optional_vars, ast.Name):
                self._batches[item.optional_vars.id] = _Batch(table, given.text("schema"))

    def _call(self, call: ast.Call) -> None:
        name = _called(call)
        if name in {"execute", "bulk_insert", "get_bind", "scalar", "scalars"}:
            self._executed(call)
        reads = getattr(self, f"_{name}", None) if name in _READ else None
        if reads is None:
            return
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        batch = self._batches.get(owner.id) if isinstance(owner, ast.Name) else None
        reads(call, batch)

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

    # ── one method for each operation ─────────────────────────────────────

    def _drop_table(self, call: ast.Call, _batch: _Batch | None) -> None:
        given = _Arguments(call, ("table_name",))
        table = given.text("table_name")
        if table:
            self._add("drop_table", call, _Batch(table, given.text("schema")))

    def _drop_column(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = _placed(call, batch, ("column_name",))
        column = given.text("column_name")
        if where and column:
            self._add("drop_column", call, where, column)

    def _alter_column(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = _placed(call, batch, ("column_name",))
        column = given.text("column_name")
        if not (where and column):
            return
        if given.value("nullable") is False:
            self._add("not_null", call, where, column)
        if (type_ := _type(given.node("type_"))) is not None:
            self._add("narrow", call, where, column, type_=type_)

    def _add_column(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = _placed(call, batch, ("column",))
        column = given.node("column")
        if not (where and isinstance(column, ast.Call)):
            return
        words = {word.arg: word.value for word in column.keywords}
        name = _literal(column.args[0]) if column.args else _literal(words.get("name"))
        fills = words.keys() & {"server_default"} or any(
            isinstance(one, ast.Call) and _called(one) in {"Identity", "Computed"}
            for one in column.args
        )
        if _literal(words.get("nullable")) is False and not fills and isinstance(name, str):
            self._add("new_not_null", call, where, name)

    def _create_unique_constraint(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = _placed(call, batch, ("columns",), first="constraint_name")
        self._unique(call, where, given.names("columns"))

    def _create_index(self, call: ast.Call, batch: _Batch | None) -> None:
        given, where = _placed(call, batch, ("columns",), first="index_name")
        is_partial = any("where" in (word.arg or "where") for word in call.keywords)
        if given.value("unique") is True and not is_partial:
            self._unique(call, where, given.names("columns"))

    _create_primary_key = _create_unique_constraint

    def _unique(self, call: ast.Call, where: _Batch | None, columns: tuple[str, ...]) -> None:
        if where and columns:
            self._add("unique", call, where, *columns)

    def _executed(self, call: ast.Call) -> None:
        node = call.args[0] if call.args else None
        if isinstance(node, ast.Call) and _called(node) == "text" and node.args:
            node = node.args[0]
        text = _literal(node)
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

    def __init__(self, call: ast.Call, names: tuple[str, ...]) -> None:
        self._nodes: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
        self._nodes.update({word.arg: word.value for word in call.keywords if word.arg})

    def node(self, name: str) -> ast.expr | None:
        return self._nodes.get(name)

    def value(self, name: str) -> object:
        return _literal(self._nodes.get(name))

    def text(self, name: str) -> str | None:
        found = self.value(name)
        return found if isinstance(found, str) else None

    def names(self, name: str) -> tuple[str, ...]:
        found = self.value(name)
        if not isinstance(found, (list, tuple)) or not found:
            return ()
        return tuple(found) if all(isinstance(one, str) for one in found) else ()


def _placed(
    call: ast.Call, batch: _Batch | None, names: tuple[str, ...], *, first: str | None = None
) -> tuple[_Arguments, _Batch | None]:
    """Return a call's arguments, and the table it is about: its own, or its batch's."""
    before = (first,) if first else ()
    if batch is not None:
        return _Arguments(call, (*before, *names)), batch
    given = _Arguments(call, (*before, "table_name", *names))
    table = given.text("table_name")
    return given, _Batch(table, given.text("schema")) if table else None


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _literal(node: ast.expr | None) -> object:
    if isinstance(node, ast.Call) and _called(node) == "f" and node.args:
        node = node.args[0]  # op.f("name")
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _type(node: ast.expr | None) -> Any:
    """Return a type of SQLAlchemy's own, where it is written with plain arguments."""
    import sqlalchemy as sa

    if isinstance(node, (ast.Attribute, ast.Name)):
        node = ast.Call(func=node, args=[], keywords=[])
    if not isinstance(node, ast.Call):
        return None
    known: Any = (sa.String, sa.Integer, sa.Numeric)
    made: Any = getattr(sa, _called(node), None)
    if not (isinstance(made, type) and issubclass(made, known)):
        return None
    words = {one.arg: _literal(one.value) for one in node.keywords if one.arg}
    try:
        return made(*map(_literal, node.args), **words)
    except TypeError:
        return None


def _split(name: str) -> _Batch:
    parts = re.findall(_WORD, name)
    return _Batch(_bare(parts[-1]), _bare(parts[0]) if len(parts) > 1 else None)


def _bare(name: str) -> str:
    return name.strip('"`')
