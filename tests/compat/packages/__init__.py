"""Packages that build on Alembic, with the test suites of their own."""
