"""What statements cost on PostgreSQL: the locks it takes, as its documentation and server say."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import (
    DATA_LOSS,
    NAME,
    OTHER,
    REWRITE,
    SCAN,
    SCAN_WRITES,
    TABLE,
    Action,
    Price,
    PriceList,
    words,
)
from limbeck.plan import Hazard, Tx

_AE = "ACCESS EXCLUSIVE"
_SRE = "SHARE ROW EXCLUSIVE"
_SUE = "SHARE UPDATE EXCLUSIVE"
_INDEX_NAME = rf"(?:IF NOT EXISTS )?(?:{NAME} )?"
_FAIL = frozenset({Hazard.MAY_FAIL})
_SCAN_MAY_FAIL = SCAN_WRITES | _FAIL

_OUTSIDE = (
    r"(?:CREATE (?:UNIQUE )?INDEX|DROP INDEX) CONCURRENTLY\b",
    r"REINDEX (?:\([^)]*\) )?(?:TABLE|INDEX|SCHEMA|DATABASE|SYSTEM)? ?CONCURRENTLY\b",
    r"REINDEX (?:\([^)]*\) )?(?:SCHEMA|DATABASE|SYSTEM)\b",
    r"VACUUM\b",
    r"(?:CREATE|DROP) DATABASE\b",
    r"ALTER DATABASE .* SET TABLESPACE\b",
    r"(?:CREATE|DROP) TABLESPACE\b",
    r"ALTER SYSTEM\b",
    r"(?:CREATE|DROP) SUBSCRIPTION\b",
    r"ALTER TABLE .* DETACH PARTITION .* CONCURRENTLY\b",
    r"CLUSTER ?(?:VERBOSE)?$",
)

_STATEMENTS = (
    Price(words(rf"CREATE UNIQUE INDEX CONCURRENTLY {_INDEX_NAME}ON (?:ONLY )?{TABLE}"),
          _SUE, tx=Tx.OUTSIDE, hazards=frozenset({Hazard.SCAN, Hazard.MAY_FAIL})),
    Price(words(rf"CREATE INDEX CONCURRENTLY {_INDEX_NAME}ON (?:ONLY )?{TABLE}"),
          _SUE, tx=Tx.OUTSIDE, hazards=frozenset({Hazard.SCAN})),
    Price(words(rf"CREATE UNIQUE INDEX {_INDEX_NAME}ON ONLY {TABLE}"), "SHARE"),
    Price(words(rf"CREATE INDEX {_INDEX_NAME}ON ONLY {TABLE}"), "SHARE"),
    Price(words(rf"CREATE UNIQUE INDEX {_INDEX_NAME}ON {TABLE}"), "SHARE", hazards=_SCAN_MAY_FAIL),
    Price(words(rf"CREATE INDEX {_INDEX_NAME}ON {TABLE}"), "SHARE", hazards=SCAN_WRITES),
    Price(words(rf"DROP INDEX CONCURRENTLY (?:IF EXISTS )?{TABLE}"), _SUE, tx=Tx.OUTSIDE),
    Price(words(rf"DROP INDEX (?:IF EXISTS )?{TABLE}"), _AE),
    Price(words(rf"DROP TABLE (?:IF EXISTS )?{TABLE}"), _AE, hazards=DATA_LOSS),
    Price(words(rf"DROP MATERIALIZED VIEW (?:IF EXISTS )?{TABLE}"), _AE),
    Price(words(rf"DROP SEQUENCE (?:IF EXISTS )?{TABLE}"), _AE, hazards=DATA_LOSS),
    Price(words(r"DROP SCHEMA\b"), hazards=DATA_LOSS),
    Price(words(rf"TRUNCATE (?:TABLE )?(?:ONLY )?{TABLE}"), _AE, hazards=DATA_LOSS),
    Price(words(rf"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?{NAME} PARTITION OF {TABLE}"),
          _AE),
    Price(words(rf"CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER .*? ON {TABLE}"), _SRE),
    Price(words(rf"DROP TRIGGER (?:IF EXISTS )?{NAME} ON {TABLE}"), _AE),
    Price(words(rf"(?:CREATE|ALTER|DROP) POLICY .*? ON {TABLE}"), _AE),
    Price(words(rf"REFRESH MATERIALIZED VIEW CONCURRENTLY {TABLE}"), "EXCLUSIVE"),
    Price(words(rf"REFRESH MATERIALIZED VIEW {TABLE}"), _AE),
    Price(words(rf"CLUSTER (?:VERBOSE )?{TABLE}"), _AE, hazards=REWRITE),
    Price(words(rf"REINDEX (?:\([^)]*\) )?TABLE CONCURRENTLY {TABLE}"), _SUE, tx=Tx.OUTSIDE),
    Price(words(rf"REINDEX (?:\([^)]*\) )?TABLE {TABLE}"), "SHARE", hazards=SCAN_WRITES),
    Price(words(rf"VACUUM (?:\([^)]*FULL[^)]*\)|FULL) ?{TABLE}"), _AE, tx=Tx.OUTSIDE,
          hazards=REWRITE),
    Price(words(rf"COMMENT ON (?:TABLE|COLUMN) {TABLE}"), _SUE),
    Price(words(rf"LOCK (?:TABLE )?(?:ONLY )?{TABLE}"), _AE),
    Price(words(rf"(?:ANALYZE|ANALYSE) (?:VERBOSE )?{TABLE}"), _SUE),
    Price(words(r"ALTER DOMAIN .* ADD .* NOT VALID\b")),
    Price(words(r"ALTER DOMAIN .* (?:ADD|SET NOT NULL|VALIDATE)\b"), hazards=_SCAN_MAY_FAIL),
    Price(words(rf"UPDATE (?:ONLY )?{TABLE} .*\bWHERE\b"), "ROW EXCLUSIVE"),
    Price(words(rf"UPDATE (?:ONLY )?{TABLE}"), "ROW EXCLUSIVE", hazards=frozenset({Hazard.SCAN})),
    Price(words(rf"DELETE FROM (?:ONLY )?{TABLE}"), "ROW EXCLUSIVE", hazards=DATA_LOSS),  # noqa: S608 - a pattern
    Price(words(rf"INSERT INTO {TABLE}"), "ROW EXCLUSIVE"),
)  # fmt: skip

_VOLATILE = r"(?:clock_timestamp|gen_random_uuid|uuid_generate_v\w+|random|nextval|timeofday)\s*\("

_ACTIONS = (
    Action(words(r"^(?:ALTER (?:COLUMN )?.*) TYPE\b"), _AE, hazards=REWRITE | _FAIL),
    Action(words(r"^ALTER (?:COLUMN )?.* SET NOT NULL"), _AE, hazards=SCAN),
    Action(words(r"^ALTER (?:COLUMN )?.* SET STATISTICS"), _SUE),
    Action(words(r"^ADD (?:CONSTRAINT .* )?(?:UNIQUE|PRIMARY KEY) USING INDEX"), _AE),
    Action(words(rf"FOREIGN KEY.*REFERENCES {OTHER}.*NOT VALID"), _SRE, _SRE),
    Action(words(rf"FOREIGN KEY.*REFERENCES {OTHER}"), _SRE, _SRE, _SCAN_MAY_FAIL),
    Action(words(r"^ADD (?:CONSTRAINT .* )?CHECK\b.*NOT VALID"), _AE),
    Action(words(r"^ADD (?:CONSTRAINT .* )?(?:CHECK|UNIQUE|PRIMARY KEY|EXCLUDE)\b"), _AE,
           hazards=SCAN),
    Action(words(r"^VALIDATE CONSTRAINT"), _SUE, hazards=frozenset({Hazard.SCAN, Hazard.MAY_FAIL})),
    Action(words(r"^DROP CONSTRAINT"), _AE),
    Action(words(r"^DROP (?:COLUMN )?"), _AE, hazards=DATA_LOSS),
    Action(words(rf"^ADD (?:COLUMN )?.*(?:\b(?:small|big)?serial\b|GENERATED|{_VOLATILE})"), _AE,
           hazards=REWRITE),
    Action(words(r"^ADD (?:COLUMN )?.* UNIQUE\b"), _AE, hazards=SCAN),
    Action(words(rf"^ADD (?:COLUMN )?.* REFERENCES {OTHER}"), _AE, _SRE),
    Action(words(r"^ADD (?:COLUMN )?(?!.*\bDEFAULT\b).*NOT NULL"), _AE, hazards=_FAIL),
    Action(words(r"^ADD (?:COLUMN )?"), _AE),
    Action(words(r"^SET (?:LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)"), _AE, hazards=REWRITE),
    Action(words(r"^(?:RE)?SET \("), _SUE),
    Action(words(rf"^ATTACH PARTITION {OTHER}"), _SUE, _AE, frozenset({Hazard.SCAN})),
    Action(words(rf"^DETACH PARTITION {OTHER} CONCURRENTLY"), _SUE, _AE),
    Action(words(rf"^DETACH PARTITION {OTHER}"), _AE, _AE),
    Action(words(r"^(?:ENABLE|DISABLE) (?:REPLICA |ALWAYS )?TRIGGER"), _SRE),
    Action(words(r"^CLUSTER ON|^SET WITHOUT CLUSTER"), _SUE),
    Action(words(r""), _AE),
)  # fmt: skip

cost = PriceList(
    statements=_STATEMENTS,
    alter_table=words(rf"ALTER (?:FOREIGN )?TABLE (?:IF EXISTS )?(?:ONLY )?{TABLE}\s*\*?\s*"),
    actions=_ACTIONS,
    tx_of=tuple((words(pattern), Tx.OUTSIDE) for pattern in _OUTSIDE),
)
