"""Change random models: create, drop, alter, rename and move their objects."""

from __future__ import annotations

from dataclasses import replace

from tests.databases.random_models import vocabulary
from tests.databases.random_models.model import NONE, Col, Counter, Kind, Models, Part, Tab
from tests.databases.random_models.tables import Drawer


class Mutation:
    """Draws what became of models.

    Args:
        drawer: draws what is new.
        old: the models before.
    """

    def __init__(self, drawer: Drawer, old: Models) -> None:
        self.draw = drawer
        self.old = old

    def models(self) -> Models:
        """Draw the models after: a few things differ."""
        draw, old = self.draw, self.old
        convention = (old.convention + 1) % 3 if draw.seldom(10) else old.convention
        kinds = tuple(self.kind(one) for one in old.kinds)
        counters = tuple(
            self.counter(one) for one in old.counters if not draw.seldom(6) or self._is_read()
        )
        if draw.kind != "sqlite" and draw.seldom(8):
            counters = (*counters, draw.counter([*old.counters, *counters]))
        spec = Models((), kinds, counters, convention, old.checked ^ draw.seldom(10))
        kept = [table for table in old.tables if not draw.seldom(8)]
        for table in kept:
            became = self.table(table, replace(spec, tables=(*spec.tables, *kept)))
            spec = replace(spec, tables=(*spec.tables, became))
        if draw.seldom(3):
            known = replace(old, tables=(*old.tables, *spec.tables))
            fresh = draw.new_table(replace(known, kinds=kinds))
            spec = replace(spec, tables=(*spec.tables, fresh))
        spec = self.swapped(spec)
        return draw.circled(spec) if draw.seldom(6) else spec

    def _is_read(self) -> bool:
        return any("counts" in c.flags for table in self.old.tables for c in table.columns)

    def kind(self, kind: Kind) -> Kind:
        """Draw what became of an enum type."""
        if self.draw.seldom():
            kind = replace(kind, values=self.draw.one(vocabulary.VALUES))
        return kind

    def counter(self, counter: Counter) -> Counter:
        """Draw what became of a sequence."""
        return replace(counter, options=self.draw.counting()) if self.draw.seldom(3) else counter

    # ── tables ────────────────────────────────────────────────────────────

    def table(self, table: Tab, spec: Models) -> Tab:
        """Draw what became of a table."""
        draw = self.draw
        if draw.seldom(7):
            taken = [one.name for one in (*self.old.tables, *spec.tables)]
            table = replace(table, name=draw.free(vocabulary.TABLES, taken))
        if draw.is_large and draw.seldom(8):
            table = replace(table, schema=draw.one(vocabulary.SCHEMAS))
        if not draw.seldom(2):
            return table
        known = {one.name for one in (*table.columns, *table.key)}
        columns = [self.column(one, table) for one in table.columns if not draw.seldom(9)]
        columns = self.renamed(columns, known)
        table = replace(table, columns=tuple(columns))
        table = replace(table, parts=tuple(self.part(p) for p in table.parts if not draw.seldom()))
        if draw.seldom(12) and "sqlite_autoincrement" not in dict(table.options):
            key = tuple(replace(one, type="big") if one.uid == -1 else one for one in table.key)
            table = replace(table, key=key)
        if draw.kind != "sqlite" and draw.seldom():
            table = replace(table, comment=draw.comment())
        if draw.seldom(5):
            table = replace(table, options=self.options(table))
        # a name that was there comes back with a type into which no value of it may fit
        before, count = len(table.columns), draw.rng.randrange(3)
        grown = draw.grown(table, spec, draw.rng.randrange(2), count)
        later = [one for one in grown.columns[before:] if one.name in known]
        used = [one.name for one in grown.columns] + sorted(known)
        fresh = {one.uid: draw.free(vocabulary.COLUMNS, used) for one in later[:1]}
        gone = {one.uid for one in later[1:]}
        kept = [c for c in grown.columns if c.uid not in gone]
        kept = [replace(c, name=fresh.get(c.uid, c.name)) for c in kept]
        return replace(grown, columns=tuple(kept))

    def options(self, table: Tab) -> tuple[tuple[str, object], ...]:
        """Draw options; options that an omission would not change are repeated."""
        found = dict(self.draw.options(table))
        for name, value in table.options:
            if name == "mysql_collate":
                found.setdefault(name, value)
        return tuple(sorted(found.items()))

    def swapped(self, spec: Models) -> Models:
        """Let two tables change their names, once in a while."""
        if len(spec.tables) < 2 or not self.draw.seldom(25):
            return spec
        (one, two), rest = spec.tables[:2], spec.tables[2:]
        if self.old.table(one.uid) is None or self.old.table(two.uid) is None:
            return spec
        one, two = (
            replace(one, name=two.name, schema=two.schema),
            replace(two, name=one.name, schema=one.schema),
        )
        return replace(spec, tables=(one, two, *rest))

    # ── columns and parts ─────────────────────────────────────────────────

    def renamed(self, columns: list[Col], known: set[str]) -> list[Col]:
        """Draw other names for columns, and let two change theirs once in a while."""
        taken = [*known, *(one.name for one in columns)]
        made = []
        for column in columns:
            if self.draw.seldom(7):
                name = self.draw.free(vocabulary.COLUMNS, taken)
                taken.append(name)
                column = replace(column, name=name)  # noqa: PLW2901
            made.append(column)
        if len(made) > 1 and self.draw.seldom(25):
            one, two = made[0], made[1]
            made[:2] = [replace(one, name=two.name), replace(two, name=one.name)]
        return made

    def column(self, column: Col, table: Tab) -> Col:
        """Draw what became of a column."""
        draw = self.draw
        way = draw.rng.randrange(10)
        if column.reads is not None:
            return replace(column, flags=column.flags ^ {"stored"}) if self._flips(way) else column
        if way in {1, 2}:
            column = self.retyped(column)
        if way in {1, 3} and "identity" not in column.flags:
            # a column that NULL was in takes it still: nobody says what its rows would get
            column = draw.dressed(column)
        if draw.is_large and way == 4:
            column = self.counted(column, table)
        return column

    def _flips(self, way: int) -> bool:
        return way == 1 and self.draw.kind in vocabulary.MYSQL_FAMILY

    def counted(self, column: Col, table: Tab) -> Col:
        """Let a column become an identity column, stop being one, or count otherwise."""
        if "identity" in column.flags:
            flags = NONE if self.draw.seldom(2) else column.flags ^ {"always", "start"}
            return replace(column, flags=flags)
        given = any("identity" in one.flags for one in (*table.key, *table.columns))
        if given or column.type not in {"int", "big", "small"}:
            return column
        flags = frozenset({"identity"}) | self.draw.flags("always", "start", times=2)
        return replace(column, flags=flags, default=None, nullable=False)

    def retyped(self, column: Col) -> Col:
        """Draw another type into which the values fit."""
        draw = self.draw
        ways = [
            word
            for word in vocabulary.BECOMES.get(column.type.partition(":")[0], ())
            if word in vocabulary.TYPES[draw.kind]
        ]
        if "identity" in column.flags:
            ways = [word for word in ways if word in {"int", "big", "small"}]
        if not ways:
            return column
        column = replace(column, type=draw.one(ways))
        there = vocabulary.defaults(draw.kind, column.type)
        number = column.default
        if number is not None and (number >= len(there) or _is_null(there[number])):
            column = replace(column, default=None)
        if column.type not in {"str20", "str50", "text"}:
            column = replace(column, collation=None)
        if column.type not in {"int", "big"}:
            column = replace(column, flags=column.flags - {"counts"})
        return column

    def part(self, part: Part) -> Part:
        """Draw what became of a constraint or an index: another name, other options."""
        draw = self.draw
        if draw.seldom(8):
            part = replace(part, name=draw.label(part.kind))
        if draw.seldom(8):
            among = {
                "key": ["cascade", "null", "update"],
                "index": ["unique", "desc"],
                "check": ["second"],
                "unique": ["deferrable", "distinct", "include"] if draw.is_large else [],
                "exclude": [],
            }[part.kind]
            if among:
                part = replace(part, flags=part.flags ^ {draw.one(among)})
        return part


def _is_null(default: object) -> bool:
    return not isinstance(default, str) and str(default) == "NULL"
