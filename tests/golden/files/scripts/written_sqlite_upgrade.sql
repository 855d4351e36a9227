CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> create_table

CREATE TABLE account (
    id INTEGER NOT NULL, 
    name VARCHAR(50) DEFAULT 'it''s' NOT NULL, 
    note VARCHAR(200), 
    amount NUMERIC(10, 2) DEFAULT 0, 
    flag BOOLEAN DEFAULT 0 NOT NULL, 
    made DATETIME DEFAULT CURRENT_TIMESTAMP, 
    day DATE, 
    hour TIME, 
    body TEXT, 
    raw BLOB, 
    ratio FLOAT, 
    big BIGINT, 
    small SMALLINT, 
    kind VARCHAR(1), 
    doc CHAR(32), 
    PRIMARY KEY (id), 
    CONSTRAINT uq_account UNIQUE (name, big), 
    CONSTRAINT ck_amount CHECK (amount >= 0)
);

INSERT INTO alembic_version (version_num) VALUES ('create_table') RETURNING version_num;

-- Running upgrade create_table -> python_defaults

INSERT INTO holds (name, amount, made, touched) VALUES ('a', 0, 3, CURRENT_TIMESTAMP);

INSERT INTO holds (name, amount, made, touched) VALUES ('b', 5, 3, CURRENT_TIMESTAMP);

INSERT INTO holds (name, amount, made, touched) VALUES ('c', 0, 3, CURRENT_TIMESTAMP);

INSERT INTO holds (name, amount, made, touched) VALUES ('d', NULL, NULL, CURRENT_TIMESTAMP);

INSERT INTO holds (name, amount, made, touched) VALUES ('e', NULL, NULL, CURRENT_TIMESTAMP), ('f', NULL, NULL, CURRENT_TIMESTAMP);

INSERT INTO holds (name, amount, made, touched) SELECT holds.name, NULL AS anon_1, NULL AS anon_2, CURRENT_TIMESTAMP AS now_1 
FROM holds;

UPDATE alembic_version SET version_num='python_defaults' WHERE alembic_version.version_num = 'create_table';

-- Running upgrade python_defaults -> keys

CREATE TABLE own."Parent Table" (
    "Id" INTEGER NOT NULL, 
    "select" VARCHAR(20), 
    PRIMARY KEY ("Id")
);

CREATE UNIQUE INDEX own."ix_own_Parent Table_select" ON "Parent Table" ("select");

CREATE TABLE child (
    id INTEGER NOT NULL, 
    parent_id INTEGER, 
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ix_child ON child (parent_id, id);

UPDATE alembic_version SET version_num='keys' WHERE alembic_version.version_num = 'python_defaults';

-- Running upgrade keys -> if_exists

CREATE TABLE IF NOT EXISTS maybe (
    id INTEGER
);

CREATE INDEX IF NOT EXISTS ix_maybe ON maybe (id);

UPDATE alembic_version SET version_num='if_exists' WHERE alembic_version.version_num = 'keys';

-- Running upgrade if_exists -> rename_table

ALTER TABLE account RENAME TO accounts;

UPDATE alembic_version SET version_num='rename_table' WHERE alembic_version.version_num = 'if_exists';

-- Running upgrade rename_table -> add_column

ALTER TABLE child ADD COLUMN one INTEGER;

ALTER TABLE child ADD COLUMN two VARCHAR(5) DEFAULT 'x' NOT NULL;

ALTER TABLE own.child ADD COLUMN three INTEGER;

ALTER TABLE child ADD COLUMN "four words" VARCHAR(10);

ALTER TABLE child ADD COLUMN five INTEGER;

CREATE INDEX ix_child_five ON child (five);

UPDATE alembic_version SET version_num='add_column' WHERE alembic_version.version_num = 'rename_table';

-- Running upgrade add_column -> column_name

ALTER TABLE child RENAME COLUMN one TO uno;

ALTER TABLE child RENAME COLUMN "One Two" TO "Three";

ALTER TABLE own.child RENAME COLUMN one TO uno;

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'add_column';

-- Running upgrade column_name -> indexes

CREATE INDEX ix_one ON child (one);

CREATE UNIQUE INDEX own.ix_two ON child (one, two);

CREATE INDEX "Ix Three" ON child (lower(two));

CREATE INDEX ix_four ON child (one DESC, two);

CREATE INDEX ix_five ON child (lower(two));

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'column_name';

-- Running upgrade indexes -> rows

INSERT INTO people (id, name, born, good) VALUES (1, 'it''s', '2001-02-03', 1);

INSERT INTO people (id, name, born, good) VALUES (2, 'a\b %s :x', NULL, 0);

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

-- Running upgrade computed -> batch_sqlite

CREATE TABLE _alembic_tmp_child (
    id INTEGER NOT NULL, 
    one BIGINT NOT NULL, 
    PRIMARY KEY (id)
);

INSERT INTO _alembic_tmp_child (id, one) SELECT child.id, child.one 
FROM child;

DROP TABLE child;

ALTER TABLE _alembic_tmp_child RENAME TO child;

UPDATE alembic_version SET version_num='batch_sqlite' WHERE alembic_version.version_num = 'computed';

-- Running upgrade batch_sqlite -> batch_sqlite_alters

ALTER TABLE child ADD COLUMN b1 INTEGER;

CREATE INDEX ix_b ON child (b1);

UPDATE alembic_version SET version_num='batch_sqlite_alters' WHERE alembic_version.version_num = 'batch_sqlite';

-- Running upgrade batch_sqlite_alters -> data

INSERT INTO book (title, year) VALUES ('Solaris', 1961);

INSERT INTO book (title, year) VALUES ('it''s 100% :sure', 1);

UPDATE book SET title='old' WHERE book.year < 1900;

UPDATE book SET year = 2000;

UPDATE alembic_version SET version_num='data' WHERE alembic_version.version_num = 'batch_sqlite_alters';

