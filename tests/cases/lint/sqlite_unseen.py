"""Cases for SQLite, the third set of new ones: triggers that refuse, virtual tables, replacements.

Their expectations are from the manual, and were written before the first run.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE ward (id INTEGER PRIMARY KEY, name TEXT NOT NULL, floor INTEGER NOT NULL DEFAULT 0,
  beds INTEGER);
CREATE TABLE patient (id INTEGER PRIMARY KEY AUTOINCREMENT, ward_id INTEGER NOT NULL REFERENCES
  ward (id) ON DELETE RESTRICT, ssn TEXT, name TEXT NOT NULL, born DATE, notes TEXT, tall REAL,
  initials TEXT GENERATED ALWAYS AS (substr(name, 1, 2)) VIRTUAL);
CREATE UNIQUE INDEX patient_ssn ON patient (ssn) WHERE ssn IS NOT NULL;
CREATE TABLE visit (patient_id INTEGER, at TEXT, memo TEXT, cost NUMERIC, CHECK (cost >= 0));
CREATE TABLE tally (k TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE journal (id INTEGER PRIMARY KEY, words TEXT);
CREATE VIEW patients AS SELECT id, name FROM patient;
CREATE TRIGGER visit_log AFTER INSERT ON visit BEGIN
  INSERT INTO journal (words) VALUES (NEW.memo); END
"""

CASES = read_cases("""
ALTER TABLE visit ADD COLUMN id INTEGER PRIMARY KEY | fails-always | |
ALTER TABLE visit ADD COLUMN a TEXT NOT NULL | fails-on-rows breaks | EXCLUSIVE | visit
ALTER TABLE visit ADD COLUMN a INTEGER NOT NULL DEFAULT 0 CHECK (a >= 0) | writes-long | EXCLUSIVE | visit
ALTER TABLE visit ADD COLUMN w INTEGER REFERENCES ward | | EXCLUSIVE | visit
ALTER TABLE tally ADD COLUMN m TEXT DEFAULT (datetime('now')) | fails-on-rows | EXCLUSIVE | tally
ALTER TABLE patient DROP COLUMN initials | breaks | EXCLUSIVE | patient
ALTER TABLE patient DROP COLUMN ssn | fails-always | |
ALTER TABLE patient DROP COLUMN tall | loses breaks rewrite writes-long | EXCLUSIVE | patient
ALTER TABLE ward RENAME TO wards | breaks | EXCLUSIVE | ward
ALTER TABLE visit RENAME COLUMN memo TO remark | breaks | EXCLUSIVE | visit
CREATE INDEX i ON visit (at DESC, cost) | writes-long | EXCLUSIVE | visit
DROP INDEX patient_ssn | | EXCLUSIVE | patient
CREATE TRIGGER stop BEFORE INSERT ON ward BEGIN SELECT RAISE(ABORT, 'closed'); END | breaks | |
DROP TRIGGER visit_log | | |
CREATE TEMP TABLE t1 AS SELECT * FROM ward | | |
CREATE VIRTUAL TABLE f USING fts5(words, content='journal') | | |
REINDEX patient | writes-long | EXCLUSIVE | patient
UPDATE tally SET n = n + 1 | writes-long | EXCLUSIVE | tally
UPDATE patient SET initials = 'x' | fails-always | |
DELETE FROM visit WHERE rowid = 3 | | EXCLUSIVE | visit
INSERT INTO tally (k, n) VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET n = 2 | | EXCLUSIVE | tally
INSERT INTO ward (id, name) VALUES (1, 'x') | fails-on-rows | EXCLUSIVE | ward
INSERT OR REPLACE INTO journal SELECT * FROM journal | writes-long | EXCLUSIVE | journal
WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10) INSERT INTO journal (words) SELECT x FROM c | | EXCLUSIVE | journal
INSERT INTO visit (patient_id, memo) SELECT id, name FROM patient | writes-long | EXCLUSIVE | visit journal
""")
