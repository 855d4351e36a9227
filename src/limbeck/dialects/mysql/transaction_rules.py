"""What statements cost on MySQL and MariaDB: DDL commits by itself, some of it copies."""

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

_EX = "METADATA EXCLUSIVE"
_FAIL = frozenset({Hazard.MAY_FAIL})
_COPY = frozenset({Hazard.REWRITE, Hazard.BLOCKS_WRITES})
_BUILD = frozenset({Hazard.SCAN})

_COMMITS = (
    r"(?:CREATE|ALTER|DROP|RENAME|TRUNCATE|GRANT|REVOKE|ANALYZE|OPTIMIZE|REPAIR|CHECK TABLE"
    r"|LOCK TABLES|UNLOCK TABLES|INSTALL|UNINSTALL|FLUSH|RESET|LOAD INDEX|CACHE INDEX)\b"
)

_STATEMENTS = (
    Price(words(r"(?:CREATE|DROP) TEMPORARY TABLE\b")),
    Price(words(rf"CREATE UNIQUE INDEX (?:IF NOT EXISTS )?{NAME} ON {TABLE}"), _EX,
          hazards=_BUILD | _FAIL),
    Price(words(rf"CREATE (?:FULLTEXT|SPATIAL) INDEX (?:IF NOT EXISTS )?{NAME} ON {TABLE}"), _EX,
          hazards=_BUILD | {Hazard.BLOCKS_WRITES}),
    Price(words(rf"CREATE INDEX (?:IF NOT EXISTS )?{NAME} ON {TABLE}"), _EX, hazards=_BUILD),
    Price(words(rf"DROP INDEX (?:IF EXISTS )?{NAME} ON {TABLE}"), _EX),
    Price(words(rf"DROP TABLE (?:IF EXISTS )?{TABLE}"), _EX, hazards=DATA_LOSS),
    Price(words(rf"TRUNCATE (?:TABLE )?{TABLE}"), _EX, hazards=DATA_LOSS),
    Price(words(rf"RENAME TABLE {TABLE} TO {OTHER}"), _EX, _EX),
    Price(words(rf"OPTIMIZE (?:NO_WRITE_TO_BINLOG |LOCAL )?TABLE {TABLE}"), _EX, hazards=_COPY),
    Price(words(rf"CREATE (?:DEFINER ?=.*? )?TRIGGER .*? ON {TABLE}"), _EX),
    Price(words(r"DROP (?:DATABASE|SCHEMA)\b"), hazards=DATA_LOSS),
    Price(words(rf"UPDATE {TABLE} .*\bWHERE\b"), "ROW"),
    Price(words(rf"UPDATE {TABLE}"), "ROW", hazards=frozenset({Hazard.SCAN, Hazard.BLOCKS_WRITES})),
    Price(words(rf"DELETE FROM {TABLE}"), "ROW", hazards=DATA_LOSS),  # noqa: S608 - a pattern
    Price(words(rf"INSERT (?:IGNORE )?INTO {TABLE}"), "ROW"),
)  # fmt: skip

_ACTIONS = (
    Action(words(rf"^ADD (?:CONSTRAINT .* )?FOREIGN KEY.*REFERENCES {OTHER}"), _EX, _EX,
           _COPY | _FAIL | {Hazard.SCAN}),
    Action(words(r"^ADD (?:CONSTRAINT .* )?CHECK\b"), _EX, hazards=_COPY | _FAIL),
    Action(words(r"^ADD (?:CONSTRAINT .* )?PRIMARY KEY"), _EX, hazards=_COPY | _FAIL),
    Action(words(r"^ADD (?:CONSTRAINT .* )?UNIQUE"), _EX, hazards=_BUILD | _FAIL),
    Action(words(r"^ADD (?:FULLTEXT|SPATIAL)"), _EX, hazards=_BUILD | {Hazard.BLOCKS_WRITES}),
    Action(words(r"^ADD (?:INDEX|KEY)\b"), _EX, hazards=_BUILD),
    Action(words(r"^DROP PRIMARY KEY"), _EX, hazards=_COPY),
    Action(words(r"^DROP (?:INDEX|KEY|FOREIGN KEY|CONSTRAINT|CHECK)\b"), _EX),
    Action(words(r"^DROP (?:COLUMN )?"), _EX, hazards=DATA_LOSS),
    Action(words(r"^(?:MODIFY|CHANGE)\b"), _EX, hazards=_COPY | _FAIL),
    Action(words(r"^ADD (?:COLUMN )?.*(?:AUTO_INCREMENT|STORED|PERSISTENT)\b"), _EX,
           hazards=_COPY),
    Action(words(r"^ADD (?:COLUMN )?"), _EX),
    Action(words(r"^(?:CONVERT TO|(?:DEFAULT )?CHARACTER SET|ENGINE|ROW_FORMAT|FORCE|ORDER BY)"),
           _EX, hazards=_COPY),
    Action(words(r""), _EX),
)  # fmt: skip

cost = PriceList(
    statements=_STATEMENTS,
    alter_table=words(rf"ALTER (?:ONLINE |IGNORE )?TABLE (?:IF EXISTS )?{TABLE}\s*"),
    actions=_ACTIONS,
    alter_tx=Tx.OUTSIDE,
    tx_of=(
        (words(r"(?:CREATE|DROP) TEMPORARY TABLE\b"), Tx.EITHER),
        (words(_COMMITS), Tx.OUTSIDE),
    ),
)
