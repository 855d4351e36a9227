"""The text of a CREATE TABLE, taken apart and put together again.

SQLite keeps what was written, and reflection forgets half of it. Parts that nobody touches
come out as they went in, letter for letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?:\n|$)|/\*.*?(?:\*/|$))
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      | (?P<word>[^\W\d][\w$]*)
      | (?P<number>\d[\w.]*(?:[eE][+-]\d+)?|\.\d+)
      | (?P<mark>\|\||<=|>=|==|!=|<>|<<|>>|->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)
_RULE_WORDS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_CLAUSE_WORDS = frozenset({
    "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK",
    "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS",
})  # fmt: skip
LEAD = " \n\t"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of SQL and where it stands."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        """The keyword it may be, empty for anything quoted."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str | None:
        """The identifier it may be, without its quotes."""
        if self.kind == "word":
            return self.text
        if self.kind == "quoted":
            mark = self.text[-1]
            inner = self.text[1:-1]
            return inner if mark == "]" else inner.replace(mark * 2, mark)
        return None


def tokens(sql: str) -> list[Token]:
    """Return the words of a statement, spaces and comments left out."""
    return [
        Token(str(match.lastgroup), match.group(), match.start())
        for match in _TOKEN.finditer(sql)
        if match.lastgroup != "space"
    ]


def same_name(one: str | None, other: str | None) -> bool:
    """Tell whether two identifiers are the same to SQLite."""
    return one is not None and other is not None and one.lower() == other.lower()


def mentions(sql: str, name: str) -> bool:
    """Tell whether an identifier stands in a piece of SQL."""
    return any(same_name(token.name, name) for token in tokens(sql))


def replaced(sql: str, old: str, new: str) -> str:
    """Return the SQL with an identifier exchanged for the text `new`; functions are left."""
    words = tokens(sql)
    pieces: list[str] = []
    at = 0
    for index, token in enumerate(words):
        follows = words[index + 1].text if index + 1 < len(words) else ""
        if same_name(token.name, old) and follows not in {"(", "."}:
            pieces += (sql[at : token.start], new)
            at = token.end
    return "".join((*pieces, sql[at:]))


def redirected(sql: str, old: str, new: str) -> str:
    """Return a CREATE TABLE whose foreign keys to `old` go to the text `new`."""
    words = tokens(sql)
    pieces: list[str] = []
    at = 0
    for token, target in pairwise(words):
        if token.upper == "REFERENCES" and same_name(target.name, old):
            pieces += (sql[at : target.start], new)
            at = target.end
    return "".join((*pieces, sql[at:]))


def normal(sql: str) -> tuple[str, ...]:
    """Return the words of a piece of SQL, in a form in which equal pieces are equal."""
    return tuple(
        f'"{token.name.lower()}"' if token.name is not None else token.text for token in tokens(sql)
    )


# ── parts ─────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Clause:
    """A constraint on a column: NOT NULL, DEFAULT, CHECK ..."""

    kind: str
    text: str
    name: str | None = None


@dataclass(slots=True)
class ColumnText:
    """A column of a CREATE TABLE."""

    name: str
    name_text: str
    type_text: str
    clauses: list[Clause] = field(default_factory=list)
    raw: str | None = None
    lead: str = LEAD
    trail: str = ""

    def clause(self, kind: str) -> Clause | None:
        """Return the first clause of a kind."""
        return next((clause for clause in self.clauses if clause.kind == kind), None)

    def without(self, *kinds: str) -> None:
        """Take clauses away."""
        self.clauses = [clause for clause in self.clauses if clause.kind not in kinds]
        self.raw = None

    @property
    def text(self) -> str:
        """The column as it is written."""
        if self.raw is not None:
            return self.raw
        words = (self.name_text, self.type_text, *(clause.text for clause in self.clauses))
        return " ".join(word for word in words if word)

    @property
    def is_generated(self) -> bool:
        """True when no value can be put into it."""
        return self.clause("generated") is not None


@dataclass(slots=True)
class RuleText:
    """A constraint of the table: PRIMARY KEY, UNIQUE, CHECK, FOREIGN KEY."""

    kind: str
    text: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    lead: str = LEAD
    trail: str = ""


@dataclass(slots=True)
class TableText:
    """A CREATE TABLE taken apart."""

    name: str
    columns: list[ColumnText]
    rules: list[RuleText]
    options: str = ""
    tail: str = "\n"

    def column(self, name: str) -> ColumnText | None:
        """Return the column of that name."""
        return next((each for each in self.columns if same_name(each.name, name)), None)

    def under(self, name_text: str) -> str:
        """Return the statement that creates this table under a name, which comes quoted."""
        parts: list[str] = []
        items: list[ColumnText | RuleText] = [*self.columns, *self.rules]
        for item in items:
            lead = item.lead
            if not parts:
                lead = lead.lstrip(" ")
            elif lead.startswith("\n"):
                lead = f" {lead}"
            parts.append(f"{lead}{item.text}{item.trail}")
        options = f" {self.options}" if self.options else ""
        return f"CREATE TABLE {name_text} ({','.join(parts)}{self.tail}){options}"


# ── taking apart ──────────────────────────────────────────────────────────


def read(sql: str) -> TableText:
    """Take a CREATE TABLE apart.

    Raises:
        ValueError: this is no CREATE TABLE with a list of columns.
    """
    words = tokens(sql)
    opening = next((i for i, token in enumerate(words) if token.text == "("), None)
    if opening is None or not words or words[0].upper != "CREATE":
        raise ValueError(f"no list of columns in {sql!r}")
    closing = _closing(words, opening)
    name = words[opening - 1].name or ""
    table = TableText(name, [], [], options=sql[words[closing].end :].strip().rstrip(";"))
    begin = words[opening].end
    for group, stop in _groups(words, opening + 1, closing):
        lead, trail = sql[begin : group[0].start], sql[group[-1].end : stop.start]
        if group[0].upper in _RULE_WORDS:
            table.rules.append(_rule(sql, group, lead, trail))
        else:
            table.columns.append(_column(sql, group, lead, trail))
        begin = stop.end
    last = table.rules[-1] if table.rules else table.columns[-1]
    if not last.trail.strip():
        table.tail, last.trail = last.trail, ""
    else:
        table.tail = ""
    return table


def _closing(words: Sequence[Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(words)):
        depth += {"(": 1, ")": -1}.get(words[index].text, 0)
        if depth == 0:
            return index
    raise ValueError("a parenthesis is not closed")


def _groups(
    words: Sequence[Token], first: int, closing: int
) -> Iterable[tuple[list[Token], Token]]:
    group: list[Token] = []
    depth = 0
    for token in words[first:closing]:
        if token.text == "," and depth == 0:
            yield group, token
            group = []
            continue
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        group.append(token)
    yield group, words[closing]


def _slice(sql: str, group: Sequence[Token]) -> str:
    return sql[group[0].start : group[-1].end] if group else ""


def _rule(sql: str, group: list[Token], lead: str, trail: str) -> RuleText:
    name = None
    body = group
    if group[0].upper == "CONSTRAINT":
        name, body = group[1].name, group[2:]
    kind = {"PRIMARY": "primary", "UNIQUE": "unique", "CHECK": "check", "FOREIGN": "foreignkey"}[
        body[0].upper
    ]
    opening = next(i for i, token in enumerate(body) if token.text == "(")
    closing = _closing(body, opening)
    columns: tuple[str, ...] = ()
    if kind != "check":
        columns = tuple(
            members[0].name or "" for members, _ in _groups(body, opening + 1, closing) if members
        )
    return RuleText(kind, _slice(sql, group), name, columns, lead, trail)


def _column(sql: str, group: list[Token], lead: str, trail: str) -> ColumnText:
    starts = _clause_starts(group)
    first = starts[0] if starts else len(group)
    column = ColumnText(
        group[0].name if group[0].name is not None else group[0].text.strip("'"),
        group[0].text,
        _slice(sql, group[1:first]),
        raw=_slice(sql, group),
        lead=lead,
        trail=trail,
    )
    for begin, end in pairwise([*starts, len(group)]):
        part = group[begin:end]
        named = part[0].upper == "CONSTRAINT" and len(part) > 2  # noqa: PLR2004
        word = part[2].upper if named else part[0].upper
        column.clauses.append(
            Clause(
                _CLAUSES.get(word, word.lower()), _slice(sql, part), part[1].name if named else None
            )
        )
    return column


_CLAUSES = {
    "PRIMARY": "primary",
    "NOT": "not null",
    "REFERENCES": "foreignkey",
    "GENERATED": "generated",
    "AS": "generated",
}


def _clause_starts(group: Sequence[Token]) -> list[int]:
    starts: list[int] = []
    depth = 0
    for index, token in enumerate(group[1:], start=1):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth or token.text == ")" or token.upper not in _CLAUSE_WORDS:
            continue
        before = group[index - 1].upper
        follows = group[index + 1].upper if index + 1 < len(group) else ""
        inner = (
            (token.upper == "NOT" and follows == "DEFERRABLE")
            or (token.upper == "NULL" and before in {"NOT", "SET", "DEFAULT"})
            or (token.upper == "DEFAULT" and before == "SET")
            or (token.upper == "AS" and before == "ALWAYS")
            or (index - 2 in starts and group[index - 2].upper == "CONSTRAINT")
            or (index - 1 in starts and before in {"CONSTRAINT", "COLLATE", "REFERENCES"})
        )
        if not inner:
            starts.append(index)
    return starts
