"""Tests of PostgreSQL's dialect that need no server."""

from __future__ import annotations

import re


def unquoted(sql: str) -> str:
    """Return SQL without the quotes of names that need none, so that cases are easy to read."""
    return re.sub(r'"([a-z_]+)"', r"\1", sql)
