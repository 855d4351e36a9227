"""Answers about renames: from words to keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from limbeck.catalog import Catalog, Key, Table
from limbeck.errors import DraftError


def answers(words: Iterable[str], have: Catalog, want: Catalog) -> Iterator[tuple[Key, Key]]:
    """Yield the key before and after for each answer.

    Args:
        words: `old=new` for tables (`schema.old=schema.new`), `table.old=table.new` for
            columns; the table of a column under its new name or its old one.
        have: what is there.
        want: what should be.

    Raises:
        DraftError: an answer names something that is not there.
    """
    for word in words:
        old, sign, new = word.partition("=")
        found = _tables(old, new, have, want) or _columns(old, new, have, want)
        if not sign or found is None:
            raise DraftError(
                f"The rename {word!r} names nothing that is there on one side and not on the other",
                hint="write table=new_table, or table.column=table.new_column",
                code="LB440",
            )
        yield found


def _tables(old: str, new: str, have: Catalog, want: Catalog) -> tuple[Key, Key] | None:
    before, after = _table_key(old, have), _table_key(new, want)
    return (before, after) if before and after else None


def _columns(old: str, new: str, have: Catalog, want: Catalog) -> tuple[Key, Key] | None:
    before = _column_key(old, have)
    after = _column_key(new if "." in new else f"{old.rpartition('.')[0]}.{new}", want)
    return (before, after) if before and after else None


def _table_key(word: str, catalog: Catalog) -> Key | None:
    places = [(None, word)]
    if "." in word:
        namespace, _, name = word.partition(".")
        places.append((namespace, name))  # type: ignore[arg-type]
    keys = (Key("table", place) for place in places)
    return next((key for key in keys if key in catalog), None)


def _column_key(word: str, catalog: Catalog) -> Key | None:
    path, _, name = word.rpartition(".")
    owner = _table_key(path, catalog)
    table = catalog.get(owner) if owner else None
    if not isinstance(table, Table) or table.column(name) is None:
        return None
    return Key("column", (*table.key.path, name))
