"""`alembic.autogenerate.compare`."""

from limbeck.autogenerate import comparators

__all__ = ["comparators"]
