"""Parse rename options, `old=new`, to catalog keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Catalog, Enum, Key, Table
from limbeck.errors import ConflictingRenamesError, DraftError

if TYPE_CHECKING:
    from limbeck.sqlalchemy_io import Origins

Pair = tuple[Key, Key]


def typed_renames(words: Iterable[str], current: Catalog, target: Catalog) -> list[Pair]:
    """Return the keys before and after the rename for each answer.

    Args:
        words: `old=new` for tables (`schema.old=schema.new`), `table.old=table.new` for
            columns; the table of a column is given by its old or new name.
        current: the catalog of the database.
        target: the catalog of the models.

    Raises:
        DraftError: an answer names something that does not exist.
        ConflictingRenamesError: two answers contradict each other.
    """
    found_by_word: dict[str, tuple[object, object]] = {}
    pairs = []
    for word in words:
        before, _, after = word.partition("=")
        if word.endswith("="):
            found_by_word[word] = (_known_in_database(word[:-1], current), None)
            continue
        if _names_value(before, current):
            enum = before.rpartition(".")[0]
            value = after.removeprefix(f"{enum}.")
            old = before[len(enum) + 1 :]
            _refuse_wrong_value(word, enum, old, value, current, target)
            found_by_word[word] = (before, f"{enum}.{value}")
            continue
        pair = _renamed_keys(word, current, target)
        if pair is None:
            raise DraftError(
                f"The rename {word!r} does not match a difference between database and models",
                hint="write table=new_table, or table.column=table.new_column; only the database "
                "may have the old name, and only the models the new one",
                code="LB440",
            )
        found_by_word[word] = pair
        pairs.append(pair)
    _refuse_conflicts(found_by_word)
    return pairs


def _known_in_database(word: str, current: Catalog) -> object:
    """Return what a name refers to: a table, a column, an enum type or one of its values.

    Raises:
        DraftError: the database has nothing of that name.
    """
    key = _table_key(word, current) or _column_key(word, current)
    if key is not None:
        return key
    enums = {t.key.full_name for t in current if isinstance(t, Enum)}
    if word in enums or _names_value(word, current):
        return word
    raise DraftError(
        f"The database has no table or column {word!r} that could have been renamed",
        hint="write --no-rename table, or --no-rename table.column",
        code="LB440",
    )


def _refuse_wrong_value(
    word: str, enum: str, old: str, new: str, current: Catalog, target: Catalog
) -> None:
    """Raise an error if an enum value was not dropped or its new name was not added."""
    had = next((t for t in current if isinstance(t, Enum) and t.key.name == enum), None)
    wanted = next((t for t in target if isinstance(t, Enum) and t.key.name == enum), None)
    if had is None or wanted is None:
        return
    if old in wanted.values or new not in wanted.values or new in had.values:
        reason = (
            f"the models still have {old!r}" if old in wanted.values
            else f"the models have no {new!r}" if new not in wanted.values
            else f"the database already has {new!r}"
        )  # fmt: skip
        raise DraftError(
            f"The rename {word!r} fits no change of the type {enum}: {reason}",
            hint=f"the database has {', '.join(had.values)}, the models "
            f"{', '.join(wanted.values)}; to give rows another value use "
            f"--replace {enum}.{old}={wanted.values[0]}",
            code="LB440",
        )


def _refuse_conflicts(pairs: dict[str, tuple[object, object]]) -> None:
    """Raise an error if two answers contradict each other.

    Args:
        pairs: the keys before and after by answer; the key after is None if a rename is denied.

    Raises:
        ConflictingRenamesError: an old name gets two new names, or two old names get the same one.
    """
    for (answer, (old, new)), (other_answer, (old_2, new_2)) in combinations(pairs.items(), 2):
        if (old, new) == (old_2, new_2) or (old != old_2 and (new != new_2 or new is None)):
            continue
        raise ConflictingRenamesError(
            f"The answers {answer!r} and {other_answer!r} contradict each other: "
            + ("one name cannot become two" if old == old_2 else "two names cannot become one"),
            hint="keep the one that is right",
        )


def recorded_pairs(words: Iterable[str], current: Catalog, target: Catalog) -> Iterator[Pair]:
    """Yield the keys of recorded answers that still apply; the answers file keeps old ones."""
    for word in words:
        pair = _renamed_keys(word, current, target)
        if pair is not None and _is_open(pair, current, target):
            yield pair


def hinted_pairs(origins: Origins, current: Catalog, target: Catalog) -> Iterator[Pair]:
    """Yield renames that the models state: `info={"renamed_from": "old"}`.

    A hint may stay in the models: it applies while the database has the old name and lacks
    the new one.

    Args:
        origins: SQLAlchemy's tables and columns by key.
        current: the catalog of the database.
        target: the catalog of the models.
    """
    old_keys = {}
    for table in target.tables:
        if table.key in current:
            continue
        old = _hint(origins.get(table.key))
        pair = old and _tables(old, table.key.full_name, current, target)
        if pair and pair[0] not in target:
            old_keys[table.key] = pair[0]
            yield pair
    for table in target.tables:
        owner = old_keys.get(table.key, table.key)
        before = current.get(owner)
        if not isinstance(before, Table) or before.columns == table.columns:
            continue
        for column in table.columns:
            if before.column(column.name) is not None:
                continue
            key = Key("column", (*table.key.path, column.name))
            old = _hint(origins.get(key))
            if old and before.column(old) is not None:
                yield Key("column", (*owner.path, old)), key


def _hint(origin: Any) -> str | None:
    # SQLAlchemy creates and stores a dictionary when `info` of an item is accessed
    hint = getattr(origin, "__dict__", {}).get("info", {}).get("renamed_from")
    return str(hint) if hint else None


def _is_open(pair: Pair, current: Catalog, target: Catalog) -> bool:
    """Return whether only the database has the old name and only the models have the new one."""
    old, new = pair
    return not _has(target, old) and not _has(current, new)


def _has(catalog: Catalog, key: Key) -> bool:
    if key.kind != "column":
        return key in catalog
    table = catalog.get(Key("table", key.path[:-1]))
    return isinstance(table, Table) and table.column(key.name) is not None


def _names_value(word: str, current: Catalog) -> bool:
    """Return whether an answer names a value of an enum type; those are looked up later."""
    return any(
        isinstance(obj, Enum) and word in {f"{obj.key.name}.{value}" for value in obj.values}
        for obj in current
    )


def _renamed_keys(word: str, current: Catalog, target: Catalog) -> Pair | None:
    """Return the keys that an answer names; names may contain `=` and `.`."""
    for old, new in _splits(word, "="):
        pair = _tables(old, new, current, target) or _columns(old, new, current, target)
        if pair is not None:
            return pair
    return None


def _splits(word: str, sign: str) -> Iterator[tuple[str, str]]:
    """Yield all ways to split a text at a separator."""
    at = word.find(sign)
    while at >= 0:
        yield word[:at], word[at + 1 :]
        at = word.find(sign, at + 1)


def _tables(old: str, new: str, current: Catalog, target: Catalog) -> Pair | None:
    before, after = _table_key(old, current), _table_key(new, target)
    return (before, after) if before and after else None


def _columns(old: str, new: str, current: Catalog, target: Catalog) -> Pair | None:
    before = _column_key(old, current)
    if before is None:
        return None
    after = _column_key(new, target)
    if after is None:
        # an unqualified name belongs to the same table
        owner = old[: -len(before.name) - 1]
        after = _column_key(f"{owner}.{new}", target)
    return (before, after) if after else None


def _table_key(word: str, catalog: Catalog) -> Key | None:
    places: list[tuple[str | None, str]] = [(None, word), *_splits(word, ".")]
    keys = (Key("table", path) for path in places)
    return next((key for key in keys if key in catalog), None)


def _column_key(word: str, catalog: Catalog) -> Key | None:
    for path, name in _splits(word, "."):
        owner = _table_key(path, catalog)
        table = catalog.get(owner) if owner else None
        if isinstance(table, Table) and table.column(name) is not None:
            return Key("column", (*table.key.path, name))
    return None
