"""`alembic.operations.schemaobj`: SQLAlchemy objects made for an operation."""

from limbeck.operations import SchemaObjects

__all__ = ["SchemaObjects"]
