"""Draw random tables, columns and parts.

Duplicates and invalid combinations are left out when the models are made.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from tests.databases.random_models import vocabulary
from tests.databases.random_models.model import NONE, Col, Counter, Flags, Kind, Models, Part, Tab

T = TypeVar("T")


class Drawer:
    """Draws things for a database, each with a number of its own."""

    def __init__(self, rng: random.Random, kind: str) -> None:
        self.rng = rng
        self.kind = kind
        self.numbers: Iterator[int] = count(1)

    # ── luck ──────────────────────────────────────────────────────────────

    def seldom(self, times: int = 4) -> bool:
        """Return True once in so many times."""
        return self.rng.randrange(times) == times - 1

    def one(self, among: Sequence[T]) -> T:
        """Return one of several."""
        return among[self.rng.randrange(len(among))]

    def flags(self, *names: str, times: int = 4) -> Flags:
        """Return some of several words."""
        return frozenset(name for name in names if self.seldom(times))

    def free(self, among: Sequence[str], taken: Sequence[str]) -> str:
        """Return a name that is not taken, by letters of any case."""
        used = {name.lower() for name in taken}
        left = [name for name in among if name.lower() not in used]
        return self.one(left) if left else f"n{next(self.numbers)}"

    @property
    def is_large(self) -> bool:
        """The database has schemas, identity columns, types of its own."""
        return self.kind == "postgresql"

    # ── columns ───────────────────────────────────────────────────────────

    def column(self, name: str, table: Tab, spec: Models) -> Col:
        """Draw a column of a name."""
        if self.seldom(8):
            made = self.computed(name, table)
            if made is not None:
                return made
        among = [word for word in vocabulary.TYPES[self.kind] if word not in {"code", "set4"}]
        among += ["int", "int", "str50", "ref", "ref"]
        among += [f"enum:{one.uid}" for one in spec.kinds] * 3
        if self.is_large:
            among += [f"enums:{one.uid}" for one in spec.kinds]
        made = self.dressed(Col(next(self.numbers), name, self.one(among)))
        given = any("identity" in one.flags for one in (*table.key, *table.columns))
        if self.is_large and made.type in {"int", "big", "small"} and not given and self.seldom(5):
            flags = frozenset({"identity"}) | self.flags("always", "start", times=2)
            return replace(made, flags=flags, default=None, nullable=False)
        return made

    def dressed(self, column: Col) -> Col:
        """Draw the options of a column in addition to its type."""
        there = vocabulary.defaults(self.kind, column.type)
        number = self.rng.randrange(len(there)) if there and self.seldom(2) else None
        nullable = self.rng.random() < 0.5
        if number is not None and str(there[number]) == "NULL" and there[number] != "NULL":
            nullable = True
        if number is not None and column.type == "words" and "NULL" in str(there[number]):
            nullable = True
        comment = self.comment()
        collation = None
        if column.type in {"str20", "str50", "text"} and self.seldom(6):
            collation = self.one(vocabulary.COLLATIONS[self.kind])
        flags = NONE
        if self.is_large and column.type in {"int", "big"} and self.seldom(8):
            flags, number = frozenset({"counts"}), None
        return replace(
            column,
            nullable=nullable,
            default=number,
            comment=comment,
            collation=collation,
            flags=flags,
        )

    def comment(self) -> str | None:
        """Draw a comment, where the database has them."""
        if self.kind == "sqlite" or not self.seldom(5):
            return None
        return self.one(vocabulary.COMMENTS)

    def computed(self, name: str, table: Tab) -> Col | None:
        """Draw a column that reads another one."""
        read = [one for one in table.columns if one.type in {"int", "big", "text"}]
        read = [one for one in read if one.reads is None and "identity" not in one.flags]
        if not read:
            return None
        first = self.one(read)
        stored = frozenset({"stored"}) if self.is_large or self.seldom(2) else NONE
        word = "text" if first.type == "text" else "big"
        return Col(next(self.numbers), name, word, reads=first.uid, flags=stored)

    # ── parts ─────────────────────────────────────────────────────────────

    def label(self, sort: str) -> str:
        """Draw a name for a constraint or an index."""
        number = next(self.numbers)
        ways = (f"{sort}_{number}",) * 5 + (
            f"{sort.title()} {number}", f"{number}'s", f'"{sort}".{number}', f"50% {number}",
            f"{vocabulary.LONG[:50]}{sort[:2]}{number}", f"ü_{number}",
        )  # fmt: skip
        return self.one(ways)

    def part(self, table: Tab, others: Sequence[Tab]) -> Part | None:
        """Draw a constraint or an index."""
        sorts = ["unique", "check", "key", "key", "index", "index", "index"]
        sorts += ["exclude"] if self.is_large and self.seldom(3) else []
        sort = self.one(sorts)
        plain = [one for one in table.columns if one.reads is None]
        name = self.label(sort) if self.seldom(2) else None
        uid = next(self.numbers)
        if sort == "key":
            return self._key(uid, table, others, name)
        if sort == "check":
            able = [one.uid for one in plain if one.type in vocabulary.NUMBERS | vocabulary.WORDS]
            if not able:
                return None
            columns = self._some(able)
            return Part(uid, sort, columns, name, flags=self.flags("second", "other"))
        if sort == "exclude":
            able = [one.uid for one in plain if one.type in vocabulary.RANGES]
            if not able:
                return None
            return Part(uid, sort, (self.one(able),), name, flags=self.flags("deferrable"))
        fit = vocabulary.SHORT | ({"ints", "words"} if sort == "index" and self.is_large else set())
        able = [one.uid for one in table.columns if one.type.partition(":")[0] in fit]
        if not able:
            return None
        if sort == "unique":
            flags = NONE
            if self.is_large:
                flags = self.flags("deferrable", "initially", "distinct", "include", times=6)
            return Part(uid, sort, self._some(able), name, flags=flags)
        among = ["unique", "desc"]
        if self.kind not in vocabulary.MYSQL_FAMILY:
            among += ["lower", "where"]
        if self.kind in vocabulary.MYSQL_FAMILY:
            among += ["length"]
        if self.is_large:
            among += ["nulls", "include", "hash", "pattern", "fill", "distinct", "gin"]
        return Part(uid, sort, self._some(able), name, flags=self.flags(*among, times=6))

    def _some(self, among: Sequence[int]) -> tuple[int, ...]:
        first = self.one(among)
        rest = [one for one in among if one != first]
        return (first, self.one(rest)) if rest and self.seldom(3) else (first,)

    def _key(self, uid: int, table: Tab, others: Sequence[Tab], name: str | None) -> Part | None:
        refs = [one.uid for one in table.columns if one.type == "ref"]
        codes = [one.uid for one in table.columns if one.type == "code"]
        targets = [one for one in (*others, table) if one.key[0].name == "id"]
        if not refs or not targets:
            return None
        target = self.one(targets)
        columns: tuple[int, ...] = (self.one(refs),)
        if len(target.key) > 1:
            if not codes:
                return None
            columns = (*columns, self.one(codes))
        among = ["cascade", "null", "update"]
        if self.kind not in vocabulary.MYSQL_FAMILY:
            among += ["deferrable", "initially"]
        if self.is_large:
            among += ["full"]
        return Part(uid, "key", columns, name, target.uid, self.flags(*among))

    # ── tables ────────────────────────────────────────────────────────────

    def table(self, name: str, schema: str | None, spec: Models) -> Tab:
        """Draw a table."""
        word = "big" if self.seldom(5) else "int"
        ident = Col(-1, "id", word, nullable=False)
        code = Col(-2, "code", "code", nullable=False)
        if self.is_large and self.seldom(6):
            ident = replace(ident, flags=frozenset({"identity"}) | self.flags("always", "start"))
        keys = ((ident,),) * 5 + ((code,), (ident, code))
        table = Tab(next(self.numbers), name, schema, self.one(keys), comment=self.comment())
        table = replace(table, options=self.options(table))
        return self.grown(table, spec, 1 + self.rng.randrange(5), self.rng.randrange(4))

    def options(self, table: Tab) -> tuple[tuple[str, object], ...]:
        """Draw options of a table."""
        found: dict[str, object] = {}
        if self.is_large:
            if self.seldom(6):
                found["postgresql_with"] = {"fillfactor": self.one((60, 70))}
        elif self.kind in vocabulary.MYSQL_FAMILY:
            if self.seldom(6):
                found["mysql_row_format"] = self.one(("DYNAMIC", "COMPACT"))
            if self.seldom(8):
                found["mysql_collate"] = self.one(("utf8mb4_unicode_ci", "utf8mb4_bin"))
        elif self.seldom(8) and table.key_words == ("int",):
            found["sqlite_autoincrement"] = True
        elif self.seldom(8):
            found["sqlite_with_rowid"] = False
        return tuple(sorted(found.items()))

    def grown(self, table: Tab, spec: Models, columns: int, parts: int) -> Tab:
        """Draw a table with more in it."""
        taken = [one.name for one in (*table.columns, *table.key)]
        for _ in range(columns):
            name = self.free(vocabulary.COLUMNS, taken)
            taken.append(name)
            made = self.column(name, table, spec)
            table = replace(table, columns=(*table.columns, made))
        for _ in range(parts):
            part = self.part(table, spec.tables)
            if part is not None and part.kind == "key" and self.seldom(3):
                table = self._with_code(table, spec, part, taken)
            if part is not None:
                table = replace(table, parts=(*table.parts, part))
        return table

    def _with_code(self, table: Tab, spec: Models, part: Part, taken: list[str]) -> Tab:
        """Add a column for the second half of a key of two columns."""
        both = [one for one in spec.tables if len(one.key) > 1]
        if not both or len(part.columns) > 1:
            return table
        name = self.free(vocabulary.COLUMNS, taken)
        taken.append(name)
        column = Col(next(self.numbers), name, "code", nullable=self.seldom(2))
        columns = (part.columns[0], column.uid)
        extra = Part(next(self.numbers), "key", columns, part.name, self.one(both).uid)
        extra = replace(extra, name=self.label("fk2"))
        return replace(table, columns=(*table.columns, column), parts=(*table.parts, extra))

    # ── models ────────────────────────────────────────────────────────────

    def models(self) -> Models:
        """Draw models."""
        kinds: tuple[Kind, ...] = ()
        for _ in range(1 + self.seldom(2)):
            kinds = (*kinds, self.enum(kinds))
        counters: tuple[Counter, ...] = ()
        if self.kind != "sqlite" and self.seldom(3):
            counters = (self.counter(counters),)
        convention = self.one((0, 0, 0, 1, 1, 2))
        spec = Models((), kinds, counters, convention, checked=self.seldom(2))
        for _ in range(1 + self.rng.randrange(4)):
            spec = replace(spec, tables=(*spec.tables, self.new_table(spec)))
        return self.circled(spec)

    def new_table(self, spec: Models) -> Tab:
        """Draw a table of a name that no other has."""
        schema = self.one(vocabulary.SCHEMAS) if self.is_large else None
        name = self.free(vocabulary.TABLES, [one.name for one in spec.tables])
        return self.table(name, schema, spec)

    def circled(self, spec: Models) -> Models:
        """Draw keys that lead from earlier tables to later ones too."""
        made = []
        for table in spec.tables:
            part = self._key(0, table, spec.tables, None) if self.seldom(3) else None
            if part is not None:
                part = replace(part, uid=next(self.numbers), name=self.label("fk"))
                table = replace(table, parts=(*table.parts, part))  # noqa: PLW2901
            made.append(table)
        return replace(spec, tables=tuple(made))

    def enum(self, others: Sequence[Kind]) -> Kind:
        """Draw an enum type."""
        name = self.free(vocabulary.KINDS, [one.name for one in others])
        schema = self.one(vocabulary.SCHEMAS) if self.is_large and self.seldom(3) else None
        return Kind(next(self.numbers), name, schema, self.one(vocabulary.VALUES))

    def counter(self, others: Sequence[Counter]) -> Counter:
        """Draw a sequence."""
        name = self.free(vocabulary.COUNTERS, [one.name for one in others])
        made = Counter(next(self.numbers), name)
        return replace(made, options=self.counting())

    def counting(self) -> tuple[tuple[str, object], ...]:
        """Draw options of a sequence."""
        ways: tuple[dict[str, object], ...] = (
            {}, {"start": 5}, {"start": 7, "increment": 3}, {"minvalue": 1, "maxvalue": 900},
            {"cycle": True, "maxvalue": 99}, {"cache": 8},
        )  # fmt: skip
        return tuple(sorted(self.one(ways).items()))
