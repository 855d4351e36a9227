"""An application that starts only when its database is at the newest revision."""

import os

import sqlalchemy as sa
from models import Book

import limbeck


def main() -> None:
    limbeck.current(check_heads=True)
    engine = sa.create_engine(os.environ["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(sa.insert(Book).values(title="one"))
        count = connection.scalar(sa.select(sa.func.count()).select_from(Book))
    print(f"{count} books")


if __name__ == "__main__":
    main()
