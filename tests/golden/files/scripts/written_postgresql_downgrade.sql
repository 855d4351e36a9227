BEGIN;

-- Running downgrade data -> backfill

DELETE FROM book;

UPDATE alembic_version SET version_num='backfill' WHERE alembic_version.version_num = 'data';

-- Running downgrade backfill -> exclude_constraint

ALTER TABLE book DROP COLUMN size;

UPDATE alembic_version SET version_num='exclude_constraint' WHERE alembic_version.version_num = 'backfill';

-- Running downgrade exclude_constraint -> enums

ALTER TABLE stay DROP CONSTRAINT ex_stay;

UPDATE alembic_version SET version_num='enums' WHERE alembic_version.version_num = 'exclude_constraint';

-- Running downgrade enums -> sequences

DROP TYPE mood;

UPDATE alembic_version SET version_num='sequences' WHERE alembic_version.version_num = 'enums';

-- Running downgrade sequences -> schemas

DROP SEQUENCE rich;

DROP SEQUENCE plain;

UPDATE alembic_version SET version_num='schemas' WHERE alembic_version.version_num = 'sequences';

-- Running downgrade schemas -> batch

DROP SCHEMA IF EXISTS annex CASCADE;

DROP SCHEMA hotel;

UPDATE alembic_version SET version_num='batch' WHERE alembic_version.version_num = 'schemas';

-- Running downgrade batch -> postgresql

UPDATE alembic_version SET version_num='postgresql' WHERE alembic_version.version_num = 'batch';

-- Running downgrade postgresql -> identity_altered

DROP TABLE p;

DROP TYPE mood;

UPDATE alembic_version SET version_num='identity_altered' WHERE alembic_version.version_num = 'postgresql';

-- Running downgrade identity_altered -> identity

UPDATE alembic_version SET version_num='identity' WHERE alembic_version.version_num = 'identity_altered';

-- Running downgrade identity -> statements

UPDATE alembic_version SET version_num='statements' WHERE alembic_version.version_num = 'identity';

-- Running downgrade statements -> rows_with_identity

UPDATE alembic_version SET version_num='rows_with_identity' WHERE alembic_version.version_num = 'statements';

-- Running downgrade rows_with_identity -> rows

UPDATE alembic_version SET version_num='rows' WHERE alembic_version.version_num = 'rows_with_identity';

-- Running downgrade rows -> indexes

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'rows';

-- Running downgrade indexes -> foreign_key_actions

DROP INDEX "Ix Three";

DROP INDEX own.ix_two;

DROP INDEX ix_one;

UPDATE alembic_version SET version_num='foreign_key_actions' WHERE alembic_version.version_num = 'indexes';

-- Running downgrade foreign_key_actions -> constraints

UPDATE alembic_version SET version_num='constraints' WHERE alembic_version.version_num = 'foreign_key_actions';

-- Running downgrade constraints -> comments

ALTER TABLE own.child DROP CONSTRAINT fk_d;

ALTER TABLE child DROP CONSTRAINT fk_c;

ALTER TABLE child DROP CONSTRAINT uq_child;

ALTER TABLE child DROP CONSTRAINT pk_child;

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

COMMIT;

