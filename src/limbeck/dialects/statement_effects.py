"""Parse the effects of a DDL statement on the catalog.

The runner uses them to find out whether a statement of an interrupted run took effect, and
whether the effect still exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from limbeck import sql as sql_text
from limbeck.sql import Token, closing_index, tokenize, unquote

_RULES = {"mysql": sql_text.MYSQL, "mariadb": sql_text.MYSQL, "postgresql": sql_text.POSTGRESQL}
_NAME = r'(?:\w+|`[^`]+`|"[^"]+")'
_INSERT = re.compile(
    rf"\s*(?:INSERT|REPLACE)\s+INTO\s+{_NAME}(?:\.{_NAME})?(?=\s*(?:\(|VALUES\b|SELECT\b))",
    re.IGNORECASE,
)
_INDEX_KINDS = ("UNIQUE", "FULLTEXT", "SPATIAL")
_NO_COLUMNS = frozenset(
    {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX", "KEY", "FULLTEXT", "SPATIAL"}
    | {"LIKE", "EXCLUDE", "PERIOD"}
)
_PARTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX", "KEY"})

TablePath: TypeAlias = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class DdlFact:
    """One fact of the catalog that a statement establishes.

    Args:
        kind: table, column, part (an index or a named constraint) or primary key.
        table: schema and name of the table.
        name: the name of the column or part, otherwise "".
        is_present: False if the object does not exist afterwards.
        is_not_null: the column is not nullable.
        type_text: the type of a column that ALTER TABLE adds, otherwise "".
        columns: the columns of an index; None if they are not plain names.
        is_unique: whether an index is unique; None for a constraint.
        constraint: foreignkey, check or unique; "" for an index.
        renamed_from: the name that a table had before; for a column, None and its former name.
    """

    kind: str
    table: TablePath
    name: str = ""
    is_present: bool = True
    is_not_null: bool = False
    type_text: str = ""
    columns: tuple[str, ...] | None = None
    is_unique: bool | None = None
    constraint: str = ""
    renamed_from: TablePath | None = None

    @property
    def key(self) -> tuple[str, TablePath, str]:
        """The identity of the object of the effect."""
        return self.kind, self.table, self.name.lower()

    def __str__(self) -> str:
        table = ".".join(part for part in self.table if part)
        verb = "" if self.is_present else "no "
        return f"{verb}{self.kind} {table}{f'.{self.name}' if self.name else ''}"


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one statement.

    Args:
        items: the effects in the order of the statement.
        is_complete: the statement took effect if, and only if, all of them are true.
        is_reversible: the statement has no other effects, and none of them is conditional.
    """

    items: tuple[DdlFact, ...] = ()
    is_complete: bool = False
    is_reversible: bool = False


def parse_effects(sql: str, dialect: str) -> Effects:
    """Return the effects of a statement; none if the statement is not understood.

    Args:
        sql: one statement, which may be truncated.
        dialect: SQLAlchemy's name of the dialect.
    """
    if sql.lstrip()[:6].upper() not in {"CREATE", "ALTER ", "DROP T", "DROP I", "RENAME"}:
        return Effects()
    # SQLAlchemy doubles the percent signs of a statement for some drivers
    tokens = tokenize(sql.replace("%%", "%"), _RULES.get(dialect, sql_text.STANDARD))
    reader = _Reader(tokens, lowers_names=dialect == "postgresql")
    try:
        items, is_complete = reader.statement()
    except (IndexError, ValueError):  # truncated, or an unknown clause
        return Effects()
    keys = [item.key for item in items]
    is_complete = is_complete and len(set(keys)) == len(keys)
    return Effects(tuple(items), is_complete, reader.is_reversible)


def written_rows(sql: str, dialect: str) -> tuple[TablePath, tuple[str, ...]] | None:
    """Return the table whose rows a statement writes, and the columns if it is an UPDATE.

    Args:
        sql: one statement.
        dialect: SQLAlchemy's name of the dialect.

    Returns:
        None for a statement that is not understood.
    """
    # the rows of an INSERT may be long, and only its table is needed
    insert = _INSERT.match(sql)
    text = sql if insert is None else insert[0]
    tokens = tokenize(text.replace("%%", "%"), _RULES.get(dialect, sql_text.STANDARD))
    try:
        return _Reader(tokens, lowers_names=dialect == "postgresql").rows()
    except (IndexError, ValueError):
        return None


class _Reader:
    """Reads one statement, token by token."""

    def __init__(self, tokens: list[Token], *, lowers_names: bool) -> None:
        self._tokens = tokens
        # the words in upper case; "" for quoted names, strings and numbers
        self._words = [
            token.text.upper() if token.kind in {"name", "mark"} else "" for token in tokens
        ]
        self._at = 0
        self._lowers_names = lowers_names
        self._is_complete = True
        self.is_reversible = True

    # ── tokens ────────────────────────────────────────────────────────────

    def _word(self, ahead: int = 0) -> str:
        index = self._at + ahead
        return self._words[index] if index < len(self._words) else ""

    def _take(self, *words: str) -> bool:
        end = self._at + len(words)
        if self._words[self._at : end] != list(words):
            return False
        self._at = end
        return True

    def _take_any(self, words: Iterable[str]) -> str | None:
        word = self._word()
        if word not in words:
            return None
        self._at += 1
        return word

    def _name(self) -> str:
        token = self._tokens[self._at]
        if token.kind not in {"name", "quoted", "string"}:
            raise ValueError(token.text)
        self._at += 1
        if token.kind == "name":
            return token.text.lower() if self._lowers_names else token.text
        return unquote(token.text)

    def _path(self) -> TablePath:
        first = self._name()
        return (first, self._name()) if self._take(".") else (None, first)

    def _skip_clause(self) -> list[str]:
        """Skip to the next comma or closing parenthesis; return the skipped words."""
        words: list[str] = []
        while self._at < len(self._tokens) and self._word() not in {",", ")", ";"}:
            if self._word() == "(":
                self._skip_parentheses()
                continue
            words.append(self._word())
            self._at += 1
        return words

    def _skip_parentheses(self) -> None:
        closing = closing_index(self._tokens, self._at)
        self._at = len(self._tokens) if closing is None else closing + 1

    def _columns(self) -> tuple[str, ...] | None:
        """Read a list of columns; None if it contains anything but names."""
        if not self._take("("):
            return None
        names: list[str] = []
        is_plain = True
        while self._word() not in {")", ";"}:
            try:
                names.append(self._name())
            except ValueError:
                is_plain = False
            # what may follow a name: a length, an order, an operator class
            has_more = bool(self._skip_clause()) or self._tokens[self._at - 1].text == ")"
            is_plain = is_plain and not has_more
            if not self._take(","):
                break
        self._take(")")
        return tuple(names) if is_plain else None

    def _if_exists(self) -> None:
        if self._take("IF", "NOT", "EXISTS") or self._take("IF", "EXISTS"):
            self.is_reversible = False

    def _does_more(self) -> None:
        """Record that the statement has other effects than its facts."""
        self._is_complete = self.is_reversible = False

    # ── statements ────────────────────────────────────────────────────────

    def statement(self) -> tuple[list[DdlFact], bool]:
        """Return the effects of the statement, and whether they are complete."""
        if self._take("CREATE", "TABLE"):
            items = self._create_table()
        elif self._take("CREATE", "OR", "REPLACE", "TABLE"):
            self.is_reversible = False
            items = self._create_table()
        elif self._take("CREATE"):
            items = self._create_index()
        elif self._take("DROP", "TABLE") or self._take("DROP", "TABLES"):
            self._if_exists()
            items = [DdlFact("table", path, is_present=False) for path in self._paths()]
        elif self._take("DROP", "INDEX"):
            items = self._drop_index()
        elif self._take("RENAME", "TABLE") or self._take("RENAME", "TABLES"):
            items = self._rename_tables()
        elif self._take("ALTER", "TABLE"):
            items = self._alter_table()
        else:
            return [], False
        return items, self._is_complete

    def _paths(self) -> list[TablePath]:
        paths = [self._path()]
        while self._take(","):
            paths.append(self._path())
        return paths

    def _create_table(self) -> list[DdlFact]:
        self._if_exists()
        table = self._path()
        items = [DdlFact("table", table)]
        if not self._take("("):
            return items
        while self._at < len(self._tokens):
            if self._word() not in _NO_COLUMNS:
                name = self._name()
                words = self._skip_clause()
                items.append(DdlFact("column", table, name, is_not_null=_is_not_null(words)))
            else:
                self._skip_clause()
            if not self._take(","):
                break
        return items

    def _create_index(self) -> list[DdlFact]:
        is_unique = self._take_any(_INDEX_KINDS) == "UNIQUE"
        if not self._take("INDEX"):
            raise ValueError(self._word())
        # an index that is built concurrently may exist and be invalid
        self._is_complete = not self._take("CONCURRENTLY")
        self._if_exists()
        if self._word() == "ON":
            raise ValueError("the index has no name")
        name = self._path()[1]
        if self._take("USING"):
            self._name()
        if not self._take("ON"):
            raise ValueError(self._word())
        self._take("ONLY")
        table = self._path()
        if self._take("USING"):
            self._name()
        return [DdlFact("part", table, name, columns=self._columns(), is_unique=is_unique)]

    def _drop_index(self) -> list[DdlFact]:
        self._take("CONCURRENTLY")
        self._if_exists()
        name = self._path()[1]
        if not self._take("ON"):
            raise ValueError("the statement does not name the table")
        return [DdlFact("part", self._path(), name, is_present=False)]

    def _rename_tables(self) -> list[DdlFact]:
        items: list[DdlFact] = []
        while True:
            old = self._path()
            if not self._take("TO"):
                raise ValueError(self._word())
            items += _renamed(old, self._path())
            if not self._take(","):
                return items

    # ── rows ──────────────────────────────────────────────────────────────

    def rows(self) -> tuple[TablePath, tuple[str, ...]]:
        """Return the table and the columns that the statement writes."""
        if self._take("INSERT", "INTO") or self._take("REPLACE", "INTO"):
            return self._path(), ()
        if self._take("DELETE", "FROM"):
            table = self._path()
            if self._word() in {"", "WHERE", ";"}:
                return table, ()
            raise ValueError(self._word())
        if not self._take("UPDATE"):
            raise ValueError(self._word())
        table = self._path()
        if not self._take("SET"):
            raise ValueError(self._word())
        columns: list[str] = []
        while True:
            columns.append(self._path()[1])
            if not self._take("="):
                raise ValueError(self._word())
            self._skip_value()
            if not self._take(","):
                return table, tuple(columns)

    def _skip_value(self) -> None:
        while self._at < len(self._tokens) and self._word() not in {",", "WHERE", "FROM", ";"}:
            if self._word() == "(":
                self._skip_parentheses()
            else:
                self._at += 1

    # ── ALTER TABLE ───────────────────────────────────────────────────────

    def _alter_table(self) -> list[DdlFact]:
        self._if_exists()
        self._take("ONLY")
        table = self._path()
        items: list[DdlFact] = []
        while True:
            items += self._action(table)
            self._skip_clause()
            if not self._take(","):
                return items

    def _action(self, table: TablePath) -> list[DdlFact]:
        word = self._take_any(("ADD", "DROP", "RENAME", "CHANGE"))
        if word is not None:
            readers = {
                "ADD": self._add,
                "DROP": self._drop,
                "RENAME": self._rename,
                "CHANGE": self._change,
            }
            return readers[word](table)
        # the other changes of an action cannot be determined by a name
        self._does_more()
        if self._take("MODIFY") or self._take("ALTER"):
            self._take("COLUMN")
            if self._word() not in {"INDEX", "CONSTRAINT", "CHECK", "KEY"}:
                self._if_exists()
                return [DdlFact("column", table, self._name())]
        return []

    def _add(self, table: TablePath) -> list[DdlFact]:
        if self._word() in _PARTS or self._word() in _INDEX_KINDS:
            return self._add_part(table)
        is_column = self._take("COLUMN")
        self._if_exists()
        if self._word() == "(" or (not is_column and self._word() in {"PARTITION", "PERIOD"}):
            self._does_more()
            return []
        name = self._name()
        start = self._at
        words = self._skip_clause()
        type_text = _type_text(self._tokens[start : self._at])
        return [
            DdlFact("column", table, name, is_not_null=_is_not_null(words), type_text=type_text)
        ]

    def _add_part(self, table: TablePath) -> list[DdlFact]:
        name = ""
        if self._take("CONSTRAINT"):
            self._if_exists()
            if self._word() not in _PARTS:
                name = self._name()
        if self._take("PRIMARY", "KEY"):
            return [DdlFact("primary key", table)]
        kind = self._take_any(("UNIQUE", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK"))
        is_index = self._take_any(("INDEX", "KEY")) is not None and kind != "FOREIGN"
        self._if_exists()
        if not name and self._word() != "(":
            name = self._name()
        if not name or (kind is None and not is_index):
            self._does_more()
            return []
        if kind in {"FOREIGN", "CHECK"}:
            constraint = "foreignkey" if kind == "FOREIGN" else "check"
            return [DdlFact("part", table, name, constraint=constraint)]
        is_unique = kind == "UNIQUE"
        constraint = "unique" if is_unique and not is_index else ""
        columns = self._columns()
        fact = DdlFact(
            "part", table, name, columns=columns, is_unique=is_unique, constraint=constraint
        )
        return [fact]

    def _drop(self, table: TablePath) -> list[DdlFact]:
        if self._take("PRIMARY", "KEY"):
            return [DdlFact("primary key", table, is_present=False)]
        is_part = (
            self._take("FOREIGN", "KEY")
            or self._take_any(("INDEX", "KEY", "CONSTRAINT", "CHECK")) is not None
        )
        if not is_part:
            if self._word() in {"PARTITION", "PERIOD", "SYSTEM"}:
                self._does_more()
                return []
            self._take("COLUMN")
        self._if_exists()
        return [DdlFact("part" if is_part else "column", table, self._name(), is_present=False)]

    def _change(self, table: TablePath) -> list[DdlFact]:
        self._take("COLUMN")
        old, new = self._name(), self._name()
        self.is_reversible = False  # the old type is not known
        if old.lower() != new.lower():
            return _renamed_column(table, old, new)
        self._does_more()
        return [DdlFact("column", table, new)]

    def _rename(self, table: TablePath) -> list[DdlFact]:
        if self._take("COLUMN"):
            old = self._name()
            self._take("TO")
            return _renamed_column(table, old, self._name())
        if self._take_any(("INDEX", "KEY", "CONSTRAINT")):
            self.is_reversible = False
            old = self._name()
            self._take("TO")
            new = self._name()
            return [DdlFact("part", table, old, is_present=False), DdlFact("part", table, new)]
        if not (self._take("TO") or self._take("AS")) and self._word(1) == "TO":
            old = self._name()  # PostgreSQL: RENAME a TO b
            self._take("TO")
            return _renamed_column(table, old, self._name())
        schema, name = self._path()
        return _renamed(table, (schema or table[0], name))


def _renamed(old: TablePath, new: TablePath) -> list[DdlFact]:
    return [DdlFact("table", old, is_present=False), DdlFact("table", new, renamed_from=old)]


def _renamed_column(table: TablePath, old: str, new: str) -> list[DdlFact]:
    gone = DdlFact("column", table, old, is_present=False)
    return [gone, DdlFact("column", table, new, renamed_from=(None, old))]


_AFTER_TYPE = frozenset(
    {"NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "CONSTRAINT", "COLLATE"}
    | {"GENERATED", "AS", "COMMENT", "AUTO_INCREMENT", "FIRST", "AFTER", "ON", "CHARACTER"}
    | {"CHARSET", "INVISIBLE", "VISIBLE", "STORED", "VIRTUAL", "IDENTITY"}
)


def _type_text(tokens: Iterable[Token]) -> str:
    """Return the type at the beginning of a column definition."""
    texts: list[str] = []
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.kind == "name" and token.text.upper() in _AFTER_TYPE:
            break
        texts.append(token.text)
    return " ".join(texts)


def _is_not_null(words: list[str]) -> bool:
    return any(pair == ("NOT", "NULL") for pair in pairwise(words))
