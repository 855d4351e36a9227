"""The statements that keep the version table."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.history import Move, Revision
from limbeck.run import Live, VersionTable, version_table


@pytest.mark.parametrize("id_", ["a1", "o'neil", "50%", "a:b", "back\\slash"])
def test_what_an_engine_logs_names_the_revisions(id_: str) -> None:
    engine = sa.create_engine("sqlite://")
    sent: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _x: Any, _m: bool) -> None:
        sent.append(" ".join(statement.split()))

    with engine.begin() as connection:
        sink = Live(connection, find("sqlite"), {})
        rows = VersionTable(version_table("alembic_version", None), connection)
        rows.ensure()
        first = Move(Revision(id_), "up", frozenset(), frozenset({id_}))
        second = Move(Revision("b2", (id_,)), "up", frozenset({id_}), frozenset({"b2"}))
        there = rows.write(first, frozenset(), sink)
        assert rows.read() == (id_,)
        rows.write(second, there, sink)
        assert rows.read() == ("b2",)
    quoted = id_.replace("'", "''")
    assert f"INSERT INTO alembic_version (version_num) VALUES ('{quoted}')" in sent
    assert (
        "UPDATE alembic_version SET version_num='b2' "
        f"WHERE alembic_version.version_num = '{quoted}'"
    ) in sent
