BEGIN TRANSACTION;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

GO

-- Running upgrade  -> create_table

CREATE TABLE account (
    id INTEGER NOT NULL IDENTITY, 
    name VARCHAR(50) NOT NULL DEFAULT 'it''s', 
    note NVARCHAR(200) NULL, 
    amount NUMERIC(10, 2) NULL DEFAULT 0, 
    flag BIT NOT NULL DEFAULT 0, 
    made DATETIMEOFFSET NULL DEFAULT CURRENT_TIMESTAMP, 
    day DATETIME NULL, 
    hour DATETIME NULL, 
    body TEXT NULL, 
    raw IMAGE NULL, 
    ratio FLOAT NULL, 
    big BIGINT NULL, 
    small SMALLINT NULL, 
    kind VARCHAR(1) NULL, 
    doc UNIQUEIDENTIFIER NULL, 
    PRIMARY KEY (id), 
    CONSTRAINT uq_account UNIQUE (name, big), 
    CONSTRAINT ck_amount CHECK (amount >= 0)
);

GO

INSERT INTO alembic_version (version_num) OUTPUT inserted.version_num VALUES ('create_table');

GO

-- Running upgrade create_table -> python_defaults

SET IDENTITY_INSERT holds ON;

GO

INSERT INTO holds (name, amount, made, touched) VALUES ('a', 0, 3, CURRENT_TIMESTAMP);

GO

INSERT INTO holds (name, amount, made, touched) VALUES ('b', 5, 3, CURRENT_TIMESTAMP);

GO

SET IDENTITY_INSERT holds OFF;

GO

SET IDENTITY_INSERT holds ON;

GO

INSERT INTO holds (name, amount, made, touched) VALUES ('c', 0, 3, CURRENT_TIMESTAMP);

GO

SET IDENTITY_INSERT holds OFF;

GO

INSERT INTO holds (name, amount, made, touched) VALUES ('d', NULL, NULL, CURRENT_TIMESTAMP);

GO

INSERT INTO holds (name, amount, made, touched) VALUES ('e', NULL, NULL, CURRENT_TIMESTAMP), ('f', NULL, NULL, CURRENT_TIMESTAMP);

GO

INSERT INTO holds (name, amount, made, touched) SELECT holds.name, NULL AS anon_1, NULL AS anon_2, CURRENT_TIMESTAMP AS now_1 
FROM holds;

GO

UPDATE alembic_version SET version_num='python_defaults' WHERE alembic_version.version_num = 'create_table';

GO

-- Running upgrade python_defaults -> keys

CREATE TABLE own.[Parent Table] (
    [Id] INTEGER NOT NULL IDENTITY, 
    [select] VARCHAR(20) NULL, 
    PRIMARY KEY ([Id])
);

GO

CREATE UNIQUE INDEX [ix_own_Parent Table_select] ON own.[Parent Table] ([select]);

GO

CREATE TABLE child (
    id INTEGER NOT NULL, 
    parent_id INTEGER NULL, 
    PRIMARY KEY (id), 
    CONSTRAINT fk_child FOREIGN KEY(id) REFERENCES own.[Parent Table] ([Id]), 
    FOREIGN KEY(parent_id) REFERENCES own.[Parent Table] ([Id]) ON DELETE CASCADE
);

GO

CREATE UNIQUE INDEX ix_child ON child (parent_id, id);

GO

UPDATE alembic_version SET version_num='keys' WHERE alembic_version.version_num = 'python_defaults';

GO

-- Running upgrade keys -> if_exists

CREATE TABLE IF NOT EXISTS maybe (
    id INTEGER NULL
);

GO

CREATE INDEX ix_maybe ON maybe (id);

GO

UPDATE alembic_version SET version_num='if_exists' WHERE alembic_version.version_num = 'keys';

GO

-- Running upgrade if_exists -> rename_table

EXEC sp_rename 'account', accounts;

GO

UPDATE alembic_version SET version_num='rename_table' WHERE alembic_version.version_num = 'if_exists';

GO

-- Running upgrade rename_table -> add_column

ALTER TABLE child ADD one INTEGER NULL;

GO

ALTER TABLE child ADD two VARCHAR(5) NOT NULL DEFAULT 'x';

GO

ALTER TABLE own.child ADD three INTEGER NULL;

GO

ALTER TABLE child ADD [four words] NVARCHAR(10) NULL;

GO

ALTER TABLE child ADD five INTEGER NULL;

GO

CREATE INDEX ix_child_five ON child (five);

GO

UPDATE alembic_version SET version_num='add_column' WHERE alembic_version.version_num = 'rename_table';

GO

-- Running upgrade add_column -> add_column_with_parts

ALTER TABLE child ADD ref INTEGER NULL;

GO

ALTER TABLE child ADD FOREIGN KEY(ref) REFERENCES account (id);

GO

ALTER TABLE child ADD ref2 INTEGER NULL;

GO

ALTER TABLE child ADD CONSTRAINT fk2 FOREIGN KEY(ref2) REFERENCES account (id);

GO

ALTER TABLE child ADD own INTEGER NULL;

GO

ALTER TABLE child ADD UNIQUE (own);

GO

ALTER TABLE child ADD sure BIT NULL;

GO

ALTER TABLE child ADD state VARCHAR(1) NULL;

GO

UPDATE alembic_version SET version_num='add_column_with_parts' WHERE alembic_version.version_num = 'add_column';

GO

-- Running upgrade add_column_with_parts -> column_if_exists

ALTER TABLE child ADD perhaps INTEGER NULL;

GO

ALTER TABLE child DROP COLUMN IF EXISTS perhaps;

GO

UPDATE alembic_version SET version_num='column_if_exists' WHERE alembic_version.version_num = 'add_column_with_parts';

GO

-- Running upgrade column_if_exists -> nullable

ALTER TABLE child ALTER COLUMN one INTEGER NOT NULL;

GO

ALTER TABLE own.child ALTER COLUMN one INTEGER NULL;

GO

UPDATE alembic_version SET version_num='nullable' WHERE alembic_version.version_num = 'column_if_exists';

GO

-- Running upgrade nullable -> type

ALTER TABLE child ALTER COLUMN one BIGINT;

GO

ALTER TABLE child ALTER COLUMN two VARCHAR(80) NOT NULL;

GO

ALTER TABLE child ALTER COLUMN flag INTEGER;

GO

ALTER TABLE child ALTER COLUMN two TEXT NOT NULL;

GO

ALTER TABLE child ALTER COLUMN n NUMERIC(12, 4);

GO

UPDATE alembic_version SET version_num='type' WHERE alembic_version.version_num = 'nullable';

GO

-- Running upgrade type -> server_default

ALTER TABLE child ADD DEFAULT '5' FOR one;

GO

ALTER TABLE child ADD DEFAULT 7 FOR one;

GO

ALTER TABLE child ADD DEFAULT 'it''s' FOR two;

GO

ALTER TABLE child ADD DEFAULT CURRENT_TIMESTAMP FOR made;

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('child')
and col_name(parent_object_id, parent_column_id) = 'one'
exec('alter table child drop constraint ' + @const_name);

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('child')
and col_name(parent_object_id, parent_column_id) = 'one'
exec('alter table child drop constraint ' + @const_name);

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('own.child')
and col_name(parent_object_id, parent_column_id) = 'one'
exec('alter table own.child drop constraint ' + @const_name);

GO

ALTER TABLE own.child ADD DEFAULT '9' FOR one;

GO

UPDATE alembic_version SET version_num='server_default' WHERE alembic_version.version_num = 'type';

GO

-- Running upgrade server_default -> column_name

EXEC sp_rename 'child.one', uno, 'COLUMN';

GO

EXEC sp_rename 'child.[One Two]', [Three], 'COLUMN';

GO

EXEC sp_rename 'own.child.one', uno, 'COLUMN';

GO

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'server_default';

GO

-- Running upgrade column_name -> constraints

ALTER TABLE child ADD CONSTRAINT pk_child PRIMARY KEY (id);

GO

ALTER TABLE child ADD CONSTRAINT uq_child UNIQUE (one, two);

GO

ALTER TABLE own.child ADD CONSTRAINT uq_child UNIQUE (one);

GO

ALTER TABLE child ADD CONSTRAINT ck_child CHECK (one > 0 AND two <> 'it''s');

GO

ALTER TABLE child ADD CONSTRAINT ck_c2 CHECK (one > 5);

GO

ALTER TABLE child ADD CONSTRAINT fk_c FOREIGN KEY(one) REFERENCES account (id);

GO

ALTER TABLE own.child ADD CONSTRAINT fk_d FOREIGN KEY(one, two) REFERENCES their.account (a, b);

GO

UPDATE alembic_version SET version_num='constraints' WHERE alembic_version.version_num = 'column_name';

GO

-- Running upgrade constraints -> indexes

CREATE INDEX ix_one ON child (one);

GO

CREATE UNIQUE INDEX ix_two ON own.child (one, two);

GO

CREATE INDEX [Ix Three] ON child (lower(two));

GO

CREATE INDEX ix_four ON child (one DESC, two);

GO

CREATE INDEX ix_five ON child (lower(two));

GO

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'constraints';

GO

-- Running upgrade indexes -> rows

SET IDENTITY_INSERT people ON;

GO

INSERT INTO people (id, name, born, good) VALUES (1, 'it''s', '2001-02-03', 1);

GO

INSERT INTO people (id, name, born, good) VALUES (2, 'a\b %s :x', NULL, 0);

GO

SET IDENTITY_INSERT people OFF;

GO

SET IDENTITY_INSERT people ON;

GO

INSERT INTO people (id, pay) VALUES (3, 1.50);

GO

INSERT INTO people (id, name) VALUES (4, 'z');

GO

SET IDENTITY_INSERT people OFF;

GO

SET IDENTITY_INSERT people ON;

GO

SET IDENTITY_INSERT people OFF;

GO

UPDATE alembic_version SET version_num='rows' WHERE alembic_version.version_num = 'indexes';

GO

-- Running upgrade rows -> rows_with_identity

SET IDENTITY_INSERT people ON;

GO

INSERT INTO people (id, name) VALUES (1, 'one');

GO

INSERT INTO people (id, name) VALUES (2, 'two');

GO

SET IDENTITY_INSERT people OFF;

GO

SET IDENTITY_INSERT people ON;

GO

INSERT INTO people (name) VALUES ('three');

GO

SET IDENTITY_INSERT people OFF;

GO

UPDATE alembic_version SET version_num='rows_with_identity' WHERE alembic_version.version_num = 'rows';

GO

-- Running upgrade rows_with_identity -> statements

UPDATE people SET name = 'a:b' WHERE id = 1;

GO

UPDATE people SET name='y' WHERE people.name = 'x';

GO

DELETE FROM people WHERE people.id = 5;

GO

INSERT INTO people (id, name) VALUES (1, 'it''s');

GO

SELECT '100%';

GO

UPDATE alembic_version SET version_num='statements' WHERE alembic_version.version_num = 'rows_with_identity';

GO

-- Running upgrade statements -> drop_column_mssql

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('child')
and col_name(parent_object_id, parent_column_id) = 'one'
exec('alter table child drop constraint ' + @const_name);

GO

ALTER TABLE child DROP COLUMN one;

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.check_constraints
where parent_object_id = object_id('child')
and col_name(parent_object_id, parent_column_id) = 'two'
exec('alter table child drop constraint ' + @const_name);

GO

ALTER TABLE child DROP COLUMN two;

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from
sys.foreign_keys fk join sys.foreign_key_columns fkc
on fk.object_id=fkc.constraint_object_id
where fkc.parent_object_id = object_id('child')
and col_name(fkc.parent_object_id, fkc.parent_column_id) = 'two'
exec('alter table child drop constraint ' + @const_name);

GO

ALTER TABLE child DROP COLUMN two;

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('own.child')
and col_name(parent_object_id, parent_column_id) = 'Three'
exec('alter table own.child drop constraint ' + @const_name);

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.check_constraints
where parent_object_id = object_id('own.child')
and col_name(parent_object_id, parent_column_id) = 'Three'
exec('alter table own.child drop constraint ' + @const_name);

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from
sys.foreign_keys fk join sys.foreign_key_columns fkc
on fk.object_id=fkc.constraint_object_id
where fkc.parent_object_id = object_id('own.child')
and col_name(fkc.parent_object_id, fkc.parent_column_id) = 'Three'
exec('alter table own.child drop constraint ' + @const_name);

GO

ALTER TABLE own.child DROP COLUMN [Three];

GO

UPDATE alembic_version SET version_num='drop_column_mssql' WHERE alembic_version.version_num = 'statements';

GO

-- Running upgrade drop_column_mssql -> mssql

CREATE CLUSTERED INDEX ix_c ON child (one) INCLUDE (two);

GO

CREATE INDEX ix_w ON child (one) WHERE one > 1;

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('child')
and col_name(parent_object_id, parent_column_id) = 'one'
exec('alter table child drop constraint ' + @const_name);

GO

ALTER TABLE child ADD DEFAULT '1' FOR one;

GO

ALTER TABLE child ALTER COLUMN one BIGINT NOT NULL;

GO

EXEC sp_rename 'child.one', uno, 'COLUMN';

GO

CREATE TABLE i (
    id INTEGER NOT NULL IDENTITY(5,2)
);

GO

CREATE TABLE j (
    id INTEGER NULL, 
    k AS (id * 2) PERSISTED
);

GO

ALTER TABLE i ADD n NVARCHAR(max) NOT NULL DEFAULT N'';

GO

EXEC sp_who;

GO

UPDATE alembic_version SET version_num='mssql' WHERE alembic_version.version_num = 'drop_column_mssql';

GO

-- Running upgrade mssql -> computed

CREATE TABLE c (
    a INTEGER NULL, 
    b AS (a + 1)
);

GO

ALTER TABLE c ADD d AS (a + 2);

GO

UPDATE alembic_version SET version_num='computed' WHERE alembic_version.version_num = 'mssql';

GO

-- Running upgrade computed -> identity

CREATE TABLE c (
    a INTEGER NOT NULL IDENTITY(3,1)
);

GO

ALTER TABLE c ADD d INTEGER NOT NULL IDENTITY;

GO

UPDATE alembic_version SET version_num='identity' WHERE alembic_version.version_num = 'computed';

GO

-- Running upgrade identity -> batch

ALTER TABLE own.child ADD b1 INTEGER NULL;

GO

ALTER TABLE own.child ALTER COLUMN one BIGINT;

GO

ALTER TABLE own.child DROP COLUMN two;

GO

CREATE INDEX ix_b ON own.child (b1);

GO

ALTER TABLE own.child ADD CONSTRAINT uq_b UNIQUE (b1);

GO

ALTER TABLE own.child DROP CONSTRAINT fk_b;

GO

UPDATE alembic_version SET version_num='batch' WHERE alembic_version.version_num = 'identity';

GO

-- Running upgrade batch -> sequences

CREATE SEQUENCE plain;

GO

CREATE SEQUENCE rich INCREMENT BY 5 MINVALUE 10 MAXVALUE 900 START WITH 100 CACHE 3 CYCLE;

GO

ALTER SEQUENCE rich INCREMENT BY 2;

GO

UPDATE alembic_version SET version_num='sequences' WHERE alembic_version.version_num = 'batch';

GO

-- Running upgrade sequences -> backfill

ALTER TABLE book ADD size VARCHAR(9) NULL;

GO

-- all rows of book in one statement

UPDATE book SET size=CASE WHEN pages > 9 THEN 'long: 100%' ELSE 'short' END WHERE (size IS NULL);

GO

-- all rows of shop.page in one statement

UPDATE shop.page SET words=(shop.page.words + 1);

GO

ALTER TABLE book ALTER COLUMN size VARCHAR(9) NOT NULL;

GO

UPDATE alembic_version SET version_num='backfill' WHERE alembic_version.version_num = 'sequences';

GO

-- Running upgrade backfill -> data

SET IDENTITY_INSERT book ON;

GO

INSERT INTO book (title, year) VALUES ('Solaris', 1961);

GO

INSERT INTO book (title, year) VALUES ('it''s 100% :sure', 1);

GO

SET IDENTITY_INSERT book OFF;

GO

UPDATE book SET title='old' WHERE book.year < 1900;

GO

UPDATE book SET year = 2000;

GO

UPDATE alembic_version SET version_num='data' WHERE alembic_version.version_num = 'backfill';

GO

COMMIT;

GO

