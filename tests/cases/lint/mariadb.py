"""Cases for MariaDB 10.11."""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE customer (
  id bigint AUTO_INCREMENT PRIMARY KEY, email varchar(40), name varchar(60) NOT NULL, code char(8),
  status enum('new', 'old') NOT NULL DEFAULT 'new', balance decimal(10,2) NOT NULL DEFAULT 0,
  age int, score int NOT NULL DEFAULT 5, born date, seen datetime, body text, flags set('a', 'b'),
  data json) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE INDEX customer_age ON customer (age);
CREATE TABLE orders (
  id int AUTO_INCREMENT PRIMARY KEY, customer_id bigint NOT NULL, total decimal(10,2), qty int,
  loose bigint, note varchar(100),
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customer (id),
  CONSTRAINT qty_positive CHECK (qty > -100)) ENGINE=InnoDB;
CREATE TABLE shape (
  id int PRIMARY KEY, width int, height int, area int AS (width * 2) STORED,
  label varchar(20)) ENGINE=InnoDB;
CREATE TABLE bare (a int NOT NULL, b int, c varchar(20) NOT NULL, d varchar(20) CHARACTER SET utf8mb3)
  ENGINE=InnoDB;
CREATE TABLE parts (id int NOT NULL, at date NOT NULL) ENGINE=InnoDB
  PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2025), PARTITION p1 VALUES LESS THAN
  (2030));
CREATE VIEW customer_names AS SELECT id, name FROM customer;
CREATE TRIGGER orders_before BEFORE UPDATE ON orders FOR EACH ROW SET NEW.note = NEW.note
"""

CASES = read_cases("""
ALTER TABLE customer ADD COLUMN x int | | NONE | customer
ALTER TABLE customer ADD COLUMN x int NOT NULL DEFAULT 5 | | NONE | customer
ALTER TABLE customer ADD COLUMN x int NOT NULL | breaks | NONE | customer
ALTER TABLE customer ADD COLUMN x varchar(20) NOT NULL DEFAULT '' | | NONE | customer
ALTER TABLE customer ADD COLUMN x datetime DEFAULT CURRENT_TIMESTAMP | | NONE | customer
ALTER TABLE customer ADD COLUMN x char(36) DEFAULT (uuid()) | rewrite writes-long | SHARED | customer
ALTER TABLE customer ADD COLUMN x int FIRST | | NONE | customer
ALTER TABLE customer ADD COLUMN x int AFTER email | | NONE | customer
ALTER TABLE shape ADD COLUMN x int AFTER width | | NONE | shape
ALTER TABLE shape ADD COLUMN x int | | NONE | shape
ALTER TABLE customer ADD COLUMN x int AS (age * 2) VIRTUAL | | NONE | customer
ALTER TABLE customer ADD COLUMN x int AS (age * 2) STORED | rewrite writes-long | SHARED | customer
ALTER TABLE bare ADD COLUMN id int AUTO_INCREMENT PRIMARY KEY | rewrite writes-long | SHARED | bare
ALTER TABLE customer ADD COLUMN age int | fails-always | |
ALTER TABLE customer ADD COLUMN x int, ADD COLUMN y int | | NONE | customer
ALTER TABLE customer DROP COLUMN body | loses breaks | NONE | customer
ALTER TABLE customer DROP COLUMN age | loses breaks drops-objects | NONE | customer
ALTER TABLE customer DROP COLUMN name | loses breaks | NONE | customer
ALTER TABLE customer DROP COLUMN nothing | fails-always | |
ALTER TABLE customer CHANGE email mail varchar(40) | breaks | NONE | customer
ALTER TABLE customer RENAME COLUMN email TO mail | breaks | NONE | customer
ALTER TABLE customer ALTER COLUMN age SET DEFAULT 3 | | NONE | customer
ALTER TABLE customer ALTER COLUMN score DROP DEFAULT | breaks | NONE | customer
ALTER TABLE customer MODIFY email varchar(80) | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY email varchar(300) | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY email varchar(20) | fails-on-rows rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY email varchar(40) NOT NULL | fails-on-rows breaks rewrite | NONE | customer
ALTER TABLE customer MODIFY name varchar(60) | drops-objects rewrite | NONE | customer
ALTER TABLE customer MODIFY name varchar(60) NULL | rewrite | NONE | customer
ALTER TABLE customer MODIFY name varchar(70) | drops-objects rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY age bigint | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY age smallint | fails-on-rows rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY age int NOT NULL | fails-on-rows breaks rewrite | NONE | customer
ALTER TABLE shape MODIFY width int NOT NULL | fails-on-rows breaks rewrite writes-long | SHARED | shape
ALTER TABLE customer MODIFY balance decimal(12,2) NOT NULL DEFAULT 0 | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY balance decimal(10,1) NOT NULL DEFAULT 0 | loses rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY balance int NOT NULL DEFAULT 0 | loses rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY balance decimal(8,2) NOT NULL DEFAULT 0 | fails-on-rows rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY seen date | loses rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY code varchar(8) | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY body longtext | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY status enum('new', 'old', 'gone') NOT NULL DEFAULT 'new' | | NONE | customer
ALTER TABLE customer MODIFY status enum('new') NOT NULL DEFAULT 'new' | fails-on-rows rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY status enum('old', 'new') NOT NULL DEFAULT 'new' | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY status enum('new', 'mid', 'old') NOT NULL DEFAULT 'new' | rewrite writes-long | SHARED | customer
ALTER TABLE customer MODIFY status enum('new', 'old', 'gone') | drops-objects rewrite | NONE | customer
ALTER TABLE customer MODIFY flags set('a', 'b', 'c') | | NONE | customer
ALTER TABLE customer MODIFY age int COMMENT 'years' | | NONE | customer
ALTER TABLE orders MODIFY id bigint AUTO_INCREMENT | rewrite writes-long | SHARED | orders
ALTER TABLE orders MODIFY id int | breaks drops-objects | NONE | orders
ALTER TABLE bare MODIFY d varchar(20) CHARACTER SET utf8mb4 | | NONE | bare
ALTER TABLE bare CONVERT TO CHARACTER SET latin1 | fails-on-rows rewrite writes-long | SHARED | bare
ALTER TABLE customer DEFAULT CHARACTER SET latin1 | | NONE | customer
ALTER TABLE customer COMMENT = 'people' | | NONE | customer
CREATE INDEX i ON customer (name) | | NONE | customer
CREATE UNIQUE INDEX i ON customer (email) | fails-on-rows | NONE | customer
ALTER TABLE customer ADD UNIQUE (email) | fails-on-rows | NONE | customer
ALTER TABLE customer ADD INDEX i (name), ADD INDEX j (email) | | NONE | customer
CREATE FULLTEXT INDEX i ON customer (body) | rewrite writes-long | SHARED | customer
DROP INDEX customer_age ON customer | | NONE | customer
DROP INDEX nothing ON customer | fails-always | |
ALTER TABLE customer DROP INDEX customer_age | | NONE | customer
ALTER TABLE customer RENAME INDEX customer_age TO ca | | NONE | customer
ALTER TABLE bare ADD PRIMARY KEY (a) | fails-on-rows rewrite | NONE | bare
ALTER TABLE bare ADD PRIMARY KEY (b) | fails-on-rows breaks rewrite | NONE | bare
ALTER TABLE shape DROP PRIMARY KEY | rewrite writes-long | SHARED | shape
ALTER TABLE shape DROP PRIMARY KEY, ADD PRIMARY KEY (id, label) | fails-on-rows breaks rewrite writes-long | SHARED | shape
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer (id) | fails-on-rows rewrite writes-long | SHARED | orders customer
SET foreign_key_checks = 0 ;; ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (loose) REFERENCES customer (id) | | NONE | orders customer
ALTER TABLE orders DROP FOREIGN KEY orders_customer | | NONE | orders customer
ALTER TABLE orders ADD CONSTRAINT c CHECK (total > -100) | rewrite writes-long | SHARED | orders
ALTER TABLE orders ADD CONSTRAINT c CHECK (total >= 0) | fails-on-rows rewrite writes-long | SHARED | orders
ALTER TABLE orders DROP CONSTRAINT qty_positive | | NONE | orders
ALTER TABLE bare ENGINE = InnoDB | rewrite | NONE | bare
ALTER TABLE bare ROW_FORMAT = COMPRESSED | rewrite | NONE | bare
ALTER TABLE bare ENGINE = MyISAM | rewrite writes-long | SHARED | bare
ALTER TABLE bare AUTO_INCREMENT = 100 | | NONE | bare
ALTER TABLE bare FORCE | rewrite | NONE | bare
OPTIMIZE TABLE bare | rewrite | NONE | bare
ALTER TABLE customer ADD COLUMN x int, ALGORITHM=COPY | rewrite writes-long | SHARED | customer
ALTER TABLE customer ADD COLUMN x int, LOCK=EXCLUSIVE | | EXCLUSIVE | customer
CREATE TABLE fresh (id int PRIMARY KEY) | | |
CREATE TABLE fresh (id int) ;; CREATE INDEX i ON fresh (id) | | |
CREATE TABLE customer (id int) | fails-always | |
DROP TABLE bare | loses breaks | EXCLUSIVE | bare
DROP TABLE customer | fails-always | |
DROP TABLE IF EXISTS nothing | | |
TRUNCATE TABLE bare | loses | EXCLUSIVE | bare
RENAME TABLE bare TO nude | breaks | EXCLUSIVE | bare
ALTER TABLE bare RENAME TO nude | breaks | NONE | bare
UPDATE customer SET score = 1 | writes-long | ROWS | customer
UPDATE customer SET score = 1 WHERE id = 5 | | ROWS | customer
DELETE FROM bare | loses writes-long | ROWS | bare
DELETE FROM customer WHERE id = 999999 | | ROWS | customer
INSERT INTO bare (a, c) VALUES (1, 'x') | | ROWS | bare
CREATE VIEW v AS SELECT id FROM customer | | |
DROP VIEW customer_names | breaks | |
CREATE TRIGGER t BEFORE INSERT ON customer FOR EACH ROW SET NEW.age = 1 | | EXCLUSIVE | customer
DROP TRIGGER orders_before | | |
SELECT 1 | | |
ALTER TABLE parts DROP PARTITION p0 | loses | NONE | parts
ALTER TABLE parts ADD PARTITION (PARTITION p2 VALUES LESS THAN (2040)) | | NONE | parts
ALTER TABLE bare MODIFY d varchar(80) CHARACTER SET utf8mb3 | | NONE | bare
ALTER TABLE customer ADD COLUMN x int ;; ALTER TABLE customer ADD UNIQUE (email) | fails-on-rows half-applied | NONE | customer
ALTER TABLE customer ADD COLUMN x int ;; ALTER TABLE customer ADD COLUMN y int | | NONE | customer
""")
