"""`alembic.testing.requirements`: the database features that tests require."""

from __future__ import annotations

from sqlalchemy.testing.requirements import SuiteRequirements

__all__ = ["SuiteRequirements"]
