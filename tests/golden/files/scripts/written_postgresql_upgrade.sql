BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> create_table

CREATE TYPE kinds AS ENUM ('a', 'b');

CREATE TABLE account (
    id SERIAL NOT NULL, 
    name VARCHAR(50) DEFAULT 'it''s' NOT NULL, 
    note VARCHAR(200), 
    amount NUMERIC(10, 2) DEFAULT 0, 
    flag BOOLEAN DEFAULT false NOT NULL, 
    made TIMESTAMP WITH TIME ZONE DEFAULT now(), 
    day DATE, 
    hour TIME WITHOUT TIME ZONE, 
    body TEXT, 
    raw BYTEA, 
    ratio FLOAT, 
    big BIGINT, 
    small SMALLINT, 
    kind kinds, 
    doc UUID, 
    PRIMARY KEY (id), 
    CONSTRAINT uq_account UNIQUE (name, big), 
    CONSTRAINT ck_amount CHECK (amount >= 0)
);

INSERT INTO alembic_version (version_num) VALUES ('create_table') RETURNING alembic_version.version_num;

-- Running upgrade create_table -> python_defaults

INSERT INTO holds (name, amount, made, touched) VALUES ('a', 0, 3, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('b', 5, 3, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('c', 0, 3, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('d', NULL, NULL, now());

INSERT INTO holds (name, amount, made, touched) VALUES ('e', NULL, NULL, now()), ('f', NULL, NULL, now());

INSERT INTO holds (name, amount, made, touched) SELECT holds.name, NULL AS anon_1, NULL AS anon_2, now() AS now_1 
FROM holds;

UPDATE alembic_version SET version_num='python_defaults' WHERE alembic_version.version_num = 'create_table';

-- Running upgrade python_defaults -> keys

CREATE TABLE own."Parent Table" (
    "Id" SERIAL NOT NULL, 
    "select" VARCHAR(20), 
    PRIMARY KEY ("Id")
);

CREATE UNIQUE INDEX "ix_own_Parent Table_select" ON own."Parent Table" ("select");

CREATE TABLE child (
    id INTEGER NOT NULL, 
    parent_id INTEGER, 
    PRIMARY KEY (id), 
    CONSTRAINT fk_child FOREIGN KEY(id) REFERENCES own."Parent Table" ("Id"), 
    FOREIGN KEY(parent_id) REFERENCES own."Parent Table" ("Id") ON DELETE CASCADE
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

-- Running upgrade add_column -> add_column_with_parts

ALTER TABLE child ADD COLUMN ref INTEGER;

ALTER TABLE child ADD FOREIGN KEY(ref) REFERENCES account (id);

ALTER TABLE child ADD COLUMN ref2 INTEGER;

ALTER TABLE child ADD CONSTRAINT fk2 FOREIGN KEY(ref2) REFERENCES account (id);

ALTER TABLE child ADD COLUMN own INTEGER;

ALTER TABLE child ADD UNIQUE (own);

ALTER TABLE child ADD COLUMN sure BOOLEAN;

ALTER TABLE child ADD COLUMN state VARCHAR(1);

UPDATE alembic_version SET version_num='add_column_with_parts' WHERE alembic_version.version_num = 'add_column';

-- Running upgrade add_column_with_parts -> column_if_exists

ALTER TABLE child ADD COLUMN IF NOT EXISTS perhaps INTEGER;

ALTER TABLE child DROP COLUMN IF EXISTS perhaps;

UPDATE alembic_version SET version_num='column_if_exists' WHERE alembic_version.version_num = 'add_column_with_parts';

-- Running upgrade column_if_exists -> nullable

ALTER TABLE child ALTER COLUMN one SET NOT NULL;

ALTER TABLE own.child ALTER COLUMN one DROP NOT NULL;

UPDATE alembic_version SET version_num='nullable' WHERE alembic_version.version_num = 'column_if_exists';

-- Running upgrade nullable -> type

ALTER TABLE child ALTER COLUMN one TYPE BIGINT;

ALTER TABLE child ALTER COLUMN two TYPE VARCHAR(80);

ALTER TABLE child ALTER COLUMN flag TYPE INTEGER;

ALTER TABLE child ALTER COLUMN two TYPE TEXT;

ALTER TABLE child ALTER COLUMN two SET NOT NULL;

ALTER TABLE child ALTER COLUMN n TYPE NUMERIC(12, 4);

UPDATE alembic_version SET version_num='type' WHERE alembic_version.version_num = 'nullable';

-- Running upgrade type -> server_default

ALTER TABLE child ALTER COLUMN one SET DEFAULT '5';

ALTER TABLE child ALTER COLUMN one SET DEFAULT 7;

ALTER TABLE child ALTER COLUMN two SET DEFAULT 'it''s';

ALTER TABLE child ALTER COLUMN made SET DEFAULT now();

ALTER TABLE child ALTER COLUMN one DROP DEFAULT;

ALTER TABLE child ALTER COLUMN one DROP DEFAULT;

ALTER TABLE own.child ALTER COLUMN one SET DEFAULT '9';

UPDATE alembic_version SET version_num='server_default' WHERE alembic_version.version_num = 'type';

-- Running upgrade server_default -> column_name

ALTER TABLE child RENAME one TO uno;

ALTER TABLE child RENAME "One Two" TO "Three";

ALTER TABLE own.child RENAME one TO uno;

UPDATE alembic_version SET version_num='column_name' WHERE alembic_version.version_num = 'server_default';

-- Running upgrade column_name -> everything_of_a_column

ALTER TABLE child ALTER COLUMN one TYPE VARCHAR(9);

ALTER TABLE child ALTER COLUMN one SET NOT NULL;

ALTER TABLE child ALTER COLUMN one SET DEFAULT 'q';

COMMENT ON COLUMN child.one IS 'new';

ALTER TABLE child RENAME one TO uno;

UPDATE alembic_version SET version_num='everything_of_a_column' WHERE alembic_version.version_num = 'column_name';

-- Running upgrade everything_of_a_column -> comments

CREATE TABLE told (
    a INTEGER
);

COMMENT ON TABLE told IS 'all of it';

COMMENT ON COLUMN told.a IS 'it''s 50%';

ALTER TABLE told ADD COLUMN b INTEGER;

COMMENT ON COLUMN told.b IS 'b';

COMMENT ON TABLE child IS 'it''s a child';

COMMENT ON TABLE own.child IS 'new';

COMMENT ON TABLE child IS NULL;

COMMENT ON COLUMN child.one IS 'number \ one';

COMMENT ON COLUMN child.one IS NULL;

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

-- Running upgrade constraints -> foreign_key_actions

ALTER TABLE child ADD CONSTRAINT fk_a FOREIGN KEY(one) REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE child ADD FOREIGN KEY(one) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED;

UPDATE alembic_version SET version_num='foreign_key_actions' WHERE alembic_version.version_num = 'constraints';

-- Running upgrade foreign_key_actions -> indexes

CREATE INDEX ix_one ON child (one);

CREATE UNIQUE INDEX ix_two ON own.child (one, two);

CREATE INDEX "Ix Three" ON child (lower(two));

CREATE INDEX ix_four ON child (one DESC, two);

CREATE INDEX ix_five ON child (lower(two));

UPDATE alembic_version SET version_num='indexes' WHERE alembic_version.version_num = 'foreign_key_actions';

-- Running upgrade indexes -> rows

INSERT INTO people (id, name, born, good) VALUES (1, 'it''s', '2001-02-03', true);

INSERT INTO people (id, name, born, good) VALUES (2, 'a\b %s :x', NULL, false);

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

-- Running upgrade statements -> identity

CREATE TABLE c (
    a INTEGER GENERATED ALWAYS AS IDENTITY (START WITH 3)
);

ALTER TABLE c ADD COLUMN d INTEGER GENERATED BY DEFAULT AS IDENTITY;

UPDATE alembic_version SET version_num='identity' WHERE alembic_version.version_num = 'statements';

-- Running upgrade identity -> identity_altered

ALTER TABLE c ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY;

ALTER TABLE c ALTER COLUMN a SET START WITH 9;

ALTER TABLE c ALTER COLUMN a DROP IDENTITY;

UPDATE alembic_version SET version_num='identity_altered' WHERE alembic_version.version_num = 'identity';

-- Running upgrade identity_altered -> postgresql

CREATE TYPE mood AS ENUM ('sad', 'it''s');

CREATE TABLE p (
    id BIGSERIAL NOT NULL, 
    tags VARCHAR(5)[] DEFAULT '{}', 
    doc JSONB DEFAULT '{}'::jsonb, 
    span TSTZRANGE, 
    made TIMESTAMP(3) WITH TIME ZONE, 
    mood mood, 
    tiny SMALLINT, 
    PRIMARY KEY (id), 
    CONSTRAINT ex_p EXCLUDE USING gist (span WITH &&)
)
 PARTITION BY LIST (id);

ALTER TABLE p ADD COLUMN mood2 mood2;

ALTER TABLE p ALTER COLUMN id TYPE INTEGER USING id::integer;

ALTER TABLE p ALTER COLUMN id TYPE INTEGER;

COMMIT;

CREATE INDEX CONCURRENTLY ix_p ON p USING btree (id) INCLUDE (tags) WITH (fillfactor = 50) WHERE id > 5;

BEGIN;

CREATE INDEX ix_q ON p USING gin (tags array_ops);

CREATE UNIQUE INDEX ix_n ON p (id) NULLS NOT DISTINCT;

ALTER TABLE p ADD CONSTRAINT ex_q EXCLUDE USING gist (span WITH &&, id WITH =) WHERE (id > 1);

ALTER TABLE p ADD CONSTRAINT uq_p UNIQUE NULLS NOT DISTINCT (id);

ALTER TABLE p ADD CONSTRAINT fk_p FOREIGN KEY(id) REFERENCES q (id) NOT VALID;

ALTER TABLE p ADD CONSTRAINT ck_p CHECK (id > 0) NOT VALID;

COMMIT;

ALTER TYPE mood ADD VALUE 'new';

BEGIN;

COMMIT;

DROP INDEX CONCURRENTLY ix_p;

BEGIN;

ALTER TABLE p DROP CONSTRAINT IF EXISTS ck_p;

UPDATE alembic_version SET version_num='postgresql' WHERE alembic_version.version_num = 'identity_altered';

-- Running upgrade postgresql -> batch

ALTER TABLE own.child ADD COLUMN b1 INTEGER;

ALTER TABLE own.child ALTER COLUMN one TYPE BIGINT;

ALTER TABLE own.child DROP COLUMN two;

CREATE INDEX ix_b ON own.child (b1);

ALTER TABLE own.child ADD CONSTRAINT uq_b UNIQUE (b1);

ALTER TABLE own.child DROP CONSTRAINT fk_b;

UPDATE alembic_version SET version_num='batch' WHERE alembic_version.version_num = 'postgresql';

-- Running upgrade batch -> schemas

CREATE SCHEMA hotel;

CREATE SCHEMA IF NOT EXISTS annex;

UPDATE alembic_version SET version_num='schemas' WHERE alembic_version.version_num = 'batch';

-- Running upgrade schemas -> sequences

CREATE SEQUENCE plain;

CREATE SEQUENCE rich INCREMENT BY 5 MINVALUE 10 MAXVALUE 900 START WITH 100 CACHE 3 CYCLE;

ALTER SEQUENCE rich INCREMENT BY 2;

UPDATE alembic_version SET version_num='sequences' WHERE alembic_version.version_num = 'schemas';

-- Running upgrade sequences -> enums

CREATE TYPE mood AS ENUM ('sad', 'it''s');

ALTER TYPE mood ADD VALUE IF NOT EXISTS 'fine' BEFORE 'it''s';

ALTER TYPE mood RENAME VALUE 'fine' TO 'well';

UPDATE alembic_version SET version_num='enums' WHERE alembic_version.version_num = 'sequences';

-- Running upgrade enums -> exclude_constraint

ALTER TABLE stay ADD CONSTRAINT ex_stay EXCLUDE USING gist (during WITH &&, room WITH =) WHERE (room > 3) DEFERRABLE;

UPDATE alembic_version SET version_num='exclude_constraint' WHERE alembic_version.version_num = 'enums';

-- Running upgrade exclude_constraint -> backfill

ALTER TABLE book ADD COLUMN size VARCHAR(9);

COMMIT;

DO $limbeck$
DECLARE
    limbeck_lower_1 book.id%TYPE;
    limbeck_upper_1 book.id%TYPE;
BEGIN
    SELECT * INTO limbeck_lower_1 FROM (SELECT id FROM book ORDER BY id LIMIT 1) AS limbeck_key;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    LOOP
        SELECT * INTO limbeck_upper_1 FROM (SELECT id FROM book WHERE id >= limbeck_lower_1 ORDER BY id LIMIT 1 OFFSET 1000) AS limbeck_key;
        IF NOT FOUND THEN
            UPDATE book SET size=CASE WHEN pages > 9 THEN 'long: 100%' ELSE 'short' END WHERE (size IS NULL) AND id >= limbeck_lower_1;
            COMMIT;
            EXIT;
        END IF;
        UPDATE book SET size=CASE WHEN pages > 9 THEN 'long: 100%' ELSE 'short' END WHERE (size IS NULL) AND id >= limbeck_lower_1 AND id < limbeck_upper_1;
        COMMIT;
        limbeck_lower_1 := limbeck_upper_1;
    END LOOP;
END
$limbeck$;

BEGIN;

COMMIT;

DO $limbeck$
DECLARE
    limbeck_lower_1 shop.page.book_id%TYPE;
    limbeck_lower_2 shop.page.number%TYPE;
    limbeck_upper_1 shop.page.book_id%TYPE;
    limbeck_upper_2 shop.page.number%TYPE;
BEGIN
    SELECT * INTO limbeck_lower_1, limbeck_lower_2 FROM (SELECT book_id, number FROM shop.page ORDER BY book_id, number LIMIT 1) AS limbeck_key;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    LOOP
        SELECT * INTO limbeck_upper_1, limbeck_upper_2 FROM (SELECT book_id, number FROM shop.page WHERE (book_id, number) >= (limbeck_lower_1, limbeck_lower_2) ORDER BY book_id, number LIMIT 1 OFFSET 500) AS limbeck_key;
        IF NOT FOUND THEN
            UPDATE shop.page SET words=(shop.page.words + 1) WHERE (book_id, number) >= (limbeck_lower_1, limbeck_lower_2);
            COMMIT;
            EXIT;
        END IF;
        UPDATE shop.page SET words=(shop.page.words + 1) WHERE (book_id, number) >= (limbeck_lower_1, limbeck_lower_2) AND (book_id, number) < (limbeck_upper_1, limbeck_upper_2);
        COMMIT;
        limbeck_lower_1 := limbeck_upper_1;
        limbeck_lower_2 := limbeck_upper_2;
        PERFORM pg_catalog.pg_sleep(0.1);
    END LOOP;
END
$limbeck$;

BEGIN;

ALTER TABLE book ALTER COLUMN size SET NOT NULL;

UPDATE alembic_version SET version_num='backfill' WHERE alembic_version.version_num = 'exclude_constraint';

-- Running upgrade backfill -> data

INSERT INTO book (title, year) VALUES ('Solaris', 1961);

INSERT INTO book (title, year) VALUES ('it''s 100% :sure', 1);

UPDATE book SET title='old' WHERE book.year < 1900;

UPDATE book SET year = 2000;

UPDATE alembic_version SET version_num='data' WHERE alembic_version.version_num = 'backfill';

COMMIT;

