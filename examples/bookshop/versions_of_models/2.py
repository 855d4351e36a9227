"""A year later: books have a year and a language, and people review them."""

from decimal import Decimal

from bookshop.database import Base
from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship


class Author(Base):
    """Somebody who writes."""

    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    """Something to read."""

    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    published: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(2), server_default="en")
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")
    reviews: Mapped[list["Review"]] = relationship(back_populates="book")


class Review(Base):
    """What somebody thought of a book."""

    __tablename__ = "review"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars_one_to_five"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stars: Mapped[int]
    words: Mapped[str | None] = mapped_column(Text)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"))
    book: Mapped[Book] = relationship(back_populates="reviews")
