"""Cases for SQLite: tables built again by hand, keys, generated columns, conflicts, triggers."""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE team (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, slug TEXT, plan TEXT NOT NULL DEFAULT 'low'
  CHECK (plan IN ('low', 'mid')), tally INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX team_name ON team (name);
CREATE TABLE member (
  id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  boss INTEGER REFERENCES member (id), email TEXT COLLATE NOCASE, phone VARCHAR(20), nick TEXT,
  hours NUMERIC(6, 2), since DATE, low TEXT GENERATED ALWAYS AS (lower(nick)) STORED,
  CONSTRAINT hours_ok CHECK (hours IS NULL OR hours > -1));
CREATE INDEX member_since ON member (since);
CREATE INDEX member_active ON member (boss) WHERE phone IS NOT NULL;
CREATE TABLE badge (member_id INTEGER, title TEXT, rank INTEGER);
CREATE TABLE fixed (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
CREATE TABLE strong (id INTEGER PRIMARY KEY, body TEXT) STRICT;
CREATE VIEW cheap_teams AS SELECT id, name FROM team WHERE plan = 'low';
CREATE TRIGGER badge_after AFTER DELETE ON badge BEGIN UPDATE team SET tally = 1 WHERE id = -1; END
"""

_COPY = "CREATE TABLE badge_new (member_id INTEGER, title TEXT, rank INTEGER"
_TAKE = "INSERT INTO badge_new SELECT * FROM badge"

CASES = read_cases(f"""
# columns
ALTER TABLE team ADD COLUMN a | | EXCLUSIVE | team
ALTER TABLE team ADD a TEXT | | EXCLUSIVE | team
ALTER TABLE team ADD COLUMN a TEXT NOT NULL DEFAULT '' | | EXCLUSIVE | team
ALTER TABLE team ADD COLUMN a INTEGER NOT NULL DEFAULT NULL | fails-on-rows breaks | EXCLUSIVE | team
ALTER TABLE team ADD COLUMN a TEXT DEFAULT (lower('X')) | fails-on-rows | EXCLUSIVE | team
ALTER TABLE team ADD COLUMN a TEXT DEFAULT CURRENT_DATE | fails-on-rows | EXCLUSIVE | team
ALTER TABLE team ADD COLUMN a INTEGER NOT NULL DEFAULT 1 CHECK (a > 0) | writes-long | EXCLUSIVE | team
ALTER TABLE team ADD COLUMN a INTEGER DEFAULT 0 CHECK (a > 0) | fails-on-rows breaks | EXCLUSIVE | team
ALTER TABLE member ADD COLUMN a TEXT GENERATED ALWAYS AS (nick) STORED | fails-on-rows | EXCLUSIVE | member
ALTER TABLE member ADD COLUMN a TEXT AS (nick || phone) | | EXCLUSIVE | member
ALTER TABLE member ADD COLUMN a INTEGER REFERENCES team (id) ON DELETE SET NULL | | EXCLUSIVE | member
ALTER TABLE fixed ADD COLUMN a INTEGER DEFAULT 3 | | EXCLUSIVE | fixed
ALTER TABLE strong ADD COLUMN a DATETIME | fails-always | |
ALTER TABLE strong ADD COLUMN a ANY | | EXCLUSIVE | strong
ALTER TABLE "team" ADD COLUMN "a" INTEGER | | EXCLUSIVE | team
/* a comment */ ALTER TABLE team ADD COLUMN a INTEGER | | EXCLUSIVE | team
ALTER TABLE main.team ADD COLUMN a INTEGER | | EXCLUSIVE | team
ALTER TABLE IF EXISTS team ADD COLUMN a INTEGER | fails-always | |
ALTER TABLE team ADD COLUMN IF NOT EXISTS a INTEGER | fails-always | |
ALTER TABLE team ADD COLUMN a INTEGER, ADD COLUMN b INTEGER | fails-always | |
ALTER TABLE member DROP nick | fails-always | |
ALTER TABLE member DROP COLUMN low | breaks rewrite writes-long | EXCLUSIVE | member
ALTER TABLE member DROP COLUMN email | loses breaks rewrite writes-long | EXCLUSIVE | member
ALTER TABLE member DROP COLUMN phone | fails-always | |
ALTER TABLE member DROP COLUMN hours | fails-always | |
ALTER TABLE member DROP COLUMN team_id | loses breaks rewrite writes-long | EXCLUSIVE | member
ALTER TABLE member DROP COLUMN since | fails-always | |
ALTER TABLE team DROP COLUMN plan | fails-always | |
ALTER TABLE team DROP COLUMN slug | loses breaks rewrite writes-long | EXCLUSIVE | team
ALTER TABLE badge DROP COLUMN rank | loses breaks rewrite writes-long | EXCLUSIVE | badge
DROP INDEX member_since ;; ALTER TABLE member DROP COLUMN since | loses breaks rewrite writes-long | EXCLUSIVE | member
ALTER TABLE team RENAME name TO title | breaks | EXCLUSIVE | team
ALTER TABLE "member" RENAME COLUMN "phone" TO "tel" | breaks | EXCLUSIVE | member
ALTER TABLE badge RENAME TO medal | breaks | EXCLUSIVE | badge
ALTER TABLE badge RENAME TO team | fails-always | |
ALTER TABLE team ALTER COLUMN slug SET NOT NULL | fails-always | |
ALTER TABLE team MODIFY slug TEXT NOT NULL | fails-always | |
# a table built again
{_COPY}) ;; {_TAKE} ;; DROP TABLE badge ;; ALTER TABLE badge_new RENAME TO badge | drops-objects rewrite writes-long | EXCLUSIVE | badge
{_COPY}) ;; {_TAKE} ;; DROP TABLE badge ;; ALTER TABLE badge_new RENAME TO badge ;; CREATE TRIGGER badge_after AFTER DELETE ON badge BEGIN SELECT 1; END | | |
{_COPY} NOT NULL) ;; {_TAKE} | fails-on-rows | |
{_COPY}) ;; {_TAKE} | | |
{_COPY}) ;; INSERT INTO badge_new SELECT * FROM badge WHERE rank > 5 ;; DROP TABLE badge | loses breaks | EXCLUSIVE | badge
CREATE TABLE copied AS SELECT * FROM badge ;; DROP TABLE badge | loses breaks | EXCLUSIVE | badge
PRAGMA writable_schema = 1 ;; UPDATE sqlite_master SET sql = replace(sql, 'VARCHAR(20)', 'VARCHAR(40)') WHERE name = 'member' | | EXCLUSIVE | member
# indexes
CREATE INDEX i ON member (nick DESC, email COLLATE NOCASE) | writes-long | EXCLUSIVE | member
CREATE INDEX i ON member (lower(nick)) WHERE since IS NOT NULL | writes-long | EXCLUSIVE | member
CREATE UNIQUE INDEX IF NOT EXISTS i ON member (email) | fails-on-rows writes-long | EXCLUSIVE | member
CREATE UNIQUE INDEX i ON badge (member_id, title, rank) | fails-on-rows writes-long | EXCLUSIVE | badge
CREATE INDEX CONCURRENTLY i ON member (nick) | fails-always | |
CREATE INDEX i ON member (no_such) | fails-always | |
DROP INDEX team_name | | EXCLUSIVE | team
DROP INDEX IF EXISTS nope | | |
REINDEX | writes-long | EXCLUSIVE | team member badge fixed strong
# rows
UPDATE member SET nick = 'x' WHERE id > 0 | writes-long | EXCLUSIVE | member
UPDATE member SET nick = 'x' WHERE id BETWEEN 1 AND 5 | | EXCLUSIVE | member
UPDATE OR IGNORE badge SET rank = 1 | writes-long | EXCLUSIVE | badge
DELETE FROM badge WHERE rank IS NOT NULL OR rank IS NULL | loses writes-long | EXCLUSIVE | badge team
DELETE FROM member WHERE id = 3 | | EXCLUSIVE | member
INSERT OR IGNORE INTO team (id, name) VALUES (1, 'x') | | EXCLUSIVE | team
INSERT INTO badge (member_id) SELECT id FROM member | writes-long | EXCLUSIVE | badge
WITH old AS (SELECT id FROM member) UPDATE badge SET rank = 0 WHERE member_id IN (SELECT id FROM old) | writes-long | EXCLUSIVE | badge
# others
DROP TABLE fixed | loses breaks | EXCLUSIVE | fixed
DROP TABLE team | loses breaks | EXCLUSIVE | team
DROP VIEW cheap_teams ;; CREATE VIEW cheap_teams AS SELECT id, name, slug FROM team WHERE plan = 'low' | | |
DROP TRIGGER badge_after ;; CREATE TRIGGER badge_after AFTER DELETE ON badge BEGIN SELECT 1; END | | |
CREATE TRIGGER t INSTEAD OF INSERT ON cheap_teams BEGIN SELECT 1; END | | |
CREATE TABLE fresh (id INTEGER PRIMARY KEY, t INTEGER REFERENCES team (id)) | | |
CREATE TABLE fresh (id INTEGER) ;; INSERT INTO fresh SELECT id FROM member ;; CREATE UNIQUE INDEX i ON fresh (id) | | |
CREATE TEMP TABLE ids AS SELECT id FROM member ;; DROP TABLE ids | | |
ANALYZE | | |
PRAGMA foreign_keys = OFF ;; PRAGMA foreign_keys = ON | | |
PRAGMA journal_mode = WAL | | |
""")
