"""CREATE TABLE and CREATE INDEX as SQLite keeps them, read into parts of a table.

SQLite itself knows its schema from nothing but these texts.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from limbeck.catalog import (
    Check,
    Column,
    Computed,
    Expr,
    Extras,
    ForeignKey,
    Index,
    IndexElement,
    Key,
    PrimaryKey,
    Type,
    Unique,
    extras,
)
from limbeck.dialects.sqlite.pieces import index_pieces, table_pieces
from limbeck.dialects.sqlite.words import Cursor, SchemaTextError, Word, name_of
from limbeck.sql import quote_literal

_NAMES = frozenset({"name", "quoted", "string"})
_COLUMN_WORDS = frozenset((
    "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE",
    "REFERENCES", "GENERATED", "AS", "ON", "DEFERRABLE",
))  # fmt: skip
_TABLE_WORDS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
_BARE_DEFAULTS = frozenset(
    {"NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"}
)


@dataclass(slots=True)
class TableText:
    """What a CREATE TABLE says. Columns of other tables are spelled as they stand there."""

    name: str
    columns: list[Column] = field(default_factory=list)
    primary_key: PrimaryKey | None = None
    uniques: list[Unique] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    extras: Extras = ()
    names: dict[str, str] = field(default_factory=dict)

    def known(self, name: str) -> str:
        """Return a column's name as it was declared."""
        return self.names.get(name.lower(), name)


@dataclass(slots=True)
class _Draft:
    """A column while it is being read."""

    name: str
    type: Type
    nullable: bool = True
    default: Expr | Computed | None = None
    collation: str | None = None
    autoincrement: bool = False


@dataclass(slots=True)
class Known:
    """What was read before, by its text."""

    types: dict[str, Type] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)


def read_table(text: str, known: Known | None = None) -> TableText:
    """Read a CREATE TABLE.

    Args:
        text: the statement as it stands in sqlite_schema.
        known: what was read of other tables; grows.

    Raises:
        SchemaTextError: the text is no CREATE TABLE that SQLite would keep.
    """
    known = known or Known()
    parts = table_pieces(text)
    if parts is not None:
        with suppress(SchemaTextError):  # read as a whole, the message has the whole text
            return _TableReader(known).in_pieces(*parts)
    return _TableReader(known).whole(text)


class _TableReader:
    cursor: Cursor

    def __init__(self, known: Known) -> None:
        self.types = known.types
        self.columns = known.columns
        self.table = TableText("")
        self.keys: list[tuple[tuple[str, ...], str | None, Extras]] = []

    def in_pieces(self, name: str, pieces: list[str], rest: str) -> TableText:
        table = self.table
        table.name = name
        for piece in pieces:
            column = self.columns.get(piece)
            if column is None:
                self.piece(piece)
            else:
                self.add(column)
        if rest:
            self.cursor = Cursor(rest)
            table.extras = self.options()
        self.settle()
        return table

    def piece(self, text: str) -> None:
        """Read a column or constraint; a column that says nothing of the table is remembered."""
        cursor, table = Cursor(f"{text})"), self.table
        self.cursor = cursor
        is_column = not cursor.at(*_TABLE_WORDS)
        before = (len(table.columns), *self.counts())
        self.items()
        if is_column and (len(table.columns) - 1, *self.counts()) == before:
            self.columns[text] = table.columns[-1]

    def counts(self) -> tuple[int, ...]:
        table = self.table
        parts = (self.keys, table.uniques, table.checks, table.foreign_keys)
        return tuple(len(part) for part in parts)

    def whole(self, text: str) -> TableText:
        self.cursor = Cursor(text)
        cursor, table = self.cursor, self.table
        cursor.expect("CREATE")
        if cursor.at("TEMP", "TEMPORARY"):
            cursor.next()
        cursor.expect("TABLE")
        cursor.take("IF", "NOT", "EXISTS")
        table.name = cursor.name()
        if cursor.take("."):
            table.name = cursor.name()
        cursor.expect("(")
        self.items()
        table.extras = self.options()
        self.settle()
        return table

    def items(self) -> None:
        cursor = self.cursor
        while not cursor.take(")"):
            if cursor.take(","):
                continue
            if self.table.columns and cursor.at(*_TABLE_WORDS):
                self.constraint()
            else:
                self.column()

    def options(self) -> Extras:
        found = {"without_rowid": False, "strict": False}
        while self.cursor.kind != "end":
            if self.cursor.take("WITHOUT"):
                found["without_rowid"] = self.cursor.name().upper() == "ROWID"
            elif self.cursor.take("STRICT"):
                found["strict"] = True
            elif not (self.cursor.take(",") or self.cursor.take(";")):
                raise SchemaTextError(self.cursor.text)
        return extras(**found)

    def settle(self) -> None:
        table = self.table
        for columns, name, options in self.keys:
            named = tuple(table.known(column) for column in columns)
            table.primary_key = PrimaryKey(named, name, options)
        table.uniques = [
            Unique(tuple(table.known(c) for c in unique.columns), unique.name, unique.extras)
            for unique in table.uniques
        ]

    # ── columns ───────────────────────────────────────────────────────────

    def column(self) -> None:
        cursor = self.cursor
        name = cursor.name()
        draft = _Draft(name, self.type())
        constraint: str | None = None
        while not cursor.at(",", ")"):
            if self.table.columns and cursor.at("FOREIGN"):
                break
            if cursor.take("CONSTRAINT"):
                constraint = cursor.name()
                continue
            self.column_constraint(draft, constraint)
            constraint = None
        type_ = draft.type
        if draft.collation is not None:
            type_ = Type(type_.name, type_.args, draft.collation, 0, None, type_.extras)
        options = extras(autoincrement=True) if draft.autoincrement else ()
        self.add(Column(name, type_, draft.nullable, draft.default, None, options))

    def add(self, column: Column) -> None:
        self.table.names[column.name.lower()] = column.name
        self.table.columns.append(column)

    def type(self) -> Type:
        cursor = self.cursor
        start = cursor.place
        while cursor.kind in _NAMES and cursor.key not in _COLUMN_WORDS:
            cursor.place += 1
        if cursor.place == start:
            return Type("")
        if cursor.at("("):
            cursor.bracketed()
        text = cursor.text[cursor.starts[start] : cursor.ends[cursor.place - 1]]
        known = self.types.get(text)
        if known is None:
            known = self.types[text] = Type.parse(text)
        return known

    def column_constraint(  # noqa: C901 - one branch for each word that may follow
        self, draft: _Draft, name: str | None
    ) -> None:
        cursor, table = self.cursor, self.table
        if cursor.take("NOT", "NULL"):
            self.conflict()
            draft.nullable = False
        elif cursor.take("PRIMARY", "KEY"):
            descending = cursor.take("DESC")
            if not descending:
                cursor.take("ASC")
            options = self.conflict()
            draft.autoincrement = cursor.take("AUTOINCREMENT")
            self.keys.append(((draft.name,), name, options))
        elif cursor.take("NULL"):
            self.conflict()
        elif cursor.take("UNIQUE"):
            table.uniques.append(Unique((draft.name,), name, self.conflict()))
        elif cursor.take("CHECK"):
            table.checks.append(Check(Expr(cursor.bracketed()), name))
            self.conflict()
        elif cursor.take("DEFAULT"):
            draft.default = self.default()
        elif cursor.take("COLLATE"):
            draft.collation = cursor.name().upper()
        elif cursor.take("REFERENCES"):
            table.foreign_keys.append(self.references((draft.name,), name))
        elif cursor.take("GENERATED", "ALWAYS", "AS") or cursor.take("AS"):
            text = cursor.bracketed()
            stored = cursor.take("STORED")
            if not stored:
                cursor.take("VIRTUAL")
            draft.default = Computed(Expr(text), stored=stored)
        else:
            raise SchemaTextError(f"{cursor.peek().text} in {cursor.text}")

    def default(self) -> Expr:
        cursor = self.cursor
        if cursor.at("("):
            return Expr(f"({cursor.bracketed()})")
        word = cursor.next()
        if word.kind == "mark" and word.text in "+-":
            return Expr(word.text + cursor.next().text)
        if word.kind in {"quoted", "name"} and word.text.upper() not in _BARE_DEFAULTS:
            # SQLite takes a bare or double-quoted word after DEFAULT for a string.
            return Expr(quote_literal(name_of(word)))
        return Expr(word.text)

    def conflict(self) -> Extras:
        if not self.cursor.take("ON", "CONFLICT"):
            return ()
        word = self.cursor.next().text.upper()
        return () if word == "ABORT" else (("on_conflict", word),)

    # ── constraints ───────────────────────────────────────────────────────

    def constraint(self) -> None:
        cursor, table = self.cursor, self.table
        name = cursor.name() if cursor.take("CONSTRAINT") else None
        if cursor.take("PRIMARY", "KEY"):
            columns = self.members()
            self.keys.append((columns, name, self.conflict()))
        elif cursor.take("UNIQUE"):
            columns = self.members()
            table.uniques.append(Unique(columns, name, self.conflict()))
        elif cursor.take("CHECK"):
            table.checks.append(Check(Expr(cursor.bracketed()), name))
            self.conflict()
        elif cursor.take("FOREIGN", "KEY"):
            columns = self.names()
            cursor.expect("REFERENCES")
            table.foreign_keys.append(self.references(columns, name))
        elif not cursor.at(",", ")", "CONSTRAINT"):
            raise SchemaTextError(f"{cursor.peek().text} in {cursor.text}")

    def members(self) -> tuple[str, ...]:
        cursor = self.cursor
        cursor.expect("(")
        found: list[str] = []
        while not cursor.take(")"):
            if cursor.take(","):
                continue
            found.append(cursor.name())
            # COLLATE, ASC and DESC change nothing in what a key says.
            cursor.until(",", ")", "AUTOINCREMENT")
            if cursor.take("AUTOINCREMENT"):
                self.count(found[0])
        return tuple(found)

    def count(self, name: str) -> None:
        self.table.columns = [
            Column(c.name, c.type, c.nullable, c.default, None, extras(autoincrement=True))
            if c.name.lower() == name.lower()
            else c
            for c in self.table.columns
        ]

    def names(self) -> tuple[str, ...]:
        cursor = self.cursor
        cursor.expect("(")
        found: list[str] = []
        while not cursor.take(")"):
            if not cursor.take(","):
                found.append(cursor.name())
        return tuple(found)

    def references(self, columns: tuple[str, ...], name: str | None) -> ForeignKey:
        cursor = self.cursor
        target = cursor.name()
        pointed = self.names() if cursor.at("(") else ()
        actions: dict[str, str | None] = {"UPDATE": None, "DELETE": None}
        match: str | None = None
        deferrable = deferred = False
        while True:
            if cursor.take("ON"):
                when = cursor.next().text.upper()
                actions[when] = self.action()
            elif cursor.take("MATCH"):
                match = cursor.name().upper()
            elif cursor.take("NOT", "DEFERRABLE"):
                deferrable = False
            elif cursor.take("DEFERRABLE"):
                deferrable = True
            elif cursor.take("INITIALLY"):
                deferred = cursor.name().upper() == "DEFERRED"
            else:
                break
        return ForeignKey(
            columns,
            Key("table", (None, target)),
            pointed,
            name,
            actions["UPDATE"],
            actions["DELETE"],
            None if match == "SIMPLE" else match,
            _timing(deferrable=deferrable, deferred=deferred),
        )

    def action(self) -> str | None:
        cursor = self.cursor
        word = cursor.next().text.upper()
        if word in {"SET", "NO"}:
            word += " " + cursor.next().text.upper()
        return None if word == "NO ACTION" else word


def read_index(text: str, table: TableText) -> Index:
    """Read a CREATE INDEX.

    Raises:
        SchemaTextError: the text is no CREATE INDEX that SQLite would keep.
    """
    parts = index_pieces(text)
    if parts is not None and all(column.lower() in table.names for column in parts[1]):
        columns = (IndexElement(table.known(column)) for column in parts[1])
        return Index(parts[0], tuple(columns), parts[2])
    return _read_words(text, table)


def _read_words(text: str, table: TableText) -> Index:
    cursor = Cursor(text)
    cursor.expect("CREATE")
    unique = cursor.take("UNIQUE")
    cursor.expect("INDEX")
    cursor.take("IF", "NOT", "EXISTS")
    name = cursor.name()
    if cursor.take("."):
        name = cursor.name()
    cursor.expect("ON")
    cursor.name()
    cursor.expect("(")
    elements: list[IndexElement] = []
    while True:
        elements.append(_element(cursor, cursor.until(",", ")"), table))
        if not cursor.take(","):
            break
    cursor.expect(")")
    where = None
    if cursor.take("WHERE"):
        where = Expr(text[cursor.starts[cursor.place] :].strip().rstrip(";"))
    return Index(name, tuple(elements), unique, where)


def _element(cursor: Cursor, found: tuple[Word, ...], table: TableText) -> IndexElement:
    parts = list(found)
    nulls: str | None = None
    if len(parts) > 2 and _is(parts[-2], "NULLS"):  # noqa: PLR2004 - a word and NULLS FIRST
        nulls = parts.pop().text.lower()
        parts.pop()
    descending = len(parts) > 1 and _is(parts[-1], "DESC")
    if len(parts) > 1 and _is(parts[-1], "DESC", "ASC"):
        parts.pop()
    collation: str | None = None
    if len(parts) > 2 and _is(parts[-2], "COLLATE"):  # noqa: PLR2004 - a word and COLLATE name
        collation = name_of(parts.pop()).upper()
        parts.pop()
    if not parts:
        raise SchemaTextError(cursor.text)
    if len(parts) == 1 and parts[0].kind in {"name", "quoted", "string"}:
        name = name_of(parts[0])
        if name.lower() in table.names:
            return IndexElement(table.known(name), None, descending, nulls, None, collation)
    expr = Expr(cursor.between(parts))
    return IndexElement(None, expr, descending, nulls, None, collation)


def _timing(*, deferrable: bool, deferred: bool) -> Extras:
    if not deferrable:
        return ()
    return extras(deferrable=True, initially="deferred" if deferred else None)


def _is(word: Word, *texts: str) -> bool:
    return word.kind == "name" and word.text.upper() in texts
