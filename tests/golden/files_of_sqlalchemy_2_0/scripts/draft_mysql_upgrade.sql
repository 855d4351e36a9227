CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE basket (
    id INTEGER NOT NULL AUTO_INCREMENT, 
    size INTEGER, 
    PRIMARY KEY (id)
);

CREATE TABLE customer (
    id INTEGER NOT NULL AUTO_INCREMENT, 
    name VARCHAR(40) NOT NULL DEFAULT 'it''s', 
    email VARCHAR(120) NOT NULL, 
    age SMALLINT, 
    is_active BOOL NOT NULL DEFAULT true, 
    created_at DATETIME DEFAULT now(), 
    PRIMARY KEY (id), 
    CONSTRAINT ck_customer_age CHECK (age >= 18), 
    CONSTRAINT uq_customer_email UNIQUE (email)
)COMMENT='who buys';

CREATE INDEX ix_customer_created_at ON customer (created_at);

CREATE TABLE old_log (
    id INTEGER NOT NULL AUTO_INCREMENT, 
    line TEXT, 
    PRIMARY KEY (id)
);

CREATE TABLE product (
    id INTEGER NOT NULL, 
    code VARCHAR(20) NOT NULL, 
    price NUMERIC(10, 2) DEFAULT 0, 
    description TEXT COMMENT 'as printed', 
    picture BLOB(100), 
    state ENUM('draft','sold') DEFAULT 'draft', 
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ix_product_code ON product (code);

CREATE TABLE purchase (
    id BIGINT NOT NULL AUTO_INCREMENT, 
    customer_id INTEGER, 
    placed_on DATE NOT NULL, 
    note VARCHAR(200), 
    PRIMARY KEY (id), 
    CONSTRAINT fk_purchase_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

CREATE TABLE purchase_line (
    purchase_id BIGINT NOT NULL, 
    product_id INTEGER NOT NULL, 
    quantity INTEGER NOT NULL DEFAULT '1', 
    PRIMARY KEY (purchase_id, product_id), 
    CONSTRAINT fk_line_product FOREIGN KEY(product_id) REFERENCES product (id), 
    CONSTRAINT fk_line_purchase FOREIGN KEY(purchase_id) REFERENCES purchase (id) ON DELETE CASCADE
);

CREATE TABLE room (
    id INTEGER UNSIGNED NOT NULL AUTO_INCREMENT, 
    title VARCHAR(200), 
    changed_at TIMESTAMP(3) NULL, 
    PRIMARY KEY (id)
)CHARSET=utf8mb4 ENGINE=InnoDB;

CREATE INDEX ix_room_title ON room (title(20));

INSERT INTO alembic_version (version_num) VALUES ('0001');

-- Running upgrade 0001 -> 0002

ALTER TABLE basket RENAME TO cart;

ALTER TABLE customer CHANGE name full_name VARCHAR(40) NOT NULL DEFAULT 'it''s';

ALTER TABLE customer COMMENT 'who buys, by country';

ALTER TABLE purchase_line DROP FOREIGN KEY fk_line_purchase;

ALTER TABLE purchase_line DROP PRIMARY KEY;

ALTER TABLE purchase_line ADD COLUMN position INTEGER NOT NULL DEFAULT '1';

ALTER TABLE purchase_line ADD PRIMARY KEY (purchase_id, product_id, position);

ALTER TABLE room COMMENT 'to sleep in';

DROP INDEX ix_room_title ON room;

ALTER TABLE room ADD COLUMN level ENUM('low','high') DEFAULT 'low';

ALTER TABLE room MODIFY id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT;

ALTER TABLE room MODIFY title VARCHAR(200) COLLATE utf8mb4_bin NULL;

ALTER TABLE room MODIFY changed_at TIMESTAMP(6) NULL;

CREATE FULLTEXT INDEX ix_room_title ON room (title);

DROP INDEX ix_product_code ON product;

ALTER TABLE product MODIFY price NUMERIC(12, 3) NOT NULL DEFAULT 0;

ALTER TABLE product MODIFY description TEXT NULL;

ALTER TABLE product MODIFY state ENUM('draft','ready','sold') NULL DEFAULT 'ready';

CREATE INDEX ix_product_state_code ON product (state, code);

ALTER TABLE product ADD CONSTRAINT ck_product_price CHECK (price >= 0);

CREATE TABLE supplier (
    id INTEGER NOT NULL AUTO_INCREMENT, 
    parent_id INTEGER, 
    product_id INTEGER, 
    PRIMARY KEY (id), 
    CONSTRAINT fk_supplier_parent FOREIGN KEY(parent_id) REFERENCES supplier (id), 
    CONSTRAINT fk_supplier_product FOREIGN KEY(product_id) REFERENCES product (id)
);

ALTER TABLE purchase DROP FOREIGN KEY fk_purchase_customer;

ALTER TABLE customer DROP CONSTRAINT ck_customer_age;

DROP INDEX ix_customer_created_at ON customer;

ALTER TABLE customer DROP INDEX uq_customer_email;

ALTER TABLE customer ADD COLUMN country VARCHAR(2) NOT NULL DEFAULT 'NL';

ALTER TABLE customer ALTER COLUMN country DROP DEFAULT;

ALTER TABLE customer MODIFY full_name VARCHAR(80) NOT NULL DEFAULT 'it''s';

ALTER TABLE customer MODIFY email VARCHAR(120) NULL;

ALTER TABLE customer MODIFY age INTEGER NULL;

ALTER TABLE customer ALTER COLUMN is_active DROP DEFAULT;

ALTER TABLE customer ADD CONSTRAINT uq_customer_email UNIQUE (email, country);

CREATE INDEX ix_customer_created_at ON customer (created_at, country);

ALTER TABLE customer ADD CONSTRAINT ck_customer_age CHECK (age >= 16);

ALTER TABLE purchase ADD COLUMN total INTEGER;

ALTER TABLE purchase ADD COLUMN double_total INTEGER GENERATED ALWAYS AS (total * 2) STORED;

ALTER TABLE purchase DROP COLUMN note;

ALTER TABLE purchase_line ADD CONSTRAINT fk_line_purchase FOREIGN KEY(purchase_id) REFERENCES purchase (id) ON DELETE CASCADE;

ALTER TABLE `purchase` RENAME INDEX `fk_purchase_customer` TO `ix_purchase_customer_id`;

ALTER TABLE purchase ADD CONSTRAINT fk_purchase_customer FOREIGN KEY(customer_id) REFERENCES customer (id) ON DELETE SET NULL;

DROP TABLE old_log;

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

