BEGIN TRANSACTION;

-- Running downgrade 0002 -> 0001

CREATE TABLE old_log (
    id INTEGER NOT NULL IDENTITY, 
    line TEXT NULL, 
    PRIMARY KEY (id)
);

GO

DROP INDEX ix_room_title ON hotel.room;

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('hotel.room')
and col_name(parent_object_id, parent_column_id) = 'title'
exec('alter table hotel.room drop constraint ' + @const_name);

GO

ALTER TABLE hotel.room ALTER COLUMN title NVARCHAR(200) NULL;

GO

CREATE INDEX ix_room_title ON hotel.room (title) INCLUDE (id);

GO

ALTER TABLE purchase DROP CONSTRAINT fk_purchase_customer;

GO

DROP INDEX ix_purchase_customer_id ON purchase;

GO

ALTER TABLE purchase ADD note VARCHAR(200) NULL;

GO

ALTER TABLE purchase DROP COLUMN double_total;

GO

ALTER TABLE purchase DROP COLUMN total;

GO

ALTER TABLE customer DROP CONSTRAINT ck_customer_age;

GO

DROP INDEX ix_customer_created_at ON customer;

GO

ALTER TABLE customer DROP CONSTRAINT uq_customer_email;

GO

ALTER TABLE customer ADD DEFAULT 1 FOR is_active;

GO

ALTER TABLE customer ALTER COLUMN age SMALLINT NULL;

GO

ALTER TABLE customer ALTER COLUMN email VARCHAR(120) NOT NULL;

GO

ALTER TABLE customer ALTER COLUMN full_name VARCHAR(40) NOT NULL;

GO

ALTER TABLE customer DROP COLUMN country;

GO

ALTER TABLE customer ADD CONSTRAINT uq_customer_email UNIQUE (email);

GO

CREATE INDEX ix_customer_created_at ON customer (created_at);

GO

ALTER TABLE customer ADD CONSTRAINT ck_customer_age CHECK (age >= 18);

GO

ALTER TABLE purchase ADD CONSTRAINT fk_purchase_customer FOREIGN KEY(customer_id) REFERENCES customer (id);

GO

DROP TABLE supplier;

GO

ALTER TABLE product DROP CONSTRAINT ck_product_price;

GO

DROP INDEX ix_product_state_code ON product;

GO

ALTER TABLE product ADD DEFAULT 'draft' FOR state;

GO

exec sp_addextendedproperty 'MS_Description', N'as printed', 'schema', dbo, 'table', product, 'column', description;

GO

ALTER TABLE product ALTER COLUMN price NUMERIC(10, 2) NULL;

GO

CREATE UNIQUE INDEX ix_product_code ON product (code);

GO

ALTER TABLE purchase_line DROP CONSTRAINT pk_purchase_line;

GO

ALTER TABLE purchase_line DROP COLUMN position;

GO

ALTER TABLE purchase_line ADD CONSTRAINT pk_purchase_line PRIMARY KEY (purchase_id, product_id);

GO

execute sp_addextendedproperty 'MS_Description', N'who buys', 'schema', dbo, 'table', customer;

GO

ALTER SEQUENCE ticket_number INCREMENT BY 1;

GO

EXEC sp_rename 'customer.full_name', name, 'COLUMN';

GO

EXEC sp_rename 'cart', basket;

GO

UPDATE alembic_version SET version_num='0001' WHERE alembic_version.version_num = '0002';

GO

-- Running downgrade 0001 -> 

DROP INDEX ix_room_title ON hotel.room;

GO

DROP TABLE hotel.room;

GO

DROP TABLE purchase_line;

GO

DROP TABLE purchase;

GO

DROP INDEX ix_product_code ON product;

GO

DROP TABLE product;

GO

DROP TABLE old_log;

GO

DROP INDEX ix_customer_created_at ON customer;

GO

DROP TABLE customer;

GO

DROP TABLE basket;

GO

DROP SEQUENCE ticket_number;

GO

DROP SCHEMA hotel;

GO

DELETE FROM alembic_version WHERE alembic_version.version_num = '0001';

GO

COMMIT;

GO

