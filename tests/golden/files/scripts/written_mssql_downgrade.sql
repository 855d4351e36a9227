BEGIN TRANSACTION;

-- Running downgrade data -> backfill

DELETE FROM book;

GO

UPDATE alembic_version SET version_num='backfill' WHERE alembic_version.version_num = 'data';

GO

-- Running downgrade backfill -> sequences

ALTER TABLE book DROP COLUMN size;

GO

UPDATE alembic_version SET version_num='sequences' WHERE alembic_version.version_num = 'backfill';

GO

-- Running downgrade sequences -> batch

DROP SEQUENCE rich;

GO

DROP SEQUENCE plain;

GO

UPDATE alembic_version SET version_num='batch' WHERE alembic_version.version_num = 'sequences';

GO

-- Running downgrade batch -> identity

UPDATE alembic_version SET version_num='identity' WHERE alembic_version.version_num = 'batch';

GO

-- Running downgrade identity -> computed

UPDATE alembic_version SET version_num='computed' WHERE alembic_version.version_num = 'identity';

GO

-- Running downgrade computed -> mssql

UPDATE alembic_version SET version_num='mssql' WHERE alembic_version.version_num = 'computed';

GO

-- Running downgrade mssql -> drop_column_mssql

UPDATE alembic_version SET version_num='drop_column_mssql' WHERE alembic_version.version_num = 'mssql';

GO

-- Running downgrade drop_column_mssql -> statements

UPDATE alembic_version SET version_num='statements' WHERE alembic_version.version_num = 'drop_column_mssql';

GO

-- Running downgrade statements -> rows_with_identity

UPDATE alembic_version SET version_num='rows_with_identity' WHERE alembic_version.version_num = 'statements';

GO

-- Running downgrade rows_with_identity -> rows

UPDATE alembic_version SET version_num='rows' WHERE alembic_version.version_num = 'rows_with_identity';

GO

-- Running downgrade rows -> indexes

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'rows';

GO

-- Running downgrade indexes -> constraints

DROP INDEX [Ix Three] ON child;

GO

DROP INDEX ix_two ON own.child;

GO

DROP INDEX ix_one ON child;

GO

UPDATE alembic_version SET version_num='constraints' WHERE alembic_version.version_num = 'indexes';

GO

-- Running downgrade constraints -> column_name

ALTER TABLE own.child DROP CONSTRAINT fk_d;

GO

ALTER TABLE child DROP CONSTRAINT fk_c;

GO

ALTER TABLE child DROP CONSTRAINT uq_child;

GO

ALTER TABLE child DROP CONSTRAINT pk_child;

GO

ALTER TABLE child DROP CONSTRAINT ck_child;

GO

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'constraints';

GO

-- Running downgrade column_name -> server_default

UPDATE alembic_version SET version_num='server_default' WHERE alembic_version.version_num = 'column_name';

GO

-- Running downgrade server_default -> type

UPDATE alembic_version SET version_num='type' WHERE alembic_version.version_num = 'server_default';

GO

-- Running downgrade type -> nullable

UPDATE alembic_version SET version_num='nullable' WHERE alembic_version.version_num = 'type';

GO

-- Running downgrade nullable -> column_if_exists

UPDATE alembic_version SET version_num='column_if_exists' WHERE alembic_version.version_num = 'nullable';

GO

-- Running downgrade column_if_exists -> add_column_with_parts

UPDATE alembic_version SET version_num='add_column_with_parts' WHERE alembic_version.version_num = 'column_if_exists';

GO

-- Running downgrade add_column_with_parts -> add_column

ALTER TABLE child DROP COLUMN own;

GO

UPDATE alembic_version SET version_num='add_column' WHERE alembic_version.version_num = 'add_column_with_parts';

GO

-- Running downgrade add_column -> rename_table

ALTER TABLE child DROP COLUMN five;

GO

ALTER TABLE child DROP COLUMN [four words];

GO

ALTER TABLE own.child DROP COLUMN three;

GO

UPDATE alembic_version SET version_num='rename_table' WHERE alembic_version.version_num = 'add_column';

GO

-- Running downgrade rename_table -> if_exists

EXEC sp_rename 'own.accounts', account;

GO

UPDATE alembic_version SET version_num='if_exists' WHERE alembic_version.version_num = 'rename_table';

GO

-- Running downgrade if_exists -> keys

DROP INDEX IF EXISTS ix_maybe ON maybe;

GO

DROP TABLE IF EXISTS maybe;

GO

UPDATE alembic_version SET version_num='keys' WHERE alembic_version.version_num = 'if_exists';

GO

-- Running downgrade keys -> python_defaults

DROP TABLE child;

GO

DROP TABLE own.[Parent Table];

GO

UPDATE alembic_version SET version_num='python_defaults' WHERE alembic_version.version_num = 'keys';

GO

-- Running downgrade python_defaults -> create_table

UPDATE alembic_version SET version_num='create_table' WHERE alembic_version.version_num = 'python_defaults';

GO

-- Running downgrade create_table -> 

DROP TABLE account;

GO

DELETE FROM alembic_version WHERE alembic_version.version_num = 'create_table';

GO

COMMIT;

GO

