"""Indexes with what SQLAlchemy has no words for: comments, and that nobody looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateIndex, DropIndex

from tests.cases.autogenerate.builders import MARIA, PG, SERVERS, pair


def seen(*infos: dict[str, Any], kind: Any = Integer, **options: Any) -> MetaData:
    """Return models of a table with indexes, which `create_all` makes as they are meant.

    Args:
        infos: the `info` of each index.
        kind: the type of the column that they are on.
        options: of each index.
    """
    metadata = MetaData()
    made = Table("t", metadata, Column("id", Integer, primary_key=True), Column("x", kind),
                 Column("s", String(40)))  # fmt: skip
    for number, info in enumerate(infos):
        columns = ("s",) if "mysql_prefix" in options else ("x", "id")
        index = Index(f"ix{number}", *(made.c[c] for c in columns), info=info, **options)
        sa.event.listen(made, "after_create", _making(index))
    return metadata


def _making(index: Index) -> Any:
    def make(_table: Table, connection: sa.Connection, **_: Any) -> None:
        for sql in _statements(index, connection.dialect):
            connection.exec_driver_sql(sql.replace("%", "%%"))

    return make


def _statements(index: Index, dialect: Any) -> Iterator[str]:
    info = index.info
    if not info:
        return
    comment = info.get("comment")
    literal = None if comment is None else "'" + comment.replace("'", "''") + "'"
    if dialect.name == "postgresql":
        if literal is not None:
            yield f"COMMENT ON INDEX {index.name} IS {literal}"
        return
    yield str(DropIndex(index).compile(dialect=dialect))
    text = str(CreateIndex(index).compile(dialect=dialect))
    text += f" COMMENT {literal}" if literal is not None else ""
    yield text + (" IGNORED" if info.get("invisible") else "")


ONE, TWO = {"comment": "it's 100% :x"}, {"comment": "two"}
HIDDEN = {"invisible": True}

pair("comment on an index", seen({}), seen(ONE), SERVERS)
pair("comment on an index changes", seen(ONE), seen(TWO), SERVERS)
pair("index with a comment comes", seen(), seen(ONE, TWO), SERVERS)
pair("index with a comment becomes unique", seen(ONE), seen(ONE, unique=True), SERVERS)
pair("type under an index with a comment", seen(ONE), seen(ONE, kind=BigInteger), SERVERS)
pair("table of indexes with comments", MetaData(), seen(ONE, TWO), SERVERS)
pair("index is ignored", seen({}), seen(HIDDEN), MARIA)
pair("ignored index comes", seen(), seen({**HIDDEN, **ONE}), MARIA)
pair("ignored index and its comment", seen({**HIDDEN, **ONE}), seen(TWO), MARIA)
pair("table of ignored indexes", MetaData(), seen(HIDDEN, {**HIDDEN, **ONE}), MARIA)
pair("ignored unique index", seen({}, unique=True), seen(HIDDEN, unique=True), MARIA)
pair("comment on a fulltext index", seen({}, mysql_prefix="FULLTEXT"),
     seen(ONE, mysql_prefix="FULLTEXT"), MARIA)  # fmt: skip
pair("invisible index where there is none", seen(), seen(HIDDEN), PG)
