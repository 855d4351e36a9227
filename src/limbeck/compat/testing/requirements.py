"""`alembic.testing.requirements`: what a database must be able to do for a test to run."""

from __future__ import annotations

from sqlalchemy.testing.requirements import SuiteRequirements

__all__ = ["SuiteRequirements"]
