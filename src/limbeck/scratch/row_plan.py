"""The rows of one table: which value each column gets in the n-th row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Domain,
    Expr,
    ForeignKey,
    Identity,
    Key,
    Table,
)
from limbeck.scratch.check_rules import ValueRule, value_rules
from limbeck.scratch.values import ValueRange, choice, string, values_length, values_of
from limbeck.sql import quote_literal

ParentRows = Callable[[Key, tuple[str, ...]], list[tuple[str, ...]]]

NULL = "NULL"
# every fifth value that may be NULL is; other values repeat after seven rows
_NULL_EVERY, _NULL_AT = 5, 3
_REPEAT = 7
_COUNTERS = ("serial", "autoincrement", "auto_increment", "identity")


class RowPlan:
    """Decides on the values of a table's rows.

    Args:
        table: the table as the server describes it.
        catalog: holds enum types and domains.
        twin: the same table in another state, whose constraints are satisfied, too.
        twin_catalog: the catalog of that state.
        parent_rows: returns the values of a referenced key that exist.
        extremes: rows 1 and 2 hold the least and the greatest values.

    Attributes:
        columns: the columns that get values.
        counted: the columns in which the server numbers the rows.
        obstacle: why the table cannot be filled, in words; None where it can.
        needs_deferral: foreign keys have to be turned off while it is filled.
    """

    def __init__(
        self,
        table: Table,
        catalog: Catalog,
        twin: Table | None,
        twin_catalog: Catalog,
        parent_rows: ParentRows,
        extremes: bool,  # noqa: FBT001 - one of the six parts of a plan
    ) -> None:
        self.table = table
        self.obstacle: str | None = None
        self.needs_deferral = False
        self._catalog = catalog
        self._twin = twin
        self._twin_catalog = twin_catalog
        self._extremes = extremes
        written = [column for column in table.columns if not _is_generated(column)]
        self.columns = tuple(column.name for column in written)
        self._required = {column.name for column in written if self._is_required(column)}
        self.counted = tuple(column.name for column in table.columns if _is_counted(column))
        self._unique = self._unique_sets()
        self._unique_names = {name for columns in self._unique for name in columns}
        self._rules = self._value_rules(written)
        self._keys = list(self._foreign_keys(parent_rows))
        in_keys = {name for key, _ in self._keys for name in key.columns}
        self._ranges: dict[str, ValueRange | None] = {
            column.name: None if column.name in in_keys else self._range(column)
            for column in written
        }
        for name, values in self._ranges.items():
            if values is None and name not in in_keys and name in self._required:
                column = table.column(name)
                self.obstacle = f"no values of type {column.type if column else '?'} are known"

    # ── what the constraints ask for ──────────────────────────────────────

    def _is_required(self, column: Column) -> bool:
        primary = self.table.primary_key
        other = None if self._twin is None else self._twin.column(column.name)
        domain = self._catalog.get(column.type.ref) if column.type.ref is not None else None
        return (
            not column.nullable
            or (primary is not None and column.name in primary.columns)
            or (other is not None and not other.nullable)
            or (isinstance(domain, Domain) and not domain.nullable)
        )

    def _unique_sets(self) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for table in (self.table, *(() if self._twin is None else (self._twin,))):
            if table.primary_key is not None:
                found.append(table.primary_key.columns)
            found += [unique.columns for unique in table.uniques]
            for index in table.indexes:
                if index.unique:
                    texts = " ".join(e.expr.text for e in index.elements if e.expr is not None)
                    words = set(re.findall(r"\w+", texts))
                    named = [c.name for c in table.columns if c.name in words]
                    found.append((*index.columns, *named))
            for exclude in table.excludes:
                words = set(re.findall(r"\w+", exclude.definition.text))
                found.append(tuple(c.name for c in table.columns if c.name in words))
        return [columns for columns in found if columns and set(columns) <= set(self.columns)]

    def _value_rules(self, written: Sequence[Column]) -> dict[str, ValueRule]:
        checks = [*self.table.checks, *(() if self._twin is None else self._twin.checks)]
        rules = dict(value_rules(checks, self.columns))
        for column in written:
            domain = self._catalog.get(column.type.ref) if column.type.ref is not None else None
            if isinstance(domain, Domain):
                renamed = [
                    Check(Expr(re.sub(r"\bVALUE\b", column.name, c.expr.text, flags=re.IGNORECASE)))
                    for c in domain.checks
                ]
                rules.update(value_rules(renamed, [column.name]))
        return rules

    def _foreign_keys(
        self, parent_rows: ParentRows
    ) -> Iterator[tuple[ForeignKey, list[tuple[str, ...]]]]:
        """Yield the foreign keys with the rows to which they can refer."""
        twin = () if self._twin is None else self._twin.foreign_keys
        seen: set[tuple[tuple[str, ...], Key]] = set()
        for key in (*self.table.foreign_keys, *twin):
            if not set(key.columns) <= set(self.columns) or (key.columns, key.target) in seen:
                continue
            seen.add((key.columns, key.target))
            target = self._catalog.get(key.target)
            rows: list[tuple[str, ...]] = []
            if key.target != self.table.key and isinstance(target, Table):
                columns = key.target_columns or (
                    target.primary_key.columns if target.primary_key is not None else ()
                )
                rows = parent_rows(key.target, columns)
            if not rows and self._required & set(key.columns):
                self._refer_later(key, target)
            yield key, rows

    def _refer_later(self, key: ForeignKey, target: object) -> None:
        """Refer to rows that do not exist yet, with foreign keys turned off."""
        if not isinstance(target, Table):
            self.obstacle = f"it refers to {key.target.name}, which is not in this catalog"
        elif len(key.columns) > 1:
            self.obstacle = f"it needs rows of {key.target.name}, which cannot be filled first"
        else:
            self.needs_deferral = True

    def _range(self, column: Column) -> ValueRange | None:
        rule = self._rules.get(column.name, ValueRule())
        if rule.values:
            return choice("given", rule.values)
        if rule.is_json:
            return choice("json", ("{}", "[]", "null"))
        found = values_of(column.type, self._catalog)
        other = None if self._twin is None else self._twin.column(column.name)
        if other is not None and other.type != column.type:
            found = _narrower(found, values_of(other.type, self._twin_catalog))
        if found is None:
            return None
        if found.family == "string" and (rule.shortest or rule.longest is not None):
            lengths = (rule.longest, values_length(column.type))
            longest = min((length for length in lengths if length is not None), default=None)
            return string(longest, rule.shortest)
        return _bounded(found, rule)

    # ── rows ──────────────────────────────────────────────────────────────

    def rows(self, count: int) -> list[list[str]]:
        """Return rows of SQL literals.

        Args:
            count: how many rows are wanted; keys with fewer values give fewer.
        """
        total = min(count, self._most(count))
        if not self.columns:
            return [[] for _ in range(total)]
        found = self._references(total, count)
        for name in self.columns:
            if name not in found:
                found[name] = self._column(name, total, count)
        return [list(row) for row in zip(*(found[name] for name in self.columns), strict=True)]

    def _most(self, count: int) -> int:
        most = count
        for columns in self._unique:
            most = min(most, math.prod(self._capacity(name, count) for name in columns))
        return max(most, 1)

    def _capacity(self, name: str, count: int) -> int:
        for key, rows in self._keys:
            if name in key.columns:
                return max(len(rows), 1) if rows else count
        values = self._ranges[name]
        return 1 if values is None else values.capacity

    def _places(self, name: str, total: int, count: int) -> list[int]:
        """Return which of its values a column has in each row."""
        sets = [columns for columns in self._unique if name in columns]
        if not sets:
            return [number % _REPEAT for number in range(total)]
        if self._capacity(name, count) >= count:
            return list(range(total))
        # no column of the key has enough values alone: count with the columns as digits
        step = 1
        for other in min(sets, key=len):
            capacity = self._capacity(other, count)
            if other == name:
                return [number // step % capacity for number in range(total)]
            if capacity < count:
                step *= capacity
        return list(range(total))

    def _references(self, total: int, count: int) -> dict[str, list[str]]:
        """Return the values of the columns of foreign keys."""
        names = dict.fromkeys(name for key, _ in self._keys for name in key.columns)
        places = [self._places(key.columns[0], total, count) for key, _ in self._keys]
        found: dict[str, list[str]] = {name: [] for name in names}
        for number in range(total):
            row: dict[str, str] = {}
            for (key, parents), place in zip(self._keys, places, strict=True):
                self._refer(key, parents, place[number], row, number)
            for name in names:
                found[name].append(row.get(name, NULL))
        return found

    def _refer(
        self,
        key: ForeignKey,
        rows: Sequence[tuple[str, ...]],
        place: int,
        found: dict[str, str],
        number: int,
    ) -> None:
        taken = {name: found[name] for name in key.columns if name in found}
        is_free = not self._required & set(key.columns)
        is_null = number % _NULL_EVERY == _NULL_AT and not self._is_unique(key.columns)
        if not rows and not is_free:
            found.setdefault(key.columns[0], quote_literal(str(place + 1)))
            return
        fitting = rows
        if taken:
            # columns that another foreign key has set already
            fitting = [
                row
                for row in rows
                if all(
                    taken.get(name, quote_literal(value)) == quote_literal(value)
                    for name, value in zip(key.columns, row, strict=True)
                )
            ]
        if not fitting or (is_free and is_null and not taken):
            for name in key.columns:
                if name not in self._required:
                    found.setdefault(name, NULL)
            return
        row = fitting[place % len(fitting)]
        for name, value in zip(key.columns, row, strict=True):
            found.setdefault(name, quote_literal(value))

    def _is_unique(self, columns: Sequence[str]) -> bool:
        return not self._unique_names.isdisjoint(columns)

    def _column(self, name: str, total: int, count: int) -> list[str]:
        """Return the values of a column that refers to nothing."""
        values = self._ranges[name]
        if values is None:
            return [NULL] * total
        places = self._places(name, total, count)
        rule = self._rules.get(name)
        shift = _REPEAT if rule is not None and rule.above is not None else 0
        known = {place: quote_literal(values.nth(place + shift)) for place in set(places)}
        found = [known[place] for place in places]
        if shift or self._is_unique([name]):
            return found
        if self._extremes and all(one.above != name for one in self._rules.values()):
            extremes = list(map(quote_literal, values.extremes))[: max(total - 1, 0)]
            found[1 : len(extremes) + 1] = extremes
        if name not in self._required:
            found[_NULL_AT::_NULL_EVERY] = [NULL] * len(found[_NULL_AT::_NULL_EVERY])
        return found


def _is_generated(column: Column) -> bool:
    """Return whether the server gives the column its values."""
    return _is_counted(column) or isinstance(column.default, Computed)


def _is_counted(column: Column) -> bool:
    """Return whether the server numbers the rows in the column."""
    extras = dict(column.extras)
    if any(extras.get(word) for word in _COUNTERS):
        return True
    default = column.default
    if isinstance(default, Expr):
        return default.text.lower().startswith("nextval(")
    return isinstance(default, Identity)


def _narrower(one: ValueRange | None, other: ValueRange | None) -> ValueRange | None:
    """Return values that both of two types accept."""
    if one is None or other is None:
        return one
    if one.family != other.family:
        # texts of the new type, in a column of the old one
        return replace(other, extremes=()) if one.family == "string" else replace(one, extremes=())
    return min(one, other, key=lambda values: len(values.extremes[-1]) if values.extremes else 0)


def _bounded(values: ValueRange, rule: ValueRule) -> ValueRange:
    if values.family != "number" or (rule.least is None and rule.greatest is None):
        return values
    least = rule.least if rule.least is not None else (rule.greatest or 0) - 1000
    greatest = rule.greatest
    span = int(greatest - least) + 1 if greatest is not None else values.capacity
    extremes = tuple(f"{bound:g}" for bound in (rule.least, greatest) if bound is not None)

    def nth(n: int) -> str:
        return f"{least + n % max(span, 1):.15g}"

    return replace(values, nth=nth, capacity=max(span, 1), extremes=extremes)
