"""Write random models as SQLAlchemy's MetaData."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from tests.databases.random_models import vocabulary
from tests.databases.random_models.model import Col, Models, Part, Tab, fitting, whole

Hints = Mapping[tuple[int, int], str]


def metadata(spec: Models, kind: str, hints: Hints | None = None) -> sa.MetaData:
    """Return SQLAlchemy's models.

    Args:
        spec: the description of the models.
        kind: the database.
        hints: what was renamed, by the numbers of table and column (0 for the table itself):
            the name before.
    """
    convention = vocabulary.CONVENTIONS[spec.convention]
    made = sa.MetaData(**({"naming_convention": convention} if convention else {}))
    counters = [
        sa.Sequence(one.name, metadata=made, **dict(one.options))  # type: ignore[arg-type]
        for one in spec.counters
    ]
    makers = [_Maker(spec, kind, hints or {}, counters, table) for table in spec.tables]
    for maker in makers:
        table = maker.table
        options: dict[str, Any] = dict(table.options)
        was = maker.hints.get((table.uid, 0))
        info = {"renamed_from": was} if was else {}
        sa.Table(
            table.name,
            made,
            *maker.items(),
            schema=table.schema,
            comment=table.comment,
            info=info,
            **options,
        )
    for maker in makers:
        for part in fitting(maker.table, spec, kind):
            if part.kind == "key":
                made.tables[maker.table.full_name].append_constraint(maker.key(part, made))
    return made


class _Maker:
    """Makes the items of a table."""

    def __init__(
        self, spec: Models, kind: str, hints: Hints, counters: list[sa.Sequence], table: Tab
    ) -> None:
        self.spec = spec
        self.kind = kind
        self.hints = hints
        self.counters = counters
        self.table = table
        self.columns = {one.uid: one for one in (*table.key, *whole(table))}

    def items(self) -> Iterator[Any]:
        """Yield columns and constraints."""
        for one in self.table.key:
            item = self.column(one)
            item.primary_key = True
            if len(self.table.key) > 1 and "identity" not in one.flags:
                item.autoincrement = False
            yield item
        for one in whole(self.table):
            yield self.column(one)
        for part in fitting(self.table, self.spec, self.kind):
            if part.kind != "key":
                yield getattr(self, f"_{part.kind}")(part)

    # ── columns ───────────────────────────────────────────────────────────

    def type(self, column: Col) -> Any:
        """Return SQLAlchemy's type of a column."""
        word, _, number = column.type.partition(":")
        if word == "ref":
            return vocabulary.TYPES[self.kind][self._referred(column)]
        if word in {"enum", "enums"}:
            if not number:
                return sa.Text()
            spec = self.spec.kind(column.type)
            checked = self.kind == "sqlite" and self.spec.checked
            made = sa.Enum(
                *spec.values, name=spec.name, schema=spec.schema, create_constraint=checked
            )
            return made if word == "enum" else pg.ARRAY(made)
        if column.collation is not None:
            lengths = {"str20": sa.String(20, column.collation)}
            lengths |= {"str50": sa.String(50, column.collation)}
            return lengths.get(word, sa.Text(collation=column.collation))
        return vocabulary.TYPES[self.kind][word]

    def _referred(self, column: Col) -> str:
        """Return the type of the key that a column refers to; all have to agree."""
        for part in self.table.parts:
            target = self.spec.table(part.target)
            is_meant = part.kind == "key" and part.columns[0] == column.uid
            if is_meant and target is not None and target.key[0].name == "id":
                return target.key[0].type
        return "int"

    def column(self, spec: Col) -> sa.Column[Any]:
        """Return a column."""
        was = self.hints.get((self.table.uid, spec.uid))
        options: dict[str, Any] = {"info": {"renamed_from": was}} if was else {}
        options["comment"] = spec.comment
        type_ = self.type(spec)
        if spec.reads is not None:
            read = self.quoted(self.columns[spec.reads].name)
            text = f"{read} + 1"
            if spec.type == "text":
                text = (
                    f"concat({read}, 'z')"
                    if self.kind in vocabulary.MYSQL_FAMILY
                    else f"{read} || 'z'"
                )
            made = sa.Computed(_escaped(text), persisted="stored" in spec.flags)
            return sa.Column(spec.name, type_, made, **options)
        if "identity" in spec.flags:
            start = 20 if "start" in spec.flags else None
            identity = sa.Identity(always="always" in spec.flags, start=start)
            return sa.Column(spec.name, type_, identity, nullable=False, **options)
        options["nullable"] = spec.nullable
        there = vocabulary.defaults(self.kind, spec.type)
        if "counts" in spec.flags and self.counters:
            options["server_default"] = self.counters[0].next_value()
        elif spec.default is not None and spec.default < len(there):
            options["server_default"] = there[spec.default]
        return sa.Column(spec.name, type_, **options)

    def quoted(self, name: str) -> str:
        """Return a name as SQL has it."""
        mark = "`" if self.kind in vocabulary.MYSQL_FAMILY else '"'
        return mark + name.replace(mark, mark * 2) + mark

    def names(self, part: Part) -> list[str]:
        """Return the names of a part's columns."""
        return [self.columns[uid].name for uid in part.columns]

    # ── constraints ───────────────────────────────────────────────────────

    def _unique(self, part: Part) -> Any:
        options: dict[str, Any] = {}
        if "deferrable" in part.flags:
            options["deferrable"] = True
            options["initially"] = "DEFERRED" if "initially" in part.flags else None
        if "distinct" in part.flags and self.kind == "postgresql":
            options["postgresql_nulls_not_distinct"] = True
        if "include" in part.flags and self.kind == "postgresql":
            options["postgresql_include"] = [self.table.key[0].name]
        return sa.UniqueConstraint(*self.names(part), name=part.name, **options)

    def _check(self, part: Part) -> Any:
        conditions = [self._condition(self.columns[uid], part) for uid in part.columns]
        text = " OR ".join(conditions) if "second" in part.flags else " AND ".join(conditions)
        name = part.name
        if name is None and self.spec.convention == 2:
            name = f"c{part.uid}"
        return sa.CheckConstraint(_escaped(text), name=name)

    def _condition(self, column: Col, part: Part) -> str:
        word, second = self.quoted(column.name), "second" in part.flags
        if column.type in vocabulary.NUMBERS:
            return f"{word} < 1000" if second else f"{word} > 0"
        return f"{word} <> 'it''s 5%'" if second else f"{word} <> 'zz'"

    def key(self, part: Part, made: sa.MetaData) -> sa.ForeignKeyConstraint:
        """Return a foreign key to a table that is there already."""
        target = self.spec.table(part.target)
        assert target is not None
        first = self.columns[part.columns[0]]
        action = "CASCADE" if "cascade" in part.flags else None
        if "null" in part.flags and all(self.columns[uid].nullable for uid in part.columns):
            action = "SET NULL"
        options: dict[str, Any] = {"ondelete": action, "name": part.name}
        if "update" in part.flags and not first.flags:
            options["onupdate"] = "CASCADE"
        if "deferrable" in part.flags:
            options["deferrable"] = True
            options["initially"] = "DEFERRED" if "initially" in part.flags else "IMMEDIATE"
        if "full" in part.flags:
            options["match"] = "FULL"
        # names with dots cannot be written in a text
        there = made.tables[target.full_name].columns
        referred = [there[one.name] for one in target.key]
        return sa.ForeignKeyConstraint(self.names(part), referred, **options)

    def _exclude(self, part: Part) -> Any:
        using = "hash" if len(part.columns) == 1 else "btree"
        options: dict[str, Any] = {"deferrable": True} if "deferrable" in part.flags else {}
        pairs = [(sa.column(name), "=") for name in self.names(part)]
        return pg.ExcludeConstraint(*pairs, using=using, name=part.name, **options)

    # ── indexes ───────────────────────────────────────────────────────────

    def _index(self, part: Part) -> sa.Index:
        flags, first = part.flags, self.columns[part.columns[0]]
        members: list[Any] = [sa.column(name) for name in self.names(part)]
        options: dict[str, Any] = {"unique": "unique" in flags}
        wide = {self.columns[uid].type for uid in part.columns} & {"ints", "words"}
        if wide:
            options = {"unique": False, "postgresql_using": "gin"}
            members = [sa.column(self.columns[uid].name) for uid in part.columns][:1]
            if first.type not in wide:
                members = [sa.column(n) for n in self.names(part)[1:]]
            return sa.Index(part.name or f"gin_{part.uid}", *members, **options)
        plain = True
        if "hash" in flags and "unique" not in flags and len(members) == 1:
            options["postgresql_using"] = "hash"
            return sa.Index(part.name or f"h_{part.uid}", *self.names(part), **options)
        if "lower" in flags and first.type in vocabulary.WORDS:
            members[0], plain = sa.func.lower(members[0]), False
        if "desc" in flags:
            members[0], plain = members[0].desc(), False
            if "nulls" in flags:
                members[0] = members[0].nulls_last()
        if "where" in flags:
            text = _escaped(f"{self.quoted(first.name)} IS NOT NULL")
            options[f"{self.kind}_where"] = sa.text(text)
        if self.kind == "postgresql":
            options |= self._large(part, first, plain=plain)
        if "length" in flags and first.type in {"str50", "str20"} and plain:
            options["mysql_length"] = {first.name: 7}
        name = part.name
        if name is None and not plain:
            name = f"ix_{part.uid}"
        return sa.Index(name, *(self.names(part) if plain else members), **options)

    def _large(self, part: Part, first: Col, *, plain: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if "include" in part.flags:
            found["postgresql_include"] = [self.table.key[0].name]
        if "fill" in part.flags:
            found["postgresql_with"] = {"fillfactor": 80}
        if "distinct" in part.flags and "unique" in part.flags:
            found["postgresql_nulls_not_distinct"] = True
        if "pattern" in part.flags and first.type in {"text", "str50", "str20"} and plain:
            word = "text" if first.type == "text" else "varchar"
            found["postgresql_ops"] = {first.name: f"{word}_pattern_ops"}
        return found


def _escaped(text: str) -> str:
    return text.replace(":", "\\:")
