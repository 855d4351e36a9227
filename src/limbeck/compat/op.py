"""`alembic.op`: what migration scripts call."""

from limbeck.environment import OpFace, become

become(__name__, OpFace)
del OpFace, become
