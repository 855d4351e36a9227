"""Dangers that manuals and other linters warn of, with a rule that reports each of them.

One danger per line: `danger | database | statements | code`, on the tables of the plain cases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TEXT = """
a table is dropped | postgresql | DROP TABLE bare | LM301
a table is dropped | mariadb | DROP TABLE bare | LM301
a table is dropped | sqlite | DROP TABLE bare | LM301
a column is dropped | postgresql | ALTER TABLE customer DROP COLUMN flag | LM302
a column is dropped that has an index | postgresql | ALTER TABLE customer DROP COLUMN age | LM309
a schema is dropped with its tables | postgresql | CREATE TABLE archive.x (id integer) ;; DROP SCHEMA archive CASCADE | LM309
TRUNCATE | postgresql | TRUNCATE bare | LM303
TRUNCATE with CASCADE | postgresql | TRUNCATE customer CASCADE | LM303
DROP with CASCADE | postgresql | DROP TABLE customer CASCADE | LM309
DELETE without WHERE | postgresql | DELETE FROM bare | LM304
UPDATE without WHERE | postgresql | UPDATE customer SET flag = true | LM118
UPDATE without WHERE | mariadb | UPDATE customer SET age = 1 | LM118
UPDATE without WHERE | sqlite | UPDATE customer SET age = 1 | LM118
a type is narrowed | postgresql | ALTER TABLE customer ALTER COLUMN balance TYPE numeric(10,1) | LM305
a type is narrowed | mariadb | ALTER TABLE customer MODIFY email varchar(10) | LM406
a sequence is dropped | postgresql | DROP SEQUENCE free_numbers | LM306
a view is dropped | postgresql | DROP VIEW customer_names | LM502
a function is dropped | postgresql | DROP FUNCTION double(integer) | LM502
a type is dropped with its columns | postgresql | DROP TYPE mood CASCADE | LM309
a partition is dropped | postgresql | DROP TABLE event_2024 | LM301
a partition is dropped | mariadb | ALTER TABLE parts DROP PARTITION p0 | LM302
a value of a set is removed | mariadb | ALTER TABLE customer MODIFY flags set('a') | LM110
a column NOT NULL without default is added | postgresql | ALTER TABLE customer ADD COLUMN x integer NOT NULL | LM401
a column NOT NULL without default is added | mariadb | ALTER TABLE customer ADD COLUMN x int NOT NULL | LM503
a column NOT NULL without default is added | sqlite | ALTER TABLE customer ADD COLUMN x INTEGER NOT NULL | LM401
NOT NULL with NULLs | postgresql | ALTER TABLE bare ALTER COLUMN b SET NOT NULL | LM402
unique over duplicates | postgresql | CREATE UNIQUE INDEX i ON orders (loose) | LM403
unique over duplicates | mariadb | CREATE UNIQUE INDEX i ON orders (loose) | LM403
unique over duplicates | sqlite | CREATE UNIQUE INDEX i ON orders (loose) | LM403
a foreign key over orphans | postgresql | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer | LM404
a check over rows that violate it | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) | LM405
a cast that fails on a value | postgresql | ALTER TABLE bare ALTER COLUMN c TYPE integer USING c::integer | LM406
a cast that needs USING | postgresql | ALTER TABLE bare ALTER COLUMN c TYPE integer | LM400
a new enum value is used in the same transaction | postgresql | ALTER TYPE mood ADD VALUE 'great' ;; UPDATE customer SET mood = 'great' WHERE id = 1 | LM601
an index is built while nobody writes | postgresql | CREATE INDEX i ON customer (name) | LM101
an index of a partitioned table | postgresql | CREATE INDEX i ON event (body) | LM101
REINDEX | postgresql | REINDEX TABLE customer | LM103
CLUSTER | postgresql | CLUSTER customer USING customer_pkey | LM103
a unique constraint | postgresql | ALTER TABLE orders ADD CONSTRAINT u UNIQUE (id, loose) | LM104
a primary key | postgresql | ALTER TABLE bare ADD PRIMARY KEY (d) | LM104
a primary key by an index over columns that may be NULL | postgresql | ALTER TABLE bare ADD CONSTRAINT p PRIMARY KEY USING INDEX bare_a | LM403
a foreign key that is checked at once | postgresql | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customer | LM105
a check that is checked at once | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) | LM106
an exclusion constraint | postgresql | ALTER TABLE bare ADD CONSTRAINT x EXCLUDE USING gist (int4range(d, d, '[]') WITH &&) | LM107
VALIDATE under the lock of the ADD | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) NOT VALID ;; ALTER TABLE orders VALIDATE CONSTRAINT c | LM109
a type that rewrites the table | postgresql | ALTER TABLE bare ALTER COLUMN b TYPE bigint | LM110
another collation | postgresql | ALTER TABLE orders ALTER COLUMN note TYPE varchar(100) COLLATE "C" | LM110
a default that differs by row | postgresql | ALTER TABLE customer ADD COLUMN x uuid DEFAULT gen_random_uuid() | LM111
a serial column | postgresql | ALTER TABLE customer ADD COLUMN x serial | LM111
an identity column | postgresql | ALTER TABLE customer ADD COLUMN x bigint GENERATED ALWAYS AS IDENTITY | LM111
a stored generated column | postgresql | ALTER TABLE customer ADD COLUMN x integer GENERATED ALWAYS AS (age * 2) STORED | LM111
a stored generated column | mariadb | ALTER TABLE customer ADD COLUMN x int AS (age * 2) STORED | LM111
a column of a domain with a check | postgresql | ALTER TABLE customer ADD COLUMN x positive | LM111
a check of a domain | postgresql | ALTER DOMAIN zip ADD CONSTRAINT z CHECK (VALUE <> 'x') | LM112
SET UNLOGGED | postgresql | ALTER TABLE bare SET UNLOGGED | LM113
a trigger takes a lock | postgresql | CREATE TRIGGER t AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION touch() | LM116
a foreign key is dropped, which locks both tables | postgresql | ALTER TABLE orders DROP CONSTRAINT orders_customer | LM116
a new partition, with a default partition | postgresql | CREATE TABLE metric_2025 PARTITION OF metric FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') | LM114
a partition is attached without a check | postgresql | ALTER TABLE event ATTACH PARTITION event_new FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') | LM114
a partition is detached | postgresql | ALTER TABLE event DETACH PARTITION event_2024 | LM502
REFRESH of a materialized view | postgresql | REFRESH MATERIALIZED VIEW order_sums | LM115
work under the lock of an earlier statement | postgresql | ALTER TABLE customer ADD COLUMN x integer ;; CREATE INDEX i ON customer (x) | LM101
a backfill after a change of the table | postgresql | ALTER TABLE customer ADD COLUMN x integer ;; UPDATE customer SET x = 1 | LM118
a failed concurrent build leaves an index | postgresql | @CREATE UNIQUE INDEX CONCURRENTLY i ON orders (loose) | LM602
CONCURRENTLY in a transaction | postgresql | CREATE INDEX CONCURRENTLY i ON customer (name) | LM601
COMMIT in a migration | postgresql | ALTER TABLE bare ADD COLUMN x integer ;; COMMIT | LM602
SQL in a block of code | postgresql | DO $$ BEGIN EXECUTE 'ALTER TABLE bare ALTER COLUMN b TYPE bigint'; END $$ | LM110
a value in the middle of an enum | mariadb | ALTER TABLE customer MODIFY status enum('new', 'mid', 'old') NOT NULL DEFAULT 'new' | LM110
an enum loses a value | mariadb | ALTER TABLE customer MODIFY status enum('new') NOT NULL DEFAULT 'new' | LM406
a type that copies the table | mariadb | ALTER TABLE customer MODIFY age bigint | LM110
NULL to NOT NULL | mariadb | ALTER TABLE customer MODIFY age int NOT NULL | LM402
NULL to NOT NULL of an enum | mariadb | ALTER TABLE bare ADD COLUMN e enum('a', 'b') ;; ALTER TABLE bare MODIFY e enum('a', 'b') NOT NULL | LM402
a narrower type that was NOT NULL before | mariadb | ALTER TABLE customer MODIFY name varchar(3) NOT NULL | LM406
an expression as default | mariadb | ALTER TABLE customer ADD COLUMN x char(36) DEFAULT (uuid()) | LM111
AUTO_INCREMENT | mariadb | ALTER TABLE bare ADD COLUMN id int AUTO_INCREMENT PRIMARY KEY | LM104
a foreign key that copies the table | mariadb | ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer (id) | LM105
a check that copies the table | mariadb | ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > -100000) | LM106
a FULLTEXT index | mariadb | CREATE FULLTEXT INDEX i ON customer (body) | LM101
another character set | mariadb | ALTER TABLE bare CONVERT TO CHARACTER SET latin1 | LM110
another storage engine | mariadb | ALTER TABLE bare ENGINE = MyISAM | LM113
ALGORITHM=COPY by hand | mariadb | ALTER TABLE customer ADD COLUMN x int, ALGORITHM=COPY | LM111
a failure leaves what precedes it | mariadb | ALTER TABLE customer ADD COLUMN x int ;; CREATE UNIQUE INDEX i ON orders (loose) | LM602
MODIFY leaves an attribute out | mariadb | ALTER TABLE customer MODIFY name varchar(60) | LM309
a table is renamed | postgresql | ALTER TABLE bare RENAME TO nude | LM501
a table is renamed | mariadb | RENAME TABLE bare TO nude | LM501
a table is renamed | sqlite | ALTER TABLE bare RENAME TO nude | LM501
a column is renamed | postgresql | ALTER TABLE customer RENAME COLUMN email TO mail | LM501
an enum value is renamed | postgresql | ALTER TYPE mood RENAME VALUE 'happy' TO 'glad' | LM501
a default goes that writers rely on | postgresql | ALTER TABLE customer ALTER COLUMN balance DROP DEFAULT | LM503
a check rejects what is written | postgresql | ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 1000000000) NOT VALID | LM503
a function is replaced | postgresql | CREATE OR REPLACE FUNCTION double(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3' | LM505
row security without a policy | postgresql | ALTER TABLE bare ENABLE ROW LEVEL SECURITY | LM504
a right is revoked | postgresql | REVOKE SELECT ON bare FROM pg_signal_backend | LM502
a table is built again without its trigger | sqlite | CREATE TABLE copy (a INTEGER, b TEXT) ;; INSERT INTO copy SELECT * FROM bare ;; DROP TABLE bare ;; ALTER TABLE copy RENAME TO bare | LM309
a default that is computed | sqlite | ALTER TABLE customer ADD COLUMN x TEXT DEFAULT CURRENT_TIMESTAMP | LM407
"""


@dataclass(frozen=True)
class KnownDanger:
    """A danger with a statement that has it.

    Args:
        name: what it is, in words.
        kind: the database.
        statements: what a revision runs; the danger is that of the last one.
        code: the rule that reports it.
    """

    name: str
    kind: str
    statements: tuple[str, ...]
    code: str


DANGERS = tuple(
    KnownDanger(name, kind, tuple(one.strip() for one in statements.split(";;")), code)
    for name, kind, statements, code in (
        [part.strip() for part in re.split(r" \| ", line)] for line in TEXT.strip().splitlines()
    )
)
