"""Cases for MariaDB 10.11, the fourth set of new ones: keys of parents, Aria, history, triggers.

Their expectations are from the manual, and were written before the first run.
"""

from tests.cases.lint import read_cases

SCHEMA = """
CREATE TABLE airport (code char(3) PRIMARY KEY, name varchar(60) NOT NULL,
  city varchar(40) COLLATE utf8mb4_bin) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE plane (id int AUTO_INCREMENT PRIMARY KEY, tail varchar(8) NOT NULL, model varchar(30),
  seats smallint unsigned NOT NULL, mass decimal(7,2), built date, UNIQUE KEY plane_tail (tail),
  KEY plane_model (model), CONSTRAINT seats_ok CHECK (seats > 0)) ENGINE=InnoDB
  DEFAULT CHARSET=utf8mb4;
CREATE TABLE flight (id bigint AUTO_INCREMENT PRIMARY KEY, plane_id int NOT NULL,
  origin char(3) NOT NULL, code varchar(6) NOT NULL, departs datetime NOT NULL,
  state enum('open', 'boarding', 'closed') NOT NULL DEFAULT 'open', fare decimal(8,2), notes text,
  long_notes int AS (length(notes)) VIRTUAL, KEY flight_code (code),
  CONSTRAINT flight_plane FOREIGN KEY (plane_id) REFERENCES plane (id),
  CONSTRAINT flight_origin FOREIGN KEY (origin) REFERENCES airport (code)) ENGINE=InnoDB
  DEFAULT CHARSET=utf8mb4;
CREATE TABLE seat (flight_id bigint NOT NULL, no varchar(4) NOT NULL, passenger int,
  class set('eco', 'biz'), paid decimal(9,2), PRIMARY KEY (flight_id, no),
  CONSTRAINT seat_flight FOREIGN KEY (flight_id) REFERENCES flight (id) ON DELETE CASCADE)
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE passenger (id int NOT NULL, name varchar(80) NOT NULL, mail varchar(120), born date,
  miles bigint NOT NULL DEFAULT 0, prefs json, UNIQUE KEY passenger_id (id)) ENGINE=InnoDB
  DEFAULT CHARSET=utf8mb4;
CREATE TABLE log (id bigint NOT NULL, at date NOT NULL, level tinyint, PRIMARY KEY (id, at))
  ENGINE=InnoDB PARTITION BY RANGE COLUMNS (at) (PARTITION p29 VALUES LESS THAN ('2030-01-01'),
  PARTITION pmax VALUES LESS THAN (MAXVALUE));
CREATE TABLE price (id int PRIMARY KEY, amount decimal(9,2)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
CREATE TABLE archive (id int PRIMARY KEY, words varchar(50)) ENGINE=Aria DEFAULT CHARSET=utf8mb4;
CREATE TABLE audit (id int AUTO_INCREMENT PRIMARY KEY, what varchar(20)) ENGINE=InnoDB;
CREATE TRIGGER plane_up AFTER UPDATE ON plane FOR EACH ROW INSERT INTO audit (what) VALUES ('u');
CREATE VIEW departures AS SELECT id, code, departs FROM flight WHERE state <> 'closed';
CREATE PROCEDURE close_all() UPDATE flight SET state = 'closed';
CREATE SEQUENCE ticket_no
"""

CASES = read_cases("""
# columns, types
ALTER TABLE airport MODIFY code char(4) | fails-always | |
ALTER TABLE plane MODIFY seats int unsigned NOT NULL | rewrite writes-long | SHARED | plane
ALTER TABLE plane MODIFY tail varchar(12) NOT NULL | | NONE | plane
ALTER TABLE plane ADD COLUMN IF NOT EXISTS model varchar(30) | | NONE | plane
ALTER TABLE flight ADD COLUMN gate varchar(5) | | NONE | flight
ALTER TABLE flight MODIFY state enum('open', 'boarding', 'closed', 'late') NOT NULL DEFAULT 'open' | | NONE | flight
ALTER TABLE flight RENAME COLUMN code TO number | breaks | NONE | flight
ALTER TABLE passenger DROP COLUMN born | loses breaks | NONE | passenger
ALTER TABLE passenger MODIFY miles int NOT NULL DEFAULT 0 | fails-on-rows rewrite writes-long | SHARED | passenger
ALTER TABLE passenger MODIFY mail varchar(120) NOT NULL | fails-on-rows breaks rewrite | NONE | passenger
ALTER TABLE passenger ADD COLUMN uid uuid DEFAULT uuid() | rewrite writes-long | SHARED | passenger
ALTER TABLE seat MODIFY class set('eco', 'biz', 'first') | | NONE | seat
ALTER TABLE airport CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin | fails-always | |
ALTER TABLE plane AUTO_INCREMENT = 900000, COMMENT = 'fleet' | | NONE | plane
# keys, constraints
ALTER TABLE plane ADD CONSTRAINT m CHECK (mass >= 0) | fails-on-rows rewrite writes-long | SHARED | plane
ALTER TABLE plane DROP CONSTRAINT seats_ok | | NONE | plane
ALTER TABLE plane ALTER INDEX plane_model IGNORED | | NONE | plane
ALTER TABLE passenger ADD PRIMARY KEY (id) | | NONE | passenger
ALTER TABLE passenger ADD CONSTRAINT j CHECK (json_valid(prefs)) | rewrite writes-long | SHARED | passenger
CREATE UNIQUE INDEX u ON passenger (mail) | fails-on-rows | NONE | passenger
ALTER TABLE seat ADD CONSTRAINT sp FOREIGN KEY (passenger) REFERENCES passenger (id) ON DELETE SET NULL | fails-on-rows rewrite writes-long | SHARED | seat passenger
ALTER TABLE seat DROP FOREIGN KEY seat_flight | | NONE | seat flight
ALTER TABLE seat DROP PRIMARY KEY | fails-always | |
CREATE TABLE fresh (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES plane (id)) | | EXCLUSIVE | plane
# tables, partitions, history
ALTER TABLE log REORGANIZE PARTITION pmax INTO (PARTITION p30 VALUES LESS THAN ('2031-01-01'), PARTITION pmax VALUES LESS THAN (MAXVALUE)) | rewrite writes-long | SHARED | log
ALTER TABLE log DROP PARTITION p29 | loses | NONE | log
ALTER TABLE price DROP SYSTEM VERSIONING | loses rewrite writes-long | SHARED | price
RENAME TABLE log TO logs | breaks | EXCLUSIVE | log
DROP TABLE seat | loses breaks | EXCLUSIVE | seat flight
TRUNCATE passenger | loses | EXCLUSIVE | passenger
TRUNCATE flight | fails-always | |
ALTER TABLE archive ENGINE = InnoDB | rewrite writes-long | SHARED | archive
ALTER TABLE archive ADD COLUMN z int | rewrite writes-long | SHARED | archive
# rows, others
DELETE FROM plane | fails-on-rows | ROWS | plane
UPDATE plane SET model = 'x' | writes-long | ROWS | plane audit
CALL close_all() | writes-long | ROWS | flight
SELECT * FROM plane FOR UPDATE | writes-long | ROWS | plane
INSERT INTO plane (tail, seats) VALUES ('x', 0) | fails-always | |
CREATE OR REPLACE TRIGGER plane_up AFTER UPDATE ON plane FOR EACH ROW INSERT INTO nowhere VALUES (1) | breaks | EXCLUSIVE | plane
DROP VIEW departures | breaks | |
DROP SEQUENCE ticket_no | loses | |
""")
