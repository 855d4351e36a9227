"""SQLite: views and triggers that are declared next to the models, or not declared."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, String, Table

from limbeck import declare
from tests.cases.autogenerate.builders import LITE, one_way, pair

OWN = {"options": {"undeclared": "drop"}}


def base(*items: Any, kind: Any = Integer, name: str = "t", x: str = "x") -> MetaData:
    """Return models of one table."""
    metadata = MetaData()
    Table(name, metadata, Column("id", Integer, primary_key=True), Column(x, kind),
          Column("s", String(20)), *items)  # fmt: skip
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
        name = '"' + noted.name.replace('"', '""') + '"'
        run(metadata, f"CREATE VIEW {name} AS {noted.sql}" if kind == "view" else noted.sql)
    return metadata


def run(metadata: MetaData, sql: str) -> None:
    """Let `create_all` run a statement."""
    sa.event.listen(metadata, "after_create", sa.DDL(sql.replace("%", "%%")))


def trigger(body: str = "UPDATE t SET s = 'a' WHERE id = NEW.id;", moment: str = "AFTER INSERT",
            on: str = "t", **options: Any) -> Any:  # fmt: skip
    """Return a trigger."""
    return ("trigger", "touched", on, f"CREATE TRIGGER touched {moment} ON {on} BEGIN {body} END",
            options)  # fmt: skip


def view(sql: str = "SELECT id, x FROM t", name: str = "v", **options: Any) -> Any:
    """Return a view."""
    return ("view", name, sql, options)


INSTEAD = ("INSERT INTO t (x) VALUES (NEW.x);", "INSTEAD OF INSERT", "v")

pair("declared view in SQLite", base(), world(view(), view("SELECT id FROM v", "a")), LITE,
     **OWN)  # fmt: skip
pair("view of SQLite changes under a view", world(view(), view("SELECT id FROM v", "a")),
     world(view("SELECT id, x + 1 AS y FROM t"), view("SELECT id FROM v", "a")), LITE)  # fmt: skip
pair("trigger on a view of SQLite", base(), world(view(), trigger(*INSTEAD)), LITE, **OWN)
pair("view of SQLite changes under its trigger", world(view(), trigger(*INSTEAD)),
     world(view("SELECT x, s FROM t"), trigger(*INSTEAD)), LITE)  # fmt: skip
pair("view of SQLite changes under a trigger that nobody declared",
     world(view(), trigger(*INSTEAD)[3]),
     world(view("SELECT x, s FROM t"), trigger(*INSTEAD)[3]), LITE)  # fmt: skip
pair("copy of a table under triggers and views", world(view(), trigger(), trigger(*INSTEAD)[3]
     .replace("touched", "other")), world(view(), trigger(), trigger(*INSTEAD)[3]
     .replace("touched", "other"), metadata=base(CheckConstraint("x < 1000"), kind=BigInteger)),
     LITE)  # fmt: skip
pair("copy of a table under a trigger that nobody declared", world(trigger()[3]),
     world(trigger()[3], metadata=base(CheckConstraint("x < 1000"))), LITE)  # fmt: skip
pair("copy of a table whose trigger changes", world(trigger()),
     world(trigger("UPDATE t SET s = 'b' WHERE id = OLD.id;", "AFTER UPDATE OF x"),
           metadata=base(CheckConstraint("x < 1000"))), LITE)  # fmt: skip
pair("table of SQLite renamed under a trigger and a view", world(view(), trigger()),
     world(view("SELECT id, x FROM u"), trigger("UPDATE u SET s = 'a' WHERE id = NEW.id;", on="u"),
           metadata=base(name="u")), LITE, renames=("t=u",))  # fmt: skip
pair("column of SQLite renamed under a trigger and a view",
     world(view(), trigger(moment="AFTER UPDATE OF x")),
     world(view("SELECT id, y FROM t"), trigger(moment="AFTER UPDATE OF y"), metadata=base(x="y")),
     LITE, renames=("t.x=t.y",))  # fmt: skip
pair("trigger comes with its table in SQLite", MetaData(), world(trigger()), LITE, **OWN)
one_way("table of SQLite goes with a trigger that nobody declared", world(trigger()[3]),
        MetaData(), LITE)  # fmt: skip
pair("comment that SQLite has no place for", base(), world(view(comment="one"), trigger(
     comment="two")), LITE, **OWN)  # fmt: skip
pair("view and trigger of SQLite with awkward names", base(), world(
    view('SELECT id AS "i d", \'it\'\'s 100%\' AS s FROM t', 'V "of" it\'s'),
    ("trigger", 'T "x" 100%', "t", ('CREATE TRIGGER "T ""x"" 100%" AFTER DELETE ON t'
     " BEGIN SELECT 'it''s :x %'; END"), {})), LITE, **OWN)  # fmt: skip
