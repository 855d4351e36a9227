"""Views that stand in the models: SQLAlchemy 2.1's CreateView."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, func, select

from tests.cases.autogenerate.builders import ALL, PG, pair

CreateView = getattr(sa, "CreateView", None)


def base(name: str = "x", kind: sa.types.TypeEngine[object] | None = None) -> MetaData:
    metadata = MetaData()
    Table("t", metadata, Column("id", Integer, primary_key=True), Column(name, kind or Integer()))
    Table(
        "u",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("t_id", ForeignKey("t.id")),
        Column("n", String(20)),
    )
    return metadata


def small(limit: int = 3, metadata: MetaData | None = None, **options: object) -> MetaData:
    metadata = metadata or base()
    t = metadata.tables["t"]
    CreateView(select(t.c.id).where(t.c.x > limit), "v", metadata=metadata, **options)
    return metadata


def wide() -> MetaData:
    metadata = base()
    t, u = metadata.tables["t"], metadata.tables["u"]
    query = (
        select(t.c.id, func.lower(u.c.n).label("low"), func.count().label("number"))
        .join_from(t, u, t.c.id == u.c.t_id)
        .where(t.c.x != 5, (u.c.n == "it's") | u.c.n.is_(None))
        .group_by(t.c.id, func.lower(u.c.n))
    )
    CreateView(query, "v", metadata=metadata)
    return metadata


def stacked() -> MetaData:
    metadata = small()
    v = metadata.tables["v"]
    CreateView(select(v.c.id).where(v.c.id > 1), "above", metadata=metadata)
    return metadata


if CreateView is not None:
    OWN = {"undeclared": "drop"}
    pair("a view", base(), small(), ALL, options=OWN)
    pair("a view that joins and counts", base(), wide(), ALL, options=OWN)
    pair("another view under its name", small(), wide(), ALL, options=OWN)
    pair("another limit", small(3), small(4), ALL, options=OWN)
    pair("a view on a view", base(), stacked(), ALL, options=OWN)
    pair("a view on a view that changes", stacked(), stacked(), ALL, options=OWN)
    pair("a materialised view", base(), small(materialized=True), PG, options=OWN)
    pair("from plain to materialised", small(), small(materialized=True), PG, options=OWN)
    pair(
        "a column changes under a view",
        small(), small(metadata=base(kind=sa.BigInteger())), ALL, options=OWN,
    )  # fmt: skip
