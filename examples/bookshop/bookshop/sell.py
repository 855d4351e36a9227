"""The application at work: it writes rows into whatever version of the schema there is."""

import sys

from sqlalchemy import MetaData, Table, func, insert, select

from bookshop.database import engine


def tables() -> tuple[Table, Table]:
    """Return the authors' and the books' table as they are now."""
    found = MetaData()
    return Table("author", found, autoload_with=engine), Table("book", found, autoload_with=engine)


def fill() -> None:
    """Write three authors with two books each."""
    author, book = tables()
    names = ["Ursula Le Guin", "Stanisław Lem", "Octavia Butler"]
    with engine.begin() as connection:
        for number, name in enumerate(names, 1):
            connection.execute(insert(author).values(id=number, name=name))
            for title in ("The First", "The Second"):
                connection.execute(
                    insert(book).values(title=f"{title} of {name}", price=9.5, author_id=number)
                )


def show() -> None:
    """Print the authors, whatever their columns are called, and count the books."""
    author, book = tables()
    with engine.connect() as connection:
        for row in connection.execute(select(author).order_by(author.c.id)):
            print("   ", dict(row._mapping))
        print("    books:", connection.scalar(select(func.count()).select_from(book)))


if __name__ == "__main__":
    {"fill": fill, "show": show}[sys.argv[1]]()
