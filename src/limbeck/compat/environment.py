"""`alembic.environment`: the older address of the environment."""

from limbeck.environment import Environment as EnvironmentContext
from limbeck.environment import MigrationContext

__all__ = ["EnvironmentContext", "MigrationContext"]
