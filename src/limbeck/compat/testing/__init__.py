"""`alembic.testing`: names that test suites of other packages import; they are SQLAlchemy's."""

from __future__ import annotations

from sqlalchemy.testing import config
from sqlalchemy.testing.assertions import (
    assert_raises,
    assert_raises_message,
    eq_,
    expect_raises,
    expect_raises_message,
    expect_warnings,
    is_,
    is_not,
)

from limbeck.compat.testing import fixtures, requirements

__all__ = [
    "assert_raises",
    "assert_raises_message",
    "config",
    "eq_",
    "expect_raises",
    "expect_raises_message",
    "expect_warnings",
    "fixtures",
    "is_",
    "is_not",
    "requirements",
]
