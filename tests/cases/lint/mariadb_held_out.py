"""Cases for MariaDB 10.11 on which no rule was written: other shapes, names and combinations.

Their expectations were written before the first run.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE shop (
  id smallint unsigned AUTO_INCREMENT PRIMARY KEY, code char(6) NOT NULL, city varchar(80),
  opened date, area float, vat decimal(4,3), phone varchar(24), spot point NOT NULL,
  flags bit(8), yr year, kind set('a', 'b', 'c') NOT NULL DEFAULT 'a',
  UNIQUE KEY shop_code (code)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE item (
  id bigint unsigned AUTO_INCREMENT PRIMARY KEY, shop_id smallint unsigned NOT NULL,
  sku varchar(32) NOT NULL, title varchar(300) NOT NULL, size enum('s', 'm', 'l') DEFAULT 'm',
  cost decimal(12,2), note tinytext, qty mediumint NOT NULL DEFAULT 0, weight double,
  added datetime(0) DEFAULT CURRENT_TIMESTAMP, attrs json, raw varbinary(40),
  double_qty int AS (qty * 2) VIRTUAL,
  UNIQUE KEY item_sku (shop_id, sku), KEY item_title (title(40)),
  CONSTRAINT item_shop FOREIGN KEY (shop_id) REFERENCES shop (id),
  CONSTRAINT qty_range CHECK (qty BETWEEN -5000 AND 900000)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `Sale Line` (
  `Id` int PRIMARY KEY, `Item Id` bigint unsigned, `Amount` decimal(10,2) NOT NULL,
  `Memo` varchar(255), CONSTRAINT sale_item FOREIGN KEY (`Item Id`) REFERENCES item (id)
  ON DELETE SET NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE staff (
  id int PRIMARY KEY, boss int, mail varchar(100), pin varchar(4), pay int, since date,
  level tinyint NOT NULL, KEY staff_since (since), CONSTRAINT staff_boss FOREIGN KEY (boss)
  REFERENCES staff (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE tag (item_id bigint unsigned NOT NULL, word varchar(40) NOT NULL,
  UNIQUE KEY tag_pair (item_id, word)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;
CREATE TABLE visit (shop int NOT NULL, day date NOT NULL, n int, who varchar(20),
  PRIMARY KEY (shop, day)) ENGINE=InnoDB
  PARTITION BY LIST (shop) (PARTITION v1 VALUES IN (1, 2), PARTITION v2 VALUES IN (3, 4, 5));
CREATE TABLE hop (id int NOT NULL PRIMARY KEY, v varchar(20)) ENGINE=InnoDB
  PARTITION BY HASH (id) PARTITIONS 2;
CREATE TABLE past (id int PRIMARY KEY, v varchar(20)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
CREATE TABLE mem (k int PRIMARY KEY, v varchar(10)) ENGINE=MEMORY;
CREATE SEQUENCE lot START WITH 10;
CREATE VIEW staff_of AS SELECT id, mail FROM staff;
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN x * 2;
CREATE TRIGGER staff_bump BEFORE INSERT ON staff FOR EACH ROW SET NEW.level = 1
"""

CASES = read_cases("""
# columns
ALTER TABLE shop ADD COLUMN a tinyint(1) NOT NULL DEFAULT 0 | | NONE | shop
ALTER TABLE shop ADD COLUMN a varchar(20) NOT NULL | breaks | NONE | shop
ALTER TABLE shop ADD COLUMN a timestamp NULL | | NONE | shop
ALTER TABLE shop ADD COLUMN a enum('x', 'y') NOT NULL | | NONE | shop
ALTER TABLE shop ADD COLUMN a uuid DEFAULT (uuid()) | rewrite writes-long | SHARED | shop
ALTER TABLE shop ADD COLUMN a text DEFAULT 'x' | | NONE | shop
ALTER TABLE shop ADD COLUMN a int AFTER code | | NONE | shop
ALTER TABLE item ADD COLUMN a int AFTER sku | rewrite writes-long | SHARED | item
ALTER TABLE item ADD COLUMN a int AS (qty + 1) STORED | rewrite writes-long | SHARED | item
ALTER TABLE item ADD COLUMN a int AS (qty + 1) VIRTUAL | | NONE | item
ALTER TABLE item ADD COLUMN a int NOT NULL DEFAULT 0, DROP COLUMN note | loses breaks rewrite writes-long | SHARED | item
ALTER TABLE tag ADD COLUMN id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY | rewrite writes-long | SHARED | tag
ALTER TABLE `Sale Line` ADD COLUMN `Tax` decimal(10,2) NOT NULL | breaks | NONE | Sale~Line
ALTER TABLE `Sale Line` ADD COLUMN `Tax` decimal(10,2) NULL | | NONE | Sale~Line
ALTER TABLE staff ADD COLUMN pay int | fails-always | |
ALTER TABLE mem ADD COLUMN a int | rewrite writes-long | SHARED | mem
ALTER TABLE shop DROP COLUMN opened | loses breaks | NONE | shop
ALTER TABLE shop DROP COLUMN code | loses breaks drops-objects | NONE | shop
ALTER TABLE item DROP COLUMN qty | fails-always | |
ALTER TABLE item DROP COLUMN shop_id | fails-always | |
ALTER TABLE item DROP COLUMN title | loses breaks drops-objects | NONE | item
ALTER TABLE `Sale Line` DROP COLUMN `Memo` | loses breaks | NONE | Sale~Line
ALTER TABLE visit DROP COLUMN n | loses breaks | NONE | visit
ALTER TABLE shop RENAME COLUMN city TO town | breaks | NONE | shop
ALTER TABLE item CHANGE qty amount mediumint NOT NULL DEFAULT 0 | breaks | NONE | item
ALTER TABLE staff CHANGE pin pin_code varchar(4) | breaks | NONE | staff
ALTER TABLE shop ALTER COLUMN kind DROP DEFAULT | breaks | NONE | shop
ALTER TABLE shop ALTER city SET DEFAULT 'x' | | NONE | shop
# types
ALTER TABLE shop MODIFY city varchar(200) | | NONE | shop
ALTER TABLE shop MODIFY city varchar(300) | | NONE | shop
ALTER TABLE shop MODIFY city varchar(40) | fails-on-rows rewrite writes-long | SHARED | shop
ALTER TABLE shop MODIFY city text | rewrite writes-long | SHARED | shop
ALTER TABLE shop MODIFY code varchar(6) NOT NULL | rewrite writes-long | SHARED | shop
ALTER TABLE shop MODIFY code char(6) | drops-objects rewrite | NONE | shop
ALTER TABLE shop MODIFY vat decimal(5,3) | rewrite writes-long | SHARED | shop
ALTER TABLE shop MODIFY area double | rewrite writes-long | SHARED | shop
ALTER TABLE shop MODIFY kind set('a', 'b', 'c', 'd') NOT NULL DEFAULT 'a' | | NONE | shop
ALTER TABLE shop MODIFY kind set('a', 'b') NOT NULL DEFAULT 'a' | rewrite writes-long | SHARED | shop
ALTER TABLE shop MODIFY flags bit(16) | rewrite writes-long | SHARED | shop
ALTER TABLE shop MODIFY phone varchar(24) NOT NULL | fails-on-rows breaks rewrite | NONE | shop
ALTER TABLE shop MODIFY id int unsigned AUTO_INCREMENT | fails-always | |
ALTER TABLE item MODIFY size enum('s', 'm', 'l', 'xl') DEFAULT 'm' | | NONE | item
ALTER TABLE item MODIFY size enum('m', 's', 'l') DEFAULT 'm' | rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY size enum('s', 'm') DEFAULT 'm' | fails-on-rows rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY qty int NOT NULL DEFAULT 0 | rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY weight float | rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY cost decimal(8,2) | fails-on-rows rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY cost decimal(12,1) | loses rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY note text | rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY added datetime(3) DEFAULT CURRENT_TIMESTAMP | rewrite writes-long | SHARED | item
ALTER TABLE item MODIFY raw varbinary(80) | | NONE | item
ALTER TABLE item MODIFY title varchar(300) COLLATE utf8mb4_bin NOT NULL | | NONE | item
ALTER TABLE staff MODIFY mail varchar(100) COMMENT 'where' | | NONE | staff
ALTER TABLE staff MODIFY level smallint NOT NULL | rewrite writes-long | SHARED | staff
ALTER TABLE staff MODIFY pay varchar(20) | rewrite writes-long | SHARED | staff
ALTER TABLE staff MODIFY pin int | fails-on-rows rewrite writes-long | SHARED | staff
ALTER TABLE visit MODIFY n bigint | rewrite writes-long | SHARED | visit
ALTER TABLE tag CONVERT TO CHARACTER SET utf8mb4 | | NONE | tag
ALTER TABLE past MODIFY v varchar(40) | fails-always | |
# indexes, constraints
CREATE INDEX i ON item (weight, cost) | | NONE | item
CREATE UNIQUE INDEX i ON shop (phone) | fails-on-rows | NONE | shop
CREATE UNIQUE INDEX i ON shop (id, phone) | | NONE | shop
CREATE FULLTEXT INDEX i ON item (title) | rewrite writes-long | SHARED | item
CREATE SPATIAL INDEX i ON shop (spot) | writes-long | SHARED | shop
CREATE INDEX i ON `Sale Line` (`Amount`) | | NONE | Sale~Line
DROP INDEX item_title ON item | | NONE | item
DROP INDEX nothing ON item | fails-always | |
ALTER TABLE item DROP INDEX item_sku | fails-always | |
ALTER TABLE item RENAME INDEX item_title TO by_title | | NONE | item
ALTER TABLE staff ADD UNIQUE (mail) | fails-on-rows | NONE | staff
ALTER TABLE staff ADD CONSTRAINT c CHECK (pay > 0) | fails-on-rows rewrite writes-long | SHARED | staff
ALTER TABLE staff DROP FOREIGN KEY staff_boss | | NONE | staff
ALTER TABLE item DROP CONSTRAINT qty_range | | NONE | item
ALTER TABLE tag ADD CONSTRAINT t FOREIGN KEY (item_id) REFERENCES item (id) | fails-on-rows rewrite writes-long | SHARED | tag item
SET foreign_key_checks = 0 ;; ALTER TABLE tag ADD CONSTRAINT t FOREIGN KEY (item_id) REFERENCES item (id) | | NONE | tag item
ALTER TABLE tag ADD PRIMARY KEY (item_id, word) | | NONE | tag
ALTER TABLE staff DROP PRIMARY KEY, ADD PRIMARY KEY (id, level) | rewrite | NONE | staff
# tables, partitions
ALTER TABLE shop ROW_FORMAT = DYNAMIC | rewrite | NONE | shop
ALTER TABLE shop ENGINE = InnoDB | rewrite | NONE | shop
ALTER TABLE shop FORCE | rewrite | NONE | shop
ALTER TABLE shop COMMENT = 'x' | | NONE | shop
ALTER TABLE shop AUTO_INCREMENT = 5000 | | NONE | shop
ALTER TABLE mem ENGINE = InnoDB | rewrite writes-long | SHARED | mem
ALTER TABLE visit ADD PARTITION (PARTITION v3 VALUES IN (6)) | | NONE | visit
ALTER TABLE visit DROP PARTITION v2 | loses breaks | NONE | visit
ALTER TABLE hop ADD PARTITION PARTITIONS 1 | rewrite writes-long | SHARED | hop
ALTER TABLE hop COALESCE PARTITION 1 | rewrite writes-long | SHARED | hop
OPTIMIZE TABLE shop | rewrite | NONE | shop
RENAME TABLE tag TO tags | breaks | EXCLUSIVE | tag
DROP TABLE tag, `Sale Line` | loses breaks | EXCLUSIVE | tag Sale~Line item
DROP TABLE shop | fails-always | |
DROP TABLE IF EXISTS nothing | | |
TRUNCATE TABLE `Sale Line` | loses | EXCLUSIVE | Sale~Line
CREATE TABLE fresh (id int PRIMARY KEY, s smallint unsigned, FOREIGN KEY (s) REFERENCES shop (id)) | | EXCLUSIVE | shop
CREATE TABLE fresh SELECT id, mail FROM staff | | |
# rows, others
UPDATE item SET qty = qty + 1 | writes-long | ROWS | item
UPDATE item SET qty = 5 WHERE id = 7 | | ROWS | item
DELETE FROM tag | loses writes-long | ROWS | tag
DELETE FROM `Sale Line` WHERE `Id` = 4 | | ROWS | Sale~Line
DELETE FROM shop WHERE id = 3 | fails-on-rows | ROWS | shop
INSERT INTO tag SELECT id, 'x' FROM item | writes-long | ROWS | tag item
INSERT INTO staff (id, level) VALUES (990001, 2) ON DUPLICATE KEY UPDATE level = 3 | | ROWS | staff
DROP VIEW staff_of | breaks | |
ALTER VIEW staff_of AS SELECT id, mail, pay FROM staff | | |
DROP TRIGGER staff_bump | | |
DROP FUNCTION twice | | |
DROP SEQUENCE lot | loses | |
CREATE TABLE a (id int) ;; ALTER TABLE a ADD COLUMN b int NOT NULL ;; ALTER TABLE staff ADD COLUMN b int | | NONE | staff
ALTER TABLE staff ADD COLUMN b int ;; UPDATE staff SET b = 1 | writes-long | ROWS | staff
""")
