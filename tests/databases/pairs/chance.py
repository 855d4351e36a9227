"""Random models, and what may become of them: pairs that nobody thought of.

What is told here is valid on its database, and its rows can live on both sides; where they
cannot (a new unique column without values of its own) the tables are empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from tests.cases.autogenerate.making import Pair
from tests.databases.pairs.rows import made_up

TABLES = ("plain", "orders", "Order", "a b", "lines")
COLUMNS = ("x", "y", "name", "Group", "c d", "state", "total", "ünï")
CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: Mapping[str, Any] = {
    "int": sa.Integer(),
    "big": sa.BigInteger(),
    "small": sa.SmallInteger(),
    "num": sa.Numeric(10, 2),
    "num4": sa.Numeric(12, 4),
    "str20": sa.String(20),
    "str50": sa.String(50),
    "text": sa.Text(),
    "bool": sa.Boolean(),
    "date": sa.Date(),
    "moment": sa.DateTime(),
    "json": sa.JSON(),
    "blob": sa.LargeBinary(),
    "mood": None,
}
# which types become which; a column of another kind is another column
FAMILIES = (
    ("int", "big", "small", "num", "num4"),
    ("int", "big", "str20", "str50", "text"),
    ("str20", "str50", "text"),
    ("bool",),
    ("date", "moment"),
    ("json",),
    ("blob",),
    ("mood",),
)
NUMBERS = frozenset(FAMILIES[0])
WORDS = frozenset(FAMILIES[2])
SHORT = NUMBERS | {"str20", "str50", "bool", "date", "moment", "mood"}
MOODS = (("a", "b"), ("a", "b", "c"), ("b", "a"), ("new", "a", "b"), ("a", "it's", "b"))
DEFAULTS: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(NUMBERS, ("0", "5", sa.text("(1 + 2)"))),
    **dict.fromkeys(WORDS, ("x", "it's", "100%", "7")),
    "bool": (sa.true(), sa.false()),
    "date": (sa.text("'2020-01-01'"),),
    "moment": (sa.func.now(), sa.text("'2020-01-01 10:00:00'")),
    "json": ("{}",),
    "blob": (),
    "mood": ("a", "b"),
}


@dataclass(frozen=True)
class Col:
    """A column: `default` counts in DEFAULTS, `reads` makes it a computed one."""

    name: str
    type: str
    nullable: bool = True
    default: int | None = None
    comment: str | None = None
    reads: str | None = None
    stored: bool = True


@dataclass(frozen=True)
class Part:
    """A constraint or index over columns."""

    kind: str
    columns: tuple[str, ...]
    name: str | None = None
    target: str = ""
    option: int = 0


@dataclass(frozen=True)
class Tab:
    """A table."""

    name: str
    key: tuple[str, ...] = ("id",)
    columns: tuple[Col, ...] = ()
    parts: tuple[Part, ...] = ()
    comment: str | None = None

    def column(self, name: str) -> Col | None:
        """Return the column of a name; a key of its own is a number or a word."""
        if name in self.key:
            return Col(name, "int" if name == "id" else "str20", nullable=False)
        return next((one for one in self.columns if one.name == name), None)


@dataclass(frozen=True)
class Models:
    """Tables, and what they share."""

    tables: tuple[Tab, ...]
    mood: tuple[str, ...] = MOODS[0]
    convention: bool = False


# ── drawing ───────────────────────────────────────────────────────────────


def seldom(draw: st.DrawFn, times: int = 4) -> bool:
    """Return True once in so many times."""
    return draw(st.integers(1, times)) == times


@st.composite
def columns(draw: st.DrawFn, name: str, kind: str) -> Col:
    """Draw a column of a name."""
    type_ = draw(st.sampled_from(sorted(TYPES)))
    return draw(dressed(Col(name, type_), kind))


@st.composite
def dressed(draw: st.DrawFn, column: Col, kind: str) -> Col:
    """Draw what stands beside a column's type."""
    few = len(DEFAULTS[column.type])
    default = draw(st.none() | st.integers(0, few - 1)) if few else None
    comment = draw(st.sampled_from((None, None, "it's", "100%"))) if kind != "sqlite" else None
    return replace(column, nullable=draw(st.booleans()), default=default, comment=comment)


@st.composite
def computed(draw: st.DrawFn, name: str, table: Tab, kind: str) -> Col | None:
    """Draw a column that reads another one."""
    read = [one.name for one in table.columns if one.type == "int" and one.reads is None]
    if not read:
        return None
    stored = kind == "postgresql" or draw(st.booleans())
    return Col(name, "int", reads=draw(st.sampled_from(read)), stored=stored)


@st.composite
def parts(draw: st.DrawFn, table: Tab, kind: str, others: tuple[Tab, ...]) -> Part | None:
    """Draw a constraint or an index."""
    sort = draw(st.sampled_from(("unique", "check", "key", "index", "index")))
    plain = [one for one in table.columns if one.reads is None]
    if sort == "key":
        targets = [one.name for one in (*others, table) if one.key == ("id",)]
        own = [one.name for one in plain if one.type == "int"]
        if not targets or not own:
            return None
        name, target = draw(st.sampled_from(own)), draw(st.sampled_from(targets))
        label = draw(st.sampled_from((None, f"fk_{table.name}_{name}")))
        return Part(sort, (name,), label, target, draw(st.integers(0, 2)))
    if sort == "check":
        able = [one.name for one in plain if one.type in NUMBERS | WORDS]
        if not able:
            return None
        name = draw(st.sampled_from(able))
        label = draw(st.sampled_from((None, f"ck_{table.name}_{name}")))
        return Part(sort, (name,), label, "", draw(st.integers(0, 1)))
    able = [one.name for one in plain if one.type in SHORT]
    if not able:
        return None
    names = tuple(draw(st.lists(st.sampled_from(able), min_size=1, max_size=2, unique=True)))
    label = f"{sort[:2]}_{table.name}_{'_'.join(names)}"
    if sort == "unique":
        return Part(sort, names, draw(st.sampled_from((None, label))))
    return Part(sort, names, label, "", draw(st.integers(0, 3 if kind == "mariadb" else 5)))


@st.composite
def tables(draw: st.DrawFn, name: str, kind: str, others: tuple[Tab, ...]) -> Tab:
    """Draw a table."""
    key = draw(st.sampled_from((("id",), ("id",), ("id",), ("code",), ("id", "code"))))
    comment = draw(st.sampled_from((None, None, "two's"))) if kind != "sqlite" else None
    table = Tab(name, key, comment=comment)
    names = draw(st.lists(st.sampled_from(COLUMNS), unique=True, min_size=1, max_size=5))
    return draw(grown(table, kind, others, tuple(names), draw(st.integers(0, 3))))


@st.composite
def grown(
    draw: st.DrawFn, table: Tab, kind: str, others: tuple[Tab, ...], names: Any, count: int
) -> Tab:
    """Draw a table with more in it."""
    for each in names:
        if any(one.name == each for one in table.columns):
            continue
        made = draw(computed(each, table, kind)) if seldom(draw, 6) else None
        made = made or draw(columns(each, kind))
        table = replace(table, columns=(*table.columns, made))
    for _ in range(count):
        part = draw(parts(table, kind, others))
        if part is not None:
            table = replace(table, parts=(*table.parts, part))
    return table


@st.composite
def models(draw: st.DrawFn, kind: str) -> Models:
    """Draw models."""
    names = draw(st.lists(st.sampled_from(TABLES), unique=True, min_size=1, max_size=4))
    made: tuple[Tab, ...] = ()
    for name in names:
        made = (*made, draw(tables(name, kind, made)))
    return Models(made, draw(st.sampled_from(MOODS)), seldom(draw))


@st.composite
def changed(draw: st.DrawFn, old: Models, kind: str) -> Models:
    """Draw what became of models: a few things differ."""
    made: list[Tab] = []
    for table in old.tables:
        if seldom(draw, 8):
            continue
        made.append(draw(altered(table, kind, tuple(made))) if seldom(draw, 2) else table)
    free = [name for name in TABLES if all(one.name != name for one in old.tables)]
    if free and seldom(draw, 3):
        made.append(draw(tables(draw(st.sampled_from(free)), kind, tuple(made))))
    mood = draw(st.sampled_from(MOODS)) if seldom(draw) else old.mood
    return Models(tuple(made), mood, old.convention ^ seldom(draw, 10))


@st.composite
def altered(draw: st.DrawFn, table: Tab, kind: str, others: tuple[Tab, ...]) -> Tab:
    """Draw what became of a table."""
    kept: list[Col] = []
    known = {column.name for column in table.columns}
    for column in table.columns:
        way = draw(st.integers(0, 9))
        if way == 0:
            continue
        if way == 1 and column.reads is None:
            family = [each for each in FAMILIES if column.type in each]
            word = draw(st.sampled_from([word for each in family for word in each]))
            column = replace(column, type=word)  # noqa: PLW2901
            if column.default is not None and column.default >= len(DEFAULTS[word]):
                column = replace(column, default=None)  # noqa: PLW2901
        if way in {1, 2} and column.reads is None:
            column = draw(dressed(column, kind))  # noqa: PLW2901
        kept.append(column)
    table = replace(table, columns=tuple(kept))
    table = replace(table, parts=tuple(part for part in table.parts if not seldom(draw)))
    if kind != "sqlite" and seldom(draw):
        table = replace(table, comment=draw(st.sampled_from((None, "another"))))
    # a name that was there comes back with a type into which no value of it may fit
    fresh = [name for name in COLUMNS if name not in known]
    names = [draw(st.sampled_from(fresh))] if seldom(draw, 2) else []
    return draw(grown(table, kind, others, tuple(names), draw(st.integers(0, 2))))


# ── making ────────────────────────────────────────────────────────────────


def metadata(told: Models, kind: str) -> sa.MetaData:
    """Return SQLAlchemy's models."""
    made = sa.MetaData(**({"naming_convention": CONVENTION} if told.convention else {}))
    for table in told.tables:
        items: list[Any] = [_column(table.column(name), told, kind) for name in table.key]
        for item, name in zip(items, table.key, strict=True):
            item.primary_key = True
            if name == "id" and len(table.key) > 1:
                item.autoincrement = False
        items += [_column(column, told, kind) for column in whole(table)]
        items += _parts(table, told, kind)
        sa.Table(table.name, made, *items, comment=table.comment)
    return made


def whole(table: Tab) -> Iterator[Col]:
    """Yield the columns that can be: what a computed one reads is there."""
    for column in table.columns:
        if column.reads is not None:
            read = table.column(column.reads)
            if read is None or read.type != "int" or read.reads is not None:
                continue
        yield column


def _column(column: Any, told: Models, kind: str) -> sa.Column[Any]:
    type_ = TYPES[column.type]
    if column.type == "mood":
        type_ = sa.Enum(*told.mood, name="mood", create_constraint=kind == "sqlite")
    if column.reads is not None:
        reads = sa.column(column.reads)
        quoted = str(reads.compile(dialect=_DIALECTS[kind]))
        computed = sa.Computed(f"{quoted} + 1", persisted=column.stored)
        return sa.Column(column.name, type_, computed)
    options: dict[str, Any] = {"nullable": column.nullable, "comment": column.comment}
    if column.default is not None:
        options["server_default"] = DEFAULTS[column.type][column.default]
    return sa.Column(column.name, type_, **options)


_DIALECTS = {
    "sqlite": sa.create_engine("sqlite://").dialect,
    "postgresql": sa.dialects.postgresql.dialect(),
    "mariadb": sa.dialects.mysql.dialect(),
}
_ACTIONS = (None, "CASCADE", "SET NULL")


def fitting(table: Tab, told: Models) -> Iterator[Part]:
    """Yield the parts that can be: over columns that are there, each name and content once."""
    seen: set[Any] = set()
    there = {column.name for column in whole(table)}
    for part in table.parts:
        if not there.issuperset(part.columns):
            continue
        types = [column.type for column in table.columns if column.name in part.columns]
        if part.kind in {"unique", "index"} and not SHORT.issuperset(types):
            continue
        if part.kind == "check" and not (NUMBERS | WORDS).issuperset(types):
            continue
        if part.kind == "key":
            target = next((one for one in told.tables if one.name == part.target), None)
            if target is None or target.key != ("id",) or types != ["int"]:
                continue
        name = part.name or (part.kind, part.columns)
        content = (part.kind, part.columns, part.target, part.option if part.kind == "check" else 0)
        if name in seen or content in seen:
            continue
        seen |= {name, content}
        yield part


def _parts(table: Tab, told: Models, kind: str) -> Iterator[Any]:
    for part in fitting(table, told):
        first = next(column for column in table.columns if column.name == part.columns[0])
        match part.kind:
            case "unique":
                yield sa.UniqueConstraint(*part.columns, name=part.name)
            case "check":
                word = str(sa.column(first.name).compile(dialect=_DIALECTS[kind]))
                number = (f"{word} > 0", f"{word} < 1000")
                said = (f"{word} <> 'zz'", f"{word} <> 'it''s 5%'")
                text = (number if first.type in NUMBERS else said)[part.option]
                yield sa.CheckConstraint(text.replace(":", "\\:"), name=part.name)
            case "key":
                action = _ACTIONS[part.option]
                if action == "SET NULL" and not first.nullable:
                    action = None
                yield sa.ForeignKeyConstraint(
                    part.columns, [f"{part.target}.id"], name=part.name, ondelete=action
                )
            case "index":
                yield _index(part, first, kind)


def _index(part: Part, first: Col, kind: str) -> sa.Index:
    members: list[Any] = [sa.column(name) for name in part.columns]
    options: dict[str, Any] = {"unique": part.option == 1}
    if part.option == 2:
        members[0] = members[0].desc()
    if part.option == 4 and first.type in WORDS:
        members[0] = sa.func.lower(members[0])
    if part.option == 5:
        word = str(sa.column(first.name).compile(dialect=_DIALECTS[kind]))
        options[f"{kind}_where"] = sa.text(f"{word} IS NOT NULL")
    if part.option in {2, 4}:
        return sa.Index(part.name, *members, **options)
    return sa.Index(part.name, *part.columns, **options)


# ── pairs ─────────────────────────────────────────────────────────────────


@st.composite
def pairs(draw: st.DrawFn, kind: str) -> Pair:
    """Draw a pair of models for a database."""
    before = draw(models(kind))
    after = draw(changed(before, kind))
    one, two = metadata(before, kind), metadata(after, kind)
    has_rows = _rows_fit(before, after) and _rows_fit(after, before)
    rows = {table.name: list(_rows(table)) if has_rows else [] for table in one.tables.values()}
    return Pair("by chance", one, two, frozenset({kind}), rows=rows)


def _rows(table: sa.Table) -> Iterator[dict[str, Any]]:
    for number in (11, 12):
        row = made_up(table, number)
        for column in table.columns:
            if isinstance(column.type, sa.Enum):
                row[column.key] = "ab"[number % 2]
        yield row


def _rows_fit(one: Models, other: Models) -> bool:
    """Say whether rows of one fit the other: a value for all of them breaks no key there."""
    there = {table.name: table for table in one.tables}
    for table in other.tables:
        had = there.get(table.name)
        names = {column.name for column in whole(had)} if had is not None else set()
        for part in fitting(table, other):
            if had is None:
                continue
            fresh = [table.column(name) for name in part.columns if name not in names]
            single = part.kind == "unique" or (part.kind == "index" and part.option == 1)
            given = any(col and (col.default is not None or not col.nullable) for col in fresh)
            if given and (single or part.kind == "key"):
                return False
            if part.kind == "key" and part.target not in there:
                return False
            if part.kind == "check" and given:
                return False
        if had is not None and had.key != table.key:
            return False
    return True
