"""What statements cost on SQL Server: most of its DDL takes a schema modification lock."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import (
    DATA_LOSS,
    NAME,
    OTHER,
    TABLE,
    Action,
    Price,
    PriceList,
    words,
)
from limbeck.plan import Hazard, Tx

_SCH_M = "SCH-M"
_SCAN = frozenset({Hazard.SCAN, Hazard.BLOCKS_READS, Hazard.BLOCKS_WRITES})
_FAIL = frozenset({Hazard.MAY_FAIL})

_OUTSIDE = (
    r"(?:CREATE|ALTER|DROP) DATABASE\b",
    r"(?:BACKUP|RESTORE|RECONFIGURE)\b",
    r"(?:CREATE|ALTER|DROP) FULLTEXT\b",
)

_STATEMENTS = (
    Price(words(rf"CREATE (?:\w+ )*INDEX {NAME} ON {TABLE}.*ONLINE ?= ?ON"), "IS",
          hazards=frozenset({Hazard.SCAN})),
    Price(words(rf"CREATE UNIQUE (?:(?:NON)?CLUSTERED )?INDEX {NAME} ON {TABLE}"), _SCH_M,
          hazards=_SCAN | _FAIL),
    Price(words(rf"CREATE (?:(?:NON)?CLUSTERED )?INDEX {NAME} ON {TABLE}"), "S",
          hazards=frozenset({Hazard.SCAN, Hazard.BLOCKS_WRITES})),
    Price(words(rf"DROP INDEX (?:IF EXISTS )?{NAME} ON {TABLE}"), _SCH_M),
    Price(words(rf"DROP TABLE (?:IF EXISTS )?{TABLE}"), _SCH_M, hazards=DATA_LOSS),
    Price(words(rf"TRUNCATE TABLE {TABLE}"), _SCH_M, hazards=DATA_LOSS),
    Price(words(rf"DELETE FROM {TABLE}"), "IX", hazards=DATA_LOSS),  # noqa: S608 - a pattern
    Price(words(rf"UPDATE {TABLE}"), "IX"),
    Price(words(rf"INSERT INTO {TABLE}"), "IX"),
)  # fmt: skip

_ACTIONS = (
    Action(words(rf"FOREIGN KEY.*REFERENCES {OTHER}"), _SCH_M, _SCH_M, _SCAN | _FAIL),
    Action(words(r"^(?:WITH \w+ )?ADD (?:CONSTRAINT .* )?(?:CHECK|UNIQUE|PRIMARY KEY)"), _SCH_M,
           hazards=_SCAN | _FAIL),
    Action(words(r"^ALTER COLUMN"), _SCH_M, hazards=_SCAN | _FAIL | {Hazard.REWRITE}),
    Action(words(r"^DROP CONSTRAINT"), _SCH_M),
    Action(words(r"^DROP COLUMN"), _SCH_M, hazards=DATA_LOSS),
    Action(words(r""), _SCH_M),
)  # fmt: skip

cost = PriceList(
    statements=_STATEMENTS,
    alter_table=words(rf"ALTER TABLE {TABLE}\s*"),
    actions=_ACTIONS,
    tx_of=tuple((words(pattern), Tx.OUTSIDE) for pattern in _OUTSIDE),
)
