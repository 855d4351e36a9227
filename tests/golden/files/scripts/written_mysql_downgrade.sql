-- Running downgrade data -> backfill

DELETE FROM book;

UPDATE alembic_version SET version_num='backfill' WHERE alembic_version.version_num = 'data';

-- Running downgrade backfill -> batch

ALTER TABLE book DROP COLUMN size;

UPDATE alembic_version SET version_num='batch' WHERE alembic_version.version_num = 'backfill';

-- Running downgrade batch -> mysql

UPDATE alembic_version SET version_num='mysql' WHERE alembic_version.version_num = 'batch';

-- Running downgrade mysql -> computed

UPDATE alembic_version SET version_num='computed' WHERE alembic_version.version_num = 'mysql';

-- Running downgrade computed -> statements

UPDATE alembic_version SET version_num='statements' WHERE alembic_version.version_num = 'computed';

-- Running downgrade statements -> rows_with_identity

UPDATE alembic_version SET version_num='rows_with_identity' WHERE alembic_version.version_num = 'statements';

-- Running downgrade rows_with_identity -> rows

UPDATE alembic_version SET version_num='rows' WHERE alembic_version.version_num = 'rows_with_identity';

-- Running downgrade rows -> indexes

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'rows';

-- Running downgrade indexes -> constraints

DROP INDEX `Ix Three` ON child;

DROP INDEX ix_two ON own.child;

DROP INDEX ix_one ON child;

UPDATE alembic_version SET version_num='constraints' WHERE alembic_version.version_num = 'indexes';

-- Running downgrade constraints -> comments

ALTER TABLE own.child DROP FOREIGN KEY fk_d;

ALTER TABLE child DROP FOREIGN KEY fk_c;

ALTER TABLE child DROP INDEX uq_child;

ALTER TABLE child DROP PRIMARY KEY;

ALTER TABLE child DROP CONSTRAINT ck_child;

UPDATE alembic_version SET version_num='comments' WHERE alembic_version.version_num = 'constraints';

-- Running downgrade comments -> everything_of_a_column

UPDATE alembic_version SET version_num='everything_of_a_column' WHERE alembic_version.version_num = 'comments';

-- Running downgrade everything_of_a_column -> column_name

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'everything_of_a_column';

-- Running downgrade column_name -> server_default

UPDATE alembic_version SET version_num='server_default' WHERE alembic_version.version_num = 'column_name';

-- Running downgrade server_default -> type

UPDATE alembic_version SET version_num='type' WHERE alembic_version.version_num = 'server_default';

-- Running downgrade type -> nullable

UPDATE alembic_version SET version_num='nullable' WHERE alembic_version.version_num = 'type';

-- Running downgrade nullable -> column_if_exists

UPDATE alembic_version SET version_num='column_if_exists' WHERE alembic_version.version_num = 'nullable';

-- Running downgrade column_if_exists -> add_column_with_parts

UPDATE alembic_version SET version_num='add_column_with_parts' WHERE alembic_version.version_num = 'column_if_exists';

-- Running downgrade add_column_with_parts -> add_column

ALTER TABLE child DROP COLUMN own;

UPDATE alembic_version SET version_num='add_column' WHERE alembic_version.version_num = 'add_column_with_parts';

-- Running downgrade add_column -> rename_table

ALTER TABLE child DROP COLUMN five;

ALTER TABLE child DROP COLUMN `four words`;

ALTER TABLE own.child DROP COLUMN three;

UPDATE alembic_version SET version_num='rename_table' WHERE alembic_version.version_num = 'add_column';

-- Running downgrade rename_table -> if_exists

ALTER TABLE own.accounts RENAME TO own.account;

UPDATE alembic_version SET version_num='if_exists' WHERE alembic_version.version_num = 'rename_table';

-- Running downgrade if_exists -> keys

SET @limbeck_sql = IF((SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'maybe' AND INDEX_NAME = 'ix_maybe') > 0, 'DROP INDEX ix_maybe ON maybe', 'DO 0');

PREPARE limbeck_statement FROM @limbeck_sql;

EXECUTE limbeck_statement;

DEALLOCATE PREPARE limbeck_statement;

DROP TABLE IF EXISTS maybe;

UPDATE alembic_version SET version_num='keys' WHERE alembic_version.version_num = 'if_exists';

-- Running downgrade keys -> create_table_mysql

DROP TABLE child;

DROP TABLE own.`Parent Table`;

UPDATE alembic_version SET version_num='create_table_mysql' WHERE alembic_version.version_num = 'keys';

-- Running downgrade create_table_mysql -> python_defaults

DROP TABLE account;

UPDATE alembic_version SET version_num='python_defaults' WHERE alembic_version.version_num = 'create_table_mysql';

-- Running downgrade python_defaults -> 

DELETE FROM alembic_version WHERE alembic_version.version_num = 'python_defaults';

