"""A FastAPI application that brings its database to the newest revision when it starts."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from models import Book
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import limbeck.aio

engine = create_async_engine(os.environ["DATABASE_URL"])


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    # several workers may start at once: one of them migrates, the others wait for it
    await limbeck.aio.upgrade(config=Path(__file__).parent, lock_timeout=60)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.post("/books", status_code=201)
async def add(title: str) -> int:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        book = Book(title=title)
        session.add(book)
        await session.commit()
        return book.id


@app.get("/books")
async def books() -> list[str]:
    async with AsyncSession(engine) as session:
        return list(await session.scalars(select(Book.title).order_by(Book.id)))
