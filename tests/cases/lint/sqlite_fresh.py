"""Cases for SQLite, the fourth set of new ones: stored columns, strict tables, checks of keys.

Their expectations are from the manual, and were written before the first run.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE airport (code TEXT PRIMARY KEY CHECK (length(code) = 3),
  name TEXT NOT NULL COLLATE NOCASE);
CREATE TABLE plane (id INTEGER PRIMARY KEY AUTOINCREMENT, tail TEXT NOT NULL UNIQUE,
  seats INTEGER NOT NULL CHECK (seats > 0), model TEXT, mass REAL,
  rows INTEGER GENERATED ALWAYS AS (seats / 6) STORED);
CREATE TABLE flight (id INTEGER PRIMARY KEY,
  plane_id INTEGER NOT NULL REFERENCES plane (id) DEFERRABLE INITIALLY DEFERRED,
  origin TEXT REFERENCES airport (code), code TEXT NOT NULL, departs TEXT, fare NUMERIC);
CREATE INDEX flight_code ON flight (code);
CREATE INDEX flight_cheap ON flight (departs) WHERE fare < 50;
CREATE TABLE seat (flight_id INTEGER NOT NULL, no TEXT NOT NULL, passenger INTEGER,
  PRIMARY KEY (flight_id, no)) WITHOUT ROWID;
CREATE TABLE passenger (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, miles INT) STRICT;
CREATE TABLE audit (what TEXT);
CREATE VIEW departures AS SELECT id, code FROM flight;
CREATE TRIGGER plane_audit AFTER UPDATE ON plane BEGIN
  INSERT INTO audit (what) VALUES ('u'); END
"""

CASES = read_cases("""
ALTER TABLE plane ADD COLUMN owner TEXT | | EXCLUSIVE | plane
ALTER TABLE plane DROP COLUMN rows | breaks rewrite writes-long | EXCLUSIVE | plane
ALTER TABLE plane DROP COLUMN seats | fails-always | |
ALTER TABLE plane DROP COLUMN mass | loses breaks rewrite writes-long | EXCLUSIVE | plane
ALTER TABLE flight ADD COLUMN lands TEXT NOT NULL DEFAULT '' | | EXCLUSIVE | flight
ALTER TABLE flight ADD COLUMN gate INTEGER DEFAULT (abs(1)) | fails-on-rows | EXCLUSIVE | flight
ALTER TABLE flight RENAME COLUMN fare TO price | breaks | EXCLUSIVE | flight
ALTER TABLE passenger ADD COLUMN x BLOB | | EXCLUSIVE | passenger
CREATE UNIQUE INDEX u ON passenger (mail) | fails-on-rows writes-long | EXCLUSIVE | passenger
CREATE INDEX i ON seat (passenger) | writes-long | EXCLUSIVE | seat
CREATE UNIQUE INDEX u ON airport (code) | writes-long | EXCLUSIVE | airport
DROP INDEX flight_code | | EXCLUSIVE | flight
REINDEX flight_code | writes-long | EXCLUSIVE | flight
UPDATE plane SET model = 'x' | writes-long | EXCLUSIVE | plane audit
DROP TABLE seat | loses breaks | EXCLUSIVE | seat
ALTER TABLE seat RENAME TO place | breaks | EXCLUSIVE | seat
INSERT INTO airport (code, name) VALUES ('LONG', 'x') | fails-always | |
INSERT OR IGNORE INTO airport (code, name) VALUES ('LHR', 'x') | | EXCLUSIVE | airport
DELETE FROM audit | loses | EXCLUSIVE | audit
CREATE VIEW v AS SELECT * FROM plane | | |
DROP TRIGGER plane_audit | | |
CREATE TRIGGER no BEFORE UPDATE OF fare ON flight BEGIN SELECT RAISE(ABORT, 'no'); END | breaks | |
CREATE TABLE plane2 AS SELECT * FROM plane | | |
""")
