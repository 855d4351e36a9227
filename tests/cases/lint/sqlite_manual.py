"""Cases for SQLite from the pages of its manual on ALTER TABLE, indexes, foreign keys.

https://www.sqlite.org/lang_altertable.html
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE person (
  id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL UNIQUE, nick TEXT, bio TEXT,
  born DATE, credit NUMERIC(8, 2) DEFAULT 0, active BOOLEAN NOT NULL DEFAULT 1,
  low TEXT GENERATED ALWAYS AS (lower(login)) VIRTUAL);
CREATE INDEX person_nick ON person (nick);
CREATE INDEX person_active ON person (born) WHERE active;
CREATE TABLE bill (
  number INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id) ON DELETE SET NULL,
  amount NUMERIC NOT NULL, memo TEXT, ref INTEGER, CONSTRAINT amount_ok CHECK (amount > -1e10));
CREATE TABLE pair (a INTEGER, b TEXT, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE plain (k INTEGER, v TEXT);
CREATE TABLE tight (k INTEGER, v TEXT) STRICT;
CREATE VIEW nicks AS SELECT id, nick FROM person;
CREATE TRIGGER bill_touch AFTER INSERT ON bill BEGIN UPDATE plain SET v = 'x' WHERE k = NEW.number; END
"""

CASES = read_cases("""
ALTER TABLE person ADD COLUMN a TEXT COLLATE NOCASE | | EXCLUSIVE | person
ALTER TABLE person ADD COLUMN a BLOB DEFAULT x'00' | | EXCLUSIVE | person
ALTER TABLE person ADD COLUMN a REAL NOT NULL DEFAULT 1.5 | | EXCLUSIVE | person
ALTER TABLE person ADD COLUMN a INTEGER DEFAULT (1 + 1) | fails-on-rows | EXCLUSIVE | person
ALTER TABLE person ADD COLUMN a TEXT NOT NULL DEFAULT NULL | fails-on-rows breaks | EXCLUSIVE | person
ALTER TABLE bill ADD COLUMN a INTEGER DEFAULT 3 REFERENCES person (id) | | EXCLUSIVE | bill
ALTER TABLE person ADD COLUMN a TEXT GENERATED ALWAYS AS (nick || 'x') VIRTUAL | | EXCLUSIVE | person
ALTER TABLE person ADD COLUMN a INTEGER NOT NULL DEFAULT 0 CHECK (a >= 0) | writes-long | EXCLUSIVE | person
ALTER TABLE tight ADD COLUMN a VARCHAR(10) | fails-always | |
ALTER TABLE tight ADD COLUMN a TEXT | | EXCLUSIVE | tight
ALTER TABLE pair ADD COLUMN d TEXT | | EXCLUSIVE | pair
ALTER TABLE nicks ADD COLUMN x TEXT | fails-always | |
ALTER TABLE nothing ADD COLUMN x TEXT | fails-always | |
ALTER TABLE person DROP COLUMN bio | loses breaks rewrite writes-long | EXCLUSIVE | person
ALTER TABLE person DROP COLUMN login | fails-always | |
ALTER TABLE person DROP COLUMN nick | fails-always | |
ALTER TABLE person DROP COLUMN id | fails-always | |
ALTER TABLE person DROP COLUMN born | fails-always | |
ALTER TABLE bill DROP COLUMN memo | loses breaks rewrite writes-long | EXCLUSIVE | bill
ALTER TABLE pair DROP COLUMN c | loses breaks rewrite writes-long | EXCLUSIVE | pair
ALTER TABLE pair DROP COLUMN b | fails-always | |
ALTER TABLE bill DROP COLUMN amount | fails-always | |
ALTER TABLE person RENAME COLUMN nick TO alias | breaks | EXCLUSIVE | person
ALTER TABLE person RENAME TO people | breaks | EXCLUSIVE | person
ALTER TABLE person DROP CONSTRAINT x | fails-always | |
CREATE UNIQUE INDEX i ON bill (ref) | fails-on-rows writes-long | EXCLUSIVE | bill
CREATE UNIQUE INDEX i ON bill (number, ref) | writes-long | EXCLUSIVE | bill
CREATE INDEX i ON person (lower(nick)) | writes-long | EXCLUSIVE | person
CREATE INDEX i ON nicks (id) | fails-always | |
CREATE INDEX person_nick ON person (bio) | fails-always | |
DROP INDEX IF EXISTS person_nick | | EXCLUSIVE | person
DROP INDEX sqlite_autoindex_person_1 | fails-always | |
REINDEX person_nick | writes-long | EXCLUSIVE | person
REINDEX person | writes-long | EXCLUSIVE | person
ANALYZE person | | |
VACUUM | rewrite writes-long | EXCLUSIVE | person bill pair plain tight
DROP TABLE plain | loses breaks | EXCLUSIVE | plain
DROP TABLE bill | loses breaks | EXCLUSIVE | bill
DROP VIEW IF EXISTS nicks | breaks | |
DROP TRIGGER IF EXISTS bill_touch | | |
CREATE TABLE fresh AS SELECT * FROM person | | |
CREATE TABLE IF NOT EXISTS person (id INTEGER) | | |
CREATE TEMP TABLE t (id INTEGER) | | |
CREATE VIEW v2 AS SELECT no_such FROM person | | |
CREATE VIRTUAL TABLE search USING fts5(body) | | |
UPDATE person SET active = 0 | writes-long | EXCLUSIVE | person
UPDATE bill SET memo = 'x' WHERE number = 3 | | EXCLUSIVE | bill
UPDATE bill SET memo = upper(memo) WHERE memo IS NOT NULL | writes-long | EXCLUSIVE | bill
DELETE FROM plain WHERE k = 5 | writes-long | EXCLUSIVE | plain
DELETE FROM plain WHERE k > 0 | loses writes-long | EXCLUSIVE | plain
INSERT INTO plain SELECT number, memo FROM bill | writes-long | EXCLUSIVE | plain
INSERT OR REPLACE INTO plain (k, v) VALUES (1, 'x') | | EXCLUSIVE | plain
PRAGMA user_version = 5 | | |
PRAGMA foreign_key_check | | |
""")
