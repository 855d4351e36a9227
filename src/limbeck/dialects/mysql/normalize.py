"""Normalize both catalogs to the form in which MariaDB and MySQL print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from limbeck.catalog import (
    KINDS,
    Catalog,
    Column,
    Expr,
    ForeignKey,
    Index,
    IndexElement,
    SchemaObject,
    Sequence,
    Table,
    Type,
    Unique,
)
from limbeck.dialects.canonical import canonicalized, unresolved_questions, with_server_text
from limbeck.dialects.implicit_defaults import (
    DefaultRules,
    option,
    without,
    without_comments,
    without_defaults,
)
from limbeck.dialects.mysql import type_names
from limbeck.dialects.mysql.expression_rules import MysqlExpressionNormalizer
from limbeck.dialects.mysql.server_canonical import printed, with_server_texts
from limbeck.dialects.mysql.table_options import paired
from limbeck.dialects.own_queries import collector_paused, left_as_found

if TYPE_CHECKING:
    from sqlalchemy import Connection

RULES = DefaultRules(
    no_action=frozenset({"NO ACTION", "RESTRICT"}), nulls_follow_order=False, hides_indexes=True
)
_COMMENTED = frozenset(kind.name for kind in KINDS.values() if kind.is_routine)
_SEQUENCE_MOST = 2**63 - 2
_SEQUENCE_CACHE = 1000
_LONGEST_KEYS = (3072, 767, 1000)
"""Maximum bytes of a column in an index: InnoDB, InnoDB with old row formats, MyISAM."""
_WIDTHS = MappingProxyType({"utf8mb3": 3, "utf8": 3, "latin1": 1, "ascii": 1, "binary": 1})
"""Bytes per character of character sets for which it is not four."""
_UNSEEN = ("parser", "visible")
"""Options of an index that information_schema does not show."""


@collector_paused()
def normalize(
    have: Catalog, want: Catalog, connection: Connection | None
) -> tuple[Catalog, Catalog]:
    """Return both catalogs in the same form; the server prints what the text does not decide."""
    spell = MysqlExpressionNormalizer(
        None if connection is None else connection.dialect.default_schema_name
    )
    want = without_comments(want, _COMMENTED)
    have = canonicalized(
        without_defaults(_with_server_types(have), RULES), spell, type_names.canonical_type
    )
    want = canonicalized(
        without_defaults(_with_server_types(want), RULES), spell, type_names.canonical_type
    )
    have, want = _paired(have, want)
    if connection is None:
        return have, want
    questions = unresolved_questions(have, want)
    if questions:
        with left_as_found(connection):
            answers = printed(connection, have, want, questions)
        want = with_server_text(want, answers, spell, type_names.read)
    with left_as_found(connection):
        return have, with_server_texts(connection, have, want)


def _with_server_types(catalog: Catalog) -> Catalog:
    return Catalog.of(_mended_object(obj) for obj in catalog)


def _mended_object(obj: SchemaObject) -> SchemaObject:
    if isinstance(obj, Table):
        key = obj.primary_key
        # A primary key has no name on these servers, whatever its name in the models.
        key = None if key is None else replace(key, name=None)
        return replace(obj, primary_key=key)
    if isinstance(obj, Sequence):
        up = (obj.increment or 1) > 0
        least, most = (1, _SEQUENCE_MOST) if up else (-_SEQUENCE_MOST - 1, -1)
        first = least if up else most
        low = obj.minvalue if up else obj.maxvalue
        return replace(
            obj,
            type=None,
            start=None if obj.start == (first if low is None else low) else obj.start,
            increment=None if obj.increment == 1 else obj.increment,
            minvalue=None if obj.minvalue == least else obj.minvalue,
            maxvalue=None if obj.maxvalue == most else obj.maxvalue,
            cycle=bool(obj.cycle),
            cache=None if obj.cache == _SEQUENCE_CACHE else obj.cache,
        )
    return obj


def whole_sequence(sequence: Sequence) -> dict[str, object]:
    """Return all options of a sequence, with the defaults of the server."""
    up = (sequence.increment or 1) > 0
    least, most = (1, _SEQUENCE_MOST) if up else (-_SEQUENCE_MOST - 1, -1)
    low = least if sequence.minvalue is None else sequence.minvalue
    high = most if sequence.maxvalue is None else sequence.maxvalue
    return {
        "data_type": None,
        "start": (low if up else high) if sequence.start is None else sequence.start,
        "increment": sequence.increment or 1,
        "minvalue": low,
        "maxvalue": high,
        "cycle": bool(sequence.cycle),
        "cache": _SEQUENCE_CACHE if sequence.cache is None else sequence.cache,
    }


# ── what needs both sides ─────────────────────────────────────────────────


def _paired(have: Catalog, want: Catalog) -> tuple[Catalog, Catalog]:
    ours: list[SchemaObject] = []
    theirs: list[SchemaObject] = []
    for obj in want:
        other = have.get(obj.key)
        if isinstance(obj, Table) and isinstance(other, Table):
            current, target = _paired_tables(other, obj)
            ours.append(current)
            theirs.append(target)
    return have.merge(ours), want.merge(theirs)


def _paired_tables(have: Table, want: Table) -> tuple[Table, Table]:
    have = _with_unique_kinds(have, want)
    have, want = _with_key_indexes(have, want)
    wanted = {column.name: column for column in want.columns}
    present = {column.name: column for column in have.columns}
    current_extras, target_extras = paired(have.extras, want.extras)
    charset = option(have.extras, "charset")
    collate = option(have.extras, "collate")
    current_columns = [
        _normalized_current(column, wanted.get(column.name), charset) for column in have.columns
    ]
    # once the table has this collation, columns with it have no explicit collation
    to_be = option(target_extras, "collate") or collate
    target_columns = [
        _normalized_target(column, present.get(column.name), charset, to_be)
        for column in want.columns
    ]
    indexes = {index.name: index for index in have.indexes}
    types = {column.name: column.type for column in target_columns}
    return (
        replace(have, columns=tuple(current_columns), extras=current_extras),
        replace(
            want,
            columns=tuple(target_columns),
            indexes=tuple(
                _with_truncated_lengths(
                    _with_shown_options(index, indexes.get(index.name)),
                    indexes.get(index.name),
                    types,
                    charset,
                )
                for index in want.indexes
            ),
            extras=target_extras,
        ),
    )


def _with_unique_kinds(have: Table, want: Table) -> Table:
    """Represent a unique index as the models do: as an index or as a constraint."""
    wanted = {index.name: index for index in want.indexes}
    named = {unique.name for unique in want.uniques}
    moved = [
        unique for unique in have.uniques if unique.name in wanted and wanted[unique.name].unique
    ]
    if not moved and not have.indexes:
        return have
    uniques = tuple(unique for unique in have.uniques if unique not in moved)
    indexes = [*have.indexes, *(_as_index(unique, wanted[unique.name]) for unique in moved)]
    back = [
        index
        for index in indexes
        if index.unique and index.name in named and _has_only_columns(index)
    ]
    uniques += tuple(Unique(index.columns, index.name) for index in back)
    remaining = (index for index in indexes if index not in back)
    return replace(
        have,
        uniques=uniques,
        indexes=tuple(sorted(remaining, key=lambda index: index.name or "")),
    )


def _as_index(unique: Unique, like: Index) -> Index:
    elements = tuple(IndexElement(column) for column in unique.columns)
    return Index(unique.name, elements, unique=True, comment=unique.comment or like.comment)


def _has_only_columns(index: Index) -> bool:
    return len(index.columns) == len(index.elements) and not index.method


def _with_key_indexes(have: Table, want: Table) -> tuple[Table, Table]:
    """Add the indexes that the server creates for foreign keys."""
    bare = [item for item in want.foreign_keys if not _has_index(item, want)]
    if not bare:
        return have, want
    taken = {index.name for index in want.indexes} | {unique.name for unique in want.uniques}
    needed: dict[tuple[str, ...], Index] = {}
    for item in bare:
        if item.columns in needed or any(_leads_into(item, other) for other in bare):
            continue
        present = next((one for one in have.indexes if _is_index_of_key(one, item, taken)), None)
        name = present.name if present is not None else _free_name(item, have, taken)
        taken.add(name)
        elements = tuple(IndexElement(column) for column in item.columns)
        needed[item.columns] = Index(name, elements, extras=(("auto", True),))
    names = {index.name for index in needed.values()}
    marked = (
        replace(one, extras=(("auto", True),))
        if one.name in names and _has_only_columns(one)
        else one
        for one in have.indexes
    )
    return (
        replace(have, indexes=tuple(marked)),
        replace(want, indexes=(*want.indexes, *needed.values())),
    )


def _leads_into(item: ForeignKey, other: ForeignKey) -> bool:
    """Return whether the index of another foreign key begins with the columns of this one."""
    length = len(item.columns)
    return length < len(other.columns) and other.columns[:length] == item.columns


def with_key_indexes(table: Table) -> Table:
    """Return a table with the indexes that the server creates for its foreign keys."""
    return _with_key_indexes(table, table)[1]


def _is_index_of_key(index: Index, item: ForeignKey, taken: set[str | None]) -> bool:
    # An automatically created index whose name is taken gets the name that the server would give.
    return (
        _has_only_columns(index)
        and not index.unique
        and option(index.extras, "auto") is True
        and index.columns == item.columns
        and index.name not in taken
    )


def _free_name(item: ForeignKey, have: Table, taken: set[str | None]) -> str:
    """Return the name that the server would choose."""
    used = taken | {unique.name for unique in have.uniques}
    used |= {index.name for index in have.indexes if not option(index.extras, "auto")}
    base = item.name or item.columns[0]
    numbered = (f"{base}_{number}" for number in range(2, len(used) + 3))
    return next(name for name in (base, *numbered) if name not in used)


def _has_index(item: ForeignKey, want: Table) -> bool:
    keys = [index.columns for index in want.indexes if _has_only_columns(index)]
    keys.extend(unique.columns for unique in want.uniques)
    if want.primary_key is not None:
        keys.append(want.primary_key.columns)
    return any(columns[: len(item.columns)] == item.columns for columns in keys)


def _with_truncated_lengths(
    index: Index, present: Index | None, types: Mapping[str, Type], charset: object
) -> Index:
    """Return an index with the prefix lengths to which the server truncated long columns."""
    if present is None or len(present.elements) != len(index.elements):
        return index
    elements = tuple(
        replace(element, length=other.length)
        if element.length is None
        and element.column == other.column
        and other.length is not None
        and _is_longest(other.length, types.get(element.column or ""), charset)
        else element
        for element, other in zip(index.elements, present.elements, strict=True)
    )
    return index if elements == index.elements else replace(index, elements=elements)


def _is_longest(length: int, type_: Type | None, charset: object) -> bool:
    if type_ is None:
        return False
    own = option(type_.extras, "charset") or (type_.collation or "").partition("_")[0] or charset
    is_binary = "blob" in type_.name or "binary" in type_.name
    width = 1 if is_binary else _WIDTHS.get(str(own), 4)
    return any(length == most // width for most in _LONGEST_KEYS)


def _with_shown_options(index: Index, present: Index | None) -> Index:
    method = index.method
    if method == "hash" and present is not None and present.method is None:
        # InnoDB accepts USING HASH but creates a B-tree.
        method = None
    if method == index.method and not index.extras:
        return index
    return replace(index, method=method, extras=without(index.extras, *_UNSEEN))


# ── columns ───────────────────────────────────────────────────────────────


def _normalized_current(have: Column, want: Column | None, charset: object) -> Column:
    if want is None:
        return have
    type_ = have.type
    bare = type_.collation is None and not type_.extras
    if bare and type_ == want.type and have.default == want.default:
        return have
    if want.type.collation is not None:
        type_ = replace(type_, extras=without(type_.extras, "charset"))
    elif option(want.type.extras, "charset") == (option(type_.extras, "charset") or charset):
        # If the model gives only the character set, any of its collations is equal.
        type_ = replace(type_, collation=None, extras=without(type_.extras, "charset"))
    default, options = have.default, have.extras
    if (
        want.default is None
        and type_.name == "timestamp"
        and not have.nullable
        and isinstance(default, Expr)
        and default.compared_text == option(options, "on_update")
        and option(want.extras, "on_update") is None
    ):
        # Servers with explicit_defaults_for_timestamp off add this implicitly.
        default, options = None, without(options, "on_update")
    if type_ == have.type and options == have.extras:
        return have
    return replace(have, type=type_, default=default, extras=options)


def _normalized_target(
    want: Column, have: Column | None, charset: object, collate: object
) -> Column:
    type_ = want.type
    if type_.collation is None and not type_.extras:
        return want
    own = option(type_.extras, "charset")
    if type_.collation is not None:
        # a column that has this collation of its own keeps it, whatever the table gets
        is_own = have is not None and have.type.collation == type_.collation
        collation = None if type_.collation == collate and not is_own else type_.collation
        type_ = Type(type_.name, type_.args, collation, 0, None, without(type_.extras, "charset"))
    elif own is not None:
        present = charset if have is None else option(have.type.extras, "charset") or charset
        if own == present:
            type_ = replace(type_, extras=without(type_.extras, "charset"))
    return want if type_ == want.type else replace(want, type=type_)
