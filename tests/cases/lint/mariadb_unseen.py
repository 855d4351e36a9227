"""Cases for MariaDB 10.11, the third set of new ones: procedures, history, keys of parents.

Their expectations are from the manual, and were written before the first run.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE ward (id int PRIMARY KEY, name varchar(50) NOT NULL, floor tinyint NOT NULL DEFAULT 0,
  beds int) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE patient (
  id bigint AUTO_INCREMENT PRIMARY KEY, ward_id int NOT NULL, ssn varchar(11),
  name varchar(60) NOT NULL, born date, triage enum('green', 'yellow', 'red') NOT NULL
  DEFAULT 'green', notes text, phone varchar(15), tall decimal(5,2),
  seen datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, initials char(2) AS (left(name, 2)) VIRTUAL,
  UNIQUE KEY patient_ssn (ssn), KEY patient_name (name), KEY patient_phone (phone),
  CONSTRAINT patient_ward FOREIGN KEY (ward_id) REFERENCES ward (id),
  CONSTRAINT tall_ok CHECK (tall < 300)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE visit (id int NOT NULL, patient_id bigint, at datetime, cost decimal(8,2),
  memo varchar(80), done tinyint(1), KEY visit_patient (patient_id)) ENGINE=InnoDB
  DEFAULT CHARSET=utf8mb4;
CREATE TABLE sample (no int AUTO_INCREMENT PRIMARY KEY, patient_id bigint, taken date NOT NULL,
  tube char(4), CONSTRAINT sample_patient FOREIGN KEY (patient_id) REFERENCES patient (id)
  ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE vitals (patient_id bigint NOT NULL, at date NOT NULL, v double,
  PRIMARY KEY (patient_id, at)) ENGINE=InnoDB PARTITION BY RANGE COLUMNS (at)
  (PARTITION v24 VALUES LESS THAN ('2025-01-01'), PARTITION v25 VALUES LESS THAN ('2026-01-01'));
CREATE TABLE vitals_old (patient_id bigint NOT NULL, at date NOT NULL, v double,
  PRIMARY KEY (patient_id, at)) ENGINE=InnoDB;
CREATE TABLE hist (id int PRIMARY KEY, v varchar(20)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
CREATE TABLE spot (id int PRIMARY KEY, place point NOT NULL) ENGINE=InnoDB;
CREATE VIEW green AS SELECT id, name FROM patient WHERE triage = 'green';
CREATE SEQUENCE lot;
CREATE PROCEDURE clear_memo() UPDATE visit SET memo = NULL;
CREATE PROCEDURE drop_done() DELETE FROM visit WHERE done IS NULL;
CREATE PROCEDURE widen() ALTER TABLE ward ADD COLUMN extra int;
CREATE PROCEDURE one_ward() UPDATE ward SET beds = 3 WHERE id = 3;
CREATE TRIGGER ward_up BEFORE UPDATE ON ward FOR EACH ROW SET NEW.floor = NEW.floor
"""

CASES = read_cases("""
# columns, types
ALTER TABLE patient ADD COLUMN a int | | NONE | patient
ALTER TABLE patient ADD COLUMN a int AFTER id | rewrite writes-long | SHARED | patient
ALTER TABLE ward ADD COLUMN code varchar(5) NOT NULL UNIQUE | fails-on-rows breaks rewrite | NONE | ward
ALTER TABLE visit ADD PRIMARY KEY (id) | fails-on-rows rewrite | NONE | visit
ALTER TABLE visit ADD COLUMN no int AUTO_INCREMENT PRIMARY KEY FIRST | rewrite writes-long | SHARED | visit
ALTER TABLE patient MODIFY triage enum('green', 'yellow', 'orange', 'red') NOT NULL DEFAULT 'green' | rewrite writes-long | SHARED | patient
ALTER TABLE patient MODIFY triage enum('green', 'yellow') NOT NULL DEFAULT 'green' | fails-on-rows rewrite writes-long | SHARED | patient
ALTER TABLE patient CHANGE phone telephone varchar(15) | breaks | NONE | patient
ALTER TABLE patient MODIFY name varchar(40) NOT NULL | fails-on-rows rewrite writes-long | SHARED | patient
ALTER TABLE patient ADD COLUMN b varchar(70) AS (concat(name, '!')) PERSISTENT | rewrite writes-long | SHARED | patient
ALTER TABLE visit ALTER COLUMN done SET DEFAULT 0 | | NONE | visit
ALTER TABLE visit DROP COLUMN patient_id | loses breaks drops-objects | NONE | visit
ALTER TABLE ward MODIFY id bigint NOT NULL | fails-always | |
ALTER TABLE visit COMMENT = 'visits' | | NONE | visit
ALTER TABLE visit ROW_FORMAT = DYNAMIC | rewrite | NONE | visit
# keys, constraints
ALTER TABLE patient RENAME INDEX patient_name TO pn | | NONE | patient
ALTER TABLE patient DROP INDEX patient_name | | NONE | patient
ALTER TABLE patient DROP FOREIGN KEY patient_ward | | NONE | patient ward
ALTER TABLE visit ADD CONSTRAINT vp FOREIGN KEY (patient_id) REFERENCES patient (id) | fails-on-rows rewrite writes-long | SHARED | visit patient
ALTER TABLE patient ADD UNIQUE (phone), ADD INDEX (born) | fails-on-rows | NONE | patient
ALTER TABLE visit ADD INDEX (memo(10)), DROP INDEX visit_patient | | NONE | visit
CREATE INDEX IF NOT EXISTS visit_patient ON visit (patient_id) | | NONE | visit
ALTER TABLE ward ADD CONSTRAINT b CHECK (beds > 0) | fails-on-rows rewrite writes-long | SHARED | ward
ALTER TABLE spot ADD SPATIAL INDEX (place) | writes-long | SHARED | spot
ALTER TABLE visit ADD FULLTEXT INDEX (memo) | rewrite writes-long | SHARED | visit
# partitions, history
ALTER TABLE vitals DROP PARTITION v24 | loses | NONE | vitals
ALTER TABLE vitals ADD PARTITION (PARTITION v26 VALUES LESS THAN ('2027-01-01')) | | NONE | vitals
@ALTER TABLE vitals EXCHANGE PARTITION v24 WITH TABLE vitals_old | fails-on-rows | EXCLUSIVE | vitals vitals_old
ALTER TABLE hist ADD COLUMN w int | fails-always | |
DELETE HISTORY FROM hist | loses writes-long | ROWS | hist
# others
OPTIMIZE TABLE visit | rewrite | NONE | visit
SET STATEMENT max_statement_time = 5 FOR ALTER TABLE ward ADD COLUMN a int | | NONE | ward
CREATE OR REPLACE VIEW green AS SELECT id, name FROM patient WHERE triage <> 'red' | breaks | |
CREATE TRIGGER stop BEFORE INSERT ON ward FOR EACH ROW SIGNAL SQLSTATE '45000' | breaks | EXCLUSIVE | ward
DROP TRIGGER ward_up | | |
TRUNCATE sample | loses | EXCLUSIVE | sample
RENAME TABLE visit TO visits, sample TO samples | breaks | EXCLUSIVE | visit sample patient
DROP TABLE IF EXISTS nothing | | |
# procedures, rows
CALL clear_memo() | writes-long | ROWS | visit
CALL drop_done() | loses writes-long | ROWS | visit
CALL widen() | | NONE | ward
CALL one_ward() | | ROWS | ward
INSERT INTO ward (id, name) VALUES (1, 'x') ON DUPLICATE KEY UPDATE name = 'x' | | ROWS | ward
INSERT INTO ward (id, name) VALUES (1, 'x') | fails-on-rows | ROWS | ward
UPDATE visit SET done = 1 WHERE patient_id = 3 | | ROWS | visit
UPDATE ward SET name = left(name, 10) | writes-long | ROWS | ward
INSERT INTO visit (id, patient_id) SELECT 1, id FROM patient | writes-long | ROWS | visit patient
""")
