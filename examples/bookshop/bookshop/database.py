"""The application's own engine and Base, as in any SQLAlchemy project."""

import os

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_engine(os.environ.get("BOOKSHOP_DATABASE", "sqlite:///bookshop.sqlite"))


class Base(DeclarativeBase):
    """What every model inherits from."""
