"""Find operations of a revision file that can lose data or fail, without running the file.

Literal names, constants of the file, strings built from them, loops over them and calls of
functions in the file are evaluated. Operations with other computed arguments are not found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from limbeck.data_loss.counts import Risk
from limbeck.history import UNKNOWN, CallArguments, FunctionReader, Origin, TableRef, called_name
from limbeck.sql import QuotingRules, split_script
from limbeck.text import parse_python

_CANDIDATE = re.compile(
    r"drop_table|drop_column|nullable\s*=\s*False|type_\s*=|unique|primary_key|backfill"
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
_PLAIN_CAST = re.compile(r"\"?\w+\"?(::[\w ().,\"\[\]]+)+")
_FAILING = frozenset({"not_null", "new_not_null", "unique", "narrow", "no_key"})


@lru_cache(maxsize=64)
def risks_of(source: str, path: str, function: str) -> tuple[Risk, ...]:
    """Return the risks of a function of a revision file, in source order.

    They are cached for the tenants of a fleet.

    Args:
        source: the text of the file.
        path: the name of the file, for the positions of the risks.
        function: `upgrade` or `downgrade`; functions whose names begin with it are read too.
    """
    if not _CANDIDATE.search(source):
        return ()
    try:
        tree = parse_python(source)
    except (SyntaxError, ValueError):
        return ()  # loading the file reports the error
    reader = _RiskReader(path, tree)
    for name, node in reader.functions.items():
        if name.startswith(function):
            reader.read_function(node)
    return tuple(reader.risks)


def risks_of_sql(text: str, path: str, rules: QuotingRules) -> list[Risk]:
    """Return the risks of a part of a SQL revision, in order.

    Args:
        text: the part, preceded by as many line breaks as the file has lines before it.
        path: the file, for the positions of the risks.
        rules: the quoting rules of the database.
    """
    risks = []
    for statement in split_script(text, rules):
        parts = _risk_of_statement(statement.text)
        if parts is not None:
            kind, where, columns = parts
            origin = Origin(path, statement.line)
            risks.append(Risk(kind, where.table, where.namespace, columns, None, origin))
    return risks


def _risk_of_statement(text: str) -> tuple[str, TableRef, tuple[str, ...]] | None:
    """Return kind, table and columns of what a statement deletes; None if that is not known."""
    if match := _DROPS_TABLE.match(text):
        return "drop_table", _table_ref(match[1]), ()
    if match := _TRUNCATES.match(text):
        return "empty_table", _table_ref(match[1]), ()
    if match := _DROPS_COLUMN.match(text):
        return "drop_column", _table_ref(match[1]), (_unquoted(match[2]),)
    return None


class _RiskReader(FunctionReader):
    """Finds the risks of a function in source order.

    Args:
        path: the name of the file.
        tree: the file.
    """

    def __init__(self, path: str, tree: ast.Module) -> None:
        super().__init__(tree)
        self.path = path
        self.risks: list[Risk] = []
        self._texts: list[str] = []
        self._keys: list[str] = []
        self._is_opaque = False

    def on_call(self, call: ast.Call, name: str, batch: TableRef | None) -> None:
        """Handle a call."""
        if name in {"execute", "bulk_insert", "get_bind", "scalar", "scalars"}:
            self._execute(call)
        if name in _MAY_GIVE_KEY:
            self._keys.append(ast.unparse(call) if batch is None else batch.table)
        if name == "backfill":
            where = self.arguments(call, ("table_name",)).table()
            if where and not any(where.table in text for text in self._keys):
                self._add("no_key", call, where)
        if name in _ROW_OPERATIONS:
            self._texts.append(ast.unparse(call))
            table = call.args[0] if call.args else None
            self._is_opaque |= not isinstance(table, ast.Constant)
        reads = getattr(self, f"_{name}", None) if name in _OPERATIONS else None
        if reads is not None:
            reads(call, batch)

    def _add(
        self, kind: str, call: ast.Call, where: TableRef, *columns: str, type_: Any = None
    ) -> None:
        if kind in _FAILING and self._may_be_prepared(where.table):
            return
        origin = Origin(self.path, call.lineno)
        self.risks.append(Risk(kind, where.table, where.namespace, columns, type_, origin))

    def _may_be_prepared(self, table: str) -> bool:
        """Return whether earlier statements may have prepared the rows."""
        return self._is_opaque or any(table in text for text in self._texts)

    def _arguments_and_table(
        self,
        call: ast.Call,
        batch: TableRef | None,
        names: tuple[str, ...],
        *,
        first: str | None = None,
    ) -> tuple[CallArguments, TableRef | None]:
        """Return the arguments of a call and its table, which a batch may provide."""
        before = (first,) if first else ()
        if batch is not None:
            return self.arguments(call, (*before, *names)), batch
        arguments = self.arguments(call, (*before, "table_name", *names))
        return arguments, arguments.table()

    # ── one method for each operation ─────────────────────────────────────

    def _drop_table(self, call: ast.Call, _batch: TableRef | None) -> None:
        arguments = self.arguments(call, ("table_name",))
        if table := arguments.table():
            self._add("drop_table", call, table)

    def _drop_column(self, call: ast.Call, batch: TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("column_name",))
        column = arguments.text("column_name")
        if where and column:
            self._add("drop_column", call, where, column)

    def _alter_column(self, call: ast.Call, batch: TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("column_name",))
        column = arguments.text("column_name")
        if not (where and column):
            return
        if arguments.value("nullable") is False:
            self._add("not_null", call, where, column)
        if arguments.node("postgresql_using") is not None and not is_plain_cast(
            arguments.value("postgresql_using")
        ):
            return  # values are converted by an expression, which is not analyzed
        if (type_ := _type(arguments.node("type_"), self.constants.value)) is not None:
            self._add("narrow", call, where, column, type_=type_)

    def _add_column(self, call: ast.Call, batch: TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("column",))
        column = arguments.node("column")
        if not (where and isinstance(column, ast.Call)):
            return
        keywords = {word.arg: word.value for word in column.keywords}
        value = self.constants.value
        name = value(column.args[0] if column.args else keywords.get("name"))
        fills = keywords.keys() & {"server_default"} or any(
            isinstance(argument, ast.Call) and called_name(argument) in {"Identity", "Computed"}
            for argument in column.args
        )
        if value(keywords.get("nullable")) is False and not fills and isinstance(name, str):
            self._add("new_not_null", call, where, name)

    def _create_unique_constraint(self, call: ast.Call, batch: TableRef | None) -> None:
        arguments, where = self._arguments_and_table(
            call, batch, ("columns",), first="constraint_name"
        )
        self._unique(call, where, arguments.names("columns"))

    def _create_index(self, call: ast.Call, batch: TableRef | None) -> None:
        arguments, where = self._arguments_and_table(call, batch, ("columns",), first="index_name")
        is_partial = any("where" in (word.arg or "where") for word in call.keywords)
        if arguments.value("unique") is True and not is_partial:
            self._unique(call, where, arguments.names("columns"))

    _create_primary_key = _create_unique_constraint

    def _unique(self, call: ast.Call, where: TableRef | None, columns: tuple[str, ...]) -> None:
        if where and columns:
            self._add("unique", call, where, *columns)

    def _execute(self, call: ast.Call) -> None:
        text = self.statement_text(call)
        if text is None:
            self._is_opaque = True
            return
        parts = _risk_of_statement(text)
        if parts is not None:
            kind, where, columns = parts
            self._add(kind, call, where, *columns)
        self._texts.append(text)


_ROW_OPERATIONS = frozenset({"backfill", "insert_rows", "update_rows", "delete_rows"})
# operations after which a table may have a primary key
_MAY_GIVE_KEY = frozenset({"create_primary_key", "create_table", "rename_table"})
_OPERATIONS = frozenset(
    {"drop_table", "drop_column", "alter_column", "add_column", "create_unique_constraint",
     "create_index", "create_primary_key"}
)  # fmt: skip


def is_plain_cast(using: object) -> bool:
    """Return whether an expression after USING only casts a column."""
    return isinstance(using, str) and _PLAIN_CAST.fullmatch(using) is not None


def _type(node: ast.expr | None, value: Callable[[ast.expr], object]) -> Any:
    """Return the SQLAlchemy type that an expression creates from literal arguments."""
    import sqlalchemy as sa

    if isinstance(node, (ast.Attribute, ast.Name)):
        node = ast.Call(func=node, args=[], keywords=[])
    if not isinstance(node, ast.Call):
        return None
    known: Any = (sa.String, sa.Integer, sa.Numeric)
    type_: Any = getattr(sa, called_name(node), None)
    if not (isinstance(type_, type) and issubclass(type_, known)):
        return None
    keywords = {keyword.arg: value(keyword.value) for keyword in node.keywords if keyword.arg}
    arguments = [*map(value, node.args), *keywords.values()]
    if UNKNOWN in arguments:
        return None
    try:
        return type_(*map(value, node.args), **keywords)
    except TypeError:
        return None


def _table_ref(name: str) -> TableRef:
    parts = re.findall(_WORD, name)
    return TableRef(_unquoted(parts[-1]), _unquoted(parts[0]) if len(parts) > 1 else None)


def _unquoted(name: str) -> str:
    return name.strip('"`')
