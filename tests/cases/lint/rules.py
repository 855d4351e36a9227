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
LM117 | postgresql | ALTER TABLE customer ALTER COLUMN email TYPE varchar(80) | ALTER TABLE customer ALTER COLUMN email TYPE varchar(80) ;; ANALYZE customer
LM117 | postgresql | CREATE INDEX i ON customer (lower(email)) | CREATE INDEX i ON customer (email)
LM119 | postgresql | DROP INDEX customer_age | ALTER INDEX customer_age RENAME TO by_age
LM310 | postgresql | ALTER TABLE orders DROP CONSTRAINT qty_positive | ALTER TABLE orders DROP CONSTRAINT qty_positive ;; ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > -5) NOT VALID
LM310 | postgresql | ALTER TABLE customer ALTER COLUMN status DROP NOT NULL | ALTER TABLE customer ALTER COLUMN age SET DEFAULT 1
LM311 | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) NOT VALID | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) NOT VALID ;; @ALTER TABLE orders VALIDATE CONSTRAINT c
LM408 | postgresql | CREATE INDEX customer_name_and_status_and_balance_of_all_that_were_created_last ON customer (name) | CREATE INDEX customer_name_status_balance ON customer (name)
LM506 | postgresql | ALTER TABLE bare SET (autovacuum_enabled = false) | ALTER TABLE bare SET (autovacuum_vacuum_scale_factor = 0.01)
LM506 | postgresql | ALTER TABLE bare REPLICA IDENTITY NOTHING | ALTER TABLE bare SET (fillfactor = 90)
LM701 | postgresql | CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM bare' | CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT count(*) FROM public.bare'
LM702 | postgresql | CREATE ROLE limbeck_lint_case PASSWORD 'hunter2' | CREATE ROLE limbeck_lint_case LOGIN
LM703 | postgresql | ALTER TABLE bare ENABLE ROW LEVEL SECURITY ;; CREATE POLICY p ON bare USING (true) | ALTER TABLE bare ENABLE ROW LEVEL SECURITY ;; CREATE POLICY p ON bare USING (d > 0)
LM703 | postgresql | GRANT SELECT ON bare TO PUBLIC | GRANT SELECT ON bare TO pg_monitor
LM704 | postgresql | CREATE FUNCTION f(x text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ANALYZE ' || x; END $$ | CREATE FUNCTION f(x text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ANALYZE %I', x); END $$
LM801 | postgresql | CREATE TABLE fresh (id integer PRIMARY KEY) | CREATE TABLE fresh (id bigint PRIMARY KEY)
LM802 | postgresql | ALTER TABLE customer ADD COLUMN x varchar(20) | ALTER TABLE customer ADD COLUMN x text
LM803 | postgresql | ALTER TABLE customer ADD COLUMN x timestamp | ALTER TABLE customer ADD COLUMN x timestamp with time zone
LM804 | postgresql | CREATE TABLE fresh (id bigserial PRIMARY KEY) | CREATE TABLE fresh (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)
LM805 | postgresql | ALTER TABLE customer ADD COLUMN x json | ALTER TABLE customer ADD COLUMN x jsonb
LM806 | postgresql | CREATE TABLE fresh (id bigint) | CREATE TABLE fresh (id bigint PRIMARY KEY)
LM807 | postgresql | ALTER TABLE orders ADD CHECK (id > -100000) NOT VALID | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) NOT VALID
LM808 | postgresql | CREATE TABLE fresh (id bigint PRIMARY KEY) | CREATE TABLE public.fresh (id bigint PRIMARY KEY)
LM809 | postgresql | ALTER TYPE mood ADD VALUE 'great' | ALTER TYPE mood ADD VALUE 'great' AFTER 'happy'
LM101 | mariadb | CREATE FULLTEXT INDEX i ON customer (body) | CREATE INDEX i ON customer (name)
LM101 | sqlite | CREATE INDEX i ON customer (name) | CREATE INDEX IF NOT EXISTS customer_age ON customer (age)
LM104 | mariadb | ALTER TABLE bare ADD COLUMN id int AUTO_INCREMENT PRIMARY KEY | CREATE TABLE fresh (id int AUTO_INCREMENT PRIMARY KEY)
LM105 | mariadb | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer (id) | SET foreign_key_checks = 0 ;; ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer (id)
LM106 | mariadb | ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > -100000) | ALTER TABLE orders ALTER COLUMN qty SET DEFAULT 1
LM110 | mariadb | ALTER TABLE customer MODIFY age bigint | ALTER TABLE customer ADD COLUMN age_new bigint
LM111 | mariadb | ALTER TABLE customer ADD COLUMN x char(36) DEFAULT (uuid()) | ALTER TABLE customer ADD COLUMN x char(36) ;; ALTER TABLE customer ALTER COLUMN x SET DEFAULT (uuid())
LM113 | mariadb | ALTER TABLE bare ENGINE = MyISAM | ALTER TABLE bare COMMENT = 'x'
LM116 | mariadb | ALTER TABLE customer ADD COLUMN x int, ALGORITHM=INPLACE, LOCK=SHARED | CREATE VIEW v AS SELECT id FROM customer
LM118 | mariadb | UPDATE customer SET age = 1 | UPDATE customer SET age = 1 WHERE id BETWEEN 1 AND 10
LM118 | sqlite | UPDATE customer SET score = 1 | UPDATE customer SET score = 1 WHERE id BETWEEN 1 AND 10
LM301 | mariadb | DROP TABLE bare | DROP TABLE IF EXISTS no_such_table
LM301 | sqlite | DROP TABLE bare | DROP TABLE IF EXISTS no_such_table
LM302 | mariadb | ALTER TABLE customer DROP COLUMN body | ALTER TABLE customer ALTER COLUMN age SET DEFAULT 3
LM302 | sqlite | ALTER TABLE customer DROP COLUMN balance | ALTER TABLE customer ADD COLUMN x INTEGER
LM303 | mariadb | TRUNCATE TABLE bare | DELETE FROM bare WHERE a < 10
LM304 | mariadb | DELETE FROM bare | DELETE FROM bare WHERE a < 10
LM304 | sqlite | DELETE FROM bare | DELETE FROM bare WHERE a < 10
LM305 | mariadb | ALTER TABLE customer MODIFY balance decimal(10,1) NOT NULL DEFAULT 0 | ALTER TABLE customer MODIFY balance decimal(12,2) NOT NULL DEFAULT 0
LM400 | mariadb | ALTER TABLE customer ADD COLUMN age int | ALTER TABLE customer ADD COLUMN x int
LM400 | sqlite | ALTER TABLE customer ADD COLUMN age INTEGER | ALTER TABLE customer ADD COLUMN x INTEGER
LM401 | sqlite | ALTER TABLE customer ADD COLUMN x INTEGER NOT NULL | ALTER TABLE customer ADD COLUMN x INTEGER NOT NULL DEFAULT 5
LM402 | mariadb | ALTER TABLE customer MODIFY age int NOT NULL | ALTER TABLE customer MODIFY age int
LM403 | mariadb | CREATE UNIQUE INDEX i ON orders (loose) | CREATE UNIQUE INDEX i ON orders (id, loose)
LM403 | sqlite | CREATE UNIQUE INDEX i ON orders (loose) | CREATE UNIQUE INDEX i ON orders (id, loose)
LM404 | mariadb | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer (id) | ALTER TABLE orders ADD COLUMN x bigint
LM405 | mariadb | ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) | ALTER TABLE orders ADD COLUMN x int
LM406 | mariadb | ALTER TABLE customer MODIFY email varchar(10) | ALTER TABLE customer MODIFY email varchar(80)
LM501 | mariadb | RENAME TABLE bare TO nude | ALTER TABLE customer RENAME INDEX customer_age TO by_age
LM501 | sqlite | ALTER TABLE bare RENAME TO nude | ALTER TABLE bare ADD COLUMN x INTEGER
LM502 | mariadb | DROP VIEW customer_names | CREATE OR REPLACE VIEW customer_names AS SELECT id, name, age FROM customer
LM502 | sqlite | DROP VIEW customer_names | CREATE VIEW more_names AS SELECT id, name FROM customer
LM503 | mariadb | ALTER TABLE customer ADD COLUMN x int NOT NULL | ALTER TABLE customer ADD COLUMN x int NOT NULL DEFAULT 1
LM602 | mariadb | ALTER TABLE customer ADD COLUMN x int ;; CREATE UNIQUE INDEX i ON orders (loose) | CREATE UNIQUE INDEX i ON orders (id, loose)
LM119 | mariadb | DROP INDEX customer_age ON customer | ALTER TABLE customer RENAME INDEX customer_age TO by_age
LM119 | sqlite | DROP INDEX customer_age | REINDEX customer_age
LM310 | mariadb | ALTER TABLE orders DROP FOREIGN KEY orders_customer | ALTER TABLE orders ADD COLUMN x int
LM310 | mariadb | ALTER TABLE orders DROP CONSTRAINT qty_positive | ALTER TABLE orders ADD COLUMN x int
LM704 | mariadb | CREATE PROCEDURE p(x text) BEGIN SET @s = CONCAT('ANALYZE TABLE ', x); PREPARE s FROM @s; EXECUTE s; END | CREATE PROCEDURE p(x text) BEGIN PREPARE s FROM 'SELECT ?'; EXECUTE s USING x; END
LM801 | mariadb | CREATE TABLE fresh (id int PRIMARY KEY) | CREATE TABLE fresh (id bigint PRIMARY KEY)
LM806 | mariadb | CREATE TABLE fresh (id bigint) | CREATE TABLE fresh (id bigint PRIMARY KEY)
LM806 | sqlite | CREATE TABLE fresh (id INTEGER) | CREATE TABLE fresh (id INTEGER PRIMARY KEY)
LM807 | mariadb | ALTER TABLE orders ADD UNIQUE (id, loose) | ALTER TABLE orders ADD CONSTRAINT u UNIQUE (id, loose)
LM807 | sqlite | CREATE TABLE fresh (id INTEGER PRIMARY KEY, k TEXT UNIQUE) | CREATE TABLE fresh (id INTEGER PRIMARY KEY, k TEXT CONSTRAINT one UNIQUE)
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

# Rules about servers that are not at hand, with the version: a bad and a good statement.
OLD_SERVER_CASES = {
    "LM121": (
        "postgresql",
        (14, 2),
        "CREATE INDEX CONCURRENTLY i ON customer (name)",
        "CREATE INDEX i ON customer (name)",
    ),
    "LM409": (
        "mysql",
        (8, 4, 3),
        "CREATE TABLE line (id int PRIMARY KEY, order_id int REFERENCES orders (id))",
        "CREATE TABLE line (id int, order_id int, FOREIGN KEY (order_id) REFERENCES orders (id))",
    ),
}

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
