CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> python_defaults

INSERT INTO holds (name, amount, made, touched) VALUES ('a', 0, 3, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('b', 5, 3, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('c', 0, 3, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('d', NULL, NULL, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('e', NULL, NULL, now()), ('f', NULL, NULL, now());

INSERT INTO holds (name, amount, made, touched) SELECT holds.name, NULL AS anon_1, NULL AS anon_2, now() AS now_1 
FROM holds;

INSERT INTO alembic_version (version_num) VALUES ('python_defaults');

-- Running upgrade python_defaults -> create_table_mysql

CREATE TABLE account (
    id INTEGER NOT NULL AUTO_INCREMENT, 
    name VARCHAR(50) NOT NULL DEFAULT 'it''s', 
    flag BOOL NOT NULL DEFAULT false, 
    kind ENUM('a','b'), 
    PRIMARY KEY (id), 
    CONSTRAINT uq_account UNIQUE (name)
)ENGINE=InnoDB CHARSET=utf8mb4 COMMENT='all accounts';

UPDATE alembic_version SET version_num='create_table_mysql' WHERE alembic_version.version_num = 'python_defaults';

-- Running upgrade create_table_mysql -> keys

CREATE TABLE own.`Parent Table` (
    `Id` INTEGER NOT NULL AUTO_INCREMENT, 
    `select` VARCHAR(20), 
    PRIMARY KEY (`Id`)
);

CREATE UNIQUE INDEX `ix_own_Parent Table_select` ON own.`Parent Table` (`select`);

CREATE TABLE child (
    id INTEGER NOT NULL, 
    parent_id INTEGER, 
    PRIMARY KEY (id), 
    CONSTRAINT fk_child FOREIGN KEY(id) REFERENCES own.`Parent Table` (`Id`), 
    FOREIGN KEY(parent_id) REFERENCES own.`Parent Table` (`Id`) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ix_child ON child (parent_id, id);

UPDATE alembic_version SET version_num='keys' WHERE alembic_version.version_num = 'create_table_mysql';

-- Running upgrade keys -> if_exists

CREATE TABLE IF NOT EXISTS maybe (
    id INTEGER
);

SET @limbeck_sql = IF((SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'maybe' AND INDEX_NAME = 'ix_maybe') = 0, 'CREATE INDEX ix_maybe ON maybe (id)', 'DO 0');

PREPARE limbeck_statement FROM @limbeck_sql;

EXECUTE limbeck_statement;

DEALLOCATE PREPARE limbeck_statement;

UPDATE alembic_version SET version_num='if_exists' WHERE alembic_version.version_num = 'keys';

-- Running upgrade if_exists -> rename_table

ALTER TABLE account RENAME TO accounts;

UPDATE alembic_version SET version_num='rename_table' WHERE alembic_version.version_num = 'if_exists';

-- Running upgrade rename_table -> add_column

ALTER TABLE child ADD COLUMN one INTEGER;

ALTER TABLE child ADD COLUMN two VARCHAR(5) NOT NULL DEFAULT 'x';

ALTER TABLE own.child ADD COLUMN three INTEGER;

ALTER TABLE child ADD COLUMN `four words` VARCHAR(10);

ALTER TABLE child ADD COLUMN five INTEGER;

CREATE INDEX ix_child_five ON child (five);

UPDATE alembic_version SET version_num='add_column' WHERE alembic_version.version_num = 'rename_table';

-- Running upgrade add_column -> add_column_with_parts

ALTER TABLE child ADD COLUMN ref INTEGER;

ALTER TABLE child ADD FOREIGN KEY(ref) REFERENCES account (id);

ALTER TABLE child ADD COLUMN ref2 INTEGER;

ALTER TABLE child ADD CONSTRAINT fk2 FOREIGN KEY(ref2) REFERENCES account (id);

ALTER TABLE child ADD COLUMN own INTEGER;

ALTER TABLE child ADD UNIQUE (own);

ALTER TABLE child ADD COLUMN sure BOOL;

ALTER TABLE child ADD CONSTRAINT ck_sure CHECK (sure IN (0, 1));

ALTER TABLE child ADD COLUMN state VARCHAR(1);

UPDATE alembic_version SET version_num='add_column_with_parts' WHERE alembic_version.version_num = 'add_column';

-- Running upgrade add_column_with_parts -> column_if_exists

SET @limbeck_sql = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'child' AND COLUMN_NAME = 'perhaps') = 0, 'ALTER TABLE child ADD COLUMN perhaps INTEGER', 'DO 0');

PREPARE limbeck_statement FROM @limbeck_sql;

EXECUTE limbeck_statement;

DEALLOCATE PREPARE limbeck_statement;

SET @limbeck_sql = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'child' AND COLUMN_NAME = 'perhaps') > 0, 'ALTER TABLE child DROP COLUMN perhaps', 'DO 0');

PREPARE limbeck_statement FROM @limbeck_sql;

EXECUTE limbeck_statement;

DEALLOCATE PREPARE limbeck_statement;

UPDATE alembic_version SET version_num='column_if_exists' WHERE alembic_version.version_num = 'add_column_with_parts';

-- Running upgrade column_if_exists -> nullable

ALTER TABLE child MODIFY one INTEGER NOT NULL;

ALTER TABLE own.child MODIFY one INTEGER NULL;

UPDATE alembic_version SET version_num='nullable' WHERE alembic_version.version_num = 'column_if_exists';

-- Running upgrade nullable -> type

ALTER TABLE child MODIFY one BIGINT NULL;

ALTER TABLE child MODIFY two VARCHAR(80) NOT NULL;

ALTER TABLE child MODIFY flag INTEGER NULL;

ALTER TABLE child MODIFY two TEXT NOT NULL;

ALTER TABLE child MODIFY n NUMERIC(12, 4) NULL DEFAULT '0';

UPDATE alembic_version SET version_num='type' WHERE alembic_version.version_num = 'nullable';

-- Running upgrade type -> server_default

ALTER TABLE child ALTER COLUMN one SET DEFAULT '5';

ALTER TABLE child ALTER COLUMN one SET DEFAULT 7;

ALTER TABLE child ALTER COLUMN two SET DEFAULT 'it''s';

ALTER TABLE child CHANGE made made DATETIME NULL DEFAULT now();

ALTER TABLE child ALTER COLUMN one DROP DEFAULT;

ALTER TABLE child ALTER COLUMN one DROP DEFAULT;

ALTER TABLE own.child ALTER COLUMN one SET DEFAULT '9';

UPDATE alembic_version SET version_num='server_default' WHERE alembic_version.version_num = 'type';

-- Running upgrade server_default -> column_name

ALTER TABLE child CHANGE one uno INTEGER NULL;

ALTER TABLE child CHANGE `One Two` `Three` INTEGER NULL;

ALTER TABLE own.child CHANGE one uno INTEGER NULL;

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'server_default';

-- Running upgrade column_name -> everything_of_a_column

ALTER TABLE child CHANGE one uno VARCHAR(9) NOT NULL DEFAULT 'q' COMMENT 'new';

UPDATE alembic_version SET version_num='everything_of_a_column' WHERE alembic_version.version_num = 'column_name';

-- Running upgrade everything_of_a_column -> comments

CREATE TABLE told (
    a INTEGER COMMENT 'it''s 50%'
)COMMENT='all of it';

ALTER TABLE told ADD COLUMN b INTEGER COMMENT 'b';

ALTER TABLE child COMMENT 'it''s a child';

ALTER TABLE own.child COMMENT 'new';

ALTER TABLE child COMMENT '';

ALTER TABLE child MODIFY one INTEGER NULL COMMENT 'number \\ one';

ALTER TABLE child MODIFY one INTEGER NULL;

UPDATE alembic_version SET version_num='comments' WHERE alembic_version.version_num = 'everything_of_a_column';

-- Running upgrade comments -> constraints

ALTER TABLE child ADD CONSTRAINT pk_child PRIMARY KEY (id);

ALTER TABLE child ADD CONSTRAINT uq_child UNIQUE (one, two);

ALTER TABLE own.child ADD CONSTRAINT uq_child UNIQUE (one);

ALTER TABLE child ADD CONSTRAINT ck_child CHECK (one > 0 AND two <> 'it''s');

ALTER TABLE child ADD CONSTRAINT ck_c2 CHECK (one > 5);

ALTER TABLE child ADD CONSTRAINT fk_c FOREIGN KEY(one) REFERENCES account (id);

ALTER TABLE own.child ADD CONSTRAINT fk_d FOREIGN KEY(one, two) REFERENCES their.account (a, b);

UPDATE alembic_version SET version_num='constraints' WHERE alembic_version.version_num = 'comments';

-- Running upgrade constraints -> indexes

CREATE INDEX ix_one ON child (one);

CREATE UNIQUE INDEX ix_two ON own.child (one, two);

CREATE INDEX `Ix Three` ON child (lower(two));

CREATE INDEX ix_four ON child (one DESC, two);

CREATE INDEX ix_five ON child ((lower(two)));

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'constraints';

-- Running upgrade indexes -> rows

INSERT INTO people (id, name, born, good) VALUES (1, 'it''s', '2001-02-03', true);

INSERT INTO people (id, name, born, good) VALUES (2, 'a\\b %s :x', NULL, false);

INSERT INTO people (id, pay) VALUES (3, 1.50);

INSERT INTO people (id, name) VALUES (4, 'z');

UPDATE alembic_version SET version_num='rows' WHERE alembic_version.version_num = 'indexes';

-- Running upgrade rows -> rows_with_identity

INSERT INTO people (id, name) VALUES (1, 'one');

INSERT INTO people (id, name) VALUES (2, 'two');

INSERT INTO people (name) VALUES ('three');

UPDATE alembic_version SET version_num='rows_with_identity' WHERE alembic_version.version_num = 'rows';

-- Running upgrade rows_with_identity -> statements

UPDATE people SET name = 'a:b' WHERE id = 1;

UPDATE people SET name='y' WHERE people.name = 'x';

DELETE FROM people WHERE people.id = 5;

INSERT INTO people (id, name) VALUES (1, 'it''s');

SELECT '100%';

UPDATE alembic_version SET version_num='statements' WHERE alembic_version.version_num = 'rows_with_identity';

-- Running upgrade statements -> computed

CREATE TABLE c (
    a INTEGER, 
    b INTEGER GENERATED ALWAYS AS (a + 1)
);

ALTER TABLE c ADD COLUMN d INTEGER GENERATED ALWAYS AS (a + 2);

UPDATE alembic_version SET version_num='computed' WHERE alembic_version.version_num = 'statements';

-- Running upgrade computed -> mysql

CREATE TABLE m (
    id INTEGER UNSIGNED NOT NULL AUTO_INCREMENT, 
    e ENUM('a','it''s') NOT NULL, 
    s SET('x','y'), 
    t LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, 
    made TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3), 
    expr JSON DEFAULT (json_object()), 
    PRIMARY KEY (id)
);

ALTER TABLE m MODIFY id INTEGER NOT NULL AUTO_INCREMENT;

ALTER TABLE m CHANGE e f ENUM('a','b') NOT NULL DEFAULT 'a' COMMENT 'c';

ALTER TABLE m CHANGE made made TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;

ALTER TABLE m MODIFY s VARCHAR(7) NULL COMMENT 'kept';

CREATE FULLTEXT INDEX ix_m ON m (t(10));

CREATE INDEX ix_n ON m (e, s(3)) USING hash;

ALTER TABLE m DROP INDEX uq;

ALTER TABLE m DROP CONSTRAINT ck;

ALTER TABLE m DROP PRIMARY KEY;

ALTER TABLE m DROP FOREIGN KEY fk;

DROP INDEX ix_m ON m;

UPDATE alembic_version SET version_num='mysql' WHERE alembic_version.version_num = 'computed';

-- Running upgrade mysql -> batch

ALTER TABLE own.child ADD COLUMN b1 INTEGER;

ALTER TABLE own.child MODIFY one BIGINT NULL;

ALTER TABLE own.child DROP COLUMN two;

CREATE INDEX ix_b ON own.child (b1);

ALTER TABLE own.child ADD CONSTRAINT uq_b UNIQUE (b1);

ALTER TABLE own.child DROP FOREIGN KEY fk_b;

UPDATE alembic_version SET version_num='batch' WHERE alembic_version.version_num = 'mysql';

-- Running upgrade batch -> backfill

ALTER TABLE book ADD COLUMN size VARCHAR(9);

DROP PROCEDURE IF EXISTS limbeck_backfill;

DELIMITER $$
CREATE PROCEDURE limbeck_backfill()
BEGIN
    SET @limbeck_lower_1 = NULL;
    SELECT id FROM book ORDER BY id LIMIT 1 INTO @limbeck_lower_1;
    WHILE @limbeck_lower_1 IS NOT NULL DO
        START TRANSACTION;
        SET @limbeck_upper_1 = NULL;
        SELECT id FROM book WHERE id >= @limbeck_lower_1 ORDER BY id LIMIT 1000, 1 INTO @limbeck_upper_1;
        IF @limbeck_upper_1 IS NULL THEN
            UPDATE book SET size=CASE WHEN pages > 9 THEN 'long: 100%' ELSE 'short' END WHERE (size IS NULL) AND id >= @limbeck_lower_1;
        ELSE
            UPDATE book SET size=CASE WHEN pages > 9 THEN 'long: 100%' ELSE 'short' END WHERE (size IS NULL) AND id >= @limbeck_lower_1 AND id < @limbeck_upper_1;
        END IF;
        COMMIT;
        SET @limbeck_lower_1 = @limbeck_upper_1;
    END WHILE;
END$$
DELIMITER ;

CALL limbeck_backfill();

DROP PROCEDURE limbeck_backfill;

DROP PROCEDURE IF EXISTS limbeck_backfill;

DELIMITER $$
CREATE PROCEDURE limbeck_backfill()
BEGIN
    SET @limbeck_lower_1 = NULL, @limbeck_lower_2 = NULL;
    SELECT book_id, number FROM shop.page ORDER BY book_id, number LIMIT 1 INTO @limbeck_lower_1, @limbeck_lower_2;
    WHILE @limbeck_lower_1 IS NOT NULL DO
        START TRANSACTION;
        SET @limbeck_upper_1 = NULL, @limbeck_upper_2 = NULL;
        SELECT book_id, number FROM shop.page WHERE book_id >= @limbeck_lower_1 AND (book_id > @limbeck_lower_1 OR book_id = @limbeck_lower_1 AND number >= @limbeck_lower_2) ORDER BY book_id, number LIMIT 500, 1 INTO @limbeck_upper_1, @limbeck_upper_2;
        IF @limbeck_upper_1 IS NULL THEN
            UPDATE shop.page SET words=(shop.page.words + 1) WHERE book_id >= @limbeck_lower_1 AND (book_id > @limbeck_lower_1 OR book_id = @limbeck_lower_1 AND number >= @limbeck_lower_2);
        ELSE
            UPDATE shop.page SET words=(shop.page.words + 1) WHERE book_id >= @limbeck_lower_1 AND (book_id > @limbeck_lower_1 OR book_id = @limbeck_lower_1 AND number >= @limbeck_lower_2) AND book_id <= @limbeck_upper_1 AND (book_id < @limbeck_upper_1 OR book_id = @limbeck_upper_1 AND number < @limbeck_upper_2);
        END IF;
        COMMIT;
        SET @limbeck_lower_1 = @limbeck_upper_1, @limbeck_lower_2 = @limbeck_upper_2;
        DO SLEEP(0.1);
    END WHILE;
END$$
DELIMITER ;

CALL limbeck_backfill();

DROP PROCEDURE limbeck_backfill;

ALTER TABLE book MODIFY size VARCHAR(9) NOT NULL;

UPDATE alembic_version SET version_num='backfill' WHERE alembic_version.version_num = 'batch';

-- Running upgrade backfill -> data

INSERT INTO book (title, year) VALUES ('Solaris', 1961);

INSERT INTO book (title, year) VALUES ('it''s 100% :sure', 1);

UPDATE book SET title='old' WHERE book.year < 1900;

UPDATE book SET year = 2000;

UPDATE alembic_version SET version_num='data' WHERE alembic_version.version_num = 'backfill';

