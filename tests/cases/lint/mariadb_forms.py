"""Cases for MariaDB 10.11: written clauses, keys on both sides, partitions, versioning, comments."""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE team (
  id int AUTO_INCREMENT PRIMARY KEY, name varchar(60) NOT NULL, slug varchar(40),
  plan enum('low', 'mid') NOT NULL DEFAULT 'low', made datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  tally int NOT NULL DEFAULT 0, UNIQUE KEY team_name (name)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE member (
  id bigint unsigned AUTO_INCREMENT PRIMARY KEY, team_id int NOT NULL, boss bigint unsigned,
  email varchar(120) NOT NULL, phone varchar(20), nick varchar(60), bio mediumtext,
  hours decimal(6,2), since date, flags set('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  KEY member_boss (boss), KEY member_email (email),
  CONSTRAINT member_team FOREIGN KEY (team_id) REFERENCES team (id),
  CONSTRAINT hours_ok CHECK (hours >= 0)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE place (id int PRIMARY KEY, spot point NOT NULL, label text) ENGINE=InnoDB;
CREATE TABLE doc (id int PRIMARY KEY, head varchar(100), body text, FULLTEXT KEY doc_head (head))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE note (id int PRIMARY KEY, meta json, word varchar(30)) ENGINE=InnoDB
  DEFAULT CHARSET=utf8mb4;
CREATE TABLE hist (id int PRIMARY KEY, v varchar(20)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
CREATE TABLE logs (id bigint NOT NULL, at int NOT NULL, body varchar(100), PRIMARY KEY (id, at))
  ENGINE=InnoDB PARTITION BY HASH (at) PARTITIONS 4;
CREATE TABLE part (id int NOT NULL, val int, PRIMARY KEY (id)) ENGINE=InnoDB
  PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1000),
  PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE swap (id int NOT NULL, val int, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE VIEW cheap_teams AS SELECT id, name FROM team WHERE plan = 'low'
"""

CASES = read_cases("""
# columns
ALTER TABLE member ADD COLUMN (a int, b varchar(10) DEFAULT 'x') | | NONE | member
ALTER TABLE member ADD a int FIRST, ADD b text | | NONE | member
ALTER TABLE member ADD COLUMN a int CHECK (a > 0) | | NONE | member
ALTER TABLE note ADD COLUMN a json DEFAULT '{}' | | NONE | note
ALTER TABLE member ADD COLUMN a timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP | | NONE | member
ALTER TABLE member ADD COLUMN a int NOT NULL DEFAULT 0, ADD INDEX (a) | rewrite | NONE | member
ALTER TABLE member ADD COLUMN a bigint unsigned, ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES member (id) | rewrite writes-long | SHARED | member
ALTER TABLE member ADD COLUMN a int REFERENCES team (id) | rewrite writes-long | SHARED | member team
ALTER TABLE team ADD COLUMN a varchar(50) AS (concat(slug, '!')) VIRTUAL, ADD INDEX (a) | writes-long | SHARED | team
ALTER TABLE team ADD COLUMN a varchar(50) AS (concat(slug, '!')) STORED | rewrite writes-long | SHARED | team
ALTER TABLE team ADD INDEX i ((lower(slug))) | fails-always | |
ALTER TABLE member DROP COLUMN phone, DROP COLUMN bio | loses breaks | NONE | member
ALTER TABLE member DROP phone | loses breaks | NONE | member
ALTER TABLE member DROP COLUMN hours | loses breaks drops-objects | NONE | member
ALTER TABLE member DROP COLUMN boss | loses breaks drops-objects | NONE | member
ALTER TABLE team DROP COLUMN id | fails-always | |
ALTER TABLE member ALTER COLUMN nick SET DEFAULT 'x', ALTER COLUMN since SET DEFAULT '2000-01-01' | | NONE | member
ALTER TABLE member CHANGE nick handle varchar(60) | breaks | NONE | member
ALTER TABLE team MODIFY tally int NOT NULL | breaks drops-objects | NONE | team
# types
ALTER TABLE member CHANGE nick nick varchar(80) | rewrite writes-long | SHARED | member
ALTER TABLE member MODIFY phone varchar(60) | | NONE | member
ALTER TABLE member MODIFY phone varchar(20) CHARACTER SET latin1 | fails-on-rows rewrite writes-long | SHARED | member
ALTER TABLE member MODIFY phone char(20) | rewrite writes-long | SHARED | member
ALTER TABLE member MODIFY since datetime | rewrite writes-long | SHARED | member
ALTER TABLE member MODIFY since datetime, ADD INDEX (since) | rewrite writes-long | SHARED | member
ALTER TABLE member MODIFY hours decimal(6,2) NOT NULL DEFAULT 0 | fails-on-rows rewrite | NONE | member
ALTER TABLE member MODIFY email varchar(120) | drops-objects rewrite | NONE | member
ALTER TABLE team MODIFY tally bigint NOT NULL DEFAULT 0 | rewrite writes-long | SHARED | team
ALTER TABLE team MODIFY tally int unsigned NOT NULL DEFAULT 0 | fails-on-rows rewrite writes-long | SHARED | team
ALTER TABLE team MODIFY plan enum('low', 'mid', 'top') NOT NULL DEFAULT 'low' | | NONE | team
ALTER TABLE team MODIFY plan enum('mid', 'low') NOT NULL DEFAULT 'low' | rewrite writes-long | SHARED | team
ALTER TABLE member MODIFY flags set('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i') | rewrite writes-long | SHARED | member
ALTER TABLE member MODIFY nick varchar(60) COLLATE utf8mb4_bin | | NONE | member
ALTER TABLE member MODIFY email varchar(120) COLLATE utf8mb4_bin NOT NULL | | NONE | member
ALTER TABLE team MODIFY id bigint AUTO_INCREMENT | fails-always | |
ALTER TABLE member MODIFY team_id bigint NOT NULL | fails-always | |
ALTER TABLE member CONVERT TO CHARACTER SET utf8mb3 | fails-on-rows rewrite writes-long | SHARED | member
# keys and constraints
ALTER TABLE member ADD KEY (since) | | NONE | member
CREATE INDEX i ON member (nick, since) LOCK=NONE | | NONE | member
CREATE INDEX i ON member (since) ALGORITHM=COPY | rewrite writes-long | SHARED | member
ALTER TABLE member ADD UNIQUE KEY u (team_id, email) | fails-on-rows | NONE | member
ALTER IGNORE TABLE member ADD UNIQUE (phone) | loses rewrite writes-long | SHARED | member
ALTER TABLE place ADD SPATIAL INDEX (spot) | writes-long | SHARED | place
CREATE FULLTEXT INDEX i ON place (label) | rewrite writes-long | SHARED | place
ALTER TABLE doc ADD FULLTEXT (body) | writes-long | SHARED | doc
ALTER TABLE doc DROP INDEX doc_head | | NONE | doc
ALTER TABLE member DROP KEY member_email, ADD KEY member_email (email, since) | | NONE | member
ALTER TABLE member DROP INDEX member_team | fails-always | |
ALTER TABLE member DROP FOREIGN KEY member_team, DROP INDEX member_team | | NONE | member team
ALTER TABLE member DROP CONSTRAINT hours_ok | | NONE | member
ALTER TABLE member DROP CONSTRAINT IF EXISTS nope | | NONE | member
ALTER TABLE member ADD CONSTRAINT c CHECK (char_length(phone) < 30) | rewrite writes-long | SHARED | member
SET check_constraint_checks = 0 ;; ALTER TABLE member ADD CONSTRAINT c CHECK (char_length(phone) < 30) | rewrite writes-long | SHARED | member
ALTER TABLE member ADD CONSTRAINT f FOREIGN KEY (boss) REFERENCES member (id) ON DELETE SET NULL | fails-on-rows rewrite writes-long | SHARED | member
ALTER TABLE member DROP PRIMARY KEY | fails-always | |
ALTER TABLE member DROP PRIMARY KEY, ADD PRIMARY KEY (id, team_id) | rewrite | NONE | member
ALTER TABLE member RENAME KEY member_email TO me | | NONE | member
# versioning and partitions
ALTER TABLE hist DROP SYSTEM VERSIONING | loses rewrite writes-long | SHARED | hist
SET system_versioning_alter_history = 'KEEP' ;; ALTER TABLE hist ADD COLUMN a int | | NONE | hist
ALTER TABLE logs ADD PARTITION PARTITIONS 2 | rewrite writes-long | SHARED | logs
ALTER TABLE logs COALESCE PARTITION 2 | rewrite writes-long | SHARED | logs
ALTER TABLE logs REMOVE PARTITIONING | rewrite writes-long | SHARED | logs
ALTER TABLE part EXCHANGE PARTITION p0 WITH TABLE swap | fails-in-tx | |
@ALTER TABLE part EXCHANGE PARTITION p0 WITH TABLE swap | fails-on-rows | EXCLUSIVE | part swap
ALTER TABLE part REBUILD PARTITION p0 | rewrite writes-long | SHARED | part
ALTER TABLE part TRUNCATE PARTITION ALL | loses | NONE | part
ALTER TABLE part ANALYZE PARTITION p0 | | NONE | part
ALTER TABLE part ADD COLUMN a int | | NONE | part
ALTER TABLE part ADD UNIQUE (val) | fails-always | |
ALTER TABLE part MODIFY val bigint | rewrite writes-long | SHARED | part
ALTER TABLE team PARTITION BY KEY (id) PARTITIONS 2 | fails-always | |
# clauses, options
ALTER TABLE member COMMENT 'x', ALGORITHM=INSTANT | | NONE | member
ALTER TABLE member ENGINE=InnoDB, ALGORITHM=INPLACE, LOCK=NONE | rewrite | NONE | member
ALTER TABLE member ADD COLUMN a int, ALGORITHM=NOCOPY, LOCK=SHARED | | SHARED | member
ALTER TABLE member MODIFY since datetime, LOCK=NONE | fails-always | |
ALTER TABLE member MODIFY since datetime, ALGORITHM=INSTANT | fails-always | |
ALTER ONLINE TABLE member ADD COLUMN a int | | NONE | member
ALTER TABLE member WAIT 5 ADD COLUMN a int | | NONE | member
ALTER TABLE IF EXISTS nope ADD COLUMN a int | | |
ALTER TABLE member ORDER BY nick | rewrite writes-long | SHARED | member
ALTER TABLE member AUTO_INCREMENT = 5000000 | | NONE | member
/* a comment */ ALTER TABLE member ADD COLUMN a int | | NONE | member
/* a comment */ TRUNCATE TABLE place | loses | EXCLUSIVE | place
ALTER TABLE `team` ADD COLUMN `a` int, ALGORITHM=COPY | rewrite writes-long | SHARED | team
EXECUTE IMMEDIATE 'ALTER TABLE team MODIFY tally bigint NOT NULL DEFAULT 0' | rewrite writes-long | SHARED | team
SET STATEMENT lock_wait_timeout = 2 FOR ALTER TABLE team MODIFY tally bigint NOT NULL DEFAULT 0 | rewrite writes-long | SHARED | team
# tables
DROP TABLE member | loses breaks | EXCLUSIVE | member team
DROP TABLE member, team | loses breaks | EXCLUSIVE | member team
DROP TABLE IF EXISTS place | loses breaks | EXCLUSIVE | place
RENAME TABLE place TO spot_list | breaks | EXCLUSIVE | place
TRUNCATE TABLE team | fails-always | |
CREATE TABLE IF NOT EXISTS team (id int) | | |
CREATE TABLE fresh (id int PRIMARY KEY) ;; INSERT INTO fresh SELECT id FROM place | | |
CREATE TABLE fresh (id int PRIMARY KEY, t int) ;; ALTER TABLE fresh ADD CONSTRAINT f FOREIGN KEY (t) REFERENCES team (id) | | EXCLUSIVE | team
CREATE SEQUENCE numbers | | |
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM hist | | |
CREATE TRIGGER t AFTER DELETE ON member FOR EACH ROW DELETE FROM place WHERE id = OLD.id | | EXCLUSIVE | member
ALTER VIEW cheap_teams AS SELECT id FROM team | breaks | |
# rows
UPDATE member SET nick = 'x' WHERE id > 0 | writes-long | ROWS | member
UPDATE member SET nick = 'x' LIMIT 10 | | ROWS | member
UPDATE team SET name = upper(name) ORDER BY id | writes-long | ROWS | team
DELETE member FROM member JOIN team ON team.id = member.team_id | loses writes-long | ROWS | member team
DELETE FROM place WHERE id = 3 | | ROWS | place
INSERT INTO team (name) VALUES ('x') ON DUPLICATE KEY UPDATE tally = tally + 1 | | ROWS | team
""")
