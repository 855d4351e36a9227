"""Foreign keys that need an index of their own table."""

from __future__ import annotations

import pytest

from limbeck.catalog import (
    Catalog,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    Table,
    Type,
    Unique,
    table_key,
)
from limbeck.diff import DiffOptions, diff

COLUMNS = tuple(Column(name, Type("integer"), nullable=False) for name in ("id", "up", "n"))
KEY = ForeignKey(("up",), table_key("p"), ("id",), name="t_ibfk_1")
PARENT = Table(table_key("p"), COLUMNS[:1], PrimaryKey(("id",)))
NEED_INDEX = DiffOptions(foreign_keys_need_index=True)


def index(name: str, *columns: str) -> Index:
    return Index(name, tuple(IndexElement(column) for column in columns))


def table(*parts: Index | Unique | PrimaryKey, name: str = "t") -> Table:
    keys = [one for one in parts if isinstance(one, PrimaryKey)]
    return Table(
        table_key(name),
        COLUMNS,
        keys[0] if keys else None,
        uniques=tuple(one for one in parts if isinstance(one, Unique)),
        indexes=tuple(one for one in parts if isinstance(one, Index)),
        foreign_keys=(KEY,),
    )


def changes_of(
    have: Table, want: Table, same: DiffOptions = NEED_INDEX, **more: object
) -> list[str]:
    found = diff(Catalog.of([PARENT, have]), Catalog.of([PARENT, want]), same, **more)  # type: ignore[arg-type]
    return [f"{type(one).__name__} {one.key.kind} {one.key.name}" for one in found]


def test_the_new_index_of_a_foreign_key_is_created_before_the_old_one_is_dropped() -> None:
    have, want = table(index("a", "up")), table(index("b", "up", "n"))
    assert changes_of(have, want) == ["Create index b", "Drop index a"]
    assert changes_of(have, want, DiffOptions()) == ["Drop index a", "Create index b"]


@pytest.mark.parametrize(
    ("have", "want"),
    [
        (table(PrimaryKey(("up", "n"))), table(PrimaryKey(("up", "id")))),
        (table(index("a", "up")), table(index("a", "up", "n"))),
    ],
    ids=["a primary key", "the same name"],
)
def test_a_foreign_key_is_recreated_if_the_new_index_cannot_be_created_first(
    have: Table, want: Table
) -> None:
    found = changes_of(have, want)
    assert found[0] == "Drop foreign_key t_ibfk_1"
    assert found[-1] == "Create foreign_key t_ibfk_1"
    assert len(found) == 4


def test_a_foreign_key_with_another_index_is_not_changed() -> None:
    have = table(index("a", "up"), index("other", "up", "id"))
    want = table(index("b", "up", "n"), index("other", "up", "id"))
    assert changes_of(have, want) == ["Drop index a", "Create index b"]


def test_numbered_foreign_keys_are_dropped_by_the_name_after_a_rename_of_the_table() -> None:
    renames = [(table_key("t"), table_key("u"))]
    want = Table(table_key("u"), COLUMNS, indexes=(index("a", "up"),))
    have = table(index("a", "up"))
    assert "Drop foreign_key u_ibfk_1" in changes_of(have, want, renames=renames)
    assert "Drop foreign_key t_ibfk_1" in changes_of(have, want, DiffOptions(), renames=renames)
