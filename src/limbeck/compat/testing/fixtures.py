"""`alembic.testing.fixtures`: the base of test classes."""

from __future__ import annotations

from sqlalchemy.testing.fixtures import TablesTest, TestBase

__all__ = ["TablesTest", "TestBase"]
