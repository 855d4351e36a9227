"""`alembic.operations.base`: the objects that run operations."""

from sqlalchemy.sql.elements import conv

from limbeck.operations import AbstractOperations, BatchOperations, Operations

__all__ = ["AbstractOperations", "BatchOperations", "Operations", "conv"]
