"""`alembic.environment`: the former location of the environment."""

from limbeck.environment import Environment as EnvironmentContext
from limbeck.environment import MigrationContext

__all__ = ["EnvironmentContext", "MigrationContext"]
