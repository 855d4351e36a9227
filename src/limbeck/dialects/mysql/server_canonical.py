"""Let the server print the expressions of the models, on temporary tables.

CREATE TEMPORARY TABLE does not commit. Questions about many tables share one temporary table if
its columns do not conflict; SHOW CREATE TABLE prints it. Routines are created under a scratch
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from limbeck.catalog import Catalog, Computed, Definition, Expr, Key, Table, kind_of
from limbeck.dialects.canonical import Question
from limbeck.dialects.dialect import Scope
from limbeck.dialects.mysql.catalog_queries import quote
from limbeck.dialects.mysql.expression_rules import GRAMMAR
from limbeck.dialects.mysql.reflect import reflect
from limbeck.dialects.mysql.routines import HEAD, normalized_text
from limbeck.dialects.mysql.type_names import TEXTS, ddl
from limbeck.dialects.mysql.views import printed_view
from limbeck.sql import MYSQL, lowercase_identifiers, tokenize

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WIDEST = 200
_SCRATCH = "`limbeck_scratch`"
_SCRATCH_ROUTINE = "limbeck_scratch_routine"
_LINE = re.compile(r"^\s*(?:CONSTRAINT |KEY )?`limbeck_(\d+)` (.*?),?$", re.MULTILINE)
_GENERATED = re.compile(r"GENERATED ALWAYS AS \((.*)\) (?:VIRTUAL|STORED|PERSISTENT)")
_CHECK = re.compile(r"CHECK \((.*)\)$")


@dataclass(slots=True)
class _Item:
    number: int
    question: Question
    text: str
    needs: dict[str, str]


@dataclass(slots=True)
class _ScratchTable:
    columns: dict[str, str] = field(default_factory=dict)
    made: list[_Item] = field(default_factory=list)

    def takes(self, item: _Item) -> bool:
        if len(self.columns) + len(self.made) > _WIDEST:
            return False
        return all(self.columns.get(name, kind) == kind for name, kind in item.needs.items())

    def take(self, item: _Item) -> None:
        self.columns.update(item.needs)
        self.made.append(item)

    def statement(self) -> str:
        parts = [f"{quote(name)} {kind} NULL" for name, kind in self.columns.items()]
        parts.extend(item.text for item in self.made)
        columns = [part for part in parts if not part.startswith(("CONSTRAINT", "INDEX"))]
        constraints = [part for part in parts if part.startswith(("CONSTRAINT", "INDEX"))]
        inside = ", ".join(["`limbeck` int", *columns, *constraints])
        return f"CREATE TEMPORARY TABLE {_SCRATCH} ({inside})"


def printed(
    connection: Connection, have: Catalog, want: Catalog, questions: Sequence[Question]
) -> dict[Question, tuple[str, ...]]:
    """Return the server's text for each question that it could answer."""
    bins: list[_ScratchTable] = []
    for item in _items(have, want, questions):
        fitting = next((table for table in bins if table.takes(item)), None)
        if fitting is None:
            fitting = _ScratchTable()
            bins.append(fitting)
        fitting.take(item)
    answers: dict[Question, tuple[str, ...]] = {}
    for table in bins:
        _ask(connection, table, answers)
    for question in questions:
        view = want.get(question.owner)
        text = printed_view(connection, view.body.text) if isinstance(view, Definition) else None
        if text is not None:
            answers[question] = (text,)
    return answers


def _items(have: Catalog, want: Catalog, questions: Sequence[Question]) -> Iterator[_Item]:
    for number, question in enumerate(questions):
        table, other = want.get(question.owner), have.get(question.owner)
        if not isinstance(table, Table) or not isinstance(other, Table):
            continue
        item = _made(number, question, table)
        if item is None:
            continue
        text, spoken = item
        names = lowercase_identifiers(spoken, GRAMMAR)
        types = {column.name: column.type for column in table.columns}
        types.update({column.name: column.type for column in other.columns})
        needs = {name.lower(): ddl(type_) for name, type_ in types.items() if name.lower() in names}
        yield _Item(number, question, text, needs)


def _made(number: int, question: Question, table: Table) -> tuple[str, str] | None:
    name = f"`limbeck_{number}`"
    if question.role == "check":
        text = table.checks[question.position].expr.text
        return f"CONSTRAINT {name} CHECK ({text})", text
    if question.role == "index":
        elements = table.indexes[question.position].elements
        text = ", ".join(f"({element.expr.text})" for element in elements if element.expr)
        return f"INDEX {name} ({text})", text
    if question.role not in {"default", "computed", "type"}:
        return None
    column = table.columns[question.position]
    start = f"{name} {ddl(column.type)}"
    if question.role == "default" and isinstance(column.default, Expr):
        return f"{start} NULL DEFAULT {column.default.text}", ""
    if question.role == "computed" and isinstance(column.default, Computed):
        text = column.default.expr.text
        return f"{start} GENERATED ALWAYS AS ({text}) VIRTUAL", text
    return f"{start} NULL", ""


def _ask(
    connection: Connection, table: _ScratchTable, answers: dict[Question, tuple[str, ...]]
) -> None:
    text = _shown(connection, table)
    if text is None:
        # The server refuses one of the questions: split them to find out which.
        if len(table.made) > 1:
            middle = len(table.made) // 2
            for part in (table.made[:middle], table.made[middle:]):
                half = _ScratchTable()
                for item in part:
                    half.take(item)
                _ask(connection, half, answers)
        return
    by_number = {item.number: item.question for item in table.made}
    for match in _LINE.finditer(text):
        question = by_number.get(int(match[1]))
        if question is not None:
            words = _words(question, match[2])
            if words:
                answers[question] = words


def _shown(connection: Connection, table: _ScratchTable) -> str | None:
    from sqlalchemy.exc import DBAPIError

    options = {"no_parameters": True}
    try:
        connection.exec_driver_sql(table.statement(), execution_options=options)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    try:
        row = connection.exec_driver_sql(f"SHOW CREATE TABLE {_SCRATCH}").one()
        return str(row[1])
    finally:
        connection.exec_driver_sql(f"DROP TEMPORARY TABLE {_SCRATCH}")


def _words(question: Question, line: str) -> tuple[str, ...]:
    """Return the text in a line of SHOW CREATE TABLE, or the texts of an index."""
    if question.role == "default":
        default = line.partition(" DEFAULT ")[2]
        return (default,) if default else ()
    if question.role == "type":
        kind = line.partition(" DEFAULT ")[0].removesuffix(" NULL")
        is_text = kind.partition("(")[0].lower() in TEXTS
        return (kind,) if not is_text or "COLLATE" not in kind else ()
    if question.role == "index":
        return _elements(line)
    match = (_GENERATED if question.role == "computed" else _CHECK).search(line)
    return (match[1],) if match else ()


def _elements(line: str) -> tuple[str, ...]:
    """Return the expressions of an index without their parentheses."""
    elements = []
    depth = start = 0
    for token in tokenize(line, MYSQL):
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "(" and depth == 2:  # noqa: PLR2004 - the list, the expression
            start = token.start
        if token.text == ")" and depth == 1:
            elements.append(line[start : token.end])
    return tuple(elements)


# ── routines ────────────────────────────────────────────────────────


def with_server_texts(connection: Connection, have: Catalog, want: Catalog) -> Catalog:
    """Return the models' catalog with routines as the server stores them.

    A routine whose text differs is created under a scratch name, read back and dropped.
    """
    routines = []
    for obj in want:
        other = have.get(obj.key)
        if (
            isinstance(obj, Definition)
            and kind_of(obj.key).is_routine
            and isinstance(other, Definition)
            and other.body != obj.body
        ):
            text = _server_text(connection, obj)
            if text is not None:
                routines.append(replace(obj, body=Expr(obj.body.text, text)))
    return want.merge(routines) if routines else want


def _server_text(connection: Connection, obj: Definition) -> str | None:
    from sqlalchemy.exc import DBAPIError

    match = HEAD.match(obj.body.text)
    if match is None:
        return None
    options = {"no_parameters": True}
    drop = f"DROP {obj.key.kind.upper()} IF EXISTS `{_SCRATCH_ROUTINE}`"
    try:
        connection.exec_driver_sql(drop, execution_options=options)
        create = f"CREATE {match['kind']} `{_SCRATCH_ROUTINE}`{match['rest']}"
        connection.exec_driver_sql(create, execution_options=options)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    try:
        scratch = reflect(connection, Scope(kinds=frozenset({obj.key.kind})))
        routine = scratch.get(Key(obj.key.kind, (None, _SCRATCH_ROUTINE)))
        return normalized_text(routine.body.text) if isinstance(routine, Definition) else None
    finally:
        connection.exec_driver_sql(drop, execution_options=options)
