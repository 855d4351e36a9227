"""The statements that maintain the version table."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.environment import MigrationContext
from limbeck.history import Move, Revision
from limbeck.runtime import (
    Live,
    VersionTable,
    make_version_table,
)
from limbeck.runtime.errors import IdentifierTooLongError


@pytest.mark.parametrize("id_", ["a1", "o'neil", "50%", "a:b", "back\\slash"])
def test_logged_statements_contain_the_revisions(id_: str) -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.NullPool)
    sent: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _x: Any, _m: bool) -> None:
        sent.append(" ".join(statement.split()))

    with engine.begin() as connection:
        sink = Live(connection, find("sqlite"), {})
        rows = VersionTable(make_version_table("alembic_version", None), connection)
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


def test_a_missing_table_is_empty_where_errors_are_translated() -> None:
    class TranslatedError(Exception):
        pass

    engine = sa.create_engine("sqlite://")

    @sa.event.listens_for(engine, "handle_error")
    def translate(found: sa.engine.ExceptionContext) -> None:
        raise TranslatedError(str(found.original_exception))

    with engine.connect() as connection:
        rows = VersionTable(make_version_table("alembic_version", None), connection)
        assert rows.read() == ()
        assert rows.is_there is False


def test_an_identifier_that_is_too_long_for_the_column_is_reported() -> None:
    long = "r" * 40

    class Refusing(Live):
        def apply(self, operation: Any) -> object:
            raise sa.exc.ProgrammingError("ALTER TABLE", {}, Exception("must be owner of table"))

    engine = sa.create_engine("sqlite://", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.dialect.supports_alter = True
        rows = VersionTable(make_version_table("alembic_version", None), connection)
        rows.ensure()
        move = Move(Revision(long), "up", frozenset(), frozenset({long}))
        with pytest.raises(
            IdentifierTooLongError, match="cannot be widened: must be owner"
        ) as caught:
            rows.write(move, frozenset(), Refusing(connection, find("sqlite"), {}))
        assert rows.read() == ()
    assert caught.value.code == "LB314"
    assert "VARCHAR(64)" in (caught.value.hint or "")


def test_contexts_share_a_version_table_only_where_no_dialect_changes_it() -> None:
    class Outside:
        transactional_ddl = False

        def version_table_impl(self, **words: Any) -> sa.Table:
            table = make_version_table(words["version_table"], words["version_table_schema"])
            table.append_column(sa.Column("tenant", sa.String(10)))
            return table

    class Context(MigrationContext):
        make_impl = lambda _context: Outside()  # noqa: E731

    with sa.create_engine("sqlite://").connect() as connection:
        outside = Context.configure(connection)._version
        plain = [MigrationContext.configure(connection)._version for _ in range(2)]
    assert "tenant" in outside.c
    assert plain[0] is plain[1]
    assert list(plain[0].c.keys()) == ["version_num"]
