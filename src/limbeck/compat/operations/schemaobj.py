"""`alembic.operations.schemaobj`: create SQLAlchemy objects for an operation."""

from limbeck.operations import SchemaObjects

__all__ = ["SchemaObjects"]
