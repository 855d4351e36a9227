"""Statements for functions, triggers, policies, extensions, grants and indexes of views."""

from __future__ import annotations

from typing import Any

import pytest

from limbeck.catalog import Catalog, Definition, Expr, Key
from limbeck.dialects.postgresql import definition_ddl
from limbeck.diff import Alter, Create, Drop
from tests.unit.dialects.postgresql import unquoted

BODY = frozenset({"body"})
TABLE = Key("table", ("crm", "person"))
FUNCTION = Definition(
    Key("function", (None, "add(integer, integer)")),
    Expr("CREATE FUNCTION add(integer, integer) RETURNS integer RETURN $1 + $2", "canonical"),
)
TRIGGER = Definition(
    Key("trigger", ("crm", "person", "Touch")),
    Expr('CREATE TRIGGER "Touch" BEFORE UPDATE ON crm.person EXECUTE FUNCTION f()'),
    TABLE,
    extras=(("enabled", "always"),),
)
POLICY = Definition(
    Key("policy", ("crm", "person", "own")), Expr("CREATE POLICY own ON crm.person"), TABLE
)
SECURITY = Definition(
    Key("row_security", ("crm", "person", "row_security")),
    Expr("ALTER TABLE crm.person ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"),
    TABLE,
)
GRANT = Definition(
    Key("grant", ("crm", "person", "reader")), Expr("GRANT SELECT ON crm.person TO reader"), TABLE
)
EXTENSION = Definition(
    Key("extension", (None, "citext")), Expr("CREATE EXTENSION citext"), comment="text"
)
INDEX = Definition(
    Key("view_index", (None, "ix")),
    Expr("CREATE INDEX ix ON v (a)"),
    Key("materialized_view", (None, "v")),
)


def changed(obj: Definition, text: str, canonical: str | None = None) -> Definition:
    return Definition(obj.key, Expr(text, canonical), obj.on)


@pytest.mark.parametrize(
    ("change", "statements"),
    [
        (Create(FUNCTION), [FUNCTION.body.text]),
        (Drop(FUNCTION), ["DROP FUNCTION add(integer, integer)"]),
        (
            # the server accepted the new text as a replacement
            Alter(FUNCTION, changed(FUNCTION, "CREATE FUNCTION add() RETURN 1", "c"), fields=BODY),
            ["CREATE OR REPLACE FUNCTION add() RETURN 1"],
        ),
        (
            Alter(FUNCTION, changed(FUNCTION, "CREATE FUNCTION add() RETURN 1"), fields=BODY),
            ["DROP FUNCTION add(integer, integer)", "CREATE FUNCTION add() RETURN 1"],
        ),
        (
            Create(TRIGGER),
            [TRIGGER.body.text, 'ALTER TABLE crm.person ENABLE ALWAYS TRIGGER "Touch"'],
        ),
        (Drop(TRIGGER), ['DROP TRIGGER "Touch" ON crm.person']),
        (Drop(POLICY), ["DROP POLICY own ON crm.person"]),
        (
            Drop(SECURITY),
            ["ALTER TABLE crm.person DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"],
        ),
        (Alter(SECURITY, SECURITY), [SECURITY.body.text]),
        (Drop(GRANT), ["REVOKE ALL ON crm.person FROM reader"]),
        # the comment of an extension is the extension's
        (Create(EXTENSION), ["CREATE EXTENSION citext"]),
        (Drop(EXTENSION), ["DROP EXTENSION citext"]),
        (Drop(INDEX), ["DROP INDEX ix"]),
        (
            Alter(
                TRIGGER,
                Definition(TRIGGER.key, TRIGGER.body, TABLE, "it's"),
                fields=frozenset({"comment"}),
            ),
            ["COMMENT ON TRIGGER \"Touch\" ON crm.person IS 'it''s'"],
        ),
    ],
)
def test_statements(change: Any, statements: list[str]) -> None:
    found = [unquoted(one) for one in definition_ddl.statements(change)]
    assert found == statements


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("CREATE INDEX ix ON v (a)", "USING btree (a)"),
        ("CREATE UNIQUE INDEX CONCURRENTLY ix ON crm.v  (a,\n b)", "UNIQUE USING btree (a, b)"),
        ('CREATE INDEX IF NOT EXISTS "Ix" ON ONLY "V" USING gin (a)', "USING gin (a)"),
        ("create index on v (a) where a > 1", "USING btree (a) where a > 1"),
        ("SELECT  1", "SELECT 1"),
    ],
)
def test_the_text_of_an_index_without_names(text: str, bare: str) -> None:
    assert definition_ddl.bare_index(text) == bare


def test_signatures_have_the_type_names_of_the_server() -> None:
    trigger = Definition(
        TRIGGER.key, TRIGGER.body, TABLE, needs=frozenset({Key("function", (None, "f(int4)"))})
    )
    function = Definition(Key("function", (None, "f(int4, varchar)")), Expr("x"))
    catalog = definition_ddl.with_server_signatures(Catalog.of([function, trigger]))
    assert Key("function", (None, "f(integer, character varying)")) in catalog
    stored = catalog.objects[TRIGGER.key]
    assert isinstance(stored, Definition)
    assert stored.needs == {Key("function", (None, "f(integer)"))}


def test_privileges_are_sorted_and_in_capitals() -> None:
    grant = Definition(GRANT.key, Expr("update, select WITH GRANT OPTION"), TABLE)
    catalog = definition_ddl.with_server_signatures(Catalog.of([grant]))
    stored = catalog.objects[GRANT.key]
    assert isinstance(stored, Definition)
    assert unquoted(stored.body.text) == (
        "GRANT SELECT, UPDATE ON crm.person TO reader WITH GRANT OPTION"
    )
