"""Cases for SQLite."""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE customer (
  id INTEGER PRIMARY KEY, email VARCHAR(40) COLLATE NOCASE, name TEXT NOT NULL, age INTEGER,
  score INTEGER NOT NULL DEFAULT 5, balance NUMERIC(10, 2), CHECK (score < 100000));
CREATE INDEX customer_age ON customer (age);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
  total NUMERIC, note TEXT, loose INTEGER);
CREATE TABLE bare (a INTEGER, b TEXT);
CREATE VIEW customer_names AS SELECT id, name FROM customer;
CREATE TRIGGER bare_touch AFTER UPDATE ON bare BEGIN SELECT 1; END
"""

COPY = (
    "CREATE TABLE copy (a INTEGER, b TEXT) ;; INSERT INTO copy SELECT a, b FROM bare ;; "
    "DROP TABLE bare"
)

CASES = read_cases("""
ALTER TABLE customer ADD COLUMN x INTEGER | | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN x INTEGER DEFAULT 5 | | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN x INTEGER NOT NULL DEFAULT 5 | | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN x INTEGER NOT NULL | fails-on-rows breaks | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN x TEXT DEFAULT CURRENT_TIMESTAMP | fails-on-rows | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN x INTEGER UNIQUE | fails-always | |
ALTER TABLE customer ADD COLUMN x INTEGER PRIMARY KEY | fails-always | |
ALTER TABLE customer ADD COLUMN x INTEGER CHECK (x > 0) | writes-long | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN x INTEGER AS (age * 2) VIRTUAL | | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN x INTEGER AS (age * 2) STORED | fails-on-rows | EXCLUSIVE | customer
ALTER TABLE customer ADD COLUMN age INTEGER | fails-always | |
ALTER TABLE orders ADD COLUMN x INTEGER REFERENCES customer (id) | | EXCLUSIVE | orders
ALTER TABLE customer DROP COLUMN balance | loses breaks rewrite writes-long | EXCLUSIVE | customer
ALTER TABLE customer DROP COLUMN age | fails-always | |
ALTER TABLE customer DROP COLUMN name | fails-always | |
ALTER TABLE customer DROP COLUMN no_such | fails-always | |
ALTER TABLE customer RENAME COLUMN email TO mail | breaks | EXCLUSIVE | customer
ALTER TABLE bare RENAME TO nude | breaks | EXCLUSIVE | bare
ALTER TABLE customer ALTER COLUMN age TYPE BIGINT | fails-always | |
ALTER TABLE customer ADD CONSTRAINT c CHECK (age > 0) | fails-always | |
CREATE INDEX i ON customer (name) | writes-long | EXCLUSIVE | customer
CREATE INDEX IF NOT EXISTS customer_age ON customer (age) | | |
CREATE UNIQUE INDEX i ON customer (email) | fails-on-rows writes-long | EXCLUSIVE | customer
CREATE INDEX i ON customer (age) WHERE age > 100000 | writes-long | EXCLUSIVE | customer
DROP INDEX customer_age | | EXCLUSIVE | customer
DROP INDEX no_such | fails-always | |
CREATE TABLE fresh (id INTEGER PRIMARY KEY) | | |
CREATE TABLE fresh (id INTEGER) ;; CREATE INDEX i ON fresh (id) | | |
CREATE TABLE customer (id INTEGER) | fails-always | |
DROP TABLE bare | loses breaks | EXCLUSIVE | bare
DROP TABLE IF EXISTS no_such | | |
DROP TABLE no_such | fails-always | |
UPDATE customer SET score = 1 | writes-long | EXCLUSIVE | customer
UPDATE customer SET score = 1 WHERE id = 5 | | EXCLUSIVE | customer
DELETE FROM bare | loses | EXCLUSIVE | bare
INSERT INTO bare (a, b) VALUES (1, 'x') | | EXCLUSIVE | bare
CREATE VIEW v AS SELECT id FROM customer | | |
DROP VIEW customer_names | breaks | |
CREATE TRIGGER t AFTER INSERT ON customer BEGIN SELECT 1; END | | |
DROP TRIGGER bare_touch | | |
SELECT 1 | | |
PRAGMA foreign_keys = OFF | | |
""")
