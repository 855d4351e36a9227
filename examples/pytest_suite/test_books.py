"""Tests of an application."""

from models import Base, Book
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

import limbeck


def test_models_and_migrations_agree(connection: Connection) -> None:
    found = limbeck.compare(Base.metadata, connection=connection)
    assert found.is_empty, found.differences


def test_a_book_is_stored(session: Session) -> None:
    session.add(Book(title="one"))
    session.commit()
    assert session.scalar(select(func.count()).select_from(Book)) == 1


def test_a_stored_book_is_not_visible_in_the_next_test(session: Session) -> None:
    assert session.scalar(select(func.count()).select_from(Book)) == 0
