"""What statements cost on Oracle: all DDL commits, before and after itself."""

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

_EX = "EXCLUSIVE"
_SCAN = frozenset({Hazard.SCAN, Hazard.BLOCKS_WRITES})
_FAIL = frozenset({Hazard.MAY_FAIL})

_STATEMENTS = (
    Price(words(rf"CREATE (?:UNIQUE |BITMAP )?INDEX {NAME}(?:\.{NAME})? ON {TABLE}.*\bONLINE\b"),
          "ROW SHARE", hazards=frozenset({Hazard.SCAN})),
    Price(words(rf"CREATE UNIQUE INDEX {NAME}(?:\.{NAME})? ON {TABLE}"), "SHARE",
          hazards=_SCAN | _FAIL),
    Price(words(rf"CREATE (?:BITMAP )?INDEX {NAME}(?:\.{NAME})? ON {TABLE}"), "SHARE",
          hazards=_SCAN),
    Price(words(rf"DROP TABLE (?:IF EXISTS )?{TABLE}"), _EX, hazards=DATA_LOSS),
    Price(words(rf"TRUNCATE TABLE {TABLE}"), _EX, hazards=DATA_LOSS),
    Price(words(rf"DELETE (?:FROM )?{TABLE}"), "ROW EXCLUSIVE", hazards=DATA_LOSS),
    Price(words(rf"UPDATE {TABLE}"), "ROW EXCLUSIVE"),
    Price(words(rf"INSERT INTO {TABLE}"), "ROW EXCLUSIVE"),
)  # fmt: skip

_ACTIONS = (
    Action(words(rf"FOREIGN KEY.*REFERENCES {OTHER}"), _EX, "SHARE", _SCAN | _FAIL),
    Action(words(r"^ADD (?:CONSTRAINT .* )?(?:CHECK|UNIQUE|PRIMARY KEY)"), _EX,
           hazards=_SCAN | _FAIL),
    Action(words(r"^MODIFY\b"), _EX, hazards=_SCAN | _FAIL),
    Action(words(r"^DROP (?:CONSTRAINT|PRIMARY KEY|UNIQUE)"), _EX),
    Action(words(r"^DROP\b"), _EX, hazards=DATA_LOSS),
    Action(words(r""), _EX),
)  # fmt: skip

cost = PriceList(
    statements=_STATEMENTS,
    alter_table=words(rf"ALTER TABLE {TABLE}\s*"),
    actions=_ACTIONS,
    alter_tx=Tx.OUTSIDE,
    tx_of=((words(r"(?:CREATE|ALTER|DROP|RENAME|TRUNCATE|COMMENT|GRANT|REVOKE)\b"), Tx.OUTSIDE),),
)
