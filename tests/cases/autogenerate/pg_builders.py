"""PostgreSQL: builders of models and of objects declared next to them; no pairs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
)

from limbeck import declare

OWN = {"options": {"undeclared": "drop"}}
_WORDS = {"materialized_view": "MATERIALIZED VIEW", "index": "INDEX"}


def base(kind: Any = Integer, name: str = "t", schema: str | None = None) -> MetaData:
    """Return models of one table."""
    metadata = MetaData()
    Table(name, metadata, Column("id", Integer, primary_key=True), Column("x", kind),
          Column("s", String(20)), schema=schema)  # fmt: skip
    return metadata


def only(*columns: Column[Any], name: str = "t", onto: MetaData | None = None) -> MetaData:
    """Return models of a table with a key and these columns."""
    metadata = MetaData() if onto is None else onto
    Table(name, metadata, Column("id", Integer, primary_key=True), *columns)
    return metadata


def q(*names: str | None) -> str:
    """Return a name in quotes."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names if name)


def world(*things: tuple[Any, ...], metadata: MetaData | None = None) -> MetaData:
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
        for sql in statements(kind, noted):
            run(metadata, sql)
    return metadata


def run(metadata: MetaData, sql: str) -> None:
    """Let `create_all` run a statement."""
    sa.event.listen(metadata, "after_create", sa.DDL(sql.replace("%", "%%")))


def statements(kind: str, noted: Any) -> list[str]:
    """Return what makes a declared thing, written down by hand."""
    name = q(noted.schema, noted.name)
    if kind in {"view", "materialized_view"}:
        options = f" WITH ({', '.join(noted.options)})" if noted.options else ""
        found = [f"CREATE {_WORDS.get(kind, 'VIEW')} {name}{options} AS {noted.sql}"]
    elif kind == "comment":
        text = noted.sql.replace("'", "''")
        return [f"COMMENT ON {_WORDS.get(noted.table, 'VIEW')} {name} IS '{text}'"]
    elif kind == "grant":
        option = " WITH GRANT OPTION" if noted.sql.endswith("OPTION") else ""
        words = noted.sql.removesuffix(" WITH GRANT OPTION")
        role = noted.name if noted.name == "public" else q(noted.name)
        place = q(noted.schema, noted.table)
        if noted.options[0] in {"function", "procedure"}:
            place = f"{noted.options[0]} {noted.table}"
        elif noted.options[0] == "sequence":
            place = f"SEQUENCE {place}"
        return [f"GRANT {words} ON {place} TO {role}{option}"]
    elif kind == "row_security":
        return [f"ALTER TABLE {q(noted.schema, noted.table)} ENABLE ROW LEVEL SECURITY"]
    else:
        found = [noted.sql]
    if noted.comment:
        if kind in {"function", "procedure"}:
            bare, _, arguments = noted.name.partition("(")
            name = f"{q(noted.schema, bare)}({arguments}"
        elif kind in {"trigger", "policy"}:
            name = f"{q(noted.name)} ON {q(noted.schema, noted.table)}"
        text = noted.comment.replace("'", "''")
        found.append(f"COMMENT ON {_WORDS.get(kind, kind.upper())} {name} IS '{text}'")
    return found


def view(name: str = "v", sql: str = "SELECT id, x FROM t", **options: Any) -> tuple[Any, ...]:
    """Return a view."""
    return ("view", name, sql, options)


def kept_view(name: str = "m", sql: str = "SELECT id, x FROM t", **options: Any) -> Any:
    """Return a materialised view."""
    return ("materialized_view", name, sql, options)


TAX = "CREATE FUNCTION tax(amount bigint) RETURNS {} LANGUAGE sql IMMUTABLE AS $$ SELECT {} $$"
TOUCH = """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.s := '{}'; RETURN NEW; END $$"""


def tax(kind: str = "bigint", body: str = "amount * 2", **options: Any) -> tuple[Any, ...]:
    """Return a function of numbers."""
    return ("function", "tax(bigint)", TAX.format(kind, body), options)


def touch(word: str = "a", **options: Any) -> tuple[Any, ...]:
    """Return a function for triggers."""
    return ("function", "touch()", TOUCH.format(word), options)


def touched(when: str = "BEFORE UPDATE", on: str = "t", **options: Any) -> tuple[Any, ...]:
    """Return a trigger."""
    sql = f"CREATE TRIGGER touched {when} ON {on} FOR EACH ROW EXECUTE FUNCTION touch()"
    return ("trigger", "touched", on, sql, {"calls": "touch()", **options})


def policy(limit: int = 3, **options: Any) -> tuple[Any, ...]:
    """Return a policy."""
    return ("policy", "own", "t", f"CREATE POLICY own ON t USING (x > {limit})", options)


SECURE = ("row_security", "t", {})
PROCEDURE = "CREATE PROCEDURE p() LANGUAGE sql AS $$ SELECT 1 $$"
