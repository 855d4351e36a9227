-- Running downgrade 0002 -> 0001

CREATE TABLE old_log (
    id INTEGER NOT NULL, 
    line CLOB, 
    PRIMARY KEY (id)
)

/

DROP INDEX ix_room_title

/

ALTER TABLE room MODIFY title VARCHAR

/

ALTER TABLE room MODIFY amount NULL

/

ALTER TABLE room MODIFY amount DEFAULT NULL

/

ALTER TABLE room MODIFY amount NUMBER(10, 2)

/

ALTER TABLE purchase DROP CONSTRAINT fk_purchase_customer

/

DROP INDEX ix_purchase_customer_id

/

ALTER TABLE purchase ADD note VARCHAR

/

ALTER TABLE purchase DROP COLUMN double_total

/

ALTER TABLE purchase DROP COLUMN total

/

ALTER TABLE customer DROP CONSTRAINT ck_customer_age

/

DROP INDEX ix_customer_created_at

/

ALTER TABLE customer DROP CONSTRAINT uq_customer_email

/

ALTER TABLE customer MODIFY is_active DEFAULT 1

/

ALTER TABLE customer MODIFY age SMALLINT

/

ALTER TABLE customer MODIFY email NOT NULL

/

ALTER TABLE customer MODIFY full_name VARCHAR

/

ALTER TABLE customer DROP COLUMN country

/

ALTER TABLE customer ADD CONSTRAINT uq_customer_email UNIQUE (email)

/

CREATE INDEX ix_customer_created_at ON customer (created_at)

/

ALTER TABLE customer ADD CONSTRAINT ck_customer_age CHECK (age >= 18)

/

ALTER TABLE purchase ADD CONSTRAINT fk_purchase_customer FOREIGN KEY(customer_id) REFERENCES customer (id)

/

DROP TABLE supplier

/

ALTER TABLE product DROP CONSTRAINT ck_product_price

/

DROP INDEX ix_product_state_code

/

ALTER TABLE product MODIFY state DEFAULT 'draft'

/

COMMENT ON COLUMN product.description IS 'as printed'

/

ALTER TABLE product MODIFY price NULL

/

ALTER TABLE product MODIFY price NUMERIC(10, 2)

/

CREATE UNIQUE INDEX ix_product_code ON product (code)

/

ALTER TABLE purchase_line DROP CONSTRAINT pk_purchase_line

/

ALTER TABLE purchase_line DROP COLUMN position

/

ALTER TABLE purchase_line ADD CONSTRAINT pk_purchase_line PRIMARY KEY (purchase_id, product_id)

/

COMMENT ON TABLE customer IS 'who buys'

/

ALTER SEQUENCE ticket_number INCREMENT BY 1

/

ALTER TABLE customer RENAME COLUMN full_name TO name

/

ALTER TABLE cart RENAME TO basket

/

UPDATE alembic_version SET version_num='0001' WHERE alembic_version.version_num = '0002'

/

-- Running downgrade 0001 -> 

DROP TABLE room

/

DROP TABLE purchase_line

/

DROP TABLE purchase

/

DROP INDEX ix_product_code

/

DROP TABLE product

/

DROP TABLE old_log

/

DROP INDEX ix_customer_created_at

/

DROP TABLE customer

/

DROP TABLE basket

/

DROP SEQUENCE ticket_number

/

DELETE FROM alembic_version WHERE alembic_version.version_num = '0001'

/

