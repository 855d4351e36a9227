"""Functions, triggers and extensions that are declared next to the models."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Integer, MetaData, String, Table

from limbeck import declare
from tests.cases.autogenerate.builders import ALL, LITE, MARIA, PG, one_way, pair

TAX = "CREATE FUNCTION tax(amount int) RETURNS int LANGUAGE sql AS $$ SELECT amount * {} $$"
TOUCH = """
CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.n := '{}: 100%'; RETURN NEW; END $$;
"""
ON_T = "CREATE TRIGGER touched BEFORE {} ON t FOR EACH ROW EXECUTE FUNCTION touch()"


def base() -> MetaData:
    metadata = MetaData()
    Table("t", metadata, Column("id", Integer, primary_key=True), Column("n", String(20)))
    return metadata


def declared(*things: tuple[Any, ...], made: bool = True) -> MetaData:
    """Return models that `create_all` creates with the objects declared next to them."""
    metadata = base()
    for kind, *words, options in things:
        noted = getattr(declare, kind)(metadata, *words, **options)
        if made:
            after = sa.DDL(noted.sql.replace("%", "%%"))
            sa.event.listen(metadata, "after_create", after)
    return metadata


def tax(factor: int, signature: str = "tax(int)") -> tuple[Any, ...]:
    return ("function", signature, TAX.format(factor), {})


def touching(word: str, moment: str = "UPDATE") -> tuple[tuple[Any, ...], ...]:
    return (
        ("function", "touch()", TOUCH.format(word), {}),
        ("trigger", "touched", "t", ON_T.format(moment), {"calls": "touch()"}),
    )


def plain_trigger(body: str, moment: str = "AFTER INSERT") -> tuple[Any, ...]:
    sql = f"CREATE TRIGGER touched {moment} ON t FOR EACH ROW {body}"
    return ("trigger", "touched", "t", sql, {})


OWN = {"undeclared": "drop"}

pair("a function", base(), declared(tax(2)), PG, options=OWN)
pair("a trigger and its function", base(), declared(*touching("a")), PG, options=OWN)
pair("a trigger of MariaDB", base(), declared(plain_trigger("SET @a = 1")), MARIA, options=OWN)
pair("a trigger of SQLite", base(), declared(plain_trigger("BEGIN SELECT 1; END")), LITE,
     options=OWN)  # fmt: skip
pair("a function changes", declared(tax(2)), declared(tax(3)), PG)
pair("a function stays", declared(tax(2)), declared(tax(2, "tax( integer )")), PG)
pair(
    "what a function returns changes",
    declared(tax(2)),
    declared(("function", "tax(int)", TAX.replace("RETURNS int", "RETURNS bigint").format(2), {})),
    PG,
)
pair("a trigger and its function change", declared(*touching("a")),
     declared(*touching("b", "INSERT OR UPDATE")), PG)  # fmt: skip
pair("a trigger stays", declared(*touching("a")), declared(*touching("a")), PG)
pair("an extension stays", declared(("extension", "pg_trgm", {})),
     declared(("extension", "pg_trgm", {})), PG)  # fmt: skip
pair(
    "a procedure changes",
    declared(("procedure", "p()", "CREATE PROCEDURE p() LANGUAGE sql AS $$ SELECT 1 $$", {})),
    declared(("procedure", "p()", "CREATE PROCEDURE p() LANGUAGE sql AS $$ SELECT 2 $$", {})),
    PG,
)
pair("a trigger of SQLite changes", declared(plain_trigger("BEGIN SELECT 1; END")),
     declared(plain_trigger("BEGIN SELECT  2; END", "BEFORE UPDATE")), LITE)  # fmt: skip
pair("a trigger of SQLite stays", declared(plain_trigger("BEGIN\n SELECT 1;\nEND")),
     declared(plain_trigger("BEGIN SELECT 1; END")), LITE)  # fmt: skip
pair("a trigger of MariaDB changes", declared(plain_trigger("SET @a = 1")),
     declared(plain_trigger("BEGIN SET @a = 2; SET @b = 3; END", "BEFORE INSERT")), MARIA)  # fmt: skip
pair("a trigger of MariaDB stays", declared(plain_trigger("SET @a  = 1")),
     declared(plain_trigger("SET @a = 1")), MARIA)  # fmt: skip


def guarded(*things: tuple[Any, ...], security: str = "ENABLE ROW LEVEL SECURITY") -> MetaData:
    """Return models with statements that no declaration holds whole."""
    metadata = declared(*(thing for thing in things if thing[0] == "policy"))
    for kind, *words, options in things:
        if kind != "policy":
            getattr(declare, kind)(metadata, *words, **options)
    for thing in things:
        if thing[0] == "row_security":
            sql = f"ALTER TABLE t {security}"
            sa.event.listen(metadata, "after_create", sa.DDL(sql))
        if thing[0] == "grant":
            option = " WITH GRANT OPTION" if thing[-1].get("grantable") else ""
            sql = f"GRANT {thing[1]} ON {thing[2]} TO {thing[3]}{option}"
            sa.event.listen(metadata, "after_create", sa.DDL(sql))
    return metadata


def own_rows(limit: int) -> tuple[Any, ...]:
    sql = f"CREATE POLICY own_rows ON t FOR SELECT USING (id > {limit})"
    return ("policy", "own_rows", "t", sql, {})


SECURE = ("row_security", "t", {})
FORCED = "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"

one_way("a policy", base(), guarded(SECURE, own_rows(3)), PG)
pair("a policy changes", guarded(SECURE, own_rows(3)), guarded(SECURE, own_rows(4)), PG)
pair("row security is forced", guarded(SECURE),
     guarded(("row_security", "t", {"forced": True}), security=FORCED), PG)  # fmt: skip
one_way("a grant", base(), guarded(("grant", "SELECT, insert", "t", "public", {})), PG)
pair("a grant grows", guarded(("grant", "SELECT", "t", "public", {})),
     guarded(("grant", "UPDATE, SELECT", "t", "public", {})), PG)  # fmt: skip
pair(
    "what only other databases have",
    base(),
    declared(own_rows(3), ("extension", "pg_trgm", {}), made=False),
    ALL - PG,
)
pair("functions, which SQLite has not", base(), declared(tax(2), made=False), LITE)
pair(
    "a trigger for another database",
    base(),
    declared(("trigger", "x", "t", "nonsense", {"only": ("oracle",)}), made=False),
    ALL,
)
