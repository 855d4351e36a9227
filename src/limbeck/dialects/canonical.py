"""Walk two catalogs to give their expressions one spelling, and ask where text is not enough.

Nothing here knows a database: spelling and printing are handed in.
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


class Spell(Protocol):
    """Give an expression its one spelling.

    `role` is default, computed, on_update, check, index, where, exclude or body; `type_` is
    the column's type where the expression belongs to one.
    """

    def __call__(self, text: str, role: str, type_: Type | None = None) -> str:
        """Return the spelling."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something the text did not settle, to be printed by the server.

    Args:
        owner: key of the wanted table, domain or view.
        role: default, computed, check, index, exclude, type or view.
        place: position of the part among its likes in the wanted thing.
    """

    owner: Key
    role: str
    place: int


Answers = Mapping[Question, tuple[str, ...]]
"""What the server printed: one text, or for an index its expressions and then its predicate."""


def spelled(catalog: Catalog, spell: Spell, settle: Callable[[Type], Type]) -> Catalog:
    """Return the catalog with every type settled and every expression spelled."""
    # Readers share types and columns that look alike, and the catalog keeps them alive while
    # this runs.
    types: dict[int, Type] = {}
    columns: dict[int, Column] = {}

    def settle_once(type_: Type) -> Type:
        found = types.get(id(type_))
        if found is None:
            settled = settle(type_)
            found = types[id(type_)] = type_ if settled == type_ else settled
        return found

    def spell_once(column: Column) -> Column:
        found = columns.get(id(column))
        if found is None:
            found = columns[id(column)] = _spelled_column(column, spell, settle_once)
        return found

    return Catalog.of(_spelled_thing(thing, spell, settle_once, spell_once) for thing in catalog)


def _spelled_thing(
    thing: SchemaObject,
    spell: Spell,
    settle: Callable[[Type], Type],
    spell_once: Callable[[Column], Column],
) -> SchemaObject:
    if isinstance(thing, Table):
        return changed(
            thing,
            columns=each(thing.columns, spell_once),
            checks=each(thing.checks, lambda check: _spelled_check(check, spell)),
            excludes=each(thing.excludes, lambda exclude: _spelled_exclude(exclude, spell)),
            indexes=each(thing.indexes, lambda index: _spelled_index(index, spell)),
        )
    if isinstance(thing, Domain):
        type_ = settle(thing.type)
        default = thing.default
        return replace(
            thing,
            type=type_,
            default=default and _expr(default, spell(default.text, "default", type_)),
            checks=tuple(_spelled_check(check, spell) for check in thing.checks),
        )
    if isinstance(thing, Definition):
        return replace(thing, body=_expr(thing.body, spell(thing.body.text, "body")))
    return thing


def _expr(expr: Expr, words: str) -> Expr:
    return Expr(expr.text, words)


def _spelled_column(column: Column, spell: Spell, settle: Callable[[Type], Type]) -> Column:
    type_ = settle(column.type)
    default = column.default
    if default is None and not column.extras:
        return column if type_ is column.type else replace(column, type=type_)
    if isinstance(default, Expr):
        words = spell(default.text, "default", type_)
        # DEFAULT NULL is what a column without a default has.
        default = _expr(default, words) if words != "null" else None
    elif isinstance(default, Computed):
        default = replace(
            default, expr=_expr(default.expr, spell(default.expr.text, "computed", type_))
        )
    extras = tuple(
        (word, spell(worth, "on_update", type_))
        if word == "on_update" and isinstance(worth, str)
        else (word, worth)
        for word, worth in column.extras
    )
    return replace(column, type=type_, default=default, extras=extras)


def _spelled_check(check: Check, spell: Spell) -> Check:
    return replace(check, expr=_expr(check.expr, spell(check.expr.text, "check")))


def _spelled_exclude(exclude: Exclude, spell: Spell) -> Exclude:
    definition = exclude.definition
    return replace(exclude, definition=_expr(definition, spell(definition.text, "exclude")))


def _spelled_index(index: Index, spell: Spell) -> Index:
    if index.where is None and all(element.expr is None for element in index.elements):
        return index
    return replace(
        index,
        elements=tuple(
            element
            if element.expr is None
            else replace(element, expr=_expr(element.expr, spell(element.expr.text, "index")))
            for element in index.elements
        ),
        where=index.where and _expr(index.where, spell(index.where.text, "where")),
    )


# ── questions ─────────────────────────────────────────────────────────────


def open_questions(have: Catalog, want: Catalog) -> tuple[Question, ...]:
    """Return what differs between two spelled catalogs only, perhaps, in words."""
    found: list[Question] = []
    for thing in want:
        other = have.get(thing.key)
        if isinstance(thing, Table) and isinstance(other, Table) and thing != other:
            found.extend(_table_questions(other, thing))
        elif isinstance(thing, Domain) and isinstance(other, Domain) and thing != other:
            found.extend(_domain_questions(other, thing))
        elif isinstance(thing, Definition) and isinstance(other, Definition):
            is_open = kind_of(thing.key).is_view and thing.body != other.body
            found.extend([Question(thing.key, "view", 0)] if is_open else [])
    return tuple(found)


def _table_questions(have: Table, want: Table) -> Iterable[Question]:
    columns = {column.name: column for column in have.columns}
    for place, column in enumerate(want.columns):
        other = columns.get(column.name)
        if other is None:
            continue
        if column.type != other.type and column.type.ref is None:
            yield Question(want.key, "type", place)
        if column.default == other.default:
            continue
        if isinstance(column.default, Expr) and isinstance(other.default, Expr):
            yield Question(want.key, "default", place)
        if isinstance(column.default, Computed) and isinstance(other.default, Computed):
            yield Question(want.key, "computed", place)
    yield from _unmatched(want.key, "check", have.checks, want.checks)
    yield from _unmatched(want.key, "exclude", have.excludes, want.excludes)
    indexes = {index.name: index for index in have.indexes}
    for place, index in enumerate(want.indexes):
        known = indexes.get(index.name)
        if known is not None and _words_differ(known, index):
            yield Question(want.key, "index", place)


def _domain_questions(have: Domain, want: Domain) -> Iterable[Question]:
    if want.default is not None and have.default is not None and want.default != have.default:
        yield Question(want.key, "default", 0)
    yield from _unmatched(want.key, "check", have.checks, want.checks)


def _content(part: Check | Exclude) -> str:
    return part.expr.words if isinstance(part, Check) else part.definition.words


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
    for place, part in enumerate(want):
        if _content(part) not in present:
            yield Question(owner, role, place)


def _words_differ(have: Index, want: Index) -> bool:
    if (have.where is None) == (want.where is None) and have.where != want.where:
        return True
    ours = [element.expr for element in want.elements]
    return any(ours) and ours != [element.expr for element in have.elements]


# ── answers ───────────────────────────────────────────────────────────────


def answered(
    want: Catalog, answers: Answers, spell: Spell, settle: Callable[[str], Type]
) -> Catalog:
    """Return the wanted catalog with the server's words in place of the model's."""
    if not answers:
        return want
    touched: dict[Key, dict[tuple[str, int], tuple[str, ...]]] = {}
    for question, texts in answers.items():
        touched.setdefault(question.owner, {})[question.role, question.place] = texts
    things: list[SchemaObject] = []
    for key, known in touched.items():
        thing = want.get(key)
        if isinstance(thing, Table):
            things.append(_answered_table(thing, known, spell, settle))
        elif isinstance(thing, Domain):
            things.append(_answered_domain(thing, known, spell))
        elif isinstance(thing, Definition):
            words = spell(known["view", 0][0], "body")
            things.append(replace(thing, body=_expr(thing.body, words)))
    return want.merge(things)


Known = Mapping[tuple[str, int], tuple[str, ...]]


def _each(
    role: str, parts: tuple[T, ...], known: Known, mend: Callable[[T, str], T]
) -> tuple[T, ...]:
    return tuple(
        mend(part, known[role, place][0]) if (role, place) in known else part
        for place, part in enumerate(parts)
    )


def _answered_table(
    table: Table, known: Known, spell: Spell, settle: Callable[[str], Type]
) -> Table:
    def typed(column: Column, text: str) -> Column:
        return replace(column, type=settle(text))

    def defaulted(column: Column, text: str) -> Column:
        if not isinstance(column.default, Expr):
            return column
        words = spell(text, "default", column.type)
        return replace(column, default=_expr(column.default, words))

    def computed(column: Column, text: str) -> Column:
        if not isinstance(column.default, Computed):
            return column
        expr = _expr(column.default.expr, spell(text, "computed", column.type))
        return replace(column, default=replace(column.default, expr=expr))

    def excluded(exclude: Exclude, text: str) -> Exclude:
        return replace(exclude, definition=_expr(exclude.definition, spell(text, "exclude")))

    columns = _each("type", table.columns, known, typed)
    columns = _each("default", columns, known, defaulted)
    return replace(
        table,
        columns=_each("computed", columns, known, computed),
        checks=_answered_checks(table.checks, known, spell),
        excludes=_each("exclude", table.excludes, known, excluded),
        indexes=tuple(
            _answered_index(index, known["index", place], spell)
            if ("index", place) in known
            else index
            for place, index in enumerate(table.indexes)
        ),
    )


def _answered_checks(checks: tuple[Check, ...], known: Known, spell: Spell) -> tuple[Check, ...]:
    def checked(check: Check, text: str) -> Check:
        return replace(check, expr=_expr(check.expr, spell(text, "check")))

    return _each("check", checks, known, checked)


def _answered_domain(domain: Domain, known: Known, spell: Spell) -> Domain:
    default = domain.default
    if default is not None and ("default", 0) in known:
        default = _expr(default, spell(known["default", 0][0], "default", domain.type))
    checks = _answered_checks(domain.checks, known, spell)
    return replace(domain, default=default, checks=checks)


def _answered_index(index: Index, texts: tuple[str, ...], spell: Spell) -> Index:
    printed = list(texts)
    elements: list[IndexElement] = []
    for element in index.elements:
        if element.expr is None or not printed:
            elements.append(element)
            continue
        words = spell(printed.pop(0), "index")
        elements.append(replace(element, expr=_expr(element.expr, words)))
    where = index.where
    if where is not None and printed:
        where = _expr(where, spell(printed.pop(0), "where"))
    return replace(index, elements=tuple(elements), where=where)
