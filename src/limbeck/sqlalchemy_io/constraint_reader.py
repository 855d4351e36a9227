"""Read the constraints, indexes and dialect options of SQLAlchemy tables for the catalog."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy import Index as SqlIndex
from sqlalchemy.exc import NoReferenceError, SQLAlchemyError
from sqlalchemy.schema import Constraint
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.elements import (
    BinaryExpression,
    CollationClause,
    ColumnClause,
    Grouping,
    TextClause,
    UnaryExpression,
    _textual_label_reference,
)

from limbeck.catalog import (
    Check,
    Exclude,
    Expr,
    Extras,
    ForeignKey,
    Index,
    IndexElement,
    Key,
    Part,
    PrimaryKey,
    Scalar,
    Unique,
)
from limbeck.errors import DraftError
from limbeck.operations import dialect_keywords
from limbeck.sqlalchemy_io.sqlalchemy_versions import chosen_name, is_constraint_made, is_made

# ── dialect options ───────────────────────────────────────────────────────

_MOMENTARY = frozenset(
    {"concurrently", "if_not_exists", "on_commit", "with_oids", "autoincrement", "auto_increment"}
)
"""Options of a single statement, or that are read elsewhere; they are not table properties."""

_SPELLINGS = {
    "default_charset": "charset",
    "character_set": "charset",
    "default_character_set": "charset",
    "default_collate": "collate",
}

OptionValues = dict[str, "Scalar | tuple[str, ...]"]


def options_of(item: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the options that were given to an item for one dialect.

    Args:
        item: an object that accepts `<dialect>_<option>` keywords.
        names: prefixes, in descending order of precedence.

    Returns:
        Options without prefix, except those that are None.
    """
    given = dialect_keywords(item)
    if not given:
        return {}
    options: dict[str, Any] = {}
    for name in reversed(names):
        prefix = f"{name}_"
        for key, value in given.items():
            if key.startswith(prefix) and value is not None:
                options[key[len(prefix) :]] = value
    return options


def table_extras(table: Table, compiler: DDLCompiler, names: tuple[str, ...]) -> Extras:
    """Return a table's options as CREATE TABLE sets them."""
    options: OptionValues = {}
    if "UNLOGGED" in map(str.upper, table._prefixes):
        options["unlogged"] = True
    given = _table_options(table, compiler, names) if dialect_keywords(table) else {}
    for key, value in given.items():
        if key == "with_rowid":
            options["without_rowid"] = not value
        elif key in _MOMENTARY or key == "comment":
            continue
        elif key == "inherits":
            parents = value if isinstance(value, (list, tuple)) else (value,)
            options[key] = tuple(str(parent) for parent in parents)
        elif isinstance(value, Mapping):
            options.update({f"{key}.{name}": word(inner) for name, inner in value.items()})
        else:
            options[_SPELLINGS.get(key, key)] = value if isinstance(value, bool) else str(value)
    return pairs(options)


def _table_options(table: Table, compiler: DDLCompiler, names: tuple[str, ...]) -> dict[str, Any]:
    own = options_of(table, names[:1])
    inherited = options_of(table, names[1:])
    if not inherited:
        return own
    # A dialect that is derived from another may or may not support the other's options: the
    # output of its CREATE TABLE decides.
    printed = compiler.post_create_table(table)
    for key, value in inherited.items():
        shown = next(iter(value), "") if isinstance(value, Mapping) else value
        if isinstance(value, bool) or str(shown) in printed:
            own.setdefault(key, value)
    return own


def view_options(ddl: Any, names: tuple[str, ...]) -> Extras:
    """Return the options of a CREATE VIEW as the server shows them.

    Args:
        ddl: SQLAlchemy's CreateView.
        names: prefixes of the dialect's options.
    """
    given = options_of(ddl, names).get("with") or {}
    shown = tuple(sorted(f"{name}={word(value)}" for name, value in given.items()))
    return (("options", shown),) if shown else ()


def word(value: Any) -> str:
    """Return an option's value as SQL text."""
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def pairs(options: OptionValues) -> Extras:
    """Return options as sorted pairs, except those that are None."""
    return tuple(sorted((k, v) for k, v in options.items() if v is not None and v is not False))


# ── constraints and indexes ───────────────────────────────────────────────

_TAIL = re.compile(
    r"^(?P<what>.*?)(?:(?:\s+|(?<=\)))(?P<ops>\w+_ops))?(?:\s+(?P<way>ASC|DESC))?"
    r"(?:\s+NULLS\s+(?P<nulls>FIRST|LAST))?$",
    re.IGNORECASE | re.DOTALL,
)
_MODIFIERS = {
    operators.desc_op: "desc",
    operators.asc_op: "asc",
    operators.nulls_first_op: "first",
    operators.nulls_last_op: "last",
}
_ELEMENT_OPTIONS = frozenset(
    {
        "where",
        "using",
        "ops",
        "include",
        "length",
        "prefix",
        "with",
        "with_parser",
        "concurrently",
        "if_not_exists",
    }
)


_COLLATED = re.compile(r'"?(\w+)"?\s+COLLATE\s+"?(\w+)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PartReader:
    """Reads constraints and indexes for one dialect.

    Args:
        compiler: the dialect's DDL compiler.
        names: prefixes of the dialect's options.
        namespace: converts a schema name of SQLAlchemy to a namespace of the catalog.
        has_comments: the dialect supports comments on constraints.
    """

    compiler: DDLCompiler
    names: tuple[str, ...]
    namespace: Callable[[Any], str | None]
    has_comments: bool = False

    def constraints(self, table: Table) -> Iterator[tuple[Part, Constraint]]:
        """Yield the constraints that this dialect would create, with their origins."""
        for constraint in table._sorted_constraints:
            part = self.read(constraint)
            if part is not None:
                yield part, constraint
        keeps_column_checks = bool(getattr(self.compiler.dialect, "is_mariadb", False))
        for column in table.columns:
            for constraint in column.constraints:
                part = self.read(constraint)
                if isinstance(part, Check) and keeps_column_checks:
                    # most servers make it a table constraint; this one keeps it on the column
                    part = replace(part, name=None, extras=pairs({"column": (column.name,)}))
                if part is not None:
                    yield part, constraint

    def read(self, constraint: Constraint) -> Part | None:
        """Return a constraint as a part; None if this dialect does not create it."""
        readers: dict[str, Callable[[Any], Part | None]] = {
            "primary_key_constraint": self._primary_key,
            "unique_constraint": self._unique,
            "foreign_key_constraint": self._foreign_key,
            "table_or_column_check_constraint": self._check,
            "check_constraint": self._check,
            "exclude_constraint": self._exclude,
        }
        reader = readers.get(constraint.__visit_name__)
        if reader is None or not is_constraint_made(constraint, self.compiler):
            return None
        return reader(constraint)

    def _name(self, item: Constraint | SqlIndex) -> str | None:
        try:
            return chosen_name(item, self.compiler)
        except SQLAlchemyError as error:
            raise DraftError(
                str(error),
                hint="Give it a shorter name, or let the naming convention choose one.",
                code="LB412",
            ) from error

    def _extras(self, constraint: Constraint, **more: Any) -> OptionValues:
        extras: OptionValues = dict(more)
        if constraint.deferrable:
            extras["deferrable"] = True
        if constraint.initially is not None and constraint.initially.lower() == "deferred":
            extras["initially"] = "deferred"
            extras["deferrable"] = True
        for key, value in options_of(constraint, self.names).items():
            if key == "include":
                if not value:  # the value of a reflected constraint
                    continue
                extras[key] = tuple(_column_name(column) for column in value)
            elif key != "ops" and key not in extras:
                extras[key] = value if isinstance(value, (bool, int)) else str(value)
        return extras

    def _comment(self, constraint: Constraint) -> str | None:
        return constraint.comment if self.has_comments else None

    def _primary_key(self, key: PrimaryKeyConstraint) -> PrimaryKey | None:
        # iterate over the key: for `.columns` SQLAlchemy creates and stores a view
        if not len(key):
            return None
        columns = key.columns_autoinc_first if key._implicit_generated else tuple(key)
        extras = self._extras(key)
        for column in key:
            conflict = options_of(column, self.names).get("on_conflict_primary_key")
            if conflict is not None and len(columns) == 1:
                extras.setdefault("on_conflict", conflict)
        names = tuple(column.name for column in columns)
        return PrimaryKey(names, self._name(key), pairs(extras), self._comment(key))

    def _unique(self, unique: UniqueConstraint) -> Unique | None:
        columns = tuple(column.name for column in unique)
        if not columns:
            return None
        extras = self._extras(unique)
        for column in unique:
            conflict = options_of(column, self.names).get("on_conflict_unique")
            if conflict is not None and len(columns) == 1:
                extras.setdefault("on_conflict", conflict)
        return Unique(columns, self._name(unique), pairs(extras), self._comment(unique))

    def _check(self, check: CheckConstraint) -> Check:
        return Check(
            Expr(self.sql(check.sqltext)), self._name(check), pairs(self._extras(check)),
            self._comment(check),
        )  # fmt: skip

    def _foreign_key(self, key: ForeignKeyConstraint) -> ForeignKey | None:
        target, columns = self._target(key)
        if target.namespace != self.namespace(key.table.schema) and self._is_left_out(key):
            return None
        return ForeignKey(
            tuple(element.parent.name for element in key.elements),
            target,
            columns,
            self._name(key),
            _action(key.onupdate),
            _action(key.ondelete),
            None if key.match is None or key.match.upper() == "SIMPLE" else key.match.upper(),
            pairs(self._extras(key)),
            self._comment(key),
        )

    def _target(self, key: ForeignKeyConstraint) -> tuple[Key, tuple[str, ...]]:
        try:
            columns = [element.column for element in key.elements]
        except NoReferenceError:
            # the table belongs to another MetaData or to none: only the names are known
            specs = [element._column_tokens for element in key.elements]
            schema, table, _ = specs[0]
            names = tuple(
                word_[2] or element.parent.name
                for word_, element in zip(specs, key.elements, strict=True)
            )
            return Key("table", (self.namespace(schema), table)), names
        table_ = columns[0].table
        target = Key("table", (self.namespace(table_.schema), table_.name))
        return target, tuple(column.name for column in columns)

    def _is_left_out(self, key: ForeignKeyConstraint) -> bool:
        try:
            return not self.compiler.process(key)
        except NoReferenceError:
            return False

    def _exclude(self, constraint: Any) -> Exclude:
        text = self.compiler.process(constraint)
        if constraint.where is not None:
            printed = self.compiler.sql_compiler.process(constraint.where, literal_binds=True)
            text = text.replace(f"({printed})", f"({self.sql(constraint.where)})")
        start = text.upper().find("EXCLUDE USING")
        body = re.sub(
            r"\s+(?:NOT\s+)?DEFERRABLE(?:\s+INITIALLY\s+\w+)?$|\s+INITIALLY\s+\w+$", "",
            text[start:],
        )  # fmt: skip
        extras = pairs(self._extras(constraint))
        return Exclude(Expr(body), self._name(constraint), extras, self._comment(constraint))

    def sql(self, expression: Any) -> str:
        """Return an expression as DDL renders it: with literal values, columns without table."""
        if isinstance(expression, str):
            return expression
        return self.compiler.sql_compiler.process(
            expression, include_table=False, literal_binds=True
        )

    # ── indexes ───────────────────────────────────────────────────────────

    def indexes(self, table: Table) -> Iterator[tuple[Index, SqlIndex]]:
        """Yield the indexes that this dialect would create, with their origins."""
        indexes = [
            (self._index(index, table), index)
            for index in table.indexes
            if index._ddl_if is None or is_made(index, self.compiler)
        ]
        yield from sorted(indexes, key=lambda pair: (pair[0].name or "", pair[0].columns))

    def read_index(self, index: SqlIndex) -> Index:
        """Return an index as a part of its table."""
        if index.table is None:
            raise DraftError(f"The index {index.name!r} belongs to no table.", code="LB415")
        return self._index(index, index.table)

    def _index(self, index: SqlIndex, table: Table) -> Index:
        options = options_of(index, self.names)
        elements = tuple(
            self._element(expression, table, options) for expression in index.expressions
        )
        where = options.get("where")
        method = str(options.get("using") or options.get("prefix") or "").lower() or None
        extras: OptionValues = {}
        for name, value in (options.get("with") or {}).items():
            extras[f"with.{name}"] = word(value)
        if "with_parser" in options:
            extras["parser"] = str(options["with_parser"])
        for key, value in options.items():
            if key not in _ELEMENT_OPTIONS:
                extras[key] = value if isinstance(value, (bool, int)) else str(value)
        # options that SQLAlchemy does not support
        more = vars(index).get("info") or {}
        if more.get("invisible"):
            extras["invisible"] = True
        comment = more.get("comment") if self.compiler.dialect.supports_comments else None
        return Index(
            self._name(index),
            elements,
            bool(index.unique),
            None if where is None else Expr(self.sql(where)),
            None if method == "btree" else method,
            tuple(_column_name(column) for column in options.get("include") or ()),
            pairs(extras),
            comment or None,
        )

    def _element(self, expression: Any, table: Table, options: dict[str, Any]) -> IndexElement:
        ops, length = options.get("ops") or {}, options.get("length")
        key = getattr(expression, "key", None)
        opclass = ops.get(key) if key is not None else None
        if isinstance(expression, ColumnClause) and not expression.is_literal:
            size = length.get(expression.name) if isinstance(length, dict) else length
            return IndexElement(expression.name, opclass=opclass, length=size)
        flags: set[str] = set()
        while isinstance(expression, (UnaryExpression, Grouping)):
            if isinstance(expression, UnaryExpression):
                if expression.modifier not in _MODIFIERS:
                    break
                flags.add(_MODIFIERS[expression.modifier])
            expression = expression.element
        column, expr, collation = None, None, None
        expression = _resolved(expression)
        if isinstance(expression, TextClause) or getattr(expression, "is_literal", False):
            column, expr, written_ops, more = _from_text(self.sql(expression), table)
            opclass, flags = opclass or written_ops, flags | more
            column, expr, collation = _uncollated(column, expr, table)
        elif isinstance(expression, ColumnClause):
            column = expression.name
        elif _is_collated_column(expression):
            column, collation = expression.left.name, expression.right.collation
        else:
            expr = Expr(self.sql(expression))
        descending = "desc" in flags
        nulls = next((word_ for word_ in ("first", "last") if word_ in flags), None)
        if nulls == ("first" if descending else "last"):
            nulls = None
        size = length.get(column) if isinstance(length, dict) else length
        return IndexElement(column, expr, descending, nulls, opclass, collation, size)


def _resolved(expression: Any) -> Any:
    # desc("name") contains a name that SQLAlchemy resolves only when it compiles
    if isinstance(expression, _textual_label_reference):
        return TextClause(expression.element)
    return expression


def _from_text(text: str, table: Table) -> tuple[str | None, Expr | None, str | None, set[str]]:
    match = _TAIL.match(text.strip())
    if match is None:
        return None, Expr(text), None, set()
    flags = {match[group].lower() for group in ("way", "nulls") if match[group]}
    what = match["what"].strip()
    bare = what.strip('"`')
    for column in table.columns:
        if column.name in (what, bare):
            return column.name, None, match["ops"], flags
    return None, Expr(what), match["ops"], flags


def _uncollated(
    column: str | None, expr: Expr | None, table: Table
) -> tuple[str | None, Expr | None, str | None]:
    """Remove an explicit COLLATE from a column."""
    known = None if expr is None else _COLLATED.fullmatch(expr.text)
    if known is None or known[1] not in table.columns:
        return column, expr, None
    return known[1], None, known[2]


def _is_collated_column(expression: Any) -> bool:
    return (
        isinstance(expression, BinaryExpression)
        and isinstance(expression.right, CollationClause)
        and isinstance(expression.left, ColumnClause)
    )


def _column_name(column: Any) -> str:
    return column if isinstance(column, str) else str(column.name)


def _action(text: str | None) -> str | None:
    if text is None or text.upper() == "NO ACTION":
        return None
    # SET NULL (column) keeps the case of its columns
    head, bracket, rest = text.partition("(")
    return head.upper() + bracket + rest
