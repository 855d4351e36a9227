"""Definitions: their dependencies, and the order in which they are dropped and created."""

from __future__ import annotations

from limbeck.catalog import Catalog, Column, Definition, Expr, Key, Table, Type, table_key
from limbeck.diff import Alter, Create, DiffOptions, Drop, Rename, diff, with_needs

T, V, W = table_key("t"), Key("view", (None, "v")), Key("view", (None, "w"))
F = Key("function", (None, "f()"))


def text(key: Key, body: str, on: Key | None = None, *needs: Key) -> Definition:
    found = frozenset(needs) | ({on} if on is not None else set())
    return Definition(key, Expr(body, body), on, needs=frozenset(found))


def table(kind: str = "integer", default: str | None = None, name: str = "t") -> Table:
    value = None if default is None else Expr(default)
    return Table(table_key(name), (Column("x", Type(kind), default=value),))


def trigger(body: str, on: Key = T, *needs: Key) -> Definition:
    return text(Key("trigger", (None, on.name, "g")), body, on, *needs)


def changes_of(have: list[object], want: list[object], **more: object) -> list[str]:
    found = diff(Catalog.of(have), Catalog.of(want), **more)  # type: ignore[arg-type]
    return [f"{type(change).__name__} {change.key.kind} {change.key.name}" for change in found]


def test_definitions_depend_on_the_objects_that_they_name() -> None:
    catalog = with_needs(
        Catalog.of(
            [
                table(default="f()"),
                text(V, "SELECT x FROM t"),
                text(W, "SELECT x, f() FROM v", None, V),
                text(F, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ v $$"),
                text(
                    Key("function", (None, "g()")),
                    "CREATE FUNCTION g() RETURNS SETOF v LANGUAGE sql AS $$ SELECT * FROM w $$",
                ),
            ]
        )
    )
    needs = {key.name: obj.needs for key, obj in catalog.objects.items()}
    assert needs == {
        "t": {F}, "v": {T}, "w": {V, F}, "f()": set(), "g()": {V, W},
    }  # fmt: skip


def test_objects_that_depend_on_a_view_are_recreated_with_it() -> None:
    have = [table(), text(V, "a", None, T), text(W, "b", None, V), trigger("c", V)]
    want = [table(), text(V, "z", None, T), text(W, "b", None, V), trigger("c", V)]
    assert changes_of(have, want) == [
        "Drop trigger g", "Drop view w", "Drop view v",
        "Create view v", "Create trigger g", "Create view w",
    ]  # fmt: skip
    same = DiffOptions(create_or_replace=frozenset({"view"}))
    assert changes_of(have, want, options=same) == ["Alter view v"]


def test_a_trigger_is_recreated_for_a_change_of_its_columns() -> None:
    reads, other = trigger("BEFORE UPDATE OF x ON t"), trigger("BEFORE UPDATE OF y ON t")
    assert changes_of([table(), reads], [table("bigint"), reads]) == [
        "Drop trigger g", "Alter column x", "Create trigger g",
    ]  # fmt: skip
    assert changes_of([table(), other], [table("bigint"), other]) == ["Alter column x"]
    free = DiffOptions(views_block_column_changes=False)
    assert changes_of([table(), reads], [table("bigint"), reads], options=free) == [
        "Alter column x"
    ]


def test_an_undeclared_trigger_is_dropped_with_its_table_and_recreated_with_its_view() -> None:
    seen = trigger("c")
    have = [table(), seen]
    assert changes_of(have, [], untouched=[seen.key]) == ["Drop trigger g", "Drop table t"]
    assert changes_of([seen], [], untouched=[seen.key]) == []
    on_view = trigger("c", V)
    have = [table(), text(V, "a", None, T), on_view]
    want = [table("bigint"), text(V, "a", None, T)]
    assert changes_of(have, want, untouched=[on_view.key]) == [
        "Drop trigger g", "Drop view v", "Alter column x", "Create view v", "Create trigger g",
    ]  # fmt: skip


def test_definitions_of_a_renamed_table_are_dropped_before_the_rename() -> None:
    have = [table(), text(V, "SELECT t.x FROM t", None, T), trigger("ON t WHEN old")]
    want = [table(name="u"), text(V, "SELECT x FROM u", None, table_key("u")),
            trigger("ON u WHEN new", table_key("u"))]  # fmt: skip
    renames = [(T, table_key("u"))]
    found = diff(Catalog.of(have), Catalog.of(want), renames=renames)
    assert [type(change) for change in found] == [Drop, Drop, Rename, Create, Create]
    assert {change.what.on for change in found[:2]} == {None, T}  # type: ignore[union-attr]
    followed = [table(name="u"), text(V, "SELECT u.x FROM u", None, table_key("u")),
                trigger("ON u WHEN old", table_key("u"))]  # fmt: skip
    found = diff(Catalog.of(have), Catalog.of(followed), renames=renames)
    assert [type(change) for change in found] == [Rename]


def test_a_function_is_created_before_the_table_that_calls_it() -> None:
    called = with_needs(Catalog.of([table(default="f()"), text(F, "CREATE FUNCTION f()")]))
    there = diff(Catalog.of([]), called)
    back = diff(called, Catalog.of([]))
    assert [change.key.kind for change in there] == ["function", "table"]
    assert [change.key.kind for change in back] == ["table", "function"]


def test_a_change_of_the_comment_recreates_nothing() -> None:
    one = text(V, "a", None, T)
    other = Definition(V, one.body, None, "note", (), one.needs)
    (change,) = diff(Catalog.of([table(), one]), Catalog.of([table(), other]))
    assert isinstance(change, Alter)
    assert change.fields == {"comment"}
