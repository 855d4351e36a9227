"""Cases for MariaDB 10.11 from its manual: ALTER TABLE, instant changes, partitions, versioning.

https://mariadb.com/kb/en/innodb-online-ddl-overview/
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE account (
  id int unsigned AUTO_INCREMENT PRIMARY KEY, login varchar(50) NOT NULL, nick varchar(60),
  bio text, birthday date, joined timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  credit decimal(8,2) DEFAULT 0, kind enum('open', 'paid', 'void') NOT NULL DEFAULT 'open',
  ratio float, slot time, active tinyint(1) NOT NULL DEFAULT 1, small tinyint, big bigint,
  low varchar(60) AS (lower(nick)) VIRTUAL, note varchar(200) CHARACTER SET utf8mb3,
  UNIQUE KEY account_login (login)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE INDEX account_nick ON account (nick);
CREATE TABLE invoice (
  number int AUTO_INCREMENT PRIMARY KEY, account_id int unsigned, amount decimal(10,2) NOT NULL,
  memo varchar(100), ref int, paid tinyint(1) NOT NULL DEFAULT 0,
  CONSTRAINT invoice_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE)
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE plain (k int, v varchar(30)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE keyless (a int NOT NULL, b int NOT NULL, UNIQUE KEY keyless_a (a)) ENGINE=InnoDB;
CREATE TABLE track (id int PRIMARY KEY, label varchar(20)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
CREATE TABLE reading (sensor int NOT NULL, val int, PRIMARY KEY (sensor)) ENGINE=InnoDB
  PARTITION BY RANGE (sensor) (PARTITION p0 VALUES LESS THAN (1000),
  PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE swap (sensor int NOT NULL, val int, PRIMARY KEY (sensor)) ENGINE=InnoDB;
CREATE TABLE old_engine (id int PRIMARY KEY, body varchar(40)) ENGINE=MyISAM;
CREATE SEQUENCE ticket;
CREATE VIEW nicks AS SELECT id, nick FROM account;
CREATE TRIGGER invoice_before BEFORE UPDATE ON invoice FOR EACH ROW SET NEW.memo = NEW.memo
"""

CASES = read_cases("""
# columns
ALTER TABLE account ADD COLUMN a int, ADD COLUMN b varchar(10) NOT NULL DEFAULT 'x' AFTER nick | rewrite writes-long | SHARED | account
ALTER TABLE account ADD COLUMN a date NOT NULL | breaks | NONE | account
ALTER TABLE account ADD COLUMN a double DEFAULT (rand()) | | NONE | account
ALTER TABLE account ADD COLUMN a int AS (small + 1) PERSISTENT | rewrite writes-long | SHARED | account
ALTER TABLE account ADD COLUMN a int AS (small + 1) VIRTUAL | | NONE | account
ALTER TABLE account ADD COLUMN a int UNIQUE | rewrite | NONE | account
ALTER TABLE account ADD COLUMN IF NOT EXISTS nick int | | NONE | account
ALTER TABLE account ADD COLUMN a int INVISIBLE | | NONE | account
ALTER TABLE account ADD COLUMN a int, ALGORITHM=INSTANT | | NONE | account
ALTER TABLE account ADD COLUMN a int, ALGORITHM=INPLACE, LOCK=SHARED | | SHARED | account
ALTER TABLE account MODIFY big int, ALGORITHM=INPLACE | fails-always | |
ALTER TABLE account DROP COLUMN bio | loses breaks | NONE | account
ALTER TABLE account DROP COLUMN low | breaks | NONE | account
ALTER TABLE account DROP COLUMN nick | fails-always | |
ALTER TABLE account DROP COLUMN IF EXISTS nothing | | NONE | account
ALTER TABLE invoice DROP COLUMN account_id | fails-always | |
ALTER TABLE account DROP COLUMN bio, ALGORITHM=COPY | loses breaks rewrite writes-long | SHARED | account
ALTER TABLE account ALTER COLUMN credit SET DEFAULT 5 | | NONE | account
ALTER TABLE account ALTER active DROP DEFAULT | breaks | NONE | account
ALTER TABLE account CHANGE COLUMN bio biography text | breaks | NONE | account
ALTER TABLE account RENAME COLUMN birthday TO born | breaks | NONE | account
# types
ALTER TABLE account MODIFY login varchar(60) NOT NULL | | NONE | account
ALTER TABLE account MODIFY nick varchar(60) NOT NULL DEFAULT '' | fails-on-rows rewrite | NONE | account
ALTER TABLE account MODIFY birthday datetime | rewrite writes-long | SHARED | account
ALTER TABLE account MODIFY credit decimal(8,2) NOT NULL DEFAULT 0 | fails-on-rows rewrite | NONE | account
ALTER TABLE account MODIFY credit decimal(9,2) DEFAULT 0 | rewrite writes-long | SHARED | account
ALTER TABLE account MODIFY big int | fails-on-rows rewrite writes-long | SHARED | account
ALTER TABLE account MODIFY small int | rewrite writes-long | SHARED | account
ALTER TABLE account MODIFY ratio double | rewrite writes-long | SHARED | account
ALTER TABLE account MODIFY bio varchar(500) | fails-on-rows rewrite writes-long | SHARED | account
ALTER TABLE account MODIFY bio mediumtext | rewrite writes-long | SHARED | account
ALTER TABLE invoice MODIFY memo varchar(100) COMMENT 'words' | | NONE | invoice
ALTER TABLE invoice MODIFY memo varchar(200) | | NONE | invoice
ALTER TABLE invoice MODIFY memo varchar(50) | fails-on-rows rewrite writes-long | SHARED | invoice
ALTER TABLE invoice MODIFY memo varchar(100) AFTER ref | | NONE | invoice
ALTER TABLE invoice MODIFY amount decimal(10,2) | drops-objects rewrite | NONE | invoice
ALTER TABLE invoice MODIFY amount decimal(10,3) NOT NULL | rewrite writes-long fails-on-rows | SHARED | invoice
ALTER TABLE invoice MODIFY ref int NOT NULL | fails-on-rows breaks rewrite | NONE | invoice
ALTER TABLE invoice MODIFY ref bigint UNSIGNED | fails-on-rows rewrite writes-long | SHARED | invoice
ALTER TABLE account MODIFY kind enum('open', 'paid', 'void', 'late') NOT NULL DEFAULT 'open' | | NONE | account
ALTER TABLE account MODIFY note varchar(200) CHARACTER SET utf8mb4 | | NONE | account
ALTER TABLE account MODIFY id bigint unsigned AUTO_INCREMENT | fails-always | |
ALTER TABLE account MODIFY kind varchar(10) NOT NULL DEFAULT 'open' | rewrite writes-long | SHARED | account
# character sets, storage
ALTER TABLE plain CONVERT TO CHARACTER SET latin1 | fails-on-rows rewrite writes-long | SHARED | plain
ALTER TABLE plain CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin | | NONE | plain
ALTER TABLE plain DEFAULT COLLATE utf8mb4_bin | | NONE | plain
ALTER TABLE plain ENGINE = Aria | rewrite writes-long | SHARED | plain
ALTER TABLE old_engine ADD COLUMN x int | rewrite writes-long | SHARED | old_engine
ALTER TABLE old_engine ENGINE = InnoDB | rewrite writes-long | SHARED | old_engine
ALTER TABLE plain KEY_BLOCK_SIZE = 8 ROW_FORMAT = COMPRESSED | rewrite | NONE | plain
ALTER TABLE plain PAGE_COMPRESSED = 1 | rewrite | NONE | plain
ALTER TABLE plain STATS_PERSISTENT = 1 | | NONE | plain
ANALYZE TABLE plain | | |
# indexes and constraints
ALTER TABLE account ADD INDEX i (birthday), ALGORITHM=INPLACE, LOCK=NONE | | NONE | account
CREATE INDEX i ON account (bio(20)) | | NONE | account
ALTER TABLE account ADD FULLTEXT (nick, bio) | rewrite writes-long | SHARED | account
CREATE UNIQUE INDEX i ON invoice (ref) | fails-on-rows | NONE | invoice
CREATE OR REPLACE INDEX account_nick ON account (nick, login) | | NONE | account
DROP INDEX IF EXISTS nothing ON account | | NONE | account
DROP INDEX account_login ON account | | NONE | account
DROP INDEX invoice_account ON invoice | fails-always | |
ALTER TABLE account ALTER INDEX account_nick IGNORED | | NONE | account
ALTER TABLE keyless ADD PRIMARY KEY (a), DROP INDEX keyless_a | | NONE | keyless
ALTER TABLE keyless ADD PRIMARY KEY (b) | fails-on-rows rewrite | NONE | keyless
ALTER TABLE account DROP PRIMARY KEY | fails-always | |
ALTER TABLE invoice ADD FOREIGN KEY (ref) REFERENCES invoice (number) | fails-on-rows rewrite writes-long | SHARED | invoice
ALTER TABLE invoice DROP FOREIGN KEY invoice_account, DROP COLUMN account_id | loses breaks | NONE | invoice account
ALTER TABLE plain ADD CONSTRAINT c CHECK (k > 0) | fails-on-rows rewrite writes-long | SHARED | plain
ALTER TABLE plain ADD CONSTRAINT c CHECK (k > -1000000000000) | rewrite writes-long | SHARED | plain
# partitions and versioning
ALTER TABLE reading EXCHANGE PARTITION p0 WITH TABLE swap | fails-in-tx | |
@ALTER TABLE reading EXCHANGE PARTITION p0 WITH TABLE swap | fails-on-rows | EXCLUSIVE | reading swap
ALTER TABLE reading TRUNCATE PARTITION p0 | loses | NONE | reading
ALTER TABLE reading DROP PARTITION p0 | loses | NONE | reading
ALTER TABLE reading REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (2000), PARTITION p2 VALUES LESS THAN MAXVALUE) | rewrite writes-long | SHARED | reading
ALTER TABLE swap PARTITION BY HASH (sensor) PARTITIONS 4 | rewrite writes-long | SHARED | swap
ALTER TABLE reading REMOVE PARTITIONING | rewrite writes-long | SHARED | reading
ALTER TABLE track DROP SYSTEM VERSIONING | loses rewrite writes-long | SHARED | track
ALTER TABLE plain ADD SYSTEM VERSIONING | rewrite writes-long | SHARED | plain
ALTER TABLE track ADD COLUMN x int | fails-always | |
# tables and others
RENAME TABLE plain TO p2, swap TO plain | breaks | EXCLUSIVE | plain swap
ALTER TABLE plain RENAME p2 | breaks | NONE | plain
DROP TABLE invoice | loses breaks | EXCLUSIVE | invoice account
DROP TABLE account | fails-always | |
TRUNCATE account | fails-always | |
TRUNCATE plain | loses | EXCLUSIVE | plain
CREATE TABLE fresh (id int PRIMARY KEY, a int unsigned, FOREIGN KEY (a) REFERENCES account (id)) | | EXCLUSIVE | account
CREATE TABLE fresh LIKE account | | |
CREATE TABLE fresh AS SELECT * FROM plain | | |
CREATE OR REPLACE TABLE plain (k int) | loses breaks | EXCLUSIVE | plain
CREATE OR REPLACE VIEW nicks AS SELECT id FROM account | breaks | |
DROP VIEW IF EXISTS nothing | | |
DROP SEQUENCE ticket | loses | |
CREATE PROCEDURE tidy() DELETE FROM plain WHERE k = -1 | | |
CREATE OR REPLACE TRIGGER invoice_before BEFORE UPDATE ON invoice FOR EACH ROW SET NEW.memo = 'y' | | EXCLUSIVE | invoice
UPDATE invoice SET paid = 1 | writes-long | ROWS | invoice
UPDATE invoice SET memo = 'x' WHERE number = 3 | | ROWS | invoice
UPDATE invoice JOIN account ON account.id = account_id SET memo = nick | writes-long | ROWS | invoice account
DELETE FROM plain WHERE v = 'zzz' | writes-long | ROWS | plain
INSERT INTO plain SELECT number, 'x' FROM invoice | writes-long | ROWS | plain invoice
REPLACE INTO plain (k, v) VALUES (1, 'x') | | ROWS | plain
LOCK TABLES plain WRITE ;; UNLOCK TABLES | | |
SET SESSION lock_wait_timeout = 5 | | |
SELECT NEXTVAL(ticket) | | |
""")
