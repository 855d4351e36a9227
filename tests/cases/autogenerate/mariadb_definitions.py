"""MariaDB: views, triggers, functions and procedures that are declared next to the models."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table

from limbeck import declare
from tests.cases.autogenerate.builders import MARIA, pair

OWN = {"options": {"undeclared": "drop"}}


def base(kind: Any = Integer, name: str = "t", x: str = "x") -> MetaData:
    """Return models of one table."""
    metadata = MetaData()
    Table(name, metadata, Column("id", Integer, primary_key=True), Column(x, kind),
          Column("s", String(20)))  # fmt: skip
    return metadata


def world(*things: tuple[Any, ...] | str, metadata: MetaData | None = None) -> MetaData:
    """Return models with objects declared next to them, which `create_all` creates too.

    Args:
        things: the name of a function of `declare`, its arguments and a dictionary of options;
            or the text of a statement that is run on both sides and declared nowhere.
        metadata: the models.
    """
    metadata = base() if metadata is None else metadata
    for thing in things:
        if isinstance(thing, str):
            run(metadata, thing)
            continue
        kind, *words, options = thing
        noted = getattr(declare, kind)(metadata, *words, **options)
        name = "`" + noted.name.partition("(")[0].replace("`", "``") + "`"
        run(metadata, f"CREATE VIEW {name} AS {noted.sql}" if kind == "view" else noted.sql)
        if noted.comment and kind in {"function", "procedure"}:
            comment = noted.comment.replace("\\", "\\\\").replace("'", "''")
            run(metadata, f"ALTER {kind.upper()} {name} COMMENT '{comment}'")
    return metadata


def run(metadata: MetaData, sql: str) -> None:
    """Let `create_all` run a statement."""
    sa.event.listen(metadata, "after_create", sa.DDL(sql.replace("%", "%%")))


def tax(body: str = "RETURN amount * 2", kind: str = "int", more: str = "", **options: Any) -> Any:
    """Return a function."""
    sql = f"CREATE FUNCTION tax(amount {kind}) RETURNS {kind} {more} {body}"
    return ("function", f"tax({kind.replace(',', ' ')})", sql, options)


def work(body: str = "BEGIN SELECT 1; SELECT ';'; END", head: str = "()", **options: Any) -> Any:
    """Return a procedure."""
    return ("procedure", "work()", f"CREATE PROCEDURE work{head} {body}", options)


def trigger(body: str = "SET NEW.s = 'a'", moment: str = "BEFORE INSERT", on: str = "t") -> Any:
    """Return a trigger."""
    sql = f"CREATE TRIGGER touched {moment} ON {on} FOR EACH ROW {body}"
    return ("trigger", "touched", on, sql, {})


def view(sql: str = "SELECT id, x FROM t", name: str = "v") -> Any:
    """Return a view."""
    return ("view", name, sql, {})


pair("function of MariaDB", base(), world(tax()), MARIA, **OWN)
pair("procedure of MariaDB", base(), world(work()), MARIA, **OWN)
pair("function of MariaDB changes", world(tax()), world(tax("BEGIN RETURN 3; END")), MARIA)
pair("function of MariaDB takes another type", world(tax()), world(tax(kind="bigint")), MARIA)
pair("function of MariaDB takes a decimal", world(tax()),
     world(tax("RETURN amount", "decimal(10,2)")), MARIA)  # fmt: skip
pair("function of MariaDB stays", world(tax("RETURN  amount", "integer", "DETERMINISTIC")),
     world(tax("RETURN amount", "INT(11)", "DETERMINISTIC CONTAINS SQL")), MARIA)  # fmt: skip
pair("function of MariaDB stays in other words",
     world(tax("RETURN amount", "varchar(20)", "CHARSET utf8mb4 DETERMINISTIC NO SQL")),
     world(tax("RETURN amount", "VARCHAR( 20 )", "CHARACTER SET utf8mb4 NO SQL DETERMINISTIC")),
     MARIA)  # fmt: skip
pair("characteristics of a function of MariaDB", world(tax()),
     world(tax(more="DETERMINISTIC READS SQL DATA SQL SECURITY INVOKER")), MARIA)  # fmt: skip
pair("comment on a function of MariaDB", world(tax()), world(tax(comment="it's \\ 100%")), MARIA)
pair("comment and text of a function of MariaDB", world(tax(comment="one")),
     world(tax("RETURN 7", comment="two")), MARIA)  # fmt: skip
pair("comment in the text of a function of MariaDB", world(tax(more="COMMENT 'one'")),
     world(tax(more="COMMENT 'two' DETERMINISTIC")), MARIA)  # fmt: skip
pair("procedure of MariaDB changes", world(work()),
     world(work("BEGIN DECLARE n int DEFAULT 1; WHILE n < 3 DO SET n = n + 1; END WHILE; END",
                "(IN a int, OUT b varchar(20), INOUT c decimal(10,2))", comment="c")),
     MARIA)  # fmt: skip
pair("procedure of MariaDB stays", world(work("SELECT  a", "(a int)")),
     world(work("SELECT a", "(IN `a` INTEGER)")), MARIA)  # fmt: skip
pair("routines of MariaDB of one name", base(), world(
    ("function", "one()", "CREATE FUNCTION one() RETURNS int RETURN 1", {}),
    ("procedure", "one()", "CREATE PROCEDURE one() SELECT 1", {})), MARIA, **OWN)  # fmt: skip
pair("routine of MariaDB with awkward name", base(), world((
    "function", "Tax `of` it's 100%(int)", ("CREATE FUNCTION `Tax ``of`` it's 100%`(`a b` int)"
    " RETURNS text RETURN 'it''s %'"), {"comment": "x"})), MARIA, **OWN)  # fmt: skip
pair("view and trigger that call a function of MariaDB", base(),
     world(tax(), view("SELECT id, tax(x) AS n FROM t"), trigger("SET NEW.x = tax(NEW.x)")), MARIA,
     **OWN)  # fmt: skip
pair("declared view in MariaDB", base(), world(view(), view("SELECT id FROM v", "w")),
     MARIA, **OWN)  # fmt: skip
pair("view under a view of MariaDB changes", world(view(), view("SELECT id FROM v", "a")),
     world(view("SELECT id, s FROM t WHERE x > 5"), view("SELECT id FROM v", "a")),
     MARIA)  # fmt: skip
pair("type under a view and a trigger of MariaDB", world(view(), trigger()),
     world(view(), trigger(), metadata=base(BigInteger)), MARIA)  # fmt: skip
pair("table of MariaDB renamed under a trigger", world(trigger()),
     world(trigger(on="u"), metadata=base(name="u")), MARIA, renames=("t=u",))  # fmt: skip
pair("table of MariaDB renamed under a view", world(view()),
     world(view("SELECT id, x FROM u"), metadata=base(name="u")), MARIA,
     renames=("t=u",))  # fmt: skip
pair("column of MariaDB renamed under a trigger", world(trigger("SET NEW.x = 1")),
     world(trigger("SET NEW.y = 1"), metadata=base(x="y")), MARIA,
     renames=("t.x=t.y",))  # fmt: skip
pair("column of MariaDB renamed under a view", world(view()),
     world(view("SELECT id, y FROM t"), metadata=base(x="y")), MARIA,
     renames=("t.x=t.y",))  # fmt: skip
pair("trigger comes with its table in MariaDB", MetaData(), world(trigger()), MARIA, **OWN)
pair("several triggers of MariaDB", world(trigger()), world(
    trigger("BEGIN SET NEW.s = 'b'; SET NEW.x = 2; END", "BEFORE UPDATE"),
    ("trigger", "second", "t", ("CREATE TRIGGER second AFTER DELETE ON t FOR EACH ROW"
     " SET @a = 1"), {})), MARIA, **OWN)  # fmt: skip
