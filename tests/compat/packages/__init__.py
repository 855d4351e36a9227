"""Packages that build on Alembic, with their own test suites."""
