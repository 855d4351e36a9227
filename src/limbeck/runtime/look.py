"""What is left of a look at the version rows: a transaction of which only the driver knows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from typing_extensions import Self


class Look:
    """Ends the transaction of a look past SQLAlchemy, as late as it can be and not later.

    A comparison that follows reads in the same one, and who closes the connection ends it; so
    a far server is spared a ROLLBACK. A migration begins without it: its statements must not see
    the database as it was then.

    Args:
        connection: None where there is none.

    Attributes:
        is_open: there is one, and nothing has come in between.
    """

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection
        self.is_open = False

    def begins(self) -> None:
        """Take note that rows were read."""
        connection = self._connection
        self.is_open = connection is not None and not connection.in_transaction()

    def ends(self) -> None:
        """End it, unless a transaction of SQLAlchemy's goes on in it, which has its own end."""
        connection, was_open = self._connection, self.is_open
        self.is_open = False
        if connection is None or not was_open or connection.closed or connection.invalidated:
            return
        driver = connection.connection.dbapi_connection
        if driver is not None and not connection.in_transaction():
            driver.rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self.ends()
            return
        with suppress(Exception):  # the first error is the one to tell
            self.ends()
