-- Running downgrade data -> batch_sqlite_alters

DELETE FROM book;

UPDATE alembic_version SET version_num='batch_sqlite_alters' WHERE alembic_version.version_num = 'data';

-- Running downgrade batch_sqlite_alters -> batch_sqlite

DROP INDEX ix_b;

UPDATE alembic_version SET version_num='batch_sqlite' WHERE alembic_version.version_num = 'batch_sqlite_alters';

-- Running downgrade batch_sqlite -> computed

UPDATE alembic_version SET version_num='computed' WHERE alembic_version.version_num = 'batch_sqlite';

-- Running downgrade computed -> statements

UPDATE alembic_version SET version_num='statements' WHERE alembic_version.version_num = 'computed';

-- Running downgrade statements -> rows_with_identity

UPDATE alembic_version SET version_num='rows_with_identity' WHERE alembic_version.version_num = 'statements';

-- Running downgrade rows_with_identity -> rows

UPDATE alembic_version SET version_num='rows' WHERE alembic_version.version_num = 'rows_with_identity';

-- Running downgrade rows -> indexes

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'rows';

-- Running downgrade indexes -> column_name

DROP INDEX "Ix Three";

DROP INDEX own.ix_two;

DROP INDEX ix_one;

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'indexes';

-- Running downgrade column_name -> add_column

UPDATE alembic_version SET version_num='add_column' WHERE alembic_version.version_num = 'column_name';

-- Running downgrade add_column -> rename_table

ALTER TABLE child DROP COLUMN five;

ALTER TABLE child DROP COLUMN "four words";

ALTER TABLE own.child DROP COLUMN three;

UPDATE alembic_version SET version_num='rename_table' WHERE alembic_version.version_num = 'add_column';

-- Running downgrade rename_table -> if_exists

ALTER TABLE own.accounts RENAME TO account;

UPDATE alembic_version SET version_num='if_exists' WHERE alembic_version.version_num = 'rename_table';

-- Running downgrade if_exists -> keys

DROP INDEX IF EXISTS ix_maybe;

DROP TABLE IF EXISTS maybe;

UPDATE alembic_version SET version_num='keys' WHERE alembic_version.version_num = 'if_exists';

-- Running downgrade keys -> python_defaults

DROP TABLE child;

DROP TABLE own."Parent Table";

UPDATE alembic_version SET version_num='python_defaults' WHERE alembic_version.version_num = 'keys';

-- Running downgrade python_defaults -> create_table

UPDATE alembic_version SET version_num='create_table' WHERE alembic_version.version_num = 'python_defaults';

-- Running downgrade create_table -> 

DROP TABLE account;

DELETE FROM alembic_version WHERE alembic_version.version_num = 'create_table';

