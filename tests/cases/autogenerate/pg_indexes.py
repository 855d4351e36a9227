"""PostgreSQL: indexes with every option, and every change under the same name."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Index, Integer, MetaData, String, Text, func, text
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import PG, pair, table


def of(*items: Any) -> MetaData:
    """Return models of one table with columns of many types."""
    return table(
        Column("a", Integer),
        Column("b", Integer),
        Column("s", String(20)),
        Column("j", pg.JSONB),
        Column("r", pg.INT4RANGE),
        Column("w", pg.ARRAY(Text)),
        *items,
    )


def change(name: str, one: Any, two: Any) -> None:
    """Note down a change from one index to another; None for none."""
    before, after = ([] if item is None else [item] for item in (one, two))
    pair(f"index {name}", of(*before), of(*after), PG)


a, s, j, w = sa.column("a"), sa.column("s"), sa.column("j"), sa.column("w")


def ix(*members: Any, **options: Any) -> Index:
    """Return an index called ix."""
    return Index("ix", *members, **{key if key == "unique" else f"postgresql_{key}": value
                                    for key, value in options.items()})  # fmt: skip


change("columns", ix("a"), ix("a", "b"))
change("order of columns", ix("a", "b"), ix("b", "a"))
change("unique", ix("a"), ix("a", unique=True))
change("renamed", Index("one", "a"), Index("two", "a"))
change("renamed with options", Index("one", "a", postgresql_where=text("b > 5")),
       Index("two", "a", postgresql_where=text("b > 5")))  # fmt: skip
change("descending", ix("a"), ix(text("a DESC")))
change("nulls", ix(text("a DESC")), ix(text("a DESC NULLS LAST")))
change("nulls first", ix("a"), ix(text("a NULLS FIRST")))
change("direction and nulls", ix(text("a DESC"), "b"), ix("a", text("b DESC NULLS LAST")))
change("expression", ix(text("lower(s)")), ix(text("upper(s)")))
change("of function", None, ix(func.lower(s)))
change("expression and column", ix("a"), ix("a", text("(a + b)")))
change("expression with literal", None, ix(text("(s || ' it''s %x :y')")))
change("of json path", None, ix(text("(j ->> 'name')")))
change("cast in expression", None, ix(text("((j ->> 'n')::integer)")))
change("coalesce", ix("a"), ix(text("coalesce(a, 0)"), unique=True))
change("where", ix("a"), ix("a", where=text("a > 5")))
change("where text", ix("a", where=text("a > 5")), ix("a", where=text("a > 6 AND b IS NOT NULL")))
change("where in", None, ix("a", where=text("s IN ('11', 'y')")))
change("where literal", None, ix("a", where=text("s = 'it''s %d :z'")))
change("where of columns", None, ix("a", where=sa.and_(a > 5, s.is_not(None))))
change("method", ix("a"), ix("a", using="hash"))
change("brin", ix("a"), ix("a", using="brin"))
change("gin", None, ix("j", using="gin"))
change("gin operator class", ix("j", using="gin"), ix("j", using="gin",
       ops={"j": "jsonb_path_ops"}))  # fmt: skip
change("gin of array", None, ix("w", using="gin"))
change("gist", None, ix("r", using="gist"))
change("spgist", None, ix("s", using="spgist"))
change("operator class", ix("s"), ix("s", ops={"s": "varchar_pattern_ops"}))
change("operator class text", None, ix("s", ops={"s": "text_pattern_ops"}))
change("include", ix("a"), ix("a", include=["b"]))
change("include more", ix("a", include=["b"], unique=True), ix("a", include=["b", "s"],
       unique=True))  # fmt: skip
change("storage", ix("a"), ix("a", **{"with": {"fillfactor": 50}}))
change("storage value", ix("a", **{"with": {"fillfactor": 50}}),
       ix("a", **{"with": {"fillfactor": 70, "deduplicate_items": "off"}}))  # fmt: skip
change("gin storage", ix("j", using="gin"), ix("j", using="gin", **{"with": {"fastupdate": "off"}}))
change("nulls not distinct", ix("a", unique=True), ix("a", unique=True, nulls_not_distinct=True))
change("concurrently", None, ix("a", concurrently=True))
change("collation", ix("s"), ix(sa.collate(s, "C")))
change("everything", ix("a"), ix(text("lower(s) DESC NULLS LAST"), "a", unique=True, include=["b"],
       where=text("b > 5"), **{"with": {"fillfactor": 60}}))  # fmt: skip
change("becomes constraint", Index("u", "a", unique=True), sa.UniqueConstraint("a", name="u"))
pair("several indexes", of(Index("i1", "a"), Index("i2", "b")),
     of(Index("i2", "a"), Index("i3", "b"), Index("i4", text("lower(s)"))), PG)  # fmt: skip
pair("index on a new column", table(Column("a", Integer)),
     table(Column("a", Integer), Column("n", Integer, index=True), Index("both", "a", "n")),
     PG)  # fmt: skip
