"""What statements cost on SQLite: one lock for the whole file, and some that rewrite it."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import (
    DATA_LOSS,
    NAME,
    TABLE,
    Action,
    Price,
    PriceList,
    words,
)
from limbeck.plan import Hazard, Tx

_WRITE = "DATABASE WRITE"
_SCAN = frozenset({Hazard.SCAN, Hazard.BLOCKS_WRITES})
_COPY = frozenset({Hazard.REWRITE, Hazard.BLOCKS_WRITES})

_OUTSIDE = (
    r"VACUUM\b",
    # silently without effect inside a transaction
    r"PRAGMA (?:\w+ ?\. ?)?(?:foreign_keys|journal_mode|auto_vacuum|page_size)\b",
    r"(?:ATTACH|DETACH)\b",
)

_STATEMENTS = (
    Price(words(rf"CREATE UNIQUE INDEX (?:IF NOT EXISTS )?(?:{NAME}\s*\.\s*)?{NAME} ON {TABLE}"),
          _WRITE, hazards=_SCAN | {Hazard.MAY_FAIL}),
    Price(words(rf"CREATE INDEX (?:IF NOT EXISTS )?(?:{NAME}\s*\.\s*)?{NAME} ON {TABLE}"),
          _WRITE, hazards=_SCAN),
    Price(words(rf"DROP TABLE (?:IF EXISTS )?{TABLE}"), _WRITE, hazards=DATA_LOSS),
    Price(words(rf"INSERT INTO {TABLE} .*\bSELECT\b"), _WRITE, hazards=_COPY),
    Price(words(rf"(?:INSERT|REPLACE) (?:OR \w+ )?INTO {TABLE}"), _WRITE),
    Price(words(rf"UPDATE (?:OR \w+ )?{TABLE}"), _WRITE, hazards=frozenset({Hazard.SCAN})),
    Price(words(rf"DELETE FROM {TABLE}"), _WRITE, hazards=DATA_LOSS),  # noqa: S608 - a pattern
    Price(words(rf"CREATE (?:TEMP(?:ORARY)? )?TABLE (?:IF NOT EXISTS )?{TABLE}"), _WRITE),
    Price(words(r"VACUUM\b"), tx=Tx.OUTSIDE, hazards=_COPY),
)  # fmt: skip

_ACTIONS = (
    Action(words(r"^DROP (?:COLUMN )?"), _WRITE, hazards=DATA_LOSS | _COPY),
    Action(words(r"^ADD (?:COLUMN )?.*\bCHECK\b"), _WRITE, hazards=_SCAN | {Hazard.MAY_FAIL}),
    Action(words(r"^ADD (?:COLUMN )?(?!.*\bDEFAULT\b).*NOT NULL"), _WRITE,
           hazards=frozenset({Hazard.MAY_FAIL})),
    Action(words(r""), _WRITE),
)  # fmt: skip

cost = PriceList(
    statements=_STATEMENTS,
    alter_table=words(rf"ALTER TABLE {TABLE}\s*"),
    actions=_ACTIONS,
    tx_of=tuple((words(pattern), Tx.OUTSIDE) for pattern in _OUTSIDE),
)
