"""Databases for test suites: a migrated database for each test, as a copy of a template."""

from limbeck.testing.databases import close_templates, template_database, template_fixture

__all__ = ["close_templates", "template_database", "template_fixture"]
