CREATE TABLE alembic_version (
    version_num VARCHAR2(32 CHAR) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)

/

-- Running upgrade  -> create_table

CREATE TABLE account (
    id INTEGER NOT NULL, 
    name VARCHAR2(50 CHAR) DEFAULT 'it''s' NOT NULL, 
    note VARCHAR2(200 CHAR), 
    amount NUMERIC(10, 2) DEFAULT 0, 
    flag SMALLINT DEFAULT 0 NOT NULL, 
    made DATE DEFAULT CURRENT_TIMESTAMP, 
    day DATE, 
    hour TIME, 
    body CLOB, 
    "raw" BLOB, 
    ratio FLOAT, 
    big NUMBER(19), 
    small SMALLINT, 
    kind VARCHAR(1 CHAR), 
    doc CHAR(32), 
    PRIMARY KEY (id), 
    CONSTRAINT uq_account UNIQUE (name, big), 
    CONSTRAINT ck_amount CHECK (amount >= 0)
)

/

INSERT INTO alembic_version (version_num) VALUES ('create_table') RETURNING alembic_version.version_num INTO :ret_0

/

-- Running upgrade create_table -> keys

CREATE TABLE own."Parent Table" (
    "Id" INTEGER NOT NULL, 
    "select" VARCHAR2(20 CHAR), 
    PRIMARY KEY ("Id")
)

/

CREATE UNIQUE INDEX own."ix_own_Parent Table_select" ON own."Parent Table" ("select")

/

CREATE TABLE child (
    id INTEGER NOT NULL, 
    parent_id INTEGER, 
    PRIMARY KEY (id), 
    CONSTRAINT fk_child FOREIGN KEY(id) REFERENCES own."Parent Table" ("Id"), 
    FOREIGN KEY(parent_id) REFERENCES own."Parent Table" ("Id") ON DELETE CASCADE
)

/

CREATE UNIQUE INDEX ix_child ON child (parent_id, id)

/

UPDATE alembic_version SET version_num='keys' WHERE alembic_version.version_num = 'create_table'

/

-- Running upgrade keys -> if_exists

CREATE TABLE IF NOT EXISTS maybe (
    id INTEGER
)

/

CREATE INDEX ix_maybe ON maybe (id)

/

UPDATE alembic_version SET version_num='if_exists' WHERE alembic_version.version_num = 'keys'

/

-- Running upgrade if_exists -> rename_table

ALTER TABLE account RENAME TO accounts

/

UPDATE alembic_version SET version_num='rename_table' WHERE alembic_version.version_num = 'if_exists'

/

-- Running upgrade rename_table -> add_column

ALTER TABLE child ADD one INTEGER

/

ALTER TABLE child ADD two VARCHAR2(5 CHAR) DEFAULT 'x' NOT NULL

/

ALTER TABLE own.child ADD three INTEGER

/

ALTER TABLE child ADD "four words" VARCHAR2(10 CHAR)

/

ALTER TABLE child ADD five INTEGER

/

CREATE INDEX ix_child_five ON child (five)

/

UPDATE alembic_version SET version_num='add_column' WHERE alembic_version.version_num = 'rename_table'

/

-- Running upgrade add_column -> add_column_with_parts

ALTER TABLE child ADD ref INTEGER

/

ALTER TABLE child ADD FOREIGN KEY(ref) REFERENCES account (id)

/

ALTER TABLE child ADD ref2 INTEGER

/

ALTER TABLE child ADD CONSTRAINT fk2 FOREIGN KEY(ref2) REFERENCES account (id)

/

ALTER TABLE child ADD own INTEGER

/

ALTER TABLE child ADD UNIQUE (own)

/

ALTER TABLE child ADD sure SMALLINT

/

ALTER TABLE child ADD CONSTRAINT ck_sure CHECK (sure IN (0, 1))

/

ALTER TABLE child ADD state VARCHAR(1 CHAR)

/

UPDATE alembic_version SET version_num='add_column_with_parts' WHERE alembic_version.version_num = 'add_column'

/

-- Running upgrade add_column_with_parts -> nullable

ALTER TABLE child MODIFY one NOT NULL

/

ALTER TABLE own.child MODIFY one NULL

/

UPDATE alembic_version SET version_num='nullable' WHERE alembic_version.version_num = 'add_column_with_parts'

/

-- Running upgrade nullable -> type

ALTER TABLE child MODIFY one NUMBER(19)

/

ALTER TABLE child MODIFY two VARCHAR2(80 CHAR)

/

ALTER TABLE child MODIFY flag INTEGER

/

ALTER TABLE child MODIFY two NOT NULL

/

ALTER TABLE child MODIFY two CLOB

/

ALTER TABLE child MODIFY n NUMERIC(12, 4)

/

UPDATE alembic_version SET version_num='type' WHERE alembic_version.version_num = 'nullable'

/

-- Running upgrade type -> server_default

ALTER TABLE child MODIFY one DEFAULT '5'

/

ALTER TABLE child MODIFY one DEFAULT 7

/

ALTER TABLE child MODIFY two DEFAULT 'it''s'

/

ALTER TABLE child MODIFY made DEFAULT CURRENT_TIMESTAMP

/

ALTER TABLE child MODIFY one DEFAULT NULL

/

ALTER TABLE child MODIFY one DEFAULT NULL

/

ALTER TABLE own.child MODIFY one DEFAULT '9'

/

UPDATE alembic_version SET version_num='server_default' WHERE alembic_version.version_num = 'type'

/

-- Running upgrade server_default -> column_name

ALTER TABLE child RENAME COLUMN one TO uno

/

ALTER TABLE child RENAME COLUMN "One Two" TO "Three"

/

ALTER TABLE own.child RENAME COLUMN one TO uno

/

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'server_default'

/

-- Running upgrade column_name -> everything_of_a_column

ALTER TABLE child MODIFY one NOT NULL

/

ALTER TABLE child MODIFY one DEFAULT 'q'

/

ALTER TABLE child MODIFY one VARCHAR2(9 CHAR)

/

COMMENT ON COLUMN child.one IS 'new'

/

ALTER TABLE child RENAME COLUMN one TO uno

/

UPDATE alembic_version SET version_num='everything_of_a_column' WHERE alembic_version.version_num = 'column_name'

/

-- Running upgrade everything_of_a_column -> comments

CREATE TABLE told (
    a INTEGER
)

/

COMMENT ON TABLE told IS 'all of it'

/

COMMENT ON COLUMN told.a IS 'it''s 50%'

/

ALTER TABLE told ADD b INTEGER

/

COMMENT ON COLUMN told.b IS 'b'

/

COMMENT ON TABLE child IS 'it''s a child'

/

COMMENT ON TABLE own.child IS 'new'

/

COMMENT ON TABLE child IS ''

/

COMMENT ON COLUMN child.one IS 'number \ one'

/

COMMENT ON COLUMN child.one IS ''

/

UPDATE alembic_version SET version_num='comments' WHERE alembic_version.version_num = 'everything_of_a_column'

/

-- Running upgrade comments -> constraints

ALTER TABLE child ADD CONSTRAINT pk_child PRIMARY KEY (id)

/

ALTER TABLE child ADD CONSTRAINT uq_child UNIQUE (one, two)

/

ALTER TABLE own.child ADD CONSTRAINT uq_child UNIQUE (one)

/

ALTER TABLE child ADD CONSTRAINT ck_child CHECK (one > 0 AND two <> 'it''s')

/

ALTER TABLE child ADD CONSTRAINT ck_c2 CHECK (one > 5)

/

ALTER TABLE child ADD CONSTRAINT fk_c FOREIGN KEY(one) REFERENCES account (id)

/

ALTER TABLE own.child ADD CONSTRAINT fk_d FOREIGN KEY(one, two) REFERENCES their.account (a, b)

/

UPDATE alembic_version SET version_num='constraints' WHERE alembic_version.version_num = 'comments'

/

-- Running upgrade constraints -> foreign_key_actions

ALTER TABLE child ADD CONSTRAINT fk_a FOREIGN KEY(one) REFERENCES account (id) ON DELETE SET NULL

/

ALTER TABLE child ADD FOREIGN KEY(one) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED

/

UPDATE alembic_version SET version_num='foreign_key_actions' WHERE alembic_version.version_num = 'constraints'

/

-- Running upgrade foreign_key_actions -> indexes

CREATE INDEX ix_one ON child (one)

/

CREATE UNIQUE INDEX own.ix_two ON own.child (one, two)

/

CREATE INDEX "Ix Three" ON child (lower(two))

/

CREATE INDEX ix_four ON child (one DESC, two)

/

CREATE INDEX ix_five ON child (lower(two))

/

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'foreign_key_actions'

/

-- Running upgrade indexes -> rows

INSERT INTO people (id, name, born, good) VALUES (1, 'it''s', TO_DATE('2001-02-03', 'YYYY-MM-DD'), 1)

/

INSERT INTO people (id, name, born, good) VALUES (2, 'a\b %s :x', NULL, 0)

/

INSERT INTO people (id, pay) VALUES (3, 1.50)

/

INSERT INTO people (id, name) VALUES (4, 'z')

/

UPDATE alembic_version SET version_num='rows' WHERE alembic_version.version_num = 'indexes'

/

-- Running upgrade rows -> rows_with_identity

INSERT INTO people (id, name) VALUES (1, 'one')

/

INSERT INTO people (id, name) VALUES (2, 'two')

/

INSERT INTO people (name) VALUES ('three')

/

UPDATE alembic_version SET version_num='rows_with_identity' WHERE alembic_version.version_num = 'rows'

/

-- Running upgrade rows_with_identity -> statements

UPDATE people SET name = 'a:b' WHERE id = 1

/

UPDATE people SET name='y' WHERE people.name = 'x'

/

DELETE FROM people WHERE people.id = 5

/

INSERT INTO people (id, name) VALUES (1, 'it''s')

/

SELECT '100%'

/

UPDATE alembic_version SET version_num='statements' WHERE alembic_version.version_num = 'rows_with_identity'

/

-- Running upgrade statements -> computed

CREATE TABLE c (
    a INTEGER, 
    b INTEGER GENERATED ALWAYS AS (a + 1)
)

/

ALTER TABLE c ADD d INTEGER GENERATED ALWAYS AS (a + 2)

/

UPDATE alembic_version SET version_num='computed' WHERE alembic_version.version_num = 'statements'

/

-- Running upgrade computed -> identity

CREATE TABLE c (
    a INTEGER GENERATED ALWAYS AS IDENTITY (START WITH 3)
)

/

ALTER TABLE c ADD d INTEGER GENERATED BY DEFAULT AS IDENTITY

/

UPDATE alembic_version SET version_num='identity' WHERE alembic_version.version_num = 'computed'

/

-- Running upgrade identity -> identity_altered

ALTER TABLE c MODIFY a GENERATED ALWAYS AS IDENTITY

/

ALTER TABLE c MODIFY a GENERATED BY DEFAULT AS IDENTITY (START WITH 9)

/

ALTER TABLE c MODIFY a DROP IDENTITY

/

UPDATE alembic_version SET version_num='identity_altered' WHERE alembic_version.version_num = 'identity'

/

-- Running upgrade identity_altered -> oracle

CREATE TABLE o (
    id INTEGER GENERATED BY DEFAULT ON NULL AS IDENTITY, 
    n NUMBER(10, 2), 
    v VARCHAR2(30 CHAR) DEFAULT 'it''s', 
    c CLOB, 
    PRIMARY KEY (id)
)
 COMPRESS

/

CREATE BITMAP INDEX ix_o ON o (n)

/

ALTER TABLE o MODIFY n NOT NULL

/

ALTER TABLE o MODIFY n DEFAULT '1'

/

ALTER TABLE o MODIFY n NUMBER(12, 2)

/

ALTER TABLE o RENAME COLUMN "Mixed" TO lower

/

BEGIN NULL; END;

/

UPDATE alembic_version SET version_num='oracle' WHERE alembic_version.version_num = 'identity_altered'

/

-- Running upgrade oracle -> batch

ALTER TABLE own.child ADD b1 INTEGER

/

ALTER TABLE own.child MODIFY one NUMBER(19)

/

ALTER TABLE own.child DROP COLUMN two

/

CREATE INDEX own.ix_b ON own.child (b1)

/

ALTER TABLE own.child ADD CONSTRAINT uq_b UNIQUE (b1)

/

ALTER TABLE own.child DROP CONSTRAINT fk_b

/

UPDATE alembic_version SET version_num='batch' WHERE alembic_version.version_num = 'oracle'

/

-- Running upgrade batch -> sequences

CREATE SEQUENCE plain

/

CREATE SEQUENCE rich INCREMENT BY 5 MINVALUE 10 MAXVALUE 900 START WITH 100 CACHE 3 CYCLE

/

ALTER SEQUENCE rich INCREMENT BY 2

/

UPDATE alembic_version SET version_num='sequences' WHERE alembic_version.version_num = 'batch'

/

-- Running upgrade sequences -> backfill

ALTER TABLE book ADD "size" VARCHAR2(9 CHAR)

/

-- all rows of book in one statement

UPDATE book SET "size"=CASE WHEN pages > 9 THEN 'long: 100%' ELSE 'short' END WHERE (size IS NULL)

/

-- all rows of shop.page in one statement

UPDATE shop.page SET words=(shop.page.words + 1)

/

ALTER TABLE book MODIFY "size" NOT NULL

/

UPDATE alembic_version SET version_num='backfill' WHERE alembic_version.version_num = 'sequences'

/

-- Running upgrade backfill -> data

INSERT INTO book (title, year) VALUES ('Solaris', 1961)

/

INSERT INTO book (title, year) VALUES ('it''s 100% :sure', 1)

/

UPDATE book SET title='old' WHERE book.year < 1900

/

UPDATE book SET year = 2000

/

UPDATE alembic_version SET version_num='data' WHERE alembic_version.version_num = 'backfill'

/

