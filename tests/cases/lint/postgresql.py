"""Cases for PostgreSQL 15."""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN plain AS integer;
CREATE DOMAIN zip AS text CONSTRAINT zip_length CHECK (length(VALUE) < 9000);
CREATE TABLE customer (
  id bigserial PRIMARY KEY, email varchar(40), name text NOT NULL, code char(8), phone text,
  status text NOT NULL DEFAULT 'new', created timestamp NOT NULL DEFAULT now(), seen timestamptz,
  balance numeric(10,2) NOT NULL DEFAULT 0, ip cidr, data json, mood mood, age integer,
  zip zip, flag boolean);
CREATE TABLE vetted (
  id integer PRIMARY KEY, checked integer, CONSTRAINT checked_not_null CHECK (checked IS NOT NULL));
CREATE INDEX customer_age ON customer (age);
CREATE INDEX customer_phone ON customer (phone) WHERE phone <> '';
CREATE UNIQUE INDEX customer_code ON customer (id, code);
CREATE TABLE orders (
  id serial PRIMARY KEY, customer_id bigint NOT NULL CONSTRAINT orders_customer REFERENCES customer,
  total numeric(10,2), qty integer NOT NULL DEFAULT 1, note varchar(100), loose bigint,
  placed date, CONSTRAINT qty_positive CHECK (qty > 0),
  CONSTRAINT orders_note UNIQUE (note));
CREATE INDEX orders_placed ON orders (placed);
ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > -1) NOT VALID;
CREATE TABLE bare (a integer, b integer, c text, d integer NOT NULL, e integer NOT NULL);
CREATE UNIQUE INDEX bare_d ON bare (d);
CREATE UNIQUE INDEX bare_a ON bare (a);
CREATE TABLE event (id bigint NOT NULL, at date NOT NULL, body text) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_new (id bigint NOT NULL, at date NOT NULL, body text);
CREATE TABLE metric (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE metric_2024 PARTITION OF metric FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE metric_rest PARTITION OF metric DEFAULT;
CREATE TABLE metric_2030 (id bigint NOT NULL, at date NOT NULL,
  CONSTRAINT metric_2030_at CHECK (at >= '2030-01-01' AND at < '2031-01-01'));
CREATE VIEW customer_names AS SELECT id, name FROM customer;
CREATE MATERIALIZED VIEW order_sums AS SELECT customer_id, sum(total) AS total FROM orders
  GROUP BY customer_id;
CREATE UNIQUE INDEX order_sums_key ON order_sums (customer_id);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION double(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SEQUENCE free_numbers;
CREATE SCHEMA archive;
"""

CASES = read_cases("""
# columns
ALTER TABLE customer ADD COLUMN x integer | | AE | customer
ALTER TABLE customer ADD COLUMN x integer DEFAULT 5 | | AE | customer
ALTER TABLE customer ADD COLUMN x integer NOT NULL DEFAULT 5 | | AE | customer
ALTER TABLE customer ADD COLUMN x timestamptz DEFAULT now() | | AE | customer
ALTER TABLE customer ADD COLUMN x timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP | | AE | customer
ALTER TABLE customer ADD COLUMN x timestamptz DEFAULT clock_timestamp() | rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x uuid DEFAULT gen_random_uuid() | rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x uuid NOT NULL DEFAULT gen_random_uuid() | rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x double precision DEFAULT random() | rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x integer NOT NULL | fails-on-rows breaks | AE | customer
ALTER TABLE customer ADD COLUMN x serial | breaks rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x bigint GENERATED ALWAYS AS IDENTITY | rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x integer GENERATED ALWAYS AS (age * 2) STORED | rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x positive | rewrite reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x plain | | AE | customer
ALTER TABLE customer ADD COLUMN x integer UNIQUE | reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x integer CHECK (x > 0) | reads-long | AE | customer
ALTER TABLE customer ADD COLUMN x integer DEFAULT 1 CHECK (x > 0) | reads-long | AE | customer
ALTER TABLE orders ADD COLUMN x bigint REFERENCES customer | | AE | customer orders
ALTER TABLE orders ADD COLUMN x bigint DEFAULT 5 REFERENCES customer | reads-long | AE | customer orders
ALTER TABLE customer ADD COLUMN x mood | | AE | customer
ALTER TABLE customer ADD COLUMN x mood DEFAULT 'ok' | | AE | customer
ALTER TABLE customer ADD COLUMN IF NOT EXISTS age integer | | AE | customer
ALTER TABLE customer ADD COLUMN x integer, ADD COLUMN y text | | AE | customer
ALTER TABLE event ADD COLUMN x integer | | AE | event event_2024
ALTER TABLE customer DROP COLUMN flag | loses breaks | AE | customer
ALTER TABLE customer DROP COLUMN age | loses breaks drops-objects | AE | customer
ALTER TABLE customer DROP COLUMN IF EXISTS nothing | | AE | customer
ALTER TABLE customer DROP COLUMN name | fails-always | AE | customer
ALTER TABLE customer DROP COLUMN name CASCADE | loses breaks drops-objects | AE | customer
ALTER TABLE customer DROP COLUMN nothing | fails-always | |
ALTER TABLE customer ADD COLUMN age integer | fails-always | |
ALTER TABLE customer RENAME COLUMN email TO mail | breaks | AE | customer
ALTER TABLE customer ALTER COLUMN age SET DEFAULT 5 | | AE | customer
ALTER TABLE customer ALTER COLUMN balance DROP DEFAULT | breaks | AE | customer
ALTER TABLE customer ALTER COLUMN age DROP DEFAULT | | AE | customer
ALTER TABLE customer ALTER COLUMN status DROP NOT NULL | | AE | customer
ALTER TABLE bare ALTER COLUMN b SET NOT NULL | fails-on-rows breaks reads-long | AE | bare
ALTER TABLE vetted ALTER COLUMN checked SET NOT NULL | | AE | vetted
ALTER TABLE bare ALTER COLUMN d SET NOT NULL | | AE | bare
ALTER TABLE customer ALTER COLUMN age SET STATISTICS 500 | | SUE | customer
ALTER TABLE customer ALTER COLUMN name SET STORAGE EXTERNAL | | AE | customer
ALTER TABLE customer ALTER COLUMN age SET (n_distinct = 100) | | SUE | customer
ALTER TABLE customer ALTER COLUMN name SET COMPRESSION pglz | | AE | customer
ALTER TABLE customer ALTER COLUMN age ADD GENERATED BY DEFAULT AS IDENTITY | fails-always | AE | customer
ALTER TABLE bare ALTER COLUMN d ADD GENERATED BY DEFAULT AS IDENTITY | | AE | bare
# types
ALTER TABLE customer ALTER COLUMN email TYPE varchar(80) | | AE | customer
ALTER TABLE customer ALTER COLUMN email TYPE varchar | | AE | customer
ALTER TABLE customer ALTER COLUMN email TYPE text | | AE | customer
ALTER TABLE customer ALTER COLUMN email TYPE varchar(20) | fails-on-rows rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN email TYPE varchar(20) USING left(email, 20) | loses rewrite reads-long | AE | customer
ALTER TABLE bare ALTER COLUMN c TYPE varchar | | AE | bare
ALTER TABLE bare ALTER COLUMN c TYPE varchar(100) | fails-on-rows rewrite reads-long | AE | bare
ALTER TABLE bare ALTER COLUMN c TYPE integer | fails-always | AE | bare
ALTER TABLE bare ALTER COLUMN c TYPE integer USING c::integer | fails-on-rows breaks rewrite reads-long | AE | bare
ALTER TABLE orders ALTER COLUMN loose TYPE integer | fails-on-rows rewrite reads-long | AE | orders
ALTER TABLE bare ALTER COLUMN b TYPE bigint | rewrite reads-long | AE | bare
ALTER TABLE customer ALTER COLUMN age TYPE bigint | rewrite reads-long | AE | customer
ALTER TABLE bare ALTER COLUMN b TYPE smallint | fails-on-rows rewrite reads-long | AE | bare
ALTER TABLE bare ALTER COLUMN b TYPE text | rewrite reads-long | AE | bare
ALTER TABLE customer ALTER COLUMN balance TYPE numeric(12,2) | | AE | customer
ALTER TABLE customer ALTER COLUMN balance TYPE numeric | | AE | customer
ALTER TABLE customer ALTER COLUMN balance TYPE numeric(10,1) | loses rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN balance TYPE numeric(8,2) | fails-on-rows rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN balance TYPE numeric(12,4) | rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN balance TYPE integer | loses rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN code TYPE text | rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN code TYPE char(12) | rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN ip TYPE inet | | AE | customer
ALTER TABLE customer ALTER COLUMN data TYPE jsonb | loses rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN seen TYPE timestamp | rewrite reads-long | AE | customer | ALTER DATABASE :database SET timezone = 'Europe/Berlin'
ALTER TABLE customer ALTER COLUMN created TYPE timestamptz | rewrite reads-long | AE | customer | ALTER DATABASE :database SET timezone = 'Europe/Berlin'
ALTER TABLE customer ALTER COLUMN created TYPE timestamptz | | AE | customer | ALTER DATABASE :database SET timezone = 'UTC'
ALTER TABLE customer ALTER COLUMN created TYPE date | loses rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN seen TYPE timestamptz(0) | loses rewrite reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN mood TYPE text | rewrite reads-long | AE | customer
ALTER TABLE bare ALTER COLUMN b TYPE plain | | AE | bare
ALTER TABLE bare ALTER COLUMN b TYPE positive | fails-on-rows rewrite reads-long | AE | bare
ALTER TABLE orders ALTER COLUMN qty TYPE integer | reads-long | AE | orders
ALTER TABLE customer ALTER COLUMN phone TYPE varchar | reads-long | AE | customer
ALTER TABLE customer ALTER COLUMN name TYPE varchar | fails-always | AE | customer
ALTER TABLE bare ALTER COLUMN c TYPE text COLLATE "C" | | AE | bare
ALTER TABLE orders ALTER COLUMN note TYPE varchar(100) COLLATE "C" | reads-long | AE | orders
ALTER TABLE event ALTER COLUMN body TYPE varchar | | AE | event event_2024
ALTER TABLE event ALTER COLUMN id TYPE integer | fails-on-rows rewrite reads-long | AE | event event_2024
# indexes
CREATE INDEX i ON customer (name) | writes-long | S | customer
CREATE INDEX IF NOT EXISTS i ON customer (name) | writes-long | S | customer
CREATE INDEX IF NOT EXISTS customer_age ON customer (age) | | S | customer
CREATE UNIQUE INDEX i ON orders (loose) | fails-on-rows writes-long | S | orders
CREATE INDEX i ON customer (lower(email)) | writes-long | S | customer
CREATE INDEX i ON customer (age) WHERE age > 100000 | writes-long | S | customer
CREATE INDEX i ON customer USING hash (age) | writes-long | S | customer
@CREATE INDEX CONCURRENTLY i ON customer (name) | | SUE | customer
CREATE INDEX CONCURRENTLY i ON customer (name) | fails-in-tx | SUE | customer
@CREATE UNIQUE INDEX CONCURRENTLY i ON orders (loose) | fails-on-rows half-applied | SUE | orders
@CREATE UNIQUE INDEX CONCURRENTLY i ON orders (id, loose) | | SUE | orders
CREATE INDEX i ON event (body) | writes-long | S | event event_2024
@CREATE INDEX CONCURRENTLY i ON event (body) | fails-always | |
CREATE INDEX i ON ONLY event (body) | | S | event
@CREATE INDEX CONCURRENTLY i ON event_2024 (body) | | SUE | event_2024
DROP INDEX customer_age | | AE | customer
@DROP INDEX CONCURRENTLY customer_age | | SUE | customer
DROP INDEX CONCURRENTLY customer_age | fails-in-tx | SUE | customer
DROP INDEX IF EXISTS no_such_index | | |
DROP INDEX no_such_index | fails-always | |
ALTER INDEX customer_age RENAME TO customer_age2 | | |
REINDEX TABLE customer | reads-long | S | customer
REINDEX INDEX customer_age | reads-long | S | customer
@REINDEX TABLE CONCURRENTLY customer | | SUE | customer
@REINDEX INDEX CONCURRENTLY customer_age | | SUE | customer
REINDEX TABLE CONCURRENTLY customer | fails-in-tx | SUE | customer
CLUSTER customer USING customer_pkey | rewrite reads-long | AE | customer
@VACUUM FULL customer | rewrite reads-long | AE | customer
@VACUUM customer | | SUE | customer
ANALYZE customer | | SUE | customer
VACUUM customer | fails-in-tx | SUE | customer
CREATE STATISTICS st ON age, flag FROM customer | | SUE | customer
# constraints
ALTER TABLE orders ADD CONSTRAINT u UNIQUE (loose) | fails-on-rows reads-long | AE | orders
ALTER TABLE orders ADD CONSTRAINT u UNIQUE (id, loose) | reads-long | AE | orders
ALTER TABLE bare ADD CONSTRAINT u UNIQUE USING INDEX bare_a | | AE | bare
ALTER TABLE bare ADD PRIMARY KEY (d) | reads-long | AE | bare
ALTER TABLE bare ADD PRIMARY KEY USING INDEX bare_d | | AE | bare
ALTER TABLE bare ADD CONSTRAINT p PRIMARY KEY USING INDEX bare_a | fails-on-rows breaks reads-long | AE | bare
ALTER TABLE bare ADD PRIMARY KEY (b) | fails-on-rows breaks reads-long | AE | bare
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer | fails-on-rows writes-long | SRE | customer orders
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customer | writes-long | SRE | customer orders
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer NOT VALID | | SRE | customer orders
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES orders | fails-on-rows writes-long | SRE | orders
ALTER TABLE event ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES customer NOT VALID | fails-always | SRE | customer event event_2024
ALTER TABLE event ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES customer | fails-on-rows writes-long | SRE | customer event event_2024
ALTER TABLE orders VALIDATE CONSTRAINT total_positive | fails-on-rows | SUE | orders
ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) | fails-on-rows reads-long | AE | orders
ALTER TABLE orders ADD CONSTRAINT c CHECK (id > -100000) | reads-long | AE | orders
ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) NOT VALID | | AE | orders
ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 1000000000) NOT VALID | breaks | AE | orders
ALTER TABLE orders ADD CONSTRAINT c CHECK (total < 1000) NOT VALID ;; ALTER TABLE orders VALIDATE CONSTRAINT c | fails-on-rows reads-long | SUE | orders
ALTER TABLE bare ADD CONSTRAINT x EXCLUDE USING gist (int4range(d, d, '[]') WITH &&) | reads-long | AE | bare
ALTER TABLE bare ADD CONSTRAINT x EXCLUDE USING btree (b WITH =) | fails-on-rows reads-long | AE | bare
ALTER TABLE orders DROP CONSTRAINT orders_customer | | AE | customer orders
ALTER TABLE orders DROP CONSTRAINT qty_positive | | AE | orders
ALTER TABLE orders DROP CONSTRAINT orders_note | | AE | orders
ALTER TABLE customer DROP CONSTRAINT customer_pkey | fails-always | AE | customer orders
ALTER TABLE customer DROP CONSTRAINT customer_pkey CASCADE | drops-objects | AE | customer orders
ALTER TABLE orders DROP CONSTRAINT no_such | fails-always | |
ALTER TABLE orders DROP CONSTRAINT IF EXISTS no_such | | AE | orders
ALTER TABLE orders RENAME CONSTRAINT qty_positive TO qp | | AE | orders
ALTER TABLE orders ALTER CONSTRAINT orders_customer DEFERRABLE | | AE | orders
# tables
CREATE TABLE fresh (id integer PRIMARY KEY, name text) | | |
CREATE TABLE fresh (id integer PRIMARY KEY, c bigint REFERENCES customer) | | SRE | customer
CREATE TABLE fresh (id integer) ;; CREATE INDEX i ON fresh (id) | | |
CREATE TABLE fresh (id integer) ;; ALTER TABLE fresh ADD PRIMARY KEY (id) | | |
CREATE TABLE fresh (id integer) ;; ALTER TABLE fresh ALTER COLUMN id TYPE bigint | | |
CREATE TABLE fresh (id integer) ;; DROP TABLE fresh | | |
CREATE TABLE fresh (LIKE customer INCLUDING ALL) | | AS | customer
CREATE TABLE fresh AS SELECT * FROM customer | | AS | customer
CREATE TABLE customer (id integer) | fails-always | |
CREATE TABLE IF NOT EXISTS customer (id integer) | | |
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') | | AE | event
CREATE TABLE metric_2025 PARTITION OF metric FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') | fails-on-rows reads-long | AE | metric metric_rest
DROP TABLE bare | loses breaks | AE | bare
DROP TABLE orders | fails-always | AE | customer orders
DROP TABLE orders CASCADE | loses breaks drops-objects | AE | customer orders order_sums
DROP TABLE customer | fails-always | AE | customer orders
DROP TABLE customer CASCADE | loses breaks drops-objects | AE | customer orders
DROP TABLE no_such_table | fails-always | |
DROP TABLE IF EXISTS no_such_table | | |
DROP TABLE event_2024 | loses breaks | AE | event event_2024
ALTER TABLE bare RENAME TO nude | breaks | AE | bare
ALTER TABLE bare RENAME TO nude ;; CREATE VIEW bare AS SELECT * FROM nude | | AS | bare
ALTER TABLE bare SET SCHEMA archive | breaks | AE | bare
ALTER TABLE bare SET LOGGED | | AE | bare
ALTER TABLE bare SET UNLOGGED | rewrite reads-long | AE | bare
ALTER TABLE bare SET ACCESS METHOD heap | | AE | bare
ALTER TABLE bare SET (fillfactor = 70) | | SUE | bare
ALTER TABLE bare SET (autovacuum_enabled = false) | | SUE | bare
ALTER TABLE bare RESET (fillfactor) | | SUE | bare
ALTER TABLE bare REPLICA IDENTITY FULL | | AE | bare
ALTER TABLE bare OWNER TO CURRENT_USER | | AE | bare
ALTER TABLE bare CLUSTER ON bare_d | | SUE | bare
ALTER TABLE bare SET WITHOUT CLUSTER | | SUE | bare
ALTER TABLE orders DISABLE TRIGGER orders_touch | | SRE | orders
ALTER TABLE orders ENABLE TRIGGER orders_touch | | SRE | orders
ALTER TABLE bare ENABLE ROW LEVEL SECURITY | breaks | AE | bare
ALTER TABLE bare ENABLE ROW LEVEL SECURITY ;; CREATE POLICY p ON bare USING (true) | | |
ALTER TABLE bare DISABLE ROW LEVEL SECURITY | | AE | bare
CREATE POLICY p ON bare USING (true) | | AE | bare
REVOKE SELECT ON bare FROM pg_signal_backend | breaks | |
GRANT SELECT ON bare TO pg_read_all_stats | | |
COMMENT ON TABLE bare IS 'x' | | SUE | bare
COMMENT ON COLUMN bare.a IS 'x' | | SUE | bare
TRUNCATE bare | loses | AE | bare
TRUNCATE customer | fails-always | AE | customer
TRUNCATE customer CASCADE | loses | AE | customer orders
TRUNCATE customer, orders | loses | AE | customer orders
LOCK TABLE bare IN ACCESS EXCLUSIVE MODE | | AE | bare
# partitions
ALTER TABLE event ATTACH PARTITION event_new FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') | fails-on-rows reads-long | AE | event event_new
ALTER TABLE metric ATTACH PARTITION metric_2030 FOR VALUES FROM ('2030-01-01') TO ('2031-01-01') | fails-on-rows reads-long | AE | metric metric_2030 metric_rest
ALTER TABLE event DETACH PARTITION event_2024 | breaks | AE | event event_2024
@ALTER TABLE event DETACH PARTITION event_2024 CONCURRENTLY | breaks | SUE | event event_2024
ALTER TABLE event DETACH PARTITION event_2024 CONCURRENTLY | fails-in-tx breaks | SUE | event event_2024
# rows
UPDATE customer SET flag = true | updates-long | RX | customer
UPDATE customer SET flag = true WHERE id = 5 | | RX | customer
UPDATE customer SET email = lower(email) WHERE email IS NOT NULL | updates-long | RX | customer
DELETE FROM bare | loses updates-long | RX | bare
DELETE FROM bare WHERE d = 5 | | RX | bare
INSERT INTO bare (d, e) VALUES (900001, 1) | | RX | bare
INSERT INTO bare (d, e) SELECT d + 500000, 1 FROM bare | | RX | bare
ALTER TABLE customer ADD COLUMN x integer ;; UPDATE customer SET x = 1 | reads-long | RX | customer
ALTER TABLE customer ADD COLUMN x integer ;; CREATE INDEX i ON customer (x) | reads-long | S | customer
ALTER TABLE customer ADD COLUMN x integer ;; SELECT count(*) FROM customer | reads-long | AS | customer
SELECT count(*) FROM customer | | AS | customer
# types and domains
ALTER TYPE mood ADD VALUE 'great' | | |
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok' | | |
ALTER TYPE mood ADD VALUE 'great' ;; ALTER TABLE customer ALTER COLUMN mood SET DEFAULT 'great' | fails-in-tx | AE | customer
ALTER TYPE mood ADD VALUE 'great' ;; UPDATE customer SET mood = 'great' WHERE id = 1 | fails-in-tx | RX | customer
ALTER TYPE mood RENAME VALUE 'happy' TO 'glad' | breaks | |
ALTER TYPE mood RENAME TO feeling | breaks | |
CREATE TYPE color AS ENUM ('red') | | |
DROP TYPE mood | fails-always | |
DROP TYPE mood CASCADE | loses breaks drops-objects | AE | customer
CREATE DOMAIN d AS text CHECK (VALUE <> '') | | |
ALTER DOMAIN zip ADD CONSTRAINT z CHECK (VALUE <> 'x') | writes-long | S | customer
ALTER DOMAIN zip ADD CONSTRAINT z CHECK (length(VALUE) < 100) NOT VALID | | |
ALTER DOMAIN zip SET NOT NULL | fails-on-rows breaks writes-long | S | customer
ALTER DOMAIN zip DROP CONSTRAINT zip_length | | |
ALTER DOMAIN zip VALIDATE CONSTRAINT zip_length | fails-on-rows writes-long | S | customer | ALTER DOMAIN zip DROP CONSTRAINT zip_length; ALTER DOMAIN zip ADD CONSTRAINT zip_length CHECK (length(VALUE) < 1000) NOT VALID
# views, functions, triggers, sequences
CREATE VIEW v AS SELECT * FROM customer | | AS | customer
CREATE OR REPLACE VIEW customer_names AS SELECT id, name, age FROM customer | | AS | customer
DROP VIEW customer_names | breaks | |
ALTER VIEW customer_names RENAME TO names | breaks | |
REFRESH MATERIALIZED VIEW order_sums | reads-long | AE | order_sums orders
@REFRESH MATERIALIZED VIEW CONCURRENTLY order_sums | | EX | order_sums orders
CREATE MATERIALIZED VIEW m AS SELECT * FROM customer | | AS | customer
DROP MATERIALIZED VIEW order_sums | breaks | AE | order_sums
CREATE TRIGGER t AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION touch() | | SRE | customer
DROP TRIGGER orders_touch ON orders | | AE | orders
CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1' | | |
CREATE OR REPLACE FUNCTION double(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3' | breaks | |
DROP FUNCTION double(integer) | breaks | |
DROP FUNCTION touch() | fails-always | AE | orders
DROP FUNCTION touch() CASCADE | drops-objects | AE | orders
CREATE SEQUENCE s | | |
DROP SEQUENCE free_numbers | loses | |
ALTER SEQUENCE free_numbers INCREMENT 10 | | |
ALTER SEQUENCE customer_id_seq AS bigint | | |
CREATE SCHEMA other | | |
DROP SCHEMA archive | | |
DROP SCHEMA archive CASCADE | loses breaks drops-objects | AE | archive.old | CREATE TABLE archive.old (id integer)
DROP SCHEMA archive | fails-always | AE | archive.old | CREATE TABLE archive.old (id integer)
DO $$ BEGIN EXECUTE 'ALTER TABLE bare ALTER COLUMN b TYPE bigint'; END $$ | rewrite reads-long | AE | bare
DO $$ BEGIN EXECUTE 'CREATE INDEX i ON customer (name)'; END $$ | writes-long | S | customer
SELECT 1 | | |
SET LOCAL lock_timeout = '2s' | | |
""")
