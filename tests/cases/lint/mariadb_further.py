"""Cases for MariaDB 10.11 of kinds that the others do not hold: clauses, partitions, swaps.

Their expectations are from the manual and from the bare driver.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE acct (
  id int AUTO_INCREMENT PRIMARY KEY, login varchar(30) NOT NULL, memo varchar(50), n int,
  phase enum('draft', 'open', 'closed') NOT NULL DEFAULT 'draft', amount decimal(10,2), lo int,
  hi int, body text, stamp timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY acct_login (login)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE kid (id int PRIMARY KEY, acct_id int NOT NULL, v varchar(20),
  CONSTRAINT kid_acct FOREIGN KEY (acct_id) REFERENCES acct (id) ON DELETE CASCADE)
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE spare (id int PRIMARY KEY, v varchar(20)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE part (id int NOT NULL, at date NOT NULL, v varchar(20)) ENGINE=InnoDB
  PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2025), PARTITION p1 VALUES LESS THAN
  (2030), PARTITION pmax VALUES LESS THAN MAXVALUE);
CREATE TABLE past (id int PRIMARY KEY, v varchar(20)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
CREATE VIEW acct_names AS SELECT id, login FROM acct;
CREATE SEQUENCE lot START WITH 10
"""

CASES = read_cases("""
# clauses
ALTER TABLE acct ADD COLUMN x int, ALGORITHM=INSTANT | | NONE | acct
ALTER TABLE acct MODIFY n bigint, ALGORITHM=INPLACE | fails-always | |
ALTER TABLE acct ADD INDEX i (memo), LOCK=EXCLUSIVE | reads-long | EXCLUSIVE | acct
ALTER TABLE acct ADD INDEX i (memo), LOCK=SHARED | writes-long | SHARED | acct
ALTER TABLE acct ADD INDEX i (memo), ALGORITHM=COPY | rewrite writes-long | SHARED | acct
ALTER ONLINE TABLE acct ADD COLUMN z int | | NONE | acct
ALTER TABLE acct ADD COLUMN IF NOT EXISTS memo int | | NONE | acct
ALTER TABLE acct ALTER INDEX acct_login IGNORED | | NONE | acct
# character sets, types, positions
ALTER TABLE acct DEFAULT CHARACTER SET latin1 | | NONE | acct
ALTER TABLE acct CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin | rewrite writes-long | SHARED | acct
ALTER TABLE acct MODIFY phase varchar(10) NOT NULL DEFAULT 'draft' | rewrite writes-long | SHARED | acct
ALTER TABLE acct MODIFY n int unsigned | fails-on-rows rewrite writes-long | SHARED | acct
ALTER TABLE acct MODIFY memo varchar(50) AFTER id | | NONE | acct
ALTER TABLE acct MODIFY body mediumtext | rewrite writes-long | SHARED | acct
ALTER TABLE acct MODIFY stamp timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP | | NONE | acct
ALTER TABLE acct DROP PRIMARY KEY | fails-always | |
ALTER TABLE acct AUTO_INCREMENT = 1000000 | | NONE | acct
ALTER TABLE acct RENAME COLUMN memo TO note, ADD COLUMN z int | breaks | NONE | acct
ALTER TABLE acct ADD CONSTRAINT c CHECK (lo < hi) | fails-on-rows rewrite writes-long | SHARED | acct
# partitions, versions
ALTER TABLE part TRUNCATE PARTITION p0 | loses | NONE | part
ALTER TABLE part REMOVE PARTITIONING | rewrite writes-long | SHARED | part
ALTER TABLE spare PARTITION BY HASH (id) PARTITIONS 4 | rewrite writes-long | SHARED | spare
ALTER TABLE spare ADD SYSTEM VERSIONING | rewrite writes-long | SHARED | spare
ALTER TABLE past DROP SYSTEM VERSIONING | loses rewrite writes-long | SHARED | past
# tables, rows, others
SET foreign_key_checks = 0 ;; TRUNCATE TABLE acct | loses | EXCLUSIVE | acct
DROP TABLE acct | fails-always | |
CREATE OR REPLACE TABLE spare (id int) | loses breaks | EXCLUSIVE | spare
DELETE s FROM spare s JOIN acct a ON a.id = s.id | loses writes-long | ROWS | spare acct
UPDATE acct a JOIN kid k ON k.acct_id = a.id SET a.memo = 'x' | writes-long | ROWS | acct kid
UPDATE acct SET memo = 'x' ORDER BY id LIMIT 5 | | ROWS | acct
ANALYZE TABLE acct | | |
SELECT NEXT VALUE FOR lot | | |
""")
