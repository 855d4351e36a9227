"""Models with everything that MySQL has: what it shares with MariaDB, and its own."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql as my

from tests.databases import models_mariadb


def everything() -> sa.MetaData:
    metadata = models_mariadb.everything(is_mariadb=False)
    col = sa.Column
    sa.Table(
        "own", metadata,
        col("id", sa.Integer, primary_key=True),
        col("name", sa.String(40)),
        col("body", sa.Text, server_default=sa.text("('it''s \\\\ x')")),
        col("data", sa.LargeBinary, server_default=sa.text("(0x4142)")),
        col("doc", sa.JSON, server_default=sa.text("(json_array())")),
        col("flag", my.BIT(3), server_default=sa.text("b'101'")),
        col("flags", my.BIT(8), server_default=sa.text("b'0'")),
        col("bytes", sa.VARBINARY(9), server_default=sa.text("0x41FF")),
        col("day", sa.Date, server_default=sa.text("(curdate() + interval 1 day)")),
        sa.CheckConstraint("name <> 'Größe' and name not like 'ж%'", name="ck_letters"),
        sa.CheckConstraint("name <> 'it''s \\\\ \"x\"'", name="ck_quotes"),
        sa.Index("ix_lower", sa.text("(lower(name))")),
        sa.Index("ix_two", sa.text("(upper(name)) DESC"), "id"),
        sa.Index("ix_many", sa.text("(CAST(doc -> '$.zips' AS UNSIGNED ARRAY))")),
    )  # fmt: skip
    return metadata
