"""A Litestar application with the SQLAlchemy plugin of advanced-alchemy, migrated at startup."""

import os
from pathlib import Path

from advanced_alchemy.extensions.litestar import SQLAlchemyAsyncConfig, SQLAlchemyPlugin
from litestar import Litestar, get
from models import Book
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import limbeck.aio


async def migrate(_app: Litestar) -> None:
    await limbeck.aio.upgrade(config=Path(__file__).parent, lock_timeout=60)


@get("/books")
async def books(db_session: AsyncSession) -> list[str]:
    return list(await db_session.scalars(select(Book.title).order_by(Book.id)))


database = SQLAlchemyAsyncConfig(connection_string=os.environ["DATABASE_URL"])
app = Litestar([books], plugins=[SQLAlchemyPlugin(config=database)], on_startup=[migrate])
