"""Models with reference rows and a view in a file, in two releases."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from limbeck import declare

FILES = Path(__file__).parent / "sql"


def first(dialect: str) -> sa.MetaData:
    """Return the models of the first release."""
    return _models(dialect, [(1, "Europe"), (2, "it's 100% :us")], "first")


def second(dialect: str) -> sa.MetaData:
    """Return the models after a row was changed, one was added, one removed, and the view edited."""
    return _models(dialect, [(1, "Évropa"), (3, "Asia")], "second")


def _models(dialect: str, rows: list[tuple[int, str]], release: str) -> sa.MetaData:
    metadata = sa.MetaData()
    area = sa.Table(
        "area",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(30), nullable=False),
    )
    declare.rows(area, [{"id": id_, "name": name} for id_, name in rows], key=["id"])
    kind = "sqlite" if dialect == "sqlite" else "server"
    declare.file(metadata, FILES / f"{kind}_{release}_areas.sql")
    return metadata
