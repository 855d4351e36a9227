"""Canonicalize the expressions of two catalogs, and find those that only the server can decide.

This module does not depend on a dialect: dialect functions are passed as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Definition,
    Domain,
    Exclude,
    Expr,
    Index,
    IndexElement,
    Key,
    SchemaObject,
    Table,
    Type,
    kind_of,
)
from limbeck.dialects.implicit_defaults import changed, each

T = TypeVar("T")


class Canonicalize(Protocol):
    """Return the canonical text of an expression.

    `role` is default, computed, on_update, check, index, where, exclude or body; `type_` is the
    type of the column that the expression belongs to, if there is one.
    """

    def __call__(self, text: str, role: str, type_: Type | None = None) -> str:
        """Return the canonical text."""


@dataclass(frozen=True, slots=True)
class Question:
    """An expression whose text does not decide equality, so that the server has to print it.

    Args:
        owner: the key of the table, domain or view in the target catalog.
        role: default, computed, check, index, exclude, type or view.
        position: the position of the part among those of its role in the target object.
    """

    owner: Key
    role: str
    position: int


Answers = Mapping[Question, tuple[str, ...]]
"""The text that the server printed: one text, or the expressions and predicate of an index."""


def canonicalized(
    catalog: Catalog, canonicalize: Canonicalize, normalize_type: Callable[[Type], Type]
) -> Catalog:
    """Return the catalog with every type normalized and every expression canonicalized."""
    # Readers share equal types and columns. The catalog keeps them alive while this runs, so each
    # id belongs to one value.
    types: dict[int, Type] = {}
    columns: dict[int, Column] = {}

    def normalize_once(type_: Type) -> Type:
        cached = types.get(id(type_))
        if cached is None:
            normalized = normalize_type(type_)
            cached = types[id(type_)] = type_ if normalized == type_ else normalized
        return cached

    def canonicalize_once(column: Column) -> Column:
        cached = columns.get(id(column))
        if cached is None:
            cached = columns[id(column)] = _canonical_column(column, canonicalize, normalize_once)
        return cached

    return Catalog.of(
        _canonical_thing(obj, canonicalize, normalize_once, canonicalize_once) for obj in catalog
    )


def _canonical_thing(
    obj: SchemaObject,
    canonicalize: Canonicalize,
    normalize_type: Callable[[Type], Type],
    canonicalize_once: Callable[[Column], Column],
) -> SchemaObject:
    if isinstance(obj, Table):
        return changed(
            obj,
            columns=each(obj.columns, canonicalize_once),
            checks=each(obj.checks, lambda check: _canonical_check(check, canonicalize)),
            excludes=each(obj.excludes, lambda exclude: _canonical_exclude(exclude, canonicalize)),
            indexes=each(obj.indexes, lambda index: _canonical_index(index, canonicalize)),
        )
    if isinstance(obj, Domain):
        type_ = normalize_type(obj.type)
        default = obj.default
        return replace(
            obj,
            type=type_,
            default=default and _expr(default, canonicalize(default.text, "default", type_)),
            checks=tuple(_canonical_check(check, canonicalize) for check in obj.checks),
        )
    if isinstance(obj, Definition):
        return replace(obj, body=_expr(obj.body, canonicalize(obj.body.text, "body")))
    return obj


def _expr(expr: Expr, text: str) -> Expr:
    return Expr(expr.text, text)


def _canonical_column(
    column: Column, canonicalize: Canonicalize, normalize_type: Callable[[Type], Type]
) -> Column:
    type_ = normalize_type(column.type)
    default = column.default
    if default is None and not column.extras:
        return column if type_ is column.type else replace(column, type=type_)
    if isinstance(default, Expr):
        text = canonicalize(default.text, "default", type_)
        # DEFAULT NULL is equivalent to no default
        default = _expr(default, text) if text != "null" else None
    elif isinstance(default, Computed):
        default = replace(
            default, expr=_expr(default.expr, canonicalize(default.expr.text, "computed", type_))
        )
    extras = tuple(
        (word, canonicalize(value, "on_update", type_))
        if word == "on_update" and isinstance(value, str)
        else (word, value)
        for word, value in column.extras
    )
    return replace(column, type=type_, default=default, extras=extras)


def _canonical_check(check: Check, canonicalize: Canonicalize) -> Check:
    return replace(check, expr=_expr(check.expr, canonicalize(check.expr.text, "check")))


def _canonical_exclude(exclude: Exclude, canonicalize: Canonicalize) -> Exclude:
    definition = exclude.definition
    return replace(exclude, definition=_expr(definition, canonicalize(definition.text, "exclude")))


def _canonical_index(index: Index, canonicalize: Canonicalize) -> Index:
    if index.where is None and all(element.expr is None for element in index.elements):
        return index
    return replace(
        index,
        elements=tuple(
            element
            if element.expr is None
            else replace(
                element, expr=_expr(element.expr, canonicalize(element.expr.text, "index"))
            )
            for element in index.elements
        ),
        where=index.where and _expr(index.where, canonicalize(index.where.text, "where")),
    )


# ── questions ─────────────────────────────────────────────────────────────


def unresolved_questions(have: Catalog, want: Catalog) -> tuple[Question, ...]:
    """Return the parts of two canonicalized catalogs that may differ only in their text."""
    questions: list[Question] = []
    for obj in want:
        other = have.get(obj.key)
        if isinstance(obj, Table) and isinstance(other, Table) and obj != other:
            questions.extend(_table_questions(other, obj))
        elif isinstance(obj, Domain) and isinstance(other, Domain) and obj != other:
            questions.extend(_domain_questions(other, obj))
        elif isinstance(obj, Definition) and isinstance(other, Definition):
            is_open = kind_of(obj.key).is_view and obj.body != other.body
            questions.extend([Question(obj.key, "view", 0)] if is_open else [])
    return tuple(questions)


def _table_questions(have: Table, want: Table) -> Iterable[Question]:
    columns = {column.name: column for column in have.columns}
    for position, column in enumerate(want.columns):
        other = columns.get(column.name)
        if other is None:
            continue
        if column.type != other.type and column.type.ref is None:
            yield Question(want.key, "type", position)
        if column.default == other.default:
            continue
        if isinstance(column.default, Expr) and isinstance(other.default, Expr):
            yield Question(want.key, "default", position)
        if isinstance(column.default, Computed) and isinstance(other.default, Computed):
            yield Question(want.key, "computed", position)
    yield from _unmatched(want.key, "check", have.checks, want.checks)
    yield from _unmatched(want.key, "exclude", have.excludes, want.excludes)
    indexes = {index.name: index for index in have.indexes}
    for position, index in enumerate(want.indexes):
        known = indexes.get(index.name)
        if known is not None and _expressions_differ(known, index):
            yield Question(want.key, "index", position)


def _domain_questions(have: Domain, want: Domain) -> Iterable[Question]:
    if want.default is not None and have.default is not None and want.default != have.default:
        yield Question(want.key, "default", 0)
    yield from _unmatched(want.key, "check", have.checks, want.checks)


def _content(part: Check | Exclude) -> str:
    return part.expr.compared_text if isinstance(part, Check) else part.definition.compared_text


def _unmatched(
    owner: Key,
    role: str,
    have: Sequence[Check | Exclude],
    want: Sequence[Check | Exclude],
) -> Iterable[Question]:
    wanted = {_content(part) for part in want}
    present = {_content(part) for part in have}
    if present <= wanted:
        return
    for position, part in enumerate(want):
        if _content(part) not in present:
            yield Question(owner, role, position)


def _expressions_differ(have: Index, want: Index) -> bool:
    if (have.where is None) == (want.where is None) and have.where != want.where:
        return True
    ours = [element.expr for element in want.elements]
    return any(ours) and ours != [element.expr for element in have.elements]


# ── answers ───────────────────────────────────────────────────────────────


def with_server_text(
    want: Catalog,
    answers: Answers,
    canonicalize: Canonicalize,
    normalize_type: Callable[[str], Type],
) -> Catalog:
    """Return the target catalog with the server's text instead of the model's."""
    if not answers:
        return want
    touched: dict[Key, dict[tuple[str, int], tuple[str, ...]]] = {}
    for question, texts in answers.items():
        touched.setdefault(question.owner, {})[question.role, question.position] = texts
    things: list[SchemaObject] = []
    for key, known in touched.items():
        obj = want.get(key)
        if isinstance(obj, Table):
            things.append(_with_server_table(obj, known, canonicalize, normalize_type))
        elif isinstance(obj, Domain):
            things.append(_with_server_domain(obj, known, canonicalize))
        elif isinstance(obj, Definition):
            text = canonicalize(known["view", 0][0], "body")
            things.append(replace(obj, body=_expr(obj.body, text)))
    return want.merge(things)


Known = Mapping[tuple[str, int], tuple[str, ...]]


def _each(
    role: str, parts: tuple[T, ...], known: Known, change: Callable[[T, str], T]
) -> tuple[T, ...]:
    return tuple(
        change(part, known[role, position][0]) if (role, position) in known else part
        for position, part in enumerate(parts)
    )


def _with_server_table(
    table: Table, known: Known, canonicalize: Canonicalize, normalize_type: Callable[[str], Type]
) -> Table:
    def typed(column: Column, text: str) -> Column:
        return replace(column, type=normalize_type(text))

    def defaulted(column: Column, text: str) -> Column:
        if not isinstance(column.default, Expr):
            return column
        words = canonicalize(text, "default", column.type)
        return replace(column, default=_expr(column.default, words))

    def computed(column: Column, text: str) -> Column:
        if not isinstance(column.default, Computed):
            return column
        expr = _expr(column.default.expr, canonicalize(text, "computed", column.type))
        return replace(column, default=replace(column.default, expr=expr))

    def excluded(exclude: Exclude, text: str) -> Exclude:
        return replace(exclude, definition=_expr(exclude.definition, canonicalize(text, "exclude")))

    columns = _each("type", table.columns, known, typed)
    columns = _each("default", columns, known, defaulted)
    return replace(
        table,
        columns=_each("computed", columns, known, computed),
        checks=_with_server_checks(table.checks, known, canonicalize),
        excludes=_each("exclude", table.excludes, known, excluded),
        indexes=tuple(
            _with_server_index(index, known["index", position], canonicalize)
            if ("index", position) in known
            else index
            for position, index in enumerate(table.indexes)
        ),
    )


def _with_server_checks(
    checks: tuple[Check, ...], known: Known, canonicalize: Canonicalize
) -> tuple[Check, ...]:
    def checked(check: Check, text: str) -> Check:
        return replace(check, expr=_expr(check.expr, canonicalize(text, "check")))

    return _each("check", checks, known, checked)


def _with_server_domain(domain: Domain, known: Known, canonicalize: Canonicalize) -> Domain:
    default = domain.default
    if default is not None and ("default", 0) in known:
        default = _expr(default, canonicalize(known["default", 0][0], "default", domain.type))
    checks = _with_server_checks(domain.checks, known, canonicalize)
    return replace(domain, default=default, checks=checks)


def _with_server_index(index: Index, texts: tuple[str, ...], canonicalize: Canonicalize) -> Index:
    printed = list(texts)
    elements: list[IndexElement] = []
    for element in index.elements:
        if element.expr is None or not printed:
            elements.append(element)
            continue
        text = canonicalize(printed.pop(0), "index")
        elements.append(replace(element, expr=_expr(element.expr, text)))
    where = index.where
    if where is not None and printed:
        where = _expr(where, canonicalize(printed.pop(0), "where"))
    return replace(index, elements=tuple(elements), where=where)
