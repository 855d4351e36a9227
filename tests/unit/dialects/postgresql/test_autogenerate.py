"""Statements and arguments of drafts that only PostgreSQL needs."""

from __future__ import annotations

from typing import Any

import pytest

from limbeck.catalog import (
    Check,
    Column,
    Definition,
    Domain,
    Exclude,
    Expr,
    ForeignKey,
    Index,
    IndexElement,
    Key,
    PrimaryKey,
    Table,
    Type,
    Unique,
)
from limbeck.dialects.postgresql import autogenerate
from limbeck.diff import Alter, Create, Drop, Rename
from tests.unit.dialects.postgresql import unquoted

MOOD = Key("enum", (None, "mood"))
OWNER = Key("table", ("crm", "person"))
TABLE = Table(
    OWNER,
    (Column("id", Type.parse("integer")), Column("nick", Type.parse("text"))),
)


def typed(text: str, **other: Any) -> Type:
    if text == "mood":
        return Type("mood", ref=MOOD, **other)
    parsed = Type.parse(text)
    return Type(parsed.name, parsed.args, dimensions=parsed.dimensions)


@pytest.mark.parametrize(
    ("old", "new", "using"),
    [
        # the server converts within a family, and everything to text
        ("integer", "bigint", None),
        ("character varying(10)", "text", None),
        ("date", "timestamp with time zone", None),
        ("json", "jsonb", None),
        ("integer", "text", None),
        ("integer", "numeric(10, 2)", None),
        # text has to be parsed
        ("text", "integer", "c::integer"),
        ("text", "numeric(10, 2)", "c::numeric(10,2)"),
        ("character varying(10)", "date", "c::date"),
        ("text", "mood", "c::mood"),
        # only integer has a cast to boolean, in both directions
        ("integer", "boolean", "c::boolean"),
        ("boolean", "integer", "c::integer"),
        ("bigint", "boolean", "c::integer::boolean"),
        ("boolean", "numeric", "c::integer::numeric"),
        # any other conversion goes through the text of the value
        ("mood", "integer", "c::text::integer"),
        ("uuid", "bytea", "c::text::bytea"),
        # arrays
        ("integer[]", "integer", "c[1]::integer"),
        ("integer", "integer[]", "ARRAY[c]::integer[]"),
        ("uuid[]", "bytea[]", "c::text[]::bytea[]"),
        ("integer[]", "bigint[]", None),
    ],
)
def test_conversions_that_need_an_expression(old: str, new: str, using: str | None) -> None:
    found = autogenerate.cast(Column("c", typed(old)), Column("c", typed(new)))
    expected = {} if using is None else {"postgresql_using": using}
    assert {key: unquoted(value) for key, value in found.items()} == expected


def test_the_expression_that_the_user_chose_comes_first() -> None:
    column = Column("c", typed("integer"))
    assert autogenerate.cast(column, column, "c + 1") == {"postgresql_using": "c + 1"}


@pytest.mark.parametrize(
    ("part", "taken", "name"),
    [
        (PrimaryKey(("id",)), (), "person_pkey"),
        (Unique(("id", "nick")), (), "person_id_nick_key"),
        (Unique(("id",)), ("person_id_key",), "person_id_key1"),
        (Unique(("id",)), ("person_id_key", "person_id_key1"), "person_id_key2"),
        (ForeignKey(("id",), OWNER, ("id",)), (), "person_id_fkey"),
        (Exclude(Expr("EXCLUDE USING gist (c WITH =)")), (), "person_excl"),
        # a check has the name of its column only if it has one
        (Check(Expr("id > 0")), (), "person_id_check"),
        (Check(Expr("id > length(nick)")), (), "person_check"),
        (Check(Expr("1 > 0")), ("person_check",), "person_check1"),
    ],
)
def test_names_that_the_server_gives(part: Any, taken: tuple[str, ...], name: str) -> None:
    assert autogenerate.default_name(TABLE, part, taken, None) == name


@pytest.mark.parametrize(
    ("first", "second", "label", "name"),
    [
        ("t", "", "pkey", "t_pkey"),
        ("t", "c", "key", "t_c_key"),
        # both parts are cut to the same length: 63 bytes less the ending and the underscores
        ("t" * 40, "c" * 40, "key", f"{'t' * 29}_{'c' * 29}_key"),
        ("t" * 10, "c" * 70, "key", f"{'t' * 10}_{'c' * 48}_key"),
        ("t" * 70, "", "pkey", f"{'t' * 58}_pkey"),
        # a character of two bytes is not cut in half
        ("é" * 40, "", "pkey", f"{'é' * 29}_pkey"),
    ],
)
def test_long_names_are_cut_to_63_bytes(first: str, second: str, label: str, name: str) -> None:
    assert autogenerate.joined(first, second, label) == name
    assert len(name.encode()) <= 63


def test_statements_for_parts() -> None:
    old, new = Unique(("id",), "one"), Unique(("id",), "Two")
    assert unquoted(autogenerate.rename_part(Rename(old, new, OWNER), OWNER) or "") == (
        'ALTER TABLE crm.person RENAME CONSTRAINT one TO "Two"'
    )
    index = Index("ix", (IndexElement("id"),), comment="it's")
    iy = Index("iy", index.elements)
    assert unquoted(autogenerate.rename_part(Rename(index, iy, OWNER), OWNER) or "") == (
        "ALTER INDEX crm.ix RENAME TO iy"
    )
    assert unquoted(autogenerate.comment_statement(OWNER, index)) == (
        "COMMENT ON INDEX crm.ix IS 'it''s'"
    )
    assert unquoted(autogenerate.comment_statement(OWNER, old)) == (
        "COMMENT ON CONSTRAINT one ON crm.person IS NULL"
    )
    # everything else of a part is changed by creating it again
    fields = frozenset({"comment"})
    assert autogenerate.altered_part(OWNER, old, fields, None) == autogenerate.comment_statement(
        OWNER, old
    )
    assert autogenerate.altered_part(OWNER, index, fields | {"unique"}, None) is None


@pytest.mark.parametrize(
    ("part", "definition"),
    [
        (PrimaryKey(("id",), "pk"), "PRIMARY KEY (id)"),
        (
            PrimaryKey(
                ("id", "Nick"),
                "pk",
                (("deferrable", True), ("include", ("b",)), ("initially", "DEFERRED")),
            ),
            'PRIMARY KEY (id, "Nick") INCLUDE (b) DEFERRABLE INITIALLY DEFERRED',
        ),
        (
            PrimaryKey(("id",), "pk", (("with.fillfactor", "70"),)),
            "PRIMARY KEY (id) WITH (fillfactor = 70)",
        ),
        (Check(Expr("id > 0"), "pk", (("no_inherit", True),)), "CHECK (id > 0) NO INHERIT"),
        (
            Check(Expr("id > 0"), "pk", (("no_inherit", True), ("not_valid", True))),
            "CHECK (id > 0) NO INHERIT NOT VALID",
        ),
    ],
)
def test_constraints_that_are_added_by_a_statement(part: Any, definition: str) -> None:
    found = autogenerate.constraint_statements(OWNER, part) or ()
    assert tuple(map(unquoted, found)) == (
        f"ALTER TABLE crm.person ADD CONSTRAINT pk {definition}",
        "ALTER TABLE crm.person DROP CONSTRAINT pk",
    )


def test_other_constraints_have_operations() -> None:
    for part in (Check(Expr("id > 0"), "ck"), Unique(("id",), "uq")):
        assert autogenerate.constraint_statements(OWNER, part) is None


@pytest.mark.parametrize(
    ("old", "new", "statements"),
    [
        ((), (("unlogged", True),), ["SET UNLOGGED"]),
        ((("unlogged", True),), (), ["SET LOGGED"]),
        (
            (("with.fillfactor", "90"), ("with.autovacuum_enabled", "false")),
            (("with.fillfactor", "70"),),
            ["RESET (autovacuum_enabled)", "SET (fillfactor = 70)"],
        ),
        ((("tablespace", "fast"),), (), ["SET TABLESPACE pg_default"]),
        ((), (("tablespace", "Fast"),), ['SET TABLESPACE "Fast"']),
        ((("with.fillfactor", "70"),), (("with.fillfactor", "70"),), []),
    ],
)
def test_options_of_tables(old: Any, new: Any, statements: list[str]) -> None:
    found = autogenerate.table_options(Table(OWNER, extras=old), Table(OWNER, extras=new))
    assert [unquoted(one) for one in found] == [
        f"ALTER TABLE crm.person {statement}" for statement in statements
    ]


POSITIVE = Key("domain", (None, "positive"))
PLAIN = Domain(POSITIVE, Type.parse("integer"))
STRICT = Domain(
    POSITIVE, Type.parse("integer"), False, Expr("1"), (Check(Expr("VALUE > 0"), "over"),)
)
VIEW = Definition(Key("view", (None, "v")), Expr("SELECT 1"))
MATERIALIZED = Definition(
    Key("materialized_view", ("crm", "m")),
    Expr("SELECT 1"),
    comment="one",
    extras=(("empty", True), ("options", ("fillfactor = 70",))),
)


@pytest.mark.parametrize(
    ("change", "statements"),
    [
        (Create(PLAIN), ["CREATE DOMAIN positive AS integer"]),
        (
            Create(STRICT),
            [
                (
                    "CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL"
                    " CONSTRAINT over CHECK (VALUE > 0)"
                )
            ],
        ),
        (Drop(PLAIN), ["DROP DOMAIN positive"]),
        (
            Rename(PLAIN, Domain(Key("domain", (None, "More")), PLAIN.type)),
            ['ALTER DOMAIN positive RENAME TO "More"'],
        ),
        (
            Alter(PLAIN, STRICT),
            [
                "ALTER DOMAIN positive SET DEFAULT 1",
                "ALTER DOMAIN positive SET NOT NULL",
                "ALTER DOMAIN positive ADD CONSTRAINT over CHECK (VALUE > 0)",
            ],
        ),
        (
            Alter(STRICT, PLAIN),
            [
                "ALTER DOMAIN positive DROP DEFAULT",
                "ALTER DOMAIN positive DROP NOT NULL",
                "ALTER DOMAIN positive DROP CONSTRAINT over",
            ],
        ),
        (
            # the server named the unnamed check, so it is dropped by that name
            Alter(Domain(POSITIVE, PLAIN.type, checks=(Check(Expr("VALUE > 0")),)), PLAIN),
            ["ALTER DOMAIN positive DROP CONSTRAINT positive_check"],
        ),
        (Create(VIEW), ["CREATE VIEW v AS SELECT 1"]),
        (Drop(VIEW), ["DROP VIEW v"]),
        (
            Create(MATERIALIZED),
            [
                "CREATE MATERIALIZED VIEW crm.m WITH (fillfactor = 70) AS SELECT 1 WITH NO DATA",
                "COMMENT ON MATERIALIZED VIEW crm.m IS 'one'",
            ],
        ),
        (
            Alter(VIEW, Definition(VIEW.key, Expr("SELECT 2")), fields=frozenset({"body"})),
            ["DROP VIEW v", "CREATE VIEW v AS SELECT 2"],
        ),
        (
            Alter(
                VIEW,
                Definition(VIEW.key, VIEW.body, comment="it"),
                fields=frozenset({"comment"}),
            ),
            ["COMMENT ON VIEW v IS 'it'"],
        ),
    ],
)
def test_statements_for_domains_and_views(change: Any, statements: list[str]) -> None:
    assert [unquoted(one) for one in autogenerate.statements(change)] == statements


def test_a_domain_gets_another_type_by_an_operation() -> None:
    wide = Domain(POSITIVE, Type.parse("bigint"), default=Expr("2"))
    op = autogenerate.retyped_domain(Alter(STRICT, wide))
    assert op is not None
    assert (op.domain_name, op.type_, op.options) == ("positive", "bigint", "DEFAULT 2")
    assert autogenerate.retyped_domain(Alter(STRICT, PLAIN)) is None
    assert autogenerate.retyped_domain(Create(PLAIN)) is None
