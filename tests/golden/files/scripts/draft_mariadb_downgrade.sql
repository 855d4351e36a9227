-- Running downgrade 0002 -> 0001

CREATE TABLE old_log (
    id INTEGER NOT NULL AUTO_INCREMENT, 
    line TEXT, 
    PRIMARY KEY (id)
);

ALTER TABLE purchase DROP FOREIGN KEY fk_purchase_customer;

ALTER TABLE `purchase` RENAME INDEX `ix_purchase_customer_id` TO `fk_purchase_customer`;

ALTER TABLE purchase_line DROP FOREIGN KEY fk_line_purchase;

ALTER TABLE purchase ADD COLUMN note VARCHAR(200);

ALTER TABLE purchase DROP COLUMN double_total;

ALTER TABLE purchase DROP COLUMN total;

ALTER TABLE customer DROP CONSTRAINT ck_customer_age;

DROP INDEX ix_customer_created_at ON customer;

ALTER TABLE customer DROP INDEX uq_customer_email;

ALTER TABLE customer ALTER COLUMN is_active SET DEFAULT true;

ALTER TABLE customer MODIFY age SMALLINT NULL;

ALTER TABLE customer MODIFY email VARCHAR(120) NOT NULL;

ALTER TABLE customer MODIFY full_name VARCHAR(40) NOT NULL DEFAULT 'it''s';

ALTER TABLE customer DROP COLUMN country;

ALTER TABLE customer ADD CONSTRAINT uq_customer_email UNIQUE (email);

CREATE INDEX ix_customer_created_at ON customer (created_at);

ALTER TABLE customer ADD CONSTRAINT ck_customer_age CHECK (age >= 18);

ALTER TABLE purchase ADD CONSTRAINT fk_purchase_customer FOREIGN KEY(customer_id) REFERENCES customer (id);

DROP TABLE supplier;

ALTER TABLE product DROP CONSTRAINT ck_product_price;

DROP INDEX ix_product_state_code ON product;

ALTER TABLE product MODIFY state ENUM('draft','sold') NULL DEFAULT 'draft';

ALTER TABLE product MODIFY description TEXT NULL COMMENT 'as printed';

ALTER TABLE product MODIFY price DECIMAL(10, 2) NULL DEFAULT 0;

CREATE UNIQUE INDEX ix_product_code ON product (code);

DROP INDEX ix_room_title ON room;

ALTER TABLE room MODIFY changed_at TIMESTAMP(3) NULL;

ALTER TABLE room MODIFY title VARCHAR(200) NULL;

ALTER TABLE room MODIFY id INTEGER UNSIGNED NOT NULL AUTO_INCREMENT;

ALTER TABLE room DROP COLUMN level;

CREATE INDEX ix_room_title ON room (title(20));

ALTER TABLE room COMMENT '';

ALTER TABLE purchase_line DROP PRIMARY KEY;

ALTER TABLE purchase_line DROP COLUMN `position`;

ALTER TABLE purchase_line ADD PRIMARY KEY (purchase_id, product_id);

ALTER TABLE purchase_line ADD CONSTRAINT fk_line_purchase FOREIGN KEY(purchase_id) REFERENCES purchase (id) ON DELETE CASCADE;

ALTER TABLE customer COMMENT 'who buys';

ALTER TABLE customer CHANGE full_name name VARCHAR(40) NOT NULL DEFAULT 'it''s';

ALTER TABLE cart RENAME TO basket;

UPDATE alembic_version SET version_num='0001' WHERE alembic_version.version_num = '0002';

-- Running downgrade 0001 -> 

DROP INDEX ix_room_title ON room;

DROP TABLE room;

DROP TABLE purchase_line;

DROP TABLE purchase;

DROP INDEX ix_product_code ON product;

DROP TABLE product;

DROP TABLE old_log;

DROP INDEX ix_customer_created_at ON customer;

DROP TABLE customer;

DROP TABLE basket;

DELETE FROM alembic_version WHERE alembic_version.version_num = '0001';

