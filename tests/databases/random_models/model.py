"""Values that describe random models: tables, columns and their parts, identified by numbers.

An object's number stays when its name changes, so that references to it follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.databases.random_models import vocabulary

Flags = frozenset[str]
NONE: Flags = frozenset()


@dataclass(frozen=True)
class Col:
    """A column.

    Args:
        uid: who it is, whatever its name.
        name: how it is called.
        type: a word of `vocabulary.TYPES`, `ref` (a key of another table), `code`, or an enum type:
            `enum:0`, `enums:0` for an array of it.
        default: counts in the defaults that fit the type.
        reads: the column that a computed one reads.
        flags: `stored`, `identity`, `always`, `start`, `counts` (reads a sequence).
    """

    uid: int
    name: str
    type: str
    nullable: bool = True
    default: int | None = None
    comment: str | None = None
    reads: int | None = None
    collation: str | None = None
    flags: Flags = NONE


@dataclass(frozen=True)
class Part:
    """A constraint or index over columns, by their numbers; `target` is a table's number."""

    uid: int
    kind: str
    columns: tuple[int, ...]
    name: str | None = None
    target: int = -1
    flags: Flags = NONE


@dataclass(frozen=True)
class Tab:
    """A table; its key is `id`, `code` or both, which have the numbers -1 and -2."""

    uid: int
    name: str
    schema: str | None = None
    key: tuple[Col, ...] = ()
    columns: tuple[Col, ...] = ()
    parts: tuple[Part, ...] = ()
    comment: str | None = None
    options: tuple[tuple[str, object], ...] = ()

    @property
    def full_name(self) -> str:
        """The name with the schema, as SQLAlchemy says it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def column(self, uid: int) -> Col | None:
        """Return the column of a number, those of the key too."""
        return next((one for one in (*self.key, *self.columns) if one.uid == uid), None)

    @property
    def key_words(self) -> tuple[str, ...]:
        """The types of the key's columns."""
        return tuple(one.type for one in self.key)


@dataclass(frozen=True)
class Kind:
    """An enum type."""

    uid: int
    name: str
    schema: str | None
    values: tuple[str, ...]


@dataclass(frozen=True)
class Counter:
    """A sequence that stands alone."""

    uid: int
    name: str
    schema: str | None = None
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Models:
    """Tables, and what they share."""

    tables: tuple[Tab, ...]
    kinds: tuple[Kind, ...] = ()
    counters: tuple[Counter, ...] = ()
    convention: int = 0
    checked: bool = True

    def table(self, uid: int) -> Tab | None:
        """Return the table of a number."""
        return next((one for one in self.tables if one.uid == uid), None)

    def kind(self, word: str) -> Kind:
        """Return the enum type that a column's type names."""
        uid = int(word.partition(":")[2])
        return next(one for one in self.kinds if one.uid == uid)


# ── what can be ───────────────────────────────────────────────────────────


def whole(table: Tab) -> Iterator[Col]:
    """Yield the columns that can be: what a computed one reads is there."""
    for column in table.columns:
        if column.reads is None or reads_well(column, table.column(column.reads)):
            yield column


def reads_well(column: Col, read: Col | None) -> bool:
    """Return whether a computed column can read another one."""
    if read is None or read.reads is not None or "identity" in read.flags:
        return False
    return read.type in ({"text"} if column.type == "text" else {"int", "big", "small"})


def fitting(table: Tab, spec: Models, kind: str) -> Iterator[Part]:
    """Yield the parts that can be: over columns that are there, each name and content once."""
    seen: set[object] = set()
    there = {column.uid: column for column in whole(table)}
    for part in table.parts:
        columns = [there.get(uid) for uid in part.columns]
        if not all(columns) or not _fits(part, [one for one in columns if one], spec, kind):
            continue
        content = (part.kind, part.columns, part.target, "lower" in part.flags)
        other = ({"unique": "index", "index": "unique"}.get(part.kind), *content[1:])
        if part.kind == "check":
            content = (*content, "second" in part.flags)  # type: ignore[assignment]
        # the first column gives a name to what has none
        label = (part.kind, part.columns[0], "unnamed") if part.name is None else part.name
        if seen & {label, content, other}:
            continue
        seen |= {content, label}
        yield part


def _fits(part: Part, columns: list[Col], spec: Models, kind: str) -> bool:
    """Return whether columns have the types that a part needs."""
    types = tuple(one.type for one in columns)
    bare = {word.partition(":")[0] for word in types}
    is_computed = any(one.reads is not None for one in columns)
    match part.kind:
        case "key":
            target = spec.table(part.target)
            wanted = ("ref", "code") if len(types) > 1 else ("ref",)
            if target is None or types != wanted:
                return False
            return len(target.key) == len(wanted) and target.key[0].name == "id"
        case "check":
            fits = bare <= vocabulary.NUMBERS | vocabulary.WORDS
            return fits and not (is_computed and kind in vocabulary.MYSQL_FAMILY)
        case "exclude":
            return bare <= vocabulary.RANGES and not is_computed
        case "index" if kind == "postgresql" and {"ints", "words"} & bare:
            return True
        case _:
            return bare <= vocabulary.SHORT
