"""Pairs whose result is not right yet, with the reason: each must fail until it is fixed."""

from __future__ import annotations

KNOWN: dict[tuple[str, str], str] = {}

# of the upgrade and downgrade by `--sql`
KNOWN_SCRIPTS: dict[tuple[str, str], str] = {}
