"""`alembic.context`: what env.py calls."""

from limbeck.environment import ContextFace, become

become(__name__, ContextFace)
del ContextFace, become
