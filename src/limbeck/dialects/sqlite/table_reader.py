"""Read CREATE TABLE and CREATE INDEX of sqlite_schema into values of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

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
from limbeck.dialects.sqlite.create_table import (
    Clause,
    ColumnDefinition,
    Item,
    References,
    parse_item,
    split_create_table,
)
from limbeck.dialects.sqlite.schema_text import Cursor, SchemaTextError, split_at_commas
from limbeck.sql import Token, identifier, unquote

if TYPE_CHECKING:
    from limbeck.catalog import Table


_TABLE_CLAUSES = frozenset({"primary", "unique", "check", "foreignkey"})


@dataclass(slots=True)
class TableSchema:
    """A table as its text defines it. Names of other tables are as written.

    Args:
        names: the declared names of columns, by name in lower case.
    """

    name: str
    columns: list[Column] = field(default_factory=list)
    primary_key: PrimaryKey | None = None
    uniques: list[Unique] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    extras: Extras = ()
    names: dict[str, str] = field(default_factory=dict)

    def declared_name(self, name: str) -> str:
        """Return a column's name as declared."""
        return self.names.get(name.lower(), name)


@dataclass(frozen=True, slots=True)
class _ParsedItem:
    """The meaning of a column or constraint, independent of its table."""

    columns: tuple[Column, ...]
    clauses: tuple[tuple[Clause, tuple[str, ...]], ...]


@dataclass(slots=True)
class ReadCache:
    """Types, columns and constraints that were already read, by their text.

    Tables of a schema often repeat columns literally. Sharing them saves time and memory.
    """

    types: dict[str, Type] = field(default_factory=dict)
    items: dict[str, _ParsedItem] = field(default_factory=dict)


def read_table(text: str, cache: ReadCache | None = None) -> TableSchema:
    """Read a CREATE TABLE.

    Args:
        text: the statement as stored in sqlite_schema.
        cache: parts read from other tables; new parts are added.

    Raises:
        SchemaTextError: SQLite would not store such a CREATE TABLE.
    """
    cache = cache or ReadCache()
    parts = split_create_table(text)
    table = TableSchema(parts.name, extras=_options(parts.options) if parts.options else ())
    clauses: list[tuple[Clause, tuple[str, ...]]] = []
    for item in parts.items:
        parsed = cache.items.get(item.text)
        if parsed is None:
            parsed = cache.items[item.text] = _parsed(text, item, cache)
        for column in parsed.columns:
            table.columns.append(column)
            table.names[column.name.lower()] = column.name
        clauses.extend(parsed.clauses)
    for clause, columns in clauses:
        _add_constraint(table, clause, tuple(map(table.declared_name, columns)))
    return table


def _parsed(text: str, item: Item, cache: ReadCache) -> _ParsedItem:
    columns: list[Column] = []
    clauses: list[tuple[Clause, tuple[str, ...]]] = []
    for part in parse_item(text, item):
        if isinstance(part, ColumnDefinition):
            columns.append(_column(part, cache))
            found = (clause for clause in part.clauses if clause.kind in _TABLE_CLAUSES)
            clauses.extend((clause, (part.name,)) for clause in found)
        else:
            clauses.append((part, part.columns))
    return _ParsedItem(tuple(columns), tuple(clauses))


def _column(definition: ColumnDefinition, cache: ReadCache) -> Column:
    type_ = cache.types.get(definition.type_text)
    if type_ is None:
        type_ = cache.types[definition.type_text] = Type.parse(definition.type_text)
    nullable = True
    options: Extras = ()
    default: Expr | Computed | None = None
    for clause in definition.clauses:
        if clause.kind == "not null":
            nullable = False
        elif clause.kind == "default":
            default = Expr(clause.expression)
        elif clause.kind == "generated":
            default = Computed(Expr(clause.expression), stored=clause.stored)
        elif clause.kind == "collate":
            type_ = replace(type_, collation=clause.expression.upper(), dimensions=0)
        elif clause.autoincrement:
            options = extras(autoincrement=True)
    return Column(definition.name, type_, nullable, default, None, options)


def _add_constraint(table: TableSchema, clause: Clause, columns: tuple[str, ...]) -> None:
    """Add a constraint of the table or of one of its columns."""
    on_conflict = None if clause.on_conflict == "ABORT" else clause.on_conflict
    options = extras(on_conflict=on_conflict)
    if clause.kind == "primary":
        table.primary_key = PrimaryKey(columns, clause.name, options)
        if clause.autoincrement:
            _set_autoincrement(table, columns[0])
    elif clause.kind == "unique":
        table.uniques.append(Unique(columns, clause.name, options))
    elif clause.kind == "check":
        table.checks.append(Check(Expr(clause.expression), clause.name))
    elif clause.references is not None:
        table.foreign_keys.append(_foreign_key(clause.name, columns, clause.references))


def _set_autoincrement(table: TableSchema, name: str) -> None:
    options = extras(autoincrement=True)
    table.columns = [
        replace(column, extras=options) if column.name == name else column
        for column in table.columns
    ]


def _foreign_key(name: str | None, columns: tuple[str, ...], target: References) -> ForeignKey:
    timing: Extras = ()
    if target.deferrable:
        timing = extras(deferrable=True, initially="deferred" if target.deferred else None)
    on_update, on_delete = (
        None if action == "NO ACTION" else action for action in (target.on_update, target.on_delete)
    )
    return ForeignKey(
        columns,
        Key("table", (None, target.table)),
        target.columns,
        name,
        on_update,
        on_delete,
        None if target.match == "SIMPLE" else target.match,
        timing,
    )


def _options(text: str) -> Extras:
    """Read the options after the columns of a table.

    Raises:
        SchemaTextError: SQLite has no such option.
    """
    cursor = Cursor(text)
    clauses = {"without_rowid": False, "strict": False}
    while not cursor.is_at_end:
        if cursor.accept("WITHOUT", "ROWID"):
            clauses["without_rowid"] = True
        elif cursor.accept("STRICT"):
            clauses["strict"] = True
        elif not cursor.accept(","):
            raise SchemaTextError(f"unexpected {cursor.token.text} in: {text}")
    return extras(**clauses)


# ── indexes ───────────────────────────────────────────────────────────────


def read_index(text: str, table: TableSchema) -> Index:
    """Read a CREATE INDEX.

    Args:
        text: the statement as stored in sqlite_schema.
        table: the table of the index.

    Raises:
        SchemaTextError: SQLite would not store such a CREATE INDEX.
    """
    cursor = Cursor(text)
    cursor.expect("CREATE")
    unique = cursor.accept("UNIQUE")
    cursor.expect("INDEX")
    cursor.accept("IF", "NOT", "EXISTS")
    name = cursor.name()
    if cursor.accept("."):
        name = cursor.name()
    cursor.expect("ON")
    cursor.name()
    groups = split_at_commas(cursor.parenthesized())
    elements = tuple(_element(cursor, group, table) for group, _ in groups)
    where = None
    if cursor.accept("WHERE"):
        where = Expr(text[cursor.token.start :].strip().rstrip(";"))
    return Index(name, elements, unique, where)


def _element(cursor: Cursor, group: list[Token], table: TableSchema) -> IndexElement:
    tokens = list(group)
    nulls: str | None = None
    if len(tokens) > 2 and _is(tokens[-2], "NULLS"):  # noqa: PLR2004 - a column and NULLS FIRST
        nulls = tokens.pop().text.lower()
        tokens.pop()
    descending = len(tokens) > 1 and _is(tokens[-1], "DESC")
    if len(tokens) > 1 and _is(tokens[-1], "DESC", "ASC"):
        tokens.pop()
    collation: str | None = None
    if len(tokens) > 2 and _is(tokens[-2], "COLLATE"):  # noqa: PLR2004 - a column and COLLATE name
        collation = unquote(tokens.pop().text).upper()
        tokens.pop()
    if not tokens:
        raise SchemaTextError(f"a column is missing in: {cursor.text}")
    if len(tokens) == 1:
        name = unquote(tokens[0].text) if tokens[0].kind == "string" else identifier(tokens[0])
        if name is not None and name.lower() in table.names:
            column = table.declared_name(name)
            return IndexElement(column, None, descending, nulls, None, collation)
    expression = Expr(cursor.slice(tokens))
    return IndexElement(None, expression, descending, nulls, None, collation)


def _is(token: Token, *keywords: str) -> bool:
    return token.kind == "name" and token.text.upper() in keywords


# keyword of SQLAlchemy's Table, the option in SQL, the value for which it is written


# ── options of the table: WITHOUT ROWID, STRICT, AUTOINCREMENT ────────────

_TAILS = (
    ("sqlite_with_rowid", "WITHOUT ROWID", False),
    ("sqlite_strict", "STRICT", True),
)
COUNTS = "sqlite_autoincrement"
COPY_OPTIONS = frozenset({COUNTS, *(keyword for keyword, _, _ in _TAILS)})
"""Keywords of a table that a copy of it can add and remove."""


def tail_with(tail: str, keywords: Mapping[str, Any]) -> str:
    """Return the options after a table's columns, added or removed as given.

    Args:
        tail: the current options.
        keywords: keywords of SQLAlchemy's Table; other options are not changed.
    """
    present = {" ".join(word.upper().split()) for word in tail.split(",")}
    for keyword, option, written in _TAILS:
        value = keywords.get(keyword)
        if value is not None:
            present = present | {option} if bool(value) is written else present - {option}
    return ", ".join(option for _, option, _ in _TAILS if option in present)


def copy_options(old: Table, new: Table) -> dict[str, bool]:
    """Return the keywords of a copy that has another table's options.

    Args:
        old: the current table.
        new: the table in its final form.

    Returns:
        Keywords for `batch_alter_table(table_kwargs=...)`, for options that differ.
    """
    had, has = _keywords(old), _keywords(new)
    return {keyword: has[keyword] for keyword in has if has[keyword] != had[keyword]}


def with_options(table: Table, keywords: Mapping[str, Any]) -> Table:
    """Return a table in the form that a copy with these keywords has.

    Args:
        table: the table.
        keywords: keywords of SQLAlchemy's Table; other options are not changed.
    """
    extras = dict(table.extras)
    for keyword, option, written in (
        ("sqlite_with_rowid", "without_rowid", False),
        ("sqlite_strict", "strict", True),
    ):
        value = keywords.get(keyword)
        if value is not None:
            extras.pop(option, None)
            extras |= {option: True} if bool(value) is written else {}
    counts, columns = keywords.get(COUNTS), table.columns
    if counts is not None:
        key = () if table.primary_key is None else table.primary_key.columns
        columns = tuple(
            _counting(column, counts=bool(counts) and (column.name,) == key) for column in columns
        )
    return replace(table, columns=columns, extras=tuple(sorted(extras.items())))


def _counting(column: Column, *, counts: bool) -> Column:
    others = [pair for pair in column.extras if pair[0] != "autoincrement"]
    return replace(column, extras=tuple(sorted([*others, *([("autoincrement", True)] * counts)])))


def table_keywords(table: Table, _dialect: str) -> dict[str, bool]:
    """Return the keywords of SQLAlchemy's Table for the options that a table has."""
    plain = {COUNTS: False, "sqlite_with_rowid": True, "sqlite_strict": False}
    return {key: value for key, value in _keywords(table).items() if value is not plain[key]}


def _keywords(table: Table) -> dict[str, bool]:
    extras = dict(table.extras)
    return {
        COUNTS: any(("autoincrement", True) in column.extras for column in table.columns),
        "sqlite_with_rowid": not extras.get("without_rowid"),
        "sqlite_strict": bool(extras.get("strict")),
    }
