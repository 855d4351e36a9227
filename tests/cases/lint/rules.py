"""A bad and a good case for each rule, on the schemas of the other cases.

One rule per line: `code | database | bad | good`; statements are separated by `;;`, and those of an
autocommit block begin with `@`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TEXT = """
LM101 | postgresql | CREATE INDEX i ON customer (name) | @CREATE INDEX CONCURRENTLY i ON customer (name)
LM103 | postgresql | REINDEX TABLE customer | @REINDEX TABLE CONCURRENTLY customer
LM104 | postgresql | ALTER TABLE bare ADD CONSTRAINT u UNIQUE (a, b) | ALTER TABLE bare ADD CONSTRAINT u UNIQUE USING INDEX bare_a
LM105 | postgresql | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customer | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customer NOT VALID ;; @ALTER TABLE orders VALIDATE CONSTRAINT f
LM106 | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) NOT VALID ;; @ALTER TABLE orders VALIDATE CONSTRAINT c
LM107 | postgresql | ALTER TABLE bare ADD CONSTRAINT x EXCLUDE USING gist (int4range(d, d, '[]') WITH &&) |
LM108 | postgresql | ALTER TABLE customer ALTER COLUMN age SET NOT NULL | ALTER TABLE vetted ALTER COLUMN checked SET NOT NULL
LM109 | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) NOT VALID ;; ALTER TABLE orders VALIDATE CONSTRAINT c | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) NOT VALID ;; @ALTER TABLE orders VALIDATE CONSTRAINT c
LM110 | postgresql | ALTER TABLE bare ALTER COLUMN b TYPE bigint | ALTER TABLE bare ADD COLUMN b_new bigint
LM111 | postgresql | ALTER TABLE customer ADD COLUMN x uuid DEFAULT gen_random_uuid() | ALTER TABLE customer ADD COLUMN x uuid ;; ALTER TABLE customer ALTER COLUMN x SET DEFAULT gen_random_uuid()
LM112 | postgresql | ALTER DOMAIN zip ADD CONSTRAINT z CHECK (VALUE <> 'x') | ALTER DOMAIN zip ADD CONSTRAINT z CHECK (VALUE <> 'x') NOT VALID
LM113 | postgresql | ALTER TABLE bare SET UNLOGGED |
LM114 | postgresql | CREATE TABLE metric_2025 PARTITION OF metric FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') | CREATE TABLE event_2025 (LIKE event)
LM115 | postgresql | REFRESH MATERIALIZED VIEW order_sums | @REFRESH MATERIALIZED VIEW CONCURRENTLY order_sums
LM118 | postgresql | UPDATE customer SET flag = true | UPDATE customer SET flag = true WHERE id BETWEEN 1 AND 10
LM301 | postgresql | DROP TABLE bare | DROP TABLE IF EXISTS no_such_table
LM302 | postgresql | ALTER TABLE customer DROP COLUMN flag | ALTER TABLE customer ALTER COLUMN flag DROP NOT NULL
LM303 | postgresql | TRUNCATE bare | DELETE FROM bare WHERE d < 10
LM304 | postgresql | DELETE FROM bare | DELETE FROM bare WHERE d < 10
LM305 | postgresql | ALTER TABLE customer ALTER COLUMN balance TYPE numeric(10,1) | ALTER TABLE customer ALTER COLUMN balance TYPE numeric(12,2)
LM306 | postgresql | DROP SEQUENCE free_numbers | ALTER SEQUENCE free_numbers INCREMENT 10
LM309 | mariadb | ALTER TABLE customer MODIFY name varchar(60) | ALTER TABLE customer ALTER COLUMN age SET DEFAULT 3
LM400 | postgresql | ALTER TABLE customer ALTER COLUMN name TYPE varchar | ALTER TABLE customer ALTER COLUMN email TYPE varchar
LM401 | postgresql | ALTER TABLE customer ADD COLUMN x integer NOT NULL | ALTER TABLE customer ADD COLUMN x integer NOT NULL DEFAULT 5
LM402 | postgresql | ALTER TABLE bare ALTER COLUMN b SET NOT NULL | ALTER TABLE vetted ALTER COLUMN checked SET NOT NULL
LM403 | postgresql | CREATE UNIQUE INDEX i ON orders (loose) | @CREATE UNIQUE INDEX CONCURRENTLY i ON orders (id, loose)
LM404 | postgresql | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer NOT VALID
LM405 | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) | ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) NOT VALID
LM406 | postgresql | ALTER TABLE customer ALTER COLUMN email TYPE varchar(20) | ALTER TABLE customer ALTER COLUMN email TYPE varchar(80)
LM501 | postgresql | ALTER TABLE customer RENAME COLUMN email TO mail | ALTER TABLE customer ADD COLUMN mail varchar(40)
LM502 | postgresql | DROP VIEW customer_names | CREATE OR REPLACE VIEW customer_names AS SELECT id, name, age FROM customer
LM503 | postgresql | ALTER TABLE customer ALTER COLUMN balance DROP DEFAULT | ALTER TABLE customer ALTER COLUMN balance SET DEFAULT 1
LM504 | postgresql | ALTER TABLE bare ENABLE ROW LEVEL SECURITY | ALTER TABLE bare ENABLE ROW LEVEL SECURITY ;; CREATE POLICY p ON bare USING (true)
LM505 | postgresql | CREATE OR REPLACE FUNCTION double(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3' | CREATE FUNCTION triple(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3'
LM407 | postgresql | UPDATE bare SET e = b | UPDATE bare SET e = b WHERE b IS NOT NULL AND d < 10
LM120 | postgresql | ALTER TABLE customer ADD COLUMN x integer ;; SELECT count(*) FROM customer | SELECT count(*) FROM customer ;; ALTER TABLE customer ADD COLUMN x integer
LM116 | postgresql | ALTER TABLE customer ADD COLUMN x integer | COMMENT ON TYPE mood IS 'how it is'
LM602 | postgresql | @CREATE UNIQUE INDEX CONCURRENTLY i ON orders (loose) | @CREATE UNIQUE INDEX CONCURRENTLY i ON orders (id, loose)
LM601 | postgresql | CREATE INDEX CONCURRENTLY i ON customer (name) | @CREATE INDEX CONCURRENTLY i ON customer (name)
"""


@dataclass(frozen=True)
class RuleCase:
    """The cases of a rule.

    Args:
        code: the rule.
        kind: the database.
        bad: statements of which lint reports the last.
        good: statements of which it reports none; empty where there is no such form.
    """

    code: str
    kind: str
    bad: tuple[str, ...]
    good: tuple[str, ...]


def _statements(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(";;") if one.strip())


RULE_CASES = tuple(
    RuleCase(parts[0].strip(), parts[1].strip(), _statements(parts[2]), _statements(parts[3]))
    for parts in (re.split(r" \|(?= |$)", line) for line in TEXT.strip().splitlines())
)

# Rules about the file and not about a statement: bad and good bodies of `upgrade`, for a table
# `users` with the columns id, email and age.
PYTHON_CASES = {
    "LM901": (
        "op.add_column('users', sa.Column('x', sa.Integer))  # limbeck: ignore[LM302] not needed",
        "op.drop_column('users', 'age')  # limbeck: ignore[LM302] nobody reads it since 4.1",
    ),
    "LM902": (
        "op.drop_column('users', 'age')  # limbeck: ignore[LM302]",
        "op.drop_column('users', 'age')  # limbeck: ignore[LM302] nobody reads it since 4.1",
    ),
    "LM903": (
        "op.execute(open('no_such_file.sql').read())",
        "op.execute('CREATE TABLE extra (id INTEGER)')",
    ),
    "LM904": (
        "from models import User\nop.bulk_insert(User.__table__, [{'id': 1}])",
        "op.bulk_insert(sa.table('users', sa.column('id')), [{'id': 1}])",
    ),
}
