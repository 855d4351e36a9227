"""Cases for SQLite of kinds that the others do not hold: copies, strict tables, references.

Their expectations are from the manual and from the bare driver.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, rank INTEGER);
CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owner (id) ON DELETE
  CASCADE, name TEXT COLLATE NOCASE, born DATE, weight REAL CHECK (weight > 0));
CREATE INDEX pet_born ON pet (born);
CREATE TABLE score (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID;
CREATE TABLE exact (id INTEGER PRIMARY KEY, n INTEGER, t TEXT) STRICT;
CREATE TABLE audit (id INTEGER PRIMARY KEY, words TEXT);
CREATE VIEW pet_names AS SELECT id, name FROM pet;
CREATE TRIGGER owner_audit AFTER UPDATE OF nick ON owner BEGIN
  INSERT INTO audit (words) VALUES (NEW.nick); END
"""

CASES = read_cases("""
ALTER TABLE exact ADD COLUMN x INT | | EXCLUSIVE | exact
ALTER TABLE exact ADD COLUMN x VARCHAR(10) | fails-always | |
ALTER TABLE pet DROP COLUMN name | fails-always | |
ALTER TABLE owner DROP COLUMN nick | fails-always | |
ALTER TABLE owner DROP COLUMN rank | loses breaks rewrite writes-long | EXCLUSIVE | owner
ALTER TABLE pet DROP COLUMN weight | loses breaks rewrite writes-long | EXCLUSIVE | pet
ALTER TABLE owner RENAME COLUMN id TO owner_id | breaks | EXCLUSIVE | owner
CREATE TABLE fresh AS SELECT * FROM owner | | |
CREATE TABLE fresh (id INTEGER PRIMARY KEY, n INTEGER) STRICT ;; INSERT INTO fresh SELECT id, name FROM owner | fails-on-rows | |
REPLACE INTO score (k, v) VALUES ('z', 1) | | EXCLUSIVE | score
UPDATE pet SET name = o.name FROM owner o WHERE o.id = pet.owner_id | writes-long | EXCLUSIVE | pet
DELETE FROM owner WHERE id > 0 | loses writes-long | EXCLUSIVE | owner
CREATE UNIQUE INDEX i ON pet (name) | fails-on-rows writes-long | EXCLUSIVE | pet
CREATE INDEX i ON pet (lower(name)) WHERE weight > 1 | writes-long | EXCLUSIVE | pet
ANALYZE | | |
PRAGMA user_version = 5 | | |
DROP VIEW IF EXISTS pet_names | breaks | |
DROP TABLE audit | loses breaks | EXCLUSIVE | audit
""")
