"""The changes of a batch block, made on the text of a CREATE TABLE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn

from limbeck import operations as ops
from limbeck.dialects.constraints import is_wanted
from limbeck.dialects.sqlite import ddltext
from limbeck.dialects.sqlite.ddltext import Clause, ColumnText, RuleText, TableText, same_name
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

    from limbeck.operations import Configured

_PLAIN_DEFAULT = re.compile(
    r"""\s*(\(.*\)|'(?:[^']|'')*'|"(?:[^"]|"")*"|[+-]?\s*[\d.][\w.]*|x'[0-9a-f]*'
        |null|true|false|current_(?:time|date|timestamp))\s*$""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# where the next clause belongs: SQLAlchemy writes DEFAULT, NOT NULL, the rest
_ORDER = {"default": 0, "collate": 0, "not null": 1, "null": 1}


def is_plain_default(text: str) -> bool:
    """Tell whether SQLite takes a default without parentheses around it."""
    return _PLAIN_DEFAULT.match(text) is not None


@dataclass(slots=True)
class Draft:
    """A table on its way from what it is to what it shall be.

    Attributes:
        sources: new column name to the column its rows come from.
        casts: new column name to the type its rows are cast to.
        fills: new column name to the SQL that the rows get: a default that was there for them.
        new_indexes: indexes to create at the end.
        computed: columns that the database works out in the table as it is.
        lost_indexes: names of indexes that are dropped.
        dropped: names of columns that are dropped.
    """

    table: TableText
    dialect: Dialect
    configured: Configured | None
    schema: str | None = None
    sources: dict[str, str] = field(default_factory=dict)
    casts: dict[str, Any] = field(default_factory=dict)
    fills: dict[str, str] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    new_indexes: list[sa.Index] = field(default_factory=list)
    lost_indexes: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources = {c.name: c.name for c in self.table.columns if not c.is_generated}
        self.computed = frozenset(c.name for c in self.table.columns if c.is_generated)

    # ── running operations ────────────────────────────────────────────────

    def take(self, operation: ops.Operation) -> None:
        """Make one change.

        Raises:
            DatabaseError: the change means nothing here.
        """
        for kind, edit in _EDITS:
            if isinstance(operation, kind):
                edit(self, operation)
                return
        raise DatabaseError(
            f"{type(operation).__name__} cannot be part of a batch block on SQLite.",
            hint="Call it with op outside the block.",
            code="LB343",
        )

    def known(self, name: str) -> ColumnText:
        """Return a column.

        Raises:
            KeyError: the table has none of that name.
        """
        found = self.table.column(name)
        if found is None:
            renamed = next((new for new, old in self.sources.items() if same_name(old, name)), None)
            found = self.table.column(renamed) if renamed is not None else None
        if found is None:
            raise KeyError(f"No such column in {self.table.name!r}: {name!r}")
        return found

    # ── columns ───────────────────────────────────────────────────────────

    def add_column(self, operation: ops.AddColumnOp) -> None:
        """Add a column with all that hangs on it."""
        if self.table.column(operation.column.name) is not None and operation.if_not_exists:
            return
        column, rules, indexes = self.compiled(operation.column)
        self.table.columns.append(column)
        # an index over a column that is dropped and added in one block finds it again
        self.dropped = [each for each in self.dropped if not same_name(each, column.name)]
        self.table.rules += rules
        self.new_indexes += indexes
        if operation.column.primary_key:
            self._join_primary_key(column)
        self._place(column, operation.kw)

    def compiled(self, column: sa.Column[Any]) -> tuple[ColumnText, list[RuleText], list[sa.Index]]:
        """Return a SQLAlchemy column as text, the rules that come with it, and its indexes."""
        is_key = column.primary_key
        copied = column._copy()
        copied.primary_key = False
        table = ops.SchemaObjects(self.configured).table(
            self.table.name, copied, schema=self.schema
        )
        copied.nullable = column.nullable and not is_key
        compiler = self.dialect.ddl_compiler(self.dialect, None)  # type: ignore[arg-type]
        text = compiler.process(CreateColumn(copied))
        made = ddltext.read(f"CREATE TABLE x ({text})").columns[0]
        made.lead = ddltext.LEAD
        default = made.clause("default")
        if default is not None and not is_plain_default(default.text[7:]):
            default.text, made.raw = f"DEFAULT ({default.text[7:].strip()})", None
        rules = [
            rule
            for each in sorted(table.constraints, key=lambda c: c._creation_order)
            if not isinstance(each, sa.PrimaryKeyConstraint) and each not in copied.constraints
            for rule in self.rule_of(each)
        ]
        return made, rules, sorted(table.indexes, key=lambda index: str(index.name))

    def _join_primary_key(self, column: ColumnText) -> None:
        old = [each for each in self.table.columns if each.clause("primary") is not None]
        rule = next((each for each in self.table.rules if each.kind == "primary"), None)
        if rule is not None:
            self._set_primary_key([*rule.columns, column.name], rule.name)
        else:
            self._set_primary_key([*(each.name for each in old), column.name], None)

    def drop_column(self, operation: ops.DropColumnOp) -> None:
        """Drop a column with all that cannot be without it."""
        if self.table.column(operation.column_name) is None and operation.if_exists:
            return
        column = self.known(operation.column_name)
        self.table.columns.remove(column)
        self.sources.pop(column.name, None)
        self.casts.pop(column.name, None)
        self.fills.pop(column.name, None)
        self.dropped.append(column.name)
        for rule in list(self.table.rules):
            if rule.kind == "primary" and any(same_name(c, column.name) for c in rule.columns):
                rest = [c for c in rule.columns if not same_name(c, column.name)]
                self._set_primary_key(rest, rule.name)
            elif self._speaks_of(rule, column.name):
                self.table.rules.remove(rule)
        for other in self.table.columns:
            kept = [
                clause
                for clause in other.clauses
                if clause.kind != "check" or not ddltext.mentions(clause.text, column.name)
            ]
            if len(kept) != len(other.clauses):
                other.clauses, other.raw = kept, None

    @staticmethod
    def _speaks_of(rule: RuleText, name: str) -> bool:
        if rule.kind == "check":
            return ddltext.mentions(rule.text, name)
        return any(same_name(column, name) for column in rule.columns)

    def alter_column(self, operation: ops.AlterColumnOp) -> None:
        """Change a column's name, type, nullability, default or place."""
        column = self.known(operation.column_name)
        if operation.modify_type is not None:
            self._retype(column, operation)
        if operation.modify_nullable is not None:
            column.without("not null", "null")
            if not operation.modify_nullable:
                self._insert(column, Clause("not null", "NOT NULL"))
        if operation.modify_server_default is not False:
            self._set_default(column, operation.modify_server_default)
        if operation.modify_name is not None and operation.modify_name != column.name:
            self._rename(column, operation.modify_name)
        self._place(column, operation.kw)

    def _retype(self, column: ColumnText, operation: ops.AlterColumnOp) -> None:
        for rule in self._of_type(column.name, operation.existing_type):
            self._drop_matching(rule)
        new = sa.types.to_instance(operation.modify_type)
        old = self.dialect._resolve_type_affinity(column.type_text)  # type: ignore[attr-defined]
        column.type_text = self.dialect.type_compiler_instance.process(new)
        column.raw = None
        collations = [getattr(each, "collation", None) for each in (operation.existing_type, new)]
        if any(collations) and column.clause("collate") is not None:
            column.without("collate")
        self.table.rules += self._of_type(column.name, new)
        self._set_cast(column, old, new)

    def _set_cast(self, column: ColumnText, old: Any, new: sa.types.TypeEngine[Any]) -> None:
        # dates are kept as text: a cast to DATETIME would turn '2020-01-31' into 2020
        shown = new.dialect_impl(self.dialect)
        kept = isinstance(new, (sa.JSON, sa.Date, sa.DateTime, sa.Time)) or isinstance(
            shown, (sa.JSON, sa.Date, sa.DateTime, sa.Time)
        )
        if column.name in self.sources and not kept:
            if old._type_affinity is not new._type_affinity:
                self.casts[column.name] = new
            else:
                self.casts.pop(column.name, None)

    def _of_type(self, name: str, type_: Any) -> list[RuleText]:
        if type_ is None:
            return []
        table = ops.SchemaObjects(self.configured).table(self.table.name, sa.Column(name, type_))
        return [
            rule
            for each in sorted(table.constraints, key=lambda c: str(c.name))
            if getattr(each, "_type_bound", False)
            for rule in self.rule_of(each)
        ]

    def _drop_matching(self, rule: RuleText) -> None:
        wanted = ddltext.normal(rule.text)
        self.table.rules = [
            each
            for each in self.table.rules
            if not same_name(each.name, rule.name) and ddltext.normal(each.text) != wanted
        ]
        for column in self.table.columns:
            kept = [clause for clause in column.clauses if ddltext.normal(clause.text) != wanted]
            if len(kept) != len(column.clauses):
                column.clauses, column.raw = kept, None

    def _set_default(self, column: ColumnText, default: Any) -> None:
        if isinstance(default, sa.Identity):
            return
        if isinstance(default, sa.Computed):
            made, _, _ = self.compiled(sa.Column(column.name, sa.Integer, default))
            column.without("generated", "default")
            column.clauses += [c for c in made.clauses if c.kind == "generated"]
            self.sources.pop(column.name, None)
            return
        if column.is_generated and column.name in self.computed:
            # what was worked out until now stays as the column's values
            self.sources[column.name] = column.name
        before = column.clause("default")
        if before is not None and column.name not in self.sources:
            # added in this very block, so that the rows should get what it had until now
            self.fills.setdefault(column.name, before.text[len("DEFAULT") :].strip())
        column.without("default", "generated")
        if default is None or default is False:
            return
        type_ = self.dialect._resolve_type_affinity(column.type_text)  # type: ignore[attr-defined]
        made, _, _ = self.compiled(sa.Column(column.name, type_, server_default=default))
        clause = made.clause("default")
        if clause is not None:
            self._insert(column, clause)

    @staticmethod
    def _insert(column: ColumnText, clause: Clause) -> None:
        rank = _ORDER.get(clause.kind, 2)
        at = next(
            (i for i, each in enumerate(column.clauses) if _ORDER.get(each.kind, 2) > rank),
            len(column.clauses),
        )
        if clause.kind == "default":
            # SQLAlchemy writes a collation beside the type
            at = next(
                (i for i, each in enumerate(column.clauses) if each.kind != "collate"),
                len(column.clauses),
            )
        column.clauses.insert(at, clause)
        column.raw = None

    def _rename(self, column: ColumnText, name: str) -> None:
        old, quoted = column.name, self.quoted(name)
        for each in self.table.columns:
            for clause in each.clauses:
                if clause.kind in {"check", "generated"}:
                    clause.text = ddltext.replaced(clause.text, old, quoted)
                    each.raw = None
        for rule in self.table.rules:
            if not self._speaks_of(rule, old):
                continue
            if rule.kind == "foreignkey":
                head, sep, rest = rule.text.partition(")")
                rule.text = ddltext.replaced(head, old, quoted) + sep + rest
            else:
                rule.text = ddltext.replaced(rule.text, old, quoted)
            rule.columns = tuple(name if same_name(c, old) else c for c in rule.columns)
        column.name, column.name_text, column.raw = name, quoted, None
        self.sources = {
            (name if new == old else new): source for new, source in self.sources.items()
        }
        self.casts = {(name if new == old else new): type_ for new, type_ in self.casts.items()}
        self.fills = {(name if new == old else new): sql for new, sql in self.fills.items()}

    def _place(self, column: ColumnText, kw: dict[str, Any]) -> None:
        before, after = kw.get("insert_before"), kw.get("insert_after")
        if not before and not after:
            return
        columns = self.table.columns
        columns.remove(column)
        # with both given, `after` stands nearest to what people expect: directly behind it
        at = (
            columns.index(self.known(after)) + 1
            if after
            else columns.index(self.known(before or ""))
        )
        columns.insert(at, column)

    def reorder(self, tuples: Sequence[Sequence[str]]) -> None:
        """Bring columns into the order that each tuple asks for; the rest keeps its place.

        Raises:
            DatabaseError: the tuples contradict one another.
        """
        names = [column.name for column in self.table.columns]
        index = {name.lower(): i for i, name in enumerate(names)}
        later: dict[int, list[int]] = {}
        waits = [0] * len(names)
        for words in tuples:
            places = [index[self.known(word).name.lower()] for word in words]
            for one, other in pairwise(places):
                later.setdefault(one, []).append(other)
                waits[other] += 1
        ready = [i for i, count in enumerate(waits) if not count]
        order: list[int] = []
        while ready:
            one = heappop(ready)
            order.append(one)
            for other in later.get(one, ()):
                waits[other] -= 1
                if not waits[other]:
                    heappush(ready, other)
        if len(order) != len(names):
            raise DatabaseError(
                "The tuples of partial_reordering contradict one another.", code="LB344"
            )
        self.table.columns = [self.table.columns[i] for i in order]

    # ── constraints and indexes ───────────────────────────────────────────

    def add_constraint(self, operation: ops.AddConstraintOp) -> None:
        """Add a constraint; a new primary key takes the place of the old one."""
        constraint = operation.to_constraint(self.configured)
        if isinstance(constraint, sa.PrimaryKeyConstraint):
            name = self._formatted(constraint)
            self._set_primary_key([column.name for column in constraint.columns], name)
            return
        for rule in self.rule_of(constraint):
            if rule.name is not None:
                self.table.rules = [r for r in self.table.rules if not self._gives_way(r, rule)]
            self.table.rules.append(rule)

    def _gives_way(self, old: RuleText, new: RuleText) -> bool:
        """Say whether a new constraint takes the place of one of its name.

        Checks of other columns may bear the same name: a type gives its name to all of its own.
        """
        if not same_name(old.name, new.name):
            return False
        if not old.kind == new.kind == "check":
            return True
        told = [
            {c.name for c in self.table.columns if ddltext.mentions(rule.text, c.name)}
            for rule in (old, new)
        ]
        return told[0] == told[1]

    def rule_of(self, constraint: sa.Constraint) -> Iterator[RuleText]:
        """Yield a SQLAlchemy constraint as text, nothing when it is not for SQLite."""
        if not is_wanted(self.dialect, constraint):
            return
        compiler = self.dialect.ddl_compiler(self.dialect, None)  # type: ignore[arg-type]
        text = compiler.process(constraint)
        rule = ddltext.read(f"CREATE TABLE x (x, {text})").rules[0]
        rule.lead = ddltext.LEAD
        yield rule

    def _set_primary_key(self, columns: list[str], name: str | None) -> None:
        for column in self.table.columns:
            if column.clause("primary") is not None:
                column.without("primary")
        self.table.rules = [rule for rule in self.table.rules if rule.kind != "primary"]
        if columns:
            key = ", ".join(self.quoted(column) for column in columns)
            named = f"CONSTRAINT {self.quoted(name)} " if name else ""
            text = f"{named}PRIMARY KEY ({key})"
            self.table.rules.insert(0, RuleText("primary", text, name, tuple(columns)))

    def count(self, *, on: bool) -> None:
        """Let the key count with AUTOINCREMENT, or with what is free; keys of others stay."""
        rule = next((each for each in self.table.rules if each.kind == "primary"), None)
        keys = [each for each in self.table.columns if each.clause("primary") is not None]
        if rule is not None:
            keys = [each for each in self.table.columns if same_name(each.name, rule.columns[0])]
        if len(keys) != 1 or (rule is not None and len(rule.columns) != 1):
            return
        key = keys[0]
        clause = key.clause("primary")
        if on and "INT" in key.type_text.upper():
            self._set_primary_key([], None)
            self._insert(key, Clause("primary", "PRIMARY KEY AUTOINCREMENT"))
        elif not on and clause is not None and "AUTOINCREMENT" in clause.text.upper():
            self._set_primary_key([key.name], clause.name)

    def _formatted(self, constraint: sa.Constraint) -> str | None:
        if constraint.name is None:
            return None
        compiler = self.dialect.ddl_compiler(self.dialect, None)  # type: ignore[arg-type]
        quoted = compiler.preparer.format_constraint(constraint)
        return ddltext.tokens(quoted)[0].name if quoted else None

    def drop_constraint(self, operation: ops.DropConstraintOp) -> None:
        """Drop a constraint by its name, or an unnamed one by what it says.

        Raises:
            ValueError: there is no such constraint.
        """
        if operation.constraint_type == "primary":
            self._set_primary_key([], None)
            return
        names = [operation.constraint_name]
        if operation.constraint_name is not None:
            names.append(self._formatted(operation.stand_in(self.configured)))
        for rule in self._as_said(operation):
            if any(same_name(rule.name, name) for name in names):
                self.table.rules.remove(rule)
                return
        for column in self.table.columns:
            for clause in column.clauses:
                if any(same_name(clause.name, name) for name in names):
                    column.clauses.remove(clause)
                    column.raw = None
                    return
        if operation.constraint_name is None and self._drop_unnamed(operation):
            return
        if operation.if_exists:
            return
        raise ValueError(f"No such constraint: {operation.constraint_name!r}")

    def _as_said(self, operation: ops.DropConstraintOp) -> list[RuleText]:
        """Return the rules, those that say what is asked for first: twins bear one name."""
        if operation.says is None or operation.constraint_name is None:
            return self.table.rules
        wanted = ddltext.normal(operation.says)

        def differs(rule: RuleText) -> bool:
            return ddltext.normal(rule.text)[-len(wanted) :] != wanted

        return sorted(self.table.rules, key=differs)

    def _drop_unnamed(self, operation: ops.DropConstraintOp) -> bool:
        before = [len(self.table.rules), *(len(c.clauses) for c in self.table.columns)]
        rules = self._rules_said(operation)
        if rules:
            if self._drop_first(rules[0]):
                return True
            after = [len(self.table.rules), *(len(c.clauses) for c in self.table.columns)]
            if before == after and len(rules) == 1 and len(rules[0].columns) == 1:
                return self._drop_clause(rules[0])
        else:
            of_kind = [
                r for r in self.table.rules if r.kind == operation.constraint_type and not r.name
            ]
            if len(of_kind) == 1:
                self.table.rules.remove(of_kind[0])
        return before != [len(self.table.rules), *(len(c.clauses) for c in self.table.columns)]

    def _rules_said(self, operation: ops.DropConstraintOp) -> list[RuleText]:
        if operation.says is not None:
            return list(ddltext.read(f"CREATE TABLE x (x, {operation.says})").rules)
        if operation._reverse is None:
            return []
        made = operation._reverse.to_constraint()
        made.name = None
        return list(self.rule_of(made))

    def _drop_first(self, rule: RuleText) -> bool:
        """Drop the one unnamed rule that says the same, or has the same columns."""
        unnamed = [each for each in self.table.rules if each.kind == rule.kind and not each.name]
        wanted = ddltext.normal(rule.text)
        found = [each for each in unnamed if ddltext.normal(each.text) == wanted]
        if not found and rule.kind != "check":
            found = [each for each in unnamed if each.columns == rule.columns]
        if found:
            self.table.rules.remove(found[0])
            return True
        for column in self.table.columns:
            for clause in column.clauses:
                if not clause.name and ddltext.normal(clause.text) == wanted:
                    column.clauses.remove(clause)
                    column.raw = None
                    return True
        return False

    def _drop_clause(self, rule: RuleText) -> bool:
        column = self.known(rule.columns[0])
        if column.clause(rule.kind) is None:
            return False
        column.without(rule.kind)
        return True

    def create_index(self, operation: ops.CreateIndexOp) -> None:
        """Remember an index to create."""
        self.new_indexes.append(operation.to_index(self.configured))

    def drop_index(self, operation: ops.DropIndexOp) -> None:
        """Remember an index to leave out."""
        self.lost_indexes.append(str(operation.index_name))
        self.new_indexes = [i for i in self.new_indexes if i.name != operation.index_name]

    def quoted(self, name: str) -> str:
        """Return an identifier with quotes where it needs them."""
        return self.dialect.identifier_preparer.quote(name)

    def nothing(self, _operation: ops.Operation) -> None:
        """Leave comments alone: SQLite has none."""


_EDITS: tuple[tuple[type[ops.Operation], Callable[[Draft, Any], None]], ...] = (
    (ops.AddColumnOp, Draft.add_column),
    (ops.DropColumnOp, Draft.drop_column),
    (ops.AlterColumnOp, Draft.alter_column),
    (ops.AddConstraintOp, Draft.add_constraint),
    (ops.DropConstraintOp, Draft.drop_constraint),
    (ops.CreateIndexOp, Draft.create_index),
    (ops.DropIndexOp, Draft.drop_index),
    (ops.CreateTableCommentOp, Draft.nothing),
    (ops.DropTableCommentOp, Draft.nothing),
)
