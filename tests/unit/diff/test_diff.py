"""The changes that a comparison of two catalogs finds."""

import pytest

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Definition,
    Expr,
    ForeignKey,
    Index,
    IndexElement,
    Key,
    PrimaryKey,
    Table,
    Type,
    Unique,
    extras,
    table_key,
)
from limbeck.diff import Alter, Create, DiffOptions, Drop, Rename, diff, guess_renames
from limbeck.errors import DraftError


def column(name, type_="integer", **kw):
    return Column(name, Type(type_), **kw)


def table(name, *columns, **kw):
    return Table(table_key(name), columns, PrimaryKey(("id",), f"{name}_pkey"), **kw)


def to(name, target, column_="id", **kw):
    return ForeignKey((column_,), table_key(target), ("id",), name, **kw)


def summary(changes):
    return [(type(one).__name__, one.key.kind, one.key.name) for one in changes]


USERS = table("users", column("id"), column("name", "text"))


def test_circular_tables_are_created_and_dropped_with_one_foreign_key_apart():
    one = table("a", column("id"), foreign_keys=(to("fk_a", "b"),))
    two = table("b", column("id"), foreign_keys=(to("fk_b", "a"),))
    nothing, both = Catalog.of([]), Catalog.of([one, two])
    assert summary(diff(nothing, both)) == [
        ("Create", "table", "a"),
        ("Create", "table", "b"),
        ("Create", "foreign_key", "fk_a"),
    ]
    assert summary(diff(both, nothing))[0] == ("Drop", "foreign_key", "fk_a")


def test_a_column_that_differs_names_its_fields():
    new = table("users", column("id"), column("name", "varchar", nullable=False, comment="x"))
    (change,) = diff(Catalog.of([USERS]), Catalog.of([new]))
    assert isinstance(change, Alter)
    assert change.fields == {"type", "nullable", "comment"}


def test_skipped_attributes_are_not_compared():
    new = table(
        "users", column("id"), column("name", "varchar", comment="x"), checks=(Check(Expr("a")),)
    )
    same = DiffOptions(skip=frozenset({"column.comment", "check"}))
    (change,) = diff(Catalog.of([USERS]), Catalog.of([new]), same)
    assert change.fields == {"type"}


def test_an_index_of_another_shape_is_dropped_and_created_and_a_new_name_is_a_rename():
    def have(*indexes):
        return Catalog.of([table("t", column("id"), column("n"), indexes=indexes)])

    old = Index("ix", (IndexElement("n"),))
    other = Index("ix", (IndexElement("n", descending=True),))
    named = Index("ix2", (IndexElement("n"),))
    assert summary(diff(have(old), have(other))) == [
        ("Drop", "index", "ix"),
        ("Create", "index", "ix"),
    ]
    assert summary(diff(have(old), have(named))) == [("Rename", "index", "ix2")]
    same = DiffOptions(renamable_kinds=frozenset())
    assert summary(diff(have(old), have(named), same)) == [
        ("Drop", "index", "ix"),
        ("Create", "index", "ix2"),
    ]


def test_the_index_of_a_foreign_key_is_dropped_with_it():
    auto = Index("fk", (IndexElement("id"),), extras=extras(auto=True))
    with_key = table("t", column("id"), foreign_keys=(to("fk", "users"),), indexes=(auto,))
    wanted = table("t", column("id"), foreign_keys=(to("fk", "users"),))
    bare = table("t", column("id"))
    have = Catalog.of([with_key, USERS])
    assert diff(have, Catalog.of([wanted, USERS])) == ()
    assert ("Drop", "index", "fk") in summary(diff(have, Catalog.of([bare, USERS])))


def test_a_foreign_key_and_a_view_are_recreated_for_a_change_of_type():
    pets = table(
        "pets", column("id"), column("user_id"), foreign_keys=(to("fk", "users", "user_id"),)
    )
    view = Definition(Key("view", (None, "v")), Expr("select"), needs=frozenset({USERS.key}))
    new = table("users", column("id", "bigint"), column("name", "text"))
    changes = summary(diff(Catalog.of([USERS, pets, view]), Catalog.of([new, pets, view])))
    at = changes.index(("Alter", "column", "id"))
    assert {("Drop", "view", "v"), ("Drop", "foreign_key", "fk")} == set(changes[:at])
    assert {("Create", "view", "v"), ("Create", "foreign_key", "fk")} == set(changes[at + 1 :])
    kept = diff(
        Catalog.of([USERS, pets]),
        Catalog.of([new, pets]),
        DiffOptions(recreates_on_type_change=False),
    )
    assert summary(kept) == [("Alter", "column", "id")]


def test_a_foreign_key_is_recreated_for_a_change_of_the_referenced_key():
    have = table("users", column("id"), column("mail"), uniques=(Unique(("mail",), "uq"),))
    wider = Unique(("mail",), "uq", extras(deferrable=True))
    want = table("users", column("id"), column("mail"), uniques=(wider,))
    pets = table(
        "pets", column("id"), foreign_keys=(ForeignKey(("id",), have.key, ("mail",), "fk"),)
    )
    assert summary(diff(Catalog.of([have, pets]), Catalog.of([want, pets]))) == [
        ("Drop", "foreign_key", "fk"),
        ("Drop", "unique", "uq"),
        ("Create", "unique", "uq"),
        ("Create", "foreign_key", "fk"),
    ]


def test_a_changed_computed_expression_recreates_the_column_and_its_index():
    def have(expr, word="ix"):
        total = column("total", default=Computed(Expr(expr)))
        index = Index(word, (IndexElement("total"),))
        return Catalog.of([table("t", column("id"), total, indexes=(index,))])

    expected = [
        ("Drop", "index", "ix"),
        ("Drop", "column", "total"),
        ("Create", "column", "total"),
        ("Create", "index", "ix"),
    ]
    assert summary(diff(have("id + 1"), have("id + 2"))) == expected
    renamed = summary(diff(have("id + 1"), have("id + 2", "ix2")))
    assert renamed == [*expected[:-1], ("Create", "index", "ix2")]
    same = DiffOptions(recreates_computed=False)
    assert summary(diff(have("id + 1"), have("id + 2"), same)) == [("Alter", "column", "total")]


def test_a_rename_is_applied_to_constraints_and_references():
    check = Check(Expr("name <> 'name'"), "ck")
    have = table("users", column("id"), column("name", "text"), checks=(check,))
    pets = table("pets", column("id"), foreign_keys=(to("fk", "users"),))
    people = Table(
        table_key("people"),
        (column("id"), column("whole", "text")),
        PrimaryKey(("id",), "users_pkey"),
        checks=(Check(Expr("whole <> 'name'"), "ck"),),
    )
    moved = table("pets", column("id"), foreign_keys=(to("fk", "people"),))
    renames = [
        (have.key, people.key),
        (Key("column", (None, "users", "name")), Key("column", (None, "people", "whole"))),
    ]
    changes = diff(Catalog.of([have, pets]), Catalog.of([people, moved]), renames=renames)
    assert summary(changes) == [("Rename", "table", "people"), ("Rename", "column", "whole")]
    assert all(isinstance(one, Rename) for one in changes)


def test_a_rename_of_a_missing_table_is_refused_with_a_hint():
    pair = (table_key("nobody"), table_key("users"))
    with pytest.raises(DraftError, match="nobody") as caught:
        diff(Catalog.of([]), Catalog.of([USERS]), renames=[pair])
    assert caught.value.hint


def test_guesses_contain_the_renamed_table_and_column_and_the_evidence():
    people = Table(
        table_key("people"), (column("id"), column("full_name", "text")), USERS.primary_key
    )
    orders = table("orders", column("id"), column("amount", "numeric"), column("made", "date"))
    bought = table("purchases", column("id"), column("amount", "numeric"), column("made", "date"))
    have, want = Catalog.of([USERS, orders]), Catalog.of([people, bought])
    found = {guess.old.path[1:]: guess for guess in guess_renames(have, want)}
    assert found["orders",].new == bought.key
    assert found["orders",].evidence
    columns = guess_renames(
        Catalog.of([USERS]), Catalog.of([table("users", column("id"), column("full_name", "text"))])
    )
    assert [guess.new.name for guess in columns] == ["full_name"]
    assert not guess_renames(
        Catalog.of([USERS]), Catalog.of([table("zebra", column("stripes", "blob"))])
    )


def test_equal_catalogs_are_compared_quickly():
    def many():
        return Catalog.of(
            table(
                f"t{at}", *(column(f"c{n}") for n in range(10)), foreign_keys=(to("fk", f"t{at}"),)
            )
            for at in range(300)
        )

    assert diff(many(), many()) == ()


def test_a_table_with_a_foreign_key_is_dropped_before_the_referenced_table():
    pets = table("pets", column("id"), foreign_keys=(to("fk", "users"),))
    changes = diff(Catalog.of([USERS, pets]), Catalog.of([]))
    assert [type(one) for one in changes] == [Drop, Drop]
    assert summary(changes)[0] == ("Drop", "table", "pets")
    assert isinstance(diff(Catalog.of([]), Catalog.of([pets, USERS]))[0], Create)
