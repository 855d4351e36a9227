"""Cases for SQLite on which no rule was written: other shapes, names and combinations.

Their expectations were written before the first run.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE shop (
  id INTEGER PRIMARY KEY, code CHAR(6) NOT NULL UNIQUE, city VARCHAR(80), opened DATE, area REAL,
  phone VARCHAR(24) COLLATE NOCASE, kind TEXT NOT NULL DEFAULT 'a' CHECK (kind IN ('a', 'b')));
CREATE TABLE item (
  id INTEGER PRIMARY KEY AUTOINCREMENT, shop_id INTEGER NOT NULL REFERENCES shop (id),
  sku VARCHAR(32) NOT NULL, title TEXT NOT NULL, cost NUMERIC(12, 2), note TEXT,
  qty INTEGER NOT NULL DEFAULT 0, added DATETIME DEFAULT CURRENT_TIMESTAMP, raw BLOB,
  twice INTEGER GENERATED ALWAYS AS (qty * 2) VIRTUAL, UNIQUE (shop_id, sku),
  CONSTRAINT qty_range CHECK (qty BETWEEN -5000 AND 900000));
CREATE INDEX item_title ON item (title);
CREATE INDEX item_upper ON item (upper(note)) WHERE cost > 10;
CREATE TABLE "Sale Line" (
  "Id" INTEGER PRIMARY KEY, "Item Id" INTEGER REFERENCES item (id) ON DELETE SET NULL,
  "Amount" NUMERIC(10, 2) NOT NULL, "Memo" VARCHAR(255));
CREATE TABLE staff (
  id INTEGER PRIMARY KEY, boss INTEGER REFERENCES staff (id), mail TEXT, pin VARCHAR(4),
  pay INTEGER, since DATE, level SMALLINT NOT NULL);
CREATE UNIQUE INDEX staff_mail ON staff (lower(mail));
CREATE TABLE tag (item_id INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (item_id, word))
  WITHOUT ROWID;
CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT) STRICT;
CREATE VIEW staff_of AS SELECT id, mail FROM staff;
CREATE TRIGGER sale_after AFTER INSERT ON "Sale Line" BEGIN
  UPDATE staff SET pay = pay + 1 WHERE id = NEW."Id"; END
"""

CASES = read_cases("""
ALTER TABLE shop ADD COLUMN a INTEGER | | EXCLUSIVE | shop
ALTER TABLE shop ADD COLUMN a TEXT NOT NULL | fails-on-rows breaks | EXCLUSIVE | shop
ALTER TABLE shop ADD COLUMN a TEXT NOT NULL DEFAULT 'x' | | EXCLUSIVE | shop
ALTER TABLE shop ADD COLUMN a DATETIME DEFAULT CURRENT_TIMESTAMP | fails-on-rows | EXCLUSIVE | shop
ALTER TABLE shop ADD COLUMN a TEXT UNIQUE | fails-always | |
ALTER TABLE shop ADD COLUMN a INTEGER PRIMARY KEY | fails-always | |
ALTER TABLE shop ADD COLUMN a TEXT CHECK (a <> 'x') | writes-long | EXCLUSIVE | shop
ALTER TABLE item ADD COLUMN a INTEGER AS (qty + 1) | | EXCLUSIVE | item
ALTER TABLE item ADD COLUMN a INTEGER REFERENCES staff (id) | | EXCLUSIVE | item
ALTER TABLE "Sale Line" ADD COLUMN "Tax" NUMERIC NOT NULL DEFAULT 0 | | EXCLUSIVE | Sale~Line
ALTER TABLE note ADD COLUMN a TIMESTAMP | fails-always | |
ALTER TABLE tag ADD COLUMN a INTEGER NOT NULL DEFAULT 1 | | EXCLUSIVE | tag
ALTER TABLE item DROP COLUMN note | fails-always | |
ALTER TABLE item DROP COLUMN raw | loses breaks rewrite writes-long | EXCLUSIVE | item
ALTER TABLE item DROP COLUMN twice | breaks | EXCLUSIVE | item
ALTER TABLE item DROP COLUMN title | fails-always | |
ALTER TABLE item DROP COLUMN qty | fails-always | |
ALTER TABLE item DROP COLUMN sku | fails-always | |
ALTER TABLE "Sale Line" DROP COLUMN "Memo" | loses breaks rewrite writes-long | EXCLUSIVE | Sale~Line
ALTER TABLE staff DROP COLUMN since | loses breaks rewrite writes-long | EXCLUSIVE | staff
ALTER TABLE staff DROP COLUMN boss | loses breaks rewrite writes-long | EXCLUSIVE | staff
ALTER TABLE shop RENAME COLUMN city TO town | breaks | EXCLUSIVE | shop
ALTER TABLE "Sale Line" RENAME TO sale_line | breaks | EXCLUSIVE | Sale~Line
ALTER TABLE tag RENAME TO word ;; CREATE VIEW tag AS SELECT item_id, word FROM word | | |
CREATE INDEX i ON item (cost, qty) | writes-long | EXCLUSIVE | item
CREATE INDEX i ON "Sale Line" ("Amount" DESC) | writes-long | EXCLUSIVE | Sale~Line
CREATE UNIQUE INDEX i ON shop (phone) | fails-on-rows writes-long | EXCLUSIVE | shop
CREATE UNIQUE INDEX i ON shop (id, phone) | writes-long | EXCLUSIVE | shop
CREATE UNIQUE INDEX i ON staff (pay) | fails-on-rows writes-long | EXCLUSIVE | staff
CREATE INDEX IF NOT EXISTS item_title ON item (title) | | |
DROP INDEX staff_mail | | EXCLUSIVE | staff
DROP INDEX no_such | fails-always | |
REINDEX item | writes-long | EXCLUSIVE | item
DROP TABLE tag | loses breaks | EXCLUSIVE | tag
DROP TABLE note | loses breaks | EXCLUSIVE | note
DROP TABLE IF EXISTS no_such | | |
DROP VIEW staff_of | breaks | |
DROP TRIGGER sale_after | | |
CREATE TRIGGER t BEFORE DELETE ON shop BEGIN SELECT RAISE(ABORT, 'no'); END | | |
CREATE TABLE fresh (id INTEGER PRIMARY KEY, shop INTEGER REFERENCES shop (id)) | | |
CREATE TABLE shop (id INTEGER) | fails-always | |
UPDATE item SET qty = qty + 1 | writes-long | EXCLUSIVE | item
UPDATE item SET qty = 5 WHERE id = 7 | | EXCLUSIVE | item
UPDATE "Sale Line" SET "Memo" = 'x' WHERE "Id" IN (3, 4) | | EXCLUSIVE | Sale~Line
DELETE FROM staff WHERE pay = 5 | writes-long | EXCLUSIVE | staff
DELETE FROM note | loses | EXCLUSIVE | note
DELETE FROM tag WHERE item_id = 4 | | EXCLUSIVE | tag
INSERT INTO shop (code) VALUES ('zzz') | | EXCLUSIVE | shop
INSERT INTO note (body) SELECT title FROM item | writes-long | EXCLUSIVE | note
ALTER TABLE staff ADD COLUMN b INTEGER ;; UPDATE staff SET b = 1 | writes-long | EXCLUSIVE | staff
CREATE TABLE note_new (id INTEGER PRIMARY KEY, body TEXT NOT NULL) ;; INSERT INTO note_new SELECT id, body FROM note | fails-on-rows | |
SELECT count(*) FROM item | | |
PRAGMA optimize | | |
""")
