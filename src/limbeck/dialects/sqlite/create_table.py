"""A lossless parser of CREATE TABLE, as SQLite stores it in sqlite_schema.

SQLite's schema consists only of these texts (https://www.sqlite.org/lang_createtable.html). The
syntax tree keeps the text of every part, so that parts that are not edited are rendered without
changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from limbeck.dialects.sqlite.schema_text import (
    Cursor,
    SchemaTextError,
    replace_identifier,
    same_name,
    split_at_commas,
)
from limbeck.sql import SQLITE, Token, quote_literal, tokenize, unquote

_CONSTRAINT_WORDS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_CLAUSE_WORDS = frozenset({
    "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE",
    "REFERENCES", "GENERATED", "AS", "ON", "DEFERRABLE",
})  # fmt: skip
_NAMES = frozenset({"name", "quoted", "string"})
_DEFAULT_KEYWORDS = frozenset(
    {"NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"}
)
LEAD = " \n\t"
"""White space before a new column or constraint."""


class References(NamedTuple):
    """The part of a foreign key that begins with REFERENCES."""

    table: str
    columns: tuple[str, ...] = ()
    on_update: str | None = None
    on_delete: str | None = None
    match: str | None = None
    deferrable: bool = False
    deferred: bool = False


class Clause(NamedTuple):
    """A constraint of a column or of the table.

    Args:
        kind: primary, unique, check, foreignkey, not null, null, default, collate, generated,
            or the first word of an unknown clause.
        text: the clause as written, with its name.
        name: the name after CONSTRAINT.
        columns: the columns of a table constraint.
        expression: the text in parentheses of CHECK and AS, the text after DEFAULT, or
            the collation.
        on_conflict: the word after ON CONFLICT, in upper case.
        autoincrement: a primary key with AUTOINCREMENT.
        stored: a generated column that is stored.
        references: the target of a foreign key.
        lead: white space and comments before a table constraint.
        trail: white space and comments after it.
    """

    kind: str
    text: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: str = ""
    on_conflict: str | None = None
    autoincrement: bool = False
    stored: bool = False
    references: References | None = None
    lead: str = LEAD
    trail: str = ""


# the order of clauses: as in SQLAlchemy, DEFAULT, NOT NULL, the others
_CLAUSE_ORDER = {"default": 0, "collate": 0, "not null": 1, "null": 1}


@dataclass(slots=True)
class ColumnDefinition:
    """A column of a CREATE TABLE.

    Args:
        name: the name without quotes.
        name_text: the name as written.
        type_text: the type as written.
        clauses: the constraints, default, collation and expression.
        source: the whole column as written; None once it has been edited.
        lead: white space and comments before it.
        trail: white space and comments after it.
    """

    name: str
    name_text: str
    type_text: str = ""
    clauses: list[Clause] = field(default_factory=list)
    source: str | None = None
    lead: str = LEAD
    trail: str = ""

    def clause(self, kind: str) -> Clause | None:
        """Return the first clause of a kind."""
        return next((clause for clause in self.clauses if clause.kind == kind), None)

    def set_clauses(self, clauses: list[Clause]) -> None:
        """Replace the clauses; the text of the column is kept if they are equal."""
        if clauses != self.clauses:
            self.clauses, self.source = clauses, None

    def insert_clause(self, clause: Clause) -> None:
        """Add a clause at its position."""
        rank = _CLAUSE_ORDER.get(clause.kind, 2)
        at = next(
            (i for i, each in enumerate(self.clauses) if _CLAUSE_ORDER.get(each.kind, 2) > rank),
            len(self.clauses),
        )
        if clause.kind == "default":
            # SQLAlchemy writes a collation after the type
            at = next(
                (i for i, each in enumerate(self.clauses) if each.kind != "collate"),
                len(self.clauses),
            )
        self.set_clauses([*self.clauses[:at], clause, *self.clauses[at:]])

    def remove_clauses(self, *kinds: str) -> None:
        """Remove all clauses of the given kinds."""
        self.set_clauses([clause for clause in self.clauses if clause.kind not in kinds])

    @property
    def text(self) -> str:
        """The column as SQL."""
        if self.source is not None:
            return self.source
        parts = (self.name_text, self.type_text, *(clause.text for clause in self.clauses))
        return " ".join(word for word in parts if word)

    @property
    def is_generated(self) -> bool:
        """Whether the database generates the values."""
        return self.clause("generated") is not None


class Item(NamedTuple):
    """The text of a column or constraint between two commas, not yet parsed."""

    text: str
    tokens: list[Token]
    lead: str
    trail: str


class TableParts(NamedTuple):
    """A CREATE TABLE split at its commas."""

    sql: str
    name: str
    items: list[Item]
    options: str


@dataclass(slots=True)
class CreateTable:
    """The syntax tree of a CREATE TABLE.

    Args:
        name: the name of the table.
        columns: the columns.
        constraints: the table constraints.
        options: the text after the closing parenthesis.
        tail: white space before the closing parenthesis.
    """

    name: str
    columns: list[ColumnDefinition]
    constraints: list[Clause]
    options: str = ""
    tail: str = "\n"

    def column(self, name: str) -> ColumnDefinition | None:
        """Return the column with the name."""
        return next((each for each in self.columns if same_name(each.name, name)), None)

    def rename_constraint(self, old: str, new: str, quoted: str) -> None:
        """Rename a constraint of the table or of one of its columns.

        Args:
            old: its current name.
            new: its new name.
            quoted: the new name as written in SQL.

        Raises:
            ValueError: the constraint does not exist.
        """

        def renamed(clause: Clause) -> Clause:
            if not same_name(clause.name, old):
                return clause
            # the text begins with CONSTRAINT and the name
            rest = clause.text[tokenize(clause.text, SQLITE)[1].end :]
            return clause._replace(text=f"CONSTRAINT {quoted}{rest}", name=new)

        before = [*self.constraints, *(each for c in self.columns for each in c.clauses)]
        if not any(same_name(each.name, old) for each in before):
            raise ValueError(f"No such constraint: {old!r}")
        self.constraints = [renamed(each) for each in self.constraints]
        for column in self.columns:
            column.set_clauses([renamed(each) for each in column.clauses])

    def primary_key(self) -> Clause | None:
        """Return the primary key if it is a constraint of the table."""
        return next((each for each in self.constraints if each.kind == "primary"), None)

    def render(self, name_text: str) -> str:
        """Return the statement that creates the table under a name.

        Args:
            name_text: the name, quoted if necessary.
        """
        parts: list[str] = []
        items: list[ColumnDefinition | Clause] = [*self.columns, *self.constraints]
        for item in items:
            lead = item.lead
            if not parts:
                lead = lead.lstrip(" ")
            elif lead.startswith("\n"):
                lead = f" {lead}"
            parts.append(f"{lead}{item.text}{item.trail}")
        options = f" {self.options}" if self.options else ""
        return f"CREATE TABLE {name_text} ({','.join(parts)}{self.tail}){options}"


def split_create_table(sql: str) -> TableParts:
    """Split a CREATE TABLE into its columns and constraints without parsing them.

    Raises:
        SchemaTextError: the text is not a CREATE TABLE with a list of columns.
    """
    tokens = tokenize(sql, SQLITE)
    opening = next((i for i, token in enumerate(tokens) if token.text == "("), len(tokens))
    name = _table_name(Cursor(sql, tokens[:opening]))
    items: list[Item] = []
    begin = tokens[opening].end if opening < len(tokens) else 0
    for group, stop in split_at_commas(islice(tokens, opening + 1, None)):
        if not group or stop.kind == "end":
            raise SchemaTextError(f"a column or a parenthesis is missing in: {sql}")
        start, end = group[0].start, group[-1].end
        items.append(Item(sql[start:end], group, sql[begin:start], sql[end : stop.start]))
        begin = stop.end
    return TableParts(sql, name, items, sql[begin:].strip().rstrip(";"))


def _table_name(cursor: Cursor) -> str:
    cursor.expect("CREATE")
    if not cursor.accept("TEMP"):
        cursor.accept("TEMPORARY")
    cursor.expect("TABLE")
    cursor.accept("IF", "NOT", "EXISTS")
    name = cursor.name()
    return cursor.name() if cursor.accept(".") else name


def parse_create_table(sql: str) -> CreateTable:
    """Parse a CREATE TABLE.

    Raises:
        SchemaTextError: SQLite would not store such a CREATE TABLE.
    """
    parts = split_create_table(sql)
    table = CreateTable(parts.name, [], [], parts.options, tail="")
    for item in parts.items:
        for parsed in parse_item(sql, item):
            if isinstance(parsed, ColumnDefinition):
                table.columns.append(parsed)
            else:
                table.constraints.append(parsed)
    if not parts.items[-1].trail.strip():
        table.tail = parts.items[-1].trail
        if table.constraints:
            table.constraints[-1] = table.constraints[-1]._replace(trail="")
        else:
            table.columns[-1].trail = ""
    return table


def parse_column(text: str) -> ColumnDefinition:
    """Parse the definition of one column, as written by SQLAlchemy."""
    column = parse_create_table(f"CREATE TABLE x ({text})").columns[0]
    column.lead = LEAD
    return column


def parse_constraint(text: str) -> Clause:
    """Parse one table constraint."""
    constraint = parse_create_table(f"CREATE TABLE x (x, {text})").constraints[0]
    return constraint._replace(lead=LEAD)


def parse_clause(text: str) -> Clause:
    """Parse one clause of a column."""
    return parse_create_table(f"CREATE TABLE x (x {text})").columns[0].clauses[0]


def parse_item(sql: str, item: Item) -> list[ColumnDefinition | Clause]:
    """Parse a column or constraint of a table.

    SQLite does not require commas between constraints, so there may be several.

    Args:
        sql: the whole statement.
        item: one of its parts.

    Raises:
        SchemaTextError: SQLite would not store such a column or constraint.
    """
    cursor = Cursor(sql, item.tokens)
    parts: list[ColumnDefinition | Clause] = []
    if cursor.keyword not in _CONSTRAINT_WORDS:
        parts.append(_column(cursor))
    while not cursor.is_at_end:
        parts.append(_clause(cursor, _table_clause))
    for index, part in enumerate(parts):
        lead = item.lead if index == 0 else " "
        trail = item.trail if index == len(parts) - 1 else ""
        if isinstance(part, ColumnDefinition):
            part.lead, part.trail = lead, trail
        else:
            parts[index] = part._replace(lead=lead, trail=trail)
    return parts


def _column(cursor: Cursor) -> ColumnDefinition:
    """Consume a column."""
    name_text = cursor.token.text
    column = ColumnDefinition(cursor.name(), name_text)
    start = cursor.position
    while cursor.token.kind in _NAMES and cursor.keyword not in _CLAUSE_WORDS:
        cursor.position += 1
    if cursor.position > start and cursor.keyword == "(":
        cursor.parenthesized()
    column.type_text = cursor.since(start)
    while not cursor.is_at_end and cursor.keyword != "FOREIGN":
        column.clauses.append(_clause(cursor, _column_clause))
    column.source = cursor.since(0)
    return column


def _clause(cursor: Cursor, parse: Callable[[Cursor], Clause]) -> Clause:
    """Consume a clause with its name, if it has one."""
    start, name = cursor.position, None
    while cursor.accept("CONSTRAINT"):
        name = cursor.name()
    # SQLite accepts a constraint name without a constraint
    clause = Clause("constraint", "") if cursor.is_at_end else parse(cursor)
    return clause._replace(text=cursor.since(start), name=name)


def _column_clause(cursor: Cursor) -> Clause:  # noqa: C901, PLR0911 - one branch per clause
    """Consume a clause of a column; the caller sets its text and name."""
    for keywords in (("NOT", "NULL"), ("NULL",), ("UNIQUE",)):
        if cursor.accept(*keywords):
            return Clause(" ".join(keywords).lower(), "", on_conflict=_on_conflict(cursor))
    if cursor.accept("PRIMARY", "KEY"):
        if not cursor.accept("DESC"):
            cursor.accept("ASC")
        on_conflict = _on_conflict(cursor)
        counts = cursor.accept("AUTOINCREMENT")
        return Clause("primary", "", on_conflict=on_conflict, autoincrement=counts)
    if cursor.accept("CHECK"):
        return _check(cursor)
    if cursor.accept("DEFAULT"):
        return Clause("default", "", expression=_default(cursor))
    if cursor.accept("COLLATE"):
        return Clause("collate", "", expression=cursor.name())
    if cursor.accept("REFERENCES"):
        return Clause("foreignkey", "", references=_references(cursor))
    if cursor.accept("GENERATED", "ALWAYS", "AS") or cursor.accept("AS"):
        expression, stored = cursor.expression(), cursor.accept("STORED")
        if not stored:
            cursor.accept("VIRTUAL")
        return Clause("generated", "", expression=expression, stored=stored)
    raise SchemaTextError(f"unexpected {cursor.token.text} in: {cursor.text}")


def _table_clause(cursor: Cursor) -> Clause:
    """Consume a table constraint; the caller sets its text and name."""
    if cursor.accept("PRIMARY", "KEY"):
        members = [group for group, _ in split_at_commas(cursor.parenthesized())]
        counts = any(token.text.upper() == "AUTOINCREMENT" for group in members for token in group)
        columns = tuple(Cursor(cursor.text, group).name() for group in members)
        on_conflict = _on_conflict(cursor)
        return Clause("primary", "", None, columns, "", on_conflict, autoincrement=counts)
    if cursor.accept("UNIQUE"):
        columns = _columns(cursor)
        return Clause("unique", "", columns=columns, on_conflict=_on_conflict(cursor))
    if cursor.accept("CHECK"):
        return _check(cursor)
    if cursor.accept("FOREIGN", "KEY"):
        columns = _columns(cursor)
        cursor.expect("REFERENCES")
        return Clause("foreignkey", "", columns=columns, references=_references(cursor))
    raise SchemaTextError(f"unexpected {cursor.token.text} in: {cursor.text}")


def _check(cursor: Cursor) -> Clause:
    expression = cursor.expression()
    return Clause("check", "", expression=expression, on_conflict=_on_conflict(cursor))


def _on_conflict(cursor: Cursor) -> str | None:
    return cursor.advance().text.upper() if cursor.accept("ON", "CONFLICT") else None


def _columns(cursor: Cursor) -> tuple[str, ...]:
    """Consume a list of columns, without collations and directions."""
    groups = split_at_commas(cursor.parenthesized())
    return tuple(Cursor(cursor.text, group).name() for group, _ in groups)


def _default(cursor: Cursor) -> str:
    """Consume what follows DEFAULT and return it as an expression.

    SQLite requires parentheses around expressions; SQLAlchemy does not write them.
    """
    start = cursor.position
    value = _default_value(cursor)
    if cursor.is_at_end or cursor.keyword in _CLAUSE_WORDS:
        return value
    while not cursor.is_at_end and cursor.keyword not in _CLAUSE_WORDS:
        if cursor.keyword == "(":
            cursor.parenthesized()
        else:
            cursor.advance()
    return cursor.since(start)


def _default_value(cursor: Cursor) -> str:
    if cursor.keyword == "(":
        return f"({cursor.expression()})"
    token = cursor.advance()
    if token.kind == "mark" and token.text in "+-":
        return token.text + cursor.advance().text
    if token.kind in {"quoted", "name"} and token.text.upper() not in _DEFAULT_KEYWORDS:
        # after DEFAULT, a word or a name in double quotes is a string
        return quote_literal(unquote(token.text))
    return token.text


def _references(cursor: Cursor) -> References:
    """Consume what follows REFERENCES."""
    table = cursor.name()
    columns = _columns(cursor) if cursor.keyword == "(" else ()
    actions: dict[str, str] = {}
    match: str | None = None
    deferrable = deferred = False
    while True:
        if cursor.accept("ON"):
            event = cursor.advance().text.upper()
            actions[event] = _action(cursor)
        elif cursor.accept("MATCH"):
            match = cursor.name().upper()
        elif cursor.accept("NOT", "DEFERRABLE"):
            deferrable = False
        elif cursor.accept("DEFERRABLE"):
            deferrable = True
        elif cursor.accept("INITIALLY"):
            deferred = cursor.name().upper() == "DEFERRED"
        else:
            break
    update, delete = actions.get("UPDATE"), actions.get("DELETE")
    return References(table, columns, update, delete, match, deferrable, deferred)


def _action(cursor: Cursor) -> str:
    word = cursor.advance().text.upper()
    return f"{word} {cursor.advance().text.upper()}" if word in {"SET", "NO"} else word


def with_renamed_column(constraint: Clause, old: str, quoted: str) -> Clause:
    """Return a table constraint in which a column is renamed."""
    text = constraint.text
    if constraint.kind == "foreignkey":
        own, parenthesis, target = text.partition(")")
        text = replace_identifier(own, old, quoted) + parenthesis + target
    else:
        text = replace_identifier(text, old, quoted)
    return parse_constraint(text)._replace(lead=constraint.lead, trail=constraint.trail)
